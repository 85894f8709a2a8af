<?php

declare(strict_types=1);

namespace Redress\Client;

/** There is no answer. */
abstract class RedressException extends \RuntimeException
{
}
