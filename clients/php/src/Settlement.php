<?php

declare(strict_types=1);

namespace Redress\Client;

/** The money of the approved rows, in the currency of the order. */
final readonly class Settlement
{
    /**
     * @param string $refundTotal to pay back now or later; what may be paid now is
     *     `Verdict::$payableNow`
     * @param string $owedTotal what the customer owes
     * @param ?\DateTimeImmutable $due when it is due at the latest; null: there is no period, or it
     *     waits for an event that the message names
     */
    public function __construct(
        public string $currencyCode,
        public string $refundTotal,
        public string $creditTotal,
        public string $owedTotal,
        public ?\DateTimeImmutable $due,
        public \Redress\V1\Settlement $message,
    ) {
    }

    /** @internal */
    public static function read(\Redress\V1\Settlement $message): self
    {
        $due = $message->getDue()?->getTime();
        return new self(
            $message->getCurrencyCode(),
            Values::parseAmount($message->getRefundTotal()) ?? '0',
            Values::parseAmount($message->getCreditTotal()) ?? '0',
            Values::parseAmount($message->getOwedTotal()) ?? '0',
            $due === null ? null : Values::parseTime($due),
            $message,
        );
    }
}
