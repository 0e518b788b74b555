/**
 * The GitHub Action: what action.yml is given and the event that started it -> a run of the command line -> annotations, a job summary
 * and outputs; or, where subscriptions are named, an audit of them. In a pull request only what the change introduces counts, held
 * against its base, which has to be in the clone.
 * Nothing is asked of GitHub, so it needs no token and works on forks; an audit signs in as the steps before it have.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { main } from './main.ts';
import { escapedData } from './report/github.ts';
import { printable } from './report/printable.ts';
import type { Io } from './source/io.ts';
import type { Run } from './source/run.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What of a run counts: what the change introduces, what concerns its files, or all. */
type Scope = 'introduced' | 'changed-files' | 'everything';

const scopes: readonly string[] = ['auto', 'introduced', 'changed-files', 'everything'];

/** By exit status. */
const results = ['clean', 'findings', 'wrong-usage', 'incomplete'];

/** Gives the exit status. */
export async function runAction(env: Environment, version: string, io: Io): Promise<number> {
  const cwd = resolve(env['GITHUB_WORKSPACE'] || io.cwd, inputOf(env, 'working-directory') || '.');
  const temporary = mkdtempSync(join(env['RUNNER_TEMP'] || tmpdir(), 'azure-backup-lint-'));
  try {
    return await report(env, version, { ...io, cwd }, temporary);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    tellError(io, error.message);
    writeOutputs(env, { 'exit-code': '2', result: results[2]! });
    return 2;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function report(env: Environment, version: string, io: Io, temporary: string): Promise<number> {
  const [json, markdown] = [join(temporary, 'run.json'), join(temporary, 'summary.md')];
  const sarif = inputOf(env, 'sarif');
  const formats = [
    isOn(env, 'annotations') ? 'github' : 'pretty',
    `json=${json}`,
    ...(isOn(env, 'summary') ? [`markdown=${markdown}`] : []),
    ...(sarif ? [`sarif=${sarif}`] : []),
    ...linesOf(env, 'formats'),
  ];
  const audited = auditOf(env);
  const args = [
    audited.length > 0 ? 'audit' : 'lint',
    ...formats.map((format) => `--format=${format}`),
    ...optionsOf(env, ['config', 'profile', 'fail-on', 'baseline', 'lang']),
    ...(audited.length > 0 ? audited : sinceOf(env, io)),
    ...linesOf(env, 'options'),
    ...(audited.length > 0 ? [] : ['--', ...linesOf(env, 'paths')]),
  ];
  let told = '';
  const err = {
    ...io.err,
    isTerminal: false,
    columns: io.err.columns,
    write: (text: string): void => {
      told += text;
      io.err.write(text);
    },
  };
  const written = new Set<string>();
  const writeFile = (path: string, text: string): void => {
    io.writeFile(path, text);
    written.add(path);
  };
  const code = await main(args, version, { ...io, err, writeFile });
  if (code === 2) tellError(io, told.replace(/^error: /, '').trim());
  const summary = textIn(markdown);
  if (summary !== undefined && env['GITHUB_STEP_SUMMARY']) appendFileSync(env['GITHUB_STEP_SUMMARY'], summary);
  const run = textIn(json);
  const counts = run === undefined ? undefined : (JSON.parse(run) as Pick<Run, 'summary'>).summary;
  writeOutputs(env, {
    'exit-code': String(code),
    result: results[code] ?? 'wrong-usage',
    ...(counts && {
      findings: String(counts.errors + counts.warnings + counts.notes),
      errors: String(counts.errors),
      warnings: String(counts.warnings),
      notes: String(counts.notes),
      undetermined: String(counts.undetermined),
    }),
    ...(written.has(resolve(io.cwd, sarif)) && { sarif }),
  });
  return code;
}

/** What the user has to correct. */
class InputError extends Error {}

/** Options that have one value, as they are given. */
function optionsOf(env: Environment, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = inputOf(env, name);
    return value ? [`--${name}=${value}`] : [];
  });
}

/** What of Azure is read, instead of files; empty where nothing is named. */
function auditOf(env: Environment): string[] {
  const read = [
    ...linesOf(env, 'subscriptions').map((line) => `--subscription=${line}`),
    ...optionsOf(env, ['management-group', 'inventory']),
  ];
  if (read.length === 0) return [];
  return [
    ...read,
    ...optionsOf(env, ['cloud', 'timeout', 'save-inventory']),
    ...(isOn(env, 'deep', false) ? ['--deep'] : []),
  ];
}

function sinceOf(env: Environment, io: Io): string[] {
  const given = inputOf(env, 'report') || 'auto';
  if (!scopes.includes(given))
    throw new InputError(`The input "report" is one of ${scopes.join(', ')}, not "${given}".`);
  const event = eventOf(env);
  const isPullRequest = event.pull_request !== undefined || event.merge_group !== undefined;
  const scope: Scope = given === 'auto' ? (isPullRequest ? 'introduced' : 'everything') : (given as Scope);
  if (scope === 'everything') return [];
  const base = baseOf(env, io, event);
  return [scope === 'introduced' ? `--new-since=${base}` : `--changed-since=${base}`];
}

interface Event {
  readonly pull_request?: { readonly base?: { readonly sha?: unknown }; readonly head?: { readonly sha?: unknown } };
  readonly merge_group?: { readonly base_sha?: unknown };
  /** Of a push; zeros where the branch is new. */
  readonly before?: unknown;
}

function eventOf(env: Environment): Event {
  const text = textIn(env['GITHUB_EVENT_PATH'] ?? '');
  if (text === undefined) return {};
  try {
    const event: unknown = JSON.parse(text);
    return typeof event === 'object' && event !== null ? event : {};
  } catch {
    return {};
  }
}

/** The commit that the change is held against. */
function baseOf(env: Environment, io: Io, event: Event): string {
  const named = inputOf(env, 'base');
  if (named) return named;
  const told = event.pull_request?.base?.sha ?? event.merge_group?.base_sha ?? event.before;
  const sha = typeof told === 'string' && /^[0-9a-f]{40,64}$/.test(told) && !/^0+$/.test(told) ? told : undefined;
  if (sha === undefined)
    throw new InputError(
      'Nothing says what the change is held against: this event has no base. Set the input "base" to a revision, or "report" to everything.',
    );
  const commit = (revision: string): string | undefined => {
    const answer = io.git?.(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], io.cwd);
    return answer?.code === 0 ? new TextDecoder().decode(answer.out).trim() : undefined;
  };
  // What GitHub checks out is its merge of the pull request into the base, which may have gone on since the event.
  const head = event.pull_request?.head?.sha;
  const isMerge = typeof head === 'string' && commit('HEAD^2') === head;
  const present = commit(isMerge ? 'HEAD^1' : sha);
  if (present === undefined)
    throw new InputError(
      `The base of the change, ${sha.slice(0, 12)}, is not in this clone: give actions/checkout "fetch-depth: 2", or 0 where it checks out something else than the pull request's merge. Or set the input "report" to everything.`,
    );
  return present;
}

function inputOf(env: Environment, name: string): string {
  return (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

/** An input that holds one value on each line. */
function linesOf(env: Environment, name: string): string[] {
  return inputOf(env, name)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function isOn(env: Environment, name: string, byDefault = true): boolean {
  const value = inputOf(env, name).toLowerCase() || String(byDefault);
  if (!['true', 'false'].includes(value)) throw new InputError(`The input "${name}" is true or false, not "${value}".`);
  return value !== 'false';
}

function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** An annotation without a place. */
function tellError(io: Io, message: string): void {
  const text = escapedData(message.split('\n').map(printable).join('\n'));
  io.out.write(`::error title=azure-backup-lint::${text}\n`);
}

function writeOutputs(env: Environment, outputs: Readonly<Record<string, string>>): void {
  const file = env['GITHUB_OUTPUT'];
  if (!file) return;
  // No value has more than one line.
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]+/g, ' ')}\n`);
  appendFileSync(file, lines.join(''));
}
