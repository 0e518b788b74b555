/** The whole run on one screen; the only file that knows the order of the stages. */
import { join, resolve } from 'node:path';
import { catalogue, knownModules, removedNames, ruleInfos } from './catalogue.ts';
import { check, settle, type Target, type Verdicts } from './check/check.ts';
import { applySuppressions, suppressionsIn, suppressionTargets } from './check/suppress.ts';
import type { Options } from './config.ts';
import type { Level } from './config-file.ts';
import { discover, type Inputs } from './discover.ts';
import type { TemplateResult } from './evaluate/bicep/configurations.ts';
import { withGaps } from './evaluate/gaps.ts';
import type { Configuration, OpaqueModule } from './evaluate/resource.ts';
import { deploysTemplates } from './evaluate/terraform/deployments.ts';
import type { TerraformResult } from './evaluate/terraform/roots.ts';
import { withDemands } from './model/demand.ts';
import { withElsewhere } from './model/elsewhere.ts';
import { knownModule } from './model/known-modules.ts';
import type { Entity, Model } from './model/model.ts';
import { normalise } from './model/normalise.ts';
import { isWaived, type Waiver } from './model/waiver.ts';
import { type Words, wordsOf } from './report/words.ts';
import type { Diagnostic } from './source/diagnostic.ts';
import type { Io } from './source/io.ts';
import { Reader, repositoryRoot, withFile } from './source/reader.ts';
import type { Finding, Run, Undetermined } from './source/run.ts';
import { compareOrigins, isSpan, type Origin } from './source/source.ts';
import { type CommentedFile, commentedFiles, configuredSuppressions } from './suppressions.ts';

export async function lint(options: Options, io: Io, version: string): Promise<Run> {
  const { reader, configurations, models, files, only } = await readModels(options, io);
  const { configuration } = options;
  const suppressions = [
    ...(options.inlineSuppressions
      ? files.flatMap((file) => suppressionsIn(file, new Set(catalogue().map((rule) => rule.code)), reader.log))
      : []),
    ...(configuration ? configuredSuppressions(configuration, reader.root) : []),
  ];
  const waived = (target: Entity | Target): boolean | undefined =>
    options.waivers.length > 0 && isEntity(target) && waivedIn(models, target, options.waivers, io.today);
  const entities = (wanted: boolean): Entity[] =>
    models.filter((model) => isOfDocument(model) === wanted).flatMap((model) => model.entities);
  const written = check(
    [...entities(false), ...suppressionTargets(suppressions, io.today)],
    options.rules,
    options.language,
    waived,
  );
  const planned = check(entities(true), options.rules, options.language, waived);
  // What a plan or state shows counts wherever it stands: in the source beside it, where that is.
  const verdicts = settle({
    findings: [...written.findings.filter((finding) => concerns(finding, only)), ...planned.findings],
    undetermined: [
      ...written.undetermined.filter((entry) => concerns({ ...entry, related: [] }, only)),
      ...planned.undetermined,
    ],
  });
  const leveled = options.levelIn ? atLevels(verdicts, options.levelIn) : verdicts;
  const findings = applySuppressions(leveled.findings, suppressions, io.today);
  const { undetermined } = leveled;
  const resources = configurations.reduce((sum, configuration) => sum + configuration.resources.length, 0);
  return run({ findings, undetermined, diagnostics: reader.log, files: reader.count, resources }, options, version);
}

/** With more inputs than these beside a document the time that they take counts more than its memory. */
const fewInputs = 50;

/** Everything up to the model; `inspect` shows it. */
export async function readModels(
  options: Options,
  io: Io,
): Promise<{
  reader: Reader;
  configurations: Configuration[];
  models: Model[];
  files: CommentedFile[];
  only: Inputs['only'];
}> {
  const log: Diagnostic[] = [];
  const named = options.stdinName === undefined ? undefined : resolve(io.cwd, options.stdinName);
  const files = named === undefined ? io.files : withFile(io.files, named, await io.stdin());
  const reader = new Reader(files, repositoryRoot(io.files, io.cwd) ?? io.cwd, log);
  const progress = progressOn(io, wordsOf(options.language));
  const inputs = discover(named === undefined ? options.paths : [named], io.cwd, reader, options.isExcluded);
  if (inputs.terraformFolders.length + inputs.templates.length < fewInputs)
    files.expectOne?.(Math.max(0, ...inputs.documents.map(({ path }) => files.info(path)?.size ?? 0)));
  const terraform = await terraformOf(inputs, options, reader, progress);
  const declared = await withEmbedded(terraform.configurations, reader);
  const templates = await templatesOf(inputs, options, declared, reader, progress);
  const documents = await documentsOf(inputs, (folder) => terraform.besideOf(folder), reader, progress);
  if (options.verbose) noteCompiled(templates.compiled, reader);
  const configurations = withGaps([...declared, ...templates.configurations, ...documents], log);
  // Only what is not looked into is asked for among them.
  const modules = configurations.some(({ opaque }) => opaque.length > 0) ? knownModules() : [];
  const { demands, declaredHere } = options;
  const facts = { removedNames: removedNames(), modules, workloads: demands.workloads, declaredHere };
  const models = withElsewhere(configurations.map((configuration) => normalise(configuration, facts))).map((model) =>
    withDemands(model, demands),
  );
  noteOpaque(configurations, log);
  progress();
  return {
    reader,
    configurations,
    models,
    files: commentedFiles(terraform.modules, templates.files),
    only: inputs.only,
  };
}

// What a run has none of is not loaded: reading the program takes a good part of a small run.

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

async function templatesOf(
  inputs: Inputs,
  options: Options,
  terraform: readonly Configuration[],
  reader: Reader,
  progress: (name: string) => void,
): Promise<TemplateResult> {
  const { templates, parameterFiles } = inputs;
  const namedParameterFiles = options.parameterFiles;
  if (templates.length + parameterFiles.length + namedParameterFiles.length === 0)
    return { configurations: [], files: [], compiled: [] };
  const { templateConfigurations } = await import('./evaluate/bicep/configurations.ts');
  const deployed = new Set(terraform.flatMap(({ deploys }) => deploys ?? []));
  return templateConfigurations({ templates, parameterFiles, namedParameterFiles, deployed }, reader, progress);
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
function waivedIn(models: readonly Model[], entity: Entity, waivers: readonly Waiver[], today: string) {
  if (entity.subject !== 'workspace') return isWaived(waivers, entity, today);
  const model = models.find((one) => one.entities.includes(entity));
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
function concerns(finding: Pick<Finding, 'at' | 'related'>, only: Inputs['only']): boolean {
  if (!only) return true;
  return [finding.at, ...finding.related.map((related) => related.at)].some(
    (at) => isSpan(at) && only.has(at.source.file),
  );
}

/** One note per reference that could not be looked into: what could not be judged and what would settle it. */
function noteOpaque(configurations: readonly Configuration[], log: Diagnostic[]): void {
  const told = new Set<string>();
  for (const { opaque } of configurations)
    for (const module of opaque) {
      if (module.told) continue;
      const key = isSpan(module.at) ? `${module.at.source.file}:${module.at.start}` : module.address;
      if (told.has(key)) continue;
      told.add(key);
      log.push({
        code: 'module-not-read',
        severity: 'note',
        message: `${module.address} is not looked into (${module.because}), ${consequenceOf(module)}.`,
        at: module.at,
      });
    }
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
  const diagnostics = [...result.diagnostics].sort(
    (a, b) =>
      compareOrigins(a.at, b.at) || (a.code < b.code ? -1 : a.code > b.code ? 1 : a.message < b.message ? -1 : 1),
  );
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
    rules: ruleInfos(options.language),
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
