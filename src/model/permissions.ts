/**
 * What a protected item needs beside its vault and policy, and what of it is there: roles of the vault's and a cluster's identity,
 * trusted access to a cluster, the registration of a storage account. Takes an item's links and what is declared around it; gives
 * facts of the item, each with whether the item waits for it. What may be given out of sight is not known.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, memberOf, oneOf, text, type Value } from '../evaluate/value.ts';
import { accountOfExtension, backupExtensionOf } from './cluster.ts';
import type { Item } from './coverage.ts';
import { computed, type Fact, listOf, pick, textOf, undecided } from './facts.ts';
import { awaits, broadRoles, type Container, type Grants, maySuffice, type Place, rolesOf } from './governance.ts';
import { runsAnything } from './hiding.ts';
import { groupId, parseId, type ResourceId, sameId } from './id.ts';
import type { Surroundings } from './machine.ts';
import type { Entity } from './model.ts';
import { accompanies } from './presence.ts';
import type { Facts } from './retention.ts';

export interface Standing {
  readonly around: Surroundings;
  readonly grants: Grants;
  readonly containers: readonly Container[];
}

/** `vaults`: what the item's vault may be; `datasource`: the view of what it protects. */
export function permissionFacts(
  item: Item,
  vaults: readonly Entity[],
  datasource: Value | undefined,
  standing: Standing,
): Facts {
  const solution = textOf(item.links.solution.value);
  if (item.links.vaultKind === 'recovery-services')
    return solution === 'azure-files' ? { registration: registration(item, vaults, standing) } : {};
  const { around, grants } = standing;
  const { resource, links } = item;
  const { sourceId, scope } = links;
  const from = { resource, at: resource.head };
  const group = sourceId && groupId(sourceId.subscription, sourceId.resourceGroup);
  const snapshots: Place[] = scope.snapshotAt ? [{ name: 'snapshot-group', id: scope.snapshotGroup }] : [];
  const encryptionSet = datasource?.kind === 'object' ? pick(datasource, 'encryptionSet', false) : undefined;
  const cluster = solution === 'aks' ? declaredAt(links.source, sourceId, around) : undefined;
  const extension = cluster && backupExtensionOf(cluster, around);
  const account = extension?.found && accountOfExtension(extension.found, around);
  const accountPlace: Place[] =
    solution === 'aks' ? [{ name: 'backup-account', id: account && around.idOf(account) }] : [];
  const places: Place[] = [
    { name: 'source', id: sourceId },
    { name: 'source-group', id: group },
    ...snapshots,
    ...(encryptionSet ? [{ name: 'encryption-set', id: parseId(encryptionSet.value, around.find) }] : []),
    ...accountPlace,
  ];
  const facts: Facts = { vaultRoles: rolesOf(vaultIdentity(vaults), places, grants, from) };
  if (solution !== 'aks') return facts;
  return {
    ...facts,
    trustedAccess: trustedAccess(item, cluster, around),
    clusterRoles: rolesOf(cluster && clusterIdentity(cluster, around), snapshots, grants, from),
    extensionRoles: rolesOf(extension?.found && extensionIdentity(extension.found), accountPlace, grants, from),
  };
}

/** Roles of the identity that a snapshot policy of database instances works with; in code unknown where none of them is given here. */
export function snapshotRoles(
  policy: Resource,
  identity: Fact | undefined,
  { around, grants }: Pick<Standing, 'around' | 'grants'>,
): Fact | undefined {
  if (!identity) return undefined;
  const owner = snapshotOwner(identity, around);
  if (owner === undefined) return undecided('its roles may be assigned elsewhere', identity.at);
  if (!grants.areLive)
    return grants.rolesFor(owner, policy) ?? undecided('its roles may be assigned elsewhere', identity.at);
  const roles = grants.allOf(owner).map(({ role }) => role.value);
  const isBroad = roles.some((role) => broadRoles.has(textOf(role) ?? ''));
  const doubt = grants.doubtOf(owner, [{ name: 'vault', id: around.idOf(policy) }]);
  return { at: policy.head, value: listOf(policy.head, roles, doubt ?? (isBroad ? maySuffice : undefined)) };
}

/** Whose roles count where a policy names an identity: in code those of what declares it, in an audit those of its principal. */
export function snapshotOwner(identity: Fact | undefined, around: Surroundings): string | undefined {
  const declared = identity && declaredAt(identity, parseId(identity.value, around.find), around);
  return declared?.language === 'live' ? principalIn(declared, 'properties.principalId') : declared?.address;
}

/** In an audit identities are known by their ids. */
function principalIn({ body }: Resource, path: string): string | undefined {
  return textOf(pick(body, path, true)?.value)?.toLowerCase();
}

function extensionIdentity(extension: Resource): string | undefined {
  return extension.language === 'live'
    ? principalIn(extension, 'properties.aksAssignedIdentity.principalId')
    : extension.address;
}

/** Whose identity a declared vault works with; one with identities of users may work with any of them. */
function vaultIdentity(vaults: readonly Entity[]): string | undefined {
  const [vault] = vaults;
  if (!vault || vaults.length > 1 || vault.resource.existing) return undefined;
  const identity = memberOf(vault.view, 'identity')?.value;
  const user = identity && pick(identity, 'user', false);
  const system = identity && pick(identity, 'system', false);
  const isSystem = system?.value.kind === 'bool' && system.value.value;
  if (!isSystem || user?.value.kind !== 'bool' || user.value.value) return undefined;
  const { resource } = vault;
  return resource.language === 'live' ? principalIn(resource, 'identity.principalId') : resource.address;
}

/** Whose identity the control plane of a cluster works with. */
function clusterIdentity(cluster: Resource, around: Surroundings): string | undefined {
  const arm = cluster.type.includes('/');
  const kind = textOf(pick(cluster.body, arm ? 'identity.type' : 'identity[0].type', arm)?.value)?.toLowerCase();
  const live = cluster.language === 'live';
  if (kind === 'systemassigned') return live ? principalIn(cluster, 'identity.principalId') : cluster.address;
  if (kind !== 'userassigned') return undefined;
  const users = pick(cluster.body, arm ? 'identity.userAssignedIdentities' : 'identity[0].identity_ids', arm)?.value;
  const ids: Value[] =
    users?.kind === 'list' && !users.open
      ? users.items.map(force)
      : users?.kind === 'object' && !users.open
        ? [...users.members].map(([id, { at }]): Value => ({ kind: 'string', value: id, at }))
        : [];
  const [only] = ids;
  if (!only || ids.length > 1) return undefined;
  if (live) {
    const identity = users?.kind === 'object' ? [...users.members.values()][0]!.value : undefined;
    return identity && textOf(pick(identity, 'principalId', true)?.value)?.toLowerCase();
  }
  return declaredAt({ value: only, at: only.at }, parseId(only, around.find), around)?.address;
}

/** What is declared here and certainly is what a reference or an id names. */
export function declaredAt(
  written: Fact | undefined,
  id: ResourceId | undefined,
  { at, withId }: Surroundings,
): Resource | undefined {
  const value = written && force(written.value);
  const named = value?.kind === 'symbol' && value.of?.path === 'id' ? at(value.of.address) : undefined;
  const found = named ?? (id && withId(id));
  return found && !found.existing && !found.isPatch ? found : undefined;
}

/** `missing` only where cluster and vault are both new here, so that the binding must be too. */
function trustedAccess({ links, resource }: Item, cluster: Resource | undefined, around: Surroundings): Fact {
  const { head } = resource;
  if (!cluster) return undecided('the cluster is declared elsewhere', head);
  let doubt = around.unread('trusted-access', cluster);
  for (const [type, source, roles] of [
    ['azurerm_kubernetes_cluster_trusted_access_role_binding', 'source_resource_id', 'roles'],
    [
      'microsoft.containerservice/managedclusters/trustedaccessrolebindings',
      'properties.sourceResourceId',
      'properties.roles',
    ],
  ] as const) {
    const arm = type.includes('/');
    const { sure, perhaps } = around.belonging(cluster, type, arm ? () => ({ levels: 1 }) : ofCluster);
    doubt ??= perhaps[0] && `${perhaps[0].address} may be the binding`;
    for (const one of sure) {
      const list = pick(one.body, roles, arm)?.value;
      const names =
        list?.kind === 'list' && !list.open
          ? list.items.map((role) => textOf(force(role))?.toLowerCase())
          : [undefined];
      const isBackup = names.includes('microsoft.dataprotection/backupvaults/backup-operator');
      if (!isBackup && !names.includes(undefined)) continue;
      const vault = pick(one.body, source, arm);
      const same = vault && sameId(parseId(vault.value, around.find), links.vaultId);
      if (same === false) continue;
      if (isBackup && same && accompanies(one, resource)) return given(resource, one);
      doubt ??= `${one.address} may be the binding`;
    }
  }
  doubt ??= scriptOf(around);
  return doubt === undefined ? computed('missing', head) : undecided(doubt, head);
}

const ofCluster = ({ body }: Resource) => ({ id: pick(body, 'kubernetes_cluster_id', false) });

/** Of a file share: `missing` only where vault and account are both declared here and nothing registers the account. */
function registration({ links, resource }: Item, vaults: readonly Entity[], standing: Standing): Fact {
  const { around, containers } = standing;
  const { head } = resource;
  let doubt = around.hidden;
  for (const { resource: container, vaultId, sourceId, facts } of containers) {
    const kind = textOf((facts['kind'] as Fact).value);
    if (kind !== undefined && kind !== 'storage-account') continue;
    const same = [sameId(vaultId, links.vaultId), sameId(sourceId, links.sourceId)];
    if (same.includes(false)) continue;
    if (!same.includes(undefined) && kind && accompanies(container, resource)) return given(resource, container);
    doubt ??= `${container.address} may register the account`;
  }
  if (vaults.length !== 1 || vaults[0]!.resource.existing) doubt ??= 'the vault is declared elsewhere';
  if (!declaredAt(links.source, links.sourceId, around)) doubt ??= 'the storage account is declared elsewhere';
  doubt ??= scriptOf(around);
  return doubt === undefined ? computed('missing', head) : undecided(doubt, head);
}

/** `awaited` or `not-awaited`; either where the order is not known. */
function given(item: Resource, other: Resource): Fact {
  const { head } = other;
  const { value } = awaits(item, other);
  if (value.kind === 'bool') return computed(value.value ? 'awaited' : 'not-awaited', head);
  return { at: head, value: oneOf([text('awaited', head), text('not-awaited', head)], head) };
}

function scriptOf(around: Surroundings): string | undefined {
  const script = around.resources.find(runsAnything);
  return script && `${script.address} runs commands and may do it`;
}
