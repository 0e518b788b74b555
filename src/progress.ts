import type { Words } from './report/words.ts';
import type { Io } from './source/io.ts';

/** Shows on a terminal what is read, once a run takes more than a second; called without a name it wipes the line. */
export function progressOn(io: Io, words: Words): (name?: string) => void {
  if (!io.err.isTerminal) return () => {};
  const start = io.now();
  let shown = false;
  return (name) => {
    if (name === undefined) {
      if (shown) io.err.write('\r\u001b[K');
      return;
    }
    if (io.now() - start < 1000) return;
    shown = true;
    io.err.write(`\r\u001b[K${words.reading(name.slice(0, Math.max(10, io.err.columns - 12)))}`);
  };
}
