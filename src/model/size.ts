/**
 * Names of VM sizes, read by their documented scheme: family, cores, features, version (`Standard_D4ads_v6`).
 * Takes the size as written; gives what backup asks of it. What the scheme does not settle is unknown, never guessed.
 */
import { reasonOf } from '../evaluate/value.ts';
import { computed, type Fact, textOf, undecided } from './facts.ts';

interface Size {
  /** Upper case. */
  readonly family: string;
  readonly cores: number;
  /** Lower case letters: `s` premium storage, `a` AMD, `p` Arm. */
  readonly features: string;
  readonly version: number;
}

const scheme = /^(?:Standard|Basic)_([A-Z]+?)(\d+)(?:-\d+)?([a-z]*)((?:_[a-z0-9]+)*)$/i;

function read(name: string): Size | undefined {
  const match = scheme.exec(name);
  if (!match) return undefined;
  const version = /_v(\d+)(?:_|$)/i.exec(match[4]!)?.[1];
  return {
    family: match[1]!.toUpperCase(),
    cores: Number(match[2]),
    features: match[3]!.toLowerCase(),
    version: version === undefined ? 1 : Number(version),
  };
}

/** Answers a question about a size; undefined where its name does not tell. */
function ask<T extends string | boolean>(
  size: Fact | undefined,
  question: string,
  answer: (size: Size) => T | undefined,
): Fact | undefined {
  if (!size) return undefined;
  const name = textOf(size.value);
  const known = name === undefined ? undefined : read(name);
  const found = known && answer(known);
  if (found === undefined)
    return undecided((name === undefined && reasonOf(size.value)) || `the size does not tell ${question}`, size.at);
  // As if it were written where the size is.
  return { at: size.at, value: { ...computed(found, size.value.at).value, via: size.value.via } };
}

/** Families whose number is that of the cores; of others (D11, A7, G1) the first size alone would be read wrongly. */
const oneCore = new Set(['A', 'B', 'D', 'DC', 'DS', 'F']);

export function sizeFacts(size: Fact | undefined): Record<string, Fact | undefined> {
  return {
    singleCore: ask(size, 'how many cores it has', ({ family, cores }) =>
      cores > 1 ? false : cores === 0 ? (family === 'A' ? true : undefined) : oneCore.has(family) ? true : undefined,
    ),
    premiumStorage: ask(size, 'whether it takes premium storage', takesPremium),
    tooNewForCrashConsistent: ask(size, 'its generation', isTooNew),
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
  return ask(size, 'its processor', ({ family, features, version }) =>
    features.includes('p') ? 'Arm64' : family.startsWith('N') && version >= 6 ? undefined : 'x64',
  );
}
