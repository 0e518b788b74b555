export function ruleFiles(): string[];
export function compileRules(): unknown[];
export function compileSolutions(): unknown[];
export function generated(): Record<string, string>;
export function compileSentences(): Record<string, [english: string, other: string][]>;
