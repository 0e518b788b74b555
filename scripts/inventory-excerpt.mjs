/**
 * Rows of recorded audits -> what of them a rule looks at: short enough to be an example. Of what is reported the name and type are
 * shown, its plain properties and what decided; ids without their beginning.
 */

/** More properties than these say nothing more about a finding. */
const mostShown = 10;

/**
 * `bad`, `good`: recordings; `expected`: what is reported in them, as the fixtures write it. Gives the first thing that is reported,
 * and the same thing where it is right; what differs in more than what decided is shown in no row.
 */
export function inventoryExcerpt(bad, good, expected) {
  const [place, pointer = ''] = firstPlace(expected, 'fail.inventory.jsonl').split(/ (?=\/)/);
  const steps = pointer.split('/').slice(1);
  const reported = thingIn(bad, place);
  const right = thingIn(good, place);
  const valueIn = (one) => JSON.stringify(steps.reduce((at, step) => at?.[step], one));
  const isOther = right && steps.length > 0 && valueIn(right) !== undefined && valueIn(right) !== valueIn(reported);
  return { bad: told(bad, reported, steps), ...(isOther && { good: told(good, right, steps) }) };
}

/** The first line below the name of the fixture: `TYPE/NAME`, and a JSON pointer where one decided. */
function firstPlace(expected, name) {
  const lines = expected.split('\n');
  return lines[lines.indexOf(name) + 1].trim();
}

/** Rows, and what lists in them hold. */
function thingIn(recording, place) {
  const rows = linesOf(recording).flatMap(({ row }) =>
    row ? [row, ...(Array.isArray(row.value) ? row.value : [])] : [],
  );
  return rows.find(({ id }) => id?.toLowerCase().endsWith(`/${place.toLowerCase()}`));
}

function linesOf(recording) {
  return recording
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function told(recording, { type, name, properties = {} }, [first, ...steps]) {
  const [{ readAt }] = linesOf(recording);
  const shown = { type, name, properties: cut(properties, first === 'properties' ? steps : []) };
  return `// read at ${readAt}\n${JSON.stringify(shown, undefined, 2)}\n`;
}

/** The first plain members, and on the way to what decided what lies around it. */
function cut(of, [step, ...rest]) {
  const plain = Object.keys(of).filter((key) => key !== step && (typeof of[key] !== 'object' || of[key] === null));
  const kept = new Set([step, ...plain.slice(0, mostShown - 1)]);
  const shown = ([key, value]) => (key === step && rest.length > 0 ? cut(value, rest) : shortened(value));
  return Object.fromEntries(
    Object.entries(of)
      .filter(([key]) => kept.has(key))
      .map((member) => [member[0], shown(member)]),
  );
}

function shortened(value) {
  return typeof value === 'string' ? value.replace(/^\/subscriptions\/[^/]+\/resourceGroups\//i, '…/') : value;
}
