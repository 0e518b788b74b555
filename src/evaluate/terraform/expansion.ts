/**
 * `count` and `for_each` -> the instances of a resource or module: which exist for certain, which under a condition, and one that
 * stands for an unknown number of them.
 */
import type { Attribute, Block } from '../../parse/hcl-tree.ts';
import type { Origin, Span } from '../../source/source.ts';
import { type Environment, entriesOf, evaluate, lazy, numberOf, within } from '../evaluate.ts';
import {
  canonical,
  choiceOf,
  failure,
  force,
  isNull,
  isScalar,
  isSecret,
  list,
  type Member,
  number,
  numberText,
  type OneOf,
  object,
  oneOf,
  reasonOf,
  symbol,
  text,
  type Value,
} from '../value.ts';
import { attributeOf } from './module.ts';

/** Under which condition something exists. */
export interface Existence {
  readonly maybe: boolean;
  /** Stands for an unknown number. */
  readonly many: boolean;
  readonly guard?: string | undefined;
}

const certain: Existence = { maybe: false, many: false };

/** One instance of a resource or module. */
interface Instance<T> extends Existence {
  /** Part of the address: "", "[0]", `["a"]`, "[*]" for an unknown number. */
  readonly key: string;
  /** What `each.key` and `each.value` are in the instance that stands for an unknown number. */
  readonly each?: Each | undefined;
  readonly what: T;
}

export interface Each {
  readonly key: Value;
  readonly value: Value;
}

export type Make<T> = (key: string, existence: Existence, env: Environment) => T;

export interface Expansion<T> {
  readonly mode: 'single' | 'count' | 'each';
  readonly instances: readonly Instance<T>[];
  /** More instances may exist. */
  readonly open: boolean;
  readonly because: string;
  /** Where the number depends on a condition: the keys of what exists together, one list for each of its values. */
  readonly choices?: readonly (readonly string[])[] | undefined;
  readonly choice?: OneOf | undefined;
}

/** The module that what is expanded stands in. */
interface Around {
  readonly env: Environment;
  /** A whole resource with an unknown number of instances, and the instance that stands for them. */
  readonly rest: WeakMap<Value, Each>;
  qualified(name: string): string;
  /** How many of the wanted instances may be made; it is told where they are too many. */
  admit(wanted: number, address: string, at: Origin): number;
}

export function expand<T>(block: Block, address: string, around: Around, make: Make<T>): Expansion<T> {
  const count = attributeOf(block, 'count');
  const each = attributeOf(block, 'for_each');
  if (count) return overCount(count, address, around, make);
  return each ? overEach(each, address, around, make) : single(block, address, around, make);
}

function single<T>(block: Block, address: string, around: Around, make: Make<T>): Expansion<T> {
  const admitted = around.admit(1, address, block.head);
  const instances = admitted === 0 ? [] : [{ key: '', ...certain, what: make('', certain, around.env) }];
  return { mode: 'single', instances, open: admitted === 0, because: 'the configuration has too many instances' };
}

function overCount<T>(count: Attribute, address: string, around: Around, make: Make<T>): Expansion<T> {
  const value = force(evaluate(count.value, around.env));
  const instance = (key: string, index: Value, existence: Existence): Instance<T> => {
    const get = (name: string, at: Span): Value => (name === 'index' ? index : failure(`count has no "${name}"`, at));
    const env = within(around.env, new Map([['count', lazy(count.value, get)]]));
    return { key, ...existence, what: make(key, existence, env) };
  };
  const amounts = (value.kind === 'one-of' ? value.values : [value]).map((one) => amountOf(force(one)));
  const told = amounts.filter((amount) => amount !== undefined);
  const isOpen = told.length < amounts.length;
  const most = Math.max(...told, 0);
  const least = isOpen ? 0 : Math.min(...told);
  const because = reasonOf(value) ?? 'count is not known';
  const admitted = around.admit(isOpen ? 1 : most, address, count.value);
  const guard = countGuard(value, amounts, address, around);
  const instances: Instance<T>[] = [];
  if (!isOpen)
    for (let i = 0; i < admitted; i++)
      instances.push(
        instance(`[${i}]`, number(i, count.value), i < least ? certain : { maybe: true, many: false, guard }),
      );
  const open = isOpen || admitted < most;
  if (open) {
    const index = symbol(`count.index(${nameOf(value) ?? around.qualified(address)})`, because, count.value);
    instances.push(instance('[*]', index, { maybe: true, many: true, guard }));
  }
  const choices =
    value.kind === 'one-of' && !open
      ? told.map((amount) => instances.slice(0, amount).map(({ key }) => key))
      : undefined;
  return { mode: 'count', instances, open, because, choices, choice: value.kind === 'one-of' ? value : undefined };
}

/** Names the condition under which those instances exist that are not certain. */
function countGuard(value: Value, amounts: readonly (number | undefined)[], address: string, around: Around): string {
  const [first, second] = amounts;
  if (value.kind === 'one-of' && value.condition && first !== undefined && second !== undefined)
    return first > second ? value.condition : negated(value.condition);
  const name = nameOf(value);
  return name === undefined ? `count(${around.qualified(address)})` : `(${name}>0)`;
}

function overEach<T>(each: Attribute, address: string, around: Around, make: Make<T>): Expansion<T> {
  const value = force(evaluate(each.value, around.env));
  const instance = (key: string, { key: name, value: item }: Each, existence: Existence): Instance<T> => {
    const get = (part: string, at: Span): Value =>
      part === 'key' ? name : part === 'value' ? item : failure(`each has no "${part}"`, at);
    const env = within(around.env, new Map([['each', lazy(each.value, get)]]));
    return { key, ...existence, what: make(key, existence, env) };
  };
  const because = reasonOf(value) ?? 'for_each is not known';
  const base = nameOf(value) ?? around.qualified(address);
  const choices = (value.kind === 'one-of' ? value.values : [value]).map((choice) => eachOf(force(choice), each.value));
  const names = new Set(choices.flatMap(({ entries }) => [...entries.keys()]));
  const admitted = around.admit(names.size, address, each.value);
  const instances: Instance<T>[] = [];
  for (const name of [...names].slice(0, admitted)) {
    const having = choices.filter(({ entries }) => entries.has(name));
    const found = having.map(({ entries }) => entries.get(name)!);
    const items = found.map((entry) => entry.value);
    const everywhere = having.length === choices.length;
    const maybe = !everywhere || found.some((entry) => entry.maybe);
    const condition = value.kind === 'one-of' && !everywhere ? value.condition : undefined;
    const guard =
      condition === undefined || found.some((entry) => entry.maybe)
        ? `for_each(${base})`
        : having[0] === choices[0]
          ? condition
          : negated(condition);
    const item = value.kind === 'one-of' && everywhere ? choiceOf(value, items, each.value) : oneOf(items, each.value);
    const key = text(name, found[0]!.key.at);
    instances.push(
      instance(`[${JSON.stringify(name)}]`, { key, value: item }, maybe ? { maybe, many: false, guard } : certain),
    );
  }
  const open = choices.some((choice) => choice.open) || admitted < names.size;
  if (open) {
    const rest: Each = around.rest.get(value) ?? {
      key: symbol(`each.key(${base})`, because, each.value),
      value: symbol(`each.value(${base})`, because, each.value),
    };
    // A set's members are their own keys.
    const own = value.kind === 'list' ? { key: rest.key, value: rest.key } : rest;
    const guard = `for_each(${base})`;
    instances.push({ ...instance('[*]', own, { maybe: true, many: true, guard }), each: own });
  }
  const together = choices.map(({ entries }) => [...entries.keys()].map((name) => `[${JSON.stringify(name)}]`));
  const uncertain = choices.some(({ entries }) => [...entries.values()].some(({ maybe }) => maybe));
  const isChoice = value.kind === 'one-of' && !open && !uncertain;
  return {
    mode: 'each',
    instances,
    open,
    because,
    choices: isChoice ? together : undefined,
    choice: value.kind === 'one-of' ? value : undefined,
  };
}

/** All instances as the list or the object that they are. */
export function wholeOf<T>(
  expansion: Expansion<T>,
  block: Block,
  rests: WeakMap<Value, Each>,
  of: (what: T) => Value,
): Value {
  const { mode, instances, open, choices, choice } = expansion;
  const made = new Map(instances.map((instance) => [instance.key, instance]));
  const build = (keys: Iterable<string>, all: boolean): Value => {
    const chosen = [...keys].filter((key) => key !== '[*]').map((key) => made.get(key)!);
    if (mode === 'count')
      return {
        ...list(
          chosen.filter(({ maybe }) => all || !maybe).map(({ what }) => of(what)),
          block.head,
        ),
        ...((open || (!all && chosen.some(({ maybe }) => maybe))) && { open: true }),
      };
    const members = new Map<string, Member>();
    for (const { key, what, maybe } of chosen)
      members.set(JSON.parse(key.slice(1, -1)), {
        value: of(what),
        at: block.head,
        maybe: (!all && maybe) || undefined,
      });
    return { ...object(members, block.head), ...(open && { open: true }) };
  };
  if (choices && choice)
    return choiceOf(
      choice,
      choices.map((keys) => build(keys, true)),
      block.head,
    );
  const whole = build(made.keys(), false);
  const rest = made.get('[*]');
  if (rest?.each) rests.set(whole, { key: rest.each.key, value: of(rest.what) });
  return whole;
}

/** Where an unknown part of a collection may hold more, and what is known of it. */
function eachOf(value: Value, at: Span): { entries: Map<string, Each & { maybe: boolean }>; open: boolean } {
  const entries = new Map<string, Each & { maybe: boolean }>();
  if (isNull(value)) return { entries, open: false };
  const over = entriesOf(value, at);
  if (!over || (value.kind !== 'list' && value.kind !== 'object')) return { entries, open: true };
  let open = value.open ?? false;
  for (const [position, item] of over.entries) {
    // The key of a set is its member.
    const key = value.kind === 'list' ? force(item) : position;
    if (!isScalar(key)) {
      open = true;
      continue;
    }
    const name = key.kind === 'number' ? numberText(key) : String(key.value);
    const maybe = value.kind === 'object' && (value.members.get(name)?.maybe ?? false);
    entries.set(name, { key, value: item, maybe });
  }
  return { entries, open };
}

/** The canonical text of a value that may be shown. */
export function nameOf(value: Value): string | undefined {
  return isSecret(value) ? undefined : canonical(value);
}

/** How many instances a count makes; undefined where it is none, or not known. */
function amountOf(value: Value): number | undefined {
  const amount = numberOf(value);
  return amount !== undefined && Number.isInteger(amount) && amount >= 0 ? amount : undefined;
}

/** Of what exists where both do. */
export function bothGuards(a: string | undefined, b: string | undefined): string | undefined {
  return [a, b].filter(Boolean).join('&&') || undefined;
}

function negated(condition: string): string {
  return condition.startsWith('!') ? condition.slice(1) : `!${condition}`;
}
