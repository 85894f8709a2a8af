/** Conversions between values of the contract and types of JavaScript. */

import { Big } from "big.js";
import { expect, test } from "vitest";
import {
  amount,
  answer,
  at,
  happened,
  InvalidReplyError,
  notYet,
  on,
  parseAmount,
} from "../src/index.js";
import { Answer } from "../src/v1.js";

test("amounts are exact, and absence is not zero", () => {
  for (const text of ["59.00", "0.00", "1000000000000.00", "100", "0.005"]) {
    const read = parseAmount(text);
    expect(read?.eq(text)).toBe(true);
    expect(amount(text)).toBe(text);
  }
  expect(parseAmount("0.10")?.plus("0.20").eq("0.30")).toBe(true);
  expect(amount(new Big("1e21"))).toBe("1000000000000000000000");
  expect(amount(59n)).toBe("59");
  expect(amount(undefined)).toBe("");
  expect(parseAmount("")).toBeUndefined();
});

test.each(["-1.00", "1e3", "1,00", ".", "NaN", " 1", "1.", "0x1", "\u0661"])(
  "what is no amount is neither read nor written: %s",
  (bad) => {
    expect(() => parseAmount(bad)).toThrow(InvalidReplyError);
    expect(() => amount(bad)).toThrow(RangeError);
  },
);

test("a number is no amount", () => {
  expect(() => amount(59 as unknown as string)).toThrow(TypeError);
  expect(() => amount(new Big(-1))).toThrow(RangeError);
});

test("events are told as far as they are known", () => {
  const { state } = at(new Date("2026-03-09T11:30:00.500+01:00"));
  expect(state).toMatchObject({
    case: "time",
    value: { seconds: 1773052200n, nanos: 500_000_000 },
  });
  expect(on("2026-03-14").state).toEqual({ case: "date", value: "2026-03-14" });
  expect(notYet().state.case).toBe("notYet");
  expect(happened().state.case).toBe("happened");
  expect(() => at(new Date("never"))).toThrow(RangeError);
  expect(() => on("14.3.2026")).toThrow(RangeError);
});

test("unknown is not no", () => {
  const answers = [answer(true), answer(false), answer(undefined)];
  expect(answers).toEqual([Answer.YES, Answer.NO, Answer.UNSPECIFIED]);
});
