/** Why there is no answer. */

import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";
import { ErrorReason, ErrorReasonSchema, type ItemError } from "./gen/redress/v1/error_pb.js";

export { Code };

/** The domain of every reason that the service gives. */
const DOMAIN = "redress.v1";

/** One thing that is wrong with a request. */
export interface Violation {
  /** Path, such as `order.lines[2].quantity`. */
  readonly field: string;
  /** What is wrong, a name of `ErrorReason` such as `ERROR_REASON_REQUIRED`. */
  readonly reason: string;
  /** What is wrong and how to mend it, for people, in English. */
  readonly description: string;
}

/** There is no answer. */
export class RedressError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The reply holds something that this version of the client cannot read. */
export class InvalidReplyError extends RedressError {}

interface Details {
  readonly code?: Code;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  readonly retryDelayMs?: number;
  readonly cause?: unknown;
}

/** The call failed, or the server refused it. */
export class CallError extends RedressError {
  /** The code of the status; absent of one item of a batch. */
  readonly code: Code | undefined;
  /** A name of `ErrorReason`, such as `ERROR_REASON_OVERLOADED`; empty: none was given. */
  readonly reason: string;
  /** What belongs to the reason, such as `policy` or `limit`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** All that is wrong with the request. A long list is cut: `metadata.count` tells. */
  readonly violations: readonly Violation[];
  /** Milliseconds that the server asks to wait; zero: it does not say. */
  readonly retryDelayMs: number;

  constructor(message: string, details: Details = {}) {
    const lines = (details.violations ?? []).map((v) => `${v.field}: ${v.description}`);
    super(lines.length > 0 ? lines.join("\n") : message, { cause: details.cause });
    this.code = details.code;
    this.reason = details.reason ?? "";
    this.metadata = details.metadata ?? {};
    this.violations = details.violations ?? [];
    this.retryDelayMs = details.retryDelayMs ?? 0;
  }
}

/** The request has mistakes; `violations` names each with its field. */
export class InvalidRequestError extends CallError {}
/** There is no such policy or revision. */
export class NotFoundError extends CallError {}
/** The server knows no caller by this token or certificate. */
export class UnauthenticatedError extends CallError {}
/** The server cannot be reached or has too much to do, and the deadline leaves no time. */
export class UnavailableError extends CallError {}
/** The deadline of the call has passed. */
export class DeadlineExceededError extends CallError {}

const BY_CODE = new Map<Code, typeof CallError>([
  [Code.InvalidArgument, InvalidRequestError],
  [Code.NotFound, NotFoundError],
  [Code.Unauthenticated, UnauthenticatedError],
  [Code.Unavailable, UnavailableError],
  [Code.DeadlineExceeded, DeadlineExceededError],
]);

const BY_REASON = new Map<ErrorReason, typeof CallError>([
  [ErrorReason.INVALID_REQUEST, InvalidRequestError],
  [ErrorReason.POLICY_NOT_FOUND, NotFoundError],
  [ErrorReason.REVISION_NOT_FOUND, NotFoundError],
]);

/** Reads what a call was ended with, with the details that it carries. */
export function ofCall(thrown: unknown): CallError {
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema).find((detail) => detail.domain === DOMAIN);
  const violations = error
    .findDetails(BadRequestSchema)
    .flatMap((bad) => bad.fieldViolations)
    .map(({ field, reason, description }) => ({ field, reason, description }));
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const kind = BY_CODE.get(error.code) ?? CallError;
  return new kind(error.rawMessage, {
    code: error.code,
    reason: info?.reason ?? "",
    metadata: info?.metadata ?? {},
    violations,
    retryDelayMs: delay ? Number(delay.seconds) * 1000 + delay.nanos / 1e6 : 0,
    cause: thrown,
  });
}

/** Reads why one item of a batch got no verdict. */
export function ofItem(error: ItemError): CallError {
  const violations = error.violations.map(({ field, reason, description }) => ({
    field,
    reason: reasonName(reason),
    description,
  }));
  const kind = BY_REASON.get(error.reason) ?? CallError;
  return new kind(error.message, { reason: reasonName(error.reason), violations });
}

/** Returns the name of a reason; of one that this version does not know, its number. */
function reasonName(reason: ErrorReason): string {
  return ErrorReasonSchema.value[reason]?.name ?? String(reason);
}
