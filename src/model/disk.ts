/** Managed disks as datasources, and disk snapshots, which are copies without a schedule. */
import type { Resource } from '../evaluate/resource.ts';
import { force, reasonOf, text, type Value } from '../evaluate/value.ts';
import {
  append,
  computed,
  type Fact,
  fallback,
  listOf,
  lowerCase,
  mapped,
  numeric,
  pick,
  region,
  spelt,
  textOf,
  undecided,
  view,
} from './facts.ts';
import { idValue, parseId, type ResourceId, sameId } from './id.ts';
import { encryptedVolumes, resourceOf, type Surroundings } from './machine.ts';
import type { Attached } from './model.ts';
import { type Facts, named } from './retention.ts';

const skus = spelt(
  'Standard_LRS',
  'StandardSSD_LRS',
  'StandardSSD_ZRS',
  'Premium_LRS',
  'Premium_ZRS',
  'PremiumV2_LRS',
  'UltraSSD_LRS',
  'Standard_ZRS',
);
const enabled = { enabled: true, disabled: false, true: true, false: false };
const access = spelt('AllowAll', 'AllowPrivate', 'DenyAll');

export function diskFacts(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  const source = at(arm ? 'properties.creationData.sourceResourceId' : 'source_resource_id');
  return {
    ...common(resource),
    sku: mapped(at(arm ? 'sku.name' : 'storage_account_type'), skus),
    sizeGb: numeric(at(arm ? 'properties.diskSizeGB' : 'disk_size_gb')),
    shares: numeric(at(arm ? 'properties.maxShares' : 'max_shares')) ?? computed(1, head),
    os: mapped(at(arm ? 'properties.osType' : 'os_type'), { linux: 'linux', windows: 'windows' }),
    createOption: at(arm ? 'properties.creationData.createOption' : 'create_option'),
    source,
    sourceType: source && typeOf(source, around),
    sourceSnapshot: source && snapshotMadeHere(source, around),
    encryptionSet: at(arm ? 'properties.encryption.diskEncryptionSetId' : 'disk_encryption_set_id'),
    diskEncryption: diskEncryption(at, arm, head),
    users: users(resource, around),
    machineEncryption: machineEncryption(resource, around),
  };
}

function common(resource: Resource): Facts {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  return {
    ...named(resource),
    location: region(at('location')),
    // azurerm sends its defaults.
    networkAccess: arm
      ? mapped(at('properties.networkAccessPolicy'), access)
      : fallback(mapped(at('network_access_policy'), access), 'AllowAll', head),
    publicNetworkAccess: arm
      ? mapped(at('properties.publicNetworkAccess'), enabled)
      : fallback(mapped(at('public_network_access_enabled'), enabled), true, head),
    tags: at('tags'),
  };
}

/** Azure Disk Encryption by settings of the disk itself; the extension of its machine is a fact of the machine. */
function diskEncryption(at: (path: string) => Fact | undefined, arm: boolean, head: Fact['at']): Fact {
  const settings = at(arm ? 'properties.encryptionSettingsCollection' : 'encryption_settings[0]');
  if (!settings) return computed(false, head);
  if (settings.value.kind !== 'object') return undecided('it is not known whether the disk is encrypted', settings.at);
  return arm
    ? fallback(mapped(at('properties.encryptionSettingsCollection.enabled'), enabled), false, settings.at)
    : (at('encryption_settings[0].enabled') ?? computed(true, settings.at));
}

/** Machines that certainly use the disk, by their addresses; more may where something is not known. */
function users(disk: Resource, around: Surroundings): Fact {
  const { head } = disk;
  const found = around.diskUsers(disk);
  return {
    at: head,
    value: listOf(
      head,
      found.sure.map((one) => text(one.address, one.head)),
      found.open,
    ),
  };
}

/** The snapshot that a disk is made of, where the same deployment makes it; one that exists already is left out. */
function snapshotMadeHere(source: Fact, around: Surroundings): Fact | undefined {
  const found = resourceOf(source, around, (type) => type === 'microsoft.compute/snapshots');
  if (!found)
    return parseId(source.value, around.find) ? undefined : undecided('the source of the disk is not known', source.at);
  if (found.language === 'state' || (found.change && !found.change.actions.includes('create'))) return undefined;
  if (found.presence !== 'present' || found.many) return undecided(`${found.address} may exist or not`, source.at);
  const arm = found.type.includes('/');
  const path = arm ? 'properties.creationData.sourceResourceId' : 'source_resource_id';
  const original = pick(found.body, path, arm) ?? pick(found.body, 'source_uri', false);
  const disk = original && resourceOf(original, around, (type) => type === 'microsoft.compute/disks');
  const sku = disk && pick(disk.body, disk.type.includes('/') ? 'sku.name' : 'storage_account_type', true);
  return {
    at: source.at,
    value: view(source.at, {
      snapshot: { at: source.at, value: text(found.address, found.head) },
      diskSku: disk ? mapped(sku, skus) : undecided('the disk of the snapshot is declared elsewhere', found.head),
    }),
  };
}

/** Whether the extension of Azure Disk Encryption on a machine that uses the disk encrypts it. */
function machineEncryption(disk: Resource, around: Surroundings): Fact {
  const { head } = disk;
  const { sure, asOs, open } = around.diskUsers(disk);
  let doubt = open ? 'other machines may use the disk' : undefined;
  for (const machine of sure) {
    const volumes = encryptedVolumes(machine, around);
    const encrypted = asOs.has(machine) ? volumes.os : volumes.data;
    if (encrypted) return computed(true, volumes.at);
    if (encrypted === undefined) doubt ??= `it is not known whether ${machine.address} encrypts its disks`;
  }
  return doubt === undefined ? computed(false, head) : undecided(doubt, head);
}

/**
 * What holds a disk that no machine uses, where the disk itself says so: the driver of a cluster tags the volumes that it makes, Site
 * Recovery names the disks that it replicates to (learn.microsoft.com/azure/site-recovery/vmware-azure-reprotect), and Azure tells
 * of one that is attached, or that somebody reads or fills.
 */
export function heldBy({ body, name }: Resource): string | undefined {
  const tags = pick(body, 'tags', true)?.value;
  if (tags?.kind === 'object' && volumeTags.some((tag) => tags.members.has(tag))) return 'it is a volume of a cluster';
  if (/^(?:ms-asr-|asrseeddisk-)|-asrreplica(?:-|$)/i.test(textOf(force(name)) ?? ''))
    return 'Site Recovery may replicate to it';
  const state = textOf(pick(body, 'properties.diskState', true)?.value);
  return state === undefined || /^unattached$/i.test(state) ? undefined : `Azure says that it is in use (${state})`;
}

const volumeTags = ['kubernetes.io-created-for-pvc-name', 'kubernetes.io-created-for-pv-name'];

interface Use {
  readonly asOs: boolean;
  readonly machine: Resource | undefined;
  readonly reference: Fact;
  readonly from: Resource;
  readonly id: ResourceId | undefined;
  readonly certain: boolean;
}

/** Who uses which disk, by attachments and by what machines name inline; every reference is read once. */
export class DiskUses {
  readonly #byAddress = new Map<string, Use[]>();
  readonly #byName = new Map<string, Use[]>();
  readonly #unnamed: Use[] = [];
  readonly #around: Surroundings;
  readonly #idOf: (resource: Resource) => ResourceId | undefined;

  constructor(around: Surroundings, machines: readonly Resource[]) {
    this.#around = around;
    this.#idOf = around.idOf;
    for (const attachment of around.ofType('azurerm_virtual_machine_data_disk_attachment')) {
      const machine = pick(attachment.body, 'virtual_machine_id', false);
      this.#add(
        around,
        pick(attachment.body, 'managed_disk_id', false),
        attachment,
        machine && referred(machine, around),
        false,
      );
    }
    for (const machine of machines) {
      const arm = machine.type.includes('/');
      const single = arm
        ? ['properties.storageProfile.osDisk.managedDisk.id']
        : // Made from an image, a machine has an OS disk that the service makes, whatever a plan or state says of it.
          ['source_image_reference[0]', 'source_image_id'].some((path) => pick(machine.body, path, false))
          ? []
          : ['os_managed_disk_id', 'storage_os_disk[0].managed_disk_id'];
      for (const path of single) this.#add(around, pick(machine.body, path, arm), machine, machine, true);
      const list = pick(machine.body, arm ? 'properties.storageProfile.dataDisks' : 'storage_data_disk', arm);
      if (list?.value.kind === 'list')
        for (const item of list.value.items)
          this.#add(around, pick(item, arm ? 'managedDisk.id' : 'managed_disk_id', arm), machine, machine, false);
    }
  }

  #add(
    around: Surroundings,
    reference: Fact | undefined,
    from: Resource,
    machine: Resource | undefined,
    asOs: boolean,
  ): void {
    if (!reference || from.existing) return;
    const declared = referred(reference, around);
    const id = declared ? undefined : parseId(reference.value, around.find);
    const use: Use = { asOs, machine, reference, from, id, certain: from.presence === 'present' && !from.many };
    const name = id && textOf(force(id.names.at(-1) ?? reference.value))?.toLowerCase();
    if (declared) append(this.#byAddress, declared.address, use);
    else if (name === undefined) this.#unnamed.push(use);
    else append(this.#byName, name, use);
  }

  /** Uses of disks that are not declared here. */
  distant(): Attached[] {
    const uses = [...[...this.#byName.values()].flat(), ...this.#unnamed];
    return uses.map(({ from, id }) => ({ address: from.address, diskId: id }));
  }

  of(disk: Resource): ReturnType<Surroundings['diskUsers']> {
    const sure = new Set<Resource>();
    const asOs = new Set<Resource>();
    let open = this.#around.unread('virtualMachines', disk) !== undefined || disk.many === true;
    const id = this.#idOf(disk);
    const name = textOf(force(id?.names.at(-1) ?? disk.name))?.toLowerCase();
    const named = name === undefined ? [...this.#byName.values()].flat() : (this.#byName.get(name) ?? []);
    const add = (use: Use): void => {
      if (!use.machine || !use.certain) {
        open = true;
        return;
      }
      sure.add(use.machine);
      if (use.asOs) asOs.add(use.machine);
    };
    for (const use of this.#byAddress.get(disk.address) ?? []) add(use);
    for (const use of [...named, ...this.#unnamed]) {
      const same = sameId(use.id, id);
      if (same === true) add(use);
      else if (same === undefined) open = true;
    }
    // What exists names who has it.
    if (sure.size === 0 && disk.language === 'live' && pick(disk.body, 'managedBy', true)) open = true;
    return { sure: [...sure], asOs, open };
  }
}

/** The declared resource whose id a reference takes. */
function referred(reference: Fact, around: Surroundings): Resource | undefined {
  const value = force(reference.value);
  const id = value.kind === 'string' ? parseId(value, around.find) : undefined;
  if (id) return around.withId(id);
  const found = value.kind === 'symbol' && value.of?.path === 'id' ? around.at(value.of.address) : undefined;
  return found && !found.existing ? found : undefined;
}

function typeOf(source: Fact, around: Surroundings): Fact {
  const id = parseId(source.value, around.find);
  return id ? computed(id.type, source.at) : undecided('the source is not known', source.at);
}

export function isSnapshot(resource: Resource): boolean {
  const type = resource.type.toLowerCase();
  return type === 'azurerm_snapshot' || type === 'microsoft.compute/snapshots';
}

export function snapshotFacts(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const at = (path: string): Fact | undefined => pick(body, path, arm);
  const source =
    at(arm ? 'properties.creationData.sourceResourceId' : 'source_resource_id') ??
    at(arm ? 'properties.creationData.sourceUri' : 'source_uri');
  const id = source && parseId(source.value, around.find);
  return {
    ...common(resource),
    sku: arm ? mapped(at('sku.name'), skus) : undefined,
    incremental: fallback(mapped(at(arm ? 'properties.incremental' : 'incremental_enabled'), enabled), false, head),
    createOption: mapped(
      at(arm ? 'properties.creationData.createOption' : 'create_option'),
      spelt('Copy', 'CopyStart', 'Import'),
    ),
    source,
    sourceType: source && typeOf(source, around),
    sourceSubscription:
      source &&
      (id?.subscription
        ? { value: lowerCase(id.subscription), at: source.at }
        : undecided(reasonOf(force(source.value)) ?? 'the subscription of the source is not written', source.at)),
    subscription: { value: lowerCase(resource.scope.subscription), at: head },
    sourceId: id && source && { value: idValue(id, source.value.at), at: source.at },
  };
}

export function volumeFacts(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const id = around.idOf(resource);
  const group = id && { ...id, type: id.type.split('/').slice(0, 3).join('/'), names: id.names.slice(0, 2) };
  const san = id && { ...id, type: id.type.split('/').slice(0, 2).join('/'), names: id.names.slice(0, 1) };
  const declared = around
    .ofType('azurerm_elastic_san', 'microsoft.elasticsan/elasticsans')
    .find((one) => !one.existing && sameId(around.idOf(one), san) === true);
  const location: Fact | undefined = declared && region(pick(declared.body, 'location', declared.type.includes('/')));
  const name: Value | undefined = id?.names.at(-1);
  return {
    name: arm ? name && { value: force(name), at: head } : pick(body, 'name', false),
    location: location ?? undecided('the Elastic SAN is declared elsewhere', head),
    sizeGb: numeric(pick(body, arm ? 'properties.sizeGiB' : 'size_in_gib', arm)),
    volumeGroup: group ? { value: idValue(group, head), at: head } : undecided('the volume group is not known', head),
  };
}
