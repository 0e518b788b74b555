/** What findings say beside the texts of their rules, by language. */
import type { Value } from '../evaluate/value.ts';

export interface Phrases {
  /** Beside the value that decided: where it is used. */
  readonly usedHere: string;
  /** Beside the call of a module that is not the user's: the place inside. */
  readonly inModule: string;
  /** In a message: a fact that the code does not give. */
  readonly notWritten: string;
  /** In a message: a fact as describe() writes it, of which parts may be words of the program. */
  fact(text: string, kind: Value['kind']): string;
}

/** Instead of values that are not shown. */
const japaneseValues: Readonly<Record<string, string>> = {
  unknown: '不明',
  '(secret)': '(機密)',
  'a value that is too large to print': '大きすぎて表示できない値',
};

/** Texts that the model makes. */
const japaneseTexts: Readonly<Record<string, string>> = {
  'every rule': 'すべてのルール',
  'resource group': 'リソース グループ',
};

const en: Phrases = {
  usedHere: 'used here',
  inModule: 'it stands here, in the module',
  notWritten: 'not written',
  fact: (text) => text,
};
const ja: Phrases = {
  usedHere: 'ここで使用',
  inModule: 'モジュール内のこの場所',
  notWritten: '指定なし',
  fact(text, kind) {
    if (kind === 'string') return japaneseTexts[text] ?? text.replace(/ and (\d+) more$/, ' ほか $1 件');
    const choices = kind === 'one-of' ? text.split(' or ') : [text];
    const all = choices.map((one) => japaneseValues[one] ?? one).join(' または ');
    // Spaces part Japanese from code alone.
    return all.replace(/または (?=不明|大きすぎて)|(?<=不明|値) (?=または)/g, (found) => found.trim());
  },
};

/** English where a language has no phrases of its own. */
export function phrasesOf(language: string): Phrases {
  return language === 'ja' ? ja : en;
}
