<?php

declare(strict_types=1);

namespace Redress\Client;

use Google\Protobuf\Internal\Message;
use Redress\V1\BatchDecideRequest;
use Redress\V1\BatchDecideResponse;
use Redress\V1\BatchItem;
use Redress\V1\DecideRequest;
use Redress\V1\DecideResponse;
use Redress\V1\GetPolicyRequest;
use Redress\V1\GetPolicyResponse;
use Redress\V1\ListOptionsRequest;
use Redress\V1\ListOptionsResponse;
use Redress\V1\ListPoliciesRequest;
use Redress\V1\ListPoliciesResponse;
use Redress\V1\Policy;

/** Calls the service, over a connection that is kept. Each of its calls throws a RedressException. */
final class Client
{
    /** How long one attempt to connect may take, in milliseconds. */
    private const CONNECT_MS = 5000;

    private readonly string $base;
    private readonly \CurlHandle $connection;

    /**
     * Prepares a client that connects with its first call.
     *
     * @param string $url such as `http://localhost:50051`
     * @throws \InvalidArgumentException the address is not one
     */
    public function __construct(string $url, private readonly Config $config = new Config())
    {
        if (preg_match('~\Ahttps?://[^/?#@\s]+/?\z~', $url) !== 1 || parse_url($url) === false) {
            throw new \InvalidArgumentException(
                "`$url` is not an address such as `http://localhost:50051`",
            );
        }
        $this->base = rtrim($url, '/');
        $this->connection = curl_init();
    }

    /** Decides one request. A denial is an answer, not an error. */
    public function decide(DecideRequest $request): Verdict
    {
        $reply = $this->decisions('Decide', $request, new DecideResponse());
        $verdict = $reply->getVerdict() ?? throw new InvalidReplyException('there is no verdict');
        return Verdict::read($verdict);
    }

    /**
     * Decides 1 to 200 requests at once, and returns a result for each, in their order.
     *
     * @param list<DecideRequest> $requests
     * @return list<Verdict|CallException>
     */
    public function batchDecide(array $requests): array
    {
        $items = [];
        foreach ($requests as $request) {
            $id = (string) count($items);
            $items[] = new BatchItem(['item_id' => $id, 'decide' => $request]);
        }
        $batch = new BatchDecideRequest(['items' => $items]);
        $reply = $this->decisions('BatchDecide', $batch, new BatchDecideResponse());
        $results = [];
        foreach ($reply->getResults() as $item) {
            $results[] = match ($item->getResult()) {
                'verdict' => Verdict::read($item->getVerdict()),
                'error' => CallException::ofItem($item->getError()),
                default => throw new InvalidReplyException('an item has no result'),
            };
        }
        return count($results) === count($items)
            ? $results
            : throw new InvalidReplyException(count($results) . ' results for ' . count($items));
    }

    /** Lists what is possible with an order at an instant. */
    public function listOptions(ListOptionsRequest $request): ListOptionsResponse
    {
        return $this->decisions('ListOptions', $request, new ListOptionsResponse());
    }

    /**
     * Lists the revisions of a policy, or of all with an empty id; each page is a call.
     *
     * @return list<Policy>
     */
    public function listPolicies(string $policy = ''): array
    {
        $listed = [];
        $request = new ListPoliciesRequest(['policy' => $policy]);
        do {
            $page = $this->policies('ListPolicies', $request, new ListPoliciesResponse());
            array_push($listed, ...$page->getPolicies());
            $request->setPageToken($page->getNextPageToken());
        } while ($page->getNextPageToken() !== '');
        return $listed;
    }

    /** Gets a revision with its clauses, by `policies/POLICY` or its full name. */
    public function getPolicy(string $name): Policy
    {
        $request = new GetPolicyRequest(['name' => $name]);
        $reply = $this->policies('GetPolicy', $request, new GetPolicyResponse());
        return $reply->getPolicy() ?? throw new InvalidReplyException('there is no policy');
    }

    /**
     * @template M of Message
     * @param M $reply
     * @return M
     */
    private function decisions(string $method, Message $request, Message $reply): Message
    {
        return $this->call("/redress.v1.DecisionService/$method", $request, $reply);
    }

    /**
     * @template M of Message
     * @param M $reply
     * @return M
     */
    private function policies(string $method, Message $request, Message $reply): Message
    {
        return $this->call("/redress.v1.PolicyService/$method", $request, $reply);
    }

    /**
     * Calls a method until it answers. Every call is pure, so that retries are safe. Only
     * `UNAVAILABLE` is retried, until the deadline.
     */
    private function call(string $path, Message $request, Message $reply): Message
    {
        $body = $request->serializeToString();
        $deadline = microtime(true) + $this->config->timeout;
        $bound = $this->config->backoff;
        $before = null;
        while (true) {
            try {
                $reply->mergeFromString($this->attempt($path, $body, $deadline));
                return $reply;
            } catch (CallException $error) {
                // Why the attempt before failed says more than that a retry had too little time.
                if ($before !== null && $error->status === Code::DeadlineExceeded) {
                    throw $before;
                }
                // At least what the server asks for, with jitter above that, so that callers that
                // were refused together do not come back together.
                $wait = $error->retryDelay + $bound * mt_rand() / mt_getrandmax();
                if ($error->status !== Code::Unavailable || microtime(true) + $wait >= $deadline) {
                    throw $error;
                }
                usleep((int) ($wait * 1e6));
                $before = $error;
                $bound = min($bound * 2, $this->config->maxBackoff);
            } catch (RedressException $error) {
                throw $error;
            } catch (\Exception $error) {
                throw new InvalidReplyException('the reply cannot be read', previous: $error);
            }
        }
    }

    /** Sends a message once, by Connect, and returns the message that is answered. */
    private function attempt(string $path, string $body, float $deadline): string
    {
        $left = max((int) round(($deadline - microtime(true)) * 1000), 1);
        $headers = [
            'content-type: application/proto',
            'connect-protocol-version: 1',
            "connect-timeout-ms: $left",
        ];
        if ($this->config->token !== null) {
            $headers[] = "authorization: Bearer {$this->config->token}";
        }
        $received = '';
        $tooLarge = false;
        $limit = $this->config->maxReplyBytes;
        // Static: a connection that held its client would outlive it.
        $take = static function (mixed $_, string $part) use (&$received, &$tooLarge, $limit): int {
            $received .= $part;
            $tooLarge = strlen($received) > $limit;
            return $tooLarge ? 0 : strlen($part);
        };
        $options = [
            CURLOPT_URL => $this->base . $path,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_TIMEOUT_MS => $left,
            CURLOPT_CONNECTTIMEOUT_MS => self::CONNECT_MS,
            CURLOPT_WRITEFUNCTION => $take,
            CURLOPT_CAINFO_BLOB => $this->config->ca,
            CURLOPT_SSLCERT_BLOB => $this->config->certificate,
            CURLOPT_SSLKEY_BLOB => $this->config->key,
        ];
        curl_setopt_array($this->connection, array_filter($options, static fn ($o) => $o !== null));
        if (curl_exec($this->connection) === false) {
            // A server that does not let connect has not got the call.
            $late = curl_errno($this->connection) === CURLE_OPERATION_TIMEDOUT
                && microtime(true) >= $deadline - 0.001;
            $code = match (true) {
                $tooLarge => Code::ResourceExhausted,
                $late => Code::DeadlineExceeded,
                default => Code::Unavailable,
            };
            throw new CallException(curl_error($this->connection), $code);
        }
        $http = curl_getinfo($this->connection, CURLINFO_RESPONSE_CODE);
        return $http === 200 ? $received : throw CallException::ofReply($http, $received);
    }
}
