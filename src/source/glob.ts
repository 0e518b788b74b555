/**
 * Patterns of the configuration: `*` stands for anything within a name or folder, `**` for anything at all, `?` for one
 * character. Letter case counts only in paths. The work grows with the product of both lengths, never faster.
 */

/** `breaks`: the characters that `*` does not cross. */
export function matches(pattern: string, text: string, breaks: string): boolean {
  const tokens = pattern.split(/(\*\*\/?|[*?])/).filter((token) => token !== '');
  // Which ends of the text the pattern read so far may stand at.
  let reached = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    if (token === '*' || token.startsWith('**')) {
      for (const start of reached)
        for (let end = start; ; end++) {
          if (token !== '**/' || end === start || text[end - 1] === '/') next.add(end);
          if (end >= text.length || (token === '*' && breaks.includes(text[end]!))) break;
          // What another start has reached, its ends are there already.
          if (end > start && reached.has(end)) break;
        }
    } else if (token === '?') {
      for (const start of reached) if (start < text.length && !breaks.includes(text[start]!)) next.add(start + 1);
    } else for (const start of reached) if (text.startsWith(token, start)) next.add(start + token.length);
    reached = next;
    if (reached.size === 0) return false;
  }
  return reached.has(text.length);
}
