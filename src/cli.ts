#!/usr/bin/env node
/** argv in, exit code out. Answers `--version` alone; everything else is loaded only when there is work. */
declare const __VERSION__: string;

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${__VERSION__}\n`);
} else {
  const { main } = await import('./main.js');
  process.exitCode = await main(args, __VERSION__);
}

export {};
