import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import { isFault } from "#kernel/errors/fault";
import { tableOf } from "./copy.ts";
import type { Receiving, Step } from "./receive.ts";
import { unmoved } from "./receive.ts";
import { type CopyVersionRow, openRow, READ_COLUMNS } from "./rows.ts";
import { receiving, sumCopyUp } from "./tables.ts";

const BATCH_ROWS = 1_000;

/**
 * Opens every version of a copy. One that is not as it was received is taken out, and the sums are made anew of what stands: the
 * reconciliation that follows brings it back from the source.
 */
export async function checkStep({ kernel, copy }: Receiving): Promise<Step> {
  await kernel.database.transaction(
    async (tx) => {
      await unmoved(tx, copy);
      const damaged: { readonly key: string; readonly digest: Buffer }[] = [];
      const rows = tx.stream<CopyVersionRow>(`SELECT ${READ_COLUMNS} FROM ${tableOf(copy.id)} v`, [], {
        batchRows: BATCH_ROWS,
      });
      for await (const row of rows) {
        try {
          openRow(kernel.vault, copy.id, row);
        } catch (fault) {
          if (!isFault(fault, "ERR_DATASETS_DAMAGED")) throw fault;
          damaged.push({ key: row.key, digest: row.digest });
        }
      }
      await receiving(tx);
      await tx.execute(
        `DELETE FROM ${tableOf(copy.id)} v USING unnest($1::uuid[], $2::bytea[]) AS w (key, digest)
          WHERE v.key = w.key AND v.digest = w.digest`,
        [damaged.map(({ key }) => key), damaged.map(({ digest }) => digest)],
      );
      await sumCopyUp(tx, copy.id);
      await tx.execute("UPDATE datasets.copy SET check_due = false, suspect = true WHERE id = $1", [copy.id]);
    },
    { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS, retries: 0 },
  );
  return "more";
}
