/** What each reading of an audit is given, besides Azure itself. */
import type { Fact } from './inventory.ts';

/** Runs one reading; where it fails, the fact is missing in that scope. Gives undefined then. */
export type Attempt = <T>(fact: Fact, scope: string, read: () => Promise<T>) => Promise<T | undefined>;

/** Called as the work goes on: what is read, and how far it is; without a number of things where that is not known. */
export type Progress = (reading: string, done: number, of?: number) => void;
