/** The `audit` command: reads subscriptions, or a recording of them, judges what is there and tells what could not be read. */
import { resolve } from 'node:path';
import type { ArmOptions } from './azure/arm.ts';
import { type Cloud, clouds, withEndpoint } from './azure/clouds.ts';
import { liveConfigurations } from './azure/configuration.ts';
import { failureOf } from './azure/failure.ts';
import { type CloudName, type Inventory, Recording, type Scope, scopeId } from './azure/inventory.ts';
import type { Progress } from './azure/reading.ts';
import { signIn } from './azure/sign-in.ts';
import { Stop } from './azure/stop.ts';
import { survey } from './azure/survey.ts';
import { told } from './azure/unread.ts';
import type { Baseline } from './baseline.ts';
import type { Flags, Options } from './config.ts';
import { judgeLive, readModels } from './lint.ts';
import type { Declared } from './model/declared.ts';
import { replay } from './replay.ts';
import type { Say } from './report/translation.ts';
import type { Diagnostic, Log } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';
import { messageOf } from './source/reader.ts';
import type { Run } from './source/run.ts';
import { Source } from './source/source.ts';
import { UsageError } from './usage.ts';

/** As commander gives them, beside those that lint has. */
export interface AuditFlags extends Flags {
  readonly subscription?: readonly string[];
  readonly managementGroup?: string;
  readonly saveInventory?: string;
  readonly inventory?: string;
  readonly cloud?: CloudName;
  readonly timeout?: string;
  readonly deep?: boolean;
  readonly endpoint?: string;
  readonly compare?: readonly string[];
}

/** How Azure is reached. */
export type Connect = (
  cloud: Cloud,
  stop: Stop,
) => Promise<Pick<ArmOptions, 'credential' | 'httpClient' | 'retryDelay'>>;

const asWhoIsSignedIn: Connect = async (cloud, stop) => ({ credential: await signIn(cloud, stop) });

/** `baseline`: findings that are known. */
export async function audit(
  flags: AuditFlags,
  options: Options,
  io: Io,
  version: string,
  say: Say,
  baseline?: Baseline,
  connect: Connect = asWhoIsSignedIn,
): Promise<Run> {
  io.files.expectAudit?.();
  const log: Diagnostic[] = [];
  const inventory = await readAzure(flags, io, version, log, say, connect);
  if (inventory && options.verbose) log.push(...accountOf(inventory));
  const declared =
    flags.compare && inventory ? await declaredIn(flags.compare, inventory.header.scope, options, io, log) : undefined;
  return judgeLive(inventory ? liveConfigurations(inventory) : [], options, io, version, log, { baseline, declared });
}

/** What files declare; what is wrong with them goes to the log, where the audit alone would not tell it. */
async function declaredIn(
  paths: readonly string[],
  scope: Scope,
  options: Options,
  io: Io,
  log: Log,
): Promise<Declared> {
  const { Declared } = await import('./model/declared.ts');
  const { models, reader } = await readModels({ ...options, paths }, io, 'models alone');
  log.push(...reader.log);
  return new Declared(
    models,
    'subscriptions' in scope && scope.subscriptions.length === 1,
    reader.log.some(({ severity }) => severity === 'error'),
  );
}

/** How much was read of what. */
function accountOf({ header, rows }: Inventory): Diagnostic[] {
  const counts = new Map<string, number>();
  for (const { from } of rows) counts.set(from, (counts.get(from) ?? 0) + 1);
  const at = { resourceId: scopeId(header.scope), path: '' };
  return [...counts].map(([from, count]) => ({
    code: 'azure-read',
    severity: 'note',
    message: `${from}: ${count} rows were read.`,
    at,
  }));
}

/** A tenant of a thousand subscriptions takes a few minutes. */
const usualSeconds = 600;

const longestSeconds = 24 * 60 * 60;

/** What was read, now or in a recording; undefined where that is none. What could not be read goes to the log. */
async function readAzure(
  flags: AuditFlags,
  io: Io,
  version: string,
  log: Log,
  say: Say,
  connect: Connect,
): Promise<Inventory | undefined> {
  const inventory =
    flags.inventory === undefined
      ? await readLive(flags, io, version, log, say, connect)
      : recorded(flags, flags.inventory, io, log);
  if (inventory) log.push(...told(inventory.gaps));
  return inventory;
}

function recorded(flags: AuditFlags, name: string, io: Io, log: Log): Inventory | undefined {
  const live = {
    '--subscription': flags.subscription,
    '--management-group': flags.managementGroup,
    '--save-inventory': flags.saveInventory,
  };
  for (const [option, value] of Object.entries(live))
    if (value !== undefined)
      throw new UsageError(`--inventory replays what was read, so ${option} has no place beside it.`);
  return replay(name, io, log);
}

async function readLive(
  flags: AuditFlags,
  io: Io,
  version: string,
  log: Log,
  say: Say,
  connect: Connect,
): Promise<Inventory> {
  const scope = scopeOf(flags);
  const cloud = cloudOf(flags);
  const seconds = secondsOf(flags.timeout);
  const file = flags.saveInventory === undefined ? undefined : openedFor(flags.saveInventory, io, log);
  const stop = new Stop(seconds);
  const endWaiting = io.onInterrupt?.(() => stop.now('interrupted'));
  const progress = progressOn(io, say);
  const deep = flags.deep ?? false;
  let begun: Recording | undefined;
  const start = (readAt: Date): Recording => {
    begun = new Recording(
      { version: 1, cloud: cloud.name, scope, readAt: readAt.toISOString(), deep },
      file && ((line) => file.write(`${line}\n`)),
    );
    return begun;
  };
  try {
    const connection = await connect(cloud, stop);
    const recording = await survey({ cloud, stop, version, ...connection }, scope, deep, start, progress.show);
    return recording.inventory();
  } catch (error) {
    // As a rule before anything was read; else what was read stays.
    const { message, code, remedy } = failureOf(error, stop);
    const recording = begun ?? start(new Date());
    recording.miss({
      unread: 'everything',
      scope: scopeId(scope),
      because: message,
      code,
      ...(remedy === undefined ? {} : { remedy }),
    });
    recording.end();
    return recording.inventory();
  } finally {
    progress.end();
    endWaiting?.();
    stop.over();
    file?.close();
  }
}

function scopeOf({ subscription, managementGroup }: AuditFlags): Scope {
  const ids = [
    ...new Set((subscription ?? []).flatMap((given) => given.split(',')).map((id) => id.trim().toLowerCase())),
  ].filter((id) => id !== '');
  if (ids.length > 0 && managementGroup !== undefined)
    throw new UsageError(
      'An audit reads subscriptions or a management group: leave --subscription or --management-group out.',
    );
  for (const id of ids)
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
      throw new UsageError(
        `--subscription takes the id of a subscription, as "az account list" shows it, not "${id}".`,
      );
  if (managementGroup !== undefined) {
    if (!/^[\w().-]{1,90}$/.test(managementGroup))
      throw new UsageError(`--management-group takes the id of a management group, not "${managementGroup}".`);
    return { managementGroup };
  }
  if (ids.length === 0)
    throw new UsageError(
      'Say what to audit: --subscription ID, --management-group ID, or --inventory FILE for what was recorded.',
    );
  return { subscriptions: ids };
}

function cloudOf({ cloud: name, endpoint }: AuditFlags): Cloud {
  const cloud = clouds[name ?? 'AzureCloud'];
  if (endpoint === undefined) return cloud;
  const other = withEndpoint(cloud, endpoint);
  if (!other)
    throw new UsageError(`--endpoint takes an origin such as https://management.azure.com, not "${endpoint}".`);
  return other;
}

function secondsOf(given: string | undefined): number {
  if (given === undefined) return usualSeconds;
  const seconds = Number(given);
  if (!(seconds > 0 && seconds <= longestSeconds))
    throw new UsageError(`--timeout takes seconds, at most ${longestSeconds}, not "${given}".`);
  return seconds;
}

/** What fails once it is open is told, and the audit goes on. */
function openedFor(name: string, io: Io, log: Log): { write(text: string): void; close(): void } {
  const path = resolve(io.cwd, name);
  const open = io.openFile ?? whole(io);
  let file: { write(text: string): void; close(): void } | undefined;
  try {
    file = open(path);
  } catch (error) {
    throw new UsageError(`--save-inventory: ${name} cannot be written: ${messageOf(error)}.`);
  }
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      file = undefined;
      log.push({
        code: 'report-not-written',
        severity: 'error',
        message: `The recording cannot be written: ${messageOf(error)}.`,
        at: { source: new Source(name, ''), start: 0, end: 0 },
      });
    }
  };
  return {
    write: (text) => attempt(() => file?.write(text)),
    close: () => attempt(() => file?.close()),
  };
}

/** Where files cannot grow. */
function whole(io: Io): NonNullable<Io['openFile']> {
  return (path) => {
    let text = '';
    return {
      write: (more) => {
        text += more;
      },
      close: () => io.writeFile(path, text),
    };
  };
}

/** On a terminal, at most ten times a second. */
function progressOn(io: Io, say: Say): { show: Progress; end: () => void } {
  if (!io.err.isTerminal) return { show: () => {}, end: () => {} };
  let last = Number.NEGATIVE_INFINITY;
  return {
    show: (reading, done, of) => {
      if (io.now() - last < 100 && done !== of) return;
      last = io.now();
      const text = say(of === undefined ? `reading ${reading}: ${done}` : `reading ${reading}: ${done} of ${of}`);
      io.err.write(`\r\u001b[K${text.slice(0, Math.max(10, io.err.columns - 1))}`);
    },
    end: () => {
      if (last !== Number.NEGATIVE_INFINITY) io.err.write('\r\u001b[K');
    },
  };
}
