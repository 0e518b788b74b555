/** JSON as Terraform writes and reads it: members in byte order, numbers with all their digits. */
import { limits } from '../../source/limits.ts';
import { byCodePoint } from '../evaluate.ts';
import {
  bool,
  canonical,
  failure,
  list,
  type Member,
  nothing,
  object,
  reasonOf,
  symbol,
  text,
  unknown,
  type Value,
} from '../value.ts';
import { parseNumber, textOf } from './number.ts';

const shortEscapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' };

/** A quoted JSON string; with `html` also `<`, `>` and `&` are escaped, as jsonencode() does. */
export function quoted(of: string, html: boolean): string {
  const special = html ? /["\\\u0000-\u001f<>&\u2028\u2029]/g : /["\\\u0000-\u001f\u2028\u2029]/g;
  const escaped = (letter: string): string =>
    letter === '"' || letter === '\\'
      ? `\\${letter}`
      : (shortEscapes[letter] ?? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${of.replace(special, escaped)}"`;
}

/** The JSON text of a known value; undefined where JSON cannot say it (infinity) or a part is not known. */
export function jsonText(value: Value, html = true): string | undefined {
  const parts = jsonParts(value, html);
  return parts?.every((part) => typeof part === 'string') ? parts.join('') : undefined;
}

/** The JSON text with its holes; undefined where JSON cannot say it, or members may be missing. */
export function jsonParts(value: Value, html = true): (string | Value)[] | undefined {
  const parts: (string | Value)[] = [];
  return addJson(value, html, parts) ? parts : undefined;
}

function addJson(value: Value, html: boolean, parts: (string | Value)[]): boolean {
  switch (value.kind) {
    case 'null':
      parts.push('null');
      return true;
    case 'bool':
      parts.push(String(value.value));
      return true;
    case 'number':
      if (!Number.isFinite(value.value) && value.digits === undefined) return false;
      parts.push(textOf(value));
      return true;
    case 'string':
      parts.push(quoted(value.value, html));
      return true;
    case 'list':
      if (value.open) return false;
      parts.push('[');
      for (const [i, item] of value.items.entries()) {
        if (i > 0) parts.push(',');
        if (!addJson(item, html, parts)) return false;
      }
      parts.push(']');
      return true;
    case 'object': {
      if (value.open) return false;
      parts.push('{');
      for (const [i, key] of [...value.members.keys()].sort(byCodePoint).entries()) {
        const member = value.members.get(key)!;
        if (member.maybe) return false;
        parts.push((i > 0 ? ',' : '') + quoted(key, html) + ':');
        if (!addJson(member.value, html, parts)) return false;
      }
      parts.push('}');
      return true;
    }
    case 'lazy':
      return addJson(value.force(), html, parts);
    default: {
      const name = canonical(value);
      const because = reasonOf(value) ?? 'a part of it is not known';
      const hole = name === undefined ? unknown(because, value.at) : symbol(`jsonencode(${name})`, because, value.at);
      parts.push(value.secret ? { ...hole, secret: true } : hole);
      return true;
    }
  }
}

/** A value with every place at the call, for the text has none of its own. */
export function decodeJson(json: string, at: Value['at']): Value {
  if (!isShallow(json)) return unknown('the JSON is nested too deeply', at);
  let data: unknown;
  try {
    JSON.parse(json);
    // A double loses digits, so numbers travel as marked strings.
    const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gs, (token) =>
      token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`,
    );
    data = JSON.parse(marked);
  } catch {
    return failure('the text is no JSON', at);
  }
  return decoded(data, at);
}

function isShallow(json: string): boolean {
  let depth = 0;
  let deepest = 0;
  for (const bracket of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (bracket[0] === '[' || bracket[0] === '{') depth++;
    else if (bracket[0] === ']' || bracket[0] === '}') depth--;
    deepest = Math.max(deepest, depth);
  }
  return deepest <= limits.nesting;
}

function decoded(data: unknown, at: Value['at']): Value {
  if (data === null) return nothing(at);
  if (typeof data === 'boolean') return bool(data, at);
  if (typeof data === 'string') {
    if (data.startsWith('s')) return text(data.slice(1).normalize('NFC'), at);
    return parseNumber(data.slice(1), at) ?? unknown('the number is too large to compute with', at);
  }
  if (Array.isArray(data))
    return list(
      data.map((item) => decoded(item, at)),
      at,
    );
  const members = new Map<string, Member>();
  for (const [key, item] of Object.entries(data as Record<string, unknown>))
    members.set(key.slice(1).normalize('NFC'), { value: decoded(item, at), at });
  return object(members, at);
}
