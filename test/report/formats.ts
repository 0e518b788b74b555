/** Every format of a report, for what all of them have to keep. */
import { printAzurePipelines } from '../../src/report/azure-pipelines.ts';
import { printCsv } from '../../src/report/csv.ts';
import { printGithub } from '../../src/report/github.ts';
import { printGitlab } from '../../src/report/gitlab.ts';
import { printJson } from '../../src/report/json.ts';
import { printJunit } from '../../src/report/junit.ts';
import { printMarkdown } from '../../src/report/markdown.ts';
import { printPretty } from '../../src/report/pretty.ts';
import { printSarif } from '../../src/report/sarif.ts';
import { wordsOf } from '../../src/report/words.ts';
import type { Run } from '../../src/source/run.ts';

type Print = (run: Run, language?: string) => string;

export const formats: Readonly<Record<string, Print>> = {
  pretty: (run, language = 'en') => printPretty(run, { color: false, width: 80, showUndetermined: true, language }),
  json: printJson,
  sarif: (run, language) => printSarif(run, wordsOf(language)),
  junit: (run, language) => printJunit(run, wordsOf(language)),
  github: (run, language) => printGithub(run, wordsOf(language)),
  'azure-pipelines': (run, language) => printAzurePipelines(run, wordsOf(language)),
  gitlab: printGitlab,
  markdown: (run, language) => printMarkdown(run, wordsOf(language)),
  csv: printCsv,
};
