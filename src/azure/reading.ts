/** What each reading of an audit is given, besides what it reads of. */
import type { Arm } from './arm.ts';
import { type Fact, facts, type Recording, type Row } from './inventory.ts';
import { inLanes } from './lanes.ts';

/** Runs one reading; where it fails, the fact is missing in that scope, or in each of several. Gives undefined then. */
export type Attempt = <T>(
  fact: Fact,
  scope: string | readonly string[],
  read: () => Promise<T>,
) => Promise<T | undefined>;

/** Called as the work goes on: what is read, and how far it is; without a number of things where that is not known. */
export type Progress = (reading: string, done: number, of?: number) => void;

/** Reads that take a call or more for each of many things. */
export class Reading {
  readonly arm: Arm;
  readonly recording: Recording;
  readonly #attempt: Attempt;
  readonly #progress: Progress;
  readonly #lanes: number;

  /** `lanes`: how many of the things are under way at the same time. */
  constructor(arm: Arm, recording: Recording, attempt: Attempt, progress: Progress, lanes: number) {
    this.arm = arm;
    this.recording = recording;
    this.#attempt = attempt;
    this.#progress = progress;
    this.#lanes = lanes;
  }

  async each<T>(
    fact: Fact,
    things: readonly T[],
    scopeOf: (thing: T) => string | readonly string[],
    read: (thing: T) => Promise<void>,
  ): Promise<void> {
    let done = 0;
    await inLanes(this.#lanes, things, async (thing) => {
      await this.#attempt(fact, scopeOf(thing), () => read(thing));
      this.#progress(facts[fact], ++done, things.length);
    });
  }

  /** Records one object under the id by which it is asked for, which the answer may spell otherwise. */
  async one(from: string, id: string, apiVersion: string): Promise<void> {
    const { body } = await this.arm.get(id, apiVersion);
    this.recording.add(from, [{ ...body, id }]);
  }

  /** Records a list as one row, since what is in it does not always say what it belongs to. `more`: what that row says besides. */
  async list(
    from: string,
    owner: string,
    path: string,
    apiVersion: string,
    query?: Readonly<Record<string, string>>,
    more?: Row,
  ): Promise<void> {
    const id = `${owner}${path}`;
    const value: Row[] = [];
    for await (const rows of this.arm.pages(id, apiVersion, query)) value.push(...rows);
    this.recording.add(from, [{ id, owner, ...more, value }]);
  }
}
