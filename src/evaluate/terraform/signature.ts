/**
 * What every Terraform function does before its own work: count and convert its arguments, refuse null,
 * and decide what becomes of arguments that are not known. Gives a BuiltIn for the table of a Language.
 */
import type { Call } from '../../parse/expression.ts';
import { limits } from '../../source/limits.ts';
import { type BuiltIn, deterministic, type Environment, hiddenBy } from '../evaluate.ts';
import {
  choiceOf,
  failure,
  isHuge,
  isKnown,
  isSecret,
  type List,
  type Obj,
  type OneOf,
  reasonOf,
  secret,
  unknown,
  type Value,
} from '../value.ts';
import { convert, isFailure, type TypeConstraint } from './types.ts';

export interface Definition {
  readonly takes: readonly TypeConstraint[];
  /** The type of any number of further arguments. */
  readonly rest?: TypeConstraint;
  /** Null is an argument like any other. */
  readonly nullable?: boolean;
  /** The function looks at unknown arguments itself; otherwise a call with one is only named. */
  readonly partly?: boolean;
  /** The marks of members stay on the members; only a marked argument marks the result. */
  readonly marksMembers?: boolean;
  readonly apply: (args: readonly Value[], call: Call, env: Environment) => Value;
}

/** Choices are followed one by one up to this many combinations. */
const combinations = 64;

export function define(definition: Definition): BuiltIn {
  const { takes, rest, nullable, marksMembers } = definition;
  return (args, call, env) => {
    if (args.length < takes.length) return failure(`${call.name}() needs at least ${takes.length} arguments`, call);
    if (args.length > takes.length && !rest) return failure(`${call.name}() takes ${takes.length} arguments`, call);
    const given: Value[] = [];
    for (const [i, argument] of args.entries()) {
      if (argument.kind === 'null' && !nullable) return failure(`argument ${i + 1} of ${call.name}() is null`, call);
      const broken = failureIn(argument);
      if (broken) return broken;
      const converted = convert(argument, takes[i] ?? rest!, (expression) => failure('no default', expression));
      if (isFailure(converted)) return failure(`argument ${i + 1} of ${call.name}(): ${reasonOf(converted)}`, call);
      given.push(converted);
    }
    const result = bounded(apply(definition, given, call, env), call);
    // The reason of an error may quote an argument.
    if (isFailure(result) && given.some(isSecret)) return secret(failure(`${call.name}() refuses a secret`, call));
    if (!marksMembers) return hiddenBy(given, result);
    return given.some((argument) => argument.secret) ? secret(result) : result;
  };
}

function apply(definition: Definition, args: readonly Value[], call: Call, env: Environment): Value {
  const choices = args.filter((argument): argument is OneOf => argument.kind === 'one-of');
  const count = choices.reduce((product, choice) => product * choice.values.length, 1);
  if (choices.length === 0 || count > combinations) {
    if (definition.partly || args.every(isKnown)) return definition.apply(args, call, env);
    return deterministic(call, args, 'its arguments are not known');
  }
  const chosen = args.findIndex((argument) => argument.kind === 'one-of');
  const results = choices[0]!.values.map((candidate) => {
    if (candidate.kind === 'null' && !definition.nullable)
      return failure(`an argument of ${call.name}() is null`, call);
    return apply(definition, args.with(chosen, candidate), call, env);
  });
  const fitting = results.filter((result) => !isFailure(result));
  return fitting.length === 0 ? results[0]! : choiceOf(choices[0]!, fitting, call);
}

/** Lists that are joined to themselves again and again would fill the memory. */
function bounded(result: Value, call: Call): Value {
  const size = result.kind === 'list' ? result.items.length : result.kind === 'object' ? result.members.size : 0;
  return size > limits.rangeItems ? unknown('the result has more members than this tool builds', call) : result;
}

const failures = new WeakMap<Value, { readonly found: Value | undefined }>();

/** An error anywhere inside a value; the value as a whole is an error then. */
export function failureIn(value: Value): Value | undefined {
  if (value.kind === 'unknown') return value.failed ? value : undefined;
  if (value.kind !== 'list' && value.kind !== 'object') return undefined;
  let known = failures.get(value);
  if (!known) {
    known = { found: isHuge(value) ? undefined : firstFailure(value) };
    failures.set(value, known);
  }
  return known.found;
}

function firstFailure(value: List | Obj): Value | undefined {
  if (value.kind === 'list') {
    for (const item of value.items) {
      const found = failureIn(item);
      if (found) return found;
    }
  }
  if (value.kind === 'object') {
    for (const member of value.members.values()) {
      const found = member.maybe ? undefined : failureIn(member.value);
      if (found) return found;
    }
  }
  return undefined;
}
