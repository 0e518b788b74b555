/** The templates on this disk, in JSON and in Bicep: each is read and compiled once in a run, however often it is deployed. */
import type { BicepFile } from '../../parse/bicep-tree.ts';
import { parseJson } from '../../parse/json.ts';
import type { JsonFile } from '../../parse/json-tree.ts';
import type { Log } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { isSpan, type Source, type Span } from '../../source/source.ts';
import type { TemplateFiles } from '../arm/template.ts';
import type { TemplateObject } from '../arm/tree.ts';
import type { BicepTemplate, ParameterAssignments } from './compiled.ts';
import { type ModuleReference, type ModuleReferences, moduleReferences } from './references.ts';

/** What a file says to people and tools, kept when its tree is gone. */
export interface Remarks extends Pick<BicepFile, 'comments' | 'directives'> {
  /** Offset. */
  readonly firstStatement: number;
}

interface JsonText {
  readonly source: Source;
  readonly tree: JsonFile;
  /** The first syntax error. */
  readonly broken: Span | undefined;
}

export interface BicepText {
  readonly source: Source;
  readonly remarks: Remarks;
  readonly template: BicepTemplate;
}

/** A parameter file. */
export interface BicepParameters {
  readonly source: Source;
  readonly remarks: Remarks;
  readonly assignments: ParameterAssignments;
}

/** The parser and the compiler of Bicep, which are loaded only where there are such files. */
export interface BicepReading {
  template(source: Source, log: Log): BicepText;
  parameters(source: Source, log: Log): BicepParameters;
}

/** The first error that a parser has told since the log had so many entries. */
export function syntaxError(log: Log, from: number): Span | undefined {
  const at = log.slice(from).find(({ severity }) => severity === 'error')?.at;
  return at && isSpan(at) ? at : undefined;
}

export class Templates implements TemplateFiles {
  readonly #reader: Reader;
  readonly #reading: BicepReading | undefined;
  readonly #references: ModuleReferences;
  readonly #found = new Map<string, ModuleReference>();
  readonly #json = new Map<string, JsonText | undefined>();
  readonly #bicep = new Map<string, BicepText | undefined>();

  /** `bicep`: undefined where no file is in Bicep. */
  constructor(reader: Reader, bicep: BicepReading | undefined) {
    this.#reader = reader;
    this.#reading = bicep;
    this.#references = moduleReferences(reader);
  }

  template(path: string): TemplateObject | undefined {
    // A template in JSON may name a file in Bicep, though Azure would not take it.
    if (/\.bicep(param)?$/.test(path)) return this.#reading && this.bicep(path)?.template;
    const root = this.json(path)?.tree.root;
    return root?.kind === 'object' ? root : undefined;
  }

  module(reference: string, directory: string): ModuleReference {
    const key = `${directory}\0${reference}`;
    let found = this.#found.get(key);
    if (!found) {
      found = this.#references.resolve(reference, directory);
      this.#found.set(key, found);
    }
    return found;
  }

  /** A file in JSON; undefined where it cannot be read. */
  json(path: string): JsonText | undefined {
    if (!this.#json.has(path)) {
      const { log } = this.#reader;
      const source = this.#reader.read(path, limits.jsonBytes);
      const from = log.length;
      const tree = source && parseJson(source, log);
      this.#json.set(path, source && tree && { source, tree, broken: syntaxError(log, from) });
    }
    return this.#json.get(path);
  }

  /** A file in Bicep; undefined where it cannot be read. */
  bicep(path: string): BicepText | undefined {
    if (!this.#bicep.has(path)) {
      if (!this.#reading) throw new Error(`Bicep is not expected: ${path}`);
      const source = this.#reader.read(path);
      const text = source && this.#reading.template(source, this.#reader.log);
      this.#bicep.set(path, text);
    }
    return this.#bicep.get(path);
  }

  /** A parameter file in Bicep; undefined where it cannot be read. */
  parameters(path: string): BicepParameters | undefined {
    if (!this.#reading) throw new Error(`Bicep is not expected: ${path}`);
    const source = this.#reader.read(path);
    return source && this.#reading.parameters(source, this.#reader.log);
  }
}
