/**
 * Decides requests of a file, a line of proto JSON each, and prints what is to be done.
 *
 *     node worklist.js requests.jsonl http://localhost:50051
 */

import { readFileSync } from "node:fs";
import { fromJsonString } from "@bufbuild/protobuf";
import { assertNever, CallError, type Verdict } from "redress-client";
import { connect } from "redress-client/node";
import { DecideRequestSchema } from "redress-client/v1";

/** What one batch holds at most. */
const BATCH = 200;

/** Says what to do; a compiler refuses this as soon as a step is left out. */
function toDo(verdict: Verdict): string {
  const step = verdict.nextStep;
  switch (step) {
    case "ask":
      return `ask: ${verdict.missing.map((fact) => fact.question).join(" ")}`;
    case "review":
      return "let a person decide";
    case "pay":
      return `pay ${verdict.payableNow.toFixed(2)}`;
    case "carry_out":
      return "give what was granted";
    case "wait":
      return "wait";
    case "refuse":
      return "tell the customer that it is refused";
    default:
      return assertNever(step);
  }
}

const [path = "requests.jsonl", url = "http://localhost:50051"] = process.argv.slice(2);
const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
const requests = lines.map((line) => fromJsonString(DecideRequestSchema, line));
const client = connect(url);
for (let start = 0; start < requests.length; start += BATCH) {
  const some = requests.slice(start, start + BATCH);
  for (const [index, result] of (await client.batchDecide(some)).entries()) {
    if (result instanceof CallError) {
      process.exitCode = 1;
      console.log(`${some[index]?.order?.orderId}: not decided, ${result.message}`);
    } else {
      console.log(`${result.orderId}: ${toDo(result)}`);
    }
  }
}
client.close();
