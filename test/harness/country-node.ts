/** A node of the country with rooms to be judged beside its own, a clock that can be set, and answers to what only a test asks. */
import { directory } from "#infrastructure/directory";
import { events } from "#infrastructure/events";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Act } from "#kernel/system/act";
import type { SignedPart } from "#lib/directory/entries";
import { certificateHostOf, noticeText } from "#lib/directory/joining";
import { Peer } from "../../src/infrastructure/directory/network/peer.ts";
import { replaceChain } from "../../src/infrastructure/directory/network/rows.ts";
import { TRANSIT_ROOM } from "../../src/infrastructure/events/transit.ts";
import { runCountryNode } from "../../src/node/country/node-program.ts";
import { CENTRE, CITY, COUNTY, PROVINCE } from "../../src/node/country/plan.ts";
import { nodeActOf } from "../../src/node/node-act.ts";
import { ROOMS } from "../../src/node/rooms.ts";
import type { ServingNode } from "../../src/node/serve.ts";
import { archive, book, bookRooms, desk, notebook } from "./book-rooms.ts";
import { type Attack, attack } from "./hostile-peer.ts";

/** Where the county's events are told, there and at the centre. */
const ROOM = "CN/GOV/990101/civil-affairs";
const PUBLISHER = "CN/GOV/990101/registry";
const TYPE = "noted";
const NONE = { mayPublish: false, maySubscribe: false, mayManage: false };
const BOOKS = { book, notebook } as const;
type Book = keyof typeof BOOKS;

/** What was answered, or the code of the refusal. */
export type Told<T> = T | { readonly refused: string };

interface Asked {
  readonly book: Book;
  readonly page: string;
  readonly value: string;
  readonly key: string;
}

let clockOffsetMs = 0;

await runCountryNode({
  rooms: [...ROOMS, ...bookRooms],
  // Short, so that what is lost is soon asked again.
  callTimeoutMs: 5_000,
  now: () => new Date(Date.now() + clockOffsetMs).toISOString(),
  further: (node) => ({
    bookEnter: async ({ book: which, page, value, key }: Asked) =>
      told(await clerk(node, which, key).enter({ page, value })),
    bookRead: async ({ book: which, page }: Pick<Asked, "book" | "page">) =>
      told(await clerk(node, which).read({ page })),
    deskOrder: async ({ page, value, key }: Asked) => {
      const { kernel } = node.site;
      const front = frontOf(kernel, desk, () => ({ ...nodeActOf(kernel, desk.id), idempotencyKey: key }));
      return told(await front.order({ page, value }));
    },
    eventPublish: async ({ page, value, key }: Asked) => {
      const origin = { node: "here", client: PUBLISHER };
      const front = eventsAs(node, { origin, idempotencyKey: key });
      const made = { type: TYPE, event: { page, value } };
      const outcome = await front.publish({ room: ROOM, member: PUBLISHER, events: [made] });
      return told(isRefusal(outcome) ? outcome : {});
    },
    prepareEvents: () => prepareEvents(node),
    setClock: async ({ offsetMs }: { readonly offsetMs: number }) => {
      clockOffsetMs = offsetMs;
      return null;
    },
    renewCertificate: () => renewCertificate(node),
    takePart: async ({ note, document }: SignedPart) => {
      const { kernel } = node.site;
      const front = frontOf(kernel, directory, () => nodeActOf(kernel, directory.id));
      return told(await front.takeParts({ parts: [{ note, document }] }));
    },
    attackNode: (wanted: Attack) => attack(node, wanted),
  }),
});

function told<T>(outcome: T | Refusal): Told<T> {
  return isRefusal(outcome) ? { refused: outcome.code } : outcome;
}

/** The desk of this node, which asks for entries in a book that may be elsewhere. */
function clerk({ site: { kernel } }: ServingNode, which: Book, idempotencyKey?: string) {
  const act = (): Act => ({ ...nodeActOf(kernel, desk.id), ...(idempotencyKey && { idempotencyKey }) });
  return frontOf(kernel, BOOKS[which] as typeof book, act);
}

function eventsAs({ site: { kernel } }: ServingNode, about: Partial<Act> = {}) {
  return frontOf(kernel, events, () => ({ ...nodeActOf(kernel, events.id), ...about }));
}

/** What happens at the county is told at the centre, by way of city and province, and entered in its archive. */
async function prepareEvents(node: ServingNode): Promise<null> {
  const self = node.network.nodes.membership?.node;
  const keeper = eventsAs(node);
  if (self === COUNTY.code || self === CENTRE.code) {
    granted(await keeper.openRoom({ room: ROOM, title: "民政", retentionDays: 30 }));
    granted(await keeper.defineType({ room: ROOM, type: TYPE, schema: {}, orderBy: "page" }));
  }
  switch (self) {
    case COUNTY.code: {
      const member = `node:${CENTRE.code}`;
      granted(await keeper.admit({ ...NONE, room: ROOM, member: PUBLISHER, mayPublish: true }));
      granted(await keeper.admit({ ...NONE, room: ROOM, member, maySubscribe: true }));
      const subscriber = eventsAs(node, { origin: { node: CENTRE.code } });
      granted(await subscriber.subscribe({ room: ROOM, member, type: TYPE, delivery: "PUSH" }));
      break;
    }
    case CITY.code:
    case PROVINCE.code: {
      const below = `node:${self === CITY.code ? COUNTY.code : CITY.code}`;
      granted(await keeper.admit({ ...NONE, room: TRANSIT_ROOM, member: below, mayPublish: true }));
      break;
    }
    case CENTRE.code: {
      const member = `room:${archive.id}`;
      granted(await keeper.admit({ ...NONE, room: ROOM, member: `node:${COUNTY.code}`, mayPublish: true }));
      granted(await keeper.admit({ ...NONE, room: ROOM, member: `node:${PROVINCE.code}` }));
      granted(await keeper.admit({ ...NONE, room: ROOM, member, maySubscribe: true, target: "note" }));
      const subscriber = eventsAs(node, { principal: { kind: "node", room: archive.id } });
      granted(await subscriber.subscribe({ room: ROOM, member, type: TYPE, delivery: "PUSH" }));
    }
  }
  return null;
}

function granted<T>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) throw new RangeError(`${outcome.room}: ${outcome.code} ${outcome.text.en}`);
  return outcome;
}

/** As an operator does whose certificate is in wrong hands: the node above lists another one. Gives the one before. */
async function renewCertificate({ network, nodeKeys, site: { kernel } }: ServingNode): Promise<string> {
  const { membership } = network.nodes;
  if (membership?.above == null) throw new RangeError("only a node below another renews so");
  const { node, above, chain: before } = membership;
  const entry = network.nodes.view()?.node(node) ?? { code: node };
  const certificateRequest = await (await nodeKeys.tlsKey()).request(certificateHostOf(entry));
  const at = Temporal.Instant.from(kernel.now()).round("second").toString();
  const text = noticeText({ node, what: "renew", certificateRequest, at });
  const peer = new Peer(above);
  const answer = await peer.notify(`${text}\n${await (await nodeKeys.noteSigner(node)).sign(text)}`);
  if (answer?.chain === undefined) throw new RangeError(`not renewed: ${JSON.stringify(peer.refusal)}`);
  await replaceChain(kernel.database, answer.chain);
  await network.nodes.soon();
  return before;
}
