import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { jsonSchemaOf } from "#kernel/derived/json-schema";
import { addJob, type JobTask } from "#kernel/jobs/jobs";
import type { Kernel } from "#kernel/system/kernel";
import { ensureContractTypes } from "../infrastructure/events/contract-types.ts";
import { Distribution } from "../infrastructure/events/distribution.ts";
import { mountEventEdge } from "../infrastructure/events/edge/endpoints.ts";
import { eventEdgeOf } from "../infrastructure/events/edge/recognition.ts";
import { removeOldEvents } from "../infrastructure/events/sweeps.ts";

const SWEEP_EVENTS = "sweep-events";
const SWEEP_INTERVAL_MS = 6 * 3_600_000;

/** Has what rooms publish reach whoever subscribed; gives what stops it. A node without that room keeps what it publishes in the outbox. */
export async function startEvents(kernel: Kernel, log: Logger): Promise<() => Promise<void>> {
  if (!kernel.systems.has("events")) return async () => undefined;
  await declareEvents(kernel);
  await addJob(kernel.database, SWEEP_EVENTS, {}, { key: SWEEP_EVENTS, yields: true });
  const distribution = new Distribution({
    kernel,
    onFault: (fault) => log.error({ code: (fault as { code?: unknown }).code }, "distributing events failed"),
  });
  await distribution.start();
  return () => distribution.stop();
}

/** Answers GovStack's PubSub API. */
export function mountEvents(server: FastifyInstance, kernel: Kernel): void {
  if (kernel.systems.has("events")) mountEventEdge(server, eventEdgeOf(kernel));
}

/** Removes what no room keeps any longer. */
export function eventJobs(kernel: Kernel): Readonly<Record<string, JobTask>> {
  return {
    [SWEEP_EVENTS]: async () => {
      const runAt = Temporal.Now.instant().add({ milliseconds: SWEEP_INTERVAL_MS }).toString();
      await addJob(kernel.database, SWEEP_EVENTS, {}, { key: SWEEP_EVENTS, runAt, yields: true });
      await removeOldEvents(kernel);
    },
  };
}

/** Gives the events that the contracts of the node declare their rooms and types, before the first of them is distributed. */
async function declareEvents(kernel: Kernel): Promise<void> {
  const declared = [...kernel.systems.values()].flatMap(({ contract }) =>
    Object.entries(contract.events).map(([name, { title, payload, key }]) => ({
      ...{ contract: contract.id, title: contract.title.zh, name, orderBy: key },
      schema: { ...jsonSchemaOf(payload, "output"), title: title.zh },
    })),
  );
  await ensureContractTypes(kernel, declared);
}
