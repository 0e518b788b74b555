/**
 * What the configuration says of single datasources -> facts of the model: what runs in a machine, what is backed up by hand,
 * and what its backups must reach. Takes the entities of one configuration and gives them with `workload`, `onDemand` and
 * `objective`, each known, or unknown where a name or tag that decides is not known.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, memberOf, type Obj, type Value } from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import { attained } from './attained.ts';
import { computed, type Fact, listOf, pick, undecided, view } from './facts.ts';
import type { Entity, Model, Subject } from './model.ts';
import { isoMinutes } from './schedule.ts';
import { type Match, matchesEntity } from './waiver.ts';

export interface Demands {
  readonly workloads: readonly { readonly match: Match; readonly runs: string }[];
  readonly onDemand: readonly { readonly match: Match; readonly maxAge?: string }[];
  readonly objectives: readonly Objective[];
  /** How long a disk or snapshot that nothing uses is left alone. */
  readonly unusedAfter?: string | undefined;
}

/** As it is written in the configuration. */
export interface Objective {
  readonly name: string;
  readonly match: Match;
  readonly rpo?: string;
  readonly retention?: Readonly<Record<string, string>>;
  readonly offSite?: string;
  readonly crossRegionRestore?: boolean;
  readonly immutability?: string;
  readonly separateSubscription?: boolean;
  readonly vaultTier?: boolean;
  readonly redundancy?: string;
  readonly security?: {
    readonly softDelete?: string;
    readonly softDeleteDays?: number;
    readonly immutability?: string;
    readonly resourceGuard?: boolean;
  };
  readonly consistency?: string;
  readonly restore?: readonly string[];
}

const hidden = 'a name or tag by which the configuration tells what it means is not known';

export function withDemands(model: Model, demands: Demands): Model {
  if (demands.workloads.length + demands.onDemand.length + demands.objectives.length === 0) return model;
  const sources = new Map(
    model.entities.filter(({ subject }) => subject === 'datasource').map((entity) => [entity.resource, entity]),
  );
  const asked = new Map(model.entities.map((entity) => [entity, askedOf(entity, demands, sources)]));
  const heldBy = new Map<Resource, (Objective | 'unknown' | undefined)[]>();
  for (const [{ heldBy: vault }, own] of asked)
    if (vault && own) heldBy.set(vault, [...(heldBy.get(vault) ?? []), own.objective]);
  // Any vault may hold an item whose vault is not known.
  const adrift = [...asked].flatMap(([{ subject, heldBy: vault, view }, own]) =>
    own?.objective && subject === 'protected-item' && !vault && !isWritten(view, 'vaultId') ? [own.objective] : [],
  );
  const contradicted = new Set<Objective>();
  const entities = model.entities.map((entity) => {
    const own = asked.get(entity);
    if (!own) return entity;
    const { subject, view: before, protects } = entity;
    const { at } = before;
    const held = heldBy.get(entity.resource) ?? [];
    const objective =
      subject === 'vault' ? vaultObjective([own.objective, ...held], adrift, demands.objectives) : own.objective;
    const known = objective === 'unknown' ? undefined : objective;
    const facts: Record<string, Fact | undefined> = {
      objective: objective === 'unknown' ? undecided(hidden, at) : known && { at, value: objectiveView(known, at) },
      onDemand: own.onDemand,
      workload: own.workload,
    };
    if (known && subject === 'protected-item') {
      const source = protects && sources.get(protects);
      facts['reached'] = { at, value: attained(before, known, source?.view) };
      // Asked of many such items it is one mistake.
      if (known.separateSubscription && inOneSubscription(before) && !contradicted.has(known)) {
        contradicted.add(known);
        facts['firstToContradict'] = computed(true, at);
      }
    }
    if (objective === 'unknown') facts['reached'] = undecided(hidden, at);
    if (known && subject === 'vault') facts['reached'] = { at, value: vaultAttained(entity) };
    const members = new Map(before.members);
    for (const [name, fact] of Object.entries(facts)) if (fact) members.set(name, fact);
    return { ...entity, view: { ...before, members } };
  });
  return { ...model, entities };
}

/** The database that the configuration says runs in a machine; what another tool backs up is SQL Server. */
export function toldDatabase(workloads: Demands['workloads'], machine: Entity): Fact | undefined {
  const { at } = machine.view;
  const one = first(workloads, machine);
  if (one === 'unknown') return undecided(hidden, at);
  return one && computed(one.runs === 'other-sql-backup' ? 'sql' : one.runs, at);
}

interface AskedOf {
  readonly objective: Objective | 'unknown' | undefined;
  readonly onDemand: Fact | undefined;
  readonly workload: Fact | undefined;
}

/** Of a snapshot only what is said of its disk counts. */
const judged: ReadonlySet<Subject> = new Set<Subject>(['datasource', 'protected-item', 'vault', 'snapshot']);

/** undefined: nothing is asked of such things. */
function askedOf(entity: Entity, demands: Demands, sources: ReadonlyMap<Resource, Entity>): AskedOf | undefined {
  const { subject } = entity;
  if (!judged.has(subject)) return undefined;
  const about = subject === 'protected-item' || subject === 'snapshot' ? protectedBy(entity, sources) : entity;
  const { at } = entity.view;
  const fact = <T extends { readonly match: Match }>(all: readonly T[], make: (one: T) => Fact): Fact | undefined => {
    const one = first(all, about);
    return one === 'unknown' ? undecided(hidden, at) : one && make(one);
  };
  return {
    objective: subject === 'snapshot' ? undefined : first(demands.objectives, about),
    onDemand:
      subject === 'vault'
        ? undefined
        : fact(demands.onDemand, ({ maxAge }) => ({
            at,
            value: view(at, { maxDays: maxAge === undefined ? undefined : computed(days(maxAge), at) }),
          })),
    workload: subject === 'datasource' ? fact(demands.workloads, ({ runs }) => computed(runs, at)) : undefined,
  };
}

/** The first that matches decides; where it is not known whether one does, nothing is. */
function first<T extends { readonly match: Match }>(all: readonly T[], entity: Entity): T | 'unknown' | undefined {
  for (const one of all) {
    const answer = matchesEntity(one.match, entity);
    if (answer) return one;
    if (answer === undefined) return 'unknown';
  }
  return undefined;
}

/** A vault is under the first objective that matches it or that an item in it is under: what is asked of them is asked of it. */
function vaultObjective(
  asked: readonly (Objective | 'unknown' | undefined)[],
  perhaps: readonly (Objective | 'unknown')[],
  objectives: readonly Objective[],
): Objective | 'unknown' | undefined {
  const earliest = objectives.find((one) => asked.includes(one));
  const earlier = objectives.slice(0, earliest && objectives.indexOf(earliest));
  const open = asked.includes('unknown') || perhaps.includes('unknown');
  return (open && earlier.length > 0) || earlier.some((one) => perhaps.includes(one)) ? 'unknown' : earliest;
}

function isWritten(view: Obj, name: string): boolean {
  const value = memberOf(view, name)?.value;
  return value !== undefined && force(value).kind === 'string';
}

const sharingSubscription = new Set(['sql-in-vm', 'hana-in-vm', 'ase-in-vm', 'elastic-san']);

/** Of these the vault lies in the subscription of what it protects. */
function inOneSubscription(item: Obj): boolean {
  const solution = memberOf(item, 'solution')?.value;
  const known = solution && force(solution);
  return known?.kind === 'string' && sharingSubscription.has(known.value);
}

/** The days of soft delete where anything tells them; azurerm cannot write them for a Recovery Services vault. */
function vaultAttained({ resource, view: vault }: Entity): Obj {
  const written = pick(vault, 'softDelete.days', false);
  const elsewhere = resource.type.includes('/')
    ? undefined
    : undecided('azurerm does not set how many days soft delete keeps', vault.at);
  return view(vault.at, { softDeleteDays: written ?? elsewhere });
}

/** What an item protects, by the item's solution: its datasource where that is declared, else what the item tells of it. */
function protectedBy(item: Entity, sources: ReadonlyMap<Resource, Entity>): Entity {
  const of = (name: string): Value | undefined => {
    const value = memberOf(item.view, name)?.value;
    return value && force(value);
  };
  const source = item.protects && sources.get(item.protects);
  const solution = of('solution');
  const at = item.view.at;
  const unknownSource = undecided('what the item protects is declared elsewhere', at).value;
  const name = source ? memberOf(source.view, 'name')?.value : lastName(of('source'));
  const location = source ? memberOf(source.view, 'location')?.value : of('sourceLocation');
  return {
    ...(source ?? item),
    // Tags of what is declared elsewhere are not known.
    resource: source?.resource ?? { ...item.resource, body: { ...item.resource.body, members: new Map(), open: true } },
    view: view(at, {
      kind: item.subject === 'snapshot' ? computed('azure-disk', at) : (solution ?? unknownSource),
      name: name ?? unknownSource,
      location: location ?? unknownSource,
    }),
  };
}

function lastName(id: Value | undefined): Value | undefined {
  if (id?.kind !== 'string') return undefined;
  const name = id.value.split('/').at(-1);
  return name === undefined || name === '' ? undefined : { ...id, value: name };
}

/** Durations in the units that policies count in, rounded up. */
function objectiveView(one: Objective, at: Origin): Obj {
  const fact = (value: string | number | boolean | undefined): Fact | undefined =>
    value === undefined ? undefined : computed(value, at);
  const tier = (name: string, unit: Unit): Fact | undefined => {
    const written = one.retention?.[name];
    if (written === undefined) return undefined;
    const kept = days(written);
    return {
      at,
      value: view(at, {
        days: computed(kept, at),
        count: computed(countOf(written, unit), at),
        written: fact(written),
      }),
    };
  };
  const { security } = one;
  return view(at, {
    name: fact(one.name),
    rpo: fact(one.rpo),
    rpoMinutes: fact(one.rpo === undefined ? undefined : (isoMinutes(one.rpo) ?? 0)),
    retention: one.retention && {
      at,
      value: view(at, {
        daily: tier('daily', 'day'),
        weekly: tier('weekly', 'week'),
        monthly: tier('monthly', 'month'),
        yearly: tier('yearly', 'year'),
      }),
    },
    offSite: fact(one.offSite),
    // Both words ask for the same.
    crossRegionRestore: fact(one.restore?.includes('cross-region') ? true : one.crossRegionRestore),
    immutability: fact(one.immutability),
    separateSubscription: fact(one.separateSubscription),
    vaultTier: fact(one.vaultTier),
    redundancy: fact(one.redundancy),
    security: security && {
      at,
      value: view(at, {
        softDelete: fact(security.softDelete),
        softDeleteDays: fact(security.softDeleteDays),
        immutability: fact(security.immutability),
        resourceGuard: fact(security.resourceGuard),
      }),
    },
    consistency: fact(one.consistency),
    restore: one.restore && {
      at,
      value: listOf(
        at,
        one.restore.map((each) => computed(each, at).value),
      ),
    },
  });
}

type Unit = 'day' | 'week' | 'month' | 'year';

/** How many of the unit a tier must keep; a year has twelve months, however many days they count. */
function countOf(duration: string, unit: Unit): number {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(.*)$/.exec(duration);
  const months = Number(match?.[1] ?? 0) * 12 + Number(match?.[2] ?? 0);
  const rest = match?.[3] ? days(`P${match[3]}`) : 0;
  if (unit === 'month') return months + Math.ceil(rest / 30);
  if (unit === 'year') return Math.ceil(months / 12 + rest / 365);
  return Math.ceil(days(duration) / (unit === 'week' ? 7 : 1));
}

/** A month counts 30 days and a year 365, as in policies. */
function days(duration: string): number {
  return Math.ceil((isoMinutes(duration) ?? 0) / (24 * 60));
}
