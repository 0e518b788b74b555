/**
 * Templates in JSON and Bicep, and parameter files -> configurations: a template is judged once per parameter file that
 * belongs to it, else with its defaults. `X.parameters.json` and `X.*.parameters.json` belong to `X.json` and `X.bicep` beside
 * them, a `.bicepparam` file to what it uses. What another template deploys, or Terraform does, is judged there, with what it is
 * given; by itself only with a parameter file of its own. A template that was compiled from a Bicep file beside it is that file.
 */
import { basename, dirname, join } from 'node:path';
import { memberOf, parseJson } from '../../parse/json.ts';
import type { JsonFile, JsonNode } from '../../parse/json-tree.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { type Source, type Span, span } from '../../source/source.ts';
import { evaluateTemplate, givenBy, type TemplateEvaluation } from '../arm/template.ts';
import type { Configuration } from '../resource.ts';
import { symbol, type Unknown, unknown, type Value, withVia } from '../value.ts';
import type { ParameterAssignments } from './compiled.ts';
import { type BicepReading, type Remarks, Templates } from './templates.ts';

export interface TemplateResult<T> {
  /** What was taken from each. */
  readonly configurations: T[];
  /** Every file that was read, for suppressions in it. */
  readonly files: readonly TemplateText[];
  /** Compiled templates that were left out for the Bicep files beside them, as they are shown. */
  readonly compiled: readonly string[];
}

export type TemplateText = { readonly source: Source } & ({ readonly tree: JsonFile } | { readonly remarks: Remarks });

export interface TemplateInputs {
  /** Absolute paths: templates in JSON and in Bicep. */
  readonly templates: readonly string[];
  /** Absolute paths: parameter files in JSON and in Bicep. */
  readonly parameterFiles: readonly string[];
  /** They replace what was found. */
  readonly namedParameterFiles: readonly string[];
  /** Files, as they are shown, that another configuration deploys. */
  readonly deployed: ReadonlySet<string>;
  /** Undefined where none of them is in Bicep. */
  readonly bicep: BicepReading | undefined;
}

interface ParameterFile {
  readonly path: string;
  /** The template that it names itself. */
  readonly uses: string | undefined;
  readonly parameter: (name: string, evaluation: TemplateEvaluation) => Value | undefined;
}

/** `take` sees a configuration as soon as it is evaluated, so that nobody needs to hold them all. */
export function templateConfigurations<T>(
  inputs: TemplateInputs,
  reader: Reader,
  each: (name: string) => void,
  take: (configuration: Configuration) => T,
): TemplateResult<T> {
  return new Estate(inputs, reader, each).result(take);
}

class Estate {
  readonly #inputs: TemplateInputs;
  readonly #reader: Reader;
  readonly #each: (name: string) => void;
  readonly #templates: Templates;
  readonly #files: TemplateText[] = [];
  readonly #assignments = new Map<string, ParameterAssignments | undefined>();
  readonly #parts = new Map<string, ReadonlySet<string>>();
  readonly #told = new Set<string>();

  constructor(inputs: TemplateInputs, reader: Reader, each: (name: string) => void) {
    this.#inputs = inputs;
    this.#reader = reader;
    this.#each = each;
    this.#templates = new Templates(reader, inputs.bicep);
  }

  result<T>(take: (configuration: Configuration) => T): TemplateResult<T> {
    const named = this.#inputs.namedParameterFiles.length > 0;
    const given = (named ? this.#inputs.namedParameterFiles : this.#inputs.parameterFiles).flatMap((path) =>
      this.#parameterFile(path),
    );
    const wanted = new Set(this.#inputs.templates);
    for (const file of given) if (file.uses !== undefined) wanted.add(file.uses);
    const compiled = new Map([...wanted].flatMap((path) => this.#compiledFrom(path, wanted)));
    const ownOf = (template: string): ParameterFile[] =>
      given.filter((file) => {
        if (file.uses !== undefined) return compiled.get(file.uses) === template || file.uses === template;
        if (named) return true;
        return [template, ...[...compiled].filter(([, from]) => from === template).map(([path]) => path)].some((path) =>
          belongs(file.path, path),
        );
      });
    const paths = [...wanted].filter((path) => !compiled.has(path)).sort();
    // Two files that contain each other are both judged.
    const isPart = new Set<string>();
    for (const path of paths)
      for (const part of this.#partsOf(path)) if (!this.#partsOf(part).has(path)) isPart.add(part);
    const judged: { path: string; linked: Set<string>; own: boolean; taken: T }[] = [];
    for (const path of paths) {
      const own = ownOf(path);
      const isDeployed = this.#inputs.deployed.has(this.#reader.display(path));
      if (own.length === 0 && (isDeployed || isPart.has(path))) {
        this.#keep(path, isDeployed);
        continue;
      }
      this.#each(this.#reader.display(path));
      const source = this.#keep(path, false);
      if (!source) continue;
      const template = path.endsWith('.bicep') ? this.#templates.template(path) : this.#templates.json(path)?.tree.root;
      for (const file of own.length > 0 ? own : [undefined]) {
        const linked = new Set<string>();
        const configuration = evaluateTemplate(template, this.#start(path, source), {
          files: this.#templates,
          reader: this.#reader,
          log: this.#reader.log,
          name: this.#reader.display(path),
          path,
          parameter: file?.parameter,
          linked,
        });
        const parameters = file && this.#reader.display(file.path);
        judged.push({ path, linked, own: file !== undefined, taken: take({ ...configuration, parameters }) });
      }
    }
    const isLinked = ({ path, linked, own }: (typeof judged)[number]): boolean =>
      !own && judged.some((other) => other.linked.has(path) && !linked.has(other.path));
    return {
      configurations: judged.filter((one) => !isLinked(one)).map((one) => one.taken),
      files: this.#files,
      compiled: [...compiled.keys()].map((path) => this.#reader.display(path)).sort(),
    };
  }

  /** Reads a template for the suppressions in it. `isText`: before it is filled in it may be no template. */
  #keep(path: string, isText: boolean): Source | undefined {
    if (path.endsWith('.bicep')) {
      const file = this.#templates.bicep(path);
      if (file) this.#files.push(file);
      return file?.source;
    }
    if (isText) {
      const source = this.#reader.read(path, limits.jsonBytes);
      if (source) this.#files.push({ source, tree: parseJson(source, []) });
      return source;
    }
    const file = this.#templates.json(path);
    if (file) this.#files.push(file);
    return file?.source;
  }

  /** Where a finding about the whole file stands: its first line that says something. */
  #start(path: string, source: Source): Span {
    const start = path.endsWith('.bicep') ? (this.#templates.bicep(path)?.remarks.firstStatement ?? 0) : 0;
    const lineEnd = source.text.slice(start, start + 200).search(/[\r\n{]|$/);
    return span(source, start, path.endsWith('.bicep') ? start + lineEnd : Math.min(1, source.text.length));
  }

  /** Every file that a Bicep file deploys as a module, itself or by one of them. */
  #partsOf(path: string): ReadonlySet<string> {
    const known = this.#parts.get(path);
    if (known) return known;
    const parts = new Set<string>();
    this.#parts.set(path, parts);
    const waiting = [path];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (!next.endsWith('.bicep')) continue;
      for (const reference of this.#templates.bicep(next)?.template.unit.references ?? []) {
        const found = this.#templates.module(String(reference.value), dirname(next));
        if (found.kind !== 'file' || parts.has(found.path)) continue;
        parts.add(found.path);
        waiting.push(found.path);
      }
    }
    return parts;
  }

  /** The Bicep file beside a template that the compiler made of it. */
  #compiledFrom(path: string, wanted: ReadonlySet<string>): [string, string][] {
    if (path.endsWith('.bicep')) return [];
    const stem = basename(path).replace(/\.[^.]+$/, '');
    const names = [`${stem}.bicep`, ...(/^(?:azuredeploy|mainTemplate)$/i.test(stem) ? ['main.bicep'] : [])];
    const from = names.map((name) => join(dirname(path), name)).find((candidate) => wanted.has(candidate));
    if (from === undefined) return [];
    // The mark stands near the top of the file, which need not be parsed for it.
    const text = this.#reader.peek(path, limits.jsonBytes);
    return text !== undefined && /"_generator"\s*:\s*\{\s*"name"\s*:\s*"bicep"/.test(text) ? [[path, from]] : [];
  }

  // Parameter files

  #parameterFile(path: string): ParameterFile[] {
    if (path.endsWith('.bicepparam')) return this.#bicepParameters(path);
    const file = this.#templates.json(path);
    if (!file) return [];
    this.#files.push(file);
    const { broken } = file;
    const { root } = file.tree;
    return [{ path, uses: undefined, parameter: (name, evaluation) => fromJson(root, broken, name, evaluation) }];
  }

  #bicepParameters(path: string): ParameterFile[] {
    const file = this.#assigned(path);
    if (!file) return [];
    const used = file.using && this.#templates.module(String(file.using.value), dirname(path));
    const uses = used?.kind === 'file' ? used.path : undefined;
    if (used?.kind === 'opaque' && (used.missing || used.invalid))
      this.#reader.log.push({
        code: 'bicep-template-missing',
        severity: 'error',
        message: `the template "${String(file.using!.value)}" is not there: ${used.because}`,
        at: file.using!,
        help: 'Correct the path after "using", or add the file.',
      });
    this.#base(file, [path]);
    return [{ path, uses, parameter: (name, evaluation) => this.#assignedValue([path], name, evaluation) }];
  }

  #assigned(path: string): ParameterAssignments | undefined {
    if (!this.#assignments.has(path)) {
      const file = this.#templates.parameters(path);
      if (file) this.#files.push(file);
      this.#assignments.set(path, file?.assignments);
    }
    return this.#assignments.get(path);
  }

  /** What the last file of a chain, in which each extends the next, gives for a parameter, or the one that it extends. */
  #assignedValue(chain: readonly string[], name: string, evaluation: TemplateEvaluation): Value | undefined {
    const path = chain.at(-1)!;
    const file = this.#assigned(path);
    if (!file) return undefined;
    const inherited = (key: string): Value | undefined => {
      const base = this.#base(file, chain);
      return typeof base === 'string' ? this.#assignedValue([...chain, base], key, evaluation) : base;
    };
    const { broken } = file.template.unit;
    const assigned = file.values.get(name.toLowerCase());
    if (!assigned) return broken ? unknown('the parameter file has a syntax error', broken) : inherited(name);
    const value = evaluation.assigned(file.template, path, assigned.expression, inherited);
    if (value.kind === 'null') return undefined;
    return withVia(value, assigned.at, `the value of parameter "${name}" in the parameter file`);
  }

  /** The file that the last one of a chain extends; unknown: it cannot be followed, so what it gives is not known. */
  #base(file: ParameterAssignments, chain: readonly string[]): string | Unknown | undefined {
    const { extends: written } = file;
    if (!written) return undefined;
    const text = String(written.value);
    const found = this.#templates.module(text, dirname(chain.at(-1)!));
    if (found.kind === 'opaque') {
      if (found.missing || found.invalid)
        this.#tell(
          'bicep-extends-missing',
          `the parameter file "${text}" is not there: ${found.because}`,
          written,
          'Correct the path after "extends", or add the file.',
        );
      return unknown(`"${text}" is not read: ${found.because}`, written);
    }
    if (chain.includes(found.path) || chain.length >= longestChain) {
      const because = chain.includes(found.path)
        ? 'the parameter files extend each other in a circle'
        : `more than ${longestChain} parameter files extend one another`;
      this.#tell('bicep-extends-circle', `"${text}" is not read: ${because}`, written, 'Remove one "extends".');
      return unknown(because, written);
    }
    if (!this.#assigned(found.path)) return unknown(`"${text}" cannot be read`, written);
    return found.path;
  }

  #tell(code: string, message: string, at: Span, help: string): void {
    const key = `${code} ${at.source.file}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#reader.log.push({ code, severity: 'error', message, at, help });
  }
}

/** The compiler's own bound. */
const longestChain = 64;

/** A quickstart's placeholder, which a pipeline replaces: GEN-UNIQUE, GEN-PASSWORD, GET-PREREQ-vaultName. */
const placeholder = /^(GEN|GET)-[A-Z][A-Za-z0-9_-]*$/;

/** What a parameter file in JSON gives for a parameter; one with a syntax error may have given more than is seen. */
function fromJson(
  root: JsonNode | undefined,
  broken: Span | undefined,
  name: string,
  evaluation: TemplateEvaluation,
): Value | undefined {
  const member = memberOf(memberOf(root, 'parameters')?.value, name);
  if (!member) return broken && unknown('the parameter file has a syntax error', broken);
  const given = memberOf(member.value, 'value')?.value;
  if (given?.kind === 'string' && placeholder.test(given.value)) {
    const because = `parameter "${name}" holds the placeholder ${given.value}`;
    return { ...symbol(`parameters('${name}')`, because, given), present: true };
  }
  return givenBy(member, name, evaluation);
}

function belongs(parameterFile: string, template: string): boolean {
  const stem = template.replace(/\.(?:jsonc?|bicep)$/, '');
  return (
    parameterFile.startsWith(`${stem}.`) &&
    /^(?:[^/]*\.)?parameters\.jsonc?$/.test(parameterFile.slice(stem.length + 1))
  );
}
