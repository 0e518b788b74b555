/** Syntax tree of HCL native syntax: bodies of attributes and blocks, in source order. */
import type { Span } from '../source/source.ts';
import type { Comment } from './comment.ts';
import type { Expression } from './expression.ts';

export interface HclFile {
  readonly body: Body;
  /** Comments that mention the tool, in source order. */
  readonly comments: readonly Comment[];
}

/** `start`..`end` runs from after the opening brace to the closing one; for a file it is the whole text. */
export interface Body extends Span {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
}

export interface Attribute extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Expression;
}

export interface Block extends Span {
  readonly type: string;
  readonly labels: readonly Label[];
  readonly body: Body;
  /** From the type to the opening brace, both included. */
  readonly head: Span;
}

export interface Label extends Span {
  readonly text: string;
}
