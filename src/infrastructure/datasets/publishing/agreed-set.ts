import type { Sql } from "#kernel/database/sql";
import { isFault } from "#kernel/errors/fault";
import { type Feed, readFeed } from "#kernel/feeds/feed";
import type { FeedVersion } from "#kernel/feeds/versions";
import type { RegisterStore } from "#kernel/registers/register-store";
import { subjectIds } from "#kernel/registers/subjects";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import type { Description } from "../description.ts";
import { kernelOf } from "../ports.ts";
import { isOnBasis, type Offer, offerInForce } from "./offers.ts";

/** What an operation of this room has of its context. */
interface Asked {
  readonly act: Act;
  readonly today: string;
  readonly tables: { read(): Sql };
}

/** A data set that the asking node may have. */
export interface AgreedSet {
  readonly kernel: Kernel;
  readonly store: RegisterStore;
  readonly feed: Feed;
  readonly offer: Offer;
}

/** Whether the node that asks may, for what it says; else the code of the refusal. */
export async function agreedSet(
  ctx: Asked,
  { register, epoch }: { readonly register: string; readonly epoch?: string },
): Promise<AgreedSet | "not-agreed" | "preparing" | "begun-anew"> {
  const kernel = kernelOf(ctx);
  const node = ctx.act.origin?.node;
  const store = kernel.registers.get(register);
  const offer = node && (await offerInForce(kernel.database, { register, node, today: ctx.today }));
  if (!store || !offer || !isOnBasis(offer, ctx.act.legalBasis)) return "not-agreed";
  const feed = await readyFeed(kernel, store);
  if (feed === undefined) return "preparing";
  if (epoch !== undefined && epoch !== feed.epoch) return "begun-anew";
  return { kernel, store, feed, offer };
}

async function readyFeed(kernel: Kernel, store: RegisterStore): Promise<Feed | undefined> {
  try {
    return await readFeed(kernel.database, store);
  } catch (fault) {
    if (isFault(fault, "ERR_FEED_UNKNOWN")) return undefined;
    throw fault;
  }
}

/** As the receiver sees it: what the agreement covers, and nothing of the rest. */
export function describeSet({ kernel, store, feed, offer }: AgreedSet): Description {
  const contract = kernel.systems.get(roomOf(store))?.contract;
  const granted = new Set(offer.attributes);
  const { kind, by } = store.declaration.subject;
  return {
    register: store.id,
    title: store.declaration.title,
    steward: contract?.steward ?? store.declaration.title,
    version: contract?.version ?? "0.0",
    subject: { kind, ...(by !== undefined && { by }) },
    attributes: store.shape.attributes
      .filter(({ name }) => granted.has(name))
      .map(({ name, sensitive, lookup, type, optional }) => ({
        ...{ name, sensitive, type, optional },
        lookup: lookup ?? null,
      })),
    epoch: feed.epoch,
    leafBits: feed.leafBits,
    division: offer.division,
  };
}

/** The attributes that were agreed on, and no other. */
export function grantedPart(version: FeedVersion, offer: Offer): FeedVersion {
  const value: Record<string, unknown> = {};
  for (const name of offer.attributes) {
    if (version.value[name] !== undefined) value[name] = version.value[name];
  }
  return { ...version, value };
}

/**
 * Enters in the ledger whom it concerns that versions leave, before they do: one entry over the root of all of them.
 */
export async function enterExport(
  set: AgreedSet,
  act: Act,
  about: { readonly versions: readonly FeedVersion[]; readonly operation: string; readonly upTo: number },
): Promise<void> {
  const { kernel, store, offer } = set;
  const { versions, operation, upTo } = about;
  if (versions.length === 0) return;
  const { kind } = store.declaration.subject;
  const ids = new Set(versions.flatMap(({ key, value }) => subjectIds(store, key, value)));
  const subjects = kind === "none" ? [] : [...ids].map((id) => ({ kind, id, attributes: offer.attributes }));
  await kernel.ledger.append(kernel.database, [
    {
      ...{ type: "export", at: act.at, actId: act.id, room: "datasets", operation, subjects },
      actor: { kind: "node", id: offer.node },
      purpose: act.purpose ?? "none",
      legalBasis: act.legalBasis.map((citation) => `${citation.law.zh} ${citation.article}`),
      outcome: `${versions.length} versions`,
      detail: { register: store.id, node: offer.node, upTo },
    },
  ]);
}

function roomOf(store: RegisterStore): string {
  return store.id.slice(0, store.id.indexOf("."));
}
