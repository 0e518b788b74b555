/** Terraform's functions over strings. Lengths count grapheme clusters, letter case changes code point by code point. */
import type { RE2JS } from 're2js';
import { limits } from '../../source/limits.ts';
import { type BuiltIn, byCodePoint, deterministic } from '../evaluate.ts';
import {
  bool,
  canonical,
  failure,
  joined,
  list,
  type Member,
  type Num,
  nothing,
  object,
  reasonOf,
  type Str,
  symbol,
  text,
  unknown,
  type Value,
} from '../value.ts';
import { characters } from './characters.ts';
import { format, formatList } from './format.ts';
import { integerOf } from './number.ts';
import { compileRegex } from './regex.ts';
import { define } from './signature.ts';
import { anyType, boolType, listOf, numberType, stringType } from './types.ts';

type At = Value['at'];

/** A function of strings alone, all of them known. */
const ofText = (count: number, compute: (texts: string[], at: At) => string | Value): BuiltIn =>
  define({
    takes: Array(count).fill(stringType),
    apply: (args, call) => {
      const result = compute(
        args.map((argument) => (argument as Str).value),
        call,
      );
      return typeof result === 'string' ? bounded(result, call) : result;
    },
  });

/** The longest string that this tool builds is limits.stringLength. */
export function bounded(built: string, at: At): Value {
  if (built.length > limits.stringLength) return unknown('the text is longer than this tool builds', at);
  return text(built.normalize('NFC'), at);
}

const space = '\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leadingSpace = new RegExp(`^[${space}]+`);
const trailingSpace = new RegExp(`(?<![${space}])[${space}]+$`);

export const stringFunctions: readonly (readonly [string, BuiltIn])[] = [
  ['upper', changeCase('upper', upper)],
  ['lower', changeCase('lower', lower)],
  ['title', ofText(1, ([of]) => title(of!))],
  ['chomp', ofText(1, ([of]) => of!.replace(/(?<![\r\n])[\r\n]+$/, ''))],
  ['trimspace', ofText(1, ([of]) => of!.replace(leadingSpace, '').replace(trailingSpace, ''))],
  ['trim', ofText(2, ([of, set]) => trim(of!, set!))],
  ['trimprefix', ofText(2, ([of, start]) => (of!.startsWith(start!) ? of!.slice(start!.length) : of!))],
  ['trimsuffix', ofText(2, ([of, end]) => (end && of!.endsWith(end) ? of!.slice(0, of!.length - end.length) : of!))],
  ['strrev', ofText(1, ([of]) => characters(of!).reverse().join(''))],
  ['urlencode', ofText(1, ([of]) => urlEncode(of!))],
  ['strcontains', ofText(2, ([of, part], at) => bool(of!.includes(part!), at))],
  ['startswith', edge('startswith', 0)],
  ['endswith', edge('endswith', -1)],
  [
    'indent',
    define({
      takes: [numberType, stringType],
      apply: ([spaces, of], call) => {
        const count = integerOf(spaces as Num);
        if (count === undefined || count < 0n) return failure('indent() needs a whole number of spaces', call);
        const lines = (of as Str).value.split('\n');
        if (BigInt(lines.length) * count > BigInt(limits.stringLength))
          return bounded(' '.repeat(limits.stringLength + 1), call);
        return bounded(lines.join('\n' + ' '.repeat(Number(count))), call);
      },
    }),
  ],
  [
    'substr',
    define({
      takes: [stringType, numberType, numberType],
      apply: ([of, offset, length], call) => {
        const start = integerOf(offset as Num);
        const count = integerOf(length as Num);
        if (start === undefined || count === undefined) return failure('substr() needs whole numbers', call);
        const all = characters((of as Str).value);
        const from = start < 0n ? Math.max(0, all.length + Number(start)) : Number(start);
        return text(all.slice(from, count < 0n ? undefined : from + Number(count)).join(''), call);
      },
    }),
  ],
  [
    'split',
    ofText(2, ([separator, of], at) => {
      const parts = separator === '' ? characters(of!) : of!.split(separator!);
      if (parts.length > limits.rangeItems) return unknown('the text has more parts than this tool builds', at);
      return list(
        parts.map((part) => text(part, at)),
        at,
        'list',
      );
    }),
  ],
  [
    'join',
    define({
      takes: [stringType],
      rest: listOf(stringType),
      partly: true,
      apply: (args, call) => {
        const [separator, ...lists] = args;
        if (lists.length === 0) return failure('join() needs a list', call);
        const items: Value[] = [];
        for (const each of lists) {
          if (each.kind !== 'list' || each.open) return deterministic(call, args, reasonOf(each) ?? 'it is not known');
          items.push(...each.items);
        }
        if (items.some((item) => item.kind === 'null')) return failure('join() cannot join null', call);
        return joined(
          items.flatMap((item, i) => (i === 0 ? [item] : [separator!, item])),
          call,
        );
      },
    }),
  ],
  [
    'sort',
    define({
      takes: [listOf(stringType)],
      partly: true,
      apply: ([of], call) => {
        if (of!.kind !== 'list') return deterministic(call, [of!], 'the list is not known');
        if (of!.items.some((item) => item.kind === 'null')) return failure('sort() cannot sort null', call);
        if (!of!.open && of!.items.every((item) => item.kind === 'string'))
          return list(
            [...(of!.items as Str[])].sort((a, b) => byCodePoint(a.value, b.value)),
            call,
            'list',
          );
        // How many there are stays known, where each one stands does not.
        const because = reasonOf(of!) ?? 'the order is not known';
        return {
          ...list(
            of!.items.map(() => unknown(because, call)),
            call,
            'list',
          ),
          open: of!.open,
        };
      },
    }),
  ],
  ['format', define({ takes: [stringType], rest: anyType, nullable: true, partly: true, apply: format })],
  ['formatlist', define({ takes: [stringType], rest: anyType, nullable: true, partly: true, apply: formatList })],
  ['replace', ofText(3, ([of, search, by], at) => replace(of!, search!, by!, at))],
  ['regex', ofText(2, ([pattern, of], at) => regex(pattern!, of!, at))],
  ['regexall', ofText(2, ([pattern, of], at) => regexAll(pattern!, of!, at))],
  [
    'tobool',
    define({ takes: [boolType], nullable: true, partly: true, apply: ([of], call) => converted(of!, 'tobool', call) }),
  ],
  [
    'tonumber',
    define({
      takes: [numberType],
      nullable: true,
      partly: true,
      apply: ([of], call) => converted(of!, 'tonumber', call),
    }),
  ],
  ['tostring', define({ takes: [stringType], nullable: true, partly: true, apply: ([of]) => of! })],
];

/** A converted name is another name: tonumber(x) is not x. */
function converted(of: Value, name: string, at: At): Value {
  return of.kind === 'symbol' ? symbol(`${name}(${of.text})`, of.because, at) : of;
}

// Letter case

/** Go changes one code point into one: what JavaScript would make longer stays as it is. */
function upper(of: string): string {
  if (/^[\x00-\x7f]*$/.test(of)) return of.toUpperCase();
  return Array.from(of, (letter) => {
    const changed = letter.toUpperCase();
    return [...changed].length === 1 ? changed : letter;
  }).join('');
}

function lower(of: string): string {
  if (/^[\x00-\x7f]*$/.test(of)) return of.toLowerCase();
  return Array.from(of, (letter) => [...letter.toLowerCase()][0]!).join('');
}

function title(of: string): string {
  let before = ' ';
  let result = '';
  for (const letter of of) {
    const starts = /[\x00-\x7f]/.test(before) ? !/[A-Za-z0-9_]/.test(before) : /\s/.test(before);
    result += starts ? upper(letter) : letter;
    before = letter;
  }
  return result;
}

/** Case changes letter by letter, so the known parts of a text change and the holes get a name. */
function changeCase(name: string, change: (of: string) => string): BuiltIn {
  return define({
    takes: [stringType],
    partly: true,
    apply: ([of], call) => {
      if (of!.kind === 'string') return text(change(of!.value).normalize('NFC'), call);
      if (of!.kind !== 'template') return deterministic(call, [of!], 'the text is not known');
      const parts = of!.parts.map((part) => {
        if (typeof part === 'string') return change(part);
        const hole = canonical(part);
        const because = reasonOf(part) ?? 'a part of it is not known';
        return hole === undefined ? unknown(because, call) : symbol(`${name}(${hole})`, because, call);
      });
      return joined(parts, call);
    },
  });
}

function trim(of: string, set: string): string {
  const cut = new Set(set);
  const letters = [...of];
  let start = 0;
  let end = letters.length;
  while (start < end && cut.has(letters[start]!)) start++;
  while (end > start && cut.has(letters[end - 1]!)) end--;
  return letters.slice(start, end).join('');
}

export function urlEncode(of: string): string {
  return encodeURIComponent(Buffer.from(of).toString())
    .replace(/[!'()*]/g, (letter) => '%' + letter.charCodeAt(0).toString(16).toUpperCase())
    .replaceAll('%20', '+');
}

/** startswith and endswith: the known beginning or end of a template may decide. */
function edge(name: 'startswith' | 'endswith', side: 0 | -1): BuiltIn {
  const test = (of: string, part: string): boolean => (side === 0 ? of.startsWith(part) : of.endsWith(part));
  return define({
    takes: [stringType, stringType],
    partly: true,
    apply: (args, call) => {
      const [of, part] = args;
      if (part!.kind === 'string') {
        if (part!.value === '') return bool(true, call);
        const answer = edgeOf(of!, part!.value, side, test);
        if (answer !== undefined) return bool(answer, call);
      }
      return deterministic(call, args, `what ${name}() looks at is not known`);
    },
  });
}

function edgeOf(
  of: Value,
  part: string,
  side: 0 | -1,
  test: (of: string, part: string) => boolean,
): boolean | undefined {
  if (of.kind === 'string') return test(of.value, part);
  if (of.kind !== 'template') return undefined;
  const known = of.parts.at(side);
  if (typeof known !== 'string') return undefined;
  if (known.length >= part.length) return test(known, part);
  const shared = side === 0 ? part.slice(0, known.length) : part.slice(part.length - known.length);
  return shared === known ? undefined : false;
}

// Regular expressions

interface Match {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

/** RE2 finds in linear time; what still grows with the input is bounded by limits.regexInput. */
function compile(pattern: string): { pattern: RE2JS; names: (string | undefined)[]; count: number } | string {
  try {
    const compiled = compileRegex(pattern);
    const names: (string | undefined)[] = [];
    for (const [name, index] of Object.entries(compiled.namedGroups() as Record<string, number>)) names[index] = name;
    return { pattern: compiled, names, count: compiled.groupCount() };
  } catch (error) {
    return error instanceof Error ? error.message : 'it is no regular expression';
  }
}

function matches(pattern: RE2JS, of: string, all: boolean): Match[] {
  const found: Match[] = [];
  const matcher = pattern.matcher(of);
  let last = -1;
  while (matcher.find()) {
    const start = matcher.start();
    const end = matcher.end();
    // As in Go, an empty match right after another match does not count.
    if (start === end && start === last) continue;
    last = end;
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
    found.push({ start, end, groups });
    if (!all) break;
  }
  return found;
}

function tooLong(pattern: string, of: string, at: At): Value | undefined {
  return pattern.length > limits.regexInput || of.length > limits.regexInput
    ? unknown('the text is too long to match a regular expression', at)
    : undefined;
}

function groupsOf(match: Match, names: readonly (string | undefined)[], at: At): Value {
  const captured = (group: string | undefined): Value => (group === undefined ? nothing(at) : text(group, at));
  if (match.groups.length === 1) return captured(match.groups[0]);
  const rest = match.groups.slice(1);
  if (names.length === 0) return list(rest.map(captured), at);
  const members = new Map<string, Member>();
  for (const [i, group] of rest.entries()) members.set(names[i + 1]!, { value: captured(group), at });
  return object(members, at);
}

function regex(pattern: string, of: string, at: At): Value {
  const long = tooLong(pattern, of, at);
  if (long) return long;
  const compiled = compile(pattern);
  if (typeof compiled === 'string') return failure(`regex(): ${compiled}`, at);
  if (mixed(compiled)) return failure('regex(): named and unnamed groups do not mix', at);
  const [match] = matches(compiled.pattern, of, false);
  return match ? groupsOf(match, compiled.names, at) : failure('the pattern of regex() matches nothing', at);
}

function mixed(compiled: { names: (string | undefined)[]; count: number }): boolean {
  const named = compiled.names.filter((name) => name !== undefined).length;
  return named > 0 && named < compiled.count;
}

function regexAll(pattern: string, of: string, at: At): Value {
  const long = tooLong(pattern, of, at);
  if (long) return long;
  const compiled = compile(pattern);
  if (typeof compiled === 'string') return failure(`regexall(): ${compiled}`, at);
  if (mixed(compiled)) return failure('regexall(): named and unnamed groups do not mix', at);
  return list(
    matches(compiled.pattern, of, true).map((match) => groupsOf(match, compiled.names, at)),
    at,
    'list',
  );
}

/** A search between slashes is a regular expression, and only then `$1` means a group. */
function replace(of: string, search: string, by: string, at: At): string | Value {
  if (search.length < 2 || !search.startsWith('/') || !search.endsWith('/')) {
    const count = search === '' ? [...of].length + 1 : of.split(search).length - 1;
    if (of.length + count * by.length > limits.stringLength + search.length * count)
      return unknown('the text is longer than this tool builds', at);
    if (search === '') return by + Array.from(of, (letter) => letter + by).join('');
    return of.split(search).join(by);
  }
  const pattern = search.slice(1, -1);
  const long = tooLong(pattern, of, at);
  if (long) return long;
  const compiled = compile(pattern);
  if (typeof compiled === 'string') return failure(`replace(): ${compiled}`, at);
  let result = '';
  let last = 0;
  for (const match of matches(compiled.pattern, of, true)) {
    result += of.slice(last, match.start) + expand(by, match, compiled.names);
    last = match.end;
    if (result.length > limits.stringLength) break;
  }
  return result + of.slice(last);
}

/** `$1`, `${1}`, `$name`, `$$`; a name takes all the letters and digits that it can, so `$1x` is the group "1x". */
function expand(by: string, match: Match, names: readonly (string | undefined)[]): string {
  return by.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$';
    const name = (braced ?? bare)!;
    const index = /^\d+$/.test(name) ? Number(name) : names.indexOf(name);
    return index < 0 ? '' : (match.groups[index] ?? '');
  });
}
