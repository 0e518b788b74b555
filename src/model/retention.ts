/**
 * Schedules and retention as every policy writes them: tables of words, tiers in azurerm blocks and in ARM bodies.
 * Takes blocks or bodies; gives facts in the vocabulary of docs/model.md. Counts are in the tier's own unit, days where a fact says so.
 */

import type { Resource } from '../evaluate/resource.ts';
import { force, isKnown, number, reasonOf, unknown, type Value } from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import { type Fact, filledList, mapped, numberIn, numeric, pick, spelt, textOf, undecided, view } from './facts.ts';
import { ownName } from './id.ts';

export const weekdays = spelt('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday');
const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const months = spelt(...monthNames);
export const weeks = spelt('First', 'Second', 'Third', 'Fourth', 'Last');
export const frequencies = spelt('Hourly', 'Daily', 'Weekly');
export const archiveModes = spelt('TierAfter', 'TierRecommended', 'DoNotTier');

export type Facts = Record<string, Fact | Value | undefined>;
export type Parts = Record<string, Fact | undefined>;

/** The policy's own name: of an ARM child's slash name the last part. */
export function named(resource: Resource): Facts {
  const at = pick(resource.body, 'name', true)?.at ?? resource.head;
  if (!resource.type.includes('/')) return { name: { value: resource.name, at } };
  return { name: { value: ownName(resource) ?? unknown('the name is not known', at), at } };
}

/** The tiers of azurerm: a block each, beside each other in `of`. */
export function azurermRetention(of: Value, head: Origin): Fact | undefined {
  const at = (path: string): Fact | undefined => pick(of, path, false);
  return retention(head, {
    daily: part(at('retention_daily[0]'), { count: numeric(at('retention_daily[0].count')) }),
    weekly: part(at('retention_weekly[0]'), {
      count: numeric(at('retention_weekly[0].count')),
      weekdays: mapped(filledList(at('retention_weekly[0].weekdays')), weekdays),
    }),
    monthly: azurermLongTier(of, 'retention_monthly'),
    yearly: azurermLongTier(of, 'retention_yearly'),
  });
}

/** Database policies call the days `monthdays`, with 0 for the last, and say with `format_type` which form counts. */
function azurermLongTier(of: Value, block: string): Fact | undefined {
  const at = (path: string): Fact | undefined => pick(of, `${block}[0]${path}`, false);
  const format = mapped(at('.format_type'), spelt('Daily', 'Weekly'));
  const form = textOf(format?.value);
  const inForm = (wanted: string, fact: Fact | undefined): Fact | undefined => {
    if (!format || !fact || form === wanted) return fact;
    return form === 'Daily' || form === 'Weekly'
      ? undefined
      : undecided('the form of the tier is not known', format.at);
  };
  const dates = inForm('Daily', filledList(at('.monthdays')));
  const split = dates ? withoutLast(dates) : undefined;
  return longTier(at(''), {
    count: numeric(at('.count')),
    weekdays: inForm('Weekly', mapped(filledList(at('.weekdays')), weekdays)),
    weeks: inForm('Weekly', mapped(filledList(at('.weeks')), weeks)),
    days: split ? split.days : filledList(at('.days')),
    lastDay: split ? split.lastDay : mapped(at('.include_last_days'), { true: true, false: false }),
    months: block === 'retention_yearly' ? mapped(filledList(at('.months')), months) : undefined,
    yearly: block === 'retention_yearly',
  });
}

/** Days of the month as numbers, where 0 stands for the last day. */
export function withoutLast(dates: Fact): { days: Fact | undefined; lastDay: Fact | undefined } {
  const { value, at } = dates;
  if (value.kind !== 'list') {
    const days = undecided(reasonOf(value) ?? 'the days are not known', at);
    return { days, lastDay: days };
  }
  const items = value.items.map((item) => numeric({ value: force(item), at: item.at })!.value);
  const last = items.find((item) => numberIn(item) === 0);
  const open = value.open || items.some((item) => numberIn(item) === undefined);
  return {
    days: filledList({ at, value: { ...value, items: items.filter((item) => numberIn(item) !== 0) } }),
    lastDay: last
      ? { at: last.at, value: { kind: 'bool', value: true, at: last.at, via: last.via } }
      : open
        ? undecided('there may be more days', at)
        : undefined,
  };
}

/** Long-term retention of ARM, tier by tier. */
export function armRetention(policy: Fact | undefined, head: Origin): Fact | undefined {
  return retention(
    policy?.at ?? head,
    {
      daily: armTier(policy, 'dailySchedule', 'Days'),
      weekly: armTier(policy, 'weeklySchedule', 'Weeks'),
      monthly: armLongTier(policy, 'monthlySchedule', 'Months'),
      yearly: armLongTier(policy, 'yearlySchedule', 'Years'),
    },
    policy && pick(policy.value, 'retentionDuration', true),
  );
}

function armTier(policy: Fact | undefined, name: string, unit: string): Fact | undefined {
  const at = (path: string): Fact | undefined => policy && pick(policy.value, `${name}${path}`, true);
  return part(filledObject(at('')), {
    count: armCount(at('.retentionDuration.count'), at('.retentionDuration.durationType'), unit),
    weekdays: mapped(filledList(at('.daysOfTheWeek')), weekdays),
  });
}

function armLongTier(policy: Fact | undefined, name: string, unit: string): Fact | undefined {
  const at = (path: string): Fact | undefined => policy && pick(policy.value, `${name}${path}`, true);
  const format = mapped(at('.retentionScheduleFormatType'), spelt('Daily', 'Weekly'));
  const form = textOf(format?.value);
  // Only the sub-object that the format names counts; the other may be stale.
  const inForm = (wanted: string, path: string): Fact | undefined => {
    if (form === 'Daily' || form === 'Weekly') return form === wanted ? at(path) : undefined;
    const written = at(path);
    return written && undecided('the form of the tier is not known', format?.at ?? policy?.at ?? written.at);
  };
  return longTier(filledObject(at('')), {
    count: armCount(at('.retentionDuration.count'), at('.retentionDuration.durationType'), unit),
    weekdays: mapped(filledList(inForm('Weekly', '.retentionScheduleWeekly.daysOfTheWeek')), weekdays),
    weeks: mapped(filledList(inForm('Weekly', '.retentionScheduleWeekly.weeksOfTheMonth')), weeks),
    ...daysOfMonth(inForm('Daily', '.retentionScheduleDaily.daysOfTheMonth')),
    months: name === 'yearlySchedule' ? mapped(filledList(at('.monthsOfYear')), months) : undefined,
    yearly: name === 'yearlySchedule',
  });
}

/** ARM writes each day as `{date, isLast}`; the last day has date 0. */
export function daysOfMonth(dates: Fact | undefined): { days?: Fact | undefined; lastDay?: Fact | undefined } {
  if (!dates) return {};
  if (dates.value.kind !== 'list') {
    const days = undecided(reasonOf(dates.value) ?? 'the days are not known', dates.at);
    return { days, lastDay: days };
  }
  const days: Value[] = [];
  let last: Fact | undefined;
  let isOpen = dates.value.open ?? false;
  for (const entry of dates.value.items) {
    const isLast = mapped(pick(entry, 'isLast', true), { true: true, false: false });
    const date = numeric(pick(entry, 'date', true));
    if (isLast && isLast.value.kind !== 'bool') {
      isOpen = true;
      last ??= isLast;
    } else if (isLast?.value.kind === 'bool' && isLast.value.value) last = isLast;
    else if (date && numberIn(date.value) !== 0) days.push(date.value);
  }
  if (isOpen) last ??= undecided('there may be more days', dates.at);
  return { days: filledList({ at: dates.at, value: { ...dates.value, items: days, open: isOpen } }), lastDay: last };
}

/** A count in the tier's own unit. */
function armCount(count: Fact | undefined, durationType: Fact | undefined, unit: string): Fact | undefined {
  const amount = numeric(count);
  if (!amount || !durationType) return amount;
  const written = textOf(durationType.value);
  if (written === undefined) return undecided('the unit of the duration is not known', durationType.at);
  if (written.toLowerCase() === unit.toLowerCase()) return amount;
  return undecided(`the duration is written in ${written}`, durationType.at);
}

/** Only the clock of an ARM time counts: the date and the Z mean nothing. */
export function clockTimes(times: Fact | undefined): Fact | undefined {
  if (times?.value.kind !== 'list') return times;
  const items = times.value.items.map((item): Value => {
    const value = force(item);
    const clock =
      value.kind === 'string'
        ? /(\d{2}:\d{2})/.exec(value.value.includes('T') ? value.value.split('T')[1]! : value.value)
        : null;
    return clock && value.kind === 'string' ? { ...value, value: clock[1]! } : value;
  });
  return { ...times, value: { ...times.value, items } };
}

/** A block with its facts; where it may be missing altogether it is unknown, so that it counts neither as there nor as absent. */
export function part(written: Fact | undefined, facts: Parts): Fact | undefined {
  if (!written) return undefined;
  const { value, at } = written;
  return isObject(value) ? { at, value: view(at, facts) } : undecided(reasonOf(value) ?? 'it is not known', at);
}

export function isObject(value: Value): boolean {
  if (value.kind === 'one-of') return value.values.every((candidate) => isObject(force(candidate)));
  return value.kind === 'object';
}

/** ARM: `{}` says nothing, like absence. */
export function filledObject(fact: Fact | undefined): Fact | undefined {
  return fact?.value.kind === 'object' && fact.value.members.size === 0 && !fact.value.open ? undefined : fact;
}

/** The service fills what it does not use: `Invalid` as a unit, 0 as a duration. */
export function meaningful(fact: Fact | undefined): Fact | undefined {
  if (fact?.value.kind === 'number' && fact.value.value === 0) return undefined;
  return textOf(fact?.value)?.toLowerCase() === 'invalid' ? undefined : fact;
}

interface LongTier {
  readonly count?: Fact | undefined;
  readonly weekdays?: Fact | undefined;
  readonly weeks?: Fact | undefined;
  readonly days?: Fact | undefined;
  readonly lastDay?: Fact | undefined;
  readonly months?: Fact | undefined;
  readonly yearly: boolean;
}

function longTier(written: Fact | undefined, { yearly, ...facts }: LongTier): Fact | undefined {
  // false says nothing, like absence.
  const lastDay = facts.lastDay?.value.kind === 'bool' && !facts.lastDay.value.value ? undefined : facts.lastDay;
  return part(written, {
    ...facts,
    lastDay,
    monthsWithout: written && monthsWithoutDay({ ...facts, lastDay }, yearly),
  });
}

/** How many of the tier's months lack every one of its days; only where it is made of days of the month. */
function monthsWithoutDay(facts: Omit<LongTier, 'yearly'>, yearly: boolean): Fact | undefined {
  const { days, lastDay } = facts;
  if (!days) return undefined;
  const { at, value } = days;
  if (value.kind !== 'list') return undecided('the days are not known', at);
  const known = value.items.map((item) => numberIn(force(item)));
  // A day that every month has settles it, whatever else is in the list.
  if (lastDay?.value.kind === 'bool' || known.some((day) => day !== undefined && day <= 28))
    return { at, value: number(0, at) };
  if (lastDay) return undecided('it is not known whether the last day counts', at);
  if (value.open || known.includes(undefined)) return undecided('the days are not known', at);
  const names = yearly ? facts.months?.value : undefined;
  if (yearly && !names) return undefined;
  if (names && (names.kind !== 'list' || !isKnown(names))) return undecided('the months are not known', at);
  const wanted = names?.kind === 'list' ? names.items.map((name) => textOf(force(name))) : monthNames;
  // February counts with 28 days: three years of four have no more.
  const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const least = Math.min(...(known as number[]));
  const missing = wanted.filter((name) => (lengths[monthNames.indexOf(name ?? '')] ?? 31) < least);
  // The list itself is the place: one literal of it decides, or all.
  const decided = value.items.length === 1 ? force(value.items[0]!) : value;
  return { at, value: { ...number(missing.length, decided.at), via: decided.via } };
}

/**
 * The tiers together: there if one is there for certain, absent if none can be.
 * One duration without tiers is another class of retention: what the service makes of it in a VM policy is not known.
 */
export function retention(at: Origin, tiers: Parts, duration?: Fact): Fact | undefined {
  const written = Object.values(tiers).filter((tier) => tier !== undefined);
  if (written.some((tier) => tier.value.kind === 'object')) return { at, value: view(at, tiers) };
  const [doubt] = written;
  if (doubt) return undecided(reasonOf(doubt.value) ?? 'the retention is not known', doubt.at);
  return duration && undecided(reasonOf(duration.value) ?? 'the retention has no tiers', duration.at);
}
