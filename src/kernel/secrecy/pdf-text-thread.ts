/** Reads the text of PDFs in a thread of its own: what is hostile is ended with the thread. */
import { parentPort } from "node:worker_threads";
import { PDF } from "@libpdf/core";
import { hasSecrecyMark } from "#lib/secrecy/secrecy-mark";

async function isMarked(bytes: Uint8Array): Promise<boolean> {
  const pdf = await PDF.load(bytes);
  const said = [pdf.getTitle(), pdf.getSubject(), pdf.getAuthor(), ...(pdf.getKeywords() ?? [])];
  if (said.some((one) => one !== undefined && hasSecrecyMark(one))) return true;
  return pdf.getPages().some((page) => hasSecrecyMark(page.extractText().text));
}

parentPort?.on("message", (bytes: Uint8Array) => {
  isMarked(bytes)
    .catch(() => false) // encrypted, damaged, or beyond what the library reads
    .then((marked) => parentPort?.postMessage(marked));
});
