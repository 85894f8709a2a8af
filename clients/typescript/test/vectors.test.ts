/** Every vector, alone and in a batch. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallError } from "../src/index.js";
import { connect, type NodeClient } from "../src/node.js";
import { type Running, serve } from "./server.js";
import { check, loadAll } from "./vectors.js";

const VECTORS = loadAll();

describe.each(["grpc", "grpc-web", "connect"] as const)("over %s", (protocol) => {
  let server: Running;
  let client: NodeClient;
  beforeAll(async () => {
    server = await serve();
    client = connect(`http://${server.address}`, { protocol });
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  test.each(VECTORS)("$name", async (vector) => {
    const got = await client.decide(vector.request).catch((error) => error);
    check(vector, got);
  });

  test("all in one batch", async () => {
    const results = await client.batchDecide(VECTORS.map((vector) => vector.request));
    expect(results.length).toBe(VECTORS.length);
    for (const [index, vector] of VECTORS.entries()) {
      const got = results[index];
      expect(got).toBeDefined();
      if (got) {
        check(vector, got);
      }
    }
    expect(results.some((result) => result instanceof CallError)).toBe(true);
  });
});
