/**
 * Folders of Terraform files -> configurations: which of them are root modules, and which values their variables take.
 * A folder that another module of the run calls is judged through its callers, never with its defaults alone.
 */
import { basename, join } from 'node:path';
import { parseHclExpression } from '../../parse/hcl.ts';
import { parseJson } from '../../parse/json.ts';
import type { JsonNode } from '../../parse/json-tree.ts';
import type { Reader } from '../../source/reader.ts';
import { type Origin, Source, span } from '../../source/source.ts';
import { evaluate } from '../evaluate.ts';
import type { Configuration } from '../resource.ts';
import { bool, list, type Member, nothing, number, object, text, unknown, type Value } from '../value.ts';
import { evaluateTerraform, localCalls, ModuleCache, type RootVariable } from './configuration.ts';
import { parseFile, type TerraformModule } from './module.ts';

export interface TerraformInputs {
  /** Absolute folders that hold Terraform files. */
  readonly folders: readonly string[];
  /** Absolute paths of variable files named by options, in order. */
  readonly variableFiles: readonly string[];
  /** `K=V` of options, in order; they beat the files. */
  readonly variables: readonly string[];
}

export interface TerraformResult {
  readonly configurations: Configuration[];
  /** Every module that was read, for suppressions in it. */
  readonly modules: ReadonlySet<TerraformModule>;
}

export function terraformConfigurations(
  inputs: TerraformInputs,
  reader: Reader,
  each: (name: string) => void,
): TerraformResult {
  const modules = new ModuleCache(reader);
  const called = new Set<string>();
  for (const folder of inputs.folders) {
    const module = modules.get(folder);
    for (const child of module ? localCalls(module) : []) if (child !== folder) called.add(child);
  }
  // Two folders that call each other would both vanish: then both are roots.
  const roots = inputs.folders.filter(
    (folder) => !called.has(folder) || !reachable(folder, inputs.folders, called, modules),
  );
  const configurations: Configuration[] = [];
  for (const folder of roots) {
    const module = modules.get(folder);
    if (!module) continue;
    each(reader.display(folder));
    const variables = rootVariables(folder, inputs, reader);
    configurations.push(evaluateTerraform(module, { reader, variables, modules }));
  }
  return { configurations, modules: modules.loaded() };
}

/** Whether some folder that nothing calls leads to this one. */
function reachable(
  folder: string,
  folders: readonly string[],
  called: ReadonlySet<string>,
  modules: ModuleCache,
): boolean {
  const seen = new Set<string>();
  const queue = folders.filter((candidate) => !called.has(candidate));
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (at === folder) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    const module = modules.get(at);
    if (module) queue.push(...localCalls(module));
  }
  return false;
}

/** Weakest first: terraform.tfvars, *.auto.tfvars by name, then the options' files and values. Never the environment. */
function rootVariables(folder: string, inputs: TerraformInputs, reader: Reader): Map<string, RootVariable> {
  const names = reader.list(folder).map((entry) => entry.name);
  const files = [
    ...['terraform.tfvars', 'terraform.tfvars.json'].filter((name) => names.includes(name)),
    ...names.filter((name) => /\.auto\.tfvars(\.json)?$/.test(name)),
  ].map((name) => join(folder, name));
  const variables = new Map<string, RootVariable>();
  for (const path of [...files, ...inputs.variableFiles])
    for (const [name, variable] of readVariableFile(path, reader)) variables.set(name, variable);
  for (const given of inputs.variables) {
    const [name, ...rest] = given.split('=');
    const value = rest.join('=');
    const source = new Source(`--var ${name}`, value);
    const at = span(source, 0, value.length);
    variables.set(name!, {
      at,
      what: 'given by --var',
      value: (env, isText) => (isText ? text(value, at) : evaluate(parseHclExpression(source, reader.log), env)),
    });
  }
  return variables;
}

function readVariableFile(path: string, reader: Reader): [string, RootVariable][] {
  const what = `set in ${basename(path)}`;
  if (path.endsWith('.json')) {
    const source = reader.read(path);
    const root = source && parseJson(source, reader.log).root;
    if (root?.kind !== 'object') return [];
    return root.members.map((member) => [
      member.key.value,
      { at: member.value, what, value: () => valueOfJson(member.value) },
    ]);
  }
  const file = parseFile(path, reader);
  return (file?.tree.body.attributes ?? []).map((attribute) => [
    attribute.name,
    { at: attribute.value, what, value: (env) => evaluate(attribute.value, env) },
  ]);
}

/** Plain JSON, each value with its own place. */
export function valueOfJson(node: JsonNode): Value {
  const at: Origin = node;
  switch (node.kind) {
    case 'string':
      return text(node.value, at);
    case 'number':
      return number(node.value, at);
    case 'word':
      return node.value === null ? nothing(at) : bool(node.value, at);
    case 'array':
      return list(node.items.map(valueOfJson), at);
    case 'object': {
      const members = new Map<string, Member>();
      for (const member of node.members)
        members.set(member.key.value, { value: valueOfJson(member.value), at: member.value });
      return object(members, at);
    }
    default:
      return unknown('it could not be read', at);
  }
}
