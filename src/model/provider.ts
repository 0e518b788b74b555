/** What a Terraform provider refuses or ignores: names that the pinned version no longer has, and combinations of fields. */
import type { Provider, Resource } from '../evaluate/resource.ts';
import { compareVersions, type Version } from '../evaluate/terraform/provider.ts';
import { force, type Member, memberOf, type Obj, reasonOf, text, type Value } from '../evaluate/value.ts';
import { type Fact, pick, undecided, view } from './facts.ts';
import type { RemovedName } from './model.ts';

export function providerFacts(resource: Resource, names: readonly RemovedName[]): Obj | undefined {
  const { body, head, language, provider, change } = resource;
  const isPlan = language === 'plan';
  if ((language !== 'terraform' && !isPlan) || !resource.type.startsWith('azurerm_')) return undefined;
  // A plan lists every attribute that the provider has, and none that it lacks.
  const own = isPlan ? [] : names.filter((name) => name.resource === resource.type);
  const softDelete =
    resource.type === 'azurerm_recovery_services_vault' ? memberOf(resource.body, 'soft_delete_enabled') : undefined;
  const isItem = resource.type === 'azurerm_backup_protected_vm' && (!isPlan || change?.actions.includes('create'));
  if (own.length === 0 && !isItem && !softDelete) return undefined;
  return view(head, {
    type: text(resource.type, head),
    removedName: removedName(resource, own),
    softDeleteRemoved: softDelete && !isPlan ? removedIn(provider, [5, 0, 0], softDelete.at) : undefined,
    softDeleteRefused: softDelete && isPlan ? softDeleteRefused(resource, softDelete) : undefined,
    // An item needs both ids when it is created; a stopped one may lose them.
    virtualMachine: isItem
      ? view(head, {
          sourceId: pick(body, 'source_vm_id', false),
          policyId: pick(body, 'backup_policy_id', false),
          state: pick(body, 'protection_state', false),
        })
      : undefined,
  });
}

/** From azurerm 4.75 on a plan that turns soft delete off, or makes a vault without it, is refused; an unchanged one is not. */
function softDeleteRefused({ provider, change, body }: Resource, written: Member): Fact | undefined {
  const fact = pick(body, 'soft_delete_enabled', false);
  if (!fact || (fact.value.kind === 'bool' && fact.value.value)) return undefined;
  const before = change?.before();
  const was = before && pick(before, 'soft_delete_enabled', false);
  const turnsOff = was?.value.kind === 'bool' && was.value.value;
  if (!change?.actions.includes('create') && !turnsOff) return undefined;
  if (fact.value.kind !== 'bool') return undecided(reasonOf(fact.value) ?? 'it is not known', written.at);
  const refused = removedIn(provider, [4, 75, 0], fact.value.at);
  return { at: written.at, value: { ...refused.value, at: fact.value.at, via: fact.value.via } };
}

/** Whether the allowed versions all lie at or above one; unknown where they lie on both sides or nothing pins them. */
function removedIn(provider: Provider | undefined, version: Version, at: Value['at']): Fact {
  const answer = provider && versionAtLeast(provider, version);
  if (answer === undefined)
    return undecided('no version constraint or lock file says which azurerm version is used', at);
  return { at, value: { kind: 'bool', value: answer, at } };
}

export function versionAtLeast(provider: Provider, version: Version): boolean | undefined {
  if (provider.exact) return compareVersions(provider.exact, version) >= 0;
  if (provider.atLeast && compareVersions(provider.atLeast, version) >= 0) return true;
  if (provider.below && compareVersions(provider.below, version) <= 0) return false;
  return undefined;
}

/** The name in use that some version no longer has: the first of those that are gone for certain, else the first. */
function removedName(resource: Resource, names: readonly RemovedName[]): Value | undefined {
  const uses = names.flatMap((name) => {
    // Also where it is null: the provider's schema is asked first.
    const member = name.attribute === undefined ? undefined : memberAt(resource.body, name.attribute.split('.'));
    if (name.attribute !== undefined && !member) return [];
    const at = member?.at ?? resource.head;
    const [major = 0, minor = 0, patch = 0] = name.removedIn.split('.').map(Number);
    const removed = removedIn(resource.provider, [major, minor, patch], at);
    return [{ name, at, removed }];
  });
  const use = uses.find(({ removed }) => removed.value.kind === 'bool' && removed.value.value) ?? uses[0];
  if (!use) return undefined;
  const { name, at, removed } = use;
  return view(at, {
    removed,
    name: text(name.attribute ?? name.resource, at),
    since: text(name.removedIn, at),
    instead: name.instead === undefined ? undefined : text(name.instead, at),
  });
}

/** The attribute or block at a path through blocks that stand once. */
function memberAt(body: Obj, [step, ...rest]: readonly string[]): Member | undefined {
  const member = step === undefined ? undefined : memberOf(body, step);
  if (!member || rest.length === 0) return member;
  const blocks = force(member.value);
  const block = blocks.kind === 'list' && blocks.items[0] ? force(blocks.items[0]) : blocks;
  return block.kind === 'object' ? memberAt(block, rest) : undefined;
}
