import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/oracles/**'],
    testTimeout: 60_000,
    reporters: ['default', './test/totals.ts'],
  },
});
