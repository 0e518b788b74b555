/**
 * What the ARM fixtures say is said by a recording of an audit of what they deploy: the same findings, at the same attributes. Goldens
 * show the places.
 * What differs stands in derived.inventory.json, each with its reason: most of it is what an audit does not read. A new difference
 * fails, and so does one that is gone.
 */
import { describe, expect, test } from 'vitest';
import { liveConfigurations } from '../src/azure/configuration.ts';
import { readInventory } from '../src/azure/inventory.ts';
import type { Options } from '../src/config.ts';
import { judge, judgeLive, readModels } from '../src/lint.ts';
import type { Diagnostic } from '../src/source/diagnostic.ts';
import type { Finding, Run } from '../src/source/run.ts';
import { isSpan } from '../src/source/source.ts';
import { inventoryDifferences, templatesOfLiveRules } from './derive/derived.ts';
import { inventoryOf, type Missing, type Recorded } from './derive/inventory.ts';
import { type Fixture, fixtureIo, optionsIn, placesOf } from './fixture.ts';
import { golden } from './golden.ts';

const templates = templatesOfLiveRules();
const listed = new Map(
  inventoryDifferences.flatMap(({ tells, where }) => where.map((one): [string, typeof tells] => [one, tells])),
);

describe.each([...new Set(templates.map(({ code }) => code))])('%s', (code) => {
  test('as a recording of an audit', async () => {
    const wrong: string[] = [];
    let places = '';
    for (const fixture of templates.filter((one) => one.code === code)) {
      const where = `${code}/${fixture.name}`;
      const { found, misplaced, shown } = await compared(fixture);
      if (found?.tells !== listed.get(where))
        wrong.push(found ? `${where} tells ${found.tells}: ${found.what}` : `${where} does not differ`);
      for (const one of misplaced) wrong.push(`${where}: ${one}`);
      if (shown.length > 0) places += `${fixture.name}\n${shown.map((one) => `  ${one}\n`).join('')}`;
    }
    expect(wrong).toEqual([]);
    if (places !== '') golden(`fixtures/${code}/places.live.txt`, places);
  }, 180_000);
});

test('every difference is that of a fixture', () => {
  const all = new Set(templates.map(({ code, name }) => `${code}/${name}`));
  const where = inventoryDifferences.flatMap((one) => one.where);
  expect(where.filter((one) => !all.has(one))).toEqual([]);
  expect(new Set(where).size).toBe(where.length);
});

test.each(['softly deleted', 'stopped'])(
  'what is %s is told as that, and by nothing else',
  async (state) => {
    const codes = new Set<string>();
    let items = 0;
    for (const fixture of templates.filter(({ name }) => name === 'fail.json')) {
      const io = fixtureIo(fixture);
      const options = await optionsIn(io, { profile: 'strict' });
      const [configuration] = (await readModels(options, io)).configurations;
      const recording = inventoryOf(configuration!, 'nothing');
      const text = recording && inactive(recording.text, state);
      if (!text) continue;
      const inventory = readInventory('fixture.inventory.jsonl', [new TextEncoder().encode(text)], [])!;
      const run = await judgeLive(liveConfigurations(inventory), options, io, '0.0.0', []);
      for (const { code, resource } of run.findings)
        if (isItem.test(resource.address)) {
          items++;
          codes.add(code);
        }
    }
    expect([...codes]).toEqual(['item-protection-stopped']);
    expect(items).toBeGreaterThan(50);
  },
  180_000,
);

const isItem = /\/(?:protecteditems|(?:deleted)?backupinstances)\/[^/]+$/i;

/** Every item, as after a deletion that can still be undone, or after a stop; undefined where there is none. */
function inactive(recording: string, state: string): string | undefined {
  let any = false;
  const lines = recording.split('\n').map((line) => {
    if (line === '') return line;
    const entry = JSON.parse(line);
    const { id, properties } = entry.row ?? {};
    if (!isItem.test(String(id))) return line;
    any = true;
    const stop = { protectionState: 'ProtectionStopped', currentProtectionState: 'ProtectionStopped' };
    entry.row.properties = { ...properties, ...stop };
    if (state === 'softly deleted') {
      entry.row.id = id.replace(/\/backupinstances\//i, '/deletedBackupInstances/');
      entry.row.properties.isScheduledForDeferredDelete = true;
    }
    return JSON.stringify(entry);
  });
  return any ? lines.join('\n') : undefined;
}

interface Compared {
  /** undefined: it tells the same. */
  readonly found: { readonly tells: 'less' | 'other' | 'nothing'; readonly what: string } | undefined;
  readonly misplaced: readonly string[];
  readonly shown: readonly string[];
}

async function compared(fixture: Fixture): Promise<Compared> {
  const io = fixtureIo(fixture);
  const options = await optionsIn(io, { only: [fixture.code], showUndetermined: true });
  const read = await readModels(options, io);
  const [configuration] = read.configurations;
  const recorded = async (missing: Missing): Promise<(Recorded & { run: Run }) | undefined> => {
    const recording = inventoryOf(configuration!, missing);
    if (!recording) return undefined;
    const log: Diagnostic[] = [];
    const inventory = readInventory('fixture.inventory.jsonl', [new TextEncoder().encode(recording.text)], log)!;
    const run = await judgeLive(liveConfigurations(inventory), asWritten(options), io, '0.0.0', log);
    expect(log, `${fixture.code}/${fixture.name}`).toEqual([]);
    return { ...recording, run };
  };
  if (fixture.kind === 'unknown') {
    const ways = [await recorded('untold'), await recorded('unread')].filter((one) => one !== undefined);
    return { found: silence(fixture, ways), misplaced: [], shown: [] };
  }
  const { ids, run } = (await recorded('nothing'))!;
  const twin = await judge(read, options, io, '0.0.0');
  const spelt = byAddress(ids);
  const findings = run.findings.map((finding) => ({ finding, text: spelt(said(finding)) }));
  const source = twin.findings.map((finding) => ({ finding, text: said(finding) }));
  const missing = without(source, findings);
  const more = without(findings, source);
  const what = [...more, ...missing].map(({ text }) => text).join('; ');
  return {
    found: more.length > 0 ? { tells: 'other', what } : missing.length > 0 ? { tells: 'less', what } : undefined,
    misplaced: findings.flatMap(({ finding, text }) => {
      const attribute = attributeOf(source.find((one) => one.text === text)?.finding);
      return attribute === undefined || isAt(finding, attribute) ? [] : [`${text} is not at ${attribute}`];
    }),
    shown: placesOf(run.findings),
  };
}

/** With the words for code: what is said of what exists need not be the same. */
function asWritten(options: Options): Options {
  const rules = options.rules.map((active) => {
    const { when, checks, sources, texts } = active.rule;
    const plain = Object.fromEntries(Object.entries(texts).map(([language, { live: _, ...rest }]) => [language, rest]));
    return { ...active, rule: { ...active.rule, ...(when && { when }), checks, sources, texts: plain } };
  });
  return { ...options, rules };
}

/** What is not known gives no finding, whichever way it is not, and in one of them the rule says that it cannot tell. */
function silence({ code }: Fixture, ways: readonly { readonly run: Run }[]): Compared['found'] {
  const findings = ways.flatMap(({ run }) => run.findings);
  if (findings.length > 0) return { tells: 'other', what: findings.map(said).join('; ') };
  const isUndetermined = ways.some(({ run }) => run.undetermined.some((entry) => entry.code === code));
  return isUndetermined ? undefined : { tells: 'nothing', what: 'it is silent as if all were known' };
}

/** In an audit it is Azure that does not tell what is not written in code. */
function said({ resource, message }: Finding): string {
  return `${resource.type === 'workspace' ? 'workspace' : resource.address}: ${message.replaceAll('not told', 'not written')}`;
}

/** With the addresses of the template instead of ids. */
function byAddress(ids: ReadonlyMap<string, string>): (text: string) => string {
  const addresses = new Map([...ids].map(([address, id]) => [id.toLowerCase(), address]));
  return (text) =>
    text.replace(/\/subscriptions\/[^\s:,]+?(?=[.,:]?(?:\s|$))/g, (id) => addresses.get(id.toLowerCase()) ?? id);
}

function without<T extends { readonly text: string }>(all: readonly T[], some: readonly T[]): T[] {
  const rest = [...all];
  for (const { text } of some) {
    const i = rest.findIndex((one) => one.text === text);
    if (i >= 0) rest.splice(i, 1);
  }
  return rest;
}

/** Where the template has it: the member whose line it is. What is missing is at the name, what Azure adds in the row alone. */
function attributeOf(finding: Finding | undefined): string | undefined {
  if (!finding || !isSpan(finding.at)) return undefined;
  const { source, start } = finding.at;
  const name = /^\s*"([\w.$-]+)":/.exec(source.text.split('\n')[source.position(start).line - 1]!)?.[1];
  // Of a parameter, a variable or a loop.
  return name === undefined || /^(?:name|parameters|defaultValue|value|input|state)$/.test(name) ? undefined : name;
}

/** What only a template has, and what Azure answers instead. */
const answered: Readonly<Record<string, string>> = { createMode: 'replicationRole' };

function isAt({ at }: Finding, attribute: string): boolean {
  const wanted = (answered[attribute] ?? attribute).toLowerCase();
  return !isSpan(at) && at.path.toLowerCase().split('/').includes(wanted);
}
