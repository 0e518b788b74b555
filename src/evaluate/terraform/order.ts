/**
 * Terraform's own order: from the names in the code, block by block, through locals, variables, outputs and `depends_on`.
 * Takes the modules of a configuration by their path; gives for a resource what tells whether it waits for another one.
 */
import type { Expression } from '../../parse/expression.ts';
import type { Block, Body } from '../../parse/hcl-tree.ts';
import { namesIn, type Step, waitsFor } from '../order.ts';
import { attributeOf, type TerraformModule } from './module.ts';

/** What stands in one module; `path`: the names of the calls that lead to it. */
interface Place {
  readonly path: readonly string[];
  readonly module: TerraformModule;
}

export class TerraformOrder {
  readonly #places = new Map<string, Place>();
  readonly #steps = new Map<string, Step>();

  add(path: readonly string[], module: TerraformModule): void {
    this.#places.set(path.join('.'), { path, module });
  }

  /** Whether a resource waits for the one at an address; undefined where that cannot be told. */
  waits(path: readonly string[], name: string, address: string): boolean | undefined {
    const other = this.#at(address);
    const place = this.#places.get(path.join('.'));
    return other && place && waitsFor(this.#resource(place, name), other);
  }

  /** `module.a["x"].azurerm_role_assignment.r[0]`: instances of one block are made together. */
  #at(address: string): Step | undefined {
    const words = address.replace(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g, '').split('.');
    const path: string[] = [];
    while (words[0] === 'module' && words.length > 2) path.push(words.splice(0, 2)[1]!);
    const place = this.#places.get(path.join('.'));
    const name = words.join('.');
    return place?.module.resources.has(name) ? this.#resource(place, name) : undefined;
  }

  #step(place: Place, name: string, needs: () => readonly Step[]): Step {
    const key = `${place.path.join('.')}|${name}`;
    let step = this.#steps.get(key);
    if (!step) {
      let found: { steps: readonly Step[]; open: boolean } | undefined;
      // What was not read may hold more, but only of what is written there.
      const open = place.module.unread.length > 0;
      step = {
        encloser: undefined,
        needs: () => {
          found ??= { steps: needs(), open };
          return found;
        },
      };
      this.#steps.set(key, step);
    }
    return step;
  }

  #resource(place: Place, name: string): Step {
    return this.#step(place, name, () => {
      const block = place.module.resources.get(name);
      return [...(block ? this.#inBody(place, block.body) : []), ...this.#ofCall(place)];
    });
  }

  #data(place: Place, name: string): Step {
    return this.#step(place, `data.${name}`, () => {
      const block = place.module.data.get(name);
      return [...(block ? this.#inBody(place, block.body) : []), ...this.#ofCall(place)];
    });
  }

  /** What everything in a module waits for: `depends_on`, `count` and `for_each` of its call, and those of the calls above. */
  #ofCall({ path }: Place): Step[] {
    const caller = path.length > 0 ? this.#places.get(path.slice(0, -1).join('.')) : undefined;
    const call = caller?.module.calls.get(path.at(-1)!);
    if (!caller || !call) return [];
    const own = ['depends_on', 'count', 'for_each'].flatMap((name) => {
      const attribute = attributeOf(call, name);
      return attribute ? this.#in(caller, attribute.value, name === 'depends_on') : [];
    });
    return [...own, ...this.#ofCall(caller)];
  }

  #inBody(place: Place, body: Body): Step[] {
    return [
      ...body.attributes.flatMap(({ name, value }) => this.#in(place, value, name === 'depends_on')),
      ...body.blocks.flatMap((block) => this.#inBody(place, block.body)),
    ];
  }

  #in(place: Place, expression: Expression, wholeModules: boolean): Step[] {
    return namesIn(expression).flatMap((words) => this.#named(place, words, wholeModules) ?? []);
  }

  #named(place: Place, [first, second, third]: readonly string[], wholeModules: boolean): Step | undefined {
    const { module } = place;
    if (first === undefined || second === undefined) return undefined;
    if (first === 'local') {
      const value = module.locals.get(second);
      return value && this.#step(place, `local.${second}`, () => this.#in(place, value, false));
    }
    if (first === 'var') return this.#step(place, `var.${second}`, () => this.#given(place, second));
    if (first === 'module') return this.#output(place, second, wholeModules ? undefined : third);
    if (first === 'resource') return this.#named(place, third === undefined ? [] : [second, third], wholeModules);
    if (first === 'data') {
      const name = `${second}.${third}`;
      return module.data.has(name) ? this.#data(place, name) : undefined;
    }
    const name = `${first}.${second}`;
    return module.resources.has(name) ? this.#resource(place, name) : undefined;
  }

  /** What the call passes as a variable. */
  #given({ path }: Place, name: string): Step[] {
    const caller = path.length > 0 ? this.#places.get(path.slice(0, -1).join('.')) : undefined;
    const attribute = caller?.module.calls.get(path.at(-1)!);
    const given = attribute && attributeOf(attribute, name);
    return caller && given ? this.#in(caller, given.value, false) : [];
  }

  /** One output of a called module, or all that is in it. */
  #output(place: Place, call: string, output: string | undefined): Step | undefined {
    const block = place.module.calls.get(call);
    if (!block) return undefined;
    const path = [...place.path, call];
    const child = this.#places.get(path.join('.'));
    // Whatever is in a module that is not looked into, it needs what is passed to it.
    if (!child) return this.#step(place, `module.${call}`, () => this.#inBody(place, block.body));
    const declared = output === undefined ? undefined : child.module.outputs.get(output);
    if (!declared) return this.#step(child, '*', () => this.#all(child));
    return this.#step(child, `output.${output}`, () => this.#ofOutput(child, declared));
  }

  #ofOutput(place: Place, output: Block): Step[] {
    return [...this.#inBody(place, output.body), ...this.#ofCall(place)];
  }

  #all(place: Place): Step[] {
    const { module } = place;
    return [
      ...[...module.resources.keys()].map((name) => this.#resource(place, name)),
      ...[...module.data.keys()].map((name) => this.#data(place, name)),
      ...[...module.calls.keys()].flatMap((call) => this.#output(place, call, undefined) ?? []),
    ];
  }
}
