/** AKS clusters as datasources: identity, node pools, and what backup needs on them: the extension and trusted access of a vault. */
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, reasonOf, type Value } from '../evaluate/value.ts';
import type { Belongings, Link } from './belonging.ts';
import { diskFacts } from './disk.ts';
import {
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
import { runsAnything } from './hiding.ts';
import { ownName } from './id.ts';
import type { Surroundings } from './machine.ts';
import { accompanies } from './presence.ts';
import { versionAtLeast } from './provider.ts';
import { type Facts, named, type Parts } from './retention.ts';
import { architectureOf } from './size.ts';

/** Its nodes are the service's own business. */
const automatic = 'azurerm_kubernetes_automatic_cluster';
const enabled = { enabled: true, disabled: false, true: true, false: false };
const systems = spelt('Linux', 'Windows');

const ofCluster =
  (attribute: string) =>
  ({ body }: Resource): Link => ({ id: pick(body, attribute, false) });
const parent = (): Link => ({ levels: 1 });
/** An extension hangs on what its `scope` names; written below the cluster's type it is unclear whose it is. */
const scoped = (resource: Resource): Link =>
  resource.extends ? { id: { value: resource.extends, at: resource.head } } : { id: undefined, levels: 99 };

export function clusterFacts(resource: Resource, around: Surroundings): Facts {
  const { body, type } = resource;
  const arm = type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  const identity = at(arm ? 'identity.type' : 'identity[0].type');
  const principal = at(arm ? 'properties.servicePrincipalProfile.clientId' : 'service_principal[0]');
  const outbound = at(arm ? 'properties.networkProfile.outboundType' : 'network_profile[0].outbound_type');
  return {
    ...named(resource),
    location: region(at('location')),
    nodeGroup: at(arm ? 'properties.nodeResourceGroup' : 'node_resource_group'),
    identity: mapped(identity, spelt('SystemAssigned', 'UserAssigned', 'None')),
    // ARM writes `msi` where a managed identity takes the place of the service principal.
    servicePrincipal: textOf(principal?.value)?.toLowerCase() === 'msi' ? undefined : principal && shown(principal),
    private: isPrivate(resource, at),
    oidcIssuer: oidcIssuer(resource, at),
    outboundType: mapped(outbound, spelt('none', 'block', 'loadBalancer', 'userDefinedRouting')),
    nodePools: pools(resource, around),
    backupExtension: extension(resource, around),
    trustedVaults: trustedVaults(resource, around),
    volumes: volumes(resource, around),
    tags: at('tags'),
  };
}

function isPrivate({ type, head }: Resource, at: (path: string) => Fact | undefined): Fact {
  if (type === automatic) {
    const block = at('private_cluster[0]');
    if (!block) return computed(false, head);
    return block.value.kind === 'object' ? computed(true, block.at) : undecided('it may be private', block.at);
  }
  const path = type.includes('/')
    ? 'properties.apiServerAccessProfile.enablePrivateCluster'
    : 'private_cluster_enabled';
  return fallback(mapped(at(path), enabled), false, head);
}

/** From 5.0 on azurerm's default is true; before, the service decides by the version of Kubernetes. */
function oidcIssuer({ type, head, provider }: Resource, at: (path: string) => Fact | undefined): Fact | undefined {
  if (type.includes('/')) return mapped(at('properties.oidcIssuerProfile.enabled'), enabled);
  const written = mapped(at('oidc_issuer_enabled'), enabled);
  if (written) return written;
  return type !== automatic && provider && versionAtLeast(provider, [5, 0, 0])
    ? computed(true, head)
    : undecided('oidc_issuer_enabled is not written, and the service then decides', head);
}

/** That there is one counts; its secrets do not belong into a model. */
function shown(principal: Fact): Fact {
  return principal.value.kind === 'object' || principal.value.kind === 'string'
    ? computed(true, principal.at)
    : undecided(reasonOf(principal.value) ?? 'it is not known', principal.at);
}

function pools(cluster: Resource, around: Surroundings): Fact {
  const { head, body } = cluster;
  const arm = cluster.type.includes('/');
  const found: Value[] = [];
  let open = around.unread('datasources', cluster) !== undefined || cluster.type === automatic;
  const add = (at: Fact['at'], facts: Parts): void => {
    found.push(
      view(at, {
        ...facts,
        os: fallback(mapped(facts['os'], systems), 'Linux', at),
        architecture: architectureOf(facts['size']),
      }),
    );
  };
  const inline = filledList(pick(body, arm ? 'properties.agentPoolProfiles' : 'default_node_pool', arm));
  if (inline?.value.kind === 'list') {
    open ||= inline.value.open === true;
    for (const item of inline.value.items) {
      const of = (path: string): Fact | undefined => pick(item, path, arm);
      add(item.at, { name: of('name'), size: of(arm ? 'vmSize' : 'vm_size'), os: of(arm ? 'osType' : 'os_type') });
    }
  } else open ||= inline !== undefined;
  const more: Belongings[] = [
    around.belonging(cluster, 'azurerm_kubernetes_cluster_node_pool', ofCluster('kubernetes_cluster_id')),
    around.belonging(cluster, 'microsoft.containerservice/managedclusters/agentpools', parent),
  ];
  for (const { sure, perhaps } of more) {
    open ||= perhaps.length > 0;
    for (const pool of sure) {
      const own = pool.type.includes('/');
      const of = (path: string): Fact | undefined => pick(pool.body, path, own);
      if (pool.presence === 'present' && !pool.many)
        add(pool.head, {
          name: { value: ownName(pool) ?? pool.name, at: pool.head },
          size: of(own ? 'properties.vmSize' : 'vm_size'),
          os: of(own ? 'properties.osType' : 'os_type'),
        });
      else open = true;
    }
  }
  return { at: head, value: listOf(head, found, open) };
}

/** The extension that backs up; absent where the cluster certainly has none here. */
function extension(cluster: Resource, around: Surroundings): Fact | undefined {
  const { found, doubt } = backupExtensionOf(cluster, around);
  if (!found) return doubt === undefined ? undefined : undecided(doubt, cluster.head);
  return {
    at: found.head,
    value: view(found.head, {
      container: settingOf(found, 'configuration.backupStorageLocation.bucket'),
      account: settingOf(found, accountSetting),
      group: settingOf(found, 'configuration.backupStorageLocation.config.resourceGroup'),
    }),
  };
}

const accountSetting = 'configuration.backupStorageLocation.config.storageAccount';

/** The extension for backup that a cluster certainly has, or why it may have one. */
export function backupExtensionOf(
  cluster: Resource,
  around: Surroundings,
): { readonly found?: Resource; readonly doubt?: string | undefined } {
  let doubt = around.unread('extensions', cluster);
  for (const [type, attribute] of [
    ['azurerm_kubernetes_cluster_extension', 'extension_type'],
    ['microsoft.kubernetesconfiguration/extensions', 'properties.extensionType'],
    ['microsoft.containerservice/managedclusters/providers/extensions', 'properties.extensionType'],
  ] as const) {
    const arm = type.includes('/');
    const { sure, perhaps } = around.belonging(cluster, type, arm ? scoped : ofCluster('cluster_id'));
    for (const [list, certain] of [
      [sure, true],
      [perhaps, false],
    ] as const)
      for (const one of list) {
        const kind = textOf(pick(one.body, attribute, arm)?.value)?.toLowerCase();
        if (kind !== undefined && kind !== 'microsoft.dataprotection.kubernetes') continue;
        if (kind !== undefined && certain && accompanies(one, cluster)) return { found: one };
        doubt ??= `${one.address} may be the extension`;
      }
  }
  const script = around.resources.find(runsAnything);
  doubt ??= script && `${script.address} runs commands and may install the extension`;
  return { doubt };
}

/** The storage account of an extension, where it is declared here. */
export function accountOfExtension(extension: Resource, around: Surroundings): Resource | undefined {
  const value = settingOf(extension, accountSetting)?.value;
  if (value?.kind === 'symbol' && value.of?.path === 'name') return around.at(value.of.address);
  const name = textOf(value)?.toLowerCase();
  return name === undefined ? undefined : around.accountNamed(name);
}

function settingOf({ body, type }: Resource, name: string): Fact | undefined {
  const arm = type.includes('/');
  return setting(pick(body, arm ? 'properties.configurationSettings' : 'configuration_settings', arm), name);
}

/** Names of settings hold dots, so they are looked up as they are. */
function setting(settings: Fact | undefined, name: string): Fact | undefined {
  if (!settings) return undefined;
  const value = force(settings.value);
  if (value.kind !== 'object') return undecided(reasonOf(value) ?? 'the settings are not known', settings.at);
  for (const [key, member] of value.members)
    if (key.toLowerCase() === name.toLowerCase()) return { value: force(member.value), at: member.at };
  return value.open ? undecided('there may be more settings', settings.at) : undefined;
}

/** Disks that the code puts into the resource group of the cluster's nodes, as volumes; a cluster makes others by itself. */
function volumes(cluster: Resource, around: Surroundings): Fact {
  const { head, scope } = cluster;
  const arm = cluster.type.includes('/');
  const group = pick(cluster.body, arm ? 'properties.nodeResourceGroup' : 'node_resource_group', arm)?.value;
  const found: Value[] = [];
  for (const disk of around.ofType('azurerm_managed_disk', 'microsoft.compute/disks')) {
    const own = disk.scope.resourceGroup && force(disk.scope.resourceGroup);
    if (!own || disk.existing || disk.many || disk.presence !== 'present') continue;
    const ofNodes =
      own.kind === 'symbol' && own.of?.address === cluster.address && /node_?resource_?group$/i.test(own.of.path);
    const same =
      ofNodes || (group && equal(own, force(group), true) && equal(disk.scope.subscription, scope.subscription, true));
    if (!same) continue;
    const { sizeGb, encryptionSet, publicNetworkAccess } = diskFacts(disk, around);
    found.push(view(disk.head, { sizeGb, encryptionSet, publicNetworkAccess }));
  }
  return { at: head, value: listOf(head, found, true) };
}

/** Vaults that may work on the cluster, as the bindings name them. */
function trustedVaults(cluster: Resource, around: Surroundings): Fact {
  const { head } = cluster;
  const found: Value[] = [];
  let open: boolean | string = around.unread('trusted-access', cluster) ?? false;
  for (const [type, source, roles, link] of [
    [
      'azurerm_kubernetes_cluster_trusted_access_role_binding',
      'source_resource_id',
      'roles',
      ofCluster('kubernetes_cluster_id'),
    ],
    [
      'microsoft.containerservice/managedclusters/trustedaccessrolebindings',
      'properties.sourceResourceId',
      'properties.roles',
      parent,
    ],
  ] as const) {
    const { sure, perhaps } = around.belonging(cluster, type, link);
    open ||= perhaps.length > 0;
    for (const one of sure) {
      const arm = type.includes('/');
      const list = pick(one.body, roles, arm)?.value;
      const names =
        list?.kind === 'list' && !list.open
          ? list.items.map((item) => textOf(force(item))?.toLowerCase())
          : [undefined];
      const isBackup = names.includes('microsoft.dataprotection/backupvaults/backup-operator');
      if (!isBackup && !names.includes(undefined)) continue;
      const vault = pick(one.body, source, arm);
      if (isBackup && vault && one.presence === 'present' && !one.many) found.push(vault.value);
      else open ||= true;
    }
  }
  return { at: head, value: listOf(head, found, open) };
}
