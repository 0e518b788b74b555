/**
 * One expression tree for every language.
 * Nodes are spans of their source. Parsers build it, evaluate/ walks it; what a language cannot say it never builds.
 * Nesting is bounded by the parsers (limits.nesting), and a chain of one operator is one node, so walks may recurse.
 */
import type { Span } from '../source/source.ts';

export type Expression =
  | Literal
  | TemplateText
  | Name
  | Access
  | Splat
  | Call
  | Operation
  | Conditional
  | ListText
  | ObjectText
  | For
  | Lambda
  | Broken;

export interface Literal extends Span {
  readonly kind: 'literal';
  /** A number keeps its text where a double would lose digits. */
  readonly value: string | number | boolean | null;
  readonly digits?: string;
}

/** A string with holes. Adjacent texts are joined; a template of one hole and nothing else keeps the hole's type in HCL. */
export interface TemplateText extends Span {
  readonly kind: 'template';
  readonly parts: readonly (string | Expression)[];
  readonly heredoc?: boolean;
}

/** A bare name: variable, local, resource type, loop variable, Bicep symbol. */
export interface Name extends Span {
  readonly kind: 'name';
  readonly name: string;
}

/** `of.key`, `of[key]`, and with `safe` `of.?key`, `of[?key]`. A dotted key is a literal. */
export interface Access extends Span {
  readonly kind: 'access';
  readonly of: Expression;
  readonly key: Expression;
  readonly safe?: boolean;
  /** Bicep `^`: counted from the end. */
  readonly fromEnd?: boolean;
  /** Bicep `parent::child`. */
  readonly nested?: boolean;
}

/** HCL `of[*]...` (full) and `of.*...`; `each` is what follows, with `Name` "*" as its root. */
export interface Splat extends Span {
  readonly kind: 'splat';
  readonly of: Expression;
  readonly each: Expression;
  readonly full: boolean;
}

/** `name(args)`; a method call `of.name(args)` has `of`. Namespaces stay in the name: "provider::azapi::f", "sys.concat". */
export interface Call extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly nameSpan: Span;
  readonly of?: Expression;
  readonly args: readonly Expression[];
  /** HCL `f(list...)`: the last argument is spread. */
  readonly spread?: boolean;
}

/**
 * `a op b op c` of one operator (left-associative, flattened) or a unary operator (one operand).
 * Operators are spelt as in HCL and Bicep: `|| && == != =~ !~ < <= > >= + - * / % ?? !`; a Bicep `x!` is "assert".
 */
export interface Operation extends Span {
  readonly kind: 'operation';
  readonly operator: string;
  readonly operands: readonly Expression[];
}

export interface Conditional extends Span {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export interface ListText extends Span {
  readonly kind: 'list';
  readonly items: readonly ListItem[];
}
export interface ListItem {
  readonly value: Expression;
  /** Bicep `...value`. */
  readonly spread?: boolean;
}

export interface ObjectText extends Span {
  readonly kind: 'object';
  readonly entries: readonly ObjectEntry[];
}
export interface ObjectEntry {
  /** A bare key is a literal string. Absent: Bicep `...value`. */
  readonly key?: Expression;
  readonly value: Expression;
}

/** HCL `[for k, v in of : value if condition]`, `{for ... : key => value...}`; Bicep `[for (item, index) in of: value]`. */
export interface For extends Span {
  readonly kind: 'for';
  readonly keyName?: string;
  readonly valueName: string;
  readonly of: Expression;
  /** Present: the result is an object. */
  readonly key?: Expression;
  readonly value: Expression;
  readonly condition?: Expression;
  /** HCL `...`: values of one key are grouped into a list. */
  readonly grouped?: boolean;
  /** A template directive `%{ for }`: the results are joined into a string. */
  readonly text?: boolean;
}

/** Bicep `(a, b) => body`; ARM `lambda('a', 'b', body)`. */
export interface Lambda extends Span {
  readonly kind: 'lambda';
  readonly parameters: readonly string[];
  readonly body: Expression;
}

/** What could not be parsed; a diagnostic stands beside it. It evaluates to unknown. */
export interface Broken extends Span {
  readonly kind: 'broken';
}
