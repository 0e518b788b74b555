/** HCL as Terraform evaluates it: the functions, the forms, and what its operators and conditionals do of their own. */
import type { Call } from '../../parse/expression.ts';
import type { Span } from '../../source/source.ts';
import { type Environment, evaluate, type Form, type Language } from '../evaluate.ts';
import {
  bool,
  failure,
  force,
  isKnown,
  isScalar,
  number,
  oneOf,
  reasonOf,
  secret,
  symbol,
  unknown,
  type Value,
} from '../value.ts';
import { functionsFor } from './functions.ts';
import { type FileAccess, parseTemplate, render } from './functions-files.ts';
import { compareNumbers, compute } from './number.ts';
import { failureIn } from './signature.ts';
import { boolType, convert, isFailure, numberType, sameType, stringType, typeOf, unify } from './types.ts';

export function terraformLanguage(files: FileAccess): Language {
  const forms: [string, Form][] = [
    ['try', attempt],
    ['can', succeeds],
    ['templatestring', templateString],
  ];
  return {
    name: 'terraform',
    foldKeys: false,
    strictEquality: true,
    functions: functionsFor(files),
    forms: new Map(forms.flatMap(([name, form]) => [[name, form] as const, [`core::${name}`, form] as const])),
    operate,
    unify: unifyBranches,
    marksOwn: true,
  };
}

/** The value of the first argument that is no error; an undecided one may still become an error, so the next may follow. */
function attempt(call: Call, env: Environment): Value {
  const candidates: Value[] = [];
  for (const argument of call.args) {
    const value = evaluate(argument, env);
    if (failureIn(value)) continue;
    candidates.push(value);
    if (value.kind !== 'unknown') break;
  }
  return candidates.length === 0 ? failure('try(): every argument is an error', call) : oneOf(candidates, call);
}

function succeeds(call: Call, env: Environment): Value {
  const [argument] = call.args;
  if (!argument || call.args.length > 1) return failure('can() takes one argument', call);
  const value = force(evaluate(argument, env));
  if (failureIn(value)) return bool(false, call);
  if (value.kind === 'symbol') return symbol(`can(${value.text})`, value.because, call);
  return value.kind === 'unknown' ? unknown(value.because, call) : bool(true, call);
}

/** The template must come from elsewhere: a reference, not a text with holes of its own. */
function templateString(call: Call, env: Environment): Value {
  const [reference, variables] = call.args;
  if (!reference || !variables || call.args.length > 2) return failure('templatestring() takes two arguments', call);
  if (reference.kind !== 'name' && reference.kind !== 'access')
    return failure('templatestring() takes a reference to a template', call);
  const template = force(evaluate(reference, env));
  const members = force(evaluate(variables, env));
  for (const value of [template, members])
    if (!isKnown(value) && value.kind !== 'object')
      return isFailure(value) ? value : unknown(reasonOf(value) ?? 'the template is not known', call);
  if (template.kind !== 'string') return failure('templatestring() takes a string', call);
  if (members.kind !== 'object') return failure('templatestring() takes an object of variables', call);
  const parsed = parseTemplate('template', template.value);
  if (!parsed) return failure('the template could not be read', call);
  const rendered = convert(render(parsed, members, call, env), stringType, () => template);
  if (rendered.kind === 'null') return failure('the template gives null', call);
  return template.secret ? secret(rendered) : rendered;
}

/** Arithmetic with Terraform's numbers; strings that say a number or a truth count as one. `==` never converts. */
function operate(operator: string, operands: readonly Value[], at: Span): Value | undefined {
  const [a, b] = operands;
  if (operator === '==' || operator === '!=') {
    if (a!.kind === 'null' || b!.kind === 'null' || !isKnown(a!) || !isKnown(b!)) return undefined;
    if (a!.kind === 'number' && b!.kind === 'number')
      return bool((compareNumbers(a!, b!) === 0) === (operator === '=='), at);
    return sameType(typeOf(a!), typeOf(b!)) ? undefined : bool(operator === '!=', at);
  }
  if (operands.some((operand) => !isScalar(operand))) {
    if (operands.some((operand) => operand.kind === 'null' || operand.kind === 'list' || operand.kind === 'object'))
      return failure(`"${operator}" does not take null, lists or objects`, at);
    return undefined;
  }
  if (operator === '!') {
    const truth = convert(a!, boolType, () => a!);
    return truth.kind === 'bool' ? bool(!truth.value, at) : failure('"!" needs true or false', at);
  }
  const x = convert(a!, numberType, () => a!);
  const y = b ? convert(b, numberType, () => b) : number(-1, at);
  if (x.kind !== 'number' || y.kind !== 'number') return failure(`"${operator}" needs numbers`, at);
  // -x is x times -1, so that -0 stays what Terraform prints.
  return compute(b ? operator : '*', x, y, at);
}

/** Both branches of a conditional have one type; a mark on either marks the result. */
function unifyBranches(taken: Value, other: Value, at: Span): Value {
  // A resource or a module is looked up member by member: it has no type to convert to, and forcing it costs.
  if (taken.kind === 'lazy' || other.kind === 'lazy') return taken;
  if (failureIn(taken) || failureIn(other)) return taken;
  const type = unify([typeOf(taken), typeOf(other)]);
  if (!type) return failure('the branches of the conditional are not of one type', at);
  const converted = convert(taken, type, () => taken);
  return other.secret ? secret(converted) : converted;
}
