/**
 * The same estate as source, as plan and as state: one model and one set of findings.
 * What differs stands in estates.differences.json, each with its reason: a plan or state knows more, or a plan that stands alone
 * says less than the source. A new difference fails, and so does one that is gone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { settleOptions } from '../src/config.ts';
import { encode } from '../src/evaluate/value.ts';
import { lint, readModels } from '../src/lint.ts';
import type { Model } from '../src/model/model.ts';
import type { Finding } from '../src/source/run.ts';
import { isSpan } from '../src/source/source.ts';
import { fixturesFolder } from './fixture.ts';
import { memoryIo } from './memory.ts';

const folder = join(fixturesFolder, 'estates');
const estates = readdirSync(folder).sort();

interface Difference {
  /** Which of the forms it is about. */
  readonly in: 'plan' | 'state';
  /** Where in the model, as a regular expression over `subject address /path`. */
  readonly at: string;
  readonly because: string;
}

const listed = JSON.parse(
  readFileSync(fileURLToPath(new URL('estates.differences.json', import.meta.url)), 'utf8'),
) as Readonly<Record<string, readonly Difference[]>>;

type Files = Record<string, string>;

function filesOf(estate: string, wanted: (name: string) => boolean): Files {
  const files: Files = {};
  for (const name of readdirSync(join(folder, estate), { recursive: true, encoding: 'utf8' }))
    if (/\.(tf|json)$/.test(name) && wanted(name))
      files[`/repo/${name}`] = readFileSync(join(folder, estate, name), 'utf8');
  return files;
}

const source = (name: string): boolean => name.endsWith('.tf');

/** The facts of every entity by `subject address`; a workspace has no address of its own. */
async function modelOf(files: Files): Promise<Map<string, unknown>> {
  const io = memoryIo(files);
  const { models } = await readModels(settleOptions([], {}, catalogue(), io), io);
  const [model] = models as [Model];
  const facts = new Map<string, unknown>();
  // What a provider refuses is no fact of the estate; the findings tell of it.
  for (const { subject, resource, view } of model.entities)
    if (subject !== 'provider-config')
      facts.set(`${subject} ${subject === 'workspace' ? '' : resource.address}`, encode(view));
  return facts;
}

function* differences(path: string, a: unknown, b: unknown): Generator<string> {
  const [left, right] = [a, b] as Record<string, unknown>[];
  if (left && right && typeof a === 'object' && typeof b === 'object' && Array.isArray(a) === Array.isArray(b))
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      yield* differences(`${path}/${key}`, left[key], right[key]);
  else if (a !== b) yield `${path}: ${JSON.stringify(a)} -> ${JSON.stringify(b)}`;
}

async function findingsOf(files: Files): Promise<readonly Finding[]> {
  const io = memoryIo(files);
  const run = await lint(settleOptions([], {}, catalogue(), io), io, '0.0.0');
  expect(run.diagnostics).toEqual([]);
  return run.findings;
}

const told = ({ code, resource, message }: Finding): string =>
  `${code} ${resource.type === 'workspace' ? '' : resource.address}: ${message}`;

test('there are enough estates', () => {
  expect(estates.length).toBeGreaterThanOrEqual(12);
  expect(Object.keys(listed).filter((name) => name !== '*' && !estates.includes(name))).toEqual([]);
});

describe.each(estates)('%s', (estate) => {
  test.each(['plan', 'state'] as const)('the %s gives the same model', async (form) => {
    const written = await modelOf(filesOf(estate, source));
    const read = await modelOf(filesOf(estate, (name) => name === `${form}.json`));
    const found = [...differences('', Object.fromEntries(written), Object.fromEntries(read))].map((one) =>
      one.slice(1),
    );
    const own = (listed[estate] ?? []).filter((one) => one.in === form);
    const reasons = [...own, ...listed['*']!.filter((one) => one.in === form)];
    const matches = ({ at }: Difference, difference: string): boolean =>
      new RegExp(at).test(difference.split(': ')[0]!);
    expect(found.filter((difference) => !reasons.some((reason) => matches(reason, difference)))).toEqual([]);
    expect(own.filter((reason) => !found.some((difference) => matches(reason, difference)))).toEqual([]);
  });

  test.each(['plan', 'state'])(
    'the %s gives the same findings, and beside the source they are told once',
    async (form) => {
      const written = await findingsOf(filesOf(estate, source));
      const alone = await findingsOf(filesOf(estate, (name) => name === `${form}.json`));
      // Of states nobody asks what a provider would refuse.
      const rules = new Map(catalogue().map((rule) => [rule.code, rule]));
      const asked = written.filter(({ code }) => rules.get(code)!.inputs.includes(form));
      expect(alone.map(told).sort()).toEqual(asked.map(told).sort());
      const both = await findingsOf(filesOf(estate, (name) => source(name) || name === `${form}.json`));
      expect(both.map(told).sort()).toEqual(written.map(told).sort());
      const files = both.map(({ at }) => (isSpan(at) ? at.source.file : ''));
      expect(files.filter((file) => !file.endsWith('.tf'))).toEqual([]);
    },
  );
});

test('the estates that are wrong have findings', async () => {
  const codes = new Set<string>();
  for (const estate of estates) for (const { code } of await findingsOf(filesOf(estate, source))) codes.add(code);
  expect(codes.size).toBeGreaterThanOrEqual(10);
});
