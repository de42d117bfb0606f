/**
 * Typesets documents in a process of its own.
 *
 * A process, not a thread: the compiler is native code, and only a process can be stopped while it runs. Its memory and its
 * faults are its own as well. It is started by `typesetter.ts` and ends with the process that started it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NodeCompiler } from "@myriaddreamin/typst-ts-node-compiler";
import type { TypesettingAnswer, TypesettingJob } from "./typesetting-messages.ts";

/** Looking through all results for what nobody uses takes as long as a small page, so it is done now and then. */
const DOCUMENTS_A_GENERATION = 10;
/** Results that no document has used for so many generations are forgotten. */
const CACHE_GENERATIONS = 3;
// Nothing is read from disk: the workspace is a name under which sources are held in memory.
const WORKSPACE = process.platform === "win32" ? "C:\\zhengtong-documents" : "/zhengtong-documents";

let compiler: NodeCompiler | undefined;
let documents = 0;

process.on("message", (job: TypesettingJob) => {
  process.send?.(answer(job));
});
process.on("disconnect", () => process.exit(0));

function answer(job: TypesettingJob): TypesettingAnswer {
  try {
    if (job.kind === "open") {
      compiler = open(job.fonts, job.sources);
      return { id: job.id, kind: "opened" };
    }
    return typeset(job);
  } catch (error) {
    return { id: job.id, kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function open(fonts: readonly string[], sources: Readonly<Record<string, string>>): NodeCompiler {
  const fresh = NodeCompiler.create({
    workspace: WORKSPACE,
    fontArgs: [{ fontBlobs: fonts.map((path) => readFileSync(path)) }],
  });
  for (const [path, source] of Object.entries(sources)) fresh.addSource(join(WORKSPACE, path), source);
  return fresh;
}

function typeset(job: Extract<TypesettingJob, { kind: "typeset" }>): TypesettingAnswer {
  if (compiler === undefined) return { id: job.id, kind: "failed", message: "not opened" };
  const compiled = compiler.compile({ mainFilePath: join(WORKSPACE, job.main), inputs: { data: job.data } });
  const document = compiled.result;
  if (document === null) {
    const found = compiled.takeDiagnostics();
    const messages = found === null ? [] : compiler.fetchDiagnostics(found);
    return { id: job.id, kind: "failed", message: JSON.stringify(messages).slice(0, 2000) };
  }
  // Level A: tagged structure and Unicode text, so that a screen reader reads the notice (ISO 19005-2).
  const pdf = compiler.pdf(document, { pdfStandard: "a-2a" });
  const pages = document.numOfPages;
  documents += 1;
  if (documents % DOCUMENTS_A_GENERATION === 0) compiler.evictCache(CACHE_GENERATIONS);
  return { id: job.id, kind: "typeset", pdf, pages };
}
