/** Output kept beside the tests: compared as text, rewritten by `npm run update` and then read in the diff. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `path` is relative to the root of the repository. */
export function golden(path: string, actual: string): void {
  const file = resolve(root, path);
  if (process.env['UPDATE_GOLDENS']) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  if (!existsSync(file)) expect.fail(`${path} is missing; \`npm run update\` writes it`);
  expect(actual).toBe(readFileSync(file, 'utf8'));
}
