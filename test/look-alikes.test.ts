/**
 * What rules must be silent about, as they say it themselves: each phrase of a rule's `not` has the fixtures that show it (stems of
 * its own folder, or CODE/NAME of another rule's), or the reason why no fixture can. fixtures/CODE/look-alikes.json says which.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ruleFiles } from '../scripts/rules.mjs';
import { type Fixture, fixtures, fixturesFolder, lintWith, render } from './fixture.ts';

const root = join(fixturesFolder, '..');
const all = fixtures();

const phrases = new Map(
  ruleFiles().flatMap((path: string): [string, string][] => {
    const { code, not } = JSON.parse(readFileSync(join(root, path), 'utf8')) as { code: string; not?: string };
    return not === undefined ? [] : [[code, not]];
  }),
);

function shownFor(code: string): Readonly<Record<string, readonly string[] | string>> {
  const path = join(fixturesFolder, code, 'look-alikes.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

describe.each([...phrases])('%s', (code, not) => {
  const shown = shownFor(code);

  test('every phrase has its place', () => {
    let rest = not;
    for (const phrase of Object.keys(shown)) {
      expect(rest).toContain(phrase);
      rest = rest.replace(phrase, '|');
    }
    const left = rest.split('|').filter((part) => !/^[\s,.:]*(?:and|or|nor|but|while)?[\s,.:]*$/.test(part));
    expect(left).toEqual([]);
  });

  const places = Object.values(shown).filter((places) => typeof places !== 'string');
  const reasons = Object.values(shown).filter((places) => typeof places === 'string');
  const names = [...new Set(places.flat())];
  const own = names.filter((name) => !name.includes('/'));
  const others = names.filter((name) => name.includes('/'));

  test('a fixture or a reason for each', () => {
    const stems = all.filter((fixture) => fixture.code === code).map(stemOf);
    for (const name of own) expect(stems).toContain(name);
    expect(places).not.toContainEqual([]);
    for (const file of reasons.flatMap((reason) => reason.match(/test\/[\w/-]+\.test\.ts/g) ?? []))
      expect(existsSync(join(root, file)), file).toBe(true);
    expect(reasons).not.toContain('');
  });

  // Its own fixtures are judged with the rule, in test/fixtures.test.ts.
  if (others.length > 0)
    test.each(others)('is silent about %s', async (name) => {
      const fixture = all.find((one) => `${one.code}/${one.name}` === name);
      expect(fixture, name).toBeDefined();
      expect(render((await lintWith({ only: [code] }, fixture!)).findings)).toBe('');
    });
});

function stemOf({ name }: Fixture): string {
  return name.slice(0, name.lastIndexOf('.'));
}
