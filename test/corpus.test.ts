/** Real files: nothing crashes, and every file gives its resources or a located diagnostic. Runs where the corpus is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogue, knownModules, removedNames } from '../src/catalogue.ts';
import { check } from '../src/check/check.ts';
import { settleOptions } from '../src/config.ts';
import { evaluateTerraform } from '../src/evaluate/terraform/configuration.ts';
import { ModuleCache } from '../src/evaluate/terraform/module.ts';
import type { RootVariable } from '../src/evaluate/terraform/module-instance.ts';
import { unknown } from '../src/evaluate/value.ts';
import { nodeIo } from '../src/io.ts';
import { lint, readModels } from '../src/lint.ts';
import { normalise } from '../src/model/normalise.ts';
import type { Diagnostic } from '../src/source/diagnostic.ts';
import { Reader } from '../src/source/reader.ts';
import { isSpan, type Origin, type Span } from '../src/source/source.ts';

const corpus = fileURLToPath(new URL('../../shared/corpus', import.meta.url));
const present = existsSync(corpus);
if (!present) console.warn('The shared corpus is not there: real files are not linted.');

const io = { ...nodeIo(), cwd: corpus };

describe.skipIf(!present)('the corpus', () => {
  test('every Terraform file of a root module gives its resources or a diagnostic', async () => {
    const { configurations, reader } = await readModels(settleOptions(['terraform'], {}, catalogue(), io), io);
    const files = readdirSync(join(corpus, 'terraform'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.tf'),
    );
    expect(reader.count).toBeGreaterThanOrEqual(files.length);
    const seen = new Set(
      configurations.flatMap((configuration) =>
        configuration.resources.map((resource) => (isSpan(resource.head) ? resource.head.source.file : '')),
      ),
    );
    const told = new Set(reader.log.map((diagnostic) => (isSpan(diagnostic.at) ? diagnostic.at.source.file : '')));
    const roots = new Set(configurations.map((configuration) => configuration.name));
    const lost = files.filter((name) => {
      const file = `terraform/${name}`;
      if (!roots.has(dirname(file)) || seen.has(file) || told.has(file)) return false;
      // A resource with count = 0 or an empty for_each is not there, and that is right.
      const text = readFileSync(join(corpus, file), 'utf8');
      return /^resource\s+"azurerm_[^"]+"\s+"[^"]+"\s*\{(?![\s\S]{0,200}?\b(?:count|for_each)\s*=)/m.test(text);
    });
    expect(lost).toEqual([]);
  });

  test.each(['terraform', 'arm'])('%s is linted twice with the same result', async (folder) => {
    const run = () => lint(settleOptions([folder], { showUndetermined: true }, catalogue(), io), io, '0.0.0');
    const [first, second] = [await run(), await run()];
    const plain = ({ findings, undetermined, summary }: Awaited<ReturnType<typeof lint>>) =>
      JSON.stringify({
        summary,
        findings: findings.map((finding) => [finding.code, finding.message, finding.fingerprint]),
        undetermined: undetermined.map((entry) => [entry.code, entry.because]),
      });
    expect(plain(second)).toBe(plain(first));
    expect(first.summary.resources).toBeGreaterThan(100);
  });
});

describe.skipIf(!present)('forgetting every input', () => {
  test('a root module with every variable unknown says nothing new', async () => {
    const log: Diagnostic[] = [];
    const options = settleOptions(['terraform'], {}, catalogue(), io);
    const before = await lint(options, io, '0.0.0');
    const key = (finding: { code: string; at: Origin; message: string }): string => {
      const at = finding.at as Span;
      return `${finding.code} ${at.source.file}:${at.source.position(at.start).line} ${finding.message}`;
    };
    const known = new Set(before.findings.map(key));
    const reader = new Reader(io.files, corpus, log);
    const modules = new ModuleCache(reader);
    const { configurations } = await readModels(options, io);
    const fresh: string[] = [];
    for (const { name, language } of configurations) {
      const module = language === 'terraform' ? modules.get(join(corpus, name)) : undefined;
      if (!module) continue;
      const variables = new Map(
        [...module.variables].map(([variable, block]): [string, RootVariable] => [
          variable,
          { at: block.head, what: 'forgotten', value: () => unknown('forgotten', block.head) },
        ]),
      );
      const configuration = evaluateTerraform(module, { reader, variables, modules });
      const { findings } = check(
        normalise(configuration, { removedNames: removedNames(), modules: knownModules() }).entities,
        options.rules,
        'en',
      );
      // A list in a note may only get shorter words.
      fresh.push(
        ...findings
          .filter((finding) => finding.severity !== 'note')
          .map(key)
          .filter((finding) => !known.has(finding)),
      );
    }
    expect(fresh).toEqual([]);
  });
});
