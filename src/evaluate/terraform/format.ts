/**
 * Terraform's format() and formatlist(): verbs over known arguments exactly; a plain verb over an unknown one leaves a hole.
 */
import type { Call } from '../../parse/expression.ts';
import { limits } from '../../source/limits.ts';
import { failure, isKnown, joined, list, type Num, reasonOf, unknown, type Value } from '../value.ts';
import { characters } from './characters.ts';
import { jsonText } from './json.ts';
import { exponentText, fixedText, generalText, integerPart, textOf } from './number.ts';
import { boolType, convert, isFailure, numberType, stringType } from './types.ts';

interface Verb {
  readonly whole: string;
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly index: number | undefined;
  readonly letter: string;
}

const verbs = /%([#+\- 0]*)(\d+)?(?:\.(\d*))?(?:\[([1-9]\d*)\])?([a-zA-Z%])/y;

function parseFormat(of: string): (string | Verb)[] | undefined {
  const parts: (string | Verb)[] = [];
  let at = 0;
  while (at < of.length) {
    const next = of.indexOf('%', at);
    if (next === -1) break;
    if (next > at) parts.push(of.slice(at, next));
    verbs.lastIndex = next;
    const match = verbs.exec(of);
    if (!match) return undefined;
    const [whole, flags, width, precision, index, letter] = match;
    parts.push({
      whole,
      flags: flags!,
      width: width === undefined ? undefined : Number(width),
      precision: precision === undefined ? undefined : Number(precision || 0),
      index: index === undefined ? undefined : Number(index),
      letter: letter!,
    });
    at = next + whole.length;
  }
  if (at < of.length) parts.push(of.slice(at));
  return parts;
}

export function format(args: readonly Value[], call: Call): Value {
  const [spec, ...values] = args;
  if (spec!.kind === 'null') return failure('format() needs a format string', call);
  if (spec!.kind !== 'string') return unknown(reasonOf(spec!) ?? 'the format is not known', call);
  const parts = parseFormat(spec!.value);
  if (!parts) return failure('format(): a "%" begins no verb', call);
  const built: (string | Value)[] = [];
  let next = 0;
  let used = 0;
  for (const part of parts) {
    if (typeof part === 'string') {
      built.push(part);
      continue;
    }
    if (part.letter === '%') {
      built.push('%');
      continue;
    }
    const position = part.index === undefined ? next : part.index - 1;
    next = position + 1;
    used = Math.max(used, next);
    const value = values[position];
    if (!value) return failure(`format(): there is no argument for "${part.whole}"`, call);
    if ((part.width ?? 0) > limits.stringLength || (part.precision ?? 0) > 10_000)
      return unknown('the text is longer than this tool builds', call);
    const formatted = formatOne(part, value, call);
    if (typeof formatted !== 'string' && (isFailure(formatted) || formatted.kind === 'unknown')) {
      // A bare null has no type, and Terraform calls the whole result unknown.
      if (value.kind === 'null' || isFailure(formatted)) return formatted;
    }
    built.push(formatted);
  }
  if (used < values.length && !parts.some((part) => typeof part !== 'string' && part.index !== undefined))
    return failure(`format(): only ${used} of ${values.length} arguments are used`, call);
  const result = joined(built, call);
  return result.kind === 'string' ? { ...result, value: result.value.normalize('NFC') } : result;
}

function formatOne(verb: Verb, value: Value, call: Call): string | Value {
  if (value.kind === 'null') return unknown('null has no type, so its text is not known', call);
  const known = isKnown(value);
  if (!known) {
    const plainVerb = verb.flags === '' && verb.width === undefined && verb.precision === undefined;
    if (plainVerb && 'svd'.includes(verb.letter) && value.kind !== 'list' && value.kind !== 'object') return value;
    return unknown(reasonOf(value) ?? 'an argument is not known', call);
  }
  const wrong = (needed: string): Value => failure(`format(): "${verb.whole}" needs ${needed}`, call);
  switch (verb.letter) {
    case 'v':
      if (verb.flags.includes('#')) return padded(jsonText(value, false) ?? '', verb);
      if (value.kind === 'string') return padded(cut(value.value, verb), verb);
      if (value.kind === 'number') return padded(textOf(value), verb);
      return padded(jsonText(value, false) ?? '', verb);
    case 's':
    case 'q': {
      const converted = convert(value, stringType, () => value);
      if (converted.kind !== 'string') return wrong('a string');
      if (verb.letter === 's') return padded(cut(converted.value, verb), verb);
      return padded(JSON.stringify(converted.value), verb);
    }
    case 't': {
      const converted = convert(value, boolType, () => value);
      return converted.kind === 'bool' ? padded(String(converted.value), verb) : wrong('true or false');
    }
    case 'b':
    case 'd':
    case 'o':
    case 'x':
    case 'X':
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': {
      const converted = convert(value, numberType, () => value);
      if (converted.kind !== 'number') return wrong('a number');
      const printed = numberDigits(verb, converted);
      return printed === undefined ? wrong('a finite number') : paddedNumber(printed, verb);
    }
    default:
      return failure(`format(): there is no verb "${verb.letter}"`, call);
  }
}

function numberDigits(verb: Verb, value: Num): string | undefined {
  const bases: Record<string, number> = { b: 2, d: 10, o: 8, x: 16, X: 16 };
  const base = bases[verb.letter];
  if (base !== undefined) {
    const whole = integerPart(value);
    if (whole === undefined) return undefined;
    const digits = (whole < 0n ? -whole : whole).toString(base).padStart(verb.precision ?? 0, '0');
    const prefix = verb.flags.includes('#') ? ({ o: '0', x: '0x', X: '0X', b: '0b' }[verb.letter] ?? '') : '';
    return (whole < 0n ? '-' : '') + prefix + (verb.letter === 'X' ? digits.toUpperCase() : digits);
  }
  switch (verb.letter) {
    case 'f':
      return fixedText(value, verb.precision ?? 6);
    case 'e':
      return exponentText(value, verb.precision ?? 6);
    case 'E':
      return exponentText(value, verb.precision ?? 6).toUpperCase();
    case 'g':
      return generalText(value, verb.precision);
    default:
      return generalText(value, verb.precision).toUpperCase();
  }
}

function cut(of: string, verb: Verb): string {
  return verb.precision === undefined ? of : characters(of).slice(0, verb.precision).join('');
}

function padded(of: string, verb: Verb): string {
  const missing = (verb.width ?? 0) - characters(of).length;
  if (missing <= 0) return of;
  if (verb.flags.includes('-')) return of + ' '.repeat(missing);
  return (verb.flags.includes('0') ? '0' : ' ').repeat(missing) + of;
}

function paddedNumber(of: string, verb: Verb): string {
  const negative = of.startsWith('-');
  const sign = negative ? '-' : verb.flags.includes('+') ? '+' : verb.flags.includes(' ') ? ' ' : '';
  const digits = negative || of.startsWith('+') ? of.slice(1) : of;
  const missing = (verb.width ?? 0) - digits.length - sign.length;
  if (missing <= 0) return sign + digits;
  if (verb.flags.includes('-')) return sign + digits + ' '.repeat(missing);
  return verb.flags.includes('0') ? sign + '0'.repeat(missing) + digits : ' '.repeat(missing) + sign + digits;
}

/** format() for each member of the lists among the arguments; the others stand in every line. */
export function formatList(args: readonly Value[], call: Call): Value {
  const [spec, ...values] = args;
  if (spec!.kind === 'null') return failure('formatlist() needs a format string', call);
  let length: number | undefined;
  for (const value of values) {
    if (value.kind === 'null') return unknown('null has no type, so its text is not known', call);
    if (value.kind === 'symbol' || value.kind === 'unknown' || value.kind === 'one-of')
      return unknown(reasonOf(value) ?? 'an argument is not known', call);
    if (value.kind !== 'list') continue;
    if (value.open) return unknown('the list may hold more', call);
    if (length !== undefined && length !== value.items.length)
      return failure('formatlist(): the lists are not of one length', call);
    length = value.items.length;
  }
  const lines: Value[] = [];
  for (let i = 0; i < (length ?? 1); i++) {
    const line = format([spec!, ...values.map((value) => (value.kind === 'list' ? value.items[i]! : value))], call);
    if (isFailure(line)) return line;
    lines.push(line);
  }
  return list(lines, call, 'list');
}
