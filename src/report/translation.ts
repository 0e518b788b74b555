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
  /** Letters of all pieces. */
  readonly weight: number;
}

/** Patterns that one sentence may be taken apart by: a bound for what files make look like sentences. */
const mostFillings = 400;
/** What is longer quotes a file. */
const longest = 4_000;
/** Items of a list that may be made of sentences. */
const longestList = 40;
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
  // Those that say more themselves come first, where the others would have to be given up.
  for (const patterns of [...byHead.values(), ...byTail.values(), others]) patterns.sort((a, b) => b.weight - a.weight);

  const known = new Map<string, Translation>();
  let fillings = 0;
  const translate = (text: string): Translation => {
    if (text.length > longest) return asItIs(text);
    const before = known.get(text);
    if (before) return before;
    const result = [entry(text), padded(text), enumerated(text)].reduce(better) ?? asItIs(text);
    if (fillings < mostFillings) known.set(text, result);
    return result;
  };
  const entry = (sentence: string): Translation | undefined => {
    const other = whole.get(sentence);
    return other === undefined ? filled(sentence) : { text: other, weight: sentence.length };
  };
  const padded = (text: string): Translation | undefined => {
    const sentence = text.trim();
    const found = sentence === text ? undefined : entry(sentence);
    return found && { ...found, text: text.replace(sentence, () => found.text) };
  };
  /** A list of what is known, of which a sentence may begin with a capital letter. */
  const enumerated = (text: string): Translation | undefined => {
    const items = text.split(', ');
    const told: string[] = [];
    for (let from = 0; from < items.length && items.length <= longestList; ) {
      let to = items.length;
      const known = (): string | undefined => {
        const item = items.slice(from, to).join(', ');
        return whole.get(item) ?? (from === 0 ? whole.get(item.charAt(0).toLowerCase() + item.slice(1)) : undefined);
      };
      while (to > from && known() === undefined) to--;
      if (to === from) return undefined;
      told.push(known()!);
      from = to;
    }
    return told.length === 0 ? undefined : { text: told.join('、'), weight: text.length };
  };
  /**
   * By the pattern that knows most of the sentence, what stands in its holes included; of several the one with most holes, then
   * the one whose first hole comes soonest, which is the frame around the others.
   */
  const filled = (sentence: string): Translation | undefined => {
    let best: { readonly pattern: Pattern; readonly found: Translation } | undefined;
    for (const patterns of [byHead.get(sentence.slice(0, keyLength)), byTail.get(sentence.slice(-keyLength)), others])
      for (const pattern of patterns ?? []) {
        const holes = holesOf(pattern, sentence);
        if (!holes || ++fillings > mostFillings) continue;
        const found = fill(pattern, holes);
        if (!found) continue;
        const isBetter =
          !best ||
          found.weight - best.found.weight ||
          pattern.pieces.length - best.pattern.pieces.length ||
          best.pattern.pieces[0]!.length - pattern.pieces[0]!.length;
        if (isBetter === true || isBetter > 0) best = { pattern, found };
      }
    return best?.found;
  };
  const fill = ({ pieces, other, weight }: Pattern, holes: readonly string[]): Translation | undefined => {
    const inside = holes.map((hole, i) => {
      // What is quoted is a name of the user's, and so is a word alone, but for one with an article.
      const isQuoted = /["'`]$/.test(pieces[i]!) && /^["'`]/.test(pieces[i + 1]!);
      const isName = isQuoted || (/^\w+$/.test(hole) && !/(?:^|\s)(?:the|an?) $/i.test(pieces[i]!));
      return isName ? asItIs(hole) : translate(hole);
    });
    // A short word parts names, or what is known: any sentence may have an "of".
    if (weight < shortWord && !inside.every((one) => one.weight > 0 || namesOnly.test(one.text))) return undefined;
    return {
      text: other.map((part) => (typeof part === 'string' ? part : inside[part]!.text)).reduce(joined, ''),
      weight: inside.reduce((sum, one) => sum + one.weight, weight),
    };
  };
  return (sentence) => {
    fillings = 0;
    return translate(sentence).text;
  };
}

interface Translation {
  readonly text: string;
  /** How many letters of the English are known. */
  readonly weight: number;
}

function asItIs(text: string): Translation {
  return { text, weight: 0 };
}

/** Letters of a pattern that may stand in any sentence. */
const shortWord = 9;
const namesOnly = /^(?:[^\s"]|"[^"]*")*$/;

function better(a: Translation | undefined, b: Translation | undefined): Translation | undefined {
  return a && b ? (b.weight > a.weight ? b : a) : (a ?? b);
}

function add(to: Map<string, Pattern[]>, key: string, pattern: Pattern): void {
  const list = to.get(key);
  if (list) list.push(pattern);
  else to.set(key, [pattern]);
}

function parts(text: string): (string | number)[] {
  return text.split(/\{(\d+)\}/).map((part, i) => (i % 2 === 0 ? part : Number(part)));
}

/**
 * What stands in the holes, each as short as can be, which may be nothing; undefined where the sentence is another one. Of two holes
 * side by side the first is a word.
 */
function holesOf({ pieces }: Pattern, sentence: string): string[] | undefined {
  const [head, tail] = [pieces[0]!, pieces.at(-1)!];
  const end = sentence.length - tail.length;
  if (head.length > end || !sentence.startsWith(head) || !sentence.endsWith(tail)) return undefined;
  const holes: string[] = [];
  let from = head.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = piece === '' ? endOfWord(sentence, from, end) : sentence.indexOf(piece, from);
    if (at === -1 || at + piece.length > end) return undefined;
    holes.push(sentence.slice(from, at));
    from = at + piece.length;
  }
  holes.push(sentence.slice(from, end));
  return holes;
}

function endOfWord(sentence: string, from: number, end: number): number {
  const at = sentence.indexOf(' ', from);
  return at === -1 || at > end ? end : at;
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
