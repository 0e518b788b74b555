/**
 * `rules test`: the user's own rules on their fixtures, DIR/fixtures/CODE/KIND[.NAME].{tf,bicep,json,inventory.jsonl}, of which each is
 * judged alone and under its rule alone. `fail` is reported exactly on the lines that a person has marked with `expect: CODE`, `pass` is
 * silent because the rule knows, `unknown` because it does not.
 */
import { join, resolve } from 'node:path';
import type { Condition } from './check/condition.ts';
import type { Rule } from './check/rule.ts';
import { type Options, settleOptions } from './config.ts';
import { readConfiguration } from './config-file.ts';
import type { Configuration } from './evaluate/resource.ts';
import { force, memberOf, type Value } from './evaluate/value.ts';
import { judgeLive, lint, liveModels, readModels } from './lint.ts';
import type { Model } from './model/model.ts';
import { readOwnRules } from './own-rules.ts';
import type { Say } from './report/translation.ts';
import { fixturesName } from './rule-folder.ts';
import type { Diagnostic } from './source/diagnostic.ts';
import type { Files, Io } from './source/io.ts';
import { limits } from './source/limits.ts';
import { messageOf, withFile } from './source/reader.ts';
import type { Run } from './source/run.ts';
import { isSpan } from './source/source.ts';
import { nearestOf, UsageError } from './usage.ts';

interface Fixture {
  readonly name: string;
  readonly kind: 'fail' | 'pass' | 'unknown';
  readonly text: string;
  /** The disk with the fixture alone, and the configuration that it is judged under. */
  readonly io: Io;
}

const configName = 'azure-backup-lint.yaml';

/** `lines` are for people, in their language. */
export async function testOwnRules(
  folders: readonly string[],
  catalogue: readonly Rule[],
  io: Io,
  say: Say,
): Promise<{ lines: string[]; passes: boolean }> {
  const paths = [...new Set(folders.map((folder) => resolve(io.cwd, folder)))];
  const own = await readOwnRules(
    paths.map((path) => ({ path, named: 'rules test' })),
    catalogue,
    io,
  );
  const rules = [...catalogue, ...own.map(({ rule }) => rule)];
  const lines: string[] = [];
  let problems = 0;
  let tried = 0;
  const tell = (name: string, found: readonly string[]): void => {
    problems += found.length;
    for (const problem of found) lines.push(`  ${name}: ${say(problem)}`);
  };
  for (const { rule } of own) {
    const fixtures = paths.flatMap((path) => fixturesIn(join(path, fixturesName, rule.code), io));
    const before = problems;
    const at = lines.length;
    // What only a subscription shows stands in no file.
    const isOfFiles = rule.inputs.some((input) => input !== 'live');
    for (const kind of ['fail', 'pass'] as const)
      if (isOfFiles && !fixtures.some((fixture) => fixture.kind === kind))
        tell(rule.code, [`there is no fixture ${kind}.tf, ${kind}.bicep or ${kind}.json that shows it.`]);
    for (const fixture of fixtures) tell(fixture.name, await problemsOf(fixture, rule, rules));
    tried += fixtures.length;
    const names = fixtures.length === 0 ? '' : ` (${fixtures.map(({ name }) => name).join(', ')})`;
    lines.splice(at, 0, problems === before ? `ok    ${rule.code}${names}` : `FAIL  ${rule.code}`);
  }
  const codes = own.map(({ rule }) => rule.code);
  for (const path of paths)
    for (const name of foldersIn(join(path, fixturesName), io)) {
      if (codes.includes(name)) continue;
      const near = nearestOf(name, codes);
      const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
      tell(`${fixturesName}/${name}`, [`There is no own rule "${name}".${hint}`]);
    }
  lines.push('', say(`Rules: ${own.length}, fixtures: ${tried}, problems: ${problems}.`));
  return { lines, passes: problems === 0 };
}

function foldersIn(folder: string, io: Io): string[] {
  if (io.files.info(folder)?.kind !== 'directory') return [];
  return entriesOf(folder, io).flatMap(({ name, kind }) => (kind === 'directory' ? [name] : []));
}

function entriesOf(folder: string, { files }: Io): ReturnType<Files['list']> {
  try {
    return [...files.list(folder)].sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new UsageError(`rules test: the folder ${folder} cannot be read: ${messageOf(error)}.`);
  }
}

function fixturesIn(folder: string, io: Io): Fixture[] {
  if (io.files.info(folder)?.kind !== 'directory') return [];
  const names = entriesOf(folder, io).flatMap(({ name, kind }) => (kind === 'file' ? [name] : []));
  return names
    .filter((name) => !name.endsWith('.jsonl') || isRecording(name))
    .filter((name) => /^(?:fail|pass|unknown)(?:\.[\w-]+)*\.(?:tf|bicep|json|jsonl)$/.test(name))
    .map((name): Fixture => {
      const bytes = bytesOf(join(folder, name), io);
      const own = `${name.replace(/\.(?:inventory\.)?\w+$/, '')}.${configName}`;
      const config = [own, configName].find((one) => names.includes(one));
      let files = withFile(nothingBut(folder, io), join(folder, name), bytes);
      if (config !== undefined) files = withFile(files, join(folder, configName), bytesOf(join(folder, config), io));
      return {
        name,
        kind: name.split('.')[0] as Fixture['kind'],
        text: new TextDecoder().decode(bytes),
        io: { ...io, cwd: folder, files },
      };
    });
}

function isRecording(name: string): boolean {
  return name.endsWith('.inventory.jsonl');
}

function bytesOf(path: string, { files }: Io): Uint8Array {
  const size = files.info(path)?.size ?? 0;
  if (size > limits.jsonBytes) throw new UsageError(`rules test: ${path} is too large.`);
  try {
    return files.read(path);
  } catch (error) {
    throw new UsageError(`rules test: ${path} cannot be read: ${messageOf(error)}.`);
  }
}

/** An empty folder; what lies beside a fixture is another one. */
function nothingBut(folder: string, io: Io): Files {
  return {
    info: (path) => (path === folder ? { kind: 'directory', size: 0 } : undefined),
    read: () => {
      throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    },
    list: () => [],
    realPath: (path) => (path === folder ? path : undefined),
    home: io.files.home,
  };
}

async function problemsOf(fixture: Fixture, rule: Rule, rules: readonly Rule[]): Promise<string[]> {
  const { io, name, text, kind } = fixture;
  const file = await readConfiguration(undefined, io);
  const flags = { only: [rule.code], showUndetermined: true };
  const options = settleOptions(isRecording(name) ? [] : [name], flags, rules, io, file);
  const run = await judged(name, options, io);
  const unread = run.diagnostics.filter(({ severity }) => severity === 'error');
  if (unread.length > 0) return unread.map(({ message }) => message);
  const counted = run.findings.filter(({ suppressed }) => !suppressed);
  const found = counted.map(({ at }) => (isSpan(at) ? at.source.position(at.start).line : 0));
  const marked = isRecording(name) ? [] : markedLines(text, rule.code);
  const problems: string[] = [];
  if (isRecording(name) && kind !== 'fail')
    for (const { resource } of counted) problems.push(`${resource.address} is reported.`);
  else if (!isRecording(name))
    for (const line of without(found, marked))
      if (kind !== 'fail' || marked.length > 0 || !name.endsWith('.json'))
        problems.push(`line ${line} is reported, but it is not marked with "expect: ${rule.code}".`);
  for (const line of without(marked, found)) problems.push(`line ${line} is marked, but it is not reported.`);
  const [open] = run.undetermined;
  if (kind === 'fail' && found.length === 0) {
    if (isRecording(name)) problems.push('nothing is reported.');
    else if (marked.length === 0) problems.push('nothing is reported, and no line is marked.');
    problems.push(...reasonsOf(await modelsOf(name, options, io), rule));
  }
  if (kind === 'pass' && open) problems.push(`it is undetermined, because ${open.because}.`);
  if (kind === 'unknown' && !open) problems.push('it is to be undetermined, and it is not.');
  return problems;
}

async function judged(name: string, options: Options, io: Io): Promise<Run> {
  if (!isRecording(name)) return lint(options, io, '');
  const log: Diagnostic[] = [];
  return judgeLive(await recorded(name, io, log), options, io, '', log);
}

async function modelsOf(name: string, options: Options, io: Io): Promise<readonly Model[]> {
  if (!isRecording(name)) return (await readModels(options, io, 'models alone')).models;
  return [...liveModels(await recorded(name, io, []), options)];
}

/** What the recording could not read is part of what it shows. */
async function recorded(name: string, io: Io, log: Diagnostic[]): Promise<Iterable<Configuration>> {
  const [{ replay }, { liveConfigurations }] = await Promise.all([
    import('./replay.ts'),
    import('./azure/configuration.ts'),
  ]);
  const inventory = replay(name, io, log);
  return inventory ? liveConfigurations(inventory) : [];
}

/** Each line as often as it is marked. */
function markedLines(text: string, code: string): number[] {
  return text.split('\n').flatMap((line, i) => {
    const match = /(?:#|\/\/) expect: ([a-z0-9-]+(?:, *[a-z0-9-]+)*)/.exec(line);
    return (match?.[1] ?? '').split(/, */).flatMap((one) => (one === code ? [i + 1] : []));
  });
}

/** What of the lines is left when the others are taken away. */
function without(lines: readonly number[], others: readonly number[]): number[] {
  const left = [...lines];
  for (const line of others) {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
  }
  return left;
}

/** Why a rule may find nothing: no such subject, or a fact whose name is not one of the model. */
function reasonsOf(models: readonly Model[], rule: Rule): string[] {
  const views = models.flatMap(({ entities }) =>
    entities.flatMap(({ subject, view }) => (rule.subjects.includes(subject) ? [view] : [])),
  );
  if (views.length === 0) return [`nothing in it is a subject of the rule (${rule.subjects.join(', ')}).`];
  const conditions = [rule.when, ...rule.checks.flatMap(({ when, require }) => [when, require])];
  const reasons = conditions.flatMap((condition) => (condition ? unknownFacts(condition, views) : []));
  return [...new Set(reasons)];
}

/** Facts that a condition asks for, that no view has, and that are written much like one which there is. */
function unknownFacts(condition: Condition, values: readonly Value[]): string[] {
  const objects = values.map(force).flatMap((value) => (value.kind === 'object' ? [value] : []));
  const names = [...new Set(objects.flatMap(({ members }) => [...members.keys()]))];
  const inside = (condition['properties'] ?? {}) as Readonly<Record<string, Condition>>;
  const asked = [...Object.keys(inside), ...((condition['required'] ?? []) as readonly string[])];
  return [
    ...asked.flatMap((name) => {
      const near = names.includes(name) ? undefined : nearestOf(name, names);
      return near === undefined ? [] : [`there is no fact "${name}"; did you mean "${near}"?`];
    }),
    ...Object.entries(inside).flatMap(([name, one]) =>
      unknownFacts(
        one,
        objects.flatMap((object) => memberOf(object, name)?.value ?? []),
      ),
    ),
    ...['allOf', 'anyOf'].flatMap((name) =>
      ((condition[name] ?? []) as readonly Condition[]).flatMap((one) => unknownFacts(one, values)),
    ),
    ...['not', 'if', 'then', 'else'].flatMap((name) => {
      const one = condition[name] as Condition | undefined;
      return one ? unknownFacts(one, values) : [];
    }),
  ];
}
