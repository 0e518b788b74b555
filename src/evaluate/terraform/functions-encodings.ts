/** Terraform's functions that encode, decode and hash: base64, JSON, CSV, YAML, digests, UUIDs. */

import { TextDecoder } from 'node:util';
import { crypto } from '../../source/crypto.ts';
import { type BuiltIn, deterministic } from '../evaluate.ts';
import { failure, joined, list, type Member, object, type Str, text, unknown, type Value } from '../value.ts';
import { bounded } from './functions-strings.ts';
import { decodeJson, jsonParts } from './json.ts';
import { define } from './signature.ts';
import { anyType, numberType, stringType } from './types.ts';
import { decodeYaml } from './yaml.ts';
import { yamlDocument } from './yaml-text.ts';

type At = Value['at'];

const ofText = (compute: (of: string, at: At) => string | Value): BuiltIn =>
  define({
    takes: [stringType],
    apply: ([of], call) => {
      const result = compute((of as Str).value, call);
      return typeof result === 'string' ? bounded(result, call) : result;
    },
  });

type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512';
export const digest = (algorithm: Digest, of: string | Uint8Array, encoding: 'hex' | 'base64'): string =>
  crypto().createHash(algorithm).update(of).digest(encoding);

const named = (because: string): BuiltIn =>
  define({ takes: [stringType], apply: (args, call) => deterministic(call, args, because) });

export const encodingFunctions: readonly (readonly [string, BuiltIn])[] = [
  ['base64encode', ofText((of) => Buffer.from(of).toString('base64'))],
  ['base64decode', ofText(decodeBase64)],
  // Terraform's compressor and ours need not give the same bytes.
  ['base64gzip', named('the compressed bytes depend on the compressor')],
  ['textencodebase64', ofTwo((of, encoding, at) => encodeText(of, encoding, at))],
  ['textdecodebase64', ofTwo((of, encoding, at) => decodeText(of, encoding, at))],
  ['md5', ofText((of) => digest('md5', of, 'hex'))],
  ['sha1', ofText((of) => digest('sha1', of, 'hex'))],
  ['sha256', ofText((of) => digest('sha256', of, 'hex'))],
  ['sha512', ofText((of) => digest('sha512', of, 'hex'))],
  ['base64sha256', ofText((of) => digest('sha256', of, 'base64'))],
  ['base64sha512', ofText((of) => digest('sha512', of, 'base64'))],
  ['uuidv5', ofTwo((namespace, name, at) => nameUuid(namespace, name, at))],
  [
    'bcrypt',
    define({
      takes: [stringType],
      rest: numberType,
      apply: (_, call) => unknown('bcrypt() gives another text each time', call),
    }),
  ],
  ['uuid', define({ takes: [], apply: (_, call) => unknown('uuid() gives another text each time', call) })],
  [
    'rsadecrypt',
    define({
      takes: [stringType, stringType],
      apply: (args, call) => deterministic(call, args, 'rsadecrypt() is not evaluated by this tool'),
    }),
  ],
  [
    'jsonencode',
    define({
      takes: [anyType],
      nullable: true,
      partly: true,
      apply: ([value], call) => {
        const parts = jsonParts(value!);
        if (parts) return { ...joined(parts, call), encodes: value! };
        return value!.kind === 'number'
          ? failure('JSON has no infinity', call)
          : { ...deterministic(call, [value!], 'a part of it is not known'), encodes: value! };
      },
    }),
  ],
  ['jsondecode', ofText(decodeJson)],
  ['csvdecode', ofText(decodeCsv)],
  [
    'yamlencode',
    define({
      takes: [anyType],
      nullable: true,
      apply: ([value], call) => {
        const document = yamlDocument(value!);
        return document === undefined
          ? deterministic(call, [value!], 'it has long texts or keys that this tool does not write')
          : bounded(document, call);
      },
    }),
  ],
  [
    'yamldecode',
    define({
      takes: [stringType],
      apply: ([of], call, env) => {
        const { value } = of as Str;
        env.budget.steps += value.length;
        return decodeYaml(value, call);
      },
    }),
  ],
];

function ofTwo(compute: (first: string, second: string, at: At) => string | Value): BuiltIn {
  return define({
    takes: [stringType, stringType],
    apply: (args, call) => {
      const [first, second] = args as Str[];
      const result = compute(first!.value, second!.value, call);
      return typeof result === 'string' ? bounded(result, call) : result;
    },
  });
}

// Base64

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function bytesOf(of: string): Buffer | undefined {
  const packed = of.replace(/[\r\n]/g, '');
  return base64.test(packed) ? Buffer.from(packed, 'base64') : undefined;
}

function decodeBase64(of: string, at: At): string | Value {
  const bytes = bytesOf(of);
  if (!bytes) return failure('the text is no base64', at);
  return textOfBytes(bytes) ?? failure('the decoded bytes are no UTF-8 text', at);
}

/** UTF-8 text; undefined where the bytes are none. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decoderOf(encoding: string): TextDecoder | undefined {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true });
  } catch {
    return undefined;
  }
}

function encodeText(of: string, encoding: string, at: At): string | Value {
  const name = encoding.toLowerCase();
  if (name === 'utf-8' || name === 'utf8') return Buffer.from(of).toString('base64');
  if (name === 'utf-16le') return Buffer.from(of, 'utf16le').toString('base64');
  if (name === 'utf-16be') return Buffer.from(of, 'utf16le').swap16().toString('base64');
  if (name === 'utf-16') return Buffer.from(`\ufeff${of}`, 'utf16le').swap16().toString('base64');
  const decoder = decoderOf(name);
  if (!decoder) return failure(`the encoding "${encoding}" is not known`, at);
  const codes =
    name === 'iso-8859-1' ? Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)) : singleBytes(decoder);
  if (!codes) return unknown(`the encoding "${encoding}" is not evaluated by this tool`, at);
  const bytes: number[] = [];
  for (const letter of of) {
    const byte = codes.indexOf(letter);
    if (byte === -1) return failure(`a character is not in the encoding "${encoding}"`, at);
    bytes.push(byte);
  }
  return Buffer.from(bytes).toString('base64');
}

/** The 256 characters of an encoding of one byte each. */
function singleBytes(decoder: TextDecoder): string[] | undefined {
  const codes = Array.from({ length: 256 }, (_, i) => decoder.decode(Uint8Array.of(i)));
  return codes.filter((code) => code !== '\ufffd').length > 200 ? codes : undefined;
}

function decodeText(of: string, encoding: string, at: At): string | Value {
  const bytes = bytesOf(of);
  if (!bytes) return failure('the text is no base64', at);
  const name = encoding.toLowerCase();
  if (name === 'iso-8859-1') return bytes.toString('latin1');
  const decoder = decoderOf(name === 'utf-16' ? (bytes[0] === 0xff ? 'utf-16le' : 'utf-16be') : name);
  if (!decoder) return failure(`the encoding "${encoding}" is not known`, at);
  return decoder.decode(bytes).replace(/^\ufeff/, name === 'utf-16' ? '' : '\ufeff');
}

// UUIDs

const namespaces: Record<string, string> = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
};

function nameUuid(namespace: string, name: string, at: At): string | Value {
  const id = (Object.hasOwn(namespaces, namespace) ? namespaces[namespace]! : namespace).replaceAll('-', '');
  if (!/^[0-9a-fA-F]{32}$/.test(id)) return failure(`uuidv5() does not know the namespace "${namespace}"`, at);
  const bytes = crypto().createHash('sha1').update(Buffer.from(id, 'hex')).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

// CSV

function decodeCsv(of: string, at: At): Value {
  const rows = csvRows(of);
  if (!rows) return failure('the text is no CSV', at);
  const [head, ...lines] = rows;
  if (!head) return failure('the CSV has no header', at);
  if (new Set(head).size < head.length) return failure('a column of the CSV occurs twice', at);
  const items: Value[] = [];
  for (const line of lines) {
    if (line.length !== head.length) return failure('a line of the CSV has another number of fields', at);
    const members = new Map<string, Member>();
    for (const [i, name] of head.entries()) members.set(name, { value: text(line[i]!, at), at });
    items.push(object(members, at));
  }
  return list(items, at, 'list');
}

/** Lines of fields; undefined where quotes are wrong. Empty lines do not count. */
function csvRows(of: string): string[][] | undefined {
  const rows: string[][] = [];
  const input = of.replaceAll('\r\n', '\n');
  let at = 0;
  while (at < input.length) {
    if (input[at] === '\n') {
      at++;
      continue;
    }
    const row: string[] = [];
    for (;;) {
      const field = input[at] === '"' ? quotedField(input, at) : bareField(input, at);
      if (!field) return undefined;
      row.push(field.value);
      at = field.end;
      if (input[at] !== ',') break;
      at++;
    }
    rows.push(row);
    at++;
  }
  return rows;
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function bareField(input: string, start: number): Field | undefined {
  let end = start;
  while (end < input.length && input[end] !== ',' && input[end] !== '\n') if (input[end++] === '"') return undefined;
  return { value: input.slice(start, end), end };
}

function quotedField(input: string, start: number): Field | undefined {
  let value = '';
  for (let at = start + 1; ; ) {
    const quote = input.indexOf('"', at);
    if (quote === -1) return undefined;
    value += input.slice(at, quote);
    if (input[quote + 1] !== '"') {
      const after = input[quote + 1];
      return after === undefined || after === ',' || after === '\n' ? { value, end: quote + 1 } : undefined;
    }
    value += '"';
    at = quote + 2;
  }
}
