/**
 * Characters of Bicep -> tokens, all of them at once.
 * Takes a source; gives the tokens as arrays, the comments that mention the tool and the directives. It reports nothing:
 * characters that fit nowhere are `bad` tokens, and a string without its end is a token without its end.
 * The parser looks past line breaks all the time (`?` on the next line goes on with a conditional), hence the arrays; a run
 * of line breaks, with the comments between them, is one token.
 */
import { type Source, span } from '../source/source.ts';
import type { Directive, DirectiveCode } from './bicep-tree.ts';
import { type Comment, mention } from './comment.ts';

export const Token = {
  end: 0,
  newline: 1,
  name: 2,
  number: 3,
  /** A string without holes, or what there is of it. */
  string: 4,
  /** Up to and with the opening of the first hole. */
  stringLeft: 5,
  stringMiddle: 6,
  /** From the end of the last hole; of no length where a line break or the end of the text cuts a hole off. */
  stringRight: 7,
  trueWord: 8,
  falseWord: 9,
  nullWord: 10,
  openBrace: 11,
  closeBrace: 12,
  openParen: 13,
  closeParen: 14,
  openBracket: 15,
  closeBracket: 16,
  at: 17,
  comma: 18,
  dot: 19,
  ellipsis: 20,
  question: 21,
  doubleQuestion: 22,
  colon: 23,
  doubleColon: 24,
  assign: 25,
  arrow: 26,
  not: 27,
  or: 28,
  and: 29,
  equal: 30,
  notEqual: 31,
  equalFold: 32,
  notEqualFold: 33,
  less: 34,
  lessEqual: 35,
  greater: 36,
  greaterEqual: 37,
  plus: 38,
  minus: 39,
  star: 40,
  slash: 41,
  percent: 42,
  hat: 43,
  pipe: 44,
  bad: 45,
  /** After an error, until the element is left: fits nowhere, so that every rule ends. Never in the arrays. */
  stop: 46,
} as const;
export type TokenKind = (typeof Token)[keyof typeof Token];

export const Char = {
  tab: 9,
  lineFeed: 10,
  carriageReturn: 13,
  space: 32,
  not: 33,
  quote: 34,
  hash: 35,
  dollar: 36,
  percent: 37,
  and: 38,
  apostrophe: 39,
  openParen: 40,
  closeParen: 41,
  star: 42,
  plus: 43,
  comma: 44,
  minus: 45,
  dot: 46,
  slash: 47,
  colon: 58,
  semicolon: 59,
  less: 60,
  equal: 61,
  greater: 62,
  question: 63,
  at: 64,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  hat: 94,
  backtick: 96,
  lowerU: 117,
  openBrace: 123,
  or: 124,
  closeBrace: 125,
  tilde: 126,
} as const;

export interface BicepTokens {
  /** `count` tokens, the last of which is `end`; the arrays may be longer. */
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly comments: readonly Comment[];
  readonly directives: readonly Directive[];
  /** Where a comment starts that is never closed; the rest of the text is that comment. */
  readonly unclosedComment: number | undefined;
  /** More braces are opened than closed. */
  readonly bracesLeftOpen: boolean;
}

const nameStart = 1;
const namePart = 2;
const codePart = 4;
const characters = new Uint8Array(128);
for (let c = 0; c < 128; c++) {
  const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
  if (letter) characters[c] = nameStart | namePart | codePart;
  else if (c >= 48 && c <= 57) characters[c] = namePart | codePart;
  else if (c === Char.minus) characters[c] = codePart;
}

/** Tokens of one character that begin no longer one. */
const singles = new Uint8Array(128).fill(Token.bad);
for (const [char, token] of [
  [Char.openParen, Token.openParen],
  [Char.closeParen, Token.closeParen],
  [Char.openBracket, Token.openBracket],
  [Char.closeBracket, Token.closeBracket],
  [Char.at, Token.at],
  [Char.comma, Token.comma],
  [Char.plus, Token.plus],
  [Char.minus, Token.minus],
  [Char.star, Token.star],
  [Char.slash, Token.slash],
  [Char.percent, Token.percent],
  [Char.hat, Token.hat],
] as const)
  singles[char] = token;

const anyMention = new RegExp(mention, 'i');
const directive = /#(disable-next-line|disable-diagnostics|restore-diagnostics)/y;

/** What is open around a hole: a brace inside it, or the string it belongs to by the number of its dollars (0: one line). */
const brace = -1;

export function lexBicep(source: Source): BicepTokens {
  return new BicepLexer(source).all();
}

function isNewline(c: number): boolean {
  return c === Char.lineFeed || c === Char.carriageReturn;
}

class BicepLexer {
  readonly #source: Source;
  readonly #text: string;
  readonly #mentioned: boolean;
  readonly #comments: Comment[] = [];
  readonly #directives: Directive[] = [];
  readonly #open: number[] = [];
  #kinds: Uint8Array;
  #starts: Uint32Array;
  #ends: Uint32Array;
  #count = 0;
  #braces = 0;
  #unclosedComment: number | undefined;

  constructor(source: Source) {
    this.#source = source;
    this.#text = source.text;
    this.#mentioned = anyMention.test(source.text);
    const expected = (source.text.length >> 2) + 16;
    this.#kinds = new Uint8Array(expected);
    this.#starts = new Uint32Array(expected);
    this.#ends = new Uint32Array(expected);
  }

  all(): BicepTokens {
    const text = this.#text;
    const limit = text.length;
    let i = 0;
    while (i < limit) {
      const c = text.charCodeAt(i);
      if (c === Char.space || c === Char.tab) i++;
      else if (c < 128 && (characters[c]! & nameStart) !== 0) i = this.#name(i);
      else if (isNewline(c)) i = this.#newline(i);
      else if (c === Char.slash && text.charCodeAt(i + 1) === Char.slash) i = this.#lineComment(i);
      else if (c === Char.slash && text.charCodeAt(i + 1) === Char.star) i = this.#blockComment(i);
      else if (c === Char.hash) i = this.#hash(i);
      else i = this.#symbol(c, i);
    }
    this.#cutHoles(limit);
    this.#push(Token.end, limit, limit);
    return {
      count: this.#count,
      kinds: this.#kinds,
      starts: this.#starts,
      ends: this.#ends,
      comments: this.#comments,
      directives: this.#directives,
      unclosedComment: this.#unclosedComment,
      bracesLeftOpen: this.#braces > 0,
    };
  }

  #push(kind: TokenKind, start: number, end: number): number {
    const at = this.#count++;
    if (at === this.#kinds.length) {
      const length = at * 2;
      const kinds = new Uint8Array(length);
      kinds.set(this.#kinds);
      this.#kinds = kinds;
      const starts = new Uint32Array(length);
      starts.set(this.#starts);
      this.#starts = starts;
      const ends = new Uint32Array(length);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    this.#kinds[at] = kind;
    this.#starts[at] = start;
    this.#ends[at] = end;
    return end;
  }

  #name(start: number): number {
    const text = this.#text;
    let end = start + 1;
    for (; ; end++) {
      const c = text.charCodeAt(end);
      if (!(c < 128) || (characters[c]! & namePart) === 0) break;
    }
    let kind: TokenKind = Token.name;
    if (end - start === 4) {
      if (text.startsWith('true', start)) kind = Token.trueWord;
      else if (text.startsWith('null', start)) kind = Token.nullWord;
    } else if (end - start === 5 && text.startsWith('false', start)) kind = Token.falseWord;
    return this.#push(kind, start, end);
  }

  #newline(start: number): number {
    let end = start + 1;
    while (isNewline(this.#text.charCodeAt(end))) end++;
    this.#cutHoles(start);
    if (this.#count > 0 && this.#kinds[this.#count - 1] === Token.newline) this.#ends[this.#count - 1] = end;
    else this.#push(Token.newline, start, end);
    return end;
  }

  /** A hole ends with its line; every string that is open there gets its end, so that the pieces are always in pairs. */
  #cutHoles(at: number): void {
    for (let open = this.#open.pop(); open !== undefined; open = this.#open.pop()) {
      if (open !== brace) this.#push(Token.stringRight, at, at);
    }
  }

  #lineComment(start: number): number {
    const text = this.#text;
    const limit = text.length;
    let end = start + 2;
    while (end < limit && !isNewline(text.charCodeAt(end))) end++;
    this.#comment(start, end, end);
    return end;
  }

  #blockComment(start: number): number {
    const close = this.#text.indexOf('*/', start + 2);
    if (close >= 0) {
      this.#comment(start, close + 2, close);
      return close + 2;
    }
    this.#unclosedComment = start;
    return this.#text.length;
  }

  #comment(start: number, end: number, textEnd: number): void {
    if (!this.#mentioned) return;
    const text = this.#text.slice(start + 2, textEnd);
    if (anyMention.test(text)) this.#comments.push({ source: this.#source, start, end, text: text.trim() });
  }

  /** A directive, if it is the first thing of its line. */
  #hash(start: number): number {
    const text = this.#text;
    let before = start - 1;
    while (before >= 0 && (text.charCodeAt(before) === Char.space || text.charCodeAt(before) === Char.tab)) before--;
    directive.lastIndex = start;
    const match = before < 0 || isNewline(text.charCodeAt(before)) ? directive.exec(text) : null;
    if (!match) return this.#push(Token.bad, start, start + 1);
    const codes: DirectiveCode[] = [];
    let end = start + match[0].length;
    for (let i = end; ; ) {
      while (text.charCodeAt(i) === Char.space || text.charCodeAt(i) === Char.tab) i++;
      const from = i;
      while (text.charCodeAt(i) < 128 && (characters[text.charCodeAt(i)]! & codePart) !== 0) i++;
      if (i === from) break;
      codes.push({ code: text.slice(from, i), source: this.#source, start: from, end: i });
      end = i;
    }
    this.#directives.push({ name: match[1]!, codes, ...span(this.#source, start, end) });
    return end;
  }

  #symbol(c: number, i: number): number {
    const text = this.#text;
    const next = text.charCodeAt(i + 1);
    let kind: TokenKind = Token.bad;
    let length = 1;
    switch (c) {
      case Char.apostrophe:
        if (next === c && text.charCodeAt(i + 2) === c) return this.#manyLines(i, i + 3, 0, true);
        return this.#oneLine(i, i + 1, true);
      case Char.dollar: {
        let dollars = 1;
        while (text.charCodeAt(i + dollars) === c) dollars++;
        if (text.startsWith("'''", i + dollars)) return this.#manyLines(i, i + dollars + 3, dollars, true);
        length = dollars;
        break;
      }
      case Char.openBrace:
        if (this.#open.length > 0) this.#open.push(brace);
        this.#braces++;
        kind = Token.openBrace;
        break;
      case Char.closeBrace: {
        const open = this.#open.at(-1);
        if (open !== undefined && open !== brace) {
          return open === 0 ? this.#oneLine(i, i + 1, false) : this.#manyLines(i, i + 1, open, false);
        }
        this.#open.pop();
        this.#braces--;
        kind = Token.closeBrace;
        break;
      }
      case Char.equal:
        if (next === Char.equal) kind = Token.equal;
        else if (next === Char.tilde) kind = Token.equalFold;
        else kind = next === Char.greater ? Token.arrow : Token.assign;
        length = kind === Token.assign ? 1 : 2;
        break;
      case Char.not:
        if (next === Char.equal) kind = Token.notEqual;
        else kind = next === Char.tilde ? Token.notEqualFold : Token.not;
        length = kind === Token.not ? 1 : 2;
        break;
      case Char.less:
        kind = next === Char.equal ? Token.lessEqual : Token.less;
        length = next === Char.equal ? 2 : 1;
        break;
      case Char.greater:
        kind = next === Char.equal ? Token.greaterEqual : Token.greater;
        length = next === Char.equal ? 2 : 1;
        break;
      case Char.and:
        if (next === c) {
          kind = Token.and;
          length = 2;
        }
        break;
      case Char.or:
        kind = next === c ? Token.or : Token.pipe;
        length = next === c ? 2 : 1;
        break;
      case Char.question:
        kind = next === c ? Token.doubleQuestion : Token.question;
        length = next === c ? 2 : 1;
        break;
      case Char.colon:
        kind = next === c ? Token.doubleColon : Token.colon;
        length = next === c ? 2 : 1;
        break;
      case Char.dot:
        kind = next === c && text.charCodeAt(i + 2) === c ? Token.ellipsis : Token.dot;
        length = kind === Token.ellipsis ? 3 : 1;
        break;
      default:
        if (c >= 48 && c <= 57) {
          kind = Token.number;
          while (text.charCodeAt(i + length) >= 48 && text.charCodeAt(i + length) <= 57) length++;
        } else if (c < 128) kind = singles[c]! as TokenKind;
        else length = text.codePointAt(i)! > 0xffff ? 2 : 1;
    }
    return this.#push(kind, i, i + length);
  }

  /** A piece of a string on one line, from the character after its quote or hole. */
  #oneLine(start: number, from: number, first: boolean): number {
    const text = this.#text;
    const limit = text.length;
    let i = from;
    for (; i < limit; i++) {
      const c = text.charCodeAt(i);
      if (c === Char.apostrophe) {
        i++;
        break;
      }
      if (isNewline(c)) break;
      if (c === Char.dollar && text.charCodeAt(i + 1) === Char.openBrace) return this.#piece(start, i + 2, first, 0);
      if (c === Char.backslash && i + 1 < limit && !isNewline(text.charCodeAt(i + 1))) i++;
    }
    return this.#lastPiece(start, i, first);
  }

  /** A piece of a string of several lines, whose holes are marked by so many dollars (0: it has none). */
  #manyLines(start: number, from: number, dollars: number, first: boolean): number {
    const text = this.#text;
    const limit = text.length;
    let i = from;
    while (i < limit) {
      const c = text.charCodeAt(i++);
      if (c !== Char.apostrophe && c !== Char.dollar) continue;
      const run = i - 1;
      while (text.charCodeAt(i) === c) i++;
      if (c === Char.apostrophe) {
        if (i - run >= 3) return this.#lastPiece(start, i, first);
      } else if (dollars > 0 && i - run >= dollars && text.charCodeAt(i) === Char.openBrace) {
        return this.#piece(start, i + 1, first, dollars);
      }
    }
    return this.#lastPiece(start, limit, first);
  }

  #piece(start: number, end: number, first: boolean, dollars: number): number {
    if (first) this.#open.push(dollars);
    return this.#push(first ? Token.stringLeft : Token.stringMiddle, start, end);
  }

  #lastPiece(start: number, end: number, first: boolean): number {
    if (!first) this.#open.pop();
    return this.#push(first ? Token.string : Token.stringRight, start, end);
  }
}
