/** Places as the formats write them: in JSON, on one line for people, as a relative URI, and on the web. */
import { type AzurePlace, isSpan, type Origin, type Span } from '../source/source.ts';
import { printable } from './printable.ts';

/** 1-based lines and UTF-16 columns, end exclusive. */
export interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function regionOf({ source, start, end }: Span): Region {
  const first = source.position(start);
  const last = source.position(Math.max(start, end));
  return { startLine: first.line, startColumn: first.column, endLine: last.line, endColumn: last.column };
}

export type Location = ({ readonly file: string } & Region) | AzurePlace;

export function locationOf(at: Origin): Location {
  if (!isSpan(at)) return { resourceId: at.resourceId, path: at.path };
  return { file: at.source.file, ...regionOf(at) };
}

/** `main.tf:3:17`, or the id of a live resource with the property: `/subscriptions/… /properties/x`. */
export function placeText(at: Origin): string {
  if (!isSpan(at)) return printable(at.path === '' ? at.resourceId : `${at.resourceId} ${at.path}`);
  const { line, column } = at.source.position(at.start);
  return `${printable(at.source.file)}:${line}:${column}`;
}

/** What could be opened to see the place: a file, or a live resource. */
export function inputOf(at: Origin): string {
  return isSpan(at) ? at.source.file : at.resourceId;
}

/** A path with forward slashes as a relative URI reference (RFC 3986). */
export function relativeUri(path: string): string {
  // A lone surrogate has no UTF-8, so encodeURIComponent would throw.
  return path
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}

/** Of the program. */
export const HOME = 'https://github.com/azure-backup-lint/azure-backup-lint';

/** A rule of the user's own may name anything: only the web may become a link, and nothing may close the link early. */
export function webAddress(address: string): string {
  return /^https?:\/\/[\w.~:/?#@!$&'*+,;=%-]+$/.test(address) ? address : HOME;
}
