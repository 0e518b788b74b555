/** What programs that use the library give and get: the options of the command line, and JSON version 1 as `-f json` prints it. */
export type Severity = 'error' | 'warning' | 'note';
/** As the options of the command line that have the same meaning; paths are relative to `cwd`. */
export interface InspectOptions {
    /** Working directory; left out, that of the process. */
    readonly cwd?: string;
    /** The configuration; left out, what is found from `cwd` upwards; false: none. */
    readonly config?: string | false;
    /** Folders of own rules, beside those of the configuration. */
    readonly rules?: readonly string[];
    /** Terraform variable files, for every root module. */
    readonly variableFiles?: readonly string[];
    /** Terraform variables by name; what is no text is read as JSON. */
    readonly variables?: Readonly<Record<string, unknown>>;
    /** Parameter files of ARM and Bicep, instead of those that lie beside the templates. */
    readonly parameterFiles?: readonly string[];
    /** Texts by path that stand for what is on the disk, or for what is not there: what an editor has not saved. */
    readonly files?: Readonly<Record<string, string>>;
}
export interface LintOptions extends InspectOptions {
    readonly profile?: 'recommended' | 'strict';
    /** Only these rules. */
    readonly only?: readonly string[];
    /** Without these rules. */
    readonly skip?: readonly string[];
    /** By the code of a rule. */
    readonly severity?: Readonly<Record<string, Severity | 'off'>>;
    /** A file of findings that are known. */
    readonly baseline?: string;
    /** Only what concerns files changed since a git revision. */
    readonly changedSince?: string;
    /** Only what a git revision does not have. */
    readonly newSince?: string;
    /** False: what comments suppress counts. */
    readonly inlineSuppressions?: boolean;
    /** List what could not be decided. */
    readonly showUndetermined?: boolean;
    /** Of messages; left out, English. */
    readonly language?: 'en' | 'ja';
}
export interface LintResult {
    readonly version: 1;
    readonly tool: {
        readonly name: string;
        readonly version: string;
    };
    readonly summary: Summary;
    /** By file, line, column and code. */
    readonly findings: readonly Finding[];
    /** Empty without `showUndetermined`. */
    readonly undetermined: readonly Undetermined[];
    readonly diagnostics: readonly Diagnostic[];
}
export interface Summary {
    readonly errors: number;
    readonly warnings: number;
    readonly notes: number;
    /** Findings that are hidden; they count nowhere else. */
    readonly suppressed: number;
    readonly undetermined: number;
    readonly files: number;
    readonly resources: number;
    /** False exactly where something could not be read. */
    readonly complete: boolean;
}
export interface Finding {
    readonly code: string;
    readonly severity: Severity;
    readonly message: string;
    readonly help: string;
    /** Such as `azure-vm`. */
    readonly solutions: readonly string[];
    readonly resource: ResourceName;
    readonly location: Location;
    readonly related: readonly Related[];
    /** Of code, address and property; stays when files move. */
    readonly fingerprint: string;
    /** The page of the rule; own rules have none. */
    readonly docs?: string;
    /** There only where the finding is hidden. */
    readonly suppressed?: {
        readonly reason?: string;
        readonly until?: string;
        readonly baseline?: true;
    };
}
export interface Undetermined {
    readonly code: string;
    readonly resource: ResourceName;
    readonly location: Location;
    readonly because: string;
}
/** Of the run itself: what could not be read. */
export interface Diagnostic {
    readonly severity: Severity;
    readonly code: string;
    readonly message: string;
    readonly help?: string;
    readonly location: Location;
    readonly related?: readonly Related[];
}
export interface ResourceName {
    readonly address: string;
    readonly type: string;
    readonly name: string;
}
export interface Related {
    readonly message: string;
    readonly location: Location;
}
export type Location = FileLocation | ResourceLocation;
/** 1-based, columns in UTF-16 units, the end exclusive; the file relative to the root of the repository, else to `cwd`. */
export interface FileLocation {
    readonly file: string;
    readonly startLine: number;
    readonly startColumn: number;
    readonly endLine: number;
    readonly endColumn: number;
}
/** Of a live resource. */
export interface ResourceLocation {
    readonly resourceId: string;
    readonly path: string;
}
export interface InspectResult {
    readonly version: 1;
    readonly resources: readonly InspectedResource[];
    /** What rules judge, by subject: `vaults`, `policies`, `protectedItems`, `datasources` and others. */
    readonly model: Readonly<Record<string, readonly (Readonly<Record<string, Value>> & {
        readonly address: string;
    })[]>>;
    readonly modules: readonly {
        readonly source: string;
        readonly resolved: boolean;
        readonly location: Location;
    }[];
    readonly diagnostics: readonly Diagnostic[];
}
export interface InspectedResource {
    readonly address: string;
    readonly language: 'terraform' | 'plan' | 'state' | 'bicep' | 'arm' | 'live';
    /** ARM type, or the azurerm type where there is none. */
    readonly type: string;
    readonly terraformType?: string;
    readonly apiVersion?: string;
    readonly name: Value;
    readonly presence: 'present' | 'maybe';
    readonly existing: boolean;
    readonly location: Location;
    readonly body: Value;
}
/** JSON, in which `$unknown`, `$symbol`, `$oneOf` and `$secret` stand for what is not known or not shown. */
export type Value = null | boolean | number | string | readonly Value[] | {
    readonly [name: string]: Value;
};
