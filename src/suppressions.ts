/** Which files may hold suppressions, and where in them: the parsed trees of the run as check/ wants them. */
import { join, relative, sep } from 'node:path';
import type { Suppression, SuppressionSource } from './check/suppress.ts';
import type { ConfigurationFile } from './config-file.ts';
import type { TemplateText } from './evaluate/bicep/configurations.ts';
import type { TerraformModule } from './evaluate/terraform/module.ts';
import { memberOf } from './parse/json.ts';
import type { JsonNode } from './parse/json-tree.ts';
import { matches } from './source/glob.ts';
import { isSpan, type Span } from './source/source.ts';

export type CommentedFile = SuppressionSource;

export function commentedFiles(
  modules: ReadonlySet<TerraformModule>,
  templates: readonly TemplateText[],
): CommentedFile[] {
  const files: CommentedFile[] = [];
  for (const module of modules)
    for (const { source, tree } of module.files) {
      const starts = [...tree.body.attributes, ...tree.body.blocks].map((statement) => statement.start);
      files.push({ source, comments: tree.comments, firstStatement: Math.min(...starts, source.text.length) });
    }
  for (const file of templates) {
    const { source } = file;
    if ('remarks' in file) {
      files.push({ source, ...file.remarks });
      continue;
    }
    const { tree } = file;
    files.push({
      source,
      comments: tree.comments,
      firstStatement: firstMember(tree.root) ?? source.text.length,
      metadata: metadataOf(tree.root),
    });
  }
  return files;
}

/** What the configuration hides: by code, and by resource or path where it names them. */
export function configuredSuppressions({ settings, folder, at }: ConfigurationFile, root: string): Suppression[] {
  return (settings.suppressions ?? []).map(({ code, resource, path, reason, until }, i): Suppression => {
    const isIn = (file: string): boolean => {
      const inside = relative(folder, join(root, file)).split(sep).join('/');
      return path === undefined || matches(path, inside, '/');
    };
    return {
      at: at(['suppressions', i]),
      lines: undefined,
      codes: [code],
      reason,
      until,
      matches: (finding) =>
        (resource === undefined ||
          matches(resource, finding.resource.name, '/') ||
          matches(resource, finding.resource.address, '/.')) &&
        (path === undefined || (isSpan(finding.at) && isIn(finding.at.source.file))),
    };
  });
}

function firstMember(root: JsonNode | undefined): number | undefined {
  return root?.kind === 'object' ? root.members[0]?.start : undefined;
}

type Metadata = NonNullable<SuppressionSource['metadata']>[number];

/** `metadata.azureBackupLint` of the template and of every resource, nested ones included. */
function metadataOf(root: JsonNode | undefined): Metadata[] {
  const found: Metadata[] = [];
  const add = (owner: JsonNode | undefined, resource: Span | undefined): void => {
    const value = memberOf(memberOf(owner, 'metadata')?.value, 'azureBackupLint')?.value;
    const texts = value?.kind === 'array' ? value.items : value ? [value] : [];
    for (const text of texts)
      if (text.kind === 'string') found.push({ text: text.value, at: text, ...(resource && { resource }) });
  };
  const walk = (node: JsonNode | undefined): void => {
    if (node?.kind === 'array') for (const item of node.items) walk(item);
    if (node?.kind !== 'object') return;
    const type = memberOf(node, 'type')?.value;
    if (type?.kind === 'string' && type.value.includes('/') && memberOf(node, 'name')) add(node, node);
    for (const member of node.members) walk(member.value);
  };
  add(root, undefined);
  walk(root);
  return found;
}
