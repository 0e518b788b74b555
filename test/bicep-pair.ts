/**
 * A Bicep file and the template that the official compiler made of it, each read by the front end of its language.
 * Takes their paths; gives both configurations. Modules of a registry are found where `home` has them, laid out as Bicep's cache.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { templateConfigurations } from '../src/evaluate/bicep/configurations.ts';
import { bicepReading } from '../src/evaluate/bicep/reading.ts';
import { moduleReferences } from '../src/evaluate/bicep/references.ts';
import type { Configuration } from '../src/evaluate/resource.ts';
import { nodeIo } from '../src/io.ts';
import { parseBicep } from '../src/parse/bicep.ts';
import type { Module } from '../src/parse/bicep-tree.ts';
import type { Diagnostic } from '../src/source/diagnostic.ts';
import type { Files } from '../src/source/io.ts';
import { Reader } from '../src/source/reader.ts';

const disk = nodeIo().files;

/** Absolute paths. */
export interface Pair {
  readonly bicep: string;
  readonly arm: string;
}

export interface PairOptions {
  /** What may be read. */
  readonly root: string;
  /** Where Bicep's module cache is, in `.bicep`; without it modules of a registry are opaque. */
  readonly home?: string | undefined;
  /** Parameters that have a default are not known either, so that no condition is decided by it. */
  readonly unknownParameters?: boolean | undefined;
}

export interface Side {
  readonly configuration: Configuration;
  readonly log: readonly Diagnostic[];
}

export function readTemplate({ arm }: Pick<Pair, 'arm'>, options: PairOptions): Side {
  return read(arm, arm, options);
}

export function readBicep({ bicep, arm }: Pair, options: PairOptions): Side {
  return read(bicep, arm, options);
}

function read(path: string, arm: string, options: PairOptions): Side {
  const { reader, parameterFiles } = readerFor(path, arm, options);
  const inputs = {
    templates: [path],
    parameterFiles: [],
    namedParameterFiles: parameterFiles,
    deployed: new Set(''),
    bicep: bicepReading,
  };
  const [configuration] = templateConfigurations(
    inputs,
    reader,
    () => {},
    (one) => one,
  ).configurations;
  if (!configuration) throw new Error(`${path}: ${reader.log[0]?.message}`);
  return { configuration, log: reader.log };
}

/** A reader of its own for each side; nothing that one has read is known to the other. */
function readerFor(file: string, arm: string, { root, home, unknownParameters }: PairOptions) {
  const own: Files = { ...disk, home };
  if (!unknownParameters) return { reader: new Reader(own, root, []), parameterFiles: [] };
  const path = join(dirname(file), 'every-parameter-unknown.parameters.json');
  const bytes = new TextEncoder().encode(unknownParametersOf(JSON.parse(readText(arm))));
  const files: Files = {
    ...own,
    info: (other) => (other === path ? { kind: 'file', size: bytes.length } : disk.info(other)),
    read: (other) => (other === path ? bytes : disk.read(other)),
    realPath: (other) => (other === path ? path : disk.realPath(other)),
  };
  return { reader: new Reader(files, root, []), parameterFiles: [path] };
}

/** A pipeline's placeholder stands for a value that is not known, whatever the type. */
function unknownParametersOf(template: Template): string {
  const parameters = Object.keys(template.parameters ?? {}).map((name) => [name, { value: 'GEN-UNKNOWN' }]);
  return JSON.stringify({
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#',
    contentVersion: '1.0.0.0',
    parameters: Object.fromEntries(parameters),
  });
}

interface Template {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly resources?: readonly Deployment[] | Readonly<Record<string, Deployment>>;
}

interface Deployment {
  readonly type?: string;
  readonly name?: string;
  readonly properties?: { readonly template?: Template; readonly parameters?: Readonly<Record<string, unknown>> };
}

/** Whether a template, or one in it, has its resources as a list; then what is `existing` is not written. */
export function leavesOutExisting({ resources = [] }: Template): boolean {
  return (
    Array.isArray(resources) ||
    Object.values(resources).some(({ properties }) => properties?.template && leavesOutExisting(properties.template))
  );
}

function readText(path: string): string {
  return new TextDecoder().decode(disk.read(path));
}

/**
 * Fills a module cache with the templates that the compiler has built into the one of the pair, so that the Bicep file can be read
 * without a registry. Gives the references for which there is none.
 */
export function harvestModules({ bicep, arm }: Pair, home: string, root: string): string[] {
  const reader = new Reader(disk, root, []);
  const references = moduleReferences(reader);
  const missing: string[] = [];
  const harvest = (path: string, template: Template, depth: number): void => {
    const source = reader.read(path);
    if (!source || depth > 16) return;
    const directory = dirname(path);
    for (const declaration of parseBicep(source, []).declarations) {
      if (declaration.kind !== 'module' || declaration.path.kind !== 'literal') continue;
      const text = String(declaration.path.value);
      const reference = references.resolve(text, directory);
      const built = deploymentOf(declaration, template)?.properties?.template;
      if (!built) missing.push(text);
      else if (reference.registry) {
        const { host, repository, tag } = reference.registry;
        const folder = tag.includes(':') ? tag.replace(':', '#') : `${tag}$${upperCaseMask(tag)}`;
        const names = [host.replaceAll(':', '$'), repository.replaceAll('/', '$'), folder];
        const into = join(home, '.bicep', 'br', ...names);
        mkdirSync(into, { recursive: true });
        writeFileSync(join(into, 'main.json'), JSON.stringify(built));
      } else if (reference.kind === 'file' && reference.path.endsWith('.bicep'))
        harvest(reference.path, built, depth + 1);
    }
  };
  harvest(bicep, JSON.parse(readText(arm)), 0);
  return missing;
}

/** Case does not count on every disk, so the cache says which letters of a tag are large. */
function upperCaseMask(tag: string): string {
  const mask = [...tag].reduce((sum, letter, i) => sum | (/[A-Z]/.test(letter) ? 1n << BigInt(i) : 0n), 0n);
  return mask === 0n ? '' : mask.toString(16);
}

/** By symbolic name; in a list the deployment that is passed the same parameters, and has the same name if it is written out. */
function deploymentOf({ name, body }: Module, { resources = [] }: Template): Deployment | undefined {
  if (!Array.isArray(resources)) return (resources as Readonly<Record<string, Deployment>>)[name.name];
  const entries = body.kind === 'object' ? body.entries : [];
  const member = (key: string) =>
    entries.find((entry) => entry.key?.kind === 'literal' && entry.key.value === key)?.value;
  const given = member('params');
  const passed = (given?.kind === 'object' ? given.entries : [])
    .map(({ key }) => (key?.kind === 'literal' ? String(key.value) : ''))
    .sort()
    .join();
  const written = member('name');
  const candidates = (resources as readonly Deployment[]).filter(
    ({ type, properties }) =>
      type?.toLowerCase() === 'microsoft.resources/deployments' &&
      properties?.template &&
      Object.keys(properties.parameters ?? {})
        .sort()
        .join() === passed,
  );
  const named = candidates.filter((each) => written?.kind === 'literal' && each.name === written.value);
  return named[0] ?? candidates[0];
}
