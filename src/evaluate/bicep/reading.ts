/** A Bicep file -> what the evaluator takes of it, and what it says to people and tools. */
import { parseBicep } from '../../parse/bicep.ts';
import type { BicepFile } from '../../parse/bicep-tree.ts';
import type { Log } from '../../source/diagnostic.ts';
import type { Source, Span } from '../../source/source.ts';
import { compileBicep, compileParameters } from './compile.ts';
import { type BicepReading, type Remarks, syntaxError } from './templates.ts';

export const bicepReading: BicepReading = {
  template(source, log) {
    const { tree, broken } = parsed(source, log);
    return { source, remarks: remarksIn(tree, source), template: compileBicep(tree, source, log, broken) };
  },
  parameters(source, log) {
    const { tree, broken } = parsed(source, log);
    return { source, remarks: remarksIn(tree, source), assignments: compileParameters(tree, source, log, broken) };
  },
};

function parsed(source: Source, log: Log): { readonly tree: BicepFile; readonly broken: Span | undefined } {
  const from = log.length;
  const tree = parseBicep(source, log);
  return { tree, broken: syntaxError(log, from) };
}

function remarksIn({ comments, directives, declarations }: BicepFile, source: Source): Remarks {
  const starts = declarations.flatMap(({ decorators, start }) => [start, ...decorators.map((each) => each.start)]);
  return { comments, directives, firstStatement: Math.min(source.text.length, ...starts) };
}
