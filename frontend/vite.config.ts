import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // Part of the Python package, so that a wheel serves its pages without Node.
    outDir: "../backend/model_library/web",
    emptyOutDir: true,
    // The content-security policy of the server allows files of its own and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    // The whole application is read from this machine; one file starts fastest.
    chunkSizeWarningLimit: 1200,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    // Milliseconds: on a machine that others use as well a long walk through a dialog takes its time.
    testTimeout: 60_000,
  },
});
