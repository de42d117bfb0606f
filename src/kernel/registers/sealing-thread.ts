import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../errors/fault.ts";
import { openVaultInThread, type VaultSecrets } from "../vault/vault.ts";
import { type PackedRows, unpacked } from "./packed-rows.ts";
import { Sealer, type SealingTask } from "./sealing.ts";

/** A thread that seals rows: see `sealing-threads.ts`, which starts it. */

assert(parentPort !== null, "sealing-thread.ts is started as a thread");
const port = parentPort;
const { task, secrets } = workerData as { readonly task: SealingTask; readonly secrets: VaultSecrets };
const sealer = new Sealer(task, openVaultInThread(secrets));

port.postMessage("up");
port.on("message", (rows: PackedRows) => {
  const sealed = sealer.seal(unpacked(task.shape, rows));
  port.postMessage(sealed, [sealed.data.buffer as ArrayBuffer, sealed.ends.buffer as ArrayBuffer]);
});
