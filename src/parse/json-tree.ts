/** Syntax tree of JSON with the things Azure tolerates. Every node and every key has its exact span. */
import type { Span } from '../source/source.ts';
import type { Comment } from './comment.ts';

export interface JsonFile {
  /** undefined: nothing readable was there. */
  readonly root: JsonNode | undefined;
  readonly comments: readonly Comment[];
}

export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonWord;

export interface JsonObject extends Span {
  readonly kind: 'object';
  /** In source order; of a duplicate key the last one counts. */
  readonly members: readonly JsonMember[];
}
export interface JsonMember extends Span {
  readonly key: JsonString;
  readonly value: JsonNode;
}
export interface JsonArray extends Span {
  readonly kind: 'array';
  readonly items: readonly JsonNode[];
}
/** The span includes the quotes. */
export interface JsonString extends Span {
  readonly kind: 'string';
  readonly value: string;
}
export interface JsonNumber extends Span {
  readonly kind: 'number';
  readonly value: number;
  /** The text as written. */
  readonly digits: string;
}
export interface JsonWord extends Span {
  readonly kind: 'word';
  readonly value: true | false | null;
}
