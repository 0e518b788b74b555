/**
 * ARM templates that azurerm or azapi deploys -> the resources in them.
 * Takes an evaluated configuration (source, plan or state); gives it with the resources of every template that can be read,
 * addressed below their deployment. A template that cannot be read stays opaque: it may hold anything.
 */
import { memberOf as nodeOf } from '../../parse/json.ts';
import type { JsonArray, JsonMember, JsonNode, JsonObject } from '../../parse/json-tree.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { type Origin, type Span, sameOrigin } from '../../source/source.ts';
import type { DeploymentScope } from '../arm/scope.ts';
import { TemplateEvaluation } from '../arm/template.ts';
import { Templates } from '../bicep/templates.ts';
import { type ParsedText, type Place, parseText, spelt, treeOf } from '../encoded.ts';
import type { Configuration, OpaqueModule, Resource } from '../resource.ts';
import {
  bool,
  choiceOf,
  force,
  isHuge,
  isNull,
  isScalar,
  type Member,
  memberOf,
  nothing,
  number,
  type OneOf,
  object,
  reasonOf,
  type Str,
  secret,
  type Template as TemplateText,
  unknown,
  type Value,
  type Via,
  weightOf,
  withVia,
} from '../value.ts';
import { templateDeployment } from './azapi-deployment.ts';
import { deploymentScopes } from './deployments.ts';

export function withTemplates(configuration: Configuration, reader: Reader): Configuration {
  let byAddress: Map<string, Resource> | undefined;
  const at = (address: string): Resource | undefined => {
    byAddress ??= new Map(configuration.resources.map((resource) => [resource.address, resource]));
    return byAddress.get(address);
  };
  const deployments = configuration.resources.flatMap((resource) => {
    if (resource.type in deploymentScopes && !resource.existing) return [resource];
    return templateDeployment(resource, at) ?? [];
  });
  if (deployments.length === 0) return configuration;
  const resources = [...configuration.resources];
  const opaque = [...configuration.opaque];
  const modules = [...configuration.modules];
  const deploys = new Set<string>();
  const log: Diagnostic[] = [];
  // One for all, so that its bounds are those of the configuration.
  const evaluation = new TemplateEvaluation(reader, log, new Templates(reader, undefined));
  for (const deployment of deployments) {
    const found = deployed(deployment, evaluation, reader.log);
    for (const resource of found.resources) resources.push(resource);
    opaque.push(...found.opaque);
    modules.push(...found.modules);
    if (found.file) deploys.add(found.file);
  }
  return { ...configuration, resources, opaque, modules, deploys: [...deploys] };
}

interface Deployed extends Pick<Configuration, 'resources' | 'opaque' | 'modules'> {
  /** Where its template stands. */
  readonly file: string | undefined;
}

function deployed(deployment: Resource, evaluation: TemplateEvaluation, log: Diagnostic[]): Deployed {
  const template = templateOf(deployment, evaluation.budget);
  if ('because' in template) {
    const { because, at } = template;
    return { resources: [], opaque: [opaqueFor(deployment, because, at)], modules: [], file: template.file };
  }
  const before = [evaluation.resources, evaluation.opaque, evaluation.modules, evaluation.log].map((all) => all.length);
  const { address, head, presence, guard, many } = deployment;
  const root = evaluation.root({
    template: template.root,
    directory: evaluation.reader.root,
    scope: scopeOf(deployment),
    parameter: (name, at) => template.holes.get(name) ?? argument(deployment, name, at),
    name: deployment.name,
    address,
    calls: [{ at: head, what: `${address} deploys the template` }, ...deployment.calls],
    presence: { is: presence, guard, many },
  });
  root.expand();
  const { place } = template;
  tell([...template.log, ...evaluation.log.slice(before[3])], place, log);
  const moving = new Relocation(place, template.isSecret);
  return {
    resources: evaluation.resources.slice(before[0]).map((resource) => moving.resource(resource)),
    opaque: [
      ...template.lost.map((because) => opaqueFor(deployment, because, deployment.head)),
      ...evaluation.opaque.slice(before[1]).map((one) => ({
        ...one,
        at: moving.origin(one.at),
        arguments: moving.object(one.arguments),
      })),
    ],
    modules: evaluation.modules.slice(before[2]).map((one) => ({ ...one, at: moving.origin(one.at) })),
    file: template.file,
  };
}

function opaqueFor({ address }: Resource, because: string, at: Origin): OpaqueModule {
  return { source: '', at, address, because, arguments: object(new Map(), at) };
}

/** What of Terraform's values JSON cannot say is passed as parameters with names like this. */
const holeName = 'a value of terraform ';

function tell(from: readonly Diagnostic[], place: Place, log: Diagnostic[]): void {
  for (const diagnostic of from) {
    // A nested template with parameters of its own does not see those.
    if (diagnostic.message.includes(holeName)) continue;
    const at = 'source' in diagnostic.at ? place(diagnostic.at) : diagnostic.at;
    const told = log.some(
      (other) => other.code === diagnostic.code && other.message === diagnostic.message && sameOrigin(other.at, at),
    );
    if (!told) log.push({ ...diagnostic, at });
  }
}

interface Template {
  readonly root: JsonObject;
  readonly holes: ReadonlyMap<string, Value>;
  readonly place: Place;
  readonly log: readonly Diagnostic[];
  readonly isSecret: boolean;
  readonly file?: string | undefined;
  /** Why it may hold more resources than can be seen. */
  readonly lost: readonly string[];
}

function templateOf(
  deployment: Resource,
  budget: { steps: number },
): Template | { readonly because: string; readonly at: Origin; readonly file?: string | undefined } {
  const member = argumentOf(deployment, 'template_content') ?? argumentOf(deployment, 'template_body');
  if (!member) {
    const specification = argumentOf(deployment, 'template_spec_version_id');
    return {
      because: specification ? 'it deploys a template spec, which is not on disk' : 'its template is not written here',
      at: specification?.at ?? deployment.head,
    };
  }
  const value = force(member.value);
  // Reading takes time as well; a letter is less work than a step.
  budget.steps += weightOf(value.encodes ?? value);
  if (budget.steps > limits.steps || (value.encodes && isHuge(value.encodes)))
    return { because: 'the templates of this configuration are too large', at: member.at };
  if (value.encodes) {
    const holes = new Map<string, Value>();
    const root = treeOf(value.encodes, (of) => {
      const name = `${holeName}${holes.size}`;
      holes.set(name, filling(of));
      return `[parameters('${name}')]`;
    });
    if (root?.kind === 'object')
      return withHoles(root, holes, { place: (at) => at, log: [], isSecret: false }, member.at);
  }
  // A condition that is not known makes several texts of one.
  const texts: (Str | TemplateText)[] = [];
  for (const one of (value.kind === 'one-of' ? value.values : [value]).map(force))
    if (one.kind === 'string' || one.kind === 'template') texts.push(one);
    else return { because: reasonOf(one) ?? 'its template is no text', at: member.at };
  const parsed = texts.map(parseText);
  const read = parsed.filter((one) => one?.root.kind === 'object') as ParsedText[];
  if (read.length < parsed.length || read.length === 0) {
    const because = (value.kind !== 'string' && reasonOf(value)) || 'its template is no JSON object';
    // What is to be filled in need not be a template by itself.
    return { because, at: member.at, file: texts[0]?.written?.file };
  }
  const place: Place = (at) => read.reduce((found: Origin, one) => ('source' in found ? one.place(found) : found), at);
  const file = texts.map((one) => (one.written ?? (one.kind === 'string' ? one.file : undefined))?.file)[0];
  const holes = new Map<string, Value>();
  const root = unified(read, value.kind === 'one-of' ? value : undefined, holes);
  if (root.kind !== 'object') return { because: reasonOf(value) ?? 'its template is not known', at: member.at };
  const isSecret = value.secret === true;
  return withHoles(root, holes, { place, log: read[0]!.log, isSecret, file }, member.at);
}

function withHoles(
  root: JsonObject,
  holes: ReadonlyMap<string, Value>,
  rest: Pick<Template, 'place' | 'log' | 'isSecret' | 'file'>,
  at: Origin,
): Template | { readonly because: string; readonly at: Origin } {
  if (holes.size === 0) return { root, holes, lost: [], ...rest };
  const reason = (hole: string): string => {
    const value = holes.get(hole.slice("[parameters('".length, -"')]".length));
    return (value && reasonOf(value)) ?? 'it is not written';
  };
  // Without those nothing else says what it means.
  for (const name of ['parameters', 'variables', 'functions', 'definitions']) {
    const value = nodeOf(root, name)?.value;
    if (value?.kind === 'string' && isHoleText(value.value))
      return { because: `its ${name} are not known: ${reason(value.value)}`, at };
  }
  const lost = new Set<string>();
  const seen = withoutLost(root, (hole) => lost.add(`which resources it has is not known: ${reason(hole)}`));
  return { root: declaring(seen, [...holes.keys()]), holes, lost: [...lost], ...rest };
}

function isHoleText(of: string): boolean {
  return of.startsWith(`[parameters('${holeName}`);
}

/** The template without resources that are holes or whose type is one, in nested templates too; each is told. */
function withoutLost(template: JsonObject, tell: (hole: string) => void): JsonObject {
  const isHole = (node: JsonNode | undefined): boolean => {
    const isOne = node?.kind === 'string' && isHoleText(node.value);
    if (isOne) tell(node.value);
    return isOne;
  };
  const isLost = (node: JsonNode): boolean => isHole(node) || isHole(nodeOf(node, 'type')?.value);
  const resources = (node: JsonNode): JsonNode => {
    if (node.kind === 'array') return { ...node, items: node.items.filter((item) => !isLost(item)).map(resource) };
    if (node.kind !== 'object') return node;
    const members = node.members.filter(({ value }) => !isLost(value));
    return { ...node, members: members.map((member) => ({ ...member, value: resource(member.value) })) };
  };
  const resource = (node: JsonNode): JsonNode =>
    node.kind === 'object' ? inside(node, isDeployment(node) ? ['properties', 'template'] : []) : node;
  const inside = (of: JsonObject, path: readonly string[]): JsonObject => ({
    ...of,
    members: of.members.flatMap((member): JsonMember[] => {
      const { key, value } = member;
      const name = key.value.toLowerCase();
      if (name === 'resources') return isHole(value) ? [] : [{ ...member, value: resources(value) }];
      return [
        name === path[0] && value.kind === 'object' ? { ...member, value: inside(value, path.slice(1)) } : member,
      ];
    }),
  });
  return inside(template, []);
}

function isDeployment(resource: JsonObject): boolean {
  const type = nodeOf(resource, 'type')?.value;
  return type?.kind === 'string' && /(^|\/)deployments$/i.test(type.value);
}
/** One tree of all, with a parameter in place of every string that has holes, and of whatever differs between them. */
function unified(all: readonly ParsedText[], choice: OneOf | undefined, holes: Map<string, Value>): JsonNode {
  const hole = (node: JsonNode, value: Value): JsonNode => {
    const name = `${holeName}${holes.size}`;
    holes.set(name, filling(value));
    const { source, start, end } = node;
    return { kind: 'string', value: `[parameters('${name}')]`, source, start, end };
  };
  const merged = (nodes: readonly JsonNode[]): JsonNode => {
    const first = nodes[0]!;
    if (first.kind === 'array') {
      const lists = nodes.filter((node) => node.kind === 'array' && node.items.length === first.items.length);
      if (lists.length === nodes.length)
        return {
          ...first,
          items: first.items.map((_, i) => merged((lists as JsonArray[]).map(({ items }) => items[i]!))),
        };
    } else if (first.kind === 'object') {
      const keys = keysOf(first);
      if (nodes.every((node) => node.kind === 'object' && keysOf(node) === keys)) {
        const objects = nodes as readonly JsonObject[];
        const members = first.members.map((member, i) => ({
          ...member,
          value: merged(objects.map((one) => one.members[i]!.value)),
        }));
        return { ...first, members };
      }
    } else {
      const values = nodes.map((node, i) => scalarOf(node, all[i]!));
      const known = values.filter((value) => value !== undefined);
      if (known.length === nodes.length) {
        const value = choice ? choiceOf(choice, known, all[0]!.place(first)) : known[0]!;
        return isScalar(value) || isNull(value) ? first : hole(first, value);
      }
    }
    return hole(first, unknown('it depends on a condition that is not known', all[0]!.place(first)));
  };
  return merged(all.map(({ root }) => root));
}

function keysOf(object: JsonObject): string {
  return JSON.stringify(object.members.map(({ key }) => key.value));
}

function scalarOf(node: JsonNode, { says, place }: ParsedText): Value | undefined {
  switch (node.kind) {
    case 'string':
      return says(node);
    case 'number':
      return number(node.value, place(node));
    case 'word':
      return node.value === null ? nothing(place(node)) : bool(node.value, place(node));
    default:
      return undefined;
  }
}

/** A text that may turn out to be an expression of ARM is not known at all. */
function filling(of: Value): Value {
  const isExpression = (one: Value): boolean => {
    const first = one.kind === 'template' ? one.parts[0] : one.kind === 'string' ? one.value : '';
    return one.kind === 'one-of' ? one.values.some(isExpression) : typeof first === 'string' && first.startsWith('[');
  };
  return isExpression(of)
    ? { ...unknown('an expression is put together with values of Terraform', of.at), secret: of.secret }
    : of;
}

/** The template with more parameters declared in it. */
function declaring(template: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return template;
  const { source, start, end } = template;
  const place = { source, start, end };
  const word = (value: string): JsonMember['key'] => ({ kind: 'string', value, ...place });
  const more = names.map((name) => ({
    key: word(name),
    value: { kind: 'object', members: [], ...place } as JsonNode,
    ...place,
  }));
  const isParameters = ({ key, value }: JsonMember): boolean =>
    key.value.toLowerCase() === 'parameters' && value.kind === 'object';
  const own = template.members.find(isParameters)?.value;
  const members = own?.kind === 'object' ? [...own.members, ...more] : more;
  const parameters: JsonMember = { key: word('parameters'), value: { kind: 'object', members, ...place }, ...place };
  return { ...template, members: [...template.members.filter((member) => !isParameters(member)), parameters] };
}

function argumentOf(deployment: Resource, name: string): Member | undefined {
  const member = memberOf(deployment.body, name);
  return member && isNull(force(member.value)) ? undefined : member;
}

function scopeOf(deployment: Resource): DeploymentScope {
  const kind = deploymentScopes[deployment.type]!;
  const { subscription } = deployment.scope;
  if (kind === 'resourceGroup') {
    const group = argumentOf(deployment, 'resource_group_name');
    const because = 'the resource group is not written';
    return { kind, subscription, resourceGroup: group ? force(group.value) : unknown(because, deployment.head) };
  }
  if (kind !== 'managementGroup') return { kind, subscription };
  const id = argumentOf(deployment, 'management_group_id');
  const value = id && force(id.value);
  const because = 'the management group is not written out';
  const managementGroup: Value =
    value?.kind === 'string'
      ? { ...value, value: value.value.slice(value.value.lastIndexOf('/') + 1) }
      : unknown(because, id?.at ?? deployment.head);
  return { kind, subscription, managementGroup };
}

/** What the deployment passes for a parameter; undefined where it passes nothing. */
function argument(deployment: Resource, name: string, at: Span): Value | undefined {
  const content = argumentOf(deployment, 'parameters_content') ?? argumentOf(deployment, 'parameters_body');
  const plain = argumentOf(deployment, 'parameters');
  const passed = plain && partOf(force(plain.value), name);
  const entry = passed ? undefined : content && partOf(spelt(content.value), name);
  const value = passed ?? (entry && parameterValue(entry, name));
  return value && withVia(value, content?.at ?? plain?.at ?? at, `passed by ${deployment.address} here`);
}

function partOf(all: Value, name: string): Value | undefined {
  if (all.kind !== 'object') return unknown(reasonOf(all) ?? 'the parameters are not known', all.at);
  const member = memberOf(all, name, true);
  if (!member) return all.open ? unknown('the parameters are not known', all.at) : undefined;
  return member.maybe ? unknown('it may be left out or replaced', member.at) : force(member.value);
}

function parameterValue(entry: Value, name: string): Value | undefined {
  if (entry.kind !== 'object') return unknown(reasonOf(entry) ?? 'the parameter is not known', entry.at);
  if (memberOf(entry, 'reference', true))
    return secret(unknown(`the value of parameter "${name}" is read from a key vault`, entry.at));
  return partOf(entry, 'value');
}

/** Values that were read from a text, moved to where the text was written. */
class Relocation {
  readonly #place: Place;
  readonly #isSecret: boolean;
  readonly #moved = new Map<Value, Value>();

  constructor(place: Place, isSecret: boolean) {
    this.#place = place;
    this.#isSecret = isSecret;
  }

  resource(of: Resource): Resource {
    const { subscription, resourceGroup } = of.scope;
    return {
      ...of,
      name: this.#value(of.name),
      body: this.object(of.body),
      head: this.origin(of.head),
      calls: of.calls.map((call) => ({ ...call, at: this.origin(call.at) })),
      scope: { subscription: this.#value(subscription), resourceGroup: resourceGroup && this.#value(resourceGroup) },
      extends: of.extends && this.#value(of.extends),
    };
  }

  object(of: Resource['body']): Resource['body'] {
    const result = this.#value(of);
    return result.kind === 'object' ? result : { ...object(new Map(), result.at), open: true };
  }

  origin(of: Origin): Origin {
    return 'source' in of ? this.#place(of) : of;
  }

  #value(of: Value): Value {
    const known = this.#moved.get(of);
    if (known) return known;
    const at = this.origin(of.at);
    const result: Value = isHuge(of)
      ? unknown('it is too large', at)
      : { ...this.#parts(of), at, via: this.#via(of.via) };
    const hidden = this.#isSecret && result.kind !== 'object' && result.kind !== 'list' ? secret(result) : result;
    this.#moved.set(of, hidden);
    return hidden;
  }

  #via(of: Via | undefined): Via | undefined {
    return of && { ...of, at: this.origin(of.at), next: this.#via(of.next) };
  }

  #parts(of: Value): Value {
    switch (of.kind) {
      case 'lazy':
        return this.#value(force(of));
      case 'list':
        return { ...of, items: of.items.map((item) => this.#value(item)) };
      case 'one-of':
        return { ...of, values: of.values.map((value) => this.#value(value)) };
      case 'template':
        return { ...of, parts: of.parts.map((part) => (typeof part === 'string' ? part : this.#value(part))) };
      case 'object': {
        const members = new Map<string, Member>();
        for (const [key, member] of of.members)
          members.set(key, { ...member, value: this.#value(member.value), at: this.origin(member.at) });
        return { ...of, members };
      }
      default:
        return of;
    }
  }
}
