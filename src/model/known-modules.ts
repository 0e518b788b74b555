/**
 * Calls of known modules that are not on disk -> the resources that they make, as far as the call says it.
 * Takes the opaque modules of a configuration and what rules/modules knows of their sources; gives resources that stand at the
 * call, the outputs that name them, and the modules that still hide what they do. What a call leaves open stays unknown:
 * the bodies are open, and a module whose decisive input is not known hides like any other.
 */
import type { Configuration, OpaqueModule, Resource } from '../evaluate/resource.ts';
import { compareVersions, parseVersion, type Range, rangeOf, type Version } from '../evaluate/terraform/provider.ts';
import {
  canonical,
  force,
  joined,
  type Member,
  moved,
  type Obj,
  reasonOf,
  symbol,
  text,
  type Value,
} from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import { computed, type Fact, listOf, mapped, pick, undecided } from './facts.ts';
import { type FindId, idOfResource, outputName, parseId } from './id.ts';

/** One entry of rules/modules; checked against rules/schema/modules.schema.json at build time. */
export interface KnownModule {
  readonly sources: readonly string[];
  /** The versions that this holds for, first and last; left out where it holds for all. */
  readonly checked?: { readonly from: string; readonly to: string };
  /** Nothing: the module protects nothing and makes nothing to protect. */
  readonly makes: readonly Made[];
  /** Inputs that protect or make things in ways that `makes` does not say. */
  readonly silent?: readonly string[];
}

export interface Made {
  readonly as: string;
  readonly type: string;
  readonly address: string;
  readonly each?: string;
  readonly if?: string;
  readonly filled?: string;
  readonly unless?: string;
  readonly name: Recipe;
  readonly resourceGroup?: Recipe;
  readonly body: Readonly<Record<string, Recipe>>;
  readonly outputs?: readonly string[];
  readonly nameOutputs?: readonly string[];
  readonly otherOutputs?: Readonly<Record<string, Recipe>>;
}

type Condition = { readonly value: Recipe; readonly is: string } | { readonly value: Recipe; readonly filled: boolean };

/** One of several blocks. */
interface Block {
  readonly of: string;
  readonly when?: Condition;
  readonly object: Readonly<Record<string, Recipe>>;
}

type Recipe =
  | string
  | number
  | boolean
  | {
      readonly input?: string;
      readonly each?: string;
      readonly default?: string | number | boolean;
      readonly map?: Readonly<Record<string, string | boolean>>;
    }
  | { readonly idOf: string }
  | { readonly deployment: 'subscription' | 'resourceGroup' | 'location' }
  | { readonly nameIn: Recipe; readonly type: string }
  | { readonly join: readonly Recipe[] }
  | { readonly first: readonly Recipe[] }
  | { readonly block: Readonly<Record<string, Recipe>> }
  | { readonly object: Readonly<Record<string, Recipe>>; readonly whole?: boolean }
  | { readonly blocks: readonly Block[] }
  | { readonly when: Condition; readonly then: Recipe; readonly else?: Recipe }
  | { readonly byVersion: readonly { readonly from?: string; readonly to?: string; readonly is: Recipe }[] }
  | { readonly unknown: string };

export interface Known {
  readonly resources: readonly Resource[];
  /** Addresses of those by the outputs that are their ids. */
  readonly outputs: ReadonlyMap<string, string>;
  /** What the outputs that are names hold, and others that the call settles. */
  readonly names: ReadonlyMap<string, Value>;
  /** Modules that may hold anything, and why they cannot be looked into. */
  readonly hiding: readonly { readonly address: string; readonly because: string }[];
}

type Outputs = Pick<Known, 'outputs' | 'names'>;

export function knownModules(configuration: Configuration, known: readonly KnownModule[]): Known {
  const declared = new Map(configuration.resources.map((resource) => [resource.address, resource]));
  const calls: { module: OpaqueModule; entry: KnownModule }[] = [];
  const unknown: { address: string; because: string }[] = [];
  for (const module of configuration.opaque) {
    const entry = knownModule(module, known);
    if (entry) calls.push({ module, entry });
    else unknown.push(module);
  }
  const make = (passed: Outputs): Known => {
    const resources: Resource[] = [];
    const outputs = new Map<string, string>();
    const names = new Map<string, Value>();
    const hiding = [...unknown];
    for (const { module, entry } of calls) {
      const call = new Call(module, settledObject(module.arguments, passed), declared, { outputs, names });
      for (const made of entry.makes) resources.push(...call.make(made));
      const because = call.doubt ?? call.silence(entry.silent ?? []);
      if (because !== undefined) hiding.push({ address: module.address, because });
    }
    return { resources, outputs, names, hiding };
  };
  // Twice, for a call may be given what another one makes.
  const alone = make({ outputs: new Map(), names: new Map() });
  return calls.length < 2 || alone.outputs.size + alone.names.size === 0 ? alone : make(alone);
}

/** How many outputs may stand behind each other, which may go round in a circle. */
const longestChain = 10;

/** With what the outputs in it hold, where that is known; what stays lazy stays as it is. */
function settled(value: Value, known: Outputs, left = longestChain): Value {
  switch (value.kind) {
    case 'symbol': {
      const name = value.of && outputName(value.of);
      const found = name === undefined || left === 0 ? undefined : known.names.get(name);
      if (found) return moved(settled(found, known, left - 1), value.at);
      return name !== undefined && known.outputs.has(name) ? { ...value, present: true } : value;
    }
    case 'template': {
      const parts = value.parts.map((part) => (typeof part === 'string' ? part : settled(part, known, left)));
      return parts.every((part, i) => part === value.parts[i]) ? value : joined(parts, value.at);
    }
    case 'list': {
      const items = value.items.map((item) => settled(item, known, left));
      return items.every((item, i) => item === value.items[i]) ? value : { ...value, items };
    }
    case 'object':
      return settledObject(value, known, left);
    default:
      return value;
  }
}

function settledObject(of: Obj, known: Outputs, left = longestChain): Obj {
  if (known.outputs.size + known.names.size === 0) return of;
  let members: Map<string, Member> | undefined;
  for (const [name, member] of of.members) {
    const value = settled(member.value, known, left);
    if (value === member.value) continue;
    members ??= new Map(of.members);
    members.set(name, { ...member, value });
  }
  return members ? { ...of, members } : of;
}

/** Attributes that name a vault or what it lies in. */
const naming = ['name', 'recovery_vault_name', 'vault_name', 'resource_group_name'];

/** The resource with the outputs in its names that are known, in ARM in all of it; each stays where it is referred to. */
export function withNames(resource: Resource, known: Outputs): Resource {
  if (known.names.size === 0) return resource;
  const arm = resource.type.includes('/');
  if (!arm && !resource.type.startsWith('azurerm_')) return resource;
  const of = (value: Value): Value => settled(force(value), known);
  const { resourceGroup } = resource.scope;
  if (arm) {
    const scope = { ...resource.scope, resourceGroup: resourceGroup && of(resourceGroup) };
    const body = settledObject(resource.body, known);
    return { ...resource, body, name: of(resource.name), scope, extends: resource.extends && of(resource.extends) };
  }
  let body = resource.body;
  for (const name of naming) {
    const member = body.members.get(name);
    const value = member && force(member.value);
    const after = value && settled(value, known);
    if (member && after !== value)
      body = { ...body, members: new Map(body.members).set(name, { ...member, value: after! }) };
  }
  if (body === resource.body) return resource;
  const group = resourceGroup && of(resourceGroup);
  return { ...resource, body, name: of(resource.name), scope: { ...resource.scope, resourceGroup: group } };
}

/** The module that a source names, in the registry or as the repository that the registry takes it from, at a version that is known. */
export function knownModule(module: OpaqueModule, known: readonly KnownModule[]): KnownModule | undefined {
  if (!module.call) return undefined;
  const { registry } = module;
  const name = registry ? `br:${registry.host}/${registry.repository}` : registryName(module.source).toLowerCase();
  const whole = name.replace(/\/\/.*$/, '');
  const range = versionsOf(module);
  const isNamed = (pattern: string, of: string): boolean =>
    registry ? pattern === of : !pattern.startsWith('br:') && matches(pattern.toLowerCase(), of);
  return known.find(
    ({ sources, checked, makes }) =>
      sources.some((pattern) => isNamed(pattern, makes.length === 0 ? whole : name)) &&
      (!checked || (range !== undefined && mayLieIn(range, checked))),
  );
}

/**
 * By its constraint, or the tag that a repository is taken at. Whoever writes none gets the newest, which may be any.
 * undefined: a digest, or a tag of someone's own, which says nothing.
 */
function versionsOf({ version, source, registry }: OpaqueModule): Range | undefined {
  if (registry && !/^\d+\.\d+\.\d+$/.test(registry.tag)) return undefined;
  const tag = /[?&]ref=v?(\d+(?:\.\d+){2})(?:&|$)/.exec(source)?.[1];
  return rangeOf(version ?? tag ?? '');
}

/** Whether a range has a version between two others, both of them included. */
function mayLieIn({ exact, atLeast, below }: Range, { from, to }: { from?: string; to?: string }): boolean {
  const [first, last] = [from, to].map((text) => (text === undefined ? undefined : parseVersion(text)));
  const isBefore = (a: Version | undefined, b: Version | undefined): boolean =>
    a !== undefined && b !== undefined && compareVersions(a, b) < 0;
  if (exact) return !isBefore(exact, first) && !isBefore(last, exact);
  const isBelow = below !== undefined && first !== undefined && compareVersions(below, first) <= 0;
  return !isBelow && !isBefore(last, atLeast);
}

function registryName(source: string): string {
  const repository = /(?:^|[@/])github\.com[/:]([^/]+)\/terraform-([^-/]+)-([^/?]+?)(?:\.git)?(\/\/[^?]*)?(?:\?.*)?$/i;
  const [, owner, provider, name, below] = repository.exec(source) ?? [];
  return owner
    ? `${owner}/${name}/${provider}${below ?? ''}`
    : source.replace(/^registry\.(terraform\.io|opentofu\.org)\//i, '');
}

function matches(pattern: string, name: string): boolean {
  const [before, after] = pattern.split('*');
  if (after === undefined) return name === pattern;
  return (
    name.length >= before!.length + after.length &&
    name.startsWith(before!) &&
    name.endsWith(after) &&
    !name.slice(before!.length, name.length - after.length).includes('/')
  );
}

/** One of several things made by one entry: its key in the address, and what the input holds for it. */
interface Instance {
  readonly key: string;
  /** As a reference to it is spelt. */
  readonly step: string;
  readonly each?: Fact | undefined;
  readonly maybe: boolean;
}

class Call {
  readonly #module: OpaqueModule;
  readonly #arguments: Obj;
  readonly #declared: ReadonlyMap<string, Resource>;
  readonly #named: { readonly outputs: Map<string, string>; readonly names: Map<string, Value> };
  readonly #versions: Range;
  readonly #addresses = new Map<string, string>();
  /** Why it may do more than was made of it. */
  doubt: string | undefined;

  constructor(
    module: OpaqueModule,
    given: Obj,
    declared: ReadonlyMap<string, Resource>,
    named: { readonly outputs: Map<string, string>; readonly names: Map<string, Value> },
  ) {
    this.#module = module;
    this.#arguments = given;
    this.#declared = declared;
    this.#named = named;
    this.#versions = versionsOf(module) ?? {};
  }

  make(made: Made): Resource[] {
    return this.#members(made).map((member) => this.#resource(made, member));
  }

  /** Why an input that is given says more than is read of it. */
  silence(inputs: readonly string[]): string | undefined {
    const given = inputs.find((input) => isFilled(this.#input(input)?.value) !== false);
    return given === undefined ? undefined : `what ${given} makes is not read`;
  }

  #input(path: string): Fact | undefined {
    return this.#pick(this.#arguments, path);
  }

  /** Bicep looks members up as ARM does. */
  #pick(of: Value, path: string): Fact | undefined {
    return pick(of, path, this.#module.registry !== undefined);
  }

  #members(made: Made): Instance[] {
    const single = { key: '', step: '', maybe: false };
    if (made.if !== undefined) {
      const value = this.#input(made.if)?.value;
      if (!value) return [];
      if (isThere(value)) return [single];
      this.doubt ??= reasonOf(value) ?? `it is not known whether ${made.if} is set`;
      return [{ ...single, maybe: true }];
    }
    if (made.filled !== undefined) {
      const filled = isFilled(this.#input(made.filled)?.value);
      return filled === false ? [] : [{ ...single, maybe: filled === undefined }];
    }
    if (made.each === undefined) return [single];
    const map = this.#input(made.each);
    if (!map) return [];
    if (map.value.kind === 'list') {
      if (map.value.open) this.doubt ??= reasonOf(map.value) ?? `${made.each} may hold more`;
      return map.value.items.map((item, i) => ({
        key: `[${i}]`,
        step: `[${i}]`,
        each: { value: force(item), at: item.at },
        maybe: false,
      }));
    }
    if (map.value.kind !== 'object') {
      this.doubt ??= reasonOf(map.value) ?? `${made.each} is not known`;
      return [];
    }
    if (map.value.open) this.doubt ??= reasonOf(map.value) ?? `${made.each} may hold more`;
    return [...map.value.members].flatMap(([name, member]) => {
      const each = { value: force(member.value), at: member.at };
      const left = made.unless === undefined ? undefined : this.#pick(each.value, made.unless)?.value;
      if (left?.kind === 'bool' && left.value) return [];
      const maybe = (member.maybe ?? false) || (left !== undefined && left.kind !== 'bool');
      return [{ key: `[${JSON.stringify(name)}]`, step: stepOf(name, member.at), each, maybe }];
    });
  }

  #resource(made: Made, member: Instance): Resource {
    const { address: prefix, call, registry } = this.#module;
    const own = made.address.includes('[*]') ? made.address.replace('[*]', member.key) : made.address + member.key;
    const address = `${prefix}.${own}`;
    if (member.key === '') this.#addresses.set(made.as, address);
    const outputOf = (path: string): string => outputName({ address: prefix, path: path.replace('[*]', member.step) });
    for (const output of made.outputs ?? []) this.#named.outputs.set(outputOf(output), address);
    const of = (recipe: Recipe | undefined): Fact | undefined =>
      recipe === undefined ? undefined : this.#value(recipe, member.each);
    // One of several is told by its name, which stands alone on its line.
    const { each } = member;
    const head = (registry && each && (this.#pick(each.value, 'name')?.at ?? each.at)) ?? this.#arguments.at;
    const name = of(made.name) ?? undecided('the call of the module gives no name', head);
    for (const output of made.nameOutputs ?? []) this.#named.names.set(outputOf(output), name.value);
    for (const [output, recipe] of Object.entries(made.otherOutputs ?? {})) {
      const value = of(recipe)?.value;
      if (value) this.#named.names.set(outputOf(output), value);
    }
    const written = this.#object(made.body, member.each, head);
    const body = { ...written, members: new Map([['name', name], ...written.members]) };
    const maybe = member.maybe || call!.presence === 'maybe';
    return {
      address,
      language: registry ? 'bicep' : 'terraform',
      type: made.type,
      name: name.value,
      presence: maybe ? 'maybe' : 'present',
      guard: member.maybe ? `exists(${address})` : call!.guard,
      many: call!.many,
      existing: false,
      body,
      head,
      calls: call!.calls,
      scope: { subscription: call!.subscription, resourceGroup: of(made.resourceGroup)?.value ?? call!.resourceGroup },
    };
  }

  /** Open, for the module sets more than its call says. */
  #object(recipes: Readonly<Record<string, Recipe>>, each: Fact | undefined, at: Origin): Obj {
    const members = new Map<string, Member>();
    for (const [name, recipe] of Object.entries(recipes)) {
      const fact = this.#value(recipe, each);
      // What is not given is not there, though the object is open for all that the recipe does not name.
      members.set(name, fact ?? { value: { kind: 'null', at }, at });
    }
    return { kind: 'object', members, at, as: 'object', open: true };
  }

  #value(recipe: Recipe, each: Fact | undefined): Fact | undefined {
    const at = this.#arguments.at;
    if (typeof recipe !== 'object') return computed(recipe, at);
    if ('idOf' in recipe) return { value: this.#idOf(recipe.idOf, at), at };
    if ('deployment' in recipe) {
      const value = this.#module.call![recipe.deployment];
      return value ? { value, at } : undecided('it is where the module is deployed to', at);
    }
    if ('unknown' in recipe) return undecided(recipe.unknown, at);
    if ('nameIn' in recipe) return this.#nameIn(this.#value(recipe.nameIn, each), recipe.type);
    if ('first' in recipe) {
      for (const one of recipe.first) {
        const fact = this.#value(one, each);
        if (fact) return fact;
      }
      return undefined;
    }
    if ('join' in recipe) {
      const facts = recipe.join.map((one) => this.#value(one, each));
      if (facts.includes(undefined)) return undefined;
      const parts = facts.map((fact) => (fact!.value.kind === 'string' ? fact!.value.value : fact!.value));
      // What is named last is what the text is of: a policy behind its vault.
      const place = facts.findLast((fact) => fact!.at !== at)?.at ?? at;
      return { value: joined(parts, place), at: place };
    }
    if ('block' in recipe) {
      const block = this.#object(recipe.block, each, at);
      const isGiven = [...block.members.values()].some(({ value }) => value.kind !== 'null');
      return isGiven ? { value: listOf(at, [block]), at } : undefined;
    }
    if ('blocks' in recipe) return this.#blocks(recipe.blocks, each, at);
    if ('when' in recipe) {
      const holds = this.#holds(recipe.when, each);
      if (holds === undefined) return undecided('it depends on what is not known', at);
      const branch = holds ? recipe.then : recipe.else;
      return branch === undefined ? undefined : this.#value(branch, each);
    }
    if ('byVersion' in recipe) {
      const fitting = recipe.byVersion.filter((one) => mayLieIn(this.#versions, one));
      const [only, ...more] = fitting;
      return only && more.length === 0
        ? this.#value(only.is, each)
        : undecided('it depends on the version of the module', at);
    }
    if ('object' in recipe) {
      const object = this.#object(recipe.object, each, at);
      return { value: recipe.whole ? { ...object, open: undefined } : object, at };
    }
    const read =
      recipe.input !== undefined
        ? this.#input(recipe.input)
        : each && recipe.each !== undefined
          ? this.#pick(each.value, recipe.each)
          : undefined;
    if (!read) return recipe.default === undefined ? undefined : computed(recipe.default, at);
    return recipe.map ? mapped(read, recipe.map) : read;
  }

  #blocks(blocks: readonly Block[], each: Fact | undefined, at: Origin): Fact | undefined {
    const items: Value[] = [];
    let isOpen = false;
    for (const { of, when, object } of blocks) {
      const found = each && this.#pick(each.value, of);
      const holds = when ? this.#holds(when, each) : true;
      if (!found || holds === false) continue;
      if (found.value.kind === 'object' && holds) items.push({ ...this.#object(object, each, at), at: found.value.at });
      else isOpen = true;
    }
    return items.length > 0 || isOpen ? { value: listOf(at, items, isOpen), at } : undefined;
  }

  #holds(condition: Condition, each: Fact | undefined): boolean | undefined {
    const fact = this.#value(condition.value, each);
    if ('filled' in condition) {
      const filled = isFilled(fact?.value);
      return filled === undefined ? undefined : filled === condition.filled;
    }
    if (!fact) return false;
    const { is } = condition;
    const word = fact.value.kind === 'string' ? fact.value.value : undefined;
    return word === undefined ? undefined : word.toLowerCase() === is.toLowerCase();
  }

  #idOf(as: string, at: Origin): Value {
    const address = this.#addresses.get(as) ?? '';
    return { ...symbol(`${address}.id`, 'it is known only after apply', at, { address, path: 'id' }), present: true };
  }

  /** The name behind a type in an id, or the name that the resource behind a reference is declared with. */
  #nameIn(id: Fact | undefined, type: string): Fact | undefined {
    if (!id) return undefined;
    const find: FindId = (address) => {
      const resource = this.#declared.get(address);
      return resource && idOfResource(resource, find);
    };
    const found = parseId(id.value, find);
    const place = found?.type.split('/').indexOf(type.toLowerCase()) ?? -1;
    const name = type === 'resourceGroups' ? found?.resourceGroup : place > 0 ? found?.names[place - 1] : undefined;
    return name ? { value: name, at: id.at } : undecided(reasonOf(id.value) ?? 'the id cannot be read', id.at);
  }
}

/** Names are told from other keys, as the evaluation of a reference does. */
function stepOf(key: string, at: Origin): string {
  return /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(key) ? `.${key}` : `[${canonical(text(key, at))}]`;
}

/** Certainly not null. */
function isThere(value: Value): boolean {
  switch (value.kind) {
    case 'string':
    case 'template':
    case 'object':
    case 'list':
    case 'number':
    case 'bool':
      return true;
    case 'symbol':
      return value.present === true;
    default:
      return false;
  }
}

/** What `!empty(x)` says in Bicep; undefined where it cannot be told. */
function isFilled(value: Value | undefined): boolean | undefined {
  switch (value?.kind) {
    case undefined:
    case 'null':
      return false;
    case 'string':
      return value.value !== '';
    case 'template':
      return value.parts.some((part) => typeof part === 'string' && part !== '') || undefined;
    case 'list':
      return value.items.length > 0 || (value.open ? undefined : false);
    case 'object':
      return (
        [...value.members.values()].some(({ maybe }) => !maybe) ||
        (value.open || value.members.size > 0 ? undefined : false)
      );
    case 'number':
    case 'bool':
      return true;
    default:
      return undefined;
  }
}
