/** The calls beside deciding, and how a verdict reads, against a real server. */

import { readdirSync, readFileSync } from "node:fs";
import { fromJson } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  assertNever,
  InvalidRequestError,
  type NextStep,
  NotFoundError,
  type Verdict,
} from "../src/index.js";
import { connect, type NodeClient } from "../src/node.js";
import * as v1 from "../src/v1.js";
import { type Running, serve } from "./server.js";
import { load } from "./vectors.js";

const EXAMPLES = new URL("../../../examples/", import.meta.url);
const SHOPS = ["greek-eshop", "jona", "melina-paris", "milona-paris", "passione-kustom"];

let server: Running;
let client: NodeClient;
beforeAll(async () => {
  server = await serve();
  client = connect(`http://${server.address}`);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

function decide(name: string): Promise<Verdict> {
  return client.decide(load(name).request);
}

test("policies are listed page by page", async () => {
  const policies: string[] = [];
  for await (const policy of client.listPolicies()) {
    policies.push(policy.policy);
  }
  expect(policies).toEqual(SHOPS);
  const policy = await client.getPolicy("policies/jona");
  expect(policy.clauses.length).toBeGreaterThan(20);
  const error = await client.getPolicy("policies/no-such-shop").catch((thrown) => thrown);
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error.metadata.policy).toBe("no-such-shop");
});

test("options are listed", async () => {
  const text = readFileSync(new URL("options_delivered_order.json", EXAMPLES), "utf8");
  const request = fromJson(v1.ListOptionsRequestSchema, JSON.parse(text));
  const { options } = await client.listOptions(request);
  expect(options.some((option) => option.action === v1.Action.RETURN)).toBe(true);
});

test("a verdict has decimals and times", async () => {
  const verdict = await decide("greek-eshop/withdrawal_paid");
  // 30.00 for the ring and 4.00 for its delivery; the 14 days end with 15 March in Athens.
  expect(verdict.payableNow.eq("34.00")).toBe(true);
  expect(verdict.settlement?.refundTotal.eq("34.00")).toBe(true);
  expect(verdict.settlement?.due).toEqual(new Date("2026-03-15T22:00:00Z"));
  expect(verdict.rows.map((row) => row.nextStep)).toEqual(["pay"]);
});

test("a date that waits is no date", async () => {
  const { settlement } = await decide("jona/cancellation_waits");
  expect(settlement?.due).toBeUndefined();
  expect(settlement?.message.due?.kind).toMatchObject({ value: { event: "confirm_mail" } });
});

test("a denial has no settlement", async () => {
  const verdict = await decide("milona-paris/return_late");
  expect(verdict.settlement).toBeUndefined();
  expect(verdict.payableNow.eq(0)).toBe(true);
});

test("a missing fact can be asked for", async () => {
  const [fact, ...others] = (await decide("milona-paris/return_delivery_unknown")).missing;
  expect(fact?.path).toBe("order.shipments[0].deliver_time");
  expect(fact?.question).toMatch(/\?$/);
  expect(others).toEqual([]);
});

test("an error shows what to mend", async () => {
  const error = await decide("errors/too_many_units").catch((thrown) => thrown);
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error.message).toMatch(/^request\.lines\[0\]\.groups: /);
  expect(error.name).toBe("InvalidRequestError");
});

/** A compiler refuses this function as soon as a step is left out. */
function toDo(step: NextStep): string {
  switch (step) {
    case "ask":
    case "review":
      return "a person";
    case "pay":
    case "carry_out":
      return "do it";
    case "wait":
      return "wait";
    case "refuse":
      return "tell";
    default:
      return assertNever(step);
  }
}

test("every step of the contract is one", async () => {
  const known = v1.NextStepSchema.values.map((value) => value.localName.toLowerCase());
  for (const step of known.filter((name) => name !== "unspecified")) {
    expect(toDo(step as NextStep)).toBeTruthy();
  }
  expect(() => toDo("dance" as NextStep)).toThrow("dance");
});

test("every file of the contract is exported", () => {
  const files = readdirSync(new URL("../src/gen/redress/v1/", import.meta.url));
  const exported = readFileSync(new URL("../src/v1.ts", import.meta.url), "utf8");
  for (const file of files) {
    expect(exported).toContain(`./gen/redress/v1/${file.replace(".ts", ".js")}`);
  }
});
