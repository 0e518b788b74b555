/**
 * Patches of azapi (`azapi_update_resource`, an action that sends a PATCH) -> part of what they change.
 * An ARM-shaped resource gets a new body in which the patched values win; one of azurerm keeps its body and carries the patches,
 * which are laid over its facts. A patch of what is declared elsewhere stays a resource of which only that much is known.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, oneOf, unknown, type Value } from '../evaluate/value.ts';
import { type Origin, sameOrigin } from '../source/source.ts';
import { merged } from './arm-shaped.ts';
import { type Fact, undecided } from './facts.ts';
import { armTypeOf, Ids, sameId } from './id.ts';
import type { ItemLinks } from './item.ts';
import { isSettingsChild } from './vault.ts';

type Facts = Record<string, Fact | Value | undefined>;

export function withPatches(resources: readonly Resource[]): readonly Resource[] {
  if (!resources.some((resource) => resource.isPatch)) return resources;
  const ids = new Ids(resources);
  const result = new Map(resources.map((resource) => [resource, resource]));
  for (const patch of resources) {
    if (!patch.isPatch) continue;
    const type = armTypeOf(patch);
    let isPart = false;
    for (const target of resources) {
      if (target.isPatch || target.existing || armTypeOf(target) !== type) continue;
      const same = changes(patch, target, ids);
      if (same === false) continue;
      isPart ||= same === true;
      const certain = same === true && exists(patch, target);
      result.set(target, changed(result.get(target)!, patch, certain));
    }
    if (isPart) result.delete(patch);
    // Settings of a vault that are not written are those of a new vault; of anything else they are not known.
    else if (!isSettingsChild(patch.type)) {
      const patches = [{ by: patch, certain: true }];
      result.set(patch, { ...patch, body: opened(patch.body, 0), patches });
    }
  }
  return [...result.values()];
}

/** Whether a patch is for that resource: by reference, else by id. */
function changes(patch: Resource, target: Resource, ids: Ids): boolean | undefined {
  const { id } = patch;
  if (id?.kind === 'symbol' && id.of?.path === 'id') {
    const named = ids.at(id.of.address);
    // What else is declared here is certainly another resource.
    if (named && !named.existing) return named === target;
  }
  return sameId(ids.of(patch), ids.of(target));
}

function exists(patch: Resource, target: Resource): boolean {
  if (patch.many) return false;
  return patch.presence === 'present' || (patch.guard !== undefined && patch.guard === target.guard);
}

function changed(target: Resource, by: Resource, certain: boolean): Resource {
  const patches = [...(target.patches ?? []), { by, certain }];
  if (!target.type.includes('/')) return { ...target, patches };
  const members = new Map(by.body.members);
  for (const name of ['type', 'apiVersion', 'name']) members.delete(name);
  return { ...target, patches, body: merged(target.body, { ...by.body, members }, certain) };
}

/** What a patch does not write is as it was: not known, but not absent. */
function opened(body: Resource['body'], level: number): Resource['body'] {
  const members = new Map(body.members);
  if (level < 16)
    for (const [key, member] of members) {
      const value = force(member.value);
      if (value.kind === 'object') members.set(key, { ...member, value: opened(value, level + 1) });
    }
  return { ...body, members, open: true };
}

/** The facts of an azurerm resource with those of a patch over them; facts at the head of the patch are not written in it. */
export function overlaid(facts: Facts, patch: Facts, head: Origin, certain: boolean): Facts {
  const result = { ...facts };
  for (const [name, over] of Object.entries(patch)) {
    if (!over) continue;
    const fact = asFact(over);
    const before = result[name] && asFact(result[name]);
    if (fact.value.kind === 'object' && before?.value.kind === 'object') {
      const members = Object.fromEntries([...before.value.members].map(([key, { value, at }]) => [key, { value, at }]));
      const inner = Object.fromEntries([...fact.value.members].map(([key, { value, at }]) => [key, { value, at }]));
      const both = overlaid(members, inner, head, certain);
      const value = {
        ...before.value,
        members: new Map(Object.entries(both).map(([key, one]) => [key, asFact(one!)])),
      };
      // In the form in which it stood there.
      result[name] = 'kind' in result[name]! ? value : { at: before.at, value };
    } else if (!sameOrigin(fact.at, head))
      result[name] = certain
        ? fact
        : {
            at: fact.at,
            value: oneOf([before?.value ?? unknown('it may be set by a patch', fact.at), fact.value], fact.at),
          };
  }
  return result;
}

/** What a patch writes of an item, over the links of the item itself. */
export function overlaidLinks(links: ItemLinks, patch: ItemLinks, by: Resource, certain: boolean): ItemLinks {
  const result = { ...links };
  for (const name of ['policy', 'state', 'included', 'excluded', 'luns'] as const) {
    const fact = patch[name];
    if (!fact || sameOrigin(fact.at, by.head)) continue;
    result[name] = certain ? fact : undecided(`${by.address} may set it`, fact.at);
  }
  return result;
}

function asFact(of: Fact | Value): Fact {
  return 'kind' in of ? { value: of, at: of.at } : of;
}
