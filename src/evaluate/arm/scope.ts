/**
 * Where a template is deployed to, and the functions and ids that depend on it.
 * Takes a scope; gives values that are equal where two templates are deployed to the same place. Bicep has the same ones.
 */
import type { Call } from '../../parse/expression.ts';
import type { Origin, Span } from '../../source/source.ts';
import { type BuiltIn, lazy } from '../evaluate.ts';
import {
  canonical,
  isScalar,
  joined,
  type Lazy,
  memberOf,
  object,
  reasonOf,
  type Sym,
  symbol,
  text,
  unknown,
  type Value,
} from '../value.ts';
import { byName, slashSegments } from './functions.ts';

export type ScopeKind = 'resourceGroup' | 'subscription' | 'managementGroup' | 'tenant';

export interface DeploymentScope {
  readonly kind: ScopeKind;
  /** The id of it. */
  readonly subscription: Value;
  /** The names. */
  readonly resourceGroup?: Value | undefined;
  readonly managementGroup?: Value | undefined;
}

const chosen = 'it is chosen when the template is deployed';

/** What the deployment settles: never null. */
export function settled(name: string, at: Origin): Sym {
  return { ...symbol(name, chosen, at), present: true };
}

/** The scope that whoever deploys the template chooses. */
export function rootScope(kind: ScopeKind, at: Origin): DeploymentScope {
  const subscription = settled('subscription().subscriptionId', at);
  if (kind === 'resourceGroup') return { kind, subscription, resourceGroup: settled('resourceGroup().name', at) };
  if (kind === 'managementGroup') return { kind, subscription, managementGroup: settled('managementGroup().name', at) };
  return { kind, subscription };
}

interface ScopeValue extends Lazy {
  readonly deploysTo: DeploymentScope;
}

function scopeValue(value: Lazy, deploysTo: DeploymentScope): ScopeValue {
  return { ...value, deploysTo };
}

/** The scope that a value stands for, as resourceGroup() and its kin give it. */
export function scopeIn(value: Value): DeploymentScope | undefined {
  return value.kind === 'lazy' && 'deploysTo' in value ? (value as ScopeValue).deploysTo : undefined;
}

/** What stands before `/providers/` in the ids of what is deployed there. */
function prefixOf(scope: DeploymentScope): (string | Value)[] {
  switch (scope.kind) {
    case 'resourceGroup':
      return ['/subscriptions/', scope.subscription, '/resourceGroups/', groupName(scope)];
    case 'subscription':
      return ['/subscriptions/', scope.subscription];
    case 'managementGroup':
      return ['/providers/Microsoft.Management/managementGroups/', managementGroupName(scope)];
    case 'tenant':
      return [];
  }
}

function groupName(scope: DeploymentScope): Value {
  return scope.resourceGroup ?? settled('resourceGroup().name', scope.subscription.at);
}

function managementGroupName(scope: DeploymentScope): Value {
  return scope.managementGroup ?? settled('managementGroup().name', scope.subscription.at);
}

/** `prefix/providers/Namespace/type/name/type/name`; undefined where names and types do not pair. */
function idOf(prefix: readonly (string | Value)[], type: string, names: readonly Value[], at: Origin) {
  const [namespace, ...types] = type.split('/');
  if (types.length === 0 || types.length !== names.length) return undefined;
  const parts: (string | Value)[] = [...prefix, `/providers/${namespace}`];
  for (const [i, segment] of types.entries()) parts.push(`/${segment}/`, names[i]!);
  return joined(parts, at);
}

/** The id of a resource; undefined where type and name do not pair. */
export function resourceIdOf(
  resource: {
    readonly type: string;
    /** Of a child those of its parents first; one may hold several, joined by slashes. */
    readonly names: readonly Value[];
    readonly scope: DeploymentScope;
    readonly extends?: Value | undefined;
  },
  at: Origin,
): Value | undefined {
  const { type, scope, extends: on } = resource;
  const count = type.split('/').length - 1;
  const names = namesOf(resource.names, count, at) ?? piecesOf(resource.names, count, at);
  if (!names) return undefined;
  if (/^microsoft\.resources\/resourcegroups$/i.test(type))
    return joined(['/subscriptions/', scope.subscription, '/resourceGroups/', names[0]!], at);
  if (!on) return idOf(prefixOf(scope), type, names, at);
  if (on.kind !== 'string' && on.kind !== 'template') return undefined;
  return on.kind === 'string' && on.value === '/'
    ? idOf([], type, names, at)
    : idOf([absoluteScope(on, scope)], type, names, at);
}

/** The id that an extension's scope names; it may be written as `Namespace/type/name` of a resource in the same group. */
export function absoluteScope(on: Value, scope: DeploymentScope): Value {
  const first = on.kind === 'string' ? on.value : on.kind === 'template' ? on.parts[0] : undefined;
  if (typeof first !== 'string' || first.startsWith('/')) return on;
  if (/^microsoft\.management\/managementgroups\//i.test(first)) return joined(['/providers/', on], on.at);
  return joined([...prefixOf(scope), '/providers/', on], on.at);
}

/** One value per name. A name may hold several; then the slashes that are known tell them apart. */
function namesOf(names: readonly Value[], count: number, at: Origin): Value[] | undefined {
  if (names.length === count) {
    // All pieces of one text are the text, cut where the names of the type are.
    const cut = names.map((name) => (name.kind === 'symbol' ? name.cut : undefined));
    const [first] = cut;
    const whole = first && canonical(first.of);
    const isPiece = (piece: Sym['cut'], i: number): boolean => piece?.index === i && canonical(piece.of) === whole;
    const isWhole = count > 1 && whole !== undefined && cut.every(isPiece);
    return (isWhole && first && namesOf([first.of], count, at)) || [...names];
  }
  const pieces = names.flatMap((name) => slashSegments(name, at));
  return pieces.length === count ? pieces : undefined;
}

/** The names that one name by a name holds: `split(x,"/")[0]` and so on, as Bicep's compiler writes them. */
function piecesOf(names: readonly Value[], count: number, at: Origin): Value[] | undefined {
  const [name] = names;
  if (names.length !== 1 || name?.kind !== 'symbol') return undefined;
  return Array.from({ length: count }, (_, i) => ({
    ...symbol(`split(${name.text},"/")[${i}]`, name.because, at),
    secret: name.secret,
  }));
}

/**
 * `[subscription], [group], type, names...`: type and names are told from what stands before them by counting.
 * undefined: the call cannot be read.
 */
function readCall(args: readonly Value[], before: number, at: Origin) {
  for (let i = 0; i <= Math.min(before, args.length - 1); i++) {
    const type = args[i]!;
    if (type.kind !== 'string' || !/^[^/]*\.[^/]*\/./.test(type.value)) continue;
    const plain = type.value.replace(/\/+$/, '');
    const names = namesOf(args.slice(i + 1), plain.split('/').length - 1, at);
    if (names?.every((name) => name.kind !== 'null' && name.kind !== 'list' && name.kind !== 'object'))
      return { leading: args.slice(0, i), type: plain, names };
  }
  return undefined;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function isSubscription(value: Value, scope: DeploymentScope): boolean {
  if (value.kind === 'string') return guid.test(value.value);
  const name = canonical(value, true);
  return name !== undefined && name === canonical(scope.subscription, true);
}

/** The region of the group with that id, where the configuration declares the group. */
export type RegionOf = (group: Value) => Value | undefined;

/** `resourceId` and its kin in a template that is deployed to `scope`; `deployment` is its name. */
export function scopeFunctions(
  scope: DeploymentScope,
  deployment?: Value,
  regionOf?: RegionOf,
): ReadonlyMap<string, BuiltIn> {
  const refuse = (name: string, args: readonly Value[], call: Call): Value => byName({ ...call, name }, args);
  return new Map<string, BuiltIn>([
    [
      'resourceId',
      (args, call) => {
        const read = readCall(args, 2, call);
        if (!read) return refuse('resourceId', args, call);
        const [first, second] = read.leading;
        if (first && second)
          return idOf(['/subscriptions/', first, '/resourceGroups/', second], read.type, read.names, call)!;
        if (!first) return idOf(prefixOf(scope), read.type, read.names, call)!;
        const target: DeploymentScope = isSubscription(first, scope)
          ? { ...scope, subscription: first, kind: scope.kind === 'resourceGroup' ? 'resourceGroup' : 'subscription' }
          : { ...scope, resourceGroup: first, kind: 'resourceGroup' };
        return idOf(prefixOf(target), read.type, read.names, call)!;
      },
    ],
    [
      'subscriptionResourceId',
      (args, call) => {
        const read = readCall(args, 1, call);
        if (!read) return refuse('subscriptionResourceId', args, call);
        return idOf(['/subscriptions/', read.leading[0] ?? scope.subscription], read.type, read.names, call)!;
      },
    ],
    [
      'tenantResourceId',
      (args, call) => {
        const read = readCall(args, 0, call);
        return read ? idOf([], read.type, read.names, call)! : refuse('tenantResourceId', args, call);
      },
    ],
    [
      'managementGroupResourceId',
      (args, call) => {
        const read = readCall(args, 1, call);
        if (!read) return refuse('managementGroupResourceId', args, call);
        const group = read.leading[0] ?? managementGroupName(scope);
        return idOf(['/providers/Microsoft.Management/managementGroups/', group], read.type, read.names, call)!;
      },
    ],
    [
      'extensionResourceId',
      (args, call) => {
        const [base, ...rest] = args;
        const read = readCall(rest, 0, call);
        if (!base || !read || base.kind === 'null' || base.kind === 'list' || base.kind === 'object')
          return refuse('extensionResourceId', args, call);
        return idOf([base], read.type, read.names, call)!;
      },
    ],
    // With arguments they are Bicep's, which names other scopes so.
    [
      'resourceGroup',
      (args, call) => {
        const of = narrowed(scope, { subscription: args[1] && args[0], resourceGroup: args[1] ?? args[0] });
        return scopeValue(resourceGroup(of, call, regionOf), { ...of, kind: 'resourceGroup' });
      },
    ],
    [
      'subscription',
      (args, call) => {
        const of = narrowed(scope, { subscription: args[0] });
        return scopeValue(subscription(of, call), { kind: 'subscription', subscription: of.subscription });
      },
    ],
    [
      'managementGroup',
      (args, call) => {
        const of: DeploymentScope = { ...scope, kind: 'managementGroup', ...(args[0] && { managementGroup: args[0] }) };
        return scopeValue(managementGroup(of, call), of);
      },
    ],
    [
      'tenant',
      (_, call) =>
        scopeValue(named('tenant()', call, [['id', text('/', call)]]), {
          kind: 'tenant',
          subscription: scope.subscription,
        }),
    ],
    ['deployer', (_, call) => named('deployer()', call, [])],
    ['environment', (_, call) => named('environment()', call, [])],
    ['deployment', (_, call) => named('deployment()', call, deployment ? [['name', deployment]] : [])],
    ['providers', (args, call) => byName(call, args)],
  ]);
}

function resourceGroup(scope: DeploymentScope, call: Span, regionOf?: RegionOf): Lazy {
  const name = groupName(scope);
  const text = canonical(name, true);
  const id = joined(['/subscriptions/', scope.subscription, '/resourceGroups/', name], call);
  const known: [string, Value][] = [
    ['name', name],
    ['id', id],
  ];
  if (text === undefined) {
    const because = reasonOf(name) ?? chosen;
    return lazyObject(call, known, () => unknown(because, call));
  }
  // The group that the root template is deployed to needs no name; another one is told from it by its name.
  const home = text === 'resourceGroup().name' && canonical(scope.subscription) === 'subscription().subscriptionId';
  const group = named(home ? 'resourceGroup()' : `resourceGroup(${canonical(id, true)})`, call, known);
  const isLocation = (key: Value): boolean => key.kind === 'string' && key.value.toLowerCase() === 'location';
  return { ...group, get: (key, at) => (isLocation(key) && regionOf?.(id)) || group.get(key, at) };
}

/** `resourceGroup().location` in a template that is deployed to that group. */
export function groupLocation(scope: DeploymentScope, at: Span, regionOf: RegionOf): Value {
  return resourceGroup(scope, at, regionOf).get(text('location', at), at);
}

function subscription(scope: DeploymentScope, call: Call): Lazy {
  const text = canonical(scope.subscription, true);
  const known: [string, Value][] = [
    ['subscriptionId', scope.subscription],
    ['id', joined(['/subscriptions/', scope.subscription], call)],
  ];
  if (text === undefined) return lazyObject(call, known, () => unknown(chosen, call));
  return named(text === 'subscription().subscriptionId' ? 'subscription()' : `subscription(${text})`, call, known);
}

function managementGroup(scope: DeploymentScope, call: Call): Lazy {
  const name = managementGroupName(scope);
  const known: [string, Value][] = [
    ['name', name],
    ['id', joined(['/providers/Microsoft.Management/managementGroups/', name], call)],
  ];
  const text = canonical(name, true);
  if (text === undefined) return lazyObject(call, known, () => unknown(chosen, call));
  return named(text === 'managementGroup().name' ? 'managementGroup()' : `managementGroup(${text})`, call, known);
}

/** Spelt as in the documentation, so that the case of the template does not count. */
const members: ReadonlyMap<string, string> = new Map(
  [
    'id',
    'name',
    'type',
    'location',
    'tags',
    'managedBy',
    'properties',
    'provisioningState',
    'subscriptionId',
    'tenantId',
    'displayName',
    'country',
    'countryCode',
    'tenantType',
    'objectId',
    'userPrincipalName',
    'templateLink',
    'template',
    'parameters',
    'mode',
    'uri',
    'suffixes',
    'storage',
    'authentication',
    'resourceManager',
    'portal',
    'loginEndpoint',
    'audiences',
    'tenant',
    'identityProvider',
    'keyvaultDns',
    'sqlServerHostname',
    'details',
    'parent',
  ].map((name) => [name.toLowerCase(), name]),
);

function named(text: string, call: Span, known: readonly (readonly [string, Value])[]): Lazy {
  return lazyObject(call, known, (key) => settled(`${text}.${members.get(key.toLowerCase()) ?? key}`, call), text);
}

function lazyObject(
  call: Span,
  known: readonly (readonly [string, Value])[],
  other: (key: string) => Value,
  text?: string,
): Lazy {
  const of = object(new Map(known.map(([key, value]) => [key, { value, at: call }])), call);
  return lazy(
    call,
    (key) => memberOf(of, key, true)?.value ?? other(key),
    () => (known.length === 0 && text ? settled(text, call) : { ...of, open: true }),
  );
}

/** The scope that a deployment names by `subscriptionId`, `resourceGroup` and `scope`; the rest is its surroundings'. */
export function narrowed(
  outer: DeploymentScope,
  by: {
    readonly subscription?: Value | undefined;
    readonly resourceGroup?: Value | undefined;
    readonly scope?: Value | undefined;
  },
): DeploymentScope {
  const { scope } = by;
  if (scope?.kind === 'string' || scope?.kind === 'template') {
    const segments = slashSegments(scope, scope.at);
    const word = (i: number): string => {
      const segment = segments[i];
      return segment && isScalar(segment) ? String(segment.value).toLowerCase() : '';
    };
    if (scope.kind === 'string' && scope.value === '/') return { kind: 'tenant', subscription: outer.subscription };
    if (word(1) === 'subscriptions' && segments[2]) {
      const subscription = segments[2];
      return word(3) === 'resourcegroups' && segments[4]
        ? { kind: 'resourceGroup', subscription, resourceGroup: segments[4] }
        : { kind: 'subscription', subscription };
    }
    const groups = segments.findIndex((_, i) => word(i) === 'managementgroups');
    const group = groups === -1 ? undefined : segments[groups + 1];
    if (group) return { kind: 'managementGroup', subscription: outer.subscription, managementGroup: group };
  }
  if (by.resourceGroup)
    return {
      kind: 'resourceGroup',
      subscription: by.subscription ?? outer.subscription,
      resourceGroup: by.resourceGroup,
    };
  if (by.subscription) return { kind: 'subscription', subscription: by.subscription };
  if (scope) return { kind: outer.kind, subscription: unknown('the scope is not known', scope.at) };
  return outer;
}

/** Whether an id is that of a resource group, subscription, management group or the tenant; undefined: not known. */
export function isScopeId(id: Value): boolean | undefined {
  if (id.kind !== 'string' && id.kind !== 'template') return undefined;
  if (id.kind === 'string' && id.value === '/') return true;
  const segments = slashSegments(id, id.at).map((each) => (isScalar(each) ? String(each.value).toLowerCase() : ''));
  if (segments[1] === 'subscriptions')
    return segments.length === 3 || (segments.length === 5 && segments[3] === 'resourcegroups');
  return segments.length === 5 && segments[1] === 'providers' && segments[3] === 'managementgroups';
}
