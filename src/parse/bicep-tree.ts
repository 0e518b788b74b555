/**
 * Syntax tree of a Bicep file or Bicep parameter file: its declarations in source order.
 * Values are the shared expression tree; types have a small tree of their own. What could not be read is `broken` there,
 * and a diagnostic stands beside it. Nesting is bounded by the parser, so walks may recurse.
 */
import type { Span } from '../source/source.ts';
import type { Comment } from './comment.ts';
import type { Broken, Expression, ObjectText } from './expression.ts';

export interface BicepFile {
  /** A `.bicepparam` file assigns parameters, any other declares them. */
  readonly language: 'bicep' | 'bicepparam';
  readonly declarations: readonly Declaration[];
  /** Comments that mention the tool, in source order. */
  readonly comments: readonly Comment[];
  readonly directives: readonly Directive[];
}

/** `#disable-next-line CODE...`, `#disable-diagnostics CODE...` or `#restore-diagnostics CODE...`. */
export interface Directive extends Span {
  /** Without the hash. */
  readonly name: string;
  readonly codes: readonly DirectiveCode[];
}
export interface DirectiveCode extends Span {
  readonly code: string;
}

export type Declaration =
  | TargetScope
  | Metadata
  | Parameter
  | Variable
  | Resource
  | Module
  | Output
  | TypeDeclaration
  | FunctionDeclaration
  | Import
  | Using
  | Extends
  | Extension
  | ExtensionConfig
  | Assertion
  | TestDeclaration;

/** A name where it is declared. It is empty where it is missing, which a diagnostic tells. */
export interface Identifier extends Span {
  readonly name: string;
}

/** `@sys.description('...')`: the span starts at the `@`. */
export interface Decorator extends Span {
  readonly expression: Expression;
}

/** From the keyword (decorators stand before it) to the end of the value. */
interface Declared extends Span {
  readonly decorators: readonly Decorator[];
  /** An error cut it short: what is absent may have been written. */
  readonly incomplete?: boolean;
}

export interface TargetScope extends Declared {
  readonly kind: 'targetScope';
  readonly value: Expression;
}

export interface Metadata extends Declared {
  readonly kind: 'metadata';
  readonly name: Identifier;
  readonly value: Expression;
}

export interface Parameter extends Declared {
  readonly kind: 'parameter';
  readonly name: Identifier;
  /** Absent in a parameter file. */
  readonly type?: Type;
  /** The default; in a parameter file the value. */
  readonly value?: Expression;
}

export interface Variable extends Declared {
  readonly kind: 'variable';
  readonly name: Identifier;
  readonly type?: Type;
  readonly value: Expression;
}

/** `[for (item, index) in of: ...]` around a body; the span is that of the whole loop. */
export interface Loop extends Span {
  readonly itemName: string;
  readonly indexName?: string;
  readonly of: Expression;
}

/** The body of a resource or module, with the loop and the condition around it. */
interface Deployed extends Declared {
  readonly name: Identifier;
  readonly loop?: Loop;
  readonly condition?: Expression;
  readonly body: ObjectText | Broken;
}

export interface Resource extends Deployed {
  readonly kind: 'resource';
  /** Type and version as written, 'Microsoft.X/y@2024-01-01'. */
  readonly type: Expression;
  readonly existing: boolean;
  /** Resources that are declared in the body. */
  readonly resources: readonly Resource[];
}

export interface Module extends Deployed {
  readonly kind: 'module';
  readonly path: Expression;
}

export interface Output extends Declared {
  readonly kind: 'output';
  readonly name: Identifier;
  readonly type: Type;
  readonly value: Expression;
}

export interface TypeDeclaration extends Declared {
  readonly kind: 'type';
  readonly name: Identifier;
  readonly type: Type;
}

export interface FunctionDeclaration extends Declared {
  readonly kind: 'function';
  readonly name: Identifier;
  readonly parameters: readonly FunctionParameter[];
  readonly result: Type;
  readonly body: Expression;
}
export interface FunctionParameter extends Span {
  readonly name: Identifier;
  readonly type: Type;
}

/** `import {a, 'b' as c} from 'path'` or `import * as all from 'path'`. */
export interface Import extends Declared {
  readonly kind: 'import';
  readonly symbols: readonly ImportedSymbol[];
  readonly all?: Identifier;
  readonly path: Expression;
}
export interface ImportedSymbol extends Span {
  /** The name where it is exported. */
  readonly exported: string;
  /** The name in this file. */
  readonly name: Identifier;
}

/** `using 'path'` or `using none`, in parameter files. */
export interface Using extends Declared {
  readonly kind: 'using';
  /** Absent: none. */
  readonly path?: Expression;
  readonly with?: Expression;
}

export interface Extends extends Declared {
  readonly kind: 'extends';
  readonly path: Expression;
}

/** `extension x`, `extension 'br:...' with {...} as x`; also `import 'x' as y` of old. */
export interface Extension extends Declared {
  readonly kind: 'extension';
  readonly specification: Expression;
  readonly with?: Expression;
  readonly alias?: Identifier;
}

export interface ExtensionConfig extends Declared {
  readonly kind: 'extensionConfig';
  readonly name: Identifier;
  readonly with: Expression;
}

export interface Assertion extends Declared {
  readonly kind: 'assert';
  readonly name: Identifier;
  readonly value: Expression;
}

export interface TestDeclaration extends Declared {
  readonly kind: 'test';
  readonly name: Identifier;
  readonly path: Expression;
  readonly value: Expression;
}

export type Type =
  | NamedType
  | LiteralType
  | ArrayType
  | NullableType
  | NonNullType
  | UnionType
  | ObjectType
  | TupleType
  | TypeAccess
  | AppliedType
  | ResourceType
  | Broken;

export interface NamedType extends Span {
  readonly kind: 'namedType';
  readonly name: string;
}

/** A value that is a type: 'a', 1, true, null; a negative number is an operation. */
export interface LiteralType extends Span {
  readonly kind: 'literalType';
  readonly value: Expression;
}

/** `of[]` */
export interface ArrayType extends Span {
  readonly kind: 'arrayType';
  readonly of: Type;
}

/** `of?` */
export interface NullableType extends Span {
  readonly kind: 'nullableType';
  readonly of: Type;
}

/** `of!` */
export interface NonNullType extends Span {
  readonly kind: 'nonNullType';
  readonly of: Type;
}

export interface UnionType extends Span {
  readonly kind: 'unionType';
  readonly members: readonly Type[];
}

export interface ObjectType extends Span {
  readonly kind: 'objectType';
  readonly properties: readonly PropertyType[];
}
export interface PropertyType extends Span {
  readonly decorators: readonly Decorator[];
  /** A bare key is a literal string. Absent: `*`, the type of all others. */
  readonly key?: Expression;
  readonly type: Type;
}

export interface TupleType extends Span {
  readonly kind: 'tupleType';
  readonly items: readonly TupleItem[];
}
export interface TupleItem extends Span {
  readonly decorators: readonly Decorator[];
  readonly type: Type;
}

/** `of.name`, `of[0]`; `of.*` (other properties) and `of[*]` (items) have no key. */
export interface TypeAccess extends Span {
  readonly kind: 'typeAccess';
  readonly of: Type;
  readonly key?: Expression;
  readonly all?: 'items' | 'properties';
}

/** `resourceInput<'...'>`; with a namespace, `sys.resourceInput<'...'>`, it has `of`. */
export interface AppliedType extends Span {
  readonly kind: 'appliedType';
  readonly of?: Type;
  readonly name: string;
  readonly args: readonly Type[];
}

/** `resource 'Microsoft.X/y@version'`; an output may leave the text out. */
export interface ResourceType extends Span {
  readonly kind: 'resourceType';
  readonly type?: Expression;
}
