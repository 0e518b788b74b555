/**
 * What git knows: which files differ between a revision and the working tree, and what stood in them.
 * Takes the folder of a repository and a revision as the user names it; refuses as wrong usage what git cannot answer.
 * Configured programs (external diffs, text conversions, filters, monitors, hooks) are not run, and nothing is fetched or written. For
 * that, a file which a filter would clean, and whose time says that it was touched, counts as changed.
 */
import { devNull } from 'node:os';
import { join } from 'node:path';
import type { GitAnswer, Io } from './source/io.ts';
import { limits } from './source/limits.ts';
import type { PastEntry } from './source/past.ts';
import { UsageError } from './usage.ts';

export interface Changes {
  /** By absolute path, what stood there in the revision; undefined: nothing did. */
  readonly files: ReadonlyMap<string, PastEntry | undefined>;
  /** Folders of which every file counts as changed: submodules at another commit, repositories that nobody has added. */
  readonly folders: readonly string[];
  /** Absolute paths of what was moved: the old one, then the new one. */
  readonly renamed: ReadonlyMap<string, string>;
}

export class Repository {
  readonly #git: (args: readonly string[], input?: string) => GitAnswer;
  readonly #root: string;
  readonly #option: string;

  /** `root`: the folder that holds `.git`; `option`: what the user has asked with. */
  constructor(io: Pick<Io, 'git'>, root: string, option: string) {
    this.#root = root;
    this.#option = option;
    this.#git = (args, input) => {
      const answer = io.git?.(['--no-pager', ...settings.flatMap((one) => ['-c', one]), ...args], root, input);
      if (answer) return answer;
      throw new UsageError(
        `${option} asks git what has changed, and there is no git here. Install it, or leave the option out.`,
      );
    };
    const { code, out, err } = this.#git(['rev-parse', '--show-prefix']);
    if (code !== 0 || textOf(out).trim() !== '')
      throw new UsageError(`${option}: git cannot use this repository${reason(err)}.`);
  }

  /**
   * The commit that a revision stands for, as far as this branch has it: what was changed on the other one since they parted is no
   * change of this one, and must not look as if it were taken back.
   */
  commit(ref: string): string {
    const option = this.#option;
    const missing = 'fetch it first, where the clone is shallow';
    if (ref === '' || ref.startsWith('-'))
      throw new UsageError(`${option} needs a revision, such as main or HEAD~1, not "${ref}".`);
    if (/\.\./.test(ref))
      throw new UsageError(`${option} takes one revision, not the range "${ref}"; the other end is the working tree.`);
    const { code, out } = this.#git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
    const commit = textOf(out).trim();
    if (code !== 0 || !/^[0-9a-f]{40,64}$/.test(commit))
      throw new UsageError(`${option}: there is no revision "${ref}" in this repository; ${missing}.`);
    const base = this.#git(['merge-base', commit, 'HEAD']);
    if (base.code === 0) return textOf(base.out).trim();
    if (textOf(this.#git(['rev-parse', '--is-shallow-repository']).out).trim() === 'true')
      throw new UsageError(
        `${option}: this clone is shallow and does not reach back to where HEAD and "${ref}" parted; fetch more of it first (git fetch --unshallow).`,
      );
    return commit;
  }

  /** How the working tree differs from a commit. */
  changesSince(commit: string): Changes {
    const diff = this.#git([
      ...this.#withoutFilters(),
      'diff',
      '--raw',
      '-z',
      '--no-abbrev',
      '--no-color',
      '--no-ext-diff',
      '--no-textconv',
      '--find-renames=50%',
      `-l${mostRenames}`,
      '--ignore-submodules=dirty',
      commit,
      '--',
    ]);
    const untracked = this.#git(['ls-files', '--others', '--exclude-standard', '-z']);
    for (const { code, err } of [diff, untracked])
      if (code !== 0) throw new UsageError(`${this.#option}: git cannot tell what has changed${reason(err)}.`);
    const past = new Map<string, { mode: string; object: string } | undefined>();
    const folders: string[] = [];
    const renamed = new Map<string, string>();
    const words = textOf(diff.out).split('\0');
    for (let i = 0; words[i]?.startsWith(':'); ) {
      const [oldMode = '', newMode = '', object = '', , status = ''] = words[i]!.slice(1).split(' ');
      const isPair = /^[RC]/.test(status);
      const [from, to] = [words[i + 1]!, words[i + (isPair ? 2 : 1)]!].map((name) => join(this.#root, name));
      i += isPair ? 3 : 2;
      if (newMode === gitlink || oldMode === gitlink) folders.push(to!);
      if (isPair && !past.has(to!)) past.set(to!, undefined);
      if (status.startsWith('R')) renamed.set(from!, to!);
      if (status.startsWith('C')) continue;
      past.set(from!, /^0+$/.test(object) || oldMode === gitlink ? undefined : { mode: oldMode, object });
    }
    for (const name of textOf(untracked.out).split('\0')) {
      if (name.endsWith('/')) folders.push(join(this.#root, name.slice(0, -1)));
      else if (name !== '') past.set(join(this.#root, name), past.get(join(this.#root, name)));
    }
    return { files: this.#entries(past), folders, renamed };
  }

  /** Empty commands: git runs those of filters to hold a touched file against what was committed. */
  #withoutFilters(): string[] {
    const { out } = this.#git(['config', '-z', '--name-only', '--get-regexp', '^filter\\.']);
    const drivers = new Set(
      textOf(out)
        .split('\0')
        .flatMap((key) => /^filter\.(.*)\.[^.]*$/s.exec(key)?.[1] ?? []),
    );
    return [...drivers].flatMap((driver) => {
      // `-c` takes what stands behind the first of them for the value.
      if (driver.includes('='))
        throw new UsageError(
          `${this.#option} runs no filters of git, and cannot turn off "${driver}". Give it a name without "=", or leave the option out.`,
        );
      const settings = ['clean=', 'process=', 'required=false'];
      return settings.flatMap((setting) => ['-c', `filter.${driver}.${setting}`]);
    });
  }

  /** Whether git follows a file, absolute, which may be ignored. */
  follows(path: string): boolean {
    const { code } = this.#git(['--literal-pathspecs', 'ls-files', '--error-unmatch', '--', path]);
    return code === 0;
  }

  #entries(
    past: ReadonlyMap<string, { mode: string; object: string } | undefined>,
  ): Map<string, PastEntry | undefined> {
    const objects = new Objects(this.#git, [...new Set([...past.values()].flatMap((one) => one?.object ?? []))]);
    const entries = new Map<string, PastEntry | undefined>();
    for (const [path, one] of past)
      entries.set(
        path,
        one && {
          kind: one.mode === '120000' ? 'link' : one.mode.startsWith('100') ? 'file' : 'other',
          get size() {
            return objects.size(one.object);
          },
          read: () => objects.read(one.object),
        },
      );
    return entries;
  }
}

/** Whatever the user prefers: no program beside git, and what decides whether a file has changed. */
const settings = [
  'core.quotePath=off',
  'core.fsmonitor=false',
  `core.hooksPath=${devNull}`,
  'diff.autoRefreshIndex=true',
];

/** Files that are held against each other to find those that were renamed and edited; git's own number. */
const mostRenames = 1000;

const gitlink = '160000';

/** Texts of the program are small; of what is larger each is asked for alone. */
const smallBytes = 256 * 1024;
const batchBytes = 64 * 1024 * 1024;

/** What stood in files. Asked for in one go, when the first is needed: a process for each takes some four milliseconds. */
class Objects {
  readonly #git: (args: readonly string[], input?: string) => GitAnswer;
  readonly #ids: readonly string[];
  readonly #bytes = new Map<string, Uint8Array>();
  #sizes: Map<string, number> | undefined;

  constructor(git: (args: readonly string[], input?: string) => GitAnswer, ids: readonly string[]) {
    this.#git = git;
    this.#ids = ids;
  }

  size(id: string): number {
    return this.#measured().get(id) ?? 0;
  }

  read(id: string): Uint8Array {
    const size = this.#measured().get(id);
    if (size !== undefined && !this.#bytes.has(id)) this.#fetch([id]);
    const bytes = this.#bytes.get(id);
    if (bytes) return bytes;
    throw new Error('git does not have what stood in it');
  }

  #measured(): ReadonlyMap<string, number> {
    if (this.#sizes) return this.#sizes;
    this.#sizes = new Map();
    if (this.#ids.length === 0) return this.#sizes;
    const { out } = this.#git(['cat-file', '--batch-check'], lines(this.#ids));
    for (const line of textOf(out).split('\n')) {
      const match = /^([0-9a-f]+) blob (\d+)$/.exec(line);
      if (match) this.#sizes.set(match[1]!, Number(match[2]));
    }
    let together = 0;
    this.#fetch(
      [...this.#sizes].flatMap(([id, size]) => {
        if (size > smallBytes || together + size > batchBytes) return [];
        together += size;
        return [id];
      }),
    );
    return this.#sizes;
  }

  #fetch(ids: readonly string[]): void {
    if (ids.length === 0 || ids.some((id) => this.size(id) > limits.documentBytes)) return;
    const { out } = this.#git(['cat-file', '--batch'], lines(ids));
    for (let at = 0; at < out.length; ) {
      const end = out.indexOf(10, at);
      const match = end === -1 ? null : /^([0-9a-f]+) \w+ (\d+)$/.exec(textOf(out.subarray(at, end)));
      if (!match) return;
      const start = end + 1;
      at = start + Number(match[2]);
      this.#bytes.set(match[1]!, out.subarray(start, at));
      at++;
    }
  }
}

function lines(ids: readonly string[]): string {
  return ids.map((id) => `${id}\n`).join('');
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What git itself says, the first line of it. */
function reason(err: string): string {
  const line = err
    .split('\n')
    .find((one) => one.trim() !== '')
    ?.replace(/^fatal: /, '')
    .replace(/\.$/, '');
  return line === undefined ? '' : `: ${line}`;
}
