/** 户口 forms leave room for 25 characters, foreign names on permits need more; organizations are longer. */
export const NAME_LENGTH_MAX = 200;

const HAN = /\p{Script=Han}/u;
const ONLY_HAN = /^\p{Script=Han}+$/u;

/**
 * A name as it is stored: without control and invisible characters, single spaces, one kind of middle dot, full-width
 * brackets beside Chinese. Characters themselves are kept, also compatibility ideographs, which NFC would replace by another form.
 */
export function normaliseName(input: string): string {
  if (input.length <= NAME_LENGTH_MAX && ONLY_HAN.test(input)) return input;
  const bounded = [...input].slice(0, NAME_LENGTH_MAX).join("");
  const cleaned = bounded
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/gu, "")
    .replace(/[•‧・∙⋅･]/gu, "·")
    .replace(/[！-～]/gu, (wide) => (/[（），]/u.test(wide) ? wide : wide.normalize("NFKC")))
    .replace(/[\p{Script=Latin}\p{M}]+/gu, (latin) => latin.normalize("NFC"))
    .trim();
  if (!HAN.test(cleaned)) return cleaned;
  return cleaned
    .replace(/\(/g, "（")
    .replace(/\)/g, "）")
    .replace(/ *· */g, "·")
    .replace(/(?<=\p{Script=Han}) +(?=\p{Script=Han})/gu, "");
}

/** The form under which names are compared: compatibility forms folded, small letters, no marks, dots or spaces. */
export function foldName(input: string): string {
  return [...normaliseName(input).normalize("NFKC").toLowerCase()]
    .filter((character) => /[\p{L}\p{N}]/u.test(character))
    .join("");
}

/** A name that shows only whose file it could be: 张**. The length of long names is hidden. */
export function maskName(name: string): string {
  const characters = [...normaliseName(name)].filter((character) => !/\p{M}/u.test(character));
  const [first] = characters;
  if (first === undefined) return "";
  return characters.length === 1 ? "*" : first + "*".repeat(Math.min(characters.length - 1, 2));
}
