<?php

declare(strict_types=1);

namespace Redress\Client;

/** Why a call has no answer, by the names that Connect gives the codes of gRPC. */
enum Code: string
{
    case Canceled = 'canceled';
    case Unknown = 'unknown';
    /** The request has mistakes. */
    case InvalidArgument = 'invalid_argument';
    /** The deadline has passed. */
    case DeadlineExceeded = 'deadline_exceeded';
    /** There is no such policy or revision. */
    case NotFound = 'not_found';
    case AlreadyExists = 'already_exists';
    case PermissionDenied = 'permission_denied';
    case ResourceExhausted = 'resource_exhausted';
    case FailedPrecondition = 'failed_precondition';
    case Aborted = 'aborted';
    case OutOfRange = 'out_of_range';
    case Unimplemented = 'unimplemented';
    case Internal = 'internal';
    /** The server cannot be reached or has too much to do. */
    case Unavailable = 'unavailable';
    case DataLoss = 'data_loss';
    /** The token or certificate is not known. */
    case Unauthenticated = 'unauthenticated';
}
