/**
 * What the report for people says of itself, by language.
 * Severities stay English in each, so that scripts which look for them need not know the language.
 */
import type { Severity } from '../source/diagnostic.ts';

export interface Words {
  /** Headings of sections, without their colon. */
  readonly unread: string;
  readonly remarks: string;
  readonly undecided: string;
  /** Labels before what they name. */
  readonly resource: string;
  readonly help: string;
  readonly solutions: string;
  readonly docs: string;
  readonly because: string;
  /** After an underline: the line on which the place ends. */
  untilLine(line: number): string;
  seen(files: number, resources: number): string;
  /** One severity and how often. */
  counted(severity: Severity, number: number): string;
  found(counts: readonly string[], seen: string): string;
  readonly clean: string;
  /** `clean` is already painted. */
  cleanIn(clean: string, seen: string): string;
  cleanButIncomplete(seen: string): string;
  readonly noFiles: string;
  noResources(files: number): string;
  undetermined(number: number, isListed: boolean): string;
  suppressed(number: number): string;
  /** Between the verdict and what is added to it. */
  readonly joint: string;
  readonly explain: string;
  /** 0 inputs: what could not be read is none of them. */
  incomplete(inputs: number): string;
}

const en: Words = {
  unread: 'Could not be read',
  remarks: 'Remarks on this run',
  undecided: 'Could not be decided',
  resource: 'in',
  help: 'help:',
  solutions: 'solutions:',
  docs: 'docs:',
  because: 'because:',
  untilLine: (line) => `to line ${line}`,
  seen: (files, resources) => `${plural(files, 'file')} (${plural(resources, 'resource')})`,
  counted: (severity, number) => plural(number, severity),
  found: (counts, seen) => `${counts.join(', ')} in ${seen}`,
  clean: 'No problems found',
  cleanIn: (clean, seen) => `${clean} in ${seen}`,
  cleanButIncomplete: (seen) => `No problems in what could be read: ${seen}`,
  noFiles: 'Nothing was checked: no file of a known kind was found',
  noResources: (files) => `Nothing was checked: no resource that matters for backup in ${plural(files, 'file')}`,
  undetermined: (number, isListed) =>
    `${plural(number, 'check')} could not be decided${isListed ? '' : ' (--show-undetermined lists them)'}`,
  suppressed: (number) => `${number} suppressed`,
  joint: '; ',
  explain: 'Run `azure-backup-lint explain CODE` for why and examples.',
  incomplete: (inputs) =>
    `Incomplete: ${inputs === 0 ? 'something' : plural(inputs, 'input')} could not be read, so problems there are not in this report.`,
};

const ja: Words = {
  unread: '読み取れなかったもの',
  remarks: 'この実行についての注意',
  undecided: '判定不能',
  resource: '対象:',
  help: '対処:',
  solutions: 'ソリューション:',
  docs: 'ドキュメント:',
  because: '理由:',
  untilLine: (line) => `${line} 行目まで`,
  seen: (files, resources) => `${files} ファイル (${resources} リソース)`,
  counted: (severity, number) => `${severity} ${number} 件`,
  found: (counts, seen) => `${seen}: ${counts.join('、')}`,
  clean: '問題は見つかりませんでした',
  cleanIn: (clean, seen) => `${seen}: ${clean}`,
  cleanButIncomplete: (seen) => `${seen}: 読み取れた範囲に問題はありませんでした`,
  noFiles: '何も検査していません: 対応している種類のファイルが見つかりませんでした',
  noResources: (files) =>
    `何も検査していません: ${files} ファイルの中に、バックアップに関係するリソースがありませんでした`,
  undetermined: (number, isListed) => `判定不能 ${number} 件${isListed ? '' : ' (--show-undetermined で一覧を表示)'}`,
  suppressed: (number) => `抑制 ${number} 件`,
  joint: '。',
  explain: '理由と例は `azure-backup-lint explain CODE` で確認できます。',
  incomplete: (inputs) =>
    `不完全: ${inputs === 0 ? '一部' : `${inputs} 個の入力`}を読み取れなかったため、そこにある問題はこのレポートに含まれていません。`,
};

/** English where a language has no words of its own. */
export function wordsOf(language: string | undefined): Words {
  return language === 'ja' ? ja : en;
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
