/** Options of the command line, checked and merged with the catalogue into what a run needs. */
import { resolve } from 'node:path';
import type { ActiveRule, Rule } from './check/rule.ts';
import type { Severity } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';

/** Wrong usage: nothing is linted, exit code 2. */
export class UsageError extends Error {}

/** As commander gives them. */
export interface Flags {
  readonly varFile?: string[];
  readonly var?: string[];
  readonly parameters?: string[];
  readonly stdin?: boolean;
  readonly stdinFilename?: string;
  readonly verbose?: boolean;
  readonly lang?: string;
  readonly format?: string[];
  readonly failOn?: string;
  readonly profile?: string;
  readonly only?: string[];
  readonly skip?: string[];
  readonly severity?: string[];
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
  /** The name that standard input goes by. */
  readonly stdinName: string | undefined;
  readonly formats: readonly { readonly name: string; readonly file?: string }[];
  readonly failOn: string;
  readonly rules: readonly ActiveRule[];
  readonly inlineSuppressions: boolean;
  readonly showUndetermined: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Of messages. */
  readonly language: Language;
}

export type Language = 'en' | 'ja';

export const formatNames = ['pretty', 'json', 'sarif'] as const;

export function settleOptions(paths: readonly string[], flags: Flags, rules: readonly Rule[], io: Io): Options {
  if (flags.stdin && !flags.stdinFilename)
    throw new UsageError('--stdin needs --stdin-filename NAME, because the name decides what the text is.');
  if (flags.stdinFilename && !flags.stdin) throw new UsageError('--stdin-filename goes with --stdin.');
  if (flags.stdin && paths.length > 0) throw new UsageError('--stdin reads one file; leave the paths out.');
  const readable = (name: string, option: string): string => {
    const path = resolve(io.cwd, name);
    if (io.files.info(path)?.kind !== 'file') throw new UsageError(`${option}: the file ${name} cannot be read.`);
    return path;
  };
  for (const given of flags.var ?? [])
    if (!/^[^=\s]+=/.test(given)) throw new UsageError(`--var is written NAME=VALUE, not "${given}".`);
  return {
    paths: paths.length > 0 ? paths : ['.'],
    variableFiles: (flags.varFile ?? []).map((name) => readable(name, '--var-file')),
    variables: flags.var ?? [],
    parameterFiles: (flags.parameters ?? []).map((name) => readable(name, '--parameters')),
    stdinName: flags.stdin ? flags.stdinFilename : undefined,
    formats: (flags.format ?? ['pretty']).map(formatOf),
    failOn: flags.failOn ?? 'error',
    rules: activeRules(rules, flags),
    inlineSuppressions: flags.inlineSuppressions ?? true,
    showUndetermined: flags.showUndetermined ?? false,
    color: (flags.color ?? true) && !io.noColor && io.out.isTerminal,
    quiet: flags.quiet ?? false,
    verbose: flags.verbose ?? false,
    language: languageOf(flags.lang, io),
  };
}

/** The language that is asked for, else the user's where it is Japanese. */
export function languageOf(given: string | undefined, io: Io): Language {
  if (given === 'en' || given === 'ja') return given;
  return /^ja(?:[_.@-]|$)/i.test(io.locale ?? '') ? 'ja' : 'en';
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

/** Profile first, then what single rules are set to. */
function activeRules(rules: readonly Rule[], flags: Flags): ActiveRule[] {
  const known = new Map(rules.map((rule) => [rule.code, rule]));
  const checked = (code: string, option: string): string => {
    if (!known.has(code)) throw new UsageError(`${option}: ${unknownCode(code, rules)}`);
    return code;
  };
  const only = flags.only?.map((code) => checked(code, '--only'));
  const skip = new Set(flags.skip?.map((code) => checked(code, '--skip')));
  const severities = new Map<string, Severity | 'off'>();
  for (const given of flags.severity ?? []) {
    const [code, level] = given.split('=');
    if (!level || !['error', 'warning', 'note', 'off'].includes(level))
      throw new UsageError(`--severity is written CODE=LEVEL with error, warning, note or off, not "${given}".`);
    severities.set(checked(code!, '--severity'), level as Severity | 'off');
  }
  const active: ActiveRule[] = [];
  for (const rule of rules) {
    const severity = severities.get(rule.code);
    const byProfile = rule.profile === 'recommended' || (flags.profile === 'strict' && rule.profile === 'strict');
    const on = only ? only.includes(rule.code) : byProfile || severity !== undefined;
    if (!on || skip.has(rule.code) || severity === 'off') continue;
    active.push({ rule, severity: severity ?? rule.severity });
  }
  return active;
}

/** Names the nearest code that exists. */
export function unknownCode(code: string, rules: readonly Rule[]): string {
  let nearest = '';
  let least = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    const far = distance(code, rule.code);
    if (far < least) {
      least = far;
      nearest = rule.code;
    }
  }
  const hint =
    least <= Math.max(3, code.length / 2) ? ` Did you mean "${nearest}"?` : ' "azure-backup-lint rules" lists them.';
  return `There is no rule "${code}".${hint}`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
