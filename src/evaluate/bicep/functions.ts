/**
 * Functions that only Bicep has: those that read files when a template is compiled, and those that ask whoever compiles it.
 * Files are read inside the repository alone; the environment and the command line are never asked.
 */
import type { Call } from '../../parse/expression.ts';
import { memberOf } from '../../parse/json.ts';
import type { JsonNode } from '../../parse/json-tree.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import type { Source } from '../../source/source.ts';
import type { Nodes } from '../arm/language.ts';
import { type Environment, evaluate, type Form } from '../evaluate.ts';
import { decodeYaml } from '../terraform/yaml.ts';
import {
  bool,
  force,
  list,
  type Member,
  nothing,
  number,
  object,
  oneOf,
  reasonOf,
  secret,
  text,
  unknown,
  type Value,
  written,
} from '../value.ts';

/** By lower-case name; paths start in that folder. */
export function bicepForms(directory: string, reader: Reader, nodes: Nodes): readonly (readonly [string, Form])[] {
  const loaded =
    (longest: number, make: (source: Source, call: Call, env: Environment) => Value): Form =>
    (call, env) => {
      const argument = call.args[0];
      const path = argument && force(evaluate(argument, env));
      if (path?.kind !== 'string')
        return unknown((path && reasonOf(path)) ?? `${call.name}() needs a path that is written`, call);
      const found = reader.resolve(directory, path.value);
      if (found && 'refused' in found) return unknown(`"${path.value}" is not read: ${found.refused}`, call);
      if (!found || reader.files.info(found.path)?.kind !== 'file') {
        nodes.tell(
          'bicep-file-missing',
          'error',
          `there is no file "${path.value}" to load`,
          argument!,
          'Correct the path, or add the file.',
        );
        return unknown(`there is no file "${path.value}"`, call);
      }
      const source = reader.read(found.path);
      if (!source) return unknown(`"${path.value}" cannot be read`, call);
      // The compiler refuses longer ones.
      return source.text.length > longest
        ? unknown(`"${path.value}" is longer than Bicep loads`, call)
        : make(source, call, env);
    };
  return [
    ['loadtextcontent', loaded(limits.loadedText, (source, call) => written(source.text, call))],
    [
      'loadfileasbase64',
      loaded(limits.loadedText, (source, call) => text(Buffer.from(source.text).toString('base64'), call)),
    ],
    [
      'loadjsoncontent',
      loaded(limits.loadedData, (source, call, env) => {
        const root = nodes.json(source);
        if (!root) return unknown('the file holds no JSON, or it has a syntax error', call);
        const path = call.args[1] && force(evaluate(call.args[1], env));
        if (path === undefined) return loadedValue(root);
        const node = path.kind === 'string' ? follow(root, path.value) : undefined;
        return node ? loadedValue(node) : unknown('the path into the file is not followed', call);
      }),
    ],
    [
      'loadyamlcontent',
      loaded(limits.loadedData, (source, call, env) => {
        if (call.args.length > 1) return unknown('the path into the file is not followed', call);
        const before = decoded.get(call);
        if (before?.source === source) return before.value;
        // Decoding takes some four microseconds for each letter, and a step less than one.
        env.budget.steps += Math.min(source.text.length, limits.yamlLength) * 4;
        const value = ambiguous.test(source.text)
          ? unknown('versions of YAML differ over what stands in the file', call)
          : decodeYaml(source.text, call);
        decoded.set(call, { source, value });
        return value;
      }),
    ],
    ['loaddirectoryfileinfo', (call) => unknown('folders are not listed', call)],
    ['readenvironmentvariable', outside('an environment variable is never read')],
    ['readenvvar', outside('an environment variable is never read')],
    ['externalinput', outside('it is given by whoever deploys')],
    ['readcliarg', outside('it is given by whoever deploys')],
    ['getsecret', (call) => secret(unknown('it is read from a key vault', call))],
  ];
}

/** Bare words that not every reader of YAML takes for the same: yes, 0777, 1:30, dates, ~. Bounded, for it starts anywhere. */
const ambiguous =
  /(?:^|[\s:[,{-])(?:[yn~]|yes|no|on|off|0[0-7xob_]\w*|[+-]?\d[\d_]{0,40}(?:_\d|:\d)[\d:._]{0,40}|[+-]?\.(?:inf|nan)|\d{4}-\d\d?-\d\d?.*)[ \t]*(?:[,\]}#]|$)/im;

/** The default, where there is one, or something that is not known here. */
function outside(because: string): Form {
  return (call, env) => {
    const fallback = call.args[1];
    return fallback ? oneOf([force(evaluate(fallback, env)), unknown(because, call)], call) : unknown(because, call);
  };
}

/** What a call has made of a file; a loop makes the same call in every turn. */
const decoded = new WeakMap<Call, { readonly source: Source; readonly value: Value }>();

const loadedValues = new WeakMap<JsonNode, Value>();

/** Loaded JSON is data: a text in brackets is no expression. Every part of a file is made into a value once. */
function loadedValue(node: JsonNode): Value {
  let value = loadedValues.get(node);
  if (!value) {
    value = valueOfJson(node);
    loadedValues.set(node, value);
  }
  return value;
}

function valueOfJson(node: JsonNode): Value {
  switch (node.kind) {
    case 'word':
      return node.value === null ? nothing(node) : bool(node.value, node);
    case 'number':
      return number(node.value, node);
    case 'string':
      return written(node.value, node);
    case 'array':
      return list(node.items.map(loadedValue), node);
    case 'object': {
      const members = new Map<string, Member>();
      for (const { key, value } of node.members) members.set(key.value, { value: loadedValue(value), at: value });
      return object(members, node);
    }
  }
}

/** A path of names and indexes: `$.a.b[0]['c']`; undefined for any other, or where nothing is. */
function follow(root: JsonNode, path: string): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  const step = /^(?:\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\])/;
  let rest = path.replace(/^\$/, '');
  while (rest !== '' && node) {
    const match = step.exec(rest);
    if (!match) return undefined;
    rest = rest.slice(match[0].length);
    const name = match[1] ?? match[3] ?? match[4];
    node =
      name === undefined
        ? node.kind === 'array'
          ? node.items[Number(match[2])]
          : undefined
        : memberOf(node, name)?.value;
  }
  return node;
}
