/** The real world as an Io: disk, terminal and clock of this process. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { DirectoryEntry, FileInfo, Files, GitAnswer, Io, Output } from './source/io.ts';

const disk: Files = {
  info(path): FileInfo | undefined {
    try {
      const stat = statSync(path);
      return { kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other', size: stat.size };
    } catch {
      return undefined;
    }
  },
  read: (path) => readFileSync(path),
  expectOne(bytes) {
    if (bytes >= largeBytes) beFrugal();
  },
  list: (path) =>
    readdirSync(path, { withFileTypes: true }).map((entry): DirectoryEntry => {
      // A link to a file counts as the file; a link to a folder is not walked, so that no circle can form.
      const kind = entry.isDirectory()
        ? 'directory'
        : entry.isFile()
          ? 'file'
          : entry.isSymbolicLink()
            ? linkKind(`${path}/${entry.name}`)
            : 'other';
      return { name: entry.name, kind };
    }),
  realPath(path): string | undefined {
    try {
      return realpathSync(path);
    } catch {
      return undefined;
    }
  },
  get home(): string | undefined {
    try {
      return homedir() || undefined;
    } catch {
      // A user without an entry in the system's list, as in some containers.
      return undefined;
    }
  },
};

/** From here on what a file costs is felt. */
const largeBytes = 1 << 18;

/**
 * Sets the engine up for a short run on one large input: it would compile, on threads with memory of their own, what runs too
 * shortly to pay that back (some 10 MB on a state of 3.7 MB), and let the heap grow far before it looks for what is dead (some
 * 30 MB on one ten times as large). On many files of code it would take twice the time. Flags hold for the whole process, so only
 * the command line's own disk sets them; they are those of V8 up to version 13, and one that did not exist would be told on stderr.
 */
function beFrugal(): void {
  if (Number.parseInt(process.versions.v8, 10) > 13) return;
  const { setFlagsFromString } = createRequire(import.meta.url)('node:v8') as typeof import('node:v8');
  // Room for young objects stays small: it would grow to 48 MB, mostly of dead ones. Set at every start it would cost a tenth of it.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--interrupt-budget=16000000');
  setFlagsFromString('--optimize-for-size');
}

function linkKind(path: string): DirectoryEntry['kind'] {
  try {
    return statSync(path).isFile() && lstatSync(path).isSymbolicLink() ? 'file' : 'link';
  } catch {
    return 'link';
  }
}

function output(stream: NodeJS.WriteStream): Output {
  // A closed pipe ends the program quietly.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
  };
}

/** What says which repository git works on, or how it reads paths; git sets some of it for the hooks that it runs. */
const ofRepository =
  /^GIT_(?:DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|NAMESPACE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|GRAFT_FILE|SHALLOW_FILE|(?:LITERAL|GLOB|NOGLOB|ICASE)_PATHSPECS)$/;

/** Loaded only when it is asked for. */
function git(args: readonly string[], folder: string, input = ''): GitAnswer | undefined {
  const { spawnSync } = createRequire(import.meta.url)('node:child_process') as typeof import('node:child_process');
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!ofRepository.test(name)) env[name] = value;
  // Nothing is written, nothing is fetched, nobody is asked.
  Object.assign(env, { GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' });
  // Windows would take a git.exe of the folder that is linted.
  if (process.platform === 'win32') process.env['NoDefaultCurrentDirectoryInExePath'] = '1';
  const { status, stdout, stderr, error } = spawnSync('git', [...args], {
    cwd: folder,
    input,
    env,
    maxBuffer: 2 ** 30,
    windowsHide: true,
  });
  if (error && status === null) return undefined;
  return { code: status ?? 1, out: stdout, err: stderr.toString('utf8') };
}

export function nodeIo(): Io {
  return {
    files: disk,
    cwd: process.cwd(),
    out: output(process.stdout),
    err: output(process.stderr),
    stdin: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks);
    },
    today: new Date().toISOString().slice(0, 10),
    locale: process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'],
    noColor: (process.env['NO_COLOR'] ?? '') !== '',
    git,
    writeFile: (path, text) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    },
    now: () => performance.now(),
  };
}
