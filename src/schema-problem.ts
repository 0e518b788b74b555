/** What a schema finds wrong in a file that people write -> where, and a sentence for them. */
import { nearestOf } from './usage.ts';

export interface Problem {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Record<string, unknown>;
  readonly parentSchema?: { readonly properties?: Record<string, unknown>; readonly description?: string };
}

export interface Told {
  readonly path: readonly (string | number)[];
  /** The key that does not belong there. */
  readonly key: string | undefined;
  readonly message: string;
}

/** What tells most; of what says as much, the first. */
export function worstOf(problems: readonly Problem[]): Told {
  const [problem] = [...problems].sort((a, b) => rank(a) - rank(b));
  const path = pathOf(problem!.instancePath);
  const key = problem!.params['additionalProperty'];
  return { path, key: typeof key === 'string' ? key : undefined, message: messageFor(problem!, path) };
}

function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** What tells most comes first: a key that does not exist, then a value that is none of several. */
function rank({ keyword }: Problem): number {
  return ['additionalProperties', 'enum', 'required', 'pattern', 'type'].indexOf(keyword) + 1 || 9;
}

function messageFor(problem: Problem, path: readonly (string | number)[]): string {
  const name = path.length === 0 ? 'the file' : `"${path.join('.')}"`;
  const { params } = problem;
  switch (problem.keyword) {
    case 'additionalProperties': {
      const known = Object.keys(problem.parentSchema?.properties ?? {}).filter((key) => key !== '$schema');
      const near = nearestOf(String(params['additionalProperty']), known);
      const hint = near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`;
      return `there is no key "${String(params['additionalProperty'])}" in ${name}; ${hint}`;
    }
    case 'enum':
      return `${name} is one of ${(params['allowedValues'] as unknown[]).join(', ')}.`;
    case 'required':
      return `${name} needs "${String(params['missingProperty'])}".`;
    case 'pattern':
      return `${name} is not written as it is read: ${problem.parentSchema?.description ?? String(params['pattern'])}`;
    case 'type':
      return `${name} must be ${typeWords(params['type'])}.`;
    case 'minimum':
      return `${name} is at least ${String(params['limit'])}.`;
    case 'maximum':
      return `${name} is at most ${String(params['limit'])}.`;
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return `${name} must not be empty.`;
    case 'maxLength':
      return `${name} has at most ${String(params['limit'])} characters.`;
    case 'uniqueItems':
      return `${name} names something twice.`;
    default:
      return `${name} is not right.`;
  }
}

function typeWords(types: unknown): string {
  const words: Record<string, string> = {
    array: 'a list',
    object: 'a map',
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
  };
  return [types]
    .flat()
    .map((type) => words[String(type)] ?? `of type ${String(type)}`)
    .join(' or ');
}
