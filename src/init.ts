/**
 * `init`: from the files below the working directory to an azure-backup-lint.yaml that fits them. What is certain is set; what only
 * its owner can decide stands in a comment, with the names that were found, ready to be used.
 */
import { join, relative, sep } from 'node:path';
import type { Inputs } from './discover.ts';
import type { Model } from './model/model.ts';
import { harmlessJson } from './report/printable.ts';
import type { Say } from './report/translation.ts';
import type { Io } from './source/io.ts';

export const configurationName = 'azure-backup-lint.yaml';

/** What the owner of a larger repository wants to see of each list. */
const most = 8;

/** Names of folders whose content is hardly ever deployed. */
const isExample = /^(?:examples?|samples?|demos?|tests?|fixtures)$/i;
/** Names of folders in which less is asked for. */
const isMinor = /^(?:dev|develop|development|test|qa|int|sandbox|sbx|lab|playground)$/i;

/** What there is, in the names that the configuration would use. */
export interface Found {
  /** In words, as they are told. */
  readonly languages: readonly string[];
  /** Solutions that what is declared here could be protected by. */
  readonly kinds: readonly string[];
  readonly hasBackups: boolean;
  readonly examples: readonly string[];
  readonly minor: readonly string[];
  readonly variableFiles: readonly string[];
  /** There is one root module and one file for it. */
  readonly isOneVariableFile: boolean;
}

/** `solutions`: ids of the catalogue. */
export function lookAt(inputs: Inputs, models: readonly Model[], solutions: ReadonlySet<string>, io: Io): Found {
  const shown = (path: string): string => relative(io.cwd, path).split(sep).join('/');
  const folders = foldersOf(inputs).map(shown);
  const variableFiles = unreadVariableFiles(inputs, io).map(shown);
  const subjects = new Set(models.flatMap((model) => model.entities.map(({ subject }) => subject)));
  return {
    languages: languagesOf(inputs),
    kinds: kindsOf(models).filter((kind) => solutions.has(kind)),
    hasBackups: subjects.has('vault') || subjects.has('protected-item'),
    examples: patternsFor(isExample, folders),
    minor: patternsFor(isMinor, folders),
    variableFiles,
    isOneVariableFile: variableFiles.length === 1 && inputs.terraformFolders.length === 1,
  };
}

function languagesOf({ terraformFolders, templates, documents }: Inputs): string[] {
  const bicep = templates.filter((path) => path.endsWith('.bicep')).length;
  const counts: [string, number][] = [
    ['Terraform', terraformFolders.length],
    ['Bicep', bicep],
    ['ARM', templates.length - bicep],
    ['plan/state', documents.length],
  ];
  return counts.filter(([, count]) => count > 0).map(([name, count]) => `${name} (${count})`);
}

function kindsOf(models: readonly Model[]): string[] {
  const kinds = new Set<string>();
  for (const { entities } of models)
    for (const { subject, view } of entities) {
      const kind = subject === 'datasource' ? view.members.get('kind')?.value : undefined;
      if (kind?.kind === 'string') kinds.add(kind.value);
    }
  return [...kinds].sort();
}

function foldersOf({ terraformFolders, templates, parameterFiles }: Inputs): string[] {
  return [...terraformFolders, ...[...templates, ...parameterFiles].map((path) => join(path, '..'))];
}

/** Folders by that name which hold inputs, as patterns; none where everything lies in them. */
function patternsFor(name: RegExp, folders: readonly string[]): string[] {
  const found = new Set<string>();
  let others = 0;
  for (const folder of folders) {
    const steps = folder.split('/');
    const at = steps.findIndex((step) => name.test(step));
    if (at === -1) others++;
    else found.add(`${steps.slice(0, at + 1).join('/')}/**`);
  }
  return others === 0 ? [] : [...found].sort().slice(0, most);
}

/** Beside Terraform's files or one folder below; `terraform.tfvars` and `*.auto.tfvars` are read without being asked for. */
function unreadVariableFiles({ terraformFolders }: Inputs, { files }: Io): string[] {
  const found = new Set<string>();
  const add = (folder: string, deep: boolean): void => {
    let entries: ReturnType<typeof files.list>;
    try {
      entries = files.list(folder);
    } catch {
      // Told when it is linted.
      return;
    }
    for (const { name, kind } of entries) {
      const [, stem] = /^(.+)\.tfvars(?:\.json)?$/.exec(name) ?? [];
      const isRead = stem === 'terraform' || stem?.endsWith('.auto');
      if (kind === 'file' && stem !== undefined && !isRead) found.add(join(folder, name));
      if (kind === 'directory' && deep && !name.startsWith('.')) add(join(folder, name), false);
    }
  };
  for (const folder of terraformFolders) add(folder, true);
  return [...found].sort().slice(0, most);
}

/** In YAML. `# ` before a key is all that keeps it from working. */
export function configurationText(found: Found, say: Say): string {
  const { languages, kinds, hasBackups, examples, minor, variableFiles, isOneVariableFile } = found;
  const exclude = quoted(examples.length > 0 ? examples : ['examples/**']);
  const overrides = quoted(minor.length > 0 ? minor : ['env/dev/**']);
  const varFiles = quoted(variableFiles.length > 0 ? variableFiles : ['env/prod.tfvars']);
  const kind = kinds.length > 0 ? kinds.join(', ') : 'azure-vm';
  const sections: string[][] = [
    [
      '# yaml-language-server: $schema=https://raw.githubusercontent.com/azure-backup-lint/azure-backup-lint/main/rules/schema/config.schema.json',
      ...remark(say('What azure-backup-lint asks of this repository. Every key may be left out.')),
      ...(languages.length > 0 ? remark(say(`Found here: ${[...languages, ...kinds].join(', ')}`)) : []),
    ],
    [...remark(say('Which rules are on: recommended, or strict for more of them.')), 'profile: recommended'],
    [...remark(say('The exit status is 1 from this level on: error, warning, note or never.')), 'failOn: error'],
    [
      ...remark(say('Single rules, as error, warning, note or off; "azure-backup-lint rules" lists them.')),
      '# rules: { vault-locally-redundant: off }',
    ],
    [...remark(say('What is not linted, as in .gitignore.')), `# exclude: ${exclude}`],
    [
      ...remark(say('Other rules for some of the files; the last entry that matches decides.')),
      `# overrides: [{ paths: ${overrides}, rules: { vault-locally-redundant: off } }]`,
    ],
    [
      ...remark(say('Variable files for every root module beside those that Terraform reads by itself.')),
      `${isOneVariableFile ? '' : '# '}terraform: { varFiles: ${varFiles} }`,
    ],
    [
      ...remark(
        say(
          hasBackups
            ? 'Whether these files are the whole picture; left out, it is judged from what they declare.'
            : 'No vault and nothing protected was found here: write false where backups are declared elsewhere, true where they are missing.',
        ),
      ),
      `# backup: { declaredHere: ${hasBackups} }`,
    ],
    [
      ...remark(say('What needs no backup, and why.')),
      `# exempt: [{ match: { tag: { tier: stateless } }, reason: ${quoted(say('built anew from the image'))} }]`,
    ],
    [
      ...remark(say('What backups must be good for; the first entry that matches decides.')),
      `# objectives: [{ name: gold, match: { kind: [${kind}] }, rpo: PT24H, retention: { daily: P30D } }]`,
    ],
    [
      ...remark(say('Findings that are known, so that only new ones count; "azure-backup-lint baseline" writes them.')),
      '# baseline: azure-backup-lint.baseline.json',
    ],
  ];
  return sections.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n');
}

function remark(text: string): string[] {
  return [`## ${text}`];
}

/** JSON on one line is YAML too. */
function quoted(value: string | readonly string[]): string {
  if (typeof value === 'string') return harmlessJson(value).trim();
  return `[${value.map((one) => quoted(one)).join(', ')}]`;
}
