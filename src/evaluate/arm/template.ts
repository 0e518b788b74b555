/**
 * ARM templates -> resources.
 * Takes a template with at most one parameter file; gives every resource that it declares, in nested and local linked
 * templates too. Loops are unrolled where they can be counted; a condition that is not known makes a resource "maybe".
 */
import { basename, dirname, join } from 'node:path';
import type { Call } from '../../parse/expression.ts';
import { memberOf, parseJson } from '../../parse/json.ts';
import type { JsonFile, JsonMember, JsonNode, JsonObject } from '../../parse/json-tree.ts';
import type { Log } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { type Source, type Span, span } from '../../source/source.ts';
import { access, type BuiltIn, type Environment, evaluate, type Form, hiddenBy, lazy, truthOf } from '../evaluate.ts';
import type { Configuration, OpaqueModule, Resource } from '../resource.ts';
import {
  canonical,
  describe,
  failure,
  force,
  isNull,
  isScalar,
  joined,
  list,
  type Member,
  memberOf as memberOfValue,
  nothing,
  number,
  type Obj,
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
import { byName, slashSegments } from './functions.ts';
import { armLanguage, countsOf, looped, Nodes } from './language.ts';
import { type DeploymentScope, narrowed, resourceIdOf, rootScope, type ScopeKind, scopeFunctions } from './scope.ts';

export interface TemplateOptions {
  readonly parameterFile?: { readonly source: Source; readonly root: JsonNode } | undefined;
  readonly reader: Reader;
  readonly log: Log;
  /** For people: the file. */
  readonly name: string;
  /** Absolute folder of the template: where its relative links start. */
  readonly directory: string;
  /** Takes the paths of the templates that it links, itself or by one of them. */
  readonly linked?: Set<string> | undefined;
}

export function evaluateTemplate(template: JsonFile, source: Source, options: TemplateOptions): Configuration {
  const start = span(source, 0, Math.min(1, source.text.length));
  const evaluation = new TemplateEvaluation(options.reader, options.log);
  const { root } = template;
  if (root?.kind === 'object') {
    const given = memberOf(options.parameterFile?.root, 'parameters')?.value;
    const frame = evaluation.root({
      template: root,
      directory: options.directory,
      file: join(options.directory, basename(source.file)),
      scope: rootScope(scopeOf(root) ?? 'resourceGroup', root),
      parameter: (name) => fromFile(memberOf(given, name), name, evaluation),
    });
    frame.expand();
    for (const path of evaluation.linked()) options.linked?.add(path);
  }
  const { resources, opaque, modules } = evaluation;
  const at = memberOf(root, '$schema')?.value ?? start;
  return { name: options.name, language: 'arm', resources, opaque, modules, at };
}

/** What the `$schema` says about where a template is deployed to; undefined where it is no template's. */
export function scopeOf(template: JsonNode): ScopeKind | undefined {
  const schema = memberOf(template, '$schema')?.value;
  if (schema?.kind !== 'string') return undefined;
  const match = /\/(subscription|managementGroup|tenant)?deploymentTemplate\.json#?$/i.exec(schema.value.trim());
  if (!match) return undefined;
  const kinds = { subscription: 'subscription', managementgroup: 'managementGroup', tenant: 'tenant' } as const;
  return kinds[match[1]?.toLowerCase() as keyof typeof kinds] ?? 'resourceGroup';
}

/** One template to expand: the root, or what a nested deployment or a Bicep module deploys. */
export interface TemplateCall {
  readonly template: JsonObject;
  /** Absolute; the folder of the file that the template stands in. */
  readonly directory: string;
  /** Absolute path of a linked file, against circles. */
  readonly file?: string | undefined;
  readonly scope: DeploymentScope;
  /** The value that is passed; undefined or null where there is none. */
  readonly parameter: (name: string, at: Span) => Value | undefined;
  /** The deployment's name, where it is not the root. */
  readonly name?: Value | undefined;
  /** Address of the deployment, which stands before those of its resources. */
  readonly address?: string | undefined;
  readonly calls?: Resource['calls'] | undefined;
  readonly presence?: Presence | undefined;
}

/** Whether something is deployed. */
interface Presence {
  readonly is: 'present' | 'maybe' | 'absent';
  readonly guard?: string | undefined;
  /** An unknown number of it. */
  readonly many?: boolean | undefined;
}

const present: Presence = { is: 'present' };

function both(a: Presence, b: Presence): Presence {
  if (a.is === 'absent' || b.is === 'absent') return { is: 'absent' };
  const many = a.many || b.many || undefined;
  if (a.is === 'present') return { ...b, many };
  if (b.is === 'present') return { ...a, many };
  const guard =
    a.guard === undefined || b.guard === undefined
      ? undefined
      : a.guard === b.guard
        ? a.guard
        : `(${a.guard}&&${b.guard})`;
  return { is: 'maybe', guard, many };
}

/** A quickstart's placeholder, which a pipeline replaces: GEN-UNIQUE, GEN-PASSWORD, GET-PREREQ-vaultName. */
const placeholder = /^(GEN|GET)-[A-Z][A-Za-z0-9_-]*$/;

function fromFile(member: JsonMember | undefined, name: string, evaluation: TemplateEvaluation): Value | undefined {
  if (!member) return undefined;
  const given = memberOf(member.value, 'value')?.value;
  if (!given) {
    return memberOf(member.value, 'reference')
      ? secret(unknown(`the value of parameter "${name}" is read from a key vault`, member.value))
      : undefined;
  }
  if (given.kind === 'string' && placeholder.test(given.value))
    return {
      ...symbol(`parameters('${name}')`, `parameter "${name}" holds the placeholder ${given.value}`, given),
      present: true,
    };
  return withVia(evaluation.plain(given), member.key, `the value of parameter "${name}" in the parameter file`);
}

/** What one configuration shares: the results, the bounds, and what is known of each resource for `reference()`. */
export class TemplateEvaluation {
  readonly reader: Reader;
  readonly log: Log;
  readonly nodes: Nodes;
  readonly budget = { steps: 0 };
  readonly resources: Resource[] = [];
  readonly opaque: OpaqueModule[] = [];
  readonly modules: { source: string; resolved: boolean; at: Span }[] = [];
  readonly #addresses = new Map<string, number>();
  readonly #declared = new Map<string, { frame: Frame; entry: Entry }[]>();
  readonly #files = new Map<string, JsonObject | undefined>();
  readonly #constants: Environment;
  #calls = 0;
  #instances = 0;
  /** A bound was reached: nothing more is expanded. */
  full = false;

  constructor(reader: Reader, log: Log) {
    this.reader = reader;
    this.log = log;
    this.nodes = new Nodes(log);
    this.#constants = { language: armLanguage(new Map()), scope: { get: () => undefined }, budget: this.budget };
  }

  root(call: TemplateCall): Frame {
    return this.frame(call, undefined, undefined);
  }

  /** `surroundings`: of an outer-scope template, whose expressions are read where the deployment stands. */
  frame(call: TemplateCall, parent: Frame | undefined, surroundings: Instance | undefined): Frame {
    return new Frame(this, call, parent, surroundings);
  }

  declare(frame: Frame, entry: Entry): void {
    const same = this.#declared.get(entry.type.toLowerCase());
    if (same) same.push({ frame, entry });
    else this.#declared.set(entry.type.toLowerCase(), [{ frame, entry }]);
  }

  /** Paths of the linked templates that were read. */
  linked(): string[] {
    return [...this.#files].flatMap(([path, root]) => (root ? [path] : []));
  }

  /** JSON that holds no expressions. */
  plain(node: JsonNode): Value {
    if (node.kind === 'string') return text(node.value, node);
    if (node.kind === 'array')
      return list(
        node.items.map((item) => this.plain(item)),
        node,
      );
    if (node.kind !== 'object') return this.nodes.value(node, this.#constants);
    const members = new Map<string, Member>();
    for (const member of node.members)
      members.set(member.key.value, { value: this.plain(member.value), at: member.value });
    return object(members, node);
  }

  /** Counts a deployment; false where there are too many, or one in another too deeply. */
  enter(depth: number, at: Span): boolean {
    if (depth <= limits.moduleDepth && ++this.#calls <= limits.moduleCalls) return true;
    this.nodes.tell(
      'arm-too-many-deployments',
      'error',
      depth > limits.moduleDepth
        ? `deployments are nested more than ${limits.moduleDepth} deep here, so this one was not looked into`
        : `there are more than ${limits.moduleCalls} nested deployments, so what follows was not looked into`,
      at,
    );
    if (depth <= limits.moduleDepth) this.full = true;
    return false;
  }

  /** Counts a resource; false where there are too many. */
  count(at: Span): boolean {
    if (this.full) return false;
    if (++this.#instances <= limits.instancesPerConfiguration) return true;
    this.full = true;
    this.nodes.tell(
      'arm-too-many-resources',
      'error',
      `the template makes more than ${limits.instancesPerConfiguration} resources; those after them were not looked at`,
      at,
    );
    return false;
  }

  /** The address, made unique where several resources have the same one. */
  unique(address: string): string {
    const count = (this.#addresses.get(address) ?? 0) + 1;
    this.#addresses.set(address, count);
    return count === 1 ? address : this.unique(`${address}#${count}`);
  }

  /**
   * The resource of that id, in any template of the configuration that has been entered so far; those around `from` first.
   * Only names of that type are evaluated: a value that is being passed on may depend on this very lookup.
   */
  withId(id: Value, from: Frame): Instance | undefined {
    const type = typeOfId(id);
    const name = canonical(id, true);
    const declared = type === undefined || name === undefined ? undefined : this.#declared.get(type);
    if (!declared) return undefined;
    const near = declared.filter(({ frame }) => from.isWithin(frame));
    const far = declared.filter(({ frame }) => !from.isWithin(frame));
    for (const { frame, entry } of [...near, ...far])
      for (const instance of frame.instancesOf(entry)) {
        this.budget.steps++;
        if (instance.canonicalId === name) return instance;
      }
    return undefined;
  }

  /** The template in a local file, read once. */
  file(path: string): JsonObject | undefined {
    if (this.#files.has(path)) return this.#files.get(path);
    const source = this.reader.read(path, limits.jsonBytes);
    const root = source && parseJson(source, this.log).root;
    const template = root?.kind === 'object' ? root : undefined;
    this.#files.set(path, template);
    return template;
  }
}

/** One entry of `resources`. */
interface Entry {
  readonly node: JsonObject;
  /** The whole type, parents included; empty where it is an expression. */
  readonly type: string;
  readonly symbol?: string | undefined;
  readonly parent?: Entry | undefined;
}

const omitted = new Set(['condition', 'copy', 'dependson', 'resources', 'comments']);

/** One template in force: its parameters, variables, resources and outputs. */
export class Frame {
  readonly evaluation: TemplateEvaluation;
  readonly call: TemplateCall;
  readonly parent: Frame | undefined;
  readonly depth: number;
  readonly environment: Environment;
  /** The frame whose names and functions the expressions here see: that around an outer-scope template. */
  readonly #names: Frame;
  readonly #entries: Entry[] = [];
  readonly #instances = new Map<Entry, Instance[]>();
  readonly #values = new Map<string, Value>();
  readonly #open = new Set<string>();
  #byName: ReadonlyMap<string, Instance | undefined> | undefined;

  constructor(
    evaluation: TemplateEvaluation,
    call: TemplateCall,
    parent: Frame | undefined,
    surroundings: Instance | undefined,
  ) {
    this.evaluation = evaluation;
    this.call = call;
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
    this.#names = surroundings && parent ? parent.#names : this;
    const { scope, name } = this.#names.call;
    const functions = new Map<string, BuiltIn>([
      ...scopeFunctions(scope, name),
      ['reference', (args, at) => this.#reference(args, at)],
      ['references', (args, at) => this.#references(args, at)],
      ['listOutputsWithSecureValues', (args, at) => this.#secureOutputs(args, at)],
    ]);
    const language = armLanguage(functions, this.#names.#userFunctions());
    this.environment = surroundings
      ? { ...surroundings.environment, language }
      : { language, budget: evaluation.budget, scope: { get: (name, at) => this.#named(name, at) } };
    this.#collect(memberOf(call.template, 'resources')?.value, undefined);
  }

  get #nodes(): Nodes {
    return this.evaluation.nodes;
  }

  /** Whether that frame is this one or stands around it. */
  isWithin(frame: Frame): boolean {
    return this === frame || (this.parent?.isWithin(frame) ?? false);
  }

  /** Whether the frame, or one around it, stands in that file. */
  within(file: string): boolean {
    return this.call.file === file || (this.parent?.within(file) ?? false);
  }

  // Names

  #named(name: string, at: Span): Value | undefined {
    const [space, key] = name.split(':', 2);
    if (key === undefined || (space !== 'parameters' && space !== 'variables')) return undefined;
    const known = this.#values.get(name);
    if (known) return known;
    if (this.#open.has(name)) {
      this.#nodes.tell(
        'arm-circular-value',
        'warning',
        `the ${space === 'parameters' ? 'default of parameter' : 'variable'} "${key}" depends on itself`,
        at,
        'Break the circle; Azure refuses the template.',
      );
      return unknown(`"${key}" depends on itself`, at);
    }
    this.#open.add(name);
    try {
      const value = space === 'parameters' ? this.#parameter(key, at) : this.#variable(key, at);
      this.#values.set(name, value);
      return value;
    } finally {
      this.#open.delete(name);
    }
  }

  #parameter(key: string, at: Span): Value {
    const declared = memberOf(memberOf(this.call.template, 'parameters')?.value, key);
    if (!declared) {
      this.#nodes.tell(
        'arm-undefined-parameter',
        'warning',
        `there is no parameter "${key}" in this template`,
        at,
        'Declare it under "parameters", or correct the name.',
      );
      return failure(`there is no parameter "${key}"`, at);
    }
    const name = declared.key.value;
    const type = this.#type(declared.value);
    const value = this.#orDefault(this.call.parameter(name, at), declared, type);
    return isSecure(type) ? secret(value) : value;
  }

  /** A null counts as no value (Azure/bicep pull request 11532). */
  #orDefault(given: Value | undefined, declared: JsonMember, type: JsonNode): Value {
    const value = given && force(given);
    if (!value || isNull(value)) return this.#default(declared, type);
    if (value.kind !== 'one-of' || !value.values.some((candidate) => isNull(force(candidate)))) return value;
    return oneOf(
      value.values.map((candidate) => (isNull(force(candidate)) ? this.#default(declared, type) : candidate)),
      value.at,
    );
  }

  #default(declared: JsonMember, type: JsonNode): Value {
    const name = declared.key.value;
    const fallback = memberOf(declared.value, 'defaultValue')?.value;
    if (fallback)
      return withVia(this.#nodes.value(fallback, this.environment), declared.key, `the default of parameter "${name}"`);
    const nullable = memberOf(declared.value, 'nullable')?.value ?? memberOf(type, 'nullable')?.value;
    if (nullable?.kind === 'word' && nullable.value === true) return nothing(declared.key);
    const because = `parameter "${name}" has no default and no value was given`;
    if (this.parent || this.call.address !== undefined) return unknown(because, declared.key);
    const allowed = memberOf(declared.value, 'allowedValues')?.value ?? memberOf(type, 'allowedValues')?.value;
    if (allowed?.kind === 'array' && allowed.items.length > 0 && allowed.items.length <= limits.candidates)
      return oneOf(
        allowed.items.map((item) => this.evaluation.plain(item)),
        declared.key,
      );
    return { ...symbol(`parameters('${name}')`, because, declared.key), present: true };
  }

  /** The declaration, or the definition that it refers to. */
  #type(declaration: JsonNode): JsonNode {
    let type = declaration;
    for (let i = 0; i < limits.moduleDepth; i++) {
      const reference = memberOf(type, '$ref')?.value;
      const match = reference?.kind === 'string' ? /^#\/definitions\/(.+)$/.exec(reference.value) : null;
      const definition = match && memberOf(memberOf(this.call.template, 'definitions')?.value, match[1]!);
      if (!definition) return type;
      type = definition.value;
    }
    return type;
  }

  #variable(key: string, at: Span): Value {
    const variables = memberOf(this.call.template, 'variables')?.value;
    const loops = memberOf(variables, 'copy')?.value;
    if (loops?.kind === 'array')
      for (const loop of loops.items) {
        if (loop.kind !== 'object') continue;
        const node = memberOf(loop, 'name')?.value;
        const name = node && force(this.#nodes.value(node, this.environment));
        if (name?.kind === 'string' && name.value.toLowerCase() === key)
          return this.#nodes.loop(loop, name.value, this.environment);
      }
    const declared = memberOf(variables, key);
    if (declared) return this.#nodes.value(declared.value, this.environment);
    this.#nodes.tell(
      'arm-undefined-variable',
      'warning',
      `there is no variable "${key}" in this template`,
      at,
      'Declare it under "variables", or correct the name.',
    );
    return failure(`there is no variable "${key}"`, at);
  }

  /** `namespace.name` of the `functions` section. A body sees its parameters and nothing else. */
  #userFunctions(): ReadonlyMap<string, Form> {
    const result = new Map<string, Form>();
    const spaces = memberOf(this.call.template, 'functions')?.value;
    if (spaces?.kind !== 'array') return result;
    for (const space of spaces.items) {
      const namespace = memberOf(space, 'namespace')?.value;
      const members = memberOf(space, 'members')?.value;
      if (namespace?.kind !== 'string' || members?.kind !== 'object') continue;
      for (const member of members.members)
        result.set(`${namespace.value}.${member.key.value}`.toLowerCase(), (call, env) =>
          this.#callUserFunction(member.value, call, env),
        );
    }
    return result;
  }

  #callUserFunction(declaration: JsonNode, call: Call, env: Environment): Value {
    const parameters = memberOf(declaration, 'parameters')?.value;
    const body = memberOf(memberOf(declaration, 'output')?.value, 'value')?.value;
    if (!body) return failure(`the function ${call.name}() has no output`, call);
    const args = call.args.map((arg) => force(evaluate(arg, env)));
    const names = new Map<string, Value>();
    if (parameters?.kind === 'array')
      for (const [i, parameter] of parameters.items.entries()) {
        const name = memberOf(parameter, 'name')?.value;
        if (name?.kind === 'string' && args[i]) names.set(`parameters:${name.value.toLowerCase()}`, args[i]);
      }
    const inner = { ...env, scope: { get: (name: string) => names.get(name) } };
    return hiddenBy(args, this.#nodes.value(body, inner));
  }

  // Resources

  #collect(node: JsonNode | undefined, parent: Entry | undefined): void {
    if (node?.kind === 'array') for (const item of node.items) this.#add(item, undefined, parent);
    else if (node?.kind === 'object') for (const { key, value } of node.members) this.#add(value, key.value, parent);
    else if (node && !(node.kind === 'word' && node.value === null))
      this.#nodes.tell(
        'arm-resources-unreadable',
        'error',
        '"resources" is neither a list nor an object, so the resources of this template are not known',
        node,
      );
  }

  #add(node: JsonNode, symbolic: string | undefined, parent: Entry | undefined): void {
    if (node.kind !== 'object') {
      this.#nodes.tell('arm-resource-unreadable', 'error', 'this is no resource: an object was expected here', node);
      return;
    }
    // Bicep extensions declare things outside of Azure, for example in Microsoft Graph.
    const extension = memberOf(node, 'extension')?.value ?? memberOf(node, 'import')?.value;
    if (extension?.kind === 'string' && !/^az(ure)?$/i.test(extension.value)) return;
    const written = memberOf(node, 'type')?.value;
    const own = written?.kind === 'string' && !written.value.startsWith('[') ? written.value.trim() : '';
    const entry: Entry = { node, symbol: symbolic, parent, type: typeWithin(parent?.type, own) };
    this.#entries.push(entry);
    this.evaluation.declare(this, entry);
    this.#collect(memberOf(node, 'resources')?.value, entry);
  }

  instances(): Instance[] {
    return this.#entries.flatMap((entry) => this.instancesOf(entry));
  }

  instancesOf(entry: Entry): Instance[] {
    const known = this.#instances.get(entry);
    if (known) return known;
    // A loop whose count depends on its own resources finds none.
    this.#instances.set(entry, []);
    const instances = entry.parent
      ? this.instancesOf(entry.parent).flatMap((parent) => this.#unroll(entry, parent))
      : this.#unroll(entry, undefined);
    this.#instances.set(entry, instances);
    return instances;
  }

  #unroll(entry: Entry, parent: Instance | undefined): Instance[] {
    const environment = parent?.environment ?? this.environment;
    const surroundings = parent?.presence ?? this.call.presence ?? present;
    const copy = memberOf(entry.node, 'copy')?.value;
    if (copy?.kind !== 'object') return [new Instance(this, entry, environment, surroundings, parent, undefined)];
    const nameNode = memberOf(copy, 'name')?.value;
    const countNode = memberOf(copy, 'count')?.value;
    const name = nameNode ? force(this.#nodes.value(nameNode, environment)) : undefined;
    const loop = name?.kind === 'string' ? name.value : '';
    const times = countNode && force(this.#nodes.value(countNode, environment));
    const counts = times && countsOf(times);
    const most = counts && Math.max(...counts);
    if (most === undefined || most > limits.armCopies) {
      if (most !== undefined)
        this.#nodes.tell(
          'arm-too-many-copies',
          'warning',
          `this loop makes ${most} resources, and Azure accepts ${limits.armCopies}`,
          countNode ?? copy,
        );
      else if (!countNode)
        this.#nodes.tell('arm-incomplete-copy', 'warning', 'this loop has no "count"', copy, 'Write "count": ... .');
      const owner = this.call.address === undefined ? loop : `${this.call.address}.${loop}`;
      const because = (times && reasonOf(times)) ?? 'the number of copies is not known';
      const index = { ...symbol(`copyIndex('${owner}')`, because, copy), present: true };
      const presence = both(surroundings, { is: 'maybe', many: true });
      return [new Instance(this, entry, looped(environment, loop, index, true), presence, parent, '*')];
    }
    const least = Math.min(...counts!);
    return Array.from({ length: most }, (_, i) => {
      const presence = i < least ? surroundings : both(surroundings, { is: 'maybe' });
      return new Instance(this, entry, looped(environment, loop, number(i, copy), true), presence, parent, i);
    });
  }

  /** Adds every resource to the results. */
  expand(): void {
    for (const entry of this.#entries)
      for (const instance of this.instancesOf(entry)) {
        if (instance.presence.is === 'absent') continue;
        if (!this.evaluation.count(entry.node)) return;
        if (!instance.isDeployment) instance.emit();
        else if (!instance.existing) instance.expand();
      }
  }

  // References

  /** The resource that `reference(...)` names: by symbolic name, by id, or by the name of a resource here. */
  find(of: Value): Instance | undefined {
    const { symbolic, index } = symbolicName(of);
    if (symbolic !== undefined)
      for (let frame: Frame | undefined = this; frame; frame = frame.parent) {
        const entry = frame.#entries.find((each) => each.symbol?.toLowerCase() === symbolic);
        if (!entry) continue;
        const instances = frame.instancesOf(entry);
        if (instances.length === 1 && (index === undefined || instances[0]!.index === '*')) return instances[0];
        const found = instances.find((instance) => instance.index === index);
        if (found) return found;
        break;
      }
    const found = this.evaluation.withId(this.#fullId(of), this);
    if (found) return found;
    const name = canonical(of, true);
    return name === undefined ? undefined : this.#namesakes().get(name);
  }

  /** `Microsoft.X/y/name` stands for a resource of the same scope. */
  #fullId(of: Value): Value {
    const first = of.kind === 'string' ? of.value : of.kind === 'template' ? of.parts[0] : undefined;
    if (typeof first !== 'string' || !/^[a-z][^/]*\.[^/]*\/[^/]+\//i.test(first)) return of;
    const [namespace, type, ...names] = slashSegments(of, of.at);
    if (!namespace || !type || names.length !== 1) return of;
    const { scope } = this.#names.call;
    const id = resourceIdOf({ type: `${describe(namespace)}/${describe(type)}`, name: names[0]!, scope }, of.at);
    return id ?? of;
  }

  /** Resources whose name no other one here has. */
  #namesakes(): ReadonlyMap<string, Instance | undefined> {
    if (this.#byName) return this.#byName;
    const byName = new Map<string, Instance | undefined>();
    this.#byName = byName;
    for (const instance of this.instances()) {
      const name = canonical(instance.name, true);
      if (name !== undefined) byName.set(name, byName.has(name) ? undefined : instance);
    }
    return byName;
  }

  #reference(args: readonly Value[], at: Call): Value {
    const [of] = args;
    if (!of) return failure('reference() needs the resource', at);
    if (of.kind === 'unknown') return of;
    const instance = this.find(of);
    if (!instance) return byName(at, [of], 'it is read from the resource when the template is deployed');
    const last = args.at(-1);
    const full = args.length > 1 && last?.kind === 'string' && last.value.toLowerCase() === 'full';
    return instance.runtime(full, at);
  }

  #references(args: readonly Value[], at: Call): Value {
    const name = args[0]?.kind === 'string' ? args[0].value.toLowerCase() : undefined;
    const entry = this.#entries.find((each) => each.symbol?.toLowerCase() === name);
    const instances = entry && this.instancesOf(entry);
    if (!instances || instances.some((instance) => instance.presence.is !== 'present'))
      return { ...list([], at), open: true };
    const last = args.at(-1);
    const full = args.length > 1 && last?.kind === 'string' && last.value.toLowerCase() === 'full';
    return list(
      instances.map((instance) => instance.runtime(full, at)),
      at,
    );
  }

  #secureOutputs(args: readonly Value[], at: Call): Value {
    const instance = args[0] && this.find(args[0]);
    if (!instance?.isDeployment) return secret(byName(at, args));
    return lazy(
      at,
      (name) => secret(force(instance.output(name, at))),
      () => secret(unknown('it is read from the deployment', at)),
    );
  }

  /** The value of an output; undefined: there is none of that name. */
  output(name: string): Value | undefined {
    const declared = memberOf(memberOf(this.call.template, 'outputs')?.value, name);
    if (!declared) return undefined;
    const key = `outputs:${name.toLowerCase()}`;
    const known = this.#values.get(key);
    if (known) return known;
    if (this.#open.has(key)) return unknown(`the output "${name}" depends on itself`, declared.key);
    this.#open.add(key);
    try {
      const value = this.#output(declared);
      this.#values.set(key, value);
      return value;
    } finally {
      this.#open.delete(key);
    }
  }

  #output(declared: JsonMember): Value {
    const condition = memberOf(declared.value, 'condition')?.value;
    if (condition && truthOf(force(this.#nodes.value(condition, this.environment))) === false)
      return nothing(declared.key);
    const node = memberOf(declared.value, 'value')?.value;
    const copy = memberOf(declared.value, 'copy')?.value;
    const value = node
      ? this.#nodes.value(node, this.environment)
      : copy?.kind === 'object'
        ? this.#nodes.loop(copy, '', this.environment)
        : unknown('the output has no value', declared.key);
    return isSecure(this.#type(declared.value)) ? secret(value) : value;
  }
}

/** The type of a child is written without its parent's, or with it all the same. */
function typeWithin(parent: string | undefined, own: string): string {
  if (own === '' || parent === undefined || own.toLowerCase().startsWith(`${parent.toLowerCase()}/`)) return own;
  return parent === '' ? '' : `${parent}/${own}`;
}

/** The type that an id names, in lower case: the one after its last "providers". */
function typeOfId(id: Value): string | undefined {
  if (id.kind !== 'string' && id.kind !== 'template') return undefined;
  const segments = slashSegments(id, id.at).map((each) =>
    each.kind === 'string' ? each.value.toLowerCase() : undefined,
  );
  if (segments.length === 5 && segments[1] === 'subscriptions' && segments[3] === 'resourcegroups')
    return 'microsoft.resources/resourcegroups';
  const last = segments.lastIndexOf('providers');
  if (last === -1 || segments.length - last < 4) return undefined;
  const types = segments.slice(last + 2).filter((_, i) => i % 2 === 0);
  return types.includes(undefined) ? undefined : `${segments[last + 1]}/${types.join('/')}`;
}

function isSecure(type: JsonNode): boolean {
  const name = memberOf(type, 'type')?.value;
  return name?.kind === 'string' && /^secure(string|object)$/i.test(name.value);
}

/** `vm`, `vm[2]`, or `vm[${index}]` of a loop that is not counted. */
function symbolicName(of: Value): { symbolic?: string; index?: number | '*' } {
  if (of.kind === 'string') {
    const match = /^([^/[\]]+)(?:\[(\d+)\])?$/.exec(of.value);
    if (!match) return {};
    const symbolic = match[1]!.toLowerCase();
    return match[2] === undefined ? { symbolic } : { symbolic, index: Number(match[2]) };
  }
  const first = of.kind === 'template' && of.parts.length === 3 && of.parts[2] === ']' ? of.parts[0] : undefined;
  if (typeof first !== 'string' || !/^[^/[\]]+\[$/.test(first)) return {};
  return { symbolic: first.slice(0, -1).toLowerCase(), index: '*' };
}

/** One resource: an entry of `resources` in one turn of its loop. What it holds is evaluated when it is asked for. */
class Instance {
  readonly frame: Frame;
  readonly entry: Entry;
  readonly environment: Environment;
  readonly presence: Presence;
  readonly parent: Instance | undefined;
  /** Turn of the loop; `*`: all of them, for they cannot be counted. */
  readonly index: number | '*' | undefined;
  readonly type: string;
  #name: Value | undefined;
  #address: string | undefined;
  #body: Obj | undefined;
  #bodyOpen = false;
  #id: Value | undefined;
  #canonicalId: string | undefined;
  #deployed: Frame | OpaqueModule | undefined;

  constructor(
    frame: Frame,
    entry: Entry,
    environment: Environment,
    surroundings: Presence,
    parent: Instance | undefined,
    index: number | '*' | undefined,
  ) {
    this.frame = frame;
    this.entry = entry;
    this.environment = environment;
    this.parent = parent;
    this.index = index;
    this.presence = both(surroundings, this.#condition());
    this.type = this.#typeName();
  }

  get #nodes(): Nodes {
    return this.frame.evaluation.nodes;
  }

  #member(key: string): Value | undefined {
    const node = memberOf(this.entry.node, key)?.value;
    if (!node) return undefined;
    const value = force(this.#nodes.value(node, this.environment));
    return isNull(value) ? undefined : value;
  }

  #condition(): Presence {
    const condition = this.#member('condition');
    if (!condition) return present;
    const truth = truthOf(condition);
    if (truth !== undefined) return { is: truth ? 'present' : 'absent' };
    return { is: 'maybe', guard: canonical(condition) };
  }

  #typeName(): string {
    const value = this.#member('type');
    const own = value?.kind === 'string' ? value.value.trim() : '';
    if (own === '') {
      if (this.presence.is !== 'absent')
        this.#nodes.tell(
          'arm-resource-without-type',
          'warning',
          value
            ? `the type of this resource is not known: ${reasonOf(value) ?? 'it is no text'}`
            : 'this resource has no "type", so it is not known what it is',
          memberOf(this.entry.node, 'type')?.value ?? this.entry.node,
          'Write "type": "Microsoft.X/y".',
        );
      return '';
    }
    return typeWithin(this.parent?.type, own);
  }

  get isDeployment(): boolean {
    return /(^|\/providers\/)microsoft\.resources\/deployments$/i.test(this.type);
  }

  get existing(): boolean {
    const node = memberOf(this.entry.node, 'existing')?.value;
    return node?.kind === 'word' && node.value === true;
  }

  get name(): Value {
    if (this.#name) return this.#name;
    const node = memberOf(this.entry.node, 'name')?.value;
    // Found while it is evaluated: its name depends on itself.
    this.#name = unknown('its name depends on itself', node ?? this.entry.node);
    this.#name = this.#fullName();
    return this.#name;
  }

  #fullName(): Value {
    const { node } = this.entry;
    const written = memberOf(node, 'name')?.value;
    const own = this.#member('name');
    if (!own || !written) {
      this.#nodes.tell(
        'arm-resource-without-name',
        'warning',
        'this resource has no "name"',
        written ?? node,
        'Write "name": ... .',
      );
      return unknown('the resource has no name', written ?? node);
    }
    const { parent } = this;
    if (!parent) return own;
    // A nested resource may be written with its whole name all the same.
    const slashes = this.type.split('/').length - 2;
    if (own.kind === 'string' && slashes > 0 && own.value.split('/').length - 1 === slashes) return own;
    return joined([parent.name, '/', own], written);
  }

  /** Where the resource is deployed to; of a deployment, where its template is. */
  get scope(): DeploymentScope {
    const { scope } = this.parent ?? this.frame.call;
    return narrowed(scope, {
      subscription: this.#member('subscriptionId'),
      resourceGroup: this.#member('resourceGroup'),
      scope: this.isDeployment ? this.#member('scope') : undefined,
    });
  }

  /** The resource that it extends. A deployment has a scope of the same name, which is something else. */
  get extends(): Value | undefined {
    return this.isDeployment ? undefined : (this.#member('scope') ?? this.parent?.extends);
  }

  get id(): Value {
    this.#id ??=
      this.type === ''
        ? unknown('its type is not known', this.entry.node)
        : (resourceIdOf(this, this.entry.node) ?? unknown('its id is not known', this.entry.node));
    return this.#id;
  }

  /** The id as text that is equal where ids are; undefined where that cannot be told. */
  get canonicalId(): string | undefined {
    if (this.#canonicalId === undefined) this.#canonicalId = canonical(this.id, true) ?? '';
    return this.#canonicalId === '' ? undefined : this.#canonicalId;
  }

  /** Symbolic name, else type and name; of a deployment the name alone. */
  get address(): string {
    if (this.#address !== undefined) return this.#address;
    const { call, evaluation } = this.frame;
    const { symbol: symbolic } = this.entry;
    const turn = this.index === undefined ? '' : `[${this.index}]`;
    const shown = describe(this.name);
    const own = symbolic !== undefined ? symbolic + turn : this.isDeployment ? shown : `${this.type}/${shown}`;
    this.#address = evaluation.unique(call.address === undefined ? own : `${call.address}.${own}`);
    return this.#address;
  }

  get head(): Span {
    const { node } = this.entry;
    return memberOf(node, 'name')?.value ?? memberOf(node, 'type')?.value ?? node;
  }

  /** The whole entry; undefined while it is being evaluated. */
  get body(): Obj | undefined {
    if (this.#body || this.#bodyOpen) return this.#body;
    this.#bodyOpen = true;
    const body = this.#nodes.object(this.entry.node, this.environment, omitted);
    const members = new Map<string, Member>();
    for (const [key, member] of body.members) {
      const value = key.toLowerCase() === 'name' ? this.name : force(member.value);
      members.set(key, { ...member, value });
    }
    this.#body = { ...body, members };
    this.#bodyOpen = false;
    return this.#body;
  }

  emit(): void {
    if (this.type === '') return;
    const { body, presence } = this;
    if (!body) return;
    const apiVersion = memberOfValue(body, 'apiVersion', true)?.value;
    const { subscription, resourceGroup } = this.scope;
    const dependsOn = this.#member('dependsOn');
    const needed = dependsOn?.kind === 'list' ? dependsOn.items.map((item) => canonical(force(item), true)) : undefined;
    this.frame.evaluation.resources.push({
      address: this.address,
      language: 'arm',
      type: this.type,
      apiVersion: apiVersion?.kind === 'string' ? apiVersion.value : undefined,
      name: this.name,
      presence: presence.is === 'present' ? 'present' : 'maybe',
      guard: presence.guard,
      many: presence.many,
      existing: this.existing,
      body,
      head: this.head,
      calls: this.frame.call.calls ?? [],
      scope: { subscription, resourceGroup },
      extends: this.extends,
      dependsOn: needed?.filter((each) => each !== undefined),
    });
  }

  // What reference() gives

  /** What is configured is known; the rest has a name. `full`: with `location`, `identity` and so on. */
  runtime(full: boolean, at: Span): Value {
    const text = `reference(${this.address})`;
    if (this.isDeployment) {
      const outputs = lazy(at, (name, place) =>
        lazy(
          place,
          (key) =>
            key.toLowerCase() === 'value' ? this.output(name, place) : unknown('only the value is followed', place),
          () => object(new Map([['value', { value: this.output(name, place), at: place }]]), place),
        ),
      );
      const properties = lazy(at, (key, place) =>
        key.toLowerCase() === 'outputs' ? outputs : symbol(`${text}.properties.${key}`, atDeployment, place),
      );
      if (!full) return properties;
      return lazy(at, (key, place) =>
        key.toLowerCase() === 'properties' ? properties : symbol(`${text}.${key}`, atDeployment, place),
      );
    }
    const body = this.existing ? undefined : this.body;
    if (full) return runtimeMembers(body, text, { address: this.address, path: '' }, at);
    const properties = body && memberOfValue(body, 'properties', true)?.value;
    const known = properties?.kind === 'object' ? properties : undefined;
    if (body && properties && !known && properties.kind !== 'null') return properties;
    return runtimeMembers(known, `${text}.properties`, { address: this.address, path: '.properties' }, at);
  }

  output(name: string, at: Span): Value {
    const deployed = this.#deploy();
    const value = deployed instanceof Frame ? deployed.output(name) : undefined;
    if (value) return value;
    if (deployed instanceof Frame) return failure(`the deployment has no output "${name}"`, at);
    const because = `the deployment could not be looked into: ${deployed.because}`;
    return symbol(`reference(${this.address}).outputs.${name}.value`, because, at);
  }

  // Nested deployments

  expand(): void {
    if (this.frame.evaluation.full) return;
    const deployed = this.#deploy();
    if (deployed instanceof Frame) deployed.expand();
    else this.frame.evaluation.opaque.push(deployed);
  }

  #deploy(): Frame | OpaqueModule {
    if (this.#deployed) return this.#deployed;
    // Found while it is evaluated: the link depends on the deployment's own outputs.
    this.#deployed = this.#opaque('', 'it depends on itself', this.head);
    this.#deployed = this.#enter();
    return this.#deployed;
  }

  #enter(): Frame | OpaqueModule {
    const { node } = this.entry;
    const { evaluation } = this.frame;
    const properties = memberOf(node, 'properties')?.value;
    const template = memberOf(properties, 'template')?.value;
    if (template?.kind === 'object') {
      if (!evaluation.enter(this.frame.depth + 1, this.head))
        return this.#opaque('', 'there are too many deployments', this.head);
      const options = memberOf(memberOf(properties, 'expressionEvaluationOptions')?.value, 'scope')?.value;
      const scope = options && force(this.#nodes.value(options, this.environment));
      const inner = scope?.kind === 'string' && scope.value.toLowerCase() === 'inner';
      const call = this.#call(template, this.frame.call.directory, this.frame.call.file);
      return evaluation.frame(call, this.frame, inner ? undefined : this);
    }
    const link = memberOf(properties, 'templateLink')?.value;
    if (link?.kind === 'object') return this.#follow(link);
    const at = template ?? properties ?? this.head;
    const because =
      template || properties?.kind === 'string'
        ? 'its template is an expression'
        : 'it has neither a template nor a link to one';
    this.#note(because, at);
    return this.#opaque('', because, at);
  }

  #call(template: JsonObject, directory: string, file: string | undefined): TemplateCall {
    const shown = describe(this.name);
    const given = memberOf(memberOf(this.entry.node, 'properties')?.value, 'parameters')?.value;
    return {
      template,
      directory,
      file,
      scope: this.scope,
      parameter: (name) => this.#argument(given, name, shown),
      name: this.name,
      address: this.address,
      calls: [...(this.frame.call.calls ?? []), { at: this.head, what: `the nested deployment "${shown}"` }],
      presence: this.presence,
    };
  }

  /** What is passed for a parameter; undefined where nothing is. */
  #argument(given: JsonNode | undefined, name: string, shown: string): Value | undefined {
    if (!given) return undefined;
    const member = memberOf(given, name);
    const at = member?.value ?? given;
    let argument: Value | undefined;
    if (member) argument = force(this.#nodes.value(member.value, this.environment));
    else if (given.kind !== 'object') {
      const all = force(this.#nodes.value(given, this.environment));
      if (all.kind !== 'object') return unknown(reasonOf(all) ?? 'the parameters are not known', given);
      argument = memberOfValue(all, name, true)?.value;
      if (!argument && all.open) return unknown('the parameters are not known', given);
    }
    if (!argument) return undefined;
    const value = this.#passed(argument, name, at);
    return value && withVia(value, at, `passed to the nested deployment "${shown}" here`);
  }

  #passed(argument: Value, name: string, at: Span): Value | undefined {
    if (argument.kind === 'one-of') {
      const values = argument.values.map((each) => this.#passed(force(each), name, at) ?? nothing(at));
      return hiddenBy([argument], oneOf(values, at));
    }
    if (argument.kind === 'null') return undefined;
    if (argument.kind === 'object' && memberOfValue(argument, 'reference', true))
      return secret(unknown(`the value of parameter "${name}" is read from a key vault`, at));
    return force(access(argument, text('value', at), at, this.environment));
  }

  #follow(link: JsonObject): Frame | OpaqueModule {
    const { evaluation, call, depth } = this.frame;
    const part = (key: string): { node: JsonNode; value: Value } | undefined => {
      const node = memberOf(link, key)?.value;
      return node && { node, value: force(this.#nodes.value(node, this.environment)) };
    };
    const relative = part('relativePath');
    const uri = part('uri');
    const { node, value } = relative ?? uri ?? part('id') ?? { node: link, value: nothing(link) };
    const source = shownLink(value, node);
    let path: string | undefined;
    let because = 'the template is not on this disk';
    if (relative) {
      const known = relative.value.kind === 'string' ? relative.value.value : undefined;
      const found = known === undefined ? undefined : evaluation.reader.resolve(call.directory, known);
      if (found && 'path' in found) path = found.path;
      else if (found) because = found.refused;
      else if (known === undefined) because = reasonOf(relative.value) ?? 'the path is not known';
      else because = 'there is no such file';
    } else if (uri) path = this.#localFile(uri.value);
    if (path !== undefined) {
      if (this.frame.within(path)) {
        path = undefined;
        because = 'the templates link to each other in a circle';
      } else if (!evaluation.enter(depth + 1, this.head))
        return this.#opaque(source, 'there are too many deployments', node);
    }
    const template = path === undefined ? undefined : evaluation.file(path);
    evaluation.modules.push({ source, resolved: template !== undefined, at: node });
    if (path !== undefined && template)
      return evaluation.frame(this.#call(template, dirname(path), path), this.frame, undefined);
    if (path === undefined) this.#note(because, node, relative !== undefined && because === 'there is no such file');
    return this.#opaque(source, path === undefined ? because : 'the linked template cannot be read', node);
  }

  /**
   * The file in the repository that an address leads to. What stands before the last known path is where the templates
   * are published; the path below it is the path below the folder of this template, or of one that led here.
   */
  #localFile(uri: Value): string | undefined {
    for (const candidate of uri.kind === 'one-of' ? uri.values.map(force) : [uri]) {
      const parts =
        candidate.kind === 'template' ? candidate.parts : candidate.kind === 'string' ? [candidate.value] : [];
      const index = parts.findLastIndex((part) => typeof part === 'string' && /\.json/i.test(part));
      const tail = parts[index];
      if (typeof tail !== 'string') continue;
      const path = tail.replace(/[?#].*$/s, '');
      for (let frame: Frame | undefined = this.frame; frame; frame = frame.parent) {
        const { directory } = frame.call;
        const reference = index > 0 ? path.replace(/^\/+/, '') : belowFolder(path, basename(directory));
        const { reader } = this.frame.evaluation;
        const found = reference === undefined ? undefined : reader.resolve(directory, reference);
        if (found && 'path' in found && reader.files.info(found.path)?.kind === 'file') return found.path;
      }
    }
    return undefined;
  }

  #note(because: string, at: Span, missing = false): void {
    this.#nodes.tell(
      missing ? 'arm-linked-template-missing' : 'arm-linked-template-unknown',
      missing ? 'error' : 'note',
      `the nested deployment "${describe(this.name)}" could not be looked into: ${because}; what it deploys is not known`,
      at,
      missing
        ? 'Correct the path, or add the file.'
        : 'Keep the template in the repository and link it by "relativePath", so that it can be read.',
    );
  }

  #opaque(source: string, because: string, at: Span): OpaqueModule {
    const given = memberOf(memberOf(this.entry.node, 'properties')?.value, 'parameters')?.value;
    const members = new Map<string, Member>();
    if (given?.kind === 'object' && because !== 'it depends on itself')
      for (const member of given.members) {
        const value = this.#argument(given, member.key.value, describe(this.name));
        if (value) members.set(member.key.value, { value, at: member.value });
      }
    const open = given !== undefined && given.kind !== 'object';
    return {
      source,
      at,
      address: this.address,
      because,
      arguments: { ...object(members, given ?? at), ...(open && { open }) },
    };
  }
}

const atDeployment = 'it is known only when the template is deployed';

/** Members that are configured, and names for those that Azure adds. */
function runtimeMembers(of: Obj | undefined, text: string, place: { address: string; path: string }, at: Span): Value {
  return lazy(
    at,
    (key, here) => {
      const member = of && memberOfValue(of, key, true);
      const below = { address: place.address, path: `${place.path}.${key}` };
      const value = member && force(member.value);
      if (member && value && !isNull(value)) {
        if (value.kind === 'object' && !member.maybe) return runtimeMembers(value, `${text}.${key}`, below, here);
        return member.maybe ? oneOf([value, unknown(atDeployment, here)], here) : value;
      }
      return symbol(`${text}.${key}`, atDeployment, here, below);
    },
    () => (of ? { ...of, open: true } : symbol(text, atDeployment, at, place)),
  );
}

/** What follows a folder's name in a whole address: an address leads into the repository only if it names the folder. */
function belowFolder(address: string, folder: string): string | undefined {
  const segments = address.replace(/^[a-z]+:\/\/[^/]*\//i, '').split('/');
  const here = segments.findLastIndex((segment) => segment.toLowerCase() === folder.toLowerCase());
  return here === -1 || here === segments.length - 1 ? undefined : segments.slice(here + 1).join('/');
}

/** The address of a linked template without what may be a secret: its query. */
function shownLink(value: Value, node: JsonNode): string {
  if (isScalar(value) && !value.secret) return String(value.value).replace(/\?.*$/s, '');
  return node.kind === 'string' ? node.value : '';
}
