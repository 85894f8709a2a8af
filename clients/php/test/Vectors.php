<?php

declare(strict_types=1);

namespace Redress\Test;

use PHPUnit\Framework\Assert;
use Redress\Client\CallException;
use Redress\Client\NextStep;
use Redress\Client\Outcome;
use Redress\Client\Verdict;
use Redress\V1\DecideRequest;

/** The vectors, and how what is stated is compared; `clients/vectors/README.md` describes them. */
final class Vectors
{
    private const FOLDER = __DIR__ . '/../../vectors';

    /** @return array<string, array<string, mixed>> */
    public static function all(): array
    {
        $found = [];
        foreach (glob(self::FOLDER . '/*/*.json') as $path) {
            $name = basename(dirname($path)) . '/' . basename($path, '.json');
            $found[$name] = json_decode(file_get_contents($path), true, flags: JSON_THROW_ON_ERROR);
            // Objects without members are not lists.
            $read = json_decode(file_get_contents($path));
            $found[$name]['message'] = new DecideRequest();
            $found[$name]['message']->mergeFromJsonString(json_encode($read->request));
        }
        Assert::assertGreaterThan(70, count($found));
        return $found;
    }

    public static function request(string $name): DecideRequest
    {
        return self::all()[$name]['message'];
    }

    /** @param array<string, mixed> $vector */
    public static function check(
        string $name,
        array $vector,
        Verdict|CallException $got,
        bool $inBatch = false,
    ): void {
        if ($got instanceof CallException) {
            $shown = array_map(
                static fn ($v) => ['field' => $v->field, 'reason' => $v->reason],
                $got->violations,
            );
            sort($shown);
            $stated = $vector['error'] ?? Assert::fail("$name: {$got->getMessage()}");
            $code = strtolower($stated['code']);
            unset($stated['code']);
            Assert::assertEquals($stated, ['reason' => $got->reason, 'violations' => $shown], $name);
            Assert::assertTrue($inBatch || $got->status->value === $code, $name);
            return;
        }
        $stated = $vector['verdict'] ?? Assert::fail("$name: got a verdict");
        self::holds($name, $stated, self::shown($got->message));
        // What the client reads of it says the same.
        $word = static fn (Outcome|NextStep $of) => strtolower($of->name);
        $read = static fn (string $text) => strtolower(
            str_replace(['OUTCOME_', 'NEXT_STEP_', '_'], '', $text),
        );
        Assert::assertSame($read($stated['outcome']), $word($got->outcome), $name);
        if (isset($stated['next_step'])) {
            Assert::assertSame($read($stated['next_step']), $word($got->nextStep), $name);
        }
        $paths = array_column($got->missing, 'path');
        Assert::assertSame(array_column($stated['missing'], 'path'), $paths, $name);
    }

    private static function holds(string $at, mixed $stated, mixed $got): void
    {
        if (is_array($stated) && !array_is_list($stated) && is_array($got)) {
            foreach ($stated as $key => $value) {
                self::holds("$at.$key", $value, $got[$key] ?? null);
            }
        } elseif (is_array($stated) && is_array($got)) {
            Assert::assertCount(count($stated), $got, $at);
            foreach ($stated as $index => $value) {
                self::holds("{$at}[$index]", $value, $got[$index]);
            }
        } else {
            Assert::assertSame($stated, $got, $at);
        }
    }

    /** Returns a message as proto JSON with the names of the contract and with what is not set. */
    private static function shown(\Google\Protobuf\Internal\Message $message): array
    {
        $pool = \Google\Protobuf\Internal\DescriptorPool::getGeneratedPool();
        $descriptor = $pool->getDescriptorByClassName($message::class);
        $set = json_decode($message->serializeToJsonString(), true);
        $shown = [];
        foreach ($descriptor->getField() as $field) {
            $value = $message->{$field->getGetter()}();
            $isMessage = $field->isRepeated() ? false : $field->getMessageType() !== null;
            if ($field->isRepeated() && $field->getMessageType() !== null) {
                $value = array_map(self::shown(...), iterator_to_array($value, false));
            } elseif ($isMessage) {
                $full = $field->getMessageType()->getFullName();
                if (str_starts_with($full, 'google.protobuf.')) {
                    $value = $set[$field->getJsonName()] ?? null;
                } else {
                    $value = $value === null ? null : self::shown($value);
                }
            } elseif ($field->getEnumType() !== null) {
                $enum = $field->getEnumType();
                $name = static fn (int $n) => $enum->getValueByNumber($n)?->getName() ?? $n;
                $value = $field->isRepeated()
                    ? array_map($name, iterator_to_array($value, false))
                    : $name($value);
            } elseif ($field->isRepeated()) {
                $value = iterator_to_array($value, false);
            }
            $shown[$field->getName()] = $value;
        }
        return $shown;
    }
}
