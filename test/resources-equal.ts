/**
 * Two evaluations of one thing, compared resource by resource: a Bicep file and the template that the official compiler made of it.
 * Takes two configurations; gives what differs, each with the first place in the resource where it does. Resources are matched as
 * a multiset, for the compiler orders them its own way. Left out is what says nothing about a resource: its address, `dependsOn`,
 * metadata and places; letter case does not count in `Microsoft.X/y`, for the compiler writes types as its catalogue spells them.
 */
import { createHash } from 'node:crypto';
import type { Configuration, OpaqueModule, Resource } from '../src/evaluate/resource.ts';
import { canonical, encode, force, joined, type Member, type Obj, type Value } from '../src/evaluate/value.ts';
import type { Entity, Model } from '../src/model/model.ts';
import type { Origin } from '../src/source/source.ts';

export interface Difference {
  /** `type name`, as the side has it that has the resource. */
  readonly resource: string;
  /** JSON pointer into the resource; `` where only one side has it. */
  readonly path: string;
  readonly left: string;
  readonly right: string;
}

export interface Comparison {
  readonly resources: number;
  readonly equal: number;
  /** Those of Azure Backup and Site Recovery. */
  readonly backup: { readonly resources: number; readonly equal: number };
  readonly differences: readonly Difference[];
}

/** `existingOptional`: the right side may lack what the left refers to as `existing`; a template without symbolic names does. */
export function compareResources(
  left: Configuration,
  right: Configuration,
  { existingOptional }: { readonly existingOptional: boolean },
): Comparison {
  const sides = [new Side(left), new Side(right)] as const;
  const differences: Difference[] = [];
  let equal = 0;
  let backup = 0;
  let backupEqual = 0;
  let [mine, theirs] = [[...left.resources], [...right.resources]];
  /** Takes away what both have under the same key, calling `each` for the two. */
  const match = (key: (side: Side, resource: Resource) => string, each: (a: Resource, b: Resource) => void): void => {
    const waiting = new Map<string, Resource[]>();
    for (const resource of theirs) {
      const name = key(sides[1], resource);
      waiting.set(name, [...(waiting.get(name) ?? []), resource]);
    }
    mine = mine.filter((resource) => {
      const other = waiting.get(key(sides[0], resource))?.shift();
      if (other) each(resource, other);
      return !other;
    });
    theirs = [...waiting.values()].flat();
  };
  const differ = (a: Resource, b: Resource): void => {
    if (isBackup(a)) backup++;
    differences.push(firstDifference(sides, a, b));
  };
  match(
    (side, resource) => side.digest(resource),
    (a) => {
      equal++;
      if (isBackup(a)) {
        backup++;
        backupEqual++;
      }
    },
  );
  match(
    (side, resource) => `${typeOf(resource)} ${side.of(resource.name)} ${resource.existing} ${resource.guard}`,
    differ,
  );
  match((side, resource) => `${typeOf(resource)} ${side.of(resource.name)}`, differ);
  // What is left has other names; only of what is declared alike it is said what differs.
  match((_, resource) => `${typeOf(resource)} ${resource.existing}`, differ);
  if (existingOptional) mine = mine.filter((resource) => !resource.existing);
  for (const [resources, here] of [
    [mine, true],
    [theirs, false],
  ] as const)
    for (const resource of resources) {
      if (isBackup(resource)) backup++;
      const [own, other] = [shown(resource), 'no such resource'];
      differences.push({ resource: shown(resource), path: '', left: here ? own : other, right: here ? other : own });
    }
  if (differences.length === 0 && left.opaque.length !== right.opaque.length)
    differences.push({
      resource: 'modules that are not looked into',
      path: '',
      left: opaqueText(left.opaque),
      right: opaqueText(right.opaque),
    });
  return {
    resources: equal + differences.length,
    equal,
    backup: { resources: backup, equal: backupEqual },
    differences: differences.map(apartFrom),
  };
}

/** A configuration and what the model makes of it. */
export interface Modelled {
  readonly configuration: Configuration;
  readonly model: Model;
}

/** What the canonical model says of what two configurations declare, entity by entity. */
export function compareEntities(left: Modelled, right: Modelled): Difference[] {
  const sides = [new Side(left.configuration), new Side(right.configuration)] as const;
  const [mine, theirs] = [left, right].map(({ model: { entities } }, i) => {
    const found = new Map<string, Entity[]>();
    for (const entity of entities) {
      const { resource, subject } = entity;
      const own = subject === 'workspace' ? subject : `${subject} ${typeOf(resource)} ${sides[i]!.of(resource.name)}`;
      found.set(own, [...(found.get(own) ?? []), entity]);
    }
    for (const list of found.values()) list.sort((a, b) => (sides[i]!.of(a.view) < sides[i]!.of(b.view) ? -1 : 1));
    return found;
  }) as [Map<string, Entity[]>, Map<string, Entity[]>];
  const differences: Difference[] = [];
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    const [own, other] = [mine.get(key) ?? [], theirs.get(key) ?? []];
    for (let i = 0; i < Math.max(own.length, other.length); i++) {
      const [a, b] = [own[i], other[i]];
      const subject = (a ?? b)!;
      const resource = `${subject.subject} ${shown(subject.resource)}`;
      const found = a && b ? differenceIn(sides, '', withoutListed(a.view), withoutListed(b.view)) : undefined;
      if (found) differences.push({ resource, ...found });
      else if (!a || !b)
        differences.push({ resource, path: '', left: a ? 'there' : 'not there', right: b ? 'there' : 'not there' });
    }
  }
  return differences.map(apartFrom);
}

/** What is listed for people, the addresses in it, is a list as well. */
function withoutListed(view: Obj): Obj {
  return { ...view, members: new Map([...view.members].filter(([key]) => key !== 'listed')) };
}

/** A message with type and name of a resource for its address. */
export function withoutAddresses(message: string, { resources }: Configuration): string {
  const byLength = [...resources].sort((a, b) => b.address.length - a.address.length);
  const names: string[] = [];
  let result = message;
  for (const { address, ...resource } of byLength) {
    const written = new RegExp(`(?<![\\w./-])${address.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w/-])`, 'g');
    result = result.replace(written, `\0${names.length}\0`);
    names.push(nameOf(resource));
  }
  return result.replace(/\0(\d+)\0/g, (_, i) => `<${names[Number(i)]}>`);
}

const backupType = /^microsoft\.(?:recoveryservices|dataprotection)\//;

function isBackup(resource: Resource): boolean {
  return backupType.test(typeOf(resource));
}

function typeOf(resource: Resource): string {
  return resource.type.toLowerCase();
}

function shown(resource: Resource): string {
  return `${resource.type} ${short(resource.name)}`;
}

function opaqueText(opaque: readonly OpaqueModule[]): string {
  return `${opaque.length}: ${opaque.map(({ source, because }) => `${source} (${because})`).join(', ')}`.slice(0, 300);
}

/** Members of an entry that are compared by themselves, or say nothing of the resource. */
const apart = new Set(
  'type apiversion name scope subscriptionid resourcegroup dependson existing condition copy metadata comments import extension @options'.split(
    ' ',
  ),
);

/** A function hides the whole of its result where one argument is secret, so only the flags of single values are compared. */
const leaves: ReadonlySet<Value['kind']> = new Set(['bool', 'number', 'string', 'symbol', 'template']);

type Part = Value | string | undefined;

class Side {
  readonly configuration: Configuration;
  readonly #digests = new WeakMap<Value, string>();
  readonly #whole = new WeakMap<Resource, string>();
  /** By address. */
  readonly #names = new Map<string, string>();

  readonly #heads = new Map<string, Origin>();

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    for (const resource of configuration.resources) {
      this.#names.set(resource.address, nameOf(resource));
      this.#heads.set(resource.address, resource.head);
    }
  }

  digest(resource: Resource): string {
    let digest = this.#whole.get(resource);
    if (digest === undefined) {
      digest = hash(this.parts(resource).map(([path, part]) => `${path}=${this.#part(part)}`));
      this.#whole.set(resource, digest);
    }
    return digest;
  }

  /** What is compared of a resource, in a fixed order. */
  parts(resource: Resource): [string, Part][] {
    const { presence, guard, many, existing, apiVersion, scope, extends: on } = resource;
    return [
      ['/type', typeOf(resource)],
      ['/name', resource.name],
      ['/apiVersion', apiVersion],
      ['/existing', String(existing)],
      ['presence', presence],
      ['guard', guard && this.text(conditionText(guard))],
      ['many', String(many ?? false)],
      ['/subscription', scope.subscription],
      ['/resourceGroup', scope.resourceGroup],
      ['/scope', on && this.#extended(on, resource)],
      ...[...resource.body.members]
        .filter(([key]) => !apart.has(key.toLowerCase()))
        .map(([key, { value }]): [string, Part] => [`/${key}`, value])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
      ['open', String(resource.body.open ?? false)],
    ];
  }

  #part(part: Part): string {
    return typeof part === 'object' ? this.of(part) : (part ?? '-');
  }

  /** Text that is equal where the values are; in the walk of one value each part is looked at once. */
  of(value: Value): string {
    const known = this.#digests.get(value);
    if (known !== undefined) return known;
    const digest = `${this.#of(value)}${leaves.has(value.kind) && value.secret ? ' secret' : ''}`;
    this.#digests.set(value, digest);
    return digest;
  }

  #of(value: Value): string {
    switch (value.kind) {
      case 'lazy':
        return this.of(force(value));
      case 'string':
        return hash([JSON.stringify(folded(value.value))]);
      case 'symbol':
        return hash(['$', this.text(value.text)]);
      // Why it is not known is worded by each language.
      case 'unknown':
        return '?';
      case 'template': {
        const id = value.parts.some((part) => typeof part === 'string' && isId(part));
        const text = (part: string): string => (id ? part.toLowerCase() : folded(part));
        return hash(['`', ...value.parts.map((part) => (typeof part === 'string' ? text(part) : this.of(part)))]);
      }
      case 'list':
        return hash(['[', ...value.items.map((item) => this.ofItem(item)), value.open ? '...' : ']']);
      case 'object':
        return hash(['{', ...this.members(value.members).map(([, text]) => text), value.open ? '...' : '}']);
      case 'one-of':
        return value.condition === undefined
          ? hash(['|', ...value.values.map((each) => this.of(each)).sort()])
          : hash(['|', ...value.values.map((each) => this.of(each)), this.text(conditionText(value.condition))]);
      default:
        return canonical(value) ?? '?';
    }
  }

  /** Of an item of a list. The model lists resources by their addresses; such a text stands where the resource does. */
  ofItem(item: Value): string {
    const named = item.kind === 'string' && this.#heads.get(item.value) === item.at && this.#names.get(item.value);
    return named ? hash(['@', named]) : this.of(item);
  }

  members(members: ReadonlyMap<string, Member>): [string, string][] {
    return [...members]
      .map(([key, { value, maybe }]): [string, string] => [
        folded(key),
        `${JSON.stringify(folded(key))}:${this.of(value)}${maybe ? ' maybe' : ''}`,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** What a resource extends: a template may write its id, or its type and name where it lies in the same group. */
  #extended(on: Value, { scope }: Resource): string {
    const text = canonical(on, true);
    if (text === undefined) return '?';
    const group = [scope.subscription, scope.resourceGroup].map((each) => each && canonical(each, true));
    const here = `"/subscriptions/"+${group[0]}+"/resourcegroups/"+${group[1]}+"/providers/`;
    return bare(this.text(text.replace(here, '"')));
  }

  /**
   * The canonical text of something that is known by name only. Addresses of resources differ, so type and name stand for them;
   * `reference()` of an id that is declared nowhere reads like that of an `existing` resource.
   */
  text(text: string): string {
    let result = '';
    let from = 0;
    for (const match of text.matchAll(/\b(reference|list\w*)\(/g)) {
      const start = match.index + match[0].length;
      if (match.index < from) continue;
      const call = match[1] === 'reference' ? this.#reference(text, start) : this.#listed(text, start);
      if (!call) continue;
      result += text.slice(from, start) + call.text;
      from = call.end;
    }
    result += text.slice(from);
    return folded(
      result.replace(/copyIndex\('(?:.*?\.)?([\w:-]+)'\)/gs, (_, loop) => `copyIndex('${loop.replace(/^.*:/, '')}')`),
    );
  }

  /** Up to where the members of the resource follow; those of an id are not told from those of its properties. */
  #reference(text: string, start: number): { text: string; end: number } | undefined {
    const properties = (end: number): number =>
      end + (text.startsWith(').properties', end) ? ').properties'.length : 1);
    for (let end = text.indexOf(')', start); end !== -1; end = text.indexOf(')', end + 1)) {
      const name = this.#names.get(text.slice(start, end));
      if (name !== undefined) return { text: `${name})`, end: properties(end) };
    }
    const call = argumentsOf(text, start);
    const [id] = call?.args ?? [];
    return call && id !== undefined ? { text: `${ending(id)})`, end: properties(call.end) } : undefined;
  }

  /** `listKeys('symbol', version)`, `listKeys(id, version)`. */
  #listed(text: string, start: number): { text: string; end: number } | undefined {
    const call = argumentsOf(text, start);
    const [of] = call?.args ?? [];
    if (!call || of === undefined) return undefined;
    const symbol = /^"([^"/]+)"$/.exec(of)?.[1];
    const address = symbol && [...this.#names.keys()].find((each) => each === symbol || each.endsWith(`.${symbol}`));
    return { text: (address && this.#names.get(address)) ?? ending(of), end: call.end };
  }
}

/** Type and name, as the end of the resource's id has them. */
function nameOf({ type, name }: Pick<Resource, 'type' | 'name'>): string {
  const [namespace, ...types] = type.split('/');
  const parts = splitParts(name.kind === 'template' ? name.parts : name.kind === 'string' ? [name.value] : [name]);
  if (parts.length !== types.length) return `${type.toLowerCase()} ${canonical(name, true) ?? '?'}`;
  const path = types.flatMap((each, i) => [`/${each}/`, ...[parts[i] ?? []].flat()]);
  return ending(canonical(joined([`/providers/${namespace}`, ...path], name.at), true) ?? '?');
}

/** The parts of a text between its slashes. */
function splitParts(parts: readonly (string | Value)[]): (string | Value)[][] {
  const result: (string | Value)[][] = [[]];
  for (const part of parts)
    if (typeof part === 'string')
      for (const [i, piece] of part.split('/').entries()) {
        if (i > 0) result.push([]);
        if (piece !== '') result.at(-1)!.push(piece);
      }
    else result.at(-1)!.push(part);
  return result;
}

/** What follows the last "providers" of an id's canonical text. */
function ending(id: string): string {
  return bare(id.toLowerCase().replace(/^.*\/providers\//s, ''));
}

function bare(text: string): string {
  return text.replace(/^[`"]+|[`"]+$/g, '');
}

/** `(a&&(b&&a))` is `a&&b`. */
function conditionText(whole: string): string {
  const text = withoutBrackets(whole);
  for (const operator of ['&&', '||']) {
    const operands = operandsOf(text, operator);
    if (operands.length > 1) return [...new Set(operands.map(conditionText))].join(operator);
  }
  return text;
}

/** The operands of an operator in canonical text, with those of the same operator in brackets among them. */
function operandsOf(text: string, operator: string): string[] {
  const parts = splitOutside(withoutBrackets(text), operator);
  return parts.length === 1 ? parts : parts.flatMap((part) => operandsOf(part, operator));
}

function withoutBrackets(text: string): string {
  const inside = text.startsWith('(') ? argumentsOf(text, 1) : undefined;
  return inside && inside.end === text.length - 1 && inside.args.length === 1 ? withoutBrackets(inside.args[0]!) : text;
}

/** Cuts where no bracket and no quote is open. */
function splitOutside(text: string, at: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if ('([{'.includes(letter)) depth++;
    else if (')]}'.includes(letter)) depth--;
    else if (depth === 0 && text.startsWith(at, i)) {
      parts.push(text.slice(from, i));
      from = i + at.length;
      i = from - 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** The arguments of a call in canonical text, from behind its opening bracket; `end` is the closing one. */
function argumentsOf(text: string, start: number): { args: string[]; end: number } | undefined {
  const args: string[] = [];
  let depth = 0;
  let from = start;
  for (let i = start; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if ('([{'.includes(letter)) depth++;
    else if (letter === ',' && depth === 0) {
      args.push(text.slice(from, i));
      from = i + 1;
    } else if (')]}'.includes(letter) && depth-- === 0) return { args: [...args, text.slice(from, i)], end: i };
  }
  return undefined;
}

function isId(text: string): boolean {
  return /^\/subscriptions\/|\/providers\//i.test(text);
}

/** An id is folded as a whole: the compiler spells each of its types. */
function folded(text: string): string {
  return (isId(text) ? text.toLowerCase() : text)
    .replace(/Microsoft\.\w+(?:\/\w+)*/gi, (type) => type.toLowerCase())
    .replaceAll('\r\n', '\n')
    .replace(/\/resourceGroups\b/gi, '/resourcegroups');
}

function hash(parts: readonly string[]): string {
  const text = parts.join('\u0001');
  return text.length < 64 ? text : createHash('sha256').update(text).digest('base64');
}

function firstDifference(sides: readonly [Side, Side], a: Resource, b: Resource): Difference {
  const [left, right] = [new Map(sides[0].parts(a)), new Map(sides[1].parts(b))];
  const resource = shown(a);
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    const [mine, theirs] = [left.get(path), right.get(path)];
    if (typeof mine === 'object' && typeof theirs === 'object') {
      const found = differenceIn(sides, path, mine, theirs);
      if (found) return { resource, ...found };
    } else if (mine !== theirs) return { resource, path, left: short(mine), right: short(theirs) };
  }
  return { resource, path: '?', left: '', right: '' };
}

function differenceIn(
  sides: readonly [Side, Side],
  path: string,
  a: Value,
  b: Value,
): Omit<Difference, 'resource'> | undefined {
  if (sides[0].of(a) === sides[1].of(b)) return undefined;
  const [left, right] = [force(a), force(b)];
  if (left.kind === 'object' && right.kind === 'object') {
    const [mine, theirs] = [byFoldedKey(left.members), byFoldedKey(right.members)];
    for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
      const [one, other] = [mine.get(key), theirs.get(key)];
      const inner = `${path}/${key}`;
      if (!one || !other) return { path: inner, left: short(one?.value), right: short(other?.value) };
      if (one.maybe !== other.maybe)
        return { path: inner, left: `maybe: ${one.maybe}`, right: `maybe: ${other.maybe}` };
      const found = differenceIn(sides, inner, one.value, other.value);
      if (found) return found;
    }
  }
  if (left.kind === 'list' && right.kind === 'list' && left.items.length === right.items.length)
    for (const [i, item] of left.items.entries()) {
      const other = right.items[i]!;
      if (sides[0].ofItem(item) === sides[1].ofItem(other)) continue;
      const found = differenceIn(sides, `${path}/${i}`, item, other);
      if (found) return found;
    }
  if (left.kind === 'one-of' && right.kind === 'one-of' && left.values.length === right.values.length)
    for (const [i, value] of left.values.entries()) {
      const found = differenceIn(sides, `${path}|${i}`, value, right.values[i]!);
      if (found) return found;
    }
  return { path, left: short(left), right: short(right) };
}

function byFoldedKey(members: ReadonlyMap<string, Member>): Map<string, Member> {
  return new Map([...members].map(([key, member]) => [folded(key), member]));
}

function short(part: Part): string {
  if (part === undefined) return 'absent';
  if (typeof part === 'string') return part;
  const marks = [
    part.secret && 'secret',
    part.kind === 'one-of' && `by ${part.condition}`,
    (part.kind === 'object' || part.kind === 'list') && part.open && 'open',
  ].filter(Boolean);
  const { secret: _, ...plain } = part;
  return `${marks.length > 0 ? `(${marks.join(', ')}) ` : ''}${JSON.stringify(encode(plain as Value))}`;
}

/** Both texts from shortly before they part. */
function apartFrom({ left, right, ...rest }: Difference): Difference {
  let same = 0;
  while (same < left.length && left[same] === right[same]) same++;
  const cut = (text: string): string => {
    const start = same > 80 ? same - 40 : 0;
    return `${start > 0 ? '...' : ''}${text.slice(start, start + 300)}${text.length > start + 300 ? '...' : ''}`;
  };
  return { ...rest, left: cut(left), right: cut(right) };
}
