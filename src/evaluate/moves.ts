/** Terraform's `moved` blocks, found by the addresses that they name, since there may be thousands of both. */

export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Blocks that one address is followed through; chains that people write are far shorter. */
export const mostMoves = 100;

export class Moves {
  readonly #side: keyof Move;
  readonly #indexes = new Map<string, number[]>();
  readonly #moves: readonly Move[];

  constructor(moves: readonly Move[], side: keyof Move) {
    this.#side = side;
    this.#moves = moves;
    for (const [i, move] of moves.entries()) {
      const own = this.#indexes.get(move[side]);
      if (own) own.push(i);
      else this.#indexes.set(move[side], [i]);
    }
  }

  /** Blocks of which the side is an address or what it is an instance of or lies in, in their order, each with what follows. */
  naming(address: string): { readonly move: Move; readonly rest: string }[] {
    const found: number[] = [];
    const take = (end: number): void => {
      found.push(...(this.#indexes.get(address.slice(0, end)) ?? []));
    };
    for (const { index } of address.matchAll(/[.[]/g)) take(index);
    take(address.length);
    return found
      .sort((a, b) => a - b)
      .map((i) => {
        const move = this.#moves[i]!;
        return { move, rest: address.slice(move[this.#side].length) };
      });
  }
}
