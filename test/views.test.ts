/** Rules at the edges of their numbers and words: which checks fail for a view of the model. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { failing, viewCases } from './views.ts';

const rules = new Map(catalogue().map((rule) => [rule.code, rule]));
const all = viewCases();

describe.each([...new Set(all.map(({ code }) => code))])('%s', (code) => {
  test.each(all.filter((one) => one.code === code))('$title', ({ view, fails }) => {
    expect(failing(rules.get(code)!, view)).toEqual(fails);
  });
});
