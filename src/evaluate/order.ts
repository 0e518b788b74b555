/**
 * What is made before what. Takes steps that say what they need directly; tells whether one waits for another. Names in an
 * expression count as needed whether its value uses them or not, as Terraform and Bicep see it.
 */
import type { Call, Expression } from '../parse/expression.ts';

/** A resource, a deployment, or a value on the way between them. */
export interface Step {
  /** The deployment that it is a part of, which is done only when all its parts are. */
  readonly encloser: Step | undefined;
  /** `open`: it may need more than can be told. */
  needs(): { readonly steps: readonly Step[]; readonly open: boolean };
}

/** Enough for every configuration written by people. */
const mostSteps = 20_000;

/** Whether a step is taken only after another one; undefined where that cannot be told. */
export function waitsFor(step: Step, other: Step): boolean | undefined {
  const around = new Set<Step>();
  for (let each: Step | undefined = step; each; each = each.encloser) around.add(each);
  const goals = new Set<Step>();
  for (let each: Step | undefined = other; each && !around.has(each); each = each.encloser) goals.add(each);
  const seen = new Set(around);
  let open = false;
  // What is added on the way is visited too.
  for (const each of seen) {
    if (goals.has(each)) return true;
    if (seen.size > mostSteps) return undefined;
    const { steps, open: more } = each.needs();
    open ||= more;
    for (const next of steps) seen.add(next);
  }
  return open ? undefined : false;
}

/** Every name in an expression with the plain keys that follow it: `module.roles.ids` as three words. */
export function namesIn(expression: Expression, found: string[][] = []): string[][] {
  const chain = chainOf(expression);
  if (chain) found.push(chain);
  else for (const part of partsOf(expression)) namesIn(part, found);
  // Keys may be expressions anywhere in a chain.
  if (chain)
    for (let each = expression; each.kind === 'access'; each = each.of)
      if (each.key.kind !== 'literal') namesIn(each.key, found);
  return found;
}

/** Every call in an expression. */
export function callsIn(expression: Expression, found: Call[] = []): Call[] {
  if (expression.kind === 'call') found.push(expression);
  for (const part of partsOf(expression)) callsIn(part, found);
  return found;
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'access':
      return [expression.of, expression.key];
    case 'splat':
      return [expression.of, expression.each];
    case 'template':
      return expression.parts.filter((part) => typeof part !== 'string');
    case 'call':
      return expression.of ? [expression.of, ...expression.args] : expression.args;
    case 'operation':
      return expression.operands;
    case 'conditional':
      return [expression.condition, expression.then, expression.otherwise];
    case 'list':
      return expression.items.map(({ value }) => value);
    case 'object':
      return expression.entries.flatMap(({ key, value }) => (key ? [key, value] : [value]));
    case 'for':
      return [expression.of, expression.key, expression.value, expression.condition].filter(
        (part) => part !== undefined,
      );
    case 'lambda':
      return [expression.body];
    default:
      return [];
  }
}

/** The words of a chain that begins with a name, up to the first key that is computed. */
function chainOf(expression: Expression): string[] | undefined {
  if (expression.kind === 'name') return [expression.name];
  if (expression.kind !== 'access') return undefined;
  const of = chainOf(expression.of);
  if (!of) return undefined;
  const { key } = expression;
  // A number counts instances, which are all alike here.
  return key.kind === 'literal' && typeof key.value === 'string' ? [...of, key.value] : of;
}
