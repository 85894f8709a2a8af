<?php

declare(strict_types=1);

namespace Redress\Test;

use Google\Protobuf\Timestamp;
use PHPUnit\Framework\TestCase;
use Redress\Client\CallException;
use Redress\Client\Client;
use Redress\Client\Code;
use Redress\Client\Config;
use Redress\Client\InvalidReplyException;
use Redress\Client\Values;
use Redress\V1\Answer;
use Redress\V1\DecideRequest;
use Redress\V1\ListOptionsRequest;

/** Calls, connections, values, and what README and example show, against a real server. */
final class CallsTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/redress-' . bin2hex(random_bytes(8));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("$this->folder/*"));
        rmdir($this->folder);
    }

    private function refusal(callable $call): CallException
    {
        try {
            $call();
        } catch (CallException $error) {
            return $error;
        }
        self::fail('there is an answer');
    }

    public function testPoliciesAndOptionsAreListed(): void
    {
        $client = new Client(Server::shared());
        $names = array_map(static fn ($policy) => $policy->getPolicy(), $client->listPolicies());
        $wanted = ['greek-eshop', 'jona', 'melina-paris', 'milona-paris', 'passione-kustom'];
        self::assertSame($wanted, $names);
        self::assertCount(1, $client->listPolicies('jona'));
        self::assertGreaterThan(20, count($client->getPolicy('policies/jona')->getClauses()));
        $error = $this->refusal(static fn () => $client->getPolicy('policies/no-such-shop'));
        self::assertSame(Code::NotFound, $error->status);
        self::assertSame('no-such-shop', $error->metadata['policy']);
        $options = new ListOptionsRequest();
        $example = __DIR__ . '/../../../examples/options_delivered_order.json';
        $options->mergeFromJsonString(json_encode(json_decode(file_get_contents($example))));
        self::assertNotEmpty($client->listOptions($options)->getOptions());
        self::assertSame(Code::InvalidArgument, $this->refusal(static fn () => $client->batchDecide([]))->status);
    }

    public function testAVerdictHasDecimalsAndTimes(): void
    {
        $decided = static fn (string $name) => (new Client(Server::shared()))->decide(Vectors::request($name));
        $paid = $decided('greek-eshop/withdrawal_paid');
        // 30.00 for the ring and 4.00 for its delivery; the statement came on 2 March in Athens,
        // and the 14 days end with the 16th there.
        self::assertSame('34.00', $paid->payableNow);
        self::assertSame('34.00', $paid->settlement->refundTotal);
        self::assertEquals(new \DateTimeImmutable('2026-03-15T22:00:00Z'), $paid->settlement->due);
        self::assertNull($decided('jona/cancellation_waits')->settlement->due);
        $denied = $decided('milona-paris/return_late');
        self::assertNull($denied->settlement);
        self::assertSame('0', rtrim($denied->payableNow, '.0') ?: '0');
        $missing = $decided('milona-paris/return_delivery_unknown')->missing[0];
        self::assertSame('order.shipments[0].deliver_time', $missing->path);
        self::assertStringEndsWith('?', $missing->question);
        $error = $this->refusal(static fn () => $decided('errors/too_many_units'));
        self::assertStringStartsWith('request.lines[0].groups: ', $error->getMessage());
    }

    public function testAConnectionEndsWithItsClient(): void
    {
        $client = new Client(Server::shared());
        $client->listPolicies('jona');
        $held = \WeakReference::create($client);
        unset($client);
        self::assertNull($held->get());
    }

    public function testValuesAreExact(): void
    {
        self::assertSame('59.00', Values::parseAmount('59.00'));
        self::assertNull(Values::parseAmount(''));
        $instant = new \DateTimeImmutable('2026-03-09T10:30:00.0005Z');
        self::assertSame(1773052200, (int) Values::at($instant)->getTime()->getSeconds());
        self::assertEquals($instant, Values::parseTime(Values::timestamp($instant)));
        $before = new Timestamp(['seconds' => -1, 'nanos' => 500_000_000]);
        self::assertSame('1969-12-31T23:59:59.500', Values::parseTime($before)->format('Y-m-d\TH:i:s.v'));
        self::assertSame('2026-03-04', Values::on('2026-03-04')->getDate());
        self::assertTrue(Values::notYet()->hasNotYet() && Values::happened()->hasHappened());
        self::assertSame(Answer::ANSWER_NO, Values::answer(false));
        foreach (['-1.00', '1e3', '1,00', '.', ' 1', '1.', "1\n"] as $bad) {
            try {
                Values::parseAmount($bad);
                self::fail($bad);
            } catch (InvalidReplyException) {
            }
        }
    }

    /** Asks with an empty request: INVALID_ARGUMENT says that it came through. */
    private function code(string $url, Config $config): Code
    {
        return $this->refusal(static fn () => (new Client($url, $config))->decide(new DecideRequest()))->status;
    }

    public function testServersAndCallersAreKnownByCertificates(): void
    {
        $script = <<<'SH'
            set -e
            new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            $new -x509 -keyout ca.key -out ca.pem -subj "/CN=redress test" -days 1
            $new -keyout server.key -out server.csr -subj "/CN=server"
            $new -keyout client.key -out client.csr -subj "/CN=client"
            printf 'subjectAltName=IP:127.0.0.1' >server.ext
            printf 'subjectAltName=DNS:checkout.test' >client.ext
            for one in server client; do
                openssl x509 -req -in $one.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
                    -out $one.pem -days 1 -extfile $one.ext
            done
            SH;
        $null = ['file', '/dev/null', 'w'];
        $made = proc_open(['bash', '-c', $script], [1 => $null, 2 => $null], $pipes, $this->folder);
        self::assertSame(0, proc_close($made));
        $pem = fn (string $name) => file_get_contents("$this->folder/$name");
        $flags = ['--tls-cert', "$this->folder/server.pem", '--tls-key', "$this->folder/server.key"];
        $trusting = new Config(timeout: 3, ca: $pem('ca.pem'));
        $server = Server::redress(...$flags);
        self::assertSame(Code::InvalidArgument, $this->code("https://$server->address", $trusting));
        self::assertSame(Code::Unavailable, $this->code("https://$server->address", new Config(timeout: 1)));
        $server->close();
        $server = Server::redress('--tls-client-ca', "$this->folder/ca.pem", ...$flags);
        $shown = new Config(
            timeout: 3,
            ca: $pem('ca.pem'),
            certificate: $pem('client.pem'),
            key: $pem('client.key'),
        );
        self::assertSame(Code::InvalidArgument, $this->code("https://$server->address", $shown));
        $alone = new Config(timeout: 1, ca: $pem('ca.pem'));
        self::assertSame(Code::Unavailable, $this->code("https://$server->address", $alone));
    }

    public function testATokenIsKnownAndNotShown(): void
    {
        file_put_contents("$this->folder/tokens", 'checkout ' . hash('sha256', 'a-secret') . "\n");
        $server = Server::redress('--tokens', "$this->folder/tokens");
        $known = new Config(token: 'a-secret');
        self::assertSame(Code::InvalidArgument, $this->code("http://$server->address", $known));
        $other = new Config(token: 'another');
        self::assertSame(Code::Unauthenticated, $this->code("http://$server->address", $other));
        self::assertSame(Code::Unauthenticated, $this->code("http://$server->address", new Config()));
        self::assertStringNotContainsString('a-secret', print_r($known, true));
    }

    public function testWhatCannotBeIsRefused(): void
    {
        foreach (
            ['localhost:50051', 'ftp://localhost', 'http://', 'http://localhost/path',
            'http://user@localhost', 'http://localhost?query', 'not an address', ''] as $bad
        ) {
            try {
                new Client($bad);
                self::fail($bad);
            } catch (\InvalidArgumentException) {
            }
        }
        foreach (
            [['timeout' => 0.0], ['backoff' => 2.0], ['maxReplyBytes' => 0], ['token' => 'two words'],
            ['token' => ''], ['key' => 'alone']] as $bad
        ) {
            try {
                new Config(...$bad);
                self::fail(print_r($bad, true));
            } catch (\InvalidArgumentException) {
            }
        }
        $small = new Client(Server::shared(), new Config(maxReplyBytes: 10));
        self::assertSame(Code::ResourceExhausted, $this->refusal(static fn () => $small->listPolicies())->status);
    }

    private function start(string $program, string ...$arguments): array
    {
        $process = proc_open([PHP_BINARY, $program, ...$arguments], [1 => ['pipe', 'w']], $pipes);
        $printed = stream_get_contents($pipes[1]);
        return [$printed, proc_close($process)];
    }

    public function testTheReadmeComesToItsVerdict(): void
    {
        $readme = file_get_contents(__DIR__ . '/../README.md');
        $program = explode('```', explode("```php\n", $readme)[1])[0];
        $shown = explode('```', explode("```text\n", $readme)[1])[0];
        self::assertStringContainsString('http://localhost:50051', $program);
        $program = str_replace('http://localhost:50051', Server::shared(), $program);
        $here = dirname(__DIR__);
        file_put_contents("$this->folder/first.php", str_replace('PATH/TO/clients/php', $here, $program));
        self::assertSame([$shown, 0], $this->start("$this->folder/first.php"));
    }

    public function testTheWorklistNamesEveryStep(): void
    {
        $wanted = [
            'milona-paris/return_delivery_unknown' => 'ask: When was the parcel delivered',
            'milona-paris/return_worn' => 'let a person decide',
            'milona-paris/return_paid' => 'pay 59.00',
            'milona-paris/return_credit' => 'give what was granted',
            'milona-paris/return_waits' => 'wait',
            'milona-paris/return_late' => 'tell the customer that it is refused',
            'errors/too_many_units' => 'not decided, request.lines[0].groups: ',
        ];
        $write = static fn (string $name) => Vectors::request($name)->serializeToJsonString();
        $requests = implode("\n", array_map($write, array_keys($wanted)));
        file_put_contents("$this->folder/requests.jsonl", $requests);
        $example = __DIR__ . '/../examples/worklist.php';
        [$printed, $code] = $this->start($example, "$this->folder/requests.jsonl", Server::shared());
        self::assertSame(1, $code);
        $lines = explode("\n", trim($printed));
        self::assertCount(count($wanted), $lines);
        foreach (array_values($wanted) as $index => $start) {
            self::assertStringStartsWith("O-1: $start", $lines[$index]);
        }
    }
}
