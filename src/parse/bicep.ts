/**
 * Bicep (.bicep and .bicepparam) -> syntax tree + diagnostics.
 * One pass over the tokens, recursive descent. After an error the innermost element at hand (a property, an item, an
 * argument, a hole of a string, a declaration) is given up, its value is `broken`, and reading goes on with the next one.
 * A bracket that is never closed ends where the next declaration starts at the left margin.
 */
import type { Log, Related, Severity } from '../source/diagnostic.ts';
import { limits } from '../source/limits.ts';
import { type Source, type Span, span } from '../source/source.ts';
import { type BicepTokens, Char, lexBicep, Token, type TokenKind } from './bicep-lexer.ts';
import type {
  BicepFile,
  Declaration,
  Decorator,
  FunctionParameter,
  Identifier,
  ImportedSymbol,
  Loop,
  PropertyType,
  Resource,
  TupleItem,
  Type,
} from './bicep-tree.ts';
import type { Broken, Expression, Lambda, ListItem, Literal, ObjectEntry, ObjectText } from './expression.ts';

/** Reads a whole file; the ending of its name decides between the two languages. */
export function parseBicep(source: Source, log: Log): BicepFile {
  return new BicepParser(source, log).file();
}

/** Errors of one file that are told; a file with more is most likely not Bicep. */
const errorsTold = 20;

/** Tokens that recovery looks through for the end of an element's brackets before it settles for the next line. */
const recoveryReach = 10_000;

const longestName = 255;
const largestInteger = 18_446_744_073_709_551_615n;

/** Binary operators: level (higher binds tighter, 0 is none), and their spelling. */
const levels = new Uint8Array(Token.stop + 1);
const spellings: string[] = [];
for (const [token, level, spelling] of [
  [Token.doubleQuestion, 1, '??'],
  [Token.or, 2, '||'],
  [Token.and, 3, '&&'],
  [Token.equal, 4, '=='],
  [Token.notEqual, 4, '!='],
  [Token.equalFold, 4, '=~'],
  [Token.notEqualFold, 4, '!~'],
  [Token.less, 5, '<'],
  [Token.lessEqual, 5, '<='],
  [Token.greater, 5, '>'],
  [Token.greaterEqual, 5, '>='],
  [Token.plus, 6, '+'],
  [Token.minus, 6, '-'],
  [Token.star, 7, '*'],
  [Token.slash, 7, '/'],
  [Token.percent, 7, '%'],
] as const) {
  levels[token] = level;
  spellings[token] = spelling;
}

/** What closes a bracket; 0 is none. */
const closers = new Uint8Array(Token.stop + 1);
closers[Token.openBrace] = Token.closeBrace;
closers[Token.openBracket] = Token.closeBracket;
closers[Token.openParen] = Token.closeParen;
closers[Token.stringLeft] = Token.stringRight;

const common = ['param', 'var', 'import', 'extension', 'type'];
const keywords = {
  bicep: new Set([...common, 'targetScope', 'metadata', 'func', 'resource', 'output', 'module', 'test', 'assert']),
  bicepparam: new Set([...common, 'using', 'extends', 'extensionConfig']),
} as const;
const allKeywords = new Set([...keywords.bicep, ...keywords.bicepparam]);

interface ProblemExtras {
  readonly help?: string;
  readonly related?: readonly Related[];
  readonly severity?: Severity;
}

/** The body of a resource or module with what stands around it. */
interface Surrounded {
  loop?: Loop;
  condition?: Expression;
  body: ObjectText | Broken;
}

type Node<Kind extends Declaration['kind']> = Extract<Declaration, { kind: Kind }>;

class BicepParser {
  readonly source: Source;
  readonly text: string;
  readonly tokens: BicepTokens;
  readonly language: 'bicep' | 'bicepparam';
  readonly #log: Log;
  #errors = 0;
  /** Where a comma or line break between two elements was missed last. */
  #separatorMissed = -1;

  index = 0;
  kind: TokenKind = Token.end;
  start = 0;
  end = 0;
  /** End of the token before the one at hand. */
  before = 0;
  /** An error made the rest of the element unreadable; nothing is read or reported until `resume`. */
  failed = false;
  /** The whole declaration is given up: it nests too deep, or a bracket is not closed before the next one (or the end). */
  abandoned: 'no' | 'deep' | 'unclosed' = 'no';
  /** The error is a string that does not end on its line. */
  lineLost = false;
  /** Open expressions, types and bodies. */
  depth = 0;
  /** Height of the tree that was read last: chains of operators and accesses make high trees without brackets. */
  height = 0;
  /** Inside a hole of a string, where neither objects nor lists are written. */
  inHole = false;
  #namespaces: ReadonlySet<string> | undefined;

  constructor(source: Source, log: Log) {
    this.source = source;
    this.text = source.text;
    this.#log = log;
    this.language = /\.bicepparam$/i.test(source.file) ? 'bicepparam' : 'bicep';
    this.tokens = lexBicep(source);
    this.#load(0);
  }

  // ---------------------------------------------------------------- tokens

  #load(index: number): void {
    this.index = index;
    this.kind = this.tokens.kinds[index]! as TokenKind;
    this.start = this.tokens.starts[index]!;
    this.end = this.tokens.ends[index]!;
  }

  advance(): void {
    if (this.failed || this.kind === Token.end) return;
    this.before = this.end;
    this.#load(this.index + 1);
  }

  /** Reads on from a token, past errors. */
  resume(index: number): void {
    this.failed = false;
    this.lineLost = false;
    this.abandoned = 'no';
    this.before = index > 0 ? this.tokens.ends[index - 1]! : 0;
    this.#load(index);
  }

  is(kind: TokenKind): boolean {
    return this.kind === kind;
  }

  /** The kind of the token after the one at hand. */
  next(): number {
    return this.kind === Token.end ? Token.end : this.tokens.kinds[this.index + 1]!;
  }

  skipNewline(): void {
    if (this.kind === Token.newline) this.advance();
  }

  /** The kind at hand, or the one after the line break at hand, which is then passed. */
  passesNewlineTo(kind: TokenKind): boolean {
    if (this.kind === Token.newline && this.next() === kind) this.advance();
    return this.kind === kind;
  }

  word(): string {
    return this.text.slice(this.start, this.end);
  }

  isWord(word: string, index = this.index): boolean {
    if (this.failed || this.tokens.kinds[index] !== Token.name) return false;
    const start = this.tokens.starts[index]!;
    return this.tokens.ends[index]! - start === word.length && this.text.startsWith(word, start);
  }

  atString(): boolean {
    return this.kind === Token.string || this.kind === Token.stringLeft;
  }

  span(start: number, end: number): Span {
    return span(this.source, start, end);
  }

  broken(start: number, end: number): Broken {
    return { kind: 'broken', source: this.source, start, end: Math.max(start, end) };
  }

  // -------------------------------------------------------------- problems

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
        code: 'bicep-too-many-errors',
        severity: 'error',
        message: `this file has more than ${errorsTold} syntax errors; the others are not shown`,
        help: 'Correct the first ones and run again; often one missing quote or brace causes the rest.',
        at,
      });
      return;
    }
    this.#log.push({ code, severity: 'error', message, ...extras, at });
  }

  /** Reports and gives up the element at hand. */
  fail(code: string, message: string, start: number, end: number, extras?: ProblemExtras): void {
    if (this.failed) return;
    this.report(code, message, start, end, extras);
    this.giveUp();
  }

  giveUp(): void {
    this.failed = true;
    this.kind = Token.stop;
  }

  tooDeep(start: number): void {
    if (this.failed) return;
    this.fail('bicep-too-deep', `this is nested more than ${limits.nesting} levels deep`, start, start + 1, {
      help: 'Split it: move inner parts to variables or to a module.',
    });
    this.abandoned = 'deep';
  }

  /** The token at hand, for a message. */
  found(): string {
    switch (this.kind) {
      case Token.end:
        return 'the end of the file';
      case Token.newline:
        return 'the end of the line';
      case Token.string:
      case Token.stringLeft:
        return 'a string';
      case Token.stringMiddle:
      case Token.stringRight:
        return this.start === this.end ? 'the end of the line' : 'the } that ends the hole';
    }
    const word = this.word();
    return word.length > 40 ? `${word.slice(0, 40)}...` : word;
  }

  /** The token at hand fits nowhere: says what is wrong with it, or else what was expected in its place. */
  failUnexpected(code: string, expected: string, extras?: ProblemExtras): void {
    if (this.failed) return;
    // Megabytes of errors are passed without a word for each.
    if (this.quiet) {
      this.giveUp();
      return;
    }
    const { start, end } = this;
    if (this.kind === Token.bad) {
      const [special, message, help] = this.#explainBad();
      this.fail(special, message, start, end, help === undefined ? {} : { help });
    } else if (this.kind === Token.stringRight && start === end) {
      this.#failHole(start);
    } else {
      // The end of a line is shown where the line ends, not as all the blank lines behind it.
      const until = this.kind === Token.newline ? start : end;
      this.fail(code, `${expected}, found ${this.found()}`, start, until, extras);
    }
  }

  /** Code, message and help for characters that people bring along from other languages or tools. */
  #explainBad(): [string, string, string?] {
    const c = this.text.charCodeAt(this.start);
    switch (c) {
      case Char.quote:
        return [
          'bicep-double-quote',
          'Bicep strings use single quotes',
          'Replace the double quotes around the string by single quotes.',
        ];
      case Char.hash:
        return [
          'bicep-character',
          'a # starts a directive, which stands alone on its line',
          'Write #disable-next-line and codes on a line of their own; a comment starts with //.',
        ];
      case Char.semicolon:
        return [
          'bicep-character',
          'Bicep does not use semicolons',
          'Put every declaration and every property on a line of its own.',
        ];
      case Char.backtick:
        return ['bicep-character', 'Bicep has no strings in backticks', "Use single quotes, or ''' for several lines."];
      case Char.dollar:
        return [
          'bicep-character',
          'a $ is used in strings only',
          "Write '${name}' to put a value into a string; outside of strings write the name alone.",
        ];
      case Char.and:
        return ['bicep-character', 'Bicep has no operator &', 'Write && to join two conditions.'];
      case 0x2018:
      case 0x2019:
      case 0x201c:
      case 0x201d:
      case 0x201e:
        return ['bicep-character', 'this is a typographic quotation mark', 'Replace it by a plain single quote.'];
      case 0xa0:
        return ['bicep-character', 'this is a non-breaking space', 'Replace it by a plain space.'];
    }
    if (c < 32 || c === 127 || (c >= 0x80 && c <= 0x9f) || c === 0xfeff || c === 0xfffd) {
      const hex = c.toString(16).toUpperCase().padStart(4, '0');
      return [
        'bicep-control-character',
        `the character U+${hex} is not allowed here`,
        'Remove it; is this a text file in UTF-8?',
      ];
    }
    return ['bicep-character', `Bicep has no use for ${this.found()} here`];
  }

  // -------------------------------------------------------------- recovery

  /**
   * After an error in the element that starts at token `from`, in a bracket that `closer` closes: goes on behind the
   * element. False: nothing to go on with here, because more than the element is given up.
   * `open`: offset of the bracket.
   */
  recover(from: number, closer: TokenKind, open?: number): boolean {
    if (this.abandoned !== 'no') return false;
    const at = this.#elementEnd(from, closer);
    // A string without its end has swallowed the closing bracket, if that was to stand on the same line.
    if (open !== undefined && this.lineLost && !this.quiet && this.tokens.kinds[at] === Token.newline) {
      if (!/[\r\n]/.test(this.text.slice(open, this.start))) return false;
    }
    this.resume(at);
    return true;
  }

  /**
   * The token that ends an element: the line break, comma or `closer` (`Token.end`: none, and no comma) after its brackets
   * are closed; if they never are, the first line break after the error.
   * It walks from the start of the element, so that nobody has to keep a list of open brackets while all is well.
   */
  #elementEnd(from: number, closer: TokenKind): number {
    const { kinds } = this.tokens;
    const error = this.index;
    const open: number[] = [];
    const awaited = new Uint32Array(Token.stop + 1);
    let fallback = -1;
    // What nests too deep has sound brackets, most likely.
    const reach = this.abandoned === 'deep' ? Number.POSITIVE_INFINITY : recoveryReach;
    // Of the many errors of a file that is not Bicep, none is worth a walk.
    for (let i = this.quiet ? error : from; ; i++) {
      const kind = kinds[i]!;
      const closing = closers[kind]!;
      if (closing !== 0) {
        open.push(closing);
        awaited[closing]!++;
        continue;
      }
      switch (kind) {
        case Token.end:
          return fallback < 0 ? i : fallback;
        case Token.newline:
          if (i < error) break;
          if (open.length === 0) return i;
          if (fallback < 0) fallback = i;
          if (this.quiet || i - fallback > reach || this.#declarationAt(i + 1)) return fallback;
          break;
        case Token.comma:
          if (i >= error && open.length === 0 && closer !== Token.end) return i;
          break;
        case Token.closeBrace:
        case Token.closeBracket:
        case Token.closeParen:
        case Token.greater:
        case Token.stringRight:
          if (awaited[kind]! > 0) {
            if (open.at(-1) === kind || i >= error || kind === Token.stringRight) {
              let last: number | undefined;
              do {
                last = open.pop()!;
                awaited[last]!--;
              } while (last !== kind);
            }
          } else if (i >= error && kind === closer && (open.length === 0 || kind !== Token.greater)) {
            return fallback < 0 ? i : fallback;
          }
      }
    }
  }

  /** A declaration starts at this token, at the left margin. */
  #declarationAt(index: number): boolean {
    const { kinds, starts, ends } = this.tokens;
    const start = starts[index]!;
    if (start > 0) {
      const c = this.text.charCodeAt(start - 1);
      if (c !== Char.lineFeed && c !== Char.carriageReturn) return false;
    }
    if (kinds[index] === Token.at) return true;
    if (kinds[index] !== Token.name) return false;
    const word = this.text.slice(start, Math.min(ends[index]!, start + 20));
    if (!allKeywords.has(word)) return false;
    switch (kinds[index + 1]) {
      case Token.name:
        return true;
      case Token.string:
        return word === 'using' || word === 'extends' || word === 'extension' || word === 'import';
      case Token.openBrace:
      case Token.star:
        return word === 'import';
      case Token.assign:
        return word === 'targetScope';
      default:
        return false;
    }
  }

  /** The elements of a bracket end here, whatever closes it: `decorated` if decorators may stand before one. */
  ends(decorated = false, resources = false): boolean {
    switch (this.kind) {
      case Token.end:
      case Token.stop:
        return true;
      case Token.at:
        return (!decorated || this.tokens.bracesLeftOpen) && this.#declarationAt(this.index);
      case Token.name:
        if (!this.#declarationAt(this.index)) return false;
        // Code without indentation: a resource in the body of another one, if the braces agree.
        return !(resources && this.isWord('resource') && !this.tokens.bracesLeftOpen);
      default:
        return false;
    }
  }

  /** A closing bracket; `open` is the offset of the opening one. */
  close(kind: TokenKind, open: number, expected: string): void {
    if (this.kind === kind) {
      this.advance();
      return;
    }
    if (this.failed) return;
    const bracket = this.text.charAt(open);
    const atEnd = this.kind === Token.end;
    if (atEnd || (this.kind !== Token.newline && this.#declarationAt(this.index))) {
      const next = this.span(this.start, this.end);
      this.fail('bicep-unclosed-bracket', `this ${bracket} is never closed`, open, open + 1, {
        help: atEnd ? 'Close it.' : 'Close it before the next declaration.',
        ...(atEnd ? {} : { related: [{ at: next, message: 'this looks like the next declaration' }] }),
      });
      this.abandoned = 'unclosed';
      return;
    }
    const related = [{ at: this.span(open, open + 1), message: `${bracket} is opened here` }];
    this.failUnexpected('bicep-missing-bracket', expected, { related });
  }

  /** One for a line: a text whose opening quote is missing is a row of words. */
  #reportSeparator(message: string, start: number, end: number, extras: ProblemExtras): void {
    const from = this.#separatorMissed;
    this.#separatorMissed = start;
    const near = from >= 0 && start - from < 1_000 && !/[\r\n]/.test(this.text.slice(from, start));
    if (!near) this.report('bicep-separator', message, start, end, extras);
  }

  /** What stands between two elements of an object or list: a line break or one comma. `told`: an error was. */
  separate(closer: TokenKind, told: boolean): void {
    if (this.kind === Token.newline) {
      this.advance();
    } else if (this.kind === Token.comma) {
      const { start, end } = this;
      this.advance();
      if (this.is(Token.newline)) {
        this.report('bicep-comma-newline', 'a comma cannot stand at the end of a line here', start, end, {
          help: 'Elements are separated by a comma on one line, or by a line break alone. Remove the comma.',
        });
        this.advance();
      }
    } else if (this.kind !== closer && !this.failed && !told && this.kind !== Token.end) {
      if (this.kind === Token.bad) return;
      this.#reportSeparator(`expected a line break or a comma before ${this.found()}`, this.start, this.end, {
        help: 'Put every element on a line of its own, or commas between elements on one line.',
      });
    }
  }

  /** Whether something stands behind an element on its line. */
  hasRest(closer: TokenKind): boolean {
    const { kind } = this;
    return !this.failed && kind !== Token.newline && kind !== Token.comma && kind !== closer && kind !== Token.end;
  }

  // ---------------------------------------------------------- declarations

  file(): BicepFile {
    const { comments, directives, unclosedComment } = this.tokens;
    const declarations: Declaration[] = [];
    for (;;) {
      this.skipNewline();
      if (this.is(Token.end)) break;
      const from = this.index;
      this.depth = 0;
      this.inHole = false;
      const decorators = this.decorators();
      const declaration = this.declaration(decorators, keywords[this.language]);
      if (declaration) declarations.push(declaration);
      if (this.is(Token.newline) || this.is(Token.end)) continue;
      this.failUnexpected('bicep-missing-newline', 'expected the end of the line after the declaration', {
        help: 'Put every declaration on a line of its own, and check the quotes, brackets and operators before this place.',
      });
      const at = this.abandoned === 'unclosed' ? this.index : this.#elementEnd(from, Token.end);
      this.resume(at);
    }
    if (unclosedComment !== undefined)
      this.report('bicep-unclosed-comment', 'this comment is never closed', unclosedComment, unclosedComment + 2, {
        help: 'End it with */.',
      });
    for (const { name, codes, start, end } of directives) {
      if (codes.length === 0)
        this.report('bicep-directive', `#${name} names no code`, start, end, {
          severity: 'warning',
          help: `Write the codes it is about on the same line: #${name} no-unused-params.`,
        });
    }
    return { language: this.language, declarations, comments, directives };
  }

  decorators(): Decorator[] {
    if (this.kind !== Token.at) return [];
    const decorators: Decorator[] = [];
    while (this.is(Token.at)) {
      const from = this.index;
      const { start, source } = this;
      this.advance();
      if (this.is(Token.name)) {
        const { start: nameStart } = this;
        const expression = this.accesses(this.named(), nameStart);
        decorators.push({ expression, source, start, end: this.before });
      } else this.failUnexpected('bicep-decorator', 'expected the name of a decorator after @');
      if (!this.failed && !this.is(Token.newline) && !this.is(Token.end))
        this.failUnexpected('bicep-decorator', 'expected the end of the line after the decorator', {
          help: 'A decorator stands on a line of its own, before what it decorates.',
        });
      if (this.failed && !this.recover(from, Token.end)) break;
      this.skipNewline();
    }
    return decorators;
  }

  /** The rest of every declaration: its place and decorators. `start` is that of its keyword. */
  #declared(start: number, decorators: readonly Decorator[]) {
    const { source, failed } = this;
    return { decorators, ...(failed ? { incomplete: true } : {}), source, start, end: Math.max(start, this.before) };
  }

  declaration(decorators: readonly Decorator[], allowed: ReadonlySet<string>): Declaration | undefined {
    const { start, end } = this;
    const word = this.is(Token.name) && end - start < 20 ? this.word() : '';
    if (!allowed.has(word)) {
      if (!allKeywords.has(word) || allowed.size === 1) {
        this.#noDeclaration(decorators, allowed);
        return undefined;
      }
      const where = this.language === 'bicep' ? 'a parameter file (.bicepparam)' : 'a Bicep file (.bicep)';
      this.report('bicep-declaration', `${word} belongs into ${where}`, start, end);
    }
    switch (word) {
      case 'param':
        return this.parameter(decorators);
      case 'var':
        return this.variable(decorators);
      case 'resource':
        return this.resource(decorators);
      case 'module':
        return this.module(decorators);
      case 'output':
        return this.output(decorators);
      case 'type': {
        this.advance();
        const name = this.identifier('the name of the type');
        this.assign(name.name);
        const type = this.typeOrBroken();
        return this.#named({ kind: 'type', name, type, ...this.#declared(start, decorators) });
      }
      case 'func':
        return this.func(decorators);
      case 'targetScope': {
        this.advance();
        this.assign(word);
        const value = this.value();
        return { kind: 'targetScope', value, ...this.#declared(start, decorators) };
      }
      case 'metadata':
      case 'assert': {
        this.advance();
        const name = this.identifier(`a name after ${word}`);
        this.assign(name.name);
        const value = this.value();
        return this.#named({ kind: word, name, value, ...this.#declared(start, decorators) });
      }
      case 'test': {
        this.advance();
        const name = this.identifier('the name of the test');
        const path = this.quotedText('the path of the file to test, in quotes');
        this.assign(name.name);
        const value = this.value();
        return this.#named({ kind: 'test', name, path, value, ...this.#declared(start, decorators) });
      }
      case 'import':
        return this.next() === Token.string || this.next() === Token.stringLeft
          ? this.extension(decorators)
          : this.import(decorators);
      case 'extension':
        return this.extension(decorators);
      case 'using': {
        this.advance();
        const none = this.isWord('none');
        if (none) this.advance();
        const path = none ? undefined : this.quotedText('the path of a Bicep file in quotes, or none');
        const config = this.withClause();
        return {
          kind: 'using',
          ...(path ? { path } : {}),
          ...(config ? { with: config } : {}),
          ...this.#declared(start, decorators),
        };
      }
      case 'extends': {
        this.advance();
        const path = this.quotedText('the path of a parameter file in quotes');
        return { kind: 'extends', path, ...this.#declared(start, decorators) };
      }
      default: {
        this.advance();
        const name = this.identifier('the alias of an extension');
        const config = this.withClause();
        if (!config) this.failUnexpected('bicep-extension', 'expected with and an object');
        const value = config ?? this.broken(this.start, this.start);
        return this.#named({ kind: 'extensionConfig', name, with: value, ...this.#declared(start, decorators) });
      }
    }
  }

  /** A declaration whose name could not be read is none. */
  #named<D extends Declaration & { readonly name: Identifier }>(declaration: D): D | undefined {
    return declaration.name.name === '' && declaration.incomplete ? undefined : declaration;
  }

  #noDeclaration(decorators: readonly Decorator[], allowed: ReadonlySet<string>): void {
    const last = decorators.at(-1);
    if (last && !this.is(Token.bad)) {
      const what = allowed.size === 1 ? 'a resource' : 'a declaration';
      this.fail('bicep-missing-declaration', `expected ${what} after this decorator`, last.start, last.end, {
        help: `A decorator stands before what it describes; found ${this.found()}.`,
      });
      return;
    }
    const help = this.quiet ? '' : `A declaration starts with one of ${[...allowed].sort().join(', ')}.`;
    this.failUnexpected('bicep-declaration', 'expected a declaration', { help });
  }

  identifier(expected: string): Identifier {
    const { start, end, source } = this;
    if (!this.is(Token.name)) {
      this.failUnexpected('bicep-name', `expected ${expected}`);
      return { name: '', source, start, end: start };
    }
    const name = this.word();
    if (name.length > longestName)
      this.report(
        'bicep-name',
        `this name has ${name.length} characters, and Bicep accepts ${longestName}`,
        start,
        end,
      );
    this.advance();
    return { name, source, start, end };
  }

  assign(name: string): void {
    if (this.is(Token.assign)) {
      this.advance();
      return;
    }
    const expected = name === '' ? 'expected = and a value' : `expected = and a value for ${name}`;
    if (this.is(Token.openBrace))
      this.report('bicep-assignment', `${expected}, found {`, this.start, this.end, { help: 'Write = before the {.' });
    else
      this.failUnexpected('bicep-assignment', expected, {
        ...(this.is(Token.colon) ? { help: 'Only the properties of an object are set with a colon.' } : {}),
      });
  }

  /** What was read of a broken value would pass for the whole of it. */
  value(): Expression {
    const { start } = this;
    if (this.is(Token.newline) || this.is(Token.end)) {
      this.fail('bicep-missing-value', 'the value is missing', this.before, this.before, {
        help: 'It must start on this line.',
      });
      return this.broken(this.before, this.before);
    }
    const value = this.expression();
    return this.failed ? this.broken(start, this.before) : value;
  }

  /** A string where nothing else can stand. */
  quotedText(expected: string): Expression {
    const { start, end } = this;
    if (this.is(Token.assign)) {
      this.report('bicep-text', `expected ${expected}, found =`, start, end);
      return this.broken(start, start);
    }
    if (!this.atString()) {
      this.failUnexpected('bicep-text', `expected ${expected}`);
      return this.broken(start, start);
    }
    const value = this.string();
    return this.failed ? this.broken(start, this.before) : value;
  }

  parameter(decorators: readonly Decorator[]): Node<'parameter'> | undefined {
    const { start } = this;
    this.advance();
    const name = this.identifier('the name of the parameter');
    let type: Type | undefined;
    let value: Expression | undefined;
    if (this.language === 'bicep') {
      if (!this.failed && this.#typeIsMissing()) {
        const { start: at } = this;
        this.report('bicep-type', `the parameter ${name.name} has no type`, name.start, name.end, {
          help: `Write one after its name: param ${name.name} string.`,
        });
        type = this.broken(at, at);
      } else type = this.typeOrBroken();
    }
    if (this.language === 'bicepparam' || this.is(Token.assign)) {
      this.assign(name.name);
      value = this.value();
    } else if (!this.failed && !this.is(Token.newline) && !this.is(Token.end))
      this.failUnexpected('bicep-missing-newline', 'expected = and a default, or the end of the line', {
        help: 'Allowed values and lengths are written as decorators before the parameter: @allowed([...]).',
      });
    return this.#named({
      kind: 'parameter',
      name,
      ...(type ? { type } : {}),
      ...(value ? { value } : {}),
      ...this.#declared(start, decorators),
    });
  }

  /** The name is followed by the value or the end of its line, which `|` on the next one does not make an end. */
  #typeIsMissing(): boolean {
    return this.kind === Token.newline
      ? this.next() !== Token.pipe
      : this.kind === Token.assign || this.kind === Token.end;
  }

  variable(decorators: readonly Decorator[]): Node<'variable'> | undefined {
    const { start } = this;
    this.advance();
    const name = this.identifier('the name of the variable');
    const type = this.#typeIsMissing() ? undefined : this.typeOrBroken();
    this.assign(name.name);
    const value = this.value();
    return this.#named({
      kind: 'variable',
      name,
      ...(type ? { type } : {}),
      value,
      ...this.#declared(start, decorators),
    });
  }

  output(decorators: readonly Decorator[]): Node<'output'> | undefined {
    const { start } = this;
    this.advance();
    const name = this.identifier('the name of the output');
    let type: Type;
    if (this.is(Token.assign)) {
      this.report('bicep-type', `the output ${name.name} has no type`, name.start, name.end, {
        help: `Write one after its name: output ${name.name} string = ...`,
      });
      type = this.broken(this.start, this.start);
    } else type = this.typeOrBroken();
    this.assign(name.name);
    const value = this.value();
    return this.#named({ kind: 'output', name, type, value, ...this.#declared(start, decorators) });
  }

  func(decorators: readonly Decorator[]): Node<'function'> | undefined {
    const { start, source } = this;
    this.advance();
    const name = this.identifier('the name of the function');
    const open = this.start;
    const parameters: FunctionParameter[] = [];
    if (this.is(Token.openParen)) this.advance();
    else this.failUnexpected('bicep-function', `expected ( and the parameters of ${name.name}`);
    this.skipNewline();
    while (!this.is(Token.closeParen) && !this.ends()) {
      const parameter = this.identifier('the name of a parameter');
      const type = this.typeOrBroken();
      parameters.push({ name: parameter, type, source, start: parameter.start, end: this.before });
      this.skipNewline();
      if (!this.is(Token.comma)) break;
      this.advance();
      this.skipNewline();
    }
    this.close(Token.closeParen, open, 'expected , or ) after the parameter');
    const result = this.typeOrBroken();
    let body: Expression;
    if (this.is(Token.arrow)) body = this.arrowBody();
    else {
      this.failUnexpected('bicep-function', 'expected => and the value of the function');
      body = this.broken(this.start, this.start);
    }
    if (this.failed) body = this.broken(body.start, this.before);
    return this.#named({ kind: 'function', name, parameters, result, body, ...this.#declared(start, decorators) });
  }

  import(decorators: readonly Decorator[]): Node<'import'> {
    const { start } = this;
    this.advance();
    const symbols: ImportedSymbol[] = [];
    let all: Identifier | undefined;
    if (this.is(Token.star)) {
      this.advance();
      if (this.isWord('as')) this.advance();
      else this.failUnexpected('bicep-import', 'expected as and a name after *');
      all = this.identifier('a name for what is imported');
    } else if (this.is(Token.openBrace)) this.importedSymbols(symbols);
    else this.failUnexpected('bicep-import', 'expected { and the names to import, or * as name');
    if (this.isWord('from')) this.advance();
    else this.failUnexpected('bicep-import', 'expected from and a path');
    const path = this.quotedText('the path of a file or module in quotes');
    return { kind: 'import', symbols, ...(all ? { all } : {}), path, ...this.#declared(start, decorators) };
  }

  importedSymbols(symbols: ImportedSymbol[]): void {
    const { source } = this;
    const open = this.start;
    this.advance();
    this.skipNewline();
    while (!this.is(Token.closeBrace) && !this.ends()) {
      const from = this.index;
      const { start } = this;
      let name: Identifier | undefined;
      let exported = '';
      if (this.is(Token.string)) {
        const text = this.string();
        if (text.kind === 'literal') exported = String(text.value);
        if (!this.isWord('as')) this.failUnexpected('bicep-import', 'expected as and a name after a name in quotes');
      } else {
        name = this.identifier('a name to import');
        exported = name.name;
      }
      if (this.isWord('as')) {
        this.advance();
        name = this.identifier('a name after as');
      }
      if (!this.failed && name) symbols.push({ exported, name, source, start, end: this.before });
      const told = this.failed;
      if (told && !this.recover(from, Token.closeBrace)) break;
      this.separate(Token.closeBrace, told);
    }
    this.close(Token.closeBrace, open, 'expected } after the names');
  }

  extension(decorators: readonly Decorator[]): Node<'extension'> {
    const { start, source } = this;
    this.advance();
    let specification: Expression;
    if (this.is(Token.name)) {
      specification = { kind: 'name', name: this.word(), source, start: this.start, end: this.end };
      this.advance();
    } else specification = this.quotedText('the name of an extension, or its reference in quotes');
    const config = this.withClause();
    let alias: Identifier | undefined;
    if (this.isWord('as')) {
      this.advance();
      alias = this.identifier('a name after as');
    }
    return {
      kind: 'extension',
      specification,
      ...(config ? { with: config } : {}),
      ...(alias ? { alias } : {}),
      ...this.#declared(start, decorators),
    };
  }

  withClause(): Expression | undefined {
    if (!this.isWord('with')) return undefined;
    this.advance();
    const { start } = this;
    if (!this.is(Token.openBrace)) {
      this.failUnexpected('bicep-extension', 'expected an object after with');
      return this.broken(start, start);
    }
    const config = this.object();
    return this.failed ? this.broken(start, this.before) : config;
  }

  // --------------------------------------------------- resources, modules

  resource(decorators: readonly Decorator[]): Node<'resource'> | undefined {
    const { start } = this;
    this.advance();
    const name = this.#symbol('resource');
    const type = this.quotedText("the type and version of the resource, like 'Microsoft.X/y@2024-01-01'");
    const existing = this.isWord('existing');
    if (existing) this.advance();
    const resources: Resource[] = [];
    this.assign(name.name);
    const { loop, condition, body } = this.surrounded(resources);
    return this.#named({
      kind: 'resource',
      name,
      type,
      existing,
      ...(loop ? { loop } : {}),
      ...(condition ? { condition } : {}),
      body,
      resources,
      ...this.#declared(start, decorators),
    });
  }

  module(decorators: readonly Decorator[]): Node<'module'> | undefined {
    const { start } = this;
    this.advance();
    const name = this.#symbol('module');
    const path = this.quotedText('the path or reference of the module in quotes');
    this.assign(name.name);
    const { loop, condition, body } = this.surrounded(undefined);
    return this.#named({
      kind: 'module',
      name,
      path,
      ...(loop ? { loop } : {}),
      ...(condition ? { condition } : {}),
      body,
      ...this.#declared(start, decorators),
    });
  }

  /** A symbolic name; the rest can be read without it. */
  #symbol(what: string): Identifier {
    const { start, source } = this;
    if (this.atString()) {
      this.report('bicep-name', `expected a name after ${what}, found a string`, start, this.end, {
        help: `Other places of the file refer to the ${what} by that name; any will do.`,
      });
      return { name: '', source, start, end: start };
    }
    return this.identifier(`a name for the ${what}`);
  }

  /** `{...}`, `if (...) {...}` or a loop over one of them. `resources`: takes the resources that are declared inside. */
  surrounded(resources: Resource[] | undefined): Surrounded {
    if (this.is(Token.newline) && this.isWord('if', this.index + 1)) this.advance();
    const { start } = this;
    if (this.is(Token.openBracket)) return this.loop(resources);
    if (this.isWord('if')) return this.conditional(resources, Token.end);
    if (this.is(Token.openBrace)) return { body: this.object(resources) };
    this.failUnexpected('bicep-body', 'expected a body: {, if (...) { or [for ...', {
      help: 'The body must start on the line of the equals sign.',
    });
    return { body: this.broken(start, start) };
  }

  loop(resources: Resource[] | undefined): Surrounded {
    const { start, source } = this;
    this.advance();
    this.skipNewline();
    if (!this.isWord('for')) {
      this.failUnexpected('bicep-body', 'expected for after [', {
        help: 'A body is one object; a loop is written [for item in list: {...}].',
      });
      return { body: this.broken(start, start) };
    }
    const { itemName, indexName, of } = this.forHead();
    let inner: Surrounded;
    if (this.isWord('if')) inner = this.conditional(resources, Token.closeBracket);
    else if (this.is(Token.openBrace)) inner = { body: this.object(resources) };
    else {
      const at = this.start;
      this.failUnexpected('bicep-body', 'expected { or if (...) { in the loop');
      inner = { body: this.broken(at, at) };
    }
    this.skipNewline();
    this.close(Token.closeBracket, start, 'expected ] after the body of the loop');
    const loop = { itemName, ...(indexName === undefined ? {} : { indexName }), of, source, start, end: this.before };
    return { ...inner, loop };
  }

  /** After `if`: the condition and the body. An error in the condition does not hide the body. */
  conditional(resources: Resource[] | undefined, closer: TokenKind): Surrounded {
    this.advance();
    const { start } = this;
    let condition: Expression;
    if (this.is(Token.openParen)) condition = this.parenthesised();
    else {
      this.failUnexpected('bicep-condition', 'expected ( and a condition after if');
      condition = this.broken(start, start);
    }
    if (!this.failed && !this.is(Token.openBrace))
      this.failUnexpected('bicep-body', 'expected { after the condition', {
        help: 'The body must start on the line where the condition ends.',
      });
    if (this.failed) {
      condition = this.broken(start, this.before);
      const { kinds } = this.tokens;
      let i = this.index;
      while (
        kinds[i] !== Token.openBrace &&
        kinds[i] !== Token.newline &&
        kinds[i] !== Token.end &&
        kinds[i] !== closer
      )
        i++;
      if (this.abandoned !== 'no' || kinds[i] !== Token.openBrace)
        return { condition, body: this.broken(this.before, this.before) };
      this.resume(i);
    }
    return { condition, body: this.object(resources) };
  }

  // ----------------------------------------------------------- expressions

  /** One more level above a tree of the given height. */
  grow(height: number, start: number): void {
    this.height = height + 1;
    if (this.height > limits.nesting) this.tooDeep(start);
  }

  expression(): Expression {
    const { start } = this;
    if (++this.depth > limits.nesting) this.tooDeep(start);
    let value = this.binary(1);
    if (this.passesNewlineTo(Token.question)) {
      let { height } = this;
      this.advance();
      const then = this.expression();
      height = Math.max(height, this.height);
      if (this.passesNewlineTo(Token.colon)) this.advance();
      else
        this.failUnexpected('bicep-conditional', 'expected : and the value for the other case', {
          help: 'A conditional is written CONDITION ? VALUE : OTHER; a line may break before ? and : only.',
        });
      const otherwise = this.expression();
      height = Math.max(height, this.height);
      value = { kind: 'conditional', condition: value, then, otherwise, source: this.source, start, end: this.before };
      this.grow(height, start);
    }
    this.depth--;
    return value;
  }

  /** Operators of at least the given level. */
  binary(least: number): Expression {
    const { start, source } = this;
    let left = this.unary();
    let level = levels[this.kind]!;
    while (level >= least) {
      const { kind } = this;
      let { height } = this;
      const operands = [left];
      // Comparisons of comparisons stay pairs: their result is of another type than their operands.
      const flat = level !== 4 && level !== 5;
      do {
        this.advance();
        operands.push(this.binary(level + 1));
        height = Math.max(height, this.height);
      } while (flat && this.kind === kind);
      left = { kind: 'operation', operator: spellings[kind]!, operands, source, start, end: this.before };
      this.grow(height, start);
      level = levels[this.kind]!;
    }
    return left;
  }

  unary(): Expression {
    const { start, source } = this;
    if (this.kind !== Token.minus && this.kind !== Token.not) return this.accesses(this.primary(), start);
    const operator = this.word();
    if (++this.depth > limits.nesting) this.tooDeep(start);
    this.advance();
    if (this.is(Token.minus) || this.is(Token.not))
      this.report('bicep-unary', `${operator} and ${this.word()} cannot follow each other`, start, this.end, {
        help: `Write the inner one in parentheses: ${operator}(${this.word()}x).`,
      });
    const operand = this.unary();
    this.depth--;
    this.grow(this.height, start);
    return { kind: 'operation', operator, operands: [operand], source, start, end: this.before };
  }

  primary(): Expression {
    const { start, end, source } = this;
    this.height = 1;
    switch (this.kind) {
      case Token.name:
        return this.named();
      case Token.string:
      case Token.stringLeft:
        return this.string();
      case Token.number:
        return this.number();
      case Token.trueWord:
      case Token.falseWord: {
        const value = this.kind === Token.trueWord;
        this.advance();
        return { kind: 'literal', value, source, start, end };
      }
      case Token.nullWord:
        this.advance();
        return { kind: 'literal', value: null, source, start, end };
      case Token.openBrace:
        this.#complex('an object');
        return this.object();
      case Token.openBracket:
        this.#complex('a list');
        return this.list();
      case Token.openParen:
        return this.parenthesised();
      default:
        this.#failExpression();
        return this.broken(start, start);
    }
  }

  #failExpression(): void {
    if (this.kind === Token.plus)
      this.failUnexpected('bicep-expression', 'expected a value', { help: 'A number has no plus sign before it.' });
    else if (this.kind === Token.newline)
      this.failUnexpected('bicep-expression', 'expected a value', {
        help: 'A line cannot break before or after an operator.',
      });
    else this.failUnexpected('bicep-expression', 'expected a value');
  }

  #complex(what: string): void {
    if (this.inHole)
      this.report('bicep-hole', `${what} cannot be written inside of a string`, this.start, this.end, {
        help: 'Give it a name with var, and use that name in the string.',
      });
  }

  number(): Literal {
    const { start, end, source } = this;
    const text = this.word();
    this.advance();
    const value = Number(text);
    if (text.length > 15) {
      if (text.length > 1_000 || BigInt(text) > largestInteger)
        this.report('bicep-number', 'this number is too large', start, end, {
          help: `The largest is ${largestInteger}.`,
        });
      else if (!Number.isSafeInteger(value)) return { kind: 'literal', value, digits: text, source, start, end };
    }
    if (this.is(Token.dot) && this.next() === Token.number)
      this.fail('bicep-number', 'Bicep has whole numbers only', start, this.tokens.ends[this.index + 1]!, {
        help: `Write json('${text}.${this.#nextWord()}') for a number with a fraction.`,
      });
    return { kind: 'literal', value, source, start, end };
  }

  #nextWord(): string {
    const at = this.index + 1;
    return this.text.slice(this.tokens.starts[at]!, Math.min(this.tokens.ends[at]!, this.tokens.starts[at]! + 20));
  }

  /** Variable, call or lambda. */
  named(): Expression {
    const { start, end, source } = this;
    const name = this.word();
    this.height = 1;
    this.advance();
    if (this.kind === Token.openParen) {
      const args = this.args(Token.closeParen, this.expression);
      this.grow(this.height, start);
      return { kind: 'call', name, nameSpan: this.span(start, end), args, source, start, end: this.before };
    }
    if (this.kind === Token.arrow) return this.lambda([name], start);
    return { kind: 'name', name, source, start, end };
  }

  /** `(value)` or `(a, b) => body`. */
  parenthesised(): Expression {
    const { start } = this;
    const open = this.start;
    if (++this.depth > limits.nesting) this.tooDeep(start);
    this.advance();
    this.skipNewline();
    const items: Expression[] = [];
    while (!this.is(Token.closeParen) && !this.ends()) {
      items.push(this.expression());
      this.skipNewline();
      if (!this.is(Token.comma)) break;
      this.advance();
      this.skipNewline();
    }
    const { height } = this;
    this.close(Token.closeParen, open, 'expected ) after the expression');
    this.depth--;
    if (this.kind === Token.arrow) {
      const names: string[] = [];
      for (const item of items) {
        if (item.kind === 'name') names.push(item.name);
        else
          this.report('bicep-lambda', 'the parameters of a lambda are names', item.start, item.end, {
            help: 'Write (a, b) => value.',
          });
      }
      return this.lambda(names, start);
    }
    if (items.length === 1) {
      this.height = height;
      return items[0]!;
    }
    this.report('bicep-parentheses', 'parentheses hold exactly one value', start, this.before, {
      help: 'A list is written in square brackets.',
    });
    return this.broken(start, this.before);
  }

  lambda(parameters: readonly string[], start: number): Lambda {
    const body = this.arrowBody();
    this.grow(this.height, start);
    return { kind: 'lambda', parameters, body, source: this.source, start, end: this.before };
  }

  /** The value after `=>`, which may stand on the next line. */
  arrowBody(): Expression {
    this.advance();
    if (this.is(Token.newline) && !this.#declarationAt(this.index + 1)) this.advance();
    const { inHole } = this;
    this.inHole = false;
    const body = this.expression();
    this.inHole = inHole;
    return body;
  }

  /** Arguments from the opening bracket at hand: line breaks may stand after it, after commas and before the closing one. */
  args<Arg extends { readonly kind: string }>(closer: TokenKind, read: (this: this) => Arg): (Arg | Broken)[] {
    const open = this.start;
    this.advance();
    this.skipNewline();
    const args: (Arg | Broken)[] = [];
    let height = 0;
    while (!this.is(closer) && !this.ends()) {
      const from = this.index;
      const { start, depth, inHole } = this;
      const arg = read.call(this);
      height = Math.max(height, this.height);
      const told = this.failed;
      args.push(told ? this.broken(start, this.before) : arg);
      if (told) {
        if (!this.recover(from, closer, open)) break;
        this.depth = depth;
        this.inHole = inHole;
      }
      this.#separateArgs(closer, told);
    }
    this.close(closer, open, `expected , or ${closer === Token.closeParen ? ')' : '>'} after the argument`);
    this.height = height;
    return args;
  }

  #separateArgs(closer: TokenKind, told: boolean): void {
    if (this.is(Token.comma)) {
      const { start, end } = this;
      this.advance();
      this.skipNewline();
      if (this.is(closer))
        this.report('bicep-trailing-comma', 'no argument follows this comma', start, end, { help: 'Remove it.' });
    } else if (this.is(Token.newline)) {
      const { start } = this;
      this.advance();
      if (!this.is(closer) && !this.ends() && !told)
        this.#reportSeparator('expected a comma before the next argument', start, start, {
          help: 'Arguments are separated by commas, also on lines of their own.',
        });
    } else if (!this.is(closer) && !this.failed && !told && !this.is(Token.end) && !this.is(Token.bad))
      this.#reportSeparator(`expected a comma before ${this.found()}`, this.start, this.end, {
        help: 'Arguments are separated by commas.',
      });
  }

  /** What follows a term: `.name`, `.?name`, `.name(...)`, `[key]`, `[?key]`, `[^key]`, `::name`, `!`. */
  accesses(term: Expression, start: number): Expression {
    let of = term;
    const { source } = this;
    for (;;) {
      const { height } = this;
      switch (this.kind) {
        case Token.dot: {
          this.advance();
          const safe = this.is(Token.question);
          if (safe) this.advance();
          const { start: from, end: to } = this;
          const name = this.#member('a property or function after the dot');
          if (this.failed) return of;
          if (this.is(Token.openParen)) {
            if (safe)
              this.report('bicep-safe-call', 'a function cannot be called with .?', from, to, {
                help: 'Write a single dot.',
              });
            const args = this.args(Token.closeParen, this.expression);
            const nameSpan = this.span(from, to);
            of =
              of.kind === 'name' && this.#isNamespace(of.name)
                ? {
                    kind: 'call',
                    name: `${of.name}.${name}`,
                    nameSpan: this.span(of.start, to),
                    args,
                    source,
                    start,
                    end: this.before,
                  }
                : { kind: 'call', name, nameSpan, of, args, source, start, end: this.before };
            this.grow(Math.max(height, this.height), start);
          } else {
            const key: Literal = { kind: 'literal', value: name, source, start: from, end: to };
            of = { kind: 'access', of, key, ...(safe ? { safe } : {}), source, start, end: to };
            this.grow(height, start);
          }
          break;
        }
        case Token.openBracket:
          of = this.indexed(of, start, height);
          break;
        case Token.doubleColon: {
          this.advance();
          const { start: from, end: to } = this;
          const name = this.#member('the name of a nested resource after ::');
          if (this.failed) return of;
          const key: Literal = { kind: 'literal', value: name, source, start: from, end: to };
          of = { kind: 'access', of, key, nested: true, source, start, end: to };
          this.grow(height, start);
          break;
        }
        case Token.not:
          this.advance();
          of = { kind: 'operation', operator: 'assert', operands: [of], source, start, end: this.before };
          this.grow(height, start);
          break;
        default:
          return of;
      }
      if (this.failed) return of;
    }
  }

  #member(expected: string): string {
    if (!this.is(Token.name)) {
      this.failUnexpected('bicep-property', `expected ${expected}`);
      return '';
    }
    const name = this.word();
    this.advance();
    return name;
  }

  indexed(of: Expression, start: number, height: number): Expression {
    const open = this.start;
    this.advance();
    const safe = this.is(Token.question);
    if (safe) this.advance();
    const fromEnd = this.is(Token.hat);
    if (fromEnd) this.advance();
    if (this.is(Token.closeBracket))
      this.fail('bicep-index', 'the index is missing', open, this.end, { help: "Write [0] or ['name']." });
    const key = this.expression();
    const top = Math.max(height, this.height);
    this.close(Token.closeBracket, open, 'expected ] after the index');
    this.grow(top, start);
    const marks = { ...(safe ? { safe } : {}), ...(fromEnd ? { fromEnd } : {}) };
    return { kind: 'access', of, key, ...marks, source: this.source, start, end: this.before };
  }

  /** `sys` and `az` hold the built-in functions, unless the file declares something else by that name. */
  #isNamespace(name: string): boolean {
    if (name !== 'sys' && name !== 'az') return false;
    if (!this.#namespaces) {
      const free = new Set(['sys', 'az']);
      const { count } = this.tokens;
      for (let i = 1; i < count; i++) {
        for (const candidate of free) {
          if (!this.isWord(candidate, i)) continue;
          const declares = ['param', 'var', 'resource', 'module', 'as'].some((word) => this.isWord(word, i - 1));
          if (declares) free.delete(candidate);
        }
      }
      this.#namespaces = free;
    }
    return this.#namespaces.has(name);
  }

  list(): Expression {
    const { start, source } = this;
    const open = this.start;
    this.advance();
    if (this.isWord('for') || (this.is(Token.newline) && this.isWord('for', this.index + 1)))
      return this.forExpression(start);
    this.skipNewline();
    const items: ListItem[] = [];
    let height = 0;
    while (!this.is(Token.closeBracket) && !this.ends()) {
      const from = this.index;
      const { depth, inHole, start: itemStart } = this;
      const spread = this.is(Token.ellipsis);
      if (spread) this.advance();
      let value = this.expression();
      height = Math.max(height, this.height);
      const told = this.failed;
      if (told || this.hasRest(Token.closeBracket)) value = this.broken(itemStart, this.before);
      items.push(spread ? { value, spread } : { value });
      if (told) {
        if (!this.recover(from, Token.closeBracket, open)) break;
        this.depth = depth;
        this.inHole = inHole;
      }
      this.separate(Token.closeBracket, told);
    }
    this.close(Token.closeBracket, open, 'expected ] after the items');
    this.grow(height, start);
    return { kind: 'list', items, source, start, end: this.before };
  }

  /** After `[`: a loop that gives a list. */
  forExpression(start: number): Expression {
    this.skipNewline();
    const { itemName, indexName, of } = this.forHead();
    let { height } = this;
    const value = this.expression();
    height = Math.max(height, this.height);
    this.skipNewline();
    this.close(Token.closeBracket, start, 'expected ] after the value of the loop');
    this.grow(height, start);
    const index = indexName === undefined ? {} : { keyName: indexName };
    return { kind: 'for', ...index, valueName: itemName, of, value, source: this.source, start, end: this.before };
  }

  /** `for item in list:` or `for (item, index) in list:`, with `for` at hand. */
  forHead(): { itemName: string; indexName?: string; of: Expression } {
    this.advance();
    let itemName = '';
    let indexName: string | undefined;
    if (this.is(Token.openParen)) {
      const open = this.start;
      this.advance();
      itemName = this.identifier('a name for the item').name;
      if (this.is(Token.comma)) this.advance();
      else this.failUnexpected('bicep-for', 'expected a comma and a name for the index');
      indexName = this.identifier('a name for the index').name;
      this.close(Token.closeParen, open, 'expected ) after the two names');
    } else itemName = this.identifier('a name for the item, or (item, index)').name;
    if (this.isWord('in')) this.advance();
    else this.failUnexpected('bicep-for', 'expected in and a list');
    const { inHole } = this;
    this.inHole = false;
    const of = this.expression();
    this.inHole = inHole;
    if (this.is(Token.colon)) this.advance();
    else this.failUnexpected('bicep-for', 'expected : and the value for every item');
    return { itemName, ...(indexName === undefined ? {} : { indexName }), of };
  }

  /** `resources`: the body of a resource, which may declare others; they go there. */
  object(resources?: Resource[]): ObjectText {
    const { start, source } = this;
    const open = this.start;
    if (++this.depth > limits.nesting) this.tooDeep(start);
    this.advance();
    this.skipNewline();
    const entries: ObjectEntry[] = [];
    const nesting = resources !== undefined;
    let height = 0;
    while (!this.is(Token.closeBrace) && !this.ends(nesting, nesting)) {
      const from = this.index;
      const { depth, inHole } = this;
      if (nesting && (this.is(Token.at) || (this.next() === Token.name && this.isWord('resource')))) {
        const nested = this.declaration(this.decorators(), nestedKeywords);
        if (nested?.kind === 'resource') resources.push(nested);
      } else {
        const before = entries.length;
        this.property(entries);
        height = Math.max(height, this.height);
        const last = entries.at(-1);
        // What follows on its line belongs to the value, whatever was meant.
        if (last && entries.length > before && this.hasRest(Token.closeBrace))
          entries[entries.length - 1] = { ...last, value: this.broken(last.value.start, last.value.end) };
      }
      const told = this.failed;
      if (told) {
        if (!this.recover(from, Token.closeBrace, open)) break;
        this.depth = depth;
        this.inHole = inHole;
      }
      this.separate(Token.closeBrace, told);
    }
    this.close(Token.closeBrace, open, 'expected } after the properties');
    this.depth--;
    this.grow(height, start);
    return { kind: 'object', entries, source, start, end: this.before };
  }

  property(entries: ObjectEntry[]): void {
    const { start, end, source } = this;
    this.height = 1;
    if (this.kind === Token.ellipsis) {
      this.advance();
      const value = this.expression();
      entries.push({ value: this.failed ? this.broken(start, this.before) : value });
      return;
    }
    const key = this.propertyKey();
    if (!key) return;
    const { height } = this;
    if (this.is(Token.colon)) this.advance();
    else if (this.is(Token.assign))
      this.failUnexpected('bicep-property', 'a property is set with a colon', { help: 'Replace = by a colon.' });
    else
      this.failUnexpected(
        'bicep-property',
        `expected : and a value after ${this.text.slice(start, Math.min(end, start + 40))}`,
      );
    const from = this.start;
    let value: Expression;
    if (this.is(Token.newline) || this.is(Token.closeBrace)) {
      this.report('bicep-missing-value', 'this property has no value', key.start, key.end, {
        help: 'The value must start on the line of its name.',
      });
      value = { kind: 'broken', source, start: this.before, end: this.before };
    } else {
      value = this.expression();
      if (this.failed) value = this.broken(Math.min(from, this.before), this.before);
    }
    this.height = Math.max(height, this.height);
    entries.push({ key, value });
  }

  /** A bare name or a string. */
  propertyKey(): Expression | undefined {
    const { start, end, source } = this;
    if (this.kind === Token.name) {
      const value = this.word();
      this.advance();
      return { kind: 'literal', value, source, start, end };
    }
    if (this.atString()) {
      const key = this.string();
      return this.failed ? undefined : key;
    }
    const quotable =
      this.kind === Token.number ||
      this.kind === Token.trueWord ||
      this.kind === Token.falseWord ||
      this.kind === Token.nullWord;
    this.failUnexpected('bicep-property', 'expected the name of a property', {
      ...(quotable ? { help: `Write it in quotes: '${this.word()}'.` } : {}),
    });
    return undefined;
  }

  // ---------------------------------------------------------------- strings

  /** A string with all of its pieces and holes. */
  string(): Expression {
    const { start, source, text } = this;
    this.height = 1;
    let dollars = 0;
    while (text.charCodeAt(start + dollars) === Char.dollar) dollars++;
    const many = text.startsWith("'''", start + dollars);
    const opening = many ? dollars + 3 : 1;
    if (this.kind === Token.string) {
      const value = this.#piece(opening, many, dollars);
      const { end } = this;
      this.advance();
      return { kind: 'literal', value, source, start, end };
    }
    const parts: (string | Expression)[] = [];
    let height = 0;
    let length = opening;
    const { inHole, depth } = this;
    for (;;) {
      const last = this.kind === Token.stringRight;
      const piece = this.#piece(length, many, dollars);
      if (this.failed) break;
      if (piece !== '') parts.push(piece);
      this.advance();
      if (last) break;
      length = 1;
      const hole = this.start;
      this.inHole = true;
      let part = this.expression();
      height = Math.max(height, this.height);
      if (!this.failed && this.kind !== Token.stringMiddle && this.kind !== Token.stringRight)
        this.failUnexpected('bicep-hole', 'expected } after the value in the string');
      if (this.failed) {
        if (this.abandoned !== 'no') break;
        this.#leaveHole();
        this.depth = depth;
        part = this.broken(hole, this.before);
      }
      this.inHole = inHole;
      parts.push(part);
    }
    this.inHole = inHole;
    this.grow(height, start);
    return { kind: 'template', parts, ...(many ? { heredoc: true } : {}), source, start, end: this.before };
  }

  /** Goes to the piece of the string behind the hole at hand; pieces are always in pairs. */
  #leaveHole(): void {
    const { kinds, starts, ends } = this.tokens;
    let inner = 0;
    let i = this.index;
    for (; kinds[i] !== Token.end; i++) {
      if (kinds[i] === Token.stringLeft) inner++;
      else if (kinds[i] === Token.stringRight && inner > 0) inner--;
      else if (inner === 0 && (kinds[i] === Token.stringRight || kinds[i] === Token.stringMiddle)) break;
    }
    this.resume(i);
    // The string has no end on this line, which the error that led here has told, or caused.
    if (kinds[i] === Token.end || starts[i] === ends[i]) this.giveUp();
  }

  /** The text of the piece at hand, which starts with so many characters of punctuation. */
  #piece(opening: number, many: boolean, dollars: number): string {
    const { start, end, text } = this;
    const open = this.kind === Token.stringLeft || this.kind === Token.stringMiddle;
    const closing = open ? (many ? dollars + 1 : 2) : many ? 3 : 1;
    if (!open && start === end) {
      this.#failHole(start);
      return '';
    }
    const from = start + opening;
    const to = end - closing;
    if (!open && !(to >= from && (many ? text.startsWith("'''", to) : this.#closesAt(to, from)))) {
      if (many)
        this.fail('bicep-unclosed-string', 'this string is never closed', start, start + opening, {
          help: "End it with '''.",
        });
      else
        this.fail('bicep-unclosed-string', 'this string does not end on its line', start, end, {
          help: "End it with a single quote; a text of several lines is written between ''' and '''.",
        });
      this.lineLost = !many;
      return '';
    }
    if (many) {
      const first = this.kind === Token.string || this.kind === Token.stringLeft;
      let skip = 0;
      if (first && text.startsWith('\r\n', from)) skip = 2;
      else if (first && text.charCodeAt(from) === Char.lineFeed) skip = 1;
      return text.slice(from + skip, to);
    }
    const piece = text.slice(from, to);
    return piece.includes('\\') ? this.#unescape(piece, from) : piece;
  }

  /** A quote stands here that no backslash takes its meaning from. */
  #closesAt(offset: number, from: number): boolean {
    if (this.text.charCodeAt(offset) !== Char.apostrophe) return false;
    let i = offset;
    while (i > from && this.text.charCodeAt(i - 1) === Char.backslash) i--;
    return (offset - i) % 2 === 0;
  }

  #failHole(at: number): void {
    this.fail('bicep-hole', 'this string does not end on its line', at, at, {
      help: 'A value in a string, ${...}, cannot go over several lines. Close its } and the quote on this line.',
    });
    this.lineLost = true;
  }

  #unescape(piece: string, offset: number): string {
    let result = '';
    let from = 0;
    for (let i = piece.indexOf('\\'); i >= 0; i = piece.indexOf('\\', from)) {
      result += piece.slice(from, i);
      const escaped = piece.charAt(i + 1);
      from = i + 2;
      const plain = escapes[escaped];
      if (plain !== undefined) {
        result += plain;
        continue;
      }
      unicode.lastIndex = i + 2;
      const match = escaped === 'u' ? unicode.exec(piece) : null;
      const point = match ? Number.parseInt(match[1]!, 16) : Number.NaN;
      if (point <= 0x10ffff) {
        result += String.fromCodePoint(point);
        from = unicode.lastIndex;
        continue;
      }
      result += piece.slice(i, from);
      this.report(
        'bicep-escape',
        escaped === 'u' ? 'this is no character code' : `\\${escaped} means nothing in a string`,
        offset + i,
        offset + from,
        {
          help:
            escaped === 'u'
              ? 'Write it as \\u{1F600}, with the code of the character in hexadecimal.'
              : "Write \\\\ for a backslash; the others are \\' \\n \\r \\t \\$ and \\u{...}.",
        },
      );
    }
    return result + piece.slice(from);
  }

  // ------------------------------------------------------------------ types

  typeOrBroken(): Type {
    const { start } = this;
    const type = this.type();
    return this.failed ? this.broken(start, this.before) : type;
  }

  /** A type where it is declared, which may be `resource 'Microsoft.X/y@version'`. */
  type(): Type {
    if (!(this.isWord('resource') && this.next() !== Token.less)) return this.typeExpression();
    const { start, source } = this;
    this.advance();
    const type = this.atString() ? this.string() : undefined;
    return { kind: 'resourceType', ...(type ? { type } : {}), source, start, end: this.before };
  }

  /** `a | b`; a line may break before `|`. */
  typeExpression(): Type {
    const { start, source } = this;
    if (++this.depth > limits.nesting) this.tooDeep(start);
    const leading = this.passesNewlineTo(Token.pipe);
    if (leading) this.advance();
    const first = this.unaryType();
    let { height } = this;
    if (!leading && !this.passesNewlineTo(Token.pipe)) {
      this.depth--;
      return first;
    }
    const members = [first];
    while (this.passesNewlineTo(Token.pipe)) {
      this.advance();
      members.push(this.unaryType());
      height = Math.max(height, this.height);
    }
    this.depth--;
    this.grow(height, start);
    return { kind: 'unionType', members, source, start, end: this.before };
  }

  unaryType(): Type {
    const { start, source } = this;
    let type: Type;
    if (this.kind === Token.minus || this.kind === Token.not) {
      const operator = this.word();
      this.advance();
      const operand = this.memberType();
      const { end } = operand;
      if (operand.kind === 'literalType')
        type = {
          kind: 'literalType',
          value: { kind: 'operation', operator, operands: [operand.value], source, start, end },
          source,
          start,
          end,
        };
      else {
        this.report('bicep-type', `${operator} stands before a literal value only`, start, start + 1);
        type = operand;
      }
      this.grow(this.height, start);
    } else type = this.memberType();
    while (this.kind === Token.question || this.kind === Token.not) {
      const kind = this.kind === Token.question ? 'nullableType' : 'nonNullType';
      this.advance();
      type = { kind, of: type, source, start, end: this.before };
      this.grow(this.height, start);
    }
    return type;
  }

  /** A type with `[]`, `[*]`, `[0]`, `.name`, `.*` behind it. */
  memberType(): Type {
    const { start, source } = this;
    let of = this.primaryType();
    while (!this.failed) {
      const { height } = this;
      if (this.kind === Token.openBracket) {
        const open = this.start;
        this.advance();
        if (this.is(Token.closeBracket)) {
          this.advance();
          of = { kind: 'arrayType', of, source, start, end: this.before };
        } else if (this.is(Token.star)) {
          this.advance();
          this.close(Token.closeBracket, open, 'expected ] after [*');
          of = { kind: 'typeAccess', of, all: 'items', source, start, end: this.before };
        } else {
          const key = this.expression();
          this.close(Token.closeBracket, open, 'expected ] after the index');
          of = { kind: 'typeAccess', of, key, source, start, end: this.before };
        }
        this.grow(Math.max(height, this.height), start);
      } else if (this.kind === Token.dot) {
        this.advance();
        if (this.is(Token.star)) {
          this.advance();
          of = { kind: 'typeAccess', of, all: 'properties', source, start, end: this.before };
        } else {
          const { start: from, end: to } = this;
          const name = this.#member('the name of a type or property after the dot');
          if (this.is(Token.less)) {
            const args = this.args(Token.greater, this.typeExpression);
            of = { kind: 'appliedType', of, name, args, source, start, end: this.before };
          } else {
            const key: Literal = { kind: 'literal', value: name, source, start: from, end: to };
            of = { kind: 'typeAccess', of, key, source, start, end: this.before };
          }
        }
        this.grow(Math.max(height, this.height), start);
      } else break;
    }
    return of;
  }

  primaryType(): Type {
    const { start, end, source } = this;
    this.height = 1;
    switch (this.kind) {
      case Token.name: {
        const name = this.word();
        this.advance();
        if (!this.is(Token.less)) return { kind: 'namedType', name, source, start, end };
        const args = this.args(Token.greater, this.typeExpression);
        this.grow(this.height, start);
        return { kind: 'appliedType', name, args, source, start, end: this.before };
      }
      case Token.string:
      case Token.stringLeft:
      case Token.number:
      case Token.trueWord:
      case Token.falseWord:
      case Token.nullWord: {
        const value = this.primary();
        return { kind: 'literalType', value, source, start, end: this.before };
      }
      case Token.openBrace:
        return this.objectType();
      case Token.openBracket:
        return this.tupleType();
      case Token.openParen: {
        const open = this.start;
        this.advance();
        const type = this.typeExpression();
        this.close(Token.closeParen, open, 'expected ) after the type');
        return type;
      }
      default:
        this.failUnexpected('bicep-type', 'expected a type', {
          help: 'Types are string, int, bool, object, array, a name from a type declaration, or a literal value.',
        });
        return this.broken(start, start);
    }
  }

  objectType(): Type {
    const { start, source } = this;
    const open = this.start;
    this.advance();
    this.skipNewline();
    const properties: PropertyType[] = [];
    let height = 0;
    while (!this.is(Token.closeBrace) && !this.ends(true)) {
      const from = this.index;
      const { depth } = this;
      const decorators = this.decorators();
      const { start: keyStart } = this;
      const others = this.is(Token.star);
      let key: Expression | undefined;
      if (others) this.advance();
      else key = this.propertyKey();
      if (this.is(Token.colon)) this.advance();
      else this.failUnexpected('bicep-property', 'expected : and a type after the name of the property');
      const type = this.typeOrBroken();
      height = Math.max(height, this.height);
      if (key || others)
        properties.push({ decorators, ...(key ? { key } : {}), type, source, start: keyStart, end: this.before });
      const told = this.failed;
      if (told) {
        if (!this.recover(from, Token.closeBrace, open)) break;
        this.depth = depth;
      }
      this.separate(Token.closeBrace, told);
    }
    this.close(Token.closeBrace, open, 'expected } after the properties');
    this.grow(height, start);
    return { kind: 'objectType', properties, source, start, end: this.before };
  }

  tupleType(): Type {
    const { start, source } = this;
    const open = this.start;
    this.advance();
    this.skipNewline();
    const items: TupleItem[] = [];
    let height = 0;
    while (!this.is(Token.closeBracket) && !this.ends(true)) {
      const from = this.index;
      const { depth } = this;
      const decorators = this.decorators();
      const { start: itemStart } = this;
      const type = this.typeExpression();
      height = Math.max(height, this.height);
      const told = this.failed;
      items.push({
        decorators,
        type: told ? this.broken(itemStart, this.before) : type,
        source,
        start: itemStart,
        end: this.before,
      });
      if (told) {
        if (!this.recover(from, Token.closeBracket, open)) break;
        this.depth = depth;
      }
      this.separate(Token.closeBracket, told);
    }
    this.close(Token.closeBracket, open, 'expected ] after the types');
    this.grow(height, start);
    return { kind: 'tupleType', items, source, start, end: this.before };
  }
}

const nestedKeywords: ReadonlySet<string> = new Set(['resource']);

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", $: '$' };
const unicode = /\{([0-9A-Fa-f]+)\}/y;
