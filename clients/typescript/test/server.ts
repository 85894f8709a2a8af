/** A real server with the policies that are built in, on a port of its own. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BUILT = ["target/release/redress", "target/debug/redress"].map((path) => ROOT + path);

export interface Running {
  /** Host and port, without a scheme. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts the program that `REDRESS_BIN` names, or that cargo built. */
export async function serve(...flags: string[]): Promise<Running> {
  const program = process.env.REDRESS_BIN ?? BUILT.find(existsSync);
  if (!program) {
    throw new Error("build it with `cargo build`, or set REDRESS_BIN");
  }
  // Settings of whoever runs the tests are not those of the server.
  const own = Object.entries(process.env).filter(([key]) => !key.startsWith("REDRESS_"));
  const listen = ["serve", "--listen", "127.0.0.1:0", "--drain-delay", "0"];
  const child = spawn(program, [...listen, ...flags], {
    env: Object.fromEntries(own),
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for await (const line of createInterface(child.stdout)) {
    const address = /^listening on (.*)$/.exec(line)?.[1];
    if (address) {
      return {
        address,
        stop: () => {
          child.kill("SIGTERM");
          return ended;
        },
      };
    }
  }
  throw new Error("the server did not start");
}
