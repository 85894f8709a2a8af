/** Serves pages of this folder, with the sources in place of the package. */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const SRC = fileURLToPath(new URL("src/", import.meta.url));

export default defineConfig({
  resolve: {
    alias: ["", "/v1", "/web"].map((part) => ({
      find: new RegExp(`^redress-client${part}$`),
      replacement: `${SRC}${part.slice(1) || "index"}.ts`,
    })),
  },
});
