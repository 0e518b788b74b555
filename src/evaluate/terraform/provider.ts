/**
 * Which provider versions a configuration allows: version constraints of every module in it, and the lock file.
 * Facts about names that a version lacks are only told when the whole allowed range lacks them.
 */
import { join } from 'node:path';
import type { Expression } from '../../parse/expression.ts';
import type { Reader } from '../../source/reader.ts';
import type { Origin } from '../../source/source.ts';
import type { Provider } from '../resource.ts';
import { literalOf, parseFile, type TerraformModule } from './module.ts';

export type Version = readonly [number, number, number];

export interface Range {
  at?: Origin;
  atLeast?: Version;
  below?: Version;
  exact?: Version;
}

/** Ranges by provider local name. Constraints of several modules must hold together. */
export class ProviderVersions {
  readonly #ranges = new Map<string, Range>();

  /** Adds the `required_providers` of one module. */
  add(module: TerraformModule): void {
    for (const { name, value } of module.required) {
      const constraint = constraintOf(value);
      if (constraint) this.addConstraint(name, constraint.text, constraint.at);
    }
    for (const block of module.providers) {
      const version = block.body.attributes.find((attribute) => attribute.name === 'version')?.value;
      const text = literalOf(version);
      if (text !== undefined && block.labels[0]) this.addConstraint(block.labels[0].text, text, version!);
    }
  }

  /** Reads `.terraform.lock.hcl` of the root module: the version that will really be used. */
  lock(folder: string, reader: Reader): void {
    const path = join(folder, '.terraform.lock.hcl');
    if (reader.files.info(path)?.kind !== 'file') return;
    for (const block of parseFile(path, reader)?.tree.body.blocks ?? []) {
      const version = block.body.attributes.find((attribute) => attribute.name === 'version')?.value;
      const written = literalOf(version) ?? '';
      const parsed = parseVersion(written);
      const name = block.labels[0]?.text.split('/').at(-1);
      if (parsed && name) this.#ranges.set(name, { ...only(parsed, written.includes('-')), at: version! });
    }
  }

  get(name: string): Provider {
    return { name, ...this.#ranges.get(name) };
  }

  /** Takes in one more version constraint; all must hold together. */
  addConstraint(name: string, constraint: string, at: Origin): void {
    const before = this.#ranges.get(name) ?? {};
    const after = narrowed(before, constraint);
    const place = before.at ?? (after.exact || after.atLeast || after.below ? at : undefined);
    this.#ranges.set(name, { ...after, ...(place && { at: place }) });
  }
}

/** The versions that a constraint allows; all where it cannot be read. */
export function rangeOf(constraint: string): Range {
  return narrowed({}, constraint);
}

/** Whether a constraint allows a version; a constraint that cannot be read allows everything. */
export function allows(constraint: string, written: string): boolean {
  const version = parseVersion(written);
  if (!version) return true;
  const { exact, atLeast, below } = narrowed({}, constraint);
  if (exact && compareVersions(version, exact) !== 0) return false;
  if (atLeast && compareVersions(version, atLeast) < 0) return false;
  return !below || compareVersions(version, below) < 0;
}

function narrowed(before: Range, constraint: string): Range {
  const range: Range = { ...before };
  for (const part of constraint.split(',')) {
    const match = /^\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})(-[0-9A-Za-z.-]+)?\s*$/.exec(part);
    if (!match) continue;
    const given = match[2]!.split('.').map(Number);
    const version = filled(given);
    // A pre-release lies below its release, and what it lacks already is not known.
    const least = match[3] === undefined ? version : justBelow(version);
    const raise = (to: Version): void => {
      if (!range.atLeast || compareVersions(to, range.atLeast) > 0) range.atLeast = to;
    };
    const lower = (to: Version): void => {
      if (!range.below || compareVersions(to, range.below) < 0) range.below = to;
    };
    const after = justAbove(version);
    switch (match[1] ?? '=') {
      case '=':
        Object.assign(range, range.exact ? {} : only(version, match[3] !== undefined));
        break;
      case '>=':
        raise(least);
        break;
      case '>':
        raise(match[3] === undefined ? after : least);
        break;
      case '<':
        lower(version);
        break;
      case '<=':
        lower(after);
        break;
      case '~>':
        raise(least);
        lower(given.length <= 2 ? [version[0] + 1, 0, 0] : [version[0], version[1] + 1, 0]);
        break;
    }
  }
  return range;
}

function constraintOf(value: Expression): { text: string; at: Origin } | undefined {
  if (value.kind === 'literal' && typeof value.value === 'string') return { text: value.value, at: value };
  if (value.kind !== 'object') return undefined;
  for (const entry of value.entries)
    if (entry.key?.kind === 'literal' && entry.key.value === 'version') {
      const text = literalOf(entry.value);
      if (text !== undefined) return { text, at: entry.value };
    }
  return undefined;
}

/** One version alone; of a pre-release only the neighbourhood is told. */
function only(version: Version, isPreRelease: boolean): Pick<Range, 'exact' | 'atLeast' | 'below'> {
  return isPreRelease ? { atLeast: justBelow(version), below: justAbove(version) } : { exact: version };
}

/** Above everything that is lower in the last part that is not 0. */
function justBelow([major, minor, patch]: Version): Version {
  const most = Number.MAX_SAFE_INTEGER;
  if (patch > 0) return [major, minor, patch - 1];
  if (minor > 0) return [major, minor - 1, most];
  return major > 0 ? [major - 1, most, most] : [0, 0, 0];
}

function justAbove([major, minor, patch]: Version): Version {
  return [major, minor, patch + 1];
}

function filled(parts: readonly number[]): Version {
  return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
}

export function parseVersion(text: string): Version | undefined {
  return /^\d+(\.\d+){0,2}/.test(text) ? filled(text.split('-')[0]!.split('.').map(Number)) : undefined;
}

export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
