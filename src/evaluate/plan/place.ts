/**
 * Places in a large JSON text, found when they are asked for.
 * A plan may have hundreds of megabytes and a position tree would cost many times that; so a place holds only its step below its
 * parent, and only the containers on the way to a place that is printed are ever indexed. The text must be JSON that JSON.parse
 * accepted.
 */
import type { Source, Span } from '../../source/source.ts';

export type Step = string | number;

/** Below this number of children a container is read anew rather than kept: most are asked once, and there are very many. */
const memorable = 64;

/** Finds where a path stands in one text. */
export class JsonPlaces {
  readonly source: Source;
  readonly root: JsonPlace;
  /** The extents that were asked for: few, so that they would waste a field of every place. */
  readonly #extents = new Map<JsonPlace, Extent>();
  /** The children of large containers that were visited, by the container's own start. */
  readonly #children = new Map<number, ReadonlyMap<Step, Extent>>();

  constructor(source: Source) {
    this.source = source;
    this.root = new JsonPlace(this, '');
  }

  at(path: readonly Step[]): JsonPlace {
    return path.reduce<JsonPlace>((place, step) => place.child(step), this.root);
  }

  /** Depth is bounded by whoever makes the places: values nested deeper than the limit get none. */
  extentOf(place: JsonPlace): Extent {
    let extent = this.#extents.get(place);
    if (!extent) {
      extent = this.#find(place);
      this.#extents.set(place, extent);
    }
    return extent;
  }

  #find({ above, step }: JsonPlace): Extent {
    if (above instanceof JsonPlaces) {
      const start = skipSpace(this.source.text, 0);
      return { start, end: skipValue(this.source.text, start) };
    }
    const parent = this.extentOf(above);
    return this.#childrenAt(parent.start).get(step) ?? parent;
  }

  #childrenAt(start: number): ReadonlyMap<Step, Extent> {
    const known = this.#children.get(start);
    const children = known ?? indexChildren(this.source.text, start);
    if (!known && children.size >= memorable) this.#children.set(start, children);
    return children;
  }
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * A span whose ends are looked up when they are asked for: the value's extent; of what is not there, the nearest parent's.
 * Every value has one, so it holds two words and no more; private members would cost another.
 */
export class JsonPlace implements Span {
  /** Of the root, where it is the root of. */
  readonly above: JsonPlace | JsonPlaces;
  readonly step: Step;

  constructor(above: JsonPlace | JsonPlaces, step: Step) {
    this.above = above;
    this.step = step;
  }

  child(step: Step): JsonPlace {
    return new JsonPlace(this, step);
  }

  get source(): Source {
    return this.places.source;
  }

  get start(): number {
    return this.places.extentOf(this).start;
  }

  get end(): number {
    return this.places.extentOf(this).end;
  }

  /** The text of the value. */
  text(): string {
    return this.source.text.slice(this.start, this.end);
  }

  get places(): JsonPlaces {
    let { above } = this;
    while (above instanceof JsonPlace) ({ above } = above);
    return above;
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

function skipSpace(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) <= 32) i++;
  return i;
}

/** The offset after a string that starts at `at`: after a quote before which an even number of backslashes stands. */
function skipString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let first = quote;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((quote - first) % 2 === 0) return quote + 1;
  }
  return text.length;
}

const scalar = /[^,\]}\s]*/y;
const structure = /["[\]{}]/g;

/** The offset after the value that starts at `at`; no recursion, since depth is the input's. The engine searches faster than a loop. */
function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return skipString(text, at);
  if (first !== OPEN_LIST && first !== OPEN_OBJECT) {
    scalar.lastIndex = at;
    scalar.test(text);
    return scalar.lastIndex;
  }
  let depth = 0;
  structure.lastIndex = at;
  while (structure.test(text)) {
    const end = structure.lastIndex;
    const code = text.charCodeAt(end - 1);
    if (code === QUOTE) structure.lastIndex = skipString(text, end - 1);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth++;
    else if (--depth === 0) return end;
  }
  return text.length;
}

function indexChildren(text: string, start: number): Map<Step, Extent> {
  const children = new Map<Step, Extent>();
  const open = text.charCodeAt(start);
  if (open !== OPEN_LIST && open !== OPEN_OBJECT) return children;
  const close = open === OPEN_LIST ? CLOSE_LIST : CLOSE_OBJECT;
  let i = skipSpace(text, start + 1);
  for (let index = 0; i < text.length && text.charCodeAt(i) !== close; index++) {
    let key: Step = index;
    if (open === OPEN_OBJECT) {
      const end = skipString(text, i);
      key = JSON.parse(text.slice(i, end)) as string;
      i = skipSpace(text, skipSpace(text, end) + 1);
    }
    const end = skipValue(text, i);
    children.set(key, { start: i, end });
    i = skipSpace(text, end);
    if (text.charCodeAt(i) === COMMA) i = skipSpace(text, i + 1);
  }
  return children;
}
