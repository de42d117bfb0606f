import { doorRefusal } from "#kernel/contract/door-refusals";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import type { Sql } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { addJob, type JobTask } from "#kernel/jobs/jobs";
import type { LedgerEntry, LedgerSubject } from "#kernel/ledger/entry";
import type { NodeProofs, RoomCall } from "#kernel/ports";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { answerLater, type LaterRelay } from "#kernel/system/later";
import { toBase64url } from "#lib/crypto/base64url";
import { sha256 } from "#lib/crypto/digest";
import type { DirectoryView } from "#lib/directory/view";
import "../faults.ts";
import { answerLine, callLine, type Outcome, readAnswer, readCall } from "../frames/messages.ts";
import { believe } from "../receiving/belief.ts";
import { isOffered } from "../receiving/perform-call.ts";
import { exchangeEntry, judged } from "../settling.ts";
import { LETTER_MAX_BYTES, type Letter, readLetter, writeLetter } from "./letter.ts";

/** The job that reads what came. */
export const READ_LETTER = "read-letter";
/** As long as a call is asked for later, and a day less: what came too late is not done. */
const LETTER_LIFETIME_MS = 13 * 86_400_000;
/** A node that has an address is tried so often before a letter goes to it. */
const DIRECT_ATTEMPTS = 3;
const READ_ATTEMPTS = 40;
const WAITS_MS = 600_000;

/** What letters need of the node. */
export interface LetterBox {
  readonly kernel: Kernel;
  readonly view: () => DirectoryView | undefined;
  /** Puts a letter on its way along the hierarchy, in the transaction; false where there is none. */
  readonly post: (sql: Sql, letter: Letter) => Promise<boolean>;
}

/** Sends calls that are asked for later to nodes that cannot be reached from here: once each, by the nodes between. */
export function letterRelay(box: LetterBox): LaterRelay {
  return {
    async send({ id, node, act, call, askedAt, attempt }) {
      const { kernel, view } = box;
      const proofs = kernel.elsewhere?.proofs;
      if (proofs === undefined) return;
      if (view()?.node(node)?.exchange !== undefined && attempt < DIRECT_ATTEMPTS) return;
      const [known] = await kernel.database.query(
        "SELECT 1 FROM exchange.letter WHERE id = $1 AND kind = 'call' AND way = 'out'",
        [id],
      );
      if (known) return;
      const contract = kernel.systems.get(call.room)?.contract;
      const major = contract === undefined ? undefined : Number(contract.version.split(".")[0]);
      const body = callLine({ act, call, major, withinMs: WAITS_MS });
      if (body.length > LETTER_MAX_BYTES) return;
      const until = new Date(Date.parse(askedAt) + LETTER_LIFETIME_MS).toISOString();
      const letter = await writeLetter(proofs, { kind: "call", id, to: node, until, body });
      if (letter === undefined) return;
      await kernel.database.transaction(async (tx) => {
        if (!(await box.post(tx, letter))) return;
        await keepLetter(tx, letter, { way: "out", state: "sent", at: kernel.now() });
        const detail = { letter: { to: node, id, digest: letter.digest } };
        await kernel.ledger.append(tx, [{ ...exchangeEntry({ act, call, subjects: [] }), outcome: "sent", detail }]);
      });
    },
  };
}

/** Keeps a letter in the transaction. @returns whether it was not there yet */
export async function keepLetter(
  sql: Sql,
  letter: Letter,
  about: { readonly way: "in" | "out"; readonly state: "sent" | "waiting"; readonly at: string },
): Promise<boolean> {
  const { kind, id, from, to, until, digest, proof } = letter;
  const rows = await sql.query(
    `INSERT INTO exchange.letter (id, kind, way, peer, until, digest, key_id, signature, letter, state, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING 1`,
    [
      ...[id, kind, about.way, about.way === "in" ? from : to, until, digest, proof.keyId, proof.signature],
      ...[about.way === "in" ? JSON.stringify(letter) : null, about.state, about.at],
    ],
  );
  return rows.length > 0;
}

/** Keeps a letter that came, and has it read when that commits. */
export async function letterCame(sql: Sql, letter: Letter, at: string): Promise<void> {
  if (!(await keepLetter(sql, letter, { way: "in", state: "waiting", at }))) return;
  const { id, kind, from } = letter;
  await addJob(sql, READ_LETTER, { id, kind, from }, { key: `${id} ${kind} ${from}`, maxAttempts: READ_ATTEMPTS });
}

interface Came {
  readonly id: string;
  readonly kind: "call" | "answer";
  readonly from: string;
}

/** Does what letters ask, and tells whoever asked what was answered. */
export function letterJobs(box: LetterBox): Readonly<Record<string, JobTask>> {
  return {
    [READ_LETTER]: async ({ id, kind, from }: Came, attempt) => {
      const { kernel } = box;
      const [row] = await kernel.database.query<{ letter: Letter }>(
        "SELECT letter FROM exchange.letter WHERE id = $1 AND kind = $2 AND way = 'in' AND peer = $3 AND state = 'waiting'",
        [id, kind, from],
      );
      const proofs = kernel.elsewhere?.proofs;
      if (row === undefined || proofs === undefined) return;
      const body = readLetter(proofs, row.letter);
      const work = { box, proofs, letter: row.letter, isLast: attempt.last };
      const done = body && (await (kind === "call" ? perform(work, body) : takeAnswer(work, body)));
      await kernel.database.transaction(async (tx) => {
        await done?.(tx);
        await tx.query(
          "UPDATE exchange.letter SET state = $4, letter = NULL WHERE id = $1 AND kind = $2 AND way = 'in' AND peer = $3",
          [id, kind, from, done === undefined ? "unreadable" : "done"],
        );
      });
    },
  };
}

interface Work {
  readonly box: LetterBox;
  readonly proofs: NodeProofs;
  readonly letter: Letter;
  readonly isLast: boolean;
}
/** What commits with the letter's being done. */
type Done = (tx: Sql) => Promise<void>;

/** Through the same door as a call that came at once; under its key it is done once, however often this is begun. */
async function perform({ box, proofs, letter, isLast }: Work, body: Uint8Array): Promise<Done | undefined> {
  const message = readCall(body);
  if (message === undefined) return undefined;
  const { outcome, subjects } = await outcomeOf(box, { letter, message, isLast });
  const leaf = sha256(body);
  const said = answerLine({ frame: letter.id, place: 0, leaf, outcome, subjects });
  const answer =
    said.length > LETTER_MAX_BYTES
      ? answerLine({ frame: letter.id, place: 0, leaf, outcome: { kind: "failed" }, subjects })
      : said;
  const { id, from: to, until } = letter;
  const reply = await writeLetter(proofs, { kind: "answer", id, to, until, body: answer });
  return async (tx) => {
    if (reply === undefined) return;
    if (!(await box.post(tx, reply))) throw new Fault("ERR_EXCHANGE_PEER", { message: `no way to ${to}` });
    await keepLetter(tx, reply, { way: "out", state: "sent", at: box.kernel.now() });
  };
}

async function outcomeOf(
  { kernel, view }: LetterBox,
  {
    letter,
    message,
    isLast,
  }: { readonly letter: Letter; readonly message: NonNullable<ReturnType<typeof readCall>>; readonly isLast: boolean },
): Promise<{ readonly outcome: Outcome; readonly subjects: readonly LedgerSubject[] }> {
  const detail = { letter: { from: letter.from, id: letter.id, digest: letter.digest } };
  const { room, operation, input } = message;
  const no = async (code: "denied" | "unavailable", why: string) => {
    const entry: LedgerEntry = {
      ...{ type: "refused", at: kernel.now(), actId: message.act, room, operation, outcome: code },
      ...{ actor: { kind: "node", id: letter.from }, origin: { node: letter.from, client: message.client } },
      ...{ purpose: message.purpose ?? "none", legalBasis: [], subjects: [], detail: { ...detail, why } },
    };
    await kernel.ledger.append(kernel.database, [entry]);
    return { outcome: { kind: "refusal" as const, refusal: doorRefusal(room, code) }, subjects: [] };
  };
  if (letter.until <= kernel.now()) return no("unavailable", "too-late");
  const directory = view();
  const from = directory?.node(letter.from);
  if (directory === undefined || from === undefined) throw new Fault("ERR_EXCHANGE_PEER", { message: letter.from });
  const act = believe(message, { view: directory, from, systems: kernel.systems, zone: kernel.zone, at: kernel.now() });
  if (typeof act === "string") return no("denied", act);
  if (!isOffered({ kernel }, message)) return no("unavailable", "not-offered");
  let subjects: readonly LedgerSubject[] = [];
  const arrival = {
    ...{ detail, beside: [] },
    enter: async (entry: LedgerEntry) => void (await kernel.ledger.append(kernel.database, [entry])),
    noted: (noted: readonly LedgerSubject[]) => {
      subjects = noted;
    },
  };
  try {
    const value = await kernel.perform(act, { room, operation, input }, arrival);
    if (!isRefusal(value)) return { outcome: { kind: "value", value }, subjects };
    if (value.code === "unavailable" && !isLast) throw new Fault("ERR_NODE_AWAY");
    return { outcome: { kind: "refusal", refusal: value }, subjects };
  } catch (error) {
    if (!isLast) throw error;
    return { outcome: { kind: "failed" }, subjects };
  }
}

/** Of what this node asked, and of nothing else. */
async function takeAnswer({ box, letter }: Work, body: Uint8Array): Promise<Done | undefined> {
  const { kernel } = box;
  const answer = readAnswer(body);
  const [sent] = await kernel.database.query<{ digest: string }>(
    "SELECT digest FROM exchange.letter WHERE id = $1 AND kind = 'call' AND way = 'out' AND peer = $2",
    [letter.id, letter.from],
  );
  if (answer === undefined || sent === undefined) return undefined;
  if (answer.frame !== letter.id || answer.of !== toBase64url(Buffer.from(sent.digest, "hex"))) return undefined;
  return async (tx) => {
    await answerLater(kernel, tx, {
      id: letter.id,
      settle: ({ act, call }) => settled({ box, tx, letter, act, call, answer }),
    });
  };
}

async function settled(about: {
  readonly box: LetterBox;
  readonly tx: Sql;
  readonly letter: Letter;
  readonly act: Act;
  readonly call: RoomCall;
  readonly answer: NonNullable<ReturnType<typeof readAnswer>>;
}): Promise<unknown | Refusal> {
  const { box, tx, letter, act, call, answer } = about;
  const operation = box.kernel.systems.get(call.room)?.contract.operations[call.operation];
  const { value, outcome, subjects } = judged(answer.outcome, answer.subjects, { room: call.room, operation });
  const detail = { letter: { from: letter.from, id: letter.id, digest: letter.digest } };
  await box.kernel.ledger.append(tx, [{ ...exchangeEntry({ act, call, subjects }), outcome, detail }]);
  return value;
}
