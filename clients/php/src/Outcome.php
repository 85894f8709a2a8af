<?php

declare(strict_types=1);

namespace Redress\Client;

/** What was decided. It may grow. */
enum Outcome: int
{
    case Approved = 1;
    case Denied = 2;
    case NeedsReview = 3;
    case NeedsInformation = 4;
    /** The rows differ. */
    case Mixed = 5;
    /** One that this version does not know: the message has its number. */
    case Unknown = 0;

    /** @internal */
    public static function read(int $number): self
    {
        return self::tryFrom($number) ?? self::Unknown;
    }
}
