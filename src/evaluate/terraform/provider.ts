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

interface Range {
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
      if (constraint) this.#narrow(name, constraint.text, constraint.at);
    }
    for (const block of module.providers) {
      const version = block.body.attributes.find((attribute) => attribute.name === 'version')?.value;
      const text = literalOf(version);
      if (text !== undefined && block.labels[0]) this.#narrow(block.labels[0].text, text, version!);
    }
  }

  /** Reads `.terraform.lock.hcl` of the root module: the version that will really be used. */
  lock(folder: string, reader: Reader): void {
    const path = join(folder, '.terraform.lock.hcl');
    if (reader.files.info(path)?.kind !== 'file') return;
    for (const block of parseFile(path, reader)?.tree.body.blocks ?? []) {
      const version = block.body.attributes.find((attribute) => attribute.name === 'version')?.value;
      const parsed = parseVersion(literalOf(version) ?? '');
      const name = block.labels[0]?.text.split('/').at(-1);
      if (parsed && name) {
        const range = this.#ranges.get(name) ?? {};
        this.#ranges.set(name, { ...range, exact: parsed, at: version! });
      }
    }
  }

  get(name: string): Provider {
    return { name, ...this.#ranges.get(name) };
  }

  #narrow(name: string, constraint: string, at: Origin): void {
    const range: Range = { ...this.#ranges.get(name) };
    for (const part of constraint.split(',')) {
      const match = /^\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})(-[0-9A-Za-z.-]+)?\s*$/.exec(part);
      if (!match) continue;
      const given = match[2]!.split('.').map(Number);
      const version = filled(given);
      const raise = (to: Version): void => {
        if (!range.atLeast || compareVersions(to, range.atLeast) > 0) range.atLeast = to;
      };
      const lower = (to: Version): void => {
        if (!range.below || compareVersions(to, range.below) < 0) range.below = to;
      };
      const after: Version = [version[0], version[1], version[2] + 1];
      switch (match[1] ?? '=') {
        case '=':
          range.exact ??= version;
          break;
        case '>=':
          raise(version);
          break;
        case '>':
          raise(after);
          break;
        case '<':
          lower(version);
          break;
        case '<=':
          lower(after);
          break;
        case '~>':
          raise(version);
          lower(given.length <= 2 ? [version[0] + 1, 0, 0] : [version[0], version[1] + 1, 0]);
          break;
      }
      range.at ??= at;
    }
    this.#ranges.set(name, range);
  }
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

function filled(parts: readonly number[]): Version {
  return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
}

export function parseVersion(text: string): Version | undefined {
  return /^\d+(\.\d+){0,2}/.test(text) ? filled(text.split('-')[0]!.split('.').map(Number)) : undefined;
}

export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
