/**
 * One instance of a module: its variables, locals, outputs, resources and the modules that it calls, each evaluated once, when
 * something asks for it. What the instances of a configuration share comes with `Evaluation`.
 */
import { relative, sep } from 'node:path';
import type { Expression } from '../../parse/expression.ts';
import type { Block } from '../../parse/hcl-tree.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Origin, Span } from '../../source/source.ts';
import { type Environment, elsewhere, evaluate, lazy, truthOf } from '../evaluate.ts';
import type { ActionTrigger, OpaqueModule, ProviderBlock, Resource } from '../resource.ts';
import {
  failure,
  force,
  isNull,
  isScalar,
  type Member,
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
import { bodyOf } from './body.ts';
import {
  bothGuards,
  type Each,
  type Existence,
  type Expansion,
  expand,
  type Make,
  nameOf,
  wholeOf,
} from './expansion.ts';
import { attributeOf, literalOf, type TerraformModule } from './module.ts';
import { namesAction, passedProvider } from './references.ts';
import { ResourceInstance } from './resource-instance.ts';
import { convert, parseType } from './types.ts';

export interface RootVariable {
  /** With `isText` (a variable of type string or without a type) an option's value is taken literally. */
  readonly value: (env: Environment, isText: boolean) => Value;
  readonly at: Origin;
  readonly what: string;
}

/** The evaluation of a configuration, as the instances of its modules see it. */
export interface Evaluation {
  readonly rootFolder: string;
  /** A whole resource with an unknown number of instances, and the instance that stands for them. */
  readonly rest: WeakMap<Value, Each>;
  environment(scope: Environment['scope']): Environment;
  rootVariable(name: string): RootVariable | undefined;
  /** Tells something once, however many instances and configurations meet it. */
  tell(diagnostic: Diagnostic): void;
  /** The child module of a call in a module, or why it cannot be looked into. */
  moduleOf(call: Block, caller: ModuleInstance): TerraformModule | string;
  /** False where there are too many calls. */
  countCall(): boolean;
  /** How many of the wanted instances may be made of what has that address; it is told where they are too many. */
  admit(wanted: number, kind: 'modules' | 'resources', what: string, at: Origin): number;
}

const callArguments = new Set(['source', 'version', 'count', 'for_each', 'providers', 'depends_on']);

/** A module call that cannot be looked into: its outputs are known by name only. */
interface OpaqueInstance {
  readonly address: string;
  readonly because: string;
  opaque(): OpaqueModule;
}

export class ModuleInstance {
  readonly module: TerraformModule;
  readonly address: string;
  /** The names of the calls that lead here, without keys. */
  readonly path: readonly string[];
  readonly calls: Resource['calls'];
  readonly maybe: boolean;
  readonly many: boolean;
  readonly guard: string | undefined;
  readonly env: Environment;
  readonly rest: Evaluation['rest'];
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
    this.rest = evaluation.rest;
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
    if (this.#providerNamed(provider)) return { address: this.qualified(`provider.${provider}`) };
    const passed = this.#passedProvider(provider);
    return passed === undefined ? undefined : this.#parent?.configuring(passed);
  }

  providerBlock(block: Block): ProviderBlock {
    const alias = literalOf(attributeOf(block, 'alias')?.value);
    const name = `${block.labels[0]!.text}${alias === undefined ? '' : `.${alias}`}`;
    let body: Obj | undefined;
    return {
      address: this.qualified(`provider.${name}`),
      body: () => {
        body ??= bodyOf(block.body, this.env, block.head, false);
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
    return symbol(this.qualified(name), because, at);
  }

  qualified(name: string): string {
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
      message: `${this.qualified(name)} depends on itself.`,
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
    const expansion = elsewhere(this.env, () => expand(block, address, this, make));
    memory.set(address, expansion);
    return expansion;
  }

  admit(wanted: number, address: string, at: Origin): number {
    const kind = address.startsWith('module.') ? 'modules' : 'resources';
    return this.#evaluation.admit(wanted, kind, this.qualified(address), at);
  }

  /** A resource or module as its instances are referred to: by index, by key, or alone. */
  #handle<T>(expansion: Expansion<T>, address: string, block: Block, at: Span, of: (what: T) => Value): Value {
    const { mode, instances, open, because } = expansion;
    if (mode === 'single') return instances[0] ? of(instances[0].what) : unknown(because, at);
    const unsettled = { address: this.qualified(`${address}[*]`), path: '' };
    return {
      kind: 'lazy',
      at,
      force: () => {
        // Made once, so that what is known of it need not be found again.
        const whole = this.#wholes.get(address) ?? wholeOf(expansion, block, this.rest, of);
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
            : symbol(`${this.qualified(address)}[${name}]`, why, place, unsettled);
        }
        const name = key.kind === 'number' ? numberText(key) : String(key.value);
        const spelt = mode === 'count' ? `[${Number(name)}]` : `[${JSON.stringify(name)}]`;
        const found = instances.find((candidate) => candidate.key === spelt);
        if (found) return of(found.what);
        if (!open) return failure(`${address} has no instance ${spelt}`, place);
        return symbol(`${this.qualified(address)}${spelt}`, because, place, unsettled);
      },
    };
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
    const address = this.qualified(`module.${name}${key}`);
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
        this.qualified(id + key),
        block.head,
        kind === 'data' ? `${id} is read when Terraform runs` : 'it is known only after apply',
        () => elsewhere(env, () => bodyOf(block.body, env, block.head, true)),
      );
    return this.#expanded(this.#resources, id, block, make, at);
  }

  // Actions

  actionOf(name: string, block: Block): Expansion<ResourceInstance> {
    const id = `action.${name}`;
    const config = block.body.blocks.find(({ type }) => type === 'config');
    const make: Make<ResourceInstance> = (key, _existence, env) =>
      new ResourceInstance(this.qualified(id + key), block.head, 'it is known only after apply', () =>
        elsewhere(env, () => (config ? bodyOf(config.body, env, config.head, false) : object(new Map(), block.head))),
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
          triggers.push({ at: trigger.head, resource: this.qualified(resource), runs });
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
}

function isStringType(type: Expression): boolean {
  return parseType(type).kind === 'string';
}
