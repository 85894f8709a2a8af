<?php

// Decides requests of a file, a line of proto JSON each, and prints what is to be done.
//
// php examples/worklist.php requests.jsonl http://localhost:50051

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

use Redress\Client\CallException;
use Redress\Client\Client;
use Redress\Client\NextStep;
use Redress\Client\Verdict;
use Redress\V1\DecideRequest;

// What one batch holds at most.
const BATCH = 200;

/** Says what to do; a step that is left out throws, and static analysis says which. */
function toDo(Verdict $verdict): string
{
    return match ($verdict->nextStep) {
        NextStep::Ask => 'ask: ' . implode(' ', array_column($verdict->missing, 'question')),
        NextStep::Review => 'let a person decide',
        NextStep::Pay => "pay $verdict->payableNow",
        NextStep::CarryOut => 'give what was granted',
        NextStep::Wait => 'wait',
        NextStep::Refuse => 'tell the customer that it is refused',
    };
}

[, $path, $url] = $argv;
$requests = array_map(static function (string $line): DecideRequest {
    $request = new DecideRequest();
    $request->mergeFromJsonString($line);
    return $request;
}, file($path, FILE_IGNORE_NEW_LINES));

$client = new Client($url);
$refused = 0;
foreach (array_chunk($requests, BATCH) as $some) {
    foreach ($client->batchDecide($some) as $index => $result) {
        if ($result instanceof CallException) {
            $refused++;
            $said = 'not decided, ' . $result->getMessage();
        } else {
            $said = toDo($result);
        }
        echo $some[$index]->getOrder()->getOrderId(), ": $said\n";
    }
}
exit($refused === 0 ? 0 : 1);
