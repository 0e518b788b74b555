/**
 * Paths -> inputs, each with its kind.
 * Walking a folder leaves out hidden folders, `node_modules` and what `.gitignore` ignores, and passes silently over JSON that is
 * no template; a path that was named and cannot be used is told.
 */
import { dirname, join, relative, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { type DocumentKind, documentKind } from './evaluate/plan/documents.ts';
import { isTerraformFile } from './evaluate/terraform/file-name.ts';
import { limits } from './source/limits.ts';
import type { Reader } from './source/reader.ts';

export interface Inputs {
  /** Folders with Terraform files. */
  readonly terraformFolders: readonly string[];
  /** Paths of templates in JSON and Bicep, and of their parameter files. */
  readonly templates: readonly string[];
  readonly parameterFiles: readonly string[];
  /** `terraform show -json` plans and states, and raw states. */
  readonly documents: readonly { readonly path: string; readonly kind: DocumentKind }[];
  /** Where only single files were named: findings elsewhere are not reported. Undefined: everything is. */
  readonly only: ReadonlySet<string> | undefined;
}

const templateSchema = /"\$schema"\s*:\s*"[^"]*\/(?:\w*D|d)eploymentTemplate\.json#?"/i;
const parametersSchema = /"\$schema"\s*:\s*"[^"]*\/(?:\w*D|d)eploymentParameters\.json#?"/i;

/** `isExcluded`: what the configuration leaves out, even where it is named. `ignoreUnknown`: named files of other kinds are left out. */
export function discover(
  paths: readonly string[],
  cwd: string,
  reader: Reader,
  isExcluded: (path: string) => boolean = () => false,
  ignoreUnknown = false,
): Inputs {
  const discovery = new Discovery(reader, isExcluded, ignoreUnknown);
  for (const path of paths) discovery.add(resolve(cwd, path));
  return discovery.inputs();
}

class Discovery {
  readonly #reader: Reader;
  readonly #folders = new Set<string>();
  readonly #templates = new Set<string>();
  readonly #parameters = new Set<string>();
  readonly #documents = new Map<string, DocumentKind>();
  readonly #files = new Set<string>();
  #wholeFolders = false;
  readonly #ignores = new Map<string, Ignore | undefined>();
  readonly #isExcluded: (path: string) => boolean;
  readonly #ignoreUnknown: boolean;

  constructor(reader: Reader, isExcluded: (path: string) => boolean, ignoreUnknown: boolean) {
    this.#reader = reader;
    this.#isExcluded = isExcluded;
    this.#ignoreUnknown = ignoreUnknown;
  }

  inputs(): Inputs {
    return {
      terraformFolders: [...this.#folders].sort(),
      templates: [...this.#templates].sort(),
      parameterFiles: [...this.#parameters].sort(),
      documents: [...this.#documents]
        .map(([path, kind]) => ({ path, kind }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
      only: this.#wholeFolders ? undefined : this.#files,
    };
  }

  add(path: string): void {
    this.#reader.admit(path);
    const info = this.#reader.files.info(path);
    if (info?.kind === 'directory') {
      this.#wholeFolders = true;
      this.#walk(path, 0);
      return;
    }
    if (info?.kind !== 'file') {
      // Tells why.
      this.#reader.read(path);
      return;
    }
    if (this.#isExcluded(path)) return;
    this.#files.add(this.#reader.display(path));
    if (!this.#file(path, true) && !this.#ignoreUnknown)
      this.#reader.fail(
        path,
        'file-kind-unknown',
        'This file is of no kind that is linted.',
        'Terraform and OpenTofu (.tf, .tofu, .tf.json, .tofu.json, .tfvars), plans and states (`terraform show -json`, terraform.tfstate), Bicep (.bicep, .bicepparam), and ARM templates and parameter files (.json, .jsonc with a "$schema") are read.',
      );
  }

  #file(path: string, named: boolean): boolean {
    const name = path.slice(path.lastIndexOf(sep) + 1);
    if (isTerraformFile(name) || (named && name.endsWith('.tfvars'))) {
      this.#folders.add(dirname(path));
      return true;
    }
    if (name.endsWith('.bicep') || name.endsWith('.bicepparam')) {
      (name.endsWith('.bicep') ? this.#templates : this.#parameters).add(path);
      return true;
    }
    if (!/\.(jsonc?|tfstate)$/.test(name)) return false;
    const source = this.#reader.peek(path, limits.documentBytes);
    if (source === undefined) return named ? this.#reader.read(path, limits.documentBytes) === undefined : true;
    if (templateSchema.test(source)) this.#templates.add(path);
    else if (parametersSchema.test(source)) this.#parameters.add(path);
    else {
      const kind = documentKind(source);
      if (!kind) return !named;
      this.#documents.set(path, kind);
      this.#reader.read(path, limits.documentBytes);
    }
    return true;
  }

  #walk(folder: string, depth: number): void {
    if (depth > limits.nesting) return;
    for (const entry of this.#reader.list(folder)) {
      const path = join(folder, entry.name);
      if (this.#isExcluded(path) || this.#ignored(path, entry.kind === 'directory')) continue;
      if (entry.kind === 'directory') {
        if (!entry.name.startsWith('.') && entry.name !== 'node_modules') this.#walk(path, depth + 1);
      } else if (entry.kind === 'file') this.#file(path, false);
    }
  }

  /** Whether a `.gitignore` between the repository root and the file leaves it out. */
  #ignored(path: string, isFolder: boolean): boolean {
    const { root } = this.#reader;
    if (!this.#reader.contains(path)) return false;
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const rules = this.#ignoreFile(folder);
      if (rules) {
        const inside = relative(folder, path).split(sep).join('/') + (isFolder ? '/' : '');
        const result = rules.test(inside);
        if (result.ignored) return true;
        if (result.unignored) return false;
      }
      if (folder === root || dirname(folder) === folder) return false;
    }
  }

  #ignoreFile(folder: string): Ignore | undefined {
    if (!this.#ignores.has(folder)) {
      const text = this.#reader.peek(join(folder, '.gitignore'), limits.sourceBytes);
      this.#ignores.set(folder, text === undefined ? undefined : ignore().add(text));
    }
    return this.#ignores.get(folder);
  }
}
