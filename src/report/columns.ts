/** How many columns of a terminal a character takes, so that an underline stands under what it means. */

/** East Asian Wide and Fullwidth (Unicode TR 11); emoji are asked for by property. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4dc0, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18d08],
  [0x1aff0, 0x1b2fb],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

/** Columns of printable text; `before` is the character in front of it, which a skin tone melts into. */
export function columnsOf(text: string, before = ''): number {
  let columns = 0;
  let previous = before;
  for (const character of text) {
    columns += columnsOfOne(character, previous);
    previous = character;
  }
  return columns;
}

function columnsOfOne(character: string, previous: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  // Marks stand on the character before; Hangul vowels and finals complete a syllable.
  if (/[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u.test(character)) return 0;
  if (/\p{Emoji_Modifier}/u.test(character) && /\p{Emoji_Modifier_Base}$/u.test(previous)) return 0;
  // Two regional indicators make one flag of two columns.
  if (/\p{Regional_Indicator}/u.test(character)) return 1;
  if (/\p{Emoji_Presentation}/u.test(character)) return 2;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}
