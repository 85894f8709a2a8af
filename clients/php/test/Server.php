<?php

declare(strict_types=1);

namespace Redress\Test;

/** A program that answers on a port of its own until it is closed. */
final class Server
{
    /** @param resource $process */
    private function __construct(private $process, public readonly string $address)
    {
    }

    /** A real server, with the policies that are built in. */
    public static function redress(string ...$flags): self
    {
        $program = getenv('REDRESS_BIN') ?: dirname(__DIR__, 3) . '/target/debug/redress';
        $words = [$program, 'serve', '--listen', '127.0.0.1:0', '--drain-delay', '0', ...$flags];
        // Settings of whoever runs the tests are not those of the server.
        $process = proc_open($words, [1 => ['pipe', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes, env_vars: []);
        $first = (string) fgets($pipes[1]);
        if (!str_starts_with($first, 'listening on ')) {
            throw new \RuntimeException("the server did not start: $first");
        }
        return new self($process, trim(substr($first, strlen('listening on '))));
    }

    /** A server that all tests share. */
    public static function shared(): string
    {
        static $shared = null;
        $shared ??= self::redress();
        return "http://$shared->address";
    }

    /**
     * Answers each call with the next of its answers, and the last for ever; `fake.php` says how.
     *
     * @param list<array<string, mixed>> $answers
     */
    public static function fake(string $folder, array $answers): self
    {
        file_put_contents("$folder/answers", json_encode($answers));
        file_put_contents("$folder/calls", '');
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($socket, false);
        fclose($socket);
        $null = ['file', '/dev/null', 'w'];
        $process = proc_open(
            [PHP_BINARY, '-S', $address, __DIR__ . '/fake.php'],
            [1 => $null, 2 => $null],
            $pipes,
            env_vars: ['FAKE' => $folder],
        );
        for ($tries = 0; $tries < 100 && @fsockopen("tcp://$address") === false; $tries++) {
            usleep(20_000);
        }
        return new self($process, $address);
    }

    public function close(): void
    {
        proc_terminate($this->process);
        proc_close($this->process);
    }

    public function __destruct()
    {
        if (is_resource($this->process)) {
            $this->close();
        }
    }
}
