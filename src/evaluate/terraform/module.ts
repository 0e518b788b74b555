/**
 * A folder of Terraform files -> what it declares, by kind.
 * Takes an absolute folder; gives blocks and expressions as written, nothing evaluated. A name declared twice keeps the first.
 */
import { join } from 'node:path';
import type { Expression } from '../../parse/expression.ts';
import { parseHcl } from '../../parse/hcl.ts';
import type { Attribute, Block, HclFile } from '../../parse/hcl-tree.ts';
import type { Reader } from '../../source/reader.ts';
import { type Source, type Span, span } from '../../source/source.ts';

export interface TerraformModule {
  readonly folder: string;
  readonly files: readonly ParsedFile[];
  readonly variables: ReadonlyMap<string, Block>;
  readonly locals: ReadonlyMap<string, Expression>;
  readonly outputs: ReadonlyMap<string, Block>;
  /** By "type.name". */
  readonly resources: ReadonlyMap<string, Block>;
  readonly data: ReadonlyMap<string, Block>;
  readonly calls: ReadonlyMap<string, Block>;
  readonly providers: readonly Block[];
  /** `required_providers` entries by local name, every one that is written. */
  readonly required: readonly { readonly name: string; readonly value: Expression }[];
}

export interface ParsedFile {
  readonly path: string;
  readonly source: Source;
  readonly tree: HclFile;
}

export function isTerraformFile(name: string): boolean {
  return name.endsWith('.tf') && !name.startsWith('.') && !name.endsWith('~') && !/^#.*#$/.test(name);
}

/** Reads every Terraform file of one folder; undefined where there is none. */
export function loadModule(folder: string, reader: Reader): TerraformModule | undefined {
  const files: ParsedFile[] = [];
  for (const entry of reader.list(folder)) {
    if (entry.kind === 'directory' || !isTerraformFile(entry.name)) continue;
    const file = parseFile(join(folder, entry.name), reader);
    if (file) files.push(file);
  }
  return files.length === 0 ? undefined : collect(folder, files);
}

export function parseFile(path: string, reader: Reader): ParsedFile | undefined {
  const source = reader.read(path);
  return source && { path, source, tree: parseHcl(source, reader.log) };
}

function collect(folder: string, files: readonly ParsedFile[]): TerraformModule {
  const variables = new Map<string, Block>();
  const locals = new Map<string, Expression>();
  const outputs = new Map<string, Block>();
  const resources = new Map<string, Block>();
  const data = new Map<string, Block>();
  const calls = new Map<string, Block>();
  const providers: Block[] = [];
  const required: { name: string; value: Expression }[] = [];
  const declare = <T>(into: Map<string, T>, name: string | undefined, what: T): void => {
    if (name && !into.has(name)) into.set(name, what);
  };
  for (const { tree } of files)
    for (const block of tree.body.blocks) {
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
  return { folder, files, variables, locals, outputs, resources, data, calls, providers, required };
}

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
  const file = module.files.find((candidate) => candidate.path.endsWith('/main.tf')) ?? module.files[0]!;
  const first = file.tree.body.blocks[0];
  return first?.head ?? span(file.source, 0, 0);
}
