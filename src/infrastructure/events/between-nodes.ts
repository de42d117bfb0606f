import { isRefusal } from "#kernel/contract/refusal";
import type { NodeProofs } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import type { CloudEvent } from "./cloud-event.ts";
import type { Attempt } from "./delivery-state.ts";
import { nextHop } from "./path.ts";
import type { Parcel } from "./transit.ts";

/** How nodes are reached from this one. */
export interface NodeLinks {
  /** The code of this node. */
  readonly self: string;
  /** The node above one, as the directory has it; undefined of the highest, and of one that it does not know. */
  readonly above: (code: string) => string | undefined;
  /** Signs what begins its way here. */
  readonly sign?: NodeProofs["sign"] | undefined;
  /** Hands parcels to the next node on their way; what it says is safe on its disk. */
  readonly hand: (hop: string, handing: Handing) => Promise<unknown>;
}

/** To the node that wants them, or to one that passes them on. */
export type Handing =
  | { readonly operation: "receive"; readonly input: { readonly parcels: readonly Parcel[] }; readonly key: string }
  | {
      readonly operation: "forward";
      readonly input: { readonly destination: string; readonly parcels: readonly Parcel[] };
      readonly key: string;
    };

/** The parcels of one call, in UTF-8: with the rest of the call they stay below what the exchange takes. */
const MAX_HANDED_BYTES = 640 * 1024;

/** Over the exchange: signed, on the record of both sides. */
export function exchangeLinks(
  kernel: Pick<Kernel, "elsewhere" | "newId" | "now" | "zone">,
  above: NodeLinks["above"],
): NodeLinks | undefined {
  const { elsewhere } = kernel;
  if (elsewhere === undefined) return undefined;
  return {
    // Asked each time: a node may come to belong to a directory while it runs.
    get self() {
      return elsewhere.routes.self;
    },
    ...{ above, sign: elsewhere.proofs?.sign },
    hand: (hop, { operation, input, key }) =>
      elsewhere.transport.carry(
        hop,
        {
          id: kernel.newId(),
          principal: { kind: "node", room: "events" },
          purpose: "administration",
          legalBasis: [],
          zone: kernel.zone,
          language: "zh",
          at: kernel.now(),
          idempotencyKey: key,
        },
        { room: "events", operation, input },
      ),
  };
}

/** An event on its way to another node, as it left its first one. */
export function parcelOf(self: string, event: CloudEvent, expiresAt: string | null): Parcel {
  return {
    origin: self,
    id: event.id,
    room: event.source.slice("/r1/".length),
    type: event.type,
    publisher: event.publisher,
    at: event.time,
    ...(event.subject !== undefined && { key: event.subject }),
    ...(expiresAt !== null && { expiresAt }),
    ...(event.traceparent !== undefined && { trace: event.traceparent }),
    event: event.data,
  };
}

/** With the signature of this node, for its destination alone. */
export async function provenFor(links: NodeLinks | undefined, destination: string, parcel: Parcel): Promise<Parcel> {
  if (links?.sign === undefined) return parcel;
  return { ...parcel, proof: await links.sign(parcelMessage(destination, parcel)) };
}

/** What is signed of a parcel: all but where it stands in a trace. */
export function parcelMessage(destination: string, parcel: Parcel): Uint8Array {
  const { origin, id, room, type, key, publisher, at, expiresAt, event } = parcel;
  return utf8(
    JSON.stringify([
      "zhengtong-parcel/1",
      ...[destination, origin, id, room, type, key ?? null, publisher, at, expiresAt ?? null, event ?? null],
    ]),
  );
}

/**
 * Hands parcels to the next node, as many as fit into one call.
 * @param due when each fell due: what was refused and is tried again is another call, which is judged anew
 * @returns an attempt for each that was decided upon, in their order; the rest is for the next time
 */
export async function handOver(
  links: NodeLinks | undefined,
  destination: string,
  parcels: readonly Parcel[],
  due: readonly string[],
): Promise<readonly Attempt[]> {
  const hop = links && nextHop(links, destination);
  if (links === undefined || hop === undefined) return [{ kind: "unreachable", reason: "no way to the node" }];
  const handed = fitting(parcels);
  // A signature may be another one each time (SM2): then it is another call, and events go by their ids.
  const told = handed.map(({ id, proof }, place) => [id, due[place], proof?.signature]);
  const key = sha256Hex(utf8(JSON.stringify([destination, told])));
  const outcome = await links.hand(
    hop,
    hop === destination
      ? { operation: "receive", input: { parcels: handed }, key }
      : { operation: "forward", input: { destination, parcels: handed }, key },
  );
  // That a node does not let us in says nothing about an event: someone there has to admit us.
  if (isRefusal(outcome)) return [{ kind: "unreachable", reason: `${hop}: ${outcome.code}` }];
  const { taken, refused } = outcome as { readonly taken: number; readonly refused?: { readonly code: string } };
  const attempts: Attempt[] = handed.slice(0, taken).map(() => ({ kind: "taken" }));
  if (refused && taken < handed.length) attempts.push({ kind: "refused", reason: `${hop}: ${refused.code}` });
  return attempts;
}

function fitting(parcels: readonly Parcel[]): readonly Parcel[] {
  let bytes = 0;
  const end = parcels.findIndex((parcel) => {
    bytes += utf8(JSON.stringify(parcel)).length;
    return bytes > MAX_HANDED_BYTES;
  });
  return end < 0 ? parcels : parcels.slice(0, Math.max(1, end));
}
