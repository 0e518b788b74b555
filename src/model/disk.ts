/** Managed disks as datasources, and disk snapshots, which are copies without a schedule. */
import type { Resource } from '../evaluate/resource.ts';
import { force, text, type Value } from '../evaluate/value.ts';
import {
  append,
  computed,
  type Fact,
  fallback,
  listOf,
  mapped,
  numeric,
  pick,
  region,
  spelt,
  textOf,
  undecided,
} from './facts.ts';
import { idValue, parseId, type ResourceId, sameId } from './id.ts';
import type { Surroundings } from './machine.ts';
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
    encryptionSet: at(arm ? 'properties.encryption.diskEncryptionSetId' : 'disk_encryption_set_id'),
    diskEncryption: diskEncryption(at, arm, head),
    users: users(resource, around),
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

interface Use {
  readonly machine: Resource | undefined;
  readonly reference: Fact;
  readonly id: ResourceId | undefined;
  readonly certain: boolean;
}

/** Who uses which disk, by attachments and by what machines name inline; every reference is read once. */
export class DiskUses {
  readonly #byAddress = new Map<string, Use[]>();
  readonly #byName = new Map<string, Use[]>();
  readonly #unnamed: Use[] = [];
  readonly #hidden: boolean;
  readonly #idOf: (resource: Resource) => ResourceId | undefined;

  constructor(around: Surroundings, machines: readonly Resource[]) {
    this.#hidden = around.hidden !== undefined;
    this.#idOf = around.idOf;
    for (const attachment of around.ofType('azurerm_virtual_machine_data_disk_attachment')) {
      const machine = pick(attachment.body, 'virtual_machine_id', false);
      this.#add(
        around,
        pick(attachment.body, 'managed_disk_id', false),
        attachment,
        machine && referred(machine, around),
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
      for (const path of single) this.#add(around, pick(machine.body, path, arm), machine, machine);
      const list = pick(machine.body, arm ? 'properties.storageProfile.dataDisks' : 'storage_data_disk', arm);
      if (list?.value.kind === 'list')
        for (const item of list.value.items)
          this.#add(around, pick(item, arm ? 'managedDisk.id' : 'managed_disk_id', arm), machine, machine);
    }
  }

  #add(around: Surroundings, reference: Fact | undefined, from: Resource, machine: Resource | undefined): void {
    if (!reference || from.existing) return;
    const declared = referred(reference, around);
    const id = declared ? undefined : parseId(reference.value, around.find);
    const use: Use = { machine, reference, id, certain: from.presence === 'present' && !from.many };
    const name = id && textOf(force(id.names.at(-1) ?? reference.value))?.toLowerCase();
    if (declared) append(this.#byAddress, declared.address, use);
    else if (name === undefined) this.#unnamed.push(use);
    else append(this.#byName, name, use);
  }

  of(disk: Resource): { readonly sure: readonly Resource[]; readonly open: boolean } {
    const sure: Resource[] = [];
    let open = this.#hidden || disk.many === true;
    const id = this.#idOf(disk);
    const name = textOf(force(id?.names.at(-1) ?? disk.name))?.toLowerCase();
    const named = name === undefined ? [...this.#byName.values()].flat() : (this.#byName.get(name) ?? []);
    for (const use of this.#byAddress.get(disk.address) ?? []) {
      if (use.machine && use.certain) sure.push(use.machine);
      else open = true;
    }
    for (const use of [...named, ...this.#unnamed]) {
      const same = sameId(use.id, id);
      if (same === true && use.machine && use.certain) sure.push(use.machine);
      else if (same !== false) open = true;
    }
    return { sure: [...new Set(sure)], open };
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
    createOption: at(arm ? 'properties.creationData.createOption' : 'create_option'),
    source,
    sourceType: source && typeOf(source, around),
    sourceSubscription: id?.subscription && source && { value: force(id.subscription), at: source.at },
    subscription: { value: force(resource.scope.subscription), at: head },
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
