/**
 * azure-backup-lint.yaml -> what a repository has settled, checked against rules/schema/config.schema.json.
 * Found once, from the working directory up to the repository root; a mistake in it is wrong usage, told with its place.
 */
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ignore from 'ignore';
import type * as Yaml from 'yaml';
import type { Demands } from './model/demand.ts';
import type { Waiver } from './model/waiver.ts';
import { worstOf } from './schema-problem.ts';
import type { Io } from './source/io.ts';
import { messageOf, repositoryRoot } from './source/reader.ts';
import { Source, type Span, span } from './source/source.ts';
import { UsageError } from './usage.ts';

export type Level = 'off' | 'note' | 'warning' | 'error';

/** As it is written; the schema says what each means. */
export interface Settings {
  readonly profile?: 'recommended' | 'strict';
  readonly failOn?: string;
  readonly rules?: Readonly<Record<string, Level>>;
  readonly ruleDirectories?: readonly string[];
  readonly baseline?: string;
  readonly exclude?: readonly string[];
  readonly overrides?: readonly {
    readonly paths: readonly string[];
    readonly profile?: 'recommended' | 'strict';
    readonly rules?: Readonly<Record<string, Level>>;
  }[];
  readonly terraform?: {
    readonly varFiles?: readonly string[];
    readonly variables?: Readonly<Record<string, unknown>>;
  };
  readonly bicep?: { readonly parameters?: readonly string[] };
  readonly suppressions?: readonly {
    readonly code: string;
    readonly resource?: string;
    readonly path?: string;
    readonly reason?: string;
    readonly until?: string;
  }[];
  readonly backup?: { readonly declaredHere?: boolean; readonly managedElsewhere?: readonly Waiver[] };
  readonly workloads?: Demands['workloads'];
  readonly onDemand?: Demands['onDemand'];
  readonly exempt?: readonly Waiver[];
  readonly objectives?: Demands['objectives'];
  readonly audit?: { readonly unusedAfter?: string };
}

export interface ConfigurationFile {
  readonly settings: Settings;
  /** Absolute; patterns and files in it start here. */
  readonly folder: string;
  readonly source: Source;
  /** Where a part of it is written: `['suppressions', 0]`. */
  readonly at: (path: readonly (string | number)[]) => Span;
}

const names = ['azure-backup-lint.yaml', 'azure-backup-lint.yml', 'azure-backup-lint.json'];
const largest = 1024 * 1024;

/** In the bundle the path of its own file; elsewhere the package. */
declare const __YAML__: string | undefined;

/** `named`: the file of `--config`. undefined: there is none. */
export async function readConfiguration(named: string | undefined, io: Io): Promise<ConfigurationFile | undefined> {
  const path = named === undefined ? configurationIn(io) : resolve(io.cwd, named);
  if (path === undefined) return undefined;
  const shown = relative(io.cwd, path).split(sep).join('/') || path;
  const info = io.files.info(path);
  if (info?.kind !== 'file') throw new UsageError(`--config: the file ${named} cannot be read.`);
  if (info.size > largest) throw new UsageError(`${shown}: a configuration is no larger than 1 MB.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(io.files.read(path));
  } catch (error) {
    const because = error instanceof TypeError ? 'it is not encoded in UTF-8' : messageOf(error);
    throw new UsageError(`${shown} cannot be read: ${because}.`);
  }
  return parse(new Source(shown, text), dirname(path));
}

/** The one in force, absolute. */
export function configurationIn(io: Io): string | undefined {
  const root = repositoryRoot(io.files, io.cwd);
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    for (const name of names) if (io.files.info(join(folder, name))?.kind === 'file') return join(folder, name);
    if (root === undefined || folder === root || dirname(folder) === folder) return undefined;
  }
}

const severalDocuments = 'a configuration is one document, but another one begins here.';

function isUnresolved({ message }: Error): boolean {
  return message.startsWith('Unresolved alias');
}

async function parse(source: Source, folder: string): Promise<ConfigurationFile> {
  const yaml = createRequire(import.meta.url)(typeof __YAML__ === 'string' ? __YAML__ : 'yaml') as typeof Yaml;
  const options = { version: '1.2', schema: 'core', strict: true, uniqueKeys: true, prettyErrors: false } as const;
  const document = yaml.parseDocument(source.text, options);
  const told = (at: number, message: string): UsageError => {
    const { line, column } = source.position(at);
    return new UsageError(`${source.file}:${line}:${column}: ${message}`);
  };
  const [error] = document.errors;
  if (error) throw told(error.pos[0], error.code === 'MULTIPLE_DOCS' ? severalDocuments : error.message);
  const at = (path: readonly (string | number)[]): Span => {
    const [start, end] = rangeOf(document.getIn(path, true)) ?? rangeOf(document.contents) ?? [0, 0];
    return span(source, start, end);
  };
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (problem) {
    throw told(
      0,
      problem instanceof ReferenceError && isUnresolved(problem) ? problem.message : 'it has too many aliases.',
    );
  }
  const settings = data ?? {};
  const { validate } = await import('./config-schema.generated.mjs');
  if (!validate(settings)) {
    const { path, key, message } = worstOf(validate.errors ?? []);
    const place = key === undefined ? undefined : keyPlace(document, path, key);
    throw told(place ?? at(path).start, message);
  }
  checkDates(settings as Settings, (path) => told(at(path).start, 'this is no date of the calendar.'));
  return { settings: settings as Settings, folder, source, at };
}

function rangeOf(node: unknown): [number, number] | undefined {
  const range = (node as { range?: [number, number, number] } | undefined)?.range;
  return range && [range[0], range[1]];
}

function keyPlace(document: Yaml.Document, path: readonly (string | number)[], key: string): number | undefined {
  const map = (path.length === 0 ? document.contents : document.getIn(path, true)) as
    | { items?: { key?: { value?: unknown; range?: [number, number, number] } }[] }
    | undefined;
  return map?.items?.find((item) => item.key?.value === key)?.key?.range?.[0];
}

/** The 31st of February is written like a date. */
function checkDates(settings: Settings, wrong: (path: (string | number)[]) => UsageError): void {
  const lists: [(string | number)[], readonly { readonly until?: string }[] | undefined][] = [
    [['suppressions'], settings.suppressions],
    [['exempt'], settings.exempt],
    [['backup', 'managedElsewhere'], settings.backup?.managedElsewhere],
  ];
  for (const [path, list] of lists)
    for (const [i, { until }] of (list ?? []).entries()) {
      const date = until === undefined ? undefined : new Date(`${until}T00:00:00Z`);
      if (date && (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(until!)))
        throw wrong([...path, i, 'until']);
    }
}

/** Whether a path, absolute, is one that patterns of the file mean: those of .gitignore, from its folder. */
export function excluding(patterns: readonly string[], folder: string): (path: string) => boolean {
  const rules = ignore().add([...patterns]);
  return (path) => {
    const inside = relative(folder, path).split(sep).join('/');
    return inside !== '' && !inside.startsWith('..') && rules.ignores(inside);
  };
}
