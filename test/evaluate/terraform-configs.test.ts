/**
 * Every configuration that the real `terraform plan` answered, evaluated here and compared: instances, values, outputs, and what
 * stays unknown. What differs stands in terraform-configs.differences.json with its reason; a new difference fails, and so does
 * one that is gone.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { terraformConfigurations } from '../../src/evaluate/terraform/roots.ts';
import { failureIn } from '../../src/evaluate/terraform/signature.ts';
import { encode, force, memberOf, numberText, type Value } from '../../src/evaluate/value.ts';
import { parseHcl } from '../../src/parse/hcl.ts';
import { Reader } from '../../src/source/reader.ts';
import { Source } from '../../src/source/source.ts';
import { memoryIo } from '../memory.ts';

interface Case {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Expected {
  readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly outputs: Readonly<Record<string, { readonly value: unknown }>>;
}

const recordings = fileURLToPath(new URL('../../../shared/oracles/terraform-configs', import.meta.url));
const differencesFile = fileURLToPath(new URL('terraform-configs.differences.json', import.meta.url));
const outputsAddresses = ['terraform_data.outputs_of_the_test', 'terraform_data.json_outputs_of_the_test'];

function filesBelow(folder: string, prefix: string, files: Record<string, Uint8Array | string>): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) filesBelow(path, `${prefix}/${name}`, files);
    else files[`${prefix}/${name}`] = readFileSync(path);
  }
}

/** The outputs of JSON files of the root module, as a resource. */
function jsonOutputsAsResource(files: Readonly<Record<string, Uint8Array | string>>): string {
  const values: Record<string, unknown> = {};
  for (const [path, content] of Object.entries(files)) {
    if (!/^\/repo\/[^/]+\.tf\.json$/.test(path)) continue;
    const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
    const { output } = JSON.parse(text) as { output?: Record<string, { value: unknown }> };
    for (const [name, { value }] of Object.entries(output ?? {})) values[name] = value;
  }
  return JSON.stringify({ resource: { terraform_data: { json_outputs_of_the_test: values } } });
}

/** The outputs of the root module, as a resource: the linter itself has no use for them. */
function outputsAsResource(files: Readonly<Record<string, Uint8Array | string>>): string {
  const values = new Map<string, string>();
  for (const [path, content] of Object.entries(files)) {
    if (!/^\/repo\/[^/]+\.tf$/.test(path)) continue;
    const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
    const { body } = parseHcl(new Source(path, text), []);
    for (const block of body.blocks) {
      const value = block.body.attributes.find((attribute) => attribute.name === 'value');
      if (block.type === 'output' && value)
        values.set(block.labels[0]!.text, text.slice(value.value.start, value.value.end));
    }
  }
  const lines = [...values].map(([name, text]) => `  ${name} = ${text}\n`);
  return `resource "terraform_data" "outputs_of_the_test" {\n${lines.join('')}}\n`;
}

/** Names that tfvars files of the root folder set: they beat the environment. */
function namesInFiles(files: Readonly<Record<string, Uint8Array | string>>): Set<string> {
  const names = new Set<string>();
  for (const [path, content] of Object.entries(files)) {
    if (!/^\/repo\/([^/]+\.auto|terraform)\.tfvars(\.json)?$/.test(path)) continue;
    const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
    if (path.endsWith('.json')) for (const name of Object.keys(JSON.parse(text))) names.add(name);
    else for (const attribute of parseHcl(new Source(path, text), []).body.attributes) names.add(attribute.name);
  }
  return names;
}

/** Values of our root module by path, as the recording names them. */
function evaluateCase(name: string): { values: Map<string, Value>; addresses: Set<string> } {
  const folder = join(recordings, name);
  const recorded = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
  const files: Record<string, Uint8Array | string> = {};
  filesBelow(join(folder, 'root'), '/repo', files);
  const jsonOutputs = jsonOutputsAsResource(files);
  files['/repo/outputs_of_the_test.tf'] = outputsAsResource(files);
  files['/repo/outputs_of_the_test.tf.json'] = jsonOutputs;
  const set = namesInFiles(files);
  const variables: string[] = [];
  const variableFiles: string[] = [];
  for (const [key, value] of Object.entries(recorded.env)) {
    const variable = key.replace(/^TF_VAR_/, '');
    // Ranked just above the defaults: whatever a file or option sets is stronger.
    if (variable !== key && !set.has(variable)) variables.push(`${variable}=${value}`);
  }
  const args = recorded.args.flatMap((arg) => /^(-var|-var-file)=(.*)$/s.exec(arg)?.slice(1) ?? [arg]);
  for (let i = 0; i + 1 < args.length; i++) {
    if (args[i] === '-var') variables.push(args[i + 1]!);
    if (args[i] === '-var-file') variableFiles.push(join('/repo', args[i + 1]!));
  }
  // An option is stronger than the environment, whichever kind of option it is.
  const named = new Set(
    variableFiles.flatMap((path) => [...namesInFiles({ '/repo/x.auto.tfvars': files[path] ?? '' })]),
  );
  const kept = variables.filter((variable, i) => i >= args.length || !named.has(variable.split('=')[0]!));
  const reader = new Reader(memoryIo(files).files, '/repo', []);
  const inputs = { folders: ['/repo'], variableFiles, variables: kept };
  const { configurations } = terraformConfigurations(inputs, reader, () => {});
  const values = new Map<string, Value>();
  const addresses = new Set<string>();
  for (const resource of configurations[0]!.resources) {
    if (resource.type !== 'terraform_data') continue;
    if (outputsAddresses.includes(resource.address)) {
      for (const [key, member] of resource.body.members) values.set(`outputs.${key}`, force(member.value));
      continue;
    }
    addresses.add(resource.address);
    for (const key of ['input', 'triggers_replace']) {
      const member = memberOf(resource.body, key);
      if (member) values.set(`${resource.address}.${key}`, force(member.value));
    }
  }
  return { values, addresses };
}

/** Where our value and the recorded one differ, by path, with what we have. */
function* differences(path: string, ours: Value | undefined, theirs: unknown): Generator<[string, string]> {
  if (ours === undefined) {
    if (theirs !== null) yield [path, 'missing here'];
    return;
  }
  const value = force(ours);
  const shown = (): string => JSON.stringify(encode({ ...value, secret: undefined }));
  if (theirs !== null && typeof theirs === 'object' && '$unknown' in theirs) {
    if (!['unknown', 'symbol', 'template', 'one-of'].includes(value.kind)) {
      const open = (value.kind === 'list' || value.kind === 'object') && value.open;
      // An open collection of which nothing is known is one that is not known.
      if (!open) yield [path, `known here: ${shown()}`];
    }
    return;
  }
  if (Array.isArray(theirs)) {
    if (value.kind !== 'list' || value.open || value.items.length !== theirs.length) yield [path, shown()];
    else for (const [i, item] of value.items.entries()) yield* differences(`${path}[${i}]`, item, theirs[i]);
    return;
  }
  if (theirs !== null && typeof theirs === 'object') {
    if (value.kind !== 'object' || value.open) {
      yield [path, shown()];
      return;
    }
    for (const key of new Set([...Object.keys(theirs), ...value.members.keys()])) {
      const member = value.members.get(key);
      if (!(key in theirs)) yield [`${path}.${key}`, 'not there in Terraform'];
      else if (!member || member.maybe) yield [`${path}.${key}`, 'not certain here'];
      else yield* differences(`${path}.${key}`, member.value, (theirs as Record<string, unknown>)[key]);
    }
    return;
  }
  const same =
    value.kind === 'null'
      ? theirs === null
      : value.kind === 'number'
        ? typeof theirs === 'number' && Number(numberText(value)) === theirs
        : (value.kind === 'string' || value.kind === 'bool') && value.value === theirs;
  if (!same) yield [path, shown()];
}

/** Whether what stands at a path such as `input.a[0]` is a secret; what is around it may be one as a whole. */
function isHidden(values: ReadonlyMap<string, Value>, prefix: string, path: string): boolean {
  const [first, ...steps] = path.replaceAll('[', '.[').split('.');
  let value = values.get(prefix + first);
  for (const step of steps) {
    if (!value || value.secret) break;
    const index = /^\[(\d+)\]$/.exec(step);
    const key = /^\["(.*)"\]$/.exec(step)?.[1] ?? step;
    if (value.kind === 'object') value = value.members.get(key)?.value;
    else value = value.kind === 'list' && index ? value.items[Number(index[1])] : undefined;
    value &&= force(value);
  }
  return value?.secret === true;
}

function differencesOf(name: string): Map<string, string> {
  const expected = JSON.parse(readFileSync(join(recordings, name, 'expected.json'), 'utf8')) as Expected;
  const { values, addresses } = evaluateCase(name);
  const found = new Map<string, string>();
  for (const address of addresses)
    if (!(address in expected.resources)) found.set(`${name}: ${address}`, 'not there in Terraform');
  for (const [address, resource] of Object.entries(expected.resources)) {
    // The built-in provider has this one managed resource.
    if (!/(^|\.)terraform_data\.[^.]*$/.test(address.replace(/\["(\\.|[^"\\])*"\]|\[\d+\]/g, ''))) continue;
    if (!addresses.has(address)) {
      found.set(`${name}: ${address}`, 'not there');
      continue;
    }
    for (const key of ['input', 'triggers_replace'])
      for (const [path, what] of differences(
        `${address}.${key}`,
        values.get(`${address}.${key}`),
        resource[key] ?? null,
      ))
        found.set(`${name}: ${path}`, what);
  }
  for (const [address, { sensitive }] of Object.entries(expected.resources))
    for (const path of (sensitive ?? []) as string[])
      if (!isHidden(values, `${address}.`, path)) found.set(`${name}: ${address}.${path} sensitive`, 'shown');
  for (const [output, { value }] of Object.entries(expected.outputs))
    for (const [path, what] of differences(`outputs.${output}`, values.get(`outputs.${output}`), value))
      found.set(`${name}: ${path}`, what);
  return found;
}

interface Asked {
  readonly id: string;
  readonly group: string;
  readonly expr: string;
  readonly files: Readonly<Record<string, string>>;
  readonly ok: boolean;
  readonly value?: unknown;
  readonly sensitive?: boolean;
  readonly display?: string;
}

/** What we say to a question at the console of a configuration that Terraform does not say. */
function differenceOf(asked: Asked): string | undefined {
  const files: Record<string, string> = {
    '/repo/asked.tf': `resource "terraform_data" "asked" {\n  input = ${asked.expr}\n}\n`,
  };
  for (const [name, content] of Object.entries(asked.files)) files[`/repo/${name}`] = content;
  const reader = new Reader(memoryIo(files).files, '/repo', []);
  const inputs = { folders: ['/repo'], variableFiles: [], variables: [] };
  const { configurations } = terraformConfigurations(inputs, reader, () => {});
  const resource = configurations[0]!.resources.find(({ address }) => address === 'terraform_data.asked')!;
  const value = force(memberOf(resource.body, 'input')!.value);
  const refused = failureIn(value) !== undefined;
  if (!asked.ok) return refused ? undefined : JSON.stringify(encode(value));
  if (refused) return 'refused';
  if ((asked.sensitive ?? false) && !value.secret) return 'shown';
  const theirs = asked.display === '(known after apply)' ? { $unknown: true } : asked.value;
  return [...differences('', value, theirs)].map((pair) => pair.join(': ')).join('; ') || undefined;
}

describe('terraform console in a configuration', () => {
  const recording = join(recordings, '../terraform-console.json');
  const present = existsSync(recording);
  if (!present) console.log('skipped: ../shared/oracles/terraform-console.json is not here');
  const { expressions } = (present ? JSON.parse(readFileSync(recording, 'utf8')) : { expressions: [] }) as {
    expressions: Asked[];
  };
  const inContext = expressions.filter(({ group }) => group === 'context');
  const listed = JSON.parse(readFileSync(differencesFile, 'utf8')) as Record<string, string>;

  it.skipIf(!present)('agrees but for the listed differences', () => {
    expect(inContext.length).toBeGreaterThan(20);
    const found = new Map<string, string>();
    for (const asked of inContext) {
      const difference = differenceOf(asked);
      if (difference !== undefined) found.set(`console ${asked.id}: ${asked.expr}`, difference);
    }
    const unexpected = [...found].filter(([key]) => !(key in listed)).map((pair) => pair.join(' -> '));
    const gone = Object.keys(listed).filter((key) => key.startsWith('console ') && !found.has(key));
    expect(unexpected).toEqual([]);
    expect(gone).toEqual([]);
  });
});

describe('terraform plan', () => {
  const present = existsSync(recordings);
  if (!present) console.log('skipped: ../shared/oracles/terraform-configs is not here');
  const names = present ? readdirSync(recordings).sort() : ['none'];
  const listed = JSON.parse(readFileSync(differencesFile, 'utf8')) as Record<string, string>;

  it.skipIf(!present).each(names)('%s', (name) => {
    const found = differencesOf(name);
    const unexpected = [...found].filter(([path]) => !(path in listed)).map(([path, what]) => `${path}: ${what}`);
    const gone = Object.keys(listed).filter((path) => path.startsWith(`${name}: `) && !found.has(path));
    expect(unexpected).toEqual([]);
    expect(gone).toEqual([]);
  });

  it.skipIf(!present)('lists no configuration that is not recorded', () => {
    expect(
      Object.keys(listed).filter((key) => !key.startsWith('console ') && !names.includes(key.split(':')[0]!)),
    ).toEqual([]);
  });
});
