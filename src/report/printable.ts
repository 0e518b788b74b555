/**
 * Makes text from input harmless before it is printed.
 * Names, messages and source lines come from files that others wrote; a terminal, a build log or a viewer must never
 * take them for a command. What is taken out stays visible as an escape in the notation of HCL and JSON (`\u202e`).
 */

/** Controls, bidirectional and zero-width characters, line and paragraph separators, lone surrogates, what is no character. */
const UNSEEN = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]';

/** The same in JSON.stringify's output, which holds its own line breaks and has escaped the first 32 and lone surrogates. */
const UNSEEN_IN_JSON =
  '[\\u007f-\\u009f\\p{Cf}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]';

/** The first `#` of `##vso[` (Azure Pipelines), `##[` (the same, and GitHub), `##teamcity[`: they act in mid-line too. */
const COMMAND_SIGN = '#(?=#\\w*\\[)';

const unsafe = new RegExp(`${UNSEEN}|${COMMAND_SIGN}`, 'gu');
const unsafeInJson = new RegExp(`${UNSEEN_IN_JSON}|${COMMAND_SIGN}`, 'gu');
const unsafeOrAny = new RegExp(`(${UNSEEN}|${COMMAND_SIGN})|[^]`, 'gu');

/** One piece of text on one line; its line breaks become `\n`. */
export function printable(text: string): string {
  return withoutLeadingColons(text.replace(unsafe, escaped));
}

/** The same for text that may have several lines, such as the reasons of a rule. */
export function printableLines(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(printable)
    .join('\n');
}

/** GitHub takes a line that starts with `::` for a command, also after spaces; colour codes may stand before it too. */
export function withoutLeadingColons(output: string): string {
  return output.replace(/^((?:[^\S\n]|\u001b\[[\d;]*m)*):(?=:)/gm, '$1\\u003a');
}

/** A stretch of text as it is printed, and how many UTF-16 units of the source it stands for. */
export interface Piece {
  readonly text: string;
  readonly units: number;
}

/** Text in pieces of one code point each, for source lines, where a printed column must be found again. */
export function printablePieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const match of text.matchAll(unsafeOrAny)) {
    const [whole, bad] = match;
    pieces.push({ text: bad === undefined ? whole : escaped(bad), units: whole.length });
  }
  return pieces;
}

/** JSON whose values are exact when parsed but whose bytes hold nothing that acts; ends in a line break. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(unsafeInJson, jsonEscaped) + '\n';
}

/** Enough for one write. */
const pieceLength = 65536;

/**
 * The same text in pieces, for what is longer than a string can be: the members of a Map and the items of an iterator are
 * made and printed one by one; whatever else a value is, is printed as a whole.
 */
export function* harmlessJsonPieces(value: unknown): Generator<string> {
  let waiting = '';
  for (const piece of piecesOf(value, '')) {
    waiting += piece.replace(unsafeInJson, jsonEscaped);
    if (waiting.length < pieceLength) continue;
    yield waiting;
    waiting = '';
  }
  yield `${waiting}\n`;
}

function* piecesOf(value: unknown, indentation: string): Generator<string> {
  const inner = `${indentation}  `;
  let isEmpty = true;
  const before = (open: string): string => {
    const first = isEmpty;
    isEmpty = false;
    return `${first ? open : ','}\n${inner}`;
  };
  if (value instanceof Map) {
    for (const [name, member] of value) {
      yield `${before('{')}${JSON.stringify(name)}: `;
      yield* piecesOf(member, inner);
    }
    yield isEmpty ? '{}' : `\n${indentation}}`;
  } else if (isIterator(value)) {
    for (const item of value) {
      yield before('[');
      yield* piecesOf(item, inner);
    }
    yield isEmpty ? '[]' : `\n${indentation}]`;
  } else yield JSON.stringify(value, null, 2).replaceAll('\n', `\n${indentation}`);
}

function isIterator(value: unknown): value is IterableIterator<unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Symbol.iterator in value;
}

/** Text from input inside Markdown: every mark of Markdown and HTML loses its meaning. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#|~!]/g, '\\$&').replace(/[<>&]/g, (sign) => ENTITIES[sign]!);
}

/** The same for the texts of rules, which write names as `code`; code spans cannot act and stay. */
export function escapeMarkdownProse(text: string): string {
  return text
    .split(/(`[^`\n<>&]+`)/)
    .map((part, i) => (i % 2 === 1 ? part : escapeMarkdown(part)))
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0)!;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function jsonEscaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join('');
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
