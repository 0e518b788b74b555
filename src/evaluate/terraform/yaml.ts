/**
 * YAML as Terraform reads it: the syntax of YAML 1.1, scalars by a list of its own between YAML 1.1 and 1.2.
 * Takes a text; gives its value, with every place at the call. The parser is for YAML 1.2 and loaded when the first text is met;
 * where the two versions may read a text differently, or where the parser refuses what Terraform may accept, it is unknown.
 */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { limits } from '../../source/limits.ts';
import {
  bool,
  failure,
  force,
  isHuge,
  isNull,
  type Member,
  nothing,
  object,
  list as sequence,
  text,
  unknown,
  type Value,
} from '../value.ts';
import { numFromInteger, parseNumber, textOf } from './number.ts';

/** In the bundle the path of its own file; elsewhere the package. */
declare const __YAML__: string | undefined;

type At = Value['at'];
type Document = Yaml.Document.Parsed;

let library: typeof Yaml | undefined;

function loaded(): typeof Yaml {
  library ??= createRequire(import.meta.url)(typeof __YAML__ === 'string' ? __YAML__ : 'yaml') as typeof Yaml;
  return library;
}

/** Why a text has no value: Terraform refuses it, or this tool cannot tell. */
class Refusal extends Error {
  readonly isCertain: boolean;

  constructor(because: string, isCertain: boolean) {
    super(because);
    this.isCertain = isCertain;
  }
}

function refuse(because: string): never {
  throw new Refusal(`the text is no YAML that Terraform reads: ${because}`, true);
}

function leave(because: string): never {
  throw new Refusal(because, false);
}

export function decodeYaml(yaml: string, at: At): Value {
  try {
    const value = new Reading(yaml, at).value(documentOf(yaml).contents, 0);
    return isHuge(value) ? unknown('the YAML is too large', at) : value;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.isCertain ? failure(error.message, at) : unknown(error.message, at);
  }
}

// The document

/** The same file is often decoded for every instance. */
let last: { readonly yaml: string; readonly document: Document } | undefined;

function documentOf(yaml: string): Document {
  if (last?.yaml === yaml) return last.document;
  if (yaml.length > limits.yamlLength) leave('the YAML is larger than this tool reads');
  // Other line breaks, byte order marks, control characters and directives mean other things in the two versions.
  if (/[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)|^%/m.test(yaml))
    leave('the YAML has characters or directives that this tool does not read');
  const documents = parsed(yaml);
  const [document] = documents;
  if (!document) refuse('it holds no document');
  const [error] = document.errors;
  if (error) refuseOrLeave(error, yaml);
  if (documents.length > 1) refuse('it holds more than one document');
  if (document.contents === null || (document.range[0] === 0 && /^\.\.\./.test(yaml.trimStart()))) leave(differs);
  // Read as 1.2, indentation by tabs is accepted in more places.
  if (/^ *\t|(?:^|\s)[-?] *\t/m.test(yaml)) leave(differs);
  last = { yaml, document };
  return document;
}

function parsed(yaml: string): readonly Document[] {
  const options = {
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
  } as const;
  try {
    const documents = loaded().parseAllDocuments(yaml, options);
    return 'empty' in documents ? [] : documents;
  } catch (error) {
    // The only bound that the parser has on its nesting is the stack.
    if (!(error instanceof RangeError)) throw error;
    return leave('the YAML is nested too deeply');
  }
}

const differs = 'the versions of YAML differ on this text';

function refuseOrLeave({ code, message, pos }: Yaml.YAMLParseError, yaml: string): never {
  const isEnd = yaml.slice(pos[0]).trim() === '' || pos[0] >= yaml.trimEnd().length;
  const isCertain =
    code === 'BLOCK_AS_IMPLICIT_KEY' ||
    (code === 'TAB_AS_INDENT' && !/[[\]{}|>"']/.test(yaml)) ||
    // An open bracket that nothing follows.
    ((code === 'BAD_INDENT' || code === 'MISSING_CHAR') && /end with a [\]}]$/.test(message) && isEnd);
  return isCertain ? refuse(message) : leave('this tool cannot read the YAML');
}

// Values

class Reading {
  readonly #yaml: string;
  readonly #at: At;
  /** Anchors that were completed, and those that are still open. */
  readonly #anchors = new Map<string, Value>();
  readonly #open = new Map<string, number>();
  #merged = 0;
  #flows = 0;

  constructor(yaml: string, at: At) {
    this.#yaml = yaml;
    this.#at = at;
  }

  value(node: Yaml.ParsedNode | null, level: number): Value {
    if (level > limits.nesting) leave('the YAML is nested too deeply');
    if (!node) return nothing(this.#at);
    if (node.constructor === loaded().Alias) return this.#alias((node as Yaml.Alias.Parsed).source);
    const { anchor } = node as Yaml.Scalar;
    if (anchor !== undefined && !/^[\w-]+$/.test(anchor)) leave(differs);
    if (anchor === undefined) return this.#content(node, level);
    this.#open.set(anchor, (this.#open.get(anchor) ?? 0) + 1);
    const value = this.#content(node, level);
    const rest = this.#open.get(anchor)! - 1;
    if (rest === 0) this.#open.delete(anchor);
    else this.#open.set(anchor, rest);
    this.#anchors.set(anchor, value);
    return value;
  }

  #alias(name: string): Value {
    if (this.#open.has(name)) refuse(`the anchor "${name}" is used inside of itself`);
    return this.#anchors.get(name) ?? refuse(`there is no anchor "${name}" before its use`);
  }

  #content(node: Yaml.ParsedNode, level: number): Value {
    const { isCollection } = loaded();
    if (!isCollection(node) || !node.flow) return this.#plainContent(node, level);
    // In brackets the older version ends a text at "?", and does not end one at ":" before a bracket or comma.
    const raw = this.#flows === 0 ? this.#yaml.slice(node.range[0], node.range[1]) : '';
    if (/[^\s",[\]{}]:[,[\]{}]/.test(raw.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/gs, '"'))) leave(differs);
    this.#flows++;
    const value = this.#plainContent(node, level);
    this.#flows--;
    return value;
  }

  #plainContent(node: Yaml.ParsedNode, level: number): Value {
    const { isCollection, isMap, isSeq } = loaded();
    const { tag } = node;
    // The parser drops this tag, which the older version refuses.
    if (
      isCollection(node) &&
      /(?:^|\s)!$/.test(this.#yaml.slice(Math.max(0, node.range[0] - 80), node.range[0]).trimEnd())
    )
      leave(differs);
    if (isMap(node)) {
      if (tag !== undefined && tag !== `${core}map`) refuse(`a mapping is no ${tag}`);
      return this.#mapping(node as Yaml.YAMLMap.Parsed, level);
    }
    if (isSeq(node)) {
      if (tag !== undefined && tag !== `${core}seq`) refuse(`a sequence is no ${tag}`);
      const items = (node as Yaml.YAMLSeq.Parsed).items.map((item) => this.value(item as Yaml.ParsedNode, level + 1));
      return sequence(items, this.#at);
    }
    const scalar = node as Yaml.Scalar.Parsed;
    const value = this.#scalar(scalar);
    // A block without a tag is a text by type; by value it is read like any other, and then made a text.
    const isBlock = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED';
    return isBlock && tag === undefined && !isNull(value) ? text(textOfScalar(value), this.#at) : value;
  }

  #scalar(node: Yaml.Scalar.Parsed): Value {
    const { type, source, range, anchor } = node;
    if (anchor !== undefined && !/^[\w-]+$/.test(anchor)) leave(differs);
    if (this.#flows > 0 && type === 'PLAIN' && /^:|\?/.test(source)) leave(differs);
    // Escapes that only the newer version has.
    if (
      type === 'QUOTE_DOUBLE' &&
      /(?<!\\)(?:\\\\)*\\(?:\/|u[dD][89a-fA-F])/.test(this.#yaml.slice(range[0], range[1]))
    )
      leave(differs);
    // The parser takes the end of an escaped quote for the end of the text.
    if (type === 'QUOTE_SINGLE' && !/^'(?:[^']|'')*'$/.test(this.#yaml.slice(range[0], range[1]))) leave(differs);
    if (type !== 'BLOCK_LITERAL' && type !== 'BLOCK_FOLDED') return scalarOf(node, this.#at);
    // Only in the newer version a block may stand at the very left.
    if (/\n[^\s]/.test(this.#yaml.slice(range[0], range[1]))) leave(differs);
    // A last line that is not ended stays so in the older version.
    const isCut = range[1] >= this.#yaml.length && !this.#yaml.endsWith('\n');
    return scalarOf(isCut ? { ...node, source: source.replace(/\n$/, '') } : node, this.#at);
  }

  #mapping(node: Yaml.YAMLMap.Parsed, level: number): Value {
    const members = new Map<string, Member>();
    const { isScalar } = loaded();
    const merge = (value: Value): void => {
      const from = force(value);
      if (from.kind !== 'object') refuse(`a ${from.kind} cannot be merged into a mapping`);
      this.#merged += from.members.size;
      if (this.#merged > limits.valueNodes) leave('the YAML merges too much');
      for (const [name, member] of from.members) members.set(name, member);
    };
    for (const { key, value } of node.items) {
      if (isMergeKey(key as Yaml.ParsedNode | null)) {
        const from = this.value(value as Yaml.ParsedNode | null, level + 1);
        if (from.kind === 'list') leave('only newer versions of Terraform merge a sequence');
        merge(from);
        continue;
      }
      if (key !== null && !isScalar(key)) refuse('only texts can be keys of a mapping');
      const name = key === null ? nothing(this.#at) : this.#scalar(key as Yaml.Scalar.Parsed);
      if (isNull(name)) refuse('a key of a mapping is null');
      const inner = this.value(value as Yaml.ParsedNode | null, level + 1);
      members.set(textOfScalar(name), { value: inner, at: this.#at });
    }
    return object(members, this.#at);
  }
}

function isMergeKey(key: Yaml.ParsedNode | null): boolean {
  if (!key || !loaded().isScalar(key)) return false;
  return key.tag === `${core}merge` || (key.tag === undefined && key.source === '<<');
}

function textOfScalar(value: Value): string {
  if (value.kind === 'string') return value.value;
  if (value.kind === 'bool') return String(value.value);
  if (value.kind !== 'number' || !Number.isFinite(value.value)) return leave('it is not known how that is written');
  return textOf(value);
}

// Scalars

const core = 'tag:yaml.org,2002:';
const tags = new Set(['str', 'bool', 'int', 'float', 'null', 'timestamp', 'binary'].map((name) => core + name));

const words = new Map<string, boolean | null | 'Inf' | '-Inf'>();
const spell = (value: boolean | null | 'Inf' | '-Inf', ...names: string[]): void => {
  for (const name of names)
    for (const one of [name, name.toUpperCase(), name.replace(/[a-z]/, (letter) => letter.toUpperCase())])
      words.set(one, value);
};
spell(true, 'y', 'yes', 'true', 'on');
spell(false, 'n', 'no', 'false', 'off');
spell(null, '', '~', 'null');
spell('Inf', '.inf', '+.inf');
spell('-Inf', '-.inf');

type Scalar = Pick<Yaml.Scalar.Parsed, 'source' | 'type' | 'tag'>;

function scalarOf({ source, type, tag }: Scalar, at: At): Value {
  const kind = tag?.startsWith(core) ? tag.slice(core.length) : '';
  if (tag !== undefined && !tags.has(tag)) refuse(`the tag ${tag} is not supported`);
  const plain = (): Value => text(source.normalize('NFC'), at);
  if (kind === 'str') return plain();
  if (kind === 'binary') {
    if (!/^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(source.replace(/[\r\n]/g, '')) || source.includes('_'))
      refuse('a binary is no base64');
    return plain();
  }
  // A letter that begins nothing but a text.
  const mayBeMore = source === '' || /^[-+0-9.yYnNtTfFoO~]/.test(source);
  if (mayBeMore) {
    if (type === 'QUOTE_SINGLE' || type === 'QUOTE_DOUBLE') return plain();
    const word = words.get(source);
    if (word !== undefined) return ofWord(word, at);
    if (tag === undefined && /^\.(?:nan|NaN|NAN)$/.test(source)) refuse('NaN is no number of Terraform');
    if (/^\.\d[\d_pPeE+-]*$/.test(source)) return decimal(source, at) ?? leave(differs);
    if (/^[-+\d]/.test(source)) {
      const time = kind === '' || kind === 'timestamp' ? timestamp(source) : undefined;
      if (time !== undefined) return text(time, at);
      if (/^(?:[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+)$/.test(source) || decimalText.test(source)) return numberOf(source, at);
    }
  }
  switch (kind) {
    case 'int':
    case 'float':
      return numberOf(source, at);
    case 'null':
      return nothing(at);
    case '':
      return plain();
    default:
      return refuse(`"${source}" is no ${kind}`);
  }
}

function ofWord(word: boolean | null | 'Inf' | '-Inf', at: At): Value {
  if (word === null) return nothing(at);
  return typeof word === 'boolean' ? bool(word, at) : (parseNumber(word, at) ?? leave(differs));
}

const decimalText = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

function decimal(source: string, at: At): Value | undefined {
  return decimalText.test(source) ? parseNumber(source, at) : undefined;
}

function numberOf(source: string, at: At): Value {
  const digits = source.replaceAll('_', '');
  const written = decimal(digits, at);
  if (written) return written;
  if (/^0(?:o[0-7]+|x[\da-fA-F]+)$/.test(digits)) {
    const value = BigInt(digits);
    return value < 1n << 64n ? numFromInteger(value, at) : refuse(`"${source}" is too large`);
  }
  // Signed prefixes, binary numbers and the like, which only a tag makes numbers.
  return /^[-+]?(?:0[box]?[\da-fA-F]+|\d[\d.eEpP+-]*|\.[\d.eEpP+-]+|inf(?:inity)?)$/i.test(digits)
    ? leave('it is not known which number that is')
    : refuse(`"${source}" is no number`);
}

/** A date or time in RFC 3339, without fractions of seconds; undefined where the text is none. */
function timestamp(source: string): string | undefined {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt]| +)(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(Z|[-+]\d\d:\d\d)?)?$/.exec(
      source,
    );
  if (!match) return undefined;
  const [, year, month, day, separator, hours = '0', minutes = '0', seconds = '0', zone] = match;
  // A time after "T" has a zone, one after a blank has none.
  if (separator !== undefined && (separator.trim() === '') !== (zone === undefined)) return undefined;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const days = new Date(Date.UTC(2000, m, 0)).getUTCDate();
  const isLeap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  if (m < 1 || m > 12 || d < 1 || d > (m === 2 && !isLeap ? 28 : days)) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const offset = zoneOf(zone ?? 'Z');
  if (offset === undefined) return undefined;
  const two = (of: string | undefined): string => of!.padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}T${two(hours)}:${two(minutes)}:${two(seconds)}${offset}`;
}

function zoneOf(zone: string): string | undefined {
  if (zone === 'Z') return zone;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  // 24 hours and 60 minutes are accepted, and written as what they come to.
  if (hours > 24 || minutes > 60) return undefined;
  const total = hours * 60 + minutes;
  const two = (of: number): string => String(of).padStart(2, '0');
  return total === 0 ? 'Z' : `${zone[0]}${two(Math.floor(total / 60))}:${two(total % 60)}`;
}
