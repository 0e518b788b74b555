/**
 * What schedules promise: runs in a week and the longest time between two of them, and ISO 8601 durations and repeating intervals.
 * Takes facts in the vocabulary of docs/model.md; gives nothing where a part is not known, never a guess.
 */
import { force, isSecret, number, reasonOf, text, unknown, type Value } from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import { computed, type Fact, listOf, numberIn, textOf, undecided } from './facts.ts';
import type { Parts } from './retention.ts';

const day = 24 * 60;
const week = 7 * day;
const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
/** More runs than the finest schedule that Azure takes makes in a week; whatever has more is not counted. */
const mostRuns = 2000;

/** An ISO 8601 duration in minutes, a month as 30 days and a year as 365; undefined for what is none. */
export function isoMinutes(written: string): number | undefined {
  const match =
    /^P(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/i.exec(
      written.trim(),
    );
  if (!match || match.slice(1).every((part) => part === undefined)) return undefined;
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return years! * 365 * day + months! * 30 * day + weeks! * week + days! * day + hours! * 60 + minutes! + seconds! / 60;
}

/** A number of minutes as ISO 8601 writes it, in the largest unit up to days that has no remainder. */
export function isoDuration(minutes: number): string {
  if (minutes % day === 0) return `P${minutes / day}D`;
  return minutes % 60 === 0 ? `PT${minutes / 60}H` : `PT${minutes}M`;
}

/** A duration with the days that it stands for, so that a rule can compare it. */
export function keptFor(duration: Fact | undefined): Parts {
  if (!duration) return {};
  const written = textOf(duration.value);
  const minutes = written === undefined ? undefined : isoMinutes(written);
  const keptDays =
    minutes === undefined
      ? undecided(reasonOf(duration.value) ?? 'the duration is not written as ISO 8601 does', duration.at)
      : {
          at: duration.at,
          value: {
            ...number(minutes / day, duration.value.at),
            via: duration.value.via,
            secret: duration.value.secret,
          },
        };
  return { duration, keptDays };
}

interface Interval {
  readonly clock: string;
  readonly weekday: number;
  /** Minutes from the start of a week to the first run. */
  readonly offset: number;
  readonly period: number;
  /** The period is of whole days, so that a run keeps its clock. */
  readonly monthly: boolean;
}

/** `R/<start>/<period>`; undefined where it is written otherwise. */
function intervalOf(written: string): Interval | undefined {
  const match =
    /^R\d*\/(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?\/(P.+)$/i.exec(
      written.trim(),
    );
  if (!match) return undefined;
  const [year, month, date, hour, minute] = match.slice(1, 6).map(Number) as [number, number, number, number, number];
  const period = isoMinutes(match[6]!);
  if (!period || month > 12 || date > 31 || hour > 23 || minute > 59) return undefined;
  const weekday = new Date(Date.UTC(year, month - 1, date)).getUTCDay();
  return {
    clock: `${match[4]}:${match[5]}`,
    weekday,
    offset: weekday * day + hour * 60 + minute,
    period,
    monthly: /^P\d+[YM]/i.test(match[6]!),
  };
}

/** The schedule that a list of repeating intervals makes (terraform.md 7, arm.md 6). */
export function repeating(intervals: Fact): Parts {
  const { at } = intervals;
  const list = intervals.value;
  const periods = periodsOf(intervals);
  const open = (because: string): Parts => {
    const hidden = undecided(because, at);
    return {
      intervals,
      periods,
      frequency: hidden,
      interval: hidden,
      times: hidden,
      weekdays: hidden,
      runsAWeek: hidden,
      rpo: hidden,
      rpoMinutes: hidden,
    };
  };
  if (list.kind !== 'list') return open(reasonOf(list) ?? 'the intervals are not known');
  if (list.open) return open(reasonOf(list) ?? 'there may be more intervals');
  if (isSecret(list)) return open('the intervals are secret');
  const found: Interval[] = [];
  for (const item of list.items) {
    const value = force(item);
    const written = textOf(value);
    if (written === undefined) return open(reasonOf(value) ?? 'an interval is not known');
    const interval = intervalOf(written);
    if (!interval) return open(`the interval ${written.slice(0, 80)} is not written R/<start>/<period>`);
    found.push(interval);
  }
  const [first] = found;
  if (!first) return { intervals, periods };
  const same = found.every(({ period, monthly }) => period === first.period && monthly === first.monthly);
  const frequency = same ? frequencyOf(first) : 'Mixed';
  const clocks = [...new Set(found.map(({ clock }) => clock))].sort();
  const days = [...new Set(found.map(({ weekday }) => weekday))].sort((a, b) => a - b);
  const where = list.items.length === 1 ? force(list.items[0]!).at : at;
  const runs = runsOfIntervals(found);
  const perWeek = found.reduce((sum, { period }) => sum + week / period, 0);
  return {
    intervals,
    periods,
    frequency: computed(frequency, where),
    interval: frequency === 'Hourly' ? computed(first.period / 60, where) : undefined,
    times: {
      at: where,
      value: listOf(
        where,
        clocks.map((clock) => text(clock, where)),
      ),
    },
    weekdays:
      frequency === 'Weekly'
        ? {
            at: where,
            value: listOf(
              where,
              days.map((one) => text(dayNames[one]!, where)),
            ),
          }
        : undefined,
    runsAWeek: computed(Math.round(perWeek * 1000) / 1000, where),
    ...(runs
      ? gap(runs, where)
      : found.length === 1
        ? gapOf(first.monthly ? 31 * day * Math.max(1, Math.round(first.period / (30 * day))) : first.period, where)
        : undecidedGap('its intervals do not repeat by the week', where)),
  };
}

/** How long each interval waits, in hours; what follows the last slash tells it, whatever the start is. */
function periodsOf({ at, value: list }: Fact): Fact {
  if (list.kind !== 'list' || isSecret(list)) return undecided(reasonOf(list) ?? 'the intervals are not known', at);
  const items = list.items.map((item): Value => {
    const value = force(item);
    const end = value.kind === 'template' ? value.parts.at(-1) : textOf(value);
    const period = typeof end === 'string' && !isSecret(value) ? /\/(P[^/]+)$/i.exec(end.trim())?.[1] : undefined;
    const minutes = period === undefined ? undefined : isoMinutes(period);
    return minutes === undefined
      ? unknown(reasonOf(value) ?? 'the period of the interval is not known', value.at)
      : { ...number(minutes / 60, value.at), via: value.via };
  });
  return { at, value: { ...list, items } };
}

function frequencyOf({ period, monthly }: Interval): string {
  if (monthly) return period === 30 * day ? 'Monthly' : 'Other';
  if (period < day) return 'Hourly';
  if (period === day) return 'Daily';
  return period === week ? 'Weekly' : 'Other';
}

function runsOfIntervals(intervals: readonly Interval[]): number[] | undefined {
  const runs: number[] = [];
  for (const { offset, period, monthly } of intervals) {
    if (monthly || week % period !== 0 || runs.length + week / period > mostRuns) return undefined;
    for (let run = 0; run < week; run += period) runs.push((offset + run) % week);
  }
  return runs;
}

/** Minutes into a week at which a schedule of a Recovery Services policy runs; undefined where that is not known. */
export function weeklyRuns(schedule: Parts): number[] | undefined {
  const frequency = textOf(schedule['frequency']?.value);
  const times = textsIn(schedule['times']);
  const clocks = times?.map(minutesOf);
  if (!clocks || clocks.length === 0 || clocks.length > 48 || clocks.includes(undefined)) return undefined;
  const starts = clocks as number[];
  const everyDay = [0, 1, 2, 3, 4, 5, 6];
  const on = (days: readonly number[], minutes: readonly number[]): number[] =>
    days.flatMap((one) => minutes.map((minute) => (one * day + minute) % week));
  if (frequency === 'Daily') return on(everyDay, starts);
  if (frequency === 'Weekly') {
    const days = textsIn(schedule['weekdays'])?.map((name) => dayNames.indexOf(name));
    return days && days.length > 0 && !days.includes(-1) ? on(days, starts) : undefined;
  }
  if (frequency !== 'Hourly') return undefined;
  const runs = hourlyRuns(schedule);
  return (
    runs &&
    on(
      everyDay,
      runs.map((minute) => starts[0]! + minute),
    )
  );
}

/** Minutes from the start of the window at which an hourly schedule runs, six times at most. */
function hourlyRuns(schedule: Parts): number[] | undefined {
  const interval = numberIn(schedule['interval']?.value);
  const window = numberIn(schedule['window']?.value);
  if (interval === undefined || window === undefined || interval < 1 || window < 0 || window > 24) return undefined;
  const count = Math.min(Math.floor(window / interval) + 1, Math.ceil(24 / interval), 6);
  return Array.from({ length: count }, (_, i) => i * interval * 60);
}

/** How often an hourly schedule runs in a day; absent for any other. */
export function runsADay(schedule: Parts, at: Origin): Fact | undefined {
  const { frequency } = schedule;
  if (!frequency) return undefined;
  if (textOf(frequency.value) === undefined) return undecided('the frequency is not known', frequency.at);
  if (textOf(frequency.value) !== 'Hourly') return undefined;
  const runs = hourlyRuns(schedule);
  return runs ? computed(runs.length, at) : undecided('the hourly schedule is not known', at);
}

function minutesOf(clock: string): number | undefined {
  const match = /^(\d{2}):(\d{2})$/.exec(clock);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

/** The texts of a list that is known to its end. */
export function textsIn(list: Fact | undefined): string[] | undefined {
  if (list?.value.kind !== 'list' || list.value.open) return undefined;
  const texts = list.value.items.map((item: Value) => textOf(force(item)));
  return texts.includes(undefined) ? undefined : (texts as string[]);
}

/** The longest time between two runs of a week that repeats: the recovery point objective that the schedule can keep. */
export function gap(runs: readonly number[], at: Origin): Parts {
  const sorted = [...new Set(runs)].sort((a, b) => a - b);
  if (sorted.length === 0) return undecidedGap('it never runs', at);
  let longest = sorted[0]! + week - sorted.at(-1)!;
  for (let i = 1; i < sorted.length; i++) longest = Math.max(longest, sorted[i]! - sorted[i - 1]!);
  return gapOf(longest, at);
}

export function gapOf(minutes: number, at: Origin): Parts {
  return { rpo: computed(isoDuration(minutes), at), rpoMinutes: computed(minutes, at) };
}

export function undecidedGap(because: string, at: Origin): Parts {
  return { rpo: undecided(because, at), rpoMinutes: undecided(because, at) };
}
