/**
 * Names of VM sizes, read by their documented scheme: family, cores, features, version (`Standard_D4ads_v6`).
 * Takes the size as written, and of an audit what Azure says of it; gives what backup asks of it. What the scheme does not settle is
 * unknown, never guessed.
 */
import { reasonOf, type Value } from '../evaluate/value.ts';
import { computed, type Fact, numberIn, pick, textOf, undecided } from './facts.ts';

interface Size {
  /** Upper case. */
  readonly family: string;
  readonly cores: number;
  /** Of sizes that leave some of them out. */
  readonly activeCores: number;
  /** Lower case letters: `s` premium storage, `a` AMD, `p` Arm. */
  readonly features: string;
  readonly version: number;
}

const scheme = /^(?:Standard|Basic)_([A-Z]+?)(\d+)(?:-(\d+))?([a-z]*)((?:_[a-z0-9]+)*)$/i;

function read(name: string): Size | undefined {
  const match = scheme.exec(name);
  if (!match) return undefined;
  const version = /_v(\d+)(?:_|$)/i.exec(match[5]!)?.[1];
  return {
    family: match[1]!.toUpperCase(),
    cores: Number(match[2]),
    activeCores: Number(match[3] ?? match[2]),
    features: match[4]!.toLowerCase(),
    version: version === undefined ? 1 : Number(version),
  };
}

/** Answers a question about a size; undefined where its name does not tell. */
function ask<T extends string | number | boolean>(
  size: Fact | undefined,
  unread: string | undefined,
  question: string,
  answer: (size: Size) => T | undefined,
): Fact | undefined {
  if (!size) return undefined;
  const name = textOf(size.value);
  const known = name === undefined ? undefined : read(name);
  const found = known && answer(known);
  if (found === undefined)
    return undecided(
      (name === undefined && reasonOf(size.value)) || (unread ?? `the size does not tell ${question}`),
      size.at,
    );
  // As if it were written where the size is.
  return { at: size.at, value: { ...computed(found, size.value.at).value, via: size.value.via } };
}

/** Families whose number is that of the cores; of others (D11, A7, G1) the first size alone would be read wrongly. */
const oneCore = new Set(['A', 'B', 'D', 'DC', 'DS', 'F']);

/** `told`: what Azure says that a size has, which its name may not tell; `unread`: why an audit has not read that. */
export function sizeFacts(
  size: Fact | undefined,
  told: Value | undefined,
  unread: string | undefined,
): Record<string, Fact | undefined> {
  const cores = told && pick(told, 'cores', false);
  const count = numberIn(cores?.value);
  return {
    singleCore:
      count !== undefined
        ? computed(count === 1, cores!.at)
        : ask(size, unread, 'how many cores it has', ({ family, cores }) =>
            cores > 1
              ? false
              : cores === 0
                ? family === 'A'
                  ? true
                  : undefined
                : oneCore.has(family)
                  ? true
                  : undefined,
          ),
    premiumStorage:
      (told && pick(told, 'premiumStorage', false)) ??
      ask(size, unread, 'whether it takes premium storage', takesPremium),
    tooNewForCrashConsistent: ask(size, undefined, 'its generation', isTooNew),
  };
}

function takesPremium({ family, cores, features, version }: Size): boolean {
  if (features.includes('s') || family === 'DS' || family === 'GS') return true;
  return family === 'M' && version === 1 && /^m?$/.test(features) && (cores === 64 || cores === 128);
}

/** Intel from version 6 on and AMD from 7 on; of Arm, GPU and memory sizes of those versions nothing is said. */
function isTooNew({ family, features, version }: Size): boolean | undefined {
  if (family === 'E' && features.includes('b')) return undefined;
  if (version < 6) return false;
  if (!/^(?:[DEF]|DC|EC)$/.test(family) || features.includes('p')) return undefined;
  return features.includes('a') ? version >= 7 : true;
}

/** The processor of a node: of newer GPU sizes some are Arm without saying so. */
export function architectureOf(size: Fact | undefined): Fact | undefined {
  return ask(size, undefined, 'its processor', ({ family, features, version }) =>
    features.includes('p') ? 'Arm64' : family.startsWith('N') && version >= 6 ? undefined : 'x64',
  );
}

/** Families that carry the number of their cores in their names, in every version or from one on. */
const counted: Readonly<Record<string, number>> = {
  A: 2,
  B: 1,
  D: 3,
  DC: 1,
  E: 3,
  EC: 1,
  F: 1,
  FX: 1,
  L: 1,
  M: 1,
};

/**
 * How many cores a size gives, and the least memory that goes with them: of these families none has less than 2 GB for a core
 * (learn.microsoft.com/azure/virtual-machines/sizes/overview).
 */
export function capacityOf(
  size: Fact | undefined,
  told: Value | undefined,
  unread: string | undefined,
): Record<'cores' | 'memoryGb', Fact | undefined> {
  const coresOf = ({ family, activeCores, version }: Size): number | undefined =>
    activeCores > 0 && version >= (counted[family] ?? Number.POSITIVE_INFINITY) ? activeCores : undefined;
  return {
    cores: (told && pick(told, 'cores', false)) ?? ask(size, unread, 'how many cores it has', coresOf),
    memoryGb:
      (told && pick(told, 'memoryGb', false)) ??
      ask(size, unread, 'how much memory it has', (known) => {
        const cores = coresOf(known);
        // With few cores it depends on more than the family.
        return cores === undefined || cores < 4 ? undefined : 2 * cores;
      }),
  };
}
