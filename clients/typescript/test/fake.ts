/** A server that answers as it is told, in order. */

import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { DecisionService, type VerdictSchema } from "../src/v1.js";

/** Ends a call with a code, and asks to wait. */
export interface Refusal {
  readonly code: Code;
  readonly retryDelayMs?: number;
  readonly domain?: string;
}

export type Answer = Refusal | MessageInitShape<typeof VerdictSchema>;

export interface Fake {
  readonly url: string;
  /** When each call came, with how much left of its deadline, and with which headers. */
  readonly calls: { at: number; leftMs: number; header: Headers }[];
  close(): Promise<void>;
}

/** Answers each call with the next answer, and the last for ever. */
export async function fake(answers: Answer[], delayMs = 0): Promise<Fake> {
  const calls: Fake["calls"] = [];
  const handler = connectNodeAdapter({
    routes: (router) => {
      router.service(DecisionService, {
        decide: async (_, context) => {
          calls.push({
            at: performance.now(),
            leftMs: context.timeoutMs() ?? 0,
            header: context.requestHeader,
          });
          await new Promise((resolve) => setTimeout(resolve, delayMs));
          const answer = answers[Math.min(calls.length, answers.length) - 1];
          if (answer && "code" in answer) {
            throw refused(answer);
          }
          return answer ? { verdict: answer } : {};
        },
        batchDecide: () => ({ results: [{ itemId: "0" }] }),
      });
    },
  });
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function refused({ code, retryDelayMs, domain }: Refusal): ConnectError {
  const info = {
    desc: ErrorInfoSchema,
    value: {
      reason: "ERROR_REASON_OVERLOADED",
      domain: domain ?? "redress.v1",
      metadata: { limit: "1024" },
    },
  };
  // The wire has 63 bits of seconds.
  const most = 2n ** 63n - 1n;
  const asked = BigInt(Math.floor((retryDelayMs ?? 0) / 1000));
  const seconds = asked < most ? asked : most;
  const nanos = ((retryDelayMs ?? 0) % 1000) * 1e6;
  const retry = { desc: RetryInfoSchema, value: { retryDelay: { seconds, nanos } } };
  return new ConnectError("no", code, undefined, retryDelayMs ? [info, retry] : [info]);
}
