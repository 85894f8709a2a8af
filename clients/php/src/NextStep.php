<?php

declare(strict_types=1);

namespace Redress\Client;

/**
 * What has to be done next. It does not grow: a `match` over it that leaves a step out throws, and
 * static analysis says which.
 */
enum NextStep: int
{
    /** Ask for the facts that are missing. */
    case Ask = 1;
    /** Let a person decide. */
    case Review = 2;
    /** Pay what may be paid now. */
    case Pay = 3;
    /** Give goods or credit, or make the change; no money is due back. */
    case CarryOut = 4;
    /** Wait for an event, or for conditions to be settled. */
    case Wait = 5;
    /** Tell the customer that it is refused. */
    case Refuse = 6;

    /** @internal */
    public static function read(int $number): self
    {
        return self::tryFrom($number)
            ?? throw new InvalidReplyException("$number is not a step that this version knows");
    }
}
