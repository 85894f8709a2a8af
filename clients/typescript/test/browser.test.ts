/** The client in a browser, on pages of another origin than the server. */

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Browser, chromium, type Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallError, Code } from "../src/index.js";
import { type DecideRequest, DecideRequestSchema, VerdictSchema } from "../src/v1.js";
import { ofVerdict } from "../src/verdict.js";
import type { Shown } from "./page/main.js";
import { type Running, serve } from "./server.js";
import { check, loadAll } from "./vectors.js";

const HERE = fileURLToPath(new URL("../", import.meta.url));
/** Where pictures of verdicts are left to look at. */
const PICTURES = `${HERE}pictures`;
const SECONDS = 1000;

let pages: ViteDevServer;
let origin: string;
let server: Running;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  pages = await createServer({
    root: HERE,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
  });
  await pages.listen();
  origin = pages.resolvedUrls?.local[0]?.replace(/\/$/, "") ?? "";
  server = await serve("--cors-origins", origin);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // The pages are ours, and a sandbox needs rights that containers do not give.
    args: ["--no-sandbox"],
  });
  page = await browser.newPage({ locale: "en-GB", viewport: { width: 640, height: 480 } });
}, 60 * SECONDS);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await pages?.close();
});

describe.each(["connect", "grpc-web"] as const)("over %s", (protocol) => {
  test("support decides a return", { timeout: 30 * SECONDS }, async () => {
    const query = new URLSearchParams({ server: `http://${server.address}`, protocol });
    await page.goto(`${origin}/examples/page/index.html?${query}`);
    const told = page.locator("output");
    await page.getByRole("button").click();
    await expect.poll(() => told.textContent()).toContain("Ask: When was the parcel delivered");

    await page.getByLabel("Delivered on").fill("2026-03-09");
    await page.getByRole("button").click();
    await expect.poll(() => told.textContent()).toContain("59.00 EUR");
    expect(await told.textContent()).toContain("Next: wait; pay 0.00 EUR now");
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: `${PICTURES}/verdict-${protocol}.png` });

    // 30 days after 9 March are over with 8 April.
    await page.getByLabel("To be returned on").fill("2026-04-09");
    await page.getByRole("button").click();
    await expect.poll(() => told.textContent()).toContain("Next: tell the customer");
  });

  test("every vector holds", { timeout: 60 * SECONDS }, async () => {
    await page.goto(`${origin}/test/page/index.html`);
    await page.waitForFunction(() => "decideHere" in globalThis);
    for (const vector of loadAll()) {
      check(vector, answer(await decide(`http://${server.address}`, vector.request)));
    }
  });

  test("a server that does not allow the page is unavailable", async () => {
    const closed = await serve();
    await page.goto(`${origin}/test/page/index.html`);
    await page.waitForFunction(() => "decideHere" in globalThis);
    const { error } = await decide(`http://${closed.address}`, create(DecideRequestSchema));
    await closed.stop();
    expect(error?.code).toBe(Code.Unavailable);
  });

  function decide(at: string, request: DecideRequest): Promise<Shown> {
    const asked = [at, protocol, toJsonString(DecideRequestSchema, request)] as const;
    return page.evaluate(([url, how, text]) => globalThis.decideHere(url, how, text), asked);
  }
});

function answer({ verdict, error }: Shown): ReturnType<typeof ofVerdict> | CallError {
  if (verdict !== undefined) {
    return ofVerdict(fromJsonString(VerdictSchema, verdict));
  }
  const { code, ...told } = error ?? { code: undefined };
  return new CallError("", code === undefined ? told : { code, ...told });
}
