import type { Sql } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import type { Kernel } from "#kernel/system/kernel";
import "./faults.ts";

/**
 * The node that a room works on. This room needs more of it than doors give: the registers that it publishes, the ledger for whom a page
 * concerns, the way to other nodes. Kept by the node's database, as several nodes may live in one process.
 */
const kernels = new WeakMap<Sql, Kernel>();

export function provideDatasetsKernel(kernel: Kernel): void {
  kernels.set(kernel.database, kernel);
}

/**
 * @param ctx of an operation that has not written yet
 * @throws ERR_DATASETS_NO_PORTS
 */
export function kernelOf(ctx: { readonly tables: { read(): Sql } }): Kernel {
  const kernel = kernels.get(ctx.tables.read());
  if (kernel === undefined) throw new Fault("ERR_DATASETS_NO_PORTS");
  return kernel;
}
