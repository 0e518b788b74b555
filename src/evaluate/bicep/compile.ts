/**
 * A Bicep file -> the template that it stands for, by the rules of the official compiler as far as they decide which resources
 * exist, their names, scopes and bodies. Values stay expressions with their place in the Bicep file; only their names are
 * resolved: `parameters:x`, `variables:x`, `resource:x`, `import:x` of the file; names of loops and lambdas stay bare.
 */
import type {
  BicepFile,
  Decorator,
  Identifier,
  Module,
  Output,
  Parameter,
  Resource,
  Type,
  TypeDeclaration,
} from '../../parse/bicep-tree.ts';
import type {
  Access,
  Call,
  Expression,
  ListText,
  Literal,
  Name,
  ObjectText,
  Operation,
} from '../../parse/expression.ts';
import type { JsonString } from '../../parse/json-tree.ts';
import type { Log } from '../../source/diagnostic.ts';
import { type Source, type Span, span } from '../../source/source.ts';
import type { ScopeKind } from '../arm/scope.ts';
import type { TemplateArray, TemplateMember, TemplateNode, TemplateObject } from '../arm/tree.ts';
import type {
  BicepTemplate,
  Declaration,
  Declared,
  ImportedFile,
  ImportedName,
  ParameterAssignments,
  UserFunction,
} from './compiled.ts';

/** `broken`: the first syntax error in the file. */
export function compileBicep(file: BicepFile, source: Source, log: Log, broken?: Span): BicepTemplate {
  return new Compiler(file, source, log, broken).template();
}

export function compileParameters(file: BicepFile, source: Source, log: Log, broken?: Span): ParameterAssignments {
  return new Compiler(file, source, log, broken).assignments();
}

/** Names of loops, lambdas and functions, the innermost first. */
interface Locals {
  readonly name: string;
  /** What it stands for, where that is no value in the scope. */
  readonly resource?: string | undefined;
  readonly next: Locals | undefined;
}

const scopes: ReadonlyMap<string, ScopeKind> = new Map(
  (['resourceGroup', 'subscription', 'managementGroup', 'tenant'] as const).map((kind) => [kind, kind]),
);

/** Operators that are functions of a template. */
const functionsOf: Readonly<Record<string, string>> = {
  '==': 'equals',
  '!=': 'equals',
  '=~': 'equals',
  '!~': 'equals',
  '<': 'less',
  '<=': 'lessorequals',
  '>': 'greater',
  '>=': 'greaterorequals',
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
};

class Compiler {
  readonly #file: BicepFile;
  readonly #source: Source;
  readonly #log: Log;
  /** What the names of the file stand for. */
  readonly #names = new Map<string, string>();
  /** Resources and modules by symbol path. */
  readonly #deployed = new Map<string, Resource | Module>();
  readonly #functions = new Map<string, UserFunction>();
  readonly #imports = new Map<string, ImportedName>();
  readonly #namespaces = new Map<string, ImportedFile>();
  readonly #references: Literal[] = [];
  /** Names of extensions: what they give is not known. */
  readonly #extensions = new Set<string>();
  readonly #told = new Set<string>();

  readonly #broken: Span | undefined;
  /** Whether what is compiled now may have lost members to a syntax error. */
  #gaps = false;

  constructor(file: BicepFile, source: Source, log: Log, broken: Span | undefined) {
    this.#broken = broken;
    this.#file = file;
    this.#source = source;
    this.#log = log;
    for (const declaration of file.declarations)
      switch (declaration.kind) {
        case 'parameter':
          this.#names.set(declaration.name.name, `parameters:${declaration.name.name.toLowerCase()}`);
          break;
        case 'variable':
          this.#names.set(declaration.name.name, `variables:${declaration.name.name.toLowerCase()}`);
          break;
        case 'resource':
        case 'module':
          this.#names.set(declaration.name.name, `resource:${declaration.name.name}`);
          this.#register(declaration, declaration.name.name);
          break;
        case 'import': {
          const path = literalText(declaration.path);
          if (path) this.#references.push(path);
          const from = { path: path?.value as string | undefined, at: declaration.path };
          for (const symbol of declaration.symbols) {
            this.#imports.set(symbol.name.name, { ...from, exported: symbol.exported });
            this.#names.set(symbol.name.name, `import:${symbol.name.name}`);
          }
          if (declaration.all) this.#namespaces.set(declaration.all.name, from);
          break;
        }
        case 'extension': {
          const name = declaration.alias?.name ?? literalText(declaration.specification)?.value;
          const bare = declaration.specification.kind === 'name' ? declaration.specification.name : name;
          this.#extensions.add(String(declaration.alias?.name ?? bare));
          break;
        }
      }
  }

  #register(resource: Resource | Module, path: string): void {
    this.#deployed.set(path, resource);
    if (resource.kind === 'resource')
      for (const child of resource.resources) this.#register(child, `${path}::${child.name.name}`);
  }

  template(): BicepTemplate {
    const parameters: TemplateMember[] = [];
    const variables: TemplateMember[] = [];
    const definitions: TemplateMember[] = [];
    const outputs: TemplateMember[] = [];
    const resources: TemplateMember[] = [];
    let scope: ScopeKind | undefined;
    for (const declaration of this.#file.declarations)
      switch (declaration.kind) {
        case 'targetScope':
          scope = scopes.get(String(literalText(declaration.value)?.value));
          break;
        case 'parameter':
          parameters.push(member(declaration.name, this.#parameter(declaration)));
          break;
        case 'variable':
          variables.push(member(declaration.name, this.#computed(declaration.value)));
          break;
        case 'type':
          definitions.push(member(declaration.name, this.#definition(declaration)));
          break;
        case 'function':
          this.#function(declaration.name.name, declaration.parameters, declaration.body);
          break;
        case 'output':
          outputs.push(member(declaration.name, this.#output(declaration)));
          break;
        case 'resource':
          resources.push(member(declaration.name, this.#resource(declaration, undefined, undefined, undefined)));
          break;
        case 'module':
          resources.push(member(declaration.name, this.#module(declaration)));
          break;
      }
    const whole = span(this.#source, 0, Math.min(1, this.#source.text.length));
    const section = (name: string, members: TemplateMember[]): TemplateMember =>
      member({ ...whole, name }, { kind: 'object', members, ...whole });
    return {
      kind: 'object',
      ...whole,
      members: [
        section('definitions', definitions),
        section('parameters', parameters),
        section('variables', variables),
        section('resources', resources),
        section('outputs', outputs),
      ],
      unit: {
        source: this.#source,
        scope,
        functions: this.#functions,
        imports: this.#imports,
        namespaces: this.#namespaces,
        references: this.#references,
        broken: this.#broken,
      },
    };
  }

  assignments(): ParameterAssignments {
    this.#names.set('base', 'base:');
    const values = new Map<string, { expression: Expression; at: Span }>();
    let using: Literal | undefined;
    let base: Literal | undefined;
    for (const declaration of this.#file.declarations) {
      if (declaration.kind === 'parameter' && declaration.value)
        values.set(declaration.name.name.toLowerCase(), {
          expression: this.#expression(declaration.value, undefined),
          at: declaration.name,
        });
      if (declaration.kind === 'using') using = declaration.path && literalText(declaration.path);
      if (declaration.kind === 'extends') base = literalText(declaration.path);
    }
    return { using, extends: base, values, template: this.template() };
  }

  // Declarations

  #parameter(parameter: Parameter): TemplateObject {
    const members = this.#typed(parameter.type, parameter.decorators, parameter);
    if (parameter.value) members.push(member(named('defaultValue', parameter), this.#computed(parameter.value)));
    return { kind: 'object', members, ...placeOf(parameter) };
  }

  #definition(declaration: TypeDeclaration): TemplateObject {
    return {
      kind: 'object',
      members: this.#typed(declaration.type, declaration.decorators, declaration),
      ...placeOf(declaration),
    };
  }

  #output(output: Output): TemplateObject {
    const members = this.#typed(output.type, output.decorators, output);
    members.push(member(named('value', output), this.#computed(output.value)));
    return { kind: 'object', members, ...placeOf(output) };
  }

  /** What matters of a type: whether it is secure, may be null, what it allows, and the same of its parts. */
  #typed(type: Type | undefined, decorators: readonly Decorator[], at: Span): TemplateMember[] {
    const members: TemplateMember[] = [];
    const secure = decorators.some((decorator) => decoratorName(decorator) === 'secure');
    let bare = type;
    while (bare?.kind === 'nullableType') {
      members.push(member(named('nullable', at), { kind: 'word', value: true, ...placeOf(bare) }));
      bare = bare.of;
    }
    if (bare?.kind === 'nonNullType') bare = bare.of;
    const orNull = bare?.kind === 'unionType' && bare.members.find((each) => each.kind === 'nullableType');
    if (orNull) members.push(member(named('nullable', at), { kind: 'word', value: true, ...placeOf(orNull) }));
    members.push(member(named('type', at), stringNode(secure ? 'securestring' : typeName(bare), at)));
    const reference = bare && this.#typeReference(bare);
    if (bare && reference !== undefined) members.push(member(named('$ref', bare), stringNode(reference, bare)));
    if (bare) members.push(...this.#parts(bare));
    const allowed = decorators.find((decorator) => decoratorName(decorator) === 'allowed')?.expression;
    const values = allowed?.kind === 'call' && allowed.args[0]?.kind === 'list' ? allowed.args[0] : undefined;
    const items = values ? values.items.map((item) => item.value) : allowedBy(bare);
    if (items)
      members.push(
        member(named('allowedValues', at), {
          kind: 'array',
          items: items.map((item) => this.#computed(item)),
          ...placeOf(values ?? at),
        }),
      );
    return members;
  }

  /** `#/definitions/t/properties/p`, as in a template; names that are imported have a root of their own. */
  #typeReference(type: Type): string | undefined {
    if (type.kind === 'namedType') return `#/${this.#imports.has(type.name) ? 'imports' : 'definitions'}/${type.name}`;
    if (type.kind !== 'typeAccess') return undefined;
    const key = type.key?.kind === 'literal' && type.key.value !== '' ? type.key.value : undefined;
    if (type.all === undefined && (key === undefined || String(key).includes('/'))) return undefined;
    if (type.of.kind === 'namedType' && this.#namespaces.has(type.of.name))
      return key === undefined ? undefined : `#/namespaces/${type.of.name}/${key}`;
    const of = this.#typeReference(type.of);
    if (of === undefined) return undefined;
    if (type.all !== undefined) return `${of}/${type.all === 'items' ? 'items' : 'additionalProperties'}`;
    return typeof key === 'number' ? `${of}/prefixItems/${key}` : `${of}/properties/${key}`;
  }

  #parts(type: Type): TemplateMember[] {
    const part = (of: Type, decorators: readonly Decorator[]): TemplateObject => ({
      kind: 'object',
      members: this.#typed(of, decorators, of),
      ...placeOf(of),
    });
    switch (type.kind) {
      case 'arrayType':
        return [member(named('items', type), part(type.of, []))];
      case 'tupleType': {
        const items = type.items.map((item) => part(item.type, item.decorators));
        return [member(named('prefixItems', type), { kind: 'array', items, ...placeOf(type) })];
      }
      case 'objectType': {
        const own: TemplateMember[] = [];
        const others: TemplateMember[] = [];
        for (const { key, type: of, decorators } of type.properties) {
          const name = key && literalText(key);
          if (name) own.push(member({ ...placeOf(name), name: String(name.value) }, part(of, decorators)));
          else if (!key) others.push(member(named('additionalProperties', of), part(of, decorators)));
        }
        return [member(named('properties', type), { kind: 'object', members: own, ...placeOf(type) }), ...others];
      }
      default:
        return [];
    }
  }

  #function(name: string, parameters: readonly { readonly name: Identifier }[], body: Expression): void {
    let locals: Locals | undefined;
    const names = parameters.map((parameter) => parameter.name.name);
    for (const each of names) locals = { name: each, next: locals };
    this.#functions.set(name, { parameters: names, body: this.#expression(body, locals) });
  }

  #resource(
    resource: Resource,
    parent: { readonly path: string; readonly apiVersion: string | undefined } | undefined,
    extension: string | undefined,
    around: Locals | undefined,
  ): Declared {
    const path = parent ? `${parent.path}::${resource.name.name}` : resource.name.name;
    const written = literalText(resource.type);
    const [type = '', version] = String(written?.value ?? '')
      .replace(/^az:/, '')
      .split('@', 2);
    const apiVersion = version ?? parent?.apiVersion;
    let locals = around;
    for (const child of resource.resources)
      locals = { name: child.name.name, resource: `${path}::${child.name.name}`, next: locals };
    const members: TemplateMember[] = [];
    const foreign = extension ?? (parent || !written ? undefined : this.#extensionOf(type));
    if (foreign !== undefined) members.push(member(named('extension', resource), stringNode(foreign, resource)));
    members.push(
      member(
        named('type', resource.type),
        written ? stringNode(type, resource.type) : this.#computed(resource.type, locals),
      ),
    );
    if (apiVersion !== undefined)
      members.push(member(named('apiVersion', resource.type), stringNode(apiVersion, resource.type)));
    if (resource.existing)
      members.push(member(named('existing', resource), { kind: 'word', value: true, ...placeOf(resource) }));
    const { inner, loop } = this.#loop(resource, locals);
    if (resource.condition)
      members.push(member(named('condition', resource.condition), this.#computed(resource.condition, inner)));
    const isDeployment = /^microsoft\.resources\/deployments$/i.test(type);
    this.#gaps = this.#broken !== undefined;
    let own: Expression | undefined;
    let scope: Expression | undefined;
    let needs: Expression | undefined;
    if (resource.body.kind === 'object')
      for (const { key, value } of resource.body.entries) {
        const name = key?.kind === 'literal' ? String(key.value) : undefined;
        if (name === 'dependsOn') needs = this.#expression(value, inner);
        if (!key || name === undefined || outside.has(name.toLowerCase())) continue;
        if (name === 'parent') own = this.#expression(value, inner);
        else if (name === 'scope') scope = this.#expression(value, inner);
        else
          members.push(
            member(
              { ...placeOf(key), name },
              isDeployment && name === 'properties'
                ? this.#structure(value, inner, false)
                : this.#computed(value, inner),
            ),
          );
      }
    this.#gaps = false;
    if (resource.resources.length > 0) {
      const children = resource.resources.map((child) =>
        member(child.name, this.#resource(child, { path, apiVersion }, foreign, inner)),
      );
      members.push(member(named('resources', resource), { kind: 'object', members: children, ...placeOf(resource) }));
    }
    return {
      kind: 'object',
      members,
      ...placeOf(resource),
      declared: {
        head: span(resource.source, resource.start, resource.type.end),
        parent: own,
        scope,
        needs,
        ...(loop && { loop }),
      },
    };
  }

  /** The extension that declares a type outside of Azure; its types have other names. */
  #extensionOf(type: string): string | undefined {
    if (this.#extensions.size === 0) return undefined;
    return /^microsoft\.graph\//i.test(type) || !/^[^/]+\.[^/]+\//.test(type) ? 'extension' : undefined;
  }

  #module(module: Module): Declared {
    const { inner, loop } = this.#loop(module, undefined);
    const path = literalText(module.path);
    if (path) this.#references.push(path);
    const members: TemplateMember[] = [
      member(named('type', module.path), stringNode('Microsoft.Resources/deployments', module.path)),
    ];
    if (module.condition)
      members.push(member(named('condition', module.condition), this.#computed(module.condition, inner)));
    let scope: Expression | undefined;
    let needs: Expression | undefined;
    let name: TemplateNode | undefined;
    let given: TemplateNode | undefined;
    this.#gaps = this.#broken !== undefined;
    if (module.body.kind === 'object')
      for (const { key, value } of module.body.entries) {
        const word = key?.kind === 'literal' ? key.value : undefined;
        if (word === 'name') name = this.#computed(value, inner);
        else if (word === 'dependsOn') needs = this.#expression(value, inner);
        else if (word === 'scope') scope = this.#expression(value, inner);
        else if (word === 'params') given = this.#arguments(value, inner);
      }
    else given = this.#computed(module.body, inner);
    this.#gaps = false;
    members.push(member(named('name', module.name), name ?? this.#generatedName(module)));
    if (given)
      members.push(
        member(named('properties', given), {
          kind: 'object',
          members: [member(named('parameters', given), given)],
          ...placeOf(given),
        }),
      );
    return {
      kind: 'object',
      members,
      ...placeOf(module),
      declared: {
        head: span(module.source, module.start, module.path.end),
        scope,
        needs,
        module: module.path,
        ...(loop && { loop }),
      },
    };
  }

  /** `params`: an object of the arguments. */
  #arguments(value: Expression, locals: Locals | undefined): TemplateNode {
    if (value.kind !== 'object' || value.entries.some((entry) => entry.key?.kind !== 'literal'))
      return this.#computed(value, locals);
    const members = value.entries.map((entry): TemplateMember => {
      const key = entry.key as Literal;
      const passed = this.#computed(entry.value, locals);
      const inner = member(named('value', key), passed);
      return member(
        { ...placeOf(key), name: String(key.value) },
        { kind: 'object', members: [inner], ...placeOf(passed) },
      );
    });
    return { kind: 'object', members, ...placeOf(value) };
  }

  /** A module without a name: `symbol-` and what is unique to the deployment. */
  #generatedName(module: Module): TemplateNode {
    const at = placeOf(module.name);
    const name = module.name.name;
    const literal = (value: string): Literal => ({ kind: 'literal', value, ...at });
    const call = (of: string, ...args: Expression[]): Call => ({ kind: 'call', name: of, nameSpan: at, args, ...at });
    const deployment: Access = { kind: 'access', of: call('deployment'), key: literal('name'), ...at };
    const unique = call('uniquestring', literal(name), deployment);
    const expression = module.loop
      ? call('format', literal(`${name.slice(0, 46)}-{0}-{1}`), call('copyindex'), unique)
      : call('format', literal(`${name.slice(0, 50)}-{0}`), unique);
    return { kind: 'expression', expression, ...at };
  }

  #loop(of: Resource | Module, locals: Locals | undefined): { inner: Locals | undefined; loop?: Declaration['loop'] } {
    if (!of.loop) return { inner: locals };
    const { itemName, indexName } = of.loop;
    let inner: Locals | undefined = { name: itemName, next: locals };
    if (indexName !== undefined) inner = { name: indexName, next: inner };
    return { inner, loop: { of: this.#expression(of.loop.of, locals), itemName, indexName } };
  }

  /**
   * A deployment that is written as a resource has parts that this tool looks into: objects stay objects, and in its
   * template a text in brackets is an expression of that template.
   */
  #structure(value: Expression, locals: Locals | undefined, inTemplate: boolean): TemplateNode {
    if (value.kind === 'object' && value.entries.every((entry) => entry.key?.kind === 'literal')) {
      const members = value.entries.map((entry): TemplateMember => {
        const name = String((entry.key as Literal).value);
        const inside = inTemplate || name === 'template';
        return member({ ...placeOf(entry.key!), name }, this.#structure(entry.value, locals, inside));
      });
      return { kind: 'object', members, ...placeOf(value) };
    }
    if (inTemplate && value.kind === 'list' && value.items.every((item) => !item.spread)) {
      const items = value.items.map((item) => this.#structure(item.value, locals, true));
      return { kind: 'array', items, ...placeOf(value) } satisfies TemplateArray;
    }
    const written = literalText(value);
    if (inTemplate && written) return stringNode(String(written.value), value);
    return this.#computed(value, locals);
  }

  // Expressions

  #computed(expression: Expression, locals?: Locals): TemplateNode {
    return { kind: 'expression', expression: this.#expression(expression, locals), ...placeOf(expression) };
  }

  #expression(e: Expression, locals: Locals | undefined): Expression {
    switch (e.kind) {
      case 'literal':
      case 'broken':
      case 'splat':
        return e;
      case 'name':
        return this.#name(e, locals);
      case 'template':
        return this.#interpolation(e.parts, e, locals);
      case 'access':
        return this.#access(e, locals);
      case 'call':
        return this.#call(e, locals);
      case 'operation':
        return this.#operation(e, locals);
      case 'conditional':
        return {
          ...e,
          condition: this.#expression(e.condition, locals),
          then: this.#expression(e.then, locals),
          otherwise: this.#expression(e.otherwise, locals),
        };
      case 'list':
        return this.#list(e, locals);
      case 'object':
        return this.#object(e, locals);
      case 'for': {
        let inner: Locals | undefined = { name: e.valueName, next: locals };
        if (e.keyName !== undefined) inner = { name: e.keyName, next: inner };
        return { ...e, of: this.#expression(e.of, locals), value: this.#expression(e.value, inner) };
      }
      case 'lambda': {
        let inner = locals;
        for (const name of e.parameters) inner = { name, next: inner };
        return { ...e, body: this.#expression(e.body, inner) };
      }
    }
  }

  /** A spread is `flatten(createArray(...))` in the template. */
  #list(e: ListText, locals: Locals | undefined): Expression {
    const items = e.items.map((item) => ({ ...item, value: this.#expression(item.value, locals) }));
    if (this.#gaps) items.push({ value: { kind: 'broken', ...placeOf(e) }, spread: true });
    else if (items.some((item) => item.spread)) {
      const parts = runsOf(items, (item) => item.spread === true);
      const lists = parts.map((run) => (run[0]!.spread ? run[0]!.value : { ...e, items: run }));
      return joining('flatten', lists, e);
    }
    return { ...e, items };
  }

  /** A spread is `shallowMerge(createArray(...))` in the template. */
  #object(e: ObjectText, locals: Locals | undefined): Expression {
    const entries = e.entries.map((entry) => ({
      ...(entry.key && { key: this.#expression(entry.key, locals) }),
      value: this.#expression(entry.value, locals),
    }));
    if (this.#gaps) entries.unshift({ value: { kind: 'broken', ...placeOf(e) } });
    if (e.entries.every((entry) => entry.key)) return { ...e, entries };
    const parts = runsOf(entries, (entry) => !entry.key);
    const objects = parts.map((run) => (run[0]!.key ? { ...e, entries: run } : run[0]!.value));
    return joining('shallowmerge', objects, e);
  }

  #name(e: Name, locals: Locals | undefined): Expression {
    for (let local = locals; local; local = local.next)
      if (local.name === e.name) return local.resource === undefined ? e : { ...e, name: `resource:${local.resource}` };
    const known = this.#names.get(e.name);
    if (known !== undefined) return { ...e, name: known };
    if (this.#namespaces.has(e.name)) return { ...e, name: `namespace:${e.name}` };
    // `this` is the resource as it stands in Azure (an experimental feature).
    if (this.#extensions.has(e.name) || e.name === '' || e.name === 'this') return { kind: 'broken', ...placeOf(e) };
    this.#undefined(e.name, e);
    return e;
  }

  #undefined(name: string, at: Span): void {
    if (this.#broken || this.#told.has(name)) return;
    this.#told.add(name);
    this.#log.push({
      code: 'bicep-undefined-name',
      severity: 'warning',
      message: `there is no "${name}" in this file`,
      at: placeOf(at),
      help: 'Declare it, or correct the name.',
    });
  }

  /** A text with holes is `format()` in the template, which spells true as True. */
  #interpolation(parts: readonly (string | Expression)[], at: Span, locals: Locals | undefined): Expression {
    const place = placeOf(at);
    let shape = '';
    const holes: Expression[] = [];
    for (const part of parts)
      if (typeof part === 'string') shape += part.replace(/[{}]/g, '$&$&');
      else {
        shape += `{${holes.length}}`;
        holes.push(this.#expression(part, locals));
      }
    if (holes.length === 0) return { kind: 'literal', value: parts.join(''), ...place };
    const format: Literal = { kind: 'literal', value: shape, ...place };
    return { kind: 'call', name: 'format', nameSpan: place, args: [format, ...holes], ...place };
  }

  #access(e: Access, locals: Locals | undefined): Expression {
    if (e.of.kind === 'name' && !this.#isLocal(e.of.name, locals)) {
      const key = literalText(e.key);
      if (this.#namespaces.has(e.of.name) && key)
        return { kind: 'name', name: `namespace:${e.of.name}:${key.value}`, ...placeOf(e) };
    }
    const nested = e.nested ? this.#nestedPath(e, locals) : undefined;
    if (nested !== undefined) return { kind: 'name', name: `resource:${nested}`, ...placeOf(e) };
    const key = this.#expression(e.key, locals);
    if (e.nested && key.kind === 'literal')
      return { ...e, of: this.#expression(e.of, locals), key: { ...key, value: `::${key.value}` }, nested: false };
    const first = firstSafe(e);
    if (first) return this.#safely(e, first, locals);
    const of = this.#expression(e.of, locals);
    if (e.fromEnd) return { kind: 'call', name: 'indexfromend', nameSpan: placeOf(e), args: [of, key], ...placeOf(e) };
    return { ...e, of, key };
  }

  /**
   * `a.?b.c.?d` -> tryGet(tryGet(a, 'b', 'c'), 'd'): what follows a safe step is not reached where that gives null. Of a
   * resource or module with a condition it is null where that is not deployed.
   */
  #safely(e: Access, first: Access, locals: Locals | undefined): Expression {
    const steps: Access[] = [];
    let of: Expression = e;
    while (of.kind === 'access' && of !== first) {
      steps.unshift(of);
      of = asserted(of.of);
    }
    const place = placeOf(e);
    let result = this.#expression(first.of, locals);
    let args: Expression[] = [];
    const close = (): void => {
      if (args.length > 0)
        result = { kind: 'call', name: 'tryget', nameSpan: place, args: [result, ...args], ...place };
      args = [];
    };
    for (const step of [first, ...steps]) {
      if (step.safe) close();
      const key = this.#expression(step.key, locals);
      if (!step.fromEnd) args.push(key);
      else {
        close();
        result = {
          kind: 'call',
          name: step.safe ? 'tryindexfromend' : 'indexfromend',
          nameSpan: place,
          args: [result, key],
          ...place,
        };
      }
    }
    close();
    const handle = this.#conditionalHandle(first.of, locals);
    if (!handle) return result;
    const deployed: Call = { kind: 'call', name: '$deployed', nameSpan: place, args: [handle], ...place };
    return {
      kind: 'conditional',
      condition: deployed,
      then: result,
      otherwise: { kind: 'literal', value: null, ...place },
      ...place,
    };
  }

  /** The resource, or the one of a loop, that may not be deployed. */
  #conditionalHandle(e: Expression, locals: Locals | undefined): Expression | undefined {
    const root = e.kind === 'access' && !e.nested ? e.of : e;
    const name =
      root.kind === 'name' ? this.#name(root, locals) : root.kind === 'access' ? this.#access(root, locals) : root;
    const path = name.kind === 'name' && name.name.startsWith('resource:') ? name.name.slice(9) : undefined;
    const resource = path === undefined ? undefined : this.#deployed.get(path);
    if (!resource) return undefined;
    if (e !== root && !resource.loop) return undefined;
    return resource.condition || path!.includes('::') ? this.#expression(e, locals) : undefined;
  }

  #nestedPath(e: Expression, locals: Locals | undefined): string | undefined {
    if (e.kind === 'name') {
      const name = this.#name(e, locals);
      return name.kind === 'name' && name.name.startsWith('resource:') ? name.name.slice(9) : undefined;
    }
    if (e.kind !== 'access' || !e.nested) return undefined;
    const of = this.#nestedPath(e.of, locals);
    const key = literalText(e.key);
    return of === undefined || !key ? undefined : `${of}::${key.value}`;
  }

  #isLocal(name: string, locals: Locals | undefined): boolean {
    for (let local = locals; local; local = local.next) if (local.name === name) return true;
    return false;
  }

  #call(e: Call, locals: Locals | undefined): Expression {
    if (e.of) return this.#method(e, e.of, locals);
    const bare = e.name.replace(/^(?:sys|az)\./, '');
    const place = placeOf(e);
    if (bare === e.name) {
      const imported = this.#imports.has(bare);
      const own =
        imported || this.#file.declarations.some((each) => each.kind === 'function' && each.name.name === bare);
      if (own) {
        const args = e.args.map((arg) => this.#expression(arg, locals));
        return { ...e, name: imported ? `import:${bare}` : `function:${bare}`, args };
      }
    }
    if (bare === 'any' && e.args.length === 1) return this.#expression(e.args[0]!, locals);
    if (bare === 'nameof' && e.args[0]) return { kind: 'literal', value: shortName(e.args[0]), ...place };
    const args = e.args.map((arg) => this.#expression(arg, locals));
    return { ...e, name: bare.toLowerCase(), args };
  }

  /** `resource.listKeys()`, `vault.getSecret('x')`, `imported.f()`. */
  #method(e: Call, of: Expression, locals: Locals | undefined): Expression {
    const args = e.args.map((arg) => this.#expression(arg, locals));
    const { of: _, ...rest } = e;
    if (of.kind === 'name' && !this.#isLocal(of.name, locals)) {
      if (this.#namespaces.has(of.name)) {
        const name: Literal = { kind: 'literal', value: `${of.name}:${e.name}`, ...placeOf(e) };
        return { ...rest, name: '$imported', args: [name, ...args] };
      }
      if (this.#extensions.has(of.name)) return { kind: 'broken', ...placeOf(e) };
    }
    const resource = this.#expression(of, locals);
    if (e.name === 'getSecret') return { ...rest, name: '$secret', args: [] };
    const id: Access = {
      kind: 'access',
      of: resource,
      key: { kind: 'literal', value: 'id', ...placeOf(e) },
      ...placeOf(e),
    };
    return { ...rest, name: e.name.toLowerCase(), args: [id, ...args] };
  }

  #operation(e: Operation, locals: Locals | undefined): Expression {
    const operands = e.operands.map((operand) => this.#expression(operand, locals));
    if (e.operator === 'assert') return operands[0]!;
    const place = placeOf(e);
    const call = (name: string, args: Expression[]): Call => ({ kind: 'call', name, nameSpan: place, args, ...place });
    if (operands.length === 1) {
      if (e.operator === '!') return call('not', operands);
      const [operand] = operands;
      // A negative number is a literal.
      if (operand?.kind === 'literal' && typeof operand.value === 'number' && operand.digits === undefined)
        return { kind: 'literal', value: -operand.value, ...place };
      return call('sub', [{ kind: 'literal', value: 0, ...place }, operand!]);
    }
    const name = functionsOf[e.operator];
    if (name === undefined) return { ...e, operands };
    const fold = e.operator.includes('~');
    const folded = fold ? operands.map((operand) => call('tolower', [operand])) : operands;
    const result = folded.slice(1).reduce((left, right) => call(name, [left, right]), folded[0]!);
    return e.operator.startsWith('!') ? call('not', [result]) : result;
  }
}

/** Members of the body that stand elsewhere in the template; the compiler refuses all but `dependsOn`. */
const outside = new Set(['dependson', 'type', 'apiversion', 'existing', 'condition', 'copy', 'resources', 'extension']);

/** Neighbours in one run, but each that is `alone` in one of its own. */
function runsOf<T>(items: readonly T[], alone: (item: T) => boolean): T[][] {
  const runs: T[][] = [];
  for (const [i, item] of items.entries()) {
    const run = runs.at(-1);
    if (run && !alone(item) && !alone(items[i - 1]!)) run.push(item);
    else runs.push([item]);
  }
  return runs;
}

function joining(name: string, parts: readonly Expression[], at: Span): Call {
  const place = placeOf(at);
  const all: Call = { kind: 'call', name: 'createarray', nameSpan: place, args: parts, ...place };
  return { kind: 'call', name, nameSpan: place, args: [all], ...place };
}

/** The first safe step of a chain of accesses, counted from its root. */
function firstSafe(e: Access): Access | undefined {
  let found: Access | undefined;
  for (let of: Expression = e; of.kind === 'access' && !of.nested; of = asserted(of.of)) if (of.safe) found = of;
  return found;
}

/** `x!` says nothing at run time, and breaks no chain. */
function asserted(e: Expression): Expression {
  return e.kind === 'operation' && e.operator === 'assert' ? asserted(e.operands[0]!) : e;
}

function shortName(e: Expression): string {
  if (e.kind === 'name') return e.name;
  if (e.kind === 'access') return String(literalText(e.key)?.value ?? '');
  return '';
}

function decoratorName({ expression }: Decorator): string | undefined {
  return expression.kind === 'call' ? expression.name.replace(/^(?:sys|az)\./, '') : undefined;
}

function typeName(type: Type | undefined): string {
  if (type?.kind === 'arrayType' || type?.kind === 'tupleType') return 'array';
  if (type?.kind === 'objectType') return 'object';
  return type?.kind === 'namedType' && /^(array|object)$/.test(type.name) ? type.name : 'string';
}

/** The literals that a type is made of. */
function allowedBy(type: Type | undefined): Expression[] | undefined {
  if (type?.kind === 'literalType') return [type.value];
  if (type?.kind !== 'unionType') return undefined;
  const bare = type.members.map((each) => (each.kind === 'nullableType' ? each.of : each));
  const values = bare.map((each) => (each.kind === 'literalType' ? each.value : undefined));
  return values.every((value) => value !== undefined) ? values : undefined;
}

function literalText(e: Expression): Literal | undefined {
  return e.kind === 'literal' && typeof e.value === 'string' ? e : undefined;
}

/** Spans copied out of nodes, so that a new node holds nothing else of the old one. */
function placeOf({ source, start, end }: Span): Span {
  return { source, start, end };
}

function named(name: string, at: Span): Identifier {
  return { name, ...placeOf(at) };
}

function stringNode(value: string, at: Span): JsonString {
  return { kind: 'string', value, ...placeOf(at) };
}

function member(key: Identifier, value: TemplateNode): TemplateMember {
  return { key: stringNode(key.name, key), value, source: key.source, start: key.start, end: value.end };
}
