/**
 * What can be said wrongly in data: for a rule or a solution every variant with one thing changed, with the name of the change.
 * Takes them as scripts/rules.mjs compiles them (numbers of limits put in) and as they are written (the limits' names).
 * Variants that say the same (one in words, another in brackets) come once.
 */

/** Keywords with a number, and the one that draws the line on its other side. */
const bounds = {
  minimum: 'exclusiveMinimum',
  maximum: 'exclusiveMaximum',
  exclusiveMinimum: 'minimum',
  exclusiveMaximum: 'maximum',
};
const counts = new Set([...Object.keys(bounds), 'multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems']);
/** Ways to values, which ask nothing themselves; a `required` loses its names one by one. */
const structure = new Set(['required', 'properties', 'items', 'contains', 'allOf', 'anyOf', 'if', 'then', 'else']);
/** What a word is changed to: nothing else is called so. */
const other = '(another)';

/**
 * Severity and profile are only ever printed, so they are left out; so are texts, and inputs of which the rule has no fixtures: what
 * plans and states give is shown by the estates and by fixtures derived from Terraform's.
 */
export function mutantsOfRule(rule, written, languages) {
  const seen = new Set([sameness(rule)]);
  const mutants = [];
  for (const { at, change, rule: mutant } of changesOfRule(rule, written, languages)) {
    const tidied = tidy(mutant);
    const key = sameness(tidied);
    if (seen.has(key)) continue;
    seen.add(key);
    mutants.push({ mutant: `${at}: ${change}`, rule: tidied });
  }
  return mutants;
}

function sameness({ when, checks, inputs, subjects }) {
  const parts = checks.map(({ when: own, require, ...check }) => [check, own && plainest(own), plainest(require)]);
  return JSON.stringify([when && plainest(when), parts, inputs, subjects]);
}

/** The same demands in the same words, however they are spread over `allOf`: what is asked for twice counts once. */
function plainest(condition) {
  const result = {};
  const beside = [];
  const put = (keyword, value) => {
    if (!(keyword in result)) result[keyword] = value;
    else if (keyword === 'required') result[keyword] = [...new Set([...result[keyword], ...value])].sort();
    else if (keyword === 'properties') {
      for (const [key, one] of Object.entries(value)) {
        const before = result[keyword][key];
        result[keyword] = { ...result[keyword], [key]: before ? plainest({ allOf: [before, one] }) : one };
      }
    } else if (JSON.stringify(result[keyword]) !== JSON.stringify(value)) beside.push({ [keyword]: value });
  };
  for (const [keyword, argument] of Object.entries(condition)) {
    if (keyword === 'if' || keyword === 'then' || keyword === 'else') continue;
    if (keyword === 'allOf') {
      for (const one of argument) for (const [inner, value] of Object.entries(plainest(one))) put(inner, value);
    } else if (keyword === 'properties')
      put(keyword, Object.fromEntries(Object.entries(argument).map(([key, one]) => [key, plainest(one)])));
    else if (keyword === 'anyOf') put(keyword, argument.map(plainest));
    else if (keyword === 'not' || keyword === 'items' || keyword === 'contains') put(keyword, plainest(argument));
    else if (keyword === 'required') put(keyword, [...argument].sort());
    else put(keyword, argument);
  }
  if (condition.if) {
    const { if: question, then = {}, else: otherwise = {} } = condition;
    put('if', [plainest(question), plainest(then), plainest(otherwise)]);
  }
  const keys = Object.keys(result).sort();
  const unique = [...new Map(beside.map((one) => [JSON.stringify(one), one])).values()];
  return {
    ...Object.fromEntries(keys.map((key) => [key, sorted(key, result[key])])),
    ...(unique.length > 0 && { also: unique }),
  };
}

function sorted(keyword, value) {
  return keyword === 'properties'
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
}

function* changesOfRule(rule, written, languages) {
  for (const list of ['inputs', 'subjects'])
    for (const one of rule[list])
      if (list === 'subjects' || languages.has(one))
        yield {
          at: list,
          change: `without ${one}`,
          rule: { ...rule, [list]: rule[list].filter((each) => each !== one) },
        };
  if (rule.when) {
    for (const { at, change, condition } of changesOf(rule.when, written.when, 'when'))
      yield { at, change, rule: { ...rule, when: condition } };
  }
  for (const [i, check] of rule.checks.entries()) {
    const withCheck = (changed) => ({ ...rule, checks: rule.checks.with(i, changed) });
    const at = `checks/${check.id}`;
    const own = written.checks[i];
    if (check.when) {
      for (const change of changesOf(check.when, own.when, `${at}/when`))
        yield { ...change, rule: withCheck({ ...check, when: change.condition }) };
    }
    for (const change of changesOf(check.require, own.require, `${at}/require`))
      yield { ...change, rule: withCheck({ ...check, require: change.condition }) };
    if (check.at) {
      const { at: _at, ...decided } = check;
      yield { at: `${at}/at`, change: 'dropped', rule: withCheck(decided) };
    }
    for (const [j, { path }] of (check.related ?? []).entries())
      yield {
        at: `${at}/related`,
        change: `without ${path}`,
        rule: withCheck({ ...check, related: check.related.toSpliced(j, 1) }),
      };
  }
}

/** Every condition with one change in it. `written` may name a limit where the compiled one has its value. */
function* changesOf(condition, written, path) {
  for (const [keyword, argument] of Object.entries(condition)) {
    const own = written?.[keyword];
    const at = `${path}/${keyword}`;
    const { [keyword]: _lost, ...kept } = condition;
    const replaced = (value) => ({ ...condition, [keyword]: value });
    const inner = (one, ownOne, step, put) =>
      map(changesOf(one, ownOne, `${at}${step}`), (change) => ({
        ...change,
        condition: replaced(put(change.condition)),
      }));
    if (!structure.has(keyword)) yield { at, change: 'dropped', condition: kept };
    switch (keyword) {
      case 'required':
        for (const key of argument)
          yield {
            at,
            change: `without ${key}`,
            condition: argument.length === 1 ? kept : replaced(argument.filter((each) => each !== key)),
          };
        break;
      case 'properties':
        for (const [key, one] of Object.entries(argument)) {
          yield* inner(one, own?.[key], `/${key}`, (changed) => ({ ...argument, [key]: changed }));
        }
        break;
      case 'allOf':
      case 'anyOf':
        for (const [i, one] of argument.entries()) {
          if (keyword === 'anyOf' && argument.length > 1)
            yield { at: `${at}/${i}`, change: 'dropped', condition: replaced(argument.toSpliced(i, 1)) };
          yield* inner(one, own?.[i], `/${i}`, (changed) => argument.with(i, changed));
        }
        break;
      case 'not':
        yield { at, change: 'asked without not', condition: { ...kept, allOf: [...(kept.allOf ?? []), argument] } };
        yield* inner(argument, own, '', (changed) => changed);
        break;
      case 'items':
      case 'contains':
      case 'if':
      case 'then':
      case 'else':
        yield* inner(argument, own, '', (changed) => changed);
        break;
      default:
        for (const { change, keyword: changed = keyword, value } of changesOfArgument(keyword, argument, own))
          yield { at, change, condition: { ...kept, [changed]: value } };
    }
  }
}

function* map(of, apply) {
  for (const one of of) yield apply(one);
}

function* changesOfArgument(keyword, argument, written) {
  const name = written?.$limit ? ` (${written.$limit}${written.percent ? `, ${written.percent} %` : ''})` : '';
  if (bounds[keyword])
    yield { change: `${shown(argument)}${name} as ${bounds[keyword]}`, keyword: bounds[keyword], value: argument };
  if (typeof argument === 'object' && !Array.isArray(argument)) return;
  if (keyword === 'enum') {
    for (const [i, one] of argument.entries())
      yield {
        change: `without ${shown(one)}${name}`,
        value: argument.length === 1 ? [other] : argument.toSpliced(i, 1),
      };
    // Of numbers, also the next ones beyond both ends.
    if (argument.every((one) => typeof one === 'number'))
      for (const one of [Math.min(...argument) - 1, Math.max(...argument) + 1])
        yield { change: `with ${one}${name}`, value: [...argument, one] };
  } else if (keyword === 'pattern')
    for (const { change, pattern } of changesOfPattern(argument)) yield { change, value: pattern };
  else if (typeof argument === 'number') {
    for (const value of [argument - 1, argument + 1])
      if (value >= 0 || !/^(?:min|max)(?:Length|Items)$/.test(keyword))
        yield { change: `${argument}${name} -> ${value}`, value };
  } else if (typeof argument === 'boolean') yield { change: `${argument} -> ${!argument}`, value: !argument };
  else if (!counts.has(keyword) && keyword !== 'type') yield { change: `${shown(argument)} -> ${other}`, value: other };
}

function shown(value) {
  return typeof value === 'object' ? (value.$data ?? JSON.stringify(value)) : String(value);
}

/** Without one alternative of a choice, without an anchor, with one letter fewer in a class of single letters. */
function* changesOfPattern(pattern) {
  if (pattern.startsWith('^')) yield { change: 'without ^', pattern: pattern.slice(1) };
  if (pattern.endsWith('$')) yield { change: 'without $', pattern: pattern.slice(0, -1) };
  for (const { start, end, alternatives } of choicesIn(pattern))
    for (const [i, one] of alternatives.entries())
      yield {
        change: `without the alternative ${one} at ${start}`,
        pattern: pattern.slice(0, start) + alternatives.toSpliced(i, 1).join('|') + pattern.slice(end),
      };
  for (const { 0: whole, 1: letters, index } of pattern.matchAll(/(?<!\\)\[([^\]\\^]+)\]/g))
    for (const { 0: range, index: at } of letters.matchAll(/.-.|./gu)) {
      const rest = letters.slice(0, at) + letters.slice(at + range.length);
      if (rest === '') continue;
      yield {
        change: `without ${range} in ${whole} at ${index}`,
        pattern: `${pattern.slice(0, index)}[${rest}]${pattern.slice(index + whole.length)}`,
      };
    }
}

/** Groups (and the whole) with alternatives. */
function choicesIn(pattern) {
  const choices = [];
  const open = [{ start: 0, cuts: [] }];
  let isClass = false;
  for (let i = 0; i <= pattern.length; i++) {
    const letter = pattern[i];
    if (letter === '\\') i++;
    else if (isClass) isClass = letter !== ']';
    else if (letter === '[') isClass = true;
    else if (letter === '(') {
      const [head] = /^\((?:\?(?:[:=!]|<[=!]))?/.exec(pattern.slice(i));
      i += head.length - 1;
      open.push({ start: i + 1, cuts: [] });
    } else if (letter === '|') open.at(-1).cuts.push(i);
    else if (letter === ')' || letter === undefined) {
      const { start, cuts } = open.pop();
      const ends = [...cuts, i];
      if (cuts.length > 0)
        choices.push({
          start,
          end: i,
          alternatives: ends.map((end, j) => pattern.slice(j ? ends[j - 1] + 1 : start, end)),
        });
    }
  }
  return choices;
}

/** What asks nothing any more is taken out, up to where it makes a difference. */
function tidy(rule) {
  const { when, ...rest } = rule;
  const checks = rest.checks.map(({ when: own, require, ...check }) => ({
    ...check,
    ...nonEmpty('when', own && tidied(own)),
    require: tidied(require),
  }));
  return { ...rest, ...nonEmpty('when', when && tidied(when)), checks };
}

function nonEmpty(key, condition) {
  return condition && Object.keys(condition).length > 0 ? { [key]: condition } : {};
}

function tidied(condition) {
  const result = {};
  for (const [keyword, argument] of Object.entries(condition)) {
    const isEmpty = (one) => Object.keys(one).length === 0;
    if (keyword === 'properties') {
      const kept = Object.entries(argument)
        .map(([key, one]) => [key, tidied(one)])
        .filter(([, one]) => !isEmpty(one));
      if (kept.length > 0) result[keyword] = Object.fromEntries(kept);
    } else if (keyword === 'allOf') {
      const kept = argument.map(tidied).filter((one) => !isEmpty(one));
      if (kept.length > 0) result[keyword] = kept;
    } else if (keyword === 'anyOf') {
      const kept = argument.map(tidied);
      if (kept.length > 0 && !kept.some(isEmpty)) result[keyword] = kept;
    } else if (keyword === 'items' || keyword === 'then' || keyword === 'else') {
      const kept = tidied(argument);
      if (!isEmpty(kept)) result[keyword] = kept;
    } else if (keyword === 'not' || keyword === 'contains' || keyword === 'if') result[keyword] = tidied(argument);
    else result[keyword] = argument;
  }
  if (result.if && !result.then && !result.else) delete result.if;
  return result;
}

/**
 * A solution as the matrix shows it, each number, word of a vocabulary and date changed. `vocabulary` has by the kind of place
 * (`tiers/value`) the words that stand there in any solution. Limits are not shown but read by rules; sentences are not data.
 */
export function* mutantsOfData(solution, vocabulary) {
  for (const { steps, value } of leavesOf(solution)) {
    for (const changed of changesOfLeaf(value, vocabulary.get(placeOf(steps)) ?? []))
      yield { mutant: `${steps.join('/')}: ${value} -> ${changed}`, solution: replacedIn(solution, steps, changed) };
  }
}

export function vocabularyOf(solutions) {
  const words = new Map();
  for (const solution of solutions)
    for (const { steps, value } of leavesOf(solution)) {
      const place = placeOf(steps);
      words.set(place, [...new Set([...(words.get(place) ?? []), value])]);
    }
  return words;
}

function placeOf(steps) {
  return steps.filter((step) => typeof step === 'string').join('/');
}

const notShownAsData = new Set(['id', 'en', 'ja', 'sources', 'limits']);

function* leavesOf(value, steps = []) {
  if (typeof value !== 'object' || value === null) yield { steps, value };
  else if (Array.isArray(value)) for (const [i, one] of value.entries()) yield* leavesOf(one, [...steps, i]);
  else
    for (const [key, one] of Object.entries(value)) if (!notShownAsData.has(key)) yield* leavesOf(one, [...steps, key]);
}

function changesOfLeaf(value, words) {
  if (typeof value === 'number') return [value - 1, value + 1];
  if (typeof value === 'boolean') return [!value];
  if (/^PT?\d+[DHWMY]$/.test(value))
    return [-1, 1].map((step) => value.replace(/\d+/, (digits) => Number(digits) + step));
  const another = words.find((word) => word !== value && typeof word === 'string');
  return [another ?? `${value}-${other}`];
}

function replacedIn(value, [step, ...rest], changed) {
  if (step === undefined) return changed;
  if (Array.isArray(value)) return value.with(step, replacedIn(value[step], rest, changed));
  return { ...value, [step]: replacedIn(value[step], rest, changed) };
}
