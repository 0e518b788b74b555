/** Terraform's functions over timestamps (RFC 3339): formatdate, timeadd, timecmp. */
import type { BuiltIn } from '../evaluate.ts';
import { failure, number, type Str, text, unknown, type Value } from '../value.ts';
import { define } from './signature.ts';
import { stringType } from './types.ts';

type At = Value['at'];

interface Timestamp {
  /** Nanoseconds since 1970. */
  readonly instant: bigint;
  /** Minutes east of UTC. */
  readonly offset: number;
}

const billion = 1_000_000_000n;

export const timeFunctions: readonly (readonly [string, BuiltIn])[] = [
  [
    'formatdate',
    define({
      takes: [stringType, stringType],
      apply: ([format, time], call) => {
        const parsed = parseTime((time as Str).value);
        return parsed ? formatDate((format as Str).value, parsed, call) : notTime(call);
      },
    }),
  ],
  [
    'timeadd',
    define({
      takes: [stringType, stringType],
      apply: ([time, duration], call) => {
        const parsed = parseTime((time as Str).value);
        if (!parsed) return notTime(call);
        const added = parseDuration((duration as Str).value);
        if (added === undefined) return failure('timeadd(): the duration is not like "1h30m"', call);
        const moved = timeText({ ...parsed, instant: parsed.instant + added });
        return moved === undefined ? failure('timeadd(): the year has more than four digits', call) : text(moved, call);
      },
    }),
  ],
  [
    'timecmp',
    define({
      takes: [stringType, stringType],
      apply: ([first, second], call) => {
        const a = parseTime((first as Str).value);
        const b = parseTime((second as Str).value);
        if (!a || !b) return notTime(call);
        return number(a.instant < b.instant ? -1 : a.instant > b.instant ? 1 : 0, call);
      },
    }),
  ],
  ['timestamp', define({ takes: [], apply: (_, call) => unknown('timestamp() is the time of the run', call) })],
  ['plantimestamp', define({ takes: [], apply: (_, call) => unknown('plantimestamp() is the time of the run', call) })],
];

function notTime(at: At): Value {
  return failure('the text is no timestamp like "2024-01-31T12:00:00Z"', at);
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

function parseTime(of: string): Timestamp | undefined {
  const match = rfc3339.exec(of);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || day < 1) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1) return undefined;
  const zone = match[8]!;
  const offset =
    zone === 'Z' ? 0 : (zone[0] === '-' ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  if (Math.abs(offset) > 24 * 60) return undefined;
  const seconds = date.getTime() / 1000 + hour * 3600 + (minute - offset) * 60 + second;
  const fraction = (match[7] ?? '').slice(0, 9).padEnd(9, '0');
  return { instant: BigInt(seconds) * billion + BigInt(fraction), offset };
}

/** The date and time on the clock of its own zone. */
function clock(time: Timestamp): Date {
  let seconds = time.instant / billion;
  if (time.instant % billion < 0n) seconds -= 1n;
  return new Date((Number(seconds) + time.offset * 60) * 1000);
}

const two = (n: number): string => String(n).padStart(2, '0');

function zoneText(offset: number, separator: string): string {
  const size = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
}

function timeText(time: Timestamp): string | undefined {
  const date = clock(time);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) return undefined;
  const day = `${String(year).padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const hours = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day}T${hours}${time.offset === 0 ? 'Z' : zoneText(time.offset, ':')}`;
}

const units: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: billion,
  m: 60n * billion,
  h: 3600n * billion,
};

/** Nanoseconds of a Go duration ("1h30m", "-1.5h", "0"). */
function parseDuration(of: string): bigint | undefined {
  const match = /^([+-]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(of);
  if (!match) return undefined;
  let total = 0n;
  for (const [, whole, fraction, unit] of match[2]!.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = units[unit!]!;
    const digits = fraction!.slice(0, 18);
    total += BigInt(whole || 0) * size + (BigInt(digits || 0) * size) / 10n ** BigInt(digits.length);
  }
  // A Go duration holds 63 bits.
  if (total > 2n ** 63n - 1n) return undefined;
  return match[1] === '-' ? -total : total;
}

const months = [
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
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function formatDate(format: string, time: Timestamp, at: At): Value {
  const date = clock(time);
  let result = '';
  for (const [token] of format.matchAll(/'(?:[^']|'')*'?|([A-Za-z])\1*|[^A-Za-z']+/g)) {
    if (token.startsWith("'")) {
      if (token.length < 2 || !token.endsWith("'")) return failure('formatdate(): a quote is not closed', at);
      result += token.slice(1, -1).replaceAll("''", "'");
      continue;
    }
    const part = /^[A-Za-z]/.test(token) ? datePart(token, date, time.offset) : token;
    if (part === undefined) return failure(`formatdate(): there is no date part "${token}"`, at);
    result += part;
  }
  return text(result, at);
}

function datePart(token: string, date: Date, offset: number): string | undefined {
  const hour = date.getUTCHours();
  const noon = hour % 12 === 0 ? 12 : hour % 12;
  switch (token) {
    case 'YYYY':
      return String(date.getUTCFullYear()).padStart(4, '0');
    case 'YY':
      return two(date.getUTCFullYear() % 100);
    case 'MMMM':
      return months[date.getUTCMonth()];
    case 'MMM':
      return months[date.getUTCMonth()]!.slice(0, 3);
    case 'MM':
      return two(date.getUTCMonth() + 1);
    case 'M':
      return String(date.getUTCMonth() + 1);
    case 'DD':
      return two(date.getUTCDate());
    case 'D':
      return String(date.getUTCDate());
    case 'EEEE':
      return days[date.getUTCDay()];
    case 'EEE':
      return days[date.getUTCDay()]!.slice(0, 3);
    case 'hh':
      return two(hour);
    case 'h':
      return String(hour);
    case 'HH':
      return two(noon);
    case 'H':
      return String(noon);
    case 'AA':
      return hour < 12 ? 'AM' : 'PM';
    case 'aa':
      return hour < 12 ? 'am' : 'pm';
    case 'mm':
      return two(date.getUTCMinutes());
    case 'm':
      return String(date.getUTCMinutes());
    case 'ss':
      return two(date.getUTCSeconds());
    case 's':
      return String(date.getUTCSeconds());
    case 'ZZZZZ':
      return zoneText(offset, ':');
    case 'ZZZZ':
      return zoneText(offset, '');
    case 'ZZZ':
      return offset === 0 ? 'UTC' : zoneText(offset, '');
    case 'Z':
      return offset === 0 ? 'Z' : zoneText(offset, ':');
    default:
      return undefined;
  }
}
