/** Options of the command line, checked and merged with the catalogue into what a run needs. */
import { join, resolve, sep } from 'node:path';
import type { ActiveRule, Rule } from './check/rule.ts';
import { type ConfigurationFile, excluding } from './config-file.ts';
import { type LevelFlags, type LevelIn, Levels } from './levels.ts';
import type { Demands } from './model/demand.ts';
import type { Waiver } from './model/waiver.ts';
import { fixturesName, type RuleFolder } from './rule-folder.ts';
import type { Io } from './source/io.ts';
import { UsageError } from './usage.ts';

/** As commander gives them. */
export interface Flags extends LevelFlags {
  readonly varFile?: string[];
  readonly var?: string[];
  readonly parameters?: string[];
  readonly changedSince?: string;
  readonly newSince?: string;
  readonly baseline?: string;
  readonly ignoreUnknown?: boolean;
  readonly stdin?: boolean;
  readonly stdinFilename?: string;
  readonly verbose?: boolean;
  readonly lang?: string;
  readonly format?: string[];
  readonly failOn?: string;
  readonly config?: string;
  readonly rules?: string[];
  readonly inlineSuppressions?: boolean;
  readonly showUndetermined?: boolean;
  readonly color?: boolean;
  readonly quiet?: boolean;
}

export interface Options {
  readonly paths: readonly string[];
  /** Absolute. */
  readonly variableFiles: readonly string[];
  readonly variables: readonly string[];
  /** Absolute; empty: what lies beside the templates. */
  readonly parameterFiles: readonly string[];
  /** The revision from which on changes count; undefined: everything counts. */
  readonly changedSince: string | undefined;
  /** The revision whose findings do not count; undefined: all count. */
  readonly newSince: string | undefined;
  /** Files that are named and of no kind that is linted are left out, as hooks name whatever has changed. */
  readonly ignoreUnknown: boolean;
  /** The file of findings that are known, absolute. */
  readonly baseline: string | undefined;
  /** The name that standard input goes by. */
  readonly stdinName: string | undefined;
  readonly formats: readonly { readonly name: string; readonly file?: string }[];
  readonly failOn: string;
  /** Every rule that there is, in the order of their codes. */
  readonly catalogue: readonly Rule[];
  /** Those that are on. */
  readonly rules: readonly ActiveRule[];
  readonly inlineSuppressions: boolean;
  readonly showUndetermined: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Of messages. */
  readonly language: Language;
  /** The level of a rule in a file, where the configuration sets it by path. */
  readonly levelIn: LevelIn | undefined;
  /** Whether a path, absolute, is not linted. */
  readonly isExcluded: ((path: string) => boolean) | undefined;
  readonly configuration: ConfigurationFile | undefined;
  /** The files are the whole picture. */
  readonly declaredHere: boolean;
  /** What needs no backup here. */
  readonly waivers: readonly Waiver[];
  readonly demands: Demands;
}

export type Language = 'en' | 'ja';

export const formatNames = [
  'pretty',
  'json',
  'sarif',
  'junit',
  'github',
  'azure-pipelines',
  'gitlab',
  'markdown',
  'csv',
] as const;

export function settleOptions(
  paths: readonly string[],
  flags: Flags,
  rules: readonly Rule[],
  io: Io,
  file?: ConfigurationFile,
): Options {
  if (flags.stdin && !flags.stdinFilename)
    throw new UsageError('--stdin needs --stdin-filename NAME, because the name decides what the text is.');
  if (flags.stdinFilename && !flags.stdin) throw new UsageError('--stdin-filename goes with --stdin.');
  if (flags.stdin && paths.length > 0) throw new UsageError('--stdin reads one file; leave the paths out.');
  if (flags.changedSince !== undefined && flags.newSince !== undefined)
    throw new UsageError(
      '--changed-since and --new-since exclude each other: the first goes by files, the second by findings.',
    );
  const readable = (name: string, option: string): string => {
    const path = resolve(io.cwd, name);
    if (io.files.info(path)?.kind !== 'file') throw new UsageError(`${option}: the file ${name} cannot be read.`);
    return path;
  };
  for (const given of flags.var ?? [])
    if (!/^[^=\s]+=/.test(given)) throw new UsageError(`--var is written NAME=VALUE, not "${given}".`);
  const settings = file?.settings ?? {};
  const beside = (name: string): string => {
    const path = resolve(file!.folder, name);
    if (io.files.info(path)?.kind !== 'file')
      throw new UsageError(`${file!.source.file}: the file ${name} cannot be read.`);
    return path;
  };
  const inFolder = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : resolve(file!.folder, name);
  const parameters = (flags.parameters ?? []).map((name) => readable(name, '--parameters'));
  const declaredElsewhere = settings.backup?.declaredHere === false;
  const levels = new Levels(rules, flags, file);
  return {
    paths: paths.length > 0 ? paths : ['.'],
    variableFiles: [
      ...(settings.terraform?.varFiles ?? []).map(beside),
      ...(flags.varFile ?? []).map((name) => readable(name, '--var-file')),
    ],
    variables: [...variablesOf(settings.terraform?.variables), ...(flags.var ?? [])],
    parameterFiles: parameters.length > 0 ? parameters : (settings.bicep?.parameters ?? []).map(beside),
    changedSince: flags.changedSince,
    newSince: flags.newSince,
    ignoreUnknown: flags.ignoreUnknown ?? false,
    baseline: flags.baseline === undefined ? inFolder(settings.baseline) : resolve(io.cwd, flags.baseline),
    stdinName: flags.stdin ? flags.stdinFilename : undefined,
    formats: formatsOf(flags.format ?? ['pretty'], io),
    failOn: flags.failOn ?? settings.failOn ?? 'error',
    catalogue: rules,
    rules: levels.active().filter(({ rule }) => !(declaredElsewhere && rule.group === 'coverage')),
    inlineSuppressions: flags.inlineSuppressions ?? true,
    showUndetermined: flags.showUndetermined ?? false,
    color: (flags.color ?? true) && !io.noColor && io.out.isTerminal,
    quiet: flags.quiet ?? false,
    verbose: flags.verbose ?? false,
    language: languageOf(flags.lang, io),
    levelIn: levels.byPath(io),
    isExcluded: excludedBy(file, ruleFolders(flags, file, io), paths, io),
    configuration: file,
    demands: {
      workloads: settings.workloads ?? [],
      onDemand: settings.onDemand ?? [],
      objectives: settings.objectives ?? [],
      unusedAfter: settings.audit?.unusedAfter,
    },
    declaredHere: settings.backup?.declaredHere === true,
    waivers: [...(settings.exempt ?? []), ...(settings.backup?.managedElsewhere ?? [])],
  };
}

/** The language that is asked for, else the user's where it is Japanese. */
export function languageOf(given: string | undefined, io: Io): Language {
  if (given === 'en' || given === 'ja') return given;
  return /^ja(?:[_.@-]|$)/i.test(io.locale ?? '') ? 'ja' : 'en';
}

/** Each to a place of its own: two reports in one would be neither. */
function formatsOf(given: readonly string[], io: Io): Options['formats'] {
  const formats = given.map(formatOf);
  const taken = new Map<string, string>();
  for (const { name, file } of formats) {
    const place = file === undefined ? '' : resolve(io.cwd, file);
    const other = taken.get(place);
    if (other !== undefined)
      throw new UsageError(
        file === undefined
          ? `Two formats cannot share standard output: write one of them to a file, such as --format ${name}=FILE.`
          : `Two formats cannot share a file: ${other} and ${name} are both to be written to ${file}.`,
      );
    taken.set(place, name);
  }
  return formats;
}

function formatOf(given: string): { name: string; file?: string } {
  const at = given.indexOf('=');
  const name = at === -1 ? given : given.slice(0, at);
  if (!(formatNames as readonly string[]).includes(name))
    throw new UsageError(`The format "${name}" does not exist; there are ${formatNames.join(', ')}.`);
  const file = at === -1 ? undefined : given.slice(at + 1);
  if (file === '') throw new UsageError(`--format ${name}= needs the name of a file.`);
  return file === undefined ? { name } : { name, file };
}

/** JSON is HCL where a value is no text. */
function variablesOf(variables: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.entries(variables ?? {}).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}

/** Where own rules lie: those of the configuration, from its folder, and those of options. */
export function ruleFolders(flags: Pick<Flags, 'rules'>, file: ConfigurationFile | undefined, io: Io): RuleFolder[] {
  return [
    ...(file?.settings.ruleDirectories ?? []).map((name) => ({
      path: resolve(file!.folder, name),
      named: file!.source.file,
    })),
    ...(flags.rules ?? []).map((name) => ({ path: resolve(io.cwd, name), named: '--rules' })),
  ];
}

/** What the configuration leaves out, and what own rules are tried on where it is not named. */
function excludedBy(
  file: ConfigurationFile | undefined,
  folders: readonly RuleFolder[],
  paths: readonly string[],
  io: Io,
): ((path: string) => boolean) | undefined {
  const excludes = file?.settings.exclude?.length ? excluding(file.settings.exclude, file.folder) : undefined;
  const isIn = (folder: string, path: string): boolean => path === folder || path.startsWith(folder + sep);
  const fixtures = folders
    .map(({ path }) => join(path, fixturesName))
    .filter((folder) => !paths.some((path) => isIn(folder, resolve(io.cwd, path))));
  if (fixtures.length === 0) return excludes;
  return (path) => fixtures.some((folder) => isIn(folder, path)) || (excludes?.(path) ?? false);
}
