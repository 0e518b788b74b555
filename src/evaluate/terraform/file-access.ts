/** The files that functions of a configuration read, as seen from its root module. */
import { join } from 'node:path';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import type { Source } from '../../source/source.ts';
import type { FileAccess } from './functions-files.ts';

export function filesFrom(root: string, reader: Reader): FileAccess {
  const find = (path: string): { path: string } | { refused: string; missing?: boolean } =>
    reader.resolve(root, path) ?? { refused: 'there is no such file', missing: true };
  const sources = new Map<string, Source>();
  return {
    read: (path) => {
      const found = find(path);
      if ('refused' in found) return found;
      const text = reader.peek(found.path, limits.stringLength);
      if (text === undefined) return { refused: 'the file is too large, or no text' };
      // One file is one source, so that the same thing is told once.
      const source = sources.get(found.path) ?? reader.source(found.path, text);
      sources.set(found.path, source);
      return { text, source };
    },
    list: (folder) => {
      const found = find(folder);
      if ('refused' in found) return found;
      const paths: string[] = [];
      return listFiles(found.path, '', paths, reader) ? paths : { refused: 'the folder holds too many files' };
    },
  };
}

/** Adds the files below a folder; false where they are too many. */
function listFiles(folder: string, prefix: string, paths: string[], reader: Reader): boolean {
  if (prefix.length > 4 * limits.nesting) return false;
  for (const { name, kind } of reader.list(folder)) {
    if (paths.length >= limits.rangeItems) return false;
    if (kind === 'file') paths.push(prefix + name);
    if (kind === 'directory' && !listFiles(join(folder, name), `${prefix}${name}/`, paths, reader)) return false;
  }
  return true;
}
