/**
 * The files of a revision, seen through the disk: what is the same in both is read from there, so that only what differs is asked
 * of git. What no revision holds, ignored variable files and fetched modules, counts for both sides.
 */
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { DirectoryEntry, FileInfo, Files } from './io.ts';

/** What stood at a path. */
export interface PastEntry {
  readonly kind: 'file' | 'link' | 'other';
  readonly size: number;
  readonly read: () => Uint8Array;
}

/** Links on one way; more lead in a circle. */
const mostLinks = 40;

/**
 * `changed`: by absolute path below `root`, what stood there; undefined: nothing did. `unknown`: folders of which nobody can tell what
 * stood in them, but for what `changed` has; they are empty.
 */
export function pastFiles(
  disk: Files,
  root: string,
  changed: ReadonlyMap<string, PastEntry | undefined>,
  unknown: readonly string[] = [],
): Files {
  const folders = foldersOf(changed, root);
  const hasLinks = [...changed.values()].some((entry) => entry?.kind === 'link');
  const realRoot = disk.realPath(root) ?? root;
  const isUnknown = (path: string): boolean => unknown.some((folder) => path.startsWith(folder + sep));

  /** The path without links; undefined where one of the revision leaves the repository or leads in a circle. */
  const followed = (path: string, links = 0): string | undefined => {
    if (links > mostLinks) return undefined;
    if (hasLinks)
      for (let at = path; at.startsWith(root + sep); at = dirname(at)) {
        const entry = changed.get(at);
        if (entry?.kind !== 'link') continue;
        const target = resolve(dirname(at), new TextDecoder().decode(entry.read()));
        return target.startsWith(root + sep) ? followed(join(target, path.slice(at.length)), links + 1) : undefined;
      }
    if (changed.has(path) || folders.has(path)) return path;
    // What is gone from the disk may still lie in a folder that a link leads to.
    const real = disk.realPath(path) ?? below(disk.realPath(dirname(path)), basename(path));
    if (real === undefined) return path;
    const own = real === realRoot || real.startsWith(realRoot + sep) ? root + real.slice(realRoot.length) : real;
    return own === path ? path : followed(own, links + 1);
  };
  const at = (path: string): { path: string; entry: PastEntry | 'disk' | undefined } => {
    const found = followed(path);
    if (found === undefined) return { path, entry: undefined };
    if (changed.get(found) === undefined && folders.has(found)) return { path: found, entry: 'disk' };
    if (changed.has(found)) return { path: found, entry: changed.get(found) };
    return { path: found, entry: isUnknown(found) ? undefined : 'disk' };
  };
  const info = (path: string): FileInfo | undefined => {
    const { path: found, entry } = at(path);
    if (entry === undefined) return undefined;
    if (entry !== 'disk') return { kind: entry.kind === 'file' ? 'file' : 'other', size: entry.size };
    return folders.has(found) ? { kind: 'directory', size: 0 } : disk.info(found);
  };
  return {
    info,
    read: (path) => {
      const { path: found, entry } = at(path);
      if (entry === undefined) throw Object.assign(new Error('it does not exist'), { code: 'ENOENT' });
      return entry === 'disk' ? disk.read(found) : entry.read();
    },
    list: (path) => {
      const { path: found } = at(path);
      const entries = new Map<string, DirectoryEntry>();
      if (disk.info(found)?.kind === 'directory' || !folders.has(found))
        for (const entry of disk.list(found)) {
          const own = join(found, entry.name);
          if (!changed.has(own) && !isUnknown(own)) entries.set(entry.name, entry);
        }
      for (const name of folders.get(found) ?? []) {
        const own = join(found, name);
        const kind = folders.has(own) && !changed.get(own) ? 'directory' : kindOf(own);
        entries.set(name, { name, kind });
      }
      return [...entries.values()];
    },
    realPath: (path) => {
      const { path: found, entry } = at(path);
      if (entry === undefined) return undefined;
      if (entry === 'disk' && !folders.has(found)) return disk.realPath(found);
      return found === root || found.startsWith(root + sep) ? realRoot + found.slice(root.length) : found;
    },
    home: disk.home,
  };

  /** As the disk lists it: a link to a file counts as the file, one to a folder is not walked. */
  function kindOf(path: string): DirectoryEntry['kind'] {
    const entry = changed.get(path);
    if (entry?.kind === 'link') return info(path)?.kind === 'file' ? 'file' : 'link';
    return entry?.kind === 'file' ? 'file' : 'other';
  }
}

function below(folder: string | undefined, name: string): string | undefined {
  return folder === undefined ? undefined : join(folder, name);
}

/** The folders that what changed stood in, each with what of it stood there. */
function foldersOf(changed: ReadonlyMap<string, PastEntry | undefined>, root: string): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const [path, entry] of changed) {
    if (!entry) continue;
    for (let at = path; at.startsWith(root + sep); at = dirname(at)) {
      const names = folders.get(dirname(at)) ?? new Set();
      names.add(basename(at));
      folders.set(dirname(at), names);
    }
  }
  return folders;
}
