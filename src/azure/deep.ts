/**
 * What takes a call for each vault, item, storage account or subscription, and is read with --deep alone: recovery points, file shares,
 * settings, containers and rules of blobs, diagnostic settings, locks, Automated Backup of SQL Server, and for each region what the
 * sizes of its machines have.
 */
import { readBlobs } from './blobs.ts';
import { type Row, vaultOf } from './inventory.ts';
import type { Reading } from './reading.ts';
import { objectOf, textOf } from './row.ts';
import type { Tally } from './tally.ts';

export async function readDeep(reading: Reading, tally: Tally): Promise<void> {
  const { arm, recording } = reading;
  const vaults = tally.vaults.map(({ id }) => id);
  const subscriptions = [
    ...new Set(tally.vaults.map(({ subscription }) => `/subscriptions/${subscription.toLowerCase()}`)),
  ];
  const itself = (id: string): string => id;
  await reading.each('locks', subscriptions, itself, (id) =>
    reading.list('rest:locks', id, '/providers/Microsoft.Authorization/locks', '2016-09-01'),
  );
  await reading.each('diagnostics', vaults, itself, (id) =>
    reading.list(
      'rest:diagnosticSettings',
      id,
      '/providers/Microsoft.Insights/diagnosticSettings',
      '2021-05-01-preview',
    ),
  );
  const scopesOfSizes = (region: string): string[] =>
    [...tally.sizes.get(region)!.subscriptions].sort().map((id) => `/subscriptions/${id}`);
  await reading.each('sizes', [...tally.sizes.keys()].sort(), scopesOfSizes, async (region) => {
    const { names } = tally.sizes.get(region)!;
    // Of one for all of them.
    const path = `${scopesOfSizes(region)[0]}/providers/Microsoft.Compute/skus`;
    const value: Row[] = [];
    for await (const rows of arm.pages(path, '2021-07-01', { $filter: `location eq '${region}'` }))
      for (const row of rows) {
        const { name, resourceType, capabilities } = row;
        const isMachine = /^virtualmachines$/i.test(textOf(resourceType));
        if (!isMachine || !names.has(textOf(name).toLowerCase()) || !Array.isArray(capabilities)) continue;
        // Of hundreds of kilobytes these are what is asked for.
        value.push({ name, capabilities: capabilities.filter((one) => wanted.has(textOf(objectOf(one)['name']))) });
      }
    recording.add('rest:skus', [{ id: `${path}/${region}`, location: region, value }]);
  });
  // A list, and so Resource Graph, leaves Automated Backup out.
  await reading.each('automated-backup', tally.sqlMachines, itself, async (id) => {
    const { body } = await arm.get(id, '2023-10-01', { $expand: '*' });
    recording.add('rest:sqlVirtualMachines', [backupOfSql(body, id)]);
  });
  await reading.each('file-shares', tally.storageAccounts('files'), itself, (id) =>
    reading.list('rest:shares', id, '/fileServices/default/shares', '2023-05-01'),
  );
  await reading.each('blob-settings', tally.storageAccounts('blobs'), itself, (id) =>
    reading.one('rest:blobServices', `${id}/blobServices/default`, '2023-05-01'),
  );
  await readBlobs(reading, tally);
  await reading.each('file-settings', tally.storageAccounts('files'), itself, (id) =>
    reading.one('rest:fileServices', `${id}/fileServices/default`, '2023-05-01'),
  );
  await reading.each('recovery-points', tally.items, vaultOfItem, async (id) => {
    const isInstance = /\/backupInstances\/[^/]+$/i.test(id);
    if (isInstance) return reading.list('rest:recoveryPoints', id, '/recoveryPoints', '2024-04-01');
    const match = pathOfItem.exec(id);
    if (!match) return;
    const [, subscription = '', group = '', vault = '', fabric = '', container = '', item = ''] = match;
    const value: Row[] = [];
    const pages = arm.pagesOf(subscription, (client, options) =>
      client.recoveryPoints.list(vault, group, fabric, container, item, options),
    );
    for await (const rows of pages) value.push(...rows);
    recording.add('rest:recoveryPoints', [{ id: `${id}/recoveryPoints`, owner: id, value }]);
  });
}

/** Of what registers SQL Server its backup alone, and of that neither the key of the account nor the password. */
function backupOfSql({ name, type, properties }: Row, id: string): Row {
  const { virtualMachineResourceId, autoBackupSettings } = objectOf(properties);
  const told = Object.entries(objectOf(autoBackupSettings)).filter(([setting]) => settingsOfSql.has(setting));
  return {
    id,
    name,
    type,
    properties: {
      virtualMachineResourceId,
      ...(told.length > 0 && { autoBackupSettings: Object.fromEntries(told) }),
    },
  };
}

const settingsOfSql = new Set([
  'enable',
  'retentionPeriod',
  'storageAccountUrl',
  'backupSystemDbs',
  'backupScheduleType',
  'logBackupFrequency',
]);

/** What is asked of a size. */
const wanted = new Set(['vCPUs', 'vCPUsAvailable', 'MemoryGB', 'PremiumIO']);

const pathOfItem =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.RecoveryServices\/vaults\/([^/]+)\/backupFabrics\/([^/]+)\/protectionContainers\/([^/]+)\/protectedItems\/([^/]+)$/i;

/** A vault is told once, whatever number of its items could not be read. */
function vaultOfItem(id: string): string {
  return vaultOf(id.toLowerCase());
}
