/**
 * A Terraform root module -> the resources that it declares.
 * Takes the root folder and the values of its variables; follows local modules, expands count and for_each, and gives every
 * resource instance with its evaluated body. What Terraform itself would only learn at apply stays a name or unknown.
 */
import { join, relative, resolve, sep } from 'node:path';
import type { Expression } from '../../parse/expression.ts';
import type { Attribute, Block, Body } from '../../parse/hcl-tree.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { type Origin, type Source, type Span, sameOrigin } from '../../source/source.ts';
import {
  type Budget,
  type Environment,
  elsewhere,
  entriesOf,
  evaluate,
  type Language,
  lazy,
  numberOf,
  truthOf,
  within,
} from '../evaluate.ts';
import { forgotten } from '../forgotten.ts';
import {
  type Action,
  type ActionTrigger,
  type AddressChanges,
  backupAction,
  type Configuration,
  type Lifecycle,
  type OpaqueModule,
  orderedTypes,
  type ProviderBlock,
  type Resource,
} from '../resource.ts';
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
  memberOf,
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
  withVia,
} from '../value.ts';
import { InstalledModules } from './installed-modules.ts';
import { type FileAccess, terraformLanguage } from './language.ts';
import { attributeOf, isLocalSource, literalOf, loadModule, placeOf, type TerraformModule } from './module.ts';
import { TerraformOrder } from './order.ts';
import { ProviderVersions } from './provider.ts';
import { mayReachAzure } from './provisioners.ts';
import { convert, parseType } from './types.ts';

export interface RootVariable {
  /** With `isText` (a variable of type string or without a type) an option's value is taken literally. */
  readonly value: (env: Environment, isText: boolean) => Value;
  readonly at: Origin;
  readonly what: string;
}

export interface TerraformOptions {
  readonly reader: Reader;
  /** Values from tfvars files and options, the strongest already chosen; by variable name. */
  readonly variables: ReadonlyMap<string, RootVariable>;
  /** Parsed once per run, whoever calls them. */
  readonly modules: ModuleCache;
}

/** Folders of the run, each parsed once. */
export class ModuleCache {
  readonly #modules = new Map<string, TerraformModule | undefined>();
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  get(folder: string): TerraformModule | undefined {
    if (!this.#modules.has(folder)) {
      const exists = this.#reader.files.info(folder)?.kind === 'directory' && this.#reader.contains(folder);
      this.#modules.set(folder, exists ? loadModule(folder, this.#reader) : undefined);
    }
    return this.#modules.get(folder);
  }

  /** Every module that was read so far. */
  loaded(): ReadonlySet<TerraformModule> {
    return new Set([...this.#modules.values()].filter((module) => module !== undefined));
  }
}

/** The folders that a module calls as local modules, whether they exist or not. */
export function localCalls(module: TerraformModule): string[] {
  const folders: string[] = [];
  for (const call of module.calls.values()) {
    const source = literalOf(attributeOf(call, 'source')?.value);
    if (source !== undefined && isLocalSource(source)) folders.push(resolve(module.folder, source));
  }
  return folders;
}

export function evaluateTerraform(module: TerraformModule, options: TerraformOptions): Configuration {
  return new Evaluation(module, options).run();
}

/** What a block costs, in steps of the evaluation. */
const blockSteps = 4;

const callArguments = new Set(['source', 'version', 'count', 'for_each', 'providers', 'depends_on']);
const metaArguments = new Set([
  'count',
  'for_each',
  'provider',
  'depends_on',
  'lifecycle',
  'provisioner',
  'connection',
]);

/** Under which condition something exists. */
interface Existence {
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

interface Each {
  readonly key: Value;
  readonly value: Value;
}

type Make<T> = (key: string, existence: Existence, env: Environment) => T;

interface Expansion<T> {
  readonly mode: 'single' | 'count' | 'each';
  readonly instances: readonly Instance<T>[];
  /** More instances may exist. */
  readonly open: boolean;
  readonly because: string;
  /** Where the number depends on a condition: the keys of what exists together, one list for each of its values. */
  readonly choices?: readonly (readonly string[])[] | undefined;
  readonly choice?: OneOf | undefined;
}

/** One instance of a resource or data source, evaluated when something asks for it. */
class ResourceInstance {
  readonly address: string;
  readonly #head: Span;
  /** Why what is not written is not known. */
  readonly #because: string;
  readonly #evaluate: () => Obj;
  #body: Obj | 'running' | undefined;
  #whole: Value | undefined;

  constructor(address: string, head: Span, because: string, evaluateBody: () => Obj) {
    this.address = address;
    this.#head = head;
    this.#because = because;
    this.#evaluate = evaluateBody;
  }

  body(): Obj {
    // A resource that refers to itself, which Terraform refuses, finds nothing there.
    if (this.#body === 'running') return { ...object(new Map(), this.#head), open: true };
    if (this.#body) return this.#body;
    this.#body = 'running';
    this.#body = this.#evaluate();
    return this.#body;
  }

  /** As a reference sees it: what is written, else the name of what the provider computes. */
  attribute(key: string, at: Span): Value {
    const found = memberOf(this.body(), key);
    const name = `${this.address}.${key}`;
    if (found && !isNull(found.value)) return computed(found.value, name, this.address, key, this.#because);
    const symbolic = symbol(name, this.#because, at, { address: this.address, path: key });
    return { ...symbolic, present: key === 'id' || undefined };
  }

  whole(): Value {
    if (this.#whole) return this.#whole;
    const body = this.body();
    const members = new Map<string, Member>();
    for (const [key, member] of body.members) members.set(key, { ...member, value: this.attribute(key, this.#head) });
    members.set('id', { value: this.attribute('id', this.#head), at: this.#head });
    const whole: Value = { ...object(members, this.#head), open: true };
    if (this.#body === body) this.#whole = whole;
    return whole;
  }
}

class Evaluation {
  readonly #options: TerraformOptions;
  readonly #root: TerraformModule;
  readonly #language: Language;
  readonly #budget: Budget = { steps: 0 };
  readonly #providers = new ProviderVersions();
  readonly #providerBlocks: ProviderBlock[] = [];
  readonly #seen = new Set<TerraformModule>();
  readonly #resources: Resource[] = [];
  readonly #opaque: OpaqueModule[] = [];
  readonly #actions: Action[] = [];
  readonly #addresses: { [Kind in keyof AddressChanges]: AddressChanges[Kind][number][] } = { moved: [], removed: [] };
  readonly #modules = new Map<Block, Configuration['modules'][number]>();
  readonly #installed: InstalledModules;
  /** A whole resource with an unknown number of instances, and the instance that stands for them. */
  readonly rest = new WeakMap<Value, Each>();
  readonly #order = new TerraformOrder();
  #calls = 0;
  readonly #instances = { modules: 0, resources: 0 };

  constructor(root: TerraformModule, options: TerraformOptions) {
    this.#root = root;
    this.#options = options;
    this.#installed = new InstalledModules(root.folder, options.reader);
    this.#language = terraformLanguage(this.#fileAccess());
  }

  run(): Configuration {
    this.#providers.lock(this.#root.folder, this.#options.reader);
    const modules = this.#descend(new ModuleInstance(this, this.#root, '', undefined, []));
    for (const module of modules) this.#collect(module);
    const { exceeded } = this.#budget;
    if (exceeded)
      this.tell({
        code: 'terraform-too-much-work',
        severity: 'error',
        message: `This is not evaluated: ${exceeded.because}.`,
        help: 'What depends on it is not judged; write it in a simpler way.',
        at: exceeded.at,
      });
    return {
      name: this.reader.display(this.#root.folder),
      language: 'terraform',
      resources: this.#resources,
      opaque: this.#opaque,
      actions: this.#actions,
      providers: this.#providerBlocks,
      addresses: this.#addresses,
      modules: [...this.#modules.values()],
      perhapsPart: this.#perhapsPart(),
      at: placeOf(this.#root),
    };
  }

  /** Providers are set up in root modules, and azurerm cannot do without; modules that are called leave values to their caller. */
  #perhapsPart(): string | undefined {
    if (this.#root.providers.length > 0) return undefined;
    for (const [name, block] of this.#root.variables)
      if (!attributeOf(block, 'default') && !this.rootVariable(name))
        return `it may be a module that others call: it has no provider block, and variable "${name}" has no value`;
    return undefined;
  }

  get reader(): Reader {
    return this.#options.reader;
  }

  get rootFolder(): string {
    return this.#root.folder;
  }

  environment(scope: Environment['scope']): Environment {
    return { language: this.#language, scope, budget: this.#budget };
  }

  rootVariable(name: string): RootVariable | undefined {
    return this.#options.variables.get(name);
  }

  /** Tells something once, however many instances and configurations meet it. */
  tell(diagnostic: Diagnostic): void {
    const { code, message, at } = diagnostic;
    const told = this.reader.log.some(
      (other) => other.code === code && other.message === message && sameOrigin(other.at, at),
    );
    if (!told) this.reader.log.push(diagnostic);
  }

  /** The child module of a call in a module, or why it cannot be looked into. */
  moduleOf(call: Block, caller: ModuleInstance): TerraformModule | string {
    const source = attributeOf(call, 'source')?.value;
    const found = this.#find(source, call, caller);
    this.#modules.set(call, {
      source: literalOf(source) ?? '',
      resolved: typeof found !== 'string',
      at: source ?? call.head,
    });
    return found;
  }

  #find(source: Expression | undefined, call: Block, caller: ModuleInstance): TerraformModule | string {
    const name = literalOf(source);
    if (name === undefined) return 'its source is not a plain text';
    if (!isLocalSource(name)) {
      const path = [...caller.path, call.labels[0]?.text ?? ''].join('.');
      const installed = this.#installed.folderOf(path, name, literalOf(attributeOf(call, 'version')?.value));
      if ('because' in installed) return installed.because;
      return this.#options.modules.get(installed.folder) ?? 'its folder holds no Terraform file';
    }
    const found = this.reader.resolve(caller.module.folder, name);
    if (found && 'refused' in found) return found.refused;
    if (!found) {
      this.tell({
        code: 'module-missing',
        severity: 'error',
        message: `The folder of the local module "${name}" does not exist.`,
        help: 'Check the path; it is relative to the folder of the file that calls the module.',
        at: source!,
      });
      return 'its folder does not exist';
    }
    return this.#options.modules.get(found.path) ?? 'its folder holds no Terraform file';
  }

  countCall(): boolean {
    return ++this.#calls <= limits.moduleCalls;
  }

  /** How many of the wanted instances may be made of what has that address; it is told where they are too many. */
  admit(wanted: number, kind: 'modules' | 'resources', what: string, at: Origin): number {
    const left = limits.instancesPerConfiguration - this.#instances[kind];
    const admitted = Math.min(wanted, limits.instances, left);
    this.#instances[kind] += admitted;
    if (admitted === wanted) return wanted;
    const [count, bound] =
      wanted > limits.instances
        ? [`${what} would have ${wanted} instances`, limits.instances]
        : ['The configuration has too many instances', limits.instancesPerConfiguration];
    this.tell({
      code: 'too-many-instances',
      severity: 'error',
      message: `${count}; at most ${bound} are read.`,
      at,
    });
    return admitted;
  }

  /** The module and all that it calls, the callers first. */
  #descend(module: ModuleInstance): ModuleInstance[] {
    if (!this.#seen.has(module.module)) {
      this.#seen.add(module.module);
      this.#providers.add(module.module);
      for (const { what, at, because, told } of module.module.unread)
        this.#opaque.push({ source: what, at, address: what, because, arguments: object(new Map(), at), told });
      for (const block of module.module.removed) this.#opaque.push(...forgottenBy(block, module.address));
    }
    for (const block of module.module.moved) {
      const [from, to] = ['from', 'to'].map((name) => addressIn(block, name, module.address));
      if (from !== undefined && to !== undefined) this.#addresses.moved.push({ from, to });
    }
    for (const block of module.module.removed) {
      const from = addressIn(block, 'from', module.address);
      if (from !== undefined) this.#addresses.removed.push({ from, destroys: destroysIn(block) });
    }
    const found = [module];
    for (const [name, block] of module.module.calls) {
      this.moduleOf(block, module);
      for (const { what: child } of module.childrenOf(name, block).instances) {
        if (child instanceof ModuleInstance) for (const inner of this.#descend(child)) found.push(inner);
        else this.#opaque.push(child.opaque());
      }
    }
    return found;
  }

  #collect(module: ModuleInstance): void {
    this.#order.add(module.path, module.module);
    for (const block of module.module.providers)
      if (block.labels[0]?.text === 'azurerm') this.#providerBlocks.push(module.providerBlock(block));
    for (const [name, block] of module.module.resources) this.#collectResource(module, 'resource', name, block);
    for (const [name, block] of module.module.data) this.#collectResource(module, 'data', name, block);
    for (const [name, block] of module.module.actions)
      if (block.labels[0]!.text === backupAction) this.#collectAction(module, name, block);
  }

  #collectResource(module: ModuleInstance, kind: 'resource' | 'data', name: string, block: Block): void {
    const type = block.labels[0]!.text;
    // Data sources matter only as things that exist elsewhere and may be linked to.
    if (kind === 'data' && !type.startsWith('azurerm_') && !type.startsWith('azapi_')) return;
    const provisioners = block.body.blocks.filter((inner) => inner.type === 'provisioner');
    const runsCommands = mayReachAzure(provisioners, module.env);
    const lifecycle = lifecycleOf(block);
    for (const instance of module.resourceOf(kind, name, block).instances) {
      const body = instance.what.body();
      const providerName = writtenProvider(attributeOf(block, 'provider')?.value) ?? type.split('_')[0]!;
      const maybe = module.maybe || instance.maybe;
      this.#resources.push({
        address: instance.what.address,
        language: 'terraform',
        type,
        name: memberOf(body, 'name')?.value ?? unknown('it has no name of its own', block.head),
        presence: maybe ? 'maybe' : 'present',
        guard: bothGuards(module.guard, instance.guard),
        many: module.many || instance.many || undefined,
        existing: kind === 'data',
        body,
        head: block.head,
        calls: module.calls,
        scope: { subscription: module.subscription(providerName, block.head), resourceGroup: groupOf(body) },
        provider: this.#providers.get(providerName.split('.')[0]!),
        configuredBy: module.configuring(providerName)?.address,
        lifecycle,
        runsCommands,
        ...(orderedTypes.test(type) && {
          waitsFor: (address: string) => this.#order.waits(module.path, name, address),
        }),
      });
    }
  }

  #collectAction(module: ModuleInstance, name: string, block: Block): void {
    const triggers = module.triggersOf(name);
    for (const { what, maybe } of module.actionOf(name, block).instances)
      this.#actions.push({
        address: what.address,
        type: block.labels[0]!.text,
        presence: module.maybe || maybe ? 'maybe' : 'present',
        body: what.body(),
        head: block.head,
        calls: module.calls,
        triggers,
      });
  }

  #fileAccess(): FileAccess {
    const find = (path: string): { path: string } | { refused: string; missing?: boolean } =>
      this.reader.resolve(this.#root.folder, path) ?? { refused: 'there is no such file', missing: true };
    const sources = new Map<string, Source>();
    return {
      read: (path) => {
        const found = find(path);
        if ('refused' in found) return found;
        const text = this.reader.peek(found.path, limits.stringLength);
        if (text === undefined) return { refused: 'the file is too large, or no text' };
        // One file is one source, so that the same thing is told once.
        const source = sources.get(found.path) ?? this.reader.source(found.path, text);
        sources.set(found.path, source);
        return { text, source };
      },
      list: (folder) => {
        const found = find(folder);
        if ('refused' in found) return found;
        const paths: string[] = [];
        return this.#listFiles(found.path, '', paths) ? paths : { refused: 'the folder holds too many files' };
      },
    };
  }

  /** Adds the files below a folder; false where they are too many. */
  #listFiles(folder: string, prefix: string, paths: string[]): boolean {
    if (prefix.length > 4 * limits.nesting) return false;
    for (const { name, kind } of this.reader.list(folder)) {
      if (paths.length >= limits.rangeItems) return false;
      if (kind === 'file') paths.push(prefix + name);
      if (kind === 'directory' && !this.#listFiles(join(folder, name), `${prefix}${name}/`, paths)) return false;
    }
    return true;
  }
}

function groupOf(body: Obj): Value | undefined {
  return memberOf(body, 'resource_group_name')?.value;
}

/**
 * What a `removed` block takes out of the state and leaves in Azure. Only `destroy = true` destroys for certain: where
 * nothing is written, Terraform destroys and OpenTofu forgets.
 */
function forgottenBy(block: Block, module: string): OpaqueModule[] {
  if (destroysIn(block)) return [];
  const from = stepsOf(attributeOf(block, 'from')?.value) ?? [];
  const below = from.findIndex((step, i) => i % 2 === 0 && step !== 'module');
  // A whole module otherwise, or an address of a form that is not known: it may be anything.
  const type = below !== -1 && from.length === below + 2 ? from[below] : undefined;
  const address = [module, ...from].filter(Boolean).join('.');
  return forgotten(
    address || 'what a removed block names',
    type,
    'it is removed from the state and stays in Azure',
    block.head,
  );
}

/** Whether a `removed` block destroys what it names. */
function destroysIn(block: Block): boolean | undefined {
  const lifecycle = block.body.blocks.find(({ type }) => type === 'lifecycle');
  const destroy = lifecycle && attributeOf(lifecycle, 'destroy')?.value;
  return destroy?.kind === 'literal' && typeof destroy.value === 'boolean' ? destroy.value : undefined;
}

/** The whole address that an argument of a `moved` or `removed` block names, as it is written; those of JSON are texts. */
function addressIn(block: Block, name: string, module: string): string | undefined {
  const value = attributeOf(block, name)?.value;
  if (!value) return undefined;
  const { source, start, end } = value;
  const slice = source.text.slice(start, end);
  const written = literalOf(value) ?? (source.file.endsWith('.json') ? slice.replaceAll('\\"', '"') : slice);
  const address = written.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
  return module === '' ? address : `${module}.${address}`;
}

/** Only what decides how a change is carried out. */
function lifecycleOf(block: Block): Lifecycle | undefined {
  const lifecycle = block.body.blocks.find(({ type }) => type === 'lifecycle');
  if (!lifecycle) return undefined;
  const first = attributeOf(lifecycle, 'create_before_destroy')?.value;
  const ignored = attributeOf(lifecycle, 'ignore_changes')?.value;
  return {
    createsFirst: first?.kind === 'literal' && (first.value === true || first.value === 'true'),
    ignores:
      ignored?.kind === 'list'
        ? ignored.items.flatMap(({ value }) => literalOf(value)?.split(/[.[]/)[0] ?? stepsOf(value)?.[0] ?? [])
        : ignored
          ? 'all'
          : [],
    isTriggered: attributeOf(lifecycle, 'replace_triggered_by') !== undefined,
  };
}

/** The steps of a plain reference. */
function stepsOf(expression: Expression | undefined): string[] | undefined {
  if (expression?.kind === 'name') return [expression.name];
  if (expression?.kind !== 'access' || expression.key.kind !== 'literal') return undefined;
  const before = stepsOf(expression.of);
  return before && [...before, String(expression.key.value)];
}

/** Whether an expression names an action, or an instance of it. */
function namesAction(expression: Expression, name: string): boolean {
  if (expression.kind !== 'access') return false;
  const { of, key } = expression;
  if (of.kind === 'access' && of.of.kind === 'name' && of.of.name === 'action')
    return key.kind === 'literal' && of.key.kind === 'literal' && `${of.key.value}.${key.value}` === name;
  return namesAction(of, name);
}

/** A provider as "name" or "name.alias", where it is written; it is a reference, or in old code a text. */
function writtenProvider(expression: Expression | undefined): string | undefined {
  if (expression?.kind === 'name') return expression.name;
  if (expression?.kind === 'access' && expression.of.kind === 'name' && expression.key.kind === 'literal')
    return `${expression.of.name}.${expression.key.value}`;
  return literalOf(expression);
}

function passedProvider(call: Block | undefined, provider: string): string | undefined {
  const map = call && attributeOf(call, 'providers')?.value;
  if (map?.kind !== 'object') return provider.includes('.') ? undefined : provider;
  return writtenProvider(map.entries.find((entry) => writtenProvider(entry.key) === provider)?.value);
}

function bothGuards(a: string | undefined, b: string | undefined): string | undefined {
  return [a, b].filter(Boolean).join('&&') || undefined;
}

function negated(condition: string): string {
  return condition.startsWith('!') ? condition.slice(1) : `!${condition}`;
}

/** A module call that cannot be looked into: its outputs are known by name only. */
interface OpaqueInstance {
  readonly address: string;
  readonly because: string;
  opaque(): OpaqueModule;
}

class ModuleInstance {
  readonly module: TerraformModule;
  readonly address: string;
  /** The names of the calls that lead here, without keys. */
  readonly path: readonly string[];
  readonly calls: Resource['calls'];
  readonly maybe: boolean;
  readonly many: boolean;
  readonly guard: string | undefined;
  readonly env: Environment;
  readonly #evaluation: Evaluation;
  readonly #arguments: ReadonlyMap<string, () => Value> | undefined;
  readonly #parent: ModuleInstance | undefined;
  readonly #call: Block | undefined;
  readonly #values = new Map<string, Value | 'running'>();
  readonly #resources = new Map<string, Expansion<ResourceInstance> | 'running'>();
  readonly #children = new Map<string, Expansion<ModuleInstance | OpaqueInstance> | 'running'>();
  readonly #wholes = new Map<string, Value>();
  readonly #depth: number;

  constructor(
    evaluation: Evaluation,
    module: TerraformModule,
    address: string,
    parent:
      | { instance: ModuleInstance; call: Block; arguments: ReadonlyMap<string, () => Value>; existence: Existence }
      | undefined,
    calls: Resource['calls'],
  ) {
    this.#evaluation = evaluation;
    this.module = module;
    this.address = address;
    this.calls = calls;
    this.path = parent ? [...parent.instance.path, parent.call.labels[0]!.text] : [];
    this.#parent = parent?.instance;
    this.#depth = parent ? parent.instance.#depth + 1 : 0;
    this.#call = parent?.call;
    this.#arguments = parent?.arguments;
    this.maybe = (parent?.instance.maybe ?? false) || (parent?.existence.maybe ?? false);
    this.many = (parent?.instance.many ?? false) || (parent?.existence.many ?? false);
    this.guard = bothGuards(parent?.instance.guard, parent?.existence.guard);
    this.env = evaluation.environment({ get: (name, at) => this.#name(name, at) });
  }

  #providerNamed(provider: string): Block | undefined {
    const [name, alias] = provider.split('.');
    return this.module.providers.find(
      (block) => block.labels[0]?.text === name && literalOf(attributeOf(block, 'alias')?.value) === alias,
    );
  }

  /** The provider block that configures what uses the provider here; undefined where it is outside of the code. */
  configuring(provider: string): { readonly address: string } | undefined {
    if (this.#providerNamed(provider)) return { address: this.#qualified(`provider.${provider}`) };
    const passed = this.#passedProvider(provider);
    return passed === undefined ? undefined : this.#parent?.configuring(passed);
  }

  providerBlock(block: Block): ProviderBlock {
    const alias = literalOf(attributeOf(block, 'alias')?.value);
    const name = `${block.labels[0]!.text}${alias === undefined ? '' : `.${alias}`}`;
    let body: Obj | undefined;
    return {
      address: this.#qualified(`provider.${name}`),
      body: () => {
        body ??= this.#body(block.body, this.env, block.head, false);
        return body;
      },
      head: block.head,
      calls: this.calls,
    };
  }

  /** The subscription that the provider of a resource works in; equal where the same provider is meant. */
  subscription(provider: string, at: Origin): Value {
    const block = this.#providerNamed(provider);
    if (block) {
      const id = attributeOf(block, 'subscription_id');
      const value = id && force(evaluate(id.value, this.env));
      if (value && !isNull(value)) return value;
      return this.#unwrittenSubscription(provider, `no subscription is written for the provider ${provider}`, at);
    }
    const passed = this.#passedProvider(provider);
    if (this.#parent && passed !== undefined) return this.#parent.subscription(passed, at);
    const because = `the subscription of the provider ${provider} comes from outside the code`;
    return this.#unwrittenSubscription(provider, because, at);
  }

  /** Where neither writes one, azapi and azurerm take it from the same environment or the same login. */
  #unwrittenSubscription(provider: string, because: string, at: Origin): Value {
    if (provider === 'azapi' && !this.#parent) {
      const azurerm = this.subscription('azurerm', at);
      if (azurerm.kind === 'symbol' && azurerm.text === 'subscription(azurerm)') return azurerm;
    }
    return this.#symbol(`subscription(${provider})`, because, at);
  }

  /** The subscription that a called module works in by default. */
  #subscriptionIn(call: Block): Value {
    const passed = passedProvider(call, 'azurerm');
    return passed === undefined
      ? unknown('no provider is passed to the module', call.head)
      : this.subscription(passed, call.head);
  }

  /** What the call that made this module says in `providers`; without that, the default providers pass by themselves. */
  #passedProvider(provider: string): string | undefined {
    return passedProvider(this.#call, provider);
  }

  // Names

  #name(name: string, at: Span): Value | undefined {
    switch (name) {
      case 'var':
        return lazy(at, (key, place) => this.#once(`var.${key}`, place, () => this.#variable(key, place)));
      case 'local':
        return lazy(at, (key, place) => this.#once(`local.${key}`, place, () => this.#local(key, place)));
      case 'module':
        return lazy(at, (key, place) => this.#moduleHandle(key, place));
      case 'data':
        return lazy(at, (type) => lazy(at, (label, place) => this.#resourceHandle('data', `${type}.${label}`, place)));
      // `resource.azurerm_x.y` is `azurerm_x.y`.
      case 'resource':
        return lazy(at, (type) =>
          lazy(at, (label, place) => this.#resourceHandle('resource', `${type}.${label}`, place)),
        );
      case 'path':
        return lazy(at, (key, place) => this.#path(key, place));
      case 'terraform':
        // The same in every module.
        return lazy(at, (key, place) => symbol(`terraform.${key}`, 'it is only known when Terraform runs', place));
      case 'count':
      case 'each':
        return failure(`"${name}" is only defined where ${name === 'count' ? 'count' : 'for_each'} is set`, at);
      case 'self':
      case 'ephemeral':
        return unknown(`"${name}" is only known when Terraform runs`, at);
      default:
        return lazy(at, (label, place) => this.#resourceHandle('resource', `${name}.${label}`, place));
    }
  }

  #symbol(name: string, because: string, at: Origin): Value {
    return symbol(this.#qualified(name), because, at);
  }

  #qualified(name: string): string {
    return this.address === '' ? name : `${this.address}.${name}`;
  }

  /** Evaluates once; a name that needs itself is unknown and told. */
  #once(name: string, at: Span, compute: () => Value): Value {
    const known = this.#values.get(name);
    if (known === 'running') return this.#circle(name, at);
    if (known) return known;
    this.#values.set(name, 'running');
    const value = elsewhere(this.env, compute);
    this.#values.set(name, value);
    return value;
  }

  #circle(name: string, at: Span): Value {
    this.#evaluation.tell({
      code: 'terraform-cycle',
      severity: 'warning',
      message: `${this.#qualified(name)} depends on itself.`,
      help: 'Break the circle; Terraform refuses it.',
      at,
    });
    return unknown(`${name} depends on itself`, at);
  }

  /** A name that nothing declares is an error, but for files that were not read and may declare it. */
  #undeclared(because: string, at: Span): Value {
    const [unread] = this.module.unread;
    return unread ? unknown(`${because}; ${unread.what} is not read`, at) : failure(because, at);
  }

  #variable(name: string, at: Span): Value {
    const block = this.module.variables.get(name);
    if (!block) return this.#undeclared(`the variable "${name}" is not declared`, at);
    const type = attributeOf(block, 'type')?.value;
    const fallback = attributeOf(block, 'default');
    const withDefault = (): Value => {
      if (fallback) return withVia(evaluate(fallback.value, this.env), block.head, `the default of variable "${name}"`);
      return this.#parent
        ? unknown(`the call of the module gives no value for variable "${name}"`, block.head)
        : this.#symbol(`var.${name}`, `variable "${name}" has no default and no value was given`, block.head);
    };
    let value = this.#given(name, !type || isStringType(type));
    if (!value || (this.#says(block, 'nullable') === false && isNull(force(value)))) value = withDefault();
    if (type) value = convert(value, parseType(type), (expression) => evaluate(expression, this.env));
    return this.#says(block, 'sensitive') || this.#says(block, 'ephemeral') ? secret(value) : value;
  }

  /** The value that the call of the module gives, or for the root module a file or an option. */
  #given(name: string, isText: boolean): Value | undefined {
    if (this.#parent) return this.#arguments?.get(name)?.();
    const given = this.#evaluation.rootVariable(name);
    // What is given from outside sees no names.
    const env = this.#evaluation.environment({ get: () => undefined });
    return given && withVia(given.value(env, isText), given.at, given.what);
  }

  /** The truth of an argument of a block; undefined where it says nothing. */
  #says(block: Block, name: string): boolean | undefined {
    const attribute = attributeOf(block, name);
    return attribute && truthOf(force(evaluate(attribute.value, this.env)));
  }

  #local(name: string, at: Span): Value {
    const expression = this.module.locals.get(name);
    return expression ? evaluate(expression, this.env) : this.#undeclared(`the local "${name}" is not declared`, at);
  }

  #path(key: string, at: Span): Value {
    if (key === 'cwd') return unknown('the working directory is not part of the code', at);
    const folder = key === 'root' ? this.#evaluation.rootFolder : this.module.folder;
    return text(relative(this.#evaluation.rootFolder, folder).split(sep).join('/') || '.', at);
  }

  // Expansion

  /** `count` and `for_each` evaluated, once; what they need the thing itself for is not known. */
  #expanded<T>(
    memory: Map<string, Expansion<T> | 'running'>,
    address: string,
    block: Block,
    make: Make<T>,
    at: Span = block.head,
  ): Expansion<T> {
    const known = memory.get(address);
    if (known === 'running') {
      this.#circle(address, at);
      return { mode: 'single', instances: [], open: true, because: `${address} depends on itself` };
    }
    if (known) return known;
    memory.set(address, 'running');
    const count = attributeOf(block, 'count');
    const each = attributeOf(block, 'for_each');
    const expansion = elsewhere(this.env, () => {
      if (count) return this.#expandCount(count, address, make);
      return each ? this.#expandEach(each, address, make) : this.#single(block, address, make);
    });
    memory.set(address, expansion);
    return expansion;
  }

  #admit(wanted: number, address: string, at: Origin): number {
    const kind = address.startsWith('module.') ? 'modules' : 'resources';
    return this.#evaluation.admit(wanted, kind, this.#qualified(address), at);
  }

  #single<T>(block: Block, address: string, make: Make<T>): Expansion<T> {
    const admitted = this.#admit(1, address, block.head);
    const instances = admitted === 0 ? [] : [{ key: '', ...certain, what: make('', certain, this.env) }];
    return { mode: 'single', instances, open: admitted === 0, because: 'the configuration has too many instances' };
  }

  #expandCount<T>(count: Attribute, address: string, make: Make<T>): Expansion<T> {
    const value = force(evaluate(count.value, this.env));
    const instance = (key: string, index: Value, existence: Existence): Instance<T> => {
      const get = (name: string, at: Span): Value => (name === 'index' ? index : failure(`count has no "${name}"`, at));
      const env = within(this.env, new Map([['count', lazy(count.value, get)]]));
      return { key, ...existence, what: make(key, existence, env) };
    };
    const amounts = (value.kind === 'one-of' ? value.values : [value]).map((one) => amountOf(force(one)));
    const told = amounts.filter((amount) => amount !== undefined);
    const isOpen = told.length < amounts.length;
    const most = Math.max(...told, 0);
    const least = isOpen ? 0 : Math.min(...told);
    const because = reasonOf(value) ?? 'count is not known';
    const admitted = this.#admit(isOpen ? 1 : most, address, count.value);
    const guard = this.#countGuard(value, amounts, address);
    const instances: Instance<T>[] = [];
    if (!isOpen)
      for (let i = 0; i < admitted; i++)
        instances.push(
          instance(`[${i}]`, number(i, count.value), i < least ? certain : { maybe: true, many: false, guard }),
        );
    const open = isOpen || admitted < most;
    if (open) {
      const index = symbol(`count.index(${nameOf(value) ?? this.#qualified(address)})`, because, count.value);
      instances.push(instance('[*]', index, { maybe: true, many: true, guard }));
    }
    const choices =
      value.kind === 'one-of' && !open
        ? told.map((amount) => instances.slice(0, amount).map(({ key }) => key))
        : undefined;
    return { mode: 'count', instances, open, because, choices, choice: value.kind === 'one-of' ? value : undefined };
  }

  /** Names the condition under which those instances exist that are not certain. */
  #countGuard(value: Value, amounts: readonly (number | undefined)[], address: string): string {
    const [first, second] = amounts;
    if (value.kind === 'one-of' && value.condition && first !== undefined && second !== undefined)
      return first > second ? value.condition : negated(value.condition);
    const name = nameOf(value);
    return name === undefined ? `count(${this.#qualified(address)})` : `(${name}>0)`;
  }

  #expandEach<T>(each: Attribute, address: string, make: Make<T>): Expansion<T> {
    const value = force(evaluate(each.value, this.env));
    const instance = (key: string, { key: name, value: item }: Each, existence: Existence): Instance<T> => {
      const get = (part: string, at: Span): Value =>
        part === 'key' ? name : part === 'value' ? item : failure(`each has no "${part}"`, at);
      const env = within(this.env, new Map([['each', lazy(each.value, get)]]));
      return { key, ...existence, what: make(key, existence, env) };
    };
    const because = reasonOf(value) ?? 'for_each is not known';
    const base = nameOf(value) ?? this.#qualified(address);
    const choices = (value.kind === 'one-of' ? value.values : [value]).map((choice) =>
      eachOf(force(choice), each.value),
    );
    const names = new Set(choices.flatMap(({ entries }) => [...entries.keys()]));
    const admitted = this.#admit(names.size, address, each.value);
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
      const item =
        value.kind === 'one-of' && everywhere ? choiceOf(value, items, each.value) : oneOf(items, each.value);
      const key = text(name, found[0]!.key.at);
      instances.push(
        instance(`[${JSON.stringify(name)}]`, { key, value: item }, maybe ? { maybe, many: false, guard } : certain),
      );
    }
    const open = choices.some((choice) => choice.open) || admitted < names.size;
    if (open) {
      const rest: Each = this.#evaluation.rest.get(value) ?? {
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

  /** A resource or module as its instances are referred to: by index, by key, or alone. */
  #handle<T>(expansion: Expansion<T>, address: string, block: Block, at: Span, of: (what: T) => Value): Value {
    const { mode, instances, open, because } = expansion;
    if (mode === 'single') return instances[0] ? of(instances[0].what) : unknown(because, at);
    const unsettled = { address: this.#qualified(`${address}[*]`), path: '' };
    return {
      kind: 'lazy',
      at,
      force: () => {
        // Made once, so that what is known of it need not be found again.
        const whole = this.#wholes.get(address) ?? this.#whole(expansion, block, of);
        this.#wholes.set(address, whole);
        return whole;
      },
      get: (key, place) => {
        if (!isScalar(key)) {
          if (key.kind === 'unknown' && key.failed) return key;
          const name = nameOf(key);
          const why = reasonOf(key) ?? because;
          const abstract = instances.find(({ each }) => each && nameOf(each.key) === name);
          if (abstract && name !== undefined) return of(abstract.what);
          return name === undefined
            ? unknown(why, place)
            : symbol(`${this.#qualified(address)}[${name}]`, why, place, unsettled);
        }
        const name = key.kind === 'number' ? numberText(key) : String(key.value);
        const spelt = mode === 'count' ? `[${Number(name)}]` : `[${JSON.stringify(name)}]`;
        const found = instances.find((candidate) => candidate.key === spelt);
        if (found) return of(found.what);
        if (!open) return failure(`${address} has no instance ${spelt}`, place);
        return symbol(`${this.#qualified(address)}${spelt}`, because, place, unsettled);
      },
    };
  }

  /** All instances as the list or the object that they are. */
  #whole<T>(expansion: Expansion<T>, block: Block, of: (what: T) => Value): Value {
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
    if (rest?.each) this.#evaluation.rest.set(whole, { key: rest.each.key, value: of(rest.what) });
    return whole;
  }

  // Modules

  childrenOf(name: string, block: Block, at?: Span): Expansion<ModuleInstance | OpaqueInstance> {
    const make: Make<ModuleInstance | OpaqueInstance> = (key, existence, env) =>
      this.#child(name, block, key, existence, env);
    return this.#expanded(this.#children, `module.${name}`, block, make, at);
  }

  #child(
    name: string,
    block: Block,
    key: string,
    existence: Existence,
    env: Environment,
  ): ModuleInstance | OpaqueInstance {
    const address = this.#qualified(`module.${name}${key}`);
    const found = this.#evaluation.moduleOf(block, this);
    const because = typeof found === 'string' ? found : this.#refusal(found, name, block);
    const passed = block.body.attributes.filter((attribute) => !callArguments.has(attribute.name));
    if (typeof found === 'string' || because !== undefined) {
      const source = attributeOf(block, 'source')?.value;
      return {
        address,
        because: because!,
        opaque: () => {
          const members = new Map<string, Member>();
          for (const attribute of passed)
            members.set(attribute.name, { value: force(evaluate(attribute.value, env)), at: attribute.value });
          const given = object(members, block.head);
          const place = source ?? block.head;
          return {
            source: literalOf(source) ?? '',
            version: literalOf(attributeOf(block, 'version')?.value),
            at: place,
            address,
            because: because!,
            arguments: given,
            call: {
              presence: this.maybe || existence.maybe ? 'maybe' : 'present',
              guard: bothGuards(this.guard, existence.guard),
              many: this.many || existence.many || undefined,
              calls: this.calls,
              subscription: this.#subscriptionIn(block),
            },
          };
        },
      };
    }
    const values = new Map(
      passed.map((attribute) => [
        attribute.name,
        () => withVia(evaluate(attribute.value, env), attribute.value, `passed to module "${name}" here`),
      ]),
    );
    const calls = [{ at: block.head, what: `module "${name}" is called here` }, ...this.calls];
    const parent = { instance: this, call: block, arguments: values, existence };
    return new ModuleInstance(this.#evaluation, found, address, parent, calls);
  }

  /** Why a module that is on disk is not looked into all the same. */
  #refusal(found: TerraformModule, name: string, block: Block): string | undefined {
    const refuse = (because: string, code: string, message: string): string => {
      this.#evaluation.tell({ code, severity: 'error', message, at: block.head });
      return because;
    };
    if (this.#onStack(found))
      return refuse(
        'it calls itself',
        'module-cycle',
        `The module "${name}" calls itself, directly or through others.`,
      );
    if (this.#depth >= limits.moduleDepth)
      return refuse(
        'modules are nested too deeply',
        'module-too-deep',
        `Modules call each other more than ${limits.moduleDepth} deep here; the rest is not read.`,
      );
    if (!this.#evaluation.countCall())
      return refuse(
        'the configuration has too many module calls',
        'too-many-modules',
        `The configuration has more than ${limits.moduleCalls} module calls; the rest is not read.`,
      );
    return undefined;
  }

  #onStack(module: TerraformModule): boolean {
    for (let at: ModuleInstance | undefined = this; at; at = at.#parent) if (at.module === module) return true;
    return false;
  }

  #moduleHandle(name: string, at: Span): Value {
    const block = this.module.calls.get(name);
    if (!block) return this.#undeclared(`the module "${name}" is not called here`, at);
    return this.#handle(this.childrenOf(name, block, at), `module.${name}`, block, at, (child) => {
      if (child instanceof ModuleInstance)
        return lazy(
          at,
          (key, place) => child.output(key, place),
          () => child.outputs(),
        );
      const because = `${child.address} is not looked into: ${child.because}`;
      return lazy(
        at,
        (key, place) => symbol(`${child.address}.${key}`, because, place, { address: child.address, path: key }),
        () => unknown(because, at),
      );
    });
  }

  output(name: string, at: Span): Value {
    const block = this.module.outputs.get(name);
    const value = block && attributeOf(block, 'value');
    if (!value) return this.#undeclared(`${this.address} has no output "${name}"`, at);
    const result = this.#once(`output.${name}`, at, () => evaluate(value.value, this.env));
    return this.#says(block, 'sensitive') || this.#says(block, 'ephemeral') ? secret(result) : result;
  }

  outputs(): Value {
    const known = this.#wholes.get('');
    if (known) return known;
    const members = new Map<string, Member>();
    for (const [name, { head }] of this.module.outputs) members.set(name, { value: this.output(name, head), at: head });
    const open = this.module.unread.length > 0;
    const outputs: Value = { ...object(members, this.#call!.head), ...(open && { open }) };
    this.#wholes.set('', outputs);
    return outputs;
  }

  // Resources

  resourceOf(kind: 'resource' | 'data', name: string, block: Block, at?: Span): Expansion<ResourceInstance> {
    const id = kind === 'data' ? `data.${name}` : name;
    const make: Make<ResourceInstance> = (key, _existence, env) =>
      new ResourceInstance(
        this.#qualified(id + key),
        block.head,
        kind === 'data' ? `${id} is read when Terraform runs` : 'it is known only after apply',
        () => elsewhere(env, () => this.#body(block.body, env, block.head, true)),
      );
    return this.#expanded(this.#resources, id, block, make, at);
  }

  // Actions

  actionOf(name: string, block: Block): Expansion<ResourceInstance> {
    const id = `action.${name}`;
    const config = block.body.blocks.find(({ type }) => type === 'config');
    const make: Make<ResourceInstance> = (key, _existence, env) =>
      new ResourceInstance(this.#qualified(id + key), block.head, 'it is known only after apply', () =>
        elsewhere(env, () =>
          config ? this.#body(config.body, env, config.head, false) : object(new Map(), block.head),
        ),
      );
    return this.#expanded(this.#resources, id, block, make);
  }

  /** What triggers an action: only resources of the same module can. */
  triggersOf(name: string): ActionTrigger[] {
    const triggers: ActionTrigger[] = [];
    for (const [resource, block] of this.module.resources)
      for (const lifecycle of block.body.blocks.filter(({ type }) => type === 'lifecycle'))
        for (const trigger of lifecycle.body.blocks.filter(({ type }) => type === 'action_trigger')) {
          const actions = attributeOf(trigger, 'actions')?.value;
          if (actions?.kind !== 'list' || !actions.items.some(({ value }) => namesAction(value, name))) continue;
          const { instances, open } = this.resourceOf('resource', resource, block);
          const exists = instances.some(({ maybe }) => !maybe) || (instances.length === 0 && !open ? false : undefined);
          const condition = attributeOf(trigger, 'condition');
          const holds = condition ? this.#says(trigger, 'condition') : true;
          const runs =
            holds === false || exists === false ? false : holds === true && exists === true ? true : undefined;
          triggers.push({ at: trigger.head, resource: this.#qualified(resource), runs });
        }
    return triggers;
  }

  #resourceHandle(kind: 'resource' | 'data', name: string, at: Span): Value {
    const block = (kind === 'data' ? this.module.data : this.module.resources).get(name);
    const id = kind === 'data' ? `data.${name}` : name;
    if (!block) return this.#undeclared(`${id} is not declared in this module`, at);
    return this.#handle(this.resourceOf(kind, name, block, at), id, block, at, (instance) =>
      lazy(
        at,
        (key, place) => instance.attribute(key, place),
        () => instance.whole(),
      ),
    );
  }

  /** A block's attributes and nested blocks (each a list), dynamic blocks expanded. */
  #body(body: Body, env: Environment, at: Span, top: boolean): Obj {
    const members = new Map<string, Member>();
    // Blocks may multiply without any expression in them.
    env.budget.steps += blockSteps;
    let open = env.budget.steps > limits.steps;
    for (const attribute of body.attributes) {
      if (top && metaArguments.has(attribute.name)) continue;
      members.set(attribute.name, { value: force(evaluate(attribute.value, env)), at: attribute.value });
    }
    const blocks = new Map<string, { items: Value[]; open: boolean; at: Span }>();
    const add = (type: string, items: readonly Value[], more: boolean, place: Span): void => {
      const entry = blocks.get(type);
      if (!entry) blocks.set(type, { items: [...items], open: more, at: place });
      else {
        entry.items.push(...items);
        entry.open ||= more;
      }
    };
    for (const block of body.blocks) {
      if (top && metaArguments.has(block.type)) continue;
      if (block.type !== 'dynamic') {
        const inner = elsewhere(env, () => this.#body(block.body, env, block.head, false));
        add(block.type, [inner], false, block.head);
        continue;
      }
      const type = block.labels[0]?.text;
      const content = block.body.blocks.find((inner) => inner.type === 'content');
      const each = attributeOf(block, 'for_each');
      if (!type || !content || !each) {
        open = true;
        continue;
      }
      const expanded = this.#dynamic(block, type, content, each, env);
      add(type, expanded.items, expanded.open, block.head);
    }
    for (const [type, block] of blocks)
      members.set(type, {
        value: { ...list(block.items, block.at, 'list'), ...(block.open && { open: true }) },
        at: block.at,
      });
    return { ...object(members, at), ...(open && { open }) };
  }

  #dynamic(
    block: Block,
    type: string,
    content: Block,
    each: Attribute,
    env: Environment,
  ): { items: Value[]; open: boolean } {
    const iteratorName = attributeOf(block, 'iterator')?.value;
    const iterator = iteratorName?.kind === 'name' ? iteratorName.name : type;
    const value = force(evaluate(each.value, env));
    if (value.kind !== 'one-of') return this.#dynamicOver(value, iterator, content, each, env);
    // Which blocks there are depends on the choice, so none is certain, unless every choice leaves them all out.
    const choices = value.values.map((choice) => this.#dynamicOver(force(choice), iterator, content, each, env));
    return { items: [], open: choices.some(({ items, open }) => open || items.length > 0) };
  }

  #dynamicOver(
    value: Value,
    iterator: string,
    content: Block,
    each: Attribute,
    env: Environment,
  ): { items: Value[]; open: boolean } {
    const over = isNull(value) ? { entries: [], open: false } : entriesOf(value, each.value);
    if (!over || env.budget.steps > limits.steps) return { items: [], open: true };
    const items = over.entries.slice(0, limits.instances).map(([key, item]) => {
      const names = new Map([
        [
          iterator,
          lazy(each.value, (name, at) =>
            name === 'key' ? key : name === 'value' ? item : failure(`${iterator} has no "${name}"`, at),
          ),
        ],
      ]);
      return elsewhere(env, () => this.#body(content.body, within(env, names), content.head, false));
    });
    return { items, open: over.open || over.entries.length > limits.instances };
  }
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
function nameOf(value: Value): string | undefined {
  return isSecret(value) ? undefined : canonical(value);
}

/** How many instances a count makes; undefined where it is none, or not known. */
function amountOf(value: Value): number | undefined {
  const amount = numberOf(value);
  return amount !== undefined && Number.isInteger(amount) && amount >= 0 ? amount : undefined;
}

function isStringType(type: Expression): boolean {
  return parseType(type).kind === 'string';
}

/** A nested block of a resource as a reference sees it: what is not written is computed, not missing. */
function computed(value: Value, name: string, address: string, path: string, because: string): Value {
  const inner = (step: string, found: Value | undefined, at: Span): Value =>
    found && !isNull(found)
      ? computed(found, name + step, address, path + step, because)
      : symbol(name + step, because, at, { address, path: path + step });
  if (value.kind === 'list' && value.items.some((item) => item.kind === 'object'))
    return lazy(
      value.at as Span,
      (key, at) => inner(`[${key}]`, value.items[Number(key)], at),
      () => value,
    );
  if (value.kind === 'object' && name.endsWith(']'))
    return lazy(
      value.at as Span,
      (key, at) => inner(`.${key}`, memberOf(value, key)?.value, at),
      () => ({ ...value, open: true }),
    );
  return value;
}
