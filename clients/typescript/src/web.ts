/** A client for browsers, over Connect unless gRPC-Web is asked for. */

import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { baseUrl, Client, interceptors, type Settings } from "./client.js";

/** Sets how a client of a browser connects. */
export interface WebSettings extends Settings {
  /** `connect` unless set. */
  readonly protocol?: "connect" | "grpc-web";
}

/** Makes a client for an address, which has to allow the origin of the page, or to be it. */
export function connect(url: string, settings: WebSettings = {}): Client {
  const options = {
    baseUrl: baseUrl(url),
    useBinaryFormat: true,
    interceptors: [...interceptors(settings), unreachable],
  };
  const transport =
    settings.protocol === "grpc-web"
      ? createGrpcWebTransport(options)
      : createConnectTransport(options);
  return new Client(transport, settings);
}

/** Calls a server that `fetch` cannot reach unavailable, as on other platforms. */
const unreachable: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    if (error.cause instanceof TypeError && error.code !== Code.Canceled) {
      throw new ConnectError(error.rawMessage, Code.Unavailable, error.metadata, [], error.cause);
    }
    throw error;
  }
};
