/**
 * Terraform and OpenTofu in JSON syntax (.tf.json, .tofu.json) -> the tree that native syntax gives.
 * Takes a source and a word on which nested objects of a resource are blocks, which only the provider's schema tells; gives
 * blocks, labels and arguments with their places in the JSON. Every string is a template, but for the arguments that
 * Terraform reads as bare references, types or constants. Of a block any number may stand in an array, at every label.
 */
import type { Log } from '../source/diagnostic.ts';
import { Source, type Span, span } from '../source/source.ts';
import { numberLiteral } from './arm-expression.ts';
import type { Expression } from './expression.ts';
import { parseHclExpression, parseHclTemplate } from './hcl.ts';
import { normalise } from './hcl-template.ts';
import type { Attribute, Block, Body, HclFile, Label } from './hcl-tree.ts';
import { offsetsOf, parseJson } from './json.ts';
import type { JsonArray, JsonMember, JsonNode, JsonObject, JsonString } from './json-tree.ts';

/** Whether an argument of a resource (`azurerm_x`) or provider (`provider.azurerm`) that holds objects is a nested block. */
export type IsNestedBlock = (owner: string, name: string, isList: boolean) => boolean;

/** Reads a whole file. */
export function parseHclJson(source: Source, log: Log, isNestedBlock: IsNestedBlock): HclFile {
  const found: Log = [];
  const { root, comments } = parseJson(source, found);
  const reader = new HclJsonReader(source, found, isNestedBlock);
  if (!root && found.length === 0)
    found.push({
      code: 'hcl-json-empty',
      severity: 'error',
      message: 'This file is empty, but JSON needs at least {}.',
      help: 'Write {} or remove the file; Terraform refuses it.',
      at: span(source, 0, 0),
    });
  const body = root ? reader.body([root], rootShape, '', root) : emptyBody(source);
  // A key of blocks may be repeated; of arguments the last one counts.
  for (const one of found) if (one.code !== 'json-duplicate-key' || !reader.isBlockKey(one.at as Span)) log.push(one);
  return { body: { ...body, start: 0, end: source.text.length }, comments };
}

function emptyBody(source: Source): Body {
  return { attributes: [], blocks: [], source, start: 0, end: 0 };
}

/** How a value is read: as Terraform's templates, as bare references (or a type), or with nothing evaluated. */
type Reading = 'template' | 'reference' | 'constant';

/** What may stand in a body. */
interface Shape {
  /** Blocks by type, with their number of labels. */
  readonly blocks?: Readonly<Record<string, readonly [labels: number, shape: Shape]>>;
  readonly readings?: Readonly<Record<string, Reading>>;
  /** Also what the provider's schema says is a block. */
  readonly nested?: boolean;
}

const plain: Shape = {};
const nested: Shape = { nested: true };
const dynamic: Shape = { blocks: { content: [0, nested] }, readings: { iterator: 'reference' } };
const trigger: Shape = { readings: { events: 'reference', actions: 'reference' } };
const lifecycle: Shape = {
  blocks: { precondition: [0, plain], postcondition: [0, plain], action_trigger: [0, trigger] },
  readings: { ignore_changes: 'reference', replace_triggered_by: 'reference' },
};
const provisioner: Shape = { blocks: { connection: [0, plain] } };
const resource: Shape = {
  blocks: { lifecycle: [0, lifecycle], provisioner: [1, provisioner], connection: [0, plain], timeouts: [0, plain] },
  readings: { depends_on: 'reference', provider: 'reference' },
  nested: true,
};
const rootShape: Shape = {
  blocks: {
    terraform: [
      0,
      { blocks: { required_providers: [0, plain], backend: [1, plain], cloud: [0, plain], provider_meta: [1, plain] } },
    ],
    provider: [1, nested],
    variable: [
      1,
      {
        blocks: { validation: [0, plain] },
        readings: { type: 'reference', default: 'constant', description: 'constant' },
      },
    ],
    locals: [0, plain],
    output: [
      1,
      { blocks: { precondition: [0, plain] }, readings: { depends_on: 'reference', description: 'constant' } },
    ],
    module: [
      1,
      { readings: { source: 'constant', version: 'constant', providers: 'reference', depends_on: 'reference' } },
    ],
    resource: [2, resource],
    data: [2, resource],
    ephemeral: [2, resource],
    check: [1, { blocks: { data: [2, resource], assert: [0, plain] } }],
    action: [2, { blocks: { config: [0, plain] }, readings: { provider: 'reference' } }],
    moved: [0, { readings: { from: 'reference', to: 'reference' } }],
    import: [0, { readings: { to: 'reference', provider: 'reference' } }],
    removed: [
      0,
      { blocks: { lifecycle: [0, lifecycle], provisioner: [1, provisioner] }, readings: { from: 'reference' } },
    ],
  },
};

class HclJsonReader {
  readonly #source: Source;
  readonly #log: Log;
  readonly #isNestedBlock: IsNestedBlock;
  readonly #blockKeys = new Set<number>();

  constructor(source: Source, log: Log, isNestedBlock: IsNestedBlock) {
    this.#source = source;
    this.#log = log;
    this.#isNestedBlock = isNestedBlock;
  }

  /** Whether the key that stands there is the type or label of a block. */
  isBlockKey(at: Span): boolean {
    return this.#blockKeys.has(at.start);
  }

  /** What the objects of one body hold together. */
  body(nodes: readonly JsonNode[], shape: Shape, owner: string, at: Span): Body {
    const attributes = new Map<string, Attribute>();
    const blocks: Block[] = [];
    for (const node of nodes)
      for (const object of this.#objects(node))
        for (const member of object.members) {
          const name = member.key.value;
          if (name === '//') continue;
          const [labels, inner] = this.#blockOf(member, shape, owner) ?? [];
          if (inner) this.#blocks(name, member.key, member.value, labels!, [], inner, owner, blocks);
          else attributes.set(name, this.#attribute(member, shape.readings?.[name] ?? 'template'));
        }
    const { source, start, end } = at;
    return { attributes: [...attributes.values()], blocks, source, start, end };
  }

  #blockOf(member: JsonMember, shape: Shape, owner: string): readonly [number, Shape] | undefined {
    const name = member.key.value;
    if (shape.blocks && Object.hasOwn(shape.blocks, name)) return shape.blocks[name];
    if (!shape.nested || owner === '') return undefined;
    const { value } = member;
    if (name === 'dynamic' && value.kind !== 'string') return [1, dynamic];
    const isList = value.kind === 'array' && value.items.length > 0;
    const holdsObjects = value.kind === 'object' || (isList && value.items.every((item) => item.kind === 'object'));
    return holdsObjects && this.#isNestedBlock(owner, name, isList) ? [0, nested] : undefined;
  }

  #blocks(
    type: string,
    key: JsonString,
    node: JsonNode,
    labelsLeft: number,
    labels: readonly Label[],
    shape: Shape,
    owner: string,
    into: Block[],
  ): void {
    this.#blockKeys.add(key.start);
    if (labelsLeft > 0) {
      for (const object of this.#objects(node))
        for (const { key: label, value } of object.members) {
          if (label.value === '//') continue;
          const { source, start, end } = label;
          const all = [...labels, { text: label.value, source, start, end }];
          this.#blocks(type, label, value, labelsLeft - 1, all, shape, owner, into);
        }
      return;
    }
    for (const object of this.#objects(node)) {
      const body = this.body([object], shape, ownerOf(type, labels) ?? owner, object);
      const start = node.kind === 'array' ? object.start : key.start;
      const at = span(this.#source, start, object.end);
      const head = (type === 'resource' && nameOf(object)) || span(this.#source, key.start, key.end);
      into.push({ type, labels, body, head, ...at });
    }
  }

  /** The objects that stand for a body or a label: one, or an array of any number. */
  #objects(node: JsonNode): JsonObject[] {
    if (node.kind === 'object') return [node];
    if (node.kind === 'array') return node.items.flatMap((item) => this.#objects(item));
    if (node.kind !== 'word' || node.value !== null)
      this.#log.push({
        code: 'hcl-json-block',
        severity: 'error',
        message: `expected an object with the contents of a block here, but this is ${described(node)}`,
        help: 'Write { ... }, or an array of objects for several blocks.',
        at: node,
      });
    return [];
  }

  #attribute({ key, value, source, start, end }: JsonMember, reading: Reading): Attribute {
    const nameSpan = span(key.source, key.start, key.end);
    return { name: key.value, nameSpan, value: this.#expression(value, reading), source, start, end };
  }

  #expression(node: JsonNode, reading: Reading): Expression {
    const { source, start, end } = node;
    switch (node.kind) {
      case 'string':
        return this.#text(node, reading);
      case 'number':
        return numberLiteral(node);
      case 'word':
        return { kind: 'literal', value: node.value, source, start, end };
      case 'array':
        return {
          kind: 'list',
          items: node.items.map((item) => ({ value: this.#expression(item, reading) })),
          source,
          start,
          end,
        };
      case 'object':
        return {
          kind: 'object',
          entries: node.members.map(({ key, value }) => ({
            key: this.#text(key, reading),
            value: this.#expression(value, reading),
          })),
          source,
          start,
          end,
        };
    }
  }

  #text(node: JsonString, reading: Reading): Expression {
    const { value, source, start, end } = node;
    const literal = { kind: 'literal', value: normalise(value), source, start, end } as const;
    if (reading === 'reference' && !value.startsWith('$')) return this.#embedded(node, parseHclExpression);
    if (reading === 'constant' || !/[$%]\{/.test(value)) return literal;
    const template = this.#embedded(node, parseHclTemplate);
    // The quotes belong to the text as a whole, as in native syntax.
    return template.kind === 'template' || template.kind === 'literal' ? { ...template, start, end } : template;
  }

  /** Reads what a string holds, with its places in the file. */
  #embedded(
    node: JsonString,
    parse: (source: Source, log: Log, start?: number, end?: number) => Expression,
  ): Expression {
    const { value, source, start, end } = node;
    // Without an escape the text stands in the file as it is.
    if (end - start === value.length + 2) return parse(source, this.#log, start + 1, end - 1);
    const decoded = new Source(source.file, value);
    const log: Log = [];
    const expression = parse(decoded, log);
    const offset = offsetsOf(node);
    for (const one of log) this.#log.push(relocated(one, decoded, source, offset));
    return relocated(expression, decoded, source, offset);
  }
}

/** Whose nested blocks they are: a resource's type, or the provider. */
function ownerOf(type: string, [first]: readonly Label[]): string | undefined {
  if (!first) return undefined;
  if (type === 'resource' || type === 'data' || type === 'ephemeral') return first.text;
  return type === 'provider' ? `provider.${first.text}` : undefined;
}

/** Where a finding about what a resource lacks stands: the value of `name`. */
function nameOf(object: JsonObject): Span | undefined {
  const name = object.members.findLast((member) => member.key.value === 'name')?.value;
  return name?.kind === 'string' ? span(name.source, name.start, name.end) : undefined;
}

/** A tree or diagnostic with every place in `from` moved to where it stands in `to`. */
function relocated<T>(node: T, from: Source, to: Source, offset: (index: number) => number): T {
  if (Array.isArray(node)) return node.map((item) => relocated(item, from, to, offset)) as T;
  if (typeof node !== 'object' || node === null) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node))
    copy[key] = value instanceof Source ? value : relocated(value, from, to, offset);
  if (copy['source'] === from) {
    copy['source'] = to;
    copy['start'] = offset(copy['start'] as number);
    copy['end'] = offset(copy['end'] as number);
  }
  return copy as T;
}

function described(node: Exclude<JsonNode, JsonObject | JsonArray>): string {
  if (node.kind === 'string') return 'a text';
  return node.kind === 'number' ? 'a number' : `${node.value}`;
}
