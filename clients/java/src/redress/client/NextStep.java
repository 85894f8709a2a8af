package redress.client;

/**
 * What has to be done next. It does not grow: a {@code switch} expression over it is complete, or
 * the compiler says which step is left out.
 */
public enum NextStep {
    /** Ask for the facts that are missing. */
    ASK,
    /** Let a person decide. */
    REVIEW,
    /** Pay what may be paid now. */
    PAY,
    /** Give goods or credit, or make the change; no money is due back. */
    CARRY_OUT,
    /** Wait for an event, or for conditions to be settled. */
    WAIT,
    /** Tell the customer that it is refused. */
    REFUSE;

    static NextStep of(redress.v1.NextStep step, int number) {
        return switch (step) {
            case NEXT_STEP_ASK -> ASK;
            case NEXT_STEP_REVIEW -> REVIEW;
            case NEXT_STEP_PAY -> PAY;
            case NEXT_STEP_CARRY_OUT -> CARRY_OUT;
            case NEXT_STEP_WAIT -> WAIT;
            case NEXT_STEP_REFUSE -> REFUSE;
            case NEXT_STEP_UNSPECIFIED, UNRECOGNIZED ->
                    throw new InvalidReplyException(number + " is not a step that this version knows");
        };
    }
}
