/** What action.yml starts: the environment in, exit code out. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runAction } from './action.ts';
import { nodeIo } from './io.ts';
import { tellFault } from './main.ts';

declare const __VERSION__: string;

/** For programs that start actions by themselves. */
export async function run(): Promise<void> {
  try {
    process.exitCode = await runAction(process.env, __VERSION__, nodeIo());
  } catch (error) {
    process.exitCode = tellFault(error);
  }
}

const self = import.meta.url;
const path = self.startsWith('file:') ? fileURLToPath(self) : self;
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(path)) run();
