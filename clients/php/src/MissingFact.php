<?php

declare(strict_types=1);

namespace Redress\Client;

/** A fact that can change the answer. */
final readonly class MissingFact
{
    /**
     * @param string $path where in the request it belongs
     * @param string $question what to ask, in the language of the verdict
     */
    public function __construct(
        public string $path,
        public string $question,
        public \Redress\V1\MissingFact $message,
    ) {
    }
}
