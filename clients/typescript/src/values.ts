/**
 * Conversions between values of the contract and types of JavaScript.
 *
 * Amounts are exact decimals in the order's one currency, and what is absent is unknown:
 * never zero, and never a no.
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Big } from "big.js";
import { InvalidReplyError } from "./errors.js";
import { Answer, type EventTime, EventTimeSchema } from "./gen/redress/v1/facts_pb.js";

const PLAIN = /^[0-9]+(\.[0-9]+)?$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/**
 * Writes an amount; `undefined`, unknown, is the empty text. A `number` is refused: most
 * amounts are none.
 */
export function amount(value: Big | bigint | string | undefined): string {
  if (value === undefined) {
    return "";
  }
  if (typeof value === "number") {
    throw new TypeError("an amount is a text, a `Big` or a `bigint`, not a number");
  }
  const text = value instanceof Big ? value.toFixed() : String(value);
  if (!PLAIN.test(text)) {
    throw new RangeError(`\`${text}\` is no amount: it is not a plain decimal of zero or more`);
  }
  return text;
}

/** Reads an amount, exactly; the empty text is `undefined`: unknown, or not known yet. */
export function parseAmount(text: string): Big | undefined {
  if (text === "") {
    return undefined;
  }
  if (!PLAIN.test(text)) {
    throw new InvalidReplyError(`\`${text}\` is not a decimal`);
  }
  return new Big(text);
}

/** Writes a yes, a no, or `undefined` for unknown. */
export function answer(known: boolean | undefined): Answer {
  if (known === undefined) {
    return Answer.UNSPECIFIED;
  }
  return known ? Answer.YES : Answer.NO;
}

/** Says that an event happened at an instant. */
export function at(time: Date): EventTime {
  if (Number.isNaN(time.getTime())) {
    throw new RangeError("the time is not valid");
  }
  return create(EventTimeSchema, { state: { case: "time", value: timestampFromDate(time) } });
}

/** Says that an event happened on a day, `2026-03-14`, in the zone of the policy. */
export function on(day: string): EventTime {
  if (!DAY.test(day)) {
    throw new RangeError(`\`${day}\` is not a day such as \`2026-03-14\``);
  }
  return create(EventTimeSchema, { state: { case: "date", value: day } });
}

/** Says that an event has not happened. One of which nothing is known is left out instead. */
export function notYet(): EventTime {
  return create(EventTimeSchema, { state: { case: "notYet", value: {} } });
}

/** Says that an event has happened, and that nobody can tell when. */
export function happened(): EventTime {
  return create(EventTimeSchema, { state: { case: "happened", value: {} } });
}
