/** The modules of a QR code (ISO/IEC 18004) as rows of text, which a template draws as one vector path. */
import { create } from "qrcode";

const MAX_CODE_CHARACTERS = 600;

/**
 * Gives one string a row, `1` for a dark module. Error correction M: a scratched print still reads.
 * @throws {RangeError} when the content is empty or too long to be read from paper
 */
export function codeRows(content: string): string[] {
  if (content === "" || content.length > MAX_CODE_CHARACTERS) throw new RangeError("a code holds 1 to 600 characters");
  const { modules } = create(content, { errorCorrectionLevel: "M" });
  return Array.from({ length: modules.size }, (_, row) =>
    Array.from({ length: modules.size }, (_, column) => (modules.get(row, column) ? "1" : "0")).join(""),
  );
}
