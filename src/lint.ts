/** The whole run on one screen; the only file that knows the order of the stages. */
import { join, resolve } from 'node:path';
import type { Baseline } from './baseline.ts';
import { knownModules, removedNames, ruleInfos } from './catalogue.ts';
import { check, settle, type Target, type Verdicts } from './check/check.ts';
import { applySuppressions, suppressionsIn, suppressionTargets } from './check/suppress.ts';
import type { Options } from './config.ts';
import type { Level } from './config-file.ts';
import { discover, type Inputs } from './discover.ts';
import type { TemplateResult } from './evaluate/bicep/configurations.ts';
import { Gaps } from './evaluate/gaps.ts';
import type { AddressChanges, Configuration, OpaqueModule } from './evaluate/resource.ts';
import { deploysTemplates } from './evaluate/terraform/deployments.ts';
import type { TerraformResult } from './evaluate/terraform/roots.ts';
import type { Declared } from './model/declared.ts';
import { withDemands } from './model/demand.ts';
import { withElsewhere } from './model/elsewhere.ts';
import { knownModule } from './model/known-modules.ts';
import type { Entity, Model } from './model/model.ts';
import { normalise } from './model/normalise.ts';
import { isWaived, type Waiver } from './model/waiver.ts';
import { type Words, wordsOf } from './report/words.ts';
import type { Since } from './since.ts';
import type { Diagnostic } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';
import { Reader, repositoryRoot, withFile } from './source/reader.ts';
import type { Finding, Run, Undetermined } from './source/run.ts';
import { compareOrigins, isSpan, type Origin } from './source/source.ts';
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
interface Judged
  extends Pick<Awaited<ReturnType<typeof readModels>>, 'reader' | 'resources' | 'moved' | 'files' | 'only' | 'since'> {
  /** A list, or models of an audit, which are gone through once. */
  readonly models: Iterable<Model>;
}

export async function judge(
  judged: Judged,
  options: Options,
  io: Io,
  version: string,
  baseline?: Baseline,
): Promise<Run> {
  const { reader, moved, models, files, only, since } = judged;
  const { configuration } = options;
  const suppressions = [
    ...(options.inlineSuppressions
      ? files.flatMap((file) => suppressionsIn(file, new Set(options.catalogue.map((rule) => rule.code)), reader.log))
      : []),
    ...(configuration ? configuredSuppressions(configuration, reader.root) : []),
  ];
  let model: Model | undefined;
  const waived = (target: Entity | Target): boolean | undefined =>
    options.waivers.length > 0 && isEntity(target) && waivedIn(model, target, options.waivers, io.today);
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
  const leveled = options.levelIn ? atLevels(verdicts, options.levelIn) : verdicts;
  const suppressed = applySuppressions(leveled.findings, suppressions, io.today);
  const shown = since ? suppressed.map((finding) => since.told(finding)) : suppressed;
  const { undetermined } = leveled;
  const isPart = since !== undefined || only !== undefined || options.stdinName !== undefined;
  const picture = {
    undetermined,
    moved,
    judged: new Set(options.rules.map(({ rule }) => rule.code)),
    paths: isPart ? undefined : options.paths.map((path) => resolve(io.cwd, path)),
  };
  const marked = baseline?.mark(shown, picture, reader.log) ?? shown;
  let findings = marked;
  if (since && options.newSince !== undefined) {
    const known = await before(since, options, io, version);
    const sorted = since.oldestFirst(marked);
    const judged = known.mark(sorted, { ...picture, paths: undefined, moved: [...moved, ...since.moved] }, reader.log);
    const now = new Map(judged.map((finding, i) => [sorted[i]!, finding]));
    findings = marked.map((finding) => now.get(finding)!);
  }
  const { resources } = judged;
  return run({ findings, undetermined, diagnostics: reader.log, files: reader.count, resources }, options, version);
}

/** What a run on the code as it was finds. */
async function before(since: Since, options: Options, io: Io, version: string): Promise<Baseline> {
  const { files, paths } = since.before();
  const { baselineOf } = await import('./baseline.ts');
  const alone = { ...options, paths, newSince: undefined, stdinName: undefined };
  return baselineOf(await lint(alone, { ...io, files }, version));
}

type Told = Pick<Finding, 'code' | 'at'> & Partial<Pick<Finding, 'related'>>;

/** What stays of a configuration once it is normalised. */
interface Normalised {
  readonly model: Model;
  readonly resources: number;
  readonly moved: AddressChanges['moved'];
  readonly notes: readonly Diagnostic[];
  readonly configuration: Configuration | undefined;
}

/**
 * Everything up to the model; `inspect` shows it. Where models alone are wanted, the rest of a configuration is forgotten as soon as
 * it is normalised: a run may have thousands.
 */
export async function readModels(
  options: Options,
  io: Io,
  wanted: 'everything' | 'models alone' = 'everything',
): Promise<{
  reader: Reader;
  inputs: Inputs;
  /** Those that are not forgotten. */
  configurations: Configuration[];
  resources: number;
  moved: AddressChanges['moved'];
  models: Model[];
  files: CommentedFile[];
  only: Inputs['only'];
  since: Since | undefined;
}> {
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
  const terraform = await terraformOf(inputs, options, reader, progress);
  const declared = await withEmbedded(terraform.configurations, reader);
  const beside = (folder: string): Configuration | undefined => terraform.besideOf(folder);
  const read = async <T>(take: (configuration: Configuration) => T) => {
    const taken = declared.map((configuration) => take(gaps.with(configuration)));
    const templates = await templatesOf(inputs, options, declared, reader, progress, (configuration) =>
      take(gaps.with(configuration)),
    );
    const documents = await documentsOf(inputs, beside, reader, progress);
    return {
      taken: [
        ...taken,
        ...templates.configurations,
        ...documents.map((configuration) => take(gaps.with(configuration))),
      ],
      templates,
    };
  };
  let found: readonly Normalised[];
  let templates: Pick<TemplateResult<unknown>, 'files' | 'compiled'>;
  if (since) {
    // Two revisions are compared whole.
    const { taken, ...rest } = await read((configuration) => configuration);
    const both = await since.withPrevious(taken, inputs, reader, (past, paths, isExcluded) =>
      declaredIn(discover(paths, io.cwd, past, isExcluded), options, past, progress),
    );
    found = both.map(normalised);
    templates = rest.templates;
  } else ({ taken: found, templates } = await read(normalised));
  if (options.verbose) noteCompiled(templates.compiled, reader);
  const models = withElsewhere(found.map(({ model }) => model)).map((model) => withDemands(model, demands));
  if (since && since.gone.length > 0) {
    const { leftBehind } = await import('./model/left-behind.ts');
    const gone = since.gone.map((configuration) => normalised(configuration).model);
    log.push(...leftBehind(gone, models, since.ref));
  }
  const placeIn = ({ at, message }: Diagnostic): string => (isSpan(at) ? `${at.source.file}:${at.start}` : message);
  // Also where it was told already that something is missing.
  const told = new Set(log.map(placeIn));
  for (const note of found.flatMap(({ notes }) => notes)) {
    const key = placeIn(note);
    if (told.has(key)) continue;
    told.add(key);
    log.push(note);
  }
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

// What a run has none of is not loaded: reading the program takes a good part of a small run.

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
  const terraform = await terraformOf(inputs, options, reader, progress);
  const declared = await withEmbedded(terraform.configurations, reader);
  const templates = await templatesOf(inputs, options, declared, reader, progress, (configuration) => configuration);
  const gaps = new Gaps(reader.log);
  return [...declared, ...templates.configurations].map((configuration) => gaps.with(configuration));
}

/** Also beside documents, which point into their source. */
async function terraformOf(
  { terraformFolders: folders, documents }: Inputs,
  { variableFiles, variables }: Options,
  reader: Reader,
  progress: (name: string) => void,
): Promise<TerraformResult> {
  if (folders.length + documents.length === 0)
    return { configurations: [], modules: new Set(), besideOf: () => undefined };
  const { terraformConfigurations } = await import('./evaluate/terraform/roots.ts');
  return terraformConfigurations({ folders, variableFiles, variables }, reader, progress);
}

/** With the resources of templates that Terraform deploys. */
async function withEmbedded(
  configurations: readonly Configuration[],
  reader: Reader,
): Promise<readonly Configuration[]> {
  if (!configurations.some(deploysTemplates)) return configurations;
  const { withTemplates } = await import('./evaluate/terraform/embedded.ts');
  return configurations.map((configuration) => withTemplates(configuration, reader));
}

async function templatesOf<T>(
  inputs: Inputs,
  options: Options,
  terraform: readonly Configuration[],
  reader: Reader,
  progress: (name: string) => void,
  take: (configuration: Configuration) => T,
): Promise<TemplateResult<T>> {
  const { templates, parameterFiles } = inputs;
  const namedParameterFiles = options.parameterFiles;
  if (templates.length + parameterFiles.length + namedParameterFiles.length === 0)
    return { configurations: [], files: [], compiled: [] };
  const { templateConfigurations } = await import('./evaluate/bicep/configurations.ts');
  const deployed = new Set(terraform.flatMap(({ deploys }) => deploys ?? []));
  const isBicep = (path: string): boolean => /\.bicep(?:param)?$/.test(path);
  const { bicepReading: bicep } = [templates, parameterFiles, namedParameterFiles].some((paths) => paths.some(isBicep))
    ? await import('./evaluate/bicep/reading.ts')
    : { bicepReading: undefined };
  return templateConfigurations(
    { templates, parameterFiles, namedParameterFiles, deployed, bicep },
    reader,
    progress,
    take,
  );
}

async function documentsOf(
  inputs: Inputs,
  beside: (folder: string) => Configuration | undefined,
  reader: Reader,
  progress: (name: string) => void,
): Promise<readonly Configuration[]> {
  if (inputs.documents.length === 0) return [];
  const { documentConfigurations } = await import('./evaluate/plan/documents.ts');
  return withEmbedded(documentConfigurations(inputs.documents, beside, reader, progress), reader);
}

function isEntity(target: Entity | Target): target is Entity {
  return target.subject !== 'suppression';
}

/** A configuration as a whole is waived where everything in it is. */
function waivedIn(model: Model | undefined, entity: Entity, waivers: readonly Waiver[], today: string) {
  if (entity.subject !== 'workspace') return isWaived(waivers, entity, today);
  const answers = (model?.entities ?? [])
    .filter(({ subject }) => subject === 'datasource')
    .map((one) => isWaived(waivers, one, today));
  return answers.length === 0 || answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

/** What the configuration says for the files that they stand in. */
function atLevels({ findings, undetermined }: Verdicts, levelIn: NonNullable<Options['levelIn']>): Verdicts {
  const level = ({ code, at }: { code: string; at: Origin }): Level | undefined =>
    isSpan(at) ? levelIn(code, at.source.file) : undefined;
  return {
    findings: findings.flatMap((finding): Finding[] => {
      const severity = level(finding) ?? finding.severity;
      return severity === 'off' ? [] : [{ ...finding, severity }];
    }),
    undetermined: undetermined.filter((entry) => level(entry) !== 'off'),
  };
}

/** Documents are named one by one or found with all that is beside them. */
function isOfDocument({ configuration: { language } }: Model): boolean {
  return language === 'plan' || language === 'state';
}

/** Where single files were named, what stands elsewhere is not their business. */
function concerns({ at, related = [] }: Told, only: Inputs['only']): boolean {
  if (!only) return true;
  return [at, ...related.map((one) => one.at)].some((place) => isSpan(place) && only.has(place.source.file));
}

/** One note per reference that could not be looked into: what could not be judged and what would settle it. */
function notesOnOpaque({ opaque }: Configuration): Diagnostic[] {
  return opaque
    .filter(({ told }) => !told)
    .map((module) => ({
      code: 'module-not-read',
      severity: 'note',
      message: `${module.address} is not looked into (${module.because}), ${consequenceOf(module)}.`,
      at: module.at,
    }));
}

function consequenceOf(module: OpaqueModule): string {
  const known = knownModule(module, knownModules());
  if (!known) return 'so what it declares is not judged';
  return known.makes.length === 0
    ? 'but it is known to protect nothing'
    : 'so only what its call says of backup is judged';
}

/** What was left out for the Bicep file beside it. */
function noteCompiled(compiled: readonly string[], reader: Reader): void {
  for (const file of compiled) {
    const source = reader.read(join(reader.root, file));
    if (source)
      reader.log.push({
        code: 'template-compiled',
        severity: 'note',
        message: 'This template was compiled from the Bicep file beside it, which is judged instead.',
        at: { source, start: 0, end: 0 },
      });
  }
}

function run(
  result: {
    findings: Finding[];
    undetermined: Undetermined[];
    diagnostics: Diagnostic[];
    files: number;
    resources: number;
  },
  options: Options,
  version: string,
): Run {
  const counted = result.findings.filter((finding) => !finding.suppressed);
  const count = (severity: string): number => counted.filter((finding) => finding.severity === severity).length;
  // A file that is part of several configurations is read for each of them.
  const diagnostics = [...result.diagnostics]
    .sort(
      (a, b) =>
        compareOrigins(a.at, b.at) || (a.code < b.code ? -1 : a.code > b.code ? 1 : a.message < b.message ? -1 : 1),
    )
    .filter((one, i, all) => {
      const before = all[i - 1];
      const isEqual = before?.code === one.code && before.message === one.message;
      return !isEqual || compareOrigins(before.at, one.at) !== 0;
    });
  return {
    tool: { name: 'azure-backup-lint', version },
    summary: {
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
      suppressed: result.findings.length - counted.length,
      undetermined: result.undetermined.length,
      files: result.files,
      resources: result.resources,
      complete: !diagnostics.some((diagnostic) => diagnostic.severity === 'error'),
    },
    findings: result.findings,
    undetermined: options.showUndetermined ? result.undetermined : [],
    diagnostics,
    rules: ruleInfos(options.catalogue, options.language),
  };
}

/** Shows on a terminal what is read, once a run takes more than a second; called without a name it wipes the line. */
function progressOn(io: Io, words: Words): (name?: string) => void {
  if (!io.err.isTerminal) return () => {};
  const start = io.now();
  let shown = false;
  return (name) => {
    if (name === undefined) {
      if (shown) io.err.write('\r\u001b[K');
      return;
    }
    if (io.now() - start < 1000) return;
    shown = true;
    io.err.write(`\r\u001b[K${words.reading(name.slice(0, Math.max(10, io.err.columns - 12)))}`);
  };
}
