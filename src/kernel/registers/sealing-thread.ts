import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../errors/fault.ts";
import { openVaultInThread, type VaultSecrets } from "../vault/vault.ts";
import { type CheckedRow, Sealer, type SealingTask } from "./sealing.ts";

/** A thread that seals rows: see `sealing-threads.ts`, which starts it. */

assert(parentPort !== null, "sealing-thread.ts is started as a thread");
const port = parentPort;
const { task, secrets } = workerData as { readonly task: SealingTask; readonly secrets: VaultSecrets };
const sealer = new Sealer(task, openVaultInThread(secrets));

port.on("message", ({ rows, firstOrdinal }: { rows: readonly CheckedRow[]; firstOrdinal: number }) => {
  const { data, tooBig } = sealer.seal(rows, firstOrdinal);
  const own = new Uint8Array(data); // a copy of its own size, which can be handed over
  port.postMessage({ data: own, tooBig }, [own.buffer]);
});
