import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Fault } from "../errors/fault.ts";
import { secretsForThread, type Vault } from "../vault/vault.ts";
import "./faults.ts";
import { SEALING_MAX_THREADS } from "./limits.ts";
import { packed } from "./packed-rows.ts";
import type { CheckedRow, SealedRows, SealingTask } from "./sealing.ts";
import type { RegisterShape } from "./shape.ts";

interface Waiting {
  readonly resolve: (sealed: SealedRows) => void;
  readonly reject: (fault: Fault) => void;
}

/** Threads that share the sealing of one import: it takes more time than all the rest of it. */
export class SealingThreads {
  readonly size: number;
  readonly #shape: RegisterShape;
  readonly #threads: readonly { readonly worker: Worker; readonly waiting: Waiting[] }[];
  #next = 0;
  #closing = false;

  constructor(task: SealingTask, vault: Vault) {
    this.#shape = task.shape;
    this.size = Math.min(SEALING_MAX_THREADS, availableParallelism());
    this.#threads = Array.from({ length: this.size }, () => this.#start({ task, secrets: secretsForThread(vault) }));
  }

  /** Each thread takes its batches in order. */
  seal(rows: readonly CheckedRow[]): Promise<SealedRows> {
    const thread = this.#threads[this.#next];
    this.#next = (this.#next + 1) % this.size;
    return new Promise((resolve, reject) => {
      thread?.waiting.push({ resolve, reject });
      thread?.worker.postMessage(packed(this.#shape, rows));
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(workerData: object) {
    const worker = new Worker(new URL("./sealing-thread.ts", import.meta.url), { workerData });
    const waiting: Waiting[] = [];
    const fail = (cause?: unknown) => {
      if (this.#closing) return;
      const fault = new Fault("ERR_REGISTER_THREAD", { cause });
      for (const each of waiting.splice(0)) each.reject(fault);
    };
    worker.on("message", (sealed: SealedRows) => waiting.shift()?.resolve(sealed));
    worker.on("error", fail);
    worker.on("exit", () => fail());
    return { worker, waiting };
  }
}
