import { setImmediate } from "node:timers/promises";
import type { ObjectSchema } from "../contract/contract.ts";
import type { ImportScope } from "./import-entries.ts";
import { ImportFault } from "./import-fault.ts";
import { microsOf } from "./instant.ts";
import { digestOf } from "./legal-bases.ts";
import { SEALING_BATCHES_AHEAD, SEALING_ROWS_WITHOUT_THREADS } from "./limits.ts";
import type { ReadyRow } from "./ready-rows.ts";
import type { OpenRegister } from "./register-store.ts";
import { type SealedRows, Sealer, type SealingTask } from "./sealing.ts";
import { SealingThreads } from "./sealing-threads.ts";

export interface SealedBatch extends Omit<SealedRows, "tooBig"> {
  readonly rows: readonly ReadyRow[];
}

/**
 * Seals batches, in order: the first ones here, and when there are many, the others in threads, a few batches ahead, as soon as
 * the threads are up.
 * @param options.tellsUnique whether their unique values are told beside them
 */
export async function* sealedBatches<S extends ObjectSchema>(
  register: OpenRegister<S>,
  scope: ImportScope,
  batches: AsyncIterable<readonly ReadyRow[]>,
  options: { readonly tellsUnique: boolean },
): AsyncGenerator<SealedBatch, void, undefined> {
  const { shape } = register;
  // Of one piece: here and in threads, rows are found by the same generation of the index key.
  const vault = register.vault.pinned();
  const task = taskOf(register, scope, options.tellsUnique);
  const sealer = new Sealer(task, vault);
  const ahead: Promise<SealedBatch>[] = [];
  let threads: SealingThreads | undefined;
  let begun = 0;
  try {
    for await (const rows of batches) {
      if (begun >= SEALING_ROWS_WITHOUT_THREADS) threads ??= new SealingThreads(task, vault);
      if (threads?.isUp !== true) {
        yield checkedBatch(shape.id, rows, sealer.seal(rows));
        await setImmediate(); // what was handed out leaves for the server, which then works beside us; threads are heard
      } else {
        const sealing = threads.seal(rows).then((sealed) => checkedBatch(shape.id, rows, sealed));
        sealing.catch(() => undefined); // seen when it is awaited
        ahead.push(sealing);
        const [first] = ahead;
        if (ahead.length > threads.size * SEALING_BATCHES_AHEAD && first !== undefined) {
          ahead.shift();
          yield await first;
        }
      }
      begun += rows.length;
    }
    for (const sealing of ahead) yield await sealing;
  } finally {
    await threads?.close();
  }
}

function taskOf<S extends ObjectSchema>(
  { shape }: OpenRegister<S>,
  { act, authority }: ImportScope,
  tellsUnique: boolean,
): SealingTask {
  const provenance = { authority, legalBasis: digestOf(act.legalBasis), caseId: act.caseId, actId: act.id };
  return { shape, provenance, recordedFrom: microsOf(act.at), tellsUnique };
}

function checkedBatch(register: string, rows: readonly ReadyRow[], { tooBig, ...sealed }: SealedRows): SealedBatch {
  if (tooBig.length === 0) return { ...sealed, rows };
  throw new ImportFault(
    register,
    tooBig.map(({ at, attribute }) => ({ line: rows[at]?.line ?? 0, path: attribute ?? "", problem: "too_big" })),
  );
}
