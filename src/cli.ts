#!/usr/bin/env node
/** argv in, exit code out. Answers `--version` alone; everything else is loaded only when there is work. */
import { setFlagsFromString } from 'node:v8';

declare const __VERSION__: string;

// Room for young objects stays at 1 MB: the engine would let it grow to 48 MB, mostly of dead ones, which is more than a plan's size.
if (Number.parseInt(process.versions.v8, 10) <= 13) setFlagsFromString('--semi-space-growth-factor=1');

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${__VERSION__}\n`);
} else {
  const { main } = await import('./main.js');
  process.exitCode = await main(args, __VERSION__);
}
