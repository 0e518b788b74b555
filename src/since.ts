/**
 * `--changed-since REF` and `--new-since REF`: what of a run is new since a revision, and what the change itself does.
 * Everything is read. Findings count where their place, or a related one, lies in a changed file, or where the code as it was did not
 * have them. That code is evaluated beside, so that the rules about dangerous changes speak of two revisions as they do of a plan.
 */
import { dirname, join, relative, resolve, sep } from 'node:path';
import replacements from '../rules/azurerm/replacements.json' with { type: 'json' };
import type { Options } from './config.ts';
import type { Inputs } from './discover.ts';
import type { Move } from './evaluate/moves.ts';
import { movedFolders, type Replacements, withPrevious } from './evaluate/previous.ts';
import type { Configuration } from './evaluate/resource.ts';
import { type Changes, Repository } from './git.ts';
import type { Related } from './source/diagnostic.ts';
import type { Files, Io } from './source/io.ts';
import { pastFiles } from './source/past.ts';
import { Reader, repositoryRoot } from './source/reader.ts';
import type { Finding } from './source/run.ts';
import { isSpan, type Origin, type Span, span } from './source/source.ts';
import { UsageError } from './usage.ts';

/** Evaluates what is declared in files, as of the paths that are given. */
export type Evaluate = (
  reader: Reader,
  paths: readonly string[],
  isExcluded: (path: string) => boolean,
) => Promise<readonly Configuration[]>;

/** Why a configuration may lack what is declared in it. */
const cuts = new Set(['terraform-too-much-work', 'too-many-instances', 'run-too-large']);

export class Since {
  readonly ref: string;
  readonly #io: Io;
  readonly #options: Options;
  readonly #root: string;
  readonly #repository: Repository;
  readonly #changes: Changes;
  readonly #disk: Files;
  /** Absolute paths whose text is not that on the disk. */
  readonly #unsaved: ReadonlySet<string>;
  readonly #changeRules: ReadonlySet<string>;
  #reader: Reader | undefined;
  #past: Reader | undefined;
  #documents: ReadonlySet<string> = new Set();
  /** Whether files have changed, by their names as they are shown. */
  readonly #known = new Map<string, boolean>();

  constructor(ref: string, options: Options, io: Io, stdin: Uint8Array | undefined) {
    const option = options.newSince === undefined ? '--changed-since' : '--new-since';
    this.ref = ref;
    this.#io = io;
    this.#options = options;
    const paths = (options.stdinName === undefined ? options.paths : [options.stdinName]).map((path) =>
      resolve(io.cwd, path),
    );
    this.#root = rootOf(paths, io, option);
    this.#repository = new Repository(io, this.#root, option);
    this.#changes = this.#repository.changesSince(this.#repository.commit(ref));
    this.#disk = io.unsaved?.disk ?? io.files;
    const texts = new Map(io.unsaved?.texts);
    const [path] = paths;
    if (stdin && path !== undefined) texts.set(path, stdin);
    this.#unsaved = new Set(
      [...texts].flatMap(([name, text]) => (sameBytes(text, onDisk(this.#disk, name)) ? [] : name)),
    );
    this.#changeRules = new Set(
      options.catalogue.flatMap(({ code, subjects }) => (subjects.includes('change') ? [code] : [])),
    );
  }

  /** Of before: root modules and templates of which nothing is left; none where something of now was not read. */
  gone: readonly Configuration[] = [];

  /** By the names that are shown: files, and folders by where most of their files went. A finding about a whole root has that name. */
  moved: readonly Move[] = [];

  /** The configurations of the run, each with what was before it. */
  async withPrevious(
    configurations: Configuration[],
    inputs: Inputs,
    reader: Reader,
    evaluate: Evaluate,
  ): Promise<Configuration[]> {
    this.#reader = reader;
    this.#documents = new Set(inputs.documents.map(({ path }) => path));
    const { files, folders, renamed } = this.#changes;
    if (files.size + folders.length + this.#unsaved.size === 0) return configurations;
    const past = new Reader(this.#pastFiles(), reader.root, [], this.ref);
    this.#past = past;
    // A plan is no code; what the configuration leaves out stays left out.
    const isExcluded = (path: string): boolean =>
      this.#documents.has(path) || (this.#options.isExcluded?.(path) ?? false);
    const before = await evaluate(past, this.#pathsBefore(past.files), isExcluded);
    const broken = past.log.find(({ code, severity }) => severity === 'error' && code === 'file-unreadable');
    if (broken)
      reader.log.push({
        code: 'revision-not-read',
        severity: 'note',
        message: `What stood here in ${this.ref} cannot be read, so what has changed is not judged.`,
        help: 'A clone without all contents of its files (git clone --filter) has to fetch them first: git fetch --refetch.',
        at: broken.at,
      });
    const display = (path: string): string => reader.display(path);
    const shown = new Map([...renamed].map(([from, to]) => [display(from), display(to)]));
    this.moved = [...shown, ...movedFolders(shown)].map(([from, to]) => ({ from, to }));
    const compared = withPrevious({
      before,
      after: configurations,
      renamed: shown,
      replacements: replacements as unknown as Replacements,
      isCut: reader.log.some(({ code }) => cuts.has(code)),
    });
    const opaque = (of: readonly Configuration[]): string[] =>
      of.flatMap((one) => one.opaque.map(({ address }) => `${one.name} ${address}`));
    const known = new Set(opaque(before));
    const isWhole =
      !reader.log.some(({ severity }) => severity === 'error') && opaque(configurations).every((one) => known.has(one));
    const there = new Set([...inputs.terraformFolders, ...inputs.templates].map(display));
    const isElsewhere = (root: Configuration): boolean =>
      [...renamed].some(
        ([from, to]) =>
          display(root.language === 'terraform' ? dirname(from) : from) === root.name && !reader.hasRead(to),
      );
    // Of a module that others may have called it is not known whether it was deployed at all.
    if (isWhole)
      this.gone = compared.gone.filter(
        (root) => root.perhapsPart === undefined && !there.has(root.name) && !isElsewhere(root),
      );
    return compared.configurations;
  }

  /** Where single files were named: with the names that they had. */
  only(only: Inputs['only']): Inputs['only'] {
    if (!only || !this.#reader) return only;
    const names = new Set(only);
    for (const [from, to] of this.#changes.renamed)
      if (names.has(this.#reader.display(to))) names.add(this.#reader.display(from));
    return names;
  }

  /** Whether it counts: what the change itself does always, all else by its places. */
  reports(
    finding: Pick<Finding, 'code' | 'at'> & { readonly related?: readonly Related[] },
    isOfDocument: boolean,
  ): boolean {
    if (this.#options.newSince !== undefined || (!isOfDocument && this.#changeRules.has(finding.code))) return true;
    return this.#touches(finding);
  }

  /** The disk as it was, and the paths that were to be linted then. */
  before(): { readonly files: Files; readonly paths: readonly string[] } {
    const files = this.#pastFiles();
    return { files, paths: this.#pathsBefore(files) };
  }

  /** Of equal findings the older ones first: in files that are as they were, then in changed ones, then in new ones. */
  oldestFirst(findings: readonly Finding[]): Finding[] {
    const { files, renamed } = this.#changes;
    const moved = new Set(renamed.values());
    const age = ({ source }: Span): number => {
      const path = this.#absolute(source.file);
      if (!this.#isChanged(source.file)) return 0;
      const isOld = files.has(path) ? files.get(path) || moved.has(path) : this.#disk.info(path);
      return isOld ? 1 : 2;
    };
    const ages = new Map(
      findings.map((finding) => {
        const places = [finding.at, ...finding.related.map(({ at }) => at)];
        return [finding, Math.max(0, ...places.filter(isSpan).map(age))];
      }),
    );
    return [...findings].sort((a, b) => ages.get(a)! - ages.get(b)!);
  }

  /** A finding about the change, with a place in what has changed and where a place is one of before, the revision it is in. */
  told(finding: Finding): Finding {
    const related = [...finding.related];
    if (isSpan(finding.at) && finding.at.source.revision !== undefined)
      related.unshift({ at: finding.at, message: `this is the line in ${this.ref}, before the change` });
    if (this.#changeRules.has(finding.code) && !this.#touches(finding)) {
      const cause = this.#causeOf(finding.at);
      if (cause) related.push({ at: cause, message: `changed since ${this.ref}` });
    }
    return related.length === finding.related.length ? finding : { ...finding, related };
  }

  #touches({ at, related = [] }: { readonly at: Origin; readonly related?: readonly Related[] }): boolean {
    return [at, ...related.map((one) => one.at)].some((place) => isSpan(place) && this.#isChanged(place.source.file));
  }

  /** The changed file that was read and lies nearest. */
  #causeOf(at: Origin): Origin | undefined {
    const folder = isSpan(at) ? dirname(this.#absolute(at.source.file)) : this.#root;
    const [nearest] = [...this.#changes.files.keys()]
      .filter((path) => this.#reader?.hasRead(path) || this.#past?.hasRead(path))
      .map((path) => ({ path, far: relative(folder, dirname(path)).split(sep).filter(Boolean).length }))
      .sort((a, b) => a.far - b.far || (a.path < b.path ? -1 : 1));
    if (!nearest) return undefined;
    const reader = this.#reader!.hasRead(nearest.path) ? this.#reader! : this.#past!;
    const source = reader.read(nearest.path);
    return source && span(source, 0, 0);
  }

  /** By its name as it is shown. */
  #isChanged(file: string): boolean {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const path = this.#absolute(file);
    const target = this.#targetOf(path);
    // A plan that nobody has added is new, though it may be ignored.
    const isNewDocument = (): boolean => this.#documents.has(path) && !this.#repository.follows(path);
    const isChanged = this.#differs(path) || (target !== path && this.#differs(target)) || isNewDocument();
    this.#known.set(file, isChanged);
    return isChanged;
  }

  #differs(path: string): boolean {
    const { files, folders } = this.#changes;
    return files.has(path) || folders.some((folder) => path.startsWith(folder + sep)) || this.#unsaved.has(path);
  }

  /** What links lead to, in the repository as it was named. */
  #targetOf(path: string): string {
    const [real, root] = [this.#disk.realPath(path), this.#disk.realPath(this.#root)];
    if (real === undefined || root === undefined || !real.startsWith(root + sep)) return path;
    return this.#root + real.slice(root.length);
  }

  #absolute(file: string): string {
    return resolve(this.#reader?.root ?? this.#root, file);
  }

  /** What git knows nothing of, but an option names, is the same for both sides. */
  #pastFiles(): Files {
    const named = [...this.#options.variableFiles, ...this.#options.parameterFiles];
    const changed = new Map(this.#changes.files);
    for (const path of named) if (!changed.get(path)) changed.delete(path);
    const unknown = this.#changes.folders.filter((folder) => !named.some((path) => path.startsWith(folder + sep)));
    return pastFiles(this.#disk, this.#root, changed, unknown);
  }

  /** Where the code was: what was named, as far as it was there, and what has been moved into it. */
  #pathsBefore(past: Files): string[] {
    const { stdinName, paths } = this.#options;
    const named = (stdinName === undefined ? paths : [stdinName]).map((path) => resolve(this.#io.cwd, path));
    const isIn = (path: string): boolean => named.some((one) => path === one || path.startsWith(join(one, sep)));
    const moved = [...this.#changes.renamed].flatMap(([from, to]) => (isIn(to) && !isIn(from) ? from : []));
    return [...named.filter((path) => past.info(path)), ...moved];
  }
}

/** The repository that all paths lie in. */
function rootOf(paths: readonly string[], io: Io, option: string): string {
  const roots = new Set(paths.map((path) => repositoryRoot(io.files, path)));
  const [root] = roots;
  if (roots.size > 1)
    throw new UsageError(`${option} looks at one repository; lint paths of others in runs of their own.`);
  if (root === undefined)
    throw new UsageError(
      `${option} needs a git repository, and there is none here. Leave the option out to lint everything.`,
    );
  return root;
}

function onDisk(files: Files, path: string): Uint8Array | undefined {
  if (files.info(path)?.kind !== 'file') return undefined;
  try {
    return files.read(path);
  } catch {
    return undefined;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
