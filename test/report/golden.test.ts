import { afterEach, expect, test, vi } from 'vitest';
import { golden } from '../golden.ts';

afterEach(() => vi.unstubAllEnvs());

test('a golden that is missing or differs fails the test', () => {
  vi.stubEnv('UPDATE_GOLDENS', '');
  expect(() => golden('test/goldens/report/no-such.txt', '')).toThrow('is missing');
  expect(() => golden('test/goldens/report/full.json', '{}')).toThrow();
});
