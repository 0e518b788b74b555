/**
 * JSON of a template -> values.
 * Takes nodes and the names in force; gives values that carry the place of their literal. Names come from the scope of the
 * environment as `parameters:x`, `variables:x`, `copyIndex:x` (in lower case) and, in lambdas, by themselves.
 * Copy loops inside of values are unrolled here; those of resources are the template's.
 */
import { parseArmString } from '../../parse/arm-expression.ts';
import type { Call, Expression } from '../../parse/expression.ts';
import { memberOf, parseJson } from '../../parse/json.ts';
import type { JsonNode, JsonString } from '../../parse/json-tree.ts';
import type { Log } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Source, Span } from '../../source/source.ts';
import {
  type Budget,
  type BuiltIn,
  binary,
  type Environment,
  evaluate,
  type Form,
  type Language,
} from '../evaluate.ts';
import {
  bool,
  failure,
  force,
  isScalar,
  type List,
  list,
  type Member,
  nothing,
  number,
  numberText,
  type Obj,
  object,
  oneOf,
  reasonOf,
  unknown,
  type Value,
  written,
} from '../value.ts';
import { bounded, formsWith, functionsWith } from './functions.ts';
import type { TemplateArray, TemplateNode, TemplateObject } from './tree.ts';

/** Levels of expressions and JSON that are open at one point, all parameters and variables on the way included. */
const levels = 400;

/** The language of one template: what all have in common, and the functions and forms that are its own. */
export function armLanguage(
  functions: ReadonlyMap<string, BuiltIn>,
  own: ReadonlyMap<string, Form> = new Map(),
): Language {
  return {
    name: 'arm',
    foldKeys: true,
    strictEquality: true,
    functions: functionsWith(named, functions),
    forms: formsWith(own),
  };
}

const named: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ['parameters', (args, call, env) => lookUp('parameters', args, call, env)],
  ['variables', (args, call, env) => lookUp('variables', args, call, env)],
  ['copyIndex', copyIndex],
]);

function lookUp(space: string, args: readonly Value[], call: Call, env: Environment): Value {
  const [name] = args;
  if (name?.kind === 'one-of') {
    const values = name.values.map((candidate) => lookUp(space, [force(candidate)], call, env));
    return oneOf(values.map(force), call);
  }
  if (name?.kind !== 'string')
    return name && !isScalar(name)
      ? unknown(reasonOf(name) ?? `the name is not known`, call)
      : failure(`${space}() needs a name`, call);
  return (
    env.scope.get(`${space}:${name.value.toLowerCase()}`, call) ??
    failure(`there is no "${name.value}" in ${space} here`, call)
  );
}

/** `copyIndex()`, `copyIndex('loop')`, each with an offset after it. */
function copyIndex(args: readonly Value[], call: Call, env: Environment): Value {
  const loop = args[0]?.kind === 'string' ? args[0].value.toLowerCase() : '';
  const offset = args[0]?.kind === 'string' ? args[1] : args[0];
  const index = env.scope.get(`copyIndex:${loop}`, call);
  if (!index)
    return failure(
      loop === ''
        ? 'copyIndex() stands outside of a loop'
        : `there is no loop "${args[0]?.kind === 'string' ? args[0].value : ''}" around it`,
      call,
    );
  return offset ? binary('+', index, offset, call, env) : index;
}

/** Names in front of a scope; `copyIndex()` without a name is the nearest resource loop's, else the nearest loop's. */
export function looped(env: Environment, loop: string, index: Value, resource: boolean): Environment {
  const outer = env.scope;
  const own = `copyIndex:${loop.toLowerCase()}`;
  return {
    ...env,
    scope: {
      get: (name, at) => {
        if (name === own) return index;
        if (name === 'copyIndex:') return resource ? index : (outer.get(name, at) ?? index);
        return outer.get(name, at);
      },
    },
  };
}

interface Read {
  readonly expression: Expression;
  /** Levels of it. */
  readonly height: number;
}

/** Evaluates the nodes of one configuration; an expression is parsed once, however often it is evaluated. */
export class Nodes {
  readonly #log: Log;
  readonly #read = new WeakMap<JsonString, Read>();
  readonly #told = new Set<string>();
  readonly #data = new Map<Source, JsonNode | undefined>();
  #level = 0;
  /** It has been told that the steps are used up, and that something is too deep. */
  #exhaustion = false;
  #depth = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Tells something about a place, once. */
  tell(code: string, severity: 'error' | 'warning' | 'note', message: string, at: Span, help?: string): void {
    const key = `${code} ${at.source.file} ${at.start}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#log.push({ code, severity, message, at, ...(help !== undefined && { help }) });
  }

  value(node: TemplateNode, env: Environment): Value {
    env.budget.steps++;
    if (this.#exhausted(node, env)) return unknown('the evaluation takes too many steps', node);
    switch (node.kind) {
      case 'word':
        return node.value === null ? nothing(node) : bool(node.value, node);
      case 'number': {
        const safe = Number.isSafeInteger(node.value) || !/^-?\d+$/.test(node.digits);
        return safe ? number(node.value, node) : { ...number(node.value, node), digits: node.digits };
      }
      case 'string':
        return this.#text(node, env);
      case 'expression':
        return this.deeper(1, node, () => {
          const value = evaluate(node.expression, env);
          // A resource that is passed on whole stays one.
          return value.kind === 'lazy' ? value : bounded(value, node);
        });
      case 'array':
        return this.deeper(1, node, () =>
          bounded(
            list(
              node.items.map((item) => this.value(item, env)),
              node,
            ),
            node,
          ),
        );
      case 'object':
        return this.deeper(1, node, () => bounded(this.object(node, env), node));
    }
  }

  /** A file of data, parsed once; undefined where it has a syntax error, which is told. */
  json(source: Source): JsonNode | undefined {
    if (!this.#data.has(source)) {
      const from = this.#log.length;
      const { root } = parseJson(source, this.#log);
      const failed = this.#log.slice(from).some(({ severity }) => severity === 'error');
      this.#data.set(source, failed ? undefined : root);
    }
    return this.#data.get(source);
  }

  /** An expression of a Bicep file that stands where a template has no member of its own. */
  expression(expression: Expression, env: Environment): Value {
    const { source, start, end } = expression;
    return this.value({ kind: 'expression', expression, source, start, end }, env);
  }

  #exhausted(node: Span, env: Environment): boolean {
    if (env.budget.steps <= limits.steps) return false;
    this.#tellExhaustion(node);
    return true;
  }

  #tellExhaustion(node: Span): void {
    if (!this.#exhaustion)
      this.tell(
        'arm-too-much-work',
        'error',
        'evaluating this template takes too many steps, so what follows was not looked at',
        node,
        'Split the template, or make its loops smaller.',
      );
    this.#exhaustion = true;
  }

  /** Tells that expressions were given up, where nothing else has told it. */
  tellExceeded({ exceeded, steps }: Budget): void {
    if (exceeded && steps > limits.steps) this.#tellExhaustion(exceeded.at);
    else if (exceeded && !this.#depth) this.#tellDepth(exceeded.at);
  }

  #tellDepth(node: Span): void {
    this.#depth = true;
    this.tell(
      'arm-too-deep',
      'error',
      'what stands here depends on too many other parameters, variables and calls, one through another',
      node,
      'Shorten the chain of variables.',
    );
  }

  /** The members of an object, but those that `omit` names in lower case. */
  object(node: TemplateObject, env: Environment, omit?: ReadonlySet<string>): Obj {
    const members = new Map<string, Member>();
    let open = false;
    for (const member of node.members) {
      let name = member.key.value;
      if (omit?.has(name.toLowerCase())) continue;
      if (name.startsWith('[')) {
        const key = force(this.#text(member.key, env));
        if (!isScalar(key)) {
          open = true;
          continue;
        }
        name = key.kind === 'number' ? numberText(key) : String(key.value);
      }
      if (member.key.value.toLowerCase() === 'copy' && isLoops(member.value))
        open = this.#loops(member.value, env, members) || open;
      else members.set(name, { value: this.value(member.value, env), at: member.value });
    }
    return { ...object(members, node), ...(open && { open }) };
  }

  /** The list that a loop makes of its `input`; a loop that cannot be counted makes an open list. */
  loop(node: TemplateObject, name: string, env: Environment): Value {
    const count = memberOf(node, 'count')?.value;
    const input = memberOf(node, 'input')?.value;
    if (!count || !input) {
      this.tell(
        'arm-incomplete-copy',
        'warning',
        `this loop has no "${count ? 'input' : 'count'}", so Azure refuses the template`,
        node,
        'Write {"name": ..., "count": ..., "input": ...}.',
      );
      return unknown('the loop is not complete', node);
    }
    const times = force(this.value(count, env));
    const unrolled = (n: number): List =>
      list(
        Array.from({ length: n }, (_, i) => this.value(input, looped(env, name, number(i, node), false))),
        node,
      );
    const counts = countsOf(times);
    if (!counts || Math.max(...counts) > limits.armCopies) return { ...list([], node), open: true };
    return bounded(oneOf(counts.map(unrolled), node), node);
  }

  /** `copy: [{name, count, input}]` inside of an object; returns whether more members may exist. */
  #loops(loops: TemplateArray, env: Environment, members: Map<string, Member>): boolean {
    let open = false;
    for (const node of loops.items) {
      if (node.kind !== 'object') continue;
      const nameNode = memberOf(node, 'name')?.value;
      const name = nameNode && force(this.value(nameNode, env));
      if (name?.kind !== 'string') {
        open = true;
        continue;
      }
      const at = memberOf(node, 'input')?.value ?? node;
      members.set(name.value, { value: this.loop(node, name.value, env), at });
    }
    return open;
  }

  #text(node: JsonString, env: Environment): Value {
    if (!node.value.startsWith('[')) return written(node.value, node);
    const read = this.#readText(node);
    const { expression, height } = read;
    const value = this.deeper(height, node, () => bounded(force(evaluate(expression, env)), node));
    this.#exhausted(node, env);
    return value;
  }

  /** What a text spells that is an expression. */
  spelt(node: JsonString): Expression | undefined {
    return node.value.startsWith('[') ? this.#readText(node).expression : undefined;
  }

  #readText(node: JsonString): Read {
    let read = this.#read.get(node);
    if (!read) {
      const expression = parseArmString(node, this.#log);
      read = { expression, height: heightOf(expression) };
      this.#read.set(node, read);
    }
    return read;
  }

  /** The expression that a node holds; undefined where it is a plain value. */
  parsed(node: TemplateNode): Expression | undefined {
    if (node.kind === 'expression') return node.expression;
    return node.kind === 'string' && node.value.startsWith('[') ? this.#readText(node).expression : undefined;
  }

  /** Work that goes so many levels down; each may take several calls, so that their sum is bounded. */
  deeper(height: number, node: Span, work: () => Value): Value {
    if (this.#level + height > levels) {
      this.#tellDepth(node);
      return unknown('it depends on too long a chain of other values', node);
    }
    this.#level += height;
    try {
      return work();
    } finally {
      this.#level -= height;
    }
  }
}

/** How often a loop may run; undefined where that is not known. */
export function countsOf(value: Value): number[] | undefined {
  const counts: number[] = [];
  for (const candidate of value.kind === 'one-of' ? value.values.map(force) : [value]) {
    const count =
      candidate.kind === 'number'
        ? candidate.value
        : candidate.kind === 'string' && /^\d+$/.test(candidate.value)
          ? Number(candidate.value)
          : Number.NaN;
    if (!Number.isInteger(count) || count < 0) return undefined;
    counts.push(count);
  }
  return counts;
}

/** Told from a property that happens to be called "copy" by its shape. */
function isLoops(node: TemplateNode): node is TemplateArray {
  return (
    node.kind === 'array' &&
    node.items.length > 0 &&
    node.items.every((item) => item.kind === 'object' && memberOf(item, 'count') && memberOf(item, 'name'))
  );
}

/** The parser bounds it, so the walk may recurse. */
function heightOf(expression: Expression): number {
  switch (expression.kind) {
    case 'call':
      return 1 + Math.max(0, ...expression.args.map(heightOf));
    case 'access':
      return 1 + Math.max(heightOf(expression.of), heightOf(expression.key));
    case 'lambda':
      return 1 + heightOf(expression.body);
    default:
      return 1;
  }
}
