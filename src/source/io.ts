/**
 * Everything that comes from outside: files, terminal, clock and the few environment variables that the contract names.
 * Stages take it as an argument, so tests can hand in a disk that fails.
 */

export interface FileInfo {
  readonly kind: 'file' | 'directory' | 'other';
  readonly size: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
}

/** Reading the disk. Paths are absolute; every method but `info` and `realPath` throws an Error whose message is for people. */
export interface Files {
  /** undefined: there is nothing at that path. */
  info(path: string): FileInfo | undefined;
  read(path: string): Uint8Array;
  /** The same piece by piece, of files that may be larger than memory is; without it they are read whole. */
  chunks?(path: string): Iterable<Uint8Array>;
  list(path: string): DirectoryEntry[];
  /** The path with links resolved; undefined if it does not exist. */
  realPath(path: string): string | undefined;
  /** Told before the work: how many inputs there are, and the bytes of the largest plan or state, so that the engine can be set up. */
  expect?(inputs: number, documentBytes: number): void;
  /** The same before an audit, of which nobody knows how large it is. */
  expectAudit?(): void;
  /** The user's home folder, where it is known: modules that Bicep has fetched lie below it. */
  readonly home?: string | undefined;
}

/** How git answered. */
export interface GitAnswer {
  readonly code: number;
  readonly out: Uint8Array;
  readonly err: string;
}

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width in characters, 80 where unknown. */
  readonly columns: number;
}

export interface Io {
  readonly files: Files;
  /** Texts by absolute path that `files` holds and the disk does not, and that disk. */
  readonly unsaved?: { readonly texts: ReadonlyMap<string, Uint8Array>; readonly disk: Files } | undefined;
  /** Absolute working directory. */
  readonly cwd: string;
  readonly out: Output;
  readonly err: Output;
  readonly stdin: () => Promise<Uint8Array>;
  /** Today in UTC, YYYY-MM-DD; decides whether a suppression has expired. */
  readonly today: string;
  /** What the user speaks, as LC_ALL, LC_MESSAGES or LANG says. */
  readonly locale?: string | undefined;
  /** NO_COLOR is set and not empty. */
  readonly noColor: boolean;
  /** Runs git in a folder, without a shell; undefined where it cannot be started. */
  readonly git?: ((args: readonly string[], folder: string, input?: string) => GitAnswer | undefined) | undefined;
  /** Writes a report file named by an option. */
  readonly writeFile: (path: string, text: string) => void;
  /** Opens a file that is written piece by piece and may outgrow a text; only its owner may read it. */
  readonly openFile?: ((path: string) => { write(text: string): void; close(): void }) | undefined;
  /** Calls back when somebody asks the program to end, once; gives what ends the waiting for that. */
  readonly onInterrupt?: ((stop: () => void) => () => void) | undefined;
  /** Milliseconds of a clock that never goes back; only for progress. */
  readonly now: () => number;
}
