import { pinyin } from "pinyin-pro";

const HAN = /\p{Script=Han}/u;

/** The readings of a text's Chinese characters without their tones, one a character: `食品` is `["shi", "pin"]`. Others are left out. */
export function syllables(text: string): readonly string[] {
  const characters = [...text].filter((character) => HAN.test(character)).join("");
  if (characters === "") return [];
  return pinyin(characters, { type: "array", toneType: "none", v: true }).map((one) => one.toLowerCase());
}
