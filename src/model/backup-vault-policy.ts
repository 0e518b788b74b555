/**
 * Policies of Backup vaults: one set of facts from the blocks of azurerm and from `policyRules` of ARM.
 * Takes a policy of any datasource; gives its backup rules with their schedules, its retention rules with the stores they
 * keep points in, the tags that join the two, and what does not pair up.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, reasonOf, text, type Value } from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import {
  computed,
  type Fact,
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
import { daysOfMonth, type Facts, months, named, type Parts, weekdays, weeks, withoutLast } from './retention.ts';
import { keptFor, repeating } from './schedule.ts';

const stores = spelt('OperationalStore', 'VaultStore', 'ArchiveStore');
const backupTypes = spelt('Full', 'Incremental', 'Discrete', 'Differential');
const absolutes = spelt('AllBackup', 'FirstOfDay', 'FirstOfWeek', 'FirstOfMonth', 'FirstOfYear');
const tierOfStore: Readonly<Record<string, string>> = {
  OperationalStore: 'operational',
  VaultStore: 'vault',
  ArchiveStore: 'archive',
};

interface BackupRule {
  readonly at: Origin;
  readonly backupType?: Fact | undefined;
  readonly store?: Fact | undefined;
  readonly intervals?: Fact | undefined;
  readonly timeZone?: Fact | undefined;
  /** Runs by hand only. */
  readonly adhoc?: Fact | undefined;
}

interface Lifecycle {
  readonly at: Origin;
  readonly store?: Fact | undefined;
  readonly duration?: Fact | undefined;
  /** Stores that points are copied to. */
  readonly copies: readonly Fact[];
  readonly copiesOpen?: boolean;
}

interface RetentionRule {
  readonly at: Origin;
  readonly name: Fact;
  readonly isDefault: Fact;
  readonly lifecycles: readonly Lifecycle[];
  readonly open?: boolean;
}

interface Tag {
  readonly at: Origin;
  readonly name: Fact;
  readonly isDefault: Fact;
  readonly priority?: Fact | undefined;
  readonly criteria: readonly Parts[];
  readonly open?: boolean;
  /** The backup rule that it belongs to: priorities rank the tags of one rule. */
  readonly of?: number;
}

interface Rules {
  readonly backup: readonly BackupRule[];
  readonly retention: readonly RetentionRule[];
  readonly tags: readonly Tag[];
  /** Why there may be more of any of them. */
  readonly open?: string | undefined;
  readonly timeZone?: Fact | undefined;
}

export function backupVaultPolicy(resource: Resource): Facts {
  const rules = resource.type.includes('/') ? armRules(resource) : azurermRules(resource);
  return {
    ...named(resource),
    service: serviceOf(resource),
    ...facts(rules, resource.head),
    // Without a vault default azurerm sends no backup rule, whatever intervals are written.
    intervalsWritten: resource.type.endsWith('_blob_storage')
      ? filledList(pick(resource.body, 'backup_repeating_time_intervals', false))
      : undefined,
  };
}

/** Of PostgreSQL and MySQL: a flexible server, or the single one that is retired. */
function serviceOf({ type, body, head }: Resource): Fact | undefined {
  if (!type.includes('/')) {
    if (type.endsWith('_postgresql')) return computed('single', head);
    return type.endsWith('_flexible_server') ? computed('flexible', head) : undefined;
  }
  const service = mapped(pick(body, 'properties.datasourceTypes[0]', true), {
    'microsoft.dbforpostgresql/servers/databases': 'single',
    'microsoft.dbforpostgresql/flexibleservers': 'flexible',
    'microsoft.dbformysql/flexibleservers': 'flexible',
  });
  // Any other datasource is no such service.
  return textOf(service?.value)?.includes('/') ? undefined : service;
}

// azurerm

interface Engine {
  readonly store: string;
  readonly backupType: string;
}

const engines: Readonly<Record<string, Engine>> = {
  disk: { store: 'OperationalStore', backupType: 'Incremental' },
  blob_storage: { store: 'VaultStore', backupType: 'Discrete' },
  data_lake_storage: { store: 'VaultStore', backupType: 'Discrete' },
  kubernetes_cluster: { store: 'OperationalStore', backupType: 'Incremental' },
  postgresql: { store: 'VaultStore', backupType: 'Full' },
  postgresql_flexible_server: { store: 'VaultStore', backupType: 'Full' },
  mysql_flexible_server: { store: 'VaultStore', backupType: 'Full' },
  elastic_san_volume_group: { store: 'OperationalStore', backupType: 'Incremental' },
  cosmosdb_database_account: { store: 'VaultStore', backupType: 'Full' },
};

function azurermRules({ type, body, head }: Resource): Rules {
  const engine = engines[type.slice('azurerm_data_protection_backup_policy_'.length)]!;
  const at = (path: string): Fact | undefined => pick(body, path, false);
  const vaultDefault = at('vault_default_retention_duration');
  const blob = type.endsWith('_blob_storage');
  const intervals = filledList(at('backup_repeating_time_intervals') ?? at('backup_schedule'));
  const timeZone = at('time_zone');
  const store = computed(engine.store, head);
  const life = (one: Fact | undefined, from: Fact): Lifecycle[] =>
    one ? [{ at: one.at, store: from, duration: one, copies: [] }] : [];
  const retention: RetentionRule[] = [];
  const fallbackRule = (lifecycles: readonly Lifecycle[], open = false): void => {
    const place = lifecycles[0]?.at ?? head;
    if (lifecycles.length > 0 || open)
      retention.push({
        at: place,
        name: computed('Default', place),
        isDefault: computed(true, place),
        lifecycles,
        open,
      });
  };
  fallbackRule(
    life(
      at('operational_default_retention_duration') ?? (blob ? at('retention_duration') : undefined),
      computed('OperationalStore', head),
    ),
  );
  fallbackRule(life(vaultDefault, store));
  const defaultRule = at('default_retention_rule[0]');
  // A policy resource takes one of the two forms; what else is written there it does not know.
  if (!defaultRule) fallbackRule(life(at('default_retention_duration'), store));
  if (defaultRule) {
    const cycles = lifeCycles(defaultRule.value, store);
    fallbackRule(cycles.found, cycles.open);
  }
  const tags: Tag[] = [];
  const hasBackup = !blob || vaultDefault !== undefined;
  if (hasBackup)
    tags.push({
      at: head,
      name: computed('Default', head),
      isDefault: computed(true, head),
      priority: computed(99, head),
      criteria: [],
    });
  const written = filledList(at('retention_rule'));
  let open: string | undefined;
  if (written && written.value.kind !== 'list') open = reasonOf(written.value) ?? 'the retention rules are not known';
  if (written?.value.kind === 'list') {
    if (written.value.open) open = reasonOf(written.value) ?? 'there may be more retention rules';
    for (const [i, item] of written.value.items.entries()) {
      const rule = force(item);
      const of = (path: string): Fact | undefined => pick(rule, path, false);
      const name = of('name') ?? undecided('the rule has no name', rule.at);
      const own = life(of('duration'), store);
      const cycles = lifeCycles(rule, store);
      const flat = type.endsWith('_data_lake_storage');
      const criteria = flat ? criterion(rule) : pick(rule, 'criteria[0]', false);
      retention.push({
        at: rule.at,
        name,
        isDefault: computed(false, rule.at),
        lifecycles: own.length > 0 ? own : cycles.found,
        open: own.length > 0 ? false : cycles.open,
      });
      tags.push({
        at: rule.at,
        name,
        isDefault: computed(false, rule.at),
        // Of data lakes the provider numbers the rules as they stand.
        priority: flat ? computed(i + 1, rule.at) : numeric(of('priority')),
        criteria: !criteria ? [] : 'value' in criteria ? [criterion((criteria as Fact).value)] : [criteria],
        open: rule.kind !== 'object',
      });
    }
  }
  return {
    backup: hasBackup
      ? [
          {
            at: intervals?.at ?? head,
            backupType: computed(engine.backupType, head),
            adhoc: computed(false, head),
            store,
            intervals,
            timeZone,
          },
        ]
      : [],
    retention,
    tags,
    open,
    timeZone,
  };
}

function lifeCycles(rule: Value, otherwise: Fact): { found: Lifecycle[]; open: boolean } {
  const list = filledList(pick(rule, 'life_cycle', false));
  if (!list) return { found: [], open: false };
  if (list.value.kind !== 'list') return { found: [], open: true };
  const found = list.value.items.map((item): Lifecycle => {
    const cycle = force(item);
    return {
      at: cycle.at,
      store: mapped(pick(cycle, 'data_store_type', false), stores) ?? otherwise,
      duration: pick(cycle, 'duration', false),
      copies: [],
    };
  });
  return { found, open: list.value.open ?? false };
}

function criterion(of: Value): Parts {
  const at = (path: string): Fact | undefined => pick(of, path, false);
  const dates = filledList(at('days_of_month'));
  const split = dates ? withoutLast(dates) : undefined;
  return {
    absolute: mapped(at('absolute_criteria'), absolutes),
    weekdays: mapped(filledList(at('days_of_week')), weekdays),
    weeks: mapped(filledList(at('weeks_of_month')), weeks),
    months: mapped(filledList(at('months_of_year')), months),
    days: split?.days,
    lastDay: split?.lastDay,
    times: filledList(at('scheduled_backup_times')),
  };
}

// ARM

function armRules({ body }: Resource): Rules {
  const written = pick(body, 'properties.policyRules', true);
  const backup: BackupRule[] = [];
  const retention: RetentionRule[] = [];
  const tags: Tag[] = [];
  let open: string | undefined;
  if (written && written.value.kind !== 'list') open = reasonOf(written.value) ?? 'the rules are not known';
  if (written?.value.kind === 'list') {
    if (written.value.open) open = reasonOf(written.value) ?? 'there may be more rules';
    for (const item of written.value.items) {
      const rule = force(item);
      const at = (path: string): Fact | undefined => pick(rule, path, true);
      const kind = textOf(at('objectType')?.value)?.toLowerCase();
      if (kind === 'azurebackuprule') {
        const { rule: one, tags: more, open: hidden } = armBackupRule(rule);
        tags.push(...more.map((tag) => ({ ...tag, of: backup.length })));
        backup.push(one);
        open ??= hidden;
      } else if (kind === 'azureretentionrule') {
        retention.push(armRetentionRule(rule));
      } else open ??= reasonOf(rule) ?? 'a rule of a kind that is not known';
    }
  }
  return { backup, retention, tags, open, timeZone: backup.find((rule) => rule.timeZone)?.timeZone };
}

function armBackupRule(rule: Value): { rule: BackupRule; tags: Tag[]; open: string | undefined } {
  const at = (path: string): Fact | undefined => pick(rule, path, true);
  const trigger = at('trigger.objectType');
  const tagged = filledList(at('trigger.taggingCriteria'));
  const tags: Tag[] = [];
  let open: string | undefined;
  // An ad hoc trigger names one tag, as an object, and no schedule picks it.
  if (tagged && tagged.value.kind !== 'list' && tagged.value.kind !== 'object')
    open = reasonOf(tagged.value) ?? 'the tags are not known';
  if (tagged?.value.kind === 'list') {
    if (tagged.value.open) open = reasonOf(tagged.value) ?? 'there may be more tags';
    for (const item of tagged.value.items) {
      const tag = force(item);
      const of = (path: string): Fact | undefined => pick(tag, path, true);
      const criteria = filledList(of('criteria'));
      const list = criteria?.value.kind === 'list' ? criteria.value : undefined;
      tags.push({
        at: tag.at,
        name: of('tagInfo.tagName') ?? undecided('the tag has no name', tag.at),
        isDefault: of('isDefault') ?? computed(false, tag.at),
        priority: numeric(of('taggingPriority')),
        criteria: (list?.items ?? []).map((one) => armCriterion(force(one))),
        open: criteria !== undefined && (!list || list.open === true),
      });
    }
  }
  return {
    rule: {
      at: rule.at,
      backupType: mapped(at('backupParameters.backupType'), backupTypes),
      store: mapped(at('dataStore.dataStoreType'), stores),
      intervals: filledList(at('trigger.schedule.repeatingTimeIntervals')),
      timeZone: at('trigger.schedule.timeZone'),
      adhoc: mapped(trigger, { adhocbasedtriggercontext: true, schedulebasedtriggercontext: false }),
    },
    tags,
    open,
  };
}

function armCriterion(of: Value): Parts {
  const at = (path: string): Fact | undefined => pick(of, path, true);
  const absolute = filledList(at('absoluteCriteria'));
  const one =
    absolute?.value.kind === 'list' && absolute.value.items.length === 1 ? absolute.value.items[0]! : undefined;
  return {
    absolute: mapped(one && absolute ? { at: one.at, value: force(one) } : absolute, absolutes),
    weekdays: mapped(filledList(at('daysOfTheWeek')), weekdays),
    weeks: mapped(filledList(at('weeksOfTheMonth')), weeks),
    months: mapped(filledList(at('monthsOfYear')), months),
    ...daysOfMonth(filledList(at('daysOfMonth'))),
    times: filledList(at('scheduleTimes')),
  };
}

function armRetentionRule(rule: Value): RetentionRule {
  const at = (path: string): Fact | undefined => pick(rule, path, true);
  const written = filledList(at('lifecycles'));
  const list = written?.value.kind === 'list' ? written.value : undefined;
  const lifecycles = (list?.items ?? []).map((item): Lifecycle => {
    const cycle = force(item);
    const copied = filledList(pick(cycle, 'targetDataStoreCopySettings', true));
    const copies = copied?.value.kind === 'list' ? copied.value : undefined;
    return {
      at: cycle.at,
      store: mapped(pick(cycle, 'sourceDataStore.dataStoreType', true), stores),
      duration: pick(cycle, 'deleteAfter.duration', true),
      copies: (copies?.items ?? []).map(
        (copy) =>
          mapped(pick(copy, 'dataStore.dataStoreType', true), stores) ?? undecided('the store is not written', copy.at),
      ),
      copiesOpen: copied !== undefined && (!copies || copies.open === true),
    };
  });
  return {
    at: rule.at,
    name: at('name') ?? undecided('the rule has no name', rule.at),
    isDefault: at('isDefault') ?? computed(false, rule.at),
    lifecycles,
    open: written !== undefined && (!list || list.open === true),
  };
}

// Facts of both

function facts(rules: Rules, head: Origin): Facts {
  const { open } = rules;
  const hidden = open === undefined ? undefined : undecided(open, head);
  const scheduled = rules.backup.filter((rule) => rule.intervals);
  const backupRules = rules.backup.map((rule) => backupRuleView(rule));
  const schedule = joined(scheduled);
  const parts = schedule && repeating(schedule);
  const retention = tiers(rules, head);
  const full = fullSchedule(rules, hidden, head);
  const inStore = (store: string): Fact | undefined => defaultIn(rules, store, head);
  return {
    timeZone: rules.timeZone,
    schedule: parts ? { at: schedule.at, value: view(schedule.at, parts) } : hidden,
    fullSchedule: full,
    backupRules: { at: head, value: listOf(head, backupRules, open !== undefined) },
    adhocOnly: adhocOnly(rules, hidden, head),
    retention,
    operational: inStore('OperationalStore'),
    vaulted: inStore('VaultStore'),
    tiers: storesUsed(rules, head),
    retentionRules: {
      at: head,
      value: listOf(
        head,
        rules.retention.map((rule) => ruleView(rule)),
        open !== undefined,
      ),
    },
    tags: {
      at: head,
      value: listOf(
        head,
        rules.tags.map((tag) => tagView(tag)),
        open !== undefined,
      ),
    },
    ...pairing(rules, head),
    snapshotsKept: parts && snapshotsKept(rules, parts, head),
    rpo: parts?.['rpo'],
    rpoMinutes: parts?.['rpoMinutes'],
  };
}

/** The intervals of every rule: of most policies one. */
function joined(rules: readonly BackupRule[]): Fact | undefined {
  const [first, ...more] = rules.map((rule) => rule.intervals!);
  if (!first || more.length === 0) return first;
  const lists = [first, ...more].map((fact) => fact.value);
  const items = lists.flatMap((list) => (list.kind === 'list' ? list.items : []));
  return {
    at: first.at,
    value: listOf(
      first.at,
      items,
      lists.some((list) => list.kind !== 'list' || list.open === true),
    ),
  };
}

/** The schedule of the full backups; unknown while it may be that another rule makes some. */
function fullSchedule({ backup }: Rules, hidden: Fact | undefined, head: Origin): Fact | undefined {
  if (hidden) return hidden;
  const scheduled = backup.filter((rule) => rule.intervals);
  if (scheduled.some(({ backupType }) => textOf(backupType?.value) === undefined))
    return undecided('the type of a backup is not known', head);
  const intervals = joined(scheduled.filter(({ backupType }) => textOf(backupType?.value) === 'Full'));
  return intervals && { at: intervals.at, value: view(intervals.at, repeating(intervals)) };
}

function backupRuleView(rule: BackupRule): Value {
  return view(rule.at, {
    backupType: rule.backupType,
    store: rule.store,
    adhoc: rule.adhoc,
    schedule: rule.intervals && { at: rule.intervals.at, value: view(rule.intervals.at, repeating(rule.intervals)) },
    timeZone: rule.timeZone,
  });
}

/** True where every backup rule waits for a hand. */
function adhocOnly({ backup }: Rules, hidden: Fact | undefined, head: Origin): Fact | undefined {
  if (hidden) return hidden;
  if (backup.length === 0) return undefined;
  const states = backup.map(({ adhoc, intervals }) =>
    intervals ? false : adhoc?.value.kind === 'bool' ? adhoc.value.value : adhoc ? undefined : false,
  );
  if (states.includes(false)) return undefined;
  return states.includes(undefined) ? undecided('the trigger is not known', head) : computed(true, backup[0]!.at);
}

function ruleView(rule: RetentionRule): Value {
  return view(rule.at, {
    name: rule.name,
    isDefault: rule.isDefault,
    lifecycles: {
      at: rule.at,
      value: listOf(
        rule.at,
        rule.lifecycles.map((cycle) =>
          view(cycle.at, {
            store: cycle.store,
            ...keptFor(cycle.duration),
            copies: filledList({
              at: cycle.at,
              value: listOf(
                cycle.at,
                cycle.copies.map((copy) => copy.value),
                cycle.copiesOpen,
              ),
            }),
          }),
        ),
        rule.open,
      ),
    },
  });
}

function tagView(tag: Tag): Value {
  return view(tag.at, {
    name: tag.name,
    isDefault: tag.isDefault,
    priority: tag.priority,
    criteria: {
      at: tag.at,
      value: listOf(
        tag.at,
        tag.criteria.map((one) => view(tag.at, one)),
        tag.open,
      ),
    },
  });
}

/** The longest of a rule's lifecycles in one store, or in any. */
function keptBy(rule: RetentionRule, store?: string): Parts | undefined {
  let best: Parts | undefined;
  let most = -1;
  for (const cycle of rule.lifecycles) {
    const own = textOf(cycle.store?.value);
    if (store !== undefined && own !== undefined && own !== store) continue;
    const parts: Parts = { ...keptFor(cycle.duration), store: cycle.store };
    const days = numberIn(parts['keptDays']?.value);
    if (days === undefined || rule.open || (store !== undefined && own === undefined))
      return { ...parts, keptDays: undecided('how long it keeps is not known', rule.at) };
    if (days > most) [best, most] = [parts, days];
  }
  return best;
}

/** What the default rule keeps in one store; absent where no rule keeps anything there. */
function defaultIn(rules: Rules, store: string, head: Origin): Fact | undefined {
  for (const rule of rules.retention) {
    if (rule.isDefault.value.kind === 'bool' && !rule.isDefault.value.value) continue;
    const parts = keptBy(rule, store);
    if (!parts) continue;
    const { store: _, ...kept } = parts;
    return rule.isDefault.value.kind === 'bool'
      ? { at: rule.at, value: view(rule.at, kept) }
      : undecided('it is not known which rule is the default', rule.at);
  }
  return rules.open === undefined ? undefined : undecided(rules.open, head);
}

/** Retention per tier: the default rule, and tagged rules by the points that their tag picks. */
function tiers(rules: Rules, head: Origin): Fact | undefined {
  const found: Record<string, Fact> = {};
  let open = rules.open !== undefined;
  for (const rule of rules.retention) {
    const isDefault = rule.isDefault.value.kind === 'bool' ? rule.isDefault.value.value : undefined;
    const parts = keptBy(rule);
    if (isDefault === undefined || !parts) {
      open ||= isDefault === undefined || rule.open === true;
      continue;
    }
    if (isDefault) {
      // Of two defaults the one of the vault outlives the datasource.
      if (!found['default'] || textOf(parts['store']?.value) === 'VaultStore')
        found['default'] = { at: rule.at, value: view(rule.at, parts) };
      continue;
    }
    const name = textOf(rule.name.value)?.toLowerCase();
    const tag = rules.tags.find((one) => name !== undefined && textOf(one.name.value)?.toLowerCase() === name);
    const tier = tag && tierOf(tag);
    if (!tag || !tier) {
      open ||= !tag
        ? name === undefined || rules.tags.some((one) => textOf(one.name.value) === undefined)
        : tier === undefined;
      continue;
    }
    if (tier === 'none') continue;
    const [criterion] = tag.criteria;
    found[tier] ??= { at: rule.at, value: view(rule.at, { ...parts, ...criterion }) };
  }
  if (Object.keys(found).length === 0 && !open) return undefined;
  if (Object.keys(found).length === 0) return undecided(rules.open ?? 'the retention is not known', head);
  return { at: head, value: view(head, found, open ? 'a tag is not known' : undefined) };
}

/** Which tier of retention a tag makes; undefined where its criterion is not known. */
function tierOf(tag: Tag): string | undefined {
  if (tag.open) return undefined;
  const [criterion] = tag.criteria;
  if (!criterion) return 'none';
  const { absolute } = criterion;
  if (absolute) {
    const word = textOf(absolute.value);
    if (word === undefined) return undefined;
    return (
      { FirstOfDay: 'daily', FirstOfWeek: 'weekly', FirstOfMonth: 'monthly', FirstOfYear: 'yearly' }[word] ?? 'all'
    );
  }
  if (Object.values(criterion).some((fact) => fact?.value.kind === 'unknown')) return undefined;
  if (criterion['months']) return 'yearly';
  if (criterion['weeks'] || criterion['days'] || criterion['lastDay']) return 'monthly';
  return criterion['weekdays'] ? 'weekly' : criterion['times'] ? 'daily' : 'none';
}

/** The tiers that recovery points come to lie in. */
function storesUsed(rules: Rules, head: Origin): Fact {
  const names = new Set<string>();
  let open = rules.open !== undefined;
  for (const rule of rules.retention) {
    open ||= rule.open === true;
    for (const { store, copies, copiesOpen } of rule.lifecycles) {
      open ||= copiesOpen === true;
      for (const one of [store, ...copies]) {
        const name = textOf(one?.value);
        const tier = name === undefined ? undefined : tierOfStore[name];
        if (tier) names.add(tier);
        else if (one) open = true;
      }
    }
  }
  const order = Object.values(tierOfStore).filter((tier) => names.has(tier));
  return {
    at: head,
    value: listOf(
      head,
      order.map((tier) => text(tier, head)),
      open,
    ),
  };
}

/**
 * Snapshots that are there at least once retention has caught up: of every tag the runs that no tag before it takes, and of the
 * default what the tags leave.
 */
function snapshotsKept(rules: Rules, schedule: Parts, head: Origin): Fact | undefined {
  const kept = defaultIn(rules, 'OperationalStore', head);
  if (!kept) return undefined;
  const hidden = undecided('schedule or retention are not known', kept.at);
  const days = numberIn(pick(kept.value, 'keptDays', false)?.value);
  const runs = numberIn(schedule['runsAWeek']?.value);
  if (days === undefined || runs === undefined || rules.open !== undefined) return hidden;
  const tags = rules.tags.filter((tag) => tag.isDefault.value.kind !== 'bool' || !tag.isDefault.value.value);
  const ranked: { priority: number; runs: number; days: number }[] = [];
  for (const tag of tags) {
    const priority = numberIn(tag.priority?.value);
    const often = runsOfTag(tag);
    const name = textOf(tag.name.value)?.toLowerCase();
    const rule = rules.retention.find((one) => name !== undefined && textOf(one.name.value)?.toLowerCase() === name);
    const own = rule && numberIn(keptBy(rule, 'OperationalStore')?.['keptDays']?.value);
    if (priority === undefined || often === undefined || own === undefined) return hidden;
    ranked.push({ priority, runs: Math.min(often, runs / 7), days: own });
  }
  ranked.sort((a, b) => a.priority - b.priority);
  let taken = 0;
  let sum = 0;
  for (const tag of ranked) {
    sum += Math.floor(Math.max(0, tag.runs - taken) * tag.days);
    taken += tag.runs;
  }
  const left = Math.max(0, runs / 7 - taken) * days;
  // Without tags every run counts whole; with them only what is certain.
  return computed(sum + (ranked.length === 0 ? Math.ceil(left) : Math.floor(left)), kept.at);
}

/** How many runs of a day a tag picks at least; undefined where it picks them by anything but the first of a period. */
function runsOfTag({ criteria, open }: Tag): number | undefined {
  const [criterion, ...more] = criteria;
  if (!criterion || more.length > 0 || open) return undefined;
  const written = Object.keys(criterion).filter((name) => criterion[name]);
  if (written.length !== 1) return undefined;
  const word = textOf(criterion['absolute']?.value);
  return word === undefined ? undefined : tagRuns[word];
}

const tagRuns: Readonly<Record<string, number>> = {
  FirstOfDay: 1,
  FirstOfWeek: 1 / 7,
  FirstOfMonth: 1 / 31,
  FirstOfYear: 1 / 366,
};

/** What does not pair up: rules without tag, tags without rule, and what stands there twice. */
function pairing(rules: Rules, head: Origin): Parts {
  const open = rules.open !== undefined;
  const nameOf = (of: { name: Fact }): string | undefined => textOf(of.name.value)?.toLowerCase();
  const tagNames = rules.tags.map(nameOf);
  const ruleNames = rules.retention.map(nameOf);
  const list = (facts: readonly Fact[], isOpen: boolean): Fact => ({
    at: facts[0]?.at ?? head,
    value: listOf(
      facts[0]?.at ?? head,
      facts.map((fact) => fact.value),
      isOpen,
    ),
  });
  const flagOf = ({ isDefault }: { isDefault: Fact }): boolean | undefined =>
    isDefault.value.kind === 'bool' ? isDefault.value.value : undefined;
  // An operational blob policy keeps its points without any tag.
  const untagged = rules.retention.filter(
    (rule, i) => flagOf(rule) === false && ruleNames[i] !== undefined && !tagNames.includes(ruleNames[i]),
  );
  // No default rule at all is a mistake of its own.
  const hasDefault = rules.retention.some((rule) => flagOf(rule) !== false);
  const unruled = rules.tags.filter(
    (tag, i) => tagNames[i] !== undefined && !ruleNames.includes(tagNames[i]) && (hasDefault || flagOf(tag) === false),
  );
  const storeOf = (rule: RetentionRule): string | undefined => textOf(rule.lifecycles[0]?.store?.value);
  const repeated = rules.retention.filter((rule, i) =>
    rules.retention
      .slice(0, i)
      .some(
        (other, j) =>
          ruleNames[i] !== undefined &&
          ruleNames[j] === ruleNames[i] &&
          storeOf(rule) !== undefined &&
          storeOf(other) === storeOf(rule),
      ),
  );
  // 99 is the default's: on another tag that is wrong whoever else has it.
  const ranked = rules.tags.filter((tag) => numberIn(tag.priority?.value) !== 99 || flagOf(tag) !== false);
  const rankOf = (tag: Tag): number | undefined => numberIn(tag.priority?.value);
  const twice = ranked.filter((tag, i) =>
    ranked.slice(0, i).some((one) => one.of === tag.of && rankOf(tag) !== undefined && rankOf(one) === rankOf(tag)),
  );
  const flagsHidden = [...rules.tags, ...rules.retention].some((one) => flagOf(one) === undefined);
  const namesHidden = [...tagNames, ...ruleNames].includes(undefined);
  // What is open may hold the partner of a rule that seems to stand alone.
  const alone = (found: readonly { name: Fact }[]): Fact =>
    open || namesHidden || flagsHidden
      ? list([], true)
      : list(
          found.map((one) => one.name),
          false,
        );
  return {
    rulesWithoutTag: alone(untagged),
    tagsWithoutRule: alone(unruled),
    repeatedRules: list(
      repeated.map((rule) => rule.name),
      open || namesHidden,
    ),
    repeatedPriorities: list(
      twice.map((tag) => tag.priority!),
      open || flagsHidden || ranked.some((tag) => tag.priority && rankOf(tag) === undefined),
    ),
  };
}
