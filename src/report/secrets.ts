/**
 * Values in a line of source that look like secrets, so that an excerpt does not carry them into a log.
 * Goes by the name of the key, as there is no syntax tree here; hiding too much costs nothing but a word.
 */

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

const KEY =
  '[\\w.-]*(?:passw|pwd|secret|token|credential|connection[_-]?string|(?:access|account|shared|storage|private|api|primary|secondary|encryption)[_-]?key|sas[_-]?(?:url|uri|token)|user[_-]?data|custom[_-]?data)[\\w.-]*';

/** A string (perhaps without its end, or inside of another one), or whatever stands before the next separator. */
const VALUE = `\\\\+"[^"]*"?|"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?|[^\\s"',;{}[\\]()]+`;

/** The value of a parameter or variable may stand one step further in. */
const INNER = `\\{(?:[^{}]{0,200}?[\\s,])?\\\\*["']?(?:value|default|defaultValue)\\\\*["']?\\s*[:=]\\s*`;

/** `key = value`, `"key": {"value": "…"}`, `variable "key" { default = "…" }`, Bicep's `param key string = 'value'`. */
const assignment = new RegExp(
  `(\\\\*["']?)${KEY}\\1(?:(?:\\s+\\w+)?\\s*[:=]\\s*(?:${INNER})?|\\s*${INNER})(${VALUE})`,
  'dgi',
);

/** Signed addresses and connection strings, under whatever key. */
const inText = /(?<=[?&;"']|^)(?:sig|AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=([^&;"'\s]+)/dgi;

/** `"key": {"type": "secureString", "defaultValue": "…"}`, in this order. */
const secured = new RegExp(
  `secure(?:string|object)\\\\*["'][^{}]{0,200}?defaultValue\\\\*["']?\\s*:\\s*(${VALUE})`,
  'dgi',
);

/** The same with the type behind the value. */
const securedBehind = new RegExp(
  `defaultValue\\\\*["']?\\s*:\\s*(${VALUE})(?=[^{}]{0,200}?secure(?:string|object)\\\\*["'])`,
  'dgi',
);

/** In order and without overlaps. */
export function secretsIn(text: string): Stretch[] {
  const found: Stretch[] = [];
  for (const [pattern, group] of [
    [assignment, 2],
    [inText, 1],
    [secured, 1],
    [securedBehind, 1],
  ] as const) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = match.indices![group]!;
      // A value that only names where the secret comes from is no secret.
      if (/^(?:var|local|module|data|each|null|true|false)\b/.test(text.slice(start, end))) continue;
      found.push({ start, end });
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  return found.filter((stretch, i) => !found.slice(0, i).some((other) => other.end > stretch.start));
}

/** A longer word is no key; trying each of its letters as the start of one would take its length squared. */
const LONGEST_KEY = 500;

/** The text with all of that hidden. */
export function withoutSecrets(text: string): string {
  let result = '';
  let isOpen = false;
  for (const piece of text.split(new RegExp(`([\\w.-]{${LONGEST_KEY},})`))) {
    if (piece.length >= LONGEST_KEY && /^[\w.-]+$/.test(piece)) {
      if (!isOpen) result += piece;
      continue;
    }
    let from = 0;
    isOpen = false;
    for (const { start, end } of secretsIn(piece)) {
      result += `${piece.slice(from, start)}(hidden)`;
      from = end;
      isOpen = end === piece.length;
    }
    result += piece.slice(from);
  }
  return result;
}
