/**
 * Pieces of an HCL template -> one expression.
 * Takes the texts, holes and directives of a string, heredoc or template file in source order; gives a literal or a
 * template in which %{ if } and %{ for } are nodes. Trimming and dedenting work on the pieces, as in HCL itself: a
 * piece of a heredoc ends with its line.
 */
import { limits } from '../source/limits.ts';
import type { Conditional, Expression, For } from './expression.ts';
import { type HclLexer, isSpace } from './hcl-lexer.ts';

export type Piece = TextPiece | HolePiece | DirectivePiece;

export interface TextPiece {
  readonly kind: 'text';
  value: string;
  readonly start: number;
  readonly end: number;
}

export interface HolePiece {
  readonly kind: 'hole';
  readonly value: Expression;
  readonly height: number;
  readonly start: number;
  end: number;
  /** Closed by `~}`. */
  trimsNext: boolean;
}

export interface DirectivePiece {
  readonly kind: 'if' | 'else' | 'endif' | 'for' | 'endfor';
  /** The condition of `if`, the collection of `for`. */
  readonly value?: Expression;
  readonly keyName?: string;
  readonly valueName?: string;
  readonly height: number;
  readonly start: number;
  end: number;
  trimsNext: boolean;
}

function leadingSpaces(text: string): number {
  let i = 0;
  while (i < text.length && isSpace(text.charCodeAt(i))) i++;
  return i;
}

function trimEnd(text: string): string {
  let i = text.length;
  while (i > 0 && isSpace(text.charCodeAt(i - 1))) i--;
  return text.slice(0, i);
}

export function pushText(pieces: Piece[], value: string, start: number, end: number): void {
  const last = pieces.at(-1);
  const trimmed = last && last.kind !== 'text' && last.trimsNext ? value.slice(leadingSpaces(value)) : value;
  pieces.push({ kind: 'text', value: trimmed, start, end });
}

/** `${~` and `%{~` trim the text right before them. */
export function trimLast(pieces: readonly Piece[]): void {
  const last = pieces.at(-1);
  if (last?.kind === 'text') last.value = trimEnd(last.value);
}

/**
 * `<<-`: takes the smallest indentation from every line. Blank lines neither count nor change, and a line whose
 * predecessor lost its line break to a `~}` is no line of its own (so in HCL).
 */
export function dedent(pieces: readonly Piece[]): void {
  let smallest = Number.POSITIVE_INFINITY;
  let atLineStart = true;
  const leading: TextPiece[] = [];
  for (const piece of pieces) {
    const text = piece.kind === 'text' ? piece.value : '';
    if (atLineStart) {
      const spaces = leadingSpaces(text);
      if (spaces < text.length || !text.endsWith('\n')) {
        smallest = Math.min(smallest, spaces);
        if (piece.kind === 'text') leading.push(piece);
      }
    }
    atLineStart = text.endsWith('\n');
  }
  for (const piece of leading) piece.value = piece.value.slice(smallest);
}

const maybeDecomposed = /[\u0300-\uffff]/;

/** HCL strings are NFC; texts below U+0300 always are. */
export function normalise(text: string): string {
  return maybeDecomposed.test(text) ? text.normalize('NFC') : text;
}

interface Frame {
  /** undefined: the template itself. */
  readonly directive: DirectivePiece | undefined;
  otherwise: DirectivePiece | undefined;
  parts: (string | Expression)[];
  /** What stands before %{ else }. */
  first: Expression | undefined;
  height: number;
}

/** Also sets the height of the result in `reached`. */
export function assemble(
  lexer: HclLexer,
  pieces: readonly Piece[],
  start: number,
  end: number,
  heredoc: boolean,
  reached: { height: number },
): Expression {
  const source = lexer.source;
  const only = pieces[0];
  if (pieces.length === 1 && only?.kind === 'hole') {
    reached.height = only.height + 1;
    return { kind: 'template', parts: [only.value], source, start, end };
  }
  let frame: Frame = { directive: undefined, otherwise: undefined, parts: [], first: undefined, height: 0 };
  const outer: Frame[] = [];
  for (const piece of pieces) {
    switch (piece.kind) {
      case 'text': {
        const last = frame.parts.length - 1;
        if (typeof frame.parts[last] === 'string') frame.parts[last] += piece.value;
        else frame.parts.push(piece.value);
        break;
      }
      case 'hole':
        frame.parts.push(piece.value);
        frame.height = Math.max(frame.height, piece.height);
        break;
      case 'if':
      case 'for':
        // Each directive makes two levels of the tree: its node and the template inside.
        if (outer.length * 2 + 4 > limits.nesting) {
          lexer.tooDeep(piece.start);
          return { kind: 'broken', source, start, end };
        }
        outer.push(frame);
        frame = { directive: piece, otherwise: undefined, parts: [], first: undefined, height: piece.height };
        break;
      case 'else': {
        const { directive } = frame;
        if (directive?.kind !== 'if' || frame.otherwise) {
          unbalanced(lexer, piece, directive);
          return { kind: 'broken', source, start, end };
        }
        frame.first = template(lexer, frame.parts, directive.end, piece.start, false);
        frame.otherwise = piece;
        frame.parts = [];
        break;
      }
      default: {
        const { directive } = frame;
        if (!directive || piece.kind !== `end${directive.kind}`) {
          unbalanced(lexer, piece, directive);
          return { kind: 'broken', source, start, end };
        }
        const node = close(lexer, frame, directive, piece);
        const height = frame.height + 2;
        frame = outer.pop()!;
        frame.parts.push(node);
        frame.height = Math.max(frame.height, height);
      }
    }
  }
  if (frame.directive) {
    const { kind, start: from, end: to } = frame.directive;
    lexer.fail('hcl-unclosed-directive', `%{ ${kind} } has no %{ end${kind} }`, from, to, {
      help: `Add %{ end${kind} } where it shall end, or write %%{ for a literal %{.`,
    });
    return { kind: 'broken', source, start, end };
  }
  reached.height = frame.height + 1;
  return template(lexer, frame.parts, start, end, heredoc);
}

function close(lexer: HclLexer, frame: Frame, open: DirectivePiece, end: DirectivePiece): Conditional | For {
  const source = lexer.source;
  const rest = template(lexer, frame.parts, (frame.otherwise ?? open).end, end.start, false);
  if (open.kind === 'if')
    return {
      kind: 'conditional',
      condition: open.value!,
      then: frame.first ?? rest,
      otherwise: frame.first ? rest : { kind: 'literal', value: '', source, start: end.start, end: end.start },
      source,
      start: open.start,
      end: end.end,
    };
  return {
    kind: 'for',
    ...(open.keyName === undefined ? {} : { keyName: open.keyName }),
    valueName: open.valueName!,
    of: open.value!,
    value: rest,
    text: true,
    source,
    start: open.start,
    end: end.end,
  };
}

/** A single part that is not the whole template gets an empty text beside it: only `"${x}"` keeps the type of x. */
function template(
  lexer: HclLexer,
  parts: readonly (string | Expression)[],
  start: number,
  end: number,
  heredoc: boolean,
): Expression {
  const source = lexer.source;
  const first = parts[0] ?? '';
  if (parts.length <= 1) {
    if (typeof first === 'string') return { kind: 'literal', value: normalise(first), source, start, end };
    return { kind: 'template', parts: ['', first], ...(heredoc ? { heredoc } : {}), source, start, end };
  }
  const normal = parts.map((part) => (typeof part === 'string' ? normalise(part) : part));
  return { kind: 'template', parts: normal, ...(heredoc ? { heredoc } : {}), source, start, end };
}

function unbalanced(lexer: HclLexer, piece: DirectivePiece, open: DirectivePiece | undefined): void {
  const { start, end } = piece;
  if (!open) {
    lexer.fail('hcl-unbalanced-directive', `%{ ${piece.kind} } closes nothing`, start, end, {
      help: 'Add the %{ if } or %{ for } it belongs to, or remove it.',
    });
    return;
  }
  const expected = open.kind === 'if' && piece.kind === 'else' ? 'only one %{ else }' : `%{ end${open.kind} }`;
  lexer.fail('hcl-unbalanced-directive', `expected ${expected}, found %{ ${piece.kind} }`, start, end, {
    related: [{ at: lexer.span(open.start, open.end), message: `%{ ${open.kind} } starts here` }],
  });
}
