/** What only one side has, and what stands in the way of a deployment: `audit --compare`. */
import { describe, expect, test } from 'vitest';
import { liveConfigurations } from '../../src/azure/configuration.ts';
import type { InventoryGap, Row, Scope } from '../../src/azure/inventory.ts';
import { judgeLive, readModels } from '../../src/lint.ts';
import { Declared } from '../../src/model/declared.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
import type { Run } from '../../src/source/run.ts';
import { isSpan } from '../../src/source/source.ts';
import { optionsIn } from '../fixture.ts';
import { memoryIo } from '../memory.ts';

const subscription = '11111111-1111-1111-1111-111111111111';
const group = `/subscriptions/${subscription}/resourceGroups/rg`;
const vault = `${group}/providers/Microsoft.RecoveryServices/vaults/rsv`;
const machine = (name: string): string => `${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
const itemId = (name: string): string =>
  `${vault}/backupFabrics/Azure/protectionContainers/IaasVMContainer;iaasvmcontainerv2;rg;${name}/protectedItems/VM;iaasvmcontainerv2;rg;${name}`;
const item = (name: string, properties = {}) => ({
  from: 'graph:items',
  row: {
    id: itemId(name),
    properties: {
      protectedItemType: 'Microsoft.Compute/virtualMachines',
      sourceResourceId: machine(name),
      protectionState: 'Protected',
      ...properties,
    },
  },
});
const code = (...names: string[]): string =>
  names
    .map(
      (name) => `resource "azurerm_backup_protected_vm" "${name}" {
  resource_group_name = "rg"
  recovery_vault_name = "rsv"
  source_vm_id        = "${machine(name)}"
  backup_policy_id    = "${vault}/backupPolicies/daily"
}
`,
    )
    .join('');

interface Compared {
  /** Codes of what only one side has, each with its place. */
  readonly notes: string[];
  /** What differs of items that both sides know; `?` before what is not known. */
  readonly differences: string[];
}

interface Circumstances {
  readonly gaps?: readonly InventoryGap[];
  readonly scope?: Scope;
  readonly isPartial?: boolean;
}

async function runOf(
  files: string,
  rows: readonly { readonly from: string; readonly row: Row }[],
  { gaps = [], scope = { subscriptions: [subscription] }, isPartial = false }: Circumstances = {},
): Promise<Run> {
  const io = memoryIo({ '/repo/main.tf': files });
  const options = { ...(await optionsIn(io)), showUndetermined: true };
  const isOne = 'subscriptions' in scope && scope.subscriptions.length === 1;
  const declared = new Declared((await readModels(options, io)).models, isOne, isPartial);
  const header = { version: 1, cloud: 'AzureCloud', scope, readAt: '2026-03-01T06:00:00Z', deep: false } as const;
  const log: Diagnostic[] = [];
  const configurations = liveConfigurations({ header, rows, gaps });
  return judgeLive(configurations, options, io, '0.0.0', log, { declared });
}

async function compared(...given: Parameters<typeof runOf>): Promise<Compared> {
  const run = await runOf(...given);
  const code = 'item-policy-differs-from-declared';
  return {
    notes: run.diagnostics.map(
      ({ code, at }) => `${code} ${isSpan(at) ? at.source.position(at.start).line : at.resourceId}`,
    ),
    differences: [
      ...run.findings.filter((one) => one.code === code).map(({ message }) => message),
      ...run.undetermined.filter((one) => one.code === code).map(({ because }) => `? ${because}`),
    ],
  };
}

const told = async (files: string, rows: readonly ReturnType<typeof item>[], gaps: readonly InventoryGap[] = []) =>
  (await compared(files, rows, { gaps })).notes;

describe('compared with files', () => {
  test('nothing, where both sides have the same', async () =>
    expect(await told(code('web', 'app'), [item('web'), item('app')])).toEqual([]));
  test('what is declared and does not exist', async () =>
    expect(await told(code('web', 'app'), [item('web')])).toEqual(['declared-item-not-live 7']));
  test('but not where items may be unseen', async () => {
    const gap: InventoryGap = { unread: 'items', scope: vault, because: 'it was not', code: 'timeout' };
    expect(await told(code('web', 'app'), [item('web')], [gap])).toEqual([]);
  });
  test('what exists and is not declared, told once', async () =>
    expect(await told(code('web'), [item('web'), item('a'), item('b')])).toEqual([
      `live-items-not-declared ${itemId('a')}`,
    ]));
  test('what is softly deleted stands in the way of a deployment', async () =>
    expect(
      await told(code('web'), [
        item('web', { protectionState: 'ProtectionStopped', isScheduledForDeferredDelete: true }),
      ]),
    ).toEqual(['declared-item-soft-deleted 1']));

  test('each by its name', async () => {
    const softly = { protectionState: 'ProtectionStopped', isScheduledForDeferredDelete: true };
    const { diagnostics } = await runOf(code('web', 'app'), [item('web', softly), item('b'), item('a')]);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'The files declare nothing of 2 items that exist.',
      'azurerm_backup_protected_vm.web exists in Azure and is softly deleted, so it must be recovered before it can be deployed.',
      'azurerm_backup_protected_vm.app is declared, and Azure does not protect what it names.',
    ]);
    expect(diagnostics[0]).toMatchObject({
      at: { resourceId: itemId('a') },
      related: [{ at: { resourceId: itemId('b') } }],
    });
  });
  test('of very many the first', async () => {
    const many = Array.from({ length: 60 }, (_, index) => item(`vm-${index + 10}`));
    const [told] = (await runOf('', many)).diagnostics;
    expect(told!.message).toBe('The files declare nothing of 60 items that exist; these are the first 50.');
    expect(told!.related).toHaveLength(49);
    expect((await runOf('', many.slice(0, 1))).diagnostics[0]).not.toHaveProperty('related');
  });
  test('nothing is undeclared where files could not be read', async () =>
    expect((await runOf('', [item('web')], { isPartial: true })).diagnostics).toEqual([]));
});

describe('what is paired', () => {
  const other = '22222222-2222-2222-2222-222222222222';
  const bound = (policy: string) => ({ policyId: `${vault}/backupPolicies/${policy}` });
  const ofPolicy = (policy: string, source: string): string => `resource "azurerm_backup_protected_vm" "web" {
  resource_group_name = "rg"
  recovery_vault_name = "rsv"
  source_vm_id        = ${source}
  backup_policy_id    = "${vault}/backupPolicies/${policy}"
}
`;
  const named = `resource "azurerm_windows_virtual_machine" "web" {
  name                = "web"
  resource_group_name = "rg"
}
${ofPolicy('daily', 'azurerm_windows_virtual_machine.web.id')}`;
  const differs = 'This item is bound to the policy weekly, although the files declare daily.';

  test('what names no subscription, in an audit of one', async () => {
    expect(await compared(named, [item('web', bound('weekly'))])).toEqual({ notes: [], differences: [differs] });
  });
  test('a policy of the same name in another vault', async () => {
    const elsewhere = { policyId: `${vault}-other/backupPolicies/daily` };
    expect((await compared(named, [item('web', elsewhere)])).differences).toEqual([
      'This item is protected in the vault rsv-other, although the files declare a policy of the vault rsv.',
    ]);
  });
  test('but not in an audit of several, where another may have the same names', async () => {
    const scope = { subscriptions: [subscription, other] };
    const { notes, differences } = await compared(named, [item('web', bound('weekly'))], { scope });
    expect(notes).toEqual([]);
    expect(differences).toEqual([expect.stringMatching(/^\? the files may declare it/)]);
  });
  test('not what lies in another subscription', async () => {
    const elsewhere = ofPolicy('daily', `"${machine('web').replace(subscription, other)}"`);
    expect(await compared(elsewhere, [item('web', bound('weekly'))])).toEqual({
      // What the files declare there is no part of the audit.
      notes: [`live-items-not-declared ${itemId('web')}`],
      differences: [],
    });
  });
  test('nothing is told where the files do not show what they protect', async () => {
    const unknown = `variable "vm" {}\n${ofPolicy('daily', 'var.vm')}`;
    expect(await compared(unknown, [item('web', bound('weekly'))])).toEqual({ notes: [], differences: [] });
  });
  test('nor where modules were not read', async () => {
    const module = 'module "machines" {\n  source = "git::https://example.com/machines.git"\n}\n';
    const { notes } = await compared(module, [item('web')]);
    expect(notes.filter((note) => note.startsWith('live-items'))).toEqual([]);
  });
  test('what is declared twice is left alone', async () => {
    const twice =
      ofPolicy('daily', `"${machine('web')}"`) + ofPolicy('weekly', `"${machine('web')}"`).replace('"web"', '"again"');
    const { differences } = await compared(twice, [item('web', bound('other'))]);
    expect(differences).toEqual(['? the files declare it several times']);
  });

  const backupVault = `${group}/providers/Microsoft.DataProtection/backupVaults/bv`;
  const instance = (name: string, source: string, policy: string) => ({
    from: 'graph:items',
    row: {
      id: `${backupVault}/backupInstances/${name}`,
      properties: {
        dataSourceInfo: { resourceID: source, datasourceType: 'Microsoft.Compute/disks' },
        policyInfo: { policyId: `${backupVault}/backupPolicies/${policy}` },
        currentProtectionState: 'ProtectionConfigured',
      },
    },
  });
  test('an instance of a Backup vault by its own name, where the group of its disk is not known', async () => {
    const files = `variable "group" {}

resource "azurerm_managed_disk" "data" {
  name                = "data"
  resource_group_name = var.group
}

resource "azurerm_data_protection_backup_instance_disk" "data" {
  name                         = "backup-data"
  location                     = "westeurope"
  vault_id                     = "${backupVault}"
  disk_id                      = azurerm_managed_disk.data.id
  snapshot_resource_group_name = "rg"
  backup_policy_id             = "${backupVault}/backupPolicies/daily"
}
`;
    const disk = `${group}/providers/Microsoft.Compute/disks/data`;
    expect((await compared(files, [instance('backup-data', disk, 'weekly')])).differences).toEqual([differs]);
    expect((await compared(files, [instance('another', disk, 'weekly')])).differences).toEqual([
      expect.stringMatching(/^\? the files may declare it/),
    ]);
  });
  test('what lies in something else, such as the volume group of an Elastic SAN', async () => {
    const groupOf = (name: string): string =>
      `${group}/providers/Microsoft.ElasticSan/elasticSans/san/volumeGroups/${name}`;
    const files = `resource "azapi_resource" "volumes" {
  type      = "Microsoft.DataProtection/backupVaults/backupInstances@2025-07-01"
  name      = "volumes"
  parent_id = "${backupVault}"
  body = {
    properties = {
      dataSourceInfo = {
        datasourceType = "Microsoft.ElasticSan/elasticSans/volumeGroups"
        resourceID     = "${groupOf('a')}"
      }
      policyInfo = { policyId = "${backupVault}/backupPolicies/daily" }
    }
  }
}
`;
    const live = (name: string) => {
      const one = instance('other-name', groupOf(name), 'weekly');
      const dataSourceInfo = {
        resourceID: groupOf(name),
        datasourceType: 'Microsoft.ElasticSan/elasticSans/volumeGroups',
      };
      return { ...one, row: { ...one.row, properties: { ...one.row.properties, dataSourceInfo } } };
    };
    expect((await compared(files, [live('a')])).differences).toEqual([differs]);
    const { notes, differences } = await compared(files, [live('b')]);
    expect(differences).toEqual([]);
    expect(notes).toEqual([
      `live-items-not-declared ${backupVault}/backupInstances/other-name`,
      'declared-item-not-live 1',
    ]);
  });
});

describe('what is compared of a policy', () => {
  const policy = (schedule: object, retention: object, more: object = {}) => ({
    from: 'graph:policies',
    row: {
      id: `${vault}/backupPolicies/daily`,
      properties: {
        backupManagementType: 'AzureIaasVM',
        policyType: 'V2',
        timeZone: 'UTC',
        schedulePolicy: {
          schedulePolicyType: 'SimpleSchedulePolicyV2',
          scheduleRunFrequency: 'Daily',
          dailySchedule: { scheduleRunTimes: ['2026-01-01T23:00:00Z'] },
          ...schedule,
        },
        retentionPolicy: {
          retentionPolicyType: 'LongTermRetentionPolicy',
          dailySchedule: {
            retentionTimes: ['2026-01-01T23:00:00Z'],
            retentionDuration: { count: 30, durationType: 'Days' },
          },
          ...retention,
        },
        ...more,
      },
    },
  });
  const weekly = {
    weeklySchedule: {
      daysOfTheWeek: ['Sunday'],
      retentionTimes: ['2026-01-01T23:00:00Z'],
      retentionDuration: { count: 12, durationType: 'Weeks' },
    },
  };
  const files = (more = ''): string => `variable "zone" {}

resource "azurerm_backup_policy_vm" "daily" {
  name                = "daily"
  resource_group_name = "rg"
  recovery_vault_name = "rsv"
  policy_type         = "V2"
  ${more.includes('timezone') ? '' : 'timezone = "UTC"'}
  backup {
    frequency = "Daily"
    time      = "23:00"
  }
  retention_daily {
    count = 30
  }
  ${more}
}

resource "azurerm_backup_protected_vm" "web" {
  resource_group_name = "rg"
  recovery_vault_name = "rsv"
  source_vm_id        = "${machine('web')}"
  backup_policy_id    = azurerm_backup_policy_vm.daily.id
}
`;
  const web = item('web', { policyId: `${vault}/backupPolicies/daily` });
  const differences = async (code: string, live: ReturnType<typeof policy>): Promise<string[]> =>
    (await compared(code, [live, web])).differences.map((one) => one.replace(/^.*\(live \/ declared\): /, ''));

  test('nothing, where both say the same', async () => {
    expect(await differences(files(), policy({}, {}))).toEqual([]);
  });
  test('when it runs', async () => {
    const late = { dailySchedule: { scheduleRunTimes: ['2026-01-01T01:30:00Z'] } };
    expect(await differences(files(), policy(late, {}))).toEqual(['schedule.times: 01:30 / 23:00.']);
  });
  test('but not across time zones', async () => {
    const late = policy(
      { dailySchedule: { scheduleRunTimes: ['2026-01-01T01:30:00Z'] } },
      {},
      { timeZone: 'Tokyo Standard Time' },
    );
    expect(await differences(files(), late)).toEqual([]);
    expect(await differences(files('timezone = var.zone'), late)).toEqual([]);
  });
  test('a tier that one side alone has', async () => {
    expect(await differences(files(), policy({}, weekly))).toEqual(['retention.weekly.count: 12 / -.']);
    const more = 'retention_weekly {\n    count    = 12\n    weekdays = ["Sunday"]\n  }';
    expect(await differences(files(more), policy({}, {}))).toEqual(['retention.weekly.count: - / 12.']);
    expect(await differences(files(more), policy({}, weekly))).toEqual([]);
  });
  test('but not one that may be there', async () => {
    const perhaps =
      'dynamic "retention_weekly" {\n    for_each = var.zone\n    content {\n      count    = 12\n      weekdays = ["Sunday"]\n    }\n  }';
    expect(await differences(files(perhaps), policy({}, weekly))).not.toContain('retention.weekly.count: 12 / -.');
    expect(await differences(files(perhaps), policy({}, {}))).not.toContain('retention.weekly.count: - / 12.');
  });
});
