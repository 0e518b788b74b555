/**
 * Two revisions of the same code -> what existed before each configuration, and what happens to it when the later one is deployed.
 * Terraform knows a resource by its address, Azure Resource Manager by type, name and scope. What the code cannot tell stays open:
 * Terraform destroys what is no longer written, a deployment leaves it; and only the provider knows which changes are replacements.
 */
import { posix } from 'node:path';
import { isSpan, type Origin } from '../source/source.ts';
import { type Move, Moves, mostMoves } from './moves.ts';
import type { Action, Configuration, Previous, Resource, Step } from './resource.ts';
import { canonical, equal, force, isHuge, isNull, type Member, memberOf, type Obj, type Value } from './value.ts';

/** What azurerm does with a change of an argument; rules/azurerm/replacements.json says what the words mean. */
export interface Replacements {
  readonly loosely: readonly string[];
  readonly every: readonly string[];
  readonly some: Readonly<Record<string, Readonly<Record<string, Effect>>>>;
  readonly kept: Readonly<Record<string, readonly string[]>>;
}

type Effect = boolean | 'perhaps' | { readonly from?: unknown; readonly emptied?: boolean; readonly default?: string };

export interface Revisions {
  readonly before: readonly Configuration[];
  readonly after: readonly Configuration[];
  /** New names by old ones, of files as they are shown. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly replacements: Replacements;
  /** The later one could not be evaluated to its end, so that what is missing in it may still be there. */
  readonly isCut: boolean;
}

/** The configurations of the later revision, each with what was before it, and those of the earlier one that were before none. */
export function withPrevious(revisions: Revisions): { configurations: Configuration[]; gone: Configuration[] } {
  const planned = new Set(revisions.after.filter(({ language }) => language === 'plan').map(({ name }) => name));
  const pairs = pairsOf(revisions);
  const paired = new Set(pairs.values());
  const configurations = revisions.after.map((after) => {
    const before = pairs.get(after);
    // A plan of it says more.
    if (!before || (after.language === 'terraform' && planned.has(after.name))) return after;
    const previous = new Comparison(before, after, revisions).previous();
    return previous ? { ...after, previous } : after;
  });
  return { configurations, gone: revisions.before.filter((one) => isDeclared(one) && !paired.has(one)) };
}

// Which configuration was which

function isDeclared({ language }: Configuration): boolean {
  return language === 'terraform' || language === 'bicep' || language === 'arm';
}

function pairsOf({ before, after, renamed }: Revisions): Map<Configuration, Configuration> {
  const pairs = new Map<Configuration, Configuration>();
  let left = before.filter(isDeclared);
  const pair = (one: Configuration, other: Configuration | undefined): void => {
    if (!other || pairs.has(one)) return;
    pairs.set(one, other);
    left = left.filter((candidate) => candidate !== other);
  };
  const later = after.filter(isDeclared);
  const waiting = (): Configuration[] => later.filter((one) => !pairs.has(one));
  const sameKind = (a: Configuration, b: Configuration): boolean =>
    (a.language === 'terraform') === (b.language === 'terraform');
  for (const one of later)
    pair(
      one,
      left.find((other) => sameKind(one, other) && other.name === one.name && other.parameters === one.parameters),
    );
  // Moved with its files, or with its parameter file alone. What was copied for another environment has other names.
  const movedTo = movedFolders(renamed);
  const newName = ({ name, language }: Configuration): string =>
    (language === 'terraform' ? movedTo.get(name) : renamed.get(name)) ?? name;
  for (const one of waiting())
    pair(
      one,
      left.find((other) => {
        const { parameters } = other;
        const given = parameters === undefined ? undefined : (renamed.get(parameters) ?? parameters);
        return sameKind(one, other) && newName(other) === one.name && given === one.parameters && isLike(other, one);
      }),
    );
  // A template that had no parameter file, and there is no doubt which. One that is gone may have been of another environment.
  for (const one of waiting()) {
    const own = left.filter((other) => newName(other) === one.name && other.parameters === undefined);
    if (own.length === 1 && waiting().filter(({ name }) => name === one.name).length === 1 && isLike(own[0]!, one))
      pair(one, own[0]);
  }
  for (const one of waiting())
    if (one.language === 'terraform') {
      const alike = left.filter((other) => sameKind(one, other) && isLike(other, one));
      if (alike.length === 1) pair(one, alike[0]);
    }
  return pairs;
}

/** Where most files of a folder have gone. */
export function movedFolders(renamed: ReadonlyMap<string, string>): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const [from, to] of renamed) {
    const [old, now] = [posix.dirname(from), posix.dirname(to)];
    if (old === now) continue;
    const own = counts.get(old) ?? new Map<string, number>();
    own.set(now, (own.get(now) ?? 0) + 1);
    counts.set(old, own);
  }
  return new Map([...counts].map(([old, own]) => [old, [...own].sort((a, b) => b[1] - a[1])[0]![0]]));
}

/** Whether more than half of what one declares is declared by the other under the same name. */
function isLike(before: Configuration, after: Configuration): boolean {
  const key = ({ address, type, name }: Resource): string =>
    after.language === 'terraform' ? address : `${type} ${canonical(force(name), true) ?? address}`.toLowerCase();
  const there = new Map(after.resources.filter(isManaged).map((resource) => [key(resource), resource]));
  const own = before.resources.filter(isManaged);
  const shared = own.filter((resource) => {
    const other = there.get(key(resource));
    return other !== undefined && equal(resource.name, other.name, true) !== false;
  });
  return shared.length * 2 > own.length;
}

function isManaged({ existing }: Resource): boolean {
  return !existing;
}

// What happens to each resource

const leftThere =
  'a deployment leaves what the template no longer declares, unless it runs in complete mode or as a deployment stack that deletes it';

const tooManyMoves = `more than ${mostMoves} moved blocks lead away from it, one behind the other`;

class Comparison {
  readonly #before: Configuration;
  readonly #after: Configuration;
  readonly #revisions: Revisions;
  /** Managed resources of the later revision, by address. */
  readonly #there: ReadonlyMap<string, Resource>;
  /** Addresses without instance keys of what exists an unknown number of times. */
  readonly #many: ReadonlySet<string>;
  readonly #moves: Moves;
  readonly #renames = new Map<string, string>();
  /** Addresses of before that more blocks lead away from than are followed. */
  readonly #unfollowed = new Set<string>();
  /** Pairs of which only the address, no name, says that they are the same. */
  readonly #unsure = new Set<string>();
  /** What existed, by the address of now. */
  readonly #formerly: ReadonlyMap<string, Resource>;
  readonly #steps = new Map<string, Step>();
  readonly #changedValues = new WeakMap<Value, Value>();

  constructor(before: Configuration, after: Configuration, revisions: Revisions) {
    this.#before = before;
    this.#after = after;
    this.#revisions = revisions;
    const managed = after.resources.filter(isManaged);
    this.#there = new Map(managed.map((resource) => [resource.address, resource]));
    this.#many = new Set(managed.filter(({ many }) => many).map(({ address }) => withoutKeys(address)));
    this.#moves = new Moves(after.addresses?.moved ?? [], 'from');
    for (const resource of before.resources.filter(isManaged)) {
      const address = isOfArm(resource) ? undefined : this.#movedAddress(resource.address);
      if (address !== undefined && address !== resource.address) this.#renames.set(resource.address, address);
    }
    this.#matchByName();
    this.#formerly = new Map(before.resources.filter(isManaged).map((one) => [this.#renamed(one.address), one]));
  }

  previous(): Previous | undefined {
    const known = new Set<string>();
    const pairs: { was: Resource; now: Resource; address: string }[] = [];
    for (const was of this.#before.resources) {
      if (was.existing) continue;
      const address = this.#renamed(was.address);
      known.add(address);
      const now = this.#there.get(address);
      if (this.#unfollowed.has(was.address))
        this.#steps.set(address, { type: was.type, action: undefined, because: tooManyMoves });
      else if (now && now.type.toLowerCase() === was.type.toLowerCase()) pairs.push({ was, now, address });
      else this.#steps.set(address, { type: was.type, ...this.#gone(was, address) });
    }
    for (const { was, now, address } of pairs) {
      const step = this.#compared(was, now);
      if (step) this.#steps.set(address, { type: now.type, ...step });
    }
    this.#passOn(pairs);
    const isWhole = this.#before.opaque.length === 0 && this.#unfollowed.size === 0;
    for (const { address, type, presence, many } of this.#there.values())
      if (!known.has(address))
        this.#steps.set(address, {
          type,
          action: isWhole && presence === 'present' && !many ? 'create' : undefined,
        });
    const actions = this.#before.actions?.map((action): Action => ({ ...action, body: this.#object(action.body) }));
    if (this.#steps.size === 0 && (this.#after.actions ?? []).length === 0) return undefined;
    const [opaque] = this.#before.opaque;
    let resources: readonly Resource[] | undefined;
    return {
      steps: this.#steps,
      actions,
      hidden: opaque && `${opaque.address} could not be looked into: ${opaque.because}`,
      // All of them, since what is touched may refer to what is not.
      resources: () => {
        resources ??= this.#before.resources.map((resource) => this.#resource(resource));
        return resources;
      },
    };
  }

  // Which resource was which

  /** The address that Terraform moves a resource to: as `moved` blocks say, and with or without `count`. */
  #movedAddress(address: string): string {
    let now = address;
    // Each block is followed once, so that a circle ends.
    const followed = new Set<Move>();
    for (;;) {
      const next = this.#moves.naming(now).find(({ move }) => !followed.has(move));
      if (!next) break;
      if (followed.size === mostMoves) {
        this.#unfollowed.add(address);
        return address;
      }
      followed.add(next.move);
      now = next.move.to + next.rest;
    }
    if (this.#there.has(now)) return now;
    const without = now.replaceAll('[0]', '');
    return [...this.#firsts(without)].find((other) => other !== now) ?? now;
  }

  #byFirst: Map<string, string[]> | undefined;

  /** Addresses of the later revision that are the same but for `[0]`. */
  #firsts(address: string): readonly string[] {
    if (!this.#byFirst) {
      this.#byFirst = new Map();
      for (const other of this.#there.keys()) {
        const without = other.replaceAll('[0]', '');
        this.#byFirst.set(without, [...(this.#byFirst.get(without) ?? []), other]);
      }
    }
    const found = this.#byFirst.get(address) ?? [];
    return found.length === 1 ? found : [];
  }

  /** In Azure Resource Manager an address is only a symbol of the code: another name is another resource. */
  #matchByName(): void {
    const was = this.#before.resources.filter((resource) => isManaged(resource) && isOfArm(resource));
    if (was.length === 0) return;
    const old = byIdentity(was);
    const now = byIdentity([...this.#there.values()].filter(isOfArm));
    const taken = new Set<string>();
    const open: Resource[] = [];
    for (const resource of was) {
      const key = identityOf(resource);
      const other = key !== undefined && old.get(key) ? now.get(key) : undefined;
      if (!other) {
        open.push(resource);
        continue;
      }
      taken.add(other.address);
      if (other.address !== resource.address) this.#renames.set(resource.address, other.address);
    }
    for (const resource of open) {
      const other = this.#there.get(resource.address);
      const isSame =
        other &&
        !taken.has(other.address) &&
        other.type.toLowerCase() === resource.type.toLowerCase() &&
        equal(resource.name, other.name, true) !== false;
      if (isSame) {
        taken.add(other.address);
        this.#unsure.add(resource.address);
      } else if (other) this.#renames.set(resource.address, this.#formerAddress(resource));
    }
  }

  /** Of what another resource has the address now. */
  #formerAddress({ type, name }: Resource): string {
    const value = force(name);
    let address = `${type}/${value.kind === 'string' ? value.value : (canonical(value) ?? 'former')}`;
    while (this.#there.has(address) || [...this.#renames.values()].includes(address)) address += '#';
    return address;
  }

  #renamed(address: string): string {
    return this.#renames.get(address) ?? address;
  }

  // What happens to one

  #gone(was: Resource, address: string): Pick<Step, 'action' | 'because'> {
    if (isOfArm(was)) return { action: undefined, because: leftThere };
    const removed = this.#after.addresses?.removed.find(({ from }) => isBelow(address, from));
    if (removed)
      return removed.destroys === undefined
        ? { action: undefined, because: 'Terraform destroys it and OpenTofu forgets it' }
        : { action: removed.destroys ? 'delete' : 'forget' };
    const hiding = this.#after.opaque.find((module) => isBelow(address, module.address) || isUnread(module));
    if (hiding) return { action: undefined, because: `${hiding.address} may declare it: ${hiding.because}` };
    if (this.#revisions.isCut) return { action: undefined, because: 'the configuration is too large to be read whole' };
    const isOpen = was.many || this.#many.has(withoutKeys(address));
    if (isOpen) return { action: undefined, because: 'it is not known how many there are' };
    return was.presence === 'present'
      ? { action: 'delete' }
      : { action: undefined, because: 'it is not known whether it existed' };
  }

  #compared(was: Resource, now: Resource): Omit<Step, 'type'> | undefined {
    const differences = this.#differences(was, now);
    // Where nothing else has changed, a condition that has no text is taken for the same one.
    const isTold = now.presence === 'present' || now.guard !== undefined || differences.length === 0;
    if (!isSamePresence(was, now) || !isTold)
      return { action: undefined, because: 'it is not known whether it exists before and after the change' };
    if (differences.length === 0) return undefined;
    if (this.#unsure.has(was.address))
      return { action: undefined, because: 'its name is not known, so it may be another resource' };
    const doubt = differences.find(({ isCertain }) => !isCertain);
    if (isOfArm(now))
      return doubt && !differences.some(({ isCertain }) => isCertain)
        ? { action: undefined, because: `it is not known whether ${doubt.name} changes` }
        : { action: 'update' };
    return this.#terraformStep(was, now, differences);
  }

  #terraformStep(was: Resource, now: Resource, differences: readonly Difference[]): Omit<Step, 'type'> {
    const ignored = now.lifecycle?.ignores ?? [];
    const kept = this.#revisions.replacements.kept[now.type] ?? [];
    for (const { name, after } of differences) {
      if (ignored === 'all' || ignored.includes(name))
        return { action: undefined, because: `lifecycle.ignore_changes leaves ${name} as it is in Azure` };
      if (!after && kept.includes(name))
        return { action: undefined, because: `the provider keeps ${name} where it is no longer written` };
    }
    const effects = differences.map((difference) => this.#effect(now.type, difference));
    if (effects.includes(true)) return this.#replaced(now, was);
    if (effects.includes('perhaps') || now.lifecycle?.isTriggered)
      return differences.some(({ isCertain }) => isCertain)
        ? { action: undefined, either: true, because: 'it may be changed in place or replaced; a plan tells' }
        : { action: undefined, because: `it is not known whether ${differences[0]!.name} changes` };
    if (differences.some(({ isCertain }) => isCertain)) return { action: 'update' };
    return { action: undefined, because: `it is not known whether ${differences[0]!.name} changes` };
  }

  /** What another resource needs to be made first is made first too, which only a plan tells. */
  #replaced(now: Resource, was: Resource): Omit<Step, 'type'> {
    const createsFirst = now.lifecycle?.createsFirst ?? false;
    const another = !createsFirst && this.#after.resources.find(({ lifecycle }) => lifecycle?.createsFirst);
    if (another)
      return {
        action: undefined,
        because: `${another.address} is created before it is destroyed, and so may be ${was.address}`,
      };
    return { action: 'replace', createsFirst };
  }

  /** Whether a change of the argument replaces its resource. */
  #effect(type: string, { name, isCertain, before, after }: Difference): boolean | 'perhaps' {
    const { every, some } = this.#revisions.replacements;
    const own = some[type];
    if (!own && !every.includes(type)) return 'perhaps';
    const effect = own ? (own[name] ?? own['*'] ?? false) : true;
    if (effect === false || effect === 'perhaps') return effect;
    const isBoth = before !== undefined && after !== undefined;
    if (effect === true) {
      // What is written on one side alone may be what the provider takes without it; a block is something.
      const isBlock = force((before ?? after)!.value).kind === 'list';
      return isCertain && (isBoth || isBlock) ? true : 'perhaps';
    }
    if (effect.default !== undefined) {
      if (isBoth) return isCertain ? true : 'perhaps';
      const value = force((before ?? after)!.value);
      return value.kind === 'string' ? value.value !== effect.default : 'perhaps';
    }
    if (effect.emptied) {
      const value = after && force(after.value);
      return !value || isNull(value) || (value.kind === 'list' && value.items.length === 0 && !value.open);
    }
    const value = before && force(before.value);
    const isKnown = value?.kind === 'string' || value?.kind === 'bool';
    if (isKnown ? value.value !== effect.from : !before) return false;
    return isKnown && isCertain ? true : 'perhaps';
  }

  /** What refers to something that is replaced gets another id. */
  #passOn(pairs: readonly { was: Resource; now: Resource; address: string }[]): void {
    const replaced = new Set(
      [...this.#steps].flatMap(([address, { action }]) => (action === 'replace' ? address : [])),
    );
    if (replaced.size === 0) return;
    for (const { now, address } of pairs) {
      if (this.#steps.has(address) || isOfArm(now)) continue;
      const names = [...now.body.members].flatMap(([name, { value }]) => (namesAny(value, replaced, 0) ? name : []));
      if (names.length === 0) continue;
      const effects = names.map((name) =>
        this.#effect(now.type, { name, isCertain: false, before: undefined, after: now.body.members.get(name) }),
      );
      this.#steps.set(address, {
        type: now.type,
        ...(effects.includes('perhaps')
          ? { action: undefined, either: true, because: 'it refers to something that is replaced; a plan tells' }
          : { action: 'update' as const }),
      });
    }
  }

  #differences(was: Resource, now: Resource): Difference[] {
    const differences: Difference[] = [];
    const isArm = isOfArm(now);
    for (const name of new Set([...was.body.members.keys(), ...now.body.members.keys()])) {
      const [before, after] = [memberOf(was.body, name, isArm), memberOf(now.body, name, isArm)];
      if (before && after && before === after) continue;
      const same = this.#same(before, after, isArm || this.#revisions.replacements.loosely.includes(name), name);
      if (same === true) continue;
      const isOpen = (!before && was.body.open) || (!after && now.body.open);
      differences.push({ name, isCertain: same === false && !isOpen, before, after });
    }
    return differences;
  }

  /** undefined: it cannot be told. What is written alike counts as the same though its value is not known. */
  #same(before: Member | undefined, after: Member | undefined, loosely: boolean, name: string): boolean | undefined {
    const [a, b] = [before && this.#value(before.value), after && force(after.value)];
    if (!a || !b) return isNothing(a ?? b!) ? true : (a ?? b!).kind === 'unknown' ? undefined : false;
    if (before!.maybe || after!.maybe) return written(before!.at) === written(after!.at) ? true : undefined;
    if (name === 'location' && a.kind === 'string' && b.kind === 'string') return region(a.value) === region(b.value);
    const same = equal(a, b, loosely);
    if (same !== undefined) return same;
    if (this.#nameOthers(a, b)) return false;
    const text = written(before!.at);
    return text !== undefined && text === written(after!.at) ? true : undefined;
  }

  /** Whether two values are ids of resources of different names, or of two that were there side by side and stay. */
  #nameOthers(a: Value, b: Value): boolean {
    const [was, now] = [idIn(a), idIn(b)];
    if (was === undefined || now === undefined || was === now) return false;
    const [old, other] = [this.#formerly.get(was), this.#there.get(now)];
    if (!old || !other || old.type !== other.type || old.many || other.many) return false;
    if (equal(old.name, other.name, true) === false) return true;
    const own = this.#formerly.get(now);
    return own !== undefined && equal(own.name, other.name, true) === true;
  }

  // What was before, under the addresses of now

  #resource(resource: Resource): Resource {
    if (this.#renames.size === 0) return resource;
    return {
      ...resource,
      address: this.#renamed(resource.address),
      name: this.#value(resource.name),
      body: this.#object(resource.body),
      ...(resource.parent && { parent: this.#value(resource.parent) }),
      ...(resource.extends && { extends: this.#value(resource.extends) }),
      ...(resource.id && { id: this.#value(resource.id) }),
      scope: {
        subscription: this.#value(resource.scope.subscription),
        resourceGroup: resource.scope.resourceGroup && this.#value(resource.scope.resourceGroup),
      },
    };
  }

  #object(of: Obj): Obj {
    const value = this.#value(of);
    return value.kind === 'object' ? value : of;
  }

  #value(of: Value, level = 0): Value {
    const value = force(of);
    if (this.#renames.size === 0 || level > deepest || isHuge(value)) return value;
    const known = this.#changedValues.get(value);
    if (known) return known;
    const changed = this.#readdressed(value, level + 1);
    this.#changedValues.set(value, changed);
    return changed;
  }

  #readdressed(value: Value, level: number): Value {
    switch (value.kind) {
      case 'symbol': {
        if (!value.of) return value;
        const { address, path } = value.of;
        const now = this.#renamed(address);
        return now === address
          ? value
          : { ...value, text: renamedIn(value.text, address, now), of: { address: now, path } };
      }
      case 'template':
        return {
          ...value,
          parts: value.parts.map((part) => (typeof part === 'string' ? part : this.#value(part, level))),
        };
      case 'one-of':
        return { ...value, values: value.values.map((one) => this.#value(one, level)) };
      case 'list':
        return { ...value, items: value.items.map((item) => this.#value(item, level)) };
      case 'object': {
        const members = new Map<string, Member>();
        for (const [key, member] of value.members)
          members.set(key, { ...member, value: this.#value(member.value, level) });
        return { ...value, members };
      }
      default:
        return value;
    }
  }
}

interface Difference {
  readonly name: string;
  readonly isCertain: boolean;
  readonly before: Member | undefined;
  readonly after: Member | undefined;
}

/** The address of a resource that a value is the id of. */
function idIn(value: Value): string | undefined {
  return value.kind === 'symbol' && value.of?.path === 'id' ? value.of.address : undefined;
}

/** Nothing that a configuration needs is nested deeper. */
const deepest = 32;

/** The text of a symbol begins with the address that it names, or holds it in `reference(...)`. */
function renamedIn(text: string, from: string, to: string): string {
  if (text.startsWith(from)) return to + text.slice(from.length);
  return text.replace(`(${from})`, () => `(${to})`);
}

function isOfArm({ type }: Resource): boolean {
  return type.includes('/');
}

/** Whether an address is another one or lies below it. */
function isBelow(address: string, above: string): boolean {
  return address === above || (address.startsWith(above) && /^[.[]/.test(address.slice(above.length)));
}

function withoutKeys(address: string): string {
  return address.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g, '');
}

/** A file that was not read whole, which may declare anything. */
function isUnread({ address, at }: Configuration['opaque'][number]): boolean {
  return isSpan(at) && address.endsWith(at.source.file);
}

function isSamePresence(was: Resource, now: Resource): boolean {
  return was.presence === now.presence && was.guard === now.guard && Boolean(was.many) === Boolean(now.many);
}

function byIdentity(resources: readonly Resource[]): Map<string, Resource | undefined> {
  const found = new Map<string, Resource | undefined>();
  for (const resource of resources) {
    const key = identityOf(resource);
    // Two of the same name cannot be told apart.
    if (key !== undefined) found.set(key, found.has(key) ? undefined : resource);
  }
  return found;
}

function identityOf({ type, name, scope, extends: on, many }: Resource): string | undefined {
  const parts = [name, scope.subscription, scope.resourceGroup, on].map((part) =>
    part ? canonical(force(part), true) : '-',
  );
  if (many || parts.includes(undefined)) return undefined;
  return [type.toLowerCase(), ...parts].join(' ');
}

function isNothing(value: Value): boolean {
  return isNull(value) || (value.kind === 'list' && value.items.length === 0 && !value.open);
}

function written(at: Origin): string | undefined {
  return isSpan(at) ? at.source.text.slice(at.start, at.end) : undefined;
}

/** Azure's names of regions as azurerm compares them. */
function region(name: string): string {
  return name.toLowerCase().replaceAll(' ', '');
}

/** Whether a value names what the provider computes of one of some resources. */
function namesAny(of: Value, addresses: ReadonlySet<string>, level: number): boolean {
  const value = force(of);
  if (level > deepest || isHuge(value)) return false;
  switch (value.kind) {
    case 'symbol':
      return value.of !== undefined && addresses.has(value.of.address);
    case 'template':
      return value.parts.some((part) => typeof part !== 'string' && namesAny(part, addresses, level + 1));
    case 'one-of':
      return value.values.some((one) => namesAny(one, addresses, level + 1));
    case 'list':
      return value.items.some((item) => namesAny(item, addresses, level + 1));
    case 'object':
      return [...value.members.values()].some((member) => namesAny(member.value, addresses, level + 1));
    default:
      return false;
  }
}
