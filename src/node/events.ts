import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { doorRefusal } from "#kernel/contract/door-refusals";
import { jsonSchemaOf } from "#kernel/derived/json-schema";
import { addJob, type JobTask } from "#kernel/jobs/jobs";
import type { MessageSigner } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import type { DirectoryView } from "#lib/directory/view";
import { exchangeLinks, type NodeLinks } from "../infrastructure/events/between-nodes.ts";
import { ensureContractTypes } from "../infrastructure/events/contract-types.ts";
import { Distribution } from "../infrastructure/events/distribution.ts";
import { mountEventEdge } from "../infrastructure/events/edge/endpoints.ts";
import { eventEdgeOf } from "../infrastructure/events/edge/recognition.ts";
import { openLetters, postLetter } from "../infrastructure/events/letters.ts";
import type { NatsLinks } from "../infrastructure/events/nats/nats-links.ts";
import { buryUnreadable, removeOldEvents, removeUnclaimed } from "../infrastructure/events/sweeps.ts";
import { openTransit } from "../infrastructure/events/transit.ts";
import type { LetterBox } from "../infrastructure/exchange/letters/letters.ts";

const SWEEP_EVENTS = "sweep-events";
const SWEEP_INTERVAL_MS = 6 * 3_600_000;

/** How a node that belongs to a directory reaches the others. */
export interface EventsNetwork {
  /** Undefined while it belongs to none. */
  readonly view: () => DirectoryView | undefined;
  readonly signer: () => Promise<MessageSigner>;
  /** Events go through this NATS server instead of the exchange. */
  readonly natsUrl?: string | undefined;
}

/**
 * Has what rooms publish reach whoever subscribed; gives what stops it. A node without that room keeps what it publishes in the outbox.
 * @param network absent: what is for other nodes waits
 */
export async function startEvents(kernel: Kernel, log: Logger, network?: EventsNetwork): Promise<() => Promise<void>> {
  if (!kernel.systems.has("events")) return async () => undefined;
  await declareEvents(kernel);
  await openTransit(kernel.database, kernel.now());
  await openLetters(kernel.database, kernel.now());
  await addJob(kernel.database, SWEEP_EVENTS, {}, { key: SWEEP_EVENTS, yields: true });
  const onFault = (fault: unknown) =>
    log.error({ code: (fault as { code?: unknown }).code, name: (fault as Error).name }, "distributing events failed");
  const above = (code: string) => network?.view()?.node(code)?.above;
  const nats = network && network.natsUrl !== undefined ? lateNats(kernel, network, onFault) : undefined;
  const distribution = new Distribution({ kernel, onFault, links: nats ?? exchangeLinks(kernel, above) });
  await distribution.start();
  return async () => {
    await distribution.stop();
    await nats?.close();
  };
}

/** What a node asks of others, and answers, by way of those between. */
export function letterBox(kernel: Kernel, view: EventsNetwork["view"]): LetterBox {
  const above = (code: string) => view()?.node(code)?.above;
  return {
    ...{ kernel, view },
    async post(sql, letter) {
      const links = exchangeLinks(kernel, above);
      return links !== undefined && (await postLetter(sql, { kernel, links }, letter));
    },
  };
}

const NATS_RETRY_MS = 5_000;

/** A node with which this one may talk: no wire leads into the intranet or out of it (design, idea 5). */
function peerOf(view: DirectoryView | undefined, code: string) {
  const [own, peer] = [view?.node(view.self), view?.node(code)];
  if (own === undefined || peer === undefined || peer.code === own.code || peer.state === "left") return undefined;
  return (peer.zone === "intranet") === (own.zone === "intranet") ? peer : undefined;
}

/** The server may come later than this node, and this node may join a directory later: until then what is for others waits. */
function lateNats(
  kernel: Kernel,
  network: EventsNetwork,
  onFault: (fault: unknown) => void,
): NodeLinks & { close(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let links: NatsLinks | undefined;
  const self = () => network.view()?.self ?? "";
  const above = (code: string) => network.view()?.node(code)?.above;
  const opening = (async () => {
    while (!signal.aborted && links === undefined) {
      try {
        if (self() !== "") {
          // Loaded where it is used alone.
          const { NatsLinks } = await import("../infrastructure/events/nats/nats-links.ts");
          const peer = (code: string) => peerOf(network.view(), code);
          const signer = await network.signer();
          links = await NatsLinks.open({
            url: network.natsUrl ?? "",
            kernel,
            self: self(),
            above,
            peer,
            signer,
            onFault,
          });
          return;
        }
      } catch (error) {
        onFault(error);
      }
      await sleep(NATS_RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    get self() {
      return self();
    },
    above,
    sign: kernel.elsewhere?.proofs?.sign,
    hand: async (hop, handing) => links?.hand(hop, handing) ?? doorRefusal("events", "unavailable"),
    async close() {
      stopping.abort();
      await opening;
      await links?.close();
    },
  };
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
      await buryUnreadable(kernel);
      await removeOldEvents(kernel);
      await removeUnclaimed(kernel);
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
