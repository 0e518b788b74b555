/** The whole run; the only file that knows the order of the stages. */
import { resolve } from 'node:path';
import type { Baseline, Picture } from './baseline.ts';
import { knownModules, removedNames, ruleInfos } from './catalogue.ts';
import { check, settle, type Target } from './check/check.ts';
import { applySuppressions, suppressionsIn, suppressionTargets } from './check/suppress.ts';
import type { Options } from './config.ts';
import { allConfigurations, declaredConfigurations, type Evaluated } from './configurations.ts';
import { discover, type Inputs } from './discover.ts';
import { Gaps } from './evaluate/gaps.ts';
import type { AddressChanges, Configuration } from './evaluate/resource.ts';
import { addNotes, noteCompiled, notesOnOpaque } from './left-out.ts';
import { atLevels } from './levels.ts';
import type { Declared } from './model/declared.ts';
import { withDemands } from './model/demand.ts';
import { withElsewhere } from './model/elsewhere.ts';
import type { Entity, Model } from './model/model.ts';
import { normalise } from './model/normalise.ts';
import { isWaived } from './model/waiver.ts';
import { progressOn } from './progress.ts';
import { wordsOf } from './report/words.ts';
import type { Since } from './since.ts';
import type { Diagnostic } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';
import { Reader, repositoryRoot, withFile } from './source/reader.ts';
import type { Finding, Run } from './source/run.ts';
import { isSpan } from './source/source.ts';
import { sumUp } from './sum-up.ts';
import { type CommentedFile, commentedFiles, configuredSuppressions } from './suppressions.ts';

/** `baseline`: findings that are known; they are marked. */
export async function lint(options: Options, io: Io, version: string, baseline?: Baseline): Promise<Run> {
  return judge(await readModels(options, io, 'models alone'), options, io, version, baseline);
}

/** One after another: the shares of a large audit are not held together. `declared`: what files declare, to compare with. */
export function* liveModels(
  configurations: Iterable<Configuration>,
  { demands }: Options,
  declared?: Declared,
): Generator<Model> {
  const facts = { removedNames: [], workloads: demands.workloads, unusedAfter: demands.unusedAfter };
  for (const configuration of configurations) {
    const model = withDemands(normalise(configuration, facts), demands);
    yield declared?.with(model) ?? model;
  }
}

/** What exists, as an audit of Azure told it; `log` has what it could not read. */
export async function judgeLive(
  configurations: Iterable<Configuration>,
  options: Options,
  io: Io,
  version: string,
  log: Diagnostic[],
  { baseline, declared }: { readonly baseline?: Baseline | undefined; readonly declared?: Declared | undefined } = {},
): Promise<Run> {
  const judged = {
    reader: new Reader(io.files, repositoryRoot(io.files, io.cwd) ?? io.cwd, log),
    resources: 0,
    moved: [],
    models: liveModels(counted(), options, declared),
    files: [],
    only: undefined,
    since: undefined,
  };
  function* counted(): Generator<Configuration> {
    let live: Configuration['live'];
    for (const configuration of configurations) {
      judged.resources += configuration.resources.length;
      // Every share knows what was not read of all of them.
      live = configuration.live;
      yield configuration;
    }
    if (declared)
      log.push(...declared.told((id) => live?.unread('items', id === undefined ? '' : `/subscriptions/${id}`)));
  }
  const told = await judge(judged, options, io, version, baseline);
  return { ...told, rules: ruleInfos(options.catalogue, options.language, true) };
}

/** What there is to judge, and where it was read. */
interface Judged {
  readonly reader: Reader;
  readonly resources: number;
  readonly moved: AddressChanges['moved'];
  /** A list, or models of an audit, which are gone through once. */
  readonly models: Iterable<Model>;
  readonly files: readonly CommentedFile[];
  readonly only: Inputs['only'];
  readonly since: Since | undefined;
}

export async function judge(
  judged: Judged,
  options: Options,
  io: Io,
  version: string,
  baseline?: Baseline,
): Promise<Run> {
  const { reader, moved, models, files, only, since } = judged;
  const { configuration, waivers } = options;
  const suppressions = [
    ...(options.inlineSuppressions
      ? files.flatMap((file) => suppressionsIn(file, new Set(options.catalogue.map((rule) => rule.code)), reader.log))
      : []),
    ...(configuration ? configuredSuppressions(configuration, reader.root) : []),
  ];
  let model: Model | undefined;
  const waived = (target: Entity | Target): boolean | undefined =>
    waivers.length > 0 && isEntity(target) && isWaived(waivers, target, io.today, model?.entities);
  function* entities(wanted: boolean): Generator<Entity | Target> {
    for (model of models) if (isOfDocument(model) === wanted) yield* model.entities;
    if (!wanted) yield* suppressionTargets(suppressions, io.today);
  }
  const written = check(entities(false), options.rules, options.language, waived);
  const planned = check(entities(true), options.rules, options.language, waived);
  // What a plan or state shows counts wherever it stands: in the source beside it, where that is.
  const isShown = (isOfDocument: boolean) => (entry: Told) =>
    (isOfDocument || concerns(entry, only)) && (since?.reports(entry, isOfDocument) ?? true);
  const verdicts = settle({
    findings: [...written.findings.filter(isShown(false)), ...planned.findings.filter(isShown(true))],
    undetermined: [...written.undetermined.filter(isShown(false)), ...planned.undetermined.filter(isShown(true))],
  });
  const { findings: leveled, undetermined } = options.levelIn ? atLevels(verdicts, options.levelIn) : verdicts;
  const suppressed = applySuppressions(leveled, suppressions, io.today);
  const shown = since ? suppressed.map((finding) => since.told(finding)) : suppressed;
  const isPart = since !== undefined || only !== undefined || options.stdinName !== undefined;
  const picture = {
    undetermined,
    moved,
    judged: new Set(options.rules.map(({ rule }) => rule.code)),
    paths: isPart ? undefined : options.paths.map((path) => resolve(io.cwd, path)),
  };
  const marked = baseline?.mark(shown, picture, reader.log) ?? shown;
  const findings =
    since && options.newSince !== undefined
      ? markedSince(since, marked, picture, await before(since, options, io, version), reader.log)
      : marked;
  // Only now, since those of an audit are counted as its models are gone through.
  const { resources } = judged;
  return sumUp({ findings, undetermined, diagnostics: reader.log, files: reader.count, resources }, options, version);
}

/** What a run on the code as it was finds. */
async function before(since: Since, options: Options, io: Io, version: string): Promise<Baseline> {
  const { files, paths } = since.before();
  const { baselineOf } = await import('./baseline.ts');
  const alone = { ...options, paths, newSince: undefined, stdinName: undefined };
  return baselineOf(await lint(alone, { ...io, files }, version));
}

/** In the order that the findings have. */
function markedSince(
  since: Since,
  findings: readonly Finding[],
  picture: Picture,
  known: Baseline,
  log: Diagnostic[],
): Finding[] {
  const sorted = since.oldestFirst(findings);
  const judged = known.mark(sorted, { ...picture, paths: undefined, moved: [...picture.moved, ...since.moved] }, log);
  const now = new Map(judged.map((finding, i) => [sorted[i]!, finding]));
  return findings.map((finding) => now.get(finding)!);
}

type Told = Pick<Finding, 'code' | 'at'> & Partial<Pick<Finding, 'related'>>;

/** Where single files were named, what stands elsewhere is not their business. */
function concerns({ at, related = [] }: Told, only: Inputs['only']): boolean {
  if (!only) return true;
  return [at, ...related.map((one) => one.at)].some((place) => isSpan(place) && only.has(place.source.file));
}

function isEntity(target: Entity | Target): target is Entity {
  return target.subject !== 'suppression';
}

/** Documents are named one by one or found with all that is beside them. */
function isOfDocument({ configuration: { language } }: Model): boolean {
  return language === 'plan' || language === 'state';
}

/** What stays of a configuration once it is normalised. */
interface Normalised {
  readonly model: Model;
  readonly resources: number;
  readonly moved: AddressChanges['moved'];
  readonly notes: readonly Diagnostic[];
  readonly configuration: Configuration | undefined;
}

interface ReadModels extends Judged {
  readonly inputs: Inputs;
  /** Those that are not forgotten. */
  readonly configurations: Configuration[];
  readonly models: Model[];
}

/**
 * Everything up to the model; `inspect` shows it. Where models alone are wanted, the rest of a configuration is forgotten as soon as
 * it is normalised: a run may have thousands.
 */
export async function readModels(
  options: Options,
  io: Io,
  wanted: 'everything' | 'models alone' = 'everything',
): Promise<ReadModels> {
  const log: Diagnostic[] = [];
  const named = options.stdinName === undefined ? undefined : resolve(io.cwd, options.stdinName);
  const given = named === undefined ? undefined : await io.stdin();
  const files = named === undefined || !given ? io.files : withFile(io.files, named, given);
  const since = await sinceOf(options, io, given);
  const reader = new Reader(files, repositoryRoot(io.files, io.cwd) ?? io.cwd, log);
  const progress = progressOn(io, wordsOf(options.language));
  const inputs = discover(
    named === undefined ? options.paths : [named],
    io.cwd,
    reader,
    options.isExcluded,
    options.ignoreUnknown,
  );
  files.expect?.(
    inputs.terraformFolders.length + inputs.templates.length,
    Math.max(0, ...inputs.documents.map(({ path }) => files.info(path)?.size ?? 0)),
  );
  const { demands, declaredHere } = options;
  const normalised = (configuration: Configuration): Normalised => {
    // Only what is not looked into is asked for among them.
    const modules = configuration.opaque.length > 0 ? knownModules() : [];
    const facts = { removedNames: removedNames(), modules, workloads: demands.workloads, declaredHere };
    return {
      model: normalise(configuration, facts),
      resources: configuration.resources.length,
      moved: configuration.addresses?.moved ?? [],
      notes: notesOnOpaque(configuration),
      configuration: wanted === 'everything' ? configuration : undefined,
    };
  };
  const gaps = new Gaps(log);
  const evaluated = <T>(take: (configuration: Configuration) => T) =>
    allConfigurations(inputs, options, reader, progress, (configuration) => take(gaps.with(configuration)));
  let found: readonly Normalised[];
  let read: Omit<Evaluated<unknown>, 'taken'>;
  if (since) {
    // Two revisions are compared whole.
    const { taken, ...rest } = await evaluated((configuration) => configuration);
    const both = await since.withPrevious(taken, inputs, reader, (past, paths, isExcluded) =>
      declaredIn(discover(paths, io.cwd, past, isExcluded), options, past, progress),
    );
    found = both.map(normalised);
    read = rest;
  } else ({ taken: found, ...read } = await evaluated(normalised));
  const { terraform, templates } = read;
  if (options.verbose) noteCompiled(templates.compiled, reader);
  const models = withElsewhere(found.map(({ model }) => model)).map((model) => withDemands(model, demands));
  if (since && since.gone.length > 0) {
    const { leftBehind } = await import('./model/left-behind.ts');
    const gone = since.gone.map((configuration) => normalised(configuration).model);
    log.push(...leftBehind(gone, models, since.ref));
  }
  addNotes(
    found.flatMap(({ notes }) => notes),
    log,
  );
  progress();
  return {
    reader,
    inputs,
    configurations: found.flatMap(({ configuration }) => configuration ?? []),
    resources: found.reduce((sum, one) => sum + one.resources, 0),
    moved: found.flatMap((one) => one.moved),
    models,
    files: commentedFiles(terraform.modules, templates.files),
    only: since ? since.only(inputs.only) : inputs.only,
    since,
  };
}

/** Loaded only where a run asks for it. */
async function sinceOf(options: Options, io: Io, stdin: Uint8Array | undefined): Promise<Since | undefined> {
  const ref = options.changedSince ?? options.newSince;
  return ref === undefined ? undefined : new (await import('./since.ts')).Since(ref, options, io, stdin);
}

/** Of the code as it was. */
async function declaredIn(
  inputs: Inputs,
  options: Options,
  reader: Reader,
  progress: (name: string) => void,
): Promise<readonly Configuration[]> {
  const { taken } = await declaredConfigurations(inputs, options, reader, progress, (configuration) => configuration);
  const gaps = new Gaps(reader.log);
  return taken.map((configuration) => gaps.with(configuration));
}
