/** VM policies in azurerm and in ARM -> one set of facts. */
import { describe, expect, test } from 'vitest';
import { encode } from '../../src/evaluate/value.ts';
import type { Entity } from '../../src/model/model.ts';
import { isSpan } from '../../src/source/source.ts';
import { modelsOf } from '../fixture.ts';

type Facts = Record<string, unknown>;

async function policies(name: string, text: string): Promise<Entity[]> {
  const [model] = await modelsOf({ name, text });
  return model!.entities.filter((entity) => entity.subject === 'policy');
}

/** The facts of the only policy, without those that say where it comes from. */
async function factsOf(name: string, text: string): Promise<Facts> {
  const found = await policies(name, text);
  expect(found).toHaveLength(1);
  const facts = encode(found[0]!.view) as Facts;
  for (const name of ['language', 'name', 'users', 'vaultKind', 'vaultName', 'rpo', 'rpoMinutes']) delete facts[name];
  return facts;
}

const terraform = (body: string, more = ''): Promise<Facts> =>
  factsOf('main.tf', `${more}\nresource "azurerm_backup_policy_vm" "p" {\n  name = "p"\n${body}\n}\n`);

function template(properties: object, parameters: object = {}): string {
  return JSON.stringify({
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters,
    resources: [
      {
        type: 'Microsoft.RecoveryServices/vaults/backupPolicies',
        apiVersion: '2024-04-01',
        name: 'v/p',
        properties: { backupManagementType: 'AzureIaasVM', ...properties },
      },
    ],
  });
}

const arm = (properties: object, parameters: object = {}): Promise<Facts> =>
  factsOf('main.json', template(properties, parameters));

const days = (count: number | string) => ({ retentionDuration: { count, durationType: 'Days' } });
const unknown = { $unknown: expect.any(String) };
const named = { $symbol: expect.any(String) };

describe('the same policy says the same in azurerm and in ARM', () => {
  test('Standard, daily, every tier', async () => {
    const hcl = await terraform(`
      instant_restore_retention_days = 3
      timezone                       = "Tokyo Standard Time"
      instant_restore_resource_group {
        prefix = "rg-snapshots-"
        suffix = "-x"
      }
      backup {
        frequency = "Daily"
        time      = "22:30"
      }
      retention_daily { count = 30 }
      retention_weekly {
        count    = 12
        weekdays = ["sunday", "Wednesday"]
      }
      retention_monthly {
        count    = 24
        weekdays = ["Sunday"]
        weeks    = ["First", "Last"]
      }
      retention_yearly {
        count  = 7
        months = ["JANUARY", "June"]
        days   = [31]
      }
      tiering_policy {
        archived_restore_point {
          mode          = "TierAfter"
          duration      = 3
          duration_type = "Months"
        }
      }`);
    const body = await arm({
      instantRpRetentionRangeInDays: '3',
      timeZone: 'Tokyo Standard Time',
      instantRPDetails: { azureBackupRGNamePrefix: 'rg-snapshots-', azureBackupRGNameSuffix: '-x' },
      schedulePolicy: {
        schedulePolicyType: 'SimpleSchedulePolicy',
        scheduleRunFrequency: 'daily',
        scheduleRunTimes: ['1900-01-01T22:30:00+09:00'],
        scheduleWeeklyFrequency: 0,
        hourlySchedule: null,
      },
      retentionPolicy: {
        retentionPolicyType: 'LongTermRetentionPolicy',
        dailySchedule: days(30),
        weeklySchedule: {
          daysOfTheWeek: ['Sunday', 'wednesday'],
          retentionDuration: { count: 12, durationType: 'weeks' },
        },
        monthlySchedule: {
          retentionScheduleFormatType: 'Weekly',
          retentionScheduleDaily: { daysOfTheMonth: [{ date: 1, isLast: false }] },
          retentionScheduleWeekly: { daysOfTheWeek: ['Sunday'], weeksOfTheMonth: ['First', 'Last'] },
          retentionDuration: { count: 24, durationType: 'Months' },
        },
        yearlySchedule: {
          retentionScheduleFormatType: 'Daily',
          monthsOfYear: ['January', 'June'],
          retentionScheduleDaily: { daysOfTheMonth: [{ date: 31, isLast: false }] },
          retentionScheduleWeekly: { daysOfTheWeek: ['Monday'], weeksOfTheMonth: ['Second'] },
          retentionDuration: { count: 7, durationType: 'Years' },
        },
      },
      tieringPolicy: { ArchivedRP: { tieringMode: 'tierafter', duration: 3, durationType: 'Months' } },
    });
    const { scheduleClass, ...rest } = body;
    expect(scheduleClass).toBe('V1');
    expect(rest).toEqual(hcl);
    expect(hcl).toEqual({
      solution: 'azure-vm',
      type: 'V1',
      timeZone: 'Tokyo Standard Time',
      schedule: { frequency: 'Daily', times: ['22:30'] },
      instantRestore: {
        days: 3,
        group: { prefix: 'rg-snapshots-', suffix: '-x', shortestName: 'rg-snapshots-1-x' },
      },
      retention: {
        daily: { count: 30 },
        weekly: { count: 12, weekdays: ['Sunday', 'Wednesday'] },
        monthly: { count: 24, weekdays: ['Sunday'], weeks: ['First', 'Last'] },
        yearly: { count: 7, months: ['January', 'June'], days: [31], monthsWithout: 1 },
      },
      archive: { mode: 'TierAfter', after: 3, unit: 'Months' },
    });
  });

  test('Enhanced, hourly', async () => {
    const hcl = await terraform(`
      policy_type      = "V2"
      consistency_type = "OnlyCrashConsistent"
      backup {
        frequency     = "Hourly"
        time          = "08:00"
        hour_interval = "4"
        hour_duration = "12"
      }
      retention_daily { count = "30" }`);
    const { scheduleClass, ...body } = await arm({
      policyType: 'V2',
      timeZone: 'UTC',
      snapshotConsistencyType: 'OnlyCrashConsistent',
      schedulePolicy: {
        schedulePolicyType: 'SimpleSchedulePolicyV2',
        scheduleRunFrequency: 'Hourly',
        hourlySchedule: { interval: 4, scheduleWindowStartTime: '2021-12-17T08:00:00Z', scheduleWindowDuration: 12 },
        dailySchedule: null,
      },
      retentionPolicy: { dailySchedule: days(30) },
    });
    expect(scheduleClass).toBe('V2');
    expect(body).toEqual(hcl);
    expect(hcl).toMatchObject({
      type: 'V2',
      typeWritten: 'V2',
      schedule: { frequency: 'Hourly', times: ['08:00'], interval: 4, window: 12 },
      retention: { daily: { count: 30 } },
    });
  });

  test('Enhanced, weekly', async () => {
    const hcl = await terraform(`
      policy_type = "V2"
      backup {
        frequency = "Weekly"
        time      = "02:00"
        weekdays  = ["Saturday"]
      }
      retention_weekly {
        count    = 4
        weekdays = ["Saturday"]
      }
      retention_monthly {
        count             = 12
        include_last_days = "true"
      }`);
    const { scheduleClass: _class, ...body } = await arm({
      policyType: 'v2',
      timeZone: 'UTC',
      schedulePolicy: {
        schedulePolicyType: 'SimpleSchedulePolicyV2',
        scheduleRunFrequency: 'Weekly',
        weeklySchedule: { scheduleRunDays: ['Saturday'], scheduleRunTimes: ['2018-01-24T02:00:00Z'] },
      },
      retentionPolicy: {
        weeklySchedule: { daysOfTheWeek: ['Saturday'], retentionDuration: { count: 4, durationType: 'Weeks' } },
        monthlySchedule: {
          retentionScheduleFormatType: 'Daily',
          retentionScheduleDaily: { daysOfTheMonth: [{ date: 0, isLast: true }] },
          retentionDuration: { count: 12, durationType: 'Months' },
        },
      },
    });
    // azurerm takes V2 as it is written, ARM any letter case; both give Azure's spelling.
    expect({ ...body, typeWritten: 'V2' }).toEqual(hcl);
    expect(hcl).toMatchObject({
      schedule: { frequency: 'Weekly', weekdays: ['Saturday'], times: ['02:00'] },
      retention: { monthly: { count: 12, lastDay: true } },
    });
  });
});

describe('schedules of ARM', () => {
  const v2 = { policyType: 'V2', retentionPolicy: { dailySchedule: days(30) } };

  test('V2 reads the block of its frequency alone', async () => {
    const { schedule } = await arm({
      ...v2,
      schedulePolicy: {
        schedulePolicyType: 'SimpleSchedulePolicyV2',
        scheduleRunFrequency: 'Daily',
        scheduleRunTimes: ['2024-01-01T01:00:00Z'],
        dailySchedule: { scheduleRunTimes: ['2024-01-01T02:00:00Z'] },
        weeklySchedule: { scheduleRunDays: ['Monday'], scheduleRunTimes: ['2024-01-01T03:00:00Z'] },
      },
    });
    expect(schedule).toEqual({ frequency: 'Daily', times: ['02:00'] });
  });

  test('where class and type disagree, times count wherever they stand', async () => {
    const { schedule } = await arm({
      ...v2,
      schedulePolicy: {
        schedulePolicyType: 'SimpleSchedulePolicy',
        scheduleRunFrequency: 'Daily',
        dailySchedule: { scheduleRunTimes: ['2024-01-01T02:00:00Z'] },
      },
    });
    expect(schedule).toEqual({ frequency: 'Daily', times: ['02:00'] });
  });

  test('run times beside an hourly schedule are facts of their own', async () => {
    const { schedule } = await arm({
      ...v2,
      schedulePolicy: {
        schedulePolicyType: 'SimpleSchedulePolicyV2',
        scheduleRunFrequency: 'Hourly',
        hourlySchedule: { interval: 4, scheduleWindowDuration: 12, scheduleWindowStartTime: '2024-01-01T08:00:00Z' },
        dailySchedule: { scheduleRunTimes: ['2024-01-01T02:00:00Z'] },
      },
    });
    expect(schedule).toMatchObject({ times: ['08:00'], timesBeside: ['02:00'] });
  });

  test('a class alone is no schedule', async () => {
    expect(await arm({ schedulePolicy: { schedulePolicyType: 'SimpleSchedulePolicy' } })).not.toHaveProperty(
      'schedule',
    );
  });

  test('a frequency that is not known leaves open what only its block tells', async () => {
    const { schedule } = await arm(
      {
        ...v2,
        schedulePolicy: {
          schedulePolicyType: 'SimpleSchedulePolicyV2',
          scheduleRunFrequency: "[parameters('frequency')]",
          dailySchedule: { scheduleRunTimes: ['2024-01-01T02:00:00Z'] },
        },
      },
      { frequency: { type: 'string' } },
    );
    expect(schedule).toMatchObject({ frequency: named, times: unknown, timesBeside: unknown, weekdays: unknown });
  });
});

describe('retention of ARM', () => {
  const retention = async (retentionPolicy: unknown, parameters: object = {}): Promise<unknown> =>
    (await arm({ retentionPolicy }, parameters))['retention'];

  test('null, an empty tier and a class alone say nothing', async () => {
    expect(
      await retention({ retentionPolicyType: 'LongTermRetentionPolicy', dailySchedule: null, weeklySchedule: {} }),
    ).toBeUndefined();
  });

  test('a tier that may be left out makes the whole unknown, unless another is certain', async () => {
    const maybe = "[if(parameters('keep'), createObject('retentionTimes', createArray()), null())]";
    const parameters = { keep: { type: 'bool' } };
    expect(await retention({ dailySchedule: maybe }, parameters)).toEqual(unknown);
    expect(await retention({ dailySchedule: days(7), weeklySchedule: maybe }, parameters)).toEqual({
      daily: { count: 7 },
      weekly: unknown,
    });
  });

  test('one duration without tiers is not judged', async () => {
    expect(await retention({ retentionPolicyType: 'SimpleRetentionPolicy', ...days(30) })).toEqual(unknown);
  });

  test('a count in another unit than the tier is not read', async () => {
    expect(
      await retention({ dailySchedule: { retentionDuration: { count: 5, durationType: 'Weeks' } } }),
    ).toMatchObject({ daily: { count: unknown } });
  });

  test('the form decides which half of a monthly tier counts; without a known form neither does', async () => {
    const monthly = (form: unknown): object => ({
      monthlySchedule: {
        retentionScheduleFormatType: form,
        retentionScheduleDaily: { daysOfTheMonth: [{ date: 1, isLast: false }] },
        retentionScheduleWeekly: { daysOfTheWeek: ['Sunday'], weeksOfTheMonth: ['First'] },
      },
    });
    expect(await retention(monthly('Daily'))).toEqual({ monthly: { days: [1], monthsWithout: 0 } });
    expect(await retention(monthly('Weekly'))).toEqual({ monthly: { weekdays: ['Sunday'], weeks: ['First'] } });
    for (const form of ['Invalid', "[parameters('form')]"])
      expect(await retention(monthly(form), { form: { type: 'string' } })).toMatchObject({
        monthly: { days: unknown, lastDay: unknown, weekdays: unknown, weeks: unknown },
      });
  });

  test.each([
    ['a day that every month has', [{ date: 28 }, { date: 31 }], 0],
    ['the last day beside a late one', [{ date: 31 }, { date: 0, isLast: true }], 0],
    ['day 30', [{ date: 30 }], 1],
    ['days 30 and 31', [{ date: 31 }, { date: 30 }], 1],
    ['day 31', [{ date: '31' }], 5],
  ])('months without any of the days: %s', async (_what, daysOfTheMonth, expected) => {
    const found = await retention({
      monthlySchedule: { retentionScheduleFormatType: 'Daily', retentionScheduleDaily: { daysOfTheMonth } },
    });
    expect(found).toMatchObject({ monthly: { monthsWithout: expected } });
  });

  test('days that are not known', async () => {
    const withDay = (daysOfTheMonth: unknown): Promise<unknown> =>
      retention(
        { monthlySchedule: { retentionScheduleFormatType: 'Daily', retentionScheduleDaily: { daysOfTheMonth } } },
        { day: { type: 'int' }, last: { type: 'bool' }, days: { type: 'array' } },
      );
    expect(await withDay([{ date: "[parameters('day')]" }])).toMatchObject({ monthly: { monthsWithout: unknown } });
    expect(await withDay([{ date: 31, isLast: "[parameters('last')]" }])).toMatchObject({
      monthly: { monthsWithout: unknown, lastDay: named },
    });
    expect(await withDay("[parameters('days')]")).toMatchObject({ monthly: { days: unknown, lastDay: unknown } });
  });
});

describe('archive tiering of ARM', () => {
  const archive = async (tieringPolicy: unknown): Promise<unknown> =>
    (await arm({ tieringPolicy }, { mode: { type: 'string' } }))['archive'];

  test.each([
    ['DoNotTier', { ArchivedRP: { tieringMode: 'DoNotTier', duration: 0, durationType: 'Invalid' } }],
    ['an empty map', {}],
    ['an empty entry', { ArchivedRP: {} }],
  ])('%s is no archive', async (_what, tieringPolicy) => {
    expect(await archive(tieringPolicy)).toBeUndefined();
  });

  test('fillers of the service are nothing', async () => {
    expect(
      await archive({ ArchivedRP: { tieringMode: 'TierRecommended', duration: 0, durationType: 'Invalid' } }),
    ).toEqual({ mode: 'TierRecommended' });
  });

  test('a mode that is not known stays open', async () => {
    expect(await archive({ ArchivedRP: { tieringMode: "[parameters('mode')]", duration: 3 } })).toEqual({
      mode: named,
      after: 3,
    });
  });
});

describe('azurerm blocks that may be there', () => {
  const backup = 'backup {\n frequency = "Daily"\n time = "22:00"\n }\n';
  const dynamic = (block: string, over: string, content: string): string =>
    `dynamic "${block}" {\n for_each = ${over}\n content {\n ${content}\n }\n }\n`;

  test('an open for_each leaves the block unknown, neither there nor absent', async () => {
    const facts = await terraform(
      dynamic('backup', 'var.list', 'frequency = "Daily"\n time = "22:00"') +
        dynamic('retention_daily', 'var.list', 'count = 7') +
        `tiering_policy {\n ${dynamic('archived_restore_point', 'var.list', 'mode = "TierRecommended"')} }\n` +
        dynamic('instant_restore_resource_group', 'var.list', 'prefix = "rg"'),
      'variable "list" {\n type = list(number)\n}',
    );
    expect(facts).toMatchObject({
      schedule: unknown,
      retention: unknown,
      archive: unknown,
      instantRestore: { group: unknown },
    });
  });

  test('beside a certain tier an uncertain one stays uncertain', async () => {
    const facts = await terraform(
      `${backup}retention_daily {\n count = 7\n }\n` +
        dynamic('retention_weekly', 'var.list', 'count = 7\n weekdays = ["Sunday"]'),
      'variable "list" {\n type = list(number)\n}',
    );
    expect(facts['retention']).toEqual({ daily: { count: 7 }, weekly: unknown });
  });

  test('a known for_each gives the block or its absence', async () => {
    const facts = await terraform(
      backup +
        dynamic('retention_daily', '[14]', 'count = retention_daily.value') +
        dynamic('retention_weekly', '[]', 'count = 7\n weekdays = ["Sunday"]'),
    );
    expect(facts['retention']).toEqual({ daily: { count: 14 } });
  });

  test('values that are not known stay unknown, empty lists are absent', async () => {
    const facts = await terraform(
      `policy_type = var.type
       backup {
        frequency = "Weekly"
        time      = var.time
        weekdays  = []
       }
       retention_weekly {
        count    = var.count_of_weeks
        weekdays = var.days
       }`,
      ['type', 'time', 'count_of_weeks', 'days'].map((name) => `variable "${name}" {}`).join('\n'),
    );
    expect(facts).toMatchObject({
      type: named,
      schedule: { frequency: 'Weekly', times: [named] },
      retention: { weekly: { count: named, weekdays: named } },
    });
    expect(facts['schedule']).not.toHaveProperty('weekdays');
  });
});

describe('what is not a VM policy', () => {
  test('a share policy has facts of its own kind', async () => {
    const facts = await factsOf(
      'main.tf',
      'resource "azurerm_backup_policy_file_share" "p" {\n name = "p"\n backup {\n frequency = "Daily"\n time = "22:00"\n }\n}\n',
    );
    expect(facts).toEqual({
      solution: 'azure-files',
      tier: 'snapshot',
      timeZone: 'UTC',
      schedule: { frequency: 'Daily', times: ['22:00'] },
    });
  });

  test('a policy whose kind is not known is of an unknown solution', async () => {
    const facts = await arm({ backupManagementType: "[parameters('kind')]" }, { kind: { type: 'string' } });
    expect(facts['solution']).toEqual(named);
  });
});

test('facts stand where they are written', async () => {
  const text = `variable "keep" {
  default = 5
}
resource "azurerm_backup_policy_vm" "p" {
  name = "p"
  retention_daily {
    count = var.keep
  }
}
`;
  const [policy] = await policies('main.tf', text);
  const retention = policy!.view.members.get('retention')!.value;
  const daily = retention.kind === 'object' ? retention.members.get('daily')!.value : undefined;
  const count = daily?.kind === 'object' ? daily.members.get('count') : undefined;
  const written = (at: Entity['view']['at'] | undefined): string =>
    at && isSpan(at) ? text.slice(at.start, at.end) : '';
  expect(written(count?.value.at)).toBe('5');
  expect(written(count?.at)).toBe('var.keep');
  expect(written(policy!.view.members.get('type')?.at)).toBe('resource "azurerm_backup_policy_vm" "p" {');
});
