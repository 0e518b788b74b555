/** Real code: every family of datasources and backup resources that the corpus holds comes out with facts. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { settleOptions } from '../../src/config.ts';
import { encode } from '../../src/evaluate/value.ts';
import { nodeIo } from '../../src/io.ts';
import { readModels } from '../../src/lint.ts';
import type { View } from './views.ts';

const corpus = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const present = existsSync(corpus);
if (!present) console.warn('The shared corpus is not there: its datasources and policies are not looked at.');

const io = { ...nodeIo(), cwd: corpus };
const views: { readonly subject: string; readonly view: View }[] = [];

beforeAll(async () => {
  if (!present) return;
  const { models } = await readModels(settleOptions(['terraform', 'arm'], {}, catalogue(), io), io);
  for (const model of models)
    for (const entity of model.entities) views.push({ subject: entity.subject, view: encode(entity.view) });
}, 120_000);

const of = (subject: string, test: (view: View) => boolean): View[] =>
  views.filter((one) => one.subject === subject && test(one.view)).map((one) => one.view);
const isKnown = (fact: unknown): boolean =>
  fact !== undefined && JSON.stringify(fact)?.includes('"$unknown"') === false;

describe.skipIf(!present)('families of the corpus', () => {
  test.each([
    ['azure-disk', ['sku', 'createOption', 'shares']],
    ['storage-account', ['accountKind', 'sku', 'hierarchicalNamespace']],
    ['azure-files', ['protocol', 'quotaGb']],
    ['postgresql', ['service', 'version', 'replica']],
    ['mysql', ['service', 'geoRedundantBackup', 'replica']],
    ['aks', ['identity', 'nodePools', 'private']],
    ['sql-in-vm', ['machineReference']],
  ])('%s', (kind, facts) => {
    const found = of('datasource', (view) => view.kind === kind);
    expect(found.length).toBeGreaterThan(0);
    // Each fact is told of one at least, with a value.
    for (const fact of facts) expect([fact, found.some((view) => isKnown(view[fact]))]).toEqual([fact, true]);
  });

  test.each([
    ['azure-vm', ['schedule', 'retention', 'rpo']],
    ['azure-files', ['tier', 'schedule', 'retention', 'rpo']],
    ['sql-in-vm', ['subPolicies', 'full', 'log', 'rpo']],
    ['azure-disk', ['schedule', 'retention', 'operational', 'tiers', 'rpo']],
    ['azure-blob', ['retention', 'tiers']],
    ['postgresql', ['schedule', 'retention', 'vaulted', 'rpo']],
    ['aks', ['schedule', 'retention', 'tiers']],
  ])('policies of %s', (solution, facts) => {
    const found = of('policy', (view) => view.solution === solution);
    expect(found.length).toBeGreaterThan(0);
    for (const fact of facts) expect([fact, found.some((view) => isKnown(view[fact]))]).toEqual([fact, true]);
  });

  test.each(['container', 'snapshot', 'resource-guard'])('%s', (subject) => {
    const found = of(subject, () => true);
    expect(found.length).toBeGreaterThan(0);
    for (const view of found) expect(Object.keys(view).length).toBeGreaterThan(2);
  });
});
