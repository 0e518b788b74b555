/**
 * Resources of the azapi provider -> the ARM resources that they are.
 * Takes an evaluated resource; gives one whose type, API version and body are those of an ARM template entry, every value at
 * its own place. A type that is not known leaves the resource as it is: it may be anything.
 */

import { spelt } from '../evaluate/encoded.ts';
import type { Resource } from '../evaluate/resource.ts';
import {
  force,
  isHuge,
  isNull,
  joined,
  type Member,
  memberOf,
  nothing,
  type Obj,
  object,
  oneOf,
  reasonOf,
  secret,
  text,
  unknown,
  type Value,
} from '../evaluate/value.ts';

/** Everything else is the same resource. */
export function armShaped(resource: Resource): Resource {
  switch (resource.type) {
    case 'azapi_resource':
      return shaped(resource, {});
    case 'azapi_update_resource':
      return shaped(resource, { isPatch: true });
    case 'azapi_resource_action':
      return actionShaped(resource);
    default:
      return resource;
  }
}

/** Why a resource of azapi may be anything; undefined where it is known what it is, or that it leaves nothing behind. */
export function hiddenBehind(resource: Resource): string | undefined {
  if (resource.existing) return undefined;
  // A template that azapi_resource deploys is read with the others, or stands among what is opaque.
  const isRead =
    resource.terraformType === 'azapi_resource' && /^microsoft\.resources\/deployments$/i.test(resource.type);
  const deploys =
    resource.terraformType !== undefined && /^microsoft\.resources\/deployment(?:s|stacks)$/i.test(resource.type);
  if (deploys && !isRead) return `${resource.address} is not looked into and may hold anything`;
  const isUnread = resource.type === 'azapi_resource' || resource.type === 'azapi_update_resource';
  if (!isUnread && !(resource.type === 'azapi_resource_action' && sends(resource) !== 'nothing')) return undefined;
  const type = written(resource, 'type');
  return `${resource.address} may be anything: ${(type && reasonOf(force(type.value))) ?? 'its type cannot be read'}`;
}

interface Shape {
  readonly isPatch?: boolean;
  readonly presence?: Resource['presence'];
  /** Of an action: what its path adds to type and id. */
  readonly below?: { readonly types: string; readonly path: string };
}

function shaped(resource: Resource, { isPatch, presence, below }: Shape): Resource {
  const type = typeOf(resource);
  if (!type) return resource;
  const own = below ? `${type.name}/${below.types}` : type.name;
  const idWritten =
    resource.type === 'azapi_resource' && !resource.existing ? undefined : written(resource, 'resource_id');
  const base = idWritten && force(idWritten.value);
  const id = base && below ? joined([base, '/', below.path], base.at) : base;
  const parent = written(resource, 'parent_id');
  const named = written(resource, 'name');
  const name = named ? resource.name : id ? lastSegment(id) : resource.name;
  return {
    ...resource,
    type: own,
    terraformType: resource.type,
    apiVersion: type.version,
    name,
    ...(presence && { presence }),
    ...(isPatch && { isPatch }),
    ...(id ? { id } : { parent: parent && force(parent.value) }),
    // A lock and its like hang on what they lie in.
    ...(/^microsoft\.authorization\/[^/]+$/i.test(own) && parent && { extends: force(parent.value) }),
    body: entryOf(resource, own, type, { ...named, value: name, at: named?.at ?? name.at }),
  };
}

/** What an action leaves behind: a PUT makes the resource, a PATCH changes it; the rest leaves nothing that is declared. */
function sends(resource: Resource): 'resource' | 'patch' | 'perhaps' | 'nothing' {
  const word = (name: string, fallback: string): string | undefined => {
    const member = written(resource, name);
    if (!member) return fallback;
    const value = force(member.value);
    return value.kind === 'string' ? value.value.toLowerCase() : undefined;
  };
  const method = word('method', 'post');
  const when = word('when', 'apply');
  if (when === 'destroy') return 'nothing';
  if (method === undefined || (method === 'put' && when === undefined)) return 'perhaps';
  if (method === 'patch') return 'patch';
  return method === 'put' ? 'resource' : 'nothing';
}

function actionShaped(resource: Resource): Resource {
  const what = sends(resource);
  if (what === 'nothing' || resource.existing) return resource;
  const shape: Shape = what === 'patch' ? { isPatch: true } : what === 'perhaps' ? { presence: 'maybe' } : {};
  const action = written(resource, 'action');
  const path = action && force(action.value);
  if (!path || (path.kind === 'string' && path.value === '')) return shaped(resource, shape);
  const segments = path.kind === 'string' ? path.value.split('/').filter((segment) => segment !== '') : [];
  // A path that is no chain of types and names leads to what is not known.
  if (segments.length === 0 || segments.length % 2 === 1) return resource;
  const types = segments.filter((_, i) => i % 2 === 0).join('/');
  return shaped(resource, { ...shape, below: { types, path: segments.join('/') } });
}

interface ArmType {
  readonly name: string;
  readonly version: string;
  readonly member: Member;
}

/** `Microsoft.X/y@2024-01-01`. */
function typeOf(resource: Resource): ArmType | undefined {
  const member = written(resource, 'type');
  const value = member && force(member.value);
  const match = value?.kind === 'string' ? /^([^/@]+(?:\/[^/@]+)+)@([^@]*)$/.exec(value.value.trim()) : null;
  return match ? { name: match[1]!, version: match[2]!, member: member! } : undefined;
}

/** The argument, where it is written and not null. */
function written(resource: Resource, name: string): Member | undefined {
  const member = memberOf(resource.body, name);
  return member && isNull(force(member.value)) ? undefined : member;
}

/** What stands after the last slash of an id. */
function lastSegment(id: Value): Value {
  const parts = id.kind === 'template' ? id.parts : id.kind === 'string' ? [id.value] : [];
  const last = parts.findLastIndex((part) => typeof part === 'string' && part.includes('/'));
  const piece = parts[last];
  if (typeof piece !== 'string') return unknown(reasonOf(id) ?? 'its id is not written out', id.at);
  return joined([piece.slice(piece.lastIndexOf('/') + 1), ...parts.slice(last + 1)], id.at);
}

// The body

function entryOf(resource: Resource, type: string, arm: ArmType, name: Member): Obj {
  const { head } = resource;
  const at = arm.member.at;
  const members = new Map<string, Member>([
    ['type', { value: text(type, at), at }],
    ['apiVersion', { value: text(arm.version, at), at }],
    ['name', { value: name.value, at: name.at }],
  ]);
  for (const argument of ['location', 'tags']) {
    const member = written(resource, argument);
    if (member) members.set(argument, member);
  }
  const identity = identityOf(resource);
  if (identity) members.set('identity', identity);
  const body = bodyOf(resource);
  for (const [key, member] of body.members) members.set(key, member);
  // What may be in a body that is not known stands there, so that it counts as written.
  return { ...object(members, body.open ? body.at : head), ...((body.open || resource.existing) && { open: true }) };
}

/** `body`, with `sensitive_body` in it. A body that is not known may hold anything. */
function bodyOf(resource: Resource): Obj {
  const plain = objectIn(written(resource, 'body'), resource);
  const hidden = written(resource, 'sensitive_body');
  return hidden ? merged(plain, objectIn({ ...hidden, value: secret(hidden.value) }, resource), true) : plain;
}

function objectIn(member: Member | undefined, resource: Resource): Obj {
  const empty = object(new Map<string, Member>(), member?.at ?? resource.head);
  if (!member) return empty;
  const value = unwrapped(force(member.value), resource);
  const isSecret = member.value.secret || value.secret;
  const hide = (of: Value): Value => (isSecret ? wholly(of) : of);
  if (value.kind === 'object') {
    const whole = hide(value);
    return whole.kind === 'object' ? whole : { ...empty, open: true };
  }
  if (value.kind === 'one-of') {
    const choices = value.values.map((choice) => objectIn({ ...member, value: choice }, resource));
    const members = new Map<string, Member>();
    for (const key of new Set(choices.flatMap((choice) => [...choice.members.keys()]))) {
      const values = choices.map((choice) => {
        const found = memberOf(choice, key);
        if (!found) return choice.open ? unknown('it is not known', choice.at) : nothing(choice.at);
        return found.maybe ? unknown('it may be left out or replaced', found.at) : found.value;
      });
      members.set(key, { value: hide(oneOf(values, member.at)), at: member.at });
    }
    return { ...object(members, member.at), ...(choices.some(({ open }) => open) && { open: true }) };
  }
  return { ...empty, open: true };
}

/** The value with every part of it secret, for its parts are looked at one by one. */
function wholly(value: Value): Value {
  const of = force(value);
  if (isHuge(of)) return secret(unknown('it is too large', of.at));
  if (of.kind === 'list') return secret({ ...of, items: of.items.map(wholly) });
  if (of.kind !== 'object') return secret(of);
  const members = new Map([...of.members].map(([key, one]) => [key, { ...one, value: wholly(one.value) }]));
  return { ...of, members };
}

/** azapi 1.x takes the body as JSON text; a raw state keeps an object of any type beside that type. */
function unwrapped(value: Value, resource: Resource): Value {
  if (value.encodes || value.kind === 'string' || value.kind === 'template') return spelt(value);
  if (resource.language !== 'state' || value.kind !== 'object' || value.members.size !== 2) return value;
  const inner = memberOf(value, 'value');
  return inner && memberOf(value, 'type') ? force(inner.value) : value;
}

/** The block of azapi in the shape of ARM; the ids of identities stay a list, for they may be known by name only. */
function identityOf(resource: Resource): Member | undefined {
  const block = written(resource, 'identity');
  const blocks = block && force(block.value);
  if (!block || !blocks) return undefined;
  if (blocks.kind !== 'list') return { value: unknown(reasonOf(blocks) ?? 'it is not known', block.at), at: block.at };
  const first = blocks.items[0] && force(blocks.items[0]);
  if (!first) return blocks.open ? { value: unknown('it may be left out', block.at), at: block.at } : undefined;
  if (first.kind !== 'object') return { value: first, at: block.at };
  const members = new Map(first.members);
  const ids = members.get('identity_ids');
  members.delete('identity_ids');
  if (ids) members.set('userAssignedIdentities', ids);
  return { value: { ...first, members }, at: first.at };
}

/** One object over another, member by member. What is only perhaps laid over it is one of two, and nothing where it was absent. */
export function merged(base: Obj, over: Obj, certain: boolean): Obj {
  const members = new Map<string, Member>();
  // A part that is not known may replace anything.
  for (const [key, member] of base.members) members.set(key, over.open ? { ...member, maybe: true } : member);
  for (const [key, member] of over.members) {
    const before = [...members.keys()].find((name) => name.toLowerCase() === key.toLowerCase()) ?? key;
    members.set(before, mergedMember(members.get(before), member, certain));
  }
  return { ...base, members, ...((base.open || over.open) && { open: true }) };
}

function mergedMember(base: Member | undefined, over: Member, certain: boolean): Member {
  const before = base && force(base.value);
  const after = force(over.value);
  const isDeep = isHuge(after) || (before !== undefined && isHuge(before));
  if (base && before?.kind === 'object' && after.kind === 'object' && !base.maybe && !over.maybe && !isDeep)
    return { ...base, value: merged(before, after, certain) };
  const replaces = certain && !over.maybe;
  if (replaces) return over;
  return { value: oneOf([before ?? nothing(over.at), after], over.at), at: over.at };
}
