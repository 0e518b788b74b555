/** Terraform's functions over numbers: arithmetic, ranges, parsing. */
import { limits } from '../../source/limits.ts';
import type { BuiltIn } from '../evaluate.ts';
import { failure, list, type Num, number, type Str, type Value } from '../value.ts';
import {
  absolute,
  compareNumbers,
  compute,
  integerOf,
  numFromDouble,
  numFromInteger,
  roundedDown,
  roundedUp,
} from './number.ts';
import { define } from './signature.ts';
import { anyType, convert, listOf, numberType } from './types.ts';

export const numberFunctions: readonly (readonly [string, BuiltIn])[] = [
  ['abs', define({ takes: [numberType], apply: ([n], call) => absolute(n as Num, call) })],
  ['ceil', define({ takes: [numberType], apply: ([n], call) => roundedUp(n as Num, call) })],
  ['floor', define({ takes: [numberType], apply: ([n], call) => roundedDown(n as Num, call) })],
  [
    'log',
    define({
      takes: [numberType, numberType],
      apply: ([n, base], call) => numFromDouble(Math.log((n as Num).value) / Math.log((base as Num).value), call),
    }),
  ],
  [
    'pow',
    define({
      takes: [numberType, numberType],
      apply: ([n, power], call) => numFromDouble((n as Num).value ** (power as Num).value, call),
    }),
  ],
  [
    'signum',
    define({
      takes: [numberType],
      apply: ([n], call) => {
        const whole = integerOf(n as Num);
        if (whole === undefined) return failure('signum() needs a whole number', call);
        return number(whole > 0n ? 1 : whole < 0n ? -1 : 0, call);
      },
    }),
  ],
  ['max', define({ takes: [], rest: numberType, apply: (args, call) => extreme(args as Num[], 1, call) })],
  ['min', define({ takes: [], rest: numberType, apply: (args, call) => extreme(args as Num[], -1, call) })],
  [
    'sum',
    define({
      takes: [anyType],
      apply: ([values], call) => {
        const numbers = convert(values!, listOf(numberType), () => values!);
        if (numbers.kind !== 'list') return failure('sum() needs a list of numbers', call);
        const [first, ...others] = numbers.items;
        if (!first) return failure('sum() of an empty list', call);
        let total: Value = first;
        for (const next of [...others])
          if (next.kind === 'number' && total.kind === 'number') total = compute('+', total, next, call);
          else return failure('sum() needs numbers', call);
        return total.kind === 'number' ? { ...total, at: call } : failure('sum() needs numbers', call);
      },
    }),
  ],
  [
    'parseint',
    define({
      takes: [anyType, numberType],
      apply: ([digits, base], call) => {
        if (digits!.kind !== 'string') return failure('parseint() needs a string', call);
        return parseInteger(digits, (base as Num).value) ?? failure('parseint(): no integer of that base', call);
      },
    }),
  ],
  ['range', define({ takes: [], rest: numberType, apply: range })],
];

function extreme(numbers: readonly Num[], sign: number, call: Num['at']): Value {
  const [first, ...others] = numbers;
  if (!first) return failure('at least one number is needed', call);
  let best = first;
  for (const next of others) if (compareNumbers(next, best) * sign > 0) best = next;
  return best;
}

function parseInteger(of: Str, base: number): Num | undefined {
  const match = /^([+-]?)([0-9a-zA-Z]+)$/.exec(of.value);
  if (!match || !Number.isInteger(base) || base < 2 || base > 62 || of.value.length > 1_000) return undefined;
  let total = 0n;
  for (const letter of match[2]!) {
    const code = letter.charCodeAt(0);
    // Up to base 36 letter case does not count; above it capitals come after small letters.
    const digit = code < 58 ? code - 48 : code > 96 ? code - 87 : base <= 36 ? code - 55 : code - 29;
    if (digit >= base) return undefined;
    total = total * BigInt(base) + BigInt(digit);
  }
  return numFromInteger(match[1] === '-' ? -total : total, of.at);
}

function range(args: readonly Value[], call: Num['at']): Value {
  const numbers = args as readonly Num[];
  if (numbers.length < 1 || numbers.length > 3) return failure('range() takes one, two or three numbers', call);
  const start = numbers.length === 1 ? number(0, call) : numbers[0]!;
  const end = numbers.length === 1 ? numbers[0]! : numbers[1]!;
  const up = compareNumbers(start, end) <= 0;
  const step = numbers[2] ?? number(up ? 1 : -1, call);
  const direction = compareNumbers(step, number(0, call));
  if (compareNumbers(start, end) !== 0 && direction !== 0 && direction > 0 !== up)
    return failure('the step of range() leads away from its end', call);
  const items: Value[] = [];
  for (let next: Value = start; next.kind === 'number'; next = compute('+', next, step, call)) {
    if (compareNumbers(next, end) * (up ? 1 : -1) >= 0) break;
    items.push({ ...next, at: call });
    // Terraform's own bound is 1024.
    if (items.length > Math.min(1024, limits.rangeItems)) return failure('range() gives more than 1024 numbers', call);
  }
  return list(items, call, 'list');
}
