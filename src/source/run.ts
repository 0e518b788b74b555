/** The shapes of results that report/ prints. Everything here is plain: no syntax trees, no values. */
import type { Diagnostic, Related, Severity } from './diagnostic.ts';
import type { Origin } from './source.ts';

export type Profile = 'recommended' | 'strict' | 'opt-in';

/** Names the subject of a finding. */
export interface ResourceName {
  /** Terraform address, Bicep symbol path, ARM symbolic name or `Type/name`, or a resource id. */
  readonly address: string;
  /** ARM type, or the azurerm type where there is none. */
  readonly type: string;
  /** The Azure name where it is known, else the label in the code. */
  readonly name: string;
}

export interface Suppressed {
  readonly reason?: string;
  /** YYYY-MM-DD, holds through that day (UTC). */
  readonly until?: string;
  /** Known from the baseline, and in nobody's comment. */
  readonly baseline?: true;
}

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  readonly solutions: readonly string[];
  readonly resource: ResourceName;
  readonly at: Origin;
  readonly related: readonly Related[];
  /** Hash of code, address (without numeric indexes) and property path; hex. */
  readonly fingerprint: string;
  /** Empty: an own rule, which has no page. */
  readonly docs: string;
  /** Head of the subject, where a suppression works too; not printed. */
  readonly head?: Origin;
  /** A secret stands there, so that no text of the place may be shown; not printed. */
  readonly isSecret?: boolean;
  /** Present: the finding is hidden and counts nowhere but in JSON and SARIF. */
  readonly suppressed?: Suppressed;
}

export interface Undetermined {
  readonly code: string;
  readonly resource: ResourceName;
  readonly at: Origin;
  readonly because: string;
}

export interface Summary {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly suppressed: number;
  readonly undetermined: number;
  readonly files: number;
  readonly resources: number;
  /** False exactly where something could not be read. */
  readonly complete: boolean;
}

/** What a report needs to know of a rule. */
export interface RuleInfo {
  readonly code: string;
  readonly group: string;
  readonly severity: Severity;
  readonly profile: Profile;
  readonly title: string;
  readonly help: string;
  readonly why: string;
  readonly solutions: readonly string[];
  readonly docs: string;
}

/** One run of `lint`, sorted: the same input gives the same output, byte for byte. */
export interface Run {
  readonly tool: { readonly name: string; readonly version: string };
  readonly summary: Summary;
  readonly findings: readonly Finding[];
  /** Filled only when asked for; the summary always counts them. */
  readonly undetermined: readonly Undetermined[];
  readonly diagnostics: readonly Diagnostic[];
  /** Every rule of the catalogue in code order, for formats that describe their rules. */
  readonly rules: readonly RuleInfo[];
}
