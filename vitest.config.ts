import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node' } },
      { test: { name: 'webview', include: ['test/webview/**/*.test.ts'], environment: 'jsdom' } },
      // Real engines on a busy machine: a test that needs its second try is marked `retry x1` in the output.
      { test: { name: 'live', retry: 1, include: ['test/live/**/*.test.ts'], environment: 'node', testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
});
