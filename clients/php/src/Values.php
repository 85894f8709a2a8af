<?php

declare(strict_types=1);

namespace Redress\Client;

use Google\Protobuf\Timestamp;
use Redress\V1\Answer;
use Redress\V1\EventTime;
use Redress\V1\Happened;
use Redress\V1\NotYet;

/**
 * Conversions between values of the contract and types of PHP. What is absent is unknown: never
 * zero, and never a no. Amounts are numeric strings such as '59.00', which bcmath reads: PHP has no
 * decimal type.
 */
final class Values
{
    /** Reads an amount; null: unknown, or not known yet. */
    public static function parseAmount(string $text): ?string
    {
        if ($text === '') {
            return null;
        }
        return preg_match('/\A[0-9]+(\.[0-9]+)?\z/', $text) === 1
            ? $text
            : throw new InvalidReplyException("`$text` is not a decimal");
    }

    /** Writes an instant. */
    public static function timestamp(\DateTimeInterface $instant): Timestamp
    {
        $nanos = (int) $instant->format('u') * 1000;
        return new Timestamp(['seconds' => $instant->getTimestamp(), 'nanos' => $nanos]);
    }

    /** Reads an instant, in UTC, to the microsecond, which is all that PHP has. */
    public static function parseTime(Timestamp $written): \DateTimeImmutable
    {
        $micros = intdiv($written->getNanos(), 1000);
        $text = sprintf('%d.%06d', $written->getSeconds(), $micros);
        $read = \DateTimeImmutable::createFromFormat('U.u', $text);
        return $read !== false && $micros >= 0
            ? $read
            : throw new InvalidReplyException('the instant is outside the calendar');
    }

    /** Writes what is known to be so, or not to be so. What is unknown is left unset. */
    public static function answer(bool $known): int
    {
        return $known ? Answer::ANSWER_YES : Answer::ANSWER_NO;
    }

    /** Says that an event happened at an instant. */
    public static function at(\DateTimeInterface $instant): EventTime
    {
        return new EventTime(['time' => self::timestamp($instant)]);
    }

    /** Says that an event happened on a day such as '2026-03-14', in the zone of the policy. */
    public static function on(string $day): EventTime
    {
        return new EventTime(['date' => $day]);
    }

    /** Says that an event has not happened. One of which nothing is known is left unset instead. */
    public static function notYet(): EventTime
    {
        return new EventTime(['not_yet' => new NotYet()]);
    }

    /** Says that an event has happened, and that nobody can tell when. */
    public static function happened(): EventTime
    {
        return new EventTime(['happened' => new Happened()]);
    }
}
