/**
 * What Azure answers -> bodies as they stand in templates. Takes one row; gives its type, name and scope by its id, and a body from which
 * the oddities of real answers are taken out (shared notes on live data, 3.1): properties as a text, dates that mean "never", facts
 * under other names in Resource Graph. What an answer does not tell is marked, so that nobody takes it for off.
 */
import { Placed, Untold } from './body.ts';
import type { Row } from './inventory.ts';
import { networkIn } from './networks.ts';
import { objectOf, spelt, textOf } from './row.ts';

export interface Answer {
  /** As Azure wrote it. */
  readonly id: string;
  /** The id of what a template would call it. */
  readonly modelId: string;
  readonly type: string;
  /** Slash name below the provider. */
  readonly name: string;
  /** Of what extends another resource: the id of that. */
  readonly extends: string | undefined;
  readonly body: Row;
}

interface Parts {
  readonly type: string;
  readonly name: string;
  /** What stands before its provider. */
  readonly scope: string;
}

/** Types that hang on others, of any kind. */
const extending = /^microsoft\.(?:authorization|insights|kubernetesconfiguration)\//i;

/** Columns of properties, and what they make, by type. */
const columnsOf: readonly (readonly [RegExp, (row: Row) => Row | undefined])[] = [
  [/^microsoft\.compute\/virtualmachines\/extensions$/i, extensionIn],
  [/^microsoft\.keyvault\/vaults$/i, keyVaultIn],
  [/^microsoft\.authorization\/policyassignments$/i, assignmentIn],
  [/^microsoft\.network\/(?:networkinterfaces|virtualnetworks|networksecuritygroups)$/i, networkIn],
];

/** undefined: the row is no resource. */
export function answerOf(row: Row): Answer | undefined {
  const id = textOf(row['id']);
  const parts = partsOf(id);
  if (!parts) return undefined;
  const { scope } = parts;
  const deleted = /^microsoft\.dataprotection\/backupvaults\/deletedbackupinstances$/i.test(parts.type);
  const type = deleted ? 'Microsoft.DataProtection/backupVaults/backupInstances' : parts.type;
  const { properties, ...rest } = row;
  const columns = columnsOf.find(([pattern]) => pattern.test(type))?.[1];
  const told = columns ? columns(row) : spelt(properties);
  return {
    id,
    modelId: deleted ? id.replace(/\/deletedBackupInstances\//i, '/backupInstances/') : id,
    type,
    name: parts.name,
    extends: extending.test(type) && scope !== '' ? scope : undefined,
    body: {
      ...rest,
      properties: isPlain(told)
        ? propertiesOf(type.toLowerCase(), told, id, deleted)
        : untold('the properties of the resource'),
    },
  };
}

function partsOf(id: string): Parts | undefined {
  const at = id.toLowerCase().lastIndexOf('/providers/');
  if (at === -1) return undefined;
  const segments = id.slice(at + '/providers/'.length).split('/');
  if (segments.length < 3 || segments.length % 2 === 0 || segments.includes('')) return undefined;
  const own = segments.slice(1);
  return {
    type: [segments[0], ...own.filter((_, i) => i % 2 === 0)].join('/'),
    name: own.filter((_, i) => i % 2 === 1).join('/'),
    scope: id.slice(0, at),
  };
}

function propertiesOf(type: string, told: Row, id: string, isDeleted: boolean): Row {
  switch (type) {
    case 'microsoft.recoveryservices/vaults':
      return recoveryVault(told);
    case 'microsoft.dataprotection/backupvaults':
      return backupVault(told);
    case 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems':
      return protectedItem(told, id);
    case 'microsoft.dataprotection/backupvaults/backupinstances':
      return backupInstance(told, id, isDeleted);
    case 'microsoft.sqlvirtualmachine/sqlvirtualmachines':
      return sqlMachine(told);
    case 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers':
      return protectionContainer(told, id);
    case 'microsoft.storage/storageaccounts/blobservices/containers':
      return { ...told, hasLegalHold: told['hasLegalHold'] ?? untold('whether the container is under legal hold') };
    case 'microsoft.storage/storageaccounts/managementpolicies':
      return { policy: { rules: objectOf(told['policy'])['rules'] ?? untold('the rules of the lifecycle') } };
    case 'microsoft.storage/storageaccounts/objectreplicationpolicies':
      return {
        sourceAccount: told['sourceAccount'] ?? untold('from where it replicates'),
        destinationAccount: told['destinationAccount'] ?? untold('to where it replicates'),
        rules: told['rules'] ?? untold('which containers it replicates'),
      };
    default:
      return told;
  }
}

/** Told where a read asks for it, as --deep does; Resource Graph leaves it out. */
function sqlMachine(told: Row): Row {
  const { autoBackupSettings: settings } = told;
  const enable = objectOf(settings)['enable'];
  const because = new Untold('Azure tells whether Automated Backup is on where it is asked for that, as with --deep');
  return { ...told, autoBackupSettings: isPlain(settings) ? { ...settings, enable: enable ?? because } : because };
}

/** Workloads of a registered machine, as Azure looks for them and as items and templates call them. */
const workloads: Readonly<Record<string, string>> = {
  sql: 'SQLDataBase',
  saphana: 'SAPHanaDatabase',
  sapase: 'SAPAseDatabase',
};

/** Answers leave out what a machine was registered for, and tell what was found on it. */
function protectionContainer(told: Row, resourceId: string): Row {
  const { containerType, workloadType, extendedInfo } = told;
  if (!/^(?:vmappcontainer|azureworkloadcontainer)$/i.test(textOf(containerType)) || has(workloadType)) return told;
  const { inquiryDetails } = objectOf(objectOf(extendedInfo)['inquiryInfo']);
  const found = (Array.isArray(inquiryDetails) ? inquiryDetails : []).flatMap((one: unknown, i) => {
    const { type, itemCount } = objectOf(one);
    return typeof itemCount === 'number' && itemCount > 0 ? [{ type: textOf(type).toLowerCase(), i }] : [];
  });
  const word = found.length === 1 ? workloads[found[0]!.type] : undefined;
  const path = `/properties/extendedInfo/inquiryInfo/inquiryDetails/${found[0]?.i}/type`;
  const named = word && new Placed(word, { resourceId, path });
  return { ...told, workloadType: named ?? untold('what the machine is registered for') };
}

/** Its properties, of which the sweep asks for some; undefined: what kind of extension it is was not told. */
function extensionIn(row: Row): Row | undefined {
  const { publisher, extensionType, provisioningState, automatedBackup, encryptionOperation, volumeType } = row;
  if (!has(extensionType)) return undefined;
  const setting = (value: unknown): unknown => (has(value) ? value : untold('that setting of the extension'));
  return {
    publisher,
    type: extensionType,
    provisioningState,
    // What was asked for holds once it was done.
    settings: /^succeeded$/i.test(textOf(provisioningState))
      ? {
          AutoBackupSettings: { Enable: setting(automatedBackup) },
          EncryptionOperation: setting(encryptionOperation),
          VolumeType: setting(volumeType),
        }
      : untold('whether the settings of the extension hold'),
  };
}

/** What an assignment overrides is the effect of its definition, whatever its parameters say. */
function assignmentIn({ policyDefinitionId, enforcementMode, parameters, overrides }: Row): Row | undefined {
  if (!has(policyDefinitionId)) return undefined;
  const list = spelt(overrides);
  const isOverridden = Array.isArray(list) && list.length > 0;
  return {
    policyDefinitionId,
    enforcementMode,
    parameters: {
      ...objectOf(spelt(parameters)),
      ...(isOverridden && { effect: { value: untold('which effect the assignment has') } }),
    },
  };
}

/** Protection against purging is told only where it is on, networks only where they were chosen. */
function keyVaultIn({ vaultUri, enablePurgeProtection, publicNetworkAccess, defaultAction }: Row): Row | undefined {
  if (!has(vaultUri)) return undefined;
  return { vaultUri, enablePurgeProtection, publicNetworkAccess, networkAcls: { defaultAction } };
}

const untold = (what: string): Untold => new Untold(`Azure does not tell ${what}`);

function has(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Lists of vaults never carry them, and some answers lack one of them. */
function recoveryVault(told: Row): Row {
  const security = objectOf(told['securitySettings']);
  const softDelete = objectOf(security['softDeleteSettings']);
  const redundancy = objectOf(told['redundancySettings']);
  return {
    ...told,
    securitySettings: has(told['securitySettings'])
      ? {
          ...security,
          softDeleteSettings: {
            ...softDelete,
            softDeleteState: softDelete['softDeleteState'] ?? untold('whether soft delete is on'),
          },
        }
      : untold('the security settings of the vault'),
    redundancySettings: has(redundancy['standardTierStorageRedundancy'])
      ? redundancy
      : untold('the redundancy of the vault'),
    monitoringSettings: told['monitoringSettings'] ?? untold('the alerts of the vault'),
    publicNetworkAccess: told['publicNetworkAccess'] ?? untold('whether the vault is open to the public network'),
    restoreSettings: told['restoreSettings'] ?? untold('whether other subscriptions may restore'),
  };
}

function backupVault(told: Row): Row {
  const security = objectOf(told['securitySettings']);
  return {
    ...told,
    // A vault that never had immutability leaves it out beside its soft delete.
    securitySettings: has(security['softDeleteSettings']) ? security : untold('the security settings of the vault'),
    storageSettings: told['storageSettings'] ?? untold('the redundancy of the vault'),
    monitoringSettings: told['monitoringSettings'] ?? untold('the alerts of the vault'),
  };
}

/** Years in which nothing was backed up to Azure: what stands for no date. */
export function timeOf(value: unknown): string | undefined {
  const time = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) || time < Date.UTC(2002, 0) ? undefined : new Date(time).toISOString();
}

function isNever(value: unknown): boolean {
  return has(value) && timeOf(value) === undefined;
}

/** `1.12:00:00` in minutes; what is negative stands for none. */
function minutesOf(span: unknown): number | undefined {
  const match = /^(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.\d+)?$/.exec(textOf(span));
  if (!match) return undefined;
  const [days, hours, minutes] = match.slice(1, 4).map((part) => Number(part ?? 0)) as [number, number, number];
  const total = (days * 24 + hours) * 60 + minutes;
  return total > 0 ? total : undefined;
}

/** What is told of the recovery points of an item, wherever it stands in its answer. */
interface Points {
  /** ISO 8601 in UTC. */
  readonly newest?: Placed | undefined;
  /** There is none. */
  readonly none?: Placed | undefined;
  /** As the service says of its policy. */
  readonly everyMinutes?: Placed | undefined;
  /** As the number of points says. */
  readonly usualMinutes?: number | undefined;
}

function protectedItem(told: Row, resourceId: string): Row {
  const source = objectOf(told['dataSourceInfo']);
  const states = [told['protectionState'], told['currentProtectionState']].filter(has);
  const suspended = states.find((state) => /suspended$/i.test(textOf(state)));
  const kind = textOf(told['backupManagementType']).toLowerCase();
  return {
    ...told,
    sourceResourceId: [told['sourceResourceId'], told['virtualMachineId'], source['resourceID']].find(has),
    policyId: [told['policyId'], objectOf(told['policyInfo'])['policyId']].find(has),
    protectionState: suspended ?? states[0] ?? untold('the state of the item'),
    lastBackupTime: timeOf(told['lastBackupTime']),
    // Lists leave out which disks are chosen.
    ...(kind === 'azureiaasvm' &&
      !has(told['extendedProperties']) && { extendedProperties: untold('which disks the item takes') }),
    recoveryPoints: pointsOfItem(told, resourceId),
  };
}

function pointsOfItem(told: Row, resourceId: string): Points {
  const { lastBackupTime, lastRecoveryPoint, lastBackupStatus } = told;
  const at = (path: string): { resourceId: string; path: string } => ({ resourceId, path: `/properties/${path}` });
  const newest = timeOf(lastRecoveryPoint);
  if (newest !== undefined) return { newest: new Placed(newest, at('lastRecoveryPoint')) };
  const succeeded = /^(?:completed|healthy|completedwithwarnings)$/i.test(textOf(lastBackupStatus));
  const last = succeeded ? timeOf(lastBackupTime) : undefined;
  if (last !== undefined)
    return { newest: new Placed(last, at('lastBackupTime')), usualMinutes: usualOfAgent(told, last) };
  const never = isNever(lastBackupTime)
    ? 'lastBackupTime'
    : isNever(lastRecoveryPoint)
      ? 'lastRecoveryPoint'
      : objectOf(told['extendedInfo'])['recoveryPointCount'] === 0
        ? 'extendedInfo/recoveryPointCount'
        : /^irpending$/i.test(textOf(lastBackupStatus)) && !has(lastBackupTime)
          ? 'lastBackupStatus'
          : undefined;
  return never === undefined ? {} : { none: new Placed(true, at(never)) };
}

/** Four weeks: the MARS agent may run in some weeks only. */
const leastOfAgent = 4 * 7 * 24 * 60;

/** The schedule of the MARS agent is known to its machine alone; enough points tell how far apart they are at most. */
function usualOfAgent({ backupManagementType, extendedInfo }: Row, last: string): number | undefined {
  if (textOf(backupManagementType).toLowerCase() !== 'mab') return undefined;
  const { oldestRecoveryPoint, recoveryPointCount } = objectOf(extendedInfo);
  const oldest = timeOf(oldestRecoveryPoint);
  if (oldest === undefined || typeof recoveryPointCount !== 'number' || recoveryPointCount < 5) return undefined;
  const minutes = (Date.parse(last) - Date.parse(oldest)) / 60_000;
  // Kept for different times, older ones lie further apart: the mean is too long rather than too short.
  return minutes > 0 ? Math.max(leastOfAgent, Math.ceil(minutes / (recoveryPointCount - 1))) : undefined;
}

function backupInstance(told: Row, resourceId: string, isDeleted: boolean): Row {
  const status = objectOf(told['protectionStatus'])['status'];
  return {
    ...told,
    currentProtectionState: isDeleted
      ? 'SoftDeleted'
      : ([told['currentProtectionState'], status].find(has) ?? untold('the state of the item')),
    recoveryPoints: pointsOfInstance(objectOf(told['backupInstanceExtendedProperties']), resourceId),
  };
}

/** Only Resource Graph tells them with the instance. */
function pointsOfInstance(told: Row, resourceId: string): Points {
  const at = (path: string): { resourceId: string; path: string } => ({
    resourceId,
    path: `/properties/backupInstanceExtendedProperties/${path}`,
  });
  const latest = objectOf(told['recoveryPointInfo'])['latestRecoveryPointInPrimaryRegion'];
  const minutes = minutesOf(objectOf(told['policyExtendedInfo'])['configuredRPGenerationFrequency']);
  const place = at('recoveryPointInfo/latestRecoveryPointInPrimaryRegion');
  const newest = timeOf(latest);
  return {
    ...(newest !== undefined
      ? { newest: new Placed(newest, place) }
      : isNever(latest)
        ? { none: new Placed(true, place) }
        : {}),
    ...(minutes !== undefined && {
      everyMinutes: new Placed(minutes, at('policyExtendedInfo/configuredRPGenerationFrequency')),
    }),
  };
}

/** One row over another of the same resource: what the later one tells counts. */
export function over(first: Row, later: Row): Row {
  const result: Record<string, unknown> = { ...first };
  for (const [name, value] of Object.entries(later)) {
    const before = result[name];
    if (value === undefined || value === null || value instanceof Untold) result[name] = before ?? value;
    else result[name] = isPlain(before) && isPlain(value) ? over(before, value) : value;
  }
  return result;
}

function isPlain(value: unknown): value is Row {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Untold) &&
    !(value instanceof Placed)
  );
}
