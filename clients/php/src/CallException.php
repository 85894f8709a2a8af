<?php

declare(strict_types=1);

namespace Redress\Client;

use Redress\Detail;
use Redress\V1\ErrorReason;
use Redress\V1\ItemError;

/**
 * The call failed, or the server refused it. The message has the violations, a line each; without
 * any, what the server said.
 */
final class CallException extends RedressException
{
    /** The domain of every reason that the service gives. */
    private const DOMAIN = 'redress.v1';

    /**
     * @param Code $status why; the items of a batch have what the request alone would have got, or
     *     `Code::Unknown`
     * @param string $reason a name of `Redress\V1\ErrorReason`; empty: none was given
     * @param array<string, string> $metadata what belongs to the reason, such as `policy`
     * @param list<Violation> $violations all that is wrong with the request. A long list is cut:
     *     the metadata has its count
     * @param float $retryDelay seconds that the server asks to wait; zero: it does not say
     */
    public function __construct(
        string $message,
        public readonly Code $status,
        public readonly string $reason = '',
        public readonly array $metadata = [],
        public readonly array $violations = [],
        public readonly float $retryDelay = 0.0,
    ) {
        $lines = array_map(static fn (Violation $v) => "$v->field: $v->description", $violations);
        parent::__construct($lines === [] ? $message : implode("\n", $lines));
    }

    /**
     * Reads the error of a reply: JSON with details, or what a proxy says in its place.
     *
     * @internal
     */
    public static function ofReply(int $http, string $body): self
    {
        $error = json_decode($body, true);
        if (!is_array($error) || !is_string($error['code'] ?? null)) {
            $code = match ($http) {
                401 => Code::Unauthenticated,
                403 => Code::PermissionDenied,
                404 => Code::Unimplemented,
                429, 502, 503, 504 => Code::Unavailable,
                default => Code::Unknown,
            };
            return new self("the server answered with HTTP $http", $code);
        }
        [$reason, $metadata, $violations, $delay] = ['', [], [], 0.0];
        foreach ($error['details'] ?? [] as $detail) {
            $value = base64_decode($detail['value'] ?? '');
            switch ($detail['type'] ?? '') {
                case 'google.rpc.ErrorInfo':
                    $info = self::decode(new Detail\ErrorInfo(), $value);
                    if ($info->getDomain() === self::DOMAIN) {
                        $reason = $info->getReason();
                        $metadata = iterator_to_array($info->getMetadata());
                    }
                    break;
                case 'google.rpc.BadRequest':
                    $bad = self::decode(new Detail\BadRequest(), $value);
                    foreach ($bad->getFieldViolations() as $v) {
                        $violations[] =
                            new Violation($v->getField(), $v->getReason(), $v->getDescription());
                    }
                    break;
                case 'google.rpc.RetryInfo':
                    $retry = self::decode(new Detail\RetryInfo(), $value)->getRetryDelay();
                    $delay = (float) $retry?->getSeconds() + (int) $retry?->getNanos() / 1e9;
            }
        }
        $code = Code::tryFrom($error['code']) ?? Code::Unknown;
        $message = $error['message'] ?? $code->value;
        return new self($message, $code, $reason, $metadata, $violations, max($delay, 0.0));
    }

    /**
     * Reads why one request of a batch got no verdict.
     *
     * @internal
     */
    public static function ofItem(ItemError $item): self
    {
        $code = match ($item->getReason()) {
            ErrorReason::ERROR_REASON_INVALID_REQUEST => Code::InvalidArgument,
            ErrorReason::ERROR_REASON_POLICY_NOT_FOUND,
            ErrorReason::ERROR_REASON_REVISION_NOT_FOUND => Code::NotFound,
            default => Code::Unknown,
        };
        $violations = [];
        foreach ($item->getViolations() as $v) {
            $reason = self::name($v->getReason());
            $violations[] = new Violation($v->getField(), $reason, $v->getDescription());
        }
        $reason = self::name($item->getReason());
        return new self($item->getMessage(), $code, $reason, violations: $violations);
    }

    /** Returns the name of a reason; of one that this version does not know, its number. */
    private static function name(int $reason): string
    {
        try {
            return ErrorReason::name($reason);
        } catch (\UnexpectedValueException) {
            return (string) $reason;
        }
    }

    /**
     * @template M of \Google\Protobuf\Internal\Message
     * @param M $into
     * @return M
     */
    private static function decode(object $into, string $value): object
    {
        try {
            $into->mergeFromString($value);
        } catch (\Exception) {
            // What a proxy put there is not ours to read.
        }
        return $into;
    }
}
