/** Wrong usage, and the names that were meant. */
import type { Rule } from './check/rule.ts';

/** Nothing is linted, exit code 2. */
export class UsageError extends Error {}

/** Names the nearest code that exists. */
export function unknownCode(code: string, rules: readonly Rule[]): string {
  let nearest = '';
  let least = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    const far = distance(code, rule.code);
    if (far < least) {
      least = far;
      nearest = rule.code;
    }
  }
  return least <= Math.max(3, code.length / 2)
    ? `There is no rule "${code}". Did you mean "${nearest}"?`
    : `There is no rule "${code}". "azure-backup-lint rules" lists them.`;
}

export function unknownSolution(id: string, known: readonly string[]): string {
  const near = nearestOf(id, known);
  return near === undefined
    ? `There is no solution "${id}". There are ${known.join(', ')}.`
    : `There is no solution "${id}". Did you mean "${near}"?`;
}

/** The nearest of some names, where one is near enough. */
export function nearestOf(name: string, among: readonly string[]): string | undefined {
  const near = among
    .map((other) => ({ other, far: distance(name.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0];
  return near && near.far <= Math.max(2, name.length / 3) ? near.other : undefined;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
