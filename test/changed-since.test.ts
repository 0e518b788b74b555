/** `--changed-since REF`, on real repositories: what counts, and what the change itself does. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { nodeIo } from '../src/io.ts';
import { main } from '../src/main.ts';
import { MemoryOutput } from './memory.ts';

type Files = Readonly<Record<string, string | null>>;

interface Place {
  readonly file: string;
  readonly startLine: number;
}

interface Report {
  readonly summary: { readonly complete: boolean; readonly undetermined: number };
  readonly findings: readonly {
    readonly code: string;
    readonly message: string;
    readonly resource: { readonly address: string };
    readonly location: Place;
    readonly related: readonly { readonly message: string; readonly location: Place }[];
  }[];
  readonly undetermined: readonly { readonly code: string; readonly because: string; readonly location: Place }[];
  readonly diagnostics: readonly { readonly code: string; readonly message: string; readonly location: Place }[];
}

const io = nodeIo();
const room = realpathSync(mkdtempSync(join(tmpdir(), 'changed-since-')));
afterAll(() => rmSync(room, { recursive: true, force: true }));
let count = 0;

class Repository {
  readonly root = join(room, String(++count));

  constructor(files: Files) {
    mkdirSync(this.root);
    this.git('init', '-q', '-b', 'main');
    this.write(files);
    this.commit();
  }

  /** null: the file goes. */
  write(files: Files): this {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.root, name);
      if (text === null) rmSync(path);
      else {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
    return this;
  }

  commit(): this {
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', 'one');
    return this;
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
      cwd: this.root,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  async run(args: readonly string[], { folder = '', stdin = '' } = {}) {
    const [out, err] = [new MemoryOutput(), new MemoryOutput()];
    const code = await main(['lint', ...args], '1.2.3', {
      ...io,
      cwd: join(this.root, folder),
      out,
      err,
      stdin: async () => new TextEncoder().encode(stdin),
      locale: 'en',
    });
    return { code, out: out.text, err: err.text };
  }

  async report(args: readonly string[] = [], options?: { folder?: string; stdin?: string }): Promise<Report> {
    const { out, err, code } = await this.run(
      ['--changed-since', 'HEAD', '--show-undetermined', '-f', 'json', ...args],
      options,
    );
    if (out === '') throw new Error(`exit ${code}: ${err}`);
    return JSON.parse(out) as Report;
  }
}

const vault = `resource "azurerm_recovery_services_vault" "main" {
  name                = "rsv"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  sku                 = "Standard"
  storage_mode_type   = "GeoRedundant"
  soft_delete_enabled = true
  immutability        = "Disabled"
}
`;
const policy = `resource "azurerm_backup_policy_vm" "daily" {
  name                = "daily"
  resource_group_name = "rg-backup"
  recovery_vault_name = azurerm_recovery_services_vault.main.name
  policy_type         = "V2"

  backup {
    frequency = "Daily"
    time      = "23:00"
  }

  retention_daily {
    count = 30
  }
}
`;
const item = `resource "azurerm_backup_protected_vm" "app" {
  resource_group_name = "rg-backup"
  recovery_vault_name = azurerm_recovery_services_vault.main.name
  source_vm_id        = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/app"
  backup_policy_id    = azurerm_backup_policy_vm.daily.id
}
`;

const bicep = `resource vault 'Microsoft.RecoveryServices/vaults@2024-04-01' = {
  name: 'rsv'
  location: 'westeurope'
  sku: { name: 'RS0', tier: 'Standard' }
  properties: {
    publicNetworkAccess: 'Enabled'
    redundancySettings: { standardTierStorageRedundancy: 'GeoRedundant', crossRegionRestore: 'Disabled' }
    securitySettings: {
      softDeleteSettings: { softDeleteState: 'Enabled', softDeleteRetentionPeriodInDays: 30 }
      immutabilitySettings: { state: 'Disabled' }
    }
  }
}

resource daily 'Microsoft.RecoveryServices/vaults/backupPolicies@2024-04-01' = {
  parent: vault
  name: 'daily'
  properties: {
    backupManagementType: 'AzureIaasVM'
    policyType: 'V2'
    timeZone: 'UTC'
    instantRpRetentionRangeInDays: 5
    schedulePolicy: {
      schedulePolicyType: 'SimpleSchedulePolicyV2'
      scheduleRunFrequency: 'Daily'
      dailySchedule: { scheduleRunTimes: ['2026-01-01T23:00:00Z'] }
    }
    retentionPolicy: {
      retentionPolicyType: 'LongTermRetentionPolicy'
      dailySchedule: {
        retentionTimes: ['2026-01-01T23:00:00Z']
        retentionDuration: { count: 30, durationType: 'Days' }
      }
    }
  }
}

resource item 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems@2024-04-01' = {
  name: 'rsv/Azure/iaasvmcontainer;iaasvmcontainerv2;rg-app;app/vm;iaasvmcontainerv2;rg-app;app'
  location: 'westeurope'
  properties: {
    protectedItemType: 'Microsoft.Compute/virtualMachines'
    policyId: daily.id
    sourceResourceId: resourceId('rg-app', 'Microsoft.Compute/virtualMachines', 'app')
  }
}
`;

/** Replaces what stands there once. */
function edit(text: string, from: string | RegExp, to: string): string {
  const edited = text.replace(from, () => to);
  if (edited === text) throw new Error(`${from} is not there`);
  return edited;
}

/** Each finding about the change with the line that it stands on: `code file: line`, `(HEAD)` where that is one of before. */
function changes(repository: Repository, { findings }: Report): string[] {
  return findings
    .filter(({ code }) => code.startsWith('change-'))
    .map(({ code, location: { file, startLine }, related }) => {
      const isPast = related.some(({ message }) => message.startsWith('this is the line in HEAD'));
      const text = isPast ? repository.git('show', `HEAD:${file}`) : readFileSync(join(repository.root, file), 'utf8');
      const line = text.split('\n')[startLine - 1]!.trim();
      return `${code} ${file}${isPast ? ' (HEAD)' : ''}: ${line}`;
    });
}

async function changed(before: Files, after: Files, args: readonly string[] = []): Promise<string[]> {
  const repository = new Repository(before).write(after);
  return changes(repository, await repository.report(args));
}

const provider = `provider "azurerm" {
  features {}
}
`;
const blobs = `resource "azurerm_data_protection_backup_vault" "main" {
  name                = "bv"
  resource_group_name = "rg-backup"
  location            = "westeurope"
  datastore_type      = "VaultStore"
  redundancy          = "LocallyRedundant"
}

resource "azurerm_data_protection_backup_policy_blob_storage" "blobs" {
  name                                   = "blobs"
  vault_id                               = azurerm_data_protection_backup_vault.main.id
  operational_default_retention_duration = "P30D"
}

resource "azurerm_storage_account" "data" {
  name                     = "stdata"
  resource_group_name      = "rg-app"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}

resource "azurerm_data_protection_backup_instance_blob_storage" "data" {
  name               = "data"
  location           = "westeurope"
  vault_id           = azurerm_data_protection_backup_vault.main.id
  storage_account_id = azurerm_storage_account.data.id
  backup_policy_id   = azurerm_data_protection_backup_policy_blob_storage.blobs.id
}
`;
const diskPolicy = `resource vault 'Microsoft.DataProtection/backupVaults@2024-04-01' = {
  name: 'bv'
  location: 'westeurope'
  identity: { type: 'SystemAssigned' }
  properties: {
    storageSettings: [{ datastoreType: 'VaultStore', type: 'GeoRedundant' }]
    securitySettings: { softDeleteSettings: { state: 'On', retentionDurationInDays: 30 } }
  }
}

resource disks 'Microsoft.DataProtection/backupVaults/backupPolicies@2024-04-01' = {
  parent: vault
  name: 'disks'
  properties: {
    objectType: 'BackupPolicy'
    datasourceTypes: ['Microsoft.Compute/disks']
    policyRules: [
      {
        objectType: 'AzureBackupRule'
        name: 'BackupDaily'
        backupParameters: { objectType: 'AzureBackupParams', backupType: 'Incremental' }
        dataStore: { objectType: 'DataStoreInfoBase', dataStoreType: 'OperationalStore' }
        trigger: {
          objectType: 'ScheduleBasedTriggerContext'
          schedule: { repeatingTimeIntervals: ['R/2026-01-01T22:00:00+00:00/P1D'], timeZone: 'UTC' }
          taggingCriteria: [{ isDefault: true, taggingPriority: 99, tagInfo: { tagName: 'Default' } }]
        }
      }
      {
        objectType: 'AzureRetentionRule'
        name: 'Default'
        isDefault: true
        lifecycles: [
          {
            deleteAfter: { objectType: 'AbsoluteDeleteOption', duration: 'P30D' }
            sourceDataStore: { objectType: 'DataStoreInfoBase', dataStoreType: 'OperationalStore' }
            targetDataStoreCopySettings: []
          }
        ]
      }
    ]
  }
}
`;

const whole = provider + vault + policy + item;
/** The first part of each is what is replaced in the file, then what replaces it. */
type Edit = readonly [from: string | RegExp, to: string];
type Scenario = readonly [name: string, file: string, before: string, edit: Edit, expected: readonly string[]];

const oldPolicy = policy.replace('"daily" {', '"old" {').replace('= "daily"', '= "old"').replace('"V2"', '"V1"');
const storage = /resource "azurerm_storage_account"[^}]*}\n/;
const storageId =
  '"/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-app/providers/Microsoft.Storage/storageAccounts/stdata"';
const inSubscription = provider.replace('{', '{\n  subscription_id = "11111111-1111-1111-1111-111111111111"');
const template = JSON.stringify(
  {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    resources: [
      {
        type: 'Microsoft.DataProtection/backupVaults',
        apiVersion: '2024-04-01',
        name: 'bv',
        location: 'westeurope',
        properties: {
          storageSettings: [{ datastoreType: 'VaultStore', type: 'ZoneRedundant' }],
          securitySettings: {
            softDeleteSettings: { state: 'On', retentionDurationInDays: 30 },
            immutabilitySettings: { state: 'Unlocked' },
          },
        },
      },
    ],
  },
  null,
  2,
);

const dangers: readonly Scenario[] = [
  ['retention', 'main.tf', whole, ['= 30', '= 7'], ['change-shortens-retention main.tf: count = 7']],
  [
    'retention in an immutable vault',
    'main.tf',
    whole.replace('"Disabled"', '"Unlocked"'),
    ['= 30', '= 7'],
    ['change-shortens-retention-on-immutable-vault main.tf: count = 7'],
  ],
  [
    'a vault goes and its contents stay',
    'main.tf',
    (vault + policy + item).replaceAll('azurerm_recovery_services_vault.main.name', '"rsv"'),
    [vault, ''],
    ['change-deletes-vault main.tf (HEAD): resource "azurerm_recovery_services_vault" "main" {'],
  ],
  [
    'another name replaces a vault and what lies in it',
    'main.tf',
    whole,
    ['= "rsv"', '= "rsv2"'],
    [
      'change-deletes-vault main.tf: resource "azurerm_recovery_services_vault" "main" {',
      'change-deletes-protected-item main.tf: resource "azurerm_backup_protected_vm" "app" {',
    ],
  ],
  [
    'another name replaces a policy',
    'main.tf',
    whole,
    ['= "daily"', '= "nightly"'],
    ['change-deletes-policy-in-use main.tf: resource "azurerm_backup_policy_vm" "daily" {'],
  ],
  [
    'an item goes',
    'main.tf',
    whole,
    [item, ''],
    ['change-deletes-protected-item main.tf (HEAD): resource "azurerm_backup_protected_vm" "app" {'],
  ],
  [
    'an item goes and its recovery points are kept',
    'main.tf',
    whole.replace(
      'features {',
      'features {\n    recovery_service {\n      vm_backup_stop_protection_and_retain_data_on_destroy = true\n    }\n',
    ),
    [item, ''],
    ['change-stops-protection main.tf (HEAD): resource "azurerm_backup_protected_vm" "app" {'],
  ],
  [
    'protection stops',
    'main.tf',
    whole,
    ['  backup_policy_id', '  protection_state    = "ProtectionStopped"\n  backup_policy_id'],
    ['change-stops-protection main.tf: protection_state    = "ProtectionStopped"'],
  ],
  [
    'a policy that cannot take the item back',
    'main.tf',
    whole + oldPolicy,
    ['azurerm_backup_policy_vm.daily.id', 'azurerm_backup_policy_vm.old.id'],
    ['change-vm-needs-enhanced-policy main.tf: backup_policy_id    = azurerm_backup_policy_vm.old.id'],
  ],
  [
    'soft delete',
    'main.tf',
    whole,
    ['= true', '= false'],
    ['change-weakens-vault-security main.tf: soft_delete_enabled = false'],
  ],
  [
    'a lock that cannot be opened',
    'main.tf',
    whole,
    ['"Disabled"', '"Locked"'],
    ['change-introduces-irreversible-setting main.tf: immutability        = "Locked"'],
  ],
  [
    'a lock that is opened',
    'main.tf',
    whole.replace('"Disabled"', '"Locked"'),
    ['"Locked"', '"Disabled"'],
    [
      'change-deletes-vault main.tf: resource "azurerm_recovery_services_vault" "main" {',
      'change-undoes-one-way-setting main.tf: immutability        = "Disabled"',
    ],
  ],
  [
    'redundancy of a vault in use',
    'main.tf',
    whole,
    ['"GeoRedundant"', '"LocallyRedundant"'],
    ['change-needs-empty-vault main.tf: storage_mode_type   = "LocallyRedundant"'],
  ],
  [
    'a policy that every change replaces',
    'main.tf',
    blobs,
    ['P30D', 'P7D'],
    [
      'change-replaces-backup-vault-policy main.tf: resource "azurerm_data_protection_backup_policy_blob_storage" "blobs" {',
    ],
  ],
  [
    'a storage account that holds its own recovery points',
    'main.tf',
    inSubscription + blobs.replace('azurerm_storage_account.data.id', storageId),
    [storage, ''],
    ['change-deletes-protected-storage-account main.tf (HEAD): resource "azurerm_storage_account" "data" {'],
  ],
  [
    'retention',
    'main.bicep',
    bicep,
    ['count: 30', 'count: 7'],
    ["change-shortens-retention main.bicep: retentionDuration: { count: 7, durationType: 'Days' }"],
  ],
  [
    'soft delete',
    'main.bicep',
    bicep,
    ["softDeleteState: 'Enabled'", "softDeleteState: 'Disabled'"],
    [
      "change-weakens-vault-security main.bicep: softDeleteSettings: { softDeleteState: 'Disabled', softDeleteRetentionPeriodInDays: 30 }",
    ],
  ],
  [
    'a lock that cannot be opened',
    'main.bicep',
    bicep,
    ["state: 'Disabled'", "state: 'Locked'"],
    ["change-introduces-irreversible-setting main.bicep: immutabilitySettings: { state: 'Locked' }"],
  ],
  [
    'redundancy of a vault in use',
    'main.bicep',
    bicep,
    ["'GeoRedundant'", "'LocallyRedundant'"],
    [
      "change-needs-empty-vault main.bicep: redundancySettings: { standardTierStorageRedundancy: 'LocallyRedundant', crossRegionRestore: 'Disabled' }",
    ],
  ],
  [
    'protection stops',
    'main.bicep',
    bicep,
    ['    policyId', "    protectionState: 'ProtectionStopped'\n    policyId"],
    ["change-stops-protection main.bicep: protectionState: 'ProtectionStopped'"],
  ],
  [
    'a policy that the service does not edit',
    'main.bicep',
    diskPolicy,
    ['P30D', 'P7D'],
    [
      "change-replaces-backup-vault-policy main.bicep: resource disks 'Microsoft.DataProtection/backupVaults/backupPolicies@2024-04-01' = {",
    ],
  ],
  [
    'a lock that is opened',
    'azuredeploy.json',
    template.replace('Unlocked', 'Locked'),
    ['"Locked"', '"Unlocked"'],
    ['change-undoes-one-way-setting azuredeploy.json: "state": "Unlocked"'],
  ],
  [
    'immutability',
    'azuredeploy.json',
    template,
    ['"Unlocked"', '"Disabled"'],
    ['change-weakens-vault-security azuredeploy.json: "state": "Disabled"'],
  ],
];

describe('what the change does', () => {
  test.each(dangers)('%s, in %s', async (_name, file, before, [from, to], expected) => {
    expect(await changed({ [file]: before }, { [file]: edit(before, from, to) })).toEqual(expected);
  });

  test('a new address without a moved block is another resource', async () => {
    const after = whole.replaceAll('"app"', '"web"');
    expect(await changed({ 'main.tf': whole }, { 'main.tf': after })).toEqual([
      'change-deletes-protected-item main.tf (HEAD): resource "azurerm_backup_protected_vm" "app" {',
    ]);
  });

  test('the other way round nothing is lost', async () => {
    const safe = ['retention', 'soft delete', 'immutability', 'protection stops'];
    for (const [name, file, before, [from, to]] of dangers)
      if (safe.includes(name))
        expect(await changed({ [file]: edit(before, from, to) }, { [file]: before })).toEqual([]);
  });
});

const alike: readonly (readonly [name: string, before: Files, after: Files])[] = [
  [
    'a comment and white space',
    { 'main.tf': whole, 'main.bicep': bicep },
    {
      'main.tf': `# said\n\n${whole.replaceAll('  ', '    ')}`,
      'main.bicep': `// said\n${bicep.replaceAll('  ', '   ')}`,
    },
  ],
  [
    'a new address with a moved block',
    { 'main.tf': whole },
    {
      'main.tf': `${whole.replaceAll(/(azurerm_backup_protected_vm" ")app/g, '$1web')}
moved {
  from = azurerm_backup_protected_vm.app
  to   = azurerm_backup_protected_vm.web
}
`,
    },
  ],
  [
    'into a module, with a moved block',
    { 'main.tf': whole },
    {
      'main.tf': `${provider + vault + policy}
module "items" {
  source = "./items"
  policy = azurerm_backup_policy_vm.daily.id
}

moved {
  from = azurerm_backup_protected_vm.app
  to   = module.items.azurerm_backup_protected_vm.app
}
`,
      'items/main.tf': `variable "policy" {}\n${item
        .replace('azurerm_recovery_services_vault.main.name', '"rsv"')
        .replace('azurerm_backup_policy_vm.daily.id', 'var.policy')}`,
    },
  ],
  [
    'a module with another name, with a moved block',
    { 'main.tf': 'module "a" {\n  source = "./m"\n}\n', 'm/main.tf': whole },
    {
      'main.tf': 'module "b" {\n  source = "./m"\n}\nmoved {\n  from = module.a\n  to   = module.b\n}\n',
    },
  ],
  ['count = 1', { 'main.tf': whole }, { 'main.tf': edit(whole, '"app" {', '"app" {\n  count = 1') }],
  [
    'given up, and left in Azure',
    { 'main.tf': whole },
    {
      'main.tf': `${provider + vault + policy}
removed {
  from = azurerm_backup_protected_vm.app
  lifecycle {
    destroy = false
  }
}
`,
    },
  ],
  [
    'a value that becomes a variable with the same default',
    { 'main.tf': whole },
    { 'main.tf': `${edit(whole, '= 30', '= var.days')}variable "days" {\n  default = 30\n}\n` },
  ],
  [
    'a number that is not known any longer',
    { 'main.tf': whole },
    { 'main.tf': `${edit(whole, '= 30', '= var.days')}variable "days" {}\n` },
  ],
  [
    'an unknown number of instances',
    { 'main.tf': whole },
    { 'main.tf': `${edit(whole, '"app" {', '"app" {\n  count = var.many')}variable "many" {}\n` },
  ],
  [
    'a module that can no longer be read',
    { 'main.tf': `${provider}module "backup" {\n  source = "./backup"\n}\n`, 'backup/main.tf': vault + policy + item },
    { 'main.tf': `${provider}module "backup" {\n  source = "example.com/private/backup/azurerm"\n}\n` },
  ],
  [
    'moved into a module that cannot be read',
    { 'main.tf': whole },
    {
      'main.tf': `${provider + vault + policy}
module "items" {
  source = "example.com/private/items/azurerm"
}

moved {
  from = azurerm_backup_protected_vm.app
  to   = module.items.azurerm_backup_protected_vm.app
}
`,
    },
  ],
  [
    'a syntax error that swallows a resource',
    { 'vault.tf': provider + vault, 'main.tf': policy + item },
    { 'main.tf': `${policy}\nlocals { x = [ }\n` },
  ],
  [
    'ignored changes',
    {
      'main.tf': edit(
        whole,
        'time      = "23:00"\n  }',
        'time      = "23:00"\n  }\n  lifecycle {\n    ignore_changes = [retention_daily]\n  }',
      ),
    },
    {
      'main.tf': edit(
        edit(
          whole,
          'time      = "23:00"\n  }',
          'time      = "23:00"\n  }\n  lifecycle {\n    ignore_changes = [retention_daily]\n  }',
        ),
        '= 30',
        '= 7',
      ),
    },
  ],
  ['a file with another name', { 'main.tf': whole }, { 'main.tf': null, 'backup.tf': whole }],
  ['a folder with another name', { 'a/main.tf': whole }, { 'a/main.tf': null, 'b/main.tf': whole }],
  ['another symbol', { 'main.bicep': bicep }, { 'main.bicep': bicep.replaceAll(/\bdaily\b(?=\.id| ')/g, 'policy') }],
  [
    'no longer in the template, which a deployment leaves',
    { 'main.bicep': bicep },
    { 'main.bicep': bicep.slice(0, bicep.indexOf('resource item')) },
  ],
  [
    'declared elsewhere from now on',
    { 'main.bicep': bicep },
    {
      'main.bicep': edit(
        bicep,
        /resource vault[\s\S]*?\n}\n/,
        "resource vault 'Microsoft.RecoveryServices/vaults@2024-04-01' existing = {\n  name: 'rsv'\n}\n",
      ),
    },
  ],
  ['a Bicep file with another name', { 'main.bicep': bicep }, { 'main.bicep': null, 'backup.bicep': bicep }],
];

describe('what looks like a loss and is none', () => {
  test.each(alike)('%s', async (_name, before, after) => {
    expect(await changed(before, after)).toEqual([]);
  });
});

test('a comment leaves nothing open, whatever is not known', async () => {
  const many = `${whole.replace('"app" {', '"app" {\n  count = var.many').replace('= 30', '= var.days')}
variable "many" {}
variable "days" {}
`;
  const repository = new Repository({
    'main.tf': many,
    'main.bicep': `param many int\n${bicep.replace("2024-04-01' = {\n  name: 'rsv/", "2024-04-01' = [for i in range(0, many): {\n  name: 'rsv/").replace(/}\n$/, '}]\n')}`,
  });
  const before = await repository.report(['--changed-since', 'HEAD', '.']);
  expect(before.diagnostics).toEqual([]);
  repository.write({ 'main.tf': `# x\n${many}`, 'extra.bicep': '// nothing\n' });
  repository.write({ 'main.bicep': `// x\n${readFileSync(join(repository.root, 'main.bicep'), 'utf8')}` });
  const { findings, undetermined } = await repository.report();
  expect([...findings, ...undetermined].filter(({ code }) => code.startsWith('change-'))).toEqual([]);
  expect(undetermined.length).toBeGreaterThan(0);
});

test.each([
  [100, []],
  [101, ['change-deletes-protected-item']],
])('%i moved blocks, one behind the other: what is not followed stays open', async (blocks, open) => {
  const moved = (i: number): string =>
    `moved {\n  from = azurerm_backup_protected_vm.app${i || ''}\n  to   = azurerm_backup_protected_vm.app${i + 1}\n}\n`;
  const chain = Array.from({ length: blocks }, (_, i) => moved(i)).join('');
  const repository = new Repository({ 'main.tf': whole }).write({
    'main.tf': edit(whole, '"app" {', `"app${blocks}" {`) + chain,
  });
  const report = await repository.report();
  expect(changes(repository, report)).toEqual([]);
  expect(report.undetermined.map(({ code }) => code).filter((code) => code.startsWith('change-'))).toEqual(open);
});

test('what a change does elsewhere names the file that was changed', async () => {
  const repository = new Repository({ 'vault.tf': provider + vault, 'policy.tf': policy, 'item.tf': item });
  const { findings } = await repository.write({ 'vault.tf': edit(provider + vault, '"rsv"', '"other"') }).report();
  const lost = findings.find(({ code }) => code === 'change-deletes-protected-item');
  expect(lost?.location.file).toBe('item.tf');
  expect(lost?.related).toContainEqual({
    message: 'changed since HEAD',
    location: expect.objectContaining({ file: 'vault.tf' }),
  });
});

test('a change in a file that moves is still seen, with the place of before', async () => {
  const repository = new Repository({ 'old name.tf': provider + vault + policy, 'main.tf': item });
  repository.write({
    'old name.tf': null,
    'backup/vault.tf': '',
    'new ü.tf': edit(provider + vault + policy, '= 30', '= 7'),
  });
  const report = await repository.report();
  expect(changes(repository, report)).toEqual(['change-shortens-retention new ü.tf: count = 7']);
});

test('a value that is changed in another file of the configuration', async () => {
  const repository = new Repository({
    'main.tf': `${edit(whole, '= 30', '= var.days')}variable "days" {\n  type = number\n}\n`,
    'terraform.tfvars': 'days = 30\n',
  }).write({ 'terraform.tfvars': 'days = 7\n' });
  expect(changes(repository, await repository.report())).toEqual([
    'change-shortens-retention terraform.tfvars: days = 7',
  ]);
});

test('two configurations that share a module are compared one by one', async () => {
  const call = (days: number): string => `module "m" {\n  source = "../m"\n  days   = ${days}\n}\n`;
  const module = `${edit(whole.replace(provider, ''), '= 30', '= var.days')}variable "days" {\n  type = number\n}\n`;
  const repository = new Repository({ 'a/main.tf': call(30), 'b/main.tf': call(7), 'm/main.tf': module });
  repository.write({ 'a/main.tf': call(7), 'b/main.tf': call(7) });
  expect(changes(repository, await repository.report())).toEqual(['change-shortens-retention a/main.tf: days   = 7']);
});

// What counts

/** A finding at its third line in every file. */
const off = (name: string): string =>
  vault.replace('"main"', `"${name}"`).replace('"rsv"', `"rsv-${name}"`).replace('= true', '= false');
const offIn = ({ findings }: Report): string[] =>
  findings.filter(({ code }) => code === 'vault-soft-delete-off').map(({ location }) => location.file);

describe('what counts', () => {
  test('changed, staged, new, ignored by nobody, renamed; what is the same does not', async () => {
    const names = ['same', 'edited', 'staged', 'moved'];
    const repository = new Repository({
      ...Object.fromEntries(names.map((name) => [`${name}/main.tf`, off(name)])),
      '.gitignore': 'out/\n',
    });
    repository.write({ 'staged/main.tf': `${off('staged')}# x\n`, 'new/main.tf': off('new') });
    repository.git('add', '-A');
    repository.write({
      'edited/main.tf': `${off('edited')}# x\n`,
      'moved/main.tf': null,
      'moved/other.tf': off('moved'),
      'untracked – ü/a b.tf': off('untracked'),
    });
    expect(offIn(await repository.report())).toEqual([
      'edited/main.tf',
      'moved/other.tf',
      'new/main.tf',
      'staged/main.tf',
      'untracked – ü/a b.tf',
    ]);
    expect(offIn(await repository.report(['edited', 'same']))).toEqual(['edited/main.tf']);
    repository.commit();
    expect(offIn(await repository.report())).toEqual([]);
    expect(offIn(await repository.report(['--changed-since', 'HEAD~1']))).toHaveLength(5);
  });

  test('seen from a folder inside, and from outside', async () => {
    const repository = new Repository({ 'a/main.tf': off('a'), 'b/main.tf': off('b') });
    repository.write({ 'a/main.tf': `${off('a')}# x\n`, 'b/main.tf': `${off('b')}# x\n` });
    expect(offIn(await repository.report([], { folder: 'a' }))).toEqual(['a/main.tf']);
    const name = repository.root.slice(room.length + 1);
    expect(offIn(await repository.report([name], { folder: '..' }))).toEqual([
      `${name}/a/main.tf`,
      `${name}/b/main.tf`,
    ]);
  });

  test('a related place is enough', async () => {
    const repository = new Repository({
      'main.tf': `module "m" {\n  source = "./m"\n  on     = false\n}\n`,
      'm/main.tf': `variable "on" {}\n${edit(vault, '= true', '= var.on')}`,
    });
    repository.write({ 'm/main.tf': `variable "on" {}\n\n${edit(vault, '= true', '= var.on')}` });
    const [finding] = (await repository.report(['--only', 'vault-soft-delete-off'])).findings;
    expect(finding?.location.file).toBe('main.tf');
    expect(finding?.related.map(({ location }) => location.file)).toContain('m/main.tf');
  });

  test('what could not be told counts in the same files, and broken files always', async () => {
    const open = (name: string): string => `${off(name).replace('= false', '= var.on')}variable "on" {}\n`;
    const repository = new Repository({
      'a/main.tf': open('a'),
      'b/main.tf': open('b'),
      'c/main.tf': 'resource "x" {',
    }).write({ 'b/main.tf': `${open('b')}# x\n` });
    const { undetermined, diagnostics, summary } = await repository.report(['--only', 'vault-soft-delete-off']);
    expect(undetermined.map(({ location }) => location.file)).toEqual(['b/main.tf']);
    expect(summary.undetermined).toBe(1);
    expect(diagnostics.map(({ location }) => location.file)).toContain('c/main.tf');
    expect(summary.complete).toBe(false);
  });

  test('what comes through standard input, where it is not what was there', async () => {
    const repository = new Repository({ 'main.tf': off('a') });
    const args = ['--stdin', '--stdin-filename', 'main.tf'];
    expect(offIn(await repository.report(args, { stdin: off('a') }))).toEqual([]);
    expect(offIn(await repository.report(args, { stdin: `${off('a')}# x\n` }))).toEqual(['main.tf']);
    const safe = new Repository({ 'main.tf': whole });
    expect(changes(safe.write({}), await safe.report(args, { stdin: edit(whole, '= 30', '= 7') }))).toHaveLength(1);
  });

  test('a hidden change stays hidden, and the comment must stand in what is there now', async () => {
    const hint = '# azure-backup-lint: ignore change-shortens-retention reason="agreed"\n    ';
    const repository = new Repository({ 'main.tf': whole }).write({
      'main.tf': edit(whole, 'count = 30', `${hint}count = 7`),
    });
    const { out } = await repository.run(['--changed-since', 'HEAD', '-f', 'json']);
    expect(JSON.parse(out)).toMatchObject({ findings: [{ suppressed: { reason: 'agreed' } }] });
    const gone = new Repository({
      'main.tf': edit(whole, item, `# azure-backup-lint: ignore change-deletes-protected-item reason="x"\n${item}`),
    });
    const report = await gone.write({ 'main.tf': provider + vault + policy }).report();
    expect(report.findings).toMatchObject([{ code: 'change-deletes-protected-item' }]);
    expect(report.findings[0]).not.toHaveProperty('suppressed');
  });

  test('a branch is compared with where it left the other one', async () => {
    const repository = new Repository({ 'a.tf': off('a'), 'b.tf': off('b') });
    repository.git('switch', '-q', '-c', 'topic');
    repository.write({ 'a.tf': `${off('a')}# x\n` }).commit();
    repository.git('switch', '-q', 'main');
    repository.write({ 'b.tf': `${off('b')}# x\n` }).commit();
    repository.git('switch', '-q', 'topic');
    expect(offIn(await repository.report(['--changed-since', 'main']))).toEqual(['a.tf']);
  });

  test('a shallow clone that does not hold where the branches parted', async () => {
    const repository = new Repository({ 'main.tf': whole });
    repository.git('switch', '-q', '-c', 'topic');
    repository.write({ 'b.tf': off('b') }).commit();
    repository.git('switch', '-q', 'main');
    repository.write({ 'c.tf': `${vault}${item}`.replaceAll(/"main"|"app"/g, '"c"') }).commit();
    const clone = new Repository({});
    rmSync(clone.root, { recursive: true });
    mkdirSync(clone.root);
    const origin = `file://${repository.root}`;
    clone.git('clone', '-q', '--depth', '1', '--no-single-branch', '-b', 'topic', origin, '.');
    const { code, out, err } = await clone.run(['--changed-since', 'origin/main']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('this clone is shallow and does not reach back to where HEAD and "origin/main" parted');
    clone.git('fetch', '-q', '--unshallow');
    expect(offIn(await clone.report(['--changed-since', 'origin/main']))).toEqual(['b.tf']);
  });

  test('a plan that nobody has added, with the source beside it', async () => {
    const plan = readFileSync(
      join(import.meta.dirname, '../fixtures/change-shortens-retention/fail.plan.json'),
      'utf8',
    );
    const repository = new Repository({ '.gitignore': '*.json\n', 'main.tf': '' }).write({ 'plan.json': plan });
    const { findings } = await repository.report(['plan.json']);
    expect(findings.map(({ code, location }) => [code, location.file])).toContainEqual([
      'change-shortens-retention',
      'plan.json',
    ]);
    const added = new Repository({ 'plan.json': plan });
    expect((await added.report(['plan.json'])).findings).toEqual([]);
  });

  test('in a second working tree', async () => {
    const repository = new Repository({ 'main.tf': whole });
    repository.git('worktree', 'add', '-q', 'beside');
    repository.write({ 'beside/main.tf': edit(whole, '= 30', '= 7') });
    const { findings } = await repository.report([], { folder: 'beside' });
    expect(findings.map(({ code }) => code)).toEqual(['change-shortens-retention']);
  });

  test('settings of git change nothing', async () => {
    const repository = new Repository({ 'a/ä.tf': whole }).write({
      'a/ä.tf': null,
      'a/ö.tf': edit(whole, '= 30', '= 7'),
    });
    const settings = {
      'diff.renames': 'false',
      'diff.noprefix': 'true',
      'color.ui': 'always',
      'diff.external': 'false',
    };
    for (const [name, value] of Object.entries(settings)) repository.git('config', name, value);
    expect(changes(repository, await repository.report([], { folder: 'a' }))).toEqual([
      'change-shortens-retention a/ö.tf: count = 7',
    ]);
  });

  test('renames are found however few of them the user wants to be looked for', async () => {
    // None is the same as before, so that all have to be held against all.
    const names = ['a', 'b', 'c'];
    const own = (name: string): string => `# ${name.repeat(40)}\n${whole}`;
    const repository = new Repository(Object.fromEntries(names.map((name) => [`${name}/old.tf`, own(name)])));
    repository.git('config', 'diff.renameLimit', '1');
    for (const name of names)
      repository.write({ [`${name}/old.tf`]: null, [`${name}/new.tf`]: edit(own(name), '= 30', '= 7') });
    repository.git('add', '-A');
    expect(changes(repository, await repository.report(['a/new.tf']))).toEqual([
      'change-shortens-retention a/new.tf: count = 7',
    ]);
  });

  test('a file that was only touched has not changed, whatever git is set to tell', async () => {
    const repository = new Repository({ 'main.tf': off('a') });
    repository.git('config', 'diff.autoRefreshIndex', 'false');
    utimesSync(join(repository.root, 'main.tf'), 1, 1);
    expect(offIn(await repository.report())).toEqual([]);
  });

  test('no program that git is set to runs', async () => {
    const names = ['clean', 'process', 'textconv', 'command', 'external', 'monitor', 'hook'];
    const repository = new Repository({ '.gitattributes': '*.tf filter=x.y diff=d\n', 'main.tf': whole, 'b.tf': '' });
    const program = (name: string): string => {
      const path = join(repository.root, '.git', name);
      writeFileSync(path, `#!/bin/sh\ntouch "${path}.ran"\ncat\n`, { mode: 0o755 });
      return path;
    };
    const settings = {
      'filter.x.y.clean': program('clean'),
      'filter.x.y.process': program('process'),
      'filter.x.y.required': 'true',
      'diff.d.textconv': program('textconv'),
      'diff.d.command': program('command'),
      'diff.external': program('external'),
      'core.fsmonitor': program('monitor'),
      'core.hooksPath': join(repository.root, '.git/hooked'),
    };
    for (const [name, value] of Object.entries(settings)) repository.git('config', name, value);
    mkdirSync(join(repository.root, '.git/hooked'));
    writeFileSync(join(repository.root, '.git/hooked/post-index-change'), readFileSync(program('hook')), {
      mode: 0o755,
    });
    utimesSync(join(repository.root, 'b.tf'), 1, 1);
    repository.write({ 'main.tf': edit(whole, '= 30', '= 7') });
    const ran = (): string[] => names.filter((name) => existsSync(join(repository.root, `.git/${name}.ran`)));
    expect(changes(repository, await repository.report())).toEqual(['change-shortens-retention main.tf: count = 7']);
    expect(ran()).toEqual([]);
    // git itself would.
    for (const name of ['process', 'required']) repository.git('config', '--unset', `filter.x.y.${name}`);
    repository.git('diff', '--raw');
    expect(ran()).toContain('clean');
  });

  test('a filter that cannot be turned off', async () => {
    const repository = new Repository({ 'main.tf': whole });
    repository.git('config', 'filter.a=b.clean', 'cat');
    const { code, err } = await repository.run(['--changed-since', 'HEAD']);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('cannot turn off "a=b"') });
  });

  test('nothing is fetched into a clone without the contents of its files', async () => {
    const origin = new Repository({ 'main.tf': whole });
    origin.git('config', 'uploadpack.allowFilter', 'true');
    origin.write({ 'main.tf': edit(whole, '= 30', '= 7') }).commit();
    const clone = new Repository({});
    rmSync(clone.root, { recursive: true });
    mkdirSync(clone.root);
    clone.git('clone', '-q', '--filter=blob:none', `file://${origin.root}`, '.');
    clone.git('config', 'protocol.allow', 'always');
    const { diagnostics, findings } = await clone.report(['--changed-since', 'HEAD~1']);
    expect(diagnostics.map(({ code }) => code)).toEqual(['revision-not-read']);
    expect(findings.filter(({ code }) => code.startsWith('change-'))).toEqual([]);
    expect(clone.git('rev-list', '--objects', '--all', '--missing=print')).toContain('?');
  });

  test('what a link leads to has changed', async () => {
    const repository = new Repository({ 'shared/a.tf': off('a').replace('false', 'true') });
    mkdirSync(join(repository.root, 'dev'));
    symlinkSync('../shared/a.tf', join(repository.root, 'dev/a.tf'));
    symlinkSync('shared', join(repository.root, 'prod'));
    repository.commit().write({ 'shared/a.tf': off('a') });
    expect(offIn(await repository.report(['dev']))).toEqual(['dev/a.tf']);
    expect(offIn(await repository.report(['prod']))).toEqual(['prod/a.tf']);
    repository.commit();
    expect(offIn(await repository.report(['dev']))).toEqual([]);
  });

  test('links count as what they lead to in the revision', async () => {
    const repository = new Repository({ 'shared/policy.tf': policy, 'a/main.tf': provider + vault + item });
    symlinkSync('../shared/policy.tf', join(repository.root, 'a/policy.tf'));
    repository.commit().write({ 'a/policy.tf': null });
    repository.write({ 'a/policy.tf': edit(policy, '= 30', '= 7') });
    expect(changes(repository, await repository.report(['a']))).toEqual([
      'change-shortens-retention a/policy.tf: count = 7',
    ]);
  });
});

describe('wrong usage', () => {
  test.each([
    ['nowhere', 'there is no revision "nowhere"'],
    ['-h', 'not "-h"'],
    ['--output=x', 'not "--output=x"'],
    ['', 'needs a revision'],
    ['main..HEAD', 'takes one revision, not the range "main..HEAD"'],
  ])('%j as a revision', async (ref, said) => {
    const { code, err, out } = await new Repository({ 'main.tf': off('a') }).run([`--changed-since=${ref}`]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  test('no repository', async () => {
    const { code, err } = await new Repository({ 'main.tf': off('a') }).run(['--changed-since', 'HEAD'], {
      folder: '..',
    });
    expect(code).toBe(2);
    expect(err).toContain('needs a git repository');
  });

  test('a repository without a commit, and one that is none', async () => {
    const repository = new Repository({});
    repository.git('update-ref', '-d', 'HEAD');
    expect(await repository.run(['--changed-since', 'HEAD'])).toMatchObject({ code: 2 });
    rmSync(join(repository.root, '.git'), { recursive: true });
    writeFileSync(join(repository.root, '.git'), 'gitdir: nowhere\n');
    const { code, err } = await repository.run(['--changed-since', 'HEAD']);
    expect(code).toBe(2);
    expect(err).toContain('git cannot use this repository');
  });

  test('a git that cannot be started is not a missing one', async () => {
    const { code, err } = io.git!(['--version', 'x'.repeat(2 ** 22)], room)!;
    expect(code).not.toBe(0);
    expect(err).toContain('E2BIG');
  });

  test('no git', async () => {
    const repository = new Repository({ 'main.tf': off('a') });
    vi.stubEnv('PATH', '');
    const { code, err } = await repository.run(['--changed-since', 'HEAD']);
    vi.unstubAllEnvs();
    expect(code).toBe(2);
    expect(err).toContain('there is no git here');
  });
});

describe('a root module or template that is gone whole', () => {
  const other = { 'other/main.tf': `${provider}${vault.replace('"rsv"', '"another"')}` };
  const told = async (before: Files, after: Files, args: readonly string[] = []) => {
    const repository = new Repository({ ...before }).write(after);
    const { diagnostics, findings } = await repository.report(args);
    expect(findings.filter(({ code }) => code.startsWith('change-'))).toEqual([]);
    return diagnostics
      .filter(({ code }) => code === 'backups-left-behind')
      .map(({ message, location }) => `${location.file}:${location.startLine} ${message}`);
  };
  const left = (root: string, names: string): string =>
    `${root} declared backups in HEAD (${names}), and nothing that was read declares them now. That deletes nothing: what was deployed of it stays in Azure, unmanaged.`;
  const names = 'azurerm_recovery_services_vault.main and 1 more';

  test('Terraform', async () => {
    const files = { ...other, 'backup/main.tf': whole };
    const line = whole.slice(0, whole.indexOf('resource')).split('\n').length;
    expect(await told(files, { 'backup/main.tf': null })).toEqual([`backup/main.tf:${line} ${left('backup', names)}`]);
    expect(await told(files, { 'backup/main.tf': null }, ['other'])).toEqual([]);
    expect(await told({ ...other, 'backup/main.tf': provider }, { 'backup/main.tf': null })).toEqual([]);
  });

  test('Bicep, once for all of its parameter files', async () => {
    const files = {
      ...other,
      'main.bicep': bicep,
      'a.bicepparam': "using 'main.bicep'\n",
      'b.bicepparam': "using 'main.bicep'\n",
    };
    const gone = { 'main.bicep': null, 'a.bicepparam': null, 'b.bicepparam': null };
    expect(await told(files, gone)).toEqual([`main.bicep:1 ${left('main.bicep', 'vault, item')}`]);
  });

  test('nothing is told of what has gone where nobody looks', async () => {
    const repository = new Repository({ ...other, 'infra/backup/main.tf': whole, 'infra/main.tf': provider });
    repository.write({ 'infra/backup/main.tf': null, 'platform/main.tf': `# moved\n${whole}` });
    repository.git('add', '-A');
    const { diagnostics } = await repository.report(['infra']);
    expect(diagnostics.map(({ code }) => code)).toEqual([]);
  });

  test.each<[string, Files, Files]>([
    [
      'declared in another root',
      {
        'other/backup.tf': whole
          .replace(provider, '')
          .replaceAll('"main"', '"b"')
          .replaceAll('vault.main.', 'vault.b.'),
      },
      {},
    ],
    ['declared in another language', { 'backup.bicep': bicep }, {}],
    [
      'where the name of another vault is not known',
      { 'other/b.tf': `variable "n" {}\n${vault.replace('"rsv"', 'var.n').replace('"main"', '"b"')}` },
      { 'backup/main.tf': provider + vault },
    ],
    [
      'where a module that is not read is new',
      { 'other/b.tf': 'module "b" {\n  source = "git::https://example.com/b"\n}\n' },
      {},
    ],
    ['where another file is broken', { 'other/b.tf': 'resource "x" {\n' }, {}],
    [
      'a module that others may have called',
      {},
      { 'backup/main.tf': `variable "days" {}\n${whole.replace(provider, '')}` },
    ],
  ])('nothing is told: %s', async (_name, after, before) => {
    expect(await told({ ...other, 'backup/main.tf': whole, ...before }, { 'backup/main.tf': null, ...after })).toEqual(
      [],
    );
  });
});

test('a parameter file that goes takes nothing back: what its environment had is not what the defaults say', async () => {
  const template = `param days int = 30\n${bicep.replace('count: 30', 'count: days')}`;
  const parameters = JSON.stringify({
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#',
    contentVersion: '1.0.0.0',
    parameters: { days: { value: 40 } },
  });
  const repository = new Repository({ 'main.bicep': template, 'main.prod.parameters.json': parameters });
  repository.write({ 'main.prod.parameters.json': parameters.replace('40', '20') });
  const told = (report: Report): string[] => report.findings.map(({ code }) => code);
  expect(told(await repository.report(['--only', 'change-shortens-retention']))).toEqual(['change-shortens-retention']);
  repository.write({ 'main.prod.parameters.json': null });
  expect(told(await repository.report(['--only', 'change-shortens-retention']))).toEqual([]);
});

describe('--new-since', () => {
  const since = async (repository: Repository, ...args: string[]) => {
    const { out, err, code } = await repository.run(['--new-since', 'HEAD', '-f', 'json', ...args]);
    if (out === '') throw new Error(`exit ${code}: ${err}`);
    const { findings } = JSON.parse(out) as { findings: (Report['findings'][number] & { suppressed?: object })[] };
    return {
      code,
      counted: findings.filter(({ suppressed }) => !suppressed).map(({ code, location }) => `${location.file} ${code}`),
      known: findings.filter(({ suppressed }) => suppressed).map(({ code, location }) => `${location.file} ${code}`),
    };
  };

  test('a finding that the revision has does not count, though its file has changed', async () => {
    const repository = new Repository({ 'main.tf': off('a') }).write({
      'main.tf': `# first\n\n${off('a')}\n${off('b')}`,
    });
    expect(await since(repository, '--only', 'vault-soft-delete-off', '--fail-on', 'note')).toEqual({
      code: 1,
      counted: ['main.tf vault-soft-delete-off'],
      known: ['main.tf vault-soft-delete-off'],
    });
  });

  test('a finding in a file that has not changed counts where the change makes it', async () => {
    const repository = new Repository({
      'azure-backup-lint.yaml': 'backup: { declaredHere: true }\n',
      'main.tf': whole.replace(policy, '').replace(item, ''),
      'policy.tf': policy,
      'item.tf': item,
    }).write({
      'item.tf': null,
    });
    const { counted } = await since(repository, '--only', 'policy-protects-nothing');
    expect(counted).toEqual(['policy.tf policy-protects-nothing']);
  });

  test('a file that has moved brings nothing new', async () => {
    const repository = new Repository({ 'old/main.tf': off('a') }).write({
      'old/main.tf': null,
      'new/main.tf': off('a'),
    });
    repository.git('add', '-A');
    expect(await since(repository, 'new', '--only', 'vault-soft-delete-off')).toMatchObject({ code: 0, counted: [] });
  });

  test('a root module and a template that have moved: what is wrong with them as a whole is not new', async () => {
    const share =
      'resource "azurerm_storage_share" "a" {\n  name               = "a"\n  storage_account_id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"\n  quota              = 50\n}\n';
    const template =
      "resource share 'Microsoft.Storage/storageAccounts/fileServices/shares@2023-05-01' = {\n  name: 'st/default/b'\n}\n";
    const repository = new Repository({ 'a/main.tf': provider + share, 'a/b.bicep': template }).write({
      'a/main.tf': null,
      'a/b.bicep': null,
      'b/main.tf': provider + share,
      'b/c.bicep': template,
    });
    repository.git('add', '-A');
    expect(await since(repository, '--only', 'workspace-without-backup')).toMatchObject({
      counted: [],
      known: ['b/c.bicep workspace-without-backup', 'b/main.tf workspace-without-backup'],
    });
  });

  test('both sides are judged by the configuration of today', async () => {
    const config = (level: string): Files => ({
      'azure-backup-lint.yaml': `rules: { vault-soft-delete-off: ${level} }\n`,
    });
    const repository = new Repository({ ...config('off'), 'main.tf': off('a') }).write({
      ...config('error'),
      'main.tf': off('a') + off('b'),
    });
    expect(await since(repository, '--only', 'vault-soft-delete-off')).toMatchObject({
      counted: ['main.tf vault-soft-delete-off'],
      known: ['main.tf vault-soft-delete-off'],
    });
  });

  test('what the change itself does is always new', async () => {
    const repository = new Repository({
      'azure-backup-lint.yaml': 'backup: { declaredHere: true }\n',
      'main.tf': whole.replace(policy, '').replace(item, ''),
      'policy.tf': policy,
      'item.tf': item,
    }).write({
      'item.tf': null,
    });
    const { counted } = await since(repository, '--only', 'change-deletes-protected-item');
    expect(counted).toEqual(['item.tf change-deletes-protected-item']);
  });

  test('of a file and its copy the copy is new, though the file has changed too', async () => {
    const only = ['--only', 'vault-soft-delete-off'];
    const repository = new Repository({ 'prod/main.tf': off('a') }).write({ 'dev/main.tf': off('a') });
    expect((await since(repository, ...only)).counted).toEqual(['dev/main.tf vault-soft-delete-off']);
    repository.write({ 'prod/main.tf': `# x\n${off('a')}` });
    expect((await since(repository, ...only)).counted).toEqual(['dev/main.tf vault-soft-delete-off']);
  });

  test('a submodule at another commit: what stood in it is not known, so all of it is new', async () => {
    const other = new Repository({ 'vault/main.tf': off('a').replace('false', 'true') });
    const repository = new Repository({ 'main.tf': 'module "a" {\n  source = "./other/vault"\n}\n' });
    repository.git('-c', 'protocol.file.allow=always', 'submodule', '-q', 'add', other.root, 'other');
    const only = ['--only', 'vault-soft-delete-off'];
    repository.commit();
    const inside = (...args: string[]) => repository.git('-C', 'other', ...args);
    repository.write({ 'other/vault/main.tf': off('a') });
    inside('commit', '-q', '-a', '-m', 'two');
    expect((await since(repository, ...only)).counted).toEqual(['other/vault/main.tf vault-soft-delete-off']);
    repository.commit();
    expect((await since(repository, ...only)).counted).toEqual([]);
    // What stood in the place of a submodule is known.
    const replaced = new Repository({ 'other/main.tf': off('a') });
    replaced.git('rm', '-q', '-r', 'other');
    replaced.git('-c', 'protocol.file.allow=always', 'submodule', '-q', 'add', other.root, 'other');
    replaced.write({ 'other/main.tf': off('a') });
    expect(await since(replaced, ...only)).toMatchObject({
      counted: [],
      known: ['other/main.tf vault-soft-delete-off'],
    });
  });

  test.each([
    [50, 0],
    // So long a chain is not followed to its end, but the run has one.
    [2_000, 1_000],
  ])('%i moved blocks, one behind the other', { timeout: 60_000 }, async (blocks, counted) => {
    const chain = Array.from({ length: blocks }, (_, i) => i + 1).reverse();
    const moved = (i: number): string =>
      `moved {\n  from = azurerm_recovery_services_vault.v${i - 1}\n  to   = azurerm_recovery_services_vault.v${i}\n}\n`;
    const many = (name: string): string => off(name).replace('{', '{\n  count = 1000');
    const repository = new Repository({ 'main.tf': many('v0') }).write({
      'main.tf': many(`v${blocks}`) + chain.map(moved).join(''),
    });
    expect((await since(repository, '--only', 'vault-soft-delete-off')).counted).toHaveLength(counted);
  });

  test('nothing has changed', async () => {
    const repository = new Repository({ 'main.tf': off('a') });
    expect(await since(repository, '--only', 'vault-soft-delete-off')).toEqual({
      code: 0,
      counted: [],
      known: ['main.tf vault-soft-delete-off'],
    });
  });

  test('goes without --changed-since, and is named in what is wrong with it', async () => {
    const repository = new Repository({ 'main.tf': off('a') });
    expect(await repository.run(['--new-since', 'HEAD', '--changed-since', 'HEAD'])).toMatchObject({
      code: 2,
      out: '',
    });
    const { err } = await repository.run(['--new-since', 'nowhere']);
    expect(err).toContain('--new-since: there is no revision "nowhere"');
  });
});
