/**
 * Deployments of templates by azapi -> the same deployment as azurerm would declare it.
 * Takes an `azapi_resource` of type Microsoft.Resources/deployments, and how to find what its parent refers to; gives the resource of
 * azurerm for that scope, its template and parameters at their own places. What is not written there is not known.
 */
import { spelt } from '../encoded.ts';
import type { Resource } from '../resource.ts';
import { force, isNull, joined, type Member, memberOf, object, reasonOf, text, unknown, type Value } from '../value.ts';
import { isAzapiDeployment } from './deployments.ts';

/** undefined for anything else. */
export function templateDeployment(
  resource: Resource,
  at: (address: string) => Resource | undefined,
): Resource | undefined {
  if (!isAzapiDeployment(resource)) return undefined;
  const members = new Map<string, Member>();
  const set = (name: string, value: Value): void => void members.set(name, { value, at: value.at });
  const body = bodyOf(resource);
  const properties = body && part(body, 'properties');
  const template = properties && part(properties, 'template');
  const parameters = properties && part(properties, 'parameters');
  if (template) set('template_content', encoding(template));
  if (parameters) set('parameters_content', encoding(parameters));
  const scope = scopeOf(resource, at);
  if (scope.group) set('resource_group_name', scope.group);
  if (scope.managementGroup) set('management_group_id', scope.managementGroup);
  return {
    ...resource,
    type: `azurerm_${scope.kind}_template_deployment`,
    body: object(members, resource.body.at),
    scope: { ...resource.scope, subscription: scope.subscription ?? resource.scope.subscription },
  };
}

function written(resource: Resource, name: string): Value | undefined {
  const value = memberOf(resource.body, name)?.value;
  const forced = value && force(value);
  return forced && !isNull(forced) ? forced : undefined;
}

/** azapi 1.x takes it as JSON text; a raw state keeps it beside its type. */
function bodyOf(resource: Resource): Value | undefined {
  const value = written(resource, 'body');
  if (!value) return undefined;
  if (value.encodes || value.kind === 'string' || value.kind === 'template') return spelt(value);
  const inner = value.kind === 'object' && value.members.size === 2 ? memberOf(value, 'value') : undefined;
  return resource.language === 'state' && inner ? force(inner.value) : value;
}

function part(of: Value, name: string): Value | undefined {
  const value = force(of);
  if (value.kind !== 'object') return unknown(reasonOf(value) ?? 'it is not known', value.at);
  const member = memberOf(value, name, true);
  if (!member) return value.open ? unknown('it is not known', value.at) : undefined;
  const found = force(member.value);
  if (member.maybe) return unknown('it may be left out or replaced', member.at);
  return isNull(found) ? undefined : found;
}

/** As if the value were written as a text of JSON; a text is one. */
function encoding(value: Value): Value {
  if (value.kind !== 'object' && value.kind !== 'list') return value;
  return { ...text('', value.at), encodes: value, secret: value.secret };
}

interface Scope {
  readonly kind: 'resource_group' | 'subscription' | 'management_group';
  readonly subscription?: Value | undefined;
  readonly group?: Value | undefined;
  readonly managementGroup?: Value | undefined;
}

function scopeOf(resource: Resource, at: (address: string) => Resource | undefined): Scope {
  const parent = written(resource, 'parent_id');
  if (parent?.kind === 'symbol' && parent.of?.path === 'id') {
    const found = at(parent.of.address);
    if (found && isGroup(found)) {
      const { name, scope } = found;
      return { kind: 'resource_group', group: force(name), subscription: scope.subscription };
    }
    if (found?.type === 'azurerm_subscription') return { kind: 'subscription' };
  }
  if (parent?.kind === 'string' && /^\/providers\/microsoft\.management\/managementgroups\/[^/]+$/i.test(parent.value))
    return { kind: 'management_group', managementGroup: parent };
  const pieces = parent && piecesOf(parent);
  const [start, subscriptions, subscription, groups, group, ...more] = pieces ?? [];
  if (isWord(start, '') && isWord(subscriptions, 'subscriptions') && subscription && more.length === 0) {
    if (!groups) return { kind: 'subscription', subscription };
    if (isWord(groups, 'resourcegroups') && group) return { kind: 'resource_group', subscription, group };
  }
  const because = (parent && reasonOf(parent)) ?? 'where it is deployed to is not written';
  const hidden = unknown(because, parent?.at ?? resource.head);
  return { kind: 'resource_group', subscription: hidden, group: hidden };
}

function isGroup(resource: Resource): boolean {
  if (resource.type === 'azurerm_resource_group') return true;
  const type = resource.type === 'azapi_resource' ? written(resource, 'type') : undefined;
  return type?.kind === 'string' && /^microsoft\.resources\/resourcegroups@/i.test(type.value);
}

function isWord(value: Value | undefined, word: string): boolean {
  return value?.kind === 'string' && value.value.toLowerCase() === word;
}

/** What stands between the slashes of an id. */
function piecesOf(id: Value): Value[] | undefined {
  const parts = id.kind === 'template' ? id.parts : id.kind === 'string' ? [id.value] : undefined;
  if (!parts) return undefined;
  const pieces: (string | Value)[][] = [[]];
  for (const one of parts) {
    if (typeof one !== 'string') pieces.at(-1)!.push(one);
    else
      for (const [i, piece] of one.split('/').entries()) {
        if (i > 0) pieces.push([]);
        if (piece !== '') pieces.at(-1)!.push(piece);
      }
  }
  return pieces.map(([first, ...rest]) =>
    rest.length === 0 && typeof first === 'object' ? first : joined(first === undefined ? [] : [first, ...rest], id.at),
  );
}
