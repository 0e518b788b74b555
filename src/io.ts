/** The real world as an Io: disk, terminal and clock of this process. */
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
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
  *chunks(path) {
    const file = openSync(path, 'r');
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafe(chunkBytes);
        const length = readSync(file, chunk, 0, chunkBytes, null);
        if (length === 0) return;
        yield chunk.subarray(0, length);
      }
    } finally {
      closeSync(file);
    }
  },
  expect(inputs, documentBytes) {
    const isOneLarge = inputs < fewInputs && documentBytes >= largeBytes;
    setFlags(compilingLate(isOneLarge ? 16 : 1), ...(isOneLarge ? frugal : []));
  },
  expectAudit: () => setFlags(compilingLate(1), `--heap-growing-percent=${growthOfAudit}`),
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

const chunkBytes = 1 << 20;

// Flags hold for the whole process, so only the command line's own disk sets them.
// A run is too short to pay back most of what the engine would compile: a fifth of its time on 2,000 files, two fifths on 700, and
// of audits a sixth on 20,000 resources, an eighth on four times as many.

/** Of V8, in Node 24. A flag that does not exist would be told on stderr. */
const newestKnown = 13;

/** From here on what a file costs is felt. */
const largeBytes = 1 << 18;

/** With more inputs than these beside a document the time that they take counts more than its memory. */
const fewInputs = 50;

/**
 * On one large input also memory counts: the engine would compile on threads with memory of their own (some 10 MB on a state of
 * 3.7 MB), and let the heap grow far before it looks for what is dead (some 30 MB on one ten times as large). On many files of code
 * it would take twice the time. Room for young objects stays small: it would grow to 48 MB, mostly of dead ones.
 */
const frugal = ['--semi-space-growth-factor=1', '--optimize-for-size'];

/**
 * By so much the heap may grow before garbage is collected. A large audit makes garbage faster than Node.js looks for it, and would take
 * more than twice the memory that it needs; this costs a tenth of the time.
 */
const growthOfAudit = 50;

const engine = Number.parseInt(process.versions.v8, 10);

/** So many times as late as suits a run over many files. */
function compilingLate(times: number): string {
  return engine < 12 ? `--interrupt-budget=${times * 1e6}` : `--invocation-count-for-turbofan=${times * 45_000}`;
}

function setFlags(...flags: readonly string[]): void {
  if (engine > newestKnown) return;
  const { setFlagsFromString } = createRequire(import.meta.url)('node:v8') as typeof import('node:v8');
  for (const flag of flags) setFlagsFromString(flag);
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
  // Nothing is written, nobody is asked, and nothing is fetched: an older git knows only the list of allowed protocols for that.
  Object.assign(env, {
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: '',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  });
  // Windows would take a git.exe of the folder that is linted.
  if (process.platform === 'win32') process.env['NoDefaultCurrentDirectoryInExePath'] = '1';
  const { status, stdout, stderr, error } = spawnSync('git', [...args], {
    cwd: folder,
    input,
    env,
    maxBuffer: largestAnswer,
    windowsHide: true,
  });
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') return undefined;
  if (code === 'ENOBUFS')
    return { code: 1, out: new Uint8Array(), err: `it answers with more than ${largestAnswer >> 20} MB` };
  if (error && status === null) return { code: 1, out: new Uint8Array(), err: error.message };
  return { code: status ?? 1, out: stdout, err: stderr.toString('utf8') };
}

/** Above the largest file that is read, and below the longest text that the engine has. */
const largestAnswer = 2 ** 28 + 2 ** 24;

/** Of a program that uses the library: its terminal and its engine are left alone, and nothing is written. */
export function silentIo(cwd: string): Io {
  const { expect: _engine, expectAudit: _audit, ...files } = disk;
  const silent: Output = { write: () => {}, isTerminal: false, columns: 80 };
  return {
    files,
    cwd,
    out: silent,
    err: silent,
    stdin: async () => new Uint8Array(),
    today: today(),
    noColor: true,
    git,
    writeFile: () => {},
    now: () => performance.now(),
  };
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** Not by `recursive`, which goes round for ever where a folder can hold none, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Made by another program meanwhile.
    if (!existsSync(path)) throw error;
  }
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
    today: today(),
    locale: process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'],
    noColor: (process.env['NO_COLOR'] ?? '') !== '',
    git,
    writeFile: (path, text) => {
      makeFolder(dirname(path));
      writeFileSync(path, text);
    },
    openFile: (path) => {
      makeFolder(dirname(path));
      const file = openSync(path, 'w', 0o600);
      let waiting: string[] = [];
      let length = 0;
      const flush = (): void => {
        const bytes = Buffer.from(waiting.join(''));
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        waiting = [];
        length = 0;
      };
      return {
        write: (text) => {
          waiting.push(text);
          length += text.length;
          if (length > chunkBytes) flush();
        },
        close: () => {
          try {
            flush();
          } finally {
            closeSync(file);
          }
        },
      };
    },
    onInterrupt: (stop) => {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      const end = (): void => {
        for (const signal of signals) process.removeListener(signal, asked);
      };
      // The second time the program ends at once.
      const asked = (): void => {
        end();
        stop();
      };
      for (const signal of signals) process.on(signal, asked);
      return end;
    },
    now: () => performance.now(),
  };
}
