/** Rules that a mistake or a stranger has made: each is refused as wrong usage or judged, and nothing else happens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ruleFiles } from '../scripts/rules.mjs';
import { catalogue } from '../src/catalogue.ts';
import { settleOptions } from '../src/config.ts';
import { lint } from '../src/lint.ts';
import { readOwnRules } from '../src/own-rules.ts';
import { UsageError } from '../src/usage.ts';
import { fixtures, fixturesFolder } from './fixture.ts';
import { memoryIo } from './memory.ts';
import { random } from './random.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const next = random(11);
const among = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;

const strange: readonly Json[] = [
  ...[null, true, -1, 1e300, 0.5, '', 'a', '__proto__', 'constructor', '/a/*/b', '(', '^(a+)+$', [], {}],
  { $data: '/name' },
  { $data: '/items/*/x' },
  { $limit: 'azure-vm/dataDisks' },
  { $limit: 'adls/intervals' },
  { $limit: 'azure-vm/dataDisks', percent: 1e9 },
];

/** Somewhere in it another value, or a value that stands elsewhere in it. */
function mutated(value: Json, depth = 0): Json {
  const isHere = next() < 0.05 || typeof value !== 'object' || value === null;
  if (isHere && depth > 0) {
    const alike = strange.filter((one) => typeof one === typeof value);
    return among(next() < 0.8 && alike.length > 0 ? alike : strange);
  }
  if (Array.isArray(value)) {
    const at = Math.floor(next() * value.length);
    return value.map((item, i) => (i === at ? mutated(item, depth + 1) : item));
  }
  const entries = Object.entries(value as { [key: string]: Json });
  const at = Math.floor(next() * entries.length);
  return Object.fromEntries(
    entries.map(([key, item], i) => {
      if (i !== at) return [key, item];
      return next() < 0.1
        ? [among(['not', 'items', 'if', 'x', '__proto__', key]), item]
        : [key, mutated(item, depth + 1)];
    }),
  );
}

test('mutants of the catalogue', async () => {
  const rules = ruleFiles().map(
    (path: string) => JSON.parse(readFileSync(join(fixturesFolder, '..', path), 'utf8')) as { [key: string]: Json },
  );
  const inputs = fixtures().filter(({ language }) => language !== 'plan');
  const byCode = new Map(inputs.map((fixture) => [fixture.code, fixture]));
  let refused = 0;
  let judged = 0;
  for (let i = 0; i < 1_500; i++) {
    const rule = among(rules);
    const fixture = byCode.get(rule['code'] as string) ?? inputs[0]!;
    const own = { ...rule, code: `own-${rule['code'] as string}` };
    const changed = next() < 0.7 ? { ...own, checks: mutated(rule['checks']!) } : mutated(own);
    const io = memoryIo({ '/repo/r/rule.json': JSON.stringify(changed), [`/repo/${fixture.name}`]: fixture.text });
    try {
      const [read] = await readOwnRules([{ path: '/repo/r', named: '--rules' }], catalogue(), io);
      const flags = { only: [read!.rule.code], showUndetermined: true };
      const run = await lint(settleOptions([fixture.name], flags, [read!.rule], io), io, '0');
      for (const { message } of run.findings) expect(typeof message).toBe('string');
      judged++;
    } catch (error) {
      if (!(error instanceof UsageError)) throw Object.assign(error as Error, { rule: JSON.stringify(changed) });
      expect(error.message).toMatch(/^r\/rule\.json:\d+:\d+: /);
      refused++;
    }
  }
  expect(Math.min(refused, judged)).toBeGreaterThan(300);
});
