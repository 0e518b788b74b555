/**
 * The user's own rules: folders of rule files -> rules that are judged like those of the catalogue.
 * A file is JSON in the format of rules/checks, checked against rules/schema/rule.schema.json; the first mistake is wrong usage, told
 * with its place. A rule is data: it names no file and runs nothing, its regular expressions are matched in linear time, and how
 * large it may be is bounded, so that rules from elsewhere can only say something wrong.
 */
import { isAbsolute, join, relative, sep } from 'node:path';
import type { Condition, Matcher } from './check/condition.ts';
import type { Check, Examples, Rule } from './check/rule.ts';
import { compileRegex } from './evaluate/terraform/regex.ts';
import { parseJson } from './parse/json.ts';
import type { JsonNode } from './parse/json-tree.ts';
import { fixturesName, type RuleFolder } from './rule-folder.ts';
import { worstOf } from './schema-problem.ts';
import type { Diagnostic } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';
import { limits } from './source/limits.ts';
import { messageOf } from './source/reader.ts';
import { Source } from './source/source.ts';
import { nearestOf, UsageError, unknownSolution } from './usage.ts';

export interface OwnRule {
  readonly rule: Rule;
  /** As it is shown. */
  readonly file: string;
}

const most = {
  rules: 200,
  bytes: 64 * 1024,
  folderLevels: 8,
  /** Keywords of the conditions of one rule. */
  keywords: 1_000,
  conditionLevels: 24,
  /** Lists in lists that a condition goes through. */
  lists: 3,
  patternLength: 500,
  patternSize: 2_000,
};

/** Files of a package of rules that are none. */
const beside: ReadonlySet<string> = new Set(['package.json', 'package-lock.json']);

/** `catalogue`: the rules that there are already, whose codes are taken. */
export async function readOwnRules(
  folders: readonly RuleFolder[],
  catalogue: readonly Rule[],
  io: Io,
): Promise<OwnRule[]> {
  const files = new Set(folders.flatMap((folder) => filesIn(folder, io)));
  if (files.size > most.rules)
    throw new UsageError(`There are ${files.size} own rules, and at most ${most.rules} are read.`);
  const limitValues = await readLimits([...files], io);
  const { validate } = await import('./rule-schema.generated.mjs');
  const solutions = new Set(catalogue.flatMap((rule) => rule.solutions));
  const taken = new Map(catalogue.map(({ code }) => [code, 'a rule of azure-backup-lint']));
  const found: OwnRule[] = [];
  for (const path of files) {
    const written = read(path, io);
    if (!validate(written.data)) {
      const { path: steps, key, message } = worstOf(validate.errors ?? []);
      throw written.wrong(steps, message, key);
    }
    const rule = compile(written, limitValues, [...solutions]);
    const other = taken.get(rule.code);
    if (other !== undefined)
      throw written.wrong(['code'], `the code "${rule.code}" is already that of ${other}; choose another one.`);
    taken.set(rule.code, written.source.file);
    found.push({ rule, file: written.source.file });
  }
  return found;
}

const exampleFiles = { terraform: 'tf', bicep: 'bicep', arm: 'json' } as const;

/** Of the fixtures of a rule, those that show it most plainly, without their marks. */
export function examplesOf(code: string, folders: readonly RuleFolder[], io: Io): Examples {
  const textOf = (name: string): string | undefined => {
    for (const { path } of folders) {
      const file = join(path, fixturesName, code, name);
      const info = io.files.info(file);
      if (info?.kind !== 'file' || info.size > most.bytes) continue;
      try {
        const text = new TextDecoder('utf-8', { fatal: true }).decode(io.files.read(file));
        return text.replaceAll(/[ \t]*(?:#|\/\/) expect: .*$/gm, '');
      } catch {
        // It is told when the rules are tested.
      }
    }
    return undefined;
  };
  return Object.fromEntries(
    Object.entries(exampleFiles).map(([language, extension]) => {
      const [bad, good] = [textOf(`fail.${extension}`), textOf(`pass.${extension}`)];
      return [language, { ...(bad !== undefined && { bad }), ...(good !== undefined && { good }) }];
    }),
  );
}

/** Every rule file in a folder and below; a link that leads out of it is wrong, so that nothing else is read through it. */
function filesIn({ path, named }: RuleFolder, io: Io): string[] {
  const found: string[] = [];
  const walk = (folder: string, level: number): void => {
    let entries: ReturnType<typeof io.files.list>;
    try {
      entries = io.files.list(folder);
    } catch (error) {
      throw new UsageError(`${named}: the folder ${shownTo(io, folder)} cannot be read: ${messageOf(error)}.`);
    }
    for (const { name, kind } of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const isApart = name.startsWith('.') || name === 'node_modules' || name === fixturesName;
      if (kind === 'directory' && !isApart && level < most.folderLevels) walk(join(folder, name), level + 1);
      if (kind !== 'file' || !name.endsWith('.json') || isApart || beside.has(name)) continue;
      const file = join(folder, name);
      const inside = relative(io.files.realPath(path) ?? path, io.files.realPath(file) ?? file);
      if (inside.startsWith('..') || isAbsolute(inside))
        throw new UsageError(`${shownTo(io, file)}: this link leads out of the folder of rules, so it is not read.`);
      found.push(file);
    }
  };
  if (io.files.info(path)?.kind !== 'directory')
    throw new UsageError(`${named}: there is no folder ${shownTo(io, path)}.`);
  walk(path, 0);
  if (found.length === 0)
    throw new UsageError(`${named}: in ${shownTo(io, path)} is no rule; a rule is a file CODE.json.`);
  return found;
}

function shownTo(io: Io, path: string): string {
  return relative(io.cwd, path).split(sep).join('/') || '.';
}

/** A rule file, and how to tell what is wrong in it. */
interface Written {
  readonly source: Source;
  readonly data: unknown;
  /** `key`: a key of what stands at the path, which is where it is told. */
  wrong(path: readonly (string | number)[], message: string, key?: string): UsageError;
}

function read(path: string, io: Io): Written {
  const shown = shownTo(io, path);
  const size = io.files.info(path)?.size ?? 0;
  if (size > most.bytes) throw new UsageError(`${shown}: a rule has at most ${most.bytes} bytes.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(io.files.read(path));
  } catch (error) {
    const because = error instanceof TypeError ? 'it is not encoded in UTF-8' : messageOf(error);
    throw new UsageError(`${shown} cannot be read: ${because}.`);
  }
  const source = new Source(shown, text);
  const at = (offset: number, message: string): UsageError => {
    const { line, column } = source.position(offset);
    return new UsageError(`${shown}:${line}:${column}: ${message}`);
  };
  const log: Diagnostic[] = [];
  const { root } = parseJson(source, log);
  const [problem] = log.filter(({ severity }) => severity === 'error');
  if (problem) throw at('start' in problem.at ? problem.at.start : 0, problem.message);
  return {
    source,
    data: root && dataOf(root),
    wrong: (steps, message, key) => {
      const node = root && nodeAt(root, steps);
      const member = key === undefined || node?.kind !== 'object' ? undefined : memberNamed(node.members, key);
      return at((member?.key ?? node ?? { start: 0 }).start, message);
    },
  };
}

function memberNamed<T extends { readonly key: { readonly value: string } }>(members: readonly T[], name: string) {
  return members.findLast((member) => member.key.value === name);
}

/** Of a path that leads nowhere, as far as it leads. */
function nodeAt(root: JsonNode, path: readonly (string | number)[]): JsonNode {
  let node = root;
  for (const step of path) {
    const next =
      node.kind === 'object'
        ? memberNamed(node.members, String(step))?.value
        : node.kind === 'array'
          ? node.items[Number(step)]
          : undefined;
    if (!next) return node;
    node = next;
  }
  return node;
}

/** Own members alone, whatever they are called. */
function dataOf(node: JsonNode): unknown {
  if (node.kind === 'object')
    return Object.fromEntries(node.members.map(({ key, value }) => [key.value, dataOf(value)]));
  return node.kind === 'array' ? node.items.map(dataOf) : node.value;
}

type LimitValue = number | string | readonly (number | string)[];
type Limits = ReadonlyMap<string, LimitValue>;

/** What `$limit` and `{limit:NAME}` stand for; loaded only where a rule has one. */
async function readLimits(files: readonly string[], io: Io): Promise<Limits> {
  const usesLimits = files.some((path) => {
    const info = io.files.info(path);
    if (!info || info.size > most.bytes) return false;
    try {
      return /\$limit|\{limit:/.test(Buffer.from(io.files.read(path)).toString('utf8'));
    } catch {
      // Told when it is read as a rule.
      return false;
    }
  });
  if (!usesLimits) return new Map();
  const { limitData } = await import('./check/limits.generated.ts');
  return new Map(Object.entries(JSON.parse(limitData) as Record<string, LimitValue>));
}

/** What a rule may leave out. */
const defaults = {
  group: 'own',
  profile: 'recommended',
  confidence: 'documented',
  solutions: [],
  inputs: ['terraform', 'plan', 'state', 'bicep', 'arm', 'live'],
  sources: [],
} as const;

/** As the schema allows it. */
type WrittenRule = Omit<Rule, keyof typeof defaults | 'isOwn'> & Partial<Rule>;

function compile(written: Written, limitValues: Limits, solutions: readonly string[]): Rule {
  const { code, severity, subjects, checks, texts, when, ...given } = written.data as WrittenRule;
  for (const [i, id] of (given.solutions ?? []).entries())
    if (!solutions.includes(id)) throw written.wrong(['solutions', i], unknownSolution(id, solutions));
  checkTexts(written, checks, texts);
  const reading = new ConditionReading(written, limitValues);
  const { group, profile, confidence, inputs, sources, doubts } = { ...defaults, ...given };
  return {
    ...{ code, group, severity, profile, confidence, solutions: given.solutions ?? [], inputs, subjects, sources },
    ...(when && { when: reading.condition(when, ['when']) }),
    checks: checks.map((check, i): Check => {
      const { id, at, related, require } = check;
      return {
        id,
        ...(check.when && { when: reading.condition(check.when, ['checks', i, 'when']) }),
        require: reading.condition(require, ['checks', i, 'require']),
        ...(at !== undefined && { at }),
        ...(related && { related }),
      };
    }),
    texts: reading.texts(texts, ['texts']) as Rule['texts'],
    ...(doubts && { doubts }),
    isOwn: true,
  };
}

/** Names that must agree. */
function checkTexts(written: Written, checks: readonly Check[], texts: Rule['texts']): void {
  const ids = checks.map(({ id }) => id);
  for (const [i, id] of ids.entries())
    if (ids.indexOf(id) < i) throw written.wrong(['checks', i, 'id'], `another check is called "${id}" already.`);
  for (const [language, { messages, helps = {}, related = {}, live = {} }] of Object.entries(texts)) {
    const byCheck = { messages, helps, 'live.messages': live.messages ?? {}, 'live.helps': live.helps ?? {} };
    for (const [part, own] of Object.entries(byCheck))
      for (const id of Object.keys(own)) {
        if (ids.includes(id)) continue;
        const near = nearestOf(id, ids);
        const hint = near === undefined ? `there are ${ids.join(', ')}` : `did you mean "${near}"?`;
        throw written.wrong(['texts', language, ...part.split('.')], `there is no check "${id}"; ${hint}`, id);
      }
    for (const id of ids)
      if (!Object.hasOwn(messages, id))
        throw written.wrong(['texts', language, 'messages'], `the check "${id}" has no message here.`);
    for (const [i, check] of checks.entries())
      for (const [j, { message }] of (check.related ?? []).entries())
        if (!Object.hasOwn(related, message))
          throw written.wrong(
            ['checks', i, 'related', j, 'message'],
            `there is no text "${message}" in "texts.${language}.related".`,
          );
  }
}

/** Conditions as they are judged: limits put in, regular expressions compiled. */
class ConditionReading {
  readonly #written: Written;
  readonly #limits: Limits;
  #keywords = 0;

  constructor(written: Written, limitValues: Limits) {
    this.#written = written;
    this.#limits = limitValues;
  }

  condition(given: Condition, path: readonly (string | number)[], level = 0, lists = 0): Condition {
    if (level > most.conditionLevels)
      throw this.#written.wrong(path, `conditions are at most ${most.conditionLevels} levels deep.`);
    const read = (one: unknown, ...steps: (string | number)[]): Condition =>
      this.condition(one as Condition, [...path, ...steps], level + 1, lists);
    const entries = Object.entries(given).map(([keyword, argument]): [string, unknown] => {
      if (++this.#keywords > most.keywords)
        throw this.#written.wrong(path, `the conditions of a rule have at most ${most.keywords} keywords.`);
      switch (keyword) {
        case 'allOf':
        case 'anyOf':
          return [keyword, (argument as unknown[]).map((one, i) => read(one, keyword, i))];
        case 'not':
        case 'if':
        case 'then':
        case 'else':
          return [keyword, read(argument, keyword)];
        case 'items':
        case 'contains':
          if (lists === most.lists)
            throw this.#written.wrong(
              [...path, keyword],
              `a condition goes through at most ${most.lists} lists in each other.`,
            );
          return [keyword, this.condition(argument as Condition, [...path, keyword], level + 1, lists + 1)];
        case 'properties': {
          const members = Object.entries(argument as Record<string, unknown>);
          return [keyword, Object.fromEntries(members.map(([name, one]) => [name, read(one, keyword, name)]))];
        }
        case 'pattern':
          return [keyword, this.#pattern(argument as string, [...path, keyword])];
        default:
          return [keyword, this.#argument(keyword, argument, [...path, keyword])];
      }
    });
    return Object.fromEntries(entries);
  }

  #pattern(pattern: string, path: readonly (string | number)[]): Matcher {
    if (pattern.length > most.patternLength)
      throw this.#written.wrong(path, `a regular expression has at most ${most.patternLength} characters.`);
    let compiled: ReturnType<typeof compileRegex>;
    try {
      compiled = compileRegex(pattern);
    } catch (error) {
      const because = error instanceof Error ? error.message : 'it cannot be read';
      throw this.#written.wrong(
        path,
        `this is no regular expression of RE2, which has no look-around and no back-references (${because}).`,
      );
    }
    if (compiled.programSize() > most.patternSize)
      throw this.#written.wrong(path, 'this regular expression repeats too much; ask for less.');
    return {
      source: pattern,
      test: (text) => (text.length > limits.regexInput ? undefined : compiled.matcher(text).find()),
    };
  }

  #argument(keyword: string, argument: unknown, path: readonly (string | number)[]): unknown {
    if (typeof argument !== 'object' || argument === null || !('$limit' in argument)) return argument;
    const { $limit: name, percent } = argument as { $limit: string; percent?: number };
    const limit = this.#limit(name, [...path, '$limit']);
    const wanted = keyword === 'enum' ? 'list' : keyword === 'const' ? 'value' : 'number';
    const kind = Array.isArray(limit) ? 'list' : typeof limit;
    if (wanted === 'value' ? kind === 'list' : kind !== wanted)
      throw this.#written.wrong(path, `"${keyword}" takes a ${wanted}, and the limit "${name}" is none.`);
    return percent === undefined || typeof limit !== 'number' ? limit : (limit * percent) / 100;
  }

  #limit(name: string, path: readonly (string | number)[]): LimitValue {
    const limit = this.#limits.get(name);
    if (limit !== undefined) return limit;
    const near = nearestOf(name, [...this.#limits.keys()]);
    throw this.#written.wrong(
      path,
      near === undefined ? `there is no limit "${name}".` : `there is no limit "${name}"; did you mean "${near}"?`,
    );
  }

  /** With limits put in. */
  texts(given: unknown, path: readonly (string | number)[]): unknown {
    if (typeof given === 'string')
      return given.replaceAll(/\{limit:([^}]+)\}/g, (_whole, name: string) =>
        [this.#limit(name, path)].flat().join(', '),
      );
    return Object.fromEntries(
      Object.entries(given as Record<string, unknown>).map(([key, text]) => [key, this.texts(text, [...path, key])]),
    );
  }
}
