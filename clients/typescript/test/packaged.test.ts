/** The package as npm makes it, in an empty folder: what README and examples show. */

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Running, serve } from "./server.js";

const HERE = fileURLToPath(new URL("../", import.meta.url));
const VECTORS = new URL("../../vectors/", import.meta.url);
const folder = mkdtempSync(`${tmpdir()}/redress-packaged-`);
const SECONDS = 1000;

let server: Running;
beforeAll(async () => {
  const packed = run(HERE, "npm", "pack", "--silent", "--pack-destination", folder).stdout.trim();
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }');
  const tgz = packed.split("\n").at(-1);
  run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", `./${tgz}`);
  server = await serve();
}, 120 * SECONDS);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

interface Output {
  readonly stdout: string;
  readonly status: number;
}

function run(inside: string, program: string, ...args: string[]): Output {
  try {
    return { stdout: execFileSync(program, args, { cwd: inside, encoding: "utf8" }), status: 0 };
  } catch (error) {
    const { stdout, status } = error as Output;
    if (program === process.execPath && stdout) {
      return { stdout, status };
    }
    throw error;
  }
}

/** Compiles programs as strictly as they can be, declarations of the package included. */
function compile(...files: string[]): void {
  const lib = ["--target", "es2022", "--module", "nodenext", "--types", "node", "--rootDir", "."];
  symlinkSync(`${HERE}node_modules/@types/node`, `${folder}/node_modules/@types/node`);
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  run(folder, `${HERE}node_modules/.bin/tsc`, ...strict, ...lib, ...files);
}

test(
  "README and examples come to what they show",
  () => {
    const readme = readFileSync(`${HERE}README.md`, "utf8");
    const [, program] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    const [, shown] = /```text\n(.*?)```/s.exec(readme) ?? [];
    expect(program).toContain("http://localhost:50051");
    const url = `http://${server.address}`;
    writeFileSync(`${folder}/first.ts`, program?.replace("http://localhost:50051", url) ?? "");
    copyFileSync(`${HERE}examples/worklist.ts`, `${folder}/worklist.ts`);
    compile("first.ts", "worklist.ts");
    expect(run(folder, process.execPath, "first.js").stdout).toBe(shown);

    const wanted = {
      "milona-paris/return_delivery_unknown": /^O-1: ask: When was the parcel delivered/,
      "milona-paris/return_worn": /^O-1: let a person decide$/,
      "milona-paris/return_paid": /^O-1: pay 59\.00$/,
      "milona-paris/return_credit": /^O-1: give what was granted$/,
      "milona-paris/return_waits": /^O-1: wait$/,
      "milona-paris/return_late": /^O-1: tell the customer that it is refused$/,
      "errors/too_many_units": /^O-1: not decided, request\.lines\[0\]\.groups: /,
    };
    const requests = Object.keys(wanted).map((name) => {
      const vector = JSON.parse(readFileSync(new URL(`${name}.json`, VECTORS), "utf8"));
      return JSON.stringify(vector.request);
    });
    writeFileSync(`${folder}/requests.jsonl`, requests.join("\n"));
    const worked = run(folder, process.execPath, "worklist.js", "requests.jsonl", url);
    expect(worked.status).toBe(1);
    const lines = worked.stdout.trimEnd().split("\n");
    expect(lines.length).toBe(requests.length);
    for (const [index, pattern] of Object.values(wanted).entries()) {
      expect(lines[index]).toMatch(pattern);
    }
  },
  60 * SECONDS,
);
