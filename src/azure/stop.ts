/** When an audit has to end: its time is over, or somebody pressed Ctrl-C. Everything that waits, waits through it. */
import { setMaxListeners } from 'node:events';

/** Each of the eight requests under way listens up to three times; more would be a leak. */
const mostListeners = 32;

export class Stop {
  readonly #controller = new AbortController();
  readonly #end: number;
  readonly #timer: NodeJS.Timeout;
  #why: 'timeout' | 'interrupted' | undefined;
  /** In words, for what is cut off. */
  readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
    setMaxListeners(mostListeners, this.#controller.signal);
    this.#end = performance.now() + seconds * 1000;
    this.#timer = setTimeout(() => this.now('timeout'), seconds * 1000);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** undefined: it goes on. */
  get why(): 'timeout' | 'interrupted' | undefined {
    return this.#why;
  }

  now(why: 'timeout' | 'interrupted'): void {
    this.#why ??= why;
    this.#controller.abort();
  }

  secondsLeft(): number {
    return Math.max(0, (this.#end - performance.now()) / 1000);
  }

  /** Fails as soon as it has to end, also where the work itself does not listen. */
  async race<T>(work: Promise<T>): Promise<T> {
    if (this.signal.aborted) {
      work.catch(() => {});
      throw new Stopped();
    }
    let stopped: () => void = () => {};
    const end = new Promise<never>((_, reject) => {
      stopped = () => reject(new Stopped());
    });
    this.signal.addEventListener('abort', stopped);
    try {
      return await Promise.race([work, end]);
    } finally {
      this.signal.removeEventListener('abort', stopped);
      work.catch(() => {});
    }
  }

  async sleep(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await this.race(
        new Promise<void>((done) => {
          timer = setTimeout(done, milliseconds);
        }),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nothing keeps the program alive any longer. */
  over(): void {
    clearTimeout(this.#timer);
  }
}

export class Stopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'Stopped';
  }
}
