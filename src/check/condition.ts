/**
 * A rule's condition over a view of the model -> true, false or cannot tell, with what decided.
 * Conditions are written in a named subset of JSON Schema (ajv's `$data` reference included) with a few set keywords of our own;
 * Ajv knows two answers, this evaluator three: a value that is unknown never makes a condition true or false.
 * Every keyword is monotone: making a value known can settle an answer, never turn it round.
 */
import {
  equal,
  force,
  isNull,
  isScalar,
  type List,
  memberOf,
  type Obj,
  openList,
  reasonOf,
  type Value,
} from '../evaluate/value.ts';

export type Verdict = 'true' | 'false' | 'unknown';

/** A JSON Schema of the subset below; checked against rules/schema/rule.schema.json when rules are compiled, or read. */
export type Condition = Readonly<Record<string, unknown>>;

/** Stands for a `pattern` whose text nobody here wrote, so that it is matched in linear time. */
export interface Matcher {
  readonly source: string;
  /** undefined: the text is too long. */
  test(text: string): boolean | undefined;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** JSON pointers into the view of what made the answer; the first one is shown. */
  readonly decided: readonly Decision[];
  /** Why it could not be told, the first reason first. */
  readonly because: readonly string[];
}

export interface Decision {
  readonly path: string;
  /** undefined: it is missing. */
  readonly value: Value | undefined;
}

interface Target {
  /** undefined: the property is known to be absent. */
  readonly value: Value | undefined;
  readonly path: string;
}

const yes: Judgement = { verdict: 'true', decided: [], because: [] };

function no(target: Target): Judgement {
  return { verdict: 'false', decided: [target], because: [] };
}

function open(because: string | undefined): Judgement {
  return { verdict: 'unknown', decided: [], because: [because ?? 'a value is not known'] };
}

export function judge(condition: Condition, view: Obj): Judgement {
  return judgeAt(condition, { value: view, path: '' }, view);
}

function judgeAt(condition: Condition, target: Target, root: Obj): Judgement {
  const judgeKeyword = (keyword: string): Judgement => {
    if (branches.has(keyword)) return yes;
    const apply = keywords[keyword];
    if (!apply) throw new Error(`a rule uses the unknown keyword "${keyword}"`);
    return apply(condition[keyword] as never, target, root, condition);
  };
  return all(Object.keys(condition), judgeKeyword, 'false');
}

/** What a list says that has no item of the kind: the list itself decides then. */
function withoutOne(results: readonly Judgement[], target: Target): Judgement {
  const one = all(results, (result) => result, 'true');
  return one.verdict === 'false' ? { ...one, decided: [target] } : one;
}

function every(results: readonly Judgement[]): Judgement {
  return all(results, (result) => result, 'false');
}

/** The first that answers `stop` is the answer, and what follows it is not judged; else what none of them leaves open. */
function all<T>(of: readonly T[], judgeOne: (one: T) => Judgement, stop: 'true' | 'false'): Judgement {
  let first: Judgement | undefined;
  let several: Judgement[] | undefined;
  for (const one of of) {
    const result = judgeOne(one);
    if (result.verdict === stop) return result;
    if (result === yes) continue;
    if (!first) first = result;
    else {
      several ??= [first];
      several.push(result);
    }
  }
  // Nearly always one alone has something to say, and millions are judged.
  if (!several) return first ?? (stop === 'true' ? { verdict: 'false', decided: [], because: [] } : yes);
  const decided = several.flatMap((result) => result.decided);
  const because = several.flatMap((result) => result.because);
  const isOpen = several.some((result) => result.verdict === 'unknown');
  return { verdict: isOpen ? 'unknown' : stop === 'true' ? 'false' : 'true', decided, because };
}

function opposite(result: Judgement, target: Target): Judgement {
  if (result.verdict === 'unknown') return result;
  const decided = result.decided.length > 0 ? result.decided : [target];
  return { ...result, verdict: result.verdict === 'true' ? 'false' : 'true', decided };
}

/** The condition on each candidate of a choice: only an answer that all give is an answer. */
function onEach(target: Target, apply: (value: Value) => Judgement): Judgement {
  const value = target.value && force(target.value);
  if (!value) return yes;
  if (value.kind !== 'one-of') return apply(value);
  const results = value.values.map((candidate) => apply(force(candidate)));
  const verdicts = new Set(results.map((result) => result.verdict));
  if (verdicts.size > 1) return open(reasonOf(value));
  const [first] = results;
  // The place of the whole choice, not of one candidate.
  return first!.verdict === 'false'
    ? { ...first!, decided: first!.decided.map((one) => (one.path === target.path ? target : one)) }
    : first!;
}

type Keyword = (argument: never, target: Target, root: Obj, condition: Condition) => Judgement;

const keywords: Readonly<Record<string, Keyword>> = {
  const: (argument: unknown, target, root) => compare(argument, target, root, (a, b) => equal(a, b)),
  /** Not the value of another path. */
  differsFrom: (argument: unknown, target, root) =>
    compare(argument, target, root, (a, b) => {
      const same = equal(a, b);
      return same === undefined ? undefined : !same;
    }),
  enum: (argument: readonly unknown[] | { $data: string }, target, root) => {
    if (Array.isArray(argument))
      return onEach(target, (value) => {
        const results = argument.map((item) => equal(value, plainValue(item, value)));
        if (results.includes(true)) return seen(target);
        return results.includes(undefined) ? open(reasonOf(value)) : no({ ...target, value });
      });
    const among = lookUp(root, (argument as { $data: string }).$data);
    if (!among) return yes;
    return onEach(target, (value) => isIn(value, force(among), target));
  },
  minimum: bound((value, limit) => value >= limit),
  maximum: bound((value, limit) => value <= limit),
  exclusiveMinimum: bound((value, limit) => value > limit),
  exclusiveMaximum: bound((value, limit) => value < limit),
  multipleOf: bound((value, limit) => limit !== 0 && Number.isInteger(value / limit)),
  minLength: (argument: number, target) =>
    onEach(target, (value) => {
      if (value.kind === 'string') return value.value.length >= argument ? seen(target) : no({ ...target, value });
      if (value.kind === 'template' && textLength(value.parts) >= argument) return seen(target);
      return isScalar(value) || isCollection(value) ? yes : open(reasonOf(value));
    }),
  maxLength: (argument: number, target) =>
    onEach(target, (value) => {
      if (value.kind === 'string') return value.value.length <= argument ? seen(target) : no({ ...target, value });
      // The known parts alone are too long already.
      if (value.kind === 'template' && textLength(value.parts) > argument) return no({ ...target, value });
      return isScalar(value) || isCollection(value) ? yes : open(reasonOf(value));
    }),
  pattern: (argument: string | Matcher, target) =>
    onEach(target, (value) => {
      const matcher: Matcher = typeof argument === 'string' ? new RegExp(argument, 'u') : argument;
      if (value.kind === 'string') {
        const answer = matcher.test(value.value);
        if (answer === undefined) return open('the text is too long to match a regular expression');
        return answer ? seen(target) : no({ ...target, value });
      }
      if (value.kind === 'template' && !mayMatch(value.parts, matcher.source)) return no({ ...target, value });
      return isScalar(value) || isCollection(value) ? yes : open(reasonOf(value));
    }),
  type: (argument: string, target) =>
    onEach(target, (value) => {
      const kind = { bool: 'boolean', list: 'array', template: 'string' }[value.kind as string] ?? value.kind;
      if (kind === 'symbol' || kind === 'unknown') return open(reasonOf(value));
      const fits =
        argument === 'integer' ? value.kind === 'number' && Number.isInteger(value.value) : kind === argument;
      return fits ? seen(target) : no({ ...target, value });
    }),
  required: (argument: readonly string[], target) =>
    onEach(target, (value) => {
      if (value.kind !== 'object') return isScalar(value) || value.kind === 'list' ? yes : open(reasonOf(value));
      return all(argument, (key) => has(value, key, target.path), 'false');
    }),
  properties: (argument: Readonly<Record<string, Condition>>, target, root) =>
    onEach(target, (value) => {
      if (value.kind !== 'object') return isScalar(value) || value.kind === 'list' ? yes : open(reasonOf(value));
      const judgeMember = (key: string): Judgement => {
        const member = memberOf(value, key);
        if (!member || isNull(member.value)) {
          if (!value.open) return yes;
          return judgeUnknown(reasonOf(value));
        }
        const result = judgeAt(argument[key]!, { value: member.value, path: `${target.path}/${key}` }, root);
        // It may be absent, and then the condition holds.
        return member.maybe && result.verdict === 'false' ? open('it may be left out') : result;
      };
      return all(Object.keys(argument), judgeMember, 'false');
    }),
  items: (argument: Condition, target, root) =>
    onEach(target, (value) => {
      if (value.kind !== 'list') return isScalar(value) || value.kind === 'object' ? yes : open(reasonOf(value));
      const results = value.items.map((item, i) =>
        judgeAt(argument, { value: item, path: `${target.path}/${i}` }, root),
      );
      if (value.open) results.push(open(whyMore(value, target.path)));
      return every(results);
    }),
  contains: (argument: Condition, target, root) =>
    onEach(target, (value) => {
      if (value.kind !== 'list') return isScalar(value) || value.kind === 'object' ? yes : open(reasonOf(value));
      const results = value.items.map((item, i) =>
        judgeAt(argument, { value: item, path: `${target.path}/${i}` }, root),
      );
      const passed = results.findIndex((result) => result.verdict === 'true');
      if (passed !== -1) {
        const at = { value: value.items[passed], path: `${target.path}/${passed}` };
        return {
          verdict: 'true',
          decided: results[passed]!.decided.length > 0 ? results[passed]!.decided : [at],
          because: [],
        };
      }
      if (value.open) results.push(open(whyMore(value, target.path)));
      return results.length === 0 ? no({ ...target, value }) : withoutOne(results, target);
    }),
  minItems: (argument: number, target) =>
    size(target, (least, exact) => (least >= argument ? true : exact ? false : undefined)),
  maxItems: (argument: number, target) =>
    size(target, (least, exact) => (least > argument ? false : exact ? true : undefined)),
  /** Every item is an item of the list at another path. */
  subsetOf: (argument: { $data: string }, target, root) => {
    const other = lookUp(root, argument.$data);
    if (!other) return yes;
    return onEach(target, (value) =>
      value.kind === 'list' ? within(value, force(other), target) : open(reasonOf(value)),
    );
  },
  /** No item is an item of the list at another path. */
  disjointWith: (argument: { $data: string }, target, root) => {
    const other = lookUp(root, argument.$data);
    if (!other) return yes;
    return onEach(target, (value) => {
      if (value.kind !== 'list') return open(reasonOf(value));
      const results = value.items.map((item, i) => {
        const at = { value: item, path: `${target.path}/${i}` };
        return opposite(isIn(force(item), force(other), at), at);
      });
      if (value.open) results.push(open(reasonOf(value)));
      return every(results);
    });
  },
  allOf: (argument: readonly Condition[], target, root) => all(argument, (one) => judgeAt(one, target, root), 'false'),
  anyOf: (argument: readonly Condition[], target, root) => all(argument, (one) => judgeAt(one, target, root), 'true'),
  not: (argument: Condition, target, root) => opposite(judgeAt(argument, target, root), target),
  if: (argument: Condition, target, root, condition) => {
    const first = judgeAt(argument, target, root);
    const branch = (name: 'then' | 'else'): Judgement =>
      condition[name] ? judgeAt(condition[name] as Condition, target, root) : yes;
    if (first.verdict === 'true') return branch('then');
    if (first.verdict === 'false') return branch('else');
    const both = [branch('then'), branch('else')];
    if (both.every((one) => one.verdict === 'true')) return yes;
    if (both.every((one) => one.verdict === 'false')) return both[0]!;
    return { verdict: 'unknown', decided: [], because: first.because };
  },
};

/** Read by `if`. */
const branches = new Set(['then', 'else']);

/** Whether the keyword exists; the rule compiler asks. */
export const conditionKeywords: readonly string[] = [...Object.keys(keywords), ...branches];

function judgeUnknown(because: string | undefined): Judgement {
  return open(because ?? 'it is not known whether it is written');
}

function seen(target: Target): Judgement {
  return { verdict: 'true', decided: [target], because: [] };
}

function has(value: Obj, key: string, path: string): Judgement {
  const member = memberOf(value, key);
  const target = { value: undefined, path: `${path}/${key}` };
  if (!member) return value.open ? open(reasonOf(value) ?? 'the object is only partly known') : no(target);
  const found = force(member.value);
  const answer = presence(found);
  if (answer === false) return no(target);
  if (answer === undefined || member.maybe) return open(reasonOf(found) ?? 'it may be left out');
  return seen({ value: found, path: target.path });
}

/** Whether something is there; undefined where it may be null. */
function presence(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'null':
      return false;
    case 'unknown':
      return undefined;
    case 'symbol':
      return value.present ? true : undefined;
    case 'one-of': {
      const answers = new Set(value.values.map((candidate) => presence(force(candidate))));
      return answers.size === 1 ? [...answers][0] : undefined;
    }
    default:
      return true;
  }
}

function compare(
  argument: unknown,
  target: Target,
  root: Obj,
  same: (a: Value, b: Value) => boolean | undefined,
): Judgement {
  if (!target.value) return yes;
  const value = force(target.value);
  let other: Value | undefined;
  if (typeof argument === 'object' && argument !== null && '$data' in argument) {
    other = lookUp(root, (argument as { $data: string }).$data);
    // As with Ajv: a reference to nothing asks nothing.
    if (!other) return yes;
  } else other = plainValue(argument, value);
  const answer = same(value, force(other));
  if (answer === undefined) return open(reasonOf(value) ?? reasonOf(force(other)));
  return answer ? seen(target) : no({ ...target, value });
}

function plainValue(data: unknown, like: Value): Value {
  const { at } = like;
  if (typeof data === 'string') return { kind: 'string', value: data, at };
  if (typeof data === 'number') return { kind: 'number', value: data, at };
  if (typeof data === 'boolean') return { kind: 'bool', value: data, at };
  return { kind: 'null', at };
}

function bound(fits: (value: number, limit: number) => boolean): Keyword {
  return (argument: number | { $data: string }, target: Target, root: Obj) => {
    const limits = typeof argument === 'number' ? [argument] : numbersOf(lookUp(root, argument.$data), argument.$data);
    if (limits === undefined) return yes;
    return onEach(target, (value) => {
      if (limits.length === 0) return open('the value that it is compared with is not known');
      const amount = value.kind === 'number' ? value.value : undefined;
      if (amount === undefined) return isScalar(value) || isCollection(value) ? yes : open(reasonOf(value));
      const answers = new Set(limits.map((limit) => fits(amount, limit)));
      if (answers.size > 1) return open('the value that it is compared with is one of several');
      return answers.has(true) ? seen(target) : no({ ...target, value });
    });
  };
}

/** The numbers that a referenced path may hold: undefined when it is absent, empty when it is not known. */
function numbersOf(value: Value | undefined, _path: string): number[] | undefined {
  if (!value) return undefined;
  const found = force(value);
  const numbers = (found.kind === 'one-of' ? found.values : [found]).map((one) =>
    one.kind === 'number' ? one.value : undefined,
  );
  return numbers.includes(undefined) ? [] : (numbers as number[]);
}

function size(target: Target, answer: (least: number, exact: boolean) => boolean | undefined): Judgement {
  return onEach(target, (value) => {
    if (value.kind !== 'list') return isScalar(value) || value.kind === 'object' ? yes : open(reasonOf(value));
    const result = answer(value.items.length, !value.open);
    if (result === undefined) return open(whyMore(value, target.path));
    return result ? seen(target) : no({ ...target, value });
  });
}

/** Of a list that does not tell it, by its name. */
function whyMore(list: List, path: string): string {
  const reason = list.because ?? reasonOf(list);
  const name = path.split('/').findLast((step) => step !== '' && !/^\d+$/.test(step));
  return reason !== undefined && reason !== openList ? reason : name === undefined ? openList : `${name} may hold more`;
}

function isIn(value: Value, among: Value, target: Target): Judgement {
  if (among.kind !== 'list') return open(reasonOf(among));
  const results = among.items.map((item) => equal(value, force(item)));
  if (results.includes(true)) return seen(target);
  if (results.includes(undefined) || among.open) return open(reasonOf(value) ?? reasonOf(among));
  return no({ ...target, value });
}

function within(value: List, other: Value, target: Target): Judgement {
  const results = value.items.map((item, i) => isIn(force(item), other, { value: item, path: `${target.path}/${i}` }));
  if (value.open) results.push(open(reasonOf(value)));
  return every(results);
}

function isCollection(value: Value): boolean {
  return value.kind === 'list' || value.kind === 'object';
}

/**
 * Whether a text with holes may match, whatever is in them. Told only of patterns that allow certain letters, and perhaps fewer at the
 * first place (`^[A-Za-z][A-Za-z0-9-]*$`): a known letter that none of them allows, or a known first one, decides.
 */
function mayMatch(parts: readonly (string | Value)[], pattern: string): boolean {
  const letters = /^\^(\[[^\]\\]+\])?(\[[^\]\\]+\])\*\$$/.exec(pattern);
  if (!letters) return true;
  const [, first, rest] = letters;
  // Letter by letter: two classes that share letters would be tried in every combination.
  const [isFirst, isOther] = [first ?? rest, rest].map((one) => {
    const letter = new RegExp(`^${one}$`, 'u');
    return (text: string): boolean => letter.test(text);
  }) as [(letter: string) => boolean, (letter: string) => boolean];
  return parts.every(
    (part, i) =>
      typeof part !== 'string' ||
      [...part].every(
        (letter, j) => (i === 0 && j > 0 ? false : isFirst(letter)) || ((i > 0 || j > 0) && isOther(letter)),
      ),
  );
}

function textLength(parts: readonly (string | Value)[]): number {
  return parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0);
}

/** The value at a JSON pointer; undefined where it is absent (or reached through something absent). */
export function lookUp(root: Value, pointer: string): Value | undefined {
  let value: Value | undefined = root;
  for (const step of pointer.split('/').slice(1)) {
    if (!value) return undefined;
    value = force(value);
    if (value.kind === 'object') {
      const found: Value | undefined = memberOf(value, step)?.value;
      if (!found && value.open)
        return { kind: 'unknown', because: reasonOf(value) ?? 'it is only partly known', at: value.at };
      value = found;
    } else if (value.kind === 'list') value = value.items[Number(step)];
    else if (value.kind === 'null' || isScalar(value)) return undefined;
    else return { kind: 'unknown', because: reasonOf(value) ?? 'it is not known', at: value.at };
  }
  return value && isNull(value) ? undefined : value;
}
