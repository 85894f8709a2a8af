<?php

// Answers what the file `answers` says, and notes each call with its time and headers in `calls`.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

use Google\Protobuf\Duration;
use Redress\Detail\ErrorInfo;
use Redress\Detail\RetryInfo;
use Redress\V1\DecideResponse;
use Redress\V1\Verdict;

$folder = getenv('FAKE');
$answers = json_decode(file_get_contents("$folder/answers"), true);
$calls = count(file("$folder/calls"));
$answer = $answers[min($calls, count($answers) - 1)];
$headers = array_change_key_case(getallheaders());
$call = json_encode(['at' => microtime(true), 'headers' => $headers]);
file_put_contents("$folder/calls", "$call\n", FILE_APPEND);

usleep((int) (($answer['sleep'] ?? 0) * 1e6));
if (isset($answer['raw'])) {
    http_response_code($answer['http']);
    echo $answer['raw'];
} elseif (isset($answer['code'])) {
    http_response_code(503);
    header('content-type: application/json');
    $info = new ErrorInfo([
        'reason' => 'ERROR_REASON_OVERLOADED',
        'domain' => $answer['domain'] ?? 'redress.v1',
        'metadata' => ['limit' => '1024'],
    ]);
    $retry = new RetryInfo(['retry_delay' => new Duration(['seconds' => $answer['retry'] ?? 0])]);
    $details = [];
    foreach (['ErrorInfo' => $info, 'RetryInfo' => $retry] as $name => $detail) {
        $value = rtrim(base64_encode($detail->serializeToString()), '=');
        $details[] = ['type' => "google.rpc.$name", 'value' => $value];
    }
    echo json_encode(['code' => $answer['code'], 'message' => 'no', 'details' => $details]);
} else {
    header('content-type: application/proto');
    $verdict = new Verdict(['next_step' => $answer['step'], 'payable_now_total' => '59.00']);
    echo (new DecideResponse(['verdict' => $verdict]))->serializeToString();
}
