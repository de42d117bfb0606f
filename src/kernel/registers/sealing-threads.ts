import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Fault } from "../errors/fault.ts";
import { secretsForThread, type Vault } from "../vault/vault.ts";
import "./faults.ts";
import { SEALING_MAX_THREADS, SEALING_YOUNG_OBJECTS_MIB } from "./limits.ts";
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
  #up = 0;
  #fault: Fault | undefined;
  #closing = false;

  constructor(task: SealingTask, vault: Vault) {
    this.#shape = task.shape;
    this.size = Math.min(SEALING_MAX_THREADS, availableParallelism());
    this.#threads = Array.from({ length: this.size }, () => this.#start({ task, secrets: secretsForThread(vault) }));
  }

  /** Whether all can work at once, or one has failed: starting takes as long as sealing some thousands of rows. */
  get isUp(): boolean {
    return this.#up === this.size || this.#fault !== undefined;
  }

  /** Each thread takes its batches in order. */
  async seal(rows: readonly CheckedRow[]): Promise<SealedRows> {
    if (this.#fault !== undefined) throw this.#fault;
    const thread = this.#threads[this.#next];
    this.#next = (this.#next + 1) % this.size;
    return await new Promise((resolve, reject) => {
      thread?.waiting.push({ resolve, reject });
      thread?.worker.postMessage(packed(this.#shape, rows));
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(workerData: object) {
    const worker = new Worker(new URL("./sealing-thread.ts", import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: SEALING_YOUNG_OBJECTS_MIB },
    });
    const waiting: Waiting[] = [];
    const fail = (cause?: unknown) => {
      if (this.#closing) return;
      this.#fault ??= new Fault("ERR_REGISTER_THREAD", { cause });
      for (const each of waiting.splice(0)) each.reject(this.#fault);
    };
    worker.on("message", (message: "up" | SealedRows) => {
      if (message === "up") this.#up += 1;
      else waiting.shift()?.resolve(message);
    });
    worker.on("error", fail);
    worker.on("exit", () => fail());
    return { worker, waiting };
  }
}
