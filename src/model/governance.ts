/**
 * What stands around backup: Resource Guards, registrations of accounts and machines with a vault, policy assignments, and the
 * roles that a vault's identity was given. Takes azurerm resources and ARM bodies; gives entities of their own or facts of a vault
 * or an item.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, fromPlain, isSecret, reasonOf, text, type Value } from '../evaluate/value.ts';
import type { Link } from './belonging.ts';
import {
  append,
  atLeast,
  computed,
  type Fact,
  fallback,
  filledList,
  listOf,
  mapped,
  pick,
  region,
  spelt,
  textOf,
  undecided,
  view,
} from './facts.ts';
import { mayAct, runsAnything } from './hiding.ts';
import {
  groupId,
  idValue,
  parentId,
  parseId,
  type ResourceId,
  rootId,
  rootName,
  sameId,
  subscriptionOf,
} from './id.ts';
import type { Surroundings } from './machine.ts';
import { accompanies } from './presence.ts';
import { type Facts, named } from './retention.ts';
import { builtInRole } from './roles.ts';

// Resource Guards

export function isGuard(resource: Pick<Resource, 'type'>): boolean {
  const type = resource.type.toLowerCase();
  return type === 'azurerm_data_protection_resource_guard' || type === 'microsoft.dataprotection/resourceguards';
}

export function guardFacts(resource: Resource): Facts {
  const arm = resource.type.includes('/');
  const at = (path: string): Fact | undefined => pick(resource.body, path, arm);
  return {
    ...named(resource),
    location: region(at('location')),
    excluded: filledList(
      at(arm ? 'properties.vaultCriticalOperationExclusionList' : 'vault_critical_operation_exclusion_list'),
    ),
    subscription: { value: force(resource.scope.subscription), at: resource.head },
  };
}

const association = ({ body }: Resource): Link => ({ id: pick(body, 'vault_id', false) });
const proxy = (): Link => ({ levels: 1 });
/** Resources that bind a guard to a vault, and where they name the guard. */
const associations = [
  ['azurerm_recovery_services_vault_resource_guard_association', association, 'resource_guard_id'],
  ['microsoft.recoveryservices/vaults/backupresourceguardproxies', proxy, 'properties.resourceGuardResourceId'],
  ['microsoft.dataprotection/backupvaults/backupresourceguardproxies', proxy, 'properties.resourceGuardResourceId'],
] as const;

/** In lower case. */
export const associationTypes: ReadonlySet<string> = new Set(associations.map(([type]) => type));

/** The guard of a vault as the association names it; absent where nothing here makes one. */
export function guardOf(vault: Resource, around: Surroundings): Fact | undefined {
  let doubt: Resource | undefined;
  for (const [type, link, attribute] of associations) {
    const { sure, perhaps } = around.belonging(vault, type, link);
    for (const one of sure) {
      const guard = pick(one.body, attribute, type.includes('/'));
      if (one.presence === 'present' && !one.many) return guard ?? undecided('the guard is not written', one.head);
      doubt ??= one;
    }
    doubt ??= perhaps[0];
  }
  return doubt && undecided(`${doubt.address} may bind a guard to it`, doubt.head);
}

// Registrations

const containerKinds: Readonly<Record<string, string>> = {
  storagecontainer: 'storage-account',
  vmappcontainer: 'machine-workload',
  sqlagworkloadcontainer: 'availability-group',
  azureworkloadcontainer: 'machine-workload',
  hanahsrcontainer: 'hana-replication',
  windows: 'mars',
  mabcontainer: 'mars',
  dpmcontainer: 'dpm',
  azurebackupservercontainer: 'mabs',
  dpmbackupengine: 'dpm',
  azurebackupserverengine: 'mabs',
  iaasvmcontainer: 'machine',
  'microsoft.compute/virtualmachines': 'machine',
  'microsoft.classiccompute/virtualmachines': 'machine',
};

/** A storage account or machine as registered with a vault; undefined for anything else. */
export interface Container {
  readonly resource: Resource;
  readonly vaultId: ResourceId | undefined;
  readonly sourceId: ResourceId | undefined;
  /** Machines of a replication pair. */
  readonly nodeIds: readonly ResourceId[];
  readonly facts: Facts;
}

export function containerOf(resource: Resource, around: Surroundings): Container | undefined {
  const { head, scope } = resource;
  if (resource.type === 'azurerm_backup_container_storage_account') {
    const at = (path: string): Fact | undefined => pick(resource.body, path, false);
    const vault = at('recovery_vault_name') ?? undecided('the vault is not written', head);
    const vaultId: ResourceId = {
      subscription: scope.subscription,
      resourceGroup: at('resource_group_name')?.value,
      type: 'microsoft.recoveryservices/vaults',
      names: [vault.value],
    };
    return container(resource, vaultId, vault, at('storage_account_id'), computed('storage-account', head), around);
  }
  const type = resource.type.toLowerCase();
  // Servers of DPM and Azure Backup Server, which only an audit sees.
  const isServer = type === 'microsoft.recoveryservices/vaults/backupengines';
  if (!isServer && type !== 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers') return undefined;
  const at = (path: string): Fact | undefined => pick(resource.body, `properties.${path}`, true);
  const id = around.idOf(resource);
  const written = mapped(at(isServer ? 'backupEngineType' : 'containerType'), containerKinds);
  const named = textOf(written?.value) === undefined ? kindByName(resource) : undefined;
  const kind = named ?? written ?? undecided('the type of the container is not written', head);
  const made = container(resource, id && rootId(id), rootName(resource, id), at('sourceResourceId'), kind, around);
  return {
    ...made,
    facts: {
      ...made.facts,
      workload: mapped(at('workloadType'), {
        sqldatabase: 'sql-in-vm',
        saphanadatabase: 'hana-in-vm',
        saphanadbinstance: 'hana-in-vm',
        sapasedatabase: 'ase-in-vm',
      }),
      friendlyName: at('friendlyName'),
    },
  };
}

/** What exists has a name of the service: `StorageContainer;Storage;<group>;<account>`. */
function kindByName({ address, head, language }: Resource): Fact | undefined {
  const start = language === 'live' ? /\/protectionContainers\/([^/;]+);[^/]*$/i.exec(address)?.[1] : undefined;
  const kind = start && containerKinds[start.toLowerCase()];
  return kind ? computed(kind, head) : undefined;
}

function container(
  resource: Resource,
  vaultId: ResourceId | undefined,
  vaultName: Fact,
  source: Fact | undefined,
  kind: Fact,
  around: Surroundings,
): Container {
  const sourceId = source && parseId(source.value, around.find);
  return {
    resource,
    vaultId,
    sourceId,
    nodeIds: nodesOf(resource, around),
    facts: {
      kind,
      vaultName,
      vaultId: vaultId
        ? { value: idValue(vaultId, vaultName.value.at), at: vaultName.at }
        : undecided('the vault is not known', vaultName.at),
      source,
      sourceId: sourceId && source && { value: idValue(sourceId, source.value.at), at: source.at },
    },
  };
}

/** The machines of a replication pair, where the registration lists them. */
function nodesOf({ type, body }: Resource, around: Surroundings): ResourceId[] {
  const list = type.includes('/') ? pick(body, 'properties.extendedInfo.nodesList', true)?.value : undefined;
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((node) => {
    const source = pick(node, 'sourceResourceId', true);
    const id = source && parseId(source.value, around.find);
    return id ? [id] : [];
  });
}

/** The solution that a registration is for; undefined where more than one may be. */
export function solutionOfContainer({ kind, workload }: Facts): string | undefined {
  const word = textOf((kind as Fact).value);
  if (word === 'storage-account') return 'azure-files';
  if (word === 'machine') return 'azure-vm';
  if (word === 'mars') return 'mars';
  if (word === 'dpm' || word === 'mabs') return 'dpm-mabs';
  if (word === 'hana-replication') return 'hana-in-vm';
  if (word === 'availability-group') return 'sql-in-vm';
  return textOf((workload as Fact | undefined)?.value);
}

// Policy assignments

const assignmentScopes: Readonly<Record<string, readonly [string, string]>> = {
  azurerm_management_group_policy_assignment: ['management-group', 'management_group_id'],
  azurerm_subscription_policy_assignment: ['subscription', 'subscription_id'],
  azurerm_resource_group_policy_assignment: ['resource-group', 'resource_group_id'],
  azurerm_resource_policy_assignment: ['resource', 'resource_id'],
};

export function isAssignment(resource: Resource): boolean {
  return (
    resource.type in assignmentScopes || resource.type.toLowerCase() === 'microsoft.authorization/policyassignments'
  );
}

export function assignmentFacts(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  const definition = at(arm ? 'properties.policyDefinitionId' : 'policy_definition_id');
  const identity = at(arm ? 'identity.type' : 'identity[0].type');
  const own = assignmentScopes[resource.type];
  const scope = arm ? (resource.extends ? { value: resource.extends, at: head } : undefined) : own && at(own[1]);
  return {
    ...named(resource),
    definition,
    definitionId: definition && lastSegment(definition),
    acts: mayAct(resource, around) ? undefined : computed(false, head),
    enforced: arm
      ? fallback(mapped(at('properties.enforcementMode'), { default: true, donotenforce: false }), true, head)
      : fallback(mapped(at('enforce'), { true: true, false: false }), true, head),
    level: own ? computed(own[0], head) : (armLevel(scope, around) ?? deploymentLevel(resource)),
    scope,
    parameters: arm ? parameterValues(at('properties.parameters')) : parameterValues(decoded(at('parameters'))),
    identity: mapped(identity, spelt('SystemAssigned', 'UserAssigned', 'None')),
    location: region(at('location')),
  };
}

function lastSegment(id: Fact): Fact {
  const written = textOf(id.value);
  // A declared definition is known by its reference only.
  if (written === undefined) return undecided(reasonOf(id.value) ?? 'the definition is not known', id.at);
  const name = written.split('/').at(-1) ?? written;
  const { at, via, secret } = id.value;
  return { at: id.at, value: { ...text(name.toLowerCase(), at), via, secret } };
}

function armLevel(scope: Fact | undefined, around: Surroundings): Fact | undefined {
  if (!scope) return undefined;
  const id = parseId(scope.value, around.find);
  if (!id) return undecided('the scope is not known', scope.at);
  if (id.type.startsWith('microsoft.management/managementgroups')) return computed('management-group', scope.at);
  if (id.type !== '') return computed('resource', scope.at);
  return computed(id.resourceGroup ? 'resource-group' : 'subscription', scope.at);
}

/** Without a scope of its own it is assigned to what the template is deployed to. */
function deploymentLevel({ head, scope }: Resource): Fact {
  return scope.resourceGroup
    ? computed('resource-group', head)
    : undecided('a template may be deployed to a subscription or a management group', head);
}

/** azurerm takes the parameters as a JSON text. */
function decoded(written: Fact | undefined): Fact | undefined {
  const json = textOf(written?.value);
  if (!written || json === undefined || isSecret(written.value))
    return written && undecided(reasonOf(written.value) ?? 'the parameters are not known', written.at);
  // Longer ones are not written by hand.
  if (json.length > 100_000) return undecided('the parameters are too long to be read', written.at);
  try {
    return { at: written.at, value: fromPlain(JSON.parse(json), written.value.at) };
  } catch {
    return undecided('the parameters are no JSON', written.at);
  }
}

/** `{name: {value: x}}` as `{name: x}`. */
function parameterValues(written: Fact | undefined): Fact | undefined {
  if (!written) return undefined;
  const value = force(written.value);
  if (value.kind !== 'object') return undecided(reasonOf(value) ?? 'the parameters are not known', written.at);
  const facts: Record<string, Fact | undefined> = {};
  for (const name of value.members.keys()) {
    const member = pick(value, name, false);
    facts[name] = member && pick(member.value, 'value', true);
  }
  return {
    at: written.at,
    value: view(written.at, facts, value.open ? (reasonOf(value) ?? 'the object may hold more') : undefined),
  };
}

// Roles

export interface Grant {
  readonly resource: Resource;
  readonly role: Fact;
  readonly principal: Fact | undefined;
  readonly scopeId: ResourceId | undefined;
}

/** What is given to one identity. */
interface Given {
  /** By the last name of their scope, so that an item looks at few. */
  readonly byScope: Map<string, Grant[]>;
  /** There may be more of them. */
  open: boolean;
}

/** Of an audit: why an identity may have more roles in a subscription than were read; both ids in lower case. */
export type UnreadRoles = (principal: string, subscription: string) => string | undefined;

/** Every role assignment here, by whose identity it is for: the address of what has it, in an audit the id of the identity. */
export class Grants {
  readonly #byOwner = new Map<string, Given>();
  readonly #unread: UnreadRoles | undefined;
  /** Why any identity may have more roles: a principal that is not known may be its own. */
  readonly #doubt: string | undefined;

  /** `unread`: of an audit. */
  constructor(around: Surroundings, unread?: UnreadRoles) {
    this.#unread = unread;
    let doubt = unread ? undefined : around.hidden;
    const byPrincipal = identitiesIn(around.resources);
    for (const resource of around.resources) {
      if (runsAnything(resource)) doubt ??= `${resource.address} runs commands and may give a role`;
      const grant = grantIn(resource, around);
      if (!grant) continue;
      const owner =
        grant.principal &&
        (unread
          ? textOf(grant.principal.value)?.toLowerCase()
          : identityOwner(grant.principal.value, around, byPrincipal));
      if (owner === undefined) {
        doubt ??= `it is not known to whom ${resource.address} gives a role`;
        continue;
      }
      let own = this.#byOwner.get(owner);
      if (!own) {
        own = { byScope: new Map(), open: false };
        this.#byOwner.set(owner, own);
      }
      if (resource.many) own.open = true;
      else append(own.byScope, scopeKey(grant.scopeId), grant);
    }
    this.#doubt = doubt;
  }

  /** Whether they are those of an audit. */
  get areLive(): boolean {
    return this.#unread !== undefined;
  }

  /** Names of the roles that an identity has wherever a resource exists, at any scope; nothing where none is given here. */
  rolesFor(owner: string, resource: Resource): Fact | undefined {
    const own = this.#byOwner.get(owner);
    const all = own ? [...own.byScope.values()].flat() : [];
    if (!own || all.length === 0) return undefined;
    const { head } = resource;
    const sure = all.filter((grant) => accompanies(grant.resource, resource));
    const open = own.open || this.#doubt !== undefined || sure.length < all.length;
    return {
      at: head,
      value: listOf(
        head,
        sure.map(({ role }) => role.value),
        open,
      ),
    };
  }

  /** All that are given to an identity. */
  allOf(owner: string): readonly Grant[] {
    return [...(this.#byOwner.get(owner)?.byScope.values() ?? [])].flat();
  }

  /** Why an identity may have more roles at the places. */
  doubtOf(owner: string, places: readonly Place[]): string | undefined {
    if (this.#doubt !== undefined) return this.#doubt;
    if (this.#byOwner.get(owner)?.open) return 'it is not known how many roles are given';
    if (!this.#unread) return undefined;
    for (const { id } of places) {
      const subscription = subscriptionOf(id);
      const doubt = subscription === undefined ? unknownPlace : this.#unread(owner, subscription);
      if (doubt !== undefined) return doubt;
    }
    return undefined;
  }

  /** Those for an identity whose scope may cover one of the places, in their order. */
  of(owner: string, places: readonly Place[]): Grant[] {
    const own = this.#byOwner.get(owner)?.byScope;
    if (!own) return [];
    // At a subscription, or where its scope is not known, any may be meant.
    const keys = new Set(['']);
    for (const { id } of places) {
      const parts = id ? [id.resourceGroup, ...id.names] : [undefined];
      for (const [level, part] of parts.entries()) {
        const name = part && textOf(force(part))?.toLowerCase();
        if (name === undefined) return [...own.values()].flat();
        keys.add(level === 0 ? `group:${name}` : `name:${name}`);
      }
    }
    return [...keys].flatMap((key) => own.get(key) ?? []);
  }
}

const unknownPlace = 'it is not known where the role is needed';

/** They allow what other roles allow, but for actions on data. */
export const broadRoles: ReadonlySet<string> = new Set(['Owner', 'Contributor']);
export const maySuffice = 'Owner and Contributor may do as well';

/** What a scope is found by: its last name or its group; all others are looked at every time. */
function scopeKey(scope: ResourceId | undefined): string {
  if (!scope) return '';
  const own = scope.names.at(-1);
  const part = own ?? scope.resourceGroup;
  const name = part && textOf(force(part))?.toLowerCase();
  if (name === undefined) return '';
  return own ? `name:${name}` : `group:${name}`;
}

function grantIn(resource: Resource, around: Surroundings): Grant | undefined {
  const type = resource.type.toLowerCase();
  const azurerm = type === 'azurerm_role_assignment';
  const nested = type.endsWith('/providers/roleassignments');
  if (resource.existing || (!azurerm && !nested && type !== 'microsoft.authorization/roleassignments'))
    return undefined;
  const at = (path: string): Fact | undefined => pick(resource.body, path, !azurerm);
  const roleId = at(azurerm ? 'role_definition_id' : 'properties.roleDefinitionId');
  const scope = azurerm ? at('scope') : resource.extends && { value: resource.extends, at: resource.head };
  const { subscription, resourceGroup } = resource.scope;
  return {
    resource,
    role: roleOf(azurerm ? at('role_definition_name') : undefined, roleId, resource.head),
    principal: at(azurerm ? 'principal_id' : 'properties.principalId'),
    scopeId: scope
      ? parseId(scope.value, around.find)
      : azurerm || nested
        ? undefined
        : groupId(subscription, resourceGroup),
  };
}

/** The name of a built-in role; what another one allows is not known. */
function roleOf(name: Fact | undefined, id: Fact | undefined, head: Fact['at']): Fact {
  const fact = name ?? id;
  if (!fact) return undecided('the role is not written', head);
  const value = force(fact.value);
  const parts = value.kind === 'template' ? value.parts : [value.kind === 'string' ? value.value : undefined];
  const last = parts.at(-1);
  // The scope before the GUID may be known by name only.
  const written = typeof last === 'string' ? (name ? last : last.split('/').at(-1)) : undefined;
  if (written === undefined || (name && value.kind !== 'string'))
    return undecided(reasonOf(value) ?? 'the role is not known', fact.at);
  const role = builtInRole(written);
  if (role === undefined) return undecided('what the role allows is not known', fact.at);
  const { at, via } = fact.value;
  return { at: fact.at, value: { ...text(role, at), via, secret: isSecret(value) || undefined } };
}

export interface Place {
  /** The name in the fact `on`. */
  readonly name: string;
  readonly id: ResourceId | undefined;
}

/**
 * The roles that an identity certainly has at one of an item's places wherever the item exists, with those that each one covers;
 * open where more may be given: to an identity or at a scope that is not known, or out of sight. `owner`: whose identity it is,
 * as `Grants` knows it; undefined where that is not known.
 */
export function rolesOf(
  owner: string | undefined,
  places: readonly Place[],
  grants: Grants,
  { resource: item, at }: { readonly resource: Resource; readonly at: Fact['at'] },
): Fact {
  const found: Value[] = [];
  let doubt = owner === undefined ? 'it is not known whose identity works here' : grants.doubtOf(owner, places);
  for (const { resource, role, scopeId } of owner === undefined ? [] : grants.of(owner, places)) {
    const covered = places.map(({ name, id }) => [name, covers(scopeId, id)] as const);
    if (covered.every(([, answer]) => answer === false)) continue;
    if (!accompanies(resource, item)) {
      doubt ??= `${resource.address} may give the role`;
      continue;
    }
    // What exists works with them, as far as anybody knows.
    if (grants.areLive && broadRoles.has(textOf(role.value) ?? '')) doubt ??= maySuffice;
    const sure = covered.filter(([, answer]) => answer === true).map(([name]) => text(name, resource.head));
    const unsure = covered.some(([, answer]) => answer === undefined);
    found.push(
      view(resource.head, {
        role,
        on: { at: resource.head, value: listOf(resource.head, sure, unsure) },
        awaited: awaits(item, resource),
      }),
    );
  }
  return atLeast(at, found, doubt);
}

/** Whether an item waits until something is there. */
export function awaits(item: Resource, other: Resource): Fact {
  const answer = item.waitsFor?.(other.address);
  return answer === undefined
    ? undecided('it is not known what the item waits for', other.head)
    : computed(answer, other.head);
}

const principals = [
  ['identity[0].principal_id', ''],
  ['aks_assigned_identity[0].principal_id', ''],
  ['principal_id', ''],
  ['kubelet_identity[0].object_id', ' kubelet'],
] as const;

/** Whose identities are those that already exist, as a plan or a state tells them. */
function identitiesIn(resources: readonly Resource[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { address, body, existing, language, type } of resources) {
    if (existing || (language !== 'plan' && language !== 'state') || type === 'azurerm_role_assignment') continue;
    for (const [path, suffix] of principals) {
      const id = textOf(pick(body, path, false)?.value)?.toLowerCase();
      if (id !== undefined) found.set(id, address + suffix);
    }
  }
  return found;
}

/** The address of the resource whose identity a principal is, or of what else certainly is no group. */
function identityOwner(
  principal: Value,
  around: Surroundings,
  byPrincipal: ReadonlyMap<string, string>,
): string | undefined {
  const value = force(principal);
  if (value.kind === 'string') return byPrincipal.get(value.value.toLowerCase());
  if (value.kind !== 'symbol' || !value.of) return undefined;
  const { address, path } = value.of;
  // A kubelet's is another one than the cluster's own.
  if (/kubelet_?identity\b.*\.(?:object_?id|principal_?id)$/i.test(path)) return `${address} kubelet`;
  if (/identity(?:\[0\])?\.principal_?id$/i.test(path)) return address;
  if (isUserIdentity(around.at(address)?.type ?? address) && /^\.?(?:properties\.)?principal_?id$/i.test(path))
    return address;
  if (/(?:^|\.)azurerm_client_config\.[^.]+$/.test(address) && path === 'object_id') return address;
  return /(?:^|\.)azuread_(?:user|service_principal)\./.test(address) ? address : undefined;
}

function isUserIdentity(type: string): boolean {
  return /azurerm_user_assigned_identity|microsoft\.managedidentity\/userassignedidentities/i.test(type);
}

/** A grant at a scope covers all below it. */
export function covers(scope: ResourceId | undefined, place: ResourceId | undefined): boolean | undefined {
  if (!scope || !place) return undefined;
  if (scope.type.startsWith('microsoft.management/')) return undefined;
  if (scope.type === '') {
    const group = scope.resourceGroup === undefined ? undefined : place.resourceGroup;
    return sameId(scope, { subscription: place.subscription, resourceGroup: group, type: '', names: [] });
  }
  for (let id: ResourceId | undefined = place; id; id = parentId(id)) {
    const same = sameId(scope, id);
    if (same !== false) return same;
  }
  return false;
}
