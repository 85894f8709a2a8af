/** The vectors, and how what is stated is compared; `clients/vectors/README.md` describes them. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { expect } from "vitest";
import { CallError, Code, type Verdict } from "../src/index.js";
import { type DecideRequest, DecideRequestSchema, VerdictSchema } from "../src/v1.js";

const FOLDER = fileURLToPath(new URL("../../vectors/", import.meta.url));

interface StatedError {
  readonly code: string;
  readonly reason: string;
  readonly violations: readonly { readonly field: string; readonly reason: string }[];
}

export interface Vector {
  readonly name: string;
  readonly request: DecideRequest;
  readonly verdict?: { readonly [key: string]: JsonValue };
  readonly error?: StatedError;
}

/** Reads one vector, such as `jona/withdrawal_paid`. */
export function load(name: string): Vector {
  const read = JSON.parse(readFileSync(`${FOLDER}${name}.json`, "utf8"));
  return { ...read, name, request: fromJson(DecideRequestSchema, read.request) };
}

export function loadAll(): Vector[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -5));
  expect(names.length).toBeGreaterThan(70);
  return names.sort().map(load);
}

/** Compares an answer with what the vector states. */
export function check(vector: Vector, got: Verdict | CallError): void {
  if (got instanceof CallError) {
    const { code, ...stated } = vector.error ?? {};
    const violations = got.violations.map(({ field, reason }) => ({ field, reason }));
    violations.sort((a, b) => (a.field < b.field ? -1 : 1));
    expect({ reason: got.reason, violations }, vector.name).toEqual(stated);
    // The error of one item of a batch has no code.
    if (got.code !== undefined) {
      const words = Code[got.code].replace(/(?<!^)[A-Z]/g, "_$&");
      expect(words.toUpperCase(), vector.name).toBe(code);
    }
    return;
  }
  const options = { useProtoFieldName: true, alwaysEmitImplicit: true };
  const stated = vector.verdict ?? {};
  holds(vector.name, stated, toJson(VerdictSchema, got.message, options));
  // What the client reads of it says the same.
  expect(`OUTCOME_${got.outcome.toUpperCase()}`).toBe(stated.outcome);
  if (stated.next_step !== undefined) {
    expect(`NEXT_STEP_${got.nextStep.toUpperCase()}`).toBe(stated.next_step);
  }
  expect(got.missing.map(({ path }) => ({ path }))).toEqual(stated.missing);
}

/** Checks that a value holds what is stated; lists are compared whole. */
function holds(at: string, stated: JsonValue, got: JsonValue | undefined): void {
  if (Array.isArray(stated) && Array.isArray(got)) {
    expect(got.length, at).toBe(stated.length);
    stated.forEach((one, index) => {
      holds(`${at}[${index}]`, one, got[index]);
    });
  } else if (isObject(stated) && isObject(got)) {
    for (const [key, value] of Object.entries(stated)) {
      holds(`${at}.${key}`, value, got[key]);
    }
  } else {
    expect(got, at).toEqual(stated);
  }
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
