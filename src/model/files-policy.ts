/**
 * Policies of Azure Files: when snapshots are taken, how long they stay in the account (`snapshot` tier) and what is kept in the
 * vault (`vault-standard`). One set of facts from azurerm_backup_policy_file_share and from ARM bodies of kind AzureStorage.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, reasonOf, text } from '../evaluate/value.ts';
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
  textOf,
  undecided,
} from './facts.ts';
import {
  armRetention,
  azurermRetention,
  clockTimes,
  type Facts,
  filledObject,
  frequencies,
  named,
  type Parts,
  part,
  weekdays,
} from './retention.ts';
import { gap, runsADay, undecidedGap, weeklyRuns } from './schedule.ts';

const tiers = { snapshot: 'snapshot', 'vault-standard': 'vault-standard' };

export function filesPolicy(resource: Resource): Facts {
  const facts = resource.type.includes('/') ? armPolicy(resource) : azurermPolicy(resource);
  return { ...named(resource), ...facts };
}

function azurermPolicy({ body, head }: Resource): Facts {
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const tier = fallback(mapped(at('backup_tier'), tiers), 'snapshot', head);
  const start = at('backup[0].hourly[0].start_time');
  const time = at('backup[0].time');
  const frequency = mapped(at('backup[0].frequency'), frequencies);
  const listed = (fact: Fact | undefined): Fact | undefined =>
    fact && { at: fact.at, value: listOf(fact.at, [fact.value]) };
  return whole({
    head,
    tier,
    timeZone: fallback(at('timezone'), 'UTC', head),
    written: at('backup[0]'),
    schedule: {
      frequency,
      times: textOf(frequency?.value) === 'Hourly' ? listed(start) : listed(time),
      timesBeside: textOf(frequency?.value) === 'Hourly' ? listed(time) : undefined,
      interval: numeric(at('backup[0].hourly[0].interval')),
      window: numeric(at('backup[0].hourly[0].window_duration')),
    },
    snapshotDays: numeric(at('snapshot_retention_in_days')),
    retention: azurermRetention(body, head),
  });
}

function armPolicy({ body, head }: Resource): Facts {
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const frequency = mapped(at('schedulePolicy.scheduleRunFrequency'), frequencies);
  const often = textOf(frequency?.value);
  const start = at('schedulePolicy.hourlySchedule.scheduleWindowStartTime');
  const times = filledList(at('schedulePolicy.scheduleRunTimes'));
  const snapshot = filledObject(at('retentionPolicy'));
  const vault = filledObject(at('vaultRetentionPolicy'));
  const both = [snapshot, vault].filter((fact) => fact !== undefined);
  const open = both.find((fact) => fact.value.kind !== 'object');
  const tier: Fact | undefined =
    both.length === 0
      ? undefined
      : open
        ? undecided(reasonOf(open.value) ?? 'the retention is not known', open.at)
        : both.length === 2
          ? undecided('both retention blocks are written', vault!.at)
          : computed(vault ? 'vault-standard' : 'snapshot', both[0]!.at);
  return {
    ...whole({
      head,
      tier,
      timeZone: at('timeZone'),
      written: filledObject(at('schedulePolicy')),
      schedule: {
        frequency,
        times: clockTimes(
          often === 'Hourly' ? start && { at: start.at, value: listOf(start.at, [start.value]) } : times,
        ),
        timesBeside: often === 'Hourly' ? clockTimes(times) : undefined,
        weekdays: mapped(filledList(at('schedulePolicy.scheduleRunDays')), weekdays),
        interval: numeric(at('schedulePolicy.hourlySchedule.interval')),
        window: numeric(at('schedulePolicy.hourlySchedule.scheduleWindowDuration')),
      },
      snapshotDays: numeric(at('vaultRetentionPolicy.snapshotRetentionInDays')),
      retention: vault
        ? armRetention(at('vaultRetentionPolicy.vaultRetention'), vault.at)
        : armRetention(snapshot, head),
    }),
    // Exactly one of the two says where points are kept.
    retentionBlocks: {
      at: both[0]?.at ?? head,
      value: listOf(
        both[0]?.at ?? head,
        // A block that may be absent does not count as written; the list is open then.
        [snapshot, vault]
          .filter((block) => block?.value.kind === 'object')
          .map((block) => text(block === vault ? 'vaultRetentionPolicy' : 'retentionPolicy', block!.at)),
        open !== undefined,
      ),
    },
  };
}

interface Pieces {
  readonly head: Fact['at'];
  readonly tier: Fact | undefined;
  readonly timeZone: Fact | undefined;
  readonly written: Fact | undefined;
  readonly schedule: Parts;
  readonly snapshotDays: Fact | undefined;
  readonly retention: Fact | undefined;
}

function whole({ head, tier, timeZone, written, schedule, snapshotDays, retention }: Pieces): Facts {
  const runs = weeklyRuns(schedule);
  const parts = { ...schedule, runsADay: runsADay(schedule, written?.at ?? head) };
  // A class alone is no schedule.
  const schedules = Object.values(schedule).some(Boolean) ? part(written, parts) : written && unknownSchedule(written);
  return {
    tier,
    timeZone,
    schedule: schedules,
    snapshotDays,
    retention,
    snapshotsKept: snapshotsKept(tier, snapshotDays, schedule, retention, head),
    ...(schedules && (runs ? gap(runs, schedules.at) : undecidedGap('the schedule is not known', schedules.at))),
  };
}

function unknownSchedule(written: Fact): Fact | undefined {
  return written.value.kind === 'object'
    ? undefined
    : undecided(reasonOf(written.value) ?? 'it is not known', written.at);
}

/** Snapshots of a share at most: 200 fit (solutions-a.md 3.1). Hourly ones of a day more than the days are there for a while. */
function snapshotsKept(
  tier: Fact | undefined,
  snapshotDays: Fact | undefined,
  schedule: Parts,
  retention: Fact | undefined,
  head: Fact['at'],
): Fact | undefined {
  if (!tier || !retention) return undefined;
  const hidden = undecided('schedule or retention are not known', retention.at);
  const where = textOf(tier.value);
  if (where === undefined) return hidden;
  const frequency = textOf(schedule['frequency']?.value);
  const perDay =
    frequency === 'Hourly' ? numberIn(runsADay(schedule, head)?.value) : frequency === 'Daily' ? 1 : undefined;
  if (perDay === undefined) return hidden;
  const retained = force(retention.value);
  if (retained.kind !== 'object' || retained.open) return hidden;
  const counts =
    where === 'vault-standard'
      ? [snapshotDays ? numberIn(snapshotDays.value) : 0]
      : ['daily', 'weekly', 'monthly', 'yearly'].map((name) => {
          const one = pick(retained, name, false);
          return one ? numberIn(pick(one.value, 'count', false)?.value) : 0;
        });
  if (counts.includes(undefined)) return hidden;
  const [days, ...others] = counts as number[];
  const daily = frequency === 'Hourly' ? (days! + 1) * perDay : days!;
  return computed(
    others.reduce((sum, count) => sum + count, daily),
    retention.at,
  );
}
