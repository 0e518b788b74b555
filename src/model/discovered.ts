/**
 * Databases that Azure Backup found on registered machines, as an audit reads them with --deep: whether an item of their own or the
 * auto-protection of their instance covers each. Takes one row and what is protected; gives the facts of a datasource.
 */
import type { Resource } from '../evaluate/resource.ts';
import { force, text } from '../evaluate/value.ts';
import type { Item } from './coverage.ts';
import { computed, type Fact, mapped, pick, textOf, undecided } from './facts.ts';
import { plainId } from './id.ts';
import type { Facts } from './retention.ts';

const solutions: Readonly<Record<string, string>> = {
  sqldatabase: 'sql-in-vm',
  saphanadatabase: 'hana-in-vm',
};

export interface Protecting {
  /** Ids of items in lower case. */
  readonly items: ReadonlySet<string>;
  readonly intents: readonly Item[];
  /** Why more may protect what lies in a vault. */
  readonly unread: string | undefined;
}

export function isDiscovered({ type, body }: Resource): boolean {
  return (
    /\/protectioncontainers\/protectableitems$/i.test(type) &&
    (textOf(pick(body, 'properties.protectableItemType', true)?.value)?.toLowerCase() ?? '') in solutions
  );
}

/** The vault and what follows in its id. */
export function vaultOfDiscovered({ address }: Resource): string {
  return /^.*?\/vaults\/[^/]+/i.exec(address)?.[0].toLowerCase() ?? '';
}

export function discoveredFacts(resource: Resource, protecting: Protecting): Facts {
  const { body, head } = resource;
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const name = at('friendlyName');
  return {
    kind: computed('database', head),
    solution: mapped(at('protectableItemType'), solutions),
    name,
    instance: at('parentName'),
    server: at('serverName'),
    canBeProtected:
      textOf(name?.value)?.toLowerCase() === 'tempdb'
        ? computed(false, name!.at)
        : (at('IsProtectable') ?? computed(true, head)),
    coveredBy: coveredBy(resource, protecting),
  };
}

function coveredBy(resource: Resource, { items, intents, unread }: Protecting): Fact {
  const { body, head, address } = resource;
  const at = (path: string): Fact | undefined => pick(body, `properties.${path}`, true);
  const state = at('protectionState');
  const auto = at('isAutoProtected');
  const says = (word: string, from: Fact | undefined): Fact => ({ at: head, value: text(word, from?.at ?? head) });
  if (items.has(address.toLowerCase().replace('/protectableitems/', '/protecteditems/')))
    return says('item', undefined);
  if (auto?.value.kind === 'bool' && auto.value.value) return says('intent', auto);
  const word = textOf(state?.value)?.toLowerCase();
  if (word !== undefined && word !== 'notprotected') return says('item', state);
  const [, group, machine] =
    /\/protectioncontainers\/(?:vmappcontainer;)?compute;([^;/]+);([^;/]+)\//i.exec(address) ?? [];
  for (const { links } of intents) {
    const source = links.sourceId && plainId(links.sourceId);
    const own =
      machine && `/resourcegroups/${group}/providers/microsoft.compute/virtualmachines/${machine}`.toLowerCase();
    if (source === undefined || own === undefined) return undecided('auto-protection may cover it', head);
    if (source.endsWith(own)) return says('intent', undefined);
  }
  if (word === undefined) return undecided('Azure does not tell whether the database is protected', head);
  return unread === undefined ? { at: head, value: text('none', force(state!.value).at) } : undecided(unread, head);
}
