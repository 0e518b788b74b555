/**
 * Bicep files of the corpus against the templates that the official compiler made of them: the same resources, and where backup
 * is in them the same model and the same findings. Runs where the corpus is there.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogue, knownModules, removedNames } from '../../src/catalogue.ts';
import { check } from '../../src/check/check.ts';
import { settleOptions } from '../../src/config.ts';
import { Gaps } from '../../src/evaluate/gaps.ts';
import { nodeIo } from '../../src/io.ts';
import { withElsewhere } from '../../src/model/elsewhere.ts';
import { normalise } from '../../src/model/normalise.ts';
import { harvestModules, leavesOutExisting, type Pair, readBicep, readTemplate, type Side } from '../bicep-pair.ts';
import {
  compareEntities,
  compareResources,
  type Difference,
  type Modelled,
  withoutAddresses,
} from '../resources-equal.ts';

const corpus = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const present = existsSync(corpus);
if (!present)
  console.warn('The shared corpus is not there: Bicep files are not compared with their compiled templates.');

interface Listed {
  readonly bicep: string;
  readonly arm: string;
  readonly backup_solutions?: readonly string[];
  readonly local_references_missing?: readonly string[];
}

interface Stale {
  readonly because: string;
  /** Beginnings of `type path`; without them anything may differ. */
  readonly at?: readonly string[];
}

const stale = JSON.parse(
  readFileSync(fileURLToPath(new URL('../bicep-pairs.stale.json', import.meta.url)), 'utf8'),
) as Readonly<Record<string, Stale>>;

/** What is known to differ, since the template is not what the Bicep file compiles to. */
function staleIn({ bicep, arm }: Listed): Stale | undefined {
  const name = `${bicep} ${basename(arm)}`;
  return Object.entries(stale).find(([path]) => name.endsWith(path))?.[1];
}

const pairs = present
  ? (JSON.parse(readFileSync(join(corpus, 'manifest.json'), 'utf8')) as { oracle_pairs: { pairs: Listed[] } })
      .oracle_pairs.pairs
  : [];
const backup = pairs.filter((pair) => (pair.backup_solutions ?? []).length > 0);
const home = mkdtempSync(join(tmpdir(), 'bicep-pairs-'));
afterAll(() => rmSync(home, { recursive: true }));

const io = nodeIo();
const { rules } = settleOptions([], {}, catalogue(), { ...io, cwd: tmpdir() });

interface Read {
  readonly bicep: Side;
  readonly arm: Side;
}

const read = new Map<string, Read>();

/** Modules of a registry are those that the compiler has built into the template. */
function both(listed: Listed): Read {
  const known = read.get(listed.bicep);
  if (known) return known;
  const pair: Pair = { bicep: join(corpus, listed.bicep), arm: join(corpus, listed.arm) };
  const own = mkdtempSync(join(home, 'home-'));
  harvestModules(pair, own, corpus);
  const options = { root: corpus, home: own };
  const result = { bicep: readBicep(pair, options), arm: readTemplate(pair, options) };
  read.set(listed.bicep, result);
  return result;
}

function modelOf({ configuration, log }: Side): Modelled {
  const facts = { removedNames: removedNames(), modules: knownModules() };
  const [model] = withElsewhere([normalise(new Gaps([...log]).with(configuration), facts)]);
  return { configuration, model: model! };
}

function findingsOf({ configuration, model }: Modelled): string[] {
  return check(model.entities, rules, 'en')
    .findings.map(
      ({ code, severity, message, resource }) =>
        `${code} ${severity} ${resource.type}: ${withoutAddresses(message, configuration)}`,
    )
    .sort();
}

function titled(listed: readonly Listed[]): [string, Listed][] {
  return listed.map((pair) => [pair.bicep.replace(/^bicep\//, ''), pair]);
}

describe.skipIf(!present)('a Bicep file and its compiled template', () => {
  test('there are enough of them', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(58);
    expect(backup.length).toBeGreaterThanOrEqual(19);
  });

  test.each(titled(pairs.filter((pair) => !pair.local_references_missing?.length)))(
    '%s declares the same resources',
    (_, listed) => {
      const { bicep, arm } = both(listed);
      const template = JSON.parse(readFileSync(join(corpus, listed.arm), 'utf8'));
      const { differences, resources } = compareResources(bicep.configuration, arm.configuration, {
        existingOptional: leavesOutExisting(template),
      });
      expect(resources).toBeGreaterThan(0);
      const known = staleIn(listed);
      const explained = ({ resource, path }: Difference): boolean =>
        known !== undefined &&
        (known.at ?? ['']).some((place) => `${resource.split(' ')[0]} ${path}`.startsWith(place));
      expect(differences.filter((difference) => !explained(difference))).toEqual([]);
    },
  );

  test.each(titled(backup))('%s gives the same model and findings', (_, listed) => {
    const { bicep, arm } = both(listed);
    const [left, right] = [modelOf(bicep), modelOf(arm)];
    expect(right.model.entities.length).toBeGreaterThan(0);
    expect(compareEntities(left, right)).toEqual([]);
    expect(findingsOf(left)).toEqual(findingsOf(right));
  });
});
