/**
 * HCL native syntax (Terraform and OpenTofu files, .tfvars, template files) -> syntax tree + diagnostics.
 * One pass, recursive descent. After an error the attribute or block head at hand is given up (its value is `broken`)
 * and reading goes on with the next one, so that one mistake does not hide the rest of a file.
 */
import type { Log, Related } from '../source/diagnostic.ts';
import { limits } from '../source/limits.ts';
import type { Source } from '../source/source.ts';
import type { Broken, Expression, ListItem, Literal, Name, ObjectEntry } from './expression.ts';
import { Char, HclLexer, Token, type TokenKind } from './hcl-lexer.ts';
import { assemble, type DirectivePiece, dedent, normalise, type Piece, pushText, trimLast } from './hcl-template.ts';
import type { Attribute, Block, Body, HclFile, Label } from './hcl-tree.ts';

/** Reads a whole file. */
export function parseHcl(source: Source, log: Log): HclFile {
  const parser = new HclParser(source, log, 0, source.text.length);
  const body = parser.file();
  return { body, comments: parser.comments };
}

/** Reads a stretch of a source as one expression; line breaks mean nothing, as in the value of a `-var` option. */
export function parseHclExpression(source: Source, log: Log, start = 0, end = source.text.length): Expression {
  return new HclParser(source, log, start, end).alone();
}

/** Reads a whole text as a template, as templatefile() does; or a stretch of it, as a string of JSON syntax. */
export function parseHclTemplate(source: Source, log: Log, start = 0, end = source.text.length): Expression {
  return new HclParser(source, log, start, end).template();
}

/** What the braces of the body at hand ask for; `told`: they were broken and reported, so anything goes. */
type Layout = 'lines' | 'one-line' | 'told';

/** Binary operators: level (higher binds tighter, 0 is none), and their spelling. */
const levels = new Uint8Array(Token.stop + 1);
const spellings: string[] = [];
for (const [token, level, spelling] of [
  [Token.or, 1, '||'],
  [Token.and, 2, '&&'],
  [Token.equal, 3, '=='],
  [Token.notEqual, 3, '!='],
  [Token.less, 4, '<'],
  [Token.lessEqual, 4, '<='],
  [Token.greater, 4, '>'],
  [Token.greaterEqual, 4, '>='],
  [Token.plus, 5, '+'],
  [Token.minus, 5, '-'],
  [Token.star, 6, '*'],
  [Token.slash, 6, '/'],
  [Token.percent, 6, '%'],
] as const) {
  levels[token] = level;
  spellings[token] = spelling;
}

class HclParser extends HclLexer {
  /** Open expressions, unary operators, template sequences and blocks. */
  depth = 0;
  /** Height of the tree that was read last: chains of operators and accesses make high trees without brackets. */
  height = 0;
  /** A closing marker may stand at the very end, for an expression has no line break behind it. */
  markerAtEnd = false;

  // ---------------------------------------------------------------- bodies

  file(): Body {
    this.advance();
    const attributes: Attribute[] = [];
    const blocks: Block[] = [];
    this.items(attributes, blocks, undefined, 'lines');
    return { attributes, blocks, source: this.source, start: 0, end: this.text.length };
  }

  /** Reads items up to the closing brace of `block` or the end of the file, which stay the token at hand. */
  items(attributes: Attribute[], blocks: Block[], block: string | undefined, written: Layout): void {
    const names = new Map<string, Attribute>();
    let layout = written;
    let items = 0;
    for (;;) {
      switch (this.kind) {
        case Token.end:
          return;
        case Token.newline:
          if (layout === 'one-line') {
            layout = 'told';
            this.report(
              'hcl-one-line-block',
              `the block ${block} starts on one line but does not end on it`,
              this.start,
              this.start,
              { help: 'Close it on the same line, or put a line break after its opening brace.' },
            );
          }
          this.advance();
          break;
        case Token.closeBrace:
          if (block !== undefined) return;
          this.report('hcl-extra-brace', 'this brace closes nothing', this.start, this.end, {
            help: 'Remove it, or look above it for a block that is closed too early.',
          });
          this.advance();
          break;
        case Token.name: {
          if (layout === 'one-line' && items > 0) {
            layout = 'told';
            this.report(
              'hcl-one-line-block',
              `the block ${block} on one line can hold one argument only`,
              this.start,
              this.end,
              { help: 'Put a line break after its opening brace and write one argument a line.' },
            );
          }
          items++;
          layout = this.item(attributes, blocks, names, block, layout);
          break;
        }
        default: {
          const start = this.start;
          if (this.kind === Token.quote)
            this.fail(
              'hcl-quoted-name',
              'the name of an argument or block is written without quotes',
              start,
              this.end,
              {
                help: 'Remove the quotes around the name.',
              },
            );
          else this.failUnexpected('hcl-item', 'expected an argument or a block');
          this.recover(start);
        }
      }
    }
  }

  /** Reads one attribute or block; gives the layout to go on with. */
  item(
    attributes: Attribute[],
    blocks: Block[],
    names: Map<string, Attribute>,
    block: string | undefined,
    layout: Layout,
  ): Layout {
    const { start, end } = this;
    const name = this.word();
    this.advance();
    switch (this.kind) {
      case Token.assign: {
        const attribute = this.attribute(name, start, end);
        const recovered = attribute.value.kind === 'broken';
        const earlier = names.get(name);
        if (earlier) {
          this.report('hcl-duplicate-argument', `${name} is set twice here`, start, end, {
            help: 'Remove one of the two; Terraform refuses both.',
            related: [{ at: earlier.nameSpan, message: `${name} was set here first` }],
          });
        } else {
          names.set(name, attribute);
          attributes.push(attribute);
        }
        return recovered ? afterError(layout) : this.afterAttribute(name, block, layout);
      }
      case Token.quote:
      case Token.name:
      case Token.openBrace: {
        if (layout === 'one-line')
          this.report(
            'hcl-one-line-block',
            `the block ${block} on one line cannot hold another block`,
            start,
            this.end,
            { help: 'Put a line break after its opening brace.' },
          );
        this.block(blocks, name, start, end);
        return afterError(layout);
      }
      case Token.colon:
        this.fail('hcl-argument', `the value of ${name} is introduced by =, not by a colon`, this.start, this.end);
        break;
      case Token.bad:
        this.failUnexpected('hcl-argument', '');
        break;
      default:
        this.fail(
          'hcl-argument',
          `expected = and a value, or a block, after ${name}; found ${this.found()}`,
          start,
          end,
          { help: `Write ${name} = ... to set an argument, or ${name} { ... } for a block.` },
        );
    }
    this.recover(start);
    return afterError(layout);
  }

  attribute(name: string, start: number, nameEnd: number): Attribute {
    this.advance();
    const from = this.start;
    let value: Expression;
    if (this.kind === Token.newline || this.kind === Token.end) {
      this.report('hcl-missing-value', `${name} has no value`, start, this.before, {
        help: 'Its value must start on the same line as the equals sign.',
      });
      value = this.broken(this.before, this.before);
    } else {
      value = this.expression();
    }
    if (this.failed) {
      this.recover(start);
      // What was read of a broken value would pass for the whole of it.
      value = this.broken(from, Math.max(from, this.before));
    }
    const { source } = this;
    return { name, nameSpan: this.span(start, nameEnd), value, source, start, end: Math.max(value.end, this.before) };
  }

  /** An attribute ends with its line; a one-line block may end there instead. */
  afterAttribute(name: string, block: string | undefined, layout: Layout): Layout {
    if (this.kind === Token.newline || this.kind === Token.end) return layout;
    if (this.kind === Token.closeBrace) {
      if (block !== undefined && layout === 'lines')
        this.report(
          'hcl-brace-after-argument',
          `the brace that closes ${block} must stand on a line of its own`,
          this.start,
          this.end,
          { help: `Put a line break after the value of ${name}.` },
        );
      return layout;
    }
    if (layout === 'one-line' && this.kind === Token.name) return layout;
    const start = this.start;
    if (this.kind === Token.comma) {
      this.report(
        'hcl-comma-after-argument',
        `the arguments of a block are separated by line breaks, not by commas`,
        start,
        this.end,
        { help: 'Remove the comma and write one argument a line.' },
      );
      this.advance();
      return afterError(layout);
    }
    if (this.kind === Token.name && this.beginsAttribute()) {
      this.report('hcl-missing-newline', `a line break is missing after the value of ${name}`, start, this.end, {
        help: 'Write one argument a line.',
      });
      return afterError(layout);
    }
    this.failUnexpected('hcl-missing-newline', `expected the end of the line after the value of ${name}`, {
      help: 'Check the quotes, brackets and operators of the value.',
    });
    this.recover(start);
    return afterError(layout);
  }

  /** The name at hand is followed by a single `=`. */
  beginsAttribute(): boolean {
    let i = this.end;
    while (this.at(i) === Char.space) i++;
    return this.at(i) === Char.equal && this.at(i + 1) !== Char.equal;
  }

  block(blocks: Block[], type: string, start: number, typeEnd: number): void {
    const labels: Label[] = [];
    for (;;) {
      if (this.kind === Token.quote) labels.push(this.label());
      else if (this.kind === Token.name) {
        labels.push({ text: this.word(), source: this.source, start: this.start, end: this.end });
        this.advance();
      } else break;
    }
    if (this.kind === Token.newline) {
      const lineEnd = this.start;
      while (this.is(Token.newline)) this.advance();
      const message = 'the opening brace must stand on the line of the block name';
      if (this.is(Token.openBrace)) this.report('hcl-brace-on-next-line', message, this.start, this.end);
      else
        this.fail('hcl-block-head', `expected { after ${type}, found the end of the line`, start, lineEnd, {
          help: `Write ${type} = ... to set an argument, or ${type} { ... } for a block.`,
        });
    } else if (this.kind === Token.assign) {
      this.fail('hcl-block-head', `a block has no equals sign before its brace`, this.start, this.end, {
        help: 'Remove the equals sign.',
      });
    } else if (this.kind !== Token.openBrace) {
      this.failUnexpected('hcl-block-head', `expected a label or { in the head of ${type}`);
    }
    if (this.failed) {
      this.recover(start, true);
      return;
    }

    const { source } = this;
    const head = this.span(start, this.end);
    const bodyStart = this.end;
    if (++this.depth > limits.nesting) {
      this.tooDeep(start);
      this.depth--;
      this.recover(start, true);
      return;
    }
    this.advance();
    const oneLine = this.kind !== Token.newline && this.kind !== Token.closeBrace && !this.is(Token.end);
    const attributes: Attribute[] = [];
    const inner: Block[] = [];
    const title = [type, ...labels.map((label) => `"${label.text}"`)].join(' ');
    this.items(attributes, inner, title, oneLine ? 'one-line' : 'lines');
    this.depth--;

    const closed = this.kind === Token.closeBrace;
    const bodyEnd = closed ? this.start : this.limit;
    let strays: Block[] = [];
    if (closed) this.advance();
    else strays = this.unclosed(title, start, typeEnd, inner);
    blocks.push({
      type,
      labels,
      head,
      body: { attributes, blocks: inner, source, start: bodyStart, end: bodyEnd },
      source,
      start,
      end: closed ? this.before : this.limit,
    });
    blocks.push(...strays);
    if (closed) this.afterBlock(title);
  }

  /**
   * The file ended inside a block. Blocks at the left margin inside a block at the left margin were not meant to be
   * inside; they are taken out again.
   */
  unclosed(title: string, start: number, typeEnd: number, inner: Block[]): Block[] {
    const atMargin = (offset: number) => offset === 0 || this.text.charCodeAt(offset - 1) === Char.lineFeed;
    const from = atMargin(start) ? inner.findIndex((block) => atMargin(block.start)) : -1;
    const strays = from < 0 ? [] : inner.splice(from);
    if (!this.lostBraces) {
      this.lostBraces = true;
      const related: Related[] = [{ at: this.span(start, typeEnd), message: `${title} is opened here` }];
      const next = strays[0];
      if (next) related.push({ at: next.head, message: 'this block looks like the first one after it' });
      this.report('hcl-unclosed-block', `the block ${title} is never closed`, this.limit, this.limit, {
        help: next ? 'Add the missing } before the next block.' : 'Add the missing }.',
        related,
      });
    }
    return strays;
  }

  afterBlock(title: string): void {
    if (this.kind === Token.newline || this.kind === Token.end) return;
    const start = this.start;
    if (this.kind === Token.closeBrace || this.kind === Token.name) {
      this.report('hcl-missing-newline', `a line break is missing after the block ${title}`, start, this.end, {
        help: 'Put what follows its closing brace on a line of its own.',
      });
      return;
    }
    this.failUnexpected('hcl-missing-newline', `expected the end of the line after the block ${title}`);
    this.recover(start);
  }

  /** A quoted label: no template, but the escapes of a string. */
  label(): Label {
    const { start, source } = this;
    const pieces: Piece[] = [];
    const end = this.quotedPieces(pieces, false);
    const text = pieces.map((piece) => (piece.kind === 'text' ? piece.value : '')).join('');
    this.end = end;
    this.advance();
    return { text, source, start, end };
  }

  recover(start: number, head = false): void {
    this.lines = true;
    if (!this.failed) return;
    const offset = this.itemEnd(start, head);
    this.resume(offset);
    if (this.kind === Token.end && this.depth > 0) this.lostBraces = true;
  }

  // ----------------------------------------------------------- expressions

  /** The whole stretch as one expression. */
  alone(): Expression {
    this.lines = false;
    this.markerAtEnd = true;
    this.advance();
    const start = this.start;
    const value = this.expression();
    if (this.kind !== Token.end)
      this.failUnexpected('hcl-extra-characters', 'expected nothing more after the expression');
    return this.failed ? this.broken(start, this.limit) : value;
  }

  broken(start: number, end: number): Broken {
    return { kind: 'broken', source: this.source, start, end };
  }

  /** One more level above a tree of the given height. */
  grow(height: number, start: number): void {
    this.height = height + 1;
    if (this.height > limits.nesting) this.tooDeep(start);
  }

  expression(): Expression {
    const { start } = this;
    if (++this.depth > limits.nesting) this.tooDeep(start);
    let value = this.binary(1);
    if (this.kind === Token.question) {
      let height = this.height;
      this.advance();
      const then = this.expression();
      height = Math.max(height, this.height);
      if (this.is(Token.colon)) this.advance();
      else
        this.failUnexpected('hcl-conditional', 'expected : and the value for the other case', {
          help: 'A conditional is written CONDITION ? VALUE : OTHER.',
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
      const flat = level !== 3 && level !== 4;
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
    if (this.kind !== Token.minus && this.kind !== Token.not) {
      const { start } = this;
      return this.traversals(this.term(), start);
    }
    const { start, source } = this;
    const operator = this.kind === Token.minus ? '-' : '!';
    if (++this.depth > limits.nesting) this.tooDeep(start);
    this.advance();
    const operand = this.unary();
    this.depth--;
    this.grow(this.height, start);
    return { kind: 'operation', operator, operands: [operand], source, start, end: this.before };
  }

  term(): Expression {
    const { start, end, source } = this;
    this.height = 1;
    switch (this.kind) {
      case Token.name:
        return this.named();
      case Token.quote:
        return this.quoted();
      case Token.number:
        return this.number();
      case Token.openBracket:
        return this.list();
      case Token.openBrace:
        return this.object();
      case Token.openParen: {
        const lines = this.lines;
        this.lines = false;
        this.advance();
        const value = this.expression();
        this.close(Token.closeParen, lines, start, 'expected ) after the expression');
        return value;
      }
      case Token.heredoc:
        return this.heredoc();
      default:
        this.failUnexpected('hcl-expression', 'expected a value');
        return { kind: 'broken', source, start, end };
    }
  }

  /** A closing bracket, after which line breaks count as they did before it was opened. */
  close(kind: TokenKind, lines: boolean, open: number, expected: string, help?: string): void {
    if (this.kind === kind) {
      this.lines = lines;
      this.advance();
      return;
    }
    const bracket = this.text.charAt(open);
    this.failUnexpected(this.kind === Token.end ? 'hcl-unclosed-bracket' : 'hcl-missing-bracket', expected, {
      ...(help === undefined ? {} : { help }),
      related: [{ at: this.span(open, open + 1), message: `${bracket} is opened here` }],
    });
  }

  number(): Literal {
    const { start, end, source } = this;
    const text = this.word();
    const value = Number(text);
    if (Number.isNaN(value)) this.fail('hcl-number', `${text} is not a number`, start, end);
    this.advance();
    const exact = keepsDigits(text, value);
    return { kind: 'literal', value, ...(exact ? {} : { digits: text }), source, start, end };
  }

  /** Variable, keyword or call. */
  named(): Expression {
    const { start, end, source } = this;
    const name = this.word();
    this.advance();
    if (this.kind === Token.openParen || this.kind === Token.doubleColon) return this.call(name, start, end);
    switch (name) {
      case 'true':
        return { kind: 'literal', value: true, source, start, end };
      case 'false':
        return { kind: 'literal', value: false, source, start, end };
      case 'null':
        return { kind: 'literal', value: null, source, start, end };
      default:
        return { kind: 'name', name, source, start, end };
    }
  }

  call(first: string, start: number, firstEnd: number): Expression {
    let name = first;
    let nameEnd = firstEnd;
    while (this.kind === Token.doubleColon) {
      this.advance();
      if (!this.is(Token.name)) {
        this.failUnexpected('hcl-function-name', 'expected the name of a function after ::');
        return this.broken(start, this.before);
      }
      name += `::${this.word()}`;
      nameEnd = this.end;
      this.advance();
    }
    const open = this.start;
    if (this.kind !== Token.openParen) {
      this.failUnexpected('hcl-function-name', `expected ( and the arguments of ${name}`);
      return this.broken(start, this.before);
    }
    const lines = this.lines;
    this.lines = false;
    this.advance();
    const args: Expression[] = [];
    let height = 0;
    let spread = false;
    while (!this.is(Token.closeParen)) {
      args.push(this.expression());
      height = Math.max(height, this.height);
      if (this.is(Token.comma)) {
        this.advance();
        continue;
      }
      if (this.is(Token.ellipsis)) {
        spread = true;
        this.advance();
      }
      break;
    }
    const expected = spread ? 'expected ) after ...' : 'expected , or ) after the argument';
    this.close(Token.closeParen, lines, open, expected);
    this.grow(height, start);
    return {
      kind: 'call',
      name,
      nameSpan: this.span(start, nameEnd),
      args,
      ...(spread ? { spread } : {}),
      source: this.source,
      start,
      end: this.before,
    };
  }

  /** What follows a term: `.name`, `.0`, `[key]`, `.*`, `[*]`. */
  traversals(term: Expression, start: number): Expression {
    let of = term;
    const { source } = this;
    for (;;) {
      let { height } = this;
      if (this.kind === Token.dot) {
        const dot = this.start;
        this.advance();
        if (this.is(Token.star)) {
          const anchor: Name = { kind: 'name', name: '*', source, start: dot, end: this.end };
          this.advance();
          this.height = 1;
          let each: Expression = anchor;
          while (this.is(Token.dot)) {
            this.advance();
            if (this.is(Token.star))
              this.fail('hcl-nested-splat', '.* cannot be used inside another .*', this.start, this.end, {
                help: 'Write [*] instead.',
              });
            each = this.attributeOf(each, dot);
            if (this.failed) return each;
          }
          of = { kind: 'splat', of, each, full: false, source, start, end: this.before };
          this.grow(Math.max(height, this.height), start);
        } else {
          of = this.attributeOf(of, start);
        }
        if (this.failed) return of;
      } else if (this.kind === Token.openBracket) {
        const open = this.start;
        const lines = this.lines;
        this.advance();
        if (this.is(Token.star)) {
          this.advance();
          if (!this.is(Token.closeBracket)) {
            this.failUnexpected('hcl-missing-bracket', 'expected ] after [*');
            return of;
          }
          const anchor: Name = { kind: 'name', name: '*', source, start: open, end: this.end };
          this.advance();
          if (++this.depth > limits.nesting) this.tooDeep(open);
          this.height = 1;
          const each = this.traversals(anchor, open);
          this.depth--;
          of = { kind: 'splat', of, each, full: true, source, start, end: this.before };
          this.grow(Math.max(height, this.height), start);
        } else {
          this.lines = false;
          this.skipLines();
          const key = this.expression();
          height = Math.max(height, this.height);
          this.close(Token.closeBracket, lines, open, 'expected ] after the index');
          of = { kind: 'access', of, key, source, start, end: this.before };
          this.grow(height, start);
        }
        if (this.failed) return of;
      } else {
        return of;
      }
    }
  }

  skipLines(): void {
    if (this.kind === Token.newline) this.advance();
  }

  /** The name or legacy number after a dot. */
  attributeOf(of: Expression, start: number): Expression {
    const { source } = this;
    const { height } = this;
    const from = this.start;
    const to = this.end;
    if (this.kind === Token.name) {
      const key: Literal = { kind: 'literal', value: this.word(), source, start: from, end: to };
      this.advance();
      this.grow(height, start);
      return { kind: 'access', of, key, source, start, end: to };
    }
    if (this.kind !== Token.number) {
      this.failUnexpected('hcl-attribute-name', 'expected an attribute name after the dot');
      return of;
    }
    const text = this.word();
    const dot = text.indexOf('.');
    if (dot < 0) {
      const key = this.number();
      this.height = height;
      this.grow(height, start);
      return { kind: 'access', of, key, source, start, end: to };
    }
    // `.0.1` scans as the number 0.1.
    this.report('hcl-legacy-index', `two indexes in a row cannot be written .${text}`, from, to, {
      help: `Write [${text.slice(0, dot)}][${text.slice(dot + 1)}].`,
    });
    this.advance();
    let result = of;
    let at = from;
    this.height = height;
    for (const digits of text.split('.')) {
      const key: Literal = { kind: 'literal', value: Number(digits), source, start: at, end: at + digits.length };
      result = { kind: 'access', of: result, key, source, start, end: at + digits.length };
      at += digits.length + 1;
      this.grow(this.height, start);
    }
    return result;
  }

  list(): Expression {
    const { start, source, lines } = this;
    this.lines = false;
    this.advance();
    if (this.isWord('for')) return this.forExpression(start, lines, false);
    const items: ListItem[] = [];
    let height = 0;
    while (!this.is(Token.closeBracket)) {
      const value = this.expression();
      items.push({ value });
      height = Math.max(height, this.height);
      if (!this.is(Token.comma)) break;
      this.advance();
    }
    this.close(
      Token.closeBracket,
      lines,
      start,
      'expected , or ] after the item',
      'Separate the items of a list by commas.',
    );
    this.grow(height, start);
    return { kind: 'list', items, source, start, end: this.before };
  }

  object(): Expression {
    const { start, source, lines } = this;
    this.lines = false;
    this.advance();
    if (this.isWord('for')) return this.forExpression(start, lines, true);
    this.lines = true;
    const entries: ObjectEntry[] = [];
    let height = 0;
    for (;;) {
      while (this.is(Token.newline)) this.advance();
      if (this.is(Token.closeBrace)) break;
      const key = this.objectKey();
      height = Math.max(height, this.height);
      if (this.is(Token.assign) || this.is(Token.colon)) this.advance();
      else
        this.failUnexpected('hcl-object', 'expected = and a value after the key', {
          help: 'A key with dots or spaces in it needs quotes.',
          related: [{ at: this.span(start, start + 1), message: 'the object starts here' }],
        });
      if (this.is(Token.newline))
        this.fail('hcl-missing-value', 'this key has no value', key.start, key.end, {
          help: 'The value must start on the line of its key.',
        });
      entries.push({ key, value: this.expression() });
      height = Math.max(height, this.height);
      if (!this.is(Token.comma) && !this.is(Token.newline)) break;
      this.advance();
    }
    this.close(
      Token.closeBrace,
      lines,
      start,
      'expected a line break, a comma or } after the value',
      'Separate the entries of an object by line breaks or commas.',
    );
    this.grow(height, start);
    return { kind: 'object', entries, source, start, end: this.before };
  }

  /**
   * A bare name is a string, anything else an expression. References without parentheses pass: Terraform refuses them
   * where it evaluates the object, but they name providers in `providers = { azurerm.other = ... }`.
   */
  objectKey(): Expression {
    const { start, end, kind, source } = this;
    this.height = 1;
    if (kind === Token.name) {
      const value = normalise(this.word());
      this.advance();
      if (this.is(Token.assign) || this.is(Token.colon)) return { kind: 'literal', value, source, start, end };
      this.kind = kind;
      this.start = start;
      this.end = end;
    }
    return this.expression();
  }

  /** After `[` or `{` with the word `for` at hand. */
  forExpression(start: number, lines: boolean, object: boolean): Expression {
    const { source } = this;
    this.advance();
    const [keyName, valueName] = this.forNames();
    const of = this.expression();
    let { height } = this;
    if (this.kind === Token.colon) this.advance();
    else this.failUnexpected('hcl-for', 'expected : after the collection of the for expression');
    let value = this.expression();
    height = Math.max(height, this.height);
    let key: Expression | undefined;
    if (this.is(Token.arrow)) {
      this.advance();
      key = value;
      value = this.expression();
      height = Math.max(height, this.height);
      if (!object)
        this.report('hcl-for', 'a for expression in [ ] gives a list and has no keys', key.start, key.end, {
          help: 'Use { } to build an object, or remove the key and =>.',
        });
    } else if (object) {
      this.failUnexpected('hcl-for', 'expected => and a value: a for expression in { } gives an object', {
        help: 'Write {for k, v in ... : KEY => VALUE}, or use [ ] to build a list.',
      });
    }
    const grouped = this.is(Token.ellipsis);
    if (grouped) {
      if (!object) this.report('hcl-for', 'only objects can be grouped with ...', this.start, this.end);
      this.advance();
    }
    let condition: Expression | undefined;
    if (this.isWord('if')) {
      this.advance();
      condition = this.expression();
      height = Math.max(height, this.height);
    }
    const closing = object ? Token.closeBrace : Token.closeBracket;
    this.close(closing, lines, start, `expected ${object ? '}' : ']'} after the for expression`);
    this.grow(height, start);
    return {
      kind: 'for',
      ...(keyName === undefined ? {} : { keyName }),
      valueName,
      of,
      ...(key ? { key } : {}),
      value,
      ...(condition ? { condition } : {}),
      ...(grouped ? { grouped } : {}),
      source,
      start,
      end: this.before,
    };
  }

  /** `v in` or `k, v in`. */
  forNames(): [string | undefined, string] {
    let keyName: string | undefined;
    let valueName = this.variable('after for');
    if (this.kind === Token.comma) {
      this.advance();
      keyName = valueName;
      valueName = this.variable('after the comma');
    }
    if (this.isWord('in')) this.advance();
    else this.failUnexpected('hcl-for', `expected in after the variable of for`);
    return [keyName, valueName];
  }

  variable(where: string): string {
    if (this.kind !== Token.name) {
      this.failUnexpected('hcl-for', `expected the name of a variable ${where}`);
      return '';
    }
    const name = this.word();
    this.advance();
    return name;
  }

  // ------------------------------------------------------------- templates

  quoted(): Expression {
    const { text, limit, source, start } = this;
    // Most strings have nothing in them that needs a second look.
    let seen = 0;
    for (let i = this.end; i < limit; i++) {
      const c = text.charCodeAt(i);
      if (c === Char.quote) {
        const value = text.slice(start + 1, i);
        this.end = i + 1;
        this.advance();
        return { kind: 'literal', value: seen < 0x300 ? value : normalise(value), source, start, end: i + 1 };
      }
      if (c === Char.backslash || c === Char.dollar || c === Char.percent || c < Char.space) break;
      seen |= c;
    }
    const pieces: Piece[] = [];
    const end = this.quotedPieces(pieces, true);
    if (this.failed) return this.broken(start, end);
    const value = assemble(this, pieces, start, end, false, this);
    this.end = end;
    this.advance();
    if (this.height > limits.nesting) this.tooDeep(start);
    return value;
  }

  /** Reads a quoted string up to its closing quote; gives the offset behind it. */
  quotedPieces(pieces: Piece[], holes: boolean): number {
    const { text, start: open } = this;
    let i = this.end;
    let pieceStart = i;
    let value = '';
    /** Start of the characters that were not yet taken over. */
    let raw = i;
    const flush = () => {
      value += text.slice(raw, i);
      if (i > pieceStart) pushText(pieces, value, pieceStart, i);
      value = '';
    };
    for (;;) {
      const c = this.at(i);
      switch (c) {
        case Char.quote:
          flush();
          return i + 1;
        case Char.backslash: {
          value += text.slice(raw, i);
          const [character, length] = this.escape(i);
          value += character;
          i += length;
          raw = i;
          break;
        }
        case Char.dollar:
        case Char.percent: {
          const next = this.at(i + 1);
          if (next === c && this.at(i + 2) === Char.openBrace) {
            value += `${text.slice(raw, i + 1)}{`;
            i += 3;
            raw = i;
          } else if (next !== Char.openBrace) {
            i++;
          } else if (holes) {
            flush();
            i = this.sequence(i, pieces);
            if (this.failed) return i;
            pieceStart = i;
            raw = i;
          } else {
            const sign = String.fromCharCode(c);
            this.report('hcl-label-template', 'a label is plain text and cannot contain a template', i, i + 2, {
              help: `Write ${sign}${sign}{ for a literal ${sign}{.`,
            });
            i += 2;
          }
          break;
        }
        case Char.lineFeed:
        case Char.carriageReturn:
        case -1:
          this.fail('hcl-unclosed-string', 'this string is not closed on its line', open, i, {
            help: 'Add the closing double quote; for text of several lines use a heredoc (<<EOT) or \\n.',
          });
          return i;
        default:
          i++;
      }
    }
  }

  /** The character that an escape stands for, and the length of the escape. */
  escape(i: number): [string, number] {
    const { text } = this;
    const c = this.at(i + 1);
    switch (c) {
      case 110:
        return ['\n', 2];
      case 114:
        return ['\r', 2];
      case 116:
        return ['\t', 2];
      case Char.quote:
        return ['"', 2];
      case Char.backslash:
        return ['\\', 2];
      case Char.lineFeed:
      case Char.carriageReturn:
      case -1:
        // The line ends, which is worse and told by the caller.
        return ['', 1];
      case 117:
      case 85: {
        const count = c === 117 ? 4 : 8;
        let digits = 0;
        while (digits < count && isHex(this.at(i + 2 + digits))) digits++;
        const length = 2 + digits;
        if (digits < count) {
          const letter = String.fromCharCode(c);
          this.report('hcl-escape', `\\${letter} needs ${count} hexadecimal digits`, i, i + length);
          return ['', length];
        }
        const point = Number.parseInt(text.slice(i + 2, i + length), 16);
        if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
          this.report('hcl-escape', `${text.slice(i, i + length)} is not a character`, i, i + length, {
            help: 'Write characters above U+FFFF as \\U and eight digits, not as two halves.',
          });
          return ['\ufffd', length];
        }
        return [String.fromCodePoint(point), length];
      }
      default: {
        const character = String.fromCodePoint(text.codePointAt(i + 1)!);
        const end = i + 1 + character.length;
        const dollar = c === Char.dollar || c === Char.percent;
        this.report('hcl-escape', `\\${character} is not an escape sequence of HCL`, i, end, {
          help: dollar
            ? `Write ${character}${character}{ for a literal ${character}{.`
            : 'Write \\\\ for a backslash; the others are \\n, \\r, \\t, \\", \\uNNNN and \\UNNNNNNNN.',
        });
        return [character, 1 + character.length];
      }
    }
  }

  /** `${ }` or `%{ }` at an offset; gives the offset behind it. */
  sequence(open: number, pieces: Piece[]): number {
    const directive = this.text.charCodeAt(open) === Char.percent;
    const { lines } = this;
    this.lines = false;
    this.end = open + 2;
    if (this.at(open + 2) === Char.tilde) {
      this.end++;
      trimLast(pieces);
    }
    this.advance();
    const piece = directive
      ? this.directive(open)
      : {
          kind: 'hole' as const,
          value: this.expression(),
          height: this.height,
          start: open,
          end: open,
          trimsNext: false,
        };
    const { kind, end } = this;
    if (kind === Token.closeBrace || kind === Token.closeTrim) {
      piece.trimsNext = kind === Token.closeTrim;
      piece.end = end;
      pieces.push(piece);
    } else {
      const sign = directive ? '%' : '$';
      this.failUnexpected('hcl-template', `expected } to end the template sequence`, {
        help: `Close it, or write ${sign}${sign}{ for a literal ${sign}{.`,
        related: [{ at: this.span(open, open + 2), message: 'the sequence starts here' }],
      });
    }
    this.lines = lines;
    return this.failed ? this.failedAt : end;
  }

  directive(open: number): DirectivePiece {
    const common = { start: open, end: open, trimsNext: false, height: 0 };
    const word = this.kind === Token.name ? this.word() : '';
    switch (word) {
      case 'if': {
        this.advance();
        const value = this.expression();
        return { ...common, kind: word, value, height: this.height };
      }
      case 'for': {
        this.advance();
        const [keyName, valueName] = this.forNames();
        const value = this.expression();
        const names = keyName === undefined ? { valueName } : { keyName, valueName };
        return { ...common, kind: word, value, ...names, height: this.height };
      }
      case 'else':
      case 'endif':
      case 'endfor':
        this.advance();
        return { ...common, kind: word };
      default:
        this.failUnexpected('hcl-template', 'expected if, else, endif, for or endfor after %{', {
          help: 'Write %%{ for a literal %{.',
        });
        return { ...common, kind: 'else' };
    }
  }

  heredoc(): Expression {
    const open = this.start;
    const body = this.end;
    const marker = this.heredocMarker(open);
    const pieces: Piece[] = [];
    const end = this.linePieces(body, pieces, marker, open);
    if (this.failed) return this.broken(open, end);
    if (this.text.charCodeAt(open + 2) === Char.minus) dedent(pieces);
    const value = assemble(this, pieces, open, end, true, this);
    this.end = end;
    this.advance();
    if (this.height > limits.nesting) this.tooDeep(open);
    return value;
  }

  template(): Expression {
    const { start } = this;
    this.height = 1;
    const pieces: Piece[] = [];
    this.linePieces(start, pieces, undefined, start);
    const value = assemble(this, pieces, start, this.limit, false, this);
    if (this.height > limits.nesting) this.tooDeep(start);
    return this.failed ? this.broken(start, this.limit) : value;
  }

  /** Reads lines up to the closing marker, or without one to the end of the text; gives the offset where the text ends. */
  linePieces(body: number, pieces: Piece[], marker: string | undefined, open: number): number {
    const { text, limit } = this;
    let i = body;
    let raw = i;
    let pieceStart = i;
    let value = '';
    const flush = () => {
      value += text.slice(raw, i);
      if (i > pieceStart) pushText(pieces, value, pieceStart, i);
      value = '';
      raw = i;
      pieceStart = i;
    };
    let end = marker === undefined ? -1 : this.closingMarker(i, marker, this.markerAtEnd);
    while (end < 0) {
      if (i >= limit) {
        flush();
        if (marker === undefined) return limit;
        this.unclosedHeredoc(open, body, marker);
        return limit;
      }
      const c = text.charCodeAt(i);
      if (c === Char.lineFeed) {
        i++;
        flush();
        if (marker !== undefined) end = this.closingMarker(i, marker, this.markerAtEnd);
      } else if (c === Char.dollar || c === Char.percent) {
        const next = this.at(i + 1);
        if (next === c && this.at(i + 2) === Char.openBrace) {
          value += `${text.slice(raw, i + 1)}{`;
          i += 3;
          raw = i;
        } else if (next === Char.openBrace) {
          flush();
          i = this.sequence(i, pieces);
          if (this.failed) return i;
          raw = i;
          pieceStart = i;
        } else i++;
      } else {
        if (c === Char.carriageReturn && this.at(i + 1) !== Char.lineFeed)
          this.report('hcl-control-character', 'a carriage return must be followed by a line feed', i, i + 1);
        i++;
      }
    }
    return end;
  }

  unclosedHeredoc(open: number, body: number, marker: string): void {
    const spoilt = this.quiet ? -1 : this.spoiltMarker(open, body);
    const bodyLineEnd = this.text.charCodeAt(body - 2) === Char.carriageReturn ? body - 2 : body - 1;
    this.fail(
      'hcl-unclosed-heredoc',
      `this heredoc is not closed: no line consists of ${marker} alone`,
      open,
      bodyLineEnd,
      {
        help: `End it with a line that holds ${marker} and nothing else, not even a comma or bracket, and a line break.`,
        ...(spoilt < 0
          ? {}
          : {
              related: [{ at: this.span(spoilt, spoilt + marker.length), message: 'something else is on this line' }],
            }),
      },
    );
  }
}

function afterError(layout: Layout): Layout {
  return layout === 'one-line' ? 'told' : layout;
}

function isHex(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102);
}

/** Whether a double gives back the decimal number that was written. */
function keepsDigits(text: string, value: number): boolean {
  // Fifteen significant digits always survive.
  if (text.length <= 15 && !/[eE]/.test(text)) return true;
  return Number.isFinite(value) && canonical(text) === canonical(String(value));
}

/** A decimal number as its significant digits and the power of ten of the last one. */
function canonical(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
