/**
 * Inputs -> configurations: Terraform first, for it deploys templates and lies beside plans and states.
 * What a run has none of is not loaded: reading the program takes a good part of a small run.
 */
import type { Options } from './config.ts';
import type { Inputs } from './discover.ts';
import type { TemplateResult } from './evaluate/bicep/configurations.ts';
import type { Configuration } from './evaluate/resource.ts';
import { deploysTemplates } from './evaluate/terraform/deployments.ts';
import type { TerraformResult } from './evaluate/terraform/roots.ts';
import type { Reader } from './source/reader.ts';

type Progress = (name: string) => void;

export interface Evaluated<T> {
  /** What was taken from each. */
  readonly taken: T[];
  readonly terraform: TerraformResult;
  readonly templates: Pick<TemplateResult<T>, 'files' | 'compiled'>;
}

/** `take` sees a configuration as soon as it is evaluated, so that nobody needs to hold them all. */
export async function allConfigurations<T>(
  inputs: Inputs,
  options: Options,
  reader: Reader,
  progress: Progress,
  take: (configuration: Configuration) => T,
): Promise<Evaluated<T>> {
  const declared = await declaredConfigurations(inputs, options, reader, progress, take);
  const documents = await documentsOf(inputs, declared.terraform, reader, progress);
  return { ...declared, taken: [...declared.taken, ...documents.map(take)] };
}

/** Of code alone, without plans and states. */
export async function declaredConfigurations<T>(
  inputs: Inputs,
  options: Options,
  reader: Reader,
  progress: Progress,
  take: (configuration: Configuration) => T,
): Promise<Evaluated<T>> {
  const terraform = await terraformOf(inputs, options, reader, progress);
  const declared = await withEmbedded(terraform.configurations, reader);
  const taken = declared.map(take);
  const { configurations, files, compiled } = await templatesOf(inputs, options, declared, reader, progress, take);
  return { taken: [...taken, ...configurations], terraform, templates: { files, compiled } };
}

/** Also beside documents, which point into their source. */
async function terraformOf(
  { terraformFolders: folders, documents }: Inputs,
  { variableFiles, variables }: Options,
  reader: Reader,
  progress: Progress,
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
  progress: Progress,
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
  { documents }: Inputs,
  { besideOf }: TerraformResult,
  reader: Reader,
  progress: Progress,
): Promise<readonly Configuration[]> {
  if (documents.length === 0) return [];
  const { documentConfigurations } = await import('./evaluate/plan/documents.ts');
  return withEmbedded(documentConfigurations(documents, besideOf, reader, progress), reader);
}
