/**
 * Calls of Azure Verified Modules, read two ways: with the module beside the call, and as a reference to the registry, where the call alone
 * says what it makes. What the second way claims must be what the first one finds.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { encode } from '../../src/evaluate/value.ts';
import { readModels } from '../../src/lint.ts';
import { memoryIo } from '../memory.ts';

const corpus = fileURLToPath(new URL('../../../shared/corpus/bicep/bicep-registry-modules', import.meta.url));
const isHere = existsSync(corpus);
if (!isHere)
  console.warn('no corpus of bicep-registry-modules: calls of known modules are not compared with the modules');

/** The modules of the corpus, at the newest version that was looked up. */
const newest: Readonly<Record<string, string>> = {
  'avm/res/recovery-services/vault': '0.13.0',
  'avm/res/data-protection/backup-vault': '0.13.2',
  'avm/res/compute/virtual-machine': '0.22.2',
};

type Files = Readonly<Record<string, string>>;

function filesIn(folder: string, to = '/repo'): Files {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) Object.assign(files, filesIn(path, `${to}/${entry.name}`));
    else if (entry.name.endsWith('.bicep')) files[`${to}/${entry.name}`] = readFileSync(path, 'utf8');
  }
  return files;
}

interface Case {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  readonly files: Files;
  readonly path: string;
}

function casesIn(files: Files, versionOf: (module: string) => string | undefined): Case[] {
  return Object.keys(files).flatMap((path) => {
    const [, module = '', test] = /^\/repo\/(.+)\/tests\/e2e\/([^/]+)\/main\.test\.bicep$/.exec(path) ?? [];
    const version = versionOf(module);
    return version === undefined ? [] : [{ name: `${module}:${version} ${test}`, module, version, files, path }];
  });
}

const cases = isHere ? casesIn(filesIn(corpus), (module) => newest[module]) : [];
// All versions that rules/modules speaks of: BICEP_MODULES names a folder of folders, each called after a version and a dash, with what
// `git archive avm/res/X/VERSION avm/res/X` gives of Azure/bicep-registry-modules.
const tags = process.env['BICEP_MODULES'];
if (tags !== undefined)
  for (const name of readdirSync(tags))
    cases.push(...casesIn(filesIn(join(tags, name)), (module) => (module === '' ? undefined : name.split('-')[0])));

interface Seen {
  readonly key: string;
  readonly subject: string;
  readonly presence: string;
  readonly view: unknown;
}

async function model(files: Files, path: string, text: string): Promise<Seen[]> {
  const io = memoryIo({ ...files, [path]: text });
  const { models } = await readModels(settleOptions([path], {}, catalogue(), io), io);
  expect(models).toHaveLength(1);
  return models[0]!.entities
    .filter(({ subject }) => ['vault', 'policy', 'protected-item', 'datasource'].includes(subject))
    .map(({ subject, resource, view }) => ({
      key: `${subject} ${resource.address}`,
      subject,
      presence: resource.presence,
      view: encode(view),
    }));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** A name for something is no claim about what it is. */
const isOpen = (value: unknown): boolean => isObject(value) && ('$unknown' in value || '$symbol' in value);

/** Where a view claims what another one does not say, as paths. */
function contradictions(claimed: unknown, found: unknown, path: string): string[] {
  const [left, right] = [claimed, found].map((value) => JSON.stringify(value));
  if (isOpen(claimed) || left === right) return [];
  if (isObject(claimed) && Array.isArray(claimed['$oneOf'])) {
    const tried = claimed['$oneOf'].map((one) => contradictions(one, found, path));
    return tried.some((wrong) => wrong.length === 0) ? [] : tried[0]!;
  }
  // The tests deploy the same thing twice.
  if (isObject(found) && Array.isArray(found['$oneOf']))
    return found['$oneOf'].flatMap((one) => contradictions(claimed, one, path));
  // Lower bounds, see docs/model.md.
  if (/\.diskTotals\.(?:count|atLeastGb)$/.test(path) && Number(claimed) <= Number(found)) return [];
  if (isObject(claimed) && isObject(found) && !isOpen(found))
    return [...new Set([...Object.keys(claimed), ...Object.keys(found)])].flatMap((key) =>
      // What is left out is claimed not to be there.
      contradictions(claimed[key], found[key], `${path}.${key}`),
    );
  if (Array.isArray(claimed) && Array.isArray(found)) {
    const certain = claimed.filter((item) => !isOpen(item));
    if (certain.length < claimed.length)
      return certain.flatMap((item, i) =>
        found.some((other) => contradictions(item, other, '').length === 0) ? [] : [`${path}[${i}] is not found`],
      );
    if (claimed.length === found.length)
      return claimed.flatMap((item, i) => contradictions(item, found[i], `${path}[${i}]`));
  }
  return [`${path}: ${left} is claimed, ${right} is found`];
}

describe.skipIf(!isHere)('a call of a known module', () => {
  it('is there to be compared', () => {
    expect(cases.length).toBeGreaterThan(15);
  });

  it.each(cases)('says nothing but what the module does: $name', async ({ module, version, files, path }) => {
    const text = files[path]!;
    const call = text.replace(/'(?:\.\.\/){3}main\.bicep'/g, `'br/public:${module}:${version}'`);
    expect(call).not.toBe(text);
    const found = new Map((await model(files, path, text)).map((one) => [one.key, one]));
    const claimed = await model(files, path, call);
    const wrong = claimed.flatMap((one) => {
      const other = found.get(one.key);
      if (!other) return [`${one.key} is not there`];
      return contradictions(one, other, '');
    });
    expect(wrong).toEqual([]);
    const missing = [...found.keys()].filter(
      (key) => !claimed.some((one) => one.key === key) && !/ microsoft\.compute\/disks|managedDataDisks/i.test(key),
    );
    expect(missing).toEqual([]);
  });
});
