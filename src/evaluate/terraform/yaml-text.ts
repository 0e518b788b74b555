/**
 * YAML as Terraform writes it: block style, every key and text in quotes, a text of several lines as a block.
 * Takes a known value; gives the text, or undefined where the emitter of Terraform would fold a long text or write a key apart.
 */
import { byCodePoint } from '../evaluate.ts';
import type { Value } from '../value.ts';
import { textOf } from './number.ts';

/** Columns after which a quoted text is folded at its next blank, and bytes of a key that stands before its value. */
const longest = { line: 80, key: 128 };

export function yamlDocument(value: Value): string | undefined {
  const lines = linesOf(value, value.kind === 'string' ? '  ' : '');
  if (!lines?.every(({ text, isQuoted }) => !isQuoted || !isFolded(text))) return undefined;
  // A bare scalar needs a mark for its end; quoted and block texts do not.
  const bare = value.kind === 'null' || value.kind === 'bool' || value.kind === 'number';
  return lines.map(({ text }) => text).join('\n') + (bare ? '\n...\n' : '\n');
}

interface Line {
  readonly text: string;
  readonly isQuoted?: boolean;
}

/** The indentation is that of lines after the first, and of a block; undefined where a key is not written so. */
function linesOf(value: Value, indentation: string): Line[] | undefined {
  switch (value.kind) {
    case 'bool':
      return [{ text: String(value.value) }];
    case 'number':
      return [{ text: textOf(value) }];
    case 'string':
      return linesOfText(value.value, indentation);
    case 'list': {
      if (value.items.length === 0) return [{ text: '[]' }];
      const all: Line[] = [];
      for (const item of value.items) {
        const lines = linesOf(item, `${indentation}  `);
        if (!lines) return undefined;
        add(all, `${all.length === 0 ? '' : indentation}- `, lines);
      }
      return all;
    }
    case 'object': {
      if (value.members.size === 0) return [{ text: '{}' }];
      const all: Line[] = [];
      for (const key of [...value.members.keys()].sort(byCodePoint)) {
        const inner = value.members.get(key)!.value;
        const isList = inner.kind === 'list' && inner.items.length > 0;
        const isNested = isList || (inner.kind === 'object' && inner.members.size > 0);
        // A list stands at the column of its key, everything else is indented.
        const below = isList ? indentation : `${indentation}  `;
        const lines = linesOf(inner, below);
        if (!lines || Buffer.byteLength(key) > longest.key || breaks.test(key) || isMarked(key)) return undefined;
        const name = `${all.length === 0 ? '' : indentation}${quoted(key)}:`;
        if (isNested) all.push({ text: name });
        add(all, isNested ? below : `${name} `, lines);
      }
      return all;
    }
    default:
      return [{ text: 'null' }];
  }
}

/** The lines with something before the first. */
function add(all: Line[], before: string, [first, ...rest]: readonly Line[]): void {
  all.push({ ...first, text: before + first!.text });
  for (const line of rest) all.push(line);
}

const breaks = /[\n\r\u0085\u2028\u2029]/;

function linesOfText(of: string, indentation: string): Line[] | undefined {
  if (isMarked(of)) return undefined;
  // In a block nothing can be escaped, and no blank may stand before a break or at the end.
  const isBlock = of.includes('\n') && !unprintable.test(of) && !/ $| [\n\u2028\u2029]/.test(of);
  if (!isBlock) return [{ text: quoted(of), isQuoted: true }];
  // They break lines too.
  if (/[\u2028\u2029]/.test(of)) return undefined;
  const end = /(?:^|\n)\n$/.test(of) ? '+' : of.endsWith('\n') ? '' : '-';
  const hint = /^[ \n]/.test(of) ? '2' : '';
  const body = of.replace(/\n$/, '').split('\n');
  return [{ text: `|${hint}${end}` }, ...body.map((line) => ({ text: line === '' ? '' : indentation + line }))];
}

/** Behind a byte order mark every letter is escaped, which nobody wants. */
function isMarked(of: string): boolean {
  return of.startsWith('\ufeff');
}

const unprintable = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;
const escaped = /[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|["\\\u2028\u2029]/gu;

const short: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u2028': 'L',
  '\u2029': 'P',
};

function quoted(of: string): string {
  const inner = of.replace(escaped, (letter) => {
    const code = letter.codePointAt(0)!;
    const [mark, digits] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
    return `\\${
      short[letter] ??
      mark +
        code
          .toString(16)
          .toUpperCase()
          .padStart(digits as number, '0')
    }`;
  });
  return `"${inner}"`;
}

function isFolded(line: string): boolean {
  return [...line].slice(longest.line + 1).includes(' ');
}
