/**
 * Client for the redress decision service, which decides what a shop's customer is owed.
 *
 * `connect` of `redress-client/node` and `redress-client/web` makes a {@link Client};
 * `redress-client/v1` holds the messages of the contract. What to do with a verdict is its
 * `nextStep`, and what may be paid now its `payableNow`: an approval may have to wait.
 * A denial is an answer; a {@link RedressError} says why there is none.
 */
export { type CallSettings, Client, type Settings } from "./client.js";
export {
  CallError,
  Code,
  DeadlineExceededError,
  InvalidReplyError,
  InvalidRequestError,
  NotFoundError,
  RedressError,
  UnauthenticatedError,
  UnavailableError,
  type Violation,
} from "./errors.js";
export { amount, answer, at, happened, notYet, on, parseAmount } from "./values.js";
export {
  assertNever,
  type MissingFact,
  type NextStep,
  type Outcome,
  type Row,
  type Settlement,
  type Verdict,
} from "./verdict.js";
