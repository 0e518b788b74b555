/**
 * What Resource Graph does not have of a Recovery Services vault, or may have late: how many items it protects, servers on premises,
 * auto-protection, and settings that its row lacks. One call for each vault, and others only where the answer asks for them, since
 * Azure allows a few hundred of each kind in an hour.
 */
import type { RecoveryServicesBackupClient } from '@azure/arm-recoveryservicesbackup';
import type { Arm } from './arm.ts';
import { listedWhole, type Recording, type Row } from './inventory.ts';
import type { Attempt } from './reading.ts';
import { objectOf, textOf } from './row.ts';
import type { Tally, Vault } from './tally.ts';

const onPremises: Readonly<Record<string, string>> = {
  mab: 'MAB',
  dpm: 'DPM',
  azurebackupserver: 'AzureBackupServer',
};

/** Written as filters want them. */
const inAzure: Readonly<Record<string, string>> = {
  azureiaasvm: 'AzureIaasVM',
  azureworkload: 'AzureWorkload',
  azurestorage: 'AzureStorage',
  azuresql: 'AzureSql',
};

const vaultApiVersion = '2024-04-01';

type List = (
  client: RecoveryServicesBackupClient,
  options: Parameters<Parameters<Arm['pagesOf']>[1]>[1],
) => { byPage(): AsyncIterator<unknown> };

export async function readVault(
  vault: Vault,
  arm: Arm,
  recording: Recording,
  tally: Tally,
  attempt: Attempt,
  deep: boolean,
): Promise<void> {
  const { id, subscription, group, name } = vault;
  const list = async (from: string, make: List): Promise<number> => {
    let count = 0;
    for await (const rows of arm.pagesOf(subscription, make)) {
      recording.add(from, rows);
      tally.take(from, rows);
      count += rows.length;
    }
    return count;
  };
  const listItems = (management: string): Promise<void> =>
    list('rest:backupProtectedItems', (client, options) =>
      client.backupProtectedItems.list(name, group, {
        ...options,
        filter: `backupManagementType eq '${management}'`,
      }),
    ).then((count) => recording.add(listedWhole, [{ id, vaultId: id, backupManagementType: management, count }]));

  let whyNot: unknown;
  const counts = await attempt('counts', id, () =>
    readCounts(vault, arm, recording).catch((error: unknown) => {
      whyNot = error;
      throw error;
    }),
  );
  const isEmpty = counts !== undefined && !counts.others && vault.items.size === 0 && total(counts.known) === 0;
  // Servers may be registered that have backed up nothing yet.
  const wantsAll = deep && isEmpty;
  if (counts) {
    for (const [key, management] of Object.entries(inAzure)) {
      const { active = 0, deleted = 0 } = vault.items.get(key) ?? {};
      const count = counts.known.get(key) ?? 0;
      // Whether what is softly deleted counts is not told.
      if (count < active || count > active + deleted) await attempt('items', id, () => listItems(management));
    }
    const servers = Object.keys(onPremises).filter((key) => counts.others || (counts.known.get(key) ?? 0) > 0);
    await attempt('on-premises', id, async () => {
      if (servers.includes('mab') || wantsAll)
        await list('rest:backupProtectionContainers', (client, options) =>
          client.backupProtectionContainers.list(name, group, {
            ...options,
            filter: "backupManagementType eq 'MAB'",
          }),
        );
      if (servers.some((key) => key !== 'mab') || wantsAll)
        await list('rest:backupEngines', (client, options) => client.backupEngines.list(name, group, options));
      for (const key of servers) await listItems(onPremises[key]!);
    });
  } else await attempt('on-premises', id, () => Promise.reject(whyNot));

  const hasWorkloads = vault.items.has('azureworkload') || (counts?.known.get('azureworkload') ?? 0) > 0;
  if (hasWorkloads)
    await attempt('intents', id, () =>
      list('rest:backupProtectionIntents', (client, options) =>
        client.backupProtectionIntent.list(name, group, {
          ...options,
          filter: "backupManagementType eq 'AzureWorkload'",
        }),
      ),
    );
  if (deep && hasWorkloads)
    for (const workload of ['SQLDataBase', 'SAPHanaDatabase'])
      await attempt('protectable', id, () =>
        list('rest:backupProtectableItems', (client, options) =>
          client.backupProtectableItems.list(name, group, {
            ...options,
            filter: `backupManagementType eq 'AzureWorkload' and workloadType eq '${workload}'`,
          }),
        ),
      );
  if (deep) await attempt('registrations', id, () => readRegistrations(vault, arm, recording));
  if (wantsAll) await attempt('site-recovery', id, () => readFabrics(vault, arm, recording));
  await readSettings(vault, arm, recording, attempt);
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** All that Site Recovery and Azure Migrate replicate lies below a fabric; that there is one is enough. */
async function readFabrics({ id }: Vault, arm: Arm, recording: Recording): Promise<void> {
  const value: Row[] = [];
  for await (const rows of arm.pages(`${id}/replicationFabrics`, vaultApiVersion))
    value.push(...rows.map(({ id: own, name, type }) => ({ id: own, name, type, properties: {} })));
  recording.add('rest:replicationFabrics', [{ id: `${id}/replicationFabrics`, vaultId: id, value }]);
}

/** Recorded as one row, which tells that all were listed. */
async function readRegistrations(
  { id, subscription, group, name }: Vault,
  arm: Arm,
  recording: Recording,
): Promise<void> {
  const value: Row[] = [];
  for (const management of ['AzureStorage', 'AzureWorkload']) {
    const pages = arm.pagesOf(subscription, (client, options) =>
      client.backupProtectionContainers.list(name, group, {
        ...options,
        filter: `backupManagementType eq '${management}' and status eq 'Registered'`,
      }),
    );
    for await (const rows of pages) value.push(...rows.map(registrationOf));
  }
  recording.add('rest:registrations', [{ id: `${id}/backupProtectionContainers`, vaultId: id, value }]);
}

/** Without what went wrong in looking for databases, which names accounts and paths. */
function registrationOf({ id, name, type, properties }: Row): Row {
  const { extendedInfo, ...told } = objectOf(properties);
  const { inquiryInfo, nodesList } = objectOf(extendedInfo);
  const { inquiryDetails } = objectOf(inquiryInfo);
  const found = Array.isArray(inquiryDetails) ? inquiryDetails.map(objectOf) : [];
  const nodes = Array.isArray(nodesList) ? nodesList.map(objectOf) : [];
  return {
    id,
    name,
    type,
    properties: {
      ...told,
      extendedInfo: {
        inquiryInfo: { inquiryDetails: found.map((one) => ({ type: one['type'], itemCount: one['itemCount'] })) },
        ...(nodes.length > 0 && {
          nodesList: nodes.map(({ nodeName, sourceResourceId }) => ({ nodeName, sourceResourceId })),
        }),
      },
    },
  };
}

/** By management type in lower case; `others`: there are items of a type that is not known by that name. */
async function readCounts(
  { id, subscription, group, name }: Vault,
  arm: Arm,
  recording: Recording,
): Promise<{ known: ReadonlyMap<string, number>; others: boolean }> {
  const known = new Map<string, number>();
  let others = false;
  const value: Row[] = [];
  const pages = arm.pagesOf(subscription, (client, options) =>
    client.backupUsageSummaries.list(name, group, {
      ...options,
      filter: "type eq 'BackupProtectedItemCountSummary'",
    }),
  );
  for await (const rows of pages) {
    value.push(...rows);
    for (const row of rows) {
      const key = textOf(objectOf(row['name'])['value']).toLowerCase();
      const count = row['currentValue'];
      if (typeof count !== 'number') continue;
      if (key in onPremises || key in inAzure) known.set(key, (known.get(key) ?? 0) + count);
      else if (count > 0) others = true;
    }
  }
  recording.add('rest:backupUsageSummaries', [{ id: `${id}/backupUsageSummaries`, vaultId: id, value }]);
  return { known, others };
}

/** What the row of the vault lacks is not off: it was not told. */
async function readSettings(vault: Vault, arm: Arm, recording: Recording, attempt: Attempt): Promise<void> {
  const { id, subscription, group, name } = vault;
  let settings = settingsIn(vault.row);
  if (!settings.softDelete || !settings.redundancy) {
    const row = await attempt('vault-security', id, async () => (await arm.get(id, vaultApiVersion)).body);
    if (row) {
      recording.add('rest:vault', [{ ...row, id }]);
      settings = settingsIn(row);
    }
  }
  const add = (from: string, read: (client: RecoveryServicesBackupClient, options: object) => Promise<unknown>) =>
    arm.objectOf(subscription, read).then((row) => recording.add(from, [{ ...row, vaultId: id }]));
  if (!settings.softDelete)
    await attempt('vault-security', id, () =>
      add('rest:backupconfig', (client, options) => client.backupResourceVaultConfigs.get(name, group, options)),
    );
  if (!settings.redundancy)
    await attempt('vault-redundancy', id, () =>
      add('rest:backupstorageconfig', (client, options) =>
        client.backupResourceStorageConfigsNonCRR.get(name, group, options),
      ),
    );
  if (!settings.guard)
    await attempt('vault-security', id, async () => {
      const found: Row[] = [];
      const pages = arm.pagesOf(subscription, (client, options) =>
        client.resourceGuardProxies.list(name, group, options),
      );
      for await (const rows of pages) found.push(...rows);
      recording.add('rest:backupResourceGuardProxies', [
        { id: `${id}/backupResourceGuardProxies`, vaultId: id, value: found },
      ]);
    });
}

function settingsIn(row: Row): { softDelete: boolean; redundancy: boolean; guard: boolean } {
  const { securitySettings, redundancySettings } = objectOf(row['properties']);
  const security = objectOf(securitySettings);
  return {
    softDelete: textOf(objectOf(security['softDeleteSettings'])['softDeleteState']) !== '',
    redundancy: textOf(objectOf(redundancySettings)['standardTierStorageRedundancy']) !== '',
    guard: textOf(security['multiUserAuthorization']) !== '',
  };
}
