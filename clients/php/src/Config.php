<?php

declare(strict_types=1);

namespace Redress\Client;

/** Sets deadline, retries and credentials of a client. */
final readonly class Config
{
    /**
     * @param float $timeout seconds that one call may take, retries included; the server is told
     * @param float $backoff the longest wait before the first retry, in seconds; it doubles with
     *     each further one
     * @param float $maxBackoff what it doubles up to
     * @param int $maxReplyBytes bytes of the largest reply; a full batch at full view fits
     * @param ?string $token the token to carry; without TLS, whoever reads along knows it
     * @param ?string $ca authorities to trust for an `https` address, PEM; null: those of the system
     * @param ?string $certificate the certificate that the client shows, PEM
     * @param ?string $key its key, PEM
     */
    public function __construct(
        public float $timeout = 10.0,
        public float $backoff = 0.05,
        public float $maxBackoff = 1.0,
        public int $maxReplyBytes = 32 * 1024 * 1024,
        #[\SensitiveParameter] public ?string $token = null,
        public ?string $ca = null,
        public ?string $certificate = null,
        #[\SensitiveParameter] public ?string $key = null,
    ) {
        if ($timeout <= 0 || $backoff <= 0 || $maxBackoff < $backoff) {
            throw new \InvalidArgumentException(
                '`timeout` and `backoff` must be above zero, and `maxBackoff` not below `backoff`',
            );
        }
        if ($maxReplyBytes <= 0) {
            throw new \InvalidArgumentException('`maxReplyBytes` must be above zero');
        }
        if ($token !== null && preg_match('/\A[!-~]+\z/', $token) !== 1) {
            throw new \InvalidArgumentException('`token` must be visible ASCII without spaces');
        }
        if (($certificate === null) !== ($key === null)) {
            throw new \InvalidArgumentException('`certificate` and `key` belong together');
        }
    }

    /** Without token and key.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo(): array
    {
        return ['timeout' => $this->timeout, 'backoff' => $this->backoff];
    }
}
