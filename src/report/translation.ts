/**
 * Sentences of the program in another language.
 * Stages say what they found in English; here finished sentences are looked up, so that no stage knows languages. An entry may have
 * holes, `{0}`, `{1}`, ...: what stands in one is translated too where it is a sentence itself, since messages hold reasons.
 * What no entry matches stays as it is.
 */
import type { Diagnostic, Related } from '../source/diagnostic.ts';
import type { Run } from '../source/run.ts';

/** The sentence in the language of the reader. */
export type Say = (sentence: string) => string;

/** English, and the same with the same holes in another language. */
export type Entry = readonly [english: string, other: string];

export const inEnglish: Say = (sentence) => sentence;

interface Pattern {
  /** What stands before, between and after the holes, which are in order. */
  readonly pieces: readonly string[];
  /** Texts and numbers of holes. */
  readonly other: readonly (string | number)[];
  /** Letters of all pieces: of two patterns that match, the one that says more is meant. */
  readonly weight: number;
}

/** Reasons stand in messages, those in reasons hardly ever. */
const deepest = 6;
/** What is longer quotes a file. */
const longest = 4_000;
/** Letters that patterns are found by. */
const keyLength = 4;

export function translator(entries: readonly Entry[]): Say {
  const whole = new Map<string, string>();
  // By how they begin, else by how they end, so that a sentence is compared with few.
  const byHead = new Map<string, Pattern[]>();
  const byTail = new Map<string, Pattern[]>();
  const others: Pattern[] = [];
  for (const [english, other] of entries) {
    const pieces = english.split(/\{\d+\}/);
    if (pieces.length === 1) {
      whole.set(english, other);
      continue;
    }
    const [head, tail] = [pieces[0]!, pieces.at(-1)!];
    const pattern = { pieces, other: parts(other), weight: pieces.join('').length };
    if (head.length >= keyLength) add(byHead, head.slice(0, keyLength), pattern);
    else if (tail.length >= keyLength) add(byTail, tail.slice(-keyLength), pattern);
    else others.push(pattern);
  }
  for (const patterns of [...byHead.values(), ...byTail.values(), others]) patterns.sort((a, b) => b.weight - a.weight);

  const known = new Map<string, string>();
  const translate = (text: string, depth: number): string => {
    if (text.length > longest || depth > deepest) return text;
    const before = known.get(text);
    if (before !== undefined) return before;
    const sentence = text.trim();
    const found = whole.get(sentence) ?? filled(sentence, depth);
    const result = found === undefined ? text : text.replace(sentence, () => found);
    known.set(text, result);
    return result;
  };
  const filled = (sentence: string, depth: number): string | undefined => {
    let best: { readonly pattern: Pattern; readonly holes: readonly string[] } | undefined;
    for (const patterns of [byHead.get(sentence.slice(0, keyLength)), byTail.get(sentence.slice(-keyLength)), others])
      for (const pattern of patterns ?? []) {
        if (best && pattern.weight <= best.pattern.weight) break;
        const holes = holesOf(pattern, sentence);
        if (holes) best = { pattern, holes };
      }
    if (!best) return undefined;
    const { pieces, other } = best.pattern;
    const holes = best.holes.map((hole, i) => {
      // What is quoted is a name of the user's.
      const isQuoted = /["'`]$/.test(pieces[i]!) && /^["'`]/.test(pieces[i + 1]!);
      return isQuoted ? hole : translate(hole, depth + 1);
    });
    return other.map((part) => (typeof part === 'string' ? part : holes[part]!)).reduce(joined, '');
  };
  return (sentence) => translate(sentence, 0);
}

function add(to: Map<string, Pattern[]>, key: string, pattern: Pattern): void {
  const list = to.get(key);
  if (list) list.push(pattern);
  else to.set(key, [pattern]);
}

function parts(text: string): (string | number)[] {
  return text.split(/\{(\d+)\}/).map((part, i) => (i % 2 === 0 ? part : Number(part)));
}

/** What stands in the holes, each as short as can be; undefined where the sentence is another one. */
function holesOf({ pieces }: Pattern, sentence: string): string[] | undefined {
  const [head, tail] = [pieces[0]!, pieces.at(-1)!];
  const end = sentence.length - tail.length;
  if (head.length >= end || !sentence.startsWith(head) || !sentence.endsWith(tail)) return undefined;
  const holes: string[] = [];
  let from = head.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = sentence.indexOf(piece, from + 1);
    if (at === -1 || at + piece.length >= end) return undefined;
    holes.push(sentence.slice(from, at));
    from = at + piece.length;
  }
  holes.push(sentence.slice(from, end));
  return holes;
}

const japanese = '[\\u3000-\\u30ff\\u4e00-\\u9fff]';
const endsJapanese = new RegExp(`${japanese} ?$`);
const startsJapanese = new RegExp(`^ ?${japanese}`);

/** Spaces part Japanese from code alone; what fills a hole may be either. */
function joined(before: string, after: string): string {
  if (!endsJapanese.test(before) || !startsJapanese.test(after)) return before + after;
  return before.replace(/ $/, '') + after.replace(/^ /, '');
}

/** Rules have spoken the language already; what the other stages said is translated here. */
export function inLanguage(run: Run, say: Say): Run {
  if (say === inEnglish) return run;
  const related = (entry: Related): Related => ({ ...entry, message: say(entry.message) });
  return {
    ...run,
    findings: run.findings.map((finding) => ({ ...finding, related: finding.related.map(related) })),
    undetermined: run.undetermined.map((entry) => ({ ...entry, because: say(entry.because) })),
    diagnostics: run.diagnostics.map(
      (diagnostic): Diagnostic => ({
        ...diagnostic,
        message: say(diagnostic.message),
        ...(diagnostic.help !== undefined && { help: say(diagnostic.help) }),
        ...(diagnostic.related && { related: diagnostic.related.map(related) }),
      }),
    ),
  };
}
