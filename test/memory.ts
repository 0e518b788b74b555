/** A disk in memory, so that tests need no folders and can make reading fail. */
import { dirname } from 'node:path';
import type { DirectoryEntry, Files, Io, Output } from '../src/source/io.ts';

export interface MemoryOptions {
  readonly today?: string;
  readonly stdin?: string;
  readonly locale?: string;
  /** Paths whose reading fails with this code. */
  readonly broken?: Readonly<Record<string, string>>;
}

export class MemoryOutput implements Output {
  text = '';
  readonly isTerminal = false;
  readonly columns = 100;
  write(text: string): void {
    this.text += text;
  }
}

export interface MemoryIo extends Io {
  readonly out: MemoryOutput;
  readonly err: MemoryOutput;
  readonly written: Map<string, string>;
}

/** Files by absolute path, below the working directory `/repo`. */
export function memoryIo(files: Readonly<Record<string, string | Uint8Array>>, options: MemoryOptions = {}): MemoryIo {
  const folders = new Set<string>(['/repo']);
  for (const path of Object.keys(files))
    for (let at = dirname(path); at !== dirname(at); at = dirname(at)) folders.add(at);
  const fail = (path: string): void => {
    const code = options.broken?.[path];
    if (code) throw Object.assign(new Error(code), { code });
  };
  const bytes = (content: string | Uint8Array): Uint8Array =>
    typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const disk: Files = {
    info(path) {
      const content = files[path];
      if (content !== undefined) return { kind: 'file', size: bytes(content).length };
      return folders.has(path) ? { kind: 'directory', size: 0 } : undefined;
    },
    read(path) {
      fail(path);
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      return bytes(content);
    },
    list(path) {
      fail(path);
      const entries = new Map<string, DirectoryEntry>();
      for (const other of [...Object.keys(files), ...folders]) {
        if (dirname(other) !== path || other === path) continue;
        const name = other.slice(path.length + 1);
        entries.set(name, { name, kind: folders.has(other) ? 'directory' : 'file' });
      }
      return [...entries.values()];
    },
    realPath: (path) => (files[path] !== undefined || folders.has(path) ? path : undefined),
  };
  const written = new Map<string, string>();
  return {
    files: disk,
    cwd: '/repo',
    out: new MemoryOutput(),
    err: new MemoryOutput(),
    stdin: async () => bytes(options.stdin ?? ''),
    today: options.today ?? '2026-06-15',
    locale: options.locale,
    noColor: false,
    written,
    writeFile: (path, text) => {
      written.set(path, text);
    },
    now: () => 0,
  };
}
