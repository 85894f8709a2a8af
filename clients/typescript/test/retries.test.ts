/** When calls are retried, and when they end. */

import { afterEach, describe, expect, test } from "vitest";
import {
  CallError,
  Code,
  DeadlineExceededError,
  InvalidReplyError,
  UnavailableError,
  type Verdict,
} from "../src/index.js";
import { connect, type NodeClient, type NodeSettings } from "../src/node.js";
import { NextStep, Outcome } from "../src/v1.js";
import { type Answer, type Fake, fake } from "./fake.js";

const PAY = {
  outcome: Outcome.APPROVED,
  nextStep: NextStep.PAY,
  payableNowTotal: "59.00",
};
const UNAVAILABLE = { code: Code.Unavailable };

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    await one.close();
  }
});

async function refusal(answer: Promise<Verdict>): Promise<CallError> {
  const error = await answer.catch((thrown) => thrown);
  expect(error).toBeInstanceOf(CallError);
  return error;
}

describe.each(["grpc", "grpc-web", "connect"] as const)("over %s", (protocol) => {
  async function start(
    answers: Answer[],
    settings: NodeSettings = {},
    delayMs = 0,
  ): Promise<[NodeClient, Fake]> {
    const server = await fake(answers, delayMs);
    const client = connect(server.url, { ...settings, protocol });
    open.push(server, client);
    return [client, server];
  }

  test("unavailable is retried", async () => {
    const answers = [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, PAY];
    const [client, server] = await start(answers, { backoffMs: 10 });
    const verdict = await client.decide({});
    expect(verdict.nextStep).toBe("pay");
    expect(server.calls.length).toBe(5);
  });

  test.each([Code.InvalidArgument, Code.ResourceExhausted, Code.Internal, Code.Unauthenticated])(
    "nothing else is retried: %i",
    async (code) => {
      const [client, server] = await start([{ code }, PAY]);
      expect((await refusal(client.decide({}))).code).toBe(code);
      expect(server.calls.length).toBe(1);
    },
  );

  test("retries wait as long as the server asks", async () => {
    const shed = { ...UNAVAILABLE, retryDelayMs: 300 };
    const [client, server] = await start([shed, shed, PAY], { backoffMs: 10 });
    await client.decide({});
    const times = server.calls.map(({ at }) => at);
    expect(times.length).toBe(3);
    for (const [index, at] of times.slice(1).entries()) {
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(299);
    }
  });

  test("no retry waits beyond the deadline", async () => {
    const shed = { ...UNAVAILABLE, retryDelayMs: 60_000 };
    const [client, server] = await start([shed, PAY], { timeoutMs: 5000 });
    const began = performance.now();
    const error = await refusal(client.decide({}));
    expect(performance.now() - began).toBeLessThan(4000);
    expect(server.calls.length).toBe(1);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.reason).toBe("ERROR_REASON_OVERLOADED");
    expect(error.metadata).toEqual({ limit: "1024" });
    expect(error.retryDelayMs).toBe(60_000);
  });

  test.each([300_000_000_000_000, Number(2n ** 63n - 1n) * 1000])(
    "a wait of centuries is not a retry: %d ms",
    async (retryDelayMs) => {
      const [client, server] = await start([{ ...UNAVAILABLE, retryDelayMs }, PAY]);
      expect(await refusal(client.decide({}))).toBeInstanceOf(UnavailableError);
      expect(server.calls.length).toBe(1);
    },
  );

  test("retries end with the deadline", async () => {
    const settings = { timeoutMs: 500, backoffMs: 10, maxBackoffMs: 50 };
    const [client, server] = await start([UNAVAILABLE], settings);
    const began = performance.now();
    // Also where the deadline ends the last attempt.
    expect(await refusal(client.decide({}))).toBeInstanceOf(UnavailableError);
    expect(performance.now() - began).toBeLessThan(3000);
    expect(server.calls.length).toBeGreaterThan(3);
  });

  test("the server is told what is left of the deadline", async () => {
    const shed = { ...UNAVAILABLE, retryDelayMs: 1000 };
    const [client, server] = await start([shed, PAY], { timeoutMs: 7000 });
    await client.decide({});
    const [first, second] = server.calls.map(({ leftMs }) => leftMs);
    expect(first).toBeGreaterThan(6000);
    expect(first).toBeLessThanOrEqual(7000);
    expect(second).toBeLessThanOrEqual(6000);
  });

  test("a call without an answer ends with the deadline", async () => {
    const [client] = await start([PAY], { timeoutMs: 200 }, 2000);
    const began = performance.now();
    const error = await refusal(client.decide({}));
    expect(error).toBeInstanceOf(DeadlineExceededError);
    expect(performance.now() - began).toBeLessThan(1500);
  });

  test("one call can have a deadline of its own", async () => {
    const [client] = await start([PAY], {}, 500);
    const error = await refusal(client.decide({}, { timeoutMs: 50 }));
    expect(error).toBeInstanceOf(DeadlineExceededError);
    expect((await client.decide({})).nextStep).toBe("pay");
  });

  test("a signal ends a call, and a wait, with its reason", async () => {
    for (const answer of [PAY, { ...UNAVAILABLE, retryDelayMs: 5000 }]) {
      const [client] = await start([answer], {}, 300);
      const abort = new AbortController();
      const called = client.decide({}, { signal: abort.signal });
      setTimeout(() => abort.abort(new Error("left")), 100 + ("code" in answer ? 400 : 0));
      await expect(called).rejects.toThrow("left");
    }
  });

  test("where nobody listens the server is unavailable", async () => {
    const client = connect("http://127.0.0.1:1", { timeoutMs: 1500, protocol });
    expect(await refusal(client.decide({}))).toBeInstanceOf(UnavailableError);
  });

  test("a reason of somebody else is not ours", async () => {
    const [client] = await start([{ code: Code.Internal, domain: "proxy.example" }]);
    expect((await refusal(client.decide({}))).reason).toBe("");
  });

  test("a step that nobody knows is not acted on", async () => {
    const [client] = await start([{ outcome: Outcome.APPROVED }]);
    await expect(client.decide({})).rejects.toThrow(InvalidReplyError);
    await expect(client.batchDecide([{}])).rejects.toThrow(InvalidReplyError);
  });

  test("the token is carried, beside what interceptors set", async () => {
    const [client, server] = await start([PAY], {
      token: "a-secret",
      interceptors: [
        (next) => (request) => {
          request.header.set("x-claim", "7");
          return next(request);
        },
      ],
    });
    await client.decide({});
    expect(server.calls[0]?.header.get("authorization")).toBe("Bearer a-secret");
    expect(server.calls[0]?.header.get("x-claim")).toBe("7");
    expect(JSON.stringify(client)).not.toContain("a-secret");
  });
});
