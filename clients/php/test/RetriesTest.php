<?php

declare(strict_types=1);

namespace Redress\Test;

use PHPUnit\Framework\TestCase;
use Redress\Client\CallException;
use Redress\Client\Client;
use Redress\Client\Code;
use Redress\Client\Config;
use Redress\Client\InvalidReplyException;
use Redress\Client\NextStep;
use Redress\Client\Verdict;
use Redress\V1\DecideRequest;

/** Deadlines and retries, against a server that answers what the test says. */
final class RetriesTest extends TestCase
{
    private const PAY = ['step' => 3];
    private const BUSY = ['code' => 'unavailable'];

    private string $folder;
    private ?Server $server = null;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/redress-' . bin2hex(random_bytes(8));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        $this->server?->close();
        array_map(unlink(...), glob("$this->folder/*"));
        rmdir($this->folder);
    }

    /** @param list<array<string, mixed>> $answers */
    private function ask(array $answers, Config $config = new Config(backoff: 0.01)): Verdict
    {
        $this->server?->close();
        $this->server = Server::fake($this->folder, $answers);
        return (new Client("http://{$this->server->address}", $config))->decide(new DecideRequest());
    }

    /** @param list<array<string, mixed>> $answers */
    private function refusal(array $answers, Config $config = new Config(backoff: 0.01)): CallException
    {
        try {
            $this->ask($answers, $config);
        } catch (CallException $error) {
            return $error;
        }
        self::fail('there is an answer');
    }

    /** @return list<array{at: float, headers: array<string, string>}> */
    private function calls(): array
    {
        $lines = file("$this->folder/calls", FILE_IGNORE_NEW_LINES);
        return array_map(static fn ($line) => json_decode($line, true), $lines);
    }

    public function testUnavailableIsRetriedAsLateAsTheServerAsks(): void
    {
        $verdict = $this->ask([self::BUSY, self::BUSY + ['retry' => 1], self::PAY]);
        self::assertSame(NextStep::Pay, $verdict->nextStep);
        self::assertSame('59.00', $verdict->payableNow);
        [$first, $second, $third] = $this->calls();
        self::assertLessThan(0.5, $second['at'] - $first['at']);
        self::assertGreaterThanOrEqual(1.0, $third['at'] - $second['at']);
        self::assertLessThanOrEqual(10_000, (int) $first['headers']['connect-timeout-ms']);
        self::assertLessThanOrEqual(9_000, (int) $third['headers']['connect-timeout-ms']);
    }

    public function testNothingElseIsRetried(): void
    {
        foreach (['internal', 'invalid_argument', 'resource_exhausted', 'something_new'] as $code) {
            $error = $this->refusal([['code' => $code], self::PAY]);
            self::assertSame(Code::tryFrom($code) ?? Code::Unknown, $error->status);
            self::assertCount(1, $this->calls());
        }
    }

    public function testNoRetryWaitsBeyondTheDeadline(): void
    {
        foreach ([60, 300_000_000_000, PHP_INT_MAX] as $asked) {
            $error = $this->refusal([self::BUSY + ['retry' => $asked], self::PAY]);
            self::assertSame(Code::Unavailable, $error->status);
            self::assertSame('ERROR_REASON_OVERLOADED', $error->reason);
            self::assertSame(['limit' => '1024'], $error->metadata);
            self::assertSame((float) $asked, $error->retryDelay);
            self::assertCount(1, $this->calls());
        }
    }

    public function testAWaitBelowZeroIsNone(): void
    {
        self::assertSame(NextStep::Pay, $this->ask([self::BUSY + ['retry' => -5], self::PAY])->nextStep);
    }

    public function testRetriesEndWithTheDeadline(): void
    {
        $began = microtime(true);
        $config = new Config(timeout: 0.5, backoff: 0.01, maxBackoff: 0.05);
        $error = $this->refusal([self::BUSY], $config);
        // Also where the deadline ends the last attempt.
        self::assertSame(Code::Unavailable, $error->status);
        self::assertLessThan(3, microtime(true) - $began);
        self::assertGreaterThan(3, count($this->calls()));
    }

    public function testACallWithoutAnAnswerEndsWithTheDeadline(): void
    {
        $error = $this->refusal([self::PAY + ['sleep' => 2]], new Config(timeout: 0.3));
        self::assertSame(Code::DeadlineExceeded, $error->status);
        self::assertCount(1, $this->calls());
    }

    public function testWhereNobodyListensTheServerIsUnavailable(): void
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($socket, false);
        fclose($socket);
        try {
            (new Client("http://$address", new Config(timeout: 2)))->decide(new DecideRequest());
            self::fail('there is an answer');
        } catch (CallException $error) {
            self::assertSame(Code::Unavailable, $error->status);
        }
    }

    public function testWhatAProxySaysIsRead(): void
    {
        $down = ['http' => 503, 'raw' => '<html>busy</html>'];
        self::assertSame(NextStep::Pay, $this->ask([$down, self::PAY])->nextStep);
        $error = $this->refusal([self::BUSY + ['domain' => 'proxy.test', 'retry' => 60]]);
        self::assertSame(['', []], [$error->reason, $error->metadata]);
        foreach ([401 => Code::Unauthenticated, 404 => Code::Unimplemented, 302 => Code::Unknown] as $http => $code) {
            self::assertSame($code, $this->refusal([['http' => $http, 'raw' => '[]']])->status);
        }
    }

    public function testWhatCannotBeReadIsNotActedOn(): void
    {
        foreach ([['step' => 99], ['step' => 0], ['http' => 200, 'raw' => 'x'], ['http' => 200, 'raw' => '']] as $answer) {
            try {
                $this->ask([$answer]);
                self::fail(json_encode($answer));
            } catch (InvalidReplyException) {
                self::assertCount(1, $this->calls());
            }
        }
    }
}
