import type { Logger } from "pino";
import { Gauge, type Registry } from "prom-client";
import { datasets } from "#infrastructure/datasets";
import { addJob, type JobTask } from "#kernel/jobs/jobs";
import type { Kernel } from "#kernel/system/kernel";
import { TEND_DATASETS, tendDatasets } from "../infrastructure/datasets/tending.ts";

/** How often a node asks the sources of its copies what changed. */
const FOLLOW_MS = 2_000;
/** How often a node without copies looks whether there is anything to do. */
const IDLE_MS = 60_000;

/** The job that keeps data sets; it adds itself again, under one key, and so runs in one process. */
export function datasetsJobs(kernel: Kernel, log: Pick<Logger, "error">): Readonly<Record<string, JobTask>> {
  if (!kernel.systems.has(datasets.id)) return {};
  const onFault = (fault: unknown) =>
    log.error({ code: (fault as { code?: unknown }).code }, "keeping a copy of a data set failed");
  const again = (milliseconds: number) =>
    addJob(
      kernel.database,
      TEND_DATASETS,
      {},
      {
        key: TEND_DATASETS,
        // Jobs run by the clock of the machine, whatever the clock of the rooms says.
        runAt: Temporal.Now.instant().add({ milliseconds }).toString(),
        yields: true,
      },
    );
  return {
    [TEND_DATASETS]: async () => {
      await again(IDLE_MS);
      if (await tendDatasets(kernel, onFault)) await again(FOLLOW_MS);
    },
  };
}

/** Begins it, at each start of a node. */
export async function startDatasets(kernel: Kernel): Promise<void> {
  if (!kernel.systems.has(datasets.id)) return;
  await addJob(kernel.database, TEND_DATASETS, {}, { key: TEND_DATASETS, yields: true });
}

interface CopyCounts {
  readonly state: string;
  readonly copies: number;
  readonly behind: number;
  readonly suspect: number;
}

/** How copies of data sets are: labels are states, never a register or a node. */
export function mountDatasetsGauges(registry: Registry, kernel: Kernel): void {
  if (!kernel.systems.has(datasets.id)) return;
  const read = () =>
    kernel.database.query<CopyCounts>(
      `SELECT state, count(*) AS copies, coalesce(sum(greatest(source_position - position, 0)), 0)::bigint AS behind,
              count(*) FILTER (WHERE suspect) AS suspect FROM datasets.copy WHERE state <> 'ended' GROUP BY state`,
    );
  new Gauge({
    name: "zhengtong_dataset_copies",
    help: "Copies of other nodes' registers, by state",
    labelNames: ["state"] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const { state, copies } of await read()) this.set({ state }, copies);
    },
  });
  new Gauge({
    name: "zhengtong_dataset_changes_behind",
    help: "Changes that sources have and copies have not, as far as was heard",
    registers: [registry],
    async collect() {
      this.set((await read()).reduce((sum, { behind }) => sum + behind, 0));
    },
  });
  new Gauge({
    name: "zhengtong_dataset_copies_at_odds",
    help: "Copies whose sum differs from their source's and that are to be reconciled",
    registers: [registry],
    async collect() {
      this.set((await read()).reduce((sum, { suspect }) => sum + suspect, 0));
    },
  });
  new Gauge({
    name: "zhengtong_dataset_changes_waiting",
    help: "Changes of published registers that have no position yet",
    registers: [registry],
    async collect() {
      const [row] = await kernel.database.query<{ waiting: number }>("SELECT count(*) AS waiting FROM feed.pending");
      this.set(row?.waiting ?? 0);
    },
  });
}
