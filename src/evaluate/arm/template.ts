/**
 * ARM templates -> resources.
 * Takes a template with at most one parameter file; gives every resource that it declares, in nested and local linked
 * templates too. Loops are unrolled where they can be counted; a condition that is not known makes a resource "maybe".
 */
import { basename, dirname } from 'node:path';
import type { Call, Expression } from '../../parse/expression.ts';
import { memberOf } from '../../parse/json.ts';
import type { Log } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import type { Span } from '../../source/source.ts';
import { type BicepTemplate, type Declaration, declarationOf, isBicep } from '../bicep/compiled.ts';
import { bicepForms } from '../bicep/functions.ts';
import type { ModuleReference } from '../bicep/references.ts';
import {
  access,
  type Budget,
  type BuiltIn,
  type Environment,
  evaluate,
  type Form,
  hiddenBy,
  lazy,
  truthOf,
  within,
} from '../evaluate.ts';
import { callsIn, namesIn, type Step, waitsFor } from '../order.ts';
import { type Configuration, type OpaqueModule, orderedTypes, type Resource } from '../resource.ts';
import {
  bool,
  canonical,
  choiceOf,
  describe,
  failure,
  force,
  isNull,
  isScalar,
  isSecret,
  joined,
  type Lazy,
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
  type Template,
  text,
  type Unknown,
  unknown,
  type Value,
  withVia,
  written,
} from '../value.ts';
import { byName, slashSegments } from './functions.ts';
import { armLanguage, countsOf, looped, Nodes } from './language.ts';
import {
  absoluteScope,
  type DeploymentScope,
  groupLocation,
  isScopeId,
  narrowed,
  resourceIdOf,
  rootScope,
  type ScopeKind,
  scopeFunctions,
  scopeIn,
} from './scope.ts';
import type { TemplateMember, TemplateNode, TemplateObject } from './tree.ts';
import { type Declaring, hiddenByType, typeNamed, typesOf } from './types.ts';

/** The templates on this disk, each read once however often it is deployed. */
export interface TemplateFiles {
  /** The template in a file; undefined where it cannot be read, which is told. */
  template(path: string): TemplateObject | undefined;
  /** Where a module reference of a Bicep file in that folder leads. */
  module(reference: string, directory: string): ModuleReference;
}

export interface TemplateOptions {
  readonly files: TemplateFiles;
  readonly reader: Reader;
  readonly log: Log;
  /** For people: the file. */
  readonly name: string;
  /** Absolute path of the template; its relative links start in its folder. */
  readonly path: string;
  /** What a parameter file gives; undefined or null: nothing. */
  readonly parameter?: ((name: string, evaluation: TemplateEvaluation) => Value | undefined) | undefined;
  /** Takes the paths of the templates that it links, itself or by one of them. */
  readonly linked?: Set<string> | undefined;
}

/** `template`: undefined where nothing readable was in the file; `start`: its first character. */
export function evaluateTemplate(
  template: TemplateNode | undefined,
  start: Span,
  options: TemplateOptions,
): Configuration {
  const { path, parameter } = options;
  const evaluation = new TemplateEvaluation(options.reader, options.log, options.files);
  const language = template?.kind === 'object' && isBicep(template) ? 'bicep' : 'arm';
  if (template?.kind === 'object') {
    const scope = isBicep(template) ? template.unit.scope : scopeOf(template);
    const frame = evaluation.root({
      template,
      directory: dirname(path),
      file: path,
      scope: rootScope(scope ?? 'resourceGroup', template),
      parameter: (name) => parameter?.(name, evaluation),
    });
    frame.expand();
    for (const path of evaluation.linked()) options.linked?.add(path);
    evaluation.nodes.tellExceeded(evaluation.budget);
  }
  const { resources, opaque, modules } = evaluation;
  const at = memberOf(template, '$schema')?.value ?? start;
  return { name: options.name, language, resources, opaque, modules, at };
}

/** What the `$schema` says about where a template is deployed to; undefined where it is no template's. */
export function scopeOf(template: TemplateNode): ScopeKind | undefined {
  const schema = memberOf(template, '$schema')?.value;
  if (schema?.kind !== 'string') return undefined;
  const match = /\/(subscription|managementGroup|tenant)?deploymentTemplate\.json#?$/i.exec(schema.value.trim());
  if (!match) return undefined;
  const kinds = { subscription: 'subscription', managementgroup: 'managementGroup', tenant: 'tenant' } as const;
  return kinds[match[1]?.toLowerCase() as keyof typeof kinds] ?? 'resourceGroup';
}

/** One template to expand: the root, or what a nested deployment or a Bicep module deploys. */
export interface TemplateCall {
  readonly template: TemplateObject;
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
  /** The deployment that deploys it. */
  readonly by?: Step | undefined;
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

/** What stands for a parameter in a parameter file in JSON. */
export function givenBy(member: TemplateMember, name: string, evaluation: TemplateEvaluation): Value | undefined {
  const given = memberOf(member.value, 'value')?.value;
  if (given)
    return withVia(evaluation.plain(given), member.key, `the value of parameter "${name}" in the parameter file`);
  return memberOf(member.value, 'reference')
    ? secret(unknown(`the value of parameter "${name}" is read from a key vault`, member.value))
    : undefined;
}

/** What one configuration shares: the results, the bounds, and what is known of each resource for `reference()`. */
export class TemplateEvaluation {
  readonly reader: Reader;
  readonly log: Log;
  readonly nodes: Nodes;
  readonly budget: Budget = { steps: 0 };
  readonly resources: Resource[] = [];
  readonly opaque: OpaqueModule[] = [];
  readonly modules: { source: string; resolved: boolean; at: Span }[] = [];
  /** By address. */
  readonly emitted = new Map<string, Step>();
  readonly #addresses = new Map<string, number>();
  readonly #declared = new Map<string, { frame: Frame; entry: Entry }[]>();
  readonly #files: TemplateFiles;
  readonly #linked = new Set<string>();
  readonly #libraries = new Map<string, Frame | undefined>();
  readonly #constants: Environment;
  #calls = 0;
  #instances = 0;
  /** A bound was reached: nothing more is expanded. */
  full = false;

  constructor(reader: Reader, log: Log, files: TemplateFiles) {
    this.#files = files;
    this.reader = reader;
    this.log = log;
    this.nodes = new Nodes(log);
    this.#constants = { language: armLanguage(new Map()), scope: { get: () => undefined }, budget: this.budget };
  }

  waits(step: Step, address: string): boolean | undefined {
    const other = this.emitted.get(address);
    return other && waitsFor(step, other);
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
    return [...this.#linked];
  }

  /** JSON that holds no expressions. */
  plain(node: TemplateNode): Value {
    if (node.kind === 'string') return written(node.value, node);
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
  withId(id: Value, from: Frame, declaredOnly = false): Instance | undefined {
    const type = typeOfId(id);
    const name = canonical(shortId(id), true);
    const declared = type === undefined || name === undefined ? undefined : this.#declared.get(type);
    if (!declared) return undefined;
    const near = declared.filter(({ frame }) => from.isWithin(frame));
    const far = declared.filter(({ frame }) => !from.isWithin(frame));
    for (const { frame, entry } of [...near, ...far])
      for (const instance of frame.instancesOf(entry)) {
        this.budget.steps++;
        if (instance.canonicalId === name && !(declaredOnly && instance.existing)) return instance;
      }
    return undefined;
  }

  /** The template in a local file. */
  file(path: string): TemplateObject | undefined {
    const template = this.#files.template(path);
    if (template) this.#linked.add(path);
    return template;
  }

  module(reference: string, directory: string): ModuleReference {
    return this.#files.module(reference, directory);
  }

  /** An expression of a Bicep parameter file; `inherited`: what the file that it extends gives for a parameter. */
  assigned(
    template: BicepTemplate,
    path: string,
    expression: Expression,
    inherited: (name: string) => Value | undefined,
  ): Value {
    if (!this.#libraries.has(path)) this.#libraries.set(path, this.#library(template, path));
    const { environment } = this.#libraries.get(path)!;
    const base: Value = lazy(expression, (name, at) => inherited(name) ?? failure(`nothing assigns "${name}"`, at));
    return force(this.nodes.expression(expression, within(environment, new Map([['base:', base]]))));
  }

  /** A file of which names are imported: nothing that it declares is deployed. */
  library(path: string): Frame | undefined {
    const known = this.#libraries.get(path);
    if (known || this.#libraries.has(path)) return known;
    const template = this.#files.template(path);
    const frame = template && this.#library(template, path);
    this.#libraries.set(path, frame);
    return frame;
  }

  #library(template: TemplateObject, path: string): Frame {
    const scope = rootScope('resourceGroup', template);
    const call = { template: withoutResources(template), directory: dirname(path), file: path, scope };
    return this.frame({ ...call, parameter: () => undefined }, undefined, undefined);
  }
}

function withoutResources(template: TemplateObject): TemplateObject {
  return { ...template, members: template.members.filter((member) => member.key.value.toLowerCase() !== 'resources') };
}

/** One entry of `resources`. */
interface Entry {
  readonly node: TemplateObject;
  /** The whole type, parents included; empty where it is an expression. */
  readonly type: string;
  readonly symbol?: string | undefined;
  readonly parent?: Entry | undefined;
  /** What Bicep says beside what a template does. */
  readonly declaration?: Declaration | undefined;
}

/** Parents of parents; no type of Azure has as many. */
const lineage = 16;

const omitted = new Set(['condition', 'copy', 'dependson', 'resources', 'comments']);

/** Members that hold resources of their own. */
const holders = new Set(['resources', 'template', 'outputs']);

/** One template in force: its parameters, variables, resources and outputs. */
export class Frame implements Declaring {
  readonly evaluation: TemplateEvaluation;
  readonly call: TemplateCall;
  readonly parent: Frame | undefined;
  readonly depth: number;
  readonly environment: Environment;
  /** The frame whose names and functions the expressions here see: that around an outer-scope template. */
  readonly #names: Frame;
  readonly #entries: Entry[] = [];
  /** By symbol path; of two with one name the first. */
  readonly #bySymbol = new Map<string, Entry>();
  readonly #instances = new Map<Entry, Instance[]>();
  readonly #values = new Map<string, Value>();
  readonly #open = new Set<string>();
  readonly #turns = new Map<string, Instance>();
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
      ...scopeFunctions(scope, name, (group) => this.regionOf(group)),
      ['reference', (args, at) => this.#reference(args, at)],
      ['references', (args, at) => this.#references(args, at)],
      ['listOutputsWithSecureValues', (args, at) => this.#secureOutputs(args, at)],
    ]);
    const language = armLanguage(functions, this.#names.#forms());
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
    const colon = name.indexOf(':');
    if (colon === -1) return undefined;
    const space = name.slice(0, colon);
    const key = name.slice(colon + 1);
    if (space === 'resource') return this.#resourceNamed(key, at);
    if (space === 'import' || space === 'namespace') return this.#imported(space, key, at);
    if (space !== 'parameters' && space !== 'variables') return undefined;
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
    const value = this.#orDefault(this.call.parameter(name, at), declared, typesOf(declared.value, this));
    return hiddenByType(value, declared.value, this);
  }

  /** A variable that another file exports. */
  #imported(space: string, name: string, at: Span): Value {
    const { library, exported, because } = this.exporter(space, name);
    const variables = library && isBicep(library.call.template) && memberOf(library.call.template, 'variables')?.value;
    if (library && variables && !memberOf(variables, exported) && !this.broken) {
      const file = library.call.file === undefined ? 'the file' : this.evaluation.reader.display(library.call.file);
      const message = `there is no variable "${exported}" in ${file}`;
      this.#nodes.tell('bicep-import-missing', 'warning', message, at, 'Declare it there, or correct the name.');
      return failure(message, at);
    }
    return library?.environment.scope.get(`variables:${exported.toLowerCase()}`, at) ?? unknown(because, at);
  }

  /** The file that a name of this one is imported from. */
  exporter(space: string, name: string): { library?: Frame | undefined; exported: string; because: string } {
    const { template, directory } = this.call;
    const unit = isBicep(template) ? template.unit : undefined;
    const [alias, rest] = name.split(':', 2);
    const from = space === 'import' ? unit?.imports.get(name) : unit?.namespaces.get(alias!);
    const exported = space === 'import' ? (unit?.imports.get(name)?.exported ?? name) : (rest ?? '');
    if (from?.path === undefined) return { exported, because: 'what it is imported from is not known' };
    const found = this.evaluation.module(from.path, directory);
    if (found.kind === 'opaque') return { exported, because: `"${from.path}" is not read: ${found.because}` };
    if (this.call.file === found.path) return { exported, because: 'the file imports from itself' };
    const library = this.evaluation.library(found.path);
    return { library, exported, because: `"${from.path}" cannot be read` };
  }

  /** A null counts as no value (Azure/bicep pull request 11532). */
  #orDefault(given: Value | undefined, declared: TemplateMember, types: readonly TemplateNode[]): Value {
    const value = given && force(given);
    if (!value || isNull(value)) return this.#default(declared, types);
    if (value.kind !== 'one-of' || !value.values.some((candidate) => isNull(force(candidate)))) return value;
    return oneOf(
      value.values.map((candidate) => (isNull(force(candidate)) ? this.#default(declared, types) : candidate)),
      value.at,
    );
  }

  #default(declared: TemplateMember, types: readonly TemplateNode[]): Value {
    const name = declared.key.value;
    const fallback = memberOf(declared.value, 'defaultValue')?.value;
    const says = (key: string): TemplateNode | undefined =>
      types.map((type) => memberOf(type, key)?.value).find((node) => node !== undefined);
    const nullable = says('nullable');
    const isNullable = nullable?.kind === 'word' && nullable.value === true;
    if (fallback) {
      const isText = !isNullable && types.some((type) => /^(?:secure)?string$/.test(typeNamed(type) ?? ''));
      const value = this.#nodes.value(fallback, this.environment);
      return withVia(
        isText
          ? onceKnown(value, `${this.call.address === undefined ? '' : `${this.call.address}.`}parameters('${name}')`)
          : value,
        declared.key,
        `the default of parameter "${name}"`,
      );
    }
    if (isNullable) return nothing(declared.key);
    const because = `parameter "${name}" has no default and no value was given`;
    if (this.parent || this.call.address !== undefined) return unknown(because, declared.key);
    const allowed = says('allowedValues');
    // What an array is allowed are items of it.
    const isArray = types.some((type) => typeNamed(type) === 'array');
    if (allowed?.kind === 'array' && !isArray && allowed.items.length > 0 && allowed.items.length <= limits.candidates)
      return oneOf(
        allowed.items.map((item) => this.evaluation.plain(item)),
        declared.key,
      );
    return { ...symbol(`parameters('${name}')`, because, declared.key), present: true };
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

  /** Functions that the template declares, and those that Bicep alone has. */
  #forms(): ReadonlyMap<string, Form> {
    const { template, directory } = this.call;
    return isBicep(template) ? this.#formsOf(template, directory) : this.#userFunctions();
  }

  #formsOf({ unit }: BicepTemplate, directory: string): ReadonlyMap<string, Form> {
    const result = new Map<string, Form>(bicepForms(directory, this.evaluation.reader, this.#nodes));
    result.set('$secret', (call) => secret(unknown('it is read from a key vault', call)));
    result.set('$deployed', (call, env) => {
      const value = call.args[0] && evaluate(call.args[0], env);
      const instance = value && instanceIn(value);
      if (!instance) return unknown('it is not known whether the resource is deployed', call);
      const { is, guard } = instance.condition;
      if (is !== 'maybe') return bool(is === 'present', call);
      const because = 'its condition is not known';
      return guard === undefined ? unknown(because, call) : { ...symbol(guard, because, call), present: true };
    });
    for (const name of unit.functions.keys())
      result.set(`function:${name}`, (call, env) => this.#apply(name, call, env));
    for (const name of unit.imports.keys())
      result.set(`import:${name}`, (call, env) => this.#applyImported('import', name, call, env));
    result.set('$imported', (call, env) => {
      const [name, ...args] = call.args;
      const path = name?.kind === 'literal' ? String(name.value) : '';
      return this.#applyImported('namespace', path, { ...call, args }, env);
    });
    return result;
  }

  #applyImported(space: string, name: string, call: Call, env: Environment): Value {
    const { library, exported, because } = this.exporter(space, name);
    return library ? library.#apply(exported, call, env) : unknown(because, call);
  }

  /** A function of this Bicep file, called from anywhere. */
  #apply(name: string, call: Call, env: Environment): Value {
    const { template } = this.call;
    const declared = isBicep(template) ? template.unit.functions.get(name) : undefined;
    // The compiler's own namespace, in a compiled template.
    const compiled = isBicep(template) ? undefined : this.#userFunctions().get(`__bicep.${name}`.toLowerCase());
    if (compiled) return compiled(call, env);
    if (!declared) return unknown(`the function ${name}() is not known`, call);
    const args = call.args.map((arg) => force(evaluate(arg, env)));
    const names = new Map(
      declared.parameters.flatMap((each, i): [string, Value][] => (args[i] ? [[each, args[i]]] : [])),
    );
    return hiddenBy(args, this.#nodes.expression(declared.body, within(this.environment, names)));
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

  #callUserFunction(declaration: TemplateNode, call: Call, env: Environment): Value {
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
    const inner = { ...this.environment, scope: { get: (name: string) => names.get(name) } };
    return hiddenBy(args, this.#nodes.value(body, inner));
  }

  // Resources

  #collect(node: TemplateNode | undefined, parent: Entry | undefined): void {
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

  #add(node: TemplateNode, symbolic: string | undefined, parent: Entry | undefined): void {
    if (node.kind !== 'object') {
      this.#nodes.tell('arm-resource-unreadable', 'error', 'this is no resource: an object was expected here', node);
      return;
    }
    // Bicep extensions declare things outside of Azure, for example in Microsoft Graph.
    const extension = memberOf(node, 'extension')?.value ?? memberOf(node, 'import')?.value;
    if (extension?.kind === 'string' && !/^az(ure)?$/i.test(extension.value)) return;
    const written = memberOf(node, 'type')?.value;
    const own = written?.kind === 'string' && !written.value.startsWith('[') ? written.value.trim() : '';
    const declaration = declarationOf(node);
    const path = declaration && parent?.symbol !== undefined ? `${parent.symbol}::${symbolic}` : symbolic;
    const entry: Entry = { node, symbol: path, parent, type: typeWithin(parent?.type, own), declaration };
    this.#entries.push(entry);
    if (path !== undefined && !this.#bySymbol.has(path)) this.#bySymbol.set(path, entry);
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
    const instances: Instance[] = [];
    for (const parent of entry.parent ? this.instancesOf(entry.parent) : [undefined]) {
      for (const instance of this.#unroll(entry, parent)) instances.push(instance);
      // More are not looked at, which is told when they are counted.
      if (instances.length > limits.instancesPerConfiguration) break;
    }
    this.#instances.set(entry, instances);
    return instances;
  }

  #unroll(entry: Entry, parent: Instance | undefined): Instance[] {
    const environment = parent?.environment ?? this.environment;
    const surroundings = parent?.presence ?? this.call.presence ?? present;
    if (entry.declaration?.loop) return this.#turnsOf(entry, entry.declaration.loop, parent);
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

  /** The instances of a resource that Bicep declares in a loop. */
  #turnsOf(entry: Entry, loop: NonNullable<Declaration['loop']>, parent: Instance | undefined): Instance[] {
    const surroundings = parent?.presence ?? this.call.presence ?? present;
    const environment = parent?.environment ?? this.environment;
    const of = force(this.#nodes.expression(loop.of, environment));
    const counts = lengthsOf(of);
    const most = counts && Math.max(...counts);
    if (most === undefined || most > limits.armCopies) {
      if (most !== undefined)
        this.#nodes.tell(
          'arm-too-many-copies',
          'warning',
          `this loop makes ${most} resources, and Azure accepts ${limits.armCopies}`,
          loop.of,
        );
      const owner = this.call.address === undefined ? entry.symbol : `${this.call.address}.${entry.symbol}`;
      const because = reasonOf(of) ?? 'the number of copies is not known';
      const index = { ...symbol(`copyIndex('${owner}')`, because, loop.of), present: true };
      const presence = both(surroundings, { is: 'maybe', many: true });
      return [new Instance(this, entry, this.#turn(entry, environment, of, index), presence, parent, '*')];
    }
    const least = Math.min(...counts!);
    return Array.from({ length: most }, (_, i) => {
      const presence = i < least ? surroundings : both(surroundings, { is: 'maybe' });
      const turn = this.#turn(entry, environment, of, number(i, loop.of));
      return new Instance(this, entry, turn, presence, parent, i);
    });
  }

  /** The names of one turn of a loop. */
  #turn(entry: Entry, environment: Environment, of: Value, index: Value): Environment {
    const { itemName, indexName } = entry.declaration!.loop!;
    const outer = looped(environment, entry.symbol ?? '', index, true);
    let item: Value | undefined;
    return {
      ...outer,
      scope: {
        get: (name, at) => {
          if (name === itemName) {
            item ??= existingItem(access(of, index, at, outer));
            return item;
          }
          return name === indexName ? index : outer.scope.get(name, at);
        },
      },
    };
  }

  /** The instance of a resource in a loop; where the turn is not a number that is counted, one that stands for it. */
  instanceAt(entry: Entry, index: Value): Instance | undefined {
    const instances = this.instancesOf(entry);
    if (index.kind === 'number') {
      const found = instances.find((instance) => instance.index === index.value);
      if (found) return found;
    }
    const base = instances[0];
    if (!base || entry.parent) return base?.index === '*' ? base : undefined;
    const name = canonical(index);
    const key = name === undefined ? undefined : `${entry.symbol}[${name}]`;
    const known = key === undefined ? undefined : this.#turns.get(key);
    if (known) return known;
    const { declaration, node } = entry;
    const copy = memberOf(memberOf(node, 'copy')?.value, 'name')?.value;
    const environment = declaration?.loop
      ? this.#turn(entry, this.environment, force(this.#nodes.expression(declaration.loop.of, this.environment)), index)
      : looped(this.environment, copy?.kind === 'string' ? copy.value : '', index, true);
    const presence = both(this.call.presence ?? present, { is: 'maybe', many: true });
    const instance = new Instance(this, entry, environment, presence, undefined, '*', index);
    if (key !== undefined) this.#turns.set(key, instance);
    return instance;
  }

  /** A resource or module of a Bicep file, by its symbol path. */
  #resourceNamed(path: string, at: Span): Value {
    const entry = this.#bySymbol.get(path);
    if (!entry) return symbol(path, 'it is declared by an extension, outside of Azure', at);
    let looped = false;
    for (let each: Entry | undefined = entry; each; each = each.parent) looped ||= each.declaration?.loop !== undefined;
    if (!looped) {
      const [instance] = this.instancesOf(entry);
      return instance ? instance.handle(at) : unknown(`"${path}" depends on itself`, at);
    }
    return {
      kind: 'lazy',
      at,
      get: (key, place) =>
        this.instanceAt(entry, key)?.handle(place) ?? unknown('this turn of the loop is not known', place),
      force: () => {
        const instances = this.instancesOf(entry);
        if (instances.some((instance) => instance.presence.is !== 'present')) return { ...list([], at), open: true };
        return list(
          instances.map((instance) => instance.handle(at)),
          at,
        );
      },
    };
  }

  /** The place of a syntax error in this Bicep file: what is missing in it may have been written. */
  get broken(): Span | undefined {
    const { template } = this.call;
    return isBicep(template) ? template.unit.broken : undefined;
  }

  /** Adds every resource to the results. */
  expand(): void {
    const { broken } = this;
    if (broken)
      this.evaluation.opaque.push({
        source: '',
        at: broken,
        address: this.call.address ?? broken.source.file,
        because: 'it has a syntax error',
        arguments: object(new Map(), broken),
        told: true,
      });
    for (const entry of this.#entries)
      for (const instance of this.instancesOf(entry)) {
        if (instance.presence.is === 'absent') continue;
        if (!this.evaluation.count(entry.node)) return;
        if (!instance.isDeployment) instance.emit();
        else if (!instance.existing) instance.expand();
      }
  }

  // Order

  /** The resource that extends another one, by the type and name at the end of its id. */
  extensionNamed(id: Value): Instance | undefined {
    const type = typeOfId(id);
    const last = type === undefined ? undefined : slashSegments(id, id.at).at(-1);
    const name = last && canonical(last, true);
    if (name === undefined) return undefined;
    return this.instances().find(
      (each) => each.type.toLowerCase() === type && each.extends && canonical(each.name, true) === name,
    );
  }

  /** The resources that the values in a node name or refer to; open where that cannot be told. */
  scan(node: TemplateNode, environment: Environment, steps: Step[], seen: Set<string>): { readonly open: boolean } {
    let open = false;
    const visit = (each: TemplateNode, env: Environment): void => {
      if (each.kind === 'array') for (const item of each.items) visit(item, env);
      else if (each.kind === 'object') {
        for (const { key, value } of each.members) if (!holders.has(key.value.toLowerCase())) visit(value, env);
      }
      const expression =
        each.kind === 'expression' ? each.expression : each.kind === 'string' ? this.#nodes.spelt(each) : undefined;
      if (!expression) return;
      for (const { name, args } of callsIn(expression)) {
        if (!/^references?$/i.test(name)) continue;
        const of = args[0] && force(this.#nodes.expression(args[0], env));
        const found = of && this.find(of);
        if (found) steps.push(found);
        // What the template does not declare exists already.
        else if (!of || of.kind === 'unknown') open = true;
      }
      for (const [name] of namesIn(expression)) {
        const [space, key] = name!.split(/:(.*)/s) as [string, string | undefined];
        if (key === undefined || seen.has(name!)) continue;
        seen.add(name!);
        const names = this.#names;
        const entry = space === 'resource' ? names.#bySymbol.get(key) : undefined;
        if (entry) steps.push(...names.instancesOf(entry));
        const variable =
          space === 'variables' && memberOf(memberOf(names.call.template, 'variables')?.value, key)?.value;
        if (variable) visit(variable, names.environment);
      }
    };
    visit(node, environment);
    return { open };
  }

  // References

  /** The region of a resource group that the configuration makes. */
  regionOf(group: Value): Value | undefined {
    const made = this.evaluation.withId(group, this, true);
    return made?.presence.is === 'present' ? made.region : undefined;
  }

  /** The resource that is declared by that name inside of that one; the first turn of it, where it is in a loop. */
  childOf(parent: Instance, name: string): Instance | undefined {
    const entry = this.#bySymbol.get(`${parent.entry.symbol}::${name}`);
    return entry && this.instancesOf(entry).find((instance) => instance.parent === parent);
  }

  /** The resource that `reference(...)` names: by symbolic name, by id, or by the name of a resource here. */
  find(of: Value): Instance | undefined {
    const { symbolic, index, turn } = symbolicName(of);
    if (symbolic !== undefined)
      for (let frame: Frame | undefined = this; frame; frame = frame.parent) {
        const entry = frame.#entries.find((each) => each.symbol?.toLowerCase() === symbolic);
        if (!entry) continue;
        const instances = frame.instancesOf(entry);
        if (turn) return frame.instanceAt(entry, turn);
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
    const id = resourceIdOf({ type: `${describe(namespace)}/${describe(type)}`, names, scope }, of.at);
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

  #output(declared: TemplateMember): Value {
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
    return hiddenByType(force(value), declared.value, this);
  }
}

/** The type of a child is written without its parent's, or with it all the same. */
function typeWithin(parent: string | undefined, own: string): string {
  if (own === '' || parent === undefined || own.toLowerCase().startsWith(`${parent.toLowerCase()}/`)) return own;
  return parent === '' ? '' : `${parent}/${own}`;
}

/** The id of a resource group in its usual spelling; any other as it is. */
function shortId(id: Value): Value {
  const segments = slashSegments(id, id.at);
  const word = (i: number): string => (segments[i]?.kind === 'string' ? segments[i].value.toLowerCase() : '');
  const isLong =
    segments.length === 7 &&
    word(1) === 'subscriptions' &&
    word(3) === 'providers' &&
    word(4) === 'microsoft.resources' &&
    word(5) === 'resourcegroups';
  return isLong ? joined(['/subscriptions/', segments[2]!, '/resourceGroups/', segments[6]!], id.at) : id;
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

/** A text that a deployment settles once, before anything uses it (`utcNow()`, `newGuid()`): it has a name, whatever it is. */
function onceKnown(value: Value, name: string): Value {
  if (value.kind === 'unknown') return value.failed ? value : named(value, name);
  if (value.kind !== 'template' || !value.parts.some(isUnknown)) return value;
  const parts = value.parts.map((part, i) => (isUnknown(part) ? named(part, `${name}[${i}]`) : part));
  return joined(parts, value.at);
}

function isUnknown(part: string | Value): part is Unknown {
  return typeof part !== 'string' && part.kind === 'unknown';
}

function named(value: Unknown, name: string): Value {
  const result = { ...symbol(name, value.because, value.at), present: true };
  return value.secret ? secret(result) : result;
}

/** `vm`, `vm[2]`, or `vm[${index}]` of a loop that is not counted. */
function symbolicName(of: Value): { symbolic?: string; index?: number; turn?: Value } {
  if (of.kind === 'string') {
    const match = /^([^/[\]]+)(?:\[(\d+)\])?$/.exec(of.value);
    if (!match) return {};
    const symbolic = match[1]!.toLowerCase();
    return match[2] === undefined ? { symbolic } : { symbolic, index: Number(match[2]) };
  }
  const first = of.kind === 'template' && of.parts.length === 3 && of.parts[2] === ']' ? of.parts[0] : undefined;
  if (typeof first !== 'string' || !/^[^/[\]]+\[$/.test(first)) return {};
  return { symbolic: first.slice(0, -1).toLowerCase(), turn: (of as Template).parts[1] as Value };
}

/** One resource: an entry of `resources` in one turn of its loop. What it holds is evaluated when it is asked for. */
class Instance implements Step {
  readonly frame: Frame;
  readonly entry: Entry;
  readonly environment: Environment;
  readonly presence: Presence;
  /** Its own condition and those of the resources around it. */
  readonly condition: Presence;
  readonly parent: Instance | undefined;
  /** Turn of the loop; `*`: all of them, for they cannot be counted. */
  readonly index: number | '*' | undefined;
  /** The turn that an instance stands for, where it is asked for by a name. */
  readonly #turn: Value | undefined;
  readonly type: string;
  #name: Value | undefined;
  #address: string | undefined;
  #body: Obj | undefined;
  #bodyOpen = false;
  #id: Value | undefined;
  #canonicalId: string | undefined;
  #regionOpen = false;
  #deployed: Frame | OpaqueModule | undefined;
  #parent: Instance | Value | undefined;
  #placed: Place | undefined;
  /** Its name as it is written, without its parents'. */
  #ownName: Value | undefined;

  constructor(
    frame: Frame,
    entry: Entry,
    environment: Environment,
    surroundings: Presence,
    parent: Instance | undefined,
    index: number | '*' | undefined,
    turn?: Value,
  ) {
    this.#turn = turn;
    this.frame = frame;
    this.entry = entry;
    this.environment = environment;
    this.parent = parent;
    this.index = index;
    const own = this.#condition();
    this.presence = both(surroundings, own);
    this.condition = parent ? both(parent.condition, own) : own;
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
    return { is: 'maybe', guard: isSecret(condition) ? undefined : canonical(condition) };
  }

  #typeName(): string {
    const node = memberOf(this.entry.node, 'type')?.value;
    const value =
      node?.kind === 'string' && !node.value.startsWith('[') ? text(node.value, node) : this.#member('type');
    const own = value?.kind === 'string' ? value.value.trim() : '';
    if (own === '') {
      if (this.presence.is !== 'absent' && !this.frame.broken)
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

  /** Where it is deployed, as far as it is known, by name at least. */
  get region(): Value | undefined {
    // While it is evaluated, its region depends on itself.
    if (this.#regionOpen) return undefined;
    this.#regionOpen = true;
    const region = this.#member('location');
    this.#regionOpen = false;
    return region && canonical(region) !== undefined ? region : undefined;
  }

  #fullName(): Value {
    const { node } = this.entry;
    const written = memberOf(node, 'name')?.value;
    // Azure spells null as nothing.
    const own = this.#member('name') ?? (written && text('', written));
    if (!own || !written) {
      if (!this.frame.broken)
        this.#nodes.tell(
          'arm-resource-without-name',
          'warning',
          'this resource has no "name"',
          written ?? node,
          this.entry.declaration ? 'Write name: ... .' : 'Write "name": ... .',
        );
      return unknown('the resource has no name', written ?? node);
    }
    const named = this.#declaredParent();
    if (named) return this.#below(named instanceof Instance ? named.name : named, own, written);
    const { parent } = this;
    if (!parent) return this.#ofParent(written) ?? own;
    // A nested resource may be written with its whole name all the same.
    const slashes = this.type.split('/').length - 2;
    if (own.kind === 'string' && slashes > 0 && own.value.split('/').length - 1 === slashes) return own;
    return this.#below(parent.name, own, written);
  }

  /** Its name in parts, as far as they are written apart. */
  get names(): readonly Value[] {
    const named = this.#declaredParent();
    const parent = named instanceof Instance ? named : named ? undefined : this.parent;
    const own = parent && this.#member('name');
    const isWhole = own?.kind === 'string' && own.value.includes('/');
    return parent && own && !isWhole ? [...parent.names, own] : [this.name];
  }

  #below(parent: Value, own: Value, { source, start, end }: Span): Value {
    const at = { source, start, end };
    const call: Call = { kind: 'call', name: 'format', nameSpan: at, args: [], ...at };
    const format = this.environment.language.functions.get('format')!;
    return format([text('{0}/{1}', at), parent, own], call, this.environment);
  }

  /**
   * `format('{0}/{1}/{2}', split(X, '/')[0], split(X, '/')[1], Y)` is how Bicep's compiler writes a child of a resource whose
   * name X has slashes: X/Y, also where it is not known where the slashes are.
   */
  #ofParent(written: TemplateNode): Value | undefined {
    const name = this.#nodes.parsed(written);
    if (name?.kind !== 'call' || name.name !== 'format') return undefined;
    const [shape, ...parts] = name.args;
    const segments = this.type.split('/').length - 1;
    if (shape?.kind !== 'literal' || parts.length !== segments) return undefined;
    if (shape.value !== parts.map((_, i) => `{${i}}`).join('/')) return undefined;
    const cut = parts.findIndex(
      (part, i) => pieceOf(part, i) === undefined || !sameText(pieceOf(part, i)!, pieceOf(parts[0]!, 0)!),
    );
    const whole = cut < 2 ? undefined : pieceOf(parts[0]!, 0);
    if (!whole) return undefined;
    return parts
      .slice(cut)
      .reduce<Value>(
        (parent, part) => this.#below(parent, force(evaluate(part, this.environment)), written),
        force(evaluate(whole, this.environment)),
      );
  }

  /** The resource that `parent` names; a value where that is not known. */
  #declaredParent(): Instance | Value | undefined {
    const found = this.#parentNamed();
    let each = found;
    for (let i = 0; each instanceof Instance; i++) {
      if (i === lineage) return unknown('its parents lead too far, or back to it', this.entry.declaration!.parent!);
      // One that it is written in is a parent too.
      each = each.#parentNamed() ?? each.parent;
    }
    return found;
  }

  #parentNamed(): Instance | Value | undefined {
    const parent = this.entry.declaration?.parent;
    if (!parent || this.#parent) return this.#parent;
    // Found while it is evaluated: its parent depends on itself.
    this.#parent = unknown('its parent depends on itself', parent);
    const value = evaluate(parent, this.environment);
    this.#parent = instanceIn(value);
    return this.#parent ?? unknown(reasonOf(force(value)) ?? 'its parent is not known', parent);
  }

  /** The id that `scope` in Bicep names, and the resource that has it. */
  #place(): Place | undefined {
    const scope = this.entry.declaration?.scope;
    if (!scope) return undefined;
    if (this.#placed) return this.#placed;
    // Found while it is evaluated: its scope depends on itself.
    this.#placed = { id: unknown('its scope depends on itself', scope), of: undefined, scope: undefined };
    const value = evaluate(scope, this.environment);
    const of = instanceIn(value);
    const id = of
      ? this.#nodes.deeper(4, scope, () => of.id)
      : force(access(value, text('id', scope), scope, this.environment));
    this.#placed = { id, of: id.kind === 'unknown' ? undefined : of, scope: scopeIn(value) };
    return this.#placed;
  }

  /** Where the resource is deployed to; of a deployment, where its template is. */
  get scope(): DeploymentScope {
    const place = this.#place();
    const parent = place ? undefined : this.#declaredParent();
    if (parent instanceof Instance) return parent.scope;
    const { scope } = this.parent ?? this.frame.call;
    if (place?.scope) return place.scope;
    if (place && !this.isDeployment && !isScopeId(place.id)) return place.of?.scope ?? scope;
    if (place) return narrowed(scope, { scope: place.id });
    const named = this.#member('scope');
    return narrowed(scope, {
      subscription: this.#member('subscriptionId'),
      resourceGroup: this.#member('resourceGroup'),
      scope: named && (this.isDeployment || isScopeId(named)) ? named : undefined,
    });
  }

  /** The resource that it extends. A deployment has a scope of the same name, which is something else. */
  get extends(): Value | undefined {
    const place = this.#place();
    if (place) return this.isDeployment || place.scope || isScopeId(place.id) ? undefined : place.id;
    const parent = this.#declaredParent();
    if (parent) return parent instanceof Instance ? parent.extends : undefined;
    if (this.isDeployment) return undefined;
    const scope = this.#member('scope');
    if (scope) return isScopeId(scope) ? undefined : absoluteScope(scope, this.scope);
    return this.parent?.extends;
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
    const own =
      this.#symbolicAddress() ?? (this.isDeployment ? describe(this.name) : `${this.type}/${describe(this.name)}`);
    const address = call.address === undefined ? own : `${call.address}.${own}`;
    this.#address = this.#turn ? address : evaluation.unique(address);
    return this.#address;
  }

  /** `vms[2]`, `vault::policy`. */
  #symbolicAddress(): string | undefined {
    const { symbol: symbolic, parent, declaration } = this.entry;
    if (symbolic === undefined) return undefined;
    const turn = this.#turn ? (canonical(this.#turn) ?? '*') : this.index;
    const shown = turn === undefined ? '' : `[${turn}]`;
    if (!declaration || parent?.symbol === undefined) return symbolic + shown;
    return `${this.parent ? this.parent.#symbolicAddress() : ''}${symbolic.slice(parent.symbol.length)}${shown}`;
  }

  #namedAt(): Span | undefined {
    const { node, declaration } = this.entry;
    if (!declaration) return undefined;
    const around = this.parent ? this.parent.#namedAt() : undefined;
    return declaration.parent ?? around ?? memberOf(node, 'name')?.value;
  }

  get head(): Span {
    const { node, declaration } = this.entry;
    if (declaration) return declaration.head;
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
    this.#body = { ...body, members, ...(this.frame.broken && { open: true }) };
    this.#bodyOpen = false;
    this.#nodes.tellExceeded(this.frame.evaluation.budget);
    return this.#body;
  }

  emit(): void {
    if (this.type === '') return;
    const { body, presence } = this;
    if (!body) return;
    const apiVersion = memberOfValue(body, 'apiVersion', true)?.value;
    const { subscription, resourceGroup } = this.scope;
    this.frame.evaluation.resources.push({
      address: this.address,
      language: isBicep(this.frame.call.template) ? 'bicep' : 'arm',
      type: this.type,
      apiVersion: apiVersion?.kind === 'string' ? apiVersion.value : undefined,
      name: this.name,
      presence: presence.is === 'present' ? 'present' : 'maybe',
      guard: presence.guard,
      many: presence.many,
      existing: this.existing,
      body,
      head: this.head,
      namedAt: this.#namedAt(),
      calls: this.frame.call.calls ?? [],
      scope: { subscription, resourceGroup },
      extends: this.extends,
      dependsOn: this.#needed(),
      ...(orderedTypes.test(this.type) && {
        waitsFor: (address: string) => this.frame.evaluation.waits(this, address),
      }),
    });
    this.frame.evaluation.emitted.set(this.address, this);
  }

  // Order

  get encloser(): Step | undefined {
    return this.frame.call.by;
  }

  /** What it names, and what `dependsOn` names; its parts in templates within it are steps of their own. */
  needs(): { readonly steps: readonly Step[]; readonly open: boolean } {
    const steps: Step[] = [];
    const seen = new Set<string>();
    const { open } = this.frame.scan(this.entry.node, this.environment, steps, seen);
    const { declaration } = this.entry;
    for (const expression of [declaration?.parent, declaration?.scope, declaration?.needs])
      if (expression) this.frame.scan({ ...expression, kind: 'expression', expression }, this.environment, steps, seen);
    if (declaration) return { steps, open };
    const list = this.#member('dependsOn');
    if (!list) return { steps, open };
    if (list.kind !== 'list') return { steps, open: true };
    const found = list.items.map((item) => this.frame.find(force(item)) ?? this.frame.extensionNamed(force(item)));
    return {
      steps: [...steps, ...found.filter((each) => each !== undefined)],
      open: open || found.includes(undefined),
    };
  }

  #needed(): string[] | undefined {
    const list = this.#member('dependsOn');
    if (list?.kind !== 'list') return undefined;
    return list.items.flatMap((item) => canonical(force(item), true) ?? []);
  }

  // What reference() gives

  /** What its symbol stands for in Bicep. */
  handle(at: Span): Handle {
    return {
      kind: 'lazy',
      at,
      instance: this,
      get: (key, place) => {
        const name = key.kind === 'string' ? key.value : undefined;
        if (name === undefined) return unknown(reasonOf(key) ?? 'a resource has no such member', place);
        if (name.startsWith('::'))
          return this.frame.childOf(this, name.slice(2))?.handle(place) ?? unknown('it is not known', place);
        switch (name.toLowerCase()) {
          case 'id':
            return { ...this.#writtenId(place), at: place };
          case 'name':
            return this.#writtenName(place);
          case 'type':
            return text(this.type, place);
          case 'apiversion':
            return this.#member('apiVersion') ?? unknown('it is not written', place);
          case 'properties':
            return this.runtime(false, place);
          case 'outputs':
            return lazy(place, (output, there) => this.output(output, there));
          default:
            return access(this.runtime(true, place), key, place, this.environment);
        }
      },
      force: () => force(this.runtime(true, at)),
    };
  }

  /** The compiler writes the id of a group by its type; both spellings are one id, but not one seed of uniqueString(). */
  #writtenId(at: Span): Value {
    if (!/^microsoft\.resources\/resourcegroups$/i.test(this.type)) return this.id;
    return joined(['/subscriptions/', this.scope.subscription, `/providers/${this.type}/`, this.name], at);
  }

  #writtenName(at: Span): Value {
    if (this.#ownName) return this.#ownName;
    // Found while it is evaluated: its name depends on itself.
    this.#ownName = unknown('its name depends on itself', at);
    this.#ownName = this.#member('name') ?? unknown('the resource has no name', at);
    return this.#ownName;
  }

  /** What is configured is known; the rest has a name. `full`: with `location`, `identity` and so on. */
  runtime(full: boolean, at: Span): Value {
    const text = `reference(${this.address})`;
    if (this.isDeployment) {
      const outputs = lazy(
        at,
        (name, place) =>
          lazy(
            place,
            (key) =>
              key.toLowerCase() === 'value' ? this.output(name, place) : unknown('only the value is followed', place),
            () => object(new Map([['value', { value: this.output(name, place), at: place }]]), place),
          ),
        () => this.#outputs(at),
      );
      const open = (of: string, value: Value): Obj => ({ ...object(new Map([[of, { value, at }]]), at), open: true });
      const properties = lazy(
        at,
        (key, place) =>
          key.toLowerCase() === 'outputs' ? outputs : symbol(`${text}.properties.${key}`, atDeployment, place),
        () => open('outputs', outputs),
      );
      if (!full) return properties;
      return lazy(
        at,
        (key, place) =>
          key.toLowerCase() === 'properties' ? properties : symbol(`${text}.${key}`, atDeployment, place),
        () => open('properties', properties),
      );
    }
    if (this.existing) {
      const declared = this.frame.evaluation.withId(this.id, this.frame, true);
      if (declared) return declared.runtime(full, at);
    }
    const body = this.existing ? undefined : this.body;
    if (full) return runtimeMembers(body, text, { address: this.address, path: '' }, at);
    const properties = body && memberOfValue(body, 'properties', true)?.value;
    const known = properties?.kind === 'object' ? properties : undefined;
    if (body && properties && !known && properties.kind !== 'null') return properties;
    return runtimeMembers(known, `${text}.properties`, { address: this.address, path: '.properties' }, at);
  }

  /** All outputs of a deployment that can be looked into. */
  #outputs(at: Span): Value {
    const deployed = this.#deploy();
    const declared = deployed instanceof Frame ? memberOf(deployed.call.template, 'outputs')?.value : undefined;
    const members = new Map<string, Member>();
    for (const { key } of declared?.kind === 'object' ? declared.members : []) {
      const value = object(new Map([['value', { value: this.output(key.value, at), at }]]), at);
      members.set(key.value, { value, at });
    }
    return { ...object(members, at), ...(!(deployed instanceof Frame) && { open: true }) };
  }

  output(name: string, at: Span): Value {
    const deployed = this.#deploy();
    const value = deployed instanceof Frame ? deployed.output(name) : undefined;
    if (value) return value;
    if (deployed instanceof Frame) return failure(`the deployment has no output "${name}"`, at);
    const because = `the deployment could not be looked into: ${deployed.because}`;
    const of = deployed.registry && { address: this.address, path: `outputs.${name}` };
    return symbol(`reference(${this.address}).outputs.${name}.value`, because, at, of);
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
    const { node, declaration } = this.entry;
    const { evaluation } = this.frame;
    if (declaration?.module) return this.#module(declaration.module);
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

  /** The template that a module of Bicep is. */
  #module(written: Expression): Frame | OpaqueModule {
    const { evaluation, call, depth } = this.frame;
    const source = written.kind === 'literal' ? String(written.value) : '';
    const found: ModuleReference =
      source === '' ? { kind: 'opaque', because: 'its path is not known' } : evaluation.module(source, call.directory);
    let because = found.kind === 'opaque' ? found.because : '';
    let template: TemplateObject | undefined;
    if (found.kind === 'file') {
      if (this.frame.within(found.path)) because = 'the modules contain each other in a circle';
      else if (!evaluation.enter(depth + 1, written)) because = 'there are too many deployments';
      else {
        template = evaluation.file(found.path);
        because = 'it cannot be read';
      }
    }
    evaluation.modules.push({ source, resolved: template !== undefined, at: written });
    if (found.kind === 'file' && template)
      return evaluation.frame(this.#call(template, dirname(found.path), found.path), this.frame, undefined);
    const missing = found.kind === 'opaque' && (found.missing || found.invalid);
    if (missing)
      this.#nodes.tell(
        found.missing ? 'bicep-module-missing' : 'bicep-module-invalid',
        'error',
        found.missing
          ? `the module "${source}" is not there: ${because}`
          : `"${source}" is no reference to a module: ${because}`,
        written,
        found.missing ? 'Correct the path, or add the file.' : undefined,
      );
    const opaque = { ...this.#opaque(source, because, written), ...(missing && { told: true }) };
    const { registry } = found;
    if (!registry) return opaque;
    const given = { ...opaque.arguments, at: this.head };
    return { ...opaque, registry, version: registry.tag, arguments: given, call: this.#opaqueCall() };
  }

  /** What a resource of a module that cannot be looked into has of its call. */
  #opaqueCall(): NonNullable<OpaqueModule['call']> {
    const { presence, scope, head } = this;
    const { subscription, resourceGroup } = scope;
    return {
      presence: presence.is === 'present' ? 'present' : 'maybe',
      guard: presence.guard,
      many: presence.many,
      calls: [...(this.frame.call.calls ?? []), { at: head, what: `the module "${this.entry.symbol}"` }],
      subscription,
      resourceGroup,
      location:
        scope.kind === 'resourceGroup' ? groupLocation(scope, head, (group) => this.frame.regionOf(group)) : undefined,
    };
  }

  get #noun(): string {
    return this.entry.declaration?.module ? 'module' : 'nested deployment';
  }

  #call(template: TemplateObject, directory: string, file: string | undefined): TemplateCall {
    const shown = this.entry.declaration?.module ? this.entry.symbol! : describe(this.name);
    const given = memberOf(memberOf(this.entry.node, 'properties')?.value, 'parameters')?.value;
    return {
      template,
      directory,
      file,
      scope: this.scope,
      parameter: (name) => this.#argument(given, name, shown),
      name: this.name,
      address: this.address,
      calls: [...(this.frame.call.calls ?? []), { at: this.head, what: `the ${this.#noun} "${shown}"` }],
      presence: this.presence,
      by: this,
    };
  }

  /** What is passed for a parameter; undefined where nothing is. */
  #argument(given: TemplateNode | undefined, name: string, shown: string): Value | undefined {
    const lost = this.frame.broken;
    if (!given) return lost && unknown('the file that passes it has a syntax error', lost);
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
    if (!argument) return lost && unknown('the file that passes it has a syntax error', lost);
    const value = this.#passed(argument, name, at);
    return value && withVia(value, at, `passed to the ${this.#noun} "${shown}" here`);
  }

  #passed(argument: Value, name: string, at: Span): Value | undefined {
    if (argument.kind === 'one-of') {
      const values = argument.values.map((each) => this.#passed(force(each), name, at) ?? nothing(at));
      return hiddenBy([argument], choiceOf(argument, values, at));
    }
    if (argument.kind === 'null') return undefined;
    if (argument.kind === 'object' && memberOfValue(argument, 'reference', true))
      return secret(unknown(`the value of parameter "${name}" is read from a key vault`, at));
    return force(access(argument, text('value', at), at, this.environment));
  }

  #follow(link: TemplateObject): Frame | OpaqueModule {
    const { evaluation, call, depth } = this.frame;
    const part = (key: string): { node: TemplateNode; value: Value } | undefined => {
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

/** What `scope` in Bicep names: a scope, or a resource that is extended. */
interface Place {
  readonly id: Value;
  readonly of: Instance | undefined;
  readonly scope: DeploymentScope | undefined;
}

/** A turn of a loop is there only where the list that it runs over has an item for it. */
function existingItem(item: Value): Value {
  if (item.kind !== 'one-of') return item;
  const items = item.values.filter((each) => !(each.kind === 'unknown' && each.failed));
  return items.length === 0 || items.length === item.values.length ? item : hiddenBy([item], oneOf(items, item.at));
}

/** What a resource stands for, as a value. */
interface Handle extends Lazy {
  readonly instance: Instance;
}

function instanceIn(value: Value): Instance | undefined {
  return value.kind === 'lazy' && 'instance' in value ? (value as Handle).instance : undefined;
}

/** How many items a value may have; undefined where that is not known. */
function lengthsOf(value: Value): number[] | undefined {
  const lengths: number[] = [];
  for (const candidate of value.kind === 'one-of' ? value.values.map(force) : [value]) {
    if (candidate.kind !== 'list' || candidate.open) return undefined;
    lengths.push(candidate.items.length);
  }
  return lengths;
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
        const seen = runtimeValue(value, `${text}.${key}`, below, here);
        return member.maybe ? oneOf([value, unknown(atDeployment, here)], here) : seen;
      }
      return symbol(`${text}.${key}`, atDeployment, here, below);
    },
    () => (of ? { ...of, open: true } : symbol(text, atDeployment, at, place)),
  );
}

/** X in `split(X, '/')[i]`. */
function pieceOf(part: Expression, i: number): Expression | undefined {
  if (part.kind !== 'access' || part.of.kind !== 'call' || part.of.name !== 'split') return undefined;
  const [whole, by] = part.of.args;
  const isPiece = part.key.kind === 'literal' && part.key.value === i && by?.kind === 'literal' && by.value === '/';
  return isPiece ? whole : undefined;
}

function sameText(a: Expression, b: Expression): boolean {
  return a.source.text.slice(a.start, a.end) === b.source.text.slice(b.start, b.end);
}

/** Azure adds members to objects in lists too. */
function runtimeValue(value: Value, text: string, place: { address: string; path: string }, at: Span): Value {
  if (value.kind === 'object') return runtimeMembers(value, text, place, at);
  if (value.kind !== 'list') return value;
  const items = value.items.map((item, i) => {
    const below = { address: place.address, path: `${place.path}[${i}]` };
    return runtimeValue(force(item), `${text}[${i}]`, below, at);
  });
  return { ...value, items };
}

/** What follows a folder's name in a whole address: an address leads into the repository only if it names the folder. */
function belowFolder(address: string, folder: string): string | undefined {
  const segments = address.replace(/^[a-z]+:\/\/[^/]*\//i, '').split('/');
  const here = segments.findLastIndex((segment) => segment.toLowerCase() === folder.toLowerCase());
  return here === -1 || here === segments.length - 1 ? undefined : segments.slice(here + 1).join('/');
}

/** The address of a linked template without what may be a secret: its query. */
function shownLink(value: Value, node: TemplateNode): string {
  if (isScalar(value) && !value.secret) return String(value.value).replace(/\?.*$/s, '');
  return node.kind === 'string' ? node.value : '';
}
