/**
 * Folders of Terraform files -> configurations: which of them are root modules, and which values their variables take.
 * A folder that another module of the run calls is judged through its callers, never with its defaults alone.
 */
import { basename, join } from 'node:path';
import type { Expression } from '../../parse/expression.ts';
import { parseHclExpression } from '../../parse/hcl.ts';
import { parseJson } from '../../parse/json.ts';
import type { JsonNode } from '../../parse/json-tree.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { type Origin, Source, span } from '../../source/source.ts';
import { evaluate } from '../evaluate.ts';
import type { Configuration } from '../resource.ts';
import { bool, list, type Member, nothing, number, object, text, unknown, type Value } from '../value.ts';
import { evaluateTerraform } from './configuration.ts';
import { localCalls, ModuleCache, parseFile, type TerraformModule } from './module.ts';
import type { RootVariable } from './module-instance.ts';

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
  /** The root module of a folder, evaluated on demand: a plan or state beside it points into its source. */
  readonly besideOf: (folder: string) => Configuration | undefined;
}

export function terraformConfigurations(
  inputs: TerraformInputs,
  reader: Reader,
  each: (name: string) => void,
): TerraformResult {
  const modules = new ModuleCache(reader);
  const called = new Set<string>();
  for (const folder of reachedFrom(inputs.folders, modules))
    for (const child of callsOf(folder, modules)) if (child !== folder) called.add(child);
  // Two folders that call each other would both vanish: then both are roots.
  const reached = reachedFrom(
    inputs.folders.filter((folder) => !called.has(folder)),
    modules,
  );
  const roots = inputs.folders.filter((folder) => !called.has(folder) || !reached.has(folder));
  const configurations: Configuration[] = [];
  const given = inputs.variableFiles.flatMap((path) => readVariableFile(path, reader));
  for (const variable of inputs.variables) given.push(readVariable(variable, reader));
  const evaluated = new Map<string, Configuration | undefined>();
  const configurationOf = (folder: string): Configuration | undefined => {
    if (!evaluated.has(folder)) {
      const module = modules.get(folder);
      const variables = new Map([...folderVariables(folder, reader), ...given]);
      evaluated.set(folder, module && evaluateTerraform(module, { reader, variables, modules }));
    }
    return evaluated.get(folder);
  };
  for (const folder of roots) {
    each(reader.display(folder));
    const configuration = configurationOf(folder);
    if (configuration) configurations.push(configuration);
  }
  return {
    configurations,
    // Also those that are read later, beside plans and states.
    get modules() {
      return modules.loaded();
    },
    besideOf: configurationOf,
  };
}

function callsOf(folder: string, modules: ModuleCache): string[] {
  const module = modules.get(folder);
  return module ? localCalls(module) : [];
}

/** The folders themselves and all that they call, directly or through others. */
function reachedFrom(folders: readonly string[], modules: ModuleCache): ReadonlySet<string> {
  const reached = new Set<string>();
  const queue = [...folders];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    queue.push(...callsOf(at, modules));
  }
  return reached;
}

/** What the files of a root folder set, weakest first: terraform.tfvars, then *.auto.tfvars by name. Never the environment. */
function folderVariables(folder: string, reader: Reader): [string, RootVariable][] {
  const names = reader
    .list(folder)
    .filter((entry) => entry.kind !== 'directory')
    .map((entry) => entry.name);
  return [
    ...['terraform.tfvars', 'terraform.tfvars.json'].filter((name) => names.includes(name)),
    ...names.filter((name) => /\.auto\.tfvars(\.json)?$/.test(name)),
  ].flatMap((name) => readVariableFile(join(folder, name), reader));
}

/** `NAME=VALUE` of an option: a text where the variable is one, else an expression. */
function readVariable(given: string, reader: Reader): [string, RootVariable] {
  const [name, ...rest] = given.split('=');
  const value = rest.join('=');
  const source = new Source(`--var ${name}`, value);
  const at = span(source, 0, value.length);
  let expression: Expression | undefined;
  return [
    name!.trim(),
    {
      at,
      what: 'given by --var',
      value: (env, isText) => {
        if (isText) return text(value, at);
        expression ??= parseHclExpression(source, reader.log);
        return evaluate(expression, env);
      },
    },
  ];
}

function readVariableFile(path: string, reader: Reader): [string, RootVariable][] {
  const what = `set in ${basename(path)}`;
  if (path.endsWith('.json')) {
    const source = reader.read(path, limits.jsonBytes);
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
