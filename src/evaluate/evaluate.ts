/**
 * Expressions -> values: one loop for every language.
 * What differs (operators, functions, letter case of keys, null handling) comes in a Language; names come from a Scope.
 * A result that cannot be known stays unknown with its reason; an evaluation error is an unknown marked `failed`.
 */
import type {
  Access,
  Call,
  Conditional,
  Expression,
  For,
  ObjectText,
  Operation,
  Splat,
  TemplateText,
} from '../parse/expression.ts';
import { limits } from '../source/limits.ts';
import type { Span } from '../source/source.ts';
import {
  bool,
  canonical,
  choiceOf,
  equal,
  failure,
  force,
  freshNodesOf,
  isNull,
  isScalar,
  isSecret,
  joined,
  type Lazy,
  type List,
  list,
  type Member,
  memberOf,
  nothing,
  number,
  numberText,
  type Obj,
  type OneOf,
  object,
  oneOf,
  reasonOf,
  secret,
  symbol,
  text,
  unknown,
  type Value,
  type Via,
  weightOf,
  written,
} from './value.ts';

/** Where names come from. A scope answers undefined for a name that it does not have. */
export interface Scope {
  get(name: string, at: Span): Value | undefined;
}

export interface Language {
  readonly name: string;
  /** Member names compare without letter case. */
  readonly foldKeys: boolean;
  /** A member that a known object lacks: an error (HCL, ARM) with this text. */
  readonly strictEquality: boolean;
  /** Functions over evaluated arguments, by name. */
  readonly functions: ReadonlyMap<string, BuiltIn>;
  /** Functions that decide themselves what they evaluate (`if`, `try`, lambdas). */
  readonly forms: ReadonlyMap<string, Form>;
  /** What the language's own operators do where the shared rules do not; undefined leaves it to them. */
  readonly operate?: (operator: string, operands: readonly Value[], at: Span) => Value | undefined;
  /** The branch of a conditional that counts, as the type that it shares with the other one. */
  readonly unify?: (taken: Value, other: Value, at: Span) => Value;
  /** Functions mark their results as secret themselves. */
  readonly marksOwn?: boolean;
}

export type BuiltIn = (args: readonly Value[], call: Call, env: Environment) => Value;
export type Form = (call: Call, env: Environment) => Value;

export interface Environment {
  readonly language: Language;
  readonly scope: Scope;
  readonly budget: Budget;
}

/** What a whole configuration may cost, so that hostile input cannot multiply work or fill the stack. */
export interface Budget {
  steps: number;
  /** Expressions that wait for each other now; a reference to another place counts as several. */
  levels?: number;
  /** The first place that was given up. */
  exceeded?: { readonly because: string; readonly at: Span };
}

/** A scope of a few names in front of another. */
export function within(env: Environment, names: ReadonlyMap<string, Value>): Environment {
  const outer = env.scope;
  return { ...env, scope: { get: (name, at) => names.get(name) ?? outer.get(name, at) } };
}

export function evaluate(expression: Expression, env: Environment): Value {
  const { budget } = env;
  const levels = budget.levels ?? 0;
  if (++budget.steps > limits.steps) return givenUp(budget, 'the evaluation takes too many steps', expression);
  if (levels >= limits.evaluationLevels) return givenUp(budget, 'its references lead too far', expression);
  budget.levels = levels + 1;
  const value = evaluated(expression, env);
  budget.levels = levels;
  return value;
}

/** What a reference adds to the stack, in levels of an expression. */
const reference = 3;

/** Evaluates what stands elsewhere: another declaration, or a block in it. */
export function elsewhere<T>({ budget }: Environment, compute: () => T): T {
  const levels = budget.levels ?? 0;
  budget.levels = levels + reference;
  const result = compute();
  budget.levels = levels;
  return result;
}

function givenUp(budget: Budget, because: string, at: Span): Value {
  budget.exceeded ??= { because, at };
  return unknown(because, at);
}

/** New values cost a step for each of their nodes. */
function charge(value: Value, { budget }: Environment): void {
  budget.steps += freshNodesOf(value);
}

/** A walk through a value costs less than making one; what is too large is not walked. */
function chargeWalk(value: Value, { budget }: Environment): void {
  const weight = weightOf(value);
  if (weight <= limits.valueNodes) budget.steps += weight >> 4;
}

function evaluated(expression: Expression, env: Environment): Value {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      if (value === null) return nothing(expression);
      if (typeof value === 'string') return written(value, expression);
      if (typeof value === 'boolean') return bool(value, expression);
      return expression.digits
        ? { kind: 'number', value, digits: expression.digits, at: expression }
        : number(value, expression);
    }
    case 'template':
      return evaluateTemplate(expression, env);
    case 'name':
      return env.scope.get(expression.name, expression) ?? failure(`"${expression.name}" is not defined`, expression);
    case 'access':
      return evaluateAccess(expression, env);
    case 'splat':
      return evaluateSplat(expression, env);
    case 'call':
      return evaluateCall(expression, env);
    case 'operation':
      return evaluateOperation(expression, env);
    case 'conditional':
      return evaluateConditional(expression, env);
    case 'list':
      return evaluateList(expression, env);
    case 'object':
      return evaluateObject(expression, env);
    case 'for':
      return evaluateFor(expression, env);
    case 'lambda':
      return unknown('a lambda is no value by itself', expression);
    case 'broken':
      return unknown('the expression could not be read', expression);
  }
}

// Templates

function evaluateTemplate(expression: TemplateText, env: Environment): Value {
  const [only] = expression.parts;
  if (expression.parts.length === 1 && only !== undefined && typeof only !== 'string') {
    const value = evaluate(only, env);
    // "${x}" is x itself, type and place included.
    if (only.kind !== 'conditional' && !(only.kind === 'for' && only.text)) return value;
  }
  const parts: (string | Value)[] = [];
  for (const part of expression.parts) {
    if (typeof part === 'string') {
      parts.push(part);
      continue;
    }
    const value = force(evaluate(part, env));
    if (value.kind === 'unknown' && value.failed) return value;
    if (value.kind === 'null' || value.kind === 'list' || value.kind === 'object')
      return failure(`${value.kind === 'null' ? 'null' : `a ${value.kind}`} cannot be put into a string`, part);
    parts.push(value);
  }
  return joined(parts, expression);
}

// Access

function evaluateAccess(expression: Access, env: Environment): Value {
  const of = evaluate(expression.of, env);
  if (of.kind === 'unknown') return of;
  const key = force(evaluate(expression.key, env));
  return access(of, key, expression, env, expression.safe);
}

/** `of[key]`, with the rules of the language for what is missing. */
export function access(of: Value, key: Value, at: Span, env: Environment, safe = false): Value {
  if (key.kind === 'one-of') return distribute(key, at, (candidate) => access(of, candidate, at, env, safe));
  if (of.kind === 'lazy') return inside(of, of.get(key, at));
  if (key.kind === 'unknown') return key;
  switch (of.kind) {
    case 'unknown':
      return of;
    case 'one-of':
      return distribute(of, at, (candidate) => access(candidate, key, at, env, safe));
    case 'symbol': {
      if (safe) return unknown(of.because, at);
      const name = canonical(key, env.language.foldKeys);
      if (name === undefined) return unknown(reasonOf(key) ?? of.because, at);
      const step =
        key.kind === 'string' && /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(key.value)
          ? `.${key.value}`
          : `[${name}]`;
      const path = of.of && { address: of.of.address, path: (of.of.path + step).replace(/^\./, '') };
      const piece = of.cut && key.kind === 'number' ? { cut: { of: of.cut.of, index: key.value } } : undefined;
      return { ...symbol(of.text + step, of.because, at, path), secret: of.secret, ...piece };
    }
    case 'null':
      return safe ? nothing(at) : failure('null has no members', at);
    case 'list':
      return item(of, key, at, safe);
    case 'object':
      return member(of, key, at, env.language.foldKeys, safe);
    case 'template':
      return unknown(reasonOf(of) ?? 'it is only partly known', at);
    default:
      return failure(`a ${of.kind} has no members`, at);
  }
}

function item(of: List, key: Value, at: Span, safe: boolean): Value {
  if (!isScalar(key)) return wrongKey(key, at) ?? unknown(reasonOf(key) ?? 'the index is not known', at);
  const index = Number(key.value);
  if (key.kind === 'bool' || !Number.isInteger(index) || (key.kind === 'string' && key.value.trim() === ''))
    return failure(`a list has no member "${key.value}"`, at);
  if (of.as === 'set') return failure('a set has no order, so it cannot be indexed', at);
  const found = index >= 0 ? of.items[index] : undefined;
  if (found) return inside(of, found);
  if (of.open) return unknown('the list is only partly known', at);
  return safe ? nothing(at) : failure(`the list has ${of.items.length} items, so there is no item ${index}`, at);
}

function member(of: Obj, key: Value, at: Span, fold: boolean, safe: boolean): Value {
  if (!isScalar(key)) return wrongKey(key, at) ?? unknown(reasonOf(key) ?? 'the key is not known', at);
  const name = key.kind === 'number' ? numberText(key) : String(key.value);
  const found = memberOf(of, name, fold);
  if (found && !found.maybe) return inside(of, found.value);
  if (found) return oneOf([inside(of, found.value), unknown('the member may be left out or replaced', at)], at);
  if (of.open) return unknown('the object is only partly known', at);
  return safe ? nothing(at) : failure(`there is no member "${name}"`, at);
}

/** What is inside of a value came the same way, and is secret where the value is. */
function inside(of: Value, found: Value): Value {
  const reached = of.via ? { ...found, via: after(of.via, found.via) } : found;
  return of.secret ? secret(reached) : reached;
}

/** The steps of a way, and then those of another. */
function after(way: Via, rest: Via | undefined): Via {
  return rest ? { ...way, next: way.next ? after(way.next, rest) : rest } : way;
}

/** The operation on each candidate of a choice. */
export function distribute(of: Value, at: Span, apply: (candidate: Value) => Value): Value {
  return of.kind === 'one-of' ? choiceOf(of, of.values.map(apply), at) : apply(of);
}

function evaluateSplat(expression: Splat, env: Environment): Value {
  return splat(force(evaluate(expression.of, env)), expression, env);
}

function splat(of: Value, expression: Splat, env: Environment): Value {
  const each = (value: Value): Value => evaluate(expression.each, within(env, new Map([['*', value]])));
  const hiddenSplat = (result: List): Value => (of.secret ? secret(result) : result);
  switch (of.kind) {
    case 'null':
      return list([], expression);
    case 'list': {
      const items = of.items.map((item) => each(inside(of, item)));
      const all: List = { kind: 'list', items, at: expression, as: of.as === 'tuple' ? 'tuple' : 'list' };
      return hiddenSplat(of.open ? { ...all, open: true } : all);
    }
    case 'unknown':
      return of;
    case 'one-of':
      return distribute(of, expression, (candidate) => splat(force(candidate), expression, env));
    case 'symbol':
      return unknown(of.because, expression);
    default:
      return hiddenSplat(list([each(of)], expression));
  }
}

// Calls

function evaluateCall(call: Call, env: Environment): Value {
  const form = env.language.forms.get(call.name);
  if (form) return form(call, env);
  const args: Value[] = [];
  for (const [i, argument] of call.args.entries()) {
    const value = force(evaluate(argument, env));
    if (value.kind === 'unknown' && value.failed) return value;
    if (!call.spread || i < call.args.length - 1) args.push(value);
    else if (value.kind === 'list' && !value.open) for (const one of value.items) args.push(force(inside(value, one)));
    else if (value.kind === 'null') return failure('null cannot be spread into arguments', argument);
    else return unknown(reasonOf(value) ?? 'the spread argument is no list', call);
  }
  for (const argument of args) charge(argument, env);
  const apply = env.language.functions.get(call.name);
  if (!apply) return deterministic(call, args, `the function ${call.name}() is not evaluated by this tool`);
  const result = apply(args, call, env);
  charge(result, env);
  return env.language.marksOwn ? result : hiddenBy(args, result);
}

/** A secret argument makes a secret result. */
export function hiddenBy(args: readonly Value[], result: Value): Value {
  return args.some(isSecret) ? secret(result) : result;
}

/** A call that is not computed: equal arguments give an equal result, so it has a name. */
export function deterministic(call: Call, args: readonly Value[], because: string): Value {
  const names: string[] = [];
  for (const argument of args) {
    const name = canonical(argument);
    if (name === undefined) return hiddenBy(args, unknown(reasonOf(argument) ?? because, call));
    names.push(name);
  }
  return hiddenBy(args, symbol(`${call.name}(${names.join(',')})`, because, call));
}

// Operators

function evaluateOperation(expression: Operation, env: Environment): Value {
  const { operator, operands } = expression;
  if (operands.length === 1) return unary(operator, force(evaluate(operands[0]!, env)), expression, env);
  if (operator === '&&' || operator === '||') return evaluateLogic(expression, env);
  if (operator === '??') return evaluateCoalesce(expression, env);
  let result = force(evaluate(operands[0]!, env));
  for (let i = 1; i < operands.length; i++)
    result = binary(operator, result, force(evaluate(operands[i]!, env)), expression, env);
  return result;
}

function unary(operator: string, value: Value, at: Span, env: Environment): Value {
  if (value.kind === 'unknown') return value;
  if (value.kind === 'one-of') return distribute(value, at, (candidate) => unary(operator, candidate, at, env));
  const own = env.language.operate?.(operator, [value], at);
  if (own) return hiddenBy([value], own);
  if (operator === 'assert') return value;
  if (operator === '!') {
    const truth = truthOf(value);
    if (truth !== undefined) return hiddenBy([value], bool(!truth, at));
    if (value.kind === 'symbol') return hiddenBy([value], symbol(`!${value.text}`, value.because, at));
    return failure('"!" needs true or false', at);
  }
  const amount = numberOf(value);
  if (amount !== undefined) return hiddenBy([value], number(-amount, at));
  if (value.kind === 'symbol') return hiddenBy([value], symbol(`-${value.text}`, value.because, at));
  return failure('"-" needs a number', at);
}

function evaluateLogic(expression: Operation, env: Environment): Value {
  const stop = expression.operator === '||';
  let open: Value | undefined;
  const names: string[] = [];
  const seen: Value[] = [];
  for (const operand of expression.operands) {
    const value = force(evaluate(operand, env));
    seen.push(value);
    const truth = truthOf(value);
    if (truth === stop) return hiddenBy(seen, bool(stop, expression));
    if (truth !== undefined) continue;
    if (value.kind === 'unknown' && value.failed) return value;
    if (!['unknown', 'symbol', 'one-of', 'template'].includes(value.kind))
      return failure(`"${expression.operator}" needs true or false`, operand);
    open ??= value;
    const name = canonical(value);
    names.push(name ?? '');
  }
  if (!open) return hiddenBy(seen, bool(!stop, expression));
  const because = reasonOf(open) ?? 'the condition is not known';
  if (names.every((name) => name !== ''))
    return hiddenBy(
      seen,
      names.length === 1 ? open : symbol(`(${names.join(expression.operator)})`, because, expression),
    );
  return hiddenBy(seen, unknown(because, expression));
}

function evaluateCoalesce(expression: Operation, env: Environment): Value {
  const candidates: Value[] = [];
  for (const operand of expression.operands) {
    const value = force(evaluate(operand, env));
    if (isNull(value)) continue;
    const present = value.kind === 'one-of' ? value.values.filter((each) => !isNull(force(each))) : [];
    if (value.kind !== 'one-of' || present.length === value.values.length) candidates.push(value);
    else candidates.push(...present.map((each) => hiddenBy([value], force(each))));
    if (!mayBeNull(value)) break;
  }
  return candidates.length === 0 ? nothing(expression) : oneOf(candidates, expression);
}

export function mayBeNull(value: Value): boolean {
  if (value.kind === 'symbol') return !value.present;
  if (value.kind === 'one-of') return value.values.some(mayBeNull);
  return value.kind === 'unknown' || value.kind === 'null';
}

export function binary(operator: string, a: Value, b: Value, at: Span, env: Environment): Value {
  if (a.kind === 'unknown' && a.failed) return a;
  if (b.kind === 'unknown' && b.failed) return b;
  const own = env.language.operate?.(operator, [a, b], at);
  if (own) return hiddenBy([a, b], own);
  const fold = operator === '=~' || operator === '!~' || !env.language.strictEquality;
  if (operator === '==' || operator === '!=' || operator === '=~' || operator === '!~') {
    chargeWalk(a, env);
    chargeWalk(b, env);
    const same = equal(a, b, fold);
    if (same !== undefined) return hiddenBy([a, b], bool(operator === '==' || operator === '=~' ? same : !same, at));
    return named(operator, a, b, at);
  }
  if (a.kind === 'one-of') return distribute(a, at, (candidate) => binary(operator, candidate, b, at, env));
  if (b.kind === 'one-of') return distribute(b, at, (candidate) => binary(operator, a, candidate, at, env));
  const x = numberOf(a);
  const y = numberOf(b);
  if (x === undefined || y === undefined) {
    if ([a, b].some((value) => !isScalar(value) && value.kind !== 'null')) return named(operator, a, b, at);
    return failure(`"${operator}" needs two numbers`, at);
  }
  return hiddenBy([a, b], arithmetic(operator, x, y, at));
}

function arithmetic(operator: string, x: number, y: number, at: Span): Value {
  switch (operator) {
    case '+':
      return number(x + y, at);
    case '-':
      return number(x - y, at);
    case '*':
      return number(x * y, at);
    case '/':
      return y === 0 ? failure('a division by zero', at) : number(x / y, at);
    case '%':
      return y === 0 ? failure('a division by zero', at) : number(x % y, at);
    case '<':
      return bool(x < y, at);
    case '<=':
      return bool(x <= y, at);
    case '>':
      return bool(x > y, at);
    case '>=':
      return bool(x >= y, at);
    default:
      return failure(`the operator "${operator}" is not known`, at);
  }
}

/** An operation on names has a name too, so that equal conditions guard equal resources. */
function named(operator: string, a: Value, b: Value, at: Span): Value {
  const because = reasonOf(a) ?? reasonOf(b) ?? 'it is not known';
  const left = canonical(a);
  const right = canonical(b);
  if (left === undefined || right === undefined) return hiddenBy([a, b], unknown(because, at));
  return hiddenBy([a, b], symbol(`(${left}${operator}${right})`, because, at));
}

/** true, false, or undefined where it is neither or not known. */
export function truthOf(value: Value): boolean | undefined {
  if (value.kind === 'bool') return value.value;
  if (value.kind === 'string') return value.value === 'true' ? true : value.value === 'false' ? false : undefined;
  if (value.kind === 'one-of') {
    const truths = new Set(value.values.map(truthOf));
    return truths.size === 1 ? [...truths][0] : undefined;
  }
  return undefined;
}

/** A number, also from a string of digits, as HCL converts. */
export function numberOf(value: Value): number | undefined {
  if (value.kind === 'number') return value.value;
  if (value.kind !== 'string' || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value.value)) return undefined;
  return Number(value.value);
}

// Choices, collections

function evaluateConditional(expression: Conditional, env: Environment): Value {
  const condition = force(evaluate(expression.condition, env));
  const { unify } = env.language;
  const branches: [Value?, Value?] = [];
  const branch = (i: 0 | 1): Value => {
    if (!branches[i]) {
      branches[i] = evaluate(i === 0 ? expression.then : expression.otherwise, env);
      if (unify && branches[i].kind !== 'lazy') chargeWalk(branches[i], env);
    }
    return branches[i];
  };
  const taken = (i: 0 | 1): Value => {
    if (!unify) return branch(i);
    const result = unify(branch(i), branch(i === 0 ? 1 : 0), expression);
    if (result.kind !== 'lazy') charge(result, env);
    return result;
  };
  return choose(
    condition,
    () => taken(0),
    () => taken(1),
    expression,
  );
}

/** `condition ? then : otherwise`; only the branch that is taken is evaluated where the condition is known. */
export function choose(condition: Value, then: () => Value, otherwise: () => Value, at: Span): Value {
  const truth = truthOf(condition);
  if (truth !== undefined) return hiddenBy([condition], truth ? then() : otherwise());
  if (condition.kind === 'unknown' && condition.failed) return condition;
  if (
    condition.kind === 'null' ||
    condition.kind === 'list' ||
    condition.kind === 'object' ||
    condition.kind === 'number'
  )
    return failure('the condition is neither true nor false', at);
  const values = [then(), otherwise()].map(force).filter((value) => !(value.kind === 'unknown' && value.failed));
  if (values.length === 0) return unknown(reasonOf(condition) ?? 'the condition is not known', at);
  const choice: OneOf = {
    kind: 'one-of',
    values,
    at,
    condition: isSecret(condition) ? undefined : canonical(condition),
  };
  return hiddenBy([condition], choiceOf(choice, values, at));
}

function evaluateList(expression: Extract<Expression, { kind: 'list' }>, env: Environment): Value {
  const items: Value[] = [];
  let open = false;
  for (const item of expression.items) {
    const value = evaluate(item.value, env);
    if (!item.spread) {
      items.push(value);
      continue;
    }
    const spread = force(value);
    if (spread.kind === 'list') {
      for (const one of spread.items) items.push(inside(spread, one));
      open ||= spread.open ?? false;
    } else if (spread.kind !== 'null') open = true;
  }
  return { kind: 'list', items, at: expression, as: 'tuple', ...(open && { open }) };
}

function evaluateObject(expression: ObjectText, env: Environment): Value {
  const members = new Map<string, Member>();
  let open = false;
  let hidden = false;
  for (const entry of expression.entries) {
    if (!entry.key) {
      open = spreadInto(members, force(evaluate(entry.value, env))) || open;
      continue;
    }
    const key = force(evaluate(entry.key, env));
    hidden ||= key.secret ?? false;
    if (!isScalar(key)) {
      const wrong = wrongKey(key, entry.key);
      if (wrong) return wrong;
      open = true;
      continue;
    }
    members.set(key.kind === 'number' ? numberText(key) : String(key.value), {
      value: evaluate(entry.value, env),
      at: entry.value,
    });
  }
  return { ...object(members, expression), ...(open && { open }), ...(hidden && { secret: true }) };
}

/** The error of a key or index that can be none, whatever it holds. */
function wrongKey(key: Value, at: Span): Value | undefined {
  if (key.kind === 'unknown' && key.failed) return key;
  return key.kind === 'null' || key.kind === 'list' || key.kind === 'object'
    ? failure(`${key.kind === 'null' ? 'null' : `a ${key.kind}`} cannot be a key`, at)
    : undefined;
}

/** Later members win; what may be overridden becomes uncertain. Returns whether more members may exist. */
export function spreadInto(members: Map<string, Member>, value: Value): boolean {
  if (value.kind === 'null') return false;
  if (value.kind !== 'object') {
    for (const [key, member] of members) members.set(key, { ...member, maybe: true });
    return true;
  }
  if (value.open) for (const [key, member] of members) members.set(key, { ...member, maybe: true });
  for (const [key, member] of value.members) {
    const before = members.get(key);
    if (member.maybe && before)
      members.set(key, {
        value: oneOf([before.value, member.value], member.at as Span),
        at: member.at,
        maybe: before.maybe,
      });
    else members.set(key, member);
  }
  return value.open ?? false;
}

/** What a `for` runs over, in the language's order; undefined where that is not known. */
export function entriesOf(value: Value, at: Span): { entries: [Value, Value][]; open: boolean } | undefined {
  if (value.kind === 'list') {
    const pairs = value.items.map((item, i): [Value, Value] => [
      value.as === 'set' ? inside(value, item) : number(i, at),
      inside(value, item),
    ]);
    return { entries: pairs, open: value.open ?? false };
  }
  if (value.kind === 'object') {
    const keys = [...value.members.keys()].sort(byCodePoint);
    const pairs = keys.map((key): [Value, Value] => {
      const member = value.members.get(key)!;
      return [inside(value, text(key, member.at)), inside(value, member.value)];
    });
    return {
      entries: pairs,
      open: (value.open ?? false) || [...value.members.values()].some((member) => member.maybe),
    };
  }
  return undefined;
}

export function byCodePoint(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function evaluateFor(expression: For, env: Environment): Value {
  const of = force(evaluate(expression.of, env));
  if (of.kind === 'unknown' && of.failed) return of;
  if (of.kind === 'one-of' && !expression.text)
    return distribute(of, expression, (candidate) => forEach(force(candidate), expression, env));
  return forEach(of, expression, env);
}

function forEach(of: Value, expression: For, env: Environment): Value {
  const over = entriesOf(of, expression.of);
  if (!over) {
    if (isScalar(of) || of.kind === 'null') return failure('"for" needs a list or an object', expression.of);
    const because = reasonOf(of) ?? 'what it runs over is not known';
    if (expression.text) return unknown(because, expression);
    return expression.key
      ? { kind: 'object', members: new Map(), open: true, at: expression }
      : { kind: 'list', items: [], open: true, at: expression, as: 'tuple' };
  }
  let { open } = over;
  let hidden = of.secret ?? false;
  const marked = <V extends Value>(result: V): V => (hidden ? secret(result) : result);
  const items: Value[] = [];
  const members = new Map<string, Member>();
  const groups = new Map<string, Value[]>();
  for (const [key, value] of over.entries) {
    const names = new Map([[expression.valueName, value]]);
    if (expression.keyName) names.set(expression.keyName, key);
    const inner = within(env, names);
    if (expression.condition) {
      const condition = force(evaluate(expression.condition, inner));
      const truth = truthOf(condition);
      hidden ||= condition.secret ?? false;
      if (truth === false) continue;
      if (condition.kind === 'unknown' && condition.failed) return condition;
      if (truth === undefined && (isScalar(condition) || wrongKey(condition, expression.condition)))
        return failure('the condition is neither true nor false', expression.condition);
      if (truth === undefined) {
        open = true;
        continue;
      }
    }
    const result = evaluate(expression.value, inner);
    if (!expression.key) {
      items.push(result);
      continue;
    }
    const name = force(evaluate(expression.key, inner));
    hidden ||= name.secret ?? false;
    if (!isScalar(name)) {
      const wrong = wrongKey(name, expression.key);
      if (wrong) return wrong;
      open = true;
      continue;
    }
    const id = name.kind === 'number' ? numberText(name) : String(name.value);
    if (expression.grouped) {
      const group = groups.get(id);
      if (group) group.push(result);
      else groups.set(id, [result]);
    } else if (members.has(id))
      return failure(`the key "${id}" occurs twice; "..." after the value would group them`, expression);
    else members.set(id, { value: result, at: expression.value });
  }
  if (expression.text)
    return marked(open ? unknown('what it runs over is not known', expression) : joined(items.map(force), expression));
  for (const [id, group] of groups) members.set(id, { value: list(group, expression), at: expression.value });
  if (expression.key) return marked({ ...object(members, expression), ...(open && { open }) });
  return marked({ kind: 'list', items, at: expression, as: 'tuple', ...(open && { open }) });
}

/** A namespace or another thing that is looked up member by member. */
export function lazy(at: Span, get: (key: string, at: Span) => Value, whole?: () => Value): Lazy {
  return {
    kind: 'lazy',
    at,
    get: (key, place) =>
      isScalar(key) ? get(String(key.value), place) : unknown(reasonOf(key) ?? 'the key is not known', place),
    force: whole ?? (() => unknown('a namespace is no value', at)),
  };
}
