/** The fonts that documents are drawn with, shipped whole by an npm package (SIL Open Font License 1.1). */
import { fileURLToPath } from "node:url";

function fontFile(weight: string): string {
  const specifier = `@expo-google-fonts/noto-serif-sc/${weight}/NotoSerifSC_${weight}.ttf`;
  return fileURLToPath(import.meta.resolve(specifier));
}

/** Noto Serif SC in the two weights that the templates use; templates name the family `Noto Serif SC`. */
export const DOCUMENT_FONTS: readonly string[] = Object.freeze([fontFile("400Regular"), fontFile("700Bold")]);
