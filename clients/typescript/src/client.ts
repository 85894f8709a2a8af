/** Calls the service over a transport of Connect, whichever protocol it speaks. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type CallOptions,
  Code,
  createClient,
  type Interceptor,
  type Client as Stub,
  type Transport,
} from "@connectrpc/connect";
import { type CallError, InvalidReplyError, ofCall, ofItem, UnavailableError } from "./errors.js";
import {
  type DecideRequestSchema,
  DecisionService,
  type ListOptionsRequestSchema,
  type ListOptionsResponse,
} from "./gen/redress/v1/decision_service_pb.js";
import { type Policy, PolicySchema, PolicyService } from "./gen/redress/v1/policy_service_pb.js";
import { ofVerdict, type Verdict } from "./verdict.js";

/** Sets deadline, retries and credentials of a client. */
export interface Settings {
  /** How long one call may take, retries included; 10 seconds unless set. */
  readonly timeoutMs?: number;
  /** The longest wait before the first retry, 50 ms unless set; it doubles with each further one. */
  readonly backoffMs?: number;
  /** What it doubles up to, 1 second unless set. */
  readonly maxBackoffMs?: number;
  /** The token to carry. Without TLS, whoever reads along knows it. */
  readonly token?: string;
  /** Run around each attempt, such as to set headers. */
  readonly interceptors?: readonly Interceptor[];
}

/** Sets what one call has of its own. */
export interface CallSettings {
  /** In place of that of the client. */
  readonly timeoutMs?: number;
  /** Ends the call, and its waits, with the reason of the signal. */
  readonly signal?: AbortSignal;
}

type DecideInit = MessageInitShape<typeof DecideRequestSchema>;

/**
 * Calls the service. Calls are pure, so that retries are safe: `unavailable` is retried until
 * the deadline, nothing else is.
 */
export class Client {
  /** The bare stubs, such as for `streamDecide`: without deadline and retries. */
  readonly decisions: Stub<typeof DecisionService>;
  readonly policies: Stub<typeof PolicyService>;
  readonly #timeoutMs: number;
  readonly #backoffMs: number;
  readonly #maxBackoffMs: number;

  /** Most programs use `connect` of `redress-client/node` or `redress-client/web`. */
  constructor(transport: Transport, settings: Settings = {}) {
    this.decisions = createClient(DecisionService, transport);
    this.policies = createClient(PolicyService, transport);
    this.#timeoutMs = settings.timeoutMs ?? 10_000;
    this.#backoffMs = settings.backoffMs ?? 50;
    this.#maxBackoffMs = settings.maxBackoffMs ?? 1000;
    if (!(this.#timeoutMs > 0 && this.#backoffMs > 0 && this.#maxBackoffMs >= this.#backoffMs)) {
      throw new RangeError(
        "`timeoutMs` and `backoffMs` must be above zero, and `maxBackoffMs` not below `backoffMs`",
      );
    }
  }

  /**
   * Decides one request. A denial is an answer, not an error.
   *
   * @throws {@link RedressError} there is no answer.
   */
  async decide(request: DecideInit, call: CallSettings = {}): Promise<Verdict> {
    const reply = await this.#call((with_) => this.decisions.decide(request, with_), call);
    return ofVerdict(reply.verdict);
  }

  /**
   * Decides 1 to 200 requests at once; each result is a verdict or its own error.
   *
   * @throws {@link RedressError} there is no answer to any of them.
   */
  async batchDecide(
    requests: readonly DecideInit[],
    call: CallSettings = {},
  ): Promise<(Verdict | CallError)[]> {
    const items = requests.map((decide, index) => ({ itemId: String(index), decide }));
    const reply = await this.#call((with_) => this.decisions.batchDecide({ items }, with_), call);
    return reply.results.map(({ itemId, result }) => {
      switch (result.case) {
        case "verdict":
          return ofVerdict(result.value);
        case "error":
          return ofItem(result.value);
        default:
          throw new InvalidReplyError(`item \`${itemId}\` has no result`);
      }
    });
  }

  /**
   * Lists what is possible with an order at an instant.
   *
   * @throws {@link RedressError} there is no answer.
   */
  listOptions(
    request: MessageInitShape<typeof ListOptionsRequestSchema>,
    call: CallSettings = {},
  ): Promise<ListOptionsResponse> {
    return this.#call((with_) => this.decisions.listOptions(request, with_), call);
  }

  /**
   * Lists the revisions of a policy, or of all, page by page.
   *
   * @throws {@link RedressError} there is no answer.
   */
  async *listPolicies(policy = "", call: CallSettings = {}): AsyncGenerator<Policy> {
    let pageToken = "";
    do {
      const request = { policy, pageToken };
      const page = await this.#call((with_) => this.policies.listPolicies(request, with_), call);
      yield* page.policies;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  /**
   * Gets a revision with its clauses, by `policies/POLICY` or its full name.
   *
   * @throws {@link RedressError} there is no answer.
   */
  async getPolicy(name: string, call: CallSettings = {}): Promise<Policy> {
    const reply = await this.#call((with_) => this.policies.getPolicy({ name }, with_), call);
    return reply.policy ?? create(PolicySchema);
  }

  async #call<A>(send: (options: CallOptions) => Promise<A>, call: CallSettings): Promise<A> {
    const deadline = performance.now() + (call.timeoutMs ?? this.#timeoutMs);
    const left = () => deadline - performance.now();
    const signal = call.signal;
    let bound = this.#backoffMs;
    let before: CallError | undefined;
    for (;;) {
      signal?.throwIfAborted();
      try {
        const timeoutMs = Math.max(Math.round(left()), 1);
        return await send(signal ? { timeoutMs, signal } : { timeoutMs });
      } catch (thrown) {
        signal?.throwIfAborted();
        const error = ofCall(thrown);
        // Why the attempt before failed says more than that a retry had too little time.
        if (before && error.code === Code.DeadlineExceeded) {
          throw before;
        }
        // At least as long as the server asks, with jitter: callers that were refused
        // together do not come back together.
        const wait = error.retryDelayMs + Math.random() * bound;
        if (!(error instanceof UnavailableError) || wait >= left()) {
          throw error;
        }
        bound = Math.min(bound * 2, this.#maxBackoffMs);
        before = error;
        await sleep(wait, signal);
      }
    }
  }
}

/** Waits; an abort ends it early, and is told by the loop. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    // A timer of more than 31 bits would not wait at all.
    const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
    signal?.addEventListener("abort", done);
  });
}

/** Reads an address, which has a scheme and a host and no more. */
export function baseUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const known = parsed?.protocol === "http:" || parsed?.protocol === "https:";
  const extra = parsed && (parsed.pathname !== "/" || parsed.search || parsed.username);
  if (!parsed || !known || extra) {
    throw new RangeError(`\`${url}\` is not an address such as \`http://localhost:50051\``);
  }
  return parsed.origin;
}

/** Returns what runs around each attempt, innermost what carries the token. */
export function interceptors(settings: Settings): Interceptor[] {
  const given = [...(settings.interceptors ?? [])];
  const token = settings.token;
  if (token === undefined) {
    return given;
  }
  if (!/^[!-~]+$/.test(token)) {
    throw new RangeError("`token` must be visible ASCII without spaces");
  }
  const carry: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
  return [...given, carry];
}
