/**
 * The plan and the state of a Terraform configuration, as `terraform show -json` would print them before and after a first apply.
 *
 * They come from our own evaluation and from the schemas beside this file, so they are no independent oracle of what Terraform
 * does (test/evaluate/terraform-configs.test.ts has its real answers). What they show is that reading a plan or a state, linking
 * what is in it and placing what is wrong in it agree with reading the source.
 *
 * What only a caller would give, a variable without default, is known after apply in the plan, as in a module that is given a
 * computed value; in the state it is something. Resources of which it is not known how many there will be are deferred.
 */
import type { Configuration, Resource } from '../../src/evaluate/resource.ts';
import type { TerraformModule } from '../../src/evaluate/terraform/module.ts';
import { terraformConfigurations } from '../../src/evaluate/terraform/roots.ts';
import { canonical, force, memberOf, numberText, type Obj, type Value } from '../../src/evaluate/value.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import type { Io } from '../../src/source/io.ts';
import { Reader } from '../../src/source/reader.ts';
import { configurationOf, fullNameOf, variablesOf } from './configuration.ts';
import { chosenOf, idPatternOf } from './ids.ts';
import { type Attribute, type Schema, schemaOf } from './schema.ts';

type Json = Record<string, unknown>;

/** Of the root module in a folder. */
export function documentsOf(files: Io['files'], folder: string): Documents {
  const log: Diagnostic[] = [];
  const reader = new Reader(files, folder, log);
  const { configurations, modules } = terraformConfigurations(
    { folders: [folder], variableFiles: [], variables: [] },
    reader,
    () => {},
  );
  const errors = log.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '));
  return new Documents(configurations[0]!, [...modules], folder);
}

/** A value as Terraform prints it. */
interface Printed {
  /** undefined: it is left out, as what is wholly unknown. */
  readonly value: unknown;
  /** Shaped like the value, `true` where it is known only after apply; undefined where all is known. */
  readonly unknown: unknown;
  readonly sensitive: unknown;
}

export class Documents {
  readonly configuration: Configuration;
  readonly #modules: readonly TerraformModule[];
  readonly #root: TerraformModule;
  readonly #byAddress: ReadonlyMap<string, Resource>;
  readonly #numbers = new Map<string, number>();
  /** Attributes of what others refer to, many times. */
  readonly #known = new Map<Resource, Json>();
  /** Whether data sources are read while planning. */
  #areDataRead = true;

  constructor(configuration: Configuration, modules: readonly TerraformModule[], folder: string) {
    this.configuration = configuration;
    this.#modules = modules;
    this.#root = modules.find((module) => module.folder === folder)!;
    this.#byAddress = new Map(configuration.resources.map((resource) => [resource.address, resource]));
  }

  /** Data sources may be read while planning, or wait for what is applied before them. */
  plan({ areDataRead }: { readonly areDataRead: boolean }): Json {
    this.#areDataRead = areDataRead;
    const { resources } = this.configuration;
    const all = new Map(resources.map((resource) => [resource, this.#printed(resource)]));
    const data = resources.filter(({ existing }) => existing && areDataRead);
    const changing = resources.filter((resource) => !data.includes(resource));
    const deferred = changing.filter(({ presence, many }) => presence === 'maybe' || many);
    const changes = changing.filter((resource) => !deferred.includes(resource));
    const change = (resource: Resource): Json => {
      const { value, unknown, sensitive } = all.get(resource)!;
      return {
        ...identityOf(resource.address, true),
        change: {
          actions: [resource.existing ? 'read' : 'create'],
          before: null,
          after: value,
          after_unknown: unknown ?? {},
          before_sensitive: false,
          after_sensitive: sensitive ?? {},
        },
      };
    };
    const invocations = this.#invocations();
    return {
      format_version: '1.2',
      terraform_version: '1.11.4',
      variables: variablesOf(this.#root),
      planned_values: {
        root_module: moduleTree(changes, (resource) => {
          const { value, sensitive } = all.get(resource)!;
          return { values: value, sensitive_values: sensitive ?? {} };
        }),
      },
      resource_changes: changes.map(change),
      ...(deferred.length > 0 && {
        deferred_changes: deferred.map((resource) => ({
          reason: 'instance_count_unknown',
          resource_change: change(resource),
        })),
      }),
      ...invocations,
      ...(data.length > 0 && {
        prior_state: {
          format_version: '1.0',
          terraform_version: '1.11.4',
          values: {
            root_module: moduleTree(data, (resource) => ({
              values: this.#stated(resource, false),
              sensitive_values: {},
            })),
          },
        },
      }),
      configuration: configurationOf(
        this.#modules,
        this.#root,
        resources.map(({ type }) => type),
      ),
      timestamp: '2000-01-01T00:00:00Z',
      applyable: true,
      complete: deferred.length === 0,
      errored: false,
    };
  }

  /** azurerm keeps what nobody sets as null, or as the zero of its type: which of them, its code decides from case to case. */
  state({ hasZeros }: { readonly hasZeros: boolean }): Json {
    return {
      format_version: '1.0',
      terraform_version: '1.11.4',
      values: {
        root_module: moduleTree(this.configuration.resources, (resource) => ({
          values: this.#stated(resource, hasZeros),
          sensitive_values: this.#printed(resource).sensitive ?? {},
        })),
      },
    };
  }

  /** The same as the file that Terraform itself keeps. */
  rawState({ hasZeros }: { readonly hasZeros: boolean }): Json {
    const entries = new Map<string, Json & { instances: Json[] }>();
    for (const resource of this.configuration.resources) {
      const { module, mode, type, name, key } = partsOf(resource.address);
      const id = [module, mode, type, name].join(' ');
      const alias = resource.provider?.alias;
      const provider = `provider["${fullNameOf(type.split('_')[0]!)}"]${alias === undefined ? '' : `.${alias}`}`;
      let entry = entries.get(id);
      if (!entry) {
        entry = { ...(module !== '' && { module }), mode, type, name, provider, instances: [] };
        entries.set(id, entry);
      }
      entry.instances.push({
        ...(key !== undefined && { index_key: JSON.parse(key) }),
        schema_version: 0,
        attributes: this.#stated(resource, hasZeros),
        sensitive_attributes: pathsOf(this.#printed(resource).sensitive).map((path) =>
          path.map((step) =>
            typeof step === 'number'
              ? { type: 'index', value: { value: step, type: 'number' } }
              : { type: 'get_attr', value: step },
          ),
        ),
      });
    }
    return {
      version: 4,
      terraform_version: '1.11.4',
      serial: 1,
      lineage: '00000000-0000-0000-0000-000000000000',
      outputs: {},
      resources: [...entries.values()],
      check_results: null,
    };
  }

  // Plans

  #printed(resource: Resource): Printed {
    const body = this.#block(resource.body, schemaOf(resource.type), isAzure(resource));
    return {
      ...body,
      unknown: { ...(body.unknown as Json), id: true },
      ...(resource.existing && !this.#areDataRead && { unknown: { ...(body.unknown as Json), ...allOf(resource) } }),
    };
  }

  #block(body: Obj, schema: Schema, hasRegions: boolean): Printed {
    const values: Json = {};
    const unknowns: Json = {};
    const sensitive: Json = {};
    for (const name of new Set([...schema.keys(), ...body.members.keys()])) {
      const attribute = schema.get(name);
      const one = this.#member(body, name, attribute, hasRegions);
      if (one.value !== undefined) values[name] = one.value;
      if (one.unknown !== undefined) unknowns[name] = one.unknown;
      if (attribute?.isSensitive) sensitive[name] = true;
      else if (one.sensitive !== undefined) sensitive[name] = one.sensitive;
    }
    return { value: ordered(values), unknown: ordered(unknowns), sensitive: ordered(sensitive) };
  }

  #member(body: Obj, name: string, attribute: Attribute | undefined, hasRegions: boolean): Printed {
    const member = body.members.get(name);
    const value = member && force(member.value);
    if (member?.maybe || (!member && body.open)) return afterApply;
    if (value && value.kind !== 'null') {
      if (attribute?.isWriteOnly) return known(null);
      return hasRegions && name === 'location' && value.kind === 'string'
        ? known(region(value.value))
        : this.#value(value, attribute, attribute?.type ?? 'any', hasRegions);
    }
    if (attribute?.isComputed) return afterApply;
    return known(attribute ? unsetOf(attribute) : null);
  }

  #value(value: Value, attribute: Attribute | undefined, type: string, hasRegions: boolean): Printed {
    const printed = this.#plainly(value, attribute, type, hasRegions);
    return value.secret ? { ...printed, sensitive: true } : printed;
  }

  #plainly(value: Value, attribute: Attribute | undefined, type: string, hasRegions: boolean): Printed {
    switch (value.kind) {
      case 'list': {
        if (value.open) return afterApply;
        const items = value.items.map((item): Printed => {
          const found = force(item);
          return attribute?.inner && found.kind === 'object'
            ? this.#block(found, attribute.inner, hasRegions)
            : this.#value(found, undefined, attribute?.of ?? 'any', false);
        });
        const isKnown = items.every((item) => item.unknown === undefined || !isScalar(item.value));
        const isSet = type === 'set' && isKnown && items.every((item) => isScalar(item.value));
        const inOrder = isSet ? unique([...items].sort((a, b) => order(a.value, b.value))) : items;
        return {
          value: inOrder.map((item) => item.value ?? null),
          unknown: inOrder.map((item) => item.unknown ?? false),
          sensitive: inOrder.some((item) => item.sensitive !== undefined)
            ? inOrder.map((item) => item.sensitive ?? false)
            : undefined,
        };
      }
      case 'object': {
        if (value.open) return afterApply;
        if (attribute?.inner) return this.#block(value, attribute.inner, hasRegions);
        const schema: Schema = new Map();
        return this.#block(value, schema, false);
      }
      case 'null':
        return known(null);
      case 'bool':
      case 'number':
      case 'string':
        return known(converted(value, type));
      default: {
        const read = this.#read(value);
        return read === undefined ? afterApply : known(read);
      }
    }
  }

  /** What a data source that was read says. */
  #read(value: Value): string | undefined {
    if (!this.#areDataRead) return undefined;
    if (value.kind === 'symbol' && value.of) {
      const target = this.#byAddress.get(value.of.address);
      return target?.existing ? String(this.#attribute(target, value.of.path)) : undefined;
    }
    if (value.kind !== 'template') return undefined;
    const parts = value.parts.map((part) => (typeof part === 'string' ? part : this.#read(force(part))));
    return parts.includes(undefined) ? undefined : parts.join('');
  }

  #invocations(): Json {
    const now: Json[] = [];
    const later: Json[] = [];
    for (const { address, type, body, triggers } of this.configuration.actions ?? []) {
      const { value, unknown, sensitive } = this.#block(body, new Map(), false);
      const [name] = address.split('.').slice(-1);
      for (const { resource, runs } of triggers) {
        const invocation = {
          address,
          type,
          name,
          config_values: value,
          config_unknown: unknown,
          config_sensitive: sensitive,
          provider_name: fullNameOf(type.split('_')[0]!),
          lifecycle_action_trigger: {
            triggering_resource_address: resource,
            action_trigger_event: 'AfterCreate',
            action_trigger_block_index: 0,
            actions_list_index: 0,
          },
        };
        if (runs) now.push(invocation);
        else if (runs === undefined) later.push({ reason: 'unknown', action_invocation: invocation });
      }
    }
    return {
      ...(now.length > 0 && { action_invocations: now }),
      ...(later.length > 0 && { deferred_action_invocations: later }),
    };
  }

  // States

  #stated(resource: Resource, hasZeros: boolean): Json {
    const values = this.#settledBlock(resource.body, schemaOf(resource.type), { resource, hasZeros, path: [] });
    return ordered({ ...values, id: this.#id(resource) });
  }

  #settledBlock(body: Obj, schema: Schema, context: Settling): Json {
    const values: Json = {};
    for (const name of new Set([...schema.keys(), ...body.members.keys()])) {
      const attribute = schema.get(name);
      const inner = { ...context, path: [...context.path, name] };
      const member = body.members.get(name);
      const value = member && force(member.value);
      values[name] =
        value && value.kind !== 'null' && !attribute?.isWriteOnly
          ? this.#settled(value, attribute, attribute?.type ?? 'any', inner)
          : this.#unset(attribute, inner);
    }
    return ordered(values);
  }

  #settled(value: Value, attribute: Attribute | undefined, type: string, context: Settling): unknown {
    const { resource, path } = context;
    switch (value.kind) {
      case 'list': {
        const items = value.items.map((item) => {
          const found = force(item);
          return attribute?.inner && found.kind === 'object'
            ? this.#settledBlock(found, attribute.inner, context)
            : this.#settled(found, undefined, attribute?.of ?? 'any', context);
        });
        return type === 'set' && items.every(isScalar) ? [...new Set(items)].sort(order) : items;
      }
      case 'object':
        return this.#settledBlock(value, attribute?.inner ?? new Map(), context);
      case 'null':
        return null;
      case 'bool':
      case 'number':
        return converted(value, type);
      case 'unknown':
        // Somebody gave it.
        return given[type] ?? 'given';
      case 'one-of':
        return this.#settled(force(value.values[0]!), attribute, type, context);
      default: {
        const text = this.#text(value);
        return isAzure(resource) && path.at(-1) === 'location' ? region(text) : text;
      }
    }
  }

  #unset(attribute: Attribute | undefined, { resource, hasZeros, path }: Settling): unknown {
    if (!attribute || attribute.isWriteOnly) return null;
    const chosen = this.#filledIn(chosenOf(resource.type, path, attribute.isComputed || resource.existing), resource);
    if (chosen !== undefined) return attribute.type === 'int' ? Number(chosen) : chosen;
    if (attribute.isComputed) return zeroOf(attribute);
    const value = unsetOf(attribute);
    return value === null && hasZeros && isAzure(resource) && !resource.existing ? zeroOf(attribute) : value;
  }

  #filledIn(value: unknown, resource: Resource): unknown {
    if (typeof value === 'string') return this.#filled(value, resource);
    if (Array.isArray(value)) return value.map((item) => this.#filledIn(item, resource));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#filledIn(inner, resource)]));
  }

  /** What is known only after apply is something then. */
  #text(value: Value): string {
    const found = force(value);
    switch (found.kind) {
      case 'string':
        return found.value;
      case 'bool':
        return String(found.value);
      case 'number':
        return numberText(found);
      case 'template':
        return found.parts.map((part) => (typeof part === 'string' ? part : this.#text(part))).join('');
      case 'one-of':
        return this.#text(found.values[0]!);
      case 'symbol': {
        if (!found.of) return this.#named(found.text);
        const target = this.#byAddress.get(found.of.address);
        return target ? String(this.#attribute(target, found.of.path)) : this.#named(found.text);
      }
      default:
        return 'given';
    }
  }

  #named(text: string): string {
    return `named-${this.#numberOf(text)}`;
  }

  #numberOf(text: string): number {
    if (!this.#numbers.has(text)) this.#numbers.set(text, this.#numbers.size + 1);
    return this.#numbers.get(text)!;
  }

  #guid(text: string): string {
    return `00000000-0000-0000-0000-${String(this.#numberOf(text)).padStart(12, '0')}`;
  }

  /** `id`, `name`, `identity[0].principal_id`. */
  #attribute(resource: Resource, path: string): unknown {
    if (path === 'id') return this.#id(resource);
    let whole = this.#known.get(resource);
    if (!whole) {
      whole = this.#stated(resource, false);
      this.#known.set(resource, whole);
    }
    let value: unknown = whole;
    for (const step of path.split(/[.[\]]+/).filter((one) => one !== ''))
      value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[step];
    return value ?? this.#named(`${resource.address}.${path}`);
  }

  #id(resource: Resource): string {
    return this.#filled(idPatternOf(resource.type), resource);
  }

  #filled(pattern: string, resource: Resource): string {
    return pattern.replace(/\{(\w+)(?:\.(\w+))?\}/g, (_, name: string, part: string | undefined) => {
      const text = this.#part(name, resource);
      const steps = text.split('/');
      switch (part) {
        case 'group':
          return steps[4] ?? '';
        case 'last':
          return steps.at(-1)!;
        case 'above':
          return steps.slice(0, -3).join('/');
        case 'owner':
          return steps.slice(0, -2).join('/');
        default:
          return text;
      }
    });
  }

  #part(name: string, resource: Resource): string {
    const of = (attribute: string): string => {
      const member = memberOf(resource.body, attribute);
      return member && force(member.value).kind !== 'null' ? this.#text(member.value) : '';
    };
    switch (name) {
      case 'subscription':
        return `/subscriptions/${this.#subscription(resource)}`;
      case 'group':
        return `/subscriptions/${this.#subscription(resource)}/resourceGroups/${of('resource_group_name')}`;
      case 'guid':
        return this.#guid(resource.address);
      case 'kubelet':
        return this.#guid(`${resource.address} kubelet`);
      case 'storage_account': {
        const id = of('storage_account_id');
        if (id !== '') return id;
        const account = of('storage_account_name');
        const found = this.configuration.resources.find(
          (other) => other.type === 'azurerm_storage_account' && this.#text(other.name) === account,
        );
        return found ? this.#id(found) : `/storageAccounts/${account}`;
      }
      case 'arm': {
        if (of('resource_id') !== '') return of('resource_id');
        const [type] = of('type').split('@');
        const [parent, own] = [of('parent_id'), of('name')];
        const steps = type!.split('/');
        return steps.length > 2 ? `${parent}/${steps.at(-1)}/${own}` : `${parent}/providers/${type}/${own}`;
      }
      case 'vault':
        return of('vault_id');
      case 'replication':
        return of('create_mode') === 'Replica' ? 'Replica' : 'None';
      case 'snapshot_days':
        return of('policy_type') === 'V2' ? '7' : '2';
      default:
        return of(name);
    }
  }

  #subscription({ scope: { subscription }, provider }: Resource): string {
    const found = force(subscription);
    if (found.kind === 'string') return found.value;
    return this.#guid(`subscription ${canonical(found) ?? provider?.alias ?? ''}`);
  }
}

interface Settling {
  readonly resource: Resource;
  readonly hasZeros: boolean;
  readonly path: readonly string[];
}

const afterApply: Printed = { value: undefined, unknown: true, sensitive: undefined };
const given: Readonly<Record<string, unknown>> = { int: 7, float: 7, bool: true, list: [], set: [], map: {} };

function known(value: unknown): Printed {
  return { value, unknown: marksOf(value), sensitive: undefined };
}

/** Lists are marked item by item though all is known. */
function marksOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => marksOf(item) ?? false);
  return typeof value === 'object' && value !== null ? {} : undefined;
}

function allOf({ type, body }: Resource): Json {
  const names = [...schemaOf(type).keys()].filter((name) => !body.members.has(name) && name !== 'timeouts');
  return Object.fromEntries(names.map((name) => [name, true]));
}

/** What stands where nothing is written: a block that is not there is an empty list. */
function unsetOf(attribute: Attribute): unknown {
  if (attribute.isWriteOnly) return null;
  if (attribute.default !== undefined) return attribute.default;
  return attribute.inner ? [] : null;
}

function zeroOf({ type, inner }: Attribute): unknown {
  if (inner || type === 'list' || type === 'set') return [];
  return { string: '', int: 0, float: 0, bool: false }[type] ?? null;
}

function converted(value: Value & { kind: 'bool' | 'number' | 'string' }, type: string): unknown {
  if (type === 'string') return value.kind === 'number' ? numberText(value) : String(value.value);
  if ((type === 'int' || type === 'float') && value.kind === 'string') return Number(value.value);
  return type === 'bool' && value.kind === 'string' ? value.value === 'true' : value.value;
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function unique(items: readonly Printed[]): Printed[] {
  return items.filter((item, i) => i === 0 || item.value !== items[i - 1]!.value);
}

function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

function ordered(object: Json): Json {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => order(a, b)));
}

/** azurerm brings regions into one form. */
function region(name: string): string {
  return name.toLowerCase().replaceAll(' ', '');
}

function isAzure({ type }: Resource): boolean {
  return type.startsWith('azurerm_');
}

/** The ways to what is secret as a whole. */
function pathsOf(marks: unknown): (string | number)[][] {
  if (marks === true) return [[]];
  if (typeof marks !== 'object' || marks === null) return [];
  const isList = Array.isArray(marks);
  return Object.entries(marks).flatMap(([key, inner]) =>
    pathsOf(inner).map((rest) => [isList ? Number(key) : key, ...rest]),
  );
}

function partsOf(address: string): { module: string; mode: string; type: string; name: string; key?: string } {
  const match = /^((?:module\.[^.[]+(?:\[[^\]]*\])?\.)*)(data\.)?([^.]+)\.([^.[]+)(?:\[(.*)\])?$/.exec(address)!;
  const [, module, data, type, name, key] = match;
  return {
    module: module!.slice(0, -1),
    mode: data ? 'data' : 'managed',
    type: type!,
    name: name!,
    ...(key !== undefined && { key }),
  };
}

function identityOf(address: string, isChange: boolean): Json {
  const { module, mode, type, name, key } = partsOf(address);
  return {
    address,
    ...(isChange && module !== '' && { module_address: module }),
    mode,
    type,
    name,
    // Of an instance that stands for all of them, no key is known yet.
    ...(key === '*' ? { index_unknown: true } : key !== undefined && { index: JSON.parse(key) }),
    provider_name: fullNameOf(type.split('_')[0]!),
  };
}

interface Module {
  readonly address: string;
  readonly resources: Json[];
  readonly children: Module[];
}

function moduleTree(resources: readonly Resource[], more: (resource: Resource) => Json): Json {
  const root: Module = { address: '', resources: [], children: [] };
  const modules = new Map([['', root]]);
  const at = (address: string): Module => {
    let module = modules.get(address);
    if (!module) {
      const steps = address.match(/module\.[^.[]+(?:\[[^\]]*\])?/g)!;
      module = { address, resources: [], children: [] };
      modules.set(address, module);
      at(steps.slice(0, -1).join('.')).children.push(module);
    }
    return module;
  };
  for (const resource of resources)
    at(partsOf(resource.address).module).resources.push({
      ...identityOf(resource.address, false),
      schema_version: 0,
      ...more(resource),
    });
  const tidy = ({ address, resources: own, children }: Module): Json => ({
    ...(own.length > 0 && { resources: own }),
    ...(address !== '' && { address }),
    ...(children.length > 0 && { child_modules: children.map(tidy) }),
  });
  return tidy(root);
}
