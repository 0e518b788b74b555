/**
 * What the report for people says of itself, by language.
 * Severities stay English in each, so that scripts which look for them need not know the language.
 */
import type { Severity } from '../source/diagnostic.ts';

export interface Words {
  /** While it is read. */
  reading(name: string): string;
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
  /** An audit reads no files. */
  seen(files: number, resources: number): string;
  /** One severity and how often. */
  counted(severity: Severity, number: number): string;
  found(counts: readonly string[], seen: string): string;
  readonly clean: string;
  /** `clean` is already painted. */
  cleanIn(clean: string, seen: string): string;
  cleanButIncomplete(seen: string): string;
  readonly nothingRead: string;
  readonly noFiles: string;
  noResources(files: number): string;
  undetermined(number: number, isListed: boolean): string;
  suppressed(number: number): string;
  /** Between the verdict and what is added to it. */
  readonly joint: string;
  readonly explain: string;
  /** 0 inputs: what could not be read is none of them. */
  incomplete(inputs: number): string;
  /** GitHub shows only some of a step's annotations beside the code. */
  notAnnotated(number: number, limit: number): string;
  /** Before a list of problems like the one above. */
  alike(number: number): string;
  /** Heads of columns and sections. */
  readonly place: string;
  readonly rule: string;
  readonly problem: string;
  readonly whatToDo: string;
  /** Before the address of a rule's page, and as the text of a link to it. */
  readonly more: string;
  readonly moreAboutRule: string;
  /** What paths are relative to. */
  readonly root: string;
  /** A report of a bounded size ends with it. */
  notShown(number: number): string;
}

const en: Words = {
  reading: (name) => `reading ${name}`,
  unread: 'Could not be read',
  remarks: 'Remarks on this run',
  undecided: 'Could not be decided',
  resource: 'in',
  help: 'help:',
  solutions: 'solutions:',
  docs: 'docs:',
  because: 'because:',
  untilLine: (line) => `to line ${line}`,
  seen: (files, resources) =>
    files === 0 && resources > 0
      ? plural(resources, 'resource')
      : `${plural(files, 'file')} (${plural(resources, 'resource')})`,
  counted: (severity, number) => plural(number, severity),
  found: (counts, seen) => `${counts.join(', ')} in ${seen}`,
  clean: 'No problems found',
  cleanIn: (clean, seen) => `${clean} in ${seen}`,
  cleanButIncomplete: (seen) => `No problems in what could be read: ${seen}`,
  nothingRead: 'Nothing could be read, so nothing was checked',
  noFiles: 'Nothing was checked: no file of a known kind was found',
  noResources: (files) => `Nothing was checked: no resource that matters for backup in ${plural(files, 'file')}`,
  undetermined: (number, isListed) =>
    `${plural(number, 'check')} could not be decided${isListed ? '' : ' (--show-undetermined lists them)'}`,
  suppressed: (number) => `${number} suppressed`,
  joint: '; ',
  explain: 'Run `azure-backup-lint explain CODE` for why and examples.',
  incomplete: (inputs) =>
    `Incomplete: ${inputs === 0 ? 'something' : plural(inputs, 'input')} could not be read, so problems there are not in this report.`,
  notAnnotated: (number, limit) =>
    `GitHub shows the first ${limit} errors, ${limit} warnings and ${limit} notices of a step as annotations; ${number} more ${number === 1 ? 'stands' : 'stand'} only in this log.`,
  alike: (number) => `${number} more of the same rule:`,
  place: 'Place',
  rule: 'Rule',
  problem: 'Problem',
  whatToDo: 'What to do',
  more: 'More',
  moreAboutRule: 'More about this rule',
  root: 'The root of the repository, or the working directory of the run where there is no repository.',
  notShown: (number) =>
    `${plural(number, 'more entry', 'more entries')} did not fit into this report; \`--format json\` or \`--format sarif\` holds all of them.`,
};

const ja: Words = {
  reading: (name) => `読み取り中: ${name}`,
  unread: '読み取れなかったもの',
  remarks: 'この実行についての注意',
  undecided: '判定不能',
  resource: '対象:',
  help: '対処:',
  solutions: 'ソリューション:',
  docs: 'ドキュメント:',
  because: '理由:',
  untilLine: (line) => `${line} 行目まで`,
  seen: (files, resources) =>
    files === 0 && resources > 0 ? `${resources} リソース` : `${files} ファイル (${resources} リソース)`,
  counted: (severity, number) => `${severity} ${number} 件`,
  found: (counts, seen) => `${seen}: ${counts.join('、')}`,
  clean: '問題は見つかりませんでした',
  cleanIn: (clean, seen) => `${seen}: ${clean}`,
  cleanButIncomplete: (seen) => `${seen}: 読み取れた範囲に問題はありませんでした`,
  nothingRead: '何も読み取れなかったため、何も検査していません',
  noFiles: '何も検査していません: 対応している種類のファイルが見つかりませんでした',
  noResources: (files) =>
    `何も検査していません: ${files} ファイルの中に、バックアップに関係するリソースがありませんでした`,
  undetermined: (number, isListed) => `判定不能 ${number} 件${isListed ? '' : ' (--show-undetermined で一覧を表示)'}`,
  suppressed: (number) => `抑制 ${number} 件`,
  joint: '。',
  explain: '理由と例は `azure-backup-lint explain CODE` で確認できます。',
  incomplete: (inputs) =>
    `不完全: ${inputs === 0 ? '一部' : `${inputs} 個の入力`}を読み取れなかったため、そこにある問題はこのレポートに含まれていません。`,
  notAnnotated: (number, limit) =>
    `GitHub がアノテーションとして表示するのは、1 ステップにつき error、warning、notice 各 ${limit} 件までです。残りの ${number} 件はこのログにだけ出力されています。`,
  alike: (number) => `同じルールの検出結果がほかに ${number} 件あります:`,
  place: '場所',
  rule: 'ルール',
  problem: '問題',
  whatToDo: '対処方法',
  more: '詳細',
  moreAboutRule: 'このルールの詳細',
  root: 'リポジトリのルート。リポジトリでない場合は実行時の作業ディレクトリ。',
  notShown: (number) =>
    `残りの ${number} 件はこのレポートに収まりませんでした。\`--format json\` と \`--format sarif\` にはすべて含まれます。`,
};

/** English where a language has no words of its own. */
export function wordsOf(language: string | undefined): Words {
  return language === 'ja' ? ja : en;
}

function plural(number: number, noun: string, several = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : several}`;
}
