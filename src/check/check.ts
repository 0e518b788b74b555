/**
 * Rules + model -> findings and what could not be told.
 * Takes the models of a run and the rules that are on; gives every finding with its exact place, sorted, equal ones once.
 */

import type { Resource } from '../evaluate/resource.ts';
import { describe, force, isSecret, memberOf, type Obj, type Value } from '../evaluate/value.ts';
import type { Entity } from '../model/model.ts';
import { crypto } from '../source/crypto.ts';
import type { Related } from '../source/diagnostic.ts';
import type { Finding, ResourceName, Undetermined } from '../source/run.ts';
import { compareOrigins, isSpan, type Origin, sameOrigin } from '../source/source.ts';
import { type Decision, type Judgement, judge, lookUp } from './condition.ts';
import { type Phrases, phrasesOf } from './phrases.ts';
import { type ActiveRule, type Check, docsOf, type RuleTexts, saidOf } from './rule.ts';

export interface Verdicts {
  readonly findings: Finding[];
  readonly undetermined: Undetermined[];
}

/** What a rule may judge: an entity of the model, or a suppression. */
export interface Target {
  readonly subject: string;
  readonly resource: Pick<Resource, 'address' | 'type' | 'name' | 'head' | 'calls'> & {
    readonly language?: Resource['language'] | undefined;
  };
  readonly view: Obj;
}

/** `isWaived`: whether the configuration says that it needs no backup; undefined: that is not known. */
export function check(
  targets: Iterable<Entity | Target>,
  rules: readonly ActiveRule[],
  language: string,
  isWaived: (target: Entity | Target) => boolean | undefined = () => false,
): Verdicts {
  const bySubject = new Map<string, ActiveRule[]>();
  for (const active of rules)
    for (const subject of active.rule.subjects) {
      const list = bySubject.get(subject);
      if (list) list.push(active);
      else bySubject.set(subject, [active]);
    }
  const verdicts: Verdicts = { findings: [], undetermined: [] };
  const because = 'a name or tag by which the configuration tells what needs no backup is not known';
  for (const target of targets)
    for (const active of bySubject.get(subjectOf(target)) ?? [])
      if (concerns(active, target)) {
        const waived = active.rule.group === 'coverage' ? isWaived(target) : false;
        if (waived === true) continue;
        if (waived === false) {
          checkOne(target, active, language, verdicts);
          continue;
        }
        const own: Verdicts = { findings: [], undetermined: verdicts.undetermined };
        checkOne(target, active, language, own);
        for (const { code, resource, at } of own.findings) own.undetermined.push({ code, resource, at, because });
      }
  return settle(verdicts);
}

/** States in which nothing of what rules ask of a protected item matters any more; a template may yet be refused for it. */
const inactive = { live: ['soft-deleted', 'stopped', 'suspended', 'paused'], code: ['soft-deleted'] } as const;

function subjectOf({ subject, resource: { language }, view }: Target): string {
  if (subject !== 'protected-item') return subject;
  const state = memberOf(view, 'state');
  const value = state && force(state.value);
  const states: readonly string[] = inactive[language === 'live' ? 'live' : 'code'];
  return value?.kind === 'string' && states.includes(value.value) ? 'inactive-item' : subject;
}

/** A rule speaks only of the inputs that it was made for; a comment has no language. */
function concerns({ rule }: ActiveRule, { resource: { language } }: Target): boolean {
  return language === undefined || rule.inputs.includes(language);
}

/** Sorted by place and code; what several configurations say alike is told once. */
export function settle(verdicts: Verdicts): Verdicts {
  return {
    findings: once(verdicts.findings, (finding) => `${finding.message}\0${finding.resource.address}`),
    undetermined: once(verdicts.undetermined, (entry) => `${entry.because}\0${entry.resource.address}`),
  };
}

function once<T extends { code: string; at: Origin; resource: ResourceName }>(
  entries: T[],
  more: (entry: T) => string,
): T[] {
  const sorted = [...entries].sort(
    (a, b) =>
      compareOrigins(a.at, b.at) ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0) ||
      (a.resource.address < b.resource.address ? -1 : a.resource.address > b.resource.address ? 1 : 0) ||
      (more(a) < more(b) ? -1 : 1),
  );
  return sorted.filter((entry, i) => {
    const before = sorted[i - 1];
    return !(before && before.code === entry.code && sameOrigin(before.at, entry.at) && more(before) === more(entry));
  });
}

function checkOne(target: Target, active: ActiveRule, language: string, verdicts: Verdicts): void {
  const { rule } = active;
  const applies = rule.when ? judge(rule.when, target.view) : undefined;
  if (applies?.verdict === 'false') return;
  let doubt: Judgement | undefined;
  let failed = false;
  for (const one of rule.checks) {
    const result = judgeCheck(one, applies, target.view);
    if (result.verdict === 'unknown') doubt ??= result;
    if (result.verdict !== 'false') continue;
    failed = true;
    verdicts.findings.push(findingOf(target, active, one, result, language));
  }
  // A finding is the verdict, whatever the other checks could not tell.
  if (failed || !doubt) return;
  const phrases = phrasesOf(language, target.resource.language === 'live');
  verdicts.undetermined.push({
    code: rule.code,
    resource: nameOf(target),
    at: outside(target, { at: target.resource.head, related: [] }, phrases).at,
    because: phrases.reason(doubt.because[0] ?? 'a value is not known'),
  });
}

/** false: the check fails for certain. What does not apply for certain passes. */
export function judgeCheck(one: Check, rule: Judgement | undefined, view: Obj): Judgement {
  const own = one.when ? judge(one.when, view) : undefined;
  if (own?.verdict === 'false') return { ...own, verdict: 'true' };
  const result = judge(one.require, view);
  if (result.verdict === 'true') return result;
  const doubts = [rule, own].filter((judgement) => judgement?.verdict === 'unknown');
  if (doubts.length === 0) return result;
  return {
    verdict: 'unknown',
    decided: [],
    because: [...doubts.flatMap((doubt) => doubt!.because), ...result.because],
  };
}

function nameOf({ resource }: Target): ResourceName {
  const name = force(resource.name);
  const { address, type } = resource;
  // Of a template without symbols the address is the type and the name, which may be an expression.
  const at = address.toLowerCase().lastIndexOf(`${type.toLowerCase()}/`);
  const label =
    at === -1
      ? address
          .replace(/\[[^\]]*\]$/, '')
          .split('.')
          .at(-1)!
      : address.slice(at + type.length + 1);
  return {
    address,
    type,
    name: name.kind === 'string' && !name.secret ? name.value : label,
  };
}

function findingOf(
  target: Target,
  { rule, severity }: ActiveRule,
  one: Check,
  result: Judgement,
  language: string,
): Finding {
  const texts: RuleTexts = rule.texts[language] ?? rule.texts['en']!;
  const isLive = target.resource.language === 'live';
  const said = saidOf(texts, one.id, isLive);
  const phrases = phrasesOf(language, isLive);
  const decision: Decision = result.decided[0] ?? { path: '', value: target.view };
  const place = outside(
    target,
    one.at ? propertyPlace(target, settled(one.at, decision)) : valuePlace(target, decision, phrases),
    phrases,
  );
  const related: Related[] = [...place.related];
  for (const other of one.related ?? []) {
    const path = settled(other.path, decision);
    const at = propertyPlace(target, path).at;
    if (!sameOrigin(at, place.at) && lookUp(target.view, path))
      related.push({
        at,
        message: fill(texts.related?.[other.message] ?? other.message, target.view, decision, phrases),
      });
  }
  return {
    code: rule.code,
    severity,
    message: fill(said.message, target.view, decision, phrases),
    help: fill(said.help, target.view, decision, phrases),
    solutions: rule.solutions,
    resource: nameOf(target),
    at: place.at,
    related,
    fingerprint: fingerprint(rule.code, target.resource.address, `${one.id}${one.at ?? decision.path}`),
    docs: docsOf(rule, language),
    head: target.resource.head,
    ...(showsSecret(target, one, decision) && { isSecret: true }),
  };
}

function showsSecret(target: Target, one: Check, decision: Decision): boolean {
  const value = one.at ? lookUp(target.view, settled(one.at, decision)) : decision.value;
  return value !== undefined && value !== target.view && isSecret(force(value));
}

/** `*` in a pointer of a rule is the item of the list that decided. */
function settled(pointer: string, decision: Decision): string {
  if (!pointer.includes('*')) return pointer;
  const steps = decision.path.split('/');
  return pointer
    .split('/')
    .map((step, i) => (step === '*' ? (steps[i] ?? step) : step))
    .join('/');
}

/** Stable against moves, renames of files and numeric indexes. */
function fingerprint(code: string, address: string, path: string): string {
  const stable = address.replaceAll(/\[\d+\]/g, '[]');
  const steps = path.replaceAll(/\/\d+(?=\/|$)/g, '/*');
  return crypto().createHash('sha256').update(`${code}\0${stable}\0${steps}`).digest('hex').slice(0, 32);
}

interface Place {
  readonly at: Origin;
  readonly related: readonly Related[];
}

/** What stands in a module that is not the user's is told at the call that brings it in, with the place inside beside it. */
function outside(target: Target, place: Place, phrases: Phrases): Place {
  const call = isForeign(place.at) && target.resource.calls.find(({ at }) => !isForeign(at));
  if (!call) return place;
  const related = place.related.filter((one) => !sameOrigin(one.at, call.at));
  return { at: call.at, related: [{ at: place.at, message: phrases.inModule }, ...related] };
}

/** In a copy that `terraform init` or `bicep restore` made. */
function isForeign(at: Origin): boolean {
  return isSpan(at) && /(?:^|\/)\.terraform\/modules\/|^\.bicep\/(?:br|ts)\//.test(at.source.file);
}

/** The literal that decided, with the way it came; the head of the resource where something is missing. */
function valuePlace(target: Target, decision: Decision, phrases: Phrases): Place {
  const { property, head, missing } = walk(target, decision.path);
  const value = decision.value && force(decision.value);
  if (missing || !value || !property) return { at: head, related: callsOf(target, head) };
  const related: Related[] = [];
  if (!sameOrigin(value.at, property)) {
    if (!contains(property, value.at)) related.push({ at: property, message: phrases.usedHere });
    for (let step = value.via; step; step = step.next)
      if (!sameOrigin(step.at, property)) related.push({ at: step.at, message: step.what });
    if (!value.via) related.push(...callsOf(target, value.at));
  }
  return { at: value.at, related };
}

function propertyPlace(target: Target, path: string): Place {
  const { property, head, missing } = walk(target, path);
  const at = missing || !property ? head : property;
  return { at, related: callsOf(target, at) };
}

/** The calls that led to a resource, where the place is not in the file that makes them. */
function callsOf(target: Target, at: Origin): Related[] {
  return target.resource.calls
    .filter(
      (call) =>
        !(
          isSpan(call.at) &&
          isSpan(at) &&
          call.at.source === at.source &&
          call.at.start <= at.start &&
          at.end <= call.at.end
        ),
    )
    .map((call) => ({ at: call.at, message: call.what }));
}

function contains(outer: Origin, inner: Origin): boolean {
  if (!isSpan(outer))
    return !isSpan(inner) && outer.resourceId === inner.resourceId && inner.path.startsWith(`${outer.path}/`);
  return isSpan(inner) && outer.source === inner.source && outer.start <= inner.start && inner.end <= outer.end;
}

/** Follows a JSON pointer: the property's place, and the head of the resource that it belongs to. */
function walk(target: Target, path: string): { property: Origin | undefined; head: Origin; missing: boolean } {
  let value: Value | undefined = target.view;
  let head = target.resource.head;
  let property: Origin | undefined;
  for (const step of path.split('/').slice(1)) {
    value = value && force(value);
    if (value?.kind === 'object') {
      // A joined view of another resource: what it lacks is missing there.
      if (value !== target.view && memberOf(value, 'language')) head = value.at;
      const member = memberOf(value, step);
      if (!member) return { property, head, missing: true };
      property = member.at;
      value = member.value;
    } else if (value?.kind === 'list') {
      const item: Value | undefined = value.items[Number(step)];
      if (!item) return { property, head, missing: true };
      property = item.at;
      value = item;
    } else return { property, head, missing: value === undefined };
  }
  return { property, head, missing: false };
}

/** `each.value(var.machines).name` tells values apart; a reader knows it by its place. */
function spoken(text: string): string {
  return text.replaceAll(/\beach\.(key|value)\((?:[^()]|\([^()]*\))*\)/g, 'each.$1');
}

/** Puts facts into a message; what is secret or unknown shows nothing of itself. */
function fill(message: string, view: Obj, decision: Decision, phrases: Phrases): string {
  return message.replaceAll(/\{(value|\/[^}]*)\}(\.?)/g, (_whole, name: string, stop: string) => {
    const value = name === 'value' ? decision.value : lookUp(view, settled(name, decision));
    if (!value) return phrases.notWritten + stop;
    const known = force(value);
    const fact = phrases.fact(spoken(describe(known)), known.kind);
    // What is cut short ends in dots of its own.
    return fact.endsWith('...') ? fact : fact + stop;
  });
}
