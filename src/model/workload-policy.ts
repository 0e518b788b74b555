/**
 * Policies of databases in virtual machines (SQL, SAP HANA, SAP ASE): one sub-policy per kind of backup, each with schedule and
 * retention. One set of facts from azurerm_backup_policy_vm_workload and from ARM bodies of kind AzureWorkload.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, number, reasonOf, type Value } from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import {
  computed,
  type Fact,
  fallback,
  filledList,
  listOf,
  mapped,
  numberIn,
  numeric,
  pick,
  spelt,
  textOf,
  undecided,
  view,
} from './facts.ts';
import {
  archiveModes,
  armRetention,
  azurermRetention,
  clockTimes,
  type Facts,
  filledObject,
  frequencies,
  meaningful,
  named,
  type Parts,
  part,
  weekdays,
} from './retention.ts';
import { gap, gapOf, undecidedGap, weeklyRuns } from './schedule.ts';

const kinds = spelt(
  'Full',
  'Differential',
  'Incremental',
  'Log',
  'CopyOnlyFull',
  'SnapshotFull',
  'SnapshotCopyOnlyFull',
);
/** By the name of their fact; a second one of a kind is only in the list of kinds. */
const factNames: Readonly<Record<string, string>> = {
  Full: 'full',
  Differential: 'differential',
  Incremental: 'incremental',
  Log: 'log',
  CopyOnlyFull: 'copyOnlyFull',
  SnapshotFull: 'snapshotFull',
  SnapshotCopyOnlyFull: 'snapshotCopyOnlyFull',
};

interface SubPolicy {
  readonly at: Origin;
  readonly kind: Fact;
  readonly schedule: Parts;
  readonly facts: Parts;
}

export function workloadPolicy(resource: Resource): Facts {
  const facts = resource.type.includes('/') ? armPolicy(resource) : azurermPolicy(resource);
  return { ...named(resource), ...facts, instanceSnapshot: instanceSnapshot(resource, facts) };
}

/** Whether the policy takes snapshots of a whole instance, which has rules of its own: SAPHanaDBInstance, or a snapshot of a full. */
function instanceSnapshot({ type, body, head }: Resource, { snapshotFull }: Facts): Fact {
  const workload = type.includes('/') ? pick(body, 'properties.workLoadType', true) : undefined;
  const word = textOf(workload?.value)?.toLowerCase();
  if (word === 'saphanadbinstance') return computed(true, head);
  if (snapshotFull) {
    const value = 'kind' in snapshotFull ? snapshotFull : snapshotFull.value;
    return value.kind === 'object' ? computed(true, head) : undecided(reasonOf(value) ?? 'it is not known', head);
  }
  return workload && word === undefined
    ? undecided(reasonOf(workload.value) ?? 'the workload type is not known', head)
    : computed(false, head);
}

function azurermPolicy({ body, head }: Resource): Facts {
  const at = (path: string): Fact | undefined => pick(body, path, false);
  return {
    timeZone: at('settings[0].time_zone'),
    compression: fallback(at('settings[0].compression_enabled'), false, head),
    ...together(filledList(at('protection_policy')), azurermSubPolicy),
  };
}

function azurermSubPolicy(of: Value): SubPolicy {
  const at = (path: string): Fact | undefined => pick(of, path, false);
  const kind = mapped(at('policy_type'), kinds) ?? undecided('the kind of the sub-policy is not written', of.at);
  const time = at('backup[0].time');
  const schedule = {
    frequency: mapped(at('backup[0].frequency'), frequencies),
    times: time && { at: time.at, value: listOf(time.at, [time.value]) },
    weekdays: mapped(filledList(at('backup[0].weekdays')), weekdays),
    everyMinutes: numeric(at('backup[0].frequency_in_minutes')),
  };
  const word = textOf(kind.value);
  const simple = numeric(at('simple_retention[0].count'));
  const tiers = azurermRetention(of, of.at);
  return {
    at: of.at,
    kind,
    schedule: usedBy(word, schedule),
    facts: {
      schedule: scheduleFact(at('backup[0]'), usedBy(word, schedule)),
      // Of the two forms the provider sends only the one that the kind takes.
      ...kept(word, tiers, simple, simple?.at ?? of.at),
      retentionIgnored: word === undefined || word === 'Full' ? undefined : tiers && computed(true, tiers.at),
    },
  };
}

/** A log runs by the minute, everything else by the clock. */
function usedBy(word: string | undefined, schedule: Parts): Parts {
  if (word === undefined) return schedule;
  const { everyMinutes, ...clock } = schedule;
  return word === 'Log' ? { everyMinutes } : clock;
}

function scheduleFact(written: Fact | undefined, parts: Parts): Fact | undefined {
  if (!written) return undefined;
  const empty = !Object.values(parts).some(Boolean);
  return empty && written.value.kind === 'object' ? undefined : part(written, parts);
}

function armPolicy({ body, head }: Resource): Facts {
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  return {
    timeZone: at('settings.timeZone'),
    compression: fallback(at('settings.isCompression') ?? at('settings.issqlcompression'), false, head),
    ...together(filledList(at('subProtectionPolicy')), armSubPolicy),
  };
}

function armSubPolicy(of: Value): SubPolicy {
  const at = (path: string): Fact | undefined => pick(of, path, true);
  const kind = mapped(at('policyType'), kinds) ?? undecided('the kind of the sub-policy is not written', of.at);
  const word = textOf(kind.value);
  const schedule = {
    frequency: mapped(at('schedulePolicy.scheduleRunFrequency'), frequencies),
    times: clockTimes(filledList(at('schedulePolicy.scheduleRunTimes'))),
    weekdays: mapped(filledList(at('schedulePolicy.scheduleRunDays')), weekdays),
    everyMinutes: numeric(at('schedulePolicy.scheduleFrequencyInMins')),
    interval: numeric(at('schedulePolicy.hourlySchedule.interval')),
    window: numeric(at('schedulePolicy.hourlySchedule.scheduleWindowDuration')),
  };
  const retentionClass = mapped(at('retentionPolicy.retentionPolicyType'), {
    longtermretentionpolicy: 'long-term',
    simpleretentionpolicy: 'simple',
  });
  const written = at('retentionPolicy');
  const simple = simpleDays(at('retentionPolicy.retentionDuration'), at);
  const archive = 'tieringPolicy.ArchivedRP';
  const noArchive = textOf(at(`${archive}.tieringMode`)?.value)?.toLowerCase() === 'donottier';
  const snapshot = 'snapshotBackupAdditionalDetails';
  const long = simple ? undefined : armRetention(filledObject(written), of.at);
  return {
    at: of.at,
    kind,
    schedule: usedBy(word, schedule),
    facts: {
      schedule: scheduleFact(filledObject(at('schedulePolicy')), usedBy(word, schedule)),
      retentionClass,
      ...(simple
        ? kept('simple', undefined, simple, simple.at)
        : kept(word === undefined ? undefined : 'Full', long, undefined, of.at)),
      archive: noArchive
        ? undefined
        : part(filledObject(at(archive)), {
            mode: mapped(at(`${archive}.tieringMode`), archiveModes),
            after: meaningful(numeric(at(`${archive}.duration`))),
            unit: meaningful(at(`${archive}.durationType`)),
          }),
      snapshot: part(filledObject(at(snapshot)), {
        days: numeric(at(`${snapshot}.instantRpRetentionRangeInDays`)),
        identity: at(`${snapshot}.userAssignedManagedIdentityDetails.identityArmId`),
      }),
    },
  };
}

const daysIn: Readonly<Record<string, number>> = { days: 1, weeks: 7, months: 30, years: 365 };

/** One duration for every point, in days. */
function simpleDays(duration: Fact | undefined, at: (path: string) => Fact | undefined): Fact | undefined {
  if (!duration) return undefined;
  const count = numeric(at('retentionPolicy.retentionDuration.count'));
  const unit = at('retentionPolicy.retentionDuration.durationType');
  if (!count) return undecided(reasonOf(duration.value) ?? 'the duration is not written', duration.at);
  const days = numberIn(count.value);
  const factor = unit ? daysIn[textOf(unit.value)?.toLowerCase() ?? ''] : 1;
  if (days === undefined || factor === undefined)
    return undecided(reasonOf(count.value) ?? 'the unit of the duration is not known', count.at);
  return factor === 1
    ? count
    : { at: count.at, value: { ...number(days * factor, count.value.at), via: count.value.via } };
}

/**
 * What a sub-policy keeps: tiers of a full, one duration of any other. `keptDays` is how long an ordinary run is kept, by the
 * daily tier or else the weekly one; `longestDays` the longest tier.
 */
function kept(word: string | undefined, tiers: Fact | undefined, simple: Fact | undefined, at: Origin): Parts {
  if (word === undefined) {
    const hidden = undecided('the kind of the sub-policy is not known', at);
    return { retention: hidden, keptDays: hidden, longestDays: hidden };
  }
  if (word !== 'Full') return { keptDays: simple, longestDays: simple };
  if (!tiers) return {};
  const hidden = undecided(reasonOf(tiers.value) ?? 'the retention is not known', tiers.at);
  if (tiers.value.kind !== 'object') return { retention: tiers, keptDays: hidden, longestDays: hidden };
  const days = (['daily', 'weekly', 'monthly', 'yearly'] as const).map((name, i) => {
    const tier = pick(tiers.value, name, false);
    if (!tier) return undefined;
    const count = numberIn(pick(tier.value, 'count', false)?.value);
    return count === undefined ? Number.NaN : count * [1, 7, 30, 365][i]!;
  });
  const ordinary = days[0] ?? days[1];
  const all = days.filter((one) => one !== undefined);
  const fact = (amount: number | undefined): Fact | undefined =>
    amount === undefined ? undefined : Number.isNaN(amount) ? hidden : computed(amount, tiers.at);
  return {
    retention: tiers,
    keptDays: fact(ordinary),
    longestDays: fact(all.length > 0 ? Math.max(...all) : undefined),
  };
}

/** The sub-policies by kind, and the list of kinds that shows one that stands there twice. */
function together(written: Fact | undefined, read: (of: Value) => SubPolicy): Facts {
  if (!written) return {};
  const list = written.value;
  const because = list.kind === 'list' ? (list.open ? reasonOf(list) : undefined) : reasonOf(list);
  const subPolicies = list.kind === 'list' ? list.items.map((item) => read(force(item))) : [];
  const hidden =
    list.kind !== 'list' || list.open
      ? (because ?? 'there may be more sub-policies')
      : subPolicies.some(({ kind }) => textOf(kind.value) === undefined)
        ? 'the kind of a sub-policy is not known'
        : undefined;
  const facts: Record<string, Fact | undefined> = {};
  for (const name of Object.values(factNames)) if (hidden !== undefined) facts[name] = undecided(hidden, written.at);
  const seen = new Set<string>();
  const repeated: Value[] = [];
  for (const { at, kind, facts: own } of subPolicies) {
    const name = factNames[textOf(kind.value) ?? ''];
    if (name === undefined) continue;
    if (seen.has(name)) {
      repeated.push(kind.value);
      continue;
    }
    seen.add(name);
    facts[name] = { at, value: view(at, own) };
  }
  return {
    subPolicies: {
      at: written.at,
      value: listOf(
        written.at,
        subPolicies.map(({ kind }) => kind.value),
        list.kind !== 'list' || list.open,
      ),
    },
    repeatedSubPolicies: { at: written.at, value: listOf(written.at, repeated, hidden !== undefined) },
    ...facts,
    schedule: facts['full'] && fullSchedule(facts['full']),
    retention: facts['full'] && pick(facts['full'].value, 'retention', false),
    ...(hidden === undefined ? reach(subPolicies, written.at) : undecidedGap(hidden, written.at)),
  };
}

/** The full backup's schedule and retention are those of the policy as a whole. */
function fullSchedule(full: Fact): Fact | undefined {
  return pick(full.value, 'schedule', false);
}

/** The longest time between two points: by the log where there is one, else over every kind of backup. */
function reach(subPolicies: readonly SubPolicy[], at: Origin): Parts {
  const log = subPolicies.find(({ kind }) => textOf(kind.value) === 'Log');
  if (log) {
    const minutes = numberIn(log.schedule['everyMinutes']?.value);
    return minutes === undefined || minutes <= 0
      ? undecidedGap('the interval of the log is not known', log.at)
      : gapOf(minutes, log.at);
  }
  const runs = subPolicies.map(({ schedule }) => weeklyRuns(schedule));
  if (runs.length === 0 || runs.includes(undefined)) return undecidedGap('a schedule is not known', at);
  return gap(
    runs.flatMap((one) => one!),
    at,
  );
}
