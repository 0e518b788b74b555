/** The body of a block -> its attributes and nested blocks, each a list, with dynamic blocks expanded. */
import type { Attribute, Block, Body } from '../../parse/hcl-tree.ts';
import { limits } from '../../source/limits.ts';
import type { Span } from '../../source/source.ts';
import { type Environment, elsewhere, entriesOf, evaluate, lazy, within } from '../evaluate.ts';
import { failure, force, isNull, list, type Member, type Obj, object, type Value } from '../value.ts';
import { attributeOf } from './module.ts';

/** What a block costs, in steps of the evaluation. */
const blockSteps = 4;

const metaArguments = new Set([
  'count',
  'for_each',
  'provider',
  'depends_on',
  'lifecycle',
  'provisioner',
  'connection',
]);

/** `top`: of a resource, where meta-arguments are none of its own. */
export function bodyOf(body: Body, env: Environment, at: Span, top: boolean): Obj {
  const members = new Map<string, Member>();
  // Blocks may multiply without any expression in them.
  env.budget.steps += blockSteps;
  let open = env.budget.steps > limits.steps;
  for (const attribute of body.attributes) {
    if (top && metaArguments.has(attribute.name)) continue;
    members.set(attribute.name, { value: force(evaluate(attribute.value, env)), at: attribute.value });
  }
  const blocks = new Map<string, { items: Value[]; open: boolean; at: Span }>();
  const add = (type: string, items: readonly Value[], more: boolean, place: Span): void => {
    const entry = blocks.get(type);
    if (!entry) blocks.set(type, { items: [...items], open: more, at: place });
    else {
      entry.items.push(...items);
      entry.open ||= more;
    }
  };
  for (const block of body.blocks) {
    if (top && metaArguments.has(block.type)) continue;
    if (block.type !== 'dynamic') {
      const inner = elsewhere(env, () => bodyOf(block.body, env, block.head, false));
      add(block.type, [inner], false, block.head);
      continue;
    }
    const type = block.labels[0]?.text;
    const content = block.body.blocks.find((inner) => inner.type === 'content');
    const each = attributeOf(block, 'for_each');
    if (!type || !content || !each) {
      open = true;
      continue;
    }
    const expanded = dynamic(block, type, content, each, env);
    add(type, expanded.items, expanded.open, block.head);
  }
  for (const [type, block] of blocks)
    members.set(type, {
      value: { ...list(block.items, block.at, 'list'), ...(block.open && { open: true }) },
      at: block.at,
    });
  return { ...object(members, at), ...(open && { open }) };
}

function dynamic(
  block: Block,
  type: string,
  content: Block,
  each: Attribute,
  env: Environment,
): { items: Value[]; open: boolean } {
  const iteratorName = attributeOf(block, 'iterator')?.value;
  const iterator = iteratorName?.kind === 'name' ? iteratorName.name : type;
  const value = force(evaluate(each.value, env));
  if (value.kind !== 'one-of') return dynamicOver(value, iterator, content, each, env);
  // Which blocks there are depends on the choice, so none is certain, unless every choice leaves them all out.
  const choices = value.values.map((choice) => dynamicOver(force(choice), iterator, content, each, env));
  return { items: [], open: choices.some(({ items, open }) => open || items.length > 0) };
}

function dynamicOver(
  value: Value,
  iterator: string,
  content: Block,
  each: Attribute,
  env: Environment,
): { items: Value[]; open: boolean } {
  const over = isNull(value) ? { entries: [], open: false } : entriesOf(value, each.value);
  if (!over || env.budget.steps > limits.steps) return { items: [], open: true };
  const items = over.entries.slice(0, limits.instances).map(([key, item]) => {
    const names = new Map([
      [
        iterator,
        lazy(each.value, (name, at) =>
          name === 'key' ? key : name === 'value' ? item : failure(`${iterator} has no "${name}"`, at),
        ),
      ],
    ]);
    return elsewhere(env, () => bodyOf(content.body, within(env, names), content.head, false));
  });
  return { items, open: over.open || over.entries.length > limits.instances };
}
