import type { Database, SqlStatement, Transaction } from "#kernel/database/sql";
import { assert } from "#kernel/errors/fault";
import type { LedgerEntry } from "#kernel/ledger/entry";
import type { Ledger } from "#kernel/ledger/ledger";
import { concatBytes } from "#lib/crypto/bytes";
import type { FrameRecord } from "./frames/frame.ts";
import { packed } from "./frames/leaves.ts";
import { JOURNAL_MAX_ROWS } from "./limits.ts";

/** The direction in which a frame went. */
export type Direction = "calls-out" | "calls-in" | "answers-out" | "answers-in";

/** Which message of which frame a call was. */
export interface CallPlace {
  readonly act: string;
  readonly frame: string;
  readonly place: number;
}

/** As entries of the ledger name a message. */
export function placeText(frame: string, place: number): string {
  return `${frame}/${place}`;
}

export interface KeptFrame {
  readonly frame: FrameRecord;
  readonly peer: string;
  readonly direction: Direction;
  /** SPKI of whoever signed it, and his node. */
  readonly signedBy: { readonly node: string; readonly publicKey: Uint8Array };
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Of answers that leave: whose. */
  readonly answers?: readonly Omit<CallPlace, "act">[];
}

export interface KeptCall extends CallPlace {
  readonly entry: LedgerEntry;
  /** Of which trace it was a part: 32 hexadecimal digits. */
  readonly trace: string | undefined;
  readonly answer?: { readonly frame: string; readonly place: number };
}

interface Waiting {
  readonly frames: readonly KeptFrame[];
  readonly calls: readonly KeptCall[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Writes down what was exchanged. What comes while a commit is under way goes with the next one, so that there are as many commits as
 * the disk gives, and nobody waits for a timer.
 */
export class Journal {
  readonly #database: Database;
  readonly #ledger: Ledger;
  /** Keys that are written down already, `node keyId`. */
  readonly #signers = new Set<string>();
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(options: { readonly database: Database; readonly ledger: Ledger }) {
    this.#database = options.database;
    this.#ledger = options.ledger;
  }

  /** Safe on disk when it resolves. */
  keep(rows: { readonly frames?: readonly KeptFrame[]; readonly calls?: readonly KeptCall[] }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frames: rows.frames ?? [], calls: rows.calls ?? [], resolve, reject });
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    // What is asked for in this turn of the loop still goes with the first commit.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        await this.#commit(
          batch.flatMap(({ frames }) => frames),
          batch.flatMap(({ calls }) => calls),
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        await this.#oneByOne(batch, error);
      }
    }
    this.#isWriting = false;
  }

  #take(): readonly Waiting[] {
    let rows = 0;
    let count = 0;
    for (const { frames, calls } of this.#waiting) {
      rows += frames.length + calls.length;
      if (count > 0 && rows > JOURNAL_MAX_ROWS) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** One that cannot be written, such as a frame that is there already, must not take the others with it. */
  async #oneByOne(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (batch.length === 1) return batch[0]?.reject(error);
    for (const { frames, calls, resolve, reject } of batch) {
      await this.#commit(frames, calls).then(resolve, reject);
    }
  }

  async #commit(frames: readonly KeptFrame[], calls: readonly KeptCall[]): Promise<void> {
    for (const { frame, signedBy } of frames) await this.#knowSigner(frame.keyId, signedBy);
    const alone = this.#inOneStatement(frames, calls);
    if (alone !== undefined) {
      await this.#database.execute(alone.text, alone.values);
      return;
    }
    await this.#database.transaction(
      async (transaction) => {
        transaction.unanswered(...framesStatements(frames).map(({ text, values }) => transaction.query(text, values)));
        if (calls.length > 0) await this.#writeCalls(transaction, calls);
      },
      { retries: 0 },
    );
  }

  /** What is written most: it commits by itself, and neither side has to begin and end a transaction around it. */
  #inOneStatement(frames: readonly KeptFrame[], calls: readonly KeptCall[]): SqlStatement | undefined {
    if (calls.length === 0) {
      const statements = framesStatements(frames);
      return statements.length === 1 ? statements[0] : undefined;
    }
    if (frames.length > FRAMES_BESIDE_MAX || frames.some(({ answers }) => answers !== undefined)) return undefined;
    return this.#ledger.appendingBeside(
      calls.map(({ entry }) => entry),
      {
        text: besideWith[frames.length] ?? callsBeside,
        values: [...callsValues(calls), ...frames.flatMap(frameValues)],
      },
    );
  }

  async #knowSigner(keyId: string, { node, publicKey }: KeptFrame["signedBy"]): Promise<void> {
    const name = `${node} ${keyId}`;
    if (this.#signers.has(name)) return;
    await this.#database.execute(
      "INSERT INTO exchange.signer (node, key_id, public_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      [node, keyId, buffer(publicKey)],
    );
    this.#signers.add(name);
  }

  /** With their entries in one statement, whose answer nobody needs, so that the commit travels with it. */
  async #writeCalls(transaction: Transaction, calls: readonly KeptCall[]): Promise<void> {
    const entries = calls.map(({ entry }) => entry);
    const whole = this.#ledger.appendingBeside(entries, { text: callsBeside, values: callsValues(calls) });
    if (whole !== undefined) {
      transaction.unanswered(transaction.query(whole.text, whole.values));
      return;
    }
    const ids = await this.#ledger.append(transaction, entries);
    assert(ids.length === calls.length, "each entry has its number");
    const values = [ids, ...callsValues(calls)];
    transaction.unanswered(transaction.query(`WITH appended AS (${NUMBERED}) ${callsBeside(2)}`, values));
  }
}

const NUMBERED = "SELECT id, place FROM unnest($1::bigint[]) WITH ORDINALITY AS row (id, place)";
const FRAMES = `INSERT INTO exchange.frame (id, peer, kind, at, key_id, base, signature, leaves)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::bytea[], $7::bytea[], $8::bytea[])`;
const FRAME_COLUMNS = 8;
const ANSWERED = "INSERT INTO exchange.answered (answer, calls) VALUES ($1, $2)";

function frameValues({ frame, peer, direction, at }: KeptFrame): readonly unknown[] {
  const bytes = [frame.base, frame.signature, packed(frame.leaves)];
  return [frame.id, peer, direction, at, frame.keyId, ...bytes.map(buffer)];
}

/** The statement that writes so many frames, whose values begin with this number. */
function framesText(count: number, first: number): string {
  const rows = Array.from({ length: count }, (_, row) => {
    const columns = Array.from({ length: FRAME_COLUMNS }, (_, column) => `$${first + row * FRAME_COLUMNS + column}`);
    return `(${columns.join(", ")})`;
  });
  return `INSERT INTO exchange.frame (id, peer, kind, at, key_id, base, signature, leaves) VALUES ${rows.join(", ")}`;
}

const FRAME = framesText(1, 1);

function framesStatements(frames: readonly KeptFrame[]): readonly SqlStatement[] {
  const rows = frames.map(frameValues);
  const [first] = rows;
  const answered = frames.flatMap(({ frame, answers }) =>
    answers === undefined
      ? []
      : [{ text: ANSWERED, values: [frame.id, buffer(concatBytes(...answers.map(placeBytes)))] }],
  );
  if (first === undefined) return answered;
  if (rows.length === 1) return [{ text: FRAME, values: first }, ...answered];
  const columns = first.map((_, at) => rows.map((row) => row[at]));
  return [{ text: FRAMES, values: columns }, ...answered];
}

export const PLACE_BYTES = 18;

/** Sixteen bytes of the frame's uuid, two of the place. */
export function placeBytes({ frame, place }: Omit<CallPlace, "act">): Buffer {
  const bytes = Buffer.alloc(PLACE_BYTES, frame.replaceAll("-", ""), "hex");
  bytes.writeUInt16BE(place, PLACE_BYTES - 2);
  return bytes;
}

function callsBeside(first: number): string {
  const [act, frame, place, answer, answerPlace, trace] = [0, 1, 2, 3, 4, 5].map((at) => `$${first + at}`);
  return `INSERT INTO exchange.call (act, frame, place, answer, answer_place, entry, trace)
    SELECT row.act, row.frame, row.place, row.answer, row.answer_place, appended.id, row.trace
      FROM unnest(${act}::uuid[], ${frame}::uuid[], ${place}::smallint[], ${answer}::uuid[], ${answerPlace}::smallint[], ${trace}::uuid[])
        WITH ORDINALITY AS row (act, frame, place, answer, answer_place, trace, n)
      JOIN appended ON appended.place = row.n`;
}

function callsValues(calls: readonly KeptCall[]): readonly unknown[] {
  return [
    calls.map(({ act }) => act),
    calls.map(({ frame }) => frame),
    calls.map(({ place }) => place),
    calls.map(({ answer }) => answer?.frame ?? null),
    calls.map(({ answer }) => answer?.place ?? null),
    calls.map(({ trace }) => trace ?? null),
  ];
}

const CALL_VALUES = 6;
/** Frames that are written in one statement with calls: seldom are there more, and each number is a statement of its own. */
const FRAMES_BESIDE_MAX = 4;
/** Calls and so many frames, by that number. */
const besideWith = Array.from({ length: FRAMES_BESIDE_MAX + 1 }, (_, count) =>
  count === 0
    ? callsBeside
    : (first: number) => `, frame AS (${framesText(count, first + CALL_VALUES)}) ${callsBeside(first)}`,
);

/** The row of a command's call: it commits with the act, right behind the act's entry, whose number the session still knows. */
export function callBeside({ act, frame, place, trace }: Omit<KeptCall, "entry">): SqlStatement {
  return {
    text: `INSERT INTO exchange.call (act, frame, place, entry, trace)
      VALUES ($1, $2, $3, currval(pg_get_serial_sequence('ledger.entry', 'id')), $4)`,
    values: [act, frame, place, trace ?? null],
  };
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
