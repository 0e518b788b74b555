/**
 * Regions that hold datasources, and whether a vault of the kind they need lies there.
 * Takes datasources with their protection and the vaults of a configuration; gives the datasources with `vaultInRegion`, which
 * stands at one of them per region and kind of vault, so that a rule speaks once.
 */
import type { Live } from '../evaluate/resource.ts';
import { force, memberOf, reasonOf } from '../evaluate/value.ts';
import { computed, type Fact, textOf, undecided, view } from './facts.ts';
import { isNode } from './machine.ts';
import type { Entity } from './model.ts';
import type { VaultKind } from './vault.ts';

/** Which kind of vault protects a kind of datasource; a SQL registration goes with its machine. */
const needs: Readonly<Record<string, VaultKind>> = {
  'azure-vm': 'recovery-services',
  'azure-files': 'recovery-services',
  'azure-disk': 'backup',
  'storage-account': 'backup',
  postgresql: 'backup',
  mysql: 'backup',
  aks: 'backup',
  'cosmos-db': 'backup',
  'elastic-san': 'backup',
};

interface Candidate {
  readonly entity: Entity;
  /** Nothing protects it, in a whole picture. */
  readonly bare: boolean;
}

/** `elsewhere`: kinds of vault that are used but not declared, with an address that uses one. */
export function withRegions(
  datasources: readonly Entity[],
  vaults: readonly Entity[],
  elsewhere: ReadonlyMap<VaultKind, string>,
  live?: Live,
): Entity[] {
  const groups = new Map<string, { need: VaultKind; location: string | undefined; first: Candidate }>();
  for (const entity of datasources) {
    const need = needs[textIn(entity, 'kind') ?? ''];
    const protection = textIn(entity, 'protection');
    if (!need || protection === 'item' || !countsIn(entity)) continue;
    const candidate = { entity, bare: protection === 'none' && !isNode(entity.view) };
    const location = textIn(entity, 'location');
    const key = `${need} ${location ?? ''}`;
    const group = groups.get(key);
    if (!group) groups.set(key, { need, location, first: candidate });
    else if (candidate.bare && !group.first.bare) group.first = candidate;
  }
  const facts = new Map<Entity, Fact>();
  for (const { need, location, first } of groups.values()) {
    const { head } = first.entity.resource;
    const user = elsewhere.get(need);
    const unread = live?.unread('vaults', '');
    const exists = vaultIn(
      location,
      need,
      first,
      vaults,
      unread ?? (user && `the vault of ${user} may lie in this region`),
      live,
    );
    const answer = exists.value.kind === 'bool' ? exists.value.value : undefined;
    if (answer !== true && live?.around?.isTold(`${need} ${location ?? ''}`, answer === false)) continue;
    facts.set(first.entity, { at: head, value: view(head, { kind: computed(need, head), exists }) });
  }
  return datasources.map((entity) => {
    const fact = facts.get(entity);
    if (!fact) return entity;
    return { ...entity, view: { ...entity.view, members: new Map([...entity.view.members, ['vaultInRegion', fact]]) } };
  });
}

/** What may be protected at all, and is not part of something that is. */
function countsIn({ resource, view: facts }: Entity): boolean {
  if (resource.existing || resource.isPatch || resource.many || resource.presence !== 'present') return false;
  if (isNode(facts) === true) return false;
  const users = memberOf(facts, 'users');
  const list = users && force(users.value);
  if (list && !(list.kind === 'list' && list.items.length === 0 && !list.open)) return false;
  const words = ['service', 'protocol'].map((name) => textOf(force(memberOf(facts, name)?.value ?? facts)));
  return !words.includes('single') && !words.includes('NFS');
}

function vaultIn(
  location: string | undefined,
  need: VaultKind,
  first: Candidate,
  vaults: readonly Entity[],
  hidden: string | undefined,
  live: Live | undefined,
): Fact {
  const { head } = first.entity.resource;
  if (location === undefined) return undecided('the region of the datasource is not known', head);
  let doubt = hidden;
  for (const vault of vaults) {
    if (textIn(vault, 'kind') !== need) continue;
    const own = textIn(vault, 'location');
    if (own !== undefined && own !== location) continue;
    if (own !== undefined && vault.resource.presence === 'present' && !vault.resource.many) return computed(true, head);
    doubt ??= `${vault.resource.address} may lie in this region`;
  }
  if (live?.around?.hasVault(need, location)) return computed(true, head);
  if (doubt !== undefined) return undecided(doubt, head);
  if (first.bare) return computed(false, head);
  const protection = memberOf(first.entity.view, 'protection');
  return undecided(
    (protection && reasonOf(force(protection.value))) ?? 'backups of it may be declared elsewhere',
    head,
  );
}

/** Why a vault of another configuration may lie in the region of a datasource that has none here. */
export function doubtedRegion(entity: Entity, others: readonly Entity[], because: string | undefined): Entity {
  const written = memberOf(entity.view, 'vaultInRegion');
  const fact = written && force(written.value);
  if (fact?.kind !== 'object') return entity;
  const exists = force(memberOf(fact, 'exists')!.value);
  if (exists.kind !== 'bool' || exists.value) return entity;
  const need = textOf(force(memberOf(fact, 'kind')!.value));
  const location = textIn(entity, 'location');
  const other = others.find((vault) => {
    const own = textIn(vault, 'location');
    return textIn(vault, 'kind') === need && (own === undefined || own === location);
  });
  const doubt = because ?? (other && `${other.resource.address} of another configuration may lie in this region`);
  if (doubt === undefined) return entity;
  const { head } = entity.resource;
  const open = view(head, { ...Object.fromEntries(fact.members), exists: undecided(doubt, head) });
  const members = new Map([...entity.view.members, ['vaultInRegion', { at: written!.at, value: open }]] as const);
  return { ...entity, view: { ...entity.view, members } };
}

function textIn({ view: facts }: Entity, name: string): string | undefined {
  const member = memberOf(facts, name);
  return member && textOf(force(member.value));
}
