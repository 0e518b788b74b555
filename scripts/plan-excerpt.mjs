/**
 * A plan in JSON -> what it changes, as `terraform plan` prints it: short enough to be an example. Of what is changed only the
 * changed attributes are shown, of what goes or stays only its name.
 */

const signs = { create: '+', update: '~', delete: '-', forget: '.' };

/** `plan`: what `terraform show -json` gives. */
export function planExcerpt(plan) {
  const stays = [];
  const blocks = [];
  for (const { address, type, name, change } of plan.resource_changes ?? []) {
    const { actions } = change;
    if (actions.join() === 'no-op') stays.push(address);
    else if (actions.join() !== 'read') blocks.push(block(address, type, name, change));
  }
  const context = stays.length > 0 ? [`# unchanged: ${stays.join(', ')}`] : [];
  return `${[...context, ...blocks].join('\n\n')}\n`;
}

function block(address, type, name, { actions, before, after, after_unknown: unknown }) {
  const isReplaced = actions.length > 1;
  const [action] = actions;
  const sign = isReplaced ? '-/+' : signs[action];
  const words = isReplaced
    ? 'is replaced'
    : { create: 'is created', update: 'is updated in place', delete: 'is destroyed', forget: 'leaves the state' }[
        action
      ];
  const lines = [`# ${address} ${words}`, `${sign} resource "${type}" "${name}" {`];
  const shown = after ?? before;
  if (shown?.name !== undefined && before?.name === (after ?? before)?.name)
    lines.push(`    name = ${literal(shown.name)}`);
  if (before && after) lines.push(...differences(before, after, unknown ?? {}, 1));
  else if (action === 'create') lines.push(...differences({}, after, unknown ?? {}, 1));
  if (lines.length === 2) return `${lines.join('\n')}}`;
  return [...lines, '  }'].join('\n');
}

/** Attributes that differ, nested blocks as blocks. What is empty on both sides says nothing. */
function differences(before, after, unknown, depth) {
  const lines = [];
  const indent = '  '.repeat(depth * 2 - 1);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  for (const key of keys) {
    // What is replaced gets another one, with nothing to be seen.
    if (key === 'id') continue;
    const [old, now] = [before[key], after[key]];
    if (unknown[key] === true) {
      if (!isEmpty(old)) lines.push(`${indent}~ ${key} = ${literal(old)} -> (known after apply)`);
      continue;
    }
    if (JSON.stringify(old) === JSON.stringify(now) || (isEmpty(old) && isEmpty(now))) continue;
    const [olds, nows] = [old, now].map(blocksIn);
    if (olds || nows) {
      for (let i = 0; i < Math.max(olds?.length ?? 0, nows?.length ?? 0); i++) {
        if (JSON.stringify(olds?.[i]) === JSON.stringify(nows?.[i])) continue;
        const sign = olds?.[i] === undefined ? '+' : nows?.[i] === undefined ? '-' : '~';
        lines.push(`${indent}${sign} ${key} {`);
        lines.push(...differences(olds?.[i] ?? {}, nows?.[i] ?? {}, {}, depth + 1));
        lines.push(`${indent}  }`);
      }
    } else if (isEmpty(old)) lines.push(`${indent}+ ${key} = ${literal(now)}`);
    else if (isEmpty(now)) lines.push(`${indent}- ${key} = ${literal(old)}`);
    else lines.push(`${indent}~ ${key} = ${literal(old)} -> ${literal(now)}`);
  }
  return lines;
}

/** Nested blocks, and objects such as a body of azapi; undefined for anything else. */
function blocksIn(value) {
  const items = Array.isArray(value) ? value : [value];
  return items.length > 0 && items.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
    ? items
    : undefined;
}

function isEmpty(value) {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value === undefined || value === null) return 'null';
  // Of an id the end says which it is.
  const id = typeof value === 'string' && /^\/subscriptions\/.*(\/[^/]+\/[^/]+)$/.exec(value);
  return JSON.stringify(id ? `...${id[1]}` : value);
}
