/** What findings say beside the texts of their rules, by language. */
export interface Phrases {
  /** Beside the value that decided: where it is used. */
  readonly usedHere: string;
  /** Beside the call of a module that is not the user's: the place inside. */
  readonly inModule: string;
  /** In a message: a fact that the code does not give. */
  readonly notWritten: string;
}

const en: Phrases = { usedHere: 'used here', inModule: 'it stands here, in the module', notWritten: 'not written' };
const ja: Phrases = { usedHere: 'ここで使用', inModule: 'モジュール内のこの場所', notWritten: '指定なし' };

/** English where a language has no phrases of its own. */
export function phrasesOf(language: string): Phrases {
  return language === 'ja' ? ja : en;
}
