/**
 * What exists against what files declare. Takes the models of files; gives those of an audit with what the files declare of each item
 * that they know, and tells what only one side has. Items are paired by the id of what they protect, or by their own; names and group
 * must be known on both sides. Code seldom names its subscription: in an audit of one subscription it is taken for that, else nothing
 * is told of it. A policy is the same by its name and its vault's, and then its values are compared.
 */
import { canonical, equal, force, memberOf, type Obj, text, type Value } from '../evaluate/value.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { append, computed, type Fact, listOf, pick, textOf, undecided, view } from './facts.ts';
import { type ResourceId, sameId, subscriptionOf } from './id.ts';
import type { Entity, Model } from './model.ts';
import { textsIn } from './schedule.ts';
import { listed } from './workspace.ts';

/** Values of a policy that mean something to whoever wrote them, and their names for people. */
const compared: readonly string[] = [
  'schedule.frequency',
  'schedule.weekdays',
  'schedule.interval',
  'schedule.window',
  'instantRestore.days',
  'snapshotDays',
  'retention.daily.keptDays',
  'retention.weekly.keptDays',
  'retention.monthly.keptDays',
  'retention.yearly.keptDays',
  'retention.default.keptDays',
  'full.schedule.frequency',
  'full.schedule.weekdays',
  'full.keptDays',
  'log.schedule.everyMinutes',
  'archive.mode',
  'archive.after',
  'archive.unit',
];

/** The same, and neither the service nor a default fills them in: also where one side alone has them. */
const tiers: readonly string[] = [
  'retention.daily.count',
  'retention.weekly.count',
  'retention.monthly.count',
  'retention.yearly.count',
  'operational.keptDays',
  'vaulted.keptDays',
  'differential.keptDays',
  'incremental.keptDays',
  'log.keptDays',
];

/** At which clock backups start. */
const starts: readonly string[] = [
  'schedule.times',
  'full.schedule.times',
  'differential.schedule.times',
  'incremental.schedule.times',
];

/** Of items that are not declared: a page or two of a terminal. */
const mostListed = 50;

/** What the files may say of one item that exists. */
interface Candidates {
  readonly sure: readonly Entity[];
  readonly perhaps: readonly Entity[];
}

export class Declared {
  /** By what can be told of every one of them: the names of what they protect, and their own. */
  readonly #bySource = new Map<string, Entity[]>();
  readonly #byName = new Map<string, Entity[]>();
  /** Of these not even that is known. */
  readonly #nameless: Entity[] = [];
  readonly #all: Entity[] = [];
  readonly #met = new Set<Entity>();
  readonly #softlyDeleted = new Set<Entity>();
  readonly #undeclared: string[] = [];
  readonly #isOneSubscription: boolean;
  /** More may be declared than was seen. */
  readonly #unseen: boolean;

  /** `isOneSubscription`: the audit is of one, and code that names none is taken for it. `isPartial`: some files could not be read. */
  constructor(models: readonly Model[], isOneSubscription: boolean, isPartial = false) {
    this.#isOneSubscription = isOneSubscription;
    this.#unseen = isPartial || models.some(({ unseen }) => unseen !== undefined);
    for (const { entities } of models)
      for (const entity of entities) {
        if (entity.subject !== 'protected-item' || entity.resource.existing || entity.resource.isPatch) continue;
        if (isCertain(entity)) this.#all.push(entity);
        const [source, name] = [sourceKey(entity), nameKey(entity)];
        if (source !== undefined) append(this.#bySource, source, entity);
        else this.#nameless.push(entity);
        if (name !== undefined) append(this.#byName, name, entity);
      }
  }

  /** A model of an audit, with the fact `declared` of the items that the files know. */
  with(model: Model): Model {
    return {
      ...model,
      entities: model.entities.map((entity) => (entity.subject === 'protected-item' ? this.#item(entity) : entity)),
    };
  }

  #item(live: Entity): Entity {
    const { sure, perhaps } = this.#candidates(live);
    const { head, address } = live.resource;
    for (const one of [...sure, ...perhaps]) this.#met.add(one);
    const [found, ...others] = sure;
    if (!found) {
      if (perhaps.length > 0)
        return withFact(live, undecided('the files may declare it: they do not tell its group or subscription', head));
      if (!this.#nameless.some((one) => mayProtect(one, live))) this.#undeclared.push(address);
      return live;
    }
    if (others.length > 0) return withFact(live, undecided('the files declare it several times', head));
    if (!isCertain(found)) return withFact(live, undecided('it is not known whether the files declare it', head));
    if (textOf(force(memberOf(live.view, 'state')!.value)) === 'soft-deleted') this.#softlyDeleted.add(found);
    return withFact(live, { at: head, value: declaration(live.view, found.view) });
  }

  #candidates(live: Entity): Candidates {
    const sure = new Set<Entity>();
    const perhaps = new Set<Entity>();
    const look = (entities: readonly Entity[] | undefined, same: (entity: Entity) => boolean | undefined): void => {
      for (const entity of entities ?? []) {
        const answer = same(entity);
        if (answer === true) sure.add(entity);
        else if (answer === undefined) perhaps.add(entity);
      }
    };
    const [source, name] = [sourceKey(live), nameKey(live)];
    look(source === undefined ? undefined : this.#bySource.get(source), (entity) =>
      this.#isSame(live.sourceId, entity.sourceId),
    );
    look(name === undefined ? undefined : this.#byName.get(name), (entity) => this.#isSame(live.id, entity.id));
    return { sure: [...sure], perhaps: [...perhaps].filter((entity) => !sure.has(entity)) };
  }

  #isSame(live: ResourceId | undefined, code: ResourceId | undefined): boolean | undefined {
    const same = sameId(live, code);
    if (same !== undefined || !live || !code || !this.#isOneSubscription || isKnown(code.subscription)) return same;
    return sameId(live, { ...code, subscription: live.subscription });
  }

  /** `unread`: why items that exist may not have been seen, in a subscription or anywhere. */
  told(unread: (subscription?: string) => string | undefined): Diagnostic[] {
    const notes: Diagnostic[] = [...this.#softlyDeleted].map(({ resource: { address, head } }) => ({
      code: 'declared-item-soft-deleted',
      severity: 'warning',
      message: `${address} exists in Azure and is softly deleted, so it must be recovered before it can be deployed.`,
      help: 'Run `az backup protection undelete` (in a Backup vault `az dataprotection backup-instance deleted-backup-instance undelete`).',
      at: head,
    }));
    if (unread() === undefined)
      for (const entity of this.#all)
        if (!this.#met.has(entity) && this.#isHere(entity, unread))
          notes.push({
            code: 'declared-item-not-live',
            severity: 'note',
            message: `${entity.resource.address} is declared, and Azure does not protect what it names.`,
            at: entity.resource.head,
          });
    const [first, ...others] = [...this.#undeclared].sort();
    if (first !== undefined && !this.#unseen) {
      const related = others
        .slice(0, mostListed - 1)
        .map((resourceId) => ({ at: { resourceId, path: '' }, message: 'nor this one' }));
      notes.push({
        code: 'live-items-not-declared',
        severity: 'note',
        message:
          others.length === 0
            ? 'This item exists, and the files do not declare it.'
            : others.length < mostListed
              ? `The files declare nothing of ${others.length + 1} items that exist.`
              : `The files declare nothing of ${others.length + 1} items that exist; these are the first ${mostListed}.`,
        at: { resourceId: first, path: '' },
        ...(related.length === 0 ? {} : { related }),
      });
    }
    return notes;
  }

  /** What it protects would have been met, if it were protected. */
  #isHere({ sourceId, view: item }: Entity, unread: (subscription: string) => string | undefined): boolean {
    if (!sourceId || !partOf(item) || !namesOf(sourceId) || !isKnown(sourceId.resourceGroup)) return false;
    const subscription = subscriptionOf(sourceId);
    return subscription === undefined ? this.#isOneSubscription : unread(subscription) === undefined;
  }
}

function isCertain({ resource }: Entity): boolean {
  return resource.presence === 'present' && !resource.many;
}

function isKnown(value: Value | undefined): boolean {
  return value !== undefined && textOf(force(value)) !== undefined;
}

function solutionOf({ view: item }: Entity): string | undefined {
  return textOf(pick(item, 'solution', false)?.value);
}

function namesOf({ type, names }: ResourceId): string | undefined {
  const words = names.map((name) => textOf(force(name))?.toLowerCase());
  return words.includes(undefined) ? undefined : `${type}:${words.join('/')}`;
}

/** Solutions whose items are a part of what they name as their source. */
const parts: Readonly<Record<string, string>> = {
  'azure-files': 'share',
  'sql-in-vm': 'database',
  'hana-in-vm': 'database',
  'ase-in-vm': 'database',
};

/** The share or the database; undefined where it is not known which. */
function partOf(item: Obj): string | undefined {
  const part = parts[textOf(pick(item, 'solution', false)?.value) ?? ''];
  if (part !== undefined && !item.members.has(part)) return undefined;
  const words = ['share', 'database.instance', 'database.name'].map((path) => {
    const fact = pick(item, path, false);
    return fact ? textOf(fact.value)?.toLowerCase() : '';
  });
  return words.includes(undefined) ? undefined : words.join('\n');
}

/** By solution, the names of what is protected, and the share or database in it. */
function sourceKey(entity: Entity): string | undefined {
  const [solution, names, part] = [
    solutionOf(entity),
    entity.sourceId && namesOf(entity.sourceId),
    partOf(entity.view),
  ];
  return solution === undefined || names === undefined || part === undefined
    ? undefined
    : [solution, names, part].join('\n');
}

/** Its own names and those of its vault. */
function nameKey({ id }: Entity): string | undefined {
  return id && namesOf(id);
}

/** Of an item of the files of which too little is known to look for it. */
function mayProtect(entity: Entity, live: Entity): boolean {
  const solution = solutionOf(entity);
  return solution === undefined || solution === solutionOf(live);
}

function withFact(entity: Entity, fact: Fact): Entity {
  return { ...entity, view: { ...entity.view, members: new Map([...entity.view.members, ['declared', fact]]) } };
}

function declaration(live: Obj, code: Obj): Obj {
  const { at } = live;
  const policy = pick(code, 'policy.name', false) ?? pick(code, 'policyReference', false);
  const vault = pick(code, 'policyVaultName', false);
  const same = (path: string): boolean | undefined => {
    const [own, other] = [pick(live, path, false), pick(code, path, false)];
    return own && other ? equal(own.value, other.value, true) : undefined;
  };
  const told = (answer: boolean | undefined): Fact =>
    answer === undefined ? undecided('the policy that the files name is not known', at) : computed(answer, at);
  const [sameName, sameVault] = [same('policy.name'), same('policyVaultName')];
  return view(at, {
    policy,
    policyVault: vault,
    samePolicy: told(sameName),
    // One difference is told of a policy: of another name, its vault says nothing more.
    ...(sameName !== false && { sameVault: told(sameVault) }),
    ...(sameName === true &&
      sameVault === true &&
      valuesOf(pick(live, 'policy', false)?.value, pick(code, 'policy', false)?.value, at)),
  });
}

/** Where the policies do not say the same. What only one says, the service or a default may have filled in, but for tiers. */
function valuesOf(live: Value | undefined, code: Value | undefined, at: Fact['at']): Record<string, Fact> {
  const own = live && force(live);
  const other = code && force(code);
  if (own?.kind !== 'object' || other?.kind !== 'object')
    return { differences: undecided('the values of a policy are not known', at) };
  const found: Value[] = [];
  const names: string[] = [];
  let doubt = false;
  const differ = (path: string, left: string, right: string, where: Fact['at']): void => {
    found.push(text(path, where));
    names.push(`${path}: ${left} / ${right}`);
  };
  for (const path of [...compared, ...tiers]) {
    const [a, b] = [pick(own, path, false), pick(other, path, false)];
    if (!a || !b) {
      const isTier = tiers.includes(path);
      if (isTier && a && lacks(other, path)) differ(path, spelling(a.value) ?? '?', '-', at);
      else if (isTier && b && lacks(own, path)) differ(path, '-', spelling(b.value) ?? '?', b.at);
      continue;
    }
    const [left, right] = [spelling(a.value), spelling(b.value)];
    if (left === undefined || right === undefined) doubt = true;
    else if (left !== right) differ(path, left, right, b.at);
  }
  for (const path of starts) {
    const [left, right] = [clocksOf(own, path), clocksOf(other, path)];
    if (left && right && left.zone === right.zone && left.clocks !== right.clocks)
      differ(path, left.clocks, right.clocks, right.at);
  }
  return {
    differences: { at, value: listOf(at, found, doubt) },
    listed: computed(listed(names), at),
  };
}

/** Whether a policy certainly has nothing there. */
function lacks(policy: Obj, path: string): boolean {
  let value: Value = policy;
  for (const step of path.split('.')) {
    if (value.kind !== 'object') return false;
    const member = memberOf(value, step);
    if (!member) return !value.open;
    if (member.maybe) return false;
    value = force(member.value);
    if (value.kind === 'null') return true;
  }
  return false;
}

/** Clocks mean the same in the same zone alone; those with an offset of their own are left alone. */
function clocksOf(policy: Obj, path: string): { clocks: string; zone: string; at: Fact['at'] } | undefined {
  const times = pick(policy, path, false);
  const clocks = textsIn(times);
  const zone = textOf(pick(policy, 'timeZone', false)?.value)?.toLowerCase();
  if (!times || !clocks || clocks.length === 0 || zone === undefined) return undefined;
  const intervals = pick(policy, path.replace(/times$/, 'intervals'), false);
  const offsets = intervals && textsIn(intervals);
  if (intervals && !offsets?.every((one) => /(?:Z|[+-]00:?00)\//i.test(one))) return undefined;
  return { clocks: [...clocks].sort().join(', '), zone, at: times.at };
}

/** Lists of days have no order. */
function spelling(value: Value): string | undefined {
  const known = force(value);
  if (known.kind === 'string' || known.kind === 'number' || known.kind === 'bool') return String(known.value);
  if (known.kind !== 'list' || known.open) return undefined;
  const words = known.items.map((item) => canonical(force(item), true));
  return words.includes(undefined) ? undefined : words.sort().join(', ');
}
