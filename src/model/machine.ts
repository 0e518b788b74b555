/** Virtual machines as datasources: what decides how they can be backed up, their disks and the markers of databases on them. */
import { spelt as spelled } from '../evaluate/encoded.ts';
import type { Resource } from '../evaluate/resource.ts';
import { equal, force, type List, memberOf, type Obj, reasonOf, text, type Value } from '../evaluate/value.ts';
import type { Belongings, Link } from './belonging.ts';
import {
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
  view,
} from './facts.ts';
import { guestFacts } from './guest.ts';
import { armTypeOf, type FindId, parseId, type ResourceId, sameId } from './id.ts';
import { sizeFacts } from './size.ts';

export function isMachine(resource: Resource): boolean {
  return armTypeOf(resource) === 'microsoft.compute/virtualmachines';
}

/** Everything that a machine's facts are gathered from. */
export interface Surroundings {
  readonly resources: readonly Resource[];
  /** The resources of some types (lower case), in their order per type: a look at all for every machine would be slow. */
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
  /** Of those the ones whose `virtual_machine_id` may name the machine. */
  readonly attachedTo: (machine: Resource, ...types: readonly string[]) => readonly Resource[];
  readonly at: (address: string) => Resource | undefined;
  readonly find: FindId;
  readonly idOf: (resource: Resource) => ResourceId | undefined;
  /** The first declared resource that certainly has the id. */
  readonly withId: (id: ResourceId) => Resource | undefined;
  /** Resources of one type that belong to another resource; `link` must be the same for the type at every call. */
  readonly belonging: (owner: Resource, type: string, link: (resource: Resource) => Link) => Belongings;
  /** The one storage account of that name (lower case), which nothing else in Azure has. */
  readonly accountNamed: (name: string) => Resource | undefined;
  /** Machines that use a disk; open where more may. */
  readonly diskUsers: (disk: Resource) => {
    readonly sure: readonly Resource[];
    /** Of those the machines that run their OS from it. */
    readonly asOs: ReadonlySet<Resource>;
    readonly open: boolean;
  };
  /** Something of the configuration cannot be seen, so more of anything may exist. */
  readonly hidden: string | undefined;
  /** The same of one kind of thing around a resource: what an audit reads, it may have read whole. */
  readonly unread: (what: string, owner: Resource) => string | undefined;
}

type Facts = Record<string, Fact | Value | undefined>;

const diskSkus = spelt(
  'Standard_LRS',
  'StandardSSD_LRS',
  'StandardSSD_ZRS',
  'Premium_LRS',
  'Premium_ZRS',
  'PremiumV2_LRS',
  'UltraSSD_LRS',
);
const accessModes = spelt('None', 'AzureActiveDirectory');
const securityTypes = spelt('Standard', 'TrustedLaunch', 'ConfidentialVM');

export function machineFacts(resource: Resource, around: Surroundings): Facts {
  const facts = resource.type.includes('/') ? armMachine(resource, around) : azurermMachine(resource, around);
  return {
    ...facts,
    luns: attachedLuns(resource, facts['disks'] as List),
    nodeOf: nodeOf(resource, around),
    purchasePlan: purchasePlan(resource),
    diskEncryption: diskEncryption(resource, around),
    database: databaseOn(resource, around),
    ...sizeFacts(
      facts['size'] as Fact | undefined,
      capabilitiesOf(resource),
      resource.language === 'live' ? around.unread('sizes', resource) : undefined,
    ),
    ...guestFacts(resource),
  };
}

/** What an audit read of the size of a machine. */
export function capabilitiesOf({ body, language }: Resource): Value | undefined {
  return language === 'live' ? pick(body, 'properties.sizeCapabilities', true)?.value : undefined;
}

/**
 * The LUNs in use. A machine without any disk here may get its disks elsewhere, and an image may bring some along,
 * so then more may exist.
 */
function attachedLuns(resource: Resource, disks: List): List {
  const arm = resource.type.includes('/');
  const own = arm
    ? [
        ...['id', 'sharedGalleryImageId', 'communityGalleryImageId'].map(
          (key) => `properties.storageProfile.imageReference.${key}`,
        ),
        'plan',
      ]
    : ['source_image_id', 'storage_image_reference[0].id', 'plan[0]'];
  const luns = disks.items.map((disk) => pick(disk, 'lun', false)?.value);
  const known = luns.filter((lun) => lun !== undefined);
  const open =
    disks.open ||
    luns.length === 0 ||
    known.length < luns.length ||
    own.some((path) => pick(resource.body, path, arm) !== undefined);
  return listOf(disks.at, known, open);
}

/** An image of the marketplace that is bought. */
function purchasePlan({ body, type }: Resource): Fact | undefined {
  const arm = type.includes('/');
  const plan = pick(body, arm ? 'plan' : 'plan[0]', arm);
  if (!plan) return undefined;
  const name = pick(plan.value, 'name', arm);
  return plan.value.kind === 'object' && name
    ? computed(true, plan.at)
    : undecided(reasonOf(plan.value) ?? 'it is not known whether there is a plan', plan.at);
}

const nodePublishers: Readonly<Record<string, string>> = {
  azureopenshift: 'openshift',
  azuredatabricks: 'databricks',
};

/** Which service manages the machine as its node; such machines come and go and are nobody's to back up. */
function nodeOf(resource: Resource, around: Surroundings): Fact | undefined {
  const { body, head } = resource;
  const arm = resource.type.includes('/');
  const paths = arm
    ? ['properties.storageProfile.imageReference.publisher']
    : ['source_image_reference[0].publisher', 'storage_image_reference[0].publisher'];
  let doubt: Fact | undefined;
  for (const path of paths) {
    const publisher = pick(body, path, arm);
    if (!publisher) continue;
    for (const [name, service] of Object.entries(nodePublishers)) {
      const same = equal(publisher.value, text(name, publisher.at), true);
      if (same) return computed(service, publisher.at);
      if (same === undefined)
        doubt ??= undecided(reasonOf(publisher.value) ?? 'the publisher of the image is not known', publisher.at);
    }
  }
  // The group that AKS makes for its nodes.
  const group = resource.scope.resourceGroup && textOf(force(resource.scope.resourceGroup));
  const isOfCluster =
    group?.toLowerCase().startsWith('mc_') || (resource.language === 'live' && inNodeGroup(resource, around));
  return isOfCluster ? computed('aks', head) : doubt;
}

/** Whoever makes a cluster may choose the name of that group. */
function inNodeGroup({ scope }: Resource, around: Surroundings): boolean {
  return around.ofType('microsoft.containerservice/managedclusters').some((cluster) => {
    const group = pick(cluster.body, 'properties.nodeResourceGroup', true)?.value;
    const isSame = group && scope.resourceGroup && equal(group, scope.resourceGroup, true) === true;
    return isSame && equal(cluster.scope.subscription, scope.subscription, true) === true;
  });
}

/** Whether a machine, by its view, is a node of another service. */
export function isNode(machine: Obj): boolean | 'perhaps' {
  const service = memberOf(machine, 'nodeOf');
  return service !== undefined && (textOf(force(service.value)) !== undefined || 'perhaps');
}

function azurermMachine(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const legacy = resource.type === 'azurerm_virtual_machine';
  const osDisk = legacy ? 'storage_os_disk[0]' : 'os_disk[0]';
  return {
    name: at('name'),
    location: region(at('location')),
    size: at(legacy ? 'vm_size' : 'size'),
    os: legacy
      ? operatingSystem(head, at('storage_os_disk[0].os_type'), {
          linux: at('os_profile_linux_config[0]'),
          windows: at('os_profile_windows_config[0]'),
          publisher: at('storage_image_reference[0].publisher'),
          offer: at('storage_image_reference[0].offer'),
        })
      : computed(resource.type.includes('linux') ? 'linux' : 'windows', head),
    securityType: azurermSecurityType(resource),
    unmanagedDisk: legacy ? legacyUnmanaged(at) : undefined,
    scaleSet: at('virtual_machine_scale_set_id'),
    ephemeralOsDisk: at(`${osDisk}.diff_disk_settings[0].option`),
    // With an image the provider tells the disk that was made from it.
    osDisk: legacy
      ? attached(at('storage_os_disk[0].managed_disk_id'), around)
      : (at('source_image_reference') ?? at('source_image_id'))
        ? undefined
        : attached(at('os_managed_disk_id'), around),
    disks: azurermDisks(resource, around),
    tags: at('tags'),
  };
}

/** A disk with an address of its own instead of a managed disk: the OS disk or any data disk. */
function legacyUnmanaged(at: (path: string) => Fact | undefined): Fact | undefined {
  const disks = at('storage_data_disk')?.value;
  const count = disks?.kind === 'list' ? disks.items.length : 0;
  const paths = ['storage_os_disk[0]', ...Array.from({ length: count }, (_, i) => `storage_data_disk[${i}]`)];
  return paths.map((path) => at(`${path}.vhd_uri`)).find((fact) => fact && textOf(fact.value) !== '');
}

/** A disk of its own that the OS runs from. */
function attached(reference: Fact | undefined, around: Surroundings): Value | undefined {
  return reference && view(reference.at, managed(reference, around));
}

function azurermSecurityType(resource: Resource): Fact {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const confidential = at('os_disk[0].security_encryption_type');
  if (confidential && textOf(confidential.value) !== undefined)
    return { at: confidential.at, value: { ...confidential.value, value: 'ConfidentialVM' } as Value };
  if (confidential) return undecided('the encryption type of the OS disk is not known', confidential.at);
  let open: Fact | undefined;
  for (const flag of [at('vtpm_enabled'), at('secure_boot_enabled')]) {
    if (!flag) continue;
    if (flag.value.kind === 'bool') {
      if (flag.value.value)
        return {
          at: flag.at,
          value: { kind: 'string', value: 'TrustedLaunch', at: flag.value.at, via: flag.value.via },
        };
    } else open ??= flag;
  }
  if (open)
    return {
      ...open,
      value: {
        kind: 'unknown',
        because: 'it is not known whether the machine is a trusted launch one',
        at: open.value.at,
      },
    };
  return computed('Standard', head);
}

/** Data disks of azurerm are attached by resources of their own, but for the legacy type. */
function azurermDisks(resource: Resource, around: Surroundings): Value {
  const { body, head } = resource;
  const disks: Value[] = [];
  let open = around.hidden !== undefined;
  const inline = pick(body, 'storage_data_disk', false);
  if (inline?.value.kind === 'list') {
    open ||= inline.value.open ?? false;
    for (const disk of inline.value.items) {
      const at = (path: string): Fact | undefined => pick(disk, path, false);
      disks.push(
        diskView(disk.at, {
          sku: mapped(at('managed_disk_type'), diskSkus),
          ...managed(at('managed_disk_id'), around),
          lun: numeric(at('lun')),
          writeAccelerator: fallback(at('write_accelerator_enabled'), false, disk.at),
          ...(at('disk_size_gb') && { sizeGb: numeric(at('disk_size_gb')) }),
        }),
      );
    }
  } else if (inline) open = true;
  const id = around.idOf(resource);
  const attachments = around.attachedTo(
    resource,
    'azurerm_virtual_machine_data_disk_attachment',
    'azurerm_virtual_machine_implicit_data_disk_from_source',
  );
  for (const attachment of attachments) {
    const at = (path: string): Fact | undefined => pick(attachment.body, path, false);
    const machine = at('virtual_machine_id');
    const same = refersTo(machine, id, resource, around);
    if (same === false) continue;
    if (same === undefined || attachment.presence === 'maybe' || attachment.many) {
      open = true;
      continue;
    }
    disks.push(
      diskView(attachment.head, {
        ...managed(at('managed_disk_id'), around),
        lun: numeric(at('lun')),
        writeAccelerator: fallback(at('write_accelerator_enabled'), false, attachment.head),
        ...(at('disk_size_gb') && { sizeGb: numeric(at('disk_size_gb')) }),
      }),
    );
  }
  return listOf(head, disks, open);
}

/** Whether a reference names the resource: by id, or by the address that it was taken from. */
export function refersTo(
  reference: Fact | undefined,
  id: ResourceId | undefined,
  resource: Resource,
  around: Surroundings,
): boolean | undefined {
  if (!reference) return false;
  const value = force(reference.value);
  if (value.kind === 'symbol' && value.of?.path === 'id') {
    // What else is declared here is certainly another resource.
    const named = around.at(value.of.address);
    if (named && !named.existing) return named === resource;
  }
  const other = parseId(value, around.find);
  return sameId(other, id);
}

/** Facts of a managed disk that is declared beside the machine. */
function managed(reference: Fact | undefined, around: Surroundings): Facts {
  if (!reference) return {};
  const found = resourceOf(reference, around, (type) => type === 'microsoft.compute/disks');
  if (!found) {
    const elsewhere = undecided('the disk is declared elsewhere', reference.at);
    return { sku: elsewhere, sizeGb: elsewhere, shares: elsewhere, accessMode: elsewhere };
  }
  const arm = found.type.includes('/');
  const at = (path: string): Fact | undefined => pick(found.body, path, arm);
  return {
    name: at('name') ?? (arm ? { value: found.name, at: found.head } : undefined),
    sku: mapped(at(arm ? 'sku.name' : 'storage_account_type'), diskSkus),
    sizeGb: numeric(arm ? at('properties.diskSizeGB') : at('disk_size_gb')),
    shares: numeric(arm ? at('properties.maxShares') : at('max_shares')),
    accessMode: mapped(arm ? at('properties.dataAccessAuthMode') : patchedAccessMode(found), accessModes),
  };
}

/** azurerm has no argument for the mode; what azapi patches into the disk counts. */
function patchedAccessMode(disk: Resource): Fact | undefined {
  for (const { by, certain } of [...(disk.patches ?? [])].reverse()) {
    const mode = pick(by.body, 'properties.dataAccessAuthMode', true);
    if (mode) return certain ? mode : undecided(`${by.address} may set the mode`, by.head);
  }
  return undefined;
}

/** The resource of the configuration that a reference names, of a wanted ARM type. */
export function resourceOf(
  reference: Fact,
  around: Surroundings,
  wanted: (type: string) => boolean,
): Resource | undefined {
  const value = force(reference.value);
  if (value.kind === 'symbol' && value.of?.path === 'id') {
    const found = around.at(value.of.address);
    return found && !found.existing && wanted(armTypeOf(found) ?? '') ? found : undefined;
  }
  const id = parseId(value, around.find);
  return id && wanted(id.type) ? around.withId(id) : undefined;
}

function diskView(at: Value['at'], facts: Facts): Value {
  return view(at, { ...facts, shares: facts['shares'] ?? computed(1, at) });
}

function armMachine(resource: Resource, around: Surroundings): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, true);
  const osDisk = 'properties.storageProfile.osDisk';
  const dataDisks = at('properties.storageProfile.dataDisks');
  const disks: Value[] = [];
  let open = false;
  let unmanaged = at(`${osDisk}.vhd.uri`) ?? at(`${osDisk}.vhd`);
  if (dataDisks?.value.kind === 'list') {
    open = dataDisks.value.open ?? false;
    for (const item of dataDisks.value.items) {
      const disk = force(item);
      const of = (path: string): Fact | undefined => pick(disk, path, true);
      unmanaged ??= of('vhd.uri') ?? of('vhd');
      const reference = of('managedDisk.id');
      const sku = of('managedDisk.storageAccountType');
      disks.push(
        diskView(disk.at, {
          ...(reference && managed(reference, around)),
          lun: numeric(of('lun')),
          writeAccelerator: of('writeAcceleratorEnabled'),
          ...(sku && { sku: mapped(sku, diskSkus) }),
          ...(of('diskSizeGB') && { sizeGb: numeric(of('diskSizeGB')) }),
        }),
      );
    }
  } else if (dataDisks) open = true;
  return {
    name: at('name') ?? { value: resource.name, at: head },
    location: region(at('location')),
    size: at('properties.hardwareProfile.vmSize'),
    os: operatingSystem(head, at(`${osDisk}.osType`), {
      linux: at('properties.osProfile.linuxConfiguration'),
      windows: at('properties.osProfile.windowsConfiguration'),
      publisher: at('properties.storageProfile.imageReference.publisher'),
      offer: at('properties.storageProfile.imageReference.offer'),
    }),
    securityType: armSecurityType(at) ?? computed('Standard', head),
    unmanagedDisk: unmanaged,
    scaleSet: at('properties.virtualMachineScaleSet.id'),
    ephemeralOsDisk: at(`${osDisk}.diffDiskSettings.option`),
    osDisk: attached(at(`${osDisk}.managedDisk.id`), around),
    disks: listOf(dataDisks?.at ?? head, disks, open),
    tags: at('tags'),
  };
}

const imageSystems: Readonly<Record<string, string>> = {
  microsoftwindowsserver: 'windows',
  microsoftwindowsdesktop: 'windows',
  canonical: 'linux',
  redhat: 'linux',
  suse: 'linux',
  debian: 'linux',
  credativ: 'linux',
  openlogic: 'linux',
  almalinux: 'linux',
  resf: 'linux',
  microsoftcblmariner: 'linux',
  kinvolk: 'linux',
};

/** Marks of a system by which nothing else is told. */
interface SystemMarks {
  readonly linux: Fact | undefined;
  readonly windows: Fact | undefined;
  readonly publisher: Fact | undefined;
  readonly offer: Fact | undefined;
}

/** The guest's system by the OS disk, the settings for one of the two, or the image; unknown where none of them tells. */
function operatingSystem(head: Fact['at'], osType: Fact | undefined, marks: SystemMarks): Fact {
  if (osType) return mapped(osType, { linux: 'linux', windows: 'windows' })!;
  // A block that is perhaps null says nothing.
  for (const system of ['linux', 'windows'] as const) {
    const settings = marks[system];
    if (settings?.value.kind === 'object') return computed(system, settings.at);
  }
  const { publisher, offer } = marks;
  const by = textOf(publisher?.value)?.toLowerCase();
  const found = by === undefined ? undefined : (imageSystems[by] ?? systemOfOffer(by, textOf(offer?.value)));
  return found ? computed(found, publisher!.at) : undecided('nothing here says which system the machine runs', head);
}

/** Images of SQL Server name their system in the offer: `sql2022-ws2022`, `sql2019-rhel8`. */
function systemOfOffer(publisher: string, offer: string | undefined): string | undefined {
  if (publisher !== 'microsoftsqlserver' || offer === undefined) return undefined;
  if (/-ws\d|-win/i.test(offer)) return 'windows';
  return /-(?:rhel|sles|ubuntu)/i.test(offer) ? 'linux' : undefined;
}

/** Secure boot or a virtual TPM make a trusted launch machine too. */
function armSecurityType(at: (path: string) => Fact | undefined): Fact | undefined {
  const written = mapped(at('properties.securityProfile.securityType'), securityTypes);
  if (written) return written;
  let open: Fact | undefined;
  for (const name of ['secureBootEnabled', 'vTpmEnabled']) {
    const flag = at(`properties.securityProfile.uefiSettings.${name}`);
    if (flag?.value.kind !== 'bool') open ??= flag;
    else if (flag.value.value)
      return { at: flag.at, value: { kind: 'string', value: 'TrustedLaunch', at: flag.value.at, via: flag.value.via } };
  }
  return open && undecided('it is not known whether the machine is a trusted launch one', open.value.at);
}

/** Extensions of the machine: child resources in ARM, resources of their own in azurerm. */
export function extensionsOf(resource: Resource, around: Surroundings): { found: Resource[]; open: boolean } {
  const id = around.idOf(resource);
  const found: Resource[] = [];
  let open = around.unread('machineExtensions', resource) !== undefined;
  const candidates = around.attachedTo(
    resource,
    'azurerm_virtual_machine_extension',
    'microsoft.compute/virtualmachines/extensions',
  );
  for (const candidate of candidates) {
    let same: boolean | undefined;
    if (candidate.type.includes('/')) {
      const own = around.idOf(candidate);
      same = own && id ? sameId({ ...own, type: id.type, names: own.names.slice(0, -1) }, id) : undefined;
    } else same = refersTo(pick(candidate.body, 'virtual_machine_id', false), id, resource, around);
    if (same) found.push(candidate);
    else if (same === undefined) open = true;
  }
  return { found, open };
}

export function extensionField(extension: Resource, name: string): string | undefined {
  const arm = extension.type.includes('/');
  const value = pick(extension.body, arm ? `properties.${name}` : name, arm)?.value;
  return textOf(value)?.toLowerCase();
}

/** Azure Disk Encryption by its extension or by encryption settings of the OS disk. */
function diskEncryption(resource: Resource, around: Surroundings): Fact {
  const { found, open } = extensionsOf(resource, around);
  const ade = found.find(
    (extension) =>
      extensionField(extension, 'publisher') === 'microsoft.azure.security' &&
      (extensionField(extension, 'type') ?? '').startsWith('azurediskencryption'),
  );
  // It stays on a machine that no longer encrypts, and then its settings say so.
  if (ade)
    return ade.language === 'live' && !encrypts(ade)
      ? undecided('Azure does not tell whether the extension encrypts', ade.head)
      : computed(true, ade.head);
  const arm = resource.type.includes('/');
  const settings = pick(resource.body, 'properties.storageProfile.osDisk.encryptionSettings', arm);
  const enabled = settings && pick(resource.body, 'properties.storageProfile.osDisk.encryptionSettings.enabled', arm);
  if (enabled?.value.kind === 'bool' && enabled.value.value) return computed(true, enabled.at);
  if (settings && enabled?.value.kind !== 'bool')
    return undecided('it is not known whether the OS disk is encrypted', settings.at);
  if (!open) return computed(false, resource.head);
  const unread = resource.language === 'live' ? around.unread('machineExtensions', resource) : undefined;
  return undecided(unread ?? 'extensions of the machine may be declared elsewhere', resource.head);
}

function encrypts(extension: Resource): boolean {
  const operation = pick(extension.body, 'properties.settings.EncryptionOperation', true);
  return (textOf(operation?.value)?.toLowerCase() ?? '').startsWith('enableencryption');
}

export interface EncryptedVolumes {
  readonly os: boolean | undefined;
  readonly data: boolean | undefined;
  /** The extension that encrypts. */
  readonly at: Fact['at'];
}

const volumeTypes: Readonly<Record<string, { readonly os: boolean; readonly data: boolean }>> = {
  all: { os: true, data: true },
  os: { os: true, data: false },
  data: { os: false, data: true },
};

/** What the extension of Azure Disk Encryption encrypts on a machine; unknown where its settings do not say. */
export function encryptedVolumes(machine: Resource, around: Surroundings): EncryptedVolumes {
  const { found, open } = extensionsOf(machine, around);
  const unread = found.find(
    (extension) =>
      ['publisher', 'type'].some((field) => extensionField(extension, field) === undefined) && !extension.existing,
  );
  for (const extension of found) {
    if (
      extensionField(extension, 'publisher') !== 'microsoft.azure.security' ||
      !(extensionField(extension, 'type') ?? '').startsWith('azurediskencryption')
    )
      continue;
    // It encrypts what the machine had when it ran; in an audit disks tell it of themselves.
    if (extension.language === 'live') return { os: undefined, data: undefined, at: extension.head };
    const arm = extension.type.includes('/');
    const written = pick(extension.body, arm ? 'properties.settings' : 'settings', arm);
    // azurerm takes the settings as a text of JSON.
    const settings = written && (arm ? written.value : spelled(written.value));
    const field = (name: string): string | undefined =>
      settings && textOf(pick(settings, name, true)?.value)?.toLowerCase();
    const volumes = volumeTypes[field('VolumeType') ?? ''];
    const certain = extension.presence === 'present' && !extension.many;
    if (volumes && certain && (field('EncryptionOperation') ?? '').startsWith('enableencryption'))
      return { ...volumes, at: extension.head };
    return { os: undefined, data: undefined, at: extension.head };
  }
  const answer = open || unread ? undefined : false;
  return { os: answer, data: answer, at: machine.head };
}

const sqlOffers = /^sql\d|^sql-|sql2|^sqlserver/i;

/** Which database the machine is known to run; absent where nothing says so. */
function databaseOn(resource: Resource, around: Surroundings): Fact | undefined {
  const { body } = resource;
  const arm = resource.type.includes('/');
  const id = around.idOf(resource);
  const candidates = around.attachedTo(
    resource,
    'azurerm_mssql_virtual_machine',
    'microsoft.sqlvirtualmachine/sqlvirtualmachines',
  );
  for (const candidate of candidates) {
    const reference = candidate.type.includes('/')
      ? pick(candidate.body, 'properties.virtualMachineResourceId', true)
      : pick(candidate.body, 'virtual_machine_id', false);
    if (refersTo(reference, id, resource, around)) return computed('sql', candidate.head);
  }
  const { found } = extensionsOf(resource, around);
  const sql = found.find((extension) => extensionField(extension, 'type') === 'sqliaasagent');
  if (sql) return computed('sql', sql.head);
  const image = arm ? 'properties.storageProfile.imageReference' : 'source_image_reference[0]';
  const publisher = pick(body, `${image}.publisher`, arm) ?? pick(body, 'storage_image_reference[0].publisher', arm);
  const offer = pick(body, `${image}.offer`, arm) ?? pick(body, 'storage_image_reference[0].offer', arm);
  if (publisher && textOf(publisher.value)?.toLowerCase() === 'microsoftsqlserver')
    return computed('sql', publisher.at);
  return offer && sqlOffers.test(textOf(offer.value) ?? '') ? computed('sql', offer.at) : undefined;
}
