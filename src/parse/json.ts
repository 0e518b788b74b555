/**
 * JSON as Azure tolerates it -> tree.
 * Takes a source; gives its root with an exact span for every node and key, the comments that mention the tool, and
 * diagnostics. Comments, raw line breaks in strings, trailing commas and duplicate keys are accepted, because Azure
 * accepts them and templates in the wild use them; nothing else of JSON5 is.
 * After an error reading goes on: a broken member or item is left out, its neighbours stay.
 */
import type { Log, Related } from '../source/diagnostic.ts';
import { limits } from '../source/limits.ts';
import { type Source, span } from '../source/source.ts';
import { type Comment, mention } from './comment.ts';
import type {
  JsonArray,
  JsonFile,
  JsonMember,
  JsonNode,
  JsonNumber,
  JsonObject,
  JsonString,
  JsonWord,
} from './json-tree.ts';

/** Errors told per file, and separately warnings; a file with more is not what its author thinks it is. */
const told = 20;

export function parseJson(source: Source, log: Log): JsonFile {
  return new JsonReader(source, log).file();
}

/** The members of a tree of objects that are shaped like those of JSON. */
type MemberIn<N> = N extends { readonly kind: 'object'; readonly members: readonly (infer M)[] } ? M : never;

/** Finds a member as ARM does: the case of the key does not count, and of duplicates the last one does. */
export function memberOf<N extends { readonly kind: string }>(
  node: N | undefined,
  key: string,
): MemberIn<N> | undefined {
  if (node?.kind !== 'object') return undefined;
  const { members } = node as unknown as JsonObject;
  let lower: string | undefined;
  for (let i = members.length - 1; i >= 0; i--) {
    const member = members[i]!;
    const name = member.key.value;
    if (name === key) return member as MemberIn<N>;
    // What differs in length also differs without letter case, but for letters that no key of Azure has.
    if (name.length !== key.length) continue;
    lower ??= key.toLowerCase();
    if (name.toLowerCase() === lower) return member as MemberIn<N>;
  }
  return undefined;
}

/** Maps an index into a string's value to the offset in its source where that character was written. */
export function offsetsOf(node: JsonString): (index: number) => number {
  const { text } = node.source;
  const quote = text.charCodeAt(node.start);
  const start = quote === QUOTE || quote === APOSTROPHE ? node.start + 1 : node.start;
  const end = text.charCodeAt(node.end - 1) === quote && node.end > start ? node.end - 1 : node.end;
  // Every escape is longer than what it stands for.
  if (end - start === node.value.length) return (index) => start + index;
  const offsets = new Int32Array(node.value.length + 1);
  let at = start;
  for (let i = 0; i < node.value.length; i++) {
    offsets[i] = at;
    at += text.charCodeAt(at) === BACKSLASH ? escapeLength(text, at) : 1;
  }
  offsets[node.value.length] = at;
  return (index) => offsets[index] ?? at;
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const STAR = 42;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const EQUALS = 61;
const LEFT_BRACKET = 91;
const BACKSLASH = 92;
const RIGHT_BRACKET = 93;
const LEFT_BRACE = 123;
const RIGHT_BRACE = 125;

/** What a backslash and the letter after it stand for. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Characters that look like a space or like nothing, usually pasted in from a web page. */
const invisible = /[\s\u0085\u00ad\u200b-\u200f\u2060\ufeff]/;

class JsonReader {
  readonly #source: Source;
  readonly #text: string;
  readonly #log: Log;
  readonly #comments: Comment[] = [];
  /** Offset of the next character. */
  #at = 0;
  /** End of the last token that was read: the place where a missing one belongs. */
  #last = 0;
  #objects = 0;
  #arrays = 0;
  #errors = 0;
  #warnings = 0;
  /** The end of the text is explained by an earlier error, so brackets that are still open need no word of their own. */
  #endExplained = false;
  #tooDeep = false;
  /** The last string had no closing quote. */
  #unclosed = false;

  constructor(source: Source, log: Log) {
    this.#source = source;
    this.#text = source.text;
    this.#log = log;
  }

  file(): JsonFile {
    let root = this.#root();
    if (root === undefined) {
      // Something stands before the document proper, as in a page that was saved with its frame.
      const next = this.#text.slice(this.#at).search(/[{[]/);
      if (next !== -1) {
        this.#at += next;
        root = this.#root();
      }
    }
    if (root !== undefined && this.#trivia() < this.#text.length) {
      const bracket = this.#text.charCodeAt(this.#at);
      const closing = bracket === RIGHT_BRACE || bracket === RIGHT_BRACKET;
      this.#error(
        'json-after-end',
        closing
          ? `"${this.#text[this.#at]}" closes nothing: the document has ended before it`
          : 'the document has ended, but more text follows',
        closing ? 'Remove it, or look for a bracket above that closes too early.' : 'Keep one value in the file.',
        this.#at,
        this.#at + 1,
        [{ at: span(this.#source, root.end - 1, root.end), message: 'the document ends here' }],
      );
    }
    return { root, comments: this.#comments };
  }

  #root(): JsonNode | undefined {
    return this.#trivia() < this.#text.length ? this.#value() : undefined;
  }

  /** Reads a value at the current character, which is no trivia. undefined: there is none, and it has been told. */
  #value(): JsonNode | undefined {
    const code = this.#text.charCodeAt(this.#at);
    switch (code) {
      case QUOTE:
        return this.#string();
      case LEFT_BRACE:
        return this.#nests() ? this.#object() : undefined;
      case LEFT_BRACKET:
        return this.#nests() ? this.#array() : undefined;
      case APOSTROPHE:
        return this.#singleQuoted();
      case MINUS:
      case PLUS:
      case DOT:
        return this.#number();
      default:
        if (code >= ZERO && code <= NINE) return this.#number();
        if (isWordCode(code)) return this.#word();
        this.#junk();
        return undefined;
    }
  }

  #object(): JsonObject {
    const start = this.#at;
    const members: JsonMember[] = [];
    let byKey: Map<string, JsonMember> | undefined;
    this.#objects++;
    this.#last = ++this.#at;
    while (this.#more(start, RIGHT_BRACE)) {
      const member = this.#member();
      if (member) {
        const key = member.key.value;
        // Most objects are small, and comparing a few keys is cheaper than a map for each.
        if (!byKey && members.length === 8) byKey = new Map(members.map((each) => [each.key.value, each]));
        const earlier = byKey ? byKey.get(key) : members.findLast((each) => each.key.value === key);
        if (earlier) this.#duplicate(earlier.key, member.key);
        byKey?.set(key, member);
        members.push(member);
      }
      this.#comma(member !== undefined);
    }
    this.#objects--;
    return { kind: 'object', source: this.#source, start, end: this.#last, members };
  }

  #array(): JsonArray {
    const start = this.#at;
    const items: JsonNode[] = [];
    this.#arrays++;
    this.#last = ++this.#at;
    while (this.#more(start, RIGHT_BRACKET)) {
      const item = this.#value();
      if (item) items.push(item);
      this.#comma(item !== undefined);
    }
    this.#arrays--;
    return { kind: 'array', source: this.#source, start, end: this.#last, items };
  }

  /** Whether a member or item follows; otherwise the bracket has been closed, or told to be unclosed. */
  #more(open: number, close: number): boolean {
    for (;;) {
      if (this.#trivia() >= this.#text.length) {
        if (!this.#endExplained) this.#unclosedBracket(open, 'the file ends');
        this.#endExplained = true;
        return false;
      }
      const code = this.#text.charCodeAt(this.#at);
      if (code === close) {
        this.#last = ++this.#at;
        return false;
      }
      if (code === COMMA) {
        this.#error(
          'json-extra-comma',
          'nothing stands before this comma',
          'Remove the comma, or write the missing value before it.',
          this.#at,
          this.#at + 1,
        );
      } else if (code === RIGHT_BRACE || code === RIGHT_BRACKET) {
        if ((code === RIGHT_BRACE ? this.#objects : this.#arrays) > 0) {
          this.#unclosedBracket(open, `"${this.#text[this.#at]}" follows`);
          return false;
        }
        const wanted = close === RIGHT_BRACE ? '}' : ']';
        this.#error(
          'json-stray-bracket',
          `"${this.#text[this.#at]}" closes nothing here`,
          `Remove it, or write "${wanted}" if it should close the bracket that is open.`,
          this.#at,
          this.#at + 1,
          [{ at: span(this.#source, open, open + 1), message: 'this bracket is open' }],
        );
        this.#endExplained = true;
        this.#at++;
        this.#comma(false);
        continue;
      } else {
        return true;
      }
      this.#last = ++this.#at;
    }
  }

  /** Reads what divides two members or items. `whole`: the one before was read, so what is wrong now is news. */
  #comma(whole: boolean): void {
    const sound = whole && !this.#unclosed;
    this.#unclosed = false;
    const at = this.#trivia();
    if (at >= this.#text.length) return;
    const code = this.#text.charCodeAt(at);
    if (code === COMMA) {
      this.#last = ++this.#at;
      return;
    }
    if (code === RIGHT_BRACE || code === RIGHT_BRACKET) return;
    if (sound) {
      const begins =
        code === QUOTE || code === APOSTROPHE || code === LEFT_BRACE || code === LEFT_BRACKET || isWordCode(code);
      if (begins || code === MINUS) {
        this.#error(
          'json-missing-comma',
          'a comma is missing here, before the next value',
          'Write "," between two values.',
          this.#last,
          this.#last,
        );
        return;
      }
      this.#junk();
    }
    this.#skipToDivider();
    if (this.#text.charCodeAt(this.#at) === COMMA) this.#last = ++this.#at;
  }

  #member(): JsonMember | undefined {
    const key = this.#key();
    if (!key) return undefined;
    const unclosed = this.#unclosed;
    this.#unclosed = false;
    let code = this.#text.charCodeAt(this.#trivia());
    if (code === COLON) {
      this.#last = ++this.#at;
    } else if (unclosed) {
      return undefined;
    } else if (this.#at < this.#text.length) {
      const assigned = code === EQUALS;
      this.#error(
        'json-missing-colon',
        assigned ? 'a key and its value are divided by ":", not "="' : `a colon is missing after the key ${brief(key)}`,
        'Write "key": value.',
        assigned ? this.#at : this.#last,
        assigned ? this.#at + 1 : this.#last,
      );
      if (assigned) this.#last = ++this.#at;
      else if (code === COMMA || code === RIGHT_BRACE || code === RIGHT_BRACKET) return undefined;
    }
    if (this.#trivia() >= this.#text.length) return undefined;
    code = this.#text.charCodeAt(this.#at);
    if (code === COMMA || code === RIGHT_BRACE || code === RIGHT_BRACKET) {
      this.#error(
        'json-missing-value',
        `the key ${brief(key)} has no value`,
        'Write a value after the colon, null if there is none, or remove the key.',
        this.#last,
        this.#last,
      );
      return undefined;
    }
    const value = this.#value();
    return value && { source: this.#source, start: key.start, end: value.end, key, value };
  }

  /** undefined: what stands here is no key; it has been told and skipped. */
  #key(): JsonString | undefined {
    const start = this.#at;
    const code = this.#text.charCodeAt(start);
    if (code === QUOTE) return this.#string();
    if (code === APOSTROPHE) return this.#singleQuoted();
    const number = (code >= ZERO && code <= NINE) || code === MINUS;
    if (isWordCode(code) && !number) {
      const value = this.#wordText();
      this.#error(
        'json-unquoted-key',
        'a key needs double quotes around it',
        'Write keys in double quotes: "key": value.',
        start,
        this.#at,
      );
      return { kind: 'string', source: this.#source, start, end: this.#at, value };
    }
    if (code !== COLON && code !== LEFT_BRACE && code !== LEFT_BRACKET && !number) {
      this.#junk();
      return undefined;
    }
    this.#error(
      'json-missing-key',
      'a key is missing: inside { } every value needs one',
      'Write "key": value.',
      start,
      start + 1,
    );
    if (code !== COLON) this.#value();
    if (this.#text.charCodeAt(this.#trivia()) === COLON) {
      this.#last = ++this.#at;
      if (this.#trivia() < this.#text.length && !isDivider(this.#text.charCodeAt(this.#at))) this.#value();
    }
    return undefined;
  }

  #string(): JsonString {
    const text = this.#text;
    const start = this.#at;
    let escaped = false;
    let lineEnd = -1;
    let end = start + 1;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        end++;
      } else if ((code === NEWLINE || code === RETURN) && lineEnd === -1) {
        lineEnd = end;
      }
    }
    const closed = end < text.length;
    if (!closed || (lineEnd !== -1 && !this.#fitsAfterString(end + 1))) return this.#cutString(start, lineEnd);
    this.#last = this.#at = end + 1;
    const value = escaped ? this.#decoded(start + 1, end) : text.slice(start + 1, end);
    return { kind: 'string', source: this.#source, start, end: this.#at, value };
  }

  /** Whether what follows a quote makes it a closing one. Asked only of strings with line breaks. */
  #fitsAfterString(at: number): boolean {
    const text = this.#text;
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    // Each string that was cut is read again from the next line on, so cutting ends with the errors to keep time linear.
    if (at >= text.length || this.#errors >= told) return true;
    const code = text.charCodeAt(at);
    return isDivider(code) || code === COLON || code === SLASH || code === QUOTE;
  }

  /** A string whose closing quote is missing: taken to end with its line, without the comma that stands there. */
  #cutString(start: number, lineEnd: number): JsonString {
    const ends = lineEnd === -1 || this.#errors >= told;
    let end = ends ? this.#text.length : lineEnd;
    if (ends) this.#endExplained = true;
    const at = end;
    while (end > start + 1 && isSpace(this.#text.charCodeAt(end - 1))) end--;
    if (!ends && end > start + 1 && this.#text.charCodeAt(end - 1) === COMMA) end--;
    this.#error(
      'json-unclosed-string',
      'the closing quote of this text is missing',
      'Write " at its end; a quote inside of the text is written \\".',
      start,
      end,
    );
    this.#unclosed = true;
    this.#last = end;
    this.#at = ends ? at : end;
    return { kind: 'string', source: this.#source, start, end, value: this.#decoded(start + 1, end) };
  }

  /** The text between two quotes, with its escapes resolved. */
  #decoded(from: number, to: number, quote = '"'): string {
    const text = this.#text;
    let value = '';
    let chunk = from;
    for (let at = text.indexOf('\\', from); at !== -1 && at < to; at = text.indexOf('\\', chunk)) {
      const length = escapeLength(text, at);
      const letter = text.charAt(at + 1);
      value += text.slice(chunk, at);
      if (length > 2) {
        value += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16));
      } else {
        const meant = letter === quote ? letter : escapes.get(letter);
        if (meant === undefined) this.#badEscape(letter, at);
        value += meant ?? (at + 1 < to ? letter : '');
      }
      chunk = Math.min(at + length, to);
    }
    return value + text.slice(chunk, to);
  }

  #badEscape(letter: string, at: number): void {
    this.#error(
      'json-bad-escape',
      letter === 'u' ? '\\u needs four hexadecimal digits after it' : 'JSON has no such escape',
      'Write \\\\ for a backslash; the escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX.',
      at,
      Math.min(at + 2, this.#text.length),
    );
  }

  #singleQuoted(): JsonString {
    const start = this.#at;
    let end = start + 1;
    for (; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === APOSTROPHE || code === NEWLINE || code === RETURN) break;
      if (code === BACKSLASH) end++;
    }
    const contentEnd = Math.min(end, this.#text.length);
    this.#last = this.#at = contentEnd + (this.#text.charCodeAt(contentEnd) === APOSTROPHE ? 1 : 0);
    this.#error(
      'json-single-quotes',
      'single quotes do not make a text in JSON',
      'Use double quotes: "text".',
      start,
      this.#at,
    );
    const value = this.#decoded(start + 1, contentEnd, "'");
    return { kind: 'string', source: this.#source, start, end: this.#at, value };
  }

  #number(): JsonNumber | undefined {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    let good = true;
    if (text.charCodeAt(at) === MINUS) at++;
    const whole = at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === whole || (at - whole > 1 && text.charCodeAt(whole) === ZERO)) good = false;
    if (text.charCodeAt(at) === DOT) {
      const fraction = ++at;
      while (isDigit(text.charCodeAt(at))) at++;
      if (at === fraction) good = false;
    }
    if ((text.charCodeAt(at) | 32) === 101) {
      at++;
      const sign = text.charCodeAt(at);
      if (sign === PLUS || sign === MINUS) at++;
      const exponent = at;
      while (isDigit(text.charCodeAt(at))) at++;
      if (at === exponent) good = false;
    }
    while (isNumberCode(text.charCodeAt(at))) {
      at++;
      good = false;
    }
    this.#last = this.#at = at;
    const digits = text.slice(start, at);
    const value = Number(digits);
    if (!good) {
      this.#error(
        'json-bad-number',
        'this is not a number as JSON writes it',
        'Write digits with an optional "-" before them and "." between them, like -1.5; anything else in double quotes.',
        start,
        at,
      );
      if (!Number.isFinite(value)) return undefined;
    }
    return { kind: 'number', source: this.#source, start, end: at, value, digits };
  }

  #word(): JsonWord | undefined {
    const start = this.#at;
    const word = this.#wordText();
    const end = this.#at;
    // Behind a closing quote stands a text, whatever its letters.
    const lower = word.length <= 5 && end - start === word.length ? word.toLowerCase() : '';
    const value = lower === 'true' ? true : lower === 'false' ? false : lower === 'null' ? null : undefined;
    if (value === undefined) {
      const constant = word === 'NaN' || word === 'Infinity' || word === 'undefined';
      this.#error(
        'json-bad-word',
        constant ? `JSON has no ${word}` : 'text needs double quotes around it',
        constant ? 'Write null, or leave it out.' : 'Write "text"; only numbers, true, false and null have no quotes.',
        start,
        end,
      );
    } else if (word !== lower) {
      this.#error('json-bad-word', `JSON writes "${word}" in small letters`, `Write ${lower}.`, start, end);
    }
    return value === undefined ? undefined : { kind: 'word', source: this.#source, start, end, value };
  }

  #wordText(): string {
    const start = this.#at;
    const goesOn = (code: number) => isWordCode(code) || code === MINUS || code === DOT;
    while (goesOn(this.#text.charCodeAt(this.#at))) this.#at++;
    const word = this.#text.slice(start, this.#at);
    // A quote right behind a word closes it: only the opening one was lost. Else every later string would be inside out.
    if (this.#text.charCodeAt(this.#at) === QUOTE) this.#at++;
    this.#last = this.#at;
    return word;
  }

  /** Whether one more bracket may be opened here; else it is skipped with all that it holds. */
  #nests(): boolean {
    if (this.#objects + this.#arrays < limits.nesting) return true;
    if (!this.#tooDeep) {
      this.#tooDeep = true;
      this.#error(
        'json-too-deep',
        `brackets are nested more than ${limits.nesting} deep here`,
        'What is inside of this bracket was not read; write it with fewer levels.',
        this.#at,
        this.#at + 1,
      );
    }
    let open = 0;
    do {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) {
        this.#string();
      } else {
        this.#last = ++this.#at;
        if (code === LEFT_BRACE || code === LEFT_BRACKET) open++;
        else if (code === RIGHT_BRACE || code === RIGHT_BRACKET) open--;
      }
    } while (open > 0 && this.#trivia() < this.#text.length);
    if (open > 0) this.#endExplained = true;
    return false;
  }

  /** Tells of characters that belong nowhere, and passes them. */
  #junk(): void {
    const text = this.#text;
    const start = this.#at;
    const code = text.codePointAt(start)!;
    if (code === HASH) {
      while (this.#at < text.length && text.charCodeAt(this.#at) !== NEWLINE) this.#at++;
    } else {
      this.#at += code > 0xffff ? 2 : 1;
      while (this.#at < text.length && !isBoundary(text.charCodeAt(this.#at))) this.#at++;
    }
    this.#last = this.#at;
    this.#error(
      'json-unexpected-character',
      `${named(code)} has no place here`,
      code === HASH ? 'Write comments as // or /* */.' : 'Remove it, or write it inside of a text in double quotes.',
      start,
      this.#at,
    );
  }

  /** Goes to the comma, bracket, quote or line break that ends a broken value. */
  #skipToDivider(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (isDivider(code) || code === QUOTE || code === NEWLINE) return;
    }
  }

  /** Passes white space and comments; returns the offset of what follows. */
  #trivia(): number {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (isSpace(code)) {
        this.#at++;
      } else if (code === SLASH) {
        const next = text.charCodeAt(this.#at + 1);
        if (next === SLASH) this.#lineComment();
        else if (next === STAR) this.#blockComment();
        else return this.#at;
      } else if ((code > 126 || code < SPACE) && invisible.test(text[this.#at]!)) {
        this.#error(
          'json-unexpected-character',
          `the invisible character ${named(code)} has no place here`,
          'Replace it with an ordinary space, or remove it.',
          this.#at,
          this.#at + 1,
        );
        this.#at++;
      } else {
        return this.#at;
      }
    }
  }

  #lineComment(): void {
    const start = this.#at;
    let end = start;
    for (; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === NEWLINE || code === RETURN) break;
    }
    this.#at = end;
    this.#keep(start, end, start + 2, end);
  }

  #blockComment(): void {
    const start = this.#at;
    const close = this.#text.indexOf('*/', start + 2);
    if (close === -1) {
      this.#at = this.#text.length;
      this.#error(
        'json-unclosed-comment',
        'this comment has no end',
        'Write */ where the comment ends.',
        start,
        start + 2,
      );
      this.#endExplained = true;
      this.#keep(start, this.#at, start + 2, this.#at);
    } else {
      this.#at = close + 2;
      this.#keep(start, this.#at, start + 2, close);
    }
  }

  #keep(start: number, end: number, from: number, to: number): void {
    const text = this.#text.slice(from, to);
    if (text.toLowerCase().includes(mention)) this.#comments.push({ source: this.#source, start, end, text });
  }

  #unclosedBracket(open: number, reason: string): void {
    const bracket = this.#text[open];
    this.#error(
      'json-unclosed-bracket',
      `${reason}, but a "${bracket}" is still open`,
      `Write "${bracket === '{' ? '}' : ']'}" where it should end.`,
      this.#last,
      this.#last,
      [{ at: span(this.#source, open, open + 1), message: 'it was opened here' }],
    );
  }

  #duplicate(earlier: JsonString, later: JsonString): void {
    if (this.#warnings++ >= told) return;
    this.#log.push({
      code: 'json-duplicate-key',
      severity: 'warning',
      message: `the key ${brief(later)} is written twice in this object; the last one counts`,
      help: 'Remove one of the two.',
      at: later,
      related: [{ at: earlier, message: 'it was written here before' }],
    });
  }

  #error(
    code: string,
    message: string,
    help: string,
    start: number,
    end: number,
    related?: readonly Related[] | undefined,
  ): void {
    if (this.#errors++ >= told) return;
    const at = span(this.#source, start, end);
    this.#log.push({ code, severity: 'error', message, help, at, ...(related && { related }) });
  }
}

/** Characters of the escape whose backslash stands at `at`: 6 for a good \uXXXX, 2 for any other. */
function escapeLength(text: string, at: number): number {
  return text.charCodeAt(at + 1) === 117 && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6)) ? 6 : 2;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === NEWLINE || code === RETURN || code === TAB;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function isWordCode(code: number): boolean {
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 122) || code === 95 || code === 36;
}

function isNumberCode(code: number): boolean {
  return isWordCode(code) || code === DOT || code === PLUS || code === MINUS;
}

function isDivider(code: number): boolean {
  return code === COMMA || code === RIGHT_BRACE || code === RIGHT_BRACKET;
}

function isBoundary(code: number): boolean {
  return (
    isSpace(code) ||
    isDivider(code) ||
    code === QUOTE ||
    code === APOSTROPHE ||
    code === COLON ||
    code === LEFT_BRACE ||
    code === LEFT_BRACKET
  );
}

/** A character for people: itself where it can be seen, and its number where it cannot. */
function named(code: number): string {
  const character = String.fromCodePoint(code);
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code <= SPACE || code === 127 || invisible.test(character) || /\p{C}/u.test(character)
    ? number
    : `"${character}"`;
}

/** A key for a message. */
function brief(key: JsonString): string {
  return JSON.stringify(key.value.length > 60 ? `${key.value.slice(0, 60)}...` : key.value);
}
