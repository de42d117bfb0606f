import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Fault } from "../errors/fault.ts";
import "./faults.ts";
import { type LedgerKeys, type LedgerSecrets, secretsForThread } from "./keys.ts";
import { VERIFY_MAX_THREADS, VERIFY_YOUNG_OBJECTS_MIB } from "./limits.ts";
import type { LogPart, PartReport } from "./part-verification.ts";

export interface ThreadTask {
  readonly url: string;
  readonly secrets: LedgerSecrets;
}

interface Waiting {
  readonly part: LogPart;
  readonly resolve: (report: PartReport) => void;
  readonly reject: (fault: Fault) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  doing: Waiting | undefined;
}

/** Threads that share the verification of one log: opening contents takes more time than all the rest of it. */
export class VerifyingThreads {
  readonly size = Math.min(VERIFY_MAX_THREADS, availableParallelism());
  readonly #threads: readonly Thread[];
  readonly #queue: Waiting[] = [];
  readonly #free: Thread[] = [];
  #fault: Fault | undefined;
  #closing = false;

  constructor({ keys, ...task }: Omit<ThreadTask, "secrets"> & { readonly keys: LedgerKeys }) {
    const workerData: ThreadTask = { ...task, secrets: secretsForThread(keys) };
    this.#threads = Array.from({ length: this.size }, () => this.#start(workerData));
  }

  /** @throws ERR_LEDGER_THREAD */
  async verify(part: LogPart): Promise<PartReport> {
    if (this.#fault !== undefined) throw this.#fault;
    return await new Promise((resolve, reject) => {
      this.#queue.push({ part, resolve, reject });
      this.#give();
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#queue.length = 0;
    for (const { worker } of this.#threads) {
      if (this.#fault === undefined) worker.postMessage("close");
      else void worker.terminate();
    }
    await Promise.all(this.#threads.map(({ ended }) => ended));
  }

  #give(): void {
    while (this.#queue.length > 0) {
      const thread = this.#free.pop();
      if (thread === undefined) return;
      thread.doing = this.#queue.shift();
      thread.worker.postMessage(thread.doing?.part);
    }
  }

  #start(workerData: ThreadTask): Thread {
    const worker = new Worker(new URL("./verifying-thread.ts", import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: VERIFY_YOUNG_OBJECTS_MIB },
    });
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const thread: Thread = { worker, ended, doing: undefined };
    worker.on("message", (message: "up" | PartReport) => {
      if (message !== "up") thread.doing?.resolve(message);
      thread.doing = undefined;
      this.#free.push(thread);
      this.#give();
    });
    worker.on("error", (cause) => this.#fail(cause));
    worker.on("exit", () => this.#fail());
    return thread;
  }

  #fail(cause?: unknown): void {
    if (this.#closing) return;
    this.#fault ??= new Fault("ERR_LEDGER_THREAD", { cause });
    for (const { reject } of this.#queue.splice(0)) reject(this.#fault);
    for (const { doing } of this.#threads) doing?.reject(this.#fault);
  }
}
