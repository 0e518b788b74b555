/**
 * Template files and parameter files -> configurations: a template is judged once per parameter file that belongs to it,
 * else with its defaults. `X.parameters.json` and `X.*.parameters.json` belong to `X.json` beside them.
 * What another template links is judged there, with what it is given; by itself only with a parameter file of its own.
 */
import { dirname } from 'node:path';
import { parseJson } from '../../parse/json.ts';
import type { JsonFile } from '../../parse/json-tree.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import type { Source } from '../../source/source.ts';
import type { Configuration } from '../resource.ts';
import { evaluateTemplate } from './template.ts';

export interface ArmResult {
  readonly configurations: Configuration[];
  /** Every file that was read, for suppressions in it. */
  readonly templates: readonly ParsedTemplate[];
}

export interface ParsedTemplate {
  readonly path: string;
  readonly source: Source;
  readonly tree: JsonFile;
}

/** Both lists are absolute paths; `named` parameter files replace what was found beside the templates. */
export function armConfigurations(
  templates: readonly string[],
  parameters: { readonly found: readonly string[]; readonly named: readonly string[] },
  reader: Reader,
  each: (name: string) => void,
): ArmResult {
  const parsed = templates.flatMap((path) => parse(path, reader));
  const given = (parameters.named.length > 0 ? parameters.named : parameters.found).flatMap((path) =>
    parse(path, reader),
  );
  const judged: { template: ParsedTemplate; linked: Set<string>; own: boolean; configuration: Configuration }[] = [];
  for (const template of parsed) {
    each(template.source.file);
    const own = parameters.named.length > 0 ? given : given.filter((file) => belongs(file.path, template.path));
    const files: (ParsedTemplate | undefined)[] = own.length > 0 ? own : [undefined];
    for (const file of files) {
      const root = file?.tree.root;
      const linked = new Set<string>();
      const configuration = evaluateTemplate(template.tree, template.source, {
        parameterFile: root && { source: file.source, root },
        reader,
        log: reader.log,
        name: template.source.file,
        directory: dirname(template.path),
        linked,
      });
      judged.push({ template, linked, own: file !== undefined, configuration });
    }
  }
  const isPart = ({ template: { path }, linked, own }: (typeof judged)[number]): boolean =>
    !own && judged.some((other) => other.linked.has(path) && !linked.has(other.template.path));
  const configurations = judged.filter((one) => !isPart(one)).map((one) => one.configuration);
  return { configurations, templates: [...parsed, ...given] };
}

function parse(path: string, reader: Reader): ParsedTemplate[] {
  const source = reader.read(path, limits.jsonBytes);
  return source ? [{ path, source, tree: parseJson(source, reader.log) }] : [];
}

function belongs(parameterFile: string, template: string): boolean {
  const stem = template.replace(/\.jsonc?$/, '');
  return (
    parameterFile.startsWith(`${stem}.`) &&
    /^(?:[^/]*\.)?parameters\.jsonc?$/.test(parameterFile.slice(stem.length + 1))
  );
}
