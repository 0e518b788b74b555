/**
 * What the configuration says needs no backup, or has it elsewhere: coverage rules are silent about it.
 * Takes the matches that are written and one entity; a name or tag that is not known decides nothing.
 */
import { force, isScalar, type Obj, oneOf, text, type Value } from '../evaluate/value.ts';
import { matches } from '../source/glob.ts';
import { pick, textOf } from './facts.ts';
import type { Entity } from './model.ts';

/** All that are given must hold. */
export interface Match {
  readonly kind?: string | readonly string[];
  readonly name?: string;
  readonly address?: string;
  readonly resourceGroup?: string;
  readonly subscription?: string;
  readonly location?: string;
  readonly tag?: Readonly<Record<string, string>>;
}

export interface Waiver {
  readonly match: Match;
  readonly reason?: string;
  /** Through that day. */
  readonly until?: string;
}

/**
 * Whether one of them waives backup of it; undefined: that is not known.
 * A configuration as a whole is waived where everything in it, of what is `around`, is.
 */
export function isWaived(
  waivers: readonly Waiver[],
  entity: Entity,
  today: string,
  around: readonly Entity[] = [],
): boolean | undefined {
  if (entity.subject !== 'workspace') return isWaivedAlone(waivers, entity, today);
  const answers = around
    .filter(({ subject }) => subject === 'datasource')
    .map((one) => isWaivedAlone(waivers, one, today));
  return answers.length === 0 || answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

function isWaivedAlone(waivers: readonly Waiver[], entity: Entity, today: string): boolean | undefined {
  let answer: boolean | undefined = false;
  for (const { match, until } of waivers) {
    if (until !== undefined && until < today) continue;
    const one = matchesEntity(match, entity);
    if (one) return true;
    if (one === undefined) answer = undefined;
  }
  return answer;
}

export function matchesEntity(match: Match, { subject, resource, view }: Entity): boolean | undefined {
  const fact = (name: string): Value | undefined => view.members.get(name)?.value;
  const arm = resource.type.includes('/');
  const tags = pick(resource.body, 'tags', arm)?.value;
  const answers: (boolean | undefined)[] = [];
  const add = (pattern: string | undefined, value: Value | undefined, breaks = '/'): void => {
    if (pattern !== undefined) answers.push(fits(pattern, value, breaks));
  };
  if (match.kind !== undefined) {
    const kinds = typeof match.kind === 'string' ? [match.kind] : match.kind;
    const answer = kinds.map((kind) => (kind === 'vault' ? subject === 'vault' : fits(kind, solutionOf(view), '/')));
    answers.push(answer.includes(true) ? true : answer.includes(undefined) ? undefined : false);
  }
  add(match.name, fact('name'));
  if (match.address !== undefined) answers.push(matches(match.address, resource.address, '/.'));
  add(match.resourceGroup, resource.scope.resourceGroup);
  add(match.subscription, resource.scope.subscription);
  add(match.location, fact('location'));
  for (const [name, pattern] of Object.entries(match.tag ?? {})) answers.push(tagFits(tags, name, pattern));
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

/** As the catalogue names it: a storage account is one for blobs or a data lake. */
function solutionOf({ members }: Obj): Value | undefined {
  const kind = members.get('kind')?.value ?? members.get('solution')?.value;
  if (!kind || textOf(kind) !== 'storage-account') return kind;
  const lake = members.get('hierarchicalNamespace')?.value;
  const known = lake && force(lake);
  return known?.kind === 'bool'
    ? text(known.value ? 'adls' : 'azure-blob', kind.at)
    : oneOf([text('azure-blob', kind.at), text('adls', kind.at)], kind.at);
}

function fits(pattern: string, value: Value | undefined, breaks: string): boolean | undefined {
  const known = value && force(value);
  if (!known || known.kind === 'null') return false;
  if (known.kind === 'one-of') {
    const answers = new Set(known.values.map((one) => fits(pattern, one, breaks)));
    return answers.size === 1 ? [...answers][0] : undefined;
  }
  if (!isScalar(known)) return pattern === '**' || pattern === '*' ? true : undefined;
  return matches(pattern.toLowerCase(), String(known.value).toLowerCase(), breaks);
}

/** Azure compares names of tags without letter case. */
function tagFits(tags: Value | undefined, name: string, pattern: string): boolean | undefined {
  const all = tags && force(tags);
  if (!all || all.kind === 'null') return false;
  if (all.kind !== 'object') return undefined;
  for (const [key, member] of all.members)
    if (key.toLowerCase() === name.toLowerCase()) {
      const answer = fits(pattern, member.value, '');
      return member.maybe && answer ? undefined : answer;
    }
  return all.open ? undefined : false;
}
