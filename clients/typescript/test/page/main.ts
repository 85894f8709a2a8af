/** Lets a test decide requests in a browser: JSON goes in and comes out. */

import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { CallError } from "redress-client";
import { DecideRequestSchema, VerdictSchema } from "redress-client/v1";
import { connect } from "redress-client/web";

/** A verdict, or what an error tells. */
export interface Shown {
  readonly verdict?: string;
  readonly error?: Pick<CallError, "code" | "reason" | "violations" | "metadata" | "retryDelayMs">;
}

async function decide(
  server: string,
  protocol: "connect" | "grpc-web",
  request: string,
): Promise<Shown> {
  const client = connect(server, { protocol, timeoutMs: 2000 });
  try {
    const verdict = await client.decide(fromJsonString(DecideRequestSchema, request));
    return { verdict: toJsonString(VerdictSchema, verdict.message) };
  } catch (error) {
    if (error instanceof CallError) {
      const { code, reason, violations, metadata, retryDelayMs } = error;
      return { error: { code, reason, violations, metadata, retryDelayMs } };
    }
    throw error;
  }
}

declare global {
  var decideHere: typeof decide;
}
globalThis.decideHere = decide;
