/**
 * A Terraform root module -> the resources that it declares.
 * Takes the root folder and the values of its variables; follows local modules, expands count and for_each, and gives every
 * resource instance with its evaluated body. What Terraform itself would only learn at apply stays a name or unknown.
 */
import { join, relative, sep } from 'node:path';
import type { Expression } from '../../parse/expression.ts';
import type { Attribute, Block, Body } from '../../parse/hcl-tree.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import type { Origin, Span } from '../../source/source.ts';
import { type Environment, entriesOf, evaluate, type Language, lazy, truthOf, within } from '../evaluate.ts';
import type { Configuration, OpaqueModule, Resource } from '../resource.ts';
import {
  canonical,
  failure,
  force,
  isNull,
  isScalar,
  list,
  type Member,
  memberOf,
  number,
  numberText,
  type Obj,
  object,
  reasonOf,
  secret,
  symbol,
  text,
  unknown,
  type Value,
  withVia,
} from '../value.ts';
import { type FileAccess, terraformLanguage } from './language.ts';
import { attributeOf, isLocalSource, literalOf, loadModule, placeOf, type TerraformModule } from './module.ts';
import { ProviderVersions } from './provider.ts';
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
    if (source !== undefined && isLocalSource(source)) folders.push(join(module.folder, source));
  }
  return folders;
}

export function evaluateTerraform(module: TerraformModule, options: TerraformOptions): Configuration {
  return new Evaluation(module, options).run();
}

const metaArguments = new Set([
  'count',
  'for_each',
  'provider',
  'depends_on',
  'lifecycle',
  'provisioner',
  'connection',
]);

/** One instance of a resource or module: its key in the expansion, and under which condition it exists. */
interface Instance<T> extends Existence {
  /** Part of the address: "", "[0]", `["a"]`, "[*]" for an unknown number. */
  readonly key: string;
  readonly what: T;
}

interface Existence {
  readonly maybe: boolean;
  /** Stands for an unknown number. */
  readonly many: boolean;
  readonly guard?: string | undefined;
}

type Make<T> = (key: string, existence: Existence, env: Environment) => T;
type Place<T> = (key: string, names: ReadonlyMap<string, Value>, existence?: Partial<Existence>) => Instance<T>;

interface Expansion<T> {
  readonly mode: 'single' | 'count' | 'each';
  readonly instances: readonly Instance<T>[];
  /** More instances may exist. */
  readonly open: boolean;
  readonly because: string;
}

interface ResourceInstance {
  readonly address: string;
  body(): Obj;
}

class Evaluation {
  readonly #options: TerraformOptions;
  readonly #root: TerraformModule;
  readonly #language: Language;
  readonly #budget = { steps: 0 };
  readonly #providers = new ProviderVersions();
  readonly #seen = new Set<TerraformModule>();
  readonly resources: Resource[] = [];
  readonly opaque: OpaqueModule[] = [];
  readonly modules: { source: string; resolved: boolean; at: Origin }[] = [];
  #calls = 0;
  #instances = 0;
  #told = new Set<string>();

  constructor(root: TerraformModule, options: TerraformOptions) {
    this.#root = root;
    this.#options = options;
    this.#language = terraformLanguage(this.#fileAccess());
  }

  run(): Configuration {
    this.#providers.lock(this.#root.folder, this.#options.reader);
    const root = new ModuleInstance(this, this.#root, '', undefined, []);
    this.#collect(root, 0);
    return {
      name: this.#options.reader.display(this.#root.folder),
      language: 'terraform',
      resources: this.resources,
      opaque: this.opaque,
      modules: this.modules,
      at: placeOf(this.#root),
    };
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

  tell(diagnostic: Diagnostic): void {
    const key = `${diagnostic.code}\0${diagnostic.message}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.reader.log.push(diagnostic);
  }

  /** The child module of a call, or why it cannot be looked into. */
  moduleOf(call: Block, folder: string): TerraformModule | string {
    const source = attributeOf(call, 'source')?.value;
    const name = literalOf(source);
    if (name === undefined) return 'its source is not a plain text';
    if (!isLocalSource(name)) return 'it is not on disk; `terraform init` would fetch it';
    const found = this.reader.resolve(folder, name);
    if (found && 'refused' in found) return found.refused;
    if (!found) {
      this.tell({
        code: 'module-missing',
        severity: 'error',
        message: `The folder of the local module "${name}" does not exist.`,
        help: 'Check the path; it is relative to the file that calls the module.',
        at: source!,
      });
      return 'its folder does not exist';
    }
    return this.#options.modules.get(found.path) ?? 'its folder holds no Terraform file';
  }

  countCall(): boolean {
    return ++this.#calls <= limits.moduleCalls;
  }

  #collect(module: ModuleInstance, depth: number): void {
    if (!this.#seen.has(module.module)) {
      this.#seen.add(module.module);
      this.#providers.add(module.module);
    }
    for (const [name, block] of module.module.calls)
      for (const { what: child } of module.childrenOf(name, block).instances) {
        if (child instanceof ModuleInstance && depth < limits.moduleDepth) this.#collect(child, depth + 1);
      }
    for (const [kind, blocks] of [
      ['resource', module.module.resources],
      ['data', module.module.data],
    ] as const)
      for (const [name, block] of blocks) this.#collectResource(module, kind, name, block);
  }

  #collectResource(module: ModuleInstance, kind: 'resource' | 'data', name: string, block: Block): void {
    const type = block.labels[0]!.text;
    // Data sources matter only as things that exist elsewhere and may be linked to.
    if (kind === 'data' && !type.startsWith('azurerm_') && !type.startsWith('azapi_')) return;
    for (const instance of module.resourceOf(kind, name, block).instances) {
      if (++this.#instances > limits.instancesPerConfiguration) {
        this.tell({
          code: 'too-many-resources',
          severity: 'error',
          message: `The configuration has more than ${limits.instancesPerConfiguration} resource instances; the rest is not read.`,
          at: block.head,
        });
        return;
      }
      const body = instance.what.body();
      const providerName = providerOf(block) ?? type.split('_')[0]!;
      const maybe = module.maybe || instance.maybe;
      this.resources.push({
        address: instance.what.address,
        language: 'terraform',
        type,
        name: memberOf(body, 'name')?.value ?? unknown('it has no name of its own', block.head),
        presence: maybe ? 'maybe' : 'present',
        guard: [module.guard, instance.guard].filter(Boolean).join('&&') || undefined,
        many: module.many || instance.many || undefined,
        existing: kind === 'data',
        body,
        head: block.head,
        calls: module.calls,
        scope: { subscription: module.subscription(providerName, block.head), resourceGroup: groupOf(body) },
        provider: this.#providers.get(providerName.split('.')[0]!),
      });
    }
  }

  #fileAccess(): FileAccess {
    return {
      read: (path) => {
        const found = this.reader.resolve(this.#root.folder, path);
        if (!found) return { refused: 'there is no such file', missing: true };
        if ('refused' in found) return found;
        if (this.reader.files.info(found.path)?.kind !== 'file') return { refused: 'it is no regular file' };
        const source = this.reader.read(found.path);
        return source ? { text: source.text } : { refused: 'the file could not be read' };
      },
    };
  }
}

function groupOf(body: Obj): Value | undefined {
  return memberOf(body, 'resource_group_name')?.value;
}

/** The provider of a resource block as "name" or "name.alias", where it is written. */
function providerOf(block: Block): string | undefined {
  const value = attributeOf(block, 'provider')?.value;
  if (value?.kind === 'name') return value.name;
  if (value?.kind === 'access' && value.of.kind === 'name' && value.key.kind === 'literal')
    return `${value.of.name}.${value.key.value}`;
  const old = literalOf(value);
  return old === undefined ? undefined : old;
}

/** A module call that cannot be looked into: its outputs are known by name only. */
interface OpaqueInstance {
  readonly address: string;
  readonly because: string;
}

class ModuleInstance {
  readonly module: TerraformModule;
  readonly address: string;
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
  readonly #resources = new Map<string, Expansion<ResourceInstance>>();
  readonly #children = new Map<string, Expansion<ModuleInstance | OpaqueInstance>>();

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
    this.#parent = parent?.instance;
    this.#call = parent?.call;
    this.#arguments = parent?.arguments;
    this.maybe = (parent?.instance.maybe ?? false) || (parent?.existence.maybe ?? false);
    this.many = (parent?.instance.many ?? false) || (parent?.existence.many ?? false);
    this.guard = [parent?.instance.guard, parent?.existence.guard].filter(Boolean).join('&&') || undefined;
    this.env = evaluation.environment({ get: (name, at) => this.#name(name, at) });
  }

  /** The subscription that the provider of a resource works in. */
  subscription(provider: string, at: Origin): Value {
    const [name, alias] = provider.split('.');
    for (const block of this.module.providers) {
      if (block.labels[0]?.text !== name || literalOf(attributeOf(block, 'alias')?.value) !== alias) continue;
      const id = attributeOf(block, 'subscription_id');
      if (id) {
        const value = force(evaluate(id.value, this.env));
        if (!isNull(value)) return value;
      }
      break;
    }
    const passed = this.#passedProvider(provider);
    if (this.#parent) return this.#parent.subscription(passed ?? name!, at);
    return symbol(
      `subscription(${provider})`,
      `the subscription of provider ${provider} comes from outside the code`,
      at,
    );
  }

  /** `providers = { azurerm = azurerm.backup }` of the call that made this module. */
  #passedProvider(provider: string): string | undefined {
    const map = this.#call && attributeOf(this.#call, 'providers')?.value;
    if (map?.kind !== 'object') return undefined;
    const written = (expression: Expression | undefined): string | undefined => {
      if (expression?.kind === 'name') return expression.name;
      if (expression?.kind === 'literal') return String(expression.value);
      if (expression?.kind === 'access' && expression.of.kind === 'name' && expression.key.kind === 'literal')
        return `${expression.of.name}.${expression.key.value}`;
      return undefined;
    };
    const entry = map.entries.find((candidate) => written(candidate.key) === provider);
    return written(entry?.value);
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
      case 'path':
        return lazy(at, (key, place) => this.#path(key, place));
      case 'terraform':
        return lazy(at, (key, place) =>
          this.#symbol(`terraform.${key}`, 'it is only known when Terraform runs', place),
        );
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
    if (known === 'running') {
      this.#evaluation.tell({
        code: 'terraform-cycle',
        severity: 'warning',
        message: `${this.#qualified(name)} depends on itself.`,
        help: 'Break the circle; Terraform refuses it.',
        at,
      });
      return unknown(`${name} depends on itself`, at);
    }
    if (known) return known;
    this.#values.set(name, 'running');
    const value = compute();
    this.#values.set(name, value);
    return value;
  }

  #variable(name: string, at: Span): Value {
    const block = this.module.variables.get(name);
    if (!block) return failure(`the variable "${name}" is not declared`, at);
    const type = attributeOf(block, 'type');
    const fallback = attributeOf(block, 'default');
    const hidden = truthOf(force(this.#attribute(block, 'sensitive'))) === true;
    const withDefault = (): Value =>
      fallback
        ? withVia(evaluate(fallback.value, this.env), block.head, `the default of variable "${name}"`)
        : this.#parent
          ? unknown(`the call of the module gives no value for variable "${name}"`, block.head)
          : this.#symbol(`var.${name}`, `variable "${name}" has no default and no value was given`, block.head);
    const isText = !type || (type.value.kind === 'name' && type.value.name === 'string');
    let value: Value;
    const argument = this.#arguments?.get(name);
    const given = this.#parent ? undefined : this.#evaluation.rootVariable(name);
    if (argument) value = argument();
    else if (given)
      value = withVia(
        given.value(this.#evaluation.environment({ get: () => undefined }), isText),
        given.at,
        given.what,
      );
    else value = withDefault();
    if (isNull(force(value)) && (argument || given) && truthOf(force(this.#attribute(block, 'nullable'))) === false)
      value = withDefault();
    if (type) value = convert(force(value), parseType(type.value), (expression) => evaluate(expression, this.env));
    return hidden ? secret(value) : value;
  }

  #attribute(block: Block, name: string): Value {
    const attribute = attributeOf(block, name);
    return attribute ? evaluate(attribute.value, this.env) : unknown('it is not written', block.head);
  }

  #local(name: string, at: Span): Value {
    const expression = this.module.locals.get(name);
    return expression ? evaluate(expression, this.env) : failure(`the local "${name}" is not declared`, at);
  }

  #path(key: string, at: Span): Value {
    if (key === 'cwd') return unknown('the working directory is not part of the code', at);
    const folder = key === 'root' ? this.#evaluation.rootFolder : this.module.folder;
    const from = relative(this.#evaluation.rootFolder, folder).split(sep).join('/');
    return text(from === '' ? '.' : from.startsWith('.') ? from : `./${from}`, at);
  }

  // Expansion

  #expand<T>(block: Block, address: string, make: Make<T>): Expansion<T> {
    const count = attributeOf(block, 'count');
    const each = attributeOf(block, 'for_each');
    const instance: Place<T> = (key, names, given = {}) => {
      const existence = { maybe: given.maybe ?? false, many: given.many ?? false, guard: given.guard };
      return { key, ...existence, what: make(key, existence, names.size === 0 ? this.env : within(this.env, names)) };
    };
    if (count) return this.#expandCount(count, address, instance);
    if (each) return this.#expandEach(each, address, instance);
    return { mode: 'single', instances: [instance('', new Map())], open: false, because: '' };
  }

  #expandCount<T>(count: Attribute, address: string, instance: Place<T>): Expansion<T> {
    const value = force(evaluate(count.value, this.env));
    const namesFor = (index: Value): ReadonlyMap<string, Value> =>
      new Map([
        ['count', lazy(count.value, (key, at) => (key === 'index' ? index : failure(`count has no "${key}"`, at)))],
      ]);
    const amounts = (value.kind === 'one-of' ? value.values : [value]).map(amountOf);
    const most = Math.max(...amounts.map((amount) => amount ?? Number.NaN));
    const because = reasonOf(value) ?? 'count is not known';
    if (Number.isNaN(most)) {
      const index = symbol(`count.index(${this.#qualified(address)})`, because, count.value);
      const guard = canonical(value);
      return {
        mode: 'count',
        instances: [instance('[*]', namesFor(index), { maybe: true, many: true, guard })],
        open: true,
        because,
      };
    }
    if (most > limits.instances) {
      this.#evaluation.tell({
        code: 'too-many-instances',
        severity: 'error',
        message: `${this.#qualified(address)} would have ${most} instances; at most ${limits.instances} are read.`,
        at: count.value,
      });
    }
    const least = Math.min(...amounts.map((amount) => amount!));
    const guard = least < most ? `count(${this.#qualified(address)})` : undefined;
    const instances = Array.from({ length: Math.min(most, limits.instances) }, (_, i) =>
      instance(`[${i}]`, namesFor(number(i, count.value)), i < least ? {} : { maybe: true, guard }),
    );
    return { mode: 'count', instances, open: false, because };
  }

  #expandEach<T>(each: Attribute, address: string, instance: Place<T>): Expansion<T> {
    const value = force(evaluate(each.value, this.env));
    const namesFor = (key: Value, item: Value): ReadonlyMap<string, Value> =>
      new Map([
        [
          'each',
          lazy(each.value, (name, at) =>
            name === 'key' ? key : name === 'value' ? item : failure(`each has no "${name}"`, at),
          ),
        ],
      ]);
    const because = reasonOf(value) ?? 'for_each is not known';
    const guard = `for_each(${this.#qualified(address)})`;
    const choices = (value.kind === 'one-of' ? value.values : [value]).map(force);
    const found = new Map<string, { instance: () => Instance<T>; times: number; maybe: boolean }>();
    let open = false;
    for (const choice of choices) {
      const over = choice.kind === 'null' ? { entries: [], open: false } : entriesOf(choice, each.value);
      if (!over) {
        open = true;
        continue;
      }
      open ||= (choice.kind === 'list' || choice.kind === 'object') && (choice.open ?? false);
      for (const [position, item] of over.entries) {
        // The key of a set is its element.
        const key = choice.kind === 'list' ? force(item) : position;
        if (!isScalar(key)) {
          open = true;
          continue;
        }
        const name = key.kind === 'number' ? numberText(key) : String(key.value);
        const maybe = choice.kind === 'object' && (choice.members.get(name)?.maybe ?? false);
        const before = found.get(name);
        if (before) before.times++;
        else
          found.set(name, {
            times: 1,
            maybe,
            instance: () =>
              instance(
                `[${JSON.stringify(name)}]`,
                namesFor(text(name, key.at), item),
                maybe || choices.length > 1 ? { maybe: true, guard } : {},
              ),
          });
      }
    }
    if (found.size > limits.instances) {
      this.#evaluation.tell({
        code: 'too-many-instances',
        severity: 'error',
        message: `${this.#qualified(address)} would have ${found.size} instances; at most ${limits.instances} are read.`,
        at: each.value,
      });
    }
    const instances = [...found.values()].slice(0, limits.instances).map(({ instance: make }) => make());
    if (open) {
      const key = symbol(`each.key(${this.#qualified(address)})`, because, each.value);
      const item = unknown(because, each.value);
      instances.push(instance('[*]', namesFor(key, item), { maybe: true, many: true, guard }));
    }
    return { mode: 'each', instances, open, because };
  }

  /** A resource or module as its instances are referred to: by index, by key, or alone. */
  #handle<T>(expansion: Expansion<T>, address: string, at: Span, of: (what: T) => Value): Value {
    const { mode, instances, open, because } = expansion;
    if (mode === 'single') return of(instances[0]!.what);
    const abstract = instances.find((candidate) => candidate.key === '[*]');
    const whole = (): Value => {
      const known = instances.filter((candidate) => candidate !== abstract);
      if (mode === 'count') {
        const uncertain = known.some((candidate) => candidate.maybe);
        return {
          ...list(
            known.filter((candidate) => !candidate.maybe).map((candidate) => of(candidate.what)),
            at,
          ),
          ...((open || uncertain) && { open: true }),
        };
      }
      const members = new Map<string, Member>();
      for (const candidate of known)
        members.set(JSON.parse(candidate.key.slice(1, -1)), {
          value: of(candidate.what),
          at,
          maybe: candidate.maybe || undefined,
        });
      return { ...object(members, at), ...(open && { open: true }) };
    };
    return {
      kind: 'lazy',
      at,
      force: whole,
      get: (key, place) => {
        if (!isScalar(key)) {
          const name = canonical(key);
          return name === undefined
            ? unknown(reasonOf(key) ?? because, place)
            : symbol(`${this.#qualified(address)}[${name}]`, reasonOf(key) ?? because, place, {
                address: this.#qualified(`${address}[*]`),
                path: '',
              });
        }
        const name = key.kind === 'number' ? numberText(key) : String(key.value);
        const spelt = mode === 'count' ? `[${Number(name)}]` : `[${JSON.stringify(name)}]`;
        const found = instances.find((candidate) => candidate.key === spelt);
        if (found) return of(found.what);
        if (!open) return failure(`${address} has no instance ${spelt}`, place);
        return symbol(`${this.#qualified(address)}${spelt}`, because, place, {
          address: this.#qualified(`${address}[*]`),
          path: '',
        });
      },
    };
  }

  // Modules

  childrenOf(name: string, block: Block): Expansion<ModuleInstance | OpaqueInstance> {
    let children = this.#children.get(name);
    if (!children) {
      const found = this.#evaluation.moduleOf(block, this.module.folder);
      const source = attributeOf(block, 'source');
      this.#evaluation.modules.push({
        source: literalOf(source?.value) ?? '',
        resolved: typeof found !== 'string',
        at: source?.value ?? block.head,
      });
      children = this.#expand(block, `module.${name}`, (key, existence, env) =>
        this.#child(name, block, found, key, existence, env),
      );
      this.#children.set(name, children);
    }
    return children;
  }

  #child(
    name: string,
    block: Block,
    found: TerraformModule | string,
    key: string,
    existence: Existence,
    env: Environment,
  ): ModuleInstance | OpaqueInstance {
    const address = this.#qualified(`module.${name}${key}`);
    let because = typeof found === 'string' ? found : undefined;
    if (!because && this.#onStack(found as TerraformModule)) {
      because = 'it calls itself';
      this.#evaluation.tell({
        code: 'module-cycle',
        severity: 'error',
        message: `The module "${name}" calls itself, directly or through others.`,
        at: block.head,
      });
    }
    if (!because && !this.#evaluation.countCall()) {
      because = 'the configuration has too many module calls';
      this.#evaluation.tell({
        code: 'too-many-modules',
        severity: 'error',
        message: `The configuration has more than ${limits.moduleCalls} module calls; the rest is not read.`,
        at: block.head,
      });
    }
    const passed = block.body.attributes.filter(
      (attribute) => !['source', 'version', 'count', 'for_each', 'providers', 'depends_on'].includes(attribute.name),
    );
    if (because) {
      const members = new Map<string, Member>();
      for (const attribute of passed)
        members.set(attribute.name, { value: evaluate(attribute.value, env), at: attribute.value });
      this.#evaluation.opaque.push({
        source: literalOf(attributeOf(block, 'source')?.value) ?? '',
        at: attributeOf(block, 'source')?.value ?? block.head,
        address,
        because,
        arguments: object(members, block.head),
      });
      return { address, because };
    }
    const values = new Map(
      passed.map((attribute) => [
        attribute.name,
        () => withVia(force(evaluate(attribute.value, env)), attribute.value, `passed to module "${name}" here`),
      ]),
    );
    const calls = [{ at: block.head, what: `module "${name}" is called here` }, ...this.calls];
    return new ModuleInstance(
      this.#evaluation,
      found as TerraformModule,
      address,
      { instance: this, call: block, arguments: values, existence },
      calls,
    );
  }

  #onStack(module: TerraformModule): boolean {
    for (let at: ModuleInstance | undefined = this; at; at = at.#parent) if (at.module === module) return true;
    return false;
  }

  #moduleHandle(name: string, at: Span): Value {
    const block = this.module.calls.get(name);
    if (!block) return failure(`the module "${name}" is not called here`, at);
    const children = this.childrenOf(name, block);
    return this.#handle(children, `module.${name}`, at, (child) =>
      child instanceof ModuleInstance
        ? lazy(
            at,
            (key, place) => child.output(key, place),
            () => child.outputs(at),
          )
        : lazy(at, (key, place) =>
            symbol(`${child.address}.${key}`, `${child.address} is not looked into: ${child.because}`, place, {
              address: child.address,
              path: key,
            }),
          ),
    );
  }

  output(name: string, at: Span): Value {
    const block = this.module.outputs.get(name);
    const value = block && attributeOf(block, 'value');
    if (!value) return failure(`${this.address} has no output "${name}"`, at);
    const result = this.#once(`output.${name}`, at, () => evaluate(value.value, this.env));
    return truthOf(force(this.#attribute(block, 'sensitive'))) === true ? secret(force(result)) : result;
  }

  outputs(at: Span): Value {
    const members = new Map<string, Member>();
    for (const name of this.module.outputs.keys()) members.set(name, { value: this.output(name, at), at });
    return object(members, at);
  }

  // Resources

  resourceOf(kind: 'resource' | 'data', name: string, block: Block): Expansion<ResourceInstance> {
    const id = kind === 'data' ? `data.${name}` : name;
    let resource = this.#resources.get(id);
    if (!resource) {
      // A count that needs the resource itself must not run for ever.
      this.#resources.set(id, { mode: 'single', instances: [], open: true, because: `${id} depends on itself` });
      resource = this.#expand(block, id, (key, _existence, env) => {
        const address = this.#qualified(id + key);
        let body: Obj | undefined;
        let running = false;
        return {
          address,
          body: () => {
            if (body) return body;
            if (running) return { ...object(new Map(), block.head), open: true };
            running = true;
            body = this.#body(block.body, env, block.head, true);
            running = false;
            return body;
          },
        };
      });
      this.#resources.set(id, resource);
    }
    return resource;
  }

  #resourceHandle(kind: 'resource' | 'data', name: string, at: Span): Value {
    const block = (kind === 'data' ? this.module.data : this.module.resources).get(name);
    const id = kind === 'data' ? `data.${name}` : name;
    if (!block) return failure(`${id} is not declared in this module`, at);
    const expansion = this.resourceOf(kind, name, block);
    if (expansion.instances.length === 0 && expansion.mode === 'single') return unknown(expansion.because, at);
    const because = kind === 'data' ? `${id} is read when Terraform runs` : 'it is known only after apply';
    return this.#handle(expansion, id, at, (instance) => {
      const attribute = (key: string, place: Span): Value => {
        const found = memberOf(instance.body(), key);
        if (found && !isNull(found.value))
          return computed(found.value, `${instance.address}.${key}`, instance.address, key, because);
        const name = symbol(`${instance.address}.${key}`, because, place, { address: instance.address, path: key });
        return { ...name, present: key === 'id' || undefined };
      };
      return lazy(at, attribute, () => {
        const members = new Map(instance.body().members);
        members.set('id', { value: attribute('id', at), at });
        return { ...object(members, at), open: true };
      });
    });
  }

  /** A block's attributes and nested blocks (each a list), dynamic blocks expanded. */
  #body(body: Body, env: Environment, at: Span, top: boolean): Obj {
    const members = new Map<string, Member>();
    let open = false;
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
        add(block.type, [this.#body(block.body, env, block.head, false)], false, block.head);
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
    if (value.kind === 'one-of') {
      // Only what every choice has is certain; the rest makes the list open.
      const results = value.values.map((choice) => this.#dynamicOver(choice, iterator, content, each, env));
      const least = results.reduce((a, b) => (b.items.length < a.items.length ? b : a));
      const same = results.every((result) => result.items.length === least.items.length && !result.open);
      return same && least.items.length === 0 ? { items: [], open: false } : { items: [], open: true };
    }
    return this.#dynamicOver(value, iterator, content, each, env);
  }

  #dynamicOver(
    value: Value,
    iterator: string,
    content: Block,
    each: Attribute,
    env: Environment,
  ): { items: Value[]; open: boolean } {
    const over = isNull(value) ? { entries: [], open: false } : entriesOf(force(value), each.value);
    if (!over) return { items: [], open: true };
    const items = over.entries.slice(0, limits.instances).map(([key, item]) => {
      const names = new Map([
        [
          iterator,
          lazy(each.value, (name, at) =>
            name === 'key' ? key : name === 'value' ? item : failure(`${iterator} has no "${name}"`, at),
          ),
        ],
      ]);
      return this.#body(content.body, within(env, names), content.head, false);
    });
    return { items, open: over.open };
  }
}

function amountOf(value: Value): number | undefined {
  if (value.kind === 'number') return value.value;
  if (value.kind === 'string' && /^\d+$/.test(value.value)) return Number(value.value);
  return undefined;
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
