/**
 * JSON, version 1: for scripts. The order of the members is part of the format; rules/schema/output.schema.json describes it.
 */
import type { Diagnostic, Related } from '../source/diagnostic.ts';
import type { Finding, ResourceName, Run, Suppressed, Undetermined } from '../source/run.ts';
import { locationOf } from './location.ts';
import { harmlessJson } from './printable.ts';

export function printJson(run: Run): string {
  return harmlessJson(jsonOf(run));
}

export function jsonOf(run: Run) {
  const { errors, warnings, notes, suppressed, undetermined, files, resources, complete } = run.summary;
  return {
    version: 1 as const,
    tool: { name: run.tool.name, version: run.tool.version },
    summary: { errors, warnings, notes, suppressed, undetermined, files, resources, complete },
    findings: run.findings.map(findingJson),
    undetermined: run.undetermined.map(undeterminedJson),
    diagnostics: run.diagnostics.map(diagnosticJson),
  };
}

function findingJson(finding: Finding) {
  return {
    code: finding.code,
    severity: finding.severity,
    message: finding.message,
    help: finding.help,
    solutions: finding.solutions,
    resource: resourceJson(finding.resource),
    location: locationOf(finding.at),
    related: finding.related.map(relatedJson),
    fingerprint: finding.fingerprint,
    ...(finding.docs !== '' && { docs: finding.docs }),
    ...(finding.suppressed && { suppressed: suppressedJson(finding.suppressed) }),
  };
}

function undeterminedJson(entry: Undetermined) {
  return {
    code: entry.code,
    resource: resourceJson(entry.resource),
    location: locationOf(entry.at),
    because: entry.because,
  };
}

function diagnosticJson(diagnostic: Diagnostic) {
  return {
    severity: diagnostic.severity,
    code: diagnostic.code,
    message: diagnostic.message,
    ...(diagnostic.help !== undefined && { help: diagnostic.help }),
    location: locationOf(diagnostic.at),
    ...(diagnostic.related?.length && { related: diagnostic.related.map(relatedJson) }),
  };
}

function resourceJson({ address, type, name }: ResourceName) {
  return { address, type, name };
}

function relatedJson(related: Related) {
  return { message: related.message, location: locationOf(related.at) };
}

function suppressedJson({ reason, until, baseline }: Suppressed) {
  return {
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until }),
    ...(baseline && { baseline }),
  };
}
