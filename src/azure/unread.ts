/**
 * What could not be read, as diagnostics: what is missed alike is told once with all its scopes, rights that one role would give are
 * told together, and what a wider gap tells already is not told again.
 */
import type { Diagnostic } from '../source/diagnostic.ts';
import { type Fact, facts, type InventoryGap } from './inventory.ts';
import { withoutRights } from './probe.ts';

interface Told {
  readonly gap: InventoryGap;
  readonly scopes: string[];
  readonly unread: string[];
  readonly rights: string[];
}

export function told(gaps: readonly InventoryGap[]): Diagnostic[] {
  const ofScope = new Map<string, Told>();
  for (const gap of news(gaps)) {
    const key = [gap.code, gap.scope, gap.rights ? gap.remedy : gap.because].join('\n');
    const known = ofScope.get(key) ?? { gap, scopes: [gap.scope], unread: [], rights: [] };
    ofScope.set(key, known);
    if (!known.unread.includes(gap.unread)) known.unread.push(gap.unread);
    known.rights.push(...(gap.rights ?? []).filter((one) => !known.rights.includes(one)));
  }
  const together = new Map<string, Told>();
  for (const one of ofScope.values()) {
    const key = [one.gap.code, becauseOf(one), ...one.unread].join('\n');
    const known = together.get(key);
    if (known) known.scopes.push(...one.scopes);
    else together.set(key, one);
  }
  return [...together.values()].map((one) => ({
    code: `azure-${one.gap.code}`,
    severity: 'error',
    message: `${wordsOf(one.unread)} could not be read${elsewhere(one.scopes)}: ${becauseOf(one)}.`,
    ...(one.gap.remedy === undefined ? {} : { help: one.gap.remedy }),
    at: { resourceId: one.scopes[0]!, path: '' },
  }));
}

/** Without those that a gap of everything, or of the same fact in a wider scope, tells already. */
function news(gaps: readonly InventoryGap[]): InventoryGap[] {
  const byScope = new Map<string, InventoryGap[]>();
  for (const gap of gaps) {
    const scope = gap.scope.toLowerCase();
    const list = byScope.get(scope);
    if (list) list.push(gap);
    else byScope.set(scope, [gap]);
  }
  return gaps.filter((gap) => {
    const scope = gap.scope.toLowerCase();
    const isTold = (other: InventoryGap, isWider: boolean): boolean =>
      other.code === gap.code &&
      (other.unread === gap.unread ? isWider : other.unread === 'everything') &&
      // A right that is missing is the same reason in other words.
      (gap.code === 'forbidden' || other.because.endsWith(gap.because));
    for (let end = scope.length; end > 0; end = scope.lastIndexOf('/', end - 1))
      if (byScope.get(scope.slice(0, end))?.some((other) => isTold(other, end < scope.length))) return false;
    return true;
  });
}

function becauseOf({ gap, rights }: Told): string {
  return rights.length === 0 ? gap.because : withoutRights(rights);
}

function wordsOf(unread: readonly string[]): string {
  const known = unread.includes('everything') ? ['everything'] : unread;
  const words = known.map((one) => facts[one as Fact] ?? one).join(', ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function elsewhere(scopes: readonly string[]): string {
  return scopes.length === 1 ? '' : `, here and in ${scopes.length - 1} more`;
}
