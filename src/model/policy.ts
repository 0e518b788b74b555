/**
 * Backup policies: which solution, and for Azure VM the schedule, instant restore, retention per tier and archive tiering
 * in one vocabulary for azurerm and ARM. Weekdays and months are English names with a capital, counts are in the tier's own unit.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, isKnown, number, reasonOf, text, unknown, type Value } from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import {
  type Fact,
  fallback,
  filledList,
  listOf,
  mapped,
  numberIn,
  numeric,
  pick,
  spelt,
  textOf,
  undecided,
  view,
} from './facts.ts';
import { splitName } from './id.ts';

const weekdays = spelt('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday');
const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const months = spelt(...monthNames);
const weeks = spelt('First', 'Second', 'Third', 'Fourth', 'Last');
const frequencies = spelt('Hourly', 'Daily', 'Weekly');
const policyTypes = spelt('V1', 'V2');
const archiveModes = spelt('TierAfter', 'TierRecommended', 'DoNotTier');

type Facts = Record<string, Fact | Value | undefined>;
type Parts = Record<string, Fact | undefined>;

export interface PolicyKind {
  readonly solution: string;
  readonly vaultKind: 'recovery-services' | 'backup';
}

const azurermPolicies: Readonly<Record<string, PolicyKind>> = {
  azurerm_backup_policy_vm: { solution: 'azure-vm', vaultKind: 'recovery-services' },
  azurerm_backup_policy_file_share: { solution: 'azure-files', vaultKind: 'recovery-services' },
  azurerm_backup_policy_vm_workload: { solution: 'database-in-vm', vaultKind: 'recovery-services' },
  azurerm_data_protection_backup_policy_disk: { solution: 'azure-disk', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_blob_storage: { solution: 'azure-blob', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_data_lake_storage: { solution: 'adls', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_kubernetes_cluster: { solution: 'aks', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_postgresql: { solution: 'postgresql', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_postgresql_flexible_server: { solution: 'postgresql', vaultKind: 'backup' },
  azurerm_data_protection_backup_policy_mysql_flexible_server: { solution: 'mysql', vaultKind: 'backup' },
};

const armPolicyTypes: Readonly<Record<string, 'recovery-services' | 'backup'>> = {
  'microsoft.recoveryservices/vaults/backuppolicies': 'recovery-services',
  'microsoft.dataprotection/backupvaults/backuppolicies': 'backup',
};

const managementTypes: Readonly<Record<string, string>> = {
  azureiaasvm: 'azure-vm',
  azurestorage: 'azure-files',
  mab: 'mars',
};

const workloads: Readonly<Record<string, string>> = {
  sqldatabase: 'sql-in-vm',
  saphanadatabase: 'hana-in-vm',
  saphanadbinstance: 'hana-in-vm',
  sapasedatabase: 'ase-in-vm',
};

export function isPolicy(resource: Resource): boolean {
  return resource.type in azurermPolicies || resource.type.toLowerCase() in armPolicyTypes;
}

/** Which solution a policy is made for, as a value: unknown where its kind is not known. */
export function policySolution(resource: Resource): Fact {
  const { body, head } = resource;
  const azurerm = azurermPolicies[resource.type];
  if (azurerm) {
    if (azurerm.solution !== 'database-in-vm') return { value: text(azurerm.solution, head), at: head };
    return mapped(pick(body, 'workload_type', false), workloads) ?? undecided('the workload type is not written', head);
  }
  const workload = mapped(pick(body, 'properties.workLoadType', true), workloads);
  const kind = pick(body, 'properties.backupManagementType', true);
  if (textOf(kind?.value)?.toLowerCase() === 'azureworkload')
    return workload ?? undecided('the workload type is not written', head);
  if (kind) return mapped(kind, managementTypes)!;
  const datasource = pick(body, 'properties.datasourceTypes[0]', true);
  return mapped(datasource, datasourceSolutions) ?? undecided('the kind of the policy is not written', head);
}

/** Solutions of a Backup vault by the datasource type that its policies and instances name. */
export const datasourceSolutions: Readonly<Record<string, string>> = {
  'microsoft.compute/disks': 'azure-disk',
  'microsoft.storage/storageaccounts/blobservices': 'azure-blob',
  'microsoft.storage/storageaccounts/adlsblobservices': 'adls',
  'microsoft.dbforpostgresql/servers/databases': 'postgresql',
  'microsoft.dbforpostgresql/flexibleservers': 'postgresql',
  'microsoft.dbformysql/flexibleservers': 'mysql',
  'microsoft.containerservice/managedclusters': 'aks',
  'microsoft.documentdb/databaseaccounts': 'cosmos-db',
  'microsoft.elasticsan/elasticsans/volumegroups': 'elastic-san',
  'microsoft.compute/virtualmachines': 'azure-vm',
};

/** Everything a rule asks of a VM policy; for other solutions only what they have in common. */
export function policyFacts(resource: Resource): Facts {
  const solution = policySolution(resource);
  if (resource.type in azurermPolicies)
    return {
      solution,
      ...(resource.type === 'azurerm_backup_policy_vm' ? azurermVmPolicy(resource) : named(resource)),
    };
  return { solution, ...(textOf(solution.value) === 'azure-vm' ? armVmPolicy(resource) : named(resource)) };
}

/** The policy's own name: of an ARM child's slash name the last part. */
function named(resource: Resource): Facts {
  const at = pick(resource.body, 'name', true)?.at ?? resource.head;
  if (!resource.type.includes('/')) return { name: { value: resource.name, at } };
  return { name: { value: splitName(resource.name)?.at(-1) ?? unknown('the name is not known', at), at } };
}

function azurermVmPolicy(resource: Resource): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const time = at('backup[0].time');
  return {
    ...named(resource),
    type: fallback(mapped(at('policy_type'), policyTypes), 'V1', head),
    typeWritten: at('policy_type'),
    timeZone: at('timezone'),
    consistency: at('consistency_type'),
    schedule: part(at('backup[0]'), {
      frequency: mapped(at('backup[0].frequency'), frequencies),
      times: time && { at: time.at, value: listOf(time.at, [time.value]) },
      weekdays: mapped(filledList(at('backup[0].weekdays')), weekdays),
      interval: numeric(at('backup[0].hour_interval')),
      window: numeric(at('backup[0].hour_duration')),
    }),
    instantRestore: view(head, {
      days: numeric(at('instant_restore_retention_days')),
      group: instantRestoreGroup(
        at('instant_restore_resource_group[0]'),
        at('instant_restore_resource_group[0].prefix'),
        at('instant_restore_resource_group[0].suffix'),
      ),
    }),
    retention: retention(head, {
      daily: part(at('retention_daily[0]'), { count: numeric(at('retention_daily[0].count')) }),
      weekly: part(at('retention_weekly[0]'), {
        count: numeric(at('retention_weekly[0].count')),
        weekdays: mapped(filledList(at('retention_weekly[0].weekdays')), weekdays),
      }),
      monthly: azurermLongTier(resource, 'retention_monthly'),
      yearly: azurermLongTier(resource, 'retention_yearly'),
    }),
    archive: part(at('tiering_policy[0].archived_restore_point[0]'), {
      mode: mapped(at('tiering_policy[0].archived_restore_point[0].mode'), archiveModes),
      after: numeric(at('tiering_policy[0].archived_restore_point[0].duration')),
      unit: at('tiering_policy[0].archived_restore_point[0].duration_type'),
    }),
  };
}

function azurermLongTier(resource: Resource, block: string): Fact | undefined {
  const at = (path: string): Fact | undefined => pick(resource.body, `${block}[0]${path}`, false);
  return longTier(at(''), {
    count: numeric(at('.count')),
    weekdays: mapped(filledList(at('.weekdays')), weekdays),
    weeks: mapped(filledList(at('.weeks')), weeks),
    days: filledList(at('.days')),
    lastDay: mapped(at('.include_last_days'), { true: true, false: false }),
    months: block === 'retention_yearly' ? mapped(filledList(at('.months')), months) : undefined,
    yearly: block === 'retention_yearly',
  });
}

function armVmPolicy(resource: Resource): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const type = fallback(mapped(at('policyType'), policyTypes), 'V1', head);
  const scheduleClass = mapped(at('schedulePolicy.schedulePolicyType'), {
    simpleschedulepolicy: 'V1',
    simpleschedulepolicyv2: 'V2',
  });
  const archive = 'tieringPolicy.ArchivedRP';
  const noArchive = textOf(at(`${archive}.tieringMode`)?.value)?.toLowerCase() === 'donottier';
  const written = at('retentionPolicy');
  return {
    ...named(resource),
    type,
    typeWritten: at('policyType'),
    scheduleClass,
    timeZone: at('timeZone'),
    consistency: at('snapshotConsistencyType'),
    schedule: armSchedule(resource, type, scheduleClass),
    instantRestore: view(head, {
      days: numeric(at('instantRpRetentionRangeInDays')),
      group: instantRestoreGroup(
        filledObject(at('instantRPDetails')),
        at('instantRPDetails.azureBackupRGNamePrefix'),
        at('instantRPDetails.azureBackupRGNameSuffix'),
      ),
    }),
    retention: retention(
      written?.at ?? head,
      {
        daily: armTier(resource, 'dailySchedule', 'Days'),
        weekly: armTier(resource, 'weeklySchedule', 'Weeks'),
        monthly: armLongTier(resource, 'monthlySchedule', 'Months'),
        yearly: armLongTier(resource, 'yearlySchedule', 'Years'),
      },
      at('retentionPolicy.retentionDuration'),
    ),
    archive: noArchive
      ? undefined
      : part(filledObject(at(archive)), {
          mode: mapped(at(`${archive}.tieringMode`), archiveModes),
          after: meaningful(numeric(at(`${archive}.duration`))),
          unit: meaningful(at(`${archive}.durationType`)),
        }),
  };
}

const frequencyBlocks: Readonly<Record<string, string>> = {
  Hourly: 'hourlySchedule',
  Daily: 'dailySchedule',
  Weekly: 'weeklySchedule',
};

/** V1 has one set of fields for every frequency, V2 a block for each. */
function armSchedule(resource: Resource, type: Fact, scheduleClass: Fact | undefined): Fact | undefined {
  const at = (path: string): Fact | undefined => pick(resource.body, `properties.schedulePolicy${path}`, true);
  const frequency = mapped(at('.scheduleRunFrequency'), frequencies);
  const often = textOf(frequency?.value);
  const own = often === undefined ? undefined : frequencyBlocks[often];
  const field = (name: string): Fact | undefined => {
    if (scheduleClass && textOf(scheduleClass.value) === undefined)
      return undecided('the schedule class is not known', scheduleClass.at);
    const plain = at(`.${name}`);
    if (textOf(scheduleClass?.value) === 'V1' && textOf(type.value) === 'V1') return plain;
    if (frequency && often === undefined) return undecided('the frequency is not known', frequency.at);
    const inBlock = own === undefined ? undefined : at(`.${own}.${name}`);
    if (textOf(scheduleClass?.value) === 'V2' && textOf(type.value) === 'V2') return inBlock;
    // Which class is meant is open: that they disagree is a mistake of its own.
    return inBlock ?? plain;
  };
  const start = at('.hourlySchedule.scheduleWindowStartTime');
  const facts = {
    frequency,
    times: clockTimes(
      often === 'Hourly'
        ? start && { at: start.at, value: listOf(start.at, [start.value]) }
        : filledList(field('scheduleRunTimes')),
    ),
    timesBeside: timesBeside(at, frequency),
    weekdays: mapped(filledList(field('scheduleRunDays')), weekdays),
    interval: numeric(at('.hourlySchedule.interval')),
    window: numeric(at('.hourlySchedule.scheduleWindowDuration')),
  };
  // A class alone is no schedule.
  return Object.values(facts).some(Boolean) ? part(at(''), facts) : undefined;
}

/** Run times of a daily or weekly schedule in a policy that runs hourly. */
function timesBeside(at: (path: string) => Fact | undefined, frequency: Fact | undefined): Fact | undefined {
  const often = textOf(frequency?.value);
  if (!frequency || (often !== undefined && often !== 'Hourly')) return undefined;
  const found = ['', '.dailySchedule', '.weeklySchedule']
    .map((block) => filledList(at(`${block}.scheduleRunTimes`)))
    .find(Boolean);
  return found && often === undefined ? undecided('the frequency is not known', frequency.at) : clockTimes(found);
}

/** The service fills what it does not use: `Invalid` as a unit, 0 as a duration. */
function meaningful(fact: Fact | undefined): Fact | undefined {
  if (fact?.value.kind === 'number' && fact.value.value === 0) return undefined;
  return textOf(fact?.value)?.toLowerCase() === 'invalid' ? undefined : fact;
}

function armTier(resource: Resource, name: string, unit: string): Fact | undefined {
  const at = (path: string): Fact | undefined => pick(resource.body, `properties.retentionPolicy.${name}${path}`, true);
  return part(filledObject(at('')), {
    count: armCount(at('.retentionDuration.count'), at('.retentionDuration.durationType'), unit),
    weekdays: mapped(filledList(at('.daysOfTheWeek')), weekdays),
  });
}

function armLongTier(resource: Resource, name: string, unit: string): Fact | undefined {
  const at = (path: string): Fact | undefined => pick(resource.body, `properties.retentionPolicy.${name}${path}`, true);
  const format = mapped(at('.retentionScheduleFormatType'), spelt('Daily', 'Weekly'));
  const form = textOf(format?.value);
  // Only the sub-object that the format names counts; the other may be stale.
  const inForm = (wanted: string, path: string): Fact | undefined => {
    if (form === 'Daily' || form === 'Weekly') return form === wanted ? at(path) : undefined;
    return at(path) && undecided('the form of the tier is not known', format?.at ?? resource.head);
  };
  return longTier(filledObject(at('')), {
    count: armCount(at('.retentionDuration.count'), at('.retentionDuration.durationType'), unit),
    weekdays: mapped(filledList(inForm('Weekly', '.retentionScheduleWeekly.daysOfTheWeek')), weekdays),
    weeks: mapped(filledList(inForm('Weekly', '.retentionScheduleWeekly.weeksOfTheMonth')), weeks),
    ...daysOfMonth(inForm('Daily', '.retentionScheduleDaily.daysOfTheMonth')),
    months: name === 'yearlySchedule' ? mapped(filledList(at('.monthsOfYear')), months) : undefined,
    yearly: name === 'yearlySchedule',
  });
}

/** ARM writes each day as `{date, isLast}`; the last day has date 0. */
function daysOfMonth(dates: Fact | undefined): { days?: Fact | undefined; lastDay?: Fact | undefined } {
  if (!dates) return {};
  if (dates.value.kind !== 'list') {
    const days = undecided(reasonOf(dates.value) ?? 'the days are not known', dates.at);
    return { days, lastDay: days };
  }
  const days: Value[] = [];
  let last: Fact | undefined;
  let isOpen = dates.value.open ?? false;
  for (const entry of dates.value.items) {
    const isLast = mapped(pick(entry, 'isLast', true), { true: true, false: false });
    const date = numeric(pick(entry, 'date', true));
    if (isLast && isLast.value.kind !== 'bool') {
      isOpen = true;
      last ??= isLast;
    } else if (isLast?.value.kind === 'bool' && isLast.value.value) last = isLast;
    else if (date && numberIn(date.value) !== 0) days.push(date.value);
  }
  if (isOpen) last ??= undecided('there may be more days', dates.at);
  return { days: filledList({ at: dates.at, value: { ...dates.value, items: days, open: isOpen } }), lastDay: last };
}

/** A count in the tier's own unit. */
function armCount(count: Fact | undefined, durationType: Fact | undefined, unit: string): Fact | undefined {
  const amount = numeric(count);
  if (!amount || !durationType) return amount;
  const written = textOf(durationType.value);
  if (written === undefined) return undecided('the unit of the duration is not known', durationType.at);
  if (written.toLowerCase() === unit.toLowerCase()) return amount;
  return undecided(`the duration is written in ${written}`, durationType.at);
}

/** Only the clock of an ARM time counts: the date and the Z mean nothing. */
function clockTimes(times: Fact | undefined): Fact | undefined {
  if (times?.value.kind !== 'list') return times;
  const items = times.value.items.map((item): Value => {
    const value = force(item);
    const clock =
      value.kind === 'string'
        ? /(\d{2}:\d{2})/.exec(value.value.includes('T') ? value.value.split('T')[1]! : value.value)
        : null;
    return clock && value.kind === 'string' ? { ...value, value: clock[1]! } : value;
  });
  return { ...times, value: { ...times.value, items } };
}

function instantRestoreGroup(
  written: Fact | undefined,
  prefix: Fact | undefined,
  suffix: Fact | undefined,
): Fact | undefined {
  if (!prefix) return undefined;
  const text = (fact: Fact | undefined): string | undefined => (fact ? textOf(fact.value) : '');
  const [first, last] = [text(prefix), text(suffix)];
  return part(written && { ...written, at: prefix.at }, {
    prefix,
    suffix,
    // The service puts a number between prefix and suffix; one digit is the least.
    shortestName:
      first === undefined || last === undefined
        ? undecided('the name of the group is not known', prefix.at)
        : { at: prefix.at, value: { ...prefix.value, kind: 'string', value: `${first}1${last}` } as Value },
  });
}

/** A block with its facts; where it may be missing altogether it is unknown, so that it counts neither as there nor as absent. */
function part(written: Fact | undefined, facts: Parts): Fact | undefined {
  if (!written) return undefined;
  const { value, at } = written;
  return isObject(value) ? { at, value: view(at, facts) } : undecided(reasonOf(value) ?? 'it is not known', at);
}

function isObject(value: Value): boolean {
  if (value.kind === 'one-of') return value.values.every((candidate) => isObject(force(candidate)));
  return value.kind === 'object';
}

/** ARM: `{}` says nothing, like absence. */
function filledObject(fact: Fact | undefined): Fact | undefined {
  return fact?.value.kind === 'object' && fact.value.members.size === 0 && !fact.value.open ? undefined : fact;
}

interface LongTier {
  readonly count?: Fact | undefined;
  readonly weekdays?: Fact | undefined;
  readonly weeks?: Fact | undefined;
  readonly days?: Fact | undefined;
  readonly lastDay?: Fact | undefined;
  readonly months?: Fact | undefined;
  readonly yearly: boolean;
}

function longTier(written: Fact | undefined, { yearly, ...facts }: LongTier): Fact | undefined {
  // false says nothing, like absence.
  const lastDay = facts.lastDay?.value.kind === 'bool' && !facts.lastDay.value.value ? undefined : facts.lastDay;
  return part(written, {
    ...facts,
    lastDay,
    monthsWithout: written && monthsWithoutDay({ ...facts, lastDay }, yearly),
  });
}

/** How many of the tier's months lack every one of its days; only where it is made of days of the month. */
function monthsWithoutDay(facts: Omit<LongTier, 'yearly'>, yearly: boolean): Fact | undefined {
  const { days, lastDay } = facts;
  if (!days) return undefined;
  const { at, value } = days;
  if (value.kind !== 'list') return undecided('the days are not known', at);
  const known = value.items.map((item) => numberIn(force(item)));
  // A day that every month has settles it, whatever else is in the list.
  if (lastDay?.value.kind === 'bool' || known.some((day) => day !== undefined && day <= 28))
    return { at, value: number(0, at) };
  if (lastDay) return undecided('it is not known whether the last day counts', at);
  if (value.open || known.includes(undefined)) return undecided('the days are not known', at);
  const names = yearly ? facts.months?.value : undefined;
  if (yearly && !names) return undefined;
  if (names && (names.kind !== 'list' || !isKnown(names))) return undecided('the months are not known', at);
  const wanted = names?.kind === 'list' ? names.items.map((name) => textOf(force(name))) : monthNames;
  // February counts with 28 days: three years of four have no more.
  const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const least = Math.min(...(known as number[]));
  const missing = wanted.filter((name) => (lengths[monthNames.indexOf(name ?? '')] ?? 31) < least);
  // The list itself is the place: one literal of it decides, or all.
  const decided = value.items.length === 1 ? force(value.items[0]!) : value;
  return { at, value: { ...number(missing.length, decided.at), via: decided.via } };
}

/**
 * The tiers together: there if one is there for certain, absent if none can be.
 * One duration without tiers is another class of retention: what the service makes of it in a VM policy is not known.
 */
function retention(at: Origin, tiers: Parts, duration?: Fact): Fact | undefined {
  const written = Object.values(tiers).filter((tier) => tier !== undefined);
  if (written.some((tier) => tier.value.kind === 'object')) return { at, value: view(at, tiers) };
  const [doubt] = written;
  if (doubt) return undecided(reasonOf(doubt.value) ?? 'the retention is not known', doubt.at);
  return duration && undecided(reasonOf(duration.value) ?? 'the retention has no tiers', duration.at);
}
