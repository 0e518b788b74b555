/**
 * Calls of known modules that are not on disk -> the resources that they make, as far as the call says it.
 * Takes the opaque modules of a configuration and what rules/modules knows of their sources; gives resources that stand at the
 * call, the outputs that name them, and the modules that still hide what they do. What a call leaves open stays unknown:
 * the bodies are open, and a module whose decisive input is not known hides like any other.
 */
import type { Configuration, OpaqueModule, Resource } from '../evaluate/resource.ts';
import { force, joined, type Member, type Obj, reasonOf, symbol, type Value } from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import { computed, type Fact, listOf, mapped, pick, undecided } from './facts.ts';
import { type FindId, idOfResource, outputName, parseId } from './id.ts';

/** One entry of rules/modules; checked against rules/schema/modules.schema.json at build time. */
export interface KnownModule {
  readonly sources: readonly string[];
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
  readonly name: Recipe;
  readonly resourceGroup?: Recipe;
  readonly body: Readonly<Record<string, Recipe>>;
  readonly outputs?: readonly string[];
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
  | { readonly nameIn: Recipe; readonly type: string }
  | { readonly join: readonly Recipe[] }
  | { readonly first: readonly Recipe[] }
  | { readonly block: Readonly<Record<string, Recipe>> }
  | { readonly object: Readonly<Record<string, Recipe>> }
  | { readonly unknown: string };

export interface Known {
  readonly resources: readonly Resource[];
  /** Addresses of those by the outputs that are their ids. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Modules that may hold anything, and why they cannot be looked into. */
  readonly hiding: readonly { readonly address: string; readonly because: string }[];
}

export function knownModules(configuration: Configuration, known: readonly KnownModule[]): Known {
  const resources: Resource[] = [];
  const outputs = new Map<string, string>();
  const hiding: { address: string; because: string }[] = [];
  const declared = new Map(configuration.resources.map((resource) => [resource.address, resource]));
  for (const module of configuration.opaque) {
    const entry = knownModule(module, known);
    if (!entry) {
      hiding.push(module);
      continue;
    }
    const call = new Call(module, declared, outputs);
    for (const made of entry.makes) resources.push(...call.make(made));
    const because = call.doubt ?? call.silence(entry.silent ?? []);
    if (because !== undefined) hiding.push({ address: module.address, because });
  }
  return { resources, outputs, hiding };
}

/** The module that a source names, in the registry or as the repository that the registry takes it from. */
export function knownModule({ source, call }: OpaqueModule, known: readonly KnownModule[]): KnownModule | undefined {
  if (!call) return undefined;
  const name = registryName(source).toLowerCase();
  const whole = name.replace(/\/\/.*$/, '');
  return known.find(({ sources, makes }) =>
    sources.some((pattern) => matches(pattern.toLowerCase(), makes.length === 0 ? whole : name)),
  );
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
  readonly each?: Fact | undefined;
  readonly maybe: boolean;
}

class Call {
  readonly #module: OpaqueModule;
  readonly #declared: ReadonlyMap<string, Resource>;
  readonly #outputs: Map<string, string>;
  readonly #addresses = new Map<string, string>();
  /** Why it may do more than was made of it. */
  doubt: string | undefined;

  constructor(module: OpaqueModule, declared: ReadonlyMap<string, Resource>, outputs: Map<string, string>) {
    this.#module = module;
    this.#declared = declared;
    this.#outputs = outputs;
  }

  make(made: Made): Resource[] {
    return this.#members(made).map((member) => this.#resource(made, member));
  }

  /** Why an input that is given says more than is read of it. */
  silence(inputs: readonly string[]): string | undefined {
    const given = inputs.find((input) => {
      const value = this.#input(input)?.value;
      return value && !(value.kind === 'object' && value.members.size === 0 && !value.open);
    });
    return given === undefined ? undefined : `what ${given} makes is not read`;
  }

  #input(path: string): Fact | undefined {
    return pick(this.#module.arguments, path, false);
  }

  #members(made: Made): Instance[] {
    const single = { key: '', maybe: false };
    if (made.if !== undefined) {
      const value = this.#input(made.if)?.value;
      if (!value) return [];
      if (isThere(value)) return [single];
      this.doubt ??= reasonOf(value) ?? `it is not known whether ${made.if} is set`;
      return [{ ...single, maybe: true }];
    }
    if (made.each === undefined) return [single];
    const map = this.#input(made.each);
    if (!map) return [];
    if (map.value.kind !== 'object') {
      this.doubt ??= reasonOf(map.value) ?? `${made.each} is not known`;
      return [];
    }
    if (map.value.open) this.doubt ??= reasonOf(map.value) ?? `${made.each} may hold more`;
    return [...map.value.members].map(([name, member]) => ({
      key: `[${JSON.stringify(name)}]`,
      each: { value: force(member.value), at: member.at },
      maybe: member.maybe ?? false,
    }));
  }

  #resource(made: Made, member: Instance): Resource {
    const { address: prefix, arguments: given, call } = this.#module;
    const address = `${prefix}.${made.address}${member.key}`;
    if (member.key === '') this.#addresses.set(made.as, address);
    for (const output of made.outputs ?? []) this.#outputs.set(outputName({ address: prefix, path: output }), address);
    const of = (recipe: Recipe | undefined): Fact | undefined =>
      recipe === undefined ? undefined : this.#value(recipe, member.each);
    const head = given.at;
    const name = of(made.name) ?? undecided('the call of the module gives no name', head);
    const written = this.#object(made.body, member.each, head);
    const body = { ...written, members: new Map([['name', name], ...written.members]) };
    const maybe = member.maybe || call!.presence === 'maybe';
    return {
      address,
      language: 'terraform',
      type: made.type,
      name: name.value,
      presence: maybe ? 'maybe' : 'present',
      guard: member.maybe ? `exists(${address})` : call!.guard,
      many: call!.many,
      existing: false,
      body,
      head,
      calls: call!.calls,
      scope: { subscription: call!.subscription, resourceGroup: of(made.resourceGroup)?.value },
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
    const at = this.#module.arguments.at;
    if (typeof recipe !== 'object') return computed(recipe, at);
    if ('idOf' in recipe) return { value: this.#idOf(recipe.idOf, at), at };
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
      const place = facts.find((fact) => fact!.at !== at)?.at ?? at;
      return { value: joined(parts, place), at: place };
    }
    if ('block' in recipe) {
      const block = this.#object(recipe.block, each, at);
      const isGiven = [...block.members.values()].some(({ value }) => value.kind !== 'null');
      return isGiven ? { value: listOf(at, [block]), at } : undefined;
    }
    if ('object' in recipe) return { value: this.#object(recipe.object, each, at), at };
    const read =
      recipe.input !== undefined
        ? this.#input(recipe.input)
        : each && recipe.each !== undefined
          ? pick(each.value, recipe.each, false)
          : undefined;
    if (!read) return recipe.default === undefined ? undefined : computed(recipe.default, at);
    return recipe.map ? mapped(read, recipe.map) : read;
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
