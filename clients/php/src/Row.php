<?php

declare(strict_types=1);

namespace Redress\Client;

/** The answer for units of one line. */
final readonly class Row
{
    /**
     * @param ?string $amount what the units are worth under the remedy; null: not known, no money,
     *     or not approved
     */
    public function __construct(
        public string $lineId,
        public int $quantity,
        public Outcome $outcome,
        public NextStep $nextStep,
        public ?string $amount,
        public \Redress\V1\Row $message,
    ) {
    }

    /** @internal */
    public static function read(\Redress\V1\Row $message): self
    {
        return new self(
            $message->getLineId(),
            $message->getQuantity(),
            Outcome::read($message->getOutcome()),
            NextStep::read($message->getNextStep()),
            Values::parseAmount($message->getEntitlement()?->getAmount() ?? ''),
            $message,
        );
    }
}
