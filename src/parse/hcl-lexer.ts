/**
 * Characters of HCL native syntax -> tokens, one at a time and on demand.
 * Takes a stretch of a source; gives the token at hand (`kind`, `start`, `end`), the comments that mention the tool and
 * the problems reported so far. The text of strings and heredocs is not made of tokens: the parser reads it itself.
 */
import type { Log, Related } from '../source/diagnostic.ts';
import { limits } from '../source/limits.ts';
import { type Source, type Span, span } from '../source/source.ts';
import { type Comment, mention } from './comment.ts';

export const Token = {
  end: 0,
  newline: 1,
  name: 2,
  number: 3,
  quote: 4,
  heredoc: 5,
  openBrace: 6,
  closeBrace: 7,
  /** `~}`, the end of a template sequence that trims what follows. */
  closeTrim: 8,
  openParen: 9,
  closeParen: 10,
  openBracket: 11,
  closeBracket: 12,
  comma: 13,
  dot: 14,
  colon: 15,
  doubleColon: 16,
  assign: 17,
  arrow: 18,
  question: 19,
  ellipsis: 20,
  not: 21,
  or: 22,
  and: 23,
  equal: 24,
  notEqual: 25,
  less: 26,
  lessEqual: 27,
  greater: 28,
  greaterEqual: 29,
  plus: 30,
  minus: 31,
  star: 32,
  slash: 33,
  percent: 34,
  bad: 35,
  /** After an error, until the item is left: fits nowhere, so that every rule ends. */
  stop: 36,
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
  upperE: 69,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  backtick: 96,
  lowerE: 101,
  openBrace: 123,
  or: 124,
  closeBrace: 125,
  tilde: 126,
} as const;

/** Errors of one file that are told; a file with more is most likely not HCL. */
const errorsTold = 20;

/** How far recovery looks for the end of an item's brackets before it settles for the next line that looks like an item. */
const recoveryReach = 10_000;

const nameStart = 1;
const namePart = 2;
const asciiNames = new Uint8Array(128);
for (let c = 0; c < 128; c++) {
  const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
  if (letter) asciiNames[c] = nameStart | namePart;
  else if ((c >= 48 && c <= 57) || c === Char.minus) asciiNames[c] = namePart;
}
const unicodeNameStart = /^\p{ID_Start}/u;
const unicodeNamePart = /^\p{ID_Continue}/u;
const anyMention = new RegExp(mention, 'i');

/** Tokens of one character that begin no longer one. */
const singles = new Uint8Array(128).fill(Token.bad);
singles[Char.openBrace] = Token.openBrace;
singles[Char.closeBrace] = Token.closeBrace;
singles[Char.openParen] = Token.openParen;
singles[Char.closeParen] = Token.closeParen;
singles[Char.openBracket] = Token.openBracket;
singles[Char.closeBracket] = Token.closeBracket;
singles[Char.comma] = Token.comma;
singles[Char.question] = Token.question;
singles[Char.quote] = Token.quote;
singles[Char.plus] = Token.plus;
singles[Char.minus] = Token.minus;
singles[Char.star] = Token.star;
singles[Char.percent] = Token.percent;

/** White space as Go's unicode.IsSpace has it: with U+0085, without U+FEFF. */
export function isSpace(c: number): boolean {
  if (c === 32 || (c >= 9 && c <= 13)) return true;
  if (c < 0x85) return false;
  return (
    c === 0x85 ||
    c === 0xa0 ||
    c === 0x1680 ||
    (c >= 0x2000 && c <= 0x200a) ||
    c === 0x2028 ||
    c === 0x2029 ||
    c === 0x202f ||
    c === 0x205f ||
    c === 0x3000
  );
}

export interface ProblemExtras {
  readonly help?: string;
  readonly related?: readonly Related[];
}

export class HclLexer {
  readonly source: Source;
  readonly text: string;
  /** Offset at which the stretch ends. */
  readonly limit: number;
  readonly comments: Comment[] = [];

  kind: TokenKind = Token.end;
  start = 0;
  end = 0;
  /** End of the token before the one at hand. */
  before = 0;
  /** Line breaks are tokens; false inside brackets. */
  lines = true;
  /** An error made the rest of the item unreadable; nothing is read or reported until `resume`. */
  failed = false;
  failedAt = 0;
  /** The item nests too deep; its brackets are most likely sound. */
  failedDeep = false;
  /** Closing braces may have been passed over, so a block that seems unclosed at the end is no news. */
  lostBraces = false;

  readonly #log: Log;
  readonly #mentioned: boolean;
  #errors = 0;
  /** No comment that starts here or later is closed. */
  #commentsUnclosedFrom = Number.POSITIVE_INFINITY;
  #knownOffset = 0;
  #knownLineStart = 0;

  constructor(source: Source, log: Log, start: number, limit: number) {
    this.source = source;
    this.text = source.text;
    this.limit = limit;
    this.#log = log;
    this.#mentioned = anyMention.test(source.text.slice(start, limit));
    this.start = start;
    this.end = start;
    this.before = start;
    this.#knownOffset = start;
    this.#knownLineStart = start;
  }

  /** The character code at an offset, -1 beyond the end. */
  at(offset: number): number {
    return offset < this.limit ? this.text.charCodeAt(offset) : -1;
  }

  span(start: number, end: number): Span {
    return span(this.source, start, end);
  }

  advance(): void {
    if (this.failed) return;
    this.before = this.end;
    const text = this.text;
    const limit = this.limit;
    let i = this.end;
    for (;;) {
      if (i >= limit) {
        this.#take(Token.end, limit, limit);
        return;
      }
      const c = text.charCodeAt(i);
      if (c === Char.space || c === Char.tab) {
        i++;
        continue;
      }
      if (c < 128 && (asciiNames[c]! & nameStart) !== 0) {
        this.#take(Token.name, i, this.#nameEnd(i + 1));
        return;
      }
      if (c === Char.lineFeed || (c === Char.carriageReturn && this.at(i + 1) === Char.lineFeed)) {
        const after = c === Char.lineFeed ? i + 1 : i + 2;
        if (this.lines) {
          this.#take(Token.newline, i, after);
          return;
        }
        i = after;
        continue;
      }
      if (c === Char.hash || (c === Char.slash && this.#opensComment(i))) {
        i = this.comment(i);
        continue;
      }
      this.#takeSymbol(c, i);
      return;
    }
  }

  #takeSymbol(c: number, i: number): void {
    const next = this.at(i + 1);
    let kind: TokenKind = Token.bad;
    let length = 1;
    switch (c) {
      case Char.equal:
        if (next === Char.equal) kind = Token.equal;
        else kind = next === Char.greater ? Token.arrow : Token.assign;
        length = kind === Token.assign ? 1 : 2;
        break;
      case Char.not:
        kind = next === Char.equal ? Token.notEqual : Token.not;
        length = next === Char.equal ? 2 : 1;
        break;
      case Char.greater:
        kind = next === Char.equal ? Token.greaterEqual : Token.greater;
        length = next === Char.equal ? 2 : 1;
        break;
      case Char.less: {
        const body = next === Char.less ? this.heredocStart(i) : -1;
        if (body >= 0) {
          kind = Token.heredoc;
          length = body - i;
        } else {
          kind = next === Char.equal ? Token.lessEqual : Token.less;
          length = next === Char.equal ? 2 : 1;
        }
        break;
      }
      case Char.and:
      case Char.or:
        if (next === c) {
          kind = c === Char.and ? Token.and : Token.or;
          length = 2;
        }
        break;
      case Char.colon:
        kind = next === Char.colon ? Token.doubleColon : Token.colon;
        length = next === Char.colon ? 2 : 1;
        break;
      case Char.dot:
        kind = next === Char.dot && this.at(i + 2) === Char.dot ? Token.ellipsis : Token.dot;
        length = kind === Token.ellipsis ? 3 : 1;
        break;
      case Char.tilde:
        if (next === Char.closeBrace) {
          kind = Token.closeTrim;
          length = 2;
        }
        break;
      case Char.slash:
        // A comment without an end is the only thing that can follow here.
        kind = next === Char.star ? Token.bad : Token.slash;
        length = next === Char.star ? 2 : 1;
        break;
      default:
        if (c >= 48 && c <= 57) {
          kind = Token.number;
          length = this.#numberEnd(i + 1) - i;
        } else if (c < 128) {
          kind = singles[c]! as TokenKind;
        } else {
          const point = this.text.codePointAt(i)!;
          length = point > 0xffff ? 2 : 1;
          if (unicodeNameStart.test(String.fromCodePoint(point))) {
            kind = Token.name;
            length = this.#nameEnd(i + length) - i;
          }
        }
    }
    this.#take(kind, i, i + length);
  }

  #take(kind: TokenKind, start: number, end: number): void {
    this.kind = kind;
    this.start = start;
    this.end = end;
  }

  #nameEnd(from: number): number {
    const text = this.text;
    const limit = this.limit;
    let i = from;
    while (i < limit) {
      const c = text.charCodeAt(i);
      if (c < 128) {
        if ((asciiNames[c]! & namePart) === 0) break;
        i++;
      } else {
        const point = text.codePointAt(i)!;
        if (!unicodeNamePart.test(String.fromCodePoint(point))) break;
        i += point > 0xffff ? 2 : 1;
      }
    }
    return i;
  }

  /** A number takes dots as long as a digit follows somewhere behind them, so that `1.2.3` is one (wrong) number. */
  #numberEnd(from: number): number {
    let i = from;
    let good = from;
    for (;;) {
      const c = this.at(i);
      if (c >= 48 && c <= 57) {
        i++;
        good = i;
      } else if (c === Char.dot) {
        i++;
      } else if (c === Char.lowerE || c === Char.upperE) {
        const sign = this.at(i + 1);
        const digit = sign === Char.plus || sign === Char.minus ? i + 2 : i + 1;
        const d = this.at(digit);
        if (d < 48 || d > 57) return good;
        i = digit + 1;
        good = i;
      } else {
        return good;
      }
    }
  }

  isNameStart(offset: number): boolean {
    const c = this.at(offset);
    if (c < 0) return false;
    if (c < 128) return (asciiNames[c]! & nameStart) !== 0;
    return unicodeNameStart.test(String.fromCodePoint(this.text.codePointAt(offset)!));
  }

  /** Where the text of a heredoc begins that is opened at `<<`; -1 if what follows is no marker and line break. */
  heredocStart(open: number): number {
    let i = open + 2;
    if (this.at(i) === Char.minus) i++;
    if (!this.isNameStart(i)) return -1;
    i = this.#nameEnd(i);
    if (this.at(i) === Char.carriageReturn) i++;
    return this.at(i) === Char.lineFeed ? i + 1 : -1;
  }

  #opensComment(i: number): boolean {
    const next = this.at(i + 1);
    return next === Char.slash || (next === Char.star && this.#commentEnd(i) >= 0);
  }

  #commentEnd(open: number): number {
    if (open >= this.#commentsUnclosedFrom) return -1;
    const close = this.text.indexOf('*/', open + 2);
    if (close >= 0 && close + 2 <= this.limit) return close + 2;
    this.#commentsUnclosedFrom = open;
    return -1;
  }

  /** Reads the comment that starts at an offset and gives its end; of a line comment that is before the line break. */
  comment(start: number): number {
    const hash = this.text.charCodeAt(start) === Char.hash;
    const block = !hash && this.text.charCodeAt(start + 1) === Char.star;
    let end: number;
    if (block) {
      end = this.#commentEnd(start);
    } else {
      const feed = this.text.indexOf('\n', start);
      end = feed < 0 || feed > this.limit ? this.limit : feed;
      if (end > start && this.text.charCodeAt(end - 1) === Char.carriageReturn) end--;
    }
    // An offset can be read twice when the parser looks ahead.
    if (this.#mentioned && start > (this.comments.at(-1)?.start ?? -1)) {
      const text = this.text.slice(start + (hash ? 1 : 2), block ? end - 2 : end);
      if (anyMention.test(text)) this.comments.push({ source: this.source, start, end, text: text.trim() });
    }
    return end;
  }

  word(): string {
    return this.text.slice(this.start, this.end);
  }

  isWord(word: string): boolean {
    return this.kind === Token.name && this.end - this.start === word.length && this.text.startsWith(word, this.start);
  }

  /** Reads on from an offset, past errors. */
  resume(offset: number): void {
    this.failed = false;
    this.failedDeep = false;
    this.end = offset;
    this.advance();
  }

  /** True once so many errors were told that the rest is kept quiet. */
  get quiet(): boolean {
    return this.#errors > errorsTold;
  }

  report(code: string, message: string, start: number, end: number, extras: ProblemExtras = {}): void {
    if (this.failed || this.quiet) return;
    const at = this.span(start, end);
    this.#errors++;
    if (this.quiet) {
      this.#log.push({
        code: 'hcl-too-many-errors',
        severity: 'error',
        message: `this file has more than ${errorsTold} syntax errors; the others are not shown`,
        help: 'Correct the first ones and run again; often one missing quote or brace causes the rest.',
        at,
      });
      return;
    }
    this.#log.push({ code, severity: 'error', message, ...extras, at });
  }

  /** Reports and gives up the item at hand. */
  fail(code: string, message: string, start: number, end: number, extras?: ProblemExtras): void {
    if (this.failed) return;
    this.report(code, message, start, end, extras);
    this.failed = true;
    this.failedAt = start;
    this.kind = Token.stop;
  }

  is(kind: TokenKind): boolean {
    return this.kind === kind;
  }

  /** The token at hand fits nowhere: says what is wrong with it, or else what was expected in its place. */
  failUnexpected(code: string, expected: string, extras?: ProblemExtras): void {
    const { start, end } = this;
    if (this.kind === Token.bad) {
      const [special, message, help] = this.#explainBad();
      this.fail(special, message, start, end, help === undefined ? {} : { help });
    } else if (this.kind === Token.less && this.at(start + 1) === Char.less) {
      const message = 'a heredoc starts with << and a name, and the line ends right after the name';
      this.fail('hcl-heredoc-marker', message, start, start + 2, {
        help: 'Write <<EOT (or <<-EOT), without quotes, spaces or a comment behind it.',
      });
    } else {
      this.fail(code, `${expected}, found ${this.found()}`, start, end, extras);
    }
  }

  /** Code, message and help for characters that people bring along from other languages or tools. */
  #explainBad(): [string, string, string?] {
    const c = this.at(this.start);
    switch (c) {
      case Char.apostrophe:
        return [
          'hcl-single-quote',
          'HCL strings use double quotes',
          'Replace the single quotes around the string by double quotes.',
        ];
      case Char.slash:
        return ['hcl-unclosed-comment', 'this comment is never closed', 'End it with */.'];
      case Char.backtick:
        return [
          'hcl-character',
          'HCL has no strings in backticks',
          'Use double quotes, or a heredoc (<<EOT) for text of several lines.',
        ];
      case Char.semicolon:
        return [
          'hcl-character',
          'HCL does not use semicolons',
          'Put every argument on a line of its own, and commas between the items of a list.',
        ];
      case Char.and:
      case Char.or: {
        const sign = String.fromCharCode(c);
        return ['hcl-character', `HCL has no operator ${sign}`, `Write ${sign}${sign} to join two conditions.`];
      }
      case 0x2018:
      case 0x2019:
      case 0x201c:
      case 0x201d:
      case 0x201e:
        return ['hcl-character', 'this is a typographic quotation mark', 'Replace it by a plain double quote.'];
    }
    if (c < 32 || c === 127 || (c >= 0x80 && c <= 0x9f) || c === 0xfeff || c === 0xfffd) {
      const hex = c.toString(16).toUpperCase().padStart(4, '0');
      return [
        'hcl-control-character',
        `the character U+${hex} is not allowed here`,
        'Remove it; is this a text file in UTF-8?',
      ];
    }
    return ['hcl-character', `HCL has no use for ${this.found()}`];
  }

  /** The token at hand, for a message. */
  found(): string {
    if (this.kind === Token.end) return 'the end of the text';
    if (this.kind === Token.newline) return 'the end of the line';
    if (this.kind === Token.quote) return 'a string';
    if (this.kind === Token.heredoc) return 'a heredoc';
    const word = this.word();
    return word.length > 40 ? `${word.slice(0, 40)}...` : word;
  }

  tooDeep(start: number): void {
    if (this.failed) return;
    this.fail('hcl-too-deep', `this is nested more than ${limits.nesting} levels deep`, start, start + 1, {
      help: 'Split it: move inner parts to locals or to a module.',
    });
    this.failedDeep = true;
  }

  #column(offset: number): number {
    let i = offset;
    const stop = offset >= this.#knownOffset ? this.#knownOffset : 0;
    while (i > stop && this.text.charCodeAt(i - 1) !== Char.lineFeed) i--;
    this.#knownLineStart = i > stop || stop === 0 ? i : this.#knownLineStart;
    this.#knownOffset = offset;
    return offset - this.#knownLineStart;
  }

  /**
   * Where to go on after an error at `failedAt` in the item that starts at `start`: the line break after the item's
   * brackets are closed or the brace that closes its block; if they never are, the next line that starts like an item.
   * It walks from the start of the item, so that nobody has to keep a list of open brackets while all is well.
   * `head`: the item is a block whose head is broken, so a brace at the end of its line opens its body in any case.
   */
  itemEnd(start: number, head: boolean): number {
    const { text, limit } = this;
    const error = this.failedAt;
    const column = this.#column(start);
    /** Closing brackets that are awaited; a quote for an open string. */
    const open: number[] = [];
    let strings = 0;
    let fallback = -1;
    const reach = this.failedDeep ? limit : recoveryReach;
    let i = start;
    while (i < limit) {
      if (fallback >= 0 && (this.quiet || i - fallback > reach)) return fallback;
      const c = text.charCodeAt(i);
      if (c === Char.lineFeed) {
        if (strings > 0 && (i >= error || open.at(-1) === Char.quote)) {
          // A string ends with its line, and whatever was open in it.
          open.length = open.indexOf(Char.quote);
          strings = 0;
          if (head && this.#lastOfLine(i) === Char.openBrace) open.push(Char.closeBrace);
        }
        if (open.length === 0 && i >= error) return text.charCodeAt(i - 1) === Char.carriageReturn ? i - 1 : i;
        const first = this.#firstOfLine(i + 1);
        const candidate = first >= error || this.#beginsItemAt(first, error);
        if (!(head && this.failedDeep) && candidate && first - (i + 1) <= column && this.isNameStart(first)) {
          // Further left than the item: a new block, most likely.
          if (first - (i + 1) < column) return fallback < 0 ? first : fallback;
          if (fallback < 0) fallback = first;
        }
        i++;
        continue;
      }
      if (open.at(-1) === Char.quote) {
        const next = this.at(i + 1);
        if (c === Char.backslash && next !== Char.lineFeed) i += 2;
        else if (c === Char.quote) {
          open.pop();
          strings--;
          i++;
        } else if ((c === Char.dollar || c === Char.percent) && next === c && this.at(i + 2) === Char.openBrace) i += 3;
        else if ((c === Char.dollar || c === Char.percent) && next === Char.openBrace) {
          open.push(Char.closeBrace);
          i += 2;
        } else i++;
        continue;
      }
      switch (c) {
        case Char.quote:
          open.push(Char.quote);
          strings++;
          i++;
          break;
        case Char.openBrace:
          open.push(Char.closeBrace);
          i++;
          break;
        case Char.openBracket:
          open.push(Char.closeBracket);
          i++;
          break;
        case Char.openParen:
          open.push(Char.closeParen);
          i++;
          break;
        case Char.closeBrace:
        case Char.closeBracket:
        case Char.closeParen:
          if (open.at(-1) === c) open.pop();
          else if (i >= error) {
            if (open.length === 0) {
              if (c === Char.closeBrace) return i;
            } else if (fallback >= 0) return fallback;
            else if (c === Char.closeBrace) {
              const opener = open.lastIndexOf(c);
              if (opener < 0) return i;
              open.length = opener;
            }
          }
          i++;
          break;
        case Char.hash:
          i = this.comment(i);
          break;
        case Char.slash:
          i = this.#opensComment(i) ? this.comment(i) : i + 1;
          break;
        case Char.less: {
          if (this.at(i + 1) !== Char.less) {
            i++;
            break;
          }
          const body = this.heredocStart(i);
          const end = body < 0 ? this.#spoiltHeredocEnd(i) : this.#heredocEnd(this.heredocMarker(i), body);
          if (body >= 0 && end < 0) return fallback >= 0 ? fallback : this.#afterUnclosedHeredoc(i, body);
          i = end < 0 ? i + 2 : end;
          break;
        }
        default:
          i++;
      }
    }
    return fallback >= 0 ? fallback : limit;
  }

  /** The error is what follows the first name of a line: `x = f(1,` and on the next line `y = 2`. */
  #beginsItemAt(first: number, error: number): boolean {
    if (this.text.charCodeAt(error) !== Char.equal || !this.isNameStart(first)) return false;
    return this.#firstOfLine(this.#nameEnd(first)) === error;
  }

  #firstOfLine(from: number): number {
    let i = from;
    while (this.at(i) === Char.space || this.at(i) === Char.tab) i++;
    return i;
  }

  /** Skips all kinds of white space but the line feed. */
  #pastSpaces(from: number): number {
    let i = from;
    while (this.at(i) !== Char.lineFeed && isSpace(this.at(i))) i++;
    return i;
  }

  #lastOfLine(lineEnd: number): number {
    let i = lineEnd - 1;
    while (i > 0 && this.text.charCodeAt(i) <= Char.space) i--;
    return this.text.charCodeAt(i);
  }

  heredocMarker(open: number): string {
    const dash = this.text.charCodeAt(open + 2) === Char.minus ? 1 : 0;
    return this.text.slice(open + 2 + dash, this.#nameEnd(open + 2 + dash));
  }

  /**
   * The end of a heredoc's closing marker if the line at an offset is one, else -1.
   * The line must be complete, unless the text is an expression that was cut out of something.
   */
  closingMarker(lineStart: number, marker: string, atEnd: boolean): number {
    let i = this.#pastSpaces(lineStart);
    if (!this.text.startsWith(marker, i)) return -1;
    const end = i + marker.length;
    if (end > this.limit) return -1;
    i = this.#pastSpaces(end);
    return this.at(i) === Char.lineFeed || (atEnd && i >= this.limit) ? end : -1;
  }

  /** The end of a heredoc without regard to what its template sequences contain. */
  #heredocEnd(marker: string, body: number): number {
    let line = body;
    while (line < this.limit) {
      const end = this.closingMarker(line, marker, false);
      if (end >= 0) return end;
      const feed = this.text.indexOf('\n', line);
      if (feed < 0) return -1;
      line = feed + 1;
    }
    return -1;
  }

  /** The end of what was meant as a heredoc but has spaces or quotes around its marker, as shells allow. */
  #spoiltHeredocEnd(open: number): number {
    if (this.quiet) return -1;
    let name = open + 2;
    while (name < open + 10 && !this.isNameStart(name)) {
      if (!' -"\''.includes(this.text.charAt(name))) return -1;
      name++;
    }
    const feed = this.text.indexOf('\n', name);
    const end = this.#nameEnd(name);
    return feed < end ? -1 : this.#heredocEnd(this.text.slice(name, end), feed + 1);
  }

  /** The first line after `body` that starts with a heredoc's marker but has more on it; -1 if there is none. */
  spoiltMarker(open: number, body: number): number {
    const marker = this.heredocMarker(open);
    let line = body;
    while (line < this.limit) {
      const first = this.#firstOfLine(line);
      if (this.text.startsWith(marker, first) && this.#nameEnd(first) === first + marker.length) return first;
      const feed = this.text.indexOf('\n', line);
      if (feed < 0) break;
      line = feed + 1;
    }
    return -1;
  }

  /** After a heredoc without end: the line of its spoilt marker, or the next line that opens a block at the left margin. */
  #afterUnclosedHeredoc(open: number, body: number): number {
    // Each search may run to the end of the file; a file with a heap of them is not worth it.
    if (this.quiet) return this.limit;
    const spoilt = this.spoiltMarker(open, body);
    if (spoilt >= 0) {
      const feed = this.text.indexOf('\n', spoilt);
      return feed < 0 || feed > this.limit ? this.limit : feed;
    }
    this.lostBraces = true;
    let line = body;
    while (line < this.limit) {
      const feed = this.text.indexOf('\n', line);
      const end = feed < 0 ? this.limit : feed;
      if (this.isNameStart(line)) {
        if (this.#lastOfLine(end) === Char.openBrace) return line;
      }
      line = end + 1;
    }
    return this.limit;
  }
}
