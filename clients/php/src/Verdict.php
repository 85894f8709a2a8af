<?php

declare(strict_types=1);

namespace Redress\Client;

/** The answer to one request: act on `$nextStep`, not on `$outcome`. */
final readonly class Verdict
{
    /**
     * @param string $payableNow what of the refund may be paid now, whatever the step
     * @param list<Row> $rows
     * @param ?Settlement $settlement null: no row is approved
     * @param list<MissingFact> $missing
     * @param string $summary one sentence for people, at full view
     * @param \Redress\V1\Verdict $message all that the contract says
     */
    public function __construct(
        public string $orderId,
        public string $claimId,
        public Outcome $outcome,
        public NextStep $nextStep,
        public string $payableNow,
        public array $rows,
        public ?Settlement $settlement,
        public array $missing,
        public string $summary,
        public \Redress\V1\Verdict $message,
    ) {
    }

    /** @internal */
    public static function read(\Redress\V1\Verdict $message): self
    {
        $settlement = $message->getSettlement();
        $missing = [];
        foreach ($message->getMissing() as $fact) {
            $missing[] = new MissingFact($fact->getPath(), $fact->getQuestion(), $fact);
        }
        return new self(
            $message->getOrderId(),
            $message->getClaimId(),
            Outcome::read($message->getOutcome()),
            NextStep::read($message->getNextStep()),
            // The compact view leaves a sum out where it is zero.
            Values::parseAmount($message->getPayableNowTotal()) ?? '0',
            array_map(Row::read(...), iterator_to_array($message->getRows(), false)),
            $settlement === null ? null : Settlement::read($settlement),
            $missing,
            $message->getSummary(),
            $message,
        );
    }
}
