/** What an inventory could not read, found by fact and place. */
import type { Fact, InventoryGap } from './inventory.ts';

/** What is unknown too where a fact is. */
const implied: Readonly<Record<string, readonly Fact[]>> = {
  // Without the counts nothing tells whether Resource Graph had everything.
  items: ['counts'],
  // Asked for only where there is what has them.
  elasticSan: ['datasources'],
  extensions: ['datasources'],
  keyVaults: ['vaults'],
  networks: ['items'],
} satisfies Partial<Record<Fact, readonly Fact[]>>;

export class Gaps {
  readonly #byFact = new Map<string, { readonly scope: string | undefined; readonly gap: InventoryGap }[]>();

  constructor(gaps: Iterable<InventoryGap>) {
    for (const gap of gaps) {
      // Nobody knows what lies in a management group, and several subscriptions are named with commas.
      const scope = /^\/subscriptions\/[^,]+$/i.test(gap.scope) ? gap.scope.toLowerCase() : undefined;
      const list = this.#byFact.get(gap.unread);
      if (list) list.push({ scope, gap });
      else this.#byFact.set(gap.unread, [{ scope, gap }]);
    }
  }

  /** The first that hides a fact of what has an id, or of something in it. `place`: the id in lower case; empty: anywhere. */
  find(fact: string, place: string): InventoryGap | undefined {
    for (const one of ['everything', 'subscriptions', fact, ...(implied[fact] ?? [])])
      for (const { scope, gap } of this.#byFact.get(one) ?? [])
        if (scope === undefined || place === '' || lies(place, scope) || lies(scope, place)) return gap;
    return undefined;
  }
}

/** Whether an id is that of a scope, or of something in it; both in lower case. */
export function lies(id: string, scope: string): boolean {
  return id === scope || id.startsWith(`${scope}/`);
}
