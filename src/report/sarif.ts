/**
 * SARIF 2.1.0: for GitHub code scanning, Azure DevOps and editors.
 * Checked against Microsoft's validator by test/oracles/.
 */
import type { Diagnostic, Related } from '../source/diagnostic.ts';
import type { Finding, ResourceName, RuleInfo, Run } from '../source/run.ts';
import { isSpan, type Origin } from '../source/source.ts';
import { asSentence } from './entries.ts';
import { HOME, regionOf, relativeUri, webAddress } from './location.ts';
import { escapeMarkdownProse, harmlessJson, printable, printableLines } from './printable.ts';
import type { Words } from './words.ts';

/** Paths are relative to a place that only the reader of the log knows: the root of the repository, or the working directory. */
const ROOT = '%SRCROOT%';

export function printSarif(run: Run, words: Words): string {
  const ruleIndex = new Map(run.rules.map((rule, index) => [rule.code, index]));
  return harmlessJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: run.tool.name,
            fullName: `${run.tool.name} ${run.tool.version}`,
            version: run.tool.version,
            semanticVersion: run.tool.version,
            informationUri: HOME,
            rules: run.rules.map((rule) => ruleSarif(rule, words)),
          },
        },
        invocations: [
          {
            executionSuccessful: run.summary.complete,
            toolExecutionNotifications: run.diagnostics.map(notificationSarif),
          },
        ],
        originalUriBaseIds: {
          [ROOT]: {
            description: { text: words.root },
          },
        },
        columnKind: 'utf16CodeUnits',
        results: run.findings.map((finding) => resultSarif(finding, ruleIndex)),
      },
    ],
  });
}

function ruleSarif(rule: RuleInfo, words: Words) {
  const title = printable(rule.title);
  const why = printableLines(rule.why || rule.title);
  const help = printableLines(rule.help || rule.title);
  const docs = rule.docs === '' ? undefined : webAddress(rule.docs);
  return {
    id: rule.code,
    name: pascalCase(rule.code),
    shortDescription: { text: messageText(title) },
    fullDescription: { text: messageText(why) },
    help: {
      text: messageText(`${why}\n\n${help}${docs === undefined ? '' : `\n\n${words.more}: ${docs}`}`),
      markdown: `${escapeMarkdownProse(why)}\n\n**${words.whatToDo}:** ${escapeMarkdownProse(help)}${docs === undefined ? '' : `\n\n[${words.moreAboutRule}](${docs})`}`,
    },
    ...(docs !== undefined && { helpUri: docs }),
    defaultConfiguration: { level: rule.severity },
    properties: {
      tags: [...new Set(['azure-backup', rule.group, ...rule.solutions])],
      profile: rule.profile,
      group: rule.group,
      solutions: rule.solutions,
    },
  };
}

function resultSarif(finding: Finding, ruleIndex: ReadonlyMap<string, number>) {
  const index = ruleIndex.get(finding.code);
  return {
    ruleId: finding.code,
    ...(index !== undefined && { ruleIndex: index }),
    level: finding.severity,
    message: { text: messageText(printable(finding.message)) },
    locations: [locationSarif(finding.at, finding.resource)],
    relatedLocations: finding.related.map(relatedSarif),
    partialFingerprints: { 'azureBackupLint/v1': finding.fingerprint },
    // SARIF 3.27.23: all results of a run have the member, or none; empty means that the finding counts.
    suppressions: finding.suppressed ? [suppressionSarif(finding.suppressed)] : [],
    properties: {
      help: withoutLinks(printable(finding.help)),
      solutions: finding.solutions,
      resource: resourceSarif(finding.resource),
    },
  };
}

function suppressionSarif({ reason, until, baseline }: NonNullable<Finding['suppressed']>) {
  return {
    kind: baseline ? 'external' : 'inSource',
    ...(reason !== undefined && { justification: withoutLinks(printable(reason)) }),
    ...(until !== undefined && { properties: { until } }),
  };
}

function notificationSarif(diagnostic: Diagnostic) {
  const message = printable(diagnostic.message);
  const text = diagnostic.help ? `${asSentence(message)} ${printable(diagnostic.help)}` : message;
  return {
    descriptor: { id: diagnostic.code },
    level: diagnostic.severity,
    message: { text: messageText(text) },
    locations: [locationSarif(diagnostic.at)],
  };
}

function relatedSarif(related: Related, id: number) {
  return { id, ...locationSarif(related.at), message: { text: messageText(printable(related.message)) } };
}

function locationSarif(at: Origin, resource?: ResourceName) {
  const named = resource && { fullyQualifiedName: printable(resource.address), kind: 'resource' };
  if (!isSpan(at)) {
    const live = { fullyQualifiedName: printable(at.resourceId + at.path), kind: 'resource' };
    return { logicalLocations: named && named.fullyQualifiedName !== live.fullyQualifiedName ? [named, live] : [live] };
  }
  return {
    physicalLocation: {
      artifactLocation: { uri: relativeUri(at.source.file), uriBaseId: ROOT },
      region: regionOf(at),
    },
    ...(named && { logicalLocations: [named] }),
  };
}

function resourceSarif({ address, type, name }: ResourceName) {
  return { address: printable(address), type: printable(type), name: printable(name) };
}

/**
 * Signs with a meaning in a SARIF message are escaped, but only where that meaning could arise: many viewers show the
 * escapes, and `vms[2]` and `${var.name}` should stay readable.
 */
function messageText(text: string): string {
  const safe = withoutLinks(text);
  // `{0}` stands for an argument (SARIF 3.11.5).
  return /\{\d+\}/.test(safe) ? safe.replace(/[{}]/g, '$&$&') : safe;
}

/** `[text](target)` is a link (SARIF 3.11.6). */
function withoutLinks(text: string): string {
  return text.includes('](') ? text.replace(/[\\[\]]/g, '\\$&') : text;
}

/** SARIF wants a name that reads as an identifier beside the stable id. */
function pascalCase(code: string): string {
  return code
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
