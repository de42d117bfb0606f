import type { Sql } from "#kernel/database/sql";
import { isFault } from "#kernel/errors/fault";
import { type Feed, readFeed } from "#kernel/feeds/feed";
import type { FeedVersion } from "#kernel/feeds/versions";
import type { RegisterGrant, RegisterGrantProblem } from "#kernel/ports";
import type { RegisterStore } from "#kernel/registers/register-store";
import { subjectIds } from "#kernel/registers/subjects";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import type { Description } from "../description.ts";
import type { GRANT_PROBLEMS } from "../grant-problems.ts";
import { kernelOf } from "../ports.ts";
import { noteFollower, noteRefused } from "./followers.ts";
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
  /** Where a grant of the catalogue is the ground; else the law on which node and offer rest. */
  readonly grant: RegisterGrant | undefined;
}

interface Wanted {
  readonly register: string;
  readonly epoch?: string;
  readonly grant?: number | undefined;
}

type NotAgreed = "not-agreed" | keyof typeof GRANT_PROBLEMS;

/** Whether the node that asks may, for what it says; else the code of the refusal. */
export async function agreedSet(
  ctx: Asked,
  { register, epoch, grant }: Wanted,
): Promise<AgreedSet | NotAgreed | "preparing" | "begun-anew"> {
  const kernel = kernelOf(ctx);
  const node = ctx.act.origin?.node;
  const store = kernel.registers.get(register);
  if (!store || node === undefined) return "not-agreed";
  const ground = await (grant === undefined
    ? byLaw(kernel, ctx, { register, node })
    : byGrant(kernel, ctx, { register, node, grant }));
  if (typeof ground === "string") return ground;
  const feed = await readyFeed(kernel, store);
  if (feed === undefined) return "preparing";
  if (epoch !== undefined && epoch !== feed.epoch) return "begun-anew";
  return { kernel, store, feed, ...ground };
}

type Ground = Pick<AgreedSet, "offer" | "grant">;

/** What a law has one node give another: the offer names it, and so does whoever asks. */
async function byLaw(
  kernel: Kernel,
  ctx: Asked,
  asked: { readonly register: string; readonly node: string },
): Promise<Ground | "not-agreed"> {
  const offer = await offerInForce(kernel.database, { ...asked, today: ctx.today });
  return offer && isOnBasis(offer, ctx.act.legalBasis) ? { offer, grant: undefined } : "not-agreed";
}

/** What the catalogue says at this moment: a suspension, an end, what is used up holds with the next question. */
async function byGrant(
  kernel: Kernel,
  { act }: Asked,
  asked: { readonly register: string; readonly node: string; readonly grant: number },
): Promise<Ground | RegisterGrantProblem> {
  const { register, node } = asked;
  const about = { ...asked, at: act.at };
  const grant = await kernel.grants?.standing({ ...about, purpose: act.purpose ?? "none" });
  if (grant === undefined) return "no-grant";
  if (typeof grant === "string") {
    if (grant !== "no-grant") await noteRefused(kernel.database, { ...about, code: grant });
    return grant;
  }
  const { attributes, basis } = grant;
  await noteFollower(kernel.database, { ...about, attributes });
  return { grant, offer: { register, node, division: "", attributes, basis: [basis] } };
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
export function describeSet({ kernel, store, feed, offer, grant }: AgreedSet): Description {
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
    ...(grant && {
      grant: {
        ...{ number: grant.grant, purposes: [...grant.purposes], until: new Date(grant.until).toISOString() },
        ...{ law: grant.basis.law.zh, article: grant.basis.article },
      },
    }),
  };
}

/** The attributes that were agreed on, and no other. */
export function grantedPart(version: FeedVersion, offer: Offer): FeedVersion {
  if (Object.keys(version.value).every((name) => offer.attributes.includes(name))) return version;
  const value: Record<string, unknown> = {};
  for (const name of offer.attributes) {
    if (version.value[name] !== undefined) value[name] = version.value[name];
  }
  return { ...version, value };
}

/** Of a grant, how many versions may still leave; of what a law has given, as many as are asked for. */
export function leftOf({ grant }: AgreedSet): number {
  return grant?.left ?? Number.POSITIVE_INFINITY;
}

/** Has both sides see that a grant is used up. */
export async function spent({ kernel, store, offer, grant }: AgreedSet, { at }: Act): Promise<"grant-spent"> {
  if (grant !== undefined) {
    const { node } = offer;
    await noteRefused(kernel.database, { register: store.id, node, grant: grant.grant, at, code: "grant-spent" });
  }
  return "grant-spent";
}

/**
 * Before versions leave: a grant's quota is taken for them, and the ledger gets whom it concerns, in one entry over the root of all of them.
 * @returns false where the grant has not that much left; then nothing may leave
 */
export async function letOut(
  set: AgreedSet,
  act: Act,
  about: { readonly versions: readonly FeedVersion[]; readonly operation: string; readonly upTo: number },
): Promise<boolean> {
  const { kernel, store, offer, grant } = set;
  const { versions, operation, upTo } = about;
  if (versions.length === 0) return true;
  const use =
    grant &&
    (await kernel.grants?.take({
      ...{ grant: grant.grant, node: offer.node, amount: versions.length, act },
      operation: `datasets.${operation}`,
    }));
  if (grant !== undefined && use === undefined) return false;
  const { kind } = store.declaration.subject;
  const ids = new Set(versions.flatMap(({ key, value }) => subjectIds(store, key, value)));
  const subjects = kind === "none" ? [] : [...ids].map((id) => ({ kind, id, attributes: offer.attributes }));
  await kernel.ledger.append(kernel.database, [
    {
      ...{ type: "export", at: act.at, actId: act.id, room: "datasets", operation, subjects },
      actor: { kind: "node", id: offer.node },
      purpose: act.purpose ?? "none",
      legalBasis: (grant ? offer.basis : act.legalBasis).map(({ law, article }) => `${law.zh} ${article}`),
      outcome: `${versions.length} versions`,
      ...(grant && { policies: [`grant.${grant.grant}`] }),
      detail: { register: store.id, node: offer.node, upTo },
    },
  ]);
  await use?.end("answered", subjects);
  return true;
}

function roomOf(store: RegisterStore): string {
  return store.id.slice(0, store.id.indexOf("."));
}
