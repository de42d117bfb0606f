import { Worker } from "node:worker_threads";
import { PDF_MEMORY_MAX_MIB, PDF_READING_MAX_MS, PDF_THREAD_IDLE_MS } from "./limits.ts";

/**
 * Whether the text of a PDF has a mark; false of one that cannot be read, or not in time. One is read after the other, in a thread that
 * goes when nobody needs it for a while.
 */
export function pdfHasMark(bytes: Uint8Array): Promise<boolean> {
  const answer = last.then(() => readOne(bytes));
  last = answer;
  return answer;
}

let last: Promise<unknown> = Promise.resolve();
let thread: Worker | undefined;
let idle: NodeJS.Timeout | undefined;

async function readOne(bytes: Uint8Array): Promise<boolean> {
  clearTimeout(idle);
  thread ??= started();
  const worker = thread;
  const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
  const end = () => resolve(undefined);
  const late = setTimeout(end, PDF_READING_MAX_MS);
  const tooLarge = setInterval(() => void hasTooMuch(worker).then((is) => is && end()), MEMORY_LOOKED_AT_MS);
  worker.once("message", resolve).once("error", end).once("exit", end);
  worker.ref();
  // A copy: who gave the bytes goes on using them.
  const copy = Uint8Array.from(bytes);
  worker.postMessage(copy, [copy.buffer]);
  const marked = await promise;
  clearTimeout(late);
  clearInterval(tooLarge);
  worker.off("message", resolve).off("error", end).off("exit", end);
  worker.unref();
  if (marked === undefined) await stop(worker);
  else idle = setTimeout(() => void stop(worker), PDF_THREAD_IDLE_MS).unref();
  return marked ?? false;
}

const MEMORY_LOOKED_AT_MS = 50;

function started(): Worker {
  const worker = new Worker(new URL("./pdf-text-thread.ts", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: PDF_MEMORY_MAX_MIB },
  });
  worker.on("error", () => undefined); // told to whoever waits
  worker.unref();
  return worker;
}

/** What is unpacked lies outside of what the limits of a thread bound. */
async function hasTooMuch(worker: Worker): Promise<boolean> {
  try {
    const { external_memory: outside } = await worker.getHeapStatistics();
    return (outside ?? 0) > PDF_MEMORY_MAX_MIB * 1024 * 1024;
  } catch {
    return false; // it has ended
  }
}

async function stop(worker: Worker): Promise<void> {
  if (thread === worker) thread = undefined;
  await worker.terminate();
}
