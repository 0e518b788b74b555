/**
 * Reads what an audit needs of Azure, in this order: what may be read, which subscriptions there are, the sweep through Resource Graph,
 * then each vault for what only its own interface tells. What cannot be read is told as a gap, and the rest is read all the same.
 */
import { readAbsences } from './absences.ts';
import { Arm, type ArmOptions } from './arm.ts';
import { readDeep } from './deep.ts';
import { type Failure, failureOf } from './failure.ts';
import { readInstances } from './instances.ts';
import { type Fact, facts, type InventoryGap, type Recording, type Scope, scopeId } from './inventory.ts';
import { inLanes } from './lanes.ts';
import { grant, probe, unknownRights } from './probe.ts';
import {
  assignmentsQuery,
  deepQueries,
  elasticSanQuery,
  extensionsQuery,
  keyVaultsQuery,
  networkQueries,
  type Query,
  subscriptionsQuery,
  sweep,
} from './queries.ts';
import { type Attempt, type Progress, Reading } from './reading.ts';
import { mostSubscriptions, ResourceGraph } from './resource-graph.ts';
import { readRoles } from './roles.ts';
import { textOf } from './row.ts';
import { Tally } from './tally.ts';
import { readVault } from './vaults.ts';

/** So many requests are under way at the same time. */
const lanes = 8;

/** Resource Graph looks into no more of a management group. */
const mostInGroup = 10_000;

/** `start` is given the time by the clock of Azure. Gives the recording, ended. */
export async function survey(
  options: ArmOptions,
  scope: Scope,
  deep: boolean,
  start: (readAt: Date) => Recording,
  progress: Progress = () => {},
): Promise<Recording> {
  const arm = new Arm(options);
  const rights = new Rights(arm, deep, progress);
  await ('managementGroup' in scope
    ? rights.ask([scopeId(scope)])
    : rights.ask(scope.subscriptions.map(subscriptionId)));
  // Azure has answered by now, and told its time.
  const recording = start(arm.now());
  await new Survey(arm, recording, rights, deep, progress).read(scope);
  recording.end();
  return recording;
}

/** What may be read where, by the id of the scope. */
class Rights {
  readonly #arm: Arm;
  readonly #deep: boolean;
  readonly #progress: Progress;
  readonly #gaps = new Map<string, readonly InventoryGap[]>();
  /** Why nothing can be asked at all. */
  final: Failure | undefined;

  constructor(arm: Arm, deep: boolean, progress: Progress) {
    this.#arm = arm;
    this.#deep = deep;
    this.#progress = progress;
  }

  /** `group`: the management group that they are in; a role on it holds for all of them. */
  async ask(scopes: readonly string[], group?: string): Promise<void> {
    let done = 0;
    await inLanes(lanes, scopes, async (scope) => {
      try {
        if (this.final) throw this.final;
        this.#gaps.set(scope, await probe(this.#arm, scope, group ?? scope, this.#deep));
      } catch (error) {
        const failure = failureOf(error, this.#arm.stop);
        if (failure.isFinal) this.final = failure;
        this.#gaps.set(scope, [unknownRights(failure, scope, group ?? scope)]);
      }
      this.#progress('access rights', ++done, scopes.length);
    });
  }

  /** In the order in which scopes are named. */
  gapsIn(scopes: readonly string[]): readonly InventoryGap[] {
    return scopes.flatMap((scope) => this.#gaps.get(scope) ?? []);
  }

  isUnreadable(scope: string): boolean {
    return (this.#gaps.get(scope) ?? []).some(({ unread }) => unread === 'everything');
  }
}

class Survey {
  readonly #arm: Arm;
  readonly #graph: ResourceGraph;
  readonly #recording: Recording;
  readonly #rights: Rights;
  readonly #deep: boolean;
  readonly #progress: Progress;
  readonly #tally: Tally;
  /** Every other request would fail like this one. */
  #final: Failure | undefined;

  constructor(arm: Arm, recording: Recording, rights: Rights, deep: boolean, progress: Progress) {
    this.#arm = arm;
    this.#graph = new ResourceGraph(arm);
    this.#recording = recording;
    this.#rights = rights;
    this.#deep = deep;
    this.#progress = progress;
    this.#tally = new Tally(deep);
    this.#final = rights.final;
  }

  async read(scope: Scope): Promise<void> {
    const parts =
      'managementGroup' in scope
        ? await this.#partsOfGroup(scope.managementGroup)
        : await this.#partsOf(scope.subscriptions);
    for (const query of sweep) await this.#ask(query, parts);
    if (this.#tally.hasElasticSans) await this.#ask(elasticSanQuery, parts);
    if (this.#tally.hasClusters) await this.#ask(extensionsQuery, parts);
    if (this.#tally.namesKeyVaults) await this.#ask(keyVaultsQuery, parts);
    if (this.#tally.hasTargets) await this.#ask(assignmentsQuery, parts);
    const ofDatabases = batches(this.#tally.withoutBackups, mostSubscriptions);
    for (const query of networkQueries)
      await this.#ask(
        query,
        ofDatabases.map((subscriptions): Scope => ({ subscriptions })),
      );
    if (this.#deep) for (const query of deepQueries) await this.#ask(query, parts);
    await this.#readVaults();
    const reading = new Reading(this.#arm, this.#recording, this.#attempt, this.#progress, lanes);
    await readAbsences(reading, this.#tally.sources, this.#tally.subscriptions);
    await readRoles(reading, this.#tally);
    if (this.#deep) await readDeep(reading, this.#tally);
  }

  /** Batches of those that can be read. */
  async #partsOf(subscriptions: readonly string[]): Promise<readonly Scope[]> {
    const scopes = subscriptions.map(subscriptionId);
    for (const gap of this.#rights.gapsIn(scopes)) this.#recording.miss(gap);
    const readable = subscriptions.filter((id) => !this.#rights.isUnreadable(subscriptionId(id)));
    const parts = batches(readable, mostSubscriptions).map((ids): Scope => ({ subscriptions: ids }));
    const answered = await this.#ask(subscriptionsQuery, parts);
    // Of what is not listed nothing can be read, and nothing would tell.
    const listed = readable.filter((id) => !answered || this.#tally.subscriptions.has(id.toLowerCase()));
    for (const id of readable.filter((one) => !listed.includes(one)))
      this.#missAll(subscriptionId(id), subscriptionId(id));
    return batches(listed, mostSubscriptions).map((ids): Scope => ({ subscriptions: ids }));
  }

  /** The group as one, unless it is too large for that. */
  async #partsOfGroup(group: string): Promise<readonly Scope[]> {
    const whole: Scope = { managementGroup: group };
    const id = scopeId(whole);
    if (this.#final) {
      for (const gap of this.#rights.gapsIn([id])) this.#recording.miss(gap);
      return [];
    }
    const answered = await this.#ask(subscriptionsQuery, [whole]);
    const listed = this.#tally.subscriptions;
    const isLarge = answered?.isPart === true || listed.size > mostInGroup;
    // Resource Graph leaves out what one may not see, and tells of the first ten thousand alone.
    const all = await this.#attempt('subscriptions', id, () => this.#descendants(id));
    const named = isLarge ? all : undefined;
    const subscriptions = [...(named ?? listed)].sort();
    const parts: readonly Scope[] = named
      ? batches(subscriptions, mostSubscriptions).map((ids) => ({ subscriptions: ids }))
      : [whole];
    const isListed = named ? await this.#ask(subscriptionsQuery, parts) : answered;
    if (isListed)
      for (const hidden of (all ?? []).filter((one) => !listed.has(one))) this.#missAll(subscriptionId(hidden), id);
    if (isLarge && !all)
      this.#recording.miss({
        unread: 'everything',
        scope: id,
        because: `Resource Graph looks into the first ${mostInGroup} subscriptions of a management group alone`,
        code: 'incomplete',
      });
    // Neither what is in it nor what may be read there is known: everything else would be refused alike.
    const isHidden = !answered && !all && this.#rights.isUnreadable(id);
    // Rights on the group hold for all that is in it; without them each may have its own.
    if (this.#rights.gapsIn([id]).length > 0) {
      const scopes = subscriptions.map(subscriptionId);
      await this.#rights.ask(scopes, id);
      // Where nothing is listed, nobody knows whether there is anything.
      for (const gap of this.#rights.gapsIn(scopes.length === 0 ? [id] : scopes)) this.#recording.miss(gap);
    }
    if (isHidden) return [];
    return parts;
  }

  #missAll(scope: string, grantAt: string): void {
    this.#recording.miss({
      unread: 'everything',
      scope,
      because: 'Azure does not list the subscription for whoever asks',
      code: 'forbidden',
      remedy: grant(grantAt),
    });
  }

  /** Ids of the subscriptions below a management group. */
  async #descendants(id: string): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const rows of this.#arm.pages(`${id}/descendants`, '2021-04-01'))
      for (const row of rows)
        if (/^(?:\/|Microsoft\.Management\/managementGroups\/)subscriptions$/i.test(textOf(row['type'])))
          found.push(textOf(row['name']).toLowerCase());
    return found;
  }

  /** Undefined where not all of it was answered. */
  async #ask(query: Query, parts: readonly Scope[]): Promise<{ isPart: boolean } | undefined> {
    let count = 0;
    let isPart = false;
    let isWhole = true;
    for (const part of parts) {
      try {
        if (this.#final) throw this.#final;
        const asked = await this.#graph.ask(query, part, (all) => {
          const rows = query.kept ? all.map(query.kept) : all;
          this.#recording.add(query.from, rows);
          this.#tally.take(query.from, rows);
          count += rows.length;
          this.#progress(facts[query.fact], count);
        });
        isPart ||= asked.isPart;
      } catch (error) {
        isWhole = false;
        const failure = this.#failed(error);
        const scopes = 'managementGroup' in part ? [scopeId(part)] : part.subscriptions.map(subscriptionId);
        for (const scope of scopes) this.#miss(query.fact, scope, failure);
      }
    }
    return isWhole ? { isPart } : undefined;
  }

  async #readVaults(): Promise<void> {
    const { vaults } = this.#tally;
    let done = 0;
    await inLanes(lanes, vaults, async (vault) => {
      if (vault.kind === 'recovery-services')
        await readVault(vault, this.#arm, this.#recording, this.#tally, this.#attempt, this.#deep);
      else await this.#attempt('items', vault.id, () => readInstances(vault, this.#arm, this.#recording, this.#tally));
      this.#progress(facts.vaults, ++done, vaults.length);
    });
  }

  readonly #attempt: Attempt = async (fact, scope, read) => {
    try {
      if (this.#final) throw this.#final;
      return await read();
    } catch (error) {
      const failure = this.#failed(error);
      for (const one of [scope].flat()) this.#miss(fact, one, failure);
      return undefined;
    }
  };

  #failed(error: unknown): Failure {
    const failure = failureOf(error, this.#arm.stop);
    if (failure.isFinal) this.#final ??= failure;
    return failure;
  }

  #miss(fact: Fact, scope: string, { message, code, remedy, status }: Failure): void {
    const needs = remedy ?? (status === 403 ? grant(scope) : undefined);
    this.#recording.miss({
      unread: fact,
      scope,
      because: message,
      code,
      ...(needs === undefined ? {} : { remedy: needs }),
    });
  }
}

function subscriptionId(id: string): string {
  return `/subscriptions/${id}`;
}

function batches<T>(things: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(things.length / size) }, (_, i) => things.slice(i * size, (i + 1) * size));
}
