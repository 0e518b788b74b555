/** What a Bicep file is compiled to: the shapes, which the evaluator of templates knows without the compiler. */
import type { Expression, Literal } from '../../parse/expression.ts';
import type { Source, Span } from '../../source/source.ts';
import type { ScopeKind } from '../arm/scope.ts';
import type { TemplateObject } from '../arm/tree.ts';

/** A template that was written in Bicep. */
export interface BicepTemplate extends TemplateObject {
  readonly unit: Unit;
}

/** What a file has beside what a template has. */
export interface Unit {
  readonly source: Source;
  readonly scope: ScopeKind | undefined;
  readonly functions: ReadonlyMap<string, UserFunction>;
  /** Names in this file that stand for what another file exports. */
  readonly imports: ReadonlyMap<string, ImportedName>;
  /** Names in this file that stand for all that another file exports. */
  readonly namespaces: ReadonlyMap<string, ImportedFile>;
  /** Paths of modules and imports as written. */
  readonly references: readonly Literal[];
  /** The first syntax error: what is missing in the file may have been written. */
  readonly broken: Span | undefined;
}

export interface UserFunction {
  readonly parameters: readonly string[];
  readonly body: Expression;
}
export interface ImportedFile {
  /** As written; undefined where it is no text. */
  readonly path: string | undefined;
  readonly at: Span;
}
export interface ImportedName extends ImportedFile {
  readonly exported: string;
}

/** An entry of `resources` that was written in Bicep. */
export interface Declared extends TemplateObject {
  readonly declared: Declaration;
}
export interface Declaration {
  /** From the keyword to the end of the type or path. */
  readonly head: Span;
  readonly parent?: Expression | undefined;
  readonly scope?: Expression | undefined;
  /** What `dependsOn` names. */
  readonly needs?: Expression | undefined;
  readonly loop?: { readonly of: Expression; readonly itemName: string; readonly indexName?: string | undefined };
  /** Path of a module. */
  readonly module?: Expression | undefined;
}

/** What a parameter file says. */
export interface ParameterAssignments {
  /** What it uses; undefined: none, or it is no text. */
  readonly using: Literal | undefined;
  readonly extends: Literal | undefined;
  readonly values: ReadonlyMap<string, { readonly expression: Expression; readonly at: Span }>;
  /** Its variables, functions and imports. */
  readonly template: BicepTemplate;
}

export function isBicep(template: TemplateObject): template is BicepTemplate {
  return 'unit' in template;
}

export function declarationOf(node: TemplateObject): Declaration | undefined {
  return 'declared' in node ? (node as Declared).declared : undefined;
}
