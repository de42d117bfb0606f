/** The log of exchanges: entries of the ledger that tell of calls with other nodes, and of those of foreign systems at the edge. */
import { readFiltered } from "#kernel/ledger/filtered";
import { KIND_WINDOW_ENTRIES, type LedgerRecord } from "#kernel/ledger/records";
import type { Kernel } from "#kernel/system/kernel";
import { timeOfUuidV7, uuidV7Bound } from "#lib/crypto/uuid";

/** Entries on one page. */
export const EXCHANGES_PAGE = 50;
/** Calls of one act, trace or frame. */
const NAMED_MAX = 200;
/** How long before its frame the act of a call may have begun, and how much later by another clock. */
const ACT_BEFORE_FRAME_MS = 7 * 86_400_000;
const CLOCKS_MS = 10 * 60_000;

/** All that is given must hold. */
export interface ExchangesWanted {
  /** An act, a frame (uuid) or a trace (32 hexadecimal digits): then nothing else counts. */
  readonly id?: string | undefined;
  /** The other node, or a foreign system's identifier. */
  readonly peer?: string | undefined;
  readonly room?: string | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: string | undefined;
  /** ISO 8601, UTC. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  /** Only entries with a smaller number. */
  readonly before?: number | undefined;
}

export interface ExchangeFound {
  readonly entry: number;
  readonly at: string;
  readonly act: string;
  readonly direction: "in" | "out";
  readonly peer: string;
  readonly room: string;
  readonly operation: string;
  readonly outcome: string;
  /** `frame/place` of the call. */
  readonly call?: string;
}

export interface ExchangesFound {
  readonly items: readonly ExchangeFound[];
  /** Give it as `before` to read on. */
  readonly next: number | undefined;
}

/** Newest first. A page may be short, and still have a next one: it looks through a stretch of the log. */
export async function searchExchanges(kernel: Kernel, wanted: ExchangesWanted): Promise<ExchangesFound> {
  if (wanted.id !== undefined) return { items: await named(kernel, wanted.id), next: undefined };
  const { ledger, database } = kernel;
  const { from, until, before } = wanted;
  const last = (await ledger.latest({ limit: 1 })).records[0]?.id ?? 0;
  const found = await readFiltered(
    database,
    (page) => {
      const top = Math.min(page.before ?? last + 1, last + 1);
      const low = Math.max(0, top - KIND_WINDOW_ENTRIES);
      return ledger.latest({
        ...{ limit: page.limit, before: top },
        shown: (bind) => `(${page.shown?.(bind) ?? "true"}) AND (${EXCHANGES}
          OR e.id IN (SELECT c.entry FROM exchange.call c WHERE c.entry >= ${bind(low)} AND c.entry < ${bind(top)}))`,
      });
    },
    {
      ...{ limit: EXCHANGES_PAGE, before },
      filter: { ...(from !== undefined && { from }), ...(until !== undefined && { until }) },
      fits: (record) => {
        const told = toldOf(record);
        return told !== undefined && isWanted(told, wanted, record);
      },
    },
  );
  return { items: found.records.flatMap((record) => toldOf(record) ?? []), next: found.next };
}

/** What the exchange enters itself, and what it refuses. Acts that were done for another node are found by their calls. */
const EXCHANGES = `position('"type":"exchange"'::bytea in e.leaf) > 0
  OR (position('"type":"refused"'::bytea in e.leaf) > 0 AND position('"room":"exchange"'::bytea in e.leaf) > 0)`;

function isWanted(
  told: ExchangeFound,
  { peer, room, operation, outcome }: ExchangesWanted,
  record: LedgerRecord,
): boolean {
  // A foreign system asks for a service, which names the room: `instance/class/authority/room/operation`.
  const parts = detailOf(record).service?.split("/") ?? [];
  return (
    (peer === undefined || told.peer === peer) &&
    (room === undefined || told.room === room || parts.includes(room)) &&
    (operation === undefined || told.operation === operation || parts.includes(operation)) &&
    (outcome === undefined || told.outcome === outcome)
  );
}

interface Detail {
  readonly exchange?: { readonly to?: string; readonly from?: string; readonly call?: string };
  /** Of a call that went by other nodes. */
  readonly letter?: { readonly to?: string; readonly from?: string };
  readonly service?: string;
}

function detailOf({ content }: LedgerRecord): Detail {
  const detail = content?.detail;
  return typeof detail === "object" && detail !== null ? (detail as Detail) : {};
}

function toldOf(record: LedgerRecord): ExchangeFound | undefined {
  const { id, leaf, content } = record;
  if (content === undefined) return undefined;
  const { exchange, letter } = detailOf(record);
  const to = exchange?.to ?? letter?.to;
  const peer = to ?? exchange?.from ?? letter?.from ?? content.origin?.client ?? content.origin?.node;
  // What was refused before anybody was known has nobody but its own word.
  const other = peer ?? (content.actor.kind === "node" ? content.actor.id : undefined);
  if (other === undefined) return undefined;
  return {
    ...{ entry: id, at: leaf.at, act: content.actId ?? "", direction: to === undefined ? "in" : "out" },
    ...{ peer: other, room: leaf.room, operation: leaf.operation, outcome: content.outcome },
    ...(exchange?.call !== undefined && { call: exchange.call }),
  };
}

/** By an identifier: the calls of an act, of a trace, or of a frame. */
async function named({ database, ledger }: Kernel, id: string): Promise<readonly ExchangeFound[]> {
  const atMs = timeOfUuidV7(id);
  const rows = await database.query<{ readonly entry: number }>(
    /^[0-9a-f]{32}$/.test(id)
      ? "SELECT entry FROM exchange.call WHERE trace = $1::uuid ORDER BY entry DESC LIMIT $2"
      : `SELECT entry FROM exchange.call WHERE act = $1::uuid
         UNION SELECT entry FROM exchange.call WHERE frame = $1::uuid AND act BETWEEN $3 AND $4
         ORDER BY entry DESC LIMIT $2`,
    /^[0-9a-f]{32}$/.test(id)
      ? [id, NAMED_MAX]
      : [
          ...[id, NAMED_MAX, uuidV7Bound((atMs ?? 0) - ACT_BEFORE_FRAME_MS, "0")],
          uuidV7Bound((atMs ?? 0) + CLOCKS_MS, "f"),
        ],
  );
  const records = await Promise.all(rows.map(({ entry }) => ledger.entry(entry)));
  return records.flatMap((record) => (record && toldOf(record)) ?? []);
}
