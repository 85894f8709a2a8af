<?php

declare(strict_types=1);

namespace Redress\Client;

/** One thing that is wrong with a request. */
final readonly class Violation
{
    /**
     * @param string $field path, such as `order.lines[2].quantity`
     * @param string $reason what is wrong, a name of `Redress\V1\ErrorReason`
     * @param string $description what is wrong and how to mend it, for people, in English
     */
    public function __construct(
        public string $field,
        public string $reason,
        public string $description,
    ) {
    }
}
