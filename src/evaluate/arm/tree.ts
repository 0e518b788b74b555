/**
 * The tree of a template: JSON as it was written, or what a Bicep file says in its place. A Bicep file is put into the shape
 * of the template that it stands for; its values stay expressions, each with its span in the Bicep file.
 */
import type { Expression } from '../../parse/expression.ts';
import type { JsonNumber, JsonString, JsonWord } from '../../parse/json-tree.ts';
import type { Span } from '../../source/source.ts';

export type TemplateNode = TemplateObject | TemplateArray | JsonString | JsonNumber | JsonWord | Computed;

export interface TemplateObject extends Span {
  readonly kind: 'object';
  /** In source order; of a duplicate key the last one counts. */
  readonly members: readonly TemplateMember[];
}
export interface TemplateMember extends Span {
  readonly key: JsonString;
  readonly value: TemplateNode;
}
export interface TemplateArray extends Span {
  readonly kind: 'array';
  readonly items: readonly TemplateNode[];
}
/** A value of a Bicep file. */
export interface Computed extends Span {
  readonly kind: 'expression';
  readonly expression: Expression;
}
