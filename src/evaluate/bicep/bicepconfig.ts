/**
 * bicepconfig.json, as far as it decides where modules are.
 * Takes the folder of a Bicep file; gives what the nearest configuration above it, inside the repository, and the files that it
 * extends say. What is nearer wins, member by member; what none says the compiler's own configuration does.
 */
import { dirname } from 'node:path';
import { parseJson } from '../../parse/json.ts';
import type { JsonNode, JsonObject, JsonString } from '../../parse/json-tree.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { Source, type Span, span } from '../../source/source.ts';

export interface BicepConfiguration {
  /** A text by the names on the way to it. */
  text(...path: readonly string[]): string | undefined;
}

/** The compiler's own bound. */
const longestChain = 64;

const builtIn: ReadonlyMap<string, string> = new Map([
  ['moduleAliases.br.public.registry', 'mcr.microsoft.com'],
  ['moduleAliases.br.public.modulePath', 'bicep'],
]);

export class BicepConfigurations {
  readonly #reader: Reader;
  readonly #byFolder = new Map<string, BicepConfiguration>();
  /** By path: several configurations may extend one. */
  readonly #roots = new Map<string, JsonObject | undefined>();
  /** Files of circles that were told: each of them may be somebody's nearest. */
  readonly #circles = new Set<string>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  of(directory: string): BicepConfiguration {
    const passed: string[] = [];
    let found: BicepConfiguration | undefined;
    for (let folder = directory; !found; folder = dirname(folder)) {
      found = this.#byFolder.get(folder) ?? this.#in(folder);
      passed.push(folder);
      if (dirname(folder) === folder) found ??= configuration([]);
    }
    for (const folder of passed) this.#byFolder.set(folder, found);
    return found;
  }

  /** undefined: the folder above decides. */
  #in(folder: string): BicepConfiguration | undefined {
    if (!this.#reader.contains(folder)) return configuration([]);
    const place = this.#reader.resolve(folder, 'bicepconfig.json');
    if (!place) return undefined;
    if ('refused' in place) {
      const source = new Source(this.#reader.display(`${folder}/bicepconfig.json`), '');
      this.#note('bicepconfig-refused', `This configuration is not read: ${place.refused}.`, span(source, 0, 0));
      return configuration([]);
    }
    if (this.#reader.files.info(place.path)?.kind !== 'file') return undefined;
    return configuration(this.#chain(place.path));
  }

  /** A configuration and what it extends, nearest first. */
  #chain(first: string): JsonObject[] {
    const layers: JsonObject[] = [];
    const seen: string[] = [];
    for (let path: string | undefined = first; path !== undefined; ) {
      seen.push(this.#canonical(path));
      const root = this.#root(path);
      if (!root) break;
      layers.push(root);
      const extended = memberNamed(root, 'extends');
      path = extended?.kind === 'string' && extended.value.trim() !== '' ? this.#next(path, extended, seen) : undefined;
    }
    return layers;
  }

  #next(path: string, extended: JsonString, seen: readonly string[]): string | undefined {
    const { log } = this.#reader;
    const place = this.#reader.resolve(dirname(path), extended.value);
    if (place && 'refused' in place) {
      this.#note(
        'bicepconfig-extends-refused',
        `What this configuration extends is not read: ${place.refused}.`,
        extended,
      );
      return undefined;
    }
    if (!place || this.#reader.files.info(place.path)?.kind !== 'file') {
      log.push({
        code: 'bicepconfig-extends-missing',
        severity: 'error',
        message: 'The file that this configuration extends is not there.',
        help: 'Write its path relative to the folder of this file.',
        at: extended,
      });
      return undefined;
    }
    const start = seen.indexOf(this.#canonical(place.path));
    if (start !== -1) {
      const circle = seen.slice(start);
      if (!circle.some((file) => this.#circles.has(file)))
        log.push({
          code: 'bicepconfig-extends-circle',
          severity: 'error',
          message: `This leads back to ${this.#reader.display(place.path)}, so the configurations extend each other in a circle.`,
          help: 'Remove "extends" from one of them.',
          at: extended,
        });
      for (const file of circle) this.#circles.add(file);
      return undefined;
    }
    if (seen.length < longestChain) return place.path;
    log.push({
      code: 'bicepconfig-extends-too-deep',
      severity: 'error',
      message: `More than ${longestChain} configurations extend one another, so what follows is not read.`,
      help: 'Bicep refuses such a chain too: join some of the files.',
      at: extended,
    });
    return undefined;
  }

  #root(path: string): JsonObject | undefined {
    if (this.#roots.has(path)) return this.#roots.get(path);
    const source = this.#reader.read(path, limits.sourceBytes);
    const root = source && parseJson(source, this.#reader.log).root;
    const known = root?.kind === 'object' ? root : undefined;
    this.#roots.set(path, known);
    return known;
  }

  /** One file may have several names. */
  #canonical(path: string): string {
    return this.#reader.files.realPath(path) ?? path;
  }

  #note(code: string, message: string, at: Span): void {
    this.#reader.log.push({ code, severity: 'note', message, help: 'Move it into the repository.', at });
  }
}

function configuration(layers: readonly JsonObject[]): BicepConfiguration {
  return {
    text(...path) {
      for (const layer of layers) {
        let node: JsonNode | undefined = layer;
        for (const name of path) node = memberNamed(node, name);
        if (node?.kind === 'string') return node.value;
      }
      return builtIn.get(path.join('.'));
    },
  };
}

/** Unlike in a template, the case of a name counts. */
function memberNamed(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.findLast((member) => member.key.value === name)?.value : undefined;
}
