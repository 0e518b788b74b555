#!/usr/bin/env node
/** argv in, exit code out. Answers `--version` alone; everything else is loaded only when there is work. */
import { createRequire } from 'node:module';

declare const __VERSION__: string;

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${__VERSION__}\n`);
} else {
  // CommonJS, since that loads in less time than a module of its size.
  const { main } = createRequire(import.meta.url)('./main.cjs') as typeof import('./main.ts');
  process.exitCode = await main(args, __VERSION__);
  // What an interrupted audit leaves behind, such as a sign-in that nobody waits for any longer, does not hold the program.
  const leave = (): void => {
    if (process.stdout.writableLength + process.stderr.writableLength > 0) setTimeout(leave, 50);
    else process.exit();
  };
  setTimeout(leave, 200).unref();
}
