/** The library: `lint` and `inspect` for other programs. It prints nothing, and wrong options or configuration are a UsageError. */
import { createRequire } from 'node:module';
import type { InspectOptions, InspectResult, LintOptions, LintResult } from './public.ts';

export type * from './public.ts';

declare const __VERSION__: string;

/** Wrong options or configuration, where the command line would end in 2; the message says what. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** Lints files and folders; none: the working directory. */
export async function lint(paths: string | readonly string[] = [], options: LintOptions = {}): Promise<LintResult> {
  return taken((await running()).lintPaths(listOf(paths), options, __VERSION__));
}

/** What the linter sees: resources as evaluated, and the model that rules judge. */
export async function inspect(
  paths: string | readonly string[] = [],
  options: InspectOptions = {},
): Promise<InspectResult> {
  return taken((await running()).inspectPaths(listOf(paths), options));
}

function listOf(paths: string | readonly string[]): readonly string[] {
  return typeof paths === 'string' ? [paths] : paths;
}

/** The same program as the command's. */
function running(): ReturnType<typeof import('./main.ts')['library']> {
  return (createRequire(import.meta.url)('./main.cjs') as typeof import('./main.ts')).library();
}

async function taken<T>(answer: Promise<{ readonly result: T } | { readonly wrong: string }>): Promise<T> {
  const given = await answer;
  if ('wrong' in given) throw new UsageError(given.wrong);
  return given.result;
}
