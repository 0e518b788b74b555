/** The RE2 engine, loaded when the first regular expression is met: it is a third of the program and seldom needed. */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** In the bundle the path of its own file; elsewhere the package. */
declare const __REGEX__: string | undefined;

let engine: typeof RE2JS | undefined;

/** Throws for a pattern that is not right. */
export function compileRegex(pattern: string): RE2JS {
  engine ??= (
    createRequire(import.meta.url)(typeof __REGEX__ === 'string' ? __REGEX__ : 're2js') as { RE2JS: typeof RE2JS }
  ).RE2JS;
  return engine.compile(pattern);
}
