/**
 * What the backups of an item reach, measured as the objective that it is under measures it.
 * Takes an item, its objective and what it protects; gives facts to compare with that objective: the longest time without a
 * recovery point, how long the points of each tier are kept, and what of the machine decides. Whatever is not known stays so.
 */
import { force, memberOf, type Obj, oneOf, reasonOf, type Value } from '../evaluate/value.ts';
import { computed, type Fact, numberIn, pick, textOf, undecided, view } from './facts.ts';
import { isoDuration, isoMinutes } from './schedule.ts';

export interface Asked {
  readonly retention?: Readonly<Record<string, string>> | undefined;
  readonly vaultTier?: boolean | undefined;
}

const tierNames = ['daily', 'weekly', 'monthly', 'yearly'] as const;
type Tier = (typeof tierNames)[number];
const unitOf: Readonly<Record<Tier, string>> = { daily: 'D', weekly: 'W', monthly: 'M', yearly: 'Y' };
const day = 24 * 60;

/** `source`: what it protects, as the model holds it. */
export function attained(item: Obj, asked: Asked, source: Obj | undefined): Obj {
  const { at } = item;
  const found = pick(item, 'policy', false);
  const policy: Fact = found ?? undecided('the item names no policy', at);
  const kept = tierNames.flatMap((tier): [string, Fact][] => {
    const demanded = asked.retention?.[tier];
    return demanded === undefined ? [] : [[tier, { at, value: keptAs(tier, demanded, item, policy) }]];
  });
  return view(at, {
    ...gapOf(item, policy, asked.vaultTier === true),
    retention: kept.length > 0 ? view(at, Object.fromEntries(kept)) : undefined,
    machineBackup: machineBackup(item, source),
    guestScripts: guestScripts(item),
    snapshotZones: snapshotZones(item),
  });
}

// The longest time without a point

/** Copies to the vault are made once a day, however often snapshots are taken. */
const copiedDaily = new Set(['azure-vm', 'azure-files', 'aks']);
/** Their schedules lie on the server. */
const byAgent = new Set(['mars', 'dpm-mabs']);

function gapOf(item: Obj, policy: Fact, inVault: boolean): Record<string, Fact> {
  const solution = solutionOf(item);
  const { at } = policy;
  const open = (because: string): Record<string, Fact> => ({
    rpo: undecided(because, at),
    rpoMinutes: undecided(because, at),
  });
  if (solution === undefined) return open('the solution is not known');
  if (byAgent.has(solution)) return open('the schedule lies on the server that runs the backups');
  const { value } = policy;
  if (value.kind !== 'object') return open(reasonOf(value) ?? 'the policy is not known');
  if (solution === 'azure-blob' && !inVault) {
    const operational = pick(value, 'operational', false);
    if (operational && operational.value.kind !== 'object')
      return open(reasonOf(operational.value) ?? 'it is not known whether points are kept in the account');
    // Changes are recorded as they come.
    if (operational) return told([0], operational);
  }
  // Logs of a snapshotted instance are backed up by a policy of their own.
  const snapshot = snapshotOnly(value);
  if (snapshot) return open(reasonOf(snapshot) ?? 'the logs may be backed up by another policy');
  const written = pick(value, 'rpoMinutes', false);
  if (!written) return open(reasonOf(value) ?? 'the policy has no schedule');
  const shortest = numberIn(written.value);
  if (shortest === undefined) return open(reasonOf(written.value) ?? 'the schedule is not known');
  const longest = solution === 'azure-vm' ? Math.max(shortest, gapWithoutEnd(value) ?? shortest) : shortest;
  const least = inVault && copiedDaily.has(solution) ? day : 0;
  return told([Math.max(shortest, least), Math.max(longest, least)], written);
}

function told(minutes: readonly number[], { at, value }: Fact): Record<string, Fact> {
  const facts = [...new Set(minutes)].map((one) => computed(one, value.at).value);
  return {
    rpo: computed(isoDuration(minutes[0]!), at),
    rpoMinutes: { at, value: facts.length === 1 ? facts[0]! : oneOf(facts, value.at) },
  };
}

/** Of an hourly schedule of machines, where it is open whether a run at the end of the window counts (solutions-a.md 3.1): without it. */
function gapWithoutEnd(policy: Obj): number | undefined {
  const at = (name: string): Value | undefined => pick(policy, `schedule.${name}`, false)?.value;
  const interval = numberIn(at('interval'));
  const window = numberIn(at('window'));
  if (textOf(at('frequency')) !== 'Hourly' || !interval || !window) return undefined;
  const runs = Math.max(1, Math.ceil(window / interval));
  return Math.max(interval, 24 - (runs - 1) * interval) * 60;
}

/** Whether the policy takes snapshots of whole instances and nothing else, where that is so or not known. */
function snapshotOnly(policy: Obj): Value | undefined {
  const snapshot = pick(policy, 'instanceSnapshot', false)?.value;
  return snapshot && !(snapshot.kind === 'bool' && !snapshot.value) && !memberOf(policy, 'log') ? snapshot : undefined;
}

// How long points are kept

interface Kept {
  readonly tier: Tier;
  readonly days: number;
  /** Where it is counted in months or years. */
  readonly months?: number | undefined;
  readonly written: string;
  readonly fact: Fact;
}

/**
 * The longest that points of a tier are kept: by the tier itself or by a finer one, whose points are points of the tier too.
 * `tier`: whether the policy has the tier at all.
 */
function keptAs(tier: Tier, demanded: string, item: Obj, policy: Fact): Obj {
  const { at } = item;
  const open = (because: string): Obj => {
    const hidden = undecided(because, policy.at);
    return view(at, { tier: hidden, kept: hidden, keptDays: hidden });
  };
  const { value } = policy;
  if (value.kind !== 'object') return open(reasonOf(value) ?? 'the policy is not known');
  const snapshot = snapshotOnly(value);
  if (snapshot) return open(reasonOf(snapshot) ?? 'how long snapshots of an instance are kept is not compared');
  const retention = pick(value, 'retention', false);
  const simple = simpleKept(value);
  if (!retention && simple.found.length === 0)
    return open(simple.doubt ?? reasonOf(value) ?? 'the policy has no retention');
  if (retention && retention.value.kind !== 'object')
    return open(reasonOf(retention.value) ?? 'the retention is not known');
  const tiers = retention ? tiersOf(retention.value as Obj) : { found: [], doubt: undefined };
  const often = textOf(pick(value, 'schedule.frequency', false)?.value);
  // Under a weekly schedule the weekly points are all there are.
  const coarsest = tier === 'daily' && often !== 'Hourly' && often !== 'Daily' ? 'weekly' : tier;
  const fitting = [...tiers.found, ...simple.found].filter((one) => rank(one.tier) <= rank(coarsest));
  const best = fitting.reduce<{ one: Kept; days: number } | undefined>((longest, one) => {
    const days = measured(one, demanded);
    return longest && longest.days >= days ? longest : { one, days };
  }, undefined);
  const needed = daysOf(demanded);
  const doubt = tiers.doubt ?? simple.doubt;
  if (doubt !== undefined && (best?.days ?? 0) < needed) return open(doubt);
  const own = fitting.some((one) => one.tier === tier || (tier === 'daily' && one.tier === 'weekly'));
  const place = best?.one.fact ?? retention ?? policy;
  return view(at, {
    tier: computed(own, place.at),
    kept: best && computed(best.one.written, place.at),
    keptDays: { at: place.at, value: computed(best?.days ?? 0, place.value.at).value },
  });
}

function rank(tier: Tier): number {
  return tierNames.indexOf(tier);
}

interface Found {
  readonly found: Kept[];
  /** Why there may be more. */
  readonly doubt: string | undefined;
}

function tiersOf(retention: Obj): Found {
  const found: Kept[] = [];
  let doubt = retention.open ? (reasonOf(retention) ?? 'the retention is only partly known') : undefined;
  for (const name of [...tierNames, 'default', 'all'] as const) {
    const fact = pick(retention, name, false);
    if (!fact) continue;
    // What no tag picks is every run.
    const tier = name === 'default' || name === 'all' ? 'daily' : name;
    const kept = keptBy(tier, fact);
    if (kept) found.push(kept);
    else doubt ??= 'how long a tier keeps is not known';
  }
  return { found, doubt };
}

function keptBy(tier: Tier, fact: Fact): Kept | undefined {
  const duration = pick(fact.value, 'duration', false);
  if (duration) {
    const written = textOf(duration.value);
    const minutes = written === undefined ? undefined : isoMinutes(written);
    const keptDays = numberIn(pick(fact.value, 'keptDays', false)?.value);
    if (written === undefined || minutes === undefined || keptDays === undefined) return undefined;
    return { tier, days: keptDays, months: monthsOf(written), written, fact: duration };
  }
  const counted = pick(fact.value, 'count', false);
  const count = counted && numberIn(counted.value);
  if (!counted || count === undefined) return undefined;
  const written = `P${count}${unitOf[tier]}`;
  const months = monthsOf(written);
  // Months have 30 days or more.
  const days = months === undefined ? daysOf(written) : Math.ceil((months * 365) / 12);
  return { tier, days, months, written, fact: counted };
}

/** One duration for every point: of database backups between the fulls, snapshots of a share, versions in a storage account. */
function simpleKept(policy: Obj): Found {
  const found: Kept[] = [];
  let doubt: string | undefined;
  for (const path of [
    'differential.keptDays',
    'incremental.keptDays',
    'log.keptDays',
    'snapshotDays',
    'operational.keptDays',
  ]) {
    const fact = pick(policy, path, false);
    const days = fact && numberIn(fact.value);
    if (fact && days !== undefined) found.push({ tier: 'daily', days, written: `P${days}D`, fact });
    else if (fact) doubt ??= reasonOf(fact.value) ?? 'how long a backup is kept is not known';
  }
  return { found, doubt };
}

/** In the days that the demand counts: what is counted in months on both sides is compared in months. */
function measured({ days, months }: Kept, demanded: string): number {
  const asked = monthsOf(demanded);
  return months === undefined || asked === undefined || asked === 0 ? days : (daysOf(demanded) * months) / asked;
}

/** Of a duration of years and months alone. */
function monthsOf(duration: string): number | undefined {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?$/i.exec(duration);
  return match ? Number(match[1] ?? 0) * 12 + Number(match[2] ?? 0) : undefined;
}

/** A month counts 30 days and a year 365, as in policies. */
function daysOf(duration: string): number {
  return Math.ceil((isoMinutes(duration) ?? 0) / day);
}

// Consistency

/** What the backup of machines does with a disk that has one of its own. */
function machineBackup(item: Obj, disk: Obj | undefined): Fact | undefined {
  if (solutionOf(item) !== 'azure-disk') return undefined;
  const found = disk && pick(disk, 'machineBackup', false);
  return found ?? undecided('the disk is declared elsewhere', item.at);
}

/** Linux needs scripts in the guest for what applications hold open; Windows has writers of its own. */
function guestScripts(item: Obj): Fact | undefined {
  if (solutionOf(item) !== 'azure-vm') return undefined;
  const { at } = item;
  const os = textOf(pick(item, 'machine.os', false)?.value);
  if (os === 'windows') return undefined;
  return undecided(
    os === 'linux'
      ? 'whether scripts in the guest make applications consistent cannot be seen'
      : 'the operating system of the machine is not known',
    at,
  );
}

/** Points beside the data are spread over zones where the region, and for files and blobs the account, does so. */
function snapshotZones(item: Obj): Fact | undefined {
  const tier = pick(item, 'vaultTier', false);
  return tier?.value.kind === 'bool' && !tier.value.value
    ? undecided('whether points beside the data lie in several zones depends on the region and the account', tier.at)
    : undefined;
}

function solutionOf(item: Obj): string | undefined {
  const solution = memberOf(item, 'solution');
  return solution && textOf(force(solution.value));
}
