/** One resource as a front end sees it: evaluated, with its place, in its own language. */
import type { Origin } from '../source/source.ts';
import type { Obj, Value } from './value.ts';

export type LanguageName = 'terraform' | 'plan' | 'state' | 'bicep' | 'arm' | 'live';

export interface Resource {
  /** As the contract spells it per language; unique in its configuration. */
  readonly address: string;
  readonly language: LanguageName;
  /** `azurerm_x`, or `Microsoft.X/y` (all segments), as written. */
  readonly type: string;
  readonly apiVersion?: string | undefined;
  /** The Azure name; a slash name for ARM children. */
  readonly name: Value;
  readonly presence: 'present' | 'maybe';
  /** Canonical text of the condition under which it exists, where that is not known. */
  readonly guard?: string | undefined;
  /** Stands for an unknown number of instances. */
  readonly many?: boolean | undefined;
  /** A reference to something that exists elsewhere (`existing`, `data`): what it does not say is unknown, not absent. */
  readonly existing: boolean;
  /** Terraform: attributes and blocks (every block a list). ARM: the template entry. */
  readonly body: Obj;
  /** Where a finding about something missing stands: HCL head, JSON value of `name`. */
  readonly head: Origin;
  /** Steps from the configuration's root to here: module calls, nested deployments. */
  readonly calls: readonly { readonly at: Origin; readonly what: string }[];
  /** The subscription and resource group it is deployed to, as far as the code says. */
  readonly scope: { readonly subscription: Value; readonly resourceGroup?: Value | undefined };
  /** Terraform: what is known of the provider. */
  readonly provider?: Provider | undefined;
  /** ARM: parent template entry's full type and name parts are in `type` and `name`; extension scope here. */
  readonly extends?: Value | undefined;
  /** References that the resource itself makes, by address; for ordering rules. */
  readonly dependsOn?: readonly string[] | undefined;
}

/** A pinned provider: the lowest and highest version that the constraints and the lock file allow. */
export interface Provider {
  readonly name: string;
  readonly alias?: string | undefined;
  /** Where the constraint stands; undefined when nothing pins the version. */
  readonly at?: Origin | undefined;
  /** Major, minor, patch; exact when a lock file names it. */
  readonly atLeast?: readonly [number, number, number] | undefined;
  /** Exclusive. */
  readonly below?: readonly [number, number, number] | undefined;
  readonly exact?: readonly [number, number, number] | undefined;
}

/** A module or linked template that could not be looked into: it may hold more of anything. */
export interface OpaqueModule {
  readonly source: string;
  readonly at: Origin;
  readonly address: string;
  readonly because: string;
  /** The arguments as evaluated at the call. */
  readonly arguments: Obj;
  /** An error already says why, so no note is needed. */
  readonly told?: boolean | undefined;
}

/** Everything that one root module, or one template with one parameter file, declares. Judged alone. */
export interface Configuration {
  /** For people: the folder or file. */
  readonly name: string;
  readonly language: LanguageName;
  readonly resources: readonly Resource[];
  readonly opaque: readonly OpaqueModule[];
  readonly modules: readonly { readonly source: string; readonly resolved: boolean; readonly at: Origin }[];
  /** Where a finding about the configuration as a whole stands. */
  readonly at: Origin;
}
