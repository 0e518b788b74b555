/**
 * Modules that `terraform init` has put on disk: .terraform/modules/modules.json of a root module.
 * Takes the path of a call and what it asks for; gives the folder, or why there is none. The record may be older than the
 * code, so source and version are compared with it, as Terraform does.
 */
import { join } from 'node:path';
import { memberOf, parseJson } from '../../parse/json.ts';
import type { JsonNode } from '../../parse/json-tree.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { allows } from './provider.ts';

interface Installed {
  readonly source: string;
  readonly version: string | undefined;
  readonly directory: string;
}

const notOnDisk = 'it is not on disk; `terraform init` would fetch it';
const changed = 'the copy on disk is of another source or version; `terraform init` would fetch it';

export class InstalledModules {
  readonly #folder: string;
  readonly #reader: Reader;
  #modules: ReadonlyMap<string, Installed> | undefined;

  constructor(rootFolder: string, reader: Reader) {
    this.#folder = rootFolder;
    this.#reader = reader;
  }

  /** `path` holds the names of the calls from the root module on, joined with dots. */
  folderOf(path: string, source: string, version: string | undefined): { folder: string } | { because: string } {
    this.#modules ??= this.#read();
    const found = this.#modules.get(path);
    if (!found) return { because: notOnDisk };
    if (!isSameSource(found.source, source)) return { because: changed };
    if (version !== undefined && found.version !== undefined && !allows(version, found.version))
      return { because: changed };
    // Relative to where Terraform ran, which is the root module.
    const place = this.#reader.resolve(this.#folder, found.directory);
    if (!place) return { because: notOnDisk };
    return 'refused' in place ? { because: place.refused } : { folder: place.path };
  }

  #read(): ReadonlyMap<string, Installed> {
    const modules = new Map<string, Installed>();
    const path = join(this.#folder, '.terraform', 'modules', 'modules.json');
    const place = this.#reader.resolve(this.#folder, join('.terraform', 'modules', 'modules.json'));
    if (!place || 'refused' in place || this.#reader.files.info(path)?.kind !== 'file') return modules;
    const source = this.#reader.read(path, limits.jsonBytes);
    const list = source && memberOf(parseJson(source, this.#reader.log).root, 'Modules')?.value;
    if (list?.kind !== 'array') return modules;
    for (const item of list.items) {
      const key = textAt(item, 'Key');
      const directory = textAt(item, 'Dir');
      if (key === undefined || directory === undefined || modules.has(key)) continue;
      modules.set(key, { source: textAt(item, 'Source') ?? '', version: textAt(item, 'Version'), directory });
    }
    return modules;
  }
}

function textAt(node: JsonNode, key: string): string | undefined {
  const value = memberOf(node, key)?.value;
  return value?.kind === 'string' ? value.value : undefined;
}

/** Terraform writes the registry's host out, OpenTofu its own; other sources are kept as written or made longer. */
function isSameSource(recorded: string, written: string): boolean {
  const registry = /^(?:[^/]+\.[^/]+\/)?([^/.]+\/[^/.]+\/[^/.]+)(\/\/.*)?$/;
  const ours = registry.exec(written);
  const theirs = registry.exec(recorded);
  if (ours && theirs) return ours[1] === theirs[1] && ours[2] === theirs[2];
  return !ours && !theirs;
}
