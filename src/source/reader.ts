/**
 * The one way to the disk for everything that is linted: decoding, size limits and the path rules.
 * A path is resolved, links followed, and refused unless it lies under the repository root; nothing absolute, no devices.
 * The one exception is what `bicep restore` has put into its cache, and of that only the templates.
 */
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Log } from './diagnostic.ts';
import type { DirectoryEntry, Files } from './io.ts';
import { limits } from './limits.ts';
import { Source, span } from './source.ts';

export class Reader {
  readonly files: Files;
  /** Absolute; the nearest folder with `.git` above the working directory, else the working directory. */
  readonly root: string;
  readonly log: Log;
  /** Of the files, where they are not those of now. */
  readonly #revision: string | undefined;
  /** What may be read: the root, and the repository of every path that was named. */
  readonly #boundaries: Set<string>;
  /** Module caches of Bicep from which something was taken. */
  readonly #caches = new Set<string>();
  readonly #sources = new Map<string, Source | undefined>();
  /** What was looked into last: a document is read as soon as it is known to be one, and decoding it twice would cost its size. */
  #peeked: { readonly path: string; readonly text: string } | undefined;
  #bytes = 0;

  constructor(files: Files, root: string, log: Log, revision?: string) {
    this.files = files;
    this.root = root;
    this.log = log;
    this.#revision = revision;
    this.#boundaries = new Set([root]);
  }

  /** Takes in a path that the user named: its repository, or where there is none its folder, may be read. */
  admit(path: string): void {
    const folder = this.files.info(path)?.kind === 'directory' ? path : dirname(path);
    if (!this.contains(folder)) this.#boundaries.add(repositoryRoot(this.files, folder) ?? folder);
  }

  /** How many files were read. */
  get count(): number {
    return [...this.#sources.values()].filter(Boolean).length;
  }

  hasRead(path: string): boolean {
    return this.#sources.get(path) !== undefined;
  }

  /** A path for people; that of a restored module is the same on every machine, wherever the cache lies. */
  display(path: string): string {
    if (this.#caches.size > 0 && !this.contains(path)) {
      const cache = [...this.#caches].find((root) => isInside(root, path));
      if (cache !== undefined) return ['.bicep', ...relative(cache, path).split(sep)].join('/');
    }
    const shown = relative(this.root, path);
    return (shown === '' ? '.' : shown).split(sep).join('/');
  }

  /** The decoded text of a file, read once; undefined with a diagnostic where it cannot be read. */
  read(path: string, maximum: number = limits.sourceBytes): Source | undefined {
    if (this.#sources.has(path)) return this.#sources.get(path);
    const source = this.#load(path, maximum);
    this.#sources.set(path, source);
    return source;
  }

  /** The text of a file that may not concern us at all: nothing is told, nothing is counted. */
  peek(path: string, maximum: number): string | undefined {
    const known = this.#sources.get(path);
    if (known) return known.text;
    const info = this.files.info(path);
    if (info?.kind !== 'file' || info.size > maximum) return undefined;
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(this.files.read(path));
      this.#peeked = { path, text };
      return text;
    } catch {
      return undefined;
    }
  }

  /** A text that stands in the file of that path. */
  source(path: string, text: string): Source {
    return new Source(this.display(path), text, this.#revision);
  }

  list(path: string): DirectoryEntry[] {
    try {
      return this.files.list(path).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    } catch (error) {
      this.fail(path, 'directory-unreadable', `This folder cannot be read: ${messageOf(error)}.`);
      return [];
    }
  }

  /**
   * Where a reference written in a file leads; a text when it is refused, undefined when nothing is there.
   * Relative to `from` (an absolute folder); must end inside the root after links are followed.
   */
  resolve(from: string, reference: string): { path: string } | { refused: string } | undefined {
    if (reference.includes('\0')) return { refused: 'the path holds a NUL character' };
    if (isAbsolute(reference) || /^([A-Za-z]:|\\\\|~)/.test(reference))
      return { refused: 'only relative paths inside the repository are read' };
    const path = resolve(from, reference);
    const boundary = [...this.#boundaries].find((root) => isInside(root, from) && isInside(root, path));
    if (!boundary) return { refused: 'the path leaves the repository' };
    const real = this.files.realPath(path);
    if (real === undefined) return undefined;
    return isInside(this.files.realPath(boundary) ?? boundary, real)
      ? { path }
      : { refused: 'a link on the path leaves the repository' };
  }

  /**
   * The template in a folder of a Bicep module cache (absolute), which may lie anywhere; refused and undefined as in `resolve`.
   * Only a regular file `main.json` that is still one below the cache after links are followed: the cache may be named by a
   * configuration file of the repository, which must not open the rest of the disk.
   */
  restored(cache: string, folder: string): { path: string } | { refused: string } | undefined {
    const root = resolve(cache);
    const path = resolve(root, folder, 'main.json');
    if (!isAbsolute(cache) || !isInside(root, path)) return { refused: 'the path leaves the Bicep module cache' };
    const [realRoot, real] = [this.files.realPath(root), this.files.realPath(path)];
    if (realRoot === undefined || real === undefined) return undefined;
    if (!isInside(realRoot, real) || basename(real) !== 'main.json')
      return { refused: 'a link on the path leaves the Bicep module cache' };
    if (this.files.info(real)?.kind !== 'file') return { refused: 'it is no regular file' };
    this.#caches.add(root);
    return { path };
  }

  contains(path: string): boolean {
    return [...this.#boundaries].some((root) => isInside(root, path));
  }

  fail(path: string, code: string, message: string, help?: string): void {
    const at = span(this.source(path, ''), 0, 0);
    this.log.push({ code, severity: 'error', message, at, ...(help && { help }) });
  }

  #load(path: string, maximum: number): Source | undefined {
    const info = this.files.info(path);
    if (!info) {
      this.fail(path, 'file-missing', 'There is no such file or folder.');
      return undefined;
    }
    if (info.kind !== 'file') {
      this.fail(path, 'file-not-regular', 'This is no regular file, so it is not read.');
      return undefined;
    }
    if (info.size > maximum) {
      this.fail(path, 'file-too-large', `The file has ${info.size} bytes; at most ${maximum} are read.`);
      return undefined;
    }
    if (this.#sources.size >= limits.filesPerRun || this.#bytes + info.size > limits.bytesPerRun) {
      this.fail(
        path,
        'run-too-large',
        `The run reads at most ${limits.filesPerRun} files and ${limits.bytesPerRun} bytes.`,
      );
      return undefined;
    }
    const peeked = this.#peeked?.path === path ? this.#peeked.text : undefined;
    this.#peeked = undefined;
    if (peeked !== undefined) {
      this.#bytes += info.size;
      return this.source(path, peeked);
    }
    let bytes: Uint8Array;
    try {
      bytes = this.files.read(path);
    } catch (error) {
      this.fail(path, 'file-unreadable', `The file cannot be read: ${messageOf(error)}.`);
      return undefined;
    }
    this.#bytes += bytes.length;
    return this.#decode(path, bytes);
  }

  #decode(path: string, bytes: Uint8Array): Source | undefined {
    const utf16 =
      bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : bytes[0] === 0xfe && bytes[1] === 0xff
          ? 'utf-16be'
          : undefined;
    if (utf16) {
      this.fail(path, 'file-not-utf8', `The file is encoded in ${utf16.toUpperCase()}.`, 'Save it as UTF-8.');
      return undefined;
    }
    try {
      // The decoder drops a leading byte order mark, so that columns start after it.
      return this.source(path, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      const text = new TextDecoder('utf-8').decode(bytes);
      const source = this.source(path, text);
      const offset = Math.max(0, text.indexOf('\uFFFD'));
      this.log.push({
        code: 'file-not-utf8',
        severity: 'error',
        message: 'The file is not valid UTF-8 from here on.',
        help: 'Save it as UTF-8.',
        at: span(source, offset, Math.min(text.length, offset + 1)),
      });
      return undefined;
    }
  }
}

/** Both absolute. */
export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** A disk on which one file holds what came from standard input, whether it exists or not. */
export function withFile(files: Files, path: string, bytes: Uint8Array): Files {
  const [folder, name] = [dirname(path), basename(path)];
  return {
    info: (other) => (other === path ? { kind: 'file', size: bytes.length } : files.info(other)),
    read: (other) => (other === path ? bytes : files.read(other)),
    list: (other) => {
      if (other !== folder) return files.list(other);
      const entries = files.info(other)?.kind === 'directory' ? files.list(other) : [];
      return [...entries.filter((entry) => entry.name !== name), { name, kind: 'file' }];
    },
    realPath: (other) => (other === path ? path : files.realPath(other)),
    home: files.home,
  };
}

/** The nearest folder at or above `from` that holds `.git`; undefined outside a repository. */
export function repositoryRoot(files: Files, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (files.info(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** An error of the operating system without its path, which may be absolute. */
export function messageOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ENOENT: 'it does not exist',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is a file',
    ENOSPC: 'the disk is full',
    EIO: 'the disk reports an error',
    ELOOP: 'links lead in a circle',
    EMFILE: 'too many files are open',
  };
  return (code && words[code]) ?? code ?? 'unknown error';
}
