/** Locks and private endpoints, as far as they touch backup. */
import type { Resource } from '../evaluate/resource.ts';
import { force, type Obj, reasonOf, type Value } from '../evaluate/value.ts';
import { computed, type Fact, filledList, mapped, pick, spelt, textOf, undecided, view } from './facts.ts';
import { parseId, type ResourceId, rootId, sameId } from './id.ts';
import type { Surroundings } from './machine.ts';
import type { Entity } from './model.ts';
import { vaultTypes } from './vault.ts';

const levels = spelt('CanNotDelete', 'ReadOnly');

/** A lock with what it reaches: `restore-points` where Azure Backup keeps the restore points of protected machines. */
export function lockFacts(
  resource: Resource,
  around: Surroundings,
  policies: readonly Entity[],
  items: readonly Entity[],
): Obj | undefined {
  const type = resource.type.toLowerCase();
  const azurerm = type === 'azurerm_management_lock';
  if (!azurerm && !type.endsWith('microsoft.authorization/locks') && !type.endsWith('/providers/locks'))
    return undefined;
  const { head, body } = resource;
  const level = mapped(azurerm ? pick(body, 'lock_level', false) : pick(body, 'properties.level', true), levels);
  const scope = azurerm ? pick(body, 'scope', false) : armScope(resource);
  return view(head, { level, scope, reaches: reach(resource, scope, around, policies, items) });
}

/** An ARM lock hangs on what `scope` names, on its parent by the slash name, or on the group it is deployed to. */
function armScope(resource: Resource): Fact | undefined {
  if (resource.extends) return { value: resource.extends, at: resource.head };
  return undefined;
}

function reach(
  resource: Resource,
  scope: Fact | undefined,
  around: Surroundings,
  policies: readonly Entity[],
  items: readonly Entity[],
): Fact {
  const { head } = resource;
  const nested = resource.type.split('/').length > 2;
  // A lock written below another type (`Microsoft.X/y/providers/locks`) is a lock on that one resource.
  if (!scope && nested) return computed('other', head);
  let id: ResourceId | undefined;
  if (scope) id = parseId(scope.value, around.find);
  else
    id = {
      subscription: resource.scope.subscription,
      resourceGroup: resource.scope.resourceGroup,
      type: '',
      names: [],
    };
  const at = scope?.at ?? head;
  if (!id)
    return undecided(scope ? (reasonOf(force(scope.value)) ?? 'the scope is not known') : 'the scope is not known', at);
  if (id.type !== '') return computed('other', at);
  if (id.resourceGroup === undefined) return subscriptionReach(id, around, items, at);
  const group = force(id.resourceGroup);
  if (group.kind !== 'string') return undecided(reasonOf(group) ?? 'the group is not known', at);
  if (/^azurebackuprg_/i.test(group.value)) return computed('restore-points', at);
  return customGroupReach(group.value.toLowerCase(), policies, at);
}

/** A lock on a subscription reaches the restore points of every machine protected in it. */
function subscriptionReach(id: ResourceId, around: Surroundings, items: readonly Entity[], at: Value['at']): Fact {
  let open = false;
  for (const item of items) {
    if (textOf(item.view.members.get('solution')?.value) !== 'azure-vm') continue;
    // They lie in the subscription of the machine, which may be another than the vault's.
    const source = pick(item.view, 'source', false);
    const machine = source && parseId(source.value, around.find);
    const same = machine ? sameId(id, { ...id, subscription: machine.subscription }) : undefined;
    if (same === true && item.resource.presence === 'present' && !item.resource.many)
      return computed('restore-points', at);
    if (same !== false) open = true;
  }
  return open
    ? undecided('it is not known whether protected machines lie in that subscription', at)
    : computed('other', at);
}

/** A custom instant-restore group is its prefix, a number and its suffix. */
function customGroupReach(group: string, policies: readonly Entity[], at: Value['at']): Fact {
  let open = false;
  for (const policy of policies) {
    const written = pick(policy.view, 'instantRestore.group', false);
    if (!written) continue;
    const prefix = textOf(pick(written.value, 'prefix', false)?.value)?.toLowerCase();
    const suffixFact = pick(written.value, 'suffix', false);
    const suffix = suffixFact ? textOf(suffixFact.value)?.toLowerCase() : '';
    if (prefix === undefined || suffix === undefined) {
      open = true;
      continue;
    }
    if (
      group.startsWith(prefix) &&
      group.endsWith(suffix) &&
      /^\d+$/.test(group.slice(prefix.length, group.length - suffix.length))
    )
      return computed('restore-points', at);
  }
  return open ? undecided('the name of an instant-restore group is not known', at) : computed('other', at);
}

/** A private endpoint with the kind of vault it points at and its place among the endpoints of that vault. */
export function privateEndpointFacts(resource: Resource, around: Surroundings): Obj | undefined {
  const target = endpointTarget(resource);
  if (!target.is) return undefined;
  const { head } = resource;
  const id = target.fact && parseId(target.fact.value, around.find);
  const kind = id ? (vaultTypes[id.type] ?? 'other') : isForVault(resource) === false ? 'other' : undefined;
  const fixed = resource.type.includes('/')
    ? pick(resource.body, 'properties.ipConfigurations', true)
    : pick(resource.body, 'ip_configuration', false);
  return view(head, {
    target: kind ? computed(kind, target.fact!.at) : undecided('the target is not known', target.fact?.at ?? head),
    targetReference: target.fact,
    staticAddress: ofBackup(filledList(fixed), resource),
    ordinal: id && kind === 'recovery-services' ? computed(ordinal(resource, id, around), target.fact!.at) : undefined,
  });
}

/** A private endpoint that certainly points at the vault, or why there may be one. */
export function endpointOf(
  vault: ResourceId | undefined,
  around: Surroundings,
): { readonly found?: Resource; readonly doubt?: string } {
  let doubt: string | undefined;
  for (const resource of around.resources) {
    const target = endpointTarget(resource);
    if (!target.is || resource.existing || isForVault(resource) === false) continue;
    const id = target.fact && parseId(target.fact.value, around.find);
    const same = id ? sameId(rootId(id), vault) : undefined;
    if (same === true && resource.presence === 'present') return { found: resource };
    if (same !== false) doubt ??= `${resource.address} may be a private endpoint of the vault`;
  }
  return doubt === undefined ? {} : { doubt };
}

/** What of the target an endpoint is for: `AzureBackup`, `AzureSiteRecovery`. */
export function endpointGroups({ body, type }: Resource): Fact | undefined {
  if (!type.includes('/')) return pick(body, 'private_service_connection[0].subresource_names', false);
  const at = (list: string): Fact | undefined => pick(body, `properties.${list}[0].properties.groupIds`, true);
  return at('privateLinkServiceConnections') ?? at('manualPrivateLinkServiceConnections');
}

/** Fixed addresses are refused of endpoints for backup; Site Recovery takes them. */
function ofBackup(fixed: Fact | undefined, resource: Resource): Fact | undefined {
  const groups = endpointGroups(resource)?.value;
  if (!fixed || !groups) return fixed;
  const names =
    groups.kind === 'list' && !groups.open ? groups.items.map((group) => textOf(force(group))) : [undefined];
  if (names.some((name) => name !== undefined && /^azurebackup/i.test(name))) return fixed;
  if (names.includes(undefined)) return undecided('it is not known what the endpoint is for', fixed.at);
  return names.some((name) => /^azuresiterecovery/i.test(name!)) ? undefined : fixed;
}

/** Whether an endpoint is for a vault, by its groups (`sites`, `blob`): false where none of them is a vault's. */
function isForVault(resource: Resource): boolean | undefined {
  const groups = endpointGroups(resource)?.value;
  if (groups?.kind !== 'list' || groups.open || groups.items.length === 0) return undefined;
  const names = groups.items.map((group) => textOf(force(group)));
  return names.every((name) => name !== undefined && !/^azure(?:backup|siterecovery)/i.test(name)) ? false : undefined;
}

export function endpointTarget(resource: Resource): { is: boolean; fact?: Fact | undefined } {
  if (resource.type === 'azurerm_private_endpoint')
    return {
      is: true,
      fact: pick(resource.body, 'private_service_connection[0].private_connection_resource_id', false),
    };
  if (resource.type.toLowerCase() !== 'microsoft.network/privateendpoints') return { is: false };
  const at = (list: string): Fact | undefined =>
    pick(resource.body, `properties.${list}[0].properties.privateLinkServiceId`, true);
  return { is: true, fact: at('privateLinkServiceConnections') ?? at('manualPrivateLinkServiceConnections') };
}

/** 1 for the first endpoint of the vault in the configuration; a lower bound. */
function ordinal(resource: Resource, id: ResourceId, around: Surroundings): number {
  let count = 0;
  for (const other of around.resources) {
    const target = endpointTarget(other);
    if (!target.is || !target.fact || other.presence === 'maybe' || other.many) continue;
    const otherId = parseId(target.fact.value, around.find);
    if (!otherId || sameId(rootId(otherId), rootId(id)) !== true) continue;
    count++;
    if (other === resource) return count;
  }
  return 1;
}
