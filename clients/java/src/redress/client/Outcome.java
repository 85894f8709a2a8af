package redress.client;

/** What was decided. It may grow. */
public enum Outcome {
    APPROVED,
    DENIED,
    NEEDS_REVIEW,
    NEEDS_INFORMATION,
    /** The rows differ. */
    MIXED,
    /** One that this version does not know: the message has its number. */
    UNKNOWN;

    static Outcome of(redress.v1.Outcome outcome) {
        return switch (outcome) {
            case OUTCOME_APPROVED -> APPROVED;
            case OUTCOME_DENIED -> DENIED;
            case OUTCOME_NEEDS_REVIEW -> NEEDS_REVIEW;
            case OUTCOME_NEEDS_INFORMATION -> NEEDS_INFORMATION;
            case OUTCOME_MIXED -> MIXED;
            case OUTCOME_UNSPECIFIED, UNRECOGNIZED -> UNKNOWN;
        };
    }
}
