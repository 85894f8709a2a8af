<?php

declare(strict_types=1);

namespace Redress\Test;

use PHPUnit\Framework\TestCase;
use Redress\Client\CallException;
use Redress\Client\Client;

/** Every vector, against a real server. */
final class VectorsTest extends TestCase
{
    public function testEachAlone(): void
    {
        $client = new Client(Server::shared());
        foreach (Vectors::all() as $name => $vector) {
            try {
                $got = $client->decide($vector['message']);
            } catch (CallException $error) {
                $got = $error;
            }
            Vectors::check($name, $vector, $got);
        }
    }

    public function testAllInABatch(): void
    {
        $client = new Client(Server::shared());
        $vectors = Vectors::all();
        $results = $client->batchDecide(array_column(array_values($vectors), 'message'));
        foreach (array_keys($vectors) as $index => $name) {
            Vectors::check($name, $vectors[$name], $results[$index], inBatch: true);
        }
    }
}
