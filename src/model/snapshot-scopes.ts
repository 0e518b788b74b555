/**
 * Where the identity of a snapshot policy for database instances needs its roles: on the groups of the machines that the policy is
 * used for, of their disks and of the snapshots. Takes the policy with its items and the roles that are given here; gives each need
 * with whether the role is given there. No property of a policy names the group of the snapshots, so there a role on any group does.
 */
import type { Resource } from '../evaluate/resource.ts';
import { text, type Value } from '../evaluate/value.ts';
import { type Item, isCertain } from './coverage.ts';
import { computed, type Fact, listOf, pick, textOf, undecided, view } from './facts.ts';
import { broadRoles, covers, type Grant, type Grants } from './governance.ts';
import { groupId, keyOf, parseId, type ResourceId } from './id.ts';
import type { Surroundings } from './machine.ts';
import { accompanies } from './presence.ts';
import { instanceSnapshotRoles } from './roles.ts';

interface Need {
  readonly on: keyof typeof instanceSnapshotRoles;
  /** A resource group; undefined: which one is not known. */
  readonly group: ResourceId | undefined;
}

/** `identity`: whose roles count; `items`: those that use the policy. */
export function snapshotScopes(
  policy: { readonly resource: Resource; readonly solution: string | undefined; readonly at: Fact['at'] },
  identity: string | undefined,
  items: readonly Item[],
  { around, grants }: { readonly around: Surroundings; readonly grants: Grants },
): Fact {
  const { resource, solution, at } = policy;
  const given = identity ? grants.allOf(identity) : [];
  if (!identity || given.length === 0) return undecided('its roles may be assigned elsewhere', at);
  const certain = items.filter(isCertain);
  const needs =
    solution === 'sql-in-vm' ? sqlNeeds(certain) : solution === 'hana-in-vm' ? hanaNeeds(certain, around) : [];
  const doubt = grants.doubtOf(
    identity,
    // Snapshots lie in the subscription of the vault.
    needs.map(({ on, group }) => ({ name: on, id: on === 'snapshots' ? around.idOf(resource) : group })),
  );
  return {
    at,
    value: listOf(
      at,
      needs.map((need) => asView(need, judged(need, given, resource, grants, doubt), at)),
      solution === undefined,
    ),
  };
}

/** The group of the snapshots needs the role too; of that the machine's says enough. */
function sqlNeeds(items: readonly Item[]): Need[] {
  return distinct(items.map(machineGroup)).map((group) => ({ on: 'machine', group }));
}

function hanaNeeds(items: readonly Item[], around: Surroundings): Need[] {
  const groups = items.flatMap((item) => diskGroups(item, around));
  return [...distinct(groups).map((group): Need => ({ on: 'disks', group })), { on: 'snapshots', group: undefined }];
}

/** Each group once; one that is not known where there is none. */
function distinct(groups: readonly (ResourceId | undefined)[]): (ResourceId | undefined)[] {
  const found = new Map(groups.map((group) => [(group && keyOf(group)) ?? '', group]));
  return found.size === 0 ? [undefined] : [...found.values()];
}

function machineGroup({ links: { sourceId } }: Item): ResourceId | undefined {
  return sourceId?.type === 'microsoft.compute/virtualmachines'
    ? groupId(sourceId.subscription, sourceId.resourceGroup)
    : undefined;
}

/** Groups of the data disks that the machine of an item is seen to have. */
function diskGroups(item: Item, around: Surroundings): (ResourceId | undefined)[] {
  const { sourceId } = item.links;
  const machine = sourceId && around.withId(sourceId);
  if (!machine) return [undefined];
  const groups: (ResourceId | undefined)[] = around
    .ofType('azurerm_managed_disk', 'microsoft.compute/disks')
    .filter((disk) => {
      const { sure, asOs } = around.diskUsers(disk);
      return !disk.existing && sure.includes(machine) && !asOs.has(machine);
    })
    .map((disk) => {
      const id = around.idOf(disk);
      return id && groupId(id.subscription, id.resourceGroup);
    });
  const inline = machine.type.includes('/') && pick(machine.body, 'properties.storageProfile.dataDisks', true)?.value;
  for (const disk of inline && inline.kind === 'list' ? inline.items : []) {
    const reference = pick(disk, 'managedDisk.id', true);
    const id = reference && parseId(reference.value, around.find);
    // One that is made with the machine lies in its group.
    if (reference) groups.push(id && groupId(id.subscription, id.resourceGroup));
    else groups.push(machineGroup(item));
  }
  return groups.length === 0 ? [undefined] : groups;
}

interface Judged {
  /** undefined: it is not known. */
  readonly held: 'there' | 'elsewhere' | 'nowhere' | undefined;
  /** Of a role that is given elsewhere. */
  readonly grant?: Grant;
}

function judged(
  { on, group }: Need,
  given: readonly Grant[],
  policy: Resource,
  { areLive }: Grants,
  doubt: string | undefined,
): Judged {
  let isOpen = doubt !== undefined;
  let elsewhere: Grant | undefined;
  for (const grant of given) {
    const role = textOf(grant.role.value);
    // What exists works with them, as far as anybody knows.
    const isBroad = areLive && role !== undefined && broadRoles.has(role);
    if (role !== undefined && role !== instanceSnapshotRoles[on] && !isBroad) continue;
    const sure = role !== undefined && !isBroad && accompanies(grant.resource, policy);
    const there = on === 'snapshots' ? isOnGroups(grant.scopeId) : reaches(grant.scopeId, group);
    if (there && sure) return { held: 'there' };
    if (there !== false) isOpen = true;
    else if (sure) elsewhere ??= grant;
  }
  if (isOpen) return { held: undefined };
  return elsewhere ? { held: 'elsewhere', grant: elsewhere } : { held: 'nowhere' };
}

/** Whether a role at a scope is one on the group; of a single machine or disk it may do as well. */
function reaches(scope: ResourceId | undefined, group: ResourceId | undefined): boolean | undefined {
  const on = isOnGroups(scope);
  if (!on) return on;
  return group && covers(scope, group);
}

/** Whether a scope is a group or above. */
function isOnGroups(scope: ResourceId | undefined): boolean | undefined {
  if (!scope || scope.type.startsWith('microsoft.compute/')) return undefined;
  return scope.type === '' || scope.type.startsWith('microsoft.management/');
}

function asView({ on }: Need, { held, grant }: Judged, at: Fact['at']): Value {
  return view(at, {
    role: computed(instanceSnapshotRoles[on], at),
    on: computed(on, at),
    held: held === undefined ? undecided('the role may be given there elsewhere', at) : computed(held, at),
    grant: grant && text(grant.resource.address, grant.resource.head),
  });
}
