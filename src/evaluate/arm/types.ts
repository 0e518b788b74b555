/**
 * What the declared type of a parameter or an output says of its value: which parts of it are secret. Takes the declaration and the
 * template that it stands in, follows `$ref` to definitions in that and in the files that it imports from.
 */
import { memberOf } from '../../parse/json.ts';
import { limits } from '../../source/limits.ts';
import { force, type Member, secret, type Value } from '../value.ts';
import type { TemplateNode, TemplateObject } from './tree.ts';

/** A template in force, which declares types. */
export interface Declaring {
  readonly call: { readonly template: TemplateObject };
  /** Where a name that it imports is declared, and by what name; undefined where that is not known. */
  exporter(space: string, name: string): { readonly library?: Declaring | undefined; readonly exported: string };
}

interface Typed {
  readonly node: TemplateNode;
  /** The template that it stands in. */
  readonly within: Declaring;
}

/** The declaration and the definitions that it refers to, one by the other. */
export function typesOf(declaration: TemplateNode, within: Declaring): readonly TemplateNode[] {
  return chain(declaration, within).nodes;
}

export function typeNamed(type: TemplateNode): string | undefined {
  const name = memberOf(type, 'type')?.value;
  return name?.kind === 'string' ? name.value.toLowerCase() : undefined;
}

/** The value, secret where its type says so, as a whole or in parts of it. */
export function hiddenByType(value: Value, declaration: TemplateNode, within: Declaring): Value {
  let may = holders.get(declaration);
  if (may === undefined) {
    may = mayHide({ node: declaration, within }, new Set(), 0);
    holders.set(declaration, may);
  }
  return may ? hidden(value, { node: declaration, within }, 0) : value;
}

/** Whether a declaration has something secret, which most have not, however often its template is deployed. */
const holders = new WeakMap<TemplateNode, boolean>();

function chain(declaration: TemplateNode, start: Declaring): { nodes: readonly TemplateNode[]; within: Declaring } {
  const nodes = [declaration];
  let within = start;
  while (nodes.length <= limits.moduleDepth) {
    const found = definition(memberOf(nodes.at(-1), '$ref')?.value, within, nodes.length);
    if (!found) break;
    nodes.push(found.node);
    within = found.within;
  }
  return { nodes, within };
}

/** What `#/definitions/name` and the path after it name: members, items and so on of the type. */
function definition(reference: TemplateNode | undefined, start: Declaring, level: number): Typed | undefined {
  const match =
    reference?.kind === 'string' ? /^#\/(definitions|imports|namespaces)\/(.+)$/.exec(reference.value) : null;
  if (!match) return undefined;
  let [name = '', ...path] = match[2]!.split('/');
  let within = start;
  if (match[1] !== 'definitions') {
    const { library, exported } = within.exporter(
      match[1]!.slice(0, -1),
      match[1] === 'imports' ? name : `${name}:${path[0] ?? ''}`,
    );
    if (!library) return undefined;
    if (match[1] === 'namespaces') path = path.slice(1);
    within = library;
    name = exported;
  }
  let node = memberOf(memberOf(within.call.template, 'definitions')?.value, name)?.value;
  for (const step of path) {
    if (node && memberOf(node, '$ref') && level < limits.moduleDepth) {
      const inner = definition(memberOf(node, '$ref')?.value, within, level + 1);
      node = inner?.node;
      within = inner?.within ?? within;
    }
    node = node?.kind === 'array' ? node.items[Number(step)] : memberOf(node, step)?.value;
  }
  return node && { node, within };
}

/** `seen`: a type that holds itself hides nothing more by that. */
function mayHide({ node, within: start }: Typed, seen: Set<TemplateNode>, level: number): boolean {
  const { nodes, within } = chain(node, start);
  if (nodes.some(isSecure)) return true;
  const type = nodes.at(-1)!;
  if (level > limits.moduleDepth || seen.has(type)) return false;
  seen.add(type);
  const at = (key: string): TemplateNode | undefined => memberOf(type, key)?.value;
  const own = at('properties');
  const single = at('prefixItems');
  const parts = [
    ...(own?.kind === 'object' ? own.members.map(({ value }) => value) : []),
    ...(single?.kind === 'array' ? single.items : []),
    at('additionalProperties'),
    at('items'),
  ];
  return parts.some((part) => part?.kind === 'object' && mayHide({ node: part, within }, seen, level + 1));
}

function hidden(value: Value, declared: Typed, level: number): Value {
  const { nodes, within } = chain(declared.node, declared.within);
  if (nodes.some(isSecure)) return secret(value);
  const type = nodes.at(-1);
  if (level > limits.moduleDepth) return value;
  const inner = (part: Value, node: TemplateNode): Value => hidden(force(part), { node, within }, level + 1);
  if (value.kind === 'one-of') {
    const values = value.values.map((each) => hidden(force(each), declared, level + 1));
    return values.some((each, i) => each !== value.values[i]) ? { ...value, values } : value;
  }
  if (value.kind === 'list') {
    const every = memberOf(type, 'items')?.value;
    const single = memberOf(type, 'prefixItems')?.value;
    const items = value.items.map((item, i) => {
      const of = (single?.kind === 'array' ? single.items[i] : undefined) ?? every;
      return of?.kind === 'object' ? inner(item, of) : item;
    });
    return items.some((item, i) => item !== value.items[i]) ? { ...value, items } : value;
  }
  if (value.kind !== 'object') return value;
  const own = memberOf(type, 'properties')?.value;
  const others = memberOf(type, 'additionalProperties')?.value;
  if (!own && others?.kind !== 'object') return value;
  let members: Map<string, Member> | undefined;
  for (const [key, member] of value.members) {
    const of = memberOf(own, key)?.value ?? others;
    if (of?.kind !== 'object') continue;
    const before = force(member.value);
    const after = inner(before, of);
    if (after === before) continue;
    members ??= new Map(value.members);
    members.set(key, { ...member, value: after });
  }
  return members ? { ...value, members } : value;
}

function isSecure(type: TemplateNode): boolean {
  return /^secure(string|object)$/.test(typeNamed(type) ?? '');
}
