/**
 * Cases of a rule at the edges of its numbers and words, in the terms of the model: fixtures/CODE/views.json.
 * A fixture in a language shows that a rule is reached and where it points; a view shows what it decides, one value at a time.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeCheck } from '../src/check/check.ts';
import { judge } from '../src/check/condition.ts';
import type { Rule } from '../src/check/rule.ts';
import { fromPlain, type Obj } from '../src/evaluate/value.ts';
import { fixturesFolder } from './fixture.ts';

export interface ViewCase {
  readonly code: string;
  /** What is put into the view that it starts from, as typed. */
  readonly title: string;
  readonly view: Obj;
  /** The checks that speak, in the order of the rule. */
  readonly fails: readonly string[];
}

/** `views` are whole, each case names one and a merge patch (RFC 7396: null takes out), and by hand the checks that fail. */
interface ViewFile {
  readonly views: Readonly<Record<string, Plain>>;
  readonly cases: readonly { readonly of: string; readonly with?: Plain; readonly fails: readonly string[] }[];
}

type Plain = { readonly [key: string]: unknown };

export function viewCases(): ViewCase[] {
  return readdirSync(fixturesFolder).flatMap((code) => {
    const path = join(fixturesFolder, code, 'views.json');
    if (!existsSync(path)) return [];
    const { views, cases } = JSON.parse(readFileSync(path, 'utf8')) as ViewFile;
    return cases.map(({ of, with: patch = {}, fails }) => {
      const base = views[of];
      if (!base) throw new Error(`${path}: there is no view "${of}"`);
      const view = fromPlain(patched(base, patch), { resourceId: of, path: '' }) as Obj;
      return { code, title: `${of} with ${JSON.stringify(patch)}`, view, fails };
    });
  });
}

export function failing(rule: Rule, view: Obj): string[] {
  const applies = rule.when ? judge(rule.when, view) : undefined;
  if (applies?.verdict === 'false') return [];
  return rule.checks.filter((one) => judgeCheck(one, applies, view).verdict === 'false').map(({ id }) => id);
}

function patched(base: unknown, patch: unknown): unknown {
  if (!isPlain(patch)) return patch;
  const result: Record<string, unknown> = isPlain(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete result[key];
    else result[key] = patched(result[key], value);
  return result;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
