/** A verdict as a program acts on it; `message` holds all that the contract says. */

import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Big } from "big.js";
import { InvalidReplyError } from "./errors.js";
import * as v1 from "./gen/redress/v1/verdict_pb.js";
import { parseAmount } from "./values.js";

/** What has to be done next, by its number in the contract. */
const STEPS = {
  /** Ask for the facts that are missing. */
  [v1.NextStep.ASK]: "ask",
  /** Let a person decide. */
  [v1.NextStep.REVIEW]: "review",
  /** Pay what may be paid now. */
  [v1.NextStep.PAY]: "pay",
  /** Give goods or credit, or make the change; no money is due back. */
  [v1.NextStep.CARRY_OUT]: "carry_out",
  /** Wait for an event, or for conditions to be settled. */
  [v1.NextStep.WAIT]: "wait",
  /** Tell the customer that it is refused. */
  [v1.NextStep.REFUSE]: "refuse",
} as const;

/** What has to be done next. It does not grow: a `switch` over it can be complete. */
export type NextStep = (typeof STEPS)[keyof typeof STEPS];

/** What was decided, by its number in the contract. */
const OUTCOMES = {
  [v1.Outcome.APPROVED]: "approved",
  [v1.Outcome.DENIED]: "denied",
  [v1.Outcome.NEEDS_REVIEW]: "needs_review",
  [v1.Outcome.NEEDS_INFORMATION]: "needs_information",
  /** The rows differ. */
  [v1.Outcome.MIXED]: "mixed",
} as const;

/** What was decided. It may grow: `message.outcome` has the number of one that is unknown. */
export type Outcome = (typeof OUTCOMES)[keyof typeof OUTCOMES] | "unknown";

/** A fact that can change the answer. */
export interface MissingFact {
  /** Where in the request it belongs. */
  readonly path: string;
  /** What to ask, in the language of the verdict. */
  readonly question: string;
  readonly message: v1.MissingFact;
}

/** The answer for units of one line. */
export interface Row {
  readonly lineId: string;
  readonly quantity: number;
  readonly outcome: Outcome;
  readonly nextStep: NextStep;
  /** What the units are worth under the remedy; absent: not known, no money, not approved. */
  readonly amount: Big | undefined;
  readonly message: v1.Row;
}

/** The money of the approved rows, in the currency of the order. */
export interface Settlement {
  readonly currencyCode: string;
  /** To pay back now or later; what may be paid now is `Verdict.payableNow`. */
  readonly refundTotal: Big;
  readonly creditTotal: Big;
  /** What the customer owes. */
  readonly owedTotal: Big;
  /**
   * When it is due at the latest; absent: there is no period, or it waits for an event that
   * `message` names.
   */
  readonly due: Date | undefined;
  readonly message: v1.Settlement;
}

/** The answer to one request: act on `nextStep`, not on `outcome`. */
export interface Verdict {
  readonly orderId: string;
  readonly claimId: string;
  readonly outcome: Outcome;
  readonly nextStep: NextStep;
  /** What of the refund may be paid now, whatever the step. */
  readonly payableNow: Big;
  readonly rows: readonly Row[];
  /** Absent: no row is approved. */
  readonly settlement: Settlement | undefined;
  readonly missing: readonly MissingFact[];
  /** One sentence for people, at full view. */
  readonly summary: string;
  readonly message: v1.Verdict;
}

/** Ends a `switch` over steps: a compiler refuses it as soon as a step is left out. */
export function assertNever(step: never): never {
  throw new InvalidReplyError(`\`${String(step)}\` is not a step that this version knows`);
}

/** Reads a verdict. */
export function ofVerdict(message: v1.Verdict | undefined): Verdict {
  if (message === undefined) {
    throw new InvalidReplyError("the reply holds no verdict");
  }
  return {
    orderId: message.orderId,
    claimId: message.claimId,
    outcome: ofOutcome(message.outcome),
    nextStep: ofStep(message.nextStep),
    payableNow: sum(message.payableNowTotal),
    rows: message.rows.map(ofRow),
    settlement: message.settlement && ofSettlement(message.settlement),
    missing: message.missing.map((fact) => ({
      path: fact.path,
      question: fact.question,
      message: fact,
    })),
    summary: message.summary,
    message,
  };
}

function ofRow(message: v1.Row): Row {
  return {
    lineId: message.lineId,
    quantity: message.quantity,
    outcome: ofOutcome(message.outcome),
    nextStep: ofStep(message.nextStep),
    amount: parseAmount(message.entitlement?.amount ?? ""),
    message,
  };
}

function ofSettlement(message: v1.Settlement): Settlement {
  const due = message.due?.kind;
  return {
    currencyCode: message.currencyCode,
    refundTotal: sum(message.refundTotal),
    creditTotal: sum(message.creditTotal),
    owedTotal: sum(message.owedTotal),
    due: due?.case === "time" ? timestampDate(due.value) : undefined,
    message,
  };
}

function ofStep(step: v1.NextStep): NextStep {
  if (step in STEPS) {
    return STEPS[step as keyof typeof STEPS];
  }
  throw new InvalidReplyError(`${step} is not a step that this version knows`);
}

function ofOutcome(outcome: v1.Outcome): Outcome {
  return outcome in OUTCOMES ? OUTCOMES[outcome as keyof typeof OUTCOMES] : "unknown";
}

/** Reads a sum, which the compact view leaves out where it is zero. */
function sum(text: string): Big {
  return parseAmount(text) ?? new Big(0);
}
