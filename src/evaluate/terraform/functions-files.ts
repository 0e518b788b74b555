/**
 * Terraform's functions over files and paths. What a path may reach is the caller's to decide (FileAccess);
 * a refused file is unknown, a missing one is an error as in Terraform.
 */
import type { Call, Expression } from '../../parse/expression.ts';
import { parseHclTemplate } from '../../parse/hcl.ts';
import type { Log } from '../../source/diagnostic.ts';
import { Source } from '../../source/source.ts';
import { type BuiltIn, deterministic, type Environment, evaluate } from '../evaluate.ts';
import {
  bool,
  failure,
  isKnown,
  list,
  type Obj,
  reasonOf,
  type Str,
  secret,
  text,
  unknown,
  type Value,
} from '../value.ts';
import { digest, textOfBytes } from './functions-encodings.ts';
import { bounded } from './functions-strings.ts';
import { define } from './signature.ts';
import { anyType, setItems, stringType } from './types.ts';

/** Reads for file(), templatefile() and their like; paths are as the configuration says them. */
export interface FileAccess {
  /** `bytes` where the file may be no text. */
  read(path: string, call: Call): FileContent | FileRefusal;
  /** Paths of all files below a folder, relative to it, with "/"; absent where folders cannot be listed. */
  list?(folder: string, call: Call): readonly string[] | FileRefusal;
}
export interface FileContent {
  readonly text: string;
  readonly bytes?: Uint8Array;
  /** The file itself, where places in it may be told. */
  readonly source?: Source;
}
export interface FileRefusal {
  readonly refused: string;
  /** There certainly is no such file. */
  readonly missing?: boolean;
}

export function fileFunctions(files: FileAccess): readonly (readonly [string, BuiltIn])[] {
  const ofPath = (compute: (path: string, call: Call) => Value): BuiltIn =>
    define({ takes: [stringType], apply: ([path], call) => compute((path as Str).value, call) });
  const ofContent = (compute: (bytes: Uint8Array, call: Call) => Value): BuiltIn =>
    ofPath((path, call) => {
      const content = files.read(path, call);
      if ('refused' in content) return refusal(content, path, call);
      return compute(content.bytes ?? Buffer.from(content.text), call);
    });
  const templates = new Map<string, Expression | undefined>();
  return [
    [
      'file',
      ofPath((path, call) => {
        const content = files.read(path, call);
        if ('refused' in content) return refusal(content, path, call);
        const read = content.bytes ? textOfBytes(content.bytes) : content.text;
        if (read === undefined) return failure('the file is no UTF-8 text', call);
        const whole = bounded(read, call);
        return whole.kind === 'string' && content.source?.text === whole.value
          ? { ...whole, file: content.source }
          : whole;
      }),
    ],
    ['filebase64', ofContent((bytes, call) => bounded(Buffer.from(bytes).toString('base64'), call))],
    ['filemd5', ofContent((bytes, call) => text(digest('md5', bytes, 'hex'), call))],
    ['filesha1', ofContent((bytes, call) => text(digest('sha1', bytes, 'hex'), call))],
    ['filesha256', ofContent((bytes, call) => text(digest('sha256', bytes, 'hex'), call))],
    ['filesha512', ofContent((bytes, call) => text(digest('sha512', bytes, 'hex'), call))],
    ['filebase64sha256', ofContent((bytes, call) => text(digest('sha256', bytes, 'base64'), call))],
    ['filebase64sha512', ofContent((bytes, call) => text(digest('sha512', bytes, 'base64'), call))],
    [
      'fileexists',
      ofPath((path, call) => {
        const content = files.read(path, call);
        if (!('refused' in content)) return bool(true, call);
        return content.missing ? bool(false, call) : unknown(content.refused, call);
      }),
    ],
    [
      'fileset',
      define({
        takes: [stringType, stringType],
        apply: (args, call) => {
          const [folder, pattern] = args as Str[];
          const found = files.list?.(folder!.value, call);
          if (!found) return deterministic(call, args, 'the files of the folder are not listed');
          if ('refused' in found) return found.missing ? list([], call, 'set') : unknown(found.refused, call);
          const matches = globPattern(pattern!.value);
          if (!matches) return failure(`fileset(): "${pattern!.value}" is no pattern`, call);
          const names = found.filter((path) => matches.test(path)).map((path) => text(path, call));
          return list(setItems(names), call, 'set');
        },
      }),
    ],
    [
      'templatefile',
      define({
        takes: [stringType, anyType],
        partly: true,
        marksMembers: true,
        apply: (args, call, env) => {
          const [path, variables] = args;
          if (path!.kind !== 'string') return unknown(reasonOf(path!) ?? 'the path is not known', call);
          if (variables!.kind !== 'object')
            return variables!.kind === 'symbol' || variables!.kind === 'unknown' || variables!.kind === 'one-of'
              ? unknown(reasonOf(variables!) ?? 'the variables are not known', call)
              : failure('templatefile() takes an object of variables', call);
          const content = files.read(path!.value, call);
          if ('refused' in content) return refusal(content, path!.value, call);
          // One template is parsed once, however often it is used.
          const key = `${path!.value}\0${content.text}`;
          if (!templates.has(key)) templates.set(key, parseTemplate(path!.value, content.text));
          const template = templates.get(key);
          if (!template) return failure('the template could not be read', call);
          return writtenIn(content.source, render(template, variables!, call, env), call);
        },
      }),
    ],
    // The home folder of whoever runs Terraform.
    [
      'pathexpand',
      ofPath((path, call) => (path.startsWith('~') ? unknown('the home folder is not known', call) : text(path, call))),
    ],
    [
      'abspath',
      ofPath((path, call) =>
        path.startsWith('/')
          ? text(cleaned(path), call)
          : deterministic(call, [text(path, call)], 'the folder of the run is not known'),
      ),
    ],
    ['basename', ofPath((path, call) => text(baseName(path), call))],
    ['dirname', ofPath((path, call) => text(dirName(path), call))],
  ];
}

/** A text, or a choice of texts, that was made at the call by filling in a file. */
function writtenIn(written: Source | undefined, of: Value, call: Call): Value {
  if (of.kind === 'string' || of.kind === 'template') return { ...of, at: call, written };
  return of.kind === 'one-of' ? { ...of, values: of.values.map((one) => writtenIn(written, one, call)) } : of;
}

function refusal(content: FileRefusal, path: string, call: Call): Value {
  return content.missing ? failure(`there is no file "${path}"`, call) : unknown(content.refused, call);
}

export function parseTemplate(name: string, of: string): Expression | undefined {
  const log: Log = [];
  const template = parseHclTemplate(new Source(name, of), log);
  return log.some((diagnostic) => diagnostic.severity === 'error') ? undefined : template;
}

const variableName = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/** The template with the members as its variables; nothing of the configuration is visible to it. */
export function render(template: Expression, variables: Obj, call: Call, env: Environment): Value {
  for (const key of variables.members.keys())
    if (!variableName.test(key)) return failure(`"${key}" cannot be the name of a template variable`, call);
  const functions = new Map(env.language.functions);
  // A template file that reads another could read itself.
  for (const name of ['templatefile', 'core::templatefile'])
    functions.set(name, (_, at) => failure('a template file cannot use templatefile()', at));
  const result = evaluate(template, {
    ...env,
    language: { ...env.language, functions },
    scope: {
      get: (name, at) => {
        const member = variables.members.get(name);
        if (member) return member.maybe ? unknown('the variable may be left out', at) : member.value;
        return variables.open ? unknown('the variables are only partly known', at) : undefined;
      },
    },
  });
  const placed = isKnown(result) && result.kind === 'string' ? { ...result, at: call, via: undefined } : result;
  return variables.secret ? secret(placed) : placed;
}

// Paths, as Go cleans them

function cleaned(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push(part);
  }
  return (rooted ? '/' : '') + parts.join('/') || '.';
}

function baseName(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/(?<!\/)\/+$/, '');
  return trimmed === '' || /^\/+$/.test(trimmed) ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

function dirName(path: string): string {
  return cleaned(path.slice(0, path.lastIndexOf('/') + 1));
}

/** `*`, `?`, `[a-z]`, `{a,b}` within a name, `**` over folders; undefined where brackets are not closed. */
function globPattern(of: string): RegExp | undefined {
  if (of.length > 1_000) return undefined;
  let result = '';
  let braces = 0;
  for (let i = 0; i < of.length; i++) {
    const letter = of[i]!;
    if (letter === '*' && of[i + 1] === '*') {
      // "**/" also stands for no folder at all.
      const folder = of[i + 2] === '/';
      result += folder ? '(?:[^/]+/)*' : '.*';
      i += folder ? 2 : 1;
    } else if (letter === '*') result += '[^/]*';
    else if (letter === '?') result += '[^/]';
    else if (letter === '[') {
      const end = of.indexOf(']', i + 2);
      if (end === -1) return undefined;
      const inner = of
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/\\|\[/g, '\\$&');
      result += `[${inner}]`;
      i = end;
    } else if (letter === '{') {
      braces++;
      result += '(?:';
    } else if (letter === '}' && braces > 0) {
      braces--;
      result += ')';
    } else if (letter === ',' && braces > 0) result += '|';
    else result += letter.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  if (braces > 0) return undefined;
  try {
    return new RegExp(`^${result}$`, 'u');
  } catch {
    return undefined;
  }
}
