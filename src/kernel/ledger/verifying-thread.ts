import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "../database/database.ts";
import { assert } from "../errors/fault.ts";
import { keysInThread } from "./keys.ts";
import { type LogPart, verifyPart } from "./part-verification.ts";
import type { ThreadTask } from "./verifying-threads.ts";

/** A thread that verifies contents with a connection of its own: see `verifying-threads.ts`, which starts it. */

assert(parentPort !== null, "verifying-thread.ts is started as a thread");
const port = parentPort;
const { url, secrets } = workerData as ThreadTask;
const keys = keysInThread(secrets);
const database = await openDatabase({ url, poolSize: 2, applicationName: "zhengtong verify" });

port.on("message", async (part: LogPart | "close") => {
  if (part === "close") {
    await database.close();
    port.close();
  } else {
    port.postMessage(await verifyPart(database, part, keys));
  }
});
port.postMessage("up");
