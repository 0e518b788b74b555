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

/** A string (perhaps without its end), or whatever stands before the next separator. */
const VALUE = `"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?|[^\\s"',;{}[\\]()]+`;

/** The value of a parameter or variable may stand one step further in. */
const INNER = `\\{\\s*["']?(?:value|default|defaultValue)["']?\\s*[:=]\\s*`;

/** `key = value`, `"key": {"value": "…"}`, `variable "key" { default = "…" }`, Bicep's `param key string = 'value'`. */
const assignment = new RegExp(
  `(["']?)${KEY}\\1(?:(?:\\s+\\w+)?\\s*[:=]\\s*(?:${INNER})?|\\s*${INNER})(${VALUE})`,
  'dgi',
);

/** Signed addresses and connection strings, under whatever key. */
const inText = /(?<=[?&;"']|^)(?:sig|AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=([^&;"'\s]+)/dgi;

/** In order and without overlaps. */
export function secretsIn(text: string): Stretch[] {
  const found: Stretch[] = [];
  for (const [pattern, group] of [
    [assignment, 2],
    [inText, 1],
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
