/** One instance of a resource or data source: evaluated when something asks for it, and seen as references see it. */
import type { Span } from '../../source/source.ts';
import { lazy } from '../evaluate.ts';
import { isNull, type Member, memberOf, type Obj, object, symbol, type Value } from '../value.ts';

export class ResourceInstance {
  readonly address: string;
  readonly #head: Span;
  /** Why what is not written is not known. */
  readonly #because: string;
  readonly #evaluate: () => Obj;
  #body: Obj | 'running' | undefined;
  #whole: Value | undefined;

  constructor(address: string, head: Span, because: string, evaluateBody: () => Obj) {
    this.address = address;
    this.#head = head;
    this.#because = because;
    this.#evaluate = evaluateBody;
  }

  body(): Obj {
    // A resource that refers to itself, which Terraform refuses, finds nothing there.
    if (this.#body === 'running') return { ...object(new Map(), this.#head), open: true };
    if (this.#body) return this.#body;
    this.#body = 'running';
    this.#body = this.#evaluate();
    return this.#body;
  }

  /** As a reference sees it: what is written, else the name of what the provider computes. */
  attribute(key: string, at: Span): Value {
    const found = memberOf(this.body(), key);
    const name = `${this.address}.${key}`;
    if (found && !isNull(found.value)) return computed(found.value, name, this.address, key, this.#because);
    const symbolic = symbol(name, this.#because, at, { address: this.address, path: key });
    return { ...symbolic, present: key === 'id' || undefined };
  }

  whole(): Value {
    if (this.#whole) return this.#whole;
    const body = this.body();
    const members = new Map<string, Member>();
    for (const [key, member] of body.members) members.set(key, { ...member, value: this.attribute(key, this.#head) });
    members.set('id', { value: this.attribute('id', this.#head), at: this.#head });
    const whole: Value = { ...object(members, this.#head), open: true };
    if (this.#body === body) this.#whole = whole;
    return whole;
  }
}

/** A nested block of a resource as a reference sees it: what is not written is computed, not missing. */
function computed(value: Value, name: string, address: string, path: string, because: string): Value {
  const inner = (step: string, found: Value | undefined, at: Span): Value =>
    found && !isNull(found)
      ? computed(found, name + step, address, path + step, because)
      : symbol(name + step, because, at, { address, path: path + step });
  if (value.kind === 'list' && value.items.some((item) => item.kind === 'object'))
    return lazy(
      value.at as Span,
      (key, at) => inner(`[${key}]`, value.items[Number(key)], at),
      () => value,
    );
  if (value.kind === 'object' && name.endsWith(']'))
    return lazy(
      value.at as Span,
      (key, at) => inner(`.${key}`, memberOf(value, key)?.value, at),
      () => ({ ...value, open: true }),
    );
  return value;
}
