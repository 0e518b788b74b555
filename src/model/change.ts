/**
 * What a change does to backup: vaults, policies, items and what they protect, as they were and as they will be.
 * Takes two sides, each normalised as always, and the steps between them; where they come from (a plan, two revisions) does not matter.
 * Gives an entity `change` for each thing that existed and is touched. What is deleted stands only here: it counts for nothing else.
 */
import type { Previous, Resource, Step } from '../evaluate/resource.ts';
import {
  equal,
  force,
  type Member,
  memberOf,
  type Obj,
  oneOf,
  reasonOf,
  text,
  unknown,
  type Value,
} from '../evaluate/value.ts';
import { sameOrigin } from '../source/source.ts';
import type { Item, Source } from './coverage.ts';
import { append, computed, type Fact, listOf, numberIn, pick, textOf, undecided, view } from './facts.ts';
import { associationTypes, type Container, isGuard } from './governance.ts';
import { armTypeOf, keyOf, parseId, type ResourceId, sameId } from './id.ts';
import { protects } from './item.ts';
import type { Surroundings } from './machine.ts';
import type { Entity } from './model.ts';
import { isPolicy } from './policy.ts';
import { isSettingsChild, vaultTypes } from './vault.ts';
import { listed } from './workspace.ts';

/** One side of a change. Views of items are made when they are asked for, since most are not touched. */
export interface Side {
  /** With the guard that is bound to each. */
  readonly vaults: readonly Entity[];
  readonly policies: readonly Entity[];
  readonly machines: readonly Entity[];
  readonly guards: readonly Entity[];
  readonly items: readonly Item[];
  readonly itemEntity: (item: Item) => Entity;
  readonly sources: readonly Source[];
  readonly containers: readonly Container[];
  readonly around: Surroundings;
}

/** Whether an item that is destroyed keeps its recovery points. */
export type Retained = (item: Resource) => Fact;

const account = 'microsoft.storage/storageaccounts';
const endpoints = new Set(['azurerm_private_endpoint', 'microsoft.network/privateendpoints']);
const keyType = 'azurerm_data_protection_backup_vault_customer_managed_key';
const deployments = /^azurerm_(?:\w+_)?template_deployment$/;
const containerTypes = new Set([
  'azurerm_backup_container_storage_account',
  'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers',
]);
/** A file share or database of azurerm names it; nobody can declare their items there. */
const itemsOutside = new Set(['sql-in-vm', 'hana-in-vm', 'ase-in-vm']);

/** More than a person reads; a longer list is open. */
const most = 100;

/** Whether a resource of the past is looked at: what backup is made of, and of everything else what is touched. */
export function concernsBackup(type: string): boolean {
  const lower = type.toLowerCase();
  return (
    lower in vaultTypes ||
    isPolicy({ type }) ||
    isGuard({ type }) ||
    protects({ type }) ||
    touchesVaults(lower) ||
    containerTypes.has(lower) ||
    lower.startsWith('azapi_') ||
    deployments.test(lower)
  );
}

/** Whether any step can matter to backup; most plans change other things. */
export function mayChange({ steps }: Previous): boolean {
  const isProtected = /(?:virtual_?machines?|storage_?accounts?)$/i;
  return [...steps.values()].some(({ type }) => concernsBackup(type) || isProtected.test(type));
}

/** What changes a vault though it is a resource of its own. */
function touchesVaults(type: string): boolean {
  return (
    associationTypes.has(type) ||
    isSettingsChild(type) ||
    endpoints.has(type) ||
    type === keyType ||
    type.startsWith('azapi_')
  );
}

export function changesIn(previous: Previous, before: Side, after: Side, retained: Retained): Entity[] {
  return new Changes(previous, before, after, retained).run();
}

type Action = Step['action'] | 'none';
type Facts = Record<string, Fact | Value | undefined>;

class Changes {
  readonly #previous: Previous;
  readonly #before: Side;
  readonly #after: Side;
  readonly #retained: Retained;
  /** Why more may have existed than is seen. */
  readonly #hidden: string | undefined;
  /** A resource that only sets something of another one changes or goes: what it set before and no longer writes stays as it was. */
  readonly #leavesSettings: boolean;
  readonly #itemsAfter: ReadonlyMap<string, Item>;
  readonly #byVault: Index;
  readonly #byPolicy: Index;
  readonly #bySource: Index;

  constructor(previous: Previous, before: Side, after: Side, retained: Retained) {
    this.#previous = previous;
    this.#before = before;
    this.#after = after;
    this.#retained = retained;
    const deployment = before.around.resources.find(({ type }) => deployments.test(type));
    this.#hidden =
      previous.hidden ??
      before.around.hidden ??
      (deployment && `${deployment.address} may have deployed more than is seen`);
    const isSetter = /^azapi_(?:update_resource|resource_action)$/;
    this.#leavesSettings =
      [...previous.steps.values()].some(({ type, action }) => isSetter.test(type) && action !== 'create') ||
      before.around.resources.some((resource) => {
        const action = previous.steps.get(resource.address)?.action;
        if (isSettingsChild(resource.type)) return action !== undefined && action !== 'create';
        return action === 'forget' && associationTypes.has(resource.type.toLowerCase());
      });
    this.#itemsAfter = new Map(after.items.map((item) => [item.resource.address, item]));
    this.#byVault = index(before.items, ({ links }) => links.vaultId);
    this.#byPolicy = index(
      before.items,
      ({ links }) => links.policy && parseId(links.policy.value, before.around.find),
    );
    this.#bySource = index(before.items, ({ links }) => links.sourceId);
  }

  run(): Entity[] {
    const { vaults, policies, machines, guards, items, sources } = this.#before;
    const touched = [...this.#previous.steps.values()].some(({ type }) => touchesVaults(type.toLowerCase()));
    const accounts = sources.filter(({ entity }) => armTypeOf(entity.resource) === account).map(({ entity }) => entity);
    const vaultsAfter = byAddress(this.#after.vaults);
    const policiesAfter = byAddress(this.#after.policies);
    const machinesAfter = byAddress(this.#after.machines);
    const guardsAfter = byAddress(this.#after.guards);
    return [
      ...vaults.map((vault) => this.#vault(vault, vaultsAfter.get(vault.resource.address), touched)),
      ...policies.map((policy) => this.#policy(policy, policiesAfter.get(policy.resource.address))),
      ...items.map((item) => this.#item(item)),
      ...machines.map((machine) => this.#machine(machine, machinesAfter.get(machine.resource.address))),
      ...accounts.map((one) => this.#account(one)),
      ...guards.map((guard) => this.#guard(guard, guardsAfter.get(guard.resource.address))),
    ].filter((entity) => entity !== undefined);
  }

  #actionOn({ address, existing, terraformType }: Resource): Action | undefined {
    if (existing) return undefined;
    const step = this.#previous.steps.get(address);
    if (!step) return 'none';
    const { action } = step;
    // What only sends a request leaves what it made when it goes.
    const isRequest = terraformType !== undefined && terraformType !== 'azapi_resource';
    if (isRequest && action === 'delete') return 'forget';
    return isRequest && action === 'replace' ? 'update' : action;
  }

  /**
   * What it is afterwards. What nobody writes any longer may be left from what was set before: by a resource that only sets something
   * of another one, or in the body of a vault, of which the service keeps what a request leaves out.
   */
  #outcome({ subject, resource, view: of }: Entity): Obj {
    const isArmVault = subject === 'vault' && resource.type.includes('/');
    if (!this.#leavesSettings && !isArmVault) return of;
    const kept = withoutDefaults(of, of.at);
    if (this.#leavesSettings) return { ...kept, open: true, because: leftBehind };
    const members = new Map(kept.members);
    if (!members.has('encryption')) members.set('encryption', { value: unknown(leftBehind, of.at), at: of.at });
    return { ...kept, members };
  }

  /** `now`: what it is afterwards; the finding stands there, or where it was. */
  #entity(
    what: string,
    { resource, view: was }: Entity,
    now: Entity | undefined,
    action: Action,
    facts: Facts,
  ): Entity {
    const stand = now?.resource ?? resource;
    const { head } = stand;
    return {
      subject: 'change',
      resource: stand,
      view: view(head, {
        what: text(what, head),
        action: action ? text(action, head) : this.#open(resource, head),
        before: was,
        after: now && this.#outcome(now),
        ...facts,
        language: text(resource.type.includes('/') ? 'arm' : 'terraform', head),
      }),
    };
  }

  /** What may happen to it. */
  #open({ address }: Resource, at: Fact['at']): Value | Fact {
    const { either, because } = this.#previous.steps.get(address) ?? {};
    if (either) return oneOf([text('update', at), text('replace', at)], at);
    return undecided(because ?? 'it is not known yet what happens to it', at);
  }

  // Vaults

  #vault(vault: Entity, now: Entity | undefined, touched: boolean): Entity | undefined {
    const { resource, id } = vault;
    if (resource.existing) return undefined;
    const action = this.#actionOn(resource);
    if (action === 'none' && (!touched || !now)) return undefined;
    const { head } = now?.resource ?? resource;
    const items = this.#byVault.of(id);
    const containers = this.#before.containers.map((container) => ({
      address: container.resource.address,
      same: container.resource.existing ? false : sameId(container.vaultId, id),
    }));
    const addresses = [
      ...items.sure.map((item) => item.resource.address),
      ...containers.filter(({ same }) => same === true).map(({ address }) => address),
    ];
    const doubt = items.perhaps.length > 0 || containers.some(({ same }) => same === undefined);
    const kind = memberOf(vault.view, 'kind')?.value;
    return this.#entity('vault', vault, now, action, {
      vaultKind: kind && { value: kind, at: head },
      ...this.#list('contents', addresses, doubt, head),
      newEndpoint: textOf(kind && force(kind)) === 'recovery-services' ? this.#newEndpoint(id) : undefined,
    });
  }

  /** A private endpoint of the vault that this change makes. */
  #newEndpoint(vault: ResourceId | undefined): Fact | undefined {
    let doubt: Fact | undefined;
    const had = this.#before.around.resources.some(
      (resource) =>
        endpoints.has(resource.type.toLowerCase()) && this.#endpointOf(resource, vault, this.#before) !== false,
    );
    // Another one beside it is no first one, and the vault was open to them.
    if (had) return undefined;
    for (const resource of this.#after.around.resources) {
      if (!endpoints.has(resource.type.toLowerCase()) || resource.existing) continue;
      if (this.#previous.steps.get(resource.address)?.action !== 'create') continue;
      const same = this.#endpointOf(resource, vault, this.#after);
      const fact = computed(resource.address, resource.head);
      if (same && resource.presence === 'present') return fact;
      if (same !== false)
        doubt ??= undecided(`${resource.address} may be a private endpoint of the vault`, resource.head);
    }
    return doubt;
  }

  #endpointOf(resource: Resource, vault: ResourceId | undefined, { around }: Side): boolean | undefined {
    const arm = resource.type.includes('/');
    const target = arm
      ? ['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections']
          .map((list) => pick(resource.body, `properties.${list}[0].properties.privateLinkServiceId`, true))
          .find((fact) => fact !== undefined)
      : pick(resource.body, 'private_service_connection[0].private_connection_resource_id', false);
    if (!target) return arm ? undefined : false;
    const value = force(target.value);
    if (value.kind === 'symbol' && value.of?.path === 'id') {
      const named = this.#before.vaults.find((one) => one.resource.address === value.of!.address);
      if (named) return sameId(named.id, vault);
    }
    return sameId(parseId(value, around.find), vault);
  }

  /** Addresses, and the first of them as a text. */
  #list(name: string, addresses: readonly string[], isOpen: boolean, at: Fact['at']): Facts {
    const shown = addresses.slice(0, most).map((address) => text(address, at));
    const open = isOpen || this.#hidden !== undefined || addresses.length > most;
    return {
      [name]: { at, value: { ...listOf(at, shown, open), ...(open && { because: this.#hidden }) } as Value },
      listed: addresses.length > 0 ? computed(listed(addresses), at) : undefined,
    };
  }

  // Policies

  #policy(policy: Entity, now: Entity | undefined): Entity | undefined {
    const { resource } = policy;
    const action = this.#actionOn(resource);
    if (resource.existing || action === 'none') return undefined;
    const { head } = now?.resource ?? resource;
    const { sure, open } = this.#usersOf(policy, now);
    const solution = pick(policy.view, 'solution', false);
    const isOutside = itemsOutside.has(textOf(solution?.value) ?? '') && !resource.type.includes('/');
    const id = this.#before.around.idOf(resource);
    const vault = id && this.#vaultOf(id);
    return this.#entity('policy', policy, now, action, {
      solution,
      vaultKind: pick(policy.view, 'vaultKind', false),
      sameName: now && this.#sameName(policy, now),
      edited: now && edited(policy.view, now.view, head),
      ...this.#list(
        'users',
        sure.map((item) => item.resource.address),
        open || isOutside,
        head,
      ),
      ...(now && kept(policy.view, this.#outcome(now), head)),
      immutable: computed(this.#isImmutable(vault), head),
    });
  }

  #sameName(policy: Entity, now: Entity): Fact {
    const { head } = now.resource;
    const [a, b] = [policy, now].map((one) => pick(one.view, 'name', false));
    const same = a && b && equal(a.value, b.value, true);
    return same === undefined ? undecided('the name of the policy is not known', head) : computed(same, b!.at);
  }

  /** Items that use a policy before the change and still do when it takes effect. */
  #usersOf(policy: Entity, now: Entity | undefined): { sure: Item[]; open: boolean } {
    const found = this.#byPolicy.of(policy.id);
    let open = found.perhaps.length > 0;
    const sure: Item[] = [];
    for (const item of found.sure) {
      const uses = this.#stillUses(item, policy, now);
      // What keeps its points whatever the policy says may be bound to it all the same.
      const isStopped = ['stopped', 'soft-deleted', undefined].includes(textOf(item.links.state.value));
      if (uses && !isStopped) sure.push(item);
      open ||= uses === undefined || (uses && isStopped);
    }
    return { sure, open };
  }

  #stillUses(item: Item, policy: Entity, now: Entity | undefined): boolean | undefined {
    const action = this.#actionOn(item.resource);
    if (action === 'delete' || action === 'replace') return false;
    if (action === 'none' || action === 'forget') return true;
    const after = this.#itemsAfter.get(item.resource.address);
    if (!action || !after) return undefined;
    const written = after.links.policy;
    if (!written) return false;
    const value = force(written.value);
    if (value.kind === 'symbol' && value.of?.path === 'id' && value.of.address === policy.resource.address) {
      const step = this.#previous.steps.get(policy.resource.address);
      if (step?.action !== 'replace' || !step.createsFirst || !now) return true;
      // Made under another name first, it takes the items before the old one goes.
      const same = this.#sameName(policy, now).value;
      return same.kind === 'bool' ? same.value : undefined;
    }
    return sameId(parseId(value, this.#after.around.find), policy.id);
  }

  /** The vault that an id of something in it begins with, as it was. */
  #vaultOf(id: ResourceId): Entity | undefined {
    const vault = { ...id, type: id.type.split('/').slice(0, 2).join('/'), names: id.names.slice(0, 1) };
    return this.#before.vaults.find((one) => sameId(one.id, vault) === true);
  }

  /** Whether the vault is known to be immutable, before and after. Where that is not known the other rule speaks, for one must. */
  #isImmutable(vault: Entity | undefined): boolean {
    if (!vault) return false;
    const states = [vault, this.#after.vaults.find((one) => one.resource.address === vault.resource.address)].map(
      (one) => (one ? textOf(pick(one.view, 'immutability', false)?.value) : undefined),
    );
    const [was, will = was] = states;
    return [was, will].every((state) => state === 'Unlocked' || state === 'Locked');
  }

  // Items

  #item(item: Item): Entity | undefined {
    const { resource, links } = item;
    if (resource.existing) return undefined;
    const action = this.#actionOn(resource);
    const after = this.#itemsAfter.get(resource.address);
    // A request beside it may stop an item that is itself not touched.
    const isSame = textOf(links.state.value) === textOf(after?.links.state.value);
    if (action === 'none' && (!after || isSame)) return undefined;
    const was = this.#before.itemEntity(item);
    const now = after && this.#after.itemEntity(after);
    const { head } = now?.resource ?? resource;
    const [before, then] = [was, now].map((one) => {
      const policy = one && memberOf(one.view, 'policy')?.value;
      return policy && force(policy);
    });
    const moved = after && this.#isMoved(item, after);
    const isMoved = moved?.value.kind === 'bool' ? moved.value.value : undefined;
    return this.#entity('protected-item', was, now, action, {
      solution: links.solution,
      vaultKind: text(links.vaultKind, head),
      retained: [undefined, 'delete', 'replace'].includes(action) ? this.#retained(resource) : undefined,
      moved,
      unbound: after && unbound(links.policy, after.links.policy, head),
      ...(after && moved && isMoved !== false && before && then && kept(before, then, after.links.policy?.at ?? head)),
      removedContainers: after && removed(links.scope.containers, after.links.scope.containers),
      removedDisks: after && removedDisks(item, after, head),
      immutable: computed(this.#isImmutable(links.vaultId && this.#vaultOf(links.vaultId)), head),
    });
  }

  #isMoved(item: Item, after: Item): Fact | undefined {
    const [was, will] = [item.links.policy, after.links.policy];
    if (!was || !will) return undefined;
    const value = force(will.value);
    const own = parseId(was.value, this.#before.around.find);
    if (value.kind === 'symbol' && value.of?.path === 'id') {
      const named = this.#before.policies.find(({ resource }) => resource.address === value.of!.address);
      const step = this.#previous.steps.get(value.of.address);
      if (named && step?.action !== 'replace') {
        const same = sameId(named.id, own);
        if (same !== undefined) return computed(!same, will.at);
      }
    }
    const same = sameId(parseId(value, this.#after.around.find), own);
    return same === undefined
      ? undecided(reasonOf(value) ?? 'it is not known which policy it will have', will.at)
      : computed(!same, will.at);
  }

  // What is protected

  #machine(machine: Entity, now: Entity | undefined): Entity | undefined {
    const { resource, id } = machine;
    const action = this.#actionOn(resource);
    if (resource.existing || action === 'none') return undefined;
    const { head } = now?.resource ?? resource;
    const { sure, perhaps } = this.#bySource.of(id);
    let open = perhaps.length > 0 || this.#hidden !== undefined;
    const items: Value[] = [];
    for (const item of sure) {
      const own = this.#actionOn(item.resource);
      if (own === 'delete' || own === 'replace') continue;
      if (own === undefined || items.length === most) {
        open = true;
        continue;
      }
      const after = this.#itemsAfter.get(item.resource.address);
      const policy = memberOf(this.#after.itemEntity(after ?? item).view, 'policy')?.value;
      const type = policy && pick(policy, 'type', false);
      items.push(
        view(item.resource.head, {
          address: text(item.resource.address, head),
          policyType: type ?? undecided('the policy of the item is not known', head),
        }),
      );
    }
    return this.#entity('machine', machine, now, action, { items: { at: head, value: listOf(head, items, open) } });
  }

  /** A storage account with the items whose recovery points lie in it. */
  #account(one: Entity): Entity | undefined {
    const { resource, id } = one;
    const action = this.#actionOn(resource);
    if (resource.existing || (action !== 'delete' && action !== 'replace')) return undefined;
    const { head } = resource;
    const { sure, perhaps } = this.#bySource.of(id);
    const items = sure.slice(0, most).map((item) => {
      const was = this.#before.itemEntity(item).view;
      const policy = memberOf(was, 'policy')?.value;
      return view(head, {
        address: text(item.resource.address, head),
        solution: item.links.solution,
        goesToo: goesWithAccount(textOf(item.links.solution.value), policy && force(policy), head),
      });
    });
    const open = perhaps.length > 0 || sure.length > most || this.#hidden !== undefined;
    return this.#entity('storage-account', one, undefined, action, {
      items: { at: head, value: listOf(head, items, open) },
    });
  }

  #guard(guard: Entity, now: Entity | undefined): Entity | undefined {
    const action = this.#actionOn(guard.resource);
    if (guard.resource.existing || action === 'none') return undefined;
    const [was, will] = [guard, now].map((one) => one && pick(one.view, 'excluded', false));
    return this.#entity('resource-guard', guard, now, action, {
      addedExclusions: now && removed(will, was ?? emptyList(now.resource), will?.at),
    });
  }
}

const leftBehind = 'what is not written may be left from before';

/** A view whose facts at its head, which nobody wrote, are not known. */
function withoutDefaults(of: Obj, head: Fact['at']): Obj {
  const members = new Map<string, Member>();
  for (const [name, member] of of.members) {
    const isDefault = sameOrigin(member.at, head) && !identity.has(name);
    const value = force(member.value);
    const known = value.kind === 'object' ? withoutDefaults(value, head) : unknown(leftBehind, head);
    members.set(name, isDefault ? { ...member, value: known } : member);
  }
  return { ...of, members };
}

/** Facts that stand at the head and are no defaults. */
const identity = new Set(['kind', 'name', 'solution', 'vaultKind', 'language']);

function emptyList({ head }: Resource): Fact {
  return { at: head, value: listOf(head, []) };
}

/** Items by an id; those whose id is not known may have any. */
interface Index {
  readonly of: (id: ResourceId | undefined) => { readonly sure: readonly Item[]; readonly perhaps: readonly Item[] };
}

function index(items: readonly Item[], idOf: (item: Item) => ResourceId | undefined): Index {
  const byKey = new Map<string, Item[]>();
  const open: Item[] = [];
  for (const item of items) {
    if (item.resource.existing) continue;
    const id = idOf(item);
    const key = id && keyOf(id);
    if (key !== undefined) append(byKey, key, item);
    else open.push(item);
  }
  return {
    of: (id) => {
      const key = id && keyOf(id);
      // What has no id of its own, a policy that nothing names, cannot be told from any.
      if (key === undefined) return { sure: [], perhaps: items };
      const perhaps = open.filter((item) => sameId(idOf(item), id) !== false);
      return { sure: byKey.get(key) ?? [], perhaps };
    },
  };
}

function byAddress(entities: readonly Entity[]): Map<string, Entity> {
  return new Map(entities.map((entity) => [entity.resource.address, entity]));
}

/** Whether recovery points die with the account: operational ones of blobs, and shares without a copy in the vault. */
function goesWithAccount(solution: string | undefined, policy: Value | undefined, at: Fact['at']): Fact {
  const doubt = undecided('the policy of the item is not known', at);
  if (solution === 'adls') return computed(false, at);
  if (policy?.kind !== 'object') return doubt;
  if (solution === 'azure-files') {
    const tier = pick(policy, 'tier', false);
    const word = textOf(tier?.value);
    return word === undefined ? doubt : computed(word === 'snapshot', at);
  }
  if (solution !== 'azure-blob') return doubt;
  const operational = memberOf(policy, 'operational');
  if (!operational) return policy.open ? doubt : computed(false, at);
  return force(operational.value).kind === 'object' ? computed(true, at) : doubt;
}

/** Whether an item that stays loses its policy. */
function unbound(was: Fact | undefined, will: Fact | undefined, at: Fact['at']): Fact | undefined {
  if (!was) return undefined;
  return computed(will === undefined, at);
}

/** Items of a list that another lacks; undefined where there is no list, open where either is not known. */
function removed(was: Fact | undefined, will: Fact | undefined, at = will?.at): Fact | undefined {
  if (!was || !will || !at) return undefined;
  const [a, b] = [force(was.value), force(will.value)];
  if (a.kind !== 'list' || b.kind !== 'list') return { at, value: listOf(at, [], true) };
  let open = a.open ?? false;
  const gone = a.items.filter((item) => {
    const answers = b.items.map((other) => equal(force(item), force(other), true));
    if (answers.includes(true)) return false;
    if (!answers.includes(undefined) && !b.open) return true;
    open = true;
    return false;
  });
  return { at, value: listOf(at, gone, open) };
}

/** LUNs that were backed up and no longer are. */
function removedDisks(item: Item, after: Item, at: Fact['at']): Fact | undefined {
  const [was, will] = [item.links, after.links];
  const nothing: Fact = { at, value: listOf(at, []) };
  const doubt: Fact = { at: will.luns?.at ?? at, value: listOf(at, [], true) };
  if (!was.luns && !will.luns) return undefined;
  if (!will.luns) return nothing;
  if (was.included && will.included) return removed(was.included, will.included);
  // A disk that is newly left out; what was left out already stays so.
  if (will.excluded && !was.included) return removed(will.excluded, was.excluded ?? nothing, will.excluded.at);
  return doubt;
}

/** Whether what a policy of a Backup vault says differs. */
function edited(was: Value, will: Value, at: Fact['at']): Fact | undefined {
  const parts = ['backupRules', 'retentionRules', 'tags'].map((name) => [was, will].map((of) => pick(of, name, false)));
  if (parts.some(([a, b]) => !a || !b)) return undefined;
  const answers = parts.map(([a, b]) => equal(a!.value, b!.value));
  if (answers.includes(false)) return computed(true, at);
  return answers.includes(undefined) ? undecided('it is not known what the policy will say', at) : computed(false, at);
}

// Retention

const units: Readonly<Record<string, string>> = { daily: 'days', weekly: 'weeks', monthly: 'months', yearly: 'years' };

/** How long each tier keeps: its name, its count, and the unit. */
interface Tier {
  readonly name: string;
  readonly count: Fact | undefined;
  readonly unit: string;
  readonly at: Fact['at'];
}

/** The tiers of a policy; undefined where they are not known to the last one. */
function tiersOf(policy: Value): Tier[] | undefined {
  if (policy.kind !== 'object' || policy.open) return undefined;
  const solution = textOf(pick(policy, 'solution', false)?.value);
  if (solution === 'azure-vm' || solution === 'azure-files') return tiersIn(policy, '');
  if (solution === undefined || !itemsOutside.has(solution)) return undefined;
  const full = pick(policy, 'full', false);
  if (full && full.value.kind !== 'object') return undefined;
  const tiers = full ? tiersIn(full.value, 'full ') : [];
  if (!tiers) return undefined;
  for (const kind of ['differential', 'incremental', 'log']) {
    const sub = pick(policy, kind, false);
    if (!sub) continue;
    const count = pick(sub.value, 'keptDays', false);
    tiers.push({ name: kind, count, unit: 'days', at: sub.at });
  }
  return tiers;
}

function tiersIn(of: Value, prefix: string): Tier[] | undefined {
  const retention = pick(of, 'retention', false);
  if (!retention) return [];
  const value = force(retention.value);
  if (value.kind !== 'object' || value.open) return undefined;
  return Object.keys(units).flatMap((name) => {
    const tier = pick(value, name, false);
    if (!tier) return [];
    const count = tier.value.kind === 'object' ? pick(tier.value, 'count', false) : undefined;
    return [{ name: `${prefix}${name}`, count, unit: units[name]!, at: tier.at }];
  });
}

/** What a policy keeps before and after, tier by tier. */
function kept(was: Value, will: Value, at: Fact['at']): Facts {
  const [before, after] = [tiersOf(was), tiersOf(will)];
  const weekly = becomesWeekly(was, will, at);
  if (!before || !after) return { becomesWeekly: weekly, tiers: { at, value: listOf(at, [], true) } };
  const turnsWeekly = weekly?.value.kind === 'bool' && weekly.value.value;
  const tiers = before.flatMap((tier): Value[] => {
    const now = after.find(({ name }) => name === tier.name);
    // A weekly schedule has no daily tier; that it turned weekly says it all.
    if (!now && turnsWeekly && tier.name.endsWith('daily')) return [];
    // What becomes of the points of a kind that is no longer made is not told.
    if (!now && !tier.name.endsWith('ly')) return [];
    const [a, b] = [numberIn(tier.count?.value), numberIn(now?.count?.value)];
    const where = now?.count ?? now;
    const literal = now?.count?.value;
    const shorter: Fact = !now
      ? computed(false, at)
      : a === undefined || b === undefined
        ? undecided(reasonOf(literal ?? unknown('its length is not known', at)) ?? 'its length is not known', where!.at)
        : { at: where!.at, value: { kind: 'bool', value: b < a, at: literal!.at, via: literal!.via } };
    return [
      view(now?.at ?? at, {
        name: text(tier.name, at),
        unit: text(tier.unit, at),
        before: tier.count,
        after: now?.count,
        removed: computed(!now, now?.at ?? at),
        shorter,
      }),
    ];
  });
  return { becomesWeekly: weekly, tiers: { at, value: listOf(at, tiers) } };
}

/** A daily schedule that becomes a weekly one. */
function becomesWeekly(was: Value, will: Value, at: Fact['at']): Fact | undefined {
  const solution = textOf(pick(was, 'solution', false)?.value);
  const path = solution !== undefined && itemsOutside.has(solution) ? 'full.schedule.frequency' : 'schedule.frequency';
  const [a, b] = [pick(was, path, false), pick(will, path, false)];
  if (!a || !b) return a || b ? undecided('the schedule is not known', b?.at ?? at) : undefined;
  const [before, after] = [textOf(a.value), textOf(b.value)];
  if (before !== undefined && before !== 'Daily') return computed(false, b.at);
  if (before === undefined || after === undefined) return undecided('the schedule is not known', b.at);
  return { at: b.at, value: { kind: 'bool', value: after === 'Weekly', at: b.value.at, via: b.value.via } };
}
