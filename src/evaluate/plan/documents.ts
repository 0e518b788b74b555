/** Plan and state files -> configurations, one each. They are parsed by the engine's own JSON.parse, since they may be large. */
import { dirname } from 'node:path';
import { parseJson } from '../../parse/json.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { isSpan, type Source, span } from '../../source/source.ts';
import type { Configuration } from '../resource.ts';
import { type PlainObject, plainObject } from './body.ts';
import { type DocumentInput, evaluatePlan } from './plan.ts';
import { evaluateState } from './state.ts';

export type DocumentKind = 'plan' | 'state';

/** What a JSON text is, by the members that only these have; undefined for anything else. */
export function documentKind(text: string): DocumentKind | undefined {
  if (/"format_version"\s*:/.test(text)) {
    if (/"(?:resource_changes|planned_values)"\s*:/.test(text)) return 'plan';
    if (/"values"\s*:\s*\{/.test(text) || /"terraform_version"\s*:/.test(text)) return 'state';
  }
  return /"lineage"\s*:/.test(text) && /"serial"\s*:/.test(text) && /"version"\s*:\s*\d/.test(text)
    ? 'state'
    : undefined;
}

/** `beside` gives the root module of a folder, where it has one. */
export function documentConfigurations(
  documents: readonly { readonly path: string; readonly kind: DocumentKind }[],
  beside: (folder: string) => Configuration | undefined,
  reader: Reader,
  each: (name: string) => void,
): Configuration[] {
  const configurations: Configuration[] = [];
  for (const { path, kind } of documents) {
    const source = reader.read(path, limits.documentBytes);
    if (!source) continue;
    each(source.file);
    const root = parse(source, kind, reader);
    if (!root) continue;
    const configuration = beside(dirname(path));
    const input: DocumentInput = {
      source,
      root,
      log: reader.log,
      beside: configuration && {
        configuration,
        at: new Map(configuration.resources.map((resource) => [resource.address, resource])),
      },
    };
    // The words that told the kind may stand anywhere in the text.
    const isPlan = 'resource_changes' in root || 'planned_values' in root;
    configurations.push(isPlan ? evaluatePlan(input) : evaluateState(input));
  }
  return configurations;
}

function parse(source: Source, kind: DocumentKind, reader: Reader): PlainObject | undefined {
  try {
    return plainObject(JSON.parse(source.text));
  } catch (error) {
    const offset = offsetOf(error, source);
    reader.log.push({
      code: `${kind}-unreadable`,
      severity: 'error',
      message: `The ${kind} is no valid JSON from here on.`,
      help: 'Write it anew with `terraform show -json`.',
      at: span(source, offset, Math.min(offset + 1, source.text.length)),
    });
    return undefined;
  }
}

/** Where JSON.parse stopped: its message names the position, or that the text ends too early; else our own parser tells. */
function offsetOf(error: unknown, source: Source): number {
  const { message } = error as Error;
  const { length } = source.text;
  const match = /at position (\d+)/.exec(message);
  if (match) return Math.min(Number(match[1]), length);
  if (/end of JSON input/.test(message) || length > limits.jsonBytes) return length;
  const log: Parameters<typeof parseJson>[1] = [];
  parseJson(source, log);
  const at = log.find(({ severity }) => severity === 'error')?.at;
  const from = at && isSpan(at) ? at.start : length;
  return from + /^\s*/.exec(source.text.slice(from))![0].length;
}
