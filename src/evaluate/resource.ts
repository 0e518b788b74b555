/** One resource as a front end sees it: evaluated, with its place, in its own language. */
import type { Origin } from '../source/source.ts';
import type { RegistryName } from './bicep/references.ts';
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
  /** Bicep: where the first of its names is written, its parent's; ARM: its head. */
  readonly namedAt?: Origin | undefined;
  /** Steps from the configuration's root to here: module calls, nested deployments. */
  readonly calls: readonly { readonly at: Origin; readonly what: string }[];
  /** The subscription and resource group it is deployed to, as far as the code says. */
  readonly scope: { readonly subscription: Value; readonly resourceGroup?: Value | undefined };
  /** Terraform: what is known of the provider. */
  readonly provider?: Provider | undefined;
  /** Terraform: the address of the provider block that configures it; undefined where none is seen. */
  readonly configuredBy?: string | undefined;
  /** ARM: parent template entry's full type and name parts are in `type` and `name`; extension scope here. */
  readonly extends?: Value | undefined;
  /** azapi: the id of what it lies in; its own name is then only the last one of its id. */
  readonly parent?: Value | undefined;
  /** azapi: its whole id, where that is written instead. Live: its id. */
  readonly id?: Value | undefined;
  /** Seen as an ARM resource though Terraform calls it otherwise: `azapi_resource`. */
  readonly terraformType?: string | undefined;
  /** Says only what it changes of a resource that exists already. */
  readonly isPatch?: boolean | undefined;
  /** What azapi changes of it; where its body is ARM's, they are in that already. */
  readonly patches?: readonly { readonly by: Resource; readonly certain: boolean }[] | undefined;
  /** A plan: what will happen to it, and what it was before. */
  readonly change?: Change | undefined;
  /** Terraform: what its `lifecycle` block says of changes to it; undefined where it has none. */
  readonly lifecycle?: Lifecycle | undefined;
  /** Terraform: a provisioner runs commands that may do anything in Azure; undefined where the input does not say. */
  readonly runsCommands?: boolean | undefined;
  /** References that the resource itself makes, by address; for ordering rules. */
  readonly dependsOn?: readonly string[] | undefined;
  /**
   * Whether it is made only after the resource of that address, of the same configuration; undefined where that cannot be told.
   * Only of what protects something and of policies, and not in plans, states and live answers.
   */
  readonly waitsFor?: ((address: string) => boolean | undefined) | undefined;
}

/** Types of resources whose order is asked for: items, policies, and those of azapi, which may be anything. */
export const orderedTypes =
  /^(?:azurerm_backup_protected_|azurerm_backup_policy_|azurerm_data_protection_backup_(?:instance|policy)_|azapi_resource$|microsoft\.recoveryservices\/vaults\/backupfabrics\/protectioncontainers\/protecteditems$|microsoft\.dataprotection\/backupvaults\/backupinstances$)/i;

export interface Lifecycle {
  /** A replacement is made before the old one goes. */
  readonly createsFirst: boolean;
  /** Arguments whose changes are not carried out; `all` of them. */
  readonly ignores: readonly string[] | 'all';
  /** It is also replaced when something else changes. */
  readonly isTriggered: boolean;
}

/** Terraform: what `moved` and `removed` blocks say, addresses whole, without instance keys where they speak of every instance. */
export interface AddressChanges {
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  /** `destroys` is undefined where Terraform and OpenTofu do not agree. */
  readonly removed: readonly { readonly from: string; readonly destroys: boolean | undefined }[];
}

export interface Change {
  /** As the plan writes them: `create`, `update`, `delete` and `create`, `no-op`, `read`. */
  readonly actions: readonly string[];
  /** What exists now; undefined where nothing does. Evaluated when it is asked for. */
  readonly before: () => Obj | undefined;
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
  /** Of a module of a registry: the constraint on its version, as written. */
  readonly version?: string | undefined;
  /** The arguments as evaluated at the call. */
  readonly arguments: Obj;
  /** An error already says why, so no note is needed. */
  readonly told?: boolean | undefined;
  /** Of a module of Bicep: what its reference names, aliases resolved. */
  readonly registry?: RegistryName | undefined;
  /** Of a module call: what a resource in it would have. */
  readonly call?: Pick<Resource, 'presence' | 'guard' | 'many' | 'calls'> & {
    readonly subscription: Value;
    /** Bicep: the group that it is deployed to, and where that is. */
    readonly resourceGroup?: Value | undefined;
    readonly location?: Value | undefined;
  };
}

/** The one action of azurerm that touches backup (terraform notes 8.1); all others are read over. */
export const backupAction = 'azurerm_data_protection_backup_instance_protect';

/** An action of Terraform (1.14): it works beside the resources when something triggers it, or by hand. */
export interface Action {
  readonly address: string;
  readonly type: string;
  readonly presence: 'present' | 'maybe';
  /** What its `config` block says. */
  readonly body: Obj;
  readonly head: Origin;
  readonly calls: Resource['calls'];
  /** What runs it, in order; by hand alone where nothing does. */
  readonly triggers: readonly ActionTrigger[];
}

export interface ActionTrigger {
  readonly at: Origin;
  /** Address of the resource, without instance key. */
  readonly resource: string;
  /** Whether it runs the action; undefined where its condition, or whether the resource exists, is not known. */
  readonly runs: boolean | undefined;
}

/** A provider block of azurerm. */
export interface ProviderBlock {
  /** `provider.azurerm`, `module.m.provider.azurerm.alias`. */
  readonly address: string;
  /** Open where what is not written may come from elsewhere. Evaluated when it is asked for. */
  readonly body: () => Obj;
  readonly head: Origin;
  readonly calls: Resource['calls'];
}

/** What existed before a change, and what the change does: from a plan, or from two revisions of the same code. */
export interface Previous {
  /** What existed, of the types that are wanted. An address means the same resource before and after. */
  readonly resources: (wanted: (type: string, address: string) => boolean) => readonly Resource[];
  /** Actions that ran before, where that is known. */
  readonly actions?: readonly Action[] | undefined;
  /** By address; what is not among them stays as it is. */
  readonly steps: ReadonlyMap<string, Step>;
  /** Why more may have existed than is told, or more may happen; undefined where all is told. */
  readonly hidden: string | undefined;
}

export interface Step {
  /** `forget`: nothing tells of it any longer, and it stays in Azure; undefined where it is not known what happens. */
  readonly action: 'create' | 'update' | 'replace' | 'delete' | 'forget' | undefined;
  readonly type: string;
  /** Without an action: it stays and changes, in place or as a replacement. */
  readonly either?: boolean | undefined;
  /** Without an action: why it is not known. */
  readonly because?: string | undefined;
  /** Of a replacement: the new one is made before the old one goes. */
  readonly createsFirst?: boolean | undefined;
}

/** Of an audit of Azure: when it read, and what it could not read. */
export interface Live {
  /** Milliseconds since 1970. */
  readonly readAt: number;
  /**
   * Why facts of a kind (`items`, `disks`, ...) may be missing at a place, an id of anything in lower case: what it lies in, or what
   * lies in it, was not read. Everywhere for an empty place. undefined: all of them were read.
   */
  readonly unread: (what: string, place: string) => string | undefined;
  /** Whether vaults of subscriptions that are no part of the audit may protect what is. */
  readonly isPart: boolean;
  /** Where the configuration is a share of what was read: what lies in the others. */
  readonly around?:
    | {
        readonly hasVault: (kind: string, region: string) => boolean;
        /** Whether Backup vaults protect a datasource of the type, in lower case. */
        readonly protects: (type: string) => boolean;
        /** Whether that which is told once was told in a share before, for sure or, where this share is not sure, at all. */
        readonly isTold: (fact: string, isSure: boolean) => boolean;
      }
    | undefined;
}

/** Everything that one root module, or one template with one parameter file, declares. Judged alone. */
export interface Configuration {
  /** For people: the folder or file. */
  readonly name: string;
  readonly language: LanguageName;
  readonly resources: readonly Resource[];
  readonly opaque: readonly OpaqueModule[];
  /** Terraform: actions that touch backup. */
  readonly actions?: readonly Action[] | undefined;
  /** Terraform: provider blocks of azurerm. */
  readonly providers?: readonly ProviderBlock[] | undefined;
  /** Where the input tells: what existed before, and what happens to it. */
  readonly previous?: Previous | undefined;
  /** Terraform: which addresses mean something that had another one before, or are given up. */
  readonly addresses?: AddressChanges | undefined;
  /** Of a template: the parameter file that it is judged with. */
  readonly parameters?: string | undefined;
  readonly modules: readonly { readonly source: string; readonly resolved: boolean; readonly at: Origin }[];
  /** Terraform: files of the templates that it deploys; they are judged there. */
  readonly deploys?: readonly string[] | undefined;
  /** Of what exists, as Azure told it. */
  readonly live?: Live | undefined;
  /** Terraform: why it may be a module for others to call, and so only a part of what they declare. */
  readonly perhapsPart?: string | undefined;
  /** Where a finding about the configuration as a whole stands. */
  readonly at: Origin;
}
