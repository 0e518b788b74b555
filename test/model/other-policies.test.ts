/** Policies of file shares, databases in machines and Backup vaults: azurerm and ARM -> one set of facts. */
import { describe, expect, test } from 'vitest';
import { named, template, unknown, type View, viewIn } from './views.ts';

/** The facts of the only policy, without those that say where it comes from. */
async function factsOf(name: string, text: string): Promise<View> {
  const facts = await viewIn(name, text, 'policy');
  for (const fact of ['language', 'name', 'users', 'vaultKind', 'vaultName']) delete facts[fact];
  return facts;
}

const terraform = (type: string, body: string, more = ''): Promise<View> =>
  factsOf('main.tf', `${more}\nresource "${type}" "p" {\n  name = "p"\n${body}\n}\n`);

const recovery = (properties: object, parameters: object = {}): Promise<View> =>
  factsOf(
    'main.json',
    template([{ type: 'Microsoft.RecoveryServices/vaults/backupPolicies', name: 'v/p', properties }], parameters),
  );

const backup = (datasource: string, policyRules: unknown, parameters: object = {}): Promise<View> =>
  factsOf(
    'main.json',
    template(
      [
        {
          type: 'Microsoft.DataProtection/backupVaults/backupPolicies',
          name: 'v/p',
          properties: { objectType: 'BackupPolicy', datasourceTypes: [datasource], policyRules },
        },
      ],
      parameters,
    ),
  );

const days = (count: number, durationType = 'Days') => ({ retentionDuration: { count, durationType } });

describe('Azure Files', () => {
  test('snapshots every day, with every tier', async () => {
    const hcl = await terraform(
      'azurerm_backup_policy_file_share',
      `timezone = "UTC"
      backup {
        frequency = "Daily"
        time      = "23:30"
      }
      retention_daily { count = 30 }
      retention_weekly {
        count    = 10
        weekdays = ["sunday"]
      }
      retention_monthly {
        count = 5
        days  = [1, 31]
        include_last_days = true
      }`,
    );
    const { retentionBlocks, ...body } = await recovery({
      backupManagementType: 'AzureStorage',
      workLoadType: 'AzureFileShare',
      timeZone: 'UTC',
      schedulePolicy: {
        schedulePolicyType: 'SimpleSchedulePolicy',
        scheduleRunFrequency: 'Daily',
        scheduleRunTimes: ['2020-01-01T23:30:00Z'],
      },
      retentionPolicy: {
        retentionPolicyType: 'LongTermRetentionPolicy',
        dailySchedule: days(30),
        weeklySchedule: { daysOfTheWeek: ['Sunday'], ...days(10, 'Weeks') },
        monthlySchedule: {
          retentionScheduleFormatType: 'Daily',
          retentionScheduleDaily: {
            daysOfTheMonth: [
              { date: 1, isLast: false },
              { date: 31, isLast: false },
              { date: 0, isLast: true },
            ],
          },
          ...days(5, 'Months'),
        },
      },
    });
    expect(retentionBlocks).toEqual(['retentionPolicy']);
    expect(body).toEqual(hcl);
    expect(hcl).toEqual({
      solution: 'azure-files',
      tier: 'snapshot',
      timeZone: 'UTC',
      schedule: { frequency: 'Daily', times: ['23:30'] },
      retention: {
        daily: { count: 30 },
        weekly: { count: 10, weekdays: ['Sunday'] },
        monthly: { count: 5, days: [1, 31], lastDay: true, monthsWithout: 0 },
      },
      snapshotsKept: 45,
      rpo: 'P1D',
      rpoMinutes: 1440,
    });
  });

  test('hourly into the vault', async () => {
    const hcl = await terraform(
      'azurerm_backup_policy_file_share',
      `backup_tier = "vault-standard"
      snapshot_retention_in_days = 5
      backup {
        frequency = "Hourly"
        hourly {
          interval        = 4
          start_time      = "08:00"
          window_duration = 12
        }
      }
      retention_daily { count = 60 }`,
    );
    const { retentionBlocks, ...body } = await recovery({
      backupManagementType: 'AzureStorage',
      timeZone: 'UTC',
      schedulePolicy: {
        scheduleRunFrequency: 'Hourly',
        hourlySchedule: { interval: 4, scheduleWindowStartTime: '2020-01-01T08:00:00Z', scheduleWindowDuration: 12 },
      },
      vaultRetentionPolicy: { snapshotRetentionInDays: 5, vaultRetention: { dailySchedule: days(60) } },
    });
    expect(retentionBlocks).toEqual(['vaultRetentionPolicy']);
    expect(body).toEqual(hcl);
    expect(hcl.schedule).toEqual({ frequency: 'Hourly', times: ['08:00'], interval: 4, window: 12, runsADay: 4 });
    // From 20:00 to 08:00 nothing runs.
    expect(hcl.rpo).toBe('PT12H');
    expect(hcl.snapshotsKept).toBe(24);
    expect(hcl.tier).toBe('vault-standard');
  });

  test('two retention blocks leave the tier open, and so do unknown ones', async () => {
    const both = await recovery({
      backupManagementType: 'AzureStorage',
      retentionPolicy: { dailySchedule: days(30) },
      vaultRetentionPolicy: { snapshotRetentionInDays: 5 },
    });
    expect(both.tier).toEqual(unknown);
    expect(both.retentionBlocks).toEqual(['retentionPolicy', 'vaultRetentionPolicy']);
    const open = await terraform(
      'azurerm_backup_policy_file_share',
      `backup_tier = var.tier
      backup {
        frequency = "Daily"
        time      = var.time
      }
      retention_daily { count = 30 }`,
      'variable "tier" {}\nvariable "time" {}',
    );
    expect(open.tier).toEqual(named);
    expect(open.rpo).toEqual(unknown);
    expect(open.snapshotsKept).toEqual(unknown);
  });
});

describe('databases in machines', () => {
  const hclPolicy = `workload_type = "SQLDataBase"
      settings {
        time_zone           = "UTC"
        compression_enabled = true
      }
      protection_policy {
        policy_type = "Full"
        backup {
          frequency = "Weekly"
          weekdays  = ["Sunday"]
          time      = "01:00"
        }
        retention_weekly {
          count    = 8
          weekdays = ["Sunday"]
        }
        retention_monthly {
          count       = 12
          format_type = "Weekly"
          weekdays    = ["Sunday"]
          weeks       = ["Last"]
        }
      }
      protection_policy {
        policy_type = "Differential"
        backup {
          frequency = "Weekly"
          weekdays  = ["Wednesday"]
          time      = "01:00"
        }
        simple_retention { count = 30 }
      }
      protection_policy {
        policy_type = "Log"
        backup { frequency_in_minutes = 15 }
        simple_retention { count = 7 }
      }`;

  test('full, differential and log', async () => {
    const hcl = await terraform('azurerm_backup_policy_vm_workload', hclPolicy);
    const body = await recovery({
      backupManagementType: 'AzureWorkload',
      workloadType: 'SQLDataBase',
      settings: { timeZone: 'UTC', isCompression: true },
      subProtectionPolicy: [
        {
          policyType: 'full',
          schedulePolicy: {
            schedulePolicyType: 'SimpleSchedulePolicy',
            scheduleRunFrequency: 'Weekly',
            scheduleRunDays: ['Sunday'],
            scheduleRunTimes: ['2020-01-01T01:00:00Z'],
          },
          retentionPolicy: {
            weeklySchedule: { daysOfTheWeek: ['Sunday'], ...days(8, 'Weeks') },
            monthlySchedule: {
              retentionScheduleFormatType: 'Weekly',
              retentionScheduleWeekly: { daysOfTheWeek: ['Sunday'], weeksOfTheMonth: ['Last'] },
              ...days(12, 'Months'),
            },
          },
        },
        {
          policyType: 'Differential',
          schedulePolicy: {
            scheduleRunFrequency: 'Weekly',
            scheduleRunDays: ['Wednesday'],
            scheduleRunTimes: ['2020-01-01T01:00:00Z'],
          },
          retentionPolicy: days(30),
        },
        {
          policyType: 'Log',
          schedulePolicy: { schedulePolicyType: 'LogSchedulePolicy', scheduleFrequencyInMins: 15 },
          retentionPolicy: days(1, 'Weeks'),
        },
      ],
    });
    expect(body).toEqual(hcl);
    expect(hcl).toMatchObject({
      solution: 'sql-in-vm',
      compression: true,
      subPolicies: ['Full', 'Differential', 'Log'],
      full: {
        schedule: { frequency: 'Weekly', times: ['01:00'], weekdays: ['Sunday'] },
        retention: { weekly: { count: 8 }, monthly: { count: 12, weeks: ['Last'] } },
        keptDays: 56,
        longestDays: 360,
      },
      differential: { schedule: { weekdays: ['Wednesday'] }, keptDays: 30 },
      log: { schedule: { everyMinutes: 15 }, keptDays: 7 },
      rpo: 'PT15M',
      rpoMinutes: 15,
    });
    expect(hcl).not.toHaveProperty('incremental');
  });

  test('without a log the longest gap is between fulls and differentials', async () => {
    const hcl = await terraform(
      'azurerm_backup_policy_vm_workload',
      hclPolicy.replace(/protection_policy \{\s+policy_type = "Log"[\s\S]*$/, ''),
    );
    expect(hcl.rpo).toBe('P4D');
  });

  test('a sub-policy of an unknown kind may be any of them', async () => {
    const hcl = await terraform(
      'azurerm_backup_policy_vm_workload',
      hclPolicy.replace('"Log"', 'var.kind'),
      'variable "kind" {}',
    );
    expect(hcl.incremental).toEqual(unknown);
    expect(hcl.log).toEqual(unknown);
    expect(hcl.full.keptDays).toBe(56);
    expect(hcl.rpo).toEqual(unknown);
  });

  test('the days of a month count from the list with 0 as the last', async () => {
    const hcl = await terraform(
      'azurerm_backup_policy_vm_workload',
      `workload_type = "SAPHanaDatabase"
      protection_policy {
        policy_type = "Full"
        backup {
          frequency = "Daily"
          time      = "01:00"
        }
        retention_daily { count = 8 }
        retention_monthly {
          count       = 12
          format_type = "Daily"
          monthdays   = [0, 15]
        }
      }`,
    );
    expect(hcl.full.retention.monthly).toEqual({ count: 12, days: [15], lastDay: true, monthsWithout: 0 });
    expect(hcl.full.keptDays).toBe(8);
  });
});

test('sub-policies that stand there twice, and snapshots of an instance', async () => {
  const of = (workLoadType: string, kinds: string[], parameters: object = {}): Promise<View> =>
    recovery(
      {
        backupManagementType: 'AzureWorkload',
        workLoadType,
        subProtectionPolicy: kinds.map((policyType) => ({ policyType })),
      },
      parameters,
    );
  const twice = await of('SQLDataBase', ['Full', 'Log', 'log']);
  expect(twice).toMatchObject({ repeatedSubPolicies: ['Log'], instanceSnapshot: false });
  expect(await of('SQLDataBase', ['SnapshotFull', 'Log'])).toMatchObject({ instanceSnapshot: true });
  expect(await of('SAPHanaDBInstance', [])).toMatchObject({ instanceSnapshot: true });
  const hidden = await of('SQLDataBase', ['Full', "[parameters('k')]"], { k: { type: 'string' } });
  expect(hidden).toMatchObject({ instanceSnapshot: unknown });
});

const store = (dataStoreType: string) => ({ dataStoreType, objectType: 'DataStoreInfoBase' });
const keep = (name: string, kind: string, duration: string, isDefault = false) => ({
  objectType: 'AzureRetentionRule',
  name,
  isDefault,
  lifecycles: [
    {
      sourceDataStore: store(kind),
      deleteAfter: { objectType: 'AbsoluteDeleteOption', duration },
      targetDataStoreCopySettings: [],
    },
  ],
});
const run = (
  backupType: string,
  kind: string,
  repeatingTimeIntervals: unknown,
  taggingCriteria: unknown,
  timeZone?: string,
) => ({
  objectType: 'AzureBackupRule',
  name: 'BackupIntervals',
  dataStore: store(kind),
  backupParameters: { objectType: 'AzureBackupParams', backupType },
  trigger: {
    objectType: 'ScheduleBasedTriggerContext',
    schedule: { repeatingTimeIntervals, ...(timeZone && { timeZone }) },
    taggingCriteria,
  },
});
const tag = (tagName: string, taggingPriority: number, isDefault: boolean, criteria?: object) => ({
  isDefault,
  taggingPriority,
  tagInfo: { tagName },
  ...(criteria && { criteria: [{ objectType: 'ScheduleBasedBackupCriteria', ...criteria }] }),
});

describe('Backup vaults', () => {
  test('disk', async () => {
    const hcl = await terraform(
      'azurerm_data_protection_backup_policy_disk',
      `vault_id = "x"
      backup_repeating_time_intervals = ["R/2024-05-19T06:33:16+00:00/PT4H"]
      default_retention_duration = "P7D"
      time_zone = "UTC"
      retention_rule {
        name     = "Daily"
        duration = "P10D"
        priority = 25
        criteria { absolute_criteria = "FirstOfDay" }
      }`,
    );
    const body = await backup('Microsoft.Compute/disks', [
      run(
        'Incremental',
        'OperationalStore',
        ['R/2024-05-19T06:33:16+00:00/PT4H'],
        [tag('Default', 99, true), tag('Daily', 25, false, { absoluteCriteria: ['FirstOfDay'] })],
        'UTC',
      ),
      keep('Default', 'OperationalStore', 'P7D', true),
      keep('Daily', 'OperationalStore', 'P10D'),
    ]);
    expect(body).toEqual(hcl);
    expect(hcl).toMatchObject({
      solution: 'azure-disk',
      schedule: { frequency: 'Hourly', interval: 4, periods: [4], times: ['06:33'], runsAWeek: 42 },
      retention: {
        default: { duration: 'P7D', keptDays: 7, store: 'OperationalStore' },
        daily: { duration: 'P10D', keptDays: 10, absolute: 'FirstOfDay' },
      },
      operational: { duration: 'P7D', keptDays: 7 },
      tiers: ['operational'],
      // Five runs of a day for a week, and the first of each for ten days.
      snapshotsKept: 45,
      rulesWithoutTag: [],
      tagsWithoutRule: [],
      repeatedPriorities: [],
      rpo: 'PT4H',
    });
    expect(hcl).not.toHaveProperty('vaulted');
  });

  test('blob in both tiers', async () => {
    const hcl = await terraform(
      'azurerm_data_protection_backup_policy_blob_storage',
      `vault_id = "x"
      backup_repeating_time_intervals        = ["R/2024-05-19T06:00:00Z/P1D"]
      operational_default_retention_duration = "P30D"
      vault_default_retention_duration       = "P90D"
      retention_rule {
        name     = "Monthly"
        priority = 15
        life_cycle {
          data_store_type = "VaultStore"
          duration        = "P12M"
        }
        criteria { days_of_month = [0, 15] }
      }`,
    );
    const body = await backup('Microsoft.Storage/storageAccounts/blobServices', [
      run(
        'Discrete',
        'VaultStore',
        ['R/2024-05-19T06:00:00Z/P1D'],
        [
          tag('Default', 99, true),
          tag('Monthly', 15, false, { daysOfMonth: [{ isLast: true }, { date: 15, isLast: false }] }),
        ],
      ),
      keep('Default', 'OperationalStore', 'P30D', true),
      keep('Default', 'VaultStore', 'P90D', true),
      keep('Monthly', 'VaultStore', 'P12M'),
    ]);
    expect(hcl.intervalsWritten).toHaveLength(1);
    delete hcl.intervalsWritten;
    expect(body).toEqual(hcl);
    expect(hcl).toMatchObject({
      retention: {
        default: { keptDays: 90, store: 'VaultStore' },
        monthly: { keptDays: 360, days: [15], lastDay: true },
      },
      operational: { keptDays: 30 },
      vaulted: { keptDays: 90 },
      tiers: ['operational', 'vault'],
      repeatedRules: [],
    });
  });

  test('operational blob alone has no schedule, whatever intervals are written', async () => {
    const hcl = await terraform(
      'azurerm_data_protection_backup_policy_blob_storage',
      `vault_id = "x"
      backup_repeating_time_intervals        = ["R/2024-05-19T06:00:00Z/P1D"]
      operational_default_retention_duration = "P30D"`,
    );
    const body = await backup('Microsoft.Storage/storageAccounts/blobServices', [
      keep('Default', 'OperationalStore', 'P30D', true),
    ]);
    expect(hcl.intervalsWritten).toEqual(['R/2024-05-19T06:00:00Z/P1D']);
    delete hcl.intervalsWritten;
    expect(body).toEqual(hcl);
    expect(hcl).not.toHaveProperty('schedule');
    expect(hcl.tiers).toEqual(['operational']);
    expect(hcl.backupRules).toEqual([]);
  });

  const serverRules = (name: string, duration: string) => `vault_id = "x"
      backup_repeating_time_intervals = ["R/2024-05-19T06:00:00+00:00/P1W"]
      default_retention_rule {
        life_cycle {
          data_store_type = "VaultStore"
          duration        = "P3M"
        }
      }
      retention_rule {
        name     = "${name}"
        priority = 20
        life_cycle {
          data_store_type = "VaultStore"
          duration        = "${duration}"
        }
        criteria {
          days_of_week  = ["Sunday"]
          weeks_of_month = ["First"]
        }
      }`;

  test.each([
    [
      'azurerm_data_protection_backup_policy_postgresql_flexible_server',
      'Microsoft.DBforPostgreSQL/flexibleServers',
      'postgresql',
    ],
    ['azurerm_data_protection_backup_policy_mysql_flexible_server', 'Microsoft.DBforMySQL/flexibleServers', 'mysql'],
    [
      'azurerm_data_protection_backup_policy_cosmosdb_database_account',
      'Microsoft.DocumentDB/databaseAccounts',
      'cosmos-db',
    ],
  ])('%s', async (type, datasource, solution) => {
    const hcl = await terraform(type, serverRules('Monthly', 'P1Y'));
    const body = await backup(datasource, [
      run(
        'Full',
        'VaultStore',
        ['R/2024-05-19T06:00:00+00:00/P1W'],
        [
          tag('Default', 99, true),
          tag('Monthly', 20, false, { daysOfTheWeek: ['Sunday'], weeksOfTheMonth: ['First'] }),
        ],
      ),
      keep('Default', 'VaultStore', 'P3M', true),
      keep('Monthly', 'VaultStore', 'P1Y'),
    ]);
    expect(body).toEqual(hcl);
    expect(hcl).toMatchObject({
      solution,
      // 2024-05-19 is a Sunday.
      schedule: { frequency: 'Weekly', weekdays: ['Sunday'], times: ['06:00'], runsAWeek: 1 },
      retention: { default: { keptDays: 90 }, monthly: { keptDays: 365 } },
      tiers: ['vault'],
      rpo: 'P7D',
    });
  });

  test.each([
    ['azurerm_data_protection_backup_policy_kubernetes_cluster', 'Microsoft.ContainerService/managedClusters', 'aks'],
    [
      'azurerm_data_protection_backup_policy_elastic_san_volume_group',
      'Microsoft.ElasticSan/elasticSans/volumeGroups',
      'elastic-san',
    ],
  ])('%s', async (type, datasource, solution) => {
    const hcl = await terraform(
      type,
      serverRules('Weekly', 'P84D')
        .replaceAll('VaultStore', 'OperationalStore')
        .replace(/days_of_week[\s\S]*\["First"\]/, 'absolute_criteria = "FirstOfWeek"'),
    );
    const body = await backup(datasource, [
      run(
        'Incremental',
        'OperationalStore',
        ['R/2024-05-19T06:00:00+00:00/P1W'],
        [tag('Default', 99, true), tag('Weekly', 20, false, { absoluteCriteria: ['FirstOfWeek'] })],
      ),
      keep('Default', 'OperationalStore', 'P3M', true),
      keep('Weekly', 'OperationalStore', 'P84D'),
    ]);
    expect(body).toEqual(hcl);
    expect(hcl).toMatchObject({ solution, retention: { weekly: { keptDays: 84 } }, tiers: ['operational'] });
  });

  test('data lake: flat criteria', async () => {
    const hcl = await terraform(
      'azurerm_data_protection_backup_policy_data_lake_storage',
      `data_protection_backup_vault_id = "x"
      backup_schedule            = ["R/2024-05-19T06:00:00+00:00/P1D"]
      default_retention_duration = "P30D"
      retention_rule {
        name              = "Yearly"
        duration          = "P5Y"
        absolute_criteria = "FirstOfYear"
      }`,
    );
    expect(hcl).toMatchObject({
      solution: 'adls',
      retention: { default: { keptDays: 30 }, yearly: { keptDays: 1825 } },
      tiers: ['vault'],
      tags: [{ name: 'Default' }, { name: 'Yearly', criteria: [{ absolute: 'FirstOfYear' }] }],
    });
  });

  test('a copy to the vault is a tier of its own', async () => {
    const rule = keep('Daily', 'OperationalStore', 'P7D', true);
    const body = await backup('Microsoft.ContainerService/managedClusters', [
      {
        ...rule,
        lifecycles: [
          {
            ...rule.lifecycles[0],
            targetDataStoreCopySettings: [
              { dataStore: store('VaultStore'), copyAfter: { objectType: 'ImmediateCopyOption' } },
            ],
          },
        ],
      },
    ]);
    expect(body.tiers).toEqual(['operational', 'vault']);
  });

  test('what does not pair up', async () => {
    const body = await backup('Microsoft.Compute/disks', [
      run(
        'Incremental',
        'OperationalStore',
        ['R/2024-05-19T06:33:16+00:00/PT4H'],
        [tag('Default', 99, true), tag('Weekly', 20, false, {}), tag('Lost', 20, false, {})],
      ),
      keep('Default', 'OperationalStore', 'P7D', true),
      keep('Weekly', 'OperationalStore', 'P30D'),
      keep('Weekly', 'OperationalStore', 'P60D'),
      keep('Yearly', 'OperationalStore', 'P1Y'),
    ]);
    expect(body.tagsWithoutRule).toEqual(['Lost']);
    expect(body.rulesWithoutTag).toEqual(['Yearly']);
    expect(body.repeatedRules).toEqual(['Weekly']);
    expect(body.repeatedPriorities).toEqual([20]);
  });

  test('a name that is not known may be the missing partner', async () => {
    const body = await backup(
      'Microsoft.Compute/disks',
      [
        run(
          'Incremental',
          'OperationalStore',
          ['R/2024-05-19T06:33:16+00:00/PT4H'],
          [tag('Default', 99, true), tag("[parameters('t')]", 20, false, {})],
        ),
        keep('Default', 'OperationalStore', 'P7D', true),
        keep('Yearly', 'OperationalStore', 'P1Y'),
      ],
      { t: { type: 'string' } },
    );
    expect(body.rulesWithoutTag).toEqual([unknown]);
    expect(body.tagsWithoutRule).toEqual([unknown]);
  });

  test('intervals: several, malformed and unknown ones', async () => {
    const of = (intervals: unknown, parameters: object = {}): Promise<View> =>
      backup('Microsoft.DBforPostgreSQL/flexibleServers', [run('Full', 'VaultStore', intervals, [])], parameters);
    const twice = await of(['R/2024-05-19T06:00:00Z/P1W', 'R/2024-05-22T18:00:00Z/P1W']);
    expect(twice.schedule).toMatchObject({
      frequency: 'Weekly',
      weekdays: ['Sunday', 'Wednesday'],
      times: ['06:00', '18:00'],
      runsAWeek: 2,
    });
    expect(twice.rpo).toBe('PT84H');
    const malformed = await of(['R/PT4H']);
    expect(malformed.schedule.intervals).toEqual(['R/PT4H']);
    expect(malformed.schedule.frequency).toEqual(unknown);
    const open = await of(["[parameters('i')]"], { i: { type: 'string' } });
    expect(open.schedule.intervals).toEqual([named]);
    expect(open.rpo).toEqual(unknown);
  });

  test('unknown rules leave everything unknown', async () => {
    const body = await backup('Microsoft.Compute/disks', "[parameters('rules')]", { rules: { type: 'array' } });
    expect(body).toMatchObject({ schedule: unknown, retention: unknown, operational: unknown, tiers: [unknown] });
  });

  test('by hand only', async () => {
    const rule = run('Full', 'VaultStore', undefined, []);
    const body = await backup('Microsoft.Compute/disks', [
      { ...rule, trigger: { objectType: 'AdhocBasedTriggerContext', taggingCriteria: [tag('Default', 99, true)] } },
      keep('Default', 'OperationalStore', 'P7D', true),
    ]);
    expect(body.adhocOnly).toBe(true);
    expect(body).not.toHaveProperty('schedule');
    // The form that the service writes: one tag, as an object.
    const asObject = await backup('Microsoft.Compute/disks', [
      {
        ...rule,
        trigger: { objectType: 'AdhocBasedTriggerContext', taggingCriteria: { tagInfo: { tagName: 'Default' } } },
      },
      keep('Default', 'OperationalStore', 'P7D', true),
    ]);
    expect(asObject.adhocOnly).toBe(true);
    expect(asObject.tagsWithoutRule).toEqual([]);
  });

  test('full backups beside incremental ones', async () => {
    const weekly = run('Full', 'VaultStore', ['R/2024-05-19T06:00:00Z/P1W'], [tag('Default', 99, true)]);
    const daily = run('Incremental', 'VaultStore', ['R/2024-05-20T06:00:00Z/P1D'], [tag('Default', 99, true)]);
    const of = (rules: unknown[], parameters: object = {}): Promise<View> =>
      backup('Microsoft.DocumentDB/databaseAccounts', rules, parameters);
    const both = await of([weekly, daily]);
    expect(both.schedule).toMatchObject({ frequency: 'Mixed', periods: [168, 24], runsAWeek: 8 });
    expect(both.fullSchedule).toMatchObject({ frequency: 'Weekly', runsAWeek: 1 });
    // Each rule ranks its own tags.
    expect(both.repeatedPriorities).toEqual([]);
    expect(await of([daily])).not.toHaveProperty('fullSchedule');
    const hidden = await of([run("[parameters('t')]", 'VaultStore', ['R/2024-05-19T06:00:00Z/P1W'], [])], {
      t: { type: 'string' },
    });
    expect(hidden.fullSchedule).toEqual(unknown);
  });

  test('the period of an interval is known whatever its start is', async () => {
    const hcl = await terraform(
      'azurerm_data_protection_backup_policy_disk',
      `vault_id = "x"
      backup_repeating_time_intervals = ["R/\${var.start}/PT3H", var.interval, "R/PT4H", "PT4H"]
      default_retention_duration = "P7D"`,
      'variable "start" {}\nvariable "interval" {}',
    );
    expect(hcl.schedule.periods).toEqual([3, unknown, 4, unknown]);
  });

  test('99 is the priority of the default', async () => {
    const of = (...tags: object[]): Promise<View> =>
      backup('Microsoft.Compute/disks', [run('Incremental', 'OperationalStore', ['R/2024-05-19T06:00:00Z/P1D'], tags)]);
    const first = { absoluteCriteria: ['FirstOfWeek'] };
    const last = await of(tag('Weekly', 99, false, first), tag('Default', 99, true));
    expect(last.repeatedPriorities).toEqual([]);
    const twice = await of(tag('Weekly', 20, false, first), tag('Monthly', 20, false, first), tag('Default', 99, true));
    expect(twice.repeatedPriorities).toEqual([20]);
    // That there is no default rule is told elsewhere.
    expect(twice.tagsWithoutRule).toEqual(['Weekly', 'Monthly']);
  });

  test('snapshots of tagged rules are counted at least', async () => {
    const of = async (tags: object[], rules: object[]): Promise<unknown> =>
      (
        await backup('Microsoft.Compute/disks', [
          run('Incremental', 'OperationalStore', ['R/2024-05-19T06:00:00Z/PT12H'], [tag('Default', 99, true), ...tags]),
          keep('Default', 'OperationalStore', 'P10D', true),
          ...rules,
        ])
      ).snapshotsKept;
    const weekly = keep('Weekly', 'OperationalStore', 'P70D');
    expect(await of([], [])).toBe(20);
    // One run of a day for a hundred days, the other for ten.
    expect(
      await of([tag('D', 20, false, { absoluteCriteria: ['FirstOfDay'] })], [keep('D', 'OperationalStore', 'P100D')]),
    ).toBe(110);
    // What the tag before takes is not counted again.
    expect(
      await of(
        [
          tag('D', 10, false, { absoluteCriteria: ['FirstOfDay'] }),
          tag('Weekly', 20, false, { absoluteCriteria: ['FirstOfWeek'] }),
        ],
        [keep('D', 'OperationalStore', 'P100D'), weekly],
      ),
    ).toBe(108);
    // Which runs a weekday picks depends on their days.
    expect(await of([tag('Weekly', 20, false, { daysOfTheWeek: ['Sunday'] })], [weekly])).toEqual(unknown);
  });
});
