/**
 * What exists against what files declare. Takes the models of files; gives those of an audit with what the files declare of each item
 * that they know, and tells what only one side has. Items are paired by what they protect, whose group and name must be known on both
 * sides; a policy is the same by its name and its vault's, and then its values are compared.
 */
import { canonical, equal, force, memberOf, type Obj, text, type Value } from '../evaluate/value.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { computed, type Fact, listOf, pick, textOf, undecided, view } from './facts.ts';
import type { Entity, Model } from './model.ts';
import { listed } from './workspace.ts';

/** Values of a policy that mean something to whoever wrote them, and their names for people. */
const compared: readonly string[] = [
  'schedule.frequency',
  'schedule.weekdays',
  'schedule.interval',
  'schedule.window',
  'instantRestore.days',
  'snapshotDays',
  'retention.daily.count',
  'retention.weekly.count',
  'retention.monthly.count',
  'retention.yearly.count',
  'retention.default.keptDays',
  'operational.keptDays',
  'vaulted.keptDays',
  'full.schedule.frequency',
  'full.schedule.weekdays',
  'full.keptDays',
  'differential.keptDays',
  'incremental.keptDays',
  'log.schedule.everyMinutes',
  'log.keptDays',
];

export class Declared {
  readonly #exact = new Map<string, Entity>();
  /** By all but the group, where that is not known. */
  readonly #loose = new Set<string>();
  readonly #met = new Set<Entity>();
  readonly #softlyDeleted: Entity[] = [];
  readonly #undeclared: string[] = [];

  constructor(models: readonly Model[]) {
    for (const { entities } of models)
      for (const entity of entities) {
        if (entity.subject !== 'protected-item' || !isCertain(entity)) continue;
        const { exact, loose } = keysOf(entity.view);
        if (exact !== undefined) this.#exact.set(exact, this.#exact.get(exact) ?? entity);
        else if (loose !== undefined) this.#loose.add(loose);
      }
  }

  /** A model of an audit, with the fact `declared` of the items that the files know. */
  with(model: Model): Model {
    return {
      ...model,
      entities: model.entities.map((entity) => (entity.subject === 'protected-item' ? this.#item(entity) : entity)),
    };
  }

  #item(live: Entity): Entity {
    const { exact, loose } = keysOf(live.view);
    const found = exact === undefined ? undefined : this.#exact.get(exact);
    const { head } = live.resource;
    if (!found) {
      if (loose !== undefined && this.#loose.has(loose))
        return withFact(live, undecided('the files may declare it: the group of what it protects is not known', head));
      this.#undeclared.push(live.resource.address);
      return live;
    }
    this.#met.add(found);
    if (textOf(force(memberOf(live.view, 'state')!.value)) === 'soft-deleted') this.#softlyDeleted.push(found);
    return withFact(live, { at: head, value: declaration(live.view, found.view) });
  }

  /** `unread`: why items that exist may not have been seen. */
  told(unread: string | undefined): Diagnostic[] {
    const notes: Diagnostic[] = this.#softlyDeleted.map(({ resource: { head } }) => ({
      code: 'declared-item-soft-deleted',
      severity: 'warning',
      message: 'This item exists in Azure and is softly deleted, so it must be recovered before it can be deployed.',
      at: head,
    }));
    if (unread === undefined)
      for (const entity of this.#exact.values())
        if (!this.#met.has(entity))
          notes.push({
            code: 'declared-item-not-live',
            severity: 'note',
            message: 'This item is declared, and Azure does not protect what it names.',
            at: entity.resource.head,
          });
    const [first] = this.#undeclared;
    if (first !== undefined)
      notes.push({
        code: 'live-items-not-declared',
        severity: 'note',
        message: `The files declare nothing of ${this.#undeclared.length} items that exist, such as this one.`,
        at: { resourceId: first, path: '' },
      });
    return notes;
  }
}

function isCertain({ resource }: Entity): boolean {
  return resource.presence === 'present' && !resource.many && !resource.existing && !resource.isPatch;
}

/** What an item protects, by solution, group, name, and the share or database in it. */
function keysOf(item: Obj): { exact?: string | undefined; loose?: string | undefined } {
  const of = (path: string): string | undefined => textOf(pick(item, path, false)?.value)?.toLowerCase();
  const [solution, name] = [of('solution'), of('sourceNames.name')];
  if (solution === undefined || name === undefined) return {};
  const part = [of('share'), of('database.instance'), of('database.name')].join('\n');
  const group = of('sourceNames.group');
  return {
    loose: [solution, name, part].join('\n'),
    ...(group !== undefined && { exact: [solution, group, name, part].join('\n') }),
  };
}

function withFact(entity: Entity, fact: Fact): Entity {
  return { ...entity, view: { ...entity.view, members: new Map([...entity.view.members, ['declared', fact]]) } };
}

function declaration(live: Obj, code: Obj): Obj {
  const { at } = live;
  const policy = pick(code, 'policy.name', false) ?? pick(code, 'policyReference', false);
  const names = ['policy.name', 'policyVaultName'].map((path): boolean | undefined => {
    const [own, other] = [pick(live, path, false), pick(code, path, false)];
    return own && other ? equal(own.value, other.value, true) : undefined;
  });
  const same = names.includes(false) ? false : names.includes(undefined) ? undefined : true;
  return view(at, {
    policy,
    samePolicy: same === undefined ? undecided('the policy that the files name is not known', at) : computed(same, at),
    ...(same === true && valuesOf(pick(live, 'policy', false)?.value, pick(code, 'policy', false)?.value, at)),
  });
}

/** Where both policies say something and do not say the same; what only one says, the service or a default may have filled in. */
function valuesOf(live: Value | undefined, code: Value | undefined, at: Fact['at']): Record<string, Fact> {
  const own = live && force(live);
  const other = code && force(code);
  if (own?.kind !== 'object' || other?.kind !== 'object')
    return { differences: undecided('the values of a policy are not known', at) };
  const found: Value[] = [];
  const names: string[] = [];
  let doubt = false;
  for (const path of compared) {
    const [a, b] = [pick(own, path, false), pick(other, path, false)];
    if (!a || !b) continue;
    const [left, right] = [spelling(a.value), spelling(b.value)];
    if (left === undefined || right === undefined) doubt = true;
    else if (left !== right) {
      found.push(text(path, b.at));
      names.push(`${path}: ${left} / ${right}`);
    }
  }
  return {
    differences: { at, value: listOf(at, found, doubt) },
    listed: computed(listed(names), at),
  };
}

/** Lists of days have no order. */
function spelling(value: Value): string | undefined {
  const known = force(value);
  if (known.kind === 'string' || known.kind === 'number' || known.kind === 'bool') return String(known.value);
  if (known.kind !== 'list' || known.open) return undefined;
  const words = known.items.map((item) => canonical(force(item), true));
  return words.includes(undefined) ? undefined : words.sort().join(', ');
}
