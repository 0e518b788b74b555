/** Prints the totals of a run as one plain line, which scripts/test.mjs adds up. */
import type { Reporter, TestModule } from 'vitest/node';

export default class Totals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed++;
        else if (state === 'failed') counts.failed++;
        else counts.skipped++;
      }
      if (module.errors().length > 0) counts.failed++;
    }
    console.log(`totals: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
