package redress.client;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The answer to one request: act on {@code nextStep}, not on {@code outcome}.
 *
 * @param payableNow what of the refund may be paid now, whatever the step
 * @param settlement empty: no row is approved
 * @param summary one sentence for people, at full view
 * @param message all that the contract says
 */
public record Verdict(
        String orderId,
        String claimId,
        Outcome outcome,
        NextStep nextStep,
        BigDecimal payableNow,
        List<Row> rows,
        Optional<Settlement> settlement,
        List<MissingFact> missing,
        String summary,
        redress.v1.Verdict message) {

    /**
     * A fact that can change the answer.
     *
     * @param path where in the request it belongs
     * @param question what to ask, in the language of the verdict
     */
    public record MissingFact(String path, String question, redress.v1.MissingFact message) {}

    /**
     * The answer for units of one line.
     *
     * @param amount what the units are worth under the remedy; empty: not known, no money, or not
     *     approved
     */
    public record Row(
            String lineId,
            int quantity,
            Outcome outcome,
            NextStep nextStep,
            Optional<BigDecimal> amount,
            redress.v1.Row message) {

        static Row of(redress.v1.Row message) {
            return new Row(
                    message.getLineId(),
                    message.getQuantity(),
                    Outcome.of(message.getOutcome()),
                    NextStep.of(message.getNextStep(), message.getNextStepValue()),
                    Values.parseAmount(message.getEntitlement().getAmount()),
                    message);
        }
    }

    /**
     * The money of the approved rows, in the currency of the order.
     *
     * @param refundTotal to pay back now or later; what may be paid now is {@code payableNow}
     * @param owedTotal what the customer owes
     * @param due when it is due at the latest; empty: there is no period, or it waits for an event
     *     that {@code message} names
     */
    public record Settlement(
            String currencyCode,
            BigDecimal refundTotal,
            BigDecimal creditTotal,
            BigDecimal owedTotal,
            Optional<Instant> due,
            redress.v1.Settlement message) {

        static Settlement of(redress.v1.Settlement message) {
            var due = message.getDue();
            return new Settlement(
                    message.getCurrencyCode(),
                    sum(message.getRefundTotal()),
                    sum(message.getCreditTotal()),
                    sum(message.getOwedTotal()),
                    due.hasTime() ? Optional.of(Values.instant(due.getTime())) : Optional.empty(),
                    message);
        }
    }

    static Verdict of(redress.v1.Verdict message) {
        return new Verdict(
                message.getOrderId(),
                message.getClaimId(),
                Outcome.of(message.getOutcome()),
                NextStep.of(message.getNextStep(), message.getNextStepValue()),
                sum(message.getPayableNowTotal()),
                message.getRowsList().stream().map(Row::of).toList(),
                message.hasSettlement()
                        ? Optional.of(Settlement.of(message.getSettlement()))
                        : Optional.empty(),
                message.getMissingList().stream()
                        .map(fact -> new MissingFact(fact.getPath(), fact.getQuestion(), fact))
                        .toList(),
                message.getSummary(),
                message);
    }

    /** Reads a sum, which the compact view leaves out where it is zero. */
    private static BigDecimal sum(String text) {
        return Values.parseAmount(text).orElse(BigDecimal.ZERO);
    }
}
