/**
 * The database on a machine as what stands around it tells: which one it runs, by registrations with a vault and by items, and whether
 * SQL Server backs itself up (Automated Backup).
 */
import type { Resource } from '../evaluate/resource.ts';
import { force } from '../evaluate/value.ts';
import type { Link } from './belonging.ts';
import { sqlMachineFacts } from './database.ts';
import { computed, type Fact, pick, textOf, undecided } from './facts.ts';
import { extensionField, extensionsOf, type Surroundings } from './machine.ts';

/** How the fact `database` names what a solution protects. */
export const databaseOfSolution: Readonly<Record<string, string>> = {
  'sql-in-vm': 'sql',
  'hana-in-vm': 'hana',
  'ase-in-vm': 'ase',
};

const workloads: Readonly<Record<string, string>> = {
  sqldatabase: 'sql',
  saphanadatabase: 'hana',
  saphanadbinstance: 'hana',
  sapasedatabase: 'ase',
};
const itemTypes: Readonly<Record<string, string>> = {
  azurevmworkloadsqldatabase: 'sql',
  azurevmworkloadsqldatabaseprotecteditem: 'sql',
  azurevmworkloadsqlinstance: 'sql',
  azurevmworkloadsaphanadatabase: 'hana',
  azurevmworkloadsaphanadbinstance: 'hana',
  azurevmworkloadsapasedatabase: 'ase',
};

const armContainer = 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers';
const source = ({ body }: Resource): Link => ({ id: pick(body, 'properties.sourceResourceId', true) });
/** What says by its existence which database the machine runs, and where. */
const proofs = [
  [armContainer, 'properties.workloadType', workloads],
  [`${armContainer}/protecteditems`, 'properties.protectedItemType', itemTypes],
] as const;

/** The database that a registration or an item of the machine names; absent where none does. */
export function registeredDatabase(machine: Resource, around: Surroundings): Fact | undefined {
  for (const [type, path, words] of proofs)
    for (const one of around.belonging(machine, type, source).sure) {
      const written = pick(one.body, path, true);
      const database = words[textOf(written?.value)?.toLowerCase() ?? ''];
      if (database !== undefined && one.presence === 'present' && !one.many) return computed(database, written!.at);
    }
  return undefined;
}

const registrations = [
  ['azurerm_mssql_virtual_machine', ({ body }: Resource): Link => ({ id: pick(body, 'virtual_machine_id', false) })],
  [
    'microsoft.sqlvirtualmachine/sqlvirtualmachines',
    ({ body }: Resource): Link => ({ id: pick(body, 'properties.virtualMachineResourceId', true) }),
  ],
] as const;

/** Whether SQL Server of the machine backs itself up; `false` only where its registration cannot stand out of sight. */
export function automatedBackup(machine: Resource, around: Surroundings): Fact {
  const { head } = machine;
  let doubt: string | undefined;
  for (const [type, link] of registrations) {
    const { sure, perhaps } = around.belonging(machine, type, link);
    for (const one of sure) {
      const block = sqlMachineFacts(one)['automatedBackup'];
      if (!block) continue;
      const on = pick('kind' in block ? block : block.value, 'enabled', false);
      if (on?.value.kind === 'bool' && !on.value.value) continue;
      if (on?.value.kind === 'bool' && one.presence === 'present' && !one.many) return on;
      const unread = one.language === 'live' ? around.unread('automated-backup', one) : undefined;
      doubt ??= unread ?? `${one.address} may switch Automated Backup on`;
    }
    if (perhaps[0]) doubt ??= `${perhaps[0].address} may switch Automated Backup on`;
  }
  const { found, open } = extensionsOf(machine, around);
  for (const extension of found) {
    const type = extensionField(extension, 'type');
    // In code, one whose type is not known is seldom that of SQL Server; an audit asks for few others.
    const may = type === undefined && extension.language === 'live';
    if (type !== 'sqliaasagent' && !may) continue;
    const on = may ? undefined : extensionSetting(extension);
    if (on === true) return computed(true, extension.head);
    if (on === undefined) doubt ??= `${extension.address} may switch Automated Backup on`;
  }
  doubt ??= outOfSight(machine, around, open);
  return doubt === undefined ? computed(false, head) : undecided(doubt, head);
}

/** Why the registration of SQL Server, or its extension, may be there unseen. */
function outOfSight(machine: Resource, around: Surroundings, open: boolean): string | undefined {
  const unread = around.unread('datasources', machine) ?? around.unread('machineExtensions', machine);
  if (machine.language === 'live' && unread !== undefined) return unread;
  return open || unread !== undefined ? 'the registration of SQL Server may be declared elsewhere' : undefined;
}

/** Older templates switch it on in the settings of the extension. */
function extensionSetting({ type, body }: Resource): boolean | undefined {
  if (!type.includes('/')) {
    const settings = pick(body, 'settings', false);
    const written = textOf(settings?.value);
    return settings && (written === undefined || /autobackupsettings/i.test(written)) ? undefined : false;
  }
  const settings = pick(body, 'properties.settings', true);
  if (!settings) return false;
  const on = pick(settings.value, 'AutoBackupSettings.Enable', true);
  if (!on) return false;
  const value = force(on.value);
  if (value.kind === 'bool') return value.value;
  return value.kind === 'string' ? value.value.toLowerCase() === 'true' : undefined;
}

/** Whether SQL Server of the machine is registered with the SQL IaaS extension; `false` only where that cannot stand out of sight. */
export function sqlExtension(machine: Resource, around: Surroundings): Fact {
  const { head } = machine;
  let doubt: string | undefined;
  for (const [type, link] of registrations) {
    const { sure, perhaps } = around.belonging(machine, type, link);
    if (sure[0]) return computed(true, sure[0].head);
    if (perhaps[0]) doubt ??= `${perhaps[0].address} may register it`;
  }
  const { found, open } = extensionsOf(machine, around);
  for (const extension of found) {
    const type = extensionField(extension, 'type');
    if (type === 'sqliaasagent') return computed(true, extension.head);
    if (type === undefined) doubt ??= `${extension.address} may register it`;
  }
  const arm = machine.type.includes('/');
  const publisher = (
    arm
      ? ['properties.storageProfile.imageReference.publisher']
      : ['source_image_reference[0].publisher', 'storage_image_reference[0].publisher']
  )
    .map((path) => textOf(pick(machine.body, path, arm)?.value)?.toLowerCase())
    .find((word) => word !== undefined);
  if (publisher === 'microsoftsqlserver' && machine.language !== 'live')
    doubt ??= 'an image of SQL Server may come with the extension';
  doubt ??= outOfSight(machine, around, open);
  return doubt === undefined ? computed(false, head) : undecided(doubt, head);
}
