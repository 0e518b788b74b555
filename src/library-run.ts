/** `lint` and `inspect` of the library: its options -> those of the command line, and results as JSON version 1 says them. */
import { basename, dirname, join, resolve } from 'node:path';
import { speak, withOwnRules } from './catalogue.ts';
import { type Flags, type Options, ruleFolders, settleOptions } from './config.ts';
import { readConfiguration } from './config-file.ts';
import { inspect } from './inspect.ts';
import { silentIo } from './io.ts';
import { lint } from './lint.ts';
import type { InspectOptions, InspectResult, LintOptions, LintResult } from './public.ts';
import { jsonOf } from './report/json.ts';
import { inLanguage, type Say } from './report/translation.ts';
import { sayingIn } from './sentences.ts';
import type { DirectoryEntry, Files, Io } from './source/io.ts';
import { nearestOf, UsageError } from './usage.ts';

/** Errors cross to the module of the library as texts, since classes of two bundles are never the same. */
export type Answer<T> = { readonly result: T } | { readonly wrong: string };

export async function lintPaths(
  paths: readonly string[],
  given: LintOptions,
  version: string,
): Promise<Answer<LintResult>> {
  // What is no language is told in English.
  const language = given?.language === 'ja' ? 'ja' : 'en';
  const say = await sayingIn(language);
  return answered(say, async () => {
    checkArguments(paths, given);
    const io = ioOf(given);
    await speak(language);
    const options = await optionsOf(paths, given, io);
    const known =
      options.baseline === undefined ? undefined : (await import('./baseline.ts')).readBaseline(options.baseline, io);
    return jsonOf(inLanguage(await lint(options, io, version, known), say));
  });
}

export async function inspectPaths(paths: readonly string[], given: InspectOptions): Promise<Answer<InspectResult>> {
  return answered(
    (sentence) => sentence,
    async () => {
      checkArguments(paths, given);
      const io = ioOf(given);
      const { pieces } = await inspect(await optionsOf(paths, given, io), io);
      return JSON.parse([...pieces].join('')) as InspectResult;
    },
  );
}

async function answered<T>(say: Say, work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { result: await work() };
  } catch (error) {
    if (error instanceof UsageError) return { wrong: say(error.message) };
    throw error;
  }
}

const profiles: readonly unknown[] = ['recommended', 'strict', undefined];
const languages: readonly unknown[] = ['en', 'ja', undefined];
const lists = ['rules', 'variableFiles', 'parameterFiles', 'only', 'skip'] as const;
const texts = ['cwd', 'config', 'baseline', 'changedSince', 'newSince'] as const;
const tables = ['variables', 'severity', 'files'] as const;

/** What only types say otherwise, which not everybody has. */
function checkArguments(paths: unknown, options: unknown): void {
  if (!Array.isArray(paths) || paths.some((path) => typeof path !== 'string'))
    throw new UsageError('The first argument is a path or a list of paths.');
  if (!isObject(options)) throw new UsageError('The second argument is an object of options.');
  checkOptions(options);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkOptions({ profile, language, ...given }: LintOptions): void {
  if (!profiles.includes(profile)) throw new UsageError(`"profile" is one of recommended, strict.`);
  if (!languages.includes(language)) throw new UsageError(`"language" is one of en, ja.`);
  for (const name of lists) {
    const value: unknown = given[name];
    const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
    if (value !== undefined && !isList) throw new UsageError(`"${name}" is a list of texts.`);
  }
  for (const name of texts) {
    const isText = typeof given[name] === 'string' || (name === 'config' && given.config === false);
    if (given[name] !== undefined && !isText) throw new UsageError(`"${name}" is a text.`);
  }
  for (const name of tables)
    if (given[name] !== undefined && !isObject(given[name])) throw new UsageError(`"${name}" is an object.`);
  if (Object.values<unknown>(given.files ?? {}).some((text) => typeof text !== 'string'))
    throw new UsageError('"files" has texts by path.');
  const known = Object.keys(optionNames);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const near = nearestOf(name, known);
    throw new UsageError(
      near === undefined
        ? `There is no option "${name}"; there are ${known.join(', ')}.`
        : `There is no option "${name}"; did you mean "${near}"?`,
    );
  }
}

const optionNames: Readonly<Record<keyof LintOptions, true>> = {
  cwd: true,
  config: true,
  rules: true,
  variableFiles: true,
  variables: true,
  parameterFiles: true,
  files: true,
  profile: true,
  only: true,
  skip: true,
  severity: true,
  baseline: true,
  changedSince: true,
  newSince: true,
  inlineSuppressions: true,
  showUndetermined: true,
  language: true,
};

async function optionsOf(paths: readonly string[], given: LintOptions, io: Io): Promise<Options> {
  const flags: Flags = {
    ...(given.rules && { rules: [...given.rules] }),
    ...(given.variableFiles && { varFile: [...given.variableFiles] }),
    ...(given.variables && { var: Object.entries(given.variables).map(([name, value]) => `${name}=${hcl(value)}`) }),
    ...(given.parameterFiles && { parameters: [...given.parameterFiles] }),
    ...(given.profile !== undefined && { profile: given.profile }),
    ...(given.only && { only: [...given.only] }),
    ...(given.skip && { skip: [...given.skip] }),
    ...(given.severity && { severity: Object.entries(given.severity).map(([code, level]) => `${code}=${level}`) }),
    ...(given.baseline !== undefined && { baseline: given.baseline }),
    ...(given.changedSince !== undefined && { changedSince: given.changedSince }),
    ...(given.newSince !== undefined && { newSince: given.newSince }),
    inlineSuppressions: given.inlineSuppressions ?? true,
    showUndetermined: given.showUndetermined ?? false,
    lang: given.language ?? 'en',
  };
  const file = given.config === false ? undefined : await readConfiguration(given.config, io);
  return settleOptions(paths, flags, await withOwnRules(ruleFolders(flags, file, io), io), io, file);
}

/** JSON is HCL where a value is no text. */
function hcl(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function ioOf({ cwd, files = {} }: InspectOptions): Io {
  const io = silentIo(resolve(cwd ?? '.'));
  const texts = new Map(Object.entries(files).map(([name, text]) => [resolve(io.cwd, name), Buffer.from(text)]));
  return texts.size === 0 ? io : { ...io, files: withTexts(io.files, texts), unsaved: { texts, disk: io.files } };
}

/** A disk on which some files hold other texts, or are there at all, with the folders that they lie in. */
function withTexts(files: Files, texts: ReadonlyMap<string, Uint8Array>): Files {
  /** By folder: what texts put into it. */
  const added = new Map<string, Map<string, DirectoryEntry>>();
  for (const path of texts.keys()) {
    let kind: DirectoryEntry['kind'] = 'file';
    for (let at = path; dirname(at) !== at; at = dirname(at)) {
      const entries = added.get(dirname(at)) ?? new Map<string, DirectoryEntry>();
      if (!entries.has(basename(at))) entries.set(basename(at), { name: basename(at), kind });
      added.set(dirname(at), entries);
      kind = 'directory';
    }
  }
  const realPath = (path: string): string | undefined => {
    const real = files.realPath(path);
    if (real !== undefined || (!texts.has(path) && !added.has(path))) return real;
    const folder = dirname(path) === path ? undefined : realPath(dirname(path));
    return folder === undefined ? path : join(folder, basename(path));
  };
  return {
    ...files,
    info: (path) => {
      const text = texts.get(path);
      if (text) return { kind: 'file', size: text.length };
      return files.info(path) ?? (added.has(path) ? { kind: 'directory', size: 0 } : undefined);
    },
    read: (path) => texts.get(path) ?? files.read(path),
    chunks: (path) => [texts.get(path) ?? files.read(path)],
    list: (path) => {
      const own = added.get(path);
      const there = own && files.info(path) === undefined ? [] : files.list(path);
      return own ? [...there.filter(({ name }) => !own.has(name)), ...own.values()] : there;
    },
    realPath,
  };
}
