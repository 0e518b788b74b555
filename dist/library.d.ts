import type { InspectOptions, InspectResult, LintOptions, LintResult } from './public.js';
export type * from './public.js';
/** Wrong options or configuration, where the command line would end in 2; the message says what. */
export declare class UsageError extends Error {
    readonly name: string;
}
/** Lints files and folders; none: the working directory. */
export declare function lint(paths?: string | readonly string[], options?: LintOptions): Promise<LintResult>;
/** What the linter sees: resources as evaluated, and the model that rules judge. */
export declare function inspect(paths?: string | readonly string[], options?: InspectOptions): Promise<InspectResult>;
