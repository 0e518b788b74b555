/** The sentences of the program in the language that was asked for; English ones need nothing. */
import type { Language } from './config.ts';
import { type Entry, inEnglish, type Say, translator } from './report/translation.ts';

export async function sayingIn(language: Language): Promise<Say> {
  if (language === 'en') return inEnglish;
  const { sentenceData } = await import('./sentences.generated.ts');
  return translator((JSON.parse(sentenceData) as Record<string, Entry[]>)[language] ?? []);
}
