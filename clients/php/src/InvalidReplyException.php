<?php

declare(strict_types=1);

namespace Redress\Client;

/** The reply holds what this version cannot read, such as a step that it does not know. */
final class InvalidReplyException extends RedressException
{
}
