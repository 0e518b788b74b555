/**
 * What a syntax error may have swallowed: in a file that has one, nothing is missing for certain.
 * Takes an evaluated configuration and what the parsers said; what is written counts, what is not may be lost.
 */
import { posix } from 'node:path';
import type { Diagnostic } from '../source/diagnostic.ts';
import { isSpan } from '../source/source.ts';
import type { Configuration, OpaqueModule, Resource } from './resource.ts';
import { force, isHuge, type Member, type Obj, object, type Value } from './value.ts';

export class Gaps {
  readonly #log: readonly Diagnostic[];
  readonly #broken = new Map<string, Diagnostic>();
  #seen = 0;

  /** What is told later counts from then on: the files of a configuration are parsed before it is asked for. */
  constructor(log: readonly Diagnostic[]) {
    this.#log = log;
  }

  with(configuration: Configuration): Configuration {
    for (; this.#seen < this.#log.length; this.#seen++) {
      const diagnostic = this.#log[this.#seen]!;
      if (diagnostic.severity !== 'error' || !/^(?:hcl|json)-/.test(diagnostic.code) || !isSpan(diagnostic.at))
        continue;
      const { file } = diagnostic.at.source;
      if (!this.#broken.has(file)) this.#broken.set(file, diagnostic);
    }
    return this.#broken.size === 0 ? configuration : withGap(configuration, this.#broken);
  }
}

function withGap(configuration: Configuration, broken: ReadonlyMap<string, Diagnostic>): Configuration {
  const files = new Set([configuration.at, ...configuration.resources.map(({ head }) => head)].map(fileOf));
  const folders = new Set([...files].map((file) => posix.dirname(file)));
  const opaque: OpaqueModule[] = [];
  for (const [file, { at }] of broken) {
    // Of a file in which nothing could be read only the folder tells where it belongs.
    const isOwn = files.has(file) || (configuration.language === 'terraform' && folders.has(posix.dirname(file)));
    if (!isOwn) continue;
    const because = 'it has a syntax error';
    opaque.push({ source: '', at, address: file, because, arguments: object(new Map(), at), told: true });
  }
  if (opaque.length === 0) return configuration;
  const resources = configuration.resources.map(
    (resource): Resource =>
      broken.has(fileOf(resource.head)) ? { ...resource, body: opened(resource.body, 0) } : resource,
  );
  return { ...configuration, resources, opaque: [...configuration.opaque, ...opaque] };
}

function fileOf(at: Resource['head']): string {
  return isSpan(at) ? at.source.file : '';
}

/** Nothing that a configuration needs is nested deeper. */
const DEPTH = 16;

function opened(body: Obj, level: number): Obj {
  const members = new Map<string, Member>();
  for (const [key, member] of body.members)
    members.set(key, { ...member, value: openedValue(member.value, level + 1) });
  return { ...body, members, open: true };
}

function openedValue(of: Value, level: number): Value {
  const value = force(of);
  if (level > DEPTH || isHuge(value)) return value;
  if (value.kind === 'object') return opened(value, level);
  if (value.kind !== 'list') return value;
  return { ...value, items: value.items.map((item) => openedValue(item, level + 1)), open: true };
}
