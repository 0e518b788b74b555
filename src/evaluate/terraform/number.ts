/**
 * Numbers as Terraform computes them: binary floats of 512 bits, rounded to even, printed with as few digits as name them.
 * Takes and gives Num; a Num carries `digits` only where the double beside it would print something else.
 */
import type { Origin } from '../../source/source.ts';
import { failure, type Num, unknown, type Value } from '../value.ts';

const precision = 512;
/** 10^n of more than this is nothing anyone writes, and costs time to build; results end a little before, at 2^n. */
const largestExponent = 6_000;
const largestBinaryExponent = 16_000;

/** (-1)^negative * mantissa * 2^exponent; `infinite` has no mantissa. */
export interface Float {
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly infinite?: boolean;
}

const zero: Float = { negative: false, mantissa: 0n, exponent: 0 };
const infinity = (negative: boolean): Float => ({ negative, mantissa: 0n, exponent: 0, infinite: true });

function bits(n: bigint): number {
  if (n === 0n) return 0;
  const hex = n.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
}

/** Nearest float of `size` bits, ties to even; `rest` says that a little more was cut off below. */
function round(negative: boolean, mantissa: bigint, exponent: number, rest = false, size = precision): Float {
  const excess = bits(mantissa) - size;
  if (excess <= 0) return { negative, mantissa, exponent };
  const cut = BigInt(excess);
  let kept = mantissa >> cut;
  const lost = mantissa - (kept << cut);
  const half = 1n << (cut - 1n);
  if (lost > half || (lost === half && (rest || (kept & 1n) === 1n))) kept += 1n;
  return { negative, mantissa: kept, exponent: exponent + excess };
}

const decimal = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

/** A decimal text; undefined where it is none. */
export function parseFloatText(text: string): Float | undefined {
  if (/^[+-]?inf(inity)?$/i.test(text)) return infinity(text.startsWith('-'));
  const match = decimal.exec(text);
  if (!match || (match[2] === '' && match[3] === '')) return undefined;
  const negative = match[1] === '-';
  const digits = BigInt((match[2] ?? '') + (match[3] ?? ''));
  if (digits === 0n) return { ...zero, negative };
  const power = Number(match[4] ?? 0) - (match[3] ?? '').length;
  if (Math.abs(power) > largestExponent) return undefined;
  if (power >= 0) return round(negative, digits * 10n ** BigInt(power), 0);
  return divideIntegers(negative, digits, 10n ** BigInt(-power), 0);
}

function divideIntegers(negative: boolean, a: bigint, b: bigint, exponent: number): Float {
  const shift = Math.max(0, precision + 3 + bits(b) - bits(a));
  const scaled = a << BigInt(shift);
  const quotient = scaled / b;
  return round(negative, quotient, exponent - shift, quotient * b !== scaled);
}

function floatOf(value: Num): Float {
  if (value.digits !== undefined) {
    const parsed = parseFloatText(value.digits);
    if (parsed) return parsed;
  }
  if (!Number.isFinite(value.value)) return infinity(value.value < 0);
  if (Number.isSafeInteger(value.value))
    return {
      negative: Object.is(value.value, -0) || value.value < 0,
      mantissa: BigInt(Math.abs(value.value)),
      exponent: 0,
    };
  return parseFloatText(String(value.value)) ?? zero;
}

/** A literal with an exponent that this tool does not compute with. */
function isBeyond(value: Num): boolean {
  return value.digits !== undefined && parseFloatText(value.digits) === undefined;
}

/** The shortest decimal that rounds to this float of `size` bits, written without an exponent. */
function shortest(of: Float, size = precision): string {
  if (of.infinite) return of.negative ? '-Inf' : '+Inf';
  const sign = of.negative ? '-' : '';
  if (of.mantissa === 0n) return `${sign}0`;
  const { digits, point } = shortestDigits(of, size);
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** 0.DIGITS * 10^point. */
function shortestDigits(of: Float, size: number): { digits: string; point: number } {
  const grow = Math.max(0, size - bits(of.mantissa));
  const mantissa = of.mantissa << BigInt(grow);
  const exponent = of.exponent - grow - 1;
  const scale = exponent < 0 ? 5n ** BigInt(-exponent) : 1n << BigInt(exponent);
  const places = exponent < 0 ? -exponent : 0;
  const low = (2n * mantissa - 1n) * scale;
  const high = (2n * mantissa + 1n) * scale;
  const inclusive = (mantissa & 1n) === 0n;
  const exact = `0${2n * mantissa * scale}`;
  const length = Math.max(exact.length, String(high).length + 1);
  const middle = exact.padStart(length, '0');
  const lower = String(low).padStart(length, '0');
  const upper = String(high).padStart(length, '0');
  const first = middle.search(/[1-9]/);
  for (let kept = first + 1; kept <= length; kept++) {
    const prefix = middle.slice(0, kept);
    const down = prefix.padEnd(length, '0');
    const up = String(BigInt(prefix) + 1n)
      .padStart(kept, '0')
      .padEnd(length, '0');
    const downFits = down > lower || (inclusive && down === lower);
    const upFits = up < upper || (inclusive && up === upper);
    if (!downFits && !upFits) continue;
    const tail = middle.slice(kept);
    const nearerUp = tail !== '' && tail[0]! >= '5';
    const chosen = downFits && upFits ? (nearerUp ? up : down) : downFits ? down : up;
    return trimmed(chosen, length - places);
  }
  return trimmed(middle, length - places);
}

function trimmed(text: string, point: number): { digits: string; point: number } {
  const first = text.search(/[1-9]/);
  return { digits: text.slice(first).replace(/0+$/, ''), point: point - first };
}

/** Plain decimal text of a double as JavaScript prints it, without an exponent. */
function plainText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (Object.is(value, -0)) return '-0';
  const printed = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(printed);
  if (!match) return printed;
  const digits = match[2]! + (match[3] ?? '');
  const point = Number(match[4]) + 1;
  if (point <= 0) return `${match[1]}0.${'0'.repeat(-point)}${digits}`;
  return (
    match[1] + digits.slice(0, point).padEnd(point, '0') + (digits.length > point ? `.${digits.slice(point)}` : '')
  );
}

/** As Terraform prints a number. */
export function textOf(value: Num): string {
  if (value.digits === undefined) return plainText(value.value);
  // A literal keeps its digits as written, with an exponent too.
  return /[eE]/.test(value.digits) ? shortest(floatOf(value)) : value.digits;
}

function numFromText(printed: string, at: Origin): Num {
  const value = printed.endsWith('Inf') ? (printed[0] === '-' ? -1 / 0 : 1 / 0) : Number(printed);
  // What a reader of `value` would print must be what Terraform prints; where it is not, the digits say it.
  return String(value) === printed || (!Number.isFinite(value) && printed.endsWith('Inf'))
    ? { kind: 'number', value, at }
    : { kind: 'number', value, digits: printed, at };
}

function numOf(of: Float, at: Origin): Num {
  return numFromText(shortest(of), at);
}

/** A number out of a decimal text ("1e3", "+1", ".5", "Inf"); undefined where the text is none. */
export function parseNumber(text: string, at: Origin): Num | undefined {
  if (/^-?(0|[1-9]\d{0,14})$/.test(text) && text !== '-0') return { kind: 'number', value: Number(text), at };
  const parsed = parseFloatText(text);
  return parsed && numOf(parsed, at);
}

/** What went through a double (pow, log): its digits are the shortest for 53 bits. */
export function numFromDouble(value: number, at: Origin): Num {
  if (!Number.isFinite(value)) return { kind: 'number', value, at };
  if (Number.isSafeInteger(value)) return numFromText(plainText(value), at);
  return numFromText(shortest(exactDouble(value), 53), at);
}

export function numFromInteger(value: bigint, at: Origin): Num {
  const size = value < 0n ? -value : value;
  return numOf(round(value < 0n, size, 0), at);
}

function exactDouble(value: number): Float {
  let exponent = 0;
  let scaled = Math.abs(value);
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent--;
  }
  let mantissa = BigInt(scaled);
  while (mantissa !== 0n && (mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent++;
  }
  return { negative: value < 0, mantissa, exponent };
}

function add(a: Float, b: Float): Float | undefined {
  if (a.infinite || b.infinite) {
    if (a.infinite && b.infinite && a.negative !== b.negative) return undefined;
    return a.infinite ? a : b;
  }
  // Beyond this distance the smaller one cannot change the sum, and shifting it would only cost memory.
  const exponent = Math.min(a.exponent, b.exponent);
  const signed = (x: Float): bigint => {
    const shifted = x.mantissa << BigInt(x.exponent - exponent);
    return x.negative ? -shifted : shifted;
  };
  const sum = signed(a) + signed(b);
  return round(sum < 0n, sum < 0n ? -sum : sum, exponent);
}

const negated = (a: Float): Float => ({ ...a, negative: !a.negative });

function multiply(a: Float, b: Float): Float | undefined {
  const negative = a.negative !== b.negative;
  if (a.infinite || b.infinite) {
    if ((!a.infinite && a.mantissa === 0n) || (!b.infinite && b.mantissa === 0n)) return undefined;
    return infinity(negative);
  }
  return round(negative, a.mantissa * b.mantissa, a.exponent + b.exponent);
}

function divide(a: Float, b: Float): Float | undefined {
  const negative = a.negative !== b.negative;
  if (a.infinite) return b.infinite ? undefined : infinity(negative);
  if (b.infinite) return { ...zero, negative };
  if (b.mantissa === 0n) return a.mantissa === 0n ? undefined : infinity(negative);
  if (a.mantissa === 0n) return { ...zero, negative };
  return divideIntegers(negative, a.mantissa, b.mantissa, a.exponent - b.exponent);
}

function compareFloats(a: Float, b: Float): number {
  if (a.infinite || b.infinite) {
    const rank = (x: Float): number => (x.infinite ? (x.negative ? -1 : 1) : 0);
    return rank(a) - rank(b);
  }
  const difference = add(a, negated(b))!;
  return difference.mantissa === 0n ? 0 : difference.negative ? -1 : 1;
}

/** The integer part, towards zero. */
function truncated(of: Float): bigint {
  const size = of.exponent >= 0 ? of.mantissa << BigInt(of.exponent) : of.mantissa >> BigInt(-of.exponent);
  return of.negative ? -size : size;
}

function hasFraction(of: Float): boolean {
  if (of.infinite || of.exponent >= 0) return false;
  return (of.mantissa & ((1n << BigInt(-of.exponent)) - 1n)) !== 0n;
}

export function compareNumbers(a: Num, b: Num): number {
  if (a.digits === undefined && b.digits === undefined) return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  return compareFloats(floatOf(a), floatOf(b));
}

/** The integer, or undefined where the number is no integer. */
export function integerOf(value: Num): bigint | undefined {
  if (Number.isSafeInteger(value.value) && value.digits === undefined) return BigInt(value.value);
  const float = floatOf(value);
  return float.infinite || hasFraction(float) ? undefined : truncated(float);
}

/** The integer part; undefined for an infinity. */
export function integerPart(value: Num): bigint | undefined {
  const float = floatOf(value);
  return float.infinite ? undefined : truncated(float);
}

export function roundedDown(value: Num, at: Origin): Num {
  return stepped(value, at, (float, whole) => (float.negative ? whole - 1n : whole));
}

export function roundedUp(value: Num, at: Origin): Num {
  return stepped(value, at, (float, whole) => (float.negative ? whole : whole + 1n));
}

function stepped(value: Num, at: Origin, step: (float: Float, whole: bigint) => bigint): Num {
  const float = floatOf(value);
  if (float.infinite || !hasFraction(float)) return numOf(float, at);
  return numFromInteger(step(float, truncated(float)), at);
}

export function absolute(value: Num, at: Origin): Num {
  return numOf({ ...floatOf(value), negative: false }, at);
}

/** `a operator b`; the operators are those of HCL, comparisons give a bool. */
export function compute(operator: string, a: Num, b: Num, at: Origin): Value {
  const quick = computeSmall(operator, a, b);
  if (typeof quick === 'number') return { kind: 'number', value: quick, at };
  switch (operator) {
    case '<':
      return { kind: 'bool', value: compareNumbers(a, b) < 0, at };
    case '<=':
      return { kind: 'bool', value: compareNumbers(a, b) <= 0, at };
    case '>':
      return { kind: 'bool', value: compareNumbers(a, b) > 0, at };
    case '>=':
      return { kind: 'bool', value: compareNumbers(a, b) >= 0, at };
  }
  if (isBeyond(a) || isBeyond(b)) return unknown('the number is too large or too small to compute with', at);
  const x = floatOf(a);
  const y = floatOf(b);
  let result: Float | undefined;
  if (operator === '+') result = add(x, y);
  else if (operator === '-') result = add(x, negated(y));
  else if (operator === '*') result = multiply(x, y);
  else if (operator === '/') result = divide(x, y);
  else if (operator === '%') result = remainder(x, y);
  if (!result) return failure(`"${operator}" has no result for these numbers`, at);
  // Repeated squaring would fill the memory within twenty steps.
  if (Math.abs(result.exponent + bits(result.mantissa)) > largestBinaryExponent && result.mantissa !== 0n)
    return unknown('the number is too large or too small to compute with', at);
  return numOf(result, at);
}

/** Small integers, where a double is exact. A zero may be a negative one, which only the long way tells. */
function computeSmall(operator: string, a: Num, b: Num): number | undefined {
  if (!isSmall(a) || !isSmall(b)) return undefined;
  let result: number;
  if (operator === '+') result = a.value + b.value;
  else if (operator === '-') result = a.value - b.value;
  else if (operator === '*') result = a.value * b.value;
  else if (operator === '/') result = a.value / b.value;
  else return undefined;
  return result !== 0 && Number.isSafeInteger(result) ? result : undefined;
}

function isSmall(value: Num): boolean {
  return value.digits === undefined && Number.isSafeInteger(value.value);
}

/** Takes the sign of the dividend; by zero or infinity it is the dividend itself. */
function remainder(a: Float, b: Float): Float | undefined {
  if (a.infinite) return undefined;
  if (b.infinite || b.mantissa === 0n) return a;
  const times = truncated(divide(a, b)!);
  const whole = round(times < 0n, times < 0n ? -times : times, 0);
  const product = multiply(whole, b);
  return product && add(a, negated(product));
}

export function negate(value: Num, at: Origin): Num {
  return numOf(negated(floatOf(value)), at);
}

// Printing with a precision

/** Exact decimal digits, half to even, `places` after the point. */
export function fixedText(value: Num, places: number): string {
  const float = floatOf(value);
  if (float.infinite) return shortest(float);
  return (float.negative ? '-' : '') + fixedDigits(scaledInteger(float, places), places);
}

function fixedDigits(scaled: bigint, places: number): string {
  const digits = String(scaled).padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** round(|of| * 10^places), half to even. */
function scaledInteger(of: Float, places: number): bigint {
  let numerator = of.mantissa;
  let denominator = 1n;
  if (of.exponent >= 0) numerator <<= BigInt(of.exponent);
  else denominator <<= BigInt(-of.exponent);
  if (places >= 0) numerator *= 10n ** BigInt(places);
  else denominator *= 10n ** BigInt(-places);
  const quotient = numerator / denominator;
  const twice = 2n * (numerator - quotient * denominator);
  return twice > denominator || (twice === denominator && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/** `d.ddde+XX` with `places` after the point. */
export function exponentText(value: Num, places: number): string {
  const float = floatOf(value);
  if (float.infinite) return shortest(float);
  const sign = float.negative ? '-' : '';
  if (float.mantissa === 0n) return `${sign}${fixedDigits(0n, places)}e+00`;
  let power = shortestDigits(float, precision).point - 1;
  let digits = String(scaledInteger(float, places - power));
  // Rounding up may have made one digit more.
  if (digits.length > places + 1) {
    power++;
    digits = digits.slice(0, -1);
  }
  return sign + withExponent(digits, power);
}

function withExponent(digits: string, power: number): string {
  const fraction = digits.slice(1);
  const size = String(Math.abs(power)).padStart(2, '0');
  return `${digits[0]}${fraction && `.${fraction}`}e${power < 0 ? '-' : '+'}${size}`;
}

/** C's %g: the shortest digits, or `figures` of them, with an exponent where the number is very large or small. */
export function generalText(value: Num, figures?: number): string {
  const float = floatOf(value);
  if (float.infinite || float.mantissa === 0n) return shortest(float);
  const sign = float.negative ? '-' : '';
  let { digits, point } = shortestDigits(float, precision);
  if (figures === undefined)
    return point - 1 < -4 || point - 1 >= 6 ? sign + withExponent(digits, point - 1) : shortest(float);
  const size = Math.max(1, figures);
  const rounded = String(scaledInteger(float, size - point));
  if (rounded.length > size) point++;
  digits = rounded.slice(0, size).replace(/0+$/, '');
  const limit = size > digits.length && digits.length >= point ? digits.length : size;
  if (point - 1 < -4 || point - 1 >= limit) return sign + withExponent(digits, point - 1);
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
