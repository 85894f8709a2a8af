/** A client for Node, over gRPC and HTTP/2 unless another protocol is asked for. */

import type { SecureClientSessionOptions } from "node:http2";
import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { baseUrl, Client, interceptors, type Settings } from "./client.js";

/** How an `https` address is trusted. */
export interface Tls {
  /** Authorities to trust, PEM; absent: those of Node. */
  readonly ca?: string | Uint8Array;
  /** The name to expect in the server's certificate; absent: that of the address. */
  readonly serverName?: string;
  /** The certificate to show, and its key, PEM. */
  readonly identity?: {
    readonly certificate: string | Uint8Array;
    readonly key: string | Uint8Array;
  };
}

/** Sets how a client of Node connects. */
export interface NodeSettings extends Settings {
  readonly tls?: Tls;
  /** `grpc` unless set. */
  readonly protocol?: "grpc" | "grpc-web" | "connect";
  /** Bytes of the largest reply that is accepted, 32 MiB unless set. */
  readonly maxReplyBytes?: number;
}

/** A client with one connection, which does not hold the process while no call is open. */
export class NodeClient extends Client {
  readonly #session: Http2SessionManager;

  constructor(transport: Transport, session: Http2SessionManager, settings: Settings) {
    super(transport, settings);
    this.#session = session;
  }

  /** Ends the connection and all calls. */
  close(): void {
    this.#session.abort();
  }
}

/** Makes a client for an address such as `http://localhost:50051`; it connects with its first call. */
export function connect(url: string, settings: NodeSettings = {}): NodeClient {
  const base = baseUrl(url);
  const nodeOptions = secure(settings.tls ?? {});
  const sessionManager = new Http2SessionManager(base, {}, nodeOptions);
  const options = {
    baseUrl: base,
    nodeOptions,
    sessionManager,
    interceptors: interceptors(settings),
    readMaxBytes: settings.maxReplyBytes ?? 32 * 1024 * 1024,
  };
  return new NodeClient(transport(settings.protocol ?? "grpc", options), sessionManager, settings);
}

function transport(
  protocol: "grpc" | "grpc-web" | "connect",
  options: Parameters<typeof createGrpcTransport>[0],
): Transport {
  switch (protocol) {
    case "grpc":
      return createGrpcTransport(options);
    case "grpc-web":
      return createGrpcWebTransport({ ...options, httpVersion: "2" });
    case "connect":
      return createConnectTransport({ ...options, httpVersion: "2" });
  }
}

function secure(tls: Tls): SecureClientSessionOptions {
  const options: SecureClientSessionOptions = {};
  if (tls.ca !== undefined) {
    options.ca = pem(tls.ca);
  }
  if (tls.serverName !== undefined) {
    options.servername = tls.serverName;
  }
  if (tls.identity !== undefined) {
    options.cert = pem(tls.identity.certificate);
    options.key = pem(tls.identity.key);
  }
  return options;
}

function pem(given: string | Uint8Array): string {
  return typeof given === "string" ? given : new TextDecoder().decode(given);
}
