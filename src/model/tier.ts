/** Whether the recovery points of an item come to lie in its vault, or stay beside the datasource. From its solution and its policy. */
import { force, reasonOf, type Value } from '../evaluate/value.ts';
import type { Origin } from '../source/source.ts';
import { computed, type Fact, pick, textOf, undecided } from './facts.ts';

const inVault = new Set([
  'azure-vm',
  'sql-in-vm',
  'hana-in-vm',
  'ase-in-vm',
  'adls',
  'postgresql',
  'mysql',
  'cosmos-db',
  'mars',
  'dpm-mabs',
]);
/** Of those the ones whose snapshots of whole instances may stay outside of it. */
const withInstances = new Set(['sql-in-vm', 'hana-in-vm', 'ase-in-vm']);
/** Snapshots in the subscription of the datasource. */
const beside = new Set(['azure-disk', 'elastic-san']);

export function vaultTierOf(solution: string | undefined, policy: Value, at: Origin): Fact {
  const known = force(policy);
  const of = (path: string): Value | undefined => {
    const fact = pick(known, path, false);
    return fact && force(fact.value);
  };
  if (solution === undefined) return undecided('the solution is not known', at);
  if (beside.has(solution)) return computed(false, at);
  if (inVault.has(solution))
    return withInstances.has(solution) && known.kind === 'object' && (of('snapshotFull') ?? of('snapshotCopyOnlyFull'))
      ? undecided('a snapshot policy may keep its points outside of the vault', at)
      : computed(true, at);
  if (solution === 'azure-files') {
    const tier = textOf(of('tier'));
    return tier === undefined ? open(known, at) : computed(tier === 'vault-standard', at);
  }
  const tiers = of('tiers');
  if (tiers?.kind !== 'list') return open(known, at);
  const words = tiers.items.map((item) => textOf(force(item)));
  if (words.includes('vault')) return computed(true, at);
  return tiers.open || words.includes(undefined) ? open(tiers, at) : computed(false, at);
}

function open(from: Value, at: Origin): Fact {
  return undecided(reasonOf(from) ?? 'the tiers of the policy are not known', at);
}
