/** What only one side has, and what stands in the way of a deployment: `audit --compare`. */
import { describe, expect, test } from 'vitest';
import { liveConfigurations } from '../../src/azure/configuration.ts';
import type { InventoryGap } from '../../src/azure/inventory.ts';
import { judgeLive, readModels } from '../../src/lint.ts';
import { Declared } from '../../src/model/declared.ts';
import type { Diagnostic } from '../../src/source/diagnostic.ts';
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

async function told(files: string, rows: readonly ReturnType<typeof item>[], gaps: readonly InventoryGap[] = []) {
  const io = memoryIo({ '/repo/main.tf': files });
  const options = await optionsIn(io);
  const declared = new Declared((await readModels(options, io)).models);
  const header = {
    version: 1,
    cloud: 'AzureCloud',
    scope: { subscriptions: [subscription] },
    readAt: '2026-03-01T06:00:00Z',
    deep: false,
  } as const;
  const log: Diagnostic[] = [];
  const configurations = liveConfigurations({ header, rows, gaps });
  const run = await judgeLive(configurations, options, io, '0.0.0', log, { declared });
  return run.diagnostics.map(
    ({ code, at }) => `${code} ${isSpan(at) ? at.source.position(at.start).line : at.resourceId}`,
  );
}

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
});
