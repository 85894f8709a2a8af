/** TLS, certificates and tokens, against a real server. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, afterEach, expect, test } from "vitest";
import { CallError, Code, InvalidRequestError, UnauthenticatedError } from "../src/index.js";
import { connect, type NodeSettings } from "../src/node.js";
import { type Running, serve } from "./server.js";

const folder = mkdtempSync(`${tmpdir()}/redress-`);
afterAll(() => rmSync(folder, { recursive: true }));

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(...flags: string[]): Promise<string> {
  const server = await serve(...flags);
  running.push(server);
  return server.address;
}

/** Asks something that is refused once the call came through. */
async function ask(url: string, settings: NodeSettings): Promise<CallError> {
  const client = connect(url, settings);
  try {
    const error = await client.decide({}).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CallError);
    return error;
  } finally {
    client.close();
  }
}

function file(name: string): string {
  return `${folder}/${name}.pem`;
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes an authority, and a certificate that it signed for each name. */
function authority(): void {
  const days = ["-days", "2"];
  const ca = ["-keyout", file("ca-key"), "-out", file("ca"), "-subj", "/CN=authority"];
  openssl("req", "-x509", ...KEY, ...ca, ...days);
  for (const name of ["server", "client"]) {
    const request = file(`${name}-request`);
    openssl("req", ...KEY, "-keyout", file(`${name}-key`), "-out", request, "-subj", `/CN=${name}`);
    writeFileSync(file("names"), "subjectAltName=DNS:redress.test,IP:127.0.0.1\n");
    const sign = ["-CA", file("ca"), "-CAkey", file("ca-key"), "-extfile", file("names")];
    openssl("x509", "-req", "-in", request, ...sign, ...days, "-out", file(name));
  }
}

authority();
const FLAGS = ["--tls-cert", file("server"), "--tls-key", file("server-key")];
const ca = readFileSync(file("ca"));

test("a server is trusted by its authority", async () => {
  const url = `https://${await start(...FLAGS)}`;
  for (const tls of [{ ca }, { ca, serverName: "redress.test" }]) {
    expect(await ask(url, { tls })).toBeInstanceOf(InvalidRequestError);
  }
  for (const tls of [{}, { ca, serverName: "other.test" }]) {
    const error = await ask(url, { tls, timeoutMs: 2000 });
    expect(error).not.toBeInstanceOf(InvalidRequestError);
  }
});

test("a certificate is shown", async () => {
  const url = `https://${await start(...FLAGS, "--tls-client-ca", file("ca"))}`;
  const [certificate, key] = [readFileSync(file("client")), readFileSync(file("client-key"))];
  const shown = { ca, identity: { certificate, key } };
  expect(await ask(url, { tls: shown })).toBeInstanceOf(InvalidRequestError);
  const error = await ask(url, { tls: { ca }, timeoutMs: 2000 });
  expect(error).not.toBeInstanceOf(InvalidRequestError);
});

test("a token is known", async () => {
  const digest = createHash("sha256").update("a-secret").digest("hex");
  writeFileSync(file("tokens"), `checkout ${digest}\n`);
  const url = `http://${await start("--tokens", file("tokens"))}`;
  expect(await ask(url, { token: "a-secret" })).toBeInstanceOf(InvalidRequestError);
  for (const settings of [{}, { token: "another" }]) {
    const error = await ask(url, settings);
    expect(error).toBeInstanceOf(UnauthenticatedError);
    expect(error.reason).toBe("ERROR_REASON_UNAUTHENTICATED");
  }
});

test("a reply above the limit is refused", async () => {
  const client = connect(`http://${await start()}`, { maxReplyBytes: 10 });
  const error = await client.getPolicy("policies/jona").catch((thrown) => thrown);
  client.close();
  expect(error.code).toBe(Code.ResourceExhausted);
});

test.each(["localhost:50051", "ftp://localhost", "http://", "http://localhost/path", "no address"])(
  "an address has a scheme and a host: %s",
  (bad) => {
    expect(() => connect(bad)).toThrow(/is not an address/);
  },
);

test.each([{ timeoutMs: 0 }, { backoffMs: 0 }, { backoffMs: 2000 }, { token: "two words" }])(
  "settings that cannot be are refused: %o",
  (bad) => {
    expect(() => connect("http://localhost:1", bad)).toThrow(RangeError);
  },
);
