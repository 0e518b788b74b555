/** What findings say beside the texts of their rules, by language. */
import type { Value } from '../evaluate/value.ts';

export interface Phrases {
  /** Beside the value that decided: where it is used. */
  readonly usedHere: string;
  /** Beside the call of a module that is not the user's: the place inside. */
  readonly inModule: string;
  /** In a message: a fact that the code or Azure does not give. */
  readonly notWritten: string;
  /** In a message: a fact as describe() writes it, of which parts may be words of the program. */
  fact(text: string, kind: Value['kind']): string;
  /** Why something cannot be told, as the model says it of code. */
  reason(because: string): string;
}

/** Instead of values that are not shown. */
const japaneseValues: Readonly<Record<string, string>> = {
  unknown: '不明',
  '(secret)': '(機密)',
  'a value that is too large to print': '大きすぎて表示できない値',
};

/** Of how long something lasts, as the model says it: `2 days`. */
const japaneseUnits: Readonly<Record<string, string>> = { minute: '分', hour: '時間', day: '日' };

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
  reason: (because) => because,
};
const ja: Phrases = {
  usedHere: 'ここで使用',
  inModule: 'モジュール内のこの場所',
  notWritten: '指定なし',
  fact(text, kind) {
    if (kind === 'string') {
      const [, count, unit] = /^(\d+) (minute|hour|day)s?$/.exec(text) ?? [];
      if (unit !== undefined) return `${count} ${japaneseUnits[unit]}`;
      return japaneseTexts[text] ?? text.replace(/ and (\d+) more$/, ' ほか $1 件');
    }
    const choices = kind === 'one-of' ? text.split(' or ') : [text];
    const all = choices.map((one) => japaneseValues[one] ?? one).join(' または ');
    // Spaces part Japanese from code alone.
    return all.replace(/または (?=不明|大きすぎて)|(?<=不明|値) (?=または)/g, (found) => found.trim());
  },
  reason: (because) => because,
};

/** In an audit nothing is declared: it was read or not. */
const declaredElsewhere = /^(.+) (is|are|may be) declared elsewhere$/;
const liveEn: Phrases = {
  ...en,
  usedHere: 'it belongs to this',
  notWritten: 'not told',
  reason: (because) =>
    because.replace(declaredElsewhere, (_whole, what: string, verb: string) =>
      verb === 'may be' ? `${what} may exist outside of what was read` : `${what} ${verb} no part of what was read`,
    ),
};
const liveJa: Phrases = {
  ...ja,
  usedHere: 'これに属しています',
  notWritten: '情報なし',
  reason: (because) => because.replace(declaredElsewhere, '関係するリソースが、監査で読み取った範囲にありません'),
};

/** English where a language has no phrases of its own. */
export function phrasesOf(language: string, isLive = false): Phrases {
  if (language === 'ja') return isLive ? liveJa : ja;
  return isLive ? liveEn : en;
}
