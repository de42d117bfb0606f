import type { LedgerReceipt } from "#kernel/ledger/receipts";
import type { Kernel } from "#kernel/system/kernel";
import { toBase64 } from "#lib/crypto/base64url";
import { fromUtf8 } from "#lib/crypto/bytes";
import { timeOfUuidV7, uuidV7Bound } from "#lib/crypto/uuid";
import { appendLeaves, EMPTY_RANGE } from "#lib/merkle/compact-range";
import { inclusionProof } from "#lib/merkle/proof";
import { unpacked } from "./frames/leaves.ts";
import { PLACE_BYTES, placeBytes } from "./journal.ts";
import { erasedRecords } from "./retention.ts";

/**
 * What one node can prove of the calls of an act: for each the entry of its ledger and the signed frames in which call and answer travelled. With the other
 * node's file beside it, `packages/verifier` finds that both tell the same. Format: docs/protocols/exchange.md.
 */

export const EXCHANGE_EVIDENCE_FORMAT = "zhengtong-exchange-evidence/1";
/** Calls of one act in one file. */
const CALLS_MAX = 200;
/** How long after a call its answer may have left, and before, where a clock was set back. */
const ANSWER_WINDOW_MS = 15 * 60_000;

export interface ExchangeEvidence {
  readonly format: typeof EXCHANGE_EVIDENCE_FORMAT;
  readonly act: string;
  /** ISO 8601, UTC: by the node's word. */
  readonly madeAt: string;
  /** Of one node, or of both. */
  readonly sides: readonly ExchangeSide[];
}

export interface ExchangeSide {
  readonly node: string;
  /** None where they were erased. */
  readonly calls: readonly CallEvidence[];
  /** That everything of that time was erased when its years were over: the entry of the ledger that says so. */
  readonly erased?: LedgerReceipt;
}

export interface CallEvidence {
  readonly receipt: LedgerReceipt;
  readonly call: FrameProof;
  /** Absent where there was none, or this side does not know it. */
  readonly answer?: FrameProof;
}

/** One message of a signed frame. */
export interface FrameProof {
  /** The signature base of RFC 9421. */
  readonly base: string;
  /** base64, as everything below. */
  readonly signature: string;
  /** SPKI of the signer, as the directory had it when the key was first used. */
  readonly publicKey?: string;
  readonly leaf: string;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly string[];
}

export interface CallRow {
  readonly frame: string;
  readonly place: number;
  readonly answer: string | null;
  readonly answer_place: number | null;
  readonly entry: number;
}

export interface FrameRow {
  readonly id: string;
  readonly peer: string;
  readonly kind: string;
  readonly at: string;
  readonly key_id: string;
  readonly base: Buffer;
  readonly signature: Buffer;
  readonly leaves: Buffer;
}

/** @returns undefined where this node exchanged nothing for the act */
export async function exchangeEvidence(kernel: Kernel, act: string): Promise<ExchangeEvidence | undefined> {
  const { database } = kernel;
  const rows = await database.query<CallRow>(
    "SELECT frame, place, answer, answer_place, entry FROM exchange.call WHERE act = $1 ORDER BY entry LIMIT $2",
    [act, CALLS_MAX],
  );
  const calls: CallEvidence[] = [];
  let node = "";
  for (const row of rows) {
    const call = await frameOf(kernel, row.frame);
    const receipt = await kernel.ledger.receiptFor(row.entry);
    if (call === undefined || receipt === undefined) continue;
    node = partyOf(call, call.kind === "calls-out" ? "from" : "to");
    const answered = await answerPlaceOf(kernel, row, call);
    const answer = answered && (await frameOf(kernel, answered.frame));
    calls.push({
      receipt,
      call: await proofOf(kernel, call, row.place),
      ...(answer && { answer: await proofOf(kernel, answer, answered.place) }),
    });
  }
  if (calls.length === 0) return erasedEvidence(kernel, act);
  return { format: EXCHANGE_EVIDENCE_FORMAT, act, madeAt: kernel.now(), sides: [{ node, calls }] };
}

/** Of an act of a time of which all was erased: the entry that says so, instead of calls. Whether it called another node nobody here knows any more. */
async function erasedEvidence(kernel: Kernel, act: string): Promise<ExchangeEvidence | undefined> {
  const erased = await erasedRecords(kernel.database);
  const atMs = timeOfUuidV7(act);
  if (erased === undefined || atMs === undefined || atMs >= Date.parse(erased.before)) return undefined;
  const { entry } = erased;
  const [record, receipt] = await Promise.all([kernel.ledger.entry(entry), kernel.ledger.receiptFor(entry)]);
  const node = nodeOf(record?.content?.detail);
  if (receipt === undefined || node === undefined) return undefined;
  const side = { node, calls: [], erased: receipt };
  return { format: EXCHANGE_EVIDENCE_FORMAT, act, madeAt: kernel.now(), sides: [side] };
}

function nodeOf(detail: unknown): string | undefined {
  if (typeof detail !== "object" || detail === null || !("node" in detail)) return undefined;
  return typeof detail.node === "string" ? detail.node : undefined;
}

export async function frameOf({ database }: Kernel, id: string): Promise<FrameRow | undefined> {
  const [row] = await database.query<FrameRow>(
    "SELECT id, peer, kind, at, key_id, base, signature, leaves FROM exchange.frame WHERE id = $1",
    [id],
  );
  return row;
}

/** Where the answer of a call is: its row says it, or, of a command that was answered here, the row of the frame in which it left. */
export async function answerPlaceOf({ database }: Kernel, row: CallRow, call: FrameRow) {
  if (row.answer !== null) return { frame: row.answer, place: row.answer_place ?? 0 };
  const atMs = Date.parse(call.at);
  const found = await database.query<{ readonly answer: string; readonly calls: Buffer }>(
    "SELECT answer, calls FROM exchange.answered WHERE answer BETWEEN $1 AND $2 AND position($3::bytea in calls) > 0",
    [uuidV7Bound(atMs - ANSWER_WINDOW_MS, "0"), uuidV7Bound(atMs + ANSWER_WINDOW_MS, "f"), placeBytes(row)],
  );
  for (const { answer, calls } of found) {
    const at = calls.indexOf(placeBytes(row));
    if (at >= 0 && at % PLACE_BYTES === 0) return { frame: answer, place: at / PLACE_BYTES };
  }
  return undefined;
}

/** Whom the frame's own field names. */
function partyOf(frame: FrameRow, role: "from" | "to"): string {
  return new RegExp(`;${role}="([^"]*)"`).exec(fromUtf8(frame.base))?.[1] ?? "";
}

async function proofOf({ database }: Kernel, frame: FrameRow, index: number): Promise<FrameProof> {
  const leaves = unpacked(frame.leaves);
  const nodes = new Map<string, Uint8Array>();
  appendLeaves(EMPTY_RANGE, leaves, (level, at, hash) => nodes.set(`${level}/${at}`, hash));
  const proof = await inclusionProof(index, leaves.length, async (wanted) =>
    wanted.map((node) => nodes.get(`${node.level}/${node.index}`) ?? new Uint8Array()),
  );
  const [signer] = await database.query<{ readonly public_key: Buffer }>(
    "SELECT public_key FROM exchange.signer WHERE node = $1 AND key_id = $2",
    [partyOf(frame, "from"), frame.key_id],
  );
  return {
    base: fromUtf8(frame.base),
    signature: toBase64(frame.signature),
    ...(signer && { publicKey: toBase64(signer.public_key) }),
    leaf: toBase64(leaves[index] ?? new Uint8Array()),
    ...{ index, size: leaves.length },
    proof: proof.map(toBase64),
  };
}

/** The file of one node and that of another about the same act, as one. */
export function joinedEvidence(one: ExchangeEvidence, other: ExchangeEvidence): ExchangeEvidence {
  return { ...one, sides: [...one.sides, ...other.sides] };
}
