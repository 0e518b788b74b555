/** How much each rule counts: which are on, their severity, and what the configuration says of files by their paths. */
import { resolve } from 'node:path';
import type { Verdicts } from './check/check.ts';
import type { ActiveRule, Rule } from './check/rule.ts';
import { type ConfigurationFile, excluding, type Level } from './config-file.ts';
import type { Io } from './source/io.ts';
import { repositoryRoot } from './source/reader.ts';
import type { Finding } from './source/run.ts';
import { isSpan, type Origin } from './source/source.ts';
import { UsageError, unknownCode } from './usage.ts';

/** Options that decide it, as commander gives them. */
export interface LevelFlags {
  readonly profile?: string;
  readonly only?: string[];
  readonly skip?: string[];
  readonly severity?: string[];
}

/** The level of a rule in a file. */
export type LevelIn = (code: string, file: string) => Level;

interface Setting {
  readonly profile?: string | undefined;
  readonly rules?: Readonly<Record<string, Level>> | undefined;
}

/** Which rules are on and how much they count: options first, then what the file says for a path, then for all. */
export class Levels {
  readonly #rules: readonly Rule[];
  readonly #flags: LevelFlags;
  readonly #file: ConfigurationFile | undefined;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #skip: ReadonlySet<string>;
  readonly #given = new Map<string, Level>();
  readonly #hasObjectives: boolean;

  constructor(rules: readonly Rule[], flags: LevelFlags, file: ConfigurationFile | undefined) {
    this.#rules = rules;
    this.#flags = flags;
    this.#file = file;
    const { objectives = [], onDemand = [] } = file?.settings ?? {};
    this.#hasObjectives = objectives.length + onDemand.length > 0;
    const known = new Set(rules.map((rule) => rule.code));
    const checked = (code: string, option: string): string => {
      if (!known.has(code)) throw new UsageError(`${option}: ${unknownCode(code, rules)}`);
      return code;
    };
    this.#only = flags.only && new Set(flags.only.map((code) => checked(code, '--only')));
    this.#skip = new Set(flags.skip?.map((code) => checked(code, '--skip')));
    for (const given of flags.severity ?? []) {
      const [code, level] = given.split('=');
      if (!level || !['error', 'warning', 'note', 'off'].includes(level))
        throw new UsageError(`--severity is written CODE=LEVEL with error, warning, note or off, not "${given}".`);
      this.#given.set(checked(code!, '--severity'), level as Level);
    }
    const { rules: levels = {}, overrides = [], suppressions = [] } = file?.settings ?? {};
    const written = (path: (string | number)[], code: string): void => {
      if (known.has(code)) return;
      const { line, column } = file!.source.position(file!.at(path).start);
      throw new UsageError(`${file!.source.file}:${line}:${column}: ${unknownCode(code, rules)}`);
    };
    for (const code of Object.keys(levels)) written(['rules', code], code);
    for (const [i, override] of overrides.entries())
      for (const code of Object.keys(override.rules ?? {})) written(['overrides', i, 'rules', code], code);
    for (const [i, { code }] of suppressions.entries()) written(['suppressions', i, 'code'], code);
  }

  #level(rule: Rule, settings: readonly Setting[]): Level {
    const { code } = rule;
    if (this.#skip.has(code) || (this.#only && !this.#only.has(code))) return 'off';
    const given = this.#given.get(code);
    if (given) return given;
    const written = settings.map(({ rules }) => rules?.[code]).findLast((level) => level !== undefined);
    if (this.#only) return written === undefined || written === 'off' ? rule.severity : written;
    if (written) return written;
    const profile =
      this.#flags.profile ?? settings.map((one) => one.profile).findLast((one) => one !== undefined) ?? 'recommended';
    const isOn = rule.profile === 'recommended' || (profile === 'strict' && rule.profile === 'strict');
    // To write an objective is to ask for what judges it.
    return isOn || (rule.group === 'objectives' && this.#hasObjectives) ? rule.severity : 'off';
  }

  /** Every rule that is on anywhere. */
  active(): ActiveRule[] {
    const { settings = {} } = this.#file ?? {};
    return this.#rules.flatMap((rule): ActiveRule[] => {
      const base = this.#level(rule, [settings]);
      const levels = [base, ...(settings.overrides ?? []).map((one) => this.#level(rule, [settings, one]))];
      const severity = levels.find((level) => level !== 'off');
      return severity === undefined ? [] : [{ rule, severity: base === 'off' ? severity : base }];
    });
  }

  /** `file`: as it is shown, from the repository root. undefined: the same everywhere. */
  byPath(io: Io): LevelIn | undefined {
    const { settings = {}, folder = '' } = this.#file ?? {};
    const overrides = (settings.overrides ?? []).map((one) => ({ one, matches: excluding(one.paths, folder) }));
    if (overrides.length === 0) return undefined;
    const root = repositoryRoot(io.files, io.cwd) ?? io.cwd;
    const rules = new Map(this.#rules.map((rule) => [rule.code, rule]));
    const known = new Map<string, Setting[]>();
    return (code, file) => {
      let own = known.get(file);
      if (!own) {
        const path = resolve(root, file);
        own = [settings, ...overrides.filter(({ matches }) => matches(path)).map(({ one }) => one)];
        known.set(file, own);
      }
      const rule = rules.get(code);
      return rule ? this.#level(rule, own) : 'error';
    };
  }
}

/** What the configuration says for the files that they stand in. */
export function atLevels({ findings, undetermined }: Verdicts, levelIn: LevelIn): Verdicts {
  const level = ({ code, at }: { code: string; at: Origin }): Level | undefined =>
    isSpan(at) ? levelIn(code, at.source.file) : undefined;
  return {
    findings: findings.flatMap((finding): Finding[] => {
      const severity = level(finding) ?? finding.severity;
      return severity === 'off' ? [] : [{ ...finding, severity }];
    }),
    undetermined: undetermined.filter((entry) => level(entry) !== 'off'),
  };
}
