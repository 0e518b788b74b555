/**
 * ARM template expressions -> expression tree.
 * Takes JSON nodes of a template; gives expressions whose spans are places in the JSON file, also through JSON escapes.
 * A string is an expression if it starts with "[" and ends with "]"; "[[...]" is the text "[...]"; all else is text.
 * The language has calls, texts, numbers and access, and no operators.
 */
import type { Log } from '../source/diagnostic.ts';
import { limits } from '../source/limits.ts';
import { span } from '../source/source.ts';
import type { Expression, Literal, ObjectEntry } from './expression.ts';
import { offsetsOf } from './json.ts';
import type { JsonNode, JsonNumber, JsonObject, JsonString } from './json-tree.ts';

/** Characters that Azure Resource Manager reads of one expression. */
const longest = 24_576;

/** Any node of a template's JSON. Its nesting is bounded by parseJson. */
export function armExpressionOf(node: JsonNode, log: Log): Expression {
  const { source, start, end } = node;
  switch (node.kind) {
    case 'string':
      return parseArmString(node, log);
    case 'number':
      return numberLiteral(node);
    case 'word':
      return { kind: 'literal', source, start, end, value: node.value };
    case 'array':
      return {
        kind: 'list',
        source,
        start,
        end,
        items: node.items.map((item) => ({ value: armExpressionOf(item, log) })),
      };
    case 'object':
      return { kind: 'object', source, start, end, entries: entriesOf(node, log) };
  }
}

/** A string of a template, as a value or as an object's key. */
export function parseArmString(node: JsonString, log: Log): Expression {
  const { source, start, end, value } = node;
  if (
    value.length < 2 ||
    value.charCodeAt(0) !== LEFT_BRACKET ||
    value.charCodeAt(value.length - 1) !== RIGHT_BRACKET
  ) {
    return { kind: 'literal', source, start, end, value };
  }
  if (value.charCodeAt(1) === LEFT_BRACKET) return { kind: 'literal', source, start, end, value: value.slice(1) };
  if (value.length > longest) {
    log.push({
      code: 'arm-expression-too-long',
      severity: 'warning',
      message: `this expression has ${value.length} characters, and Azure accepts ${longest}`,
      help: 'Move parts of it into variables.',
      at: node,
    });
  }
  return new ExpressionReader(node, log).whole() ?? { kind: 'broken', source, start, end };
}

function entriesOf(node: JsonObject, log: Log): ObjectEntry[] {
  const last = new Map(node.members.map((member) => [member.key.value, member]));
  const counting =
    last.size === node.members.length
      ? node.members
      : node.members.filter((member) => last.get(member.key.value) === member);
  return counting.map((member) => ({
    key: parseArmString(member.key, log),
    value: armExpressionOf(member.value, log),
  }));
}

/** A number keeps its text where a double would lose digits. */
export function numberLiteral({ source, start, end, value, digits }: Omit<JsonNumber, 'kind'>): Literal {
  const literal = { kind: 'literal', source, start, end, value } as const;
  // A double holds any 15 significant digits.
  const short = digits.length <= 15 && !/e/i.test(digits);
  return short || significant(digits) === significant(String(value)) ? literal : { ...literal, digits };
}

/** The digits that count: "-0.0120e5" gives "12". */
function significant(digits: string): string {
  return digits.replace(/e.*$/i, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
}

const QUOTE = 34;
const APOSTROPHE = 39;
const LEFT_PAREN = 40;
const RIGHT_PAREN = 41;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const LEFT_BRACKET = 91;
const RIGHT_BRACKET = 93;

/** Reads one expression; methods give undefined after an error, which has then been told: one for each expression. */
class ExpressionReader {
  readonly #node: JsonString;
  readonly #log: Log;
  readonly #text: string;
  /** Index of the closing bracket. */
  readonly #end: number;
  readonly #offset: (index: number) => number;
  #at = 1;
  /** Brackets that are open. */
  #depth = 0;
  /** Levels of the tree that was read last; a chain of access is as deep as it is long. */
  #height = 0;

  constructor(node: JsonString, log: Log) {
    this.#node = node;
    this.#log = log;
    this.#text = node.value;
    this.#end = node.value.length - 1;
    this.#offset = offsetsOf(node);
  }

  whole(): Expression | undefined {
    const expression = this.#expression();
    if (!expression || this.#space() === this.#end) return expression;
    return this.#code() === RIGHT_BRACKET
      ? this.#bad(
          'the expression ends at this bracket, but the text goes on',
          "A text is either one expression or none: join parts with concat() or format(). A literal text starts with '[['.",
        )
      : this.#unexpected();
  }

  #expression(): Expression | undefined {
    if (this.#depth >= limits.nesting) return this.#tooDeep();
    this.#depth++;
    const start = this.#space();
    const code = this.#code();
    let expression: Expression | undefined;
    if (code === APOSTROPHE) {
      expression = this.#afterwards(start, this.#literal());
    } else if (code === MINUS || isDigit(code)) {
      expression = this.#number();
    } else if (isWordCode(code)) {
      expression = this.#afterwards(start, this.#call());
    } else if (start >= this.#end || code === COMMA || code === RIGHT_PAREN || code === RIGHT_BRACKET) {
      expression = this.#bad('an expression is missing here', "Write a value, like 'text', 5 or parameters('name').");
    } else {
      expression = this.#unexpected();
    }
    this.#depth--;
    return expression;
  }

  /** `.name` and `[key]`, as many as follow. */
  #afterwards(start: number, first: Expression | undefined): Expression | undefined {
    let of = first;
    while (of) {
      this.#space();
      const height = this.#height;
      const code = this.#code();
      let key: Expression | undefined;
      if (code === DOT) {
        this.#at++;
        const from = this.#space();
        const name = this.#word();
        if (name === '') {
          return this.#bad(
            'a property name is missing after the dot',
            "Write .name, or ['name'] for other characters.",
          );
        }
        key = { ...this.#span(from, this.#at), kind: 'literal', value: name };
      } else if (code === LEFT_BRACKET) {
        const open = this.#at++;
        key = this.#expression();
        if (!key) return undefined;
        this.#space();
        if (this.#code() !== RIGHT_BRACKET || this.#at === this.#end) return this.#unclosed(open, ']');
        this.#at++;
      } else {
        return of;
      }
      this.#height = 1 + Math.max(height, code === DOT ? 1 : this.#height);
      if (this.#height > limits.nesting) return this.#tooDeep();
      of = { ...this.#span(start, this.#at), kind: 'access', of, key };
    }
    return undefined;
  }

  #call(): Expression | undefined {
    const start = this.#at;
    let name = this.#word();
    let nameEnd = this.#at;
    this.#space();
    if (this.#code() === DOT) {
      this.#at++;
      this.#space();
      name += `.${this.#word()}`;
      nameEnd = this.#at;
      this.#space();
    }
    if (this.#code() !== LEFT_PAREN) {
      this.#at = start;
      return this.#bad(
        `"${shortened(name)}" is neither a function call nor a text`,
        "Write parameters('name') or variables('name') for a value, 'text' for a text, and name() for a function.",
        nameEnd,
      );
    }
    const open = this.#at++;
    const args: Expression[] = [];
    let height = 0;
    if (this.#space() < this.#end && this.#code() === RIGHT_PAREN) {
      this.#at++;
    } else {
      for (let closed = false; !closed; this.#at++) {
        const arg = this.#expression();
        if (!arg) return undefined;
        args.push(arg);
        height = Math.max(height, this.#height);
        this.#space();
        closed = this.#code() === RIGHT_PAREN;
        if (!closed && this.#code() !== COMMA) return this.#unclosed(open, ')');
      }
    }
    this.#height = height + 1;
    if (this.#height > limits.nesting) return this.#tooDeep();
    const call = this.#span(start, this.#at);
    const lower = name.toLowerCase();
    if (lower === 'lambda' && args.length > 0) {
      const parameters = args.slice(0, -1).map((arg) => (arg.kind === 'literal' ? arg.value : undefined));
      if (parameters.every((parameter) => typeof parameter === 'string')) {
        return { ...call, kind: 'lambda', parameters, body: args.at(-1)! };
      }
    }
    return { ...call, kind: 'call', name: lower, nameSpan: this.#span(start, nameEnd), args };
  }

  /** `'text'`, in which a quote is doubled. */
  #literal(): Literal | undefined {
    const start = this.#at;
    let end = start + 1;
    let doubled = false;
    for (; ; end++) {
      end = this.#text.indexOf("'", end);
      if (end === -1) {
        return this.#bad(
          'the closing quote of this text is missing',
          "Write ' at its end; a quote inside is doubled: ''.",
        );
      }
      if (this.#text.charCodeAt(end + 1) !== APOSTROPHE) break;
      doubled = true;
      end++;
    }
    this.#at = end + 1;
    this.#height = 1;
    const value = this.#text.slice(start + 1, end);
    return { ...this.#span(start, this.#at), kind: 'literal', value: doubled ? value.replaceAll("''", "'") : value };
  }

  #number(): Literal | undefined {
    const start = this.#at;
    if (this.#code() === MINUS) this.#at++;
    const whole = this.#at;
    while (isDigit(this.#code())) this.#at++;
    let good = this.#at > whole;
    if (this.#code() === DOT) {
      const fraction = ++this.#at;
      while (isDigit(this.#code())) this.#at++;
      good &&= this.#at > fraction;
    }
    if (isWordCode(this.#code())) {
      this.#word();
      good = false;
    }
    const end = this.#at;
    if (!good) {
      this.#at = start;
      return this.#bad('this is no number', 'Write whole numbers, like 5 or -5.', end);
    }
    this.#height = 1;
    const digits = this.#text.slice(start, end);
    return numberLiteral({ ...this.#span(start, end), value: Number(digits), digits });
  }

  #word(): string {
    const start = this.#at;
    if (isDigit(this.#code())) return '';
    while (isWordCode(this.#code())) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** Passes white space; returns the index of what follows. */
  #space(): number {
    while (isSpace(this.#code())) this.#at++;
    return this.#at;
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #span(from: number, to: number) {
    return span(this.#node.source, this.#offset(from), this.#offset(to));
  }

  #unclosed(open: number, close: string): undefined {
    const code = this.#code();
    const begins = code === APOSTROPHE || isWordCode(code);
    if (close === ')' && begins) {
      return this.#bad('a comma is missing here, before the next argument', 'Write "," between two arguments.');
    }
    if (this.#at < this.#end && code !== RIGHT_BRACKET && code !== RIGHT_PAREN) return this.#unexpected();
    this.#log.push({
      code: 'arm-bad-expression',
      severity: 'warning',
      message: `"${close}" is missing before this bracket`,
      help: `Close every "${close === ')' ? '(' : '['}"; Azure refuses the template otherwise.`,
      at: this.#span(this.#at, this.#at + 1),
      related: [{ at: this.#span(open, open + 1), message: 'this bracket is not closed' }],
    });
    return undefined;
  }

  #unexpected(): undefined {
    const code = this.#text.codePointAt(this.#at)!;
    const character = String.fromCodePoint(code);
    const end = this.#at + character.length;
    if (code === QUOTE) {
      return this.#bad('a text inside of an expression has single quotes', "Write 'text'.", end);
    }
    if ('+-*/%=<>!&|?:'.includes(character)) {
      return this.#bad(
        `"${character}" has no place here: expressions have no operators`,
        'Write a function: add(), sub(), mul(), div(), equals(), not(), and(), or(), if().',
        end,
      );
    }
    return this.#bad(
      `${/[\p{C}\p{Z}]/u.test(character) ? 'this character' : `"${character}"`} has no place here`,
      "Remove it, or write text in single quotes. A text that is meant literally starts with '[['.",
      end,
    );
  }

  #bad(message: string, help: string, end = this.#at + 1): undefined {
    this.#log.push({
      code: 'arm-bad-expression',
      severity: 'warning',
      message,
      help,
      at: this.#span(this.#at, end),
    });
    return undefined;
  }

  #tooDeep(): undefined {
    this.#log.push({
      code: 'arm-expression-too-deep',
      severity: 'error',
      message: `this expression is nested more than ${limits.nesting} deep`,
      help: 'Move parts of it into variables.',
      at: this.#span(this.#at, this.#at + 1),
    });
    return undefined;
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function isWordCode(code: number): boolean {
  if (code > 127) return /[\p{L}\p{N}]/u.test(String.fromCharCode(code));
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 122) || code === 95 || code === 36;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || (code > 127 && /\s/.test(String.fromCharCode(code)));
}

function shortened(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}...` : name;
}
