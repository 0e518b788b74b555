/** Plan and state files -> configurations, one each. They are parsed by the engine's own JSON.parse, since they may be large. */
import { dirname } from 'node:path';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { span } from '../../source/source.ts';
import type { Configuration, Resource } from '../resource.ts';
import { plainObject } from './body.ts';
import { evaluatePlan } from './plan.ts';
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
    let data: unknown;
    try {
      data = JSON.parse(source.text);
    } catch (error) {
      const offset = offsetOf(error, source.text);
      reader.log.push({
        code: `${kind}-unreadable`,
        severity: 'error',
        message: `The ${kind} is no valid JSON from here on.`,
        help: 'Write it anew with `terraform show -json`.',
        at: span(source, offset, Math.min(offset + 1, source.text.length)),
      });
      continue;
    }
    const root = plainObject(data);
    if (!root) continue;
    const input = { source, root, log: reader.log, name: source.file, beside: addressesOf(beside(dirname(path))) };
    configurations.push(kind === 'plan' ? evaluatePlan(input) : evaluateState(input));
  }
  return configurations;
}

function addressesOf(configuration: Configuration | undefined): ReadonlyMap<string, Resource> {
  return new Map((configuration?.resources ?? []).map((resource) => [resource.address, resource]));
}

/** Where JSON.parse stopped: its message names the position, or that the text ends too early. */
function offsetOf(error: unknown, text: string): number {
  const match = /position (\d+)/.exec((error as Error).message);
  return match ? Math.min(Number(match[1]), text.length) : text.length;
}
