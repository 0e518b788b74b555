/** What a Terraform provider refuses or ignores: names that the pinned version no longer has, and combinations of fields. */
import type { Configuration, Provider, ProviderBlock, Resource } from '../evaluate/resource.ts';
import { compareVersions, type Version } from '../evaluate/terraform/provider.ts';
import {
  bool,
  force,
  type Member,
  memberOf,
  type Obj,
  reasonOf,
  text,
  unknown,
  type Value,
} from '../evaluate/value.ts';
import { type Fact, fallback, listOf, pick, undecided, view } from './facts.ts';
import type { Entity, RemovedName } from './model.ts';

/** `policy`: the view of a resource that is one. */
export function providerFacts(
  resource: Resource,
  names: readonly RemovedName[],
  policy: Obj | undefined,
): Obj | undefined {
  const { body, head, language, provider, change } = resource;
  const isPlan = language === 'plan';
  if ((language !== 'terraform' && !isPlan) || !resource.type.startsWith('azurerm_')) return undefined;
  // A plan lists every attribute that the provider has, and none that it lacks.
  const own = isPlan ? [] : names.filter((name) => name.resource === resource.type);
  const softDelete =
    resource.type === 'azurerm_recovery_services_vault' ? memberOf(resource.body, 'soft_delete_enabled') : undefined;
  const isItem = resource.type === 'azurerm_backup_protected_vm' && (!isPlan || change?.actions.includes('create'));
  const narrower = policy && inAzurerm(resource, policy);
  if (own.length === 0 && !isItem && !softDelete && !narrower) return undefined;
  return view(head, {
    type: text(resource.type, head),
    removedName: removedName(resource, own),
    softDeleteRemoved: softDelete && !isPlan ? removedIn(provider, [5, 0, 0], softDelete.at) : undefined,
    softDeleteRefused: softDelete && isPlan ? softDeleteRefused(resource, softDelete) : undefined,
    // An item needs both ids when it is created; a stopped one may lose them, and any other its machine.
    virtualMachine: isItem
      ? view(head, {
          sourceId: pick(body, 'source_vm_id', false) ?? (isPlan ? undefined : undecided(machineMayBeGone, head)),
          policyId: pick(body, 'backup_policy_id', false),
          state: pick(body, 'protection_state', false),
        })
      : undefined,
    inAzurerm: narrower,
  });
}

/** How azurerm documents the way to keep the backup of a machine that is deleted. */
const machineMayBeGone =
  'azurerm lets source_vm_id go once the item exists, and the code does not say whether it does; a plan would';

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

/** The first version whose schema of policies was not looked at. */
const unseenVersion: Version = [5, 3, 0];

/**
 * What azurerm takes only a part of, of what a policy says: days of simple retention, and the vault store of AKS. Unknown where a
 * version may be used that takes more; absent where the policy says nothing of the kind.
 */
function inAzurerm({ type, provider, head }: Resource, policy: Obj): Fact | undefined {
  const parts =
    type === 'azurerm_backup_policy_vm_workload'
      ? {
          differential: pick(policy, 'differential.keptDays', false),
          incremental: pick(policy, 'incremental.keptDays', false),
        }
      : type === 'azurerm_data_protection_backup_policy_kubernetes_cluster'
        ? { vaultStore: vaultStore(policy) }
        : {};
  const written = Object.values(parts).find((part) => part !== undefined);
  if (!written) return undefined;
  const isSeen = provider && versionAtLeast(provider, unseenVersion) === false;
  return isSeen
    ? { at: head, value: view(head, parts) }
    : undecided('a newer azurerm than this program knows may be used', written.at);
}

/** Where a policy keeps points in the vault store; unknown where a store is not known. */
function vaultStore(policy: Obj): Fact | undefined {
  let doubt: Fact | undefined;
  for (const rule of itemsOf(pick(policy, 'retentionRules', false))) {
    const cycles = pick(rule, 'lifecycles', false);
    for (const cycle of itemsOf(cycles)) {
      const store = pick(cycle, 'store', false);
      if (!store) continue;
      const { value } = store;
      if (value.kind === 'string' && value.value === 'VaultStore')
        return { at: store.at, value: { kind: 'bool', value: true, at: value.at, via: value.via } };
      if (value.kind !== 'string') doubt ??= undecided(reasonOf(value) ?? 'the store is not known', store.at);
    }
    if (cycles?.value.kind !== 'list' || cycles.value.open) doubt ??= undecided('the stores are not known', rule.at);
  }
  return doubt;
}

function itemsOf(fact: Fact | undefined): readonly Value[] {
  return fact?.value.kind === 'list' ? fact.value.items.map((item) => force(item)) : [];
}

// What a provider block says of destroying

const machineItem = 'azurerm_backup_protected_vm';

/** What azurerm does when it destroys a vault or the item of a machine (since 3.98); without the block none of it. */
function destroyFacts({
  body,
  head,
}: ProviderBlock): Record<'purgesVault' | 'stopsProtection' | 'suspendsProtection', Fact> {
  const at = (name: string): Fact =>
    fallback(pick(body(), `features[0].recovery_service[0].${name}`, false), false, head);
  return {
    purgesVault: at('purge_protected_items_from_vault_on_destroy'),
    stopsProtection: at('vm_backup_stop_protection_and_retain_data_on_destroy'),
    suspendsProtection: at('vm_backup_suspend_protection_and_retain_data_on_destroy'),
  };
}

/** An entity per provider block of azurerm, and one for the items whose block is outside of the code. */
export function providerBlocks(configuration: Configuration, resources: readonly Resource[]): Entity[] {
  const { providers = [], language } = configuration;
  const items = new Map<string | undefined, Resource[]>();
  for (const resource of resources) {
    if (resource.type !== machineItem || resource.existing) continue;
    const known = providers.some(({ address }) => address === resource.configuredBy);
    const key = known ? resource.configuredBy : undefined;
    const list = items.get(key);
    if (list) list.push(resource);
    else items.set(key, [resource]);
  }
  const entities = providers.map((block): Entity => {
    const { address, head, calls } = block;
    const own = items.get(address) ?? [];
    const certain = own.filter(({ presence, many }) => presence === 'present' && !many);
    return {
      subject: 'provider-config',
      resource: {
        address,
        language,
        type: 'provider',
        name: text(address, head),
        presence: 'present',
        existing: false,
        body: view(head, {}),
        head,
        calls,
        scope: { subscription: unknown('a provider has none', head) },
      },
      view: view(head, {
        destroy: view(head, {
          ...destroyFacts(block),
          machineItems: listOf(
            head,
            certain.map((item) => text(item.address, item.head)),
            own.length > certain.length,
          ),
        }),
      }),
    };
  });
  const [outside] = items.get(undefined) ?? [];
  if (!outside) return entities;
  const because = 'the provider block is not in the files';
  return [
    ...entities,
    {
      subject: 'provider-config',
      resource: outside,
      view: view(outside.head, {
        destroy: view(outside.head, {
          stopsProtection: unknown(because, outside.head),
          suspendsProtection: unknown(because, outside.head),
          machineItems: listOf(outside.head, [text(outside.address, outside.head)], true),
        }),
      }),
    },
  ];
}

/** Whether an item keeps its recovery points when it is destroyed: azurerm can stop or suspend it instead of deleting it. */
export function retainedOnDestroy(item: Resource, providers: readonly ProviderBlock[]): Fact {
  const { head, type, configuredBy } = item;
  const no: Fact = { at: head, value: bool(false, head) };
  if (type !== machineItem) return no;
  const own = providers.filter(({ address }) => address === configuredBy);
  // Of what is no longer written nothing says which block it had; where all agree it does not matter.
  const answers = (own.length > 0 ? own : providers).map((block): boolean | undefined => {
    const { stopsProtection, suspendsProtection } = destroyFacts(block);
    const flags = [stopsProtection, suspendsProtection].map(({ value }) =>
      value.kind === 'bool' ? value.value : undefined,
    );
    return flags.includes(true) ? true : flags.includes(undefined) ? undefined : false;
  });
  const [first] = answers;
  if (first === undefined || answers.some((answer) => answer !== first))
    return undecided('what the provider does when it destroys the item is not known', head);
  return { at: head, value: bool(first, head) };
}
