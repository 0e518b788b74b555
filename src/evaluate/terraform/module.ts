/**
 * A folder of Terraform files -> what it declares, by kind.
 * Takes an absolute folder; gives blocks and expressions as written, nothing evaluated. A name declared twice keeps the first;
 * override files change what the others declare. What could not be read is listed, for it may declare anything.
 */
import { basename, join, resolve } from 'node:path';
import type { Expression } from '../../parse/expression.ts';
import { parseHcl } from '../../parse/hcl.ts';
import { parseHclJson } from '../../parse/hcl-json.ts';
import type { Attribute, Block, HclFile } from '../../parse/hcl-tree.ts';
import type { Reader } from '../../source/reader.ts';
import { Source, type Span, span } from '../../source/source.ts';
import { isTerraformFile } from './file-name.ts';
import { isNestedBlock } from './nested-blocks.ts';

export interface TerraformModule {
  readonly folder: string;
  readonly files: readonly ParsedFile[];
  /** Files that belong to the module and were not read, or not wholly. */
  readonly unread: readonly UnreadFile[];
  readonly variables: ReadonlyMap<string, Block>;
  readonly locals: ReadonlyMap<string, Expression>;
  readonly outputs: ReadonlyMap<string, Block>;
  /** By "type.name". */
  readonly resources: ReadonlyMap<string, Block>;
  readonly data: ReadonlyMap<string, Block>;
  readonly calls: ReadonlyMap<string, Block>;
  /** By "type.name". */
  readonly actions: ReadonlyMap<string, Block>;
  readonly moved: readonly Block[];
  readonly removed: readonly Block[];
  readonly providers: readonly Block[];
  /** `required_providers` entries by local name, every one that is written. */
  readonly required: readonly { readonly name: string; readonly value: Expression }[];
}

export interface ParsedFile {
  readonly path: string;
  readonly source: Source;
  readonly tree: HclFile;
  /** It has errors, so that a part of it is missing in the tree. */
  readonly broken: boolean;
}

export interface UnreadFile {
  /** For people: its path. */
  readonly what: string;
  readonly at: Span;
  readonly because: string;
  /** An error already says so. */
  readonly told: boolean;
}

/** Reads every Terraform file of one folder; undefined where there is none. */
export function loadModule(folder: string, reader: Reader): TerraformModule | undefined {
  const files: ParsedFile[] = [];
  const unread: UnreadFile[] = [];
  const names = new Set<string>();
  for (const { name, kind } of reader.list(folder)) if (kind !== 'directory' && isTerraformFile(name)) names.add(name);
  for (const name of names) {
    // OpenTofu reads x.tofu in place of x.tf, and x.tofu.json in place of x.tf.json.
    if (names.has(name.replace(/\.tf(\.json)?$/, '.tofu$1')) && !/\.tofu(\.json)?$/.test(name)) continue;
    const file = parseFile(join(folder, name), reader);
    if (!file) {
      const what = reader.display(join(folder, name));
      unread.push({ what, at: span(new Source(what, ''), 0, 0), because: 'it could not be read', told: true });
      continue;
    }
    files.push(file);
    const at = span(file.source, 0, 0);
    if (file.broken) unread.push({ what: `a part of ${file.source.file}`, at, because: 'it has errors', told: true });
  }
  return files.length === 0 && unread.length === 0 ? undefined : collect(folder, files, unread);
}

/** Folders of the run, each parsed once. */
export class ModuleCache {
  readonly #modules = new Map<string, TerraformModule | undefined>();
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  get(folder: string): TerraformModule | undefined {
    if (!this.#modules.has(folder)) {
      const exists = this.#reader.files.info(folder)?.kind === 'directory' && this.#reader.contains(folder);
      this.#modules.set(folder, exists ? loadModule(folder, this.#reader) : undefined);
    }
    return this.#modules.get(folder);
  }

  /** Every module that was read so far. */
  loaded(): ReadonlySet<TerraformModule> {
    return new Set([...this.#modules.values()].filter((module) => module !== undefined));
  }
}

/** The folders that a module calls as local modules, whether they exist or not. */
export function localCalls(module: TerraformModule): string[] {
  const folders: string[] = [];
  for (const call of module.calls.values()) {
    const source = literalOf(attributeOf(call, 'source')?.value);
    if (source !== undefined && isLocalSource(source)) folders.push(resolve(module.folder, source));
  }
  return folders;
}

export function parseFile(path: string, reader: Reader): ParsedFile | undefined {
  const source = reader.read(path);
  if (!source) return undefined;
  const before = reader.log.length;
  const tree = path.endsWith('.json') ? parseHclJson(source, reader.log, isNestedBlock) : parseHcl(source, reader.log);
  return { path, source, tree, broken: reader.log.slice(before).some(({ severity }) => severity === 'error') };
}

function isOverride({ path }: ParsedFile): boolean {
  return /(^|_)override\.(tf|tofu)(\.json)?$/.test(basename(path));
}

function collect(folder: string, files: readonly ParsedFile[], unread: readonly UnreadFile[]): TerraformModule {
  const blocks = files.filter((file) => !isOverride(file)).flatMap(({ tree }) => tree.body.blocks);
  const overrides = files.filter(isOverride).flatMap(({ tree }) => tree.body.blocks);
  const declarations = mergeOverrides(blocks, overrides);
  const variables = new Map<string, Block>();
  const locals = new Map<string, Expression>();
  const outputs = new Map<string, Block>();
  const resources = new Map<string, Block>();
  const data = new Map<string, Block>();
  const calls = new Map<string, Block>();
  const actions = new Map<string, Block>();
  const moved: Block[] = [];
  const removed: Block[] = [];
  const providers: Block[] = [];
  const required: { name: string; value: Expression }[] = [];
  const declare = <T>(into: Map<string, T>, name: string | undefined, what: T): void => {
    if (name && !into.has(name)) into.set(name, what);
  };
  for (const block of declarations) {
    const [first, second] = block.labels;
    const typed = first && second && `${first.text}.${second.text}`;
    switch (block.type) {
      case 'variable':
        declare(variables, first?.text, block);
        break;
      case 'output':
        declare(outputs, first?.text, block);
        break;
      case 'module':
        declare(calls, first?.text, block);
        break;
      case 'resource':
        declare(resources, typed, block);
        break;
      case 'data':
        declare(data, typed, block);
        break;
      case 'action':
        declare(actions, typed, block);
        break;
      case 'moved':
        moved.push(block);
        break;
      case 'removed':
        removed.push(block);
        break;
      case 'provider':
        providers.push(block);
        break;
      case 'locals':
        for (const attribute of block.body.attributes) declare(locals, attribute.name, attribute.value);
        break;
      case 'terraform':
        for (const inner of block.body.blocks)
          if (inner.type === 'required_providers')
            for (const attribute of inner.body.attributes)
              required.push({ name: attribute.name, value: attribute.value });
        break;
    }
  }
  return {
    folder,
    files,
    unread,
    variables,
    locals,
    outputs,
    resources,
    data,
    calls,
    actions,
    moved,
    removed,
    providers,
    required,
  };
}

// Override files

/** The blocks with those of override files merged into their like; one that has no like is declared as it is. */
function mergeOverrides(blocks: readonly Block[], overrides: readonly Block[]): readonly Block[] {
  const merged = [...blocks];
  for (const override of overrides) {
    const name = headerOf(override);
    if (override.type === 'locals') {
      merged.unshift(override);
      continue;
    }
    const like = merged.findIndex((block) => headerOf(block) === name);
    if (like === -1) merged.push(override);
    else merged[like] = merge(merged[like]!, override);
  }
  return merged;
}

/** What two blocks have in common of which one overrides the other. */
function headerOf(block: Block): string {
  const alias = block.type === 'provider' ? literalOf(attributeOf(block, 'alias')?.value) : undefined;
  return JSON.stringify([block.type, ...block.labels.map((label) => label.text), alias]);
}

/** Arguments replace by name, nested blocks all blocks of their type; `lifecycle` and `required_providers` by argument. */
function merge(base: Block, override: Block): Block {
  const names = new Set(override.body.attributes.map((attribute) => attribute.name));
  // They exclude each other, so one takes the place of the other.
  if (names.has('for_each')) names.add('count');
  const attributes = [
    ...base.body.attributes.filter((attribute) => !names.has(attribute.name)),
    ...override.body.attributes,
  ];
  const whole = ['lifecycle', 'required_providers'];
  const kinds = new Set(override.body.blocks.map(kindOf).filter((kind) => !whole.includes(kind)));
  const kept: Block[] = [];
  const merged = new Set<Block>();
  for (const block of base.body.blocks) {
    if (kinds.has(kindOf(block))) continue;
    const inner = whole.includes(block.type) && override.body.blocks.find((other) => other.type === block.type);
    if (inner) merged.add(inner);
    kept.push(inner ? merge(block, inner) : block);
  }
  const blocks = [...kept, ...override.body.blocks.filter((block) => !merged.has(block))];
  return { ...base, body: { ...base.body, attributes, blocks } };
}

function kindOf(block: Block): string {
  return block.type === 'dynamic' ? (block.labels[0]?.text ?? '') : block.type;
}

// Reading blocks

export function attributeOf(block: Block, name: string): Attribute | undefined {
  return block.body.attributes.find((attribute) => attribute.name === name);
}

/** The text of an attribute that must be a literal (a module's source, a provider's alias). */
export function literalOf(expression: Expression | undefined): string | undefined {
  return expression?.kind === 'literal' && typeof expression.value === 'string' ? expression.value : undefined;
}

/** Whether a module source names a folder beside the caller. */
export function isLocalSource(source: string): boolean {
  return source.startsWith('./') || source.startsWith('../');
}

/** Where a finding about a whole folder stands: the beginning of its main file, else of its first. */
export function placeOf(module: TerraformModule): Span {
  const file =
    module.files.find((candidate) => /[/\\]main\.(tf|tofu)(\.json)?$/.test(candidate.path)) ?? module.files[0];
  return file ? (file.tree.body.blocks[0]?.head ?? span(file.source, 0, 0)) : module.unread[0]!.at;
}
