/** What a plan does to backup: what existed is paired with what will exist, and what is deleted stands nowhere else. */
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/evaluate/value.ts';
import { entitiesIn, unknown, type View } from './views.ts';

const group = '/subscriptions/1/resourceGroups/rg/providers';
const vaultId = `${group}/Microsoft.RecoveryServices/vaults/rsv`;

type Json = Record<string, unknown>;

interface Change {
  readonly actions: readonly string[];
  readonly before?: Json | null;
  readonly after?: Json | null;
  readonly unknown?: Json;
  readonly more?: Json;
}

function change(address: string, { actions, before = null, after = null, unknown: marks = {}, more }: Change): Json {
  const [type, name] = address.split('.');
  const change = { actions, before, after, after_unknown: marks, before_sensitive: false, after_sensitive: {} };
  return { address, mode: 'managed', type, name, change, ...more };
}

function stateOf(resources: readonly Json[]): Json {
  return { format_version: '1.0', values: { root_module: { resources } } };
}

function plan(changes: readonly Json[], more: Json = { prior_state: stateOf([]) }): string {
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    resource_changes: changes,
    configuration: { provider_config: { azurerm: { name: 'azurerm', expressions: { features: [{}] } } } },
    ...more,
  });
}

/** Views of changes by address. */
async function changesIn(text: string): Promise<Record<string, View>> {
  const entities = (await entitiesIn('plan.json', text)).filter(({ subject }) => subject === 'change');
  return Object.fromEntries(entities.map(({ resource, view }) => [resource.address, encode(view)]));
}

const vault = (more: Json = {}): Json => ({
  id: vaultId,
  name: 'rsv',
  resource_group_name: 'rg',
  location: 'westeurope',
  storage_mode_type: 'GeoRedundant',
  immutability: 'Disabled',
  cross_region_restore_enabled: false,
  ...more,
});
const policy = (name: string, days: number): Json => ({
  id: `${vaultId}/backupPolicies/${name}`,
  name,
  resource_group_name: 'rg',
  recovery_vault_name: 'rsv',
  policy_type: 'V2',
  backup: [{ frequency: 'Daily', time: '23:00' }],
  retention_daily: [{ count: days }],
});
const item = (vm: string, name = 'daily', more: Json = {}): Json => ({
  id: `${vaultId}/backupFabrics/Azure/protectionContainers/c;${vm}/protectedItems/VM;c;rg;${vm}`,
  resource_group_name: 'rg',
  recovery_vault_name: 'rsv',
  source_vm_id: `${group}/Microsoft.Compute/virtualMachines/${vm}`,
  backup_policy_id: `${vaultId}/backupPolicies/${name}`,
  protection_state: 'Protected',
  ...more,
});
const kept = (address: string, values: Json): Json =>
  change(address, { actions: ['no-op'], before: values, after: values });
const gone = (address: string, values: Json, more?: Json): Json =>
  change(address, { actions: ['delete'], before: values, ...(more && { more }) });

const vaultAt = 'azurerm_recovery_services_vault.v';
const policyAt = 'azurerm_backup_policy_vm.p';
const itemAt = 'azurerm_backup_protected_vm.i';

describe('what happens', () => {
  it('tells nothing of what is new, stays or is only read', async () => {
    const text = plan([
      kept(vaultAt, vault()),
      change(policyAt, { actions: ['create'], after: policy('daily', 30) }),
      change('azurerm_storage_account.a', { actions: ['read'], before: { name: 'a' }, after: { name: 'a' } }),
    ]);
    expect(await changesIn(text)).toEqual({});
  });

  it('names deletions, replacements in both orders, and what only leaves the state', async () => {
    const both = { before: policy('p', 30), after: policy('p', 7) };
    const views = await changesIn(
      plan([
        gone(vaultAt, vault()),
        change('azurerm_backup_policy_vm.first', { actions: ['delete', 'create'], ...both }),
        change('azurerm_backup_policy_vm.last', { actions: ['create', 'delete'], ...both }),
        change('azurerm_backup_policy_vm.left', { actions: ['forget'], before: policy('q', 30) }),
        change('azurerm_backup_policy_vm.apart', { actions: ['create', 'forget'], ...both }),
        change('azurerm_backup_policy_vm.edited', { actions: ['update'], ...both }),
      ]),
    );
    expect(Object.entries(views).map(([address, { what, action }]) => `${address} ${what} ${action}`)).toEqual([
      `${vaultAt} vault delete`,
      'azurerm_backup_policy_vm.first policy replace',
      'azurerm_backup_policy_vm.last policy replace',
      'azurerm_backup_policy_vm.left policy forget',
      'azurerm_backup_policy_vm.apart policy forget',
      'azurerm_backup_policy_vm.edited policy update',
    ]);
    expect(views[vaultAt].after).toBeUndefined();
    expect(views['azurerm_backup_policy_vm.edited'].before.retention.daily.count).toBe(30);
    expect(views['azurerm_backup_policy_vm.edited'].after.retention.daily.count).toBe(7);
  });

  it('does not know what is deferred, nor objects that wait to be deleted', async () => {
    const later = { reason: 'provider_config_unknown', resource_change: gone(itemAt, item('vm')) };
    const text = plan([gone(policyAt, policy('daily', 30), { deposed: '00000000' })], {
      prior_state: stateOf([]),
      deferred_changes: [later],
    });
    const views = await changesIn(text);
    expect(Object.keys(views)).toEqual([itemAt]);
    expect(views[itemAt].action).toEqual(unknown);
  });

  it('keeps what is deleted out of the rest of the model', async () => {
    const entities = await entitiesIn('plan.json', plan([kept(vaultAt, vault()), gone(itemAt, item('vm'))]));
    expect(entities.filter(({ subject }) => subject === 'protected-item')).toEqual([]);
    const [left] = entities.filter(({ subject }) => subject === 'vault').map(({ view }) => encode(view) as View);
    expect(left.items.all).toBe(0);
  });

  it('leaves in Azure what azapi only asked for', async () => {
    const body = (state: string): Json => ({
      type: 'Microsoft.RecoveryServices/vaults@2024-04-01',
      resource_id: vaultId,
      body: { properties: { securitySettings: { immutabilitySettings: { state } } } },
    });
    const patch = 'azapi_update_resource.lock';
    const views = await changesIn(plan([kept(vaultAt, vault({ immutability: null })), gone(patch, body('Locked'))]));
    expect(views[vaultAt].action).toBe('none');
    expect(views[vaultAt].before.immutability).toBe('Locked');
    // azurerm writes it, so that much is known; what nobody writes may be as the patch left it.
    expect(views[vaultAt].after.immutability).toEqual(unknown);
    expect(views[vaultAt].after.redundancy).toBe('GeoRedundant');
  });
});

describe('what is joined', () => {
  it('finds what a vault holds by its id, also in a plan with targets', async () => {
    const text = plan([gone(vaultAt, vault())], {
      prior_state: stateOf([
        { address: itemAt, mode: 'managed', type: itemAt.split('.')[0], name: 'i', values: item('vm') },
      ]),
    });
    expect((await changesIn(text))[vaultAt]).toMatchObject({ contents: [itemAt], listed: itemAt });
  });

  it('counts a moved resource once', async () => {
    const address = 'azurerm_backup_protected_vm.old';
    const text = plan([gone(vaultAt, vault()), { ...kept(itemAt, item('vm')), previous_address: address }], {
      prior_state: stateOf([{ address, mode: 'managed', type: itemAt.split('.')[0], name: 'old', values: item('vm') }]),
    });
    expect((await changesIn(text))[vaultAt].contents).toEqual([itemAt]);
  });

  it('cannot say that a vault is empty without a prior state, or where a template may have filled it', async () => {
    const deployment = kept('azurerm_resource_group_template_deployment.d', { name: 'd', template_content: '{}' });
    const others = [plan([gone(vaultAt, vault())], {}), plan([gone(vaultAt, vault()), deployment])];
    expect((await changesIn(plan([gone(vaultAt, vault())])))[vaultAt].contents).toEqual([]);
    for (const text of others) expect((await changesIn(text))[vaultAt].contents).toEqual([unknown]);
  });

  it('counts as users of a policy what stays bound to it', async () => {
    const views = await changesIn(
      plan([
        change(policyAt, { actions: ['update'], before: policy('daily', 30), after: policy('daily', 7) }),
        kept('azurerm_backup_protected_vm.kept', item('kept')),
        change('azurerm_backup_protected_vm.edited', {
          actions: ['update'],
          before: item('edited'),
          after: item('edited', 'daily', { exclude_disk_luns: [1] }),
        }),
        change('azurerm_backup_protected_vm.moved', {
          actions: ['update'],
          before: item('moved'),
          after: item('moved', 'other'),
        }),
        change('azurerm_backup_protected_vm.left', { actions: ['forget'], before: item('left') }),
        gone('azurerm_backup_protected_vm.gone', item('gone')),
        kept('azurerm_backup_protected_vm.elsewhere', item('elsewhere', 'other')),
      ]),
    );
    expect(views[policyAt].users).toEqual(
      ['kept', 'edited', 'left'].map((name) => `azurerm_backup_protected_vm.${name}`),
    );
    expect(views[policyAt].tiers).toMatchObject([
      { name: 'daily', unit: 'days', before: 30, after: 7, removed: false, shorter: true },
    ]);
  });

  it('does not know whether a stopped item minds', async () => {
    const stopped = item('vm', 'daily', { protection_state: 'ProtectionStopped' });
    const text = plan([gone(policyAt, policy('daily', 30)), kept(itemAt, stopped)]);
    expect((await changesIn(text))[policyAt].users).toEqual([unknown]);
  });

  it('knows the immutability of the vault only where both sides agree', async () => {
    const shorter = change(policyAt, { actions: ['update'], before: policy('daily', 30), after: policy('daily', 7) });
    const immutable = async (one: Json): Promise<boolean> =>
      (await changesIn(plan([one, shorter])))[policyAt].immutable;
    const states = (before: string, after: string): Json =>
      change(vaultAt, {
        actions: ['update'],
        before: vault({ immutability: before }),
        after: vault({ immutability: after }),
      });
    expect(await immutable(kept(vaultAt, vault({ immutability: 'Locked' })))).toBe(true);
    expect(await immutable(kept(vaultAt, vault()))).toBe(false);
    expect(await immutable(states('Unlocked', 'Locked'))).toBe(true);
    expect(await immutable(states('Unlocked', 'Disabled'))).toBe(false);
  });
});
