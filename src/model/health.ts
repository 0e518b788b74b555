/**
 * What Azure tells of things that exist: how the last backup went, when the newest recovery point was made, whether what is protected
 * still exists, which agents run. Takes resources of an audit and its time; gives facts of items, registrations, disks and snapshots.
 * What was not told, or not read, is not known.
 */
import type { Live, Resource } from '../evaluate/resource.ts';
import { equal, force, type Obj, type Value } from '../evaluate/value.ts';
import { heldBy } from './disk.ts';
import { computed, type Fact, mapped, numberIn, pick, spelt, textOf, undecided, view } from './facts.ts';
import { plainId, type ResourceId, rootId } from './id.ts';
import type { ItemLinks } from './item.ts';
import type { Facts } from './retention.ts';
import { gap, isoMinutes, weeklyRuns } from './schedule.ts';

const minute = 60_000;
const day = 24 * 60;

/** How long an item may wait for its first recovery point, in minutes. */
const firstDays = 2 * day;
/** After it a log or differential backup of SQL Server turns into a full one. */
const longestWithoutFull = 15 * day;
/** The code with which Azure Backup refuses an availability group (learn.microsoft.com/azure/backup/backup-sql-server-azure-troubleshoot). */
const nodesRefused = 'FabricSvcBackupPreferenceCheckFailedUserError';
/** The code with which the backup of a database fails where its machine does not reach Azure (same page). */
const withoutConnection = 'usererrorvminternetconnectivityissue';
/** After it a DPM or MABS server stops its backups. */
const longestSilence = 15 * day;
/** The oldest agent of MARS that current vault credentials work with. */
const oldestAgent = '2.0.9249.0';
/** A build of Azure Backup Server that was called back. */
const recalledServer = '14.0.42.0';

// Items

/** `policy`: its view, or unknown. */
export function itemHealth(resource: Resource, links: ItemLinks, policy: Value, live: Live): Facts {
  return {
    health: { at: resource.head, value: health(resource, live) },
    recoveryPoint: { at: resource.head, value: recoveryPoint(resource, links, policy, live) },
    ...(textOf(links.solution.value) === 'sql-in-vm' && {
      lastFull: lastFull(resource, live),
      missingNodes: missingNodes(resource),
    }),
    ...(textOf(links.solution.value) === 'dpm-mabs' && { inCloud: inCloud(resource) }),
  };
}

/**
 * Whether Azure Backup refuses an availability group because nodes that its backups need are not registered, or not reached. Nothing
 * else of a group is told: neither its preference and primary node, nor clusters, mirroring and basic groups.
 */
function missingNodes({ address, body, head }: Resource): Fact {
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const last = textOf(mapped(at('lastBackupStatus'), outcomes)?.value);
  const code = written(at('lastBackupErrorDetail.code'));
  if (last === 'failed' && textOf(code?.value)?.toLowerCase() === nodesRefused.toLowerCase())
    return computed(true, code!.at);
  const isOfGroup = /\/protectioncontainers\/sqlagworkloadcontainer;/i.test(address);
  if (isOfGroup && last === 'failed' && !code)
    return undecided('Azure does not tell why the last backup of the database failed', head);
  return !isOfGroup || last === 'succeeded' || last === 'failed'
    ? computed(false, head)
    : undecided('Azure does not tell how the last backup of the database went', head);
}

const outcomes = {
  completed: 'succeeded',
  completedwithwarnings: 'succeeded',
  healthy: 'succeeded',
  failed: 'failed',
  unhealthy: 'failed',
  irpending: 'none',
  cancelled: 'cancelled',
};

/**
 * Whether the machine of some databases reaches Azure Backup, as their last backups show: one that succeeds does, and what fails for
 * another reason has told so. A text says why that is not known; undefined where nothing speaks for it.
 */
export function reachesAzure(items: readonly Resource[]): true | string | undefined {
  const outcomesOf = items.map(({ body }) => ({
    last: textOf(mapped(pick(body, 'properties.lastBackupStatus', true), outcomes)?.value),
    code: textOf(written(pick(body, 'properties.lastBackupErrorDetail.code', true))?.value)?.toLowerCase(),
  }));
  if (outcomesOf.some(({ last }) => last === 'succeeded')) return true;
  if (outcomesOf.some(({ last, code }) => last === 'failed' && code === withoutConnection)) return undefined;
  if (outcomesOf.some(({ last }) => last === undefined)) return 'Azure does not tell how the last backup went';
  const failed = outcomesOf.filter(({ last }) => last === 'failed');
  if (failed.some(({ code }) => code === undefined))
    return 'Azure does not tell why the last backup of the database failed';
  return failed.length > 0 ? 'the last backup of the database failed for another reason' : undefined;
}

/** What the service says of the state, of the last backup, and of the agent on the machine. */
function health({ body, head }: Resource, live: Live): Obj {
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const instance = at('dataSourceInfo') && !at('protectedItemType');
  const state = at('protectionState') ?? at('currentProtectionState');
  const current = at('currentProtectionState');
  const erroneous = /^(?:protectionerror|configuringprotectionfailed)$/i;
  const shown = [state, current].find((fact) => erroneous.test(textOf(fact?.value) ?? '')) ?? state;
  const never = at('recoveryPoints.none');
  const last = at('lastBackupStatus') ?? at('lastJob.status') ?? at('extendedInfo.lastBackupStatus');
  const word = textOf(last?.value);
  return view(head, {
    state: mapped(shown, spelt('ProtectionError', 'ConfiguringProtectionFailed')),
    lastBackup:
      word !== undefined && word !== ''
        ? mapped(last, outcomes)
        : never
          ? computed('none', never.at)
          : undecided(
              instance
                ? (live.unread('jobs', '') ?? 'no backup of the last days is listed')
                : 'Azure does not tell how the last backup went',
              head,
            ),
    error: mapped(
      written(at('lastBackupErrorDetail.code')) ?? written(at('protectionErrorDetails.code')),
      spelt(nodesRefused),
    ),
    reachable: mapped(written(at('protectedItemHealthStatus')), {
      healthy: true,
      unhealthy: true,
      irpending: true,
      notreachable: false,
    }),
  });
}

/** Success is no error. */
function written(fact: Fact | undefined): Fact | undefined {
  return fact && /^(?:|success)$/i.test(textOf(fact.value) ?? 'x') ? undefined : fact;
}

/** The newest one, how old it is, and whether that is more than twice what the schedule makes of it. */
function recoveryPoint({ body, head }: Resource, links: ItemLinks, policy: Value, live: Live): Obj {
  const at = (path: string): Fact | undefined => pick(body, `properties.recoveryPoints.${path}`, true);
  const newest = at('newest');
  const time = timeIn(newest);
  if (newest && time !== undefined) {
    const age = Math.floor((live.readAt - time) / minute);
    const interval = intervalOf(links, policy, at('everyMinutes') ?? at('usualMinutes'), head);
    const minutes = numberIn(interval.value);
    return view(head, {
      missing: computed(false, head),
      newest,
      age: computed(lasting(age), newest.at),
      interval: minutes === undefined ? interval : computed(lasting(minutes), interval.at),
      tooOld: minutes === undefined ? interval : computed(age > 2 * minutes, newest.at),
    });
  }
  const none = at('none');
  if (!none) {
    const open = undecided('Azure does not tell when the last recovery point was made', head);
    return view(head, { missing: open, tooOld: open });
  }
  const since = sinceWhen(body);
  const waits = since === undefined ? undefined : Math.floor((live.readAt - since) / minute);
  return view(head, {
    tooOld: computed(false, head),
    missing:
      waits === undefined
        ? undecided('it is not known since when the item is protected', none.at)
        : computed(waits > firstDays, none.at),
    waiting: waits === undefined ? undefined : computed(lasting(waits), none.at),
  });
}

/** A backup that was tried proves as much as the date on which the item was made. */
function sinceWhen(body: Obj): number | undefined {
  const times = ['systemData.createdAt', 'properties.systemData.createdAt', 'properties.lastBackupTime']
    .map((path) => timeIn(pick(body, path, true)))
    .filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Minutes between two backups; of databases between full ones, for not every answer counts logs as points. */
function intervalOf({ solution }: ItemLinks, policy: Value, told: Fact | undefined, head: Fact['at']): Fact {
  const word = textOf(solution.value);
  const of = (path: string): Fact | undefined => pick(policy, path, false);
  if (word === 'sql-in-vm' || word === 'hana-in-vm' || word === 'ase-in-vm') {
    const schedule = of('full.schedule') ?? of('snapshotFull.schedule');
    const runs = schedule?.value.kind === 'object' ? weeklyRuns(Object.fromEntries(schedule.value.members)) : undefined;
    return (runs && gap(runs, schedule!.at)['rpoMinutes']) ?? undecided('the schedule is not known', head);
  }
  const own = of('rpoMinutes');
  if (numberIn(own?.value) !== undefined) return own!;
  return told ?? own ?? undecided('the schedule is not known', head);
}

function lastFull({ body, head }: Resource, live: Live): Fact {
  const newest = pick(body, 'properties.recoveryPoints.newestFull', true);
  const time = timeIn(newest);
  if (!newest || time === undefined)
    return undecided(live.unread('recovery-points', '') ?? 'no full backup is listed', head);
  const age = Math.floor((live.readAt - time) / minute);
  return {
    at: newest.at,
    value: view(newest.at, {
      age: computed(lasting(age), newest.at),
      tooOld: computed(age > longestWithoutFull, newest.at),
    }),
  };
}

/** Whether an item of a DPM or MABS server has points in Azure. */
function inCloud({ body, head }: Resource): Fact {
  const at = (path: string): Fact | undefined => pick(body, `properties.extendedInfo.${path}`, true);
  // Its first copy may not be due yet.
  if (/^irpending$/i.test(textOf(pick(body, 'properties.protectionState', true)?.value) ?? ''))
    return undecided('the item waits for its first backup', head);
  const present = at('isPresentOnCloud');
  const count = numberIn(at('recoveryPointCount')?.value);
  if (present?.value.kind === 'bool' && !present.value.value) return present;
  if (count === 0 && (numberIn(at('onPremiseRecoveryPointCount')?.value) ?? 0) > 0)
    return computed(false, at('recoveryPointCount')!.at);
  if (present?.value.kind === 'bool' || (count !== undefined && count > 0)) return computed(true, head);
  return undecided('Azure does not tell whether there are points in the cloud', head);
}

/** What of an audit tells that a type of datasource was read whole. */
const readWith: Readonly<Record<string, string>> = {
  'microsoft.compute/virtualmachines': 'virtualMachines',
  'microsoft.compute/disks': 'disks',
  'microsoft.storage/storageaccounts': 'datasources',
  'microsoft.dbforpostgresql/flexibleservers': 'datasources',
  'microsoft.dbforpostgresql/servers': 'datasources',
  'microsoft.dbformysql/flexibleservers': 'datasources',
  'microsoft.containerservice/managedclusters': 'datasources',
  'microsoft.documentdb/databaseaccounts': 'datasources',
  'microsoft.elasticsan/elasticsans/volumegroups': 'elasticSan',
};

const databases = new Set(['sql-in-vm', 'hana-in-vm', 'ase-in-vm']);

/**
 * Whether what an item protects exists; of what lies in something that is read, such as a database, only that it does not where that
 * is gone. `exists`: whether a resource with an id is there. `shares`: names of the shares of an account, where they are known.
 */
export function datasourceExists(
  { resource: { head }, links }: { readonly resource: Resource; readonly links: ItemLinks },
  exists: (id: ResourceId) => boolean,
  shares: Value | undefined,
  live: Live,
): Fact | undefined {
  const { source, sourceId, scope } = links;
  const solution = textOf(links.solution.value);
  if (!source || solution === 'mars' || solution === 'dpm-mabs') return undefined;
  const at = source.at;
  if (!sourceId) return undecided('it is not known what the item protects', at);
  const whole = [sourceId, rootId(sourceId)].find(({ type }) => type in readWith);
  const plain = whole && plainId(whole);
  if (!whole || plain === undefined) return undecided('what the item protects is not read', at);
  if (exists(whole)) {
    if (databases.has(solution ?? '')) return undecided('an audit does not see which databases exist', at);
    if (solution !== 'azure-files') return computed(true, at);
    const list = shares && force(shares);
    if (list?.kind !== 'list' || !scope.share) return undecided('the shares of the account are not known', at);
    const answers = list.items.map((name) => equal(name, scope.share!.value, true));
    if (answers.includes(true)) return computed(true, at);
    return list.open || answers.includes(undefined)
      ? undecided('the shares of the account are not known', at)
      : computed(false, scope.share.at);
  }
  // What lists leave out may be new to them.
  const because = live.unread(readWith[whole.type]!, plain) ?? live.unread('absences', plain);
  return because === undefined ? computed(false, at) : undecided(because, head);
}

// Registrations

/** Of a server on premises: its agent, and when the service heard of it. */
export function serverHealth(resource: Resource, kind: string | undefined, live: Live): Facts {
  if (kind !== 'mars' && kind !== 'dpm' && kind !== 'mabs') return {};
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const agent = at('agentVersion') ?? at('azureBackupAgentVersion');
  const server = at('dpmVersion');
  const heard = at('extendedInfo.refreshedAt') ?? at('extendedInfo.lastRefreshedAt');
  const time = timeIn(heard);
  const silent = time === undefined ? undefined : Math.floor((live.readAt - time) / minute);
  return {
    registered: mapped(at('registrationStatus'), {
      registered: true,
      softdeleted: false,
      notregistered: false,
      unregistered: false,
    }),
    agentVersion: agent,
    serverVersion: server,
    agentTooOld: kind === 'mars' ? older(agent, oldestAgent, head) : undefined,
    serverRecalled:
      kind === 'mabs'
        ? server && textOf(server.value) !== undefined
          ? computed(textOf(server.value) === recalledServer, server.at)
          : undecided('Azure does not tell the version of the server', head)
        : undefined,
    ...(kind !== 'mars' && {
      contact:
        heard && silent !== undefined
          ? view(heard.at, {
              age: computed(lasting(silent), heard.at),
              silent: computed(silent > longestSilence, heard.at),
            })
          : undecided('Azure does not tell when it last heard of the server', head),
    }),
  };
}

function older(version: Fact | undefined, than: string, head: Fact['at']): Fact {
  const [own, least] = [textOf(version?.value) ?? '', than].map((one) => one.split('.').map(Number)) as [
    number[],
    number[],
  ];
  if (!version || own.length < 2 || own.some((part) => !Number.isInteger(part)))
    return undecided('Azure does not tell the version of the agent', head);
  for (let i = 0; i < Math.max(own.length, least.length); i++) {
    const difference = (own[i] ?? 0) - (least[i] ?? 0);
    if (difference !== 0) return computed(difference < 0, version.at);
  }
  return computed(false, version.at);
}

// Disks and snapshots

/** Incremental snapshots of disks, by the id of the disk in lower case. */
function incrementalSnapshots(snapshots: readonly Resource[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { body } of snapshots) {
    const incremental = pick(body, 'properties.incremental', true)?.value;
    const source = textOf(pick(body, 'properties.creationData.sourceResourceId', true)?.value)?.toLowerCase();
    if (source === undefined || incremental?.kind !== 'bool' || !incremental.value) continue;
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
}

/** What the snapshots of an audit tell of disks. */
export interface Snapshots {
  /** How many incremental ones a disk has, by its id in lower case. */
  readonly incremental: ReadonlyMap<string, number>;
  /** The newest one of a disk, whoever made it. */
  readonly newest: ReadonlyMap<string, Newest>;
  /** By subscription, of the copy and of what was copied: a copy of a snapshot that is gone, of which nobody knows the disk. */
  readonly adrift: ReadonlyMap<string, string>;
}

interface Newest {
  readonly address: string;
  readonly made: Fact;
  /** Milliseconds since 1970; undefined: one of them does not tell. */
  readonly time: number | undefined;
}

export function snapshotsOf(
  snapshots: readonly Resource[],
  sourceOf: (snapshot: Resource) => ResourceId | undefined,
  exists: (id: ResourceId) => boolean,
): Snapshots {
  const newest = new Map<string, Newest>();
  const adrift = new Map<string, string>();
  for (const snapshot of snapshots) {
    const { address, body, head } = snapshot;
    const source = sourceOf(snapshot);
    // Copies are as old as what they were made of, and never newer.
    if (source?.type === 'microsoft.compute/snapshots' && !exists(source))
      for (const id of [address, plainId(source) ?? '']) adrift.set(subscriptionIn(id), address);
    const disk = source?.type === 'microsoft.compute/disks' ? plainId(source) : undefined;
    if (disk === undefined) continue;
    const made = pick(body, 'properties.timeCreated', true);
    const time = timeIn(made);
    const before = newest.get(disk);
    if (before && (before.time === undefined || (time !== undefined && time <= before.time))) continue;
    newest.set(disk, { address, made: made ?? computed('', head), time });
  }
  return { incremental: incrementalSnapshots(snapshots), newest, adrift };
}

/** The number of its snapshots is a lower bound where some may not be seen. */
export function diskHealth(
  disk: Resource,
  id: ResourceId | undefined,
  snapshots: Snapshots,
  live: Live,
  unusedAfter: string | undefined,
): Facts {
  const { body, head } = disk;
  const at = (path: string): Fact | undefined => pick(body, path, true);
  const plain = (id && plainId(id)) ?? '';
  const state = textOf(at('properties.diskState')?.value)?.toLowerCase();
  const free = state === 'unattached' && !at('managedBy') && heldBy(disk) === undefined;
  const since = at('properties.LastOwnershipUpdateTime');
  const time = timeIn(since);
  const because = live.unread('disks', subscriptionIn(plain));
  const count = snapshots.incremental.get(plain) ?? 0;
  return {
    newestSnapshot: newestSnapshot(snapshots, plain, because, head, live),
    incrementalSnapshots: view(head, {
      atLeast: computed(count, head),
      complete: because === undefined ? computed(true, head) : undecided(because, head),
    }),
    ...(free && {
      unused:
        time === undefined
          ? undecided('it is not known since when nothing uses the disk', head)
          : usedBefore(time, since!.at, live, unusedAfter),
    }),
  };
}

function subscriptionIn(id: string): string {
  return /^\/subscriptions\/[^/]+/i.exec(id)?.[0].toLowerCase() ?? '';
}

/** Absent where the disk has none. */
function newestSnapshot(
  { newest, adrift }: Snapshots,
  disk: string,
  unread: string | undefined,
  head: Fact['at'],
  live: Live,
): Fact | undefined {
  const own = newest.get(disk);
  const copy = adrift.get(subscriptionIn(disk));
  const because =
    unread ?? (copy === undefined ? undefined : `${copy} is a copy of a snapshot that is gone, and may be one of it`);
  if (because !== undefined) return undecided(because, head);
  if (!own) return undefined;
  const { address, made, time } = own;
  if (time === undefined) return undecided('it is not known how old the snapshots of the disk are', head);
  const minutes = Math.floor((live.readAt - time) / minute);
  return {
    at: made.at,
    value: view(made.at, {
      address: computed(address, made.at),
      age: computed(lasting(minutes), made.at),
      // The day on which it is due counts as in time.
      days: computed(Math.floor(minutes / day), made.at),
    }),
  };
}

/** Of a snapshot: who made it, and whether the disk that it was made of still exists. */
export function snapshotHealth(
  { body, head, name }: Resource,
  sourceId: ResourceId | undefined,
  isKept: boolean,
  exists: (id: ResourceId) => boolean,
  live: Live,
  unusedAfter: string | undefined,
): Facts {
  // Azure Backup puts its own into the group that its items name.
  const own = isKept || /^azurebackup_/i.test(textOf(force(name)) ?? '');
  const plain = sourceId?.type === 'microsoft.compute/disks' ? plainId(sourceId) : undefined;
  const made = pick(body, 'properties.timeCreated', true);
  const time = timeIn(made);
  const gone = plain === undefined || exists(sourceId!) ? undefined : live.unread('disks', plain);
  return {
    madeByBackup: own ? computed(true, head) : undefined,
    ...(plain !== undefined &&
      !exists(sourceId!) &&
      !own && {
        unused:
          gone !== undefined
            ? undecided(gone, head)
            : time === undefined
              ? undecided('it is not known how old the snapshot is', head)
              : usedBefore(time, made!.at, live, unusedAfter),
      }),
  };
}

/** `most`: how long that is left alone, 30 days unless the configuration says otherwise. */
function usedBefore(time: number, at: Fact['at'], live: Live, most = 'P30D'): Obj {
  const minutes = Math.floor((live.readAt - time) / minute);
  return view(at, {
    for: computed(lasting(minutes), at),
    days: computed(minutes / day, at),
    allowedDays: computed((isoMinutes(most) ?? 0) / day, at),
  });
}

function timeIn(fact: Fact | undefined): number | undefined {
  const written = fact && textOf(fact.value);
  const time = written === undefined ? Number.NaN : Date.parse(written);
  return Number.isNaN(time) ? undefined : time;
}

/** `2 days`: whole days where there are several, else whole hours or minutes. */
function lasting(minutes: number): string {
  const [unit, word] =
    minutes >= 2 * day || minutes === day ? [day, 'day'] : minutes >= 120 ? [60, 'hour'] : [1, 'minute'];
  const count = Math.max(0, Math.floor(minutes / unit));
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
