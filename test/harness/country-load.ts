/** What clients of the country ask for while it is in trouble, and whether what they were told is true afterwards. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyExchanges } from "../../src/node/country/check.ts";
import { CENTRE, CITY, COUNTY, PROVINCE } from "../../src/node/country/plan.ts";
import { SeededRandom } from "../../src/node/demonstration/seeded-random.ts";
import { Recorder } from "../history/history.ts";
import { exactlyOnce, matchedEvidence, orderOfKeys } from "../history/invariants.ts";
import { checkLinearizable, wordsOf } from "../history/linearizable.ts";
import { type BookCall, type BookResult, bookModel } from "../history/models.ts";
import type { Told } from "./country-node.ts";
import { exchangeRecords } from "./exchange-records.ts";
import type { FaultyCountry } from "./faulty-country.ts";

const AT_ONCE = 12;
const RETRY_MS = 150;
/** Between two operations of a client once as many are done as were wanted, while the fault lasts. */
const PAUSE_MS = 300;
/** At most so many times what was wanted. */
const MOST_FOLD = 20;
/** Operations whose pages are the same. */
const PAGE_OPERATIONS = 100;
/** Of one operation, with whatever fault lies between: then something does not go on that should. */
const GIVEN_UP_MS = 240_000;
const SETTLED_MS = 240_000;
/** Where each book lies. */
const KEEPERS = { book: PROVINCE.code, notebook: CITY.code } as const;
/** Nodes that ask each other. */
const PAIRS = [
  [COUNTY.code, PROVINCE.code],
  [COUNTY.code, CITY.code],
  [CITY.code, PROVINCE.code],
  [PROVINCE.code, CENTRE.code],
] as const;

type Book = keyof typeof KEEPERS;
interface Wanted {
  readonly what: "enter" | "read" | "order" | "publish";
  /** Which node asks. */
  readonly at: string;
  readonly book: Book;
  readonly page: string;
  readonly value: string;
}

export class CountryLoad {
  readonly #faulty: FaultyCountry;
  readonly #random: SeededRandom;
  readonly #recorder = new Recorder<BookCall, BookResult>();
  /** Commands, messages and events: what was asked for, and what of it was acknowledged. */
  readonly #asked = new Set<string>();
  readonly #acknowledged = new Set<string>();
  readonly #published: { readonly key: string; readonly id: string }[] = [];
  /** Frames that an attacker sent under a node's name: its own record does not have them. */
  readonly #forged = new Set<string>();
  #round = 0;
  #isOver = false;
  tries = 0;

  constructor(faulty: FaultyCountry, seed: string) {
    this.#faulty = faulty;
    this.#random = new SeededRandom(seed);
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Nothing is tried any more. */
  end(): void {
    this.#isOver = true;
  }

  /** What somebody else asks for, whom this load has to expect. */
  expect(value: string): void {
    this.#asked.add(value);
  }

  /** A frame that no honest node has on its record. */
  expectForged(frame: string): void {
    this.#forged.add(frame);
  }

  /**
   * Has clients do so many operations, each tried until it is acknowledged, and go on as long as the fault lasts.
   * @param during the fault, which begins when a third is done
   */
  async run(operations: number, during: () => Promise<void>): Promise<void> {
    this.#round += 1;
    const wanted: Wanted[] = [];
    let done = 0;
    let isOver = false;
    const begin = Promise.withResolvers<void>();
    const fault = begin.promise.then(during).finally(() => {
      isOver = true;
    });
    fault.catch(() => undefined);
    // Events are published by one client alone, one after the other: else nobody could say what their order is.
    const publishing: Wanted[] = [];
    const next = (): Wanted | undefined => {
      if (this.#isOver) return undefined;
      if (wanted.length >= operations && isOver) return undefined;
      if (wanted.length >= operations * MOST_FOLD) return undefined;
      const one = this.#next(wanted.length);
      wanted.push(one);
      return one;
    };
    const finish = async (one: Wanted) => {
      await this.#do(one);
      done += 1;
      if (done * 3 >= operations) begin.resolve();
    };
    const client = async () => {
      for (let one = next(); one !== undefined; one = next()) {
        if (one.what === "publish") publishing.push(one);
        else await finish(one);
        if (wanted.length >= operations) await sleep(PAUSE_MS);
      }
    };
    let isWorking = true;
    const publisher = async () => {
      while (isWorking || publishing.length > 0) {
        const one = publishing.shift();
        if (one === undefined) await sleep(RETRY_MS);
        else await finish(one);
      }
    };
    const clients = Promise.all(Array.from({ length: AT_ONCE }, client)).finally(() => {
      isWorking = false;
    });
    await Promise.all([fault, clients, publisher()]);
    await this.#readAll(wanted);
  }

  #next(n: number): Wanted {
    const what = this.#random.pick(["enter", "enter", "enter", "read", "read", "order", "publish"] as const);
    const book = this.#random.pick(["book", "notebook"] as const);
    // The city keeps the notebook: what it asks of that one crosses no wire, and is judged with what does.
    const at = what === "enter" || what === "read" ? this.#random.pick([COUNTY.code, CITY.code]) : COUNTY.code;
    // A page is read at once, so that it has an end.
    const part = `${this.#round}.${Math.floor(n / PAGE_OPERATIONS)}.${this.#random.between(0, 1)}`;
    const page = what === "order" || what === "publish" ? `${what} ${part}` : part;
    return { what, at, book: what === "order" ? "book" : book, page, value: `${this.#round}-${n}` };
  }

  async #do({ what, at, book, page, value }: Wanted): Promise<void> {
    const about = { key: `${book} ${page}`, client: at };
    if (what === "read") {
      await this.#recorder.run({ ...about, call: { what } }, () =>
        this.#until<{ values: readonly string[] }>(at, "bookRead", { book, page }),
      );
      return;
    }
    this.#asked.add(value);
    const asked = { book, page, value, key: value };
    if (what === "enter") {
      const call = { what, value } as const;
      await this.#recorder.run({ ...about, call }, () => this.#until<{ number: number }>(at, "bookEnter", asked));
    } else {
      if (what === "publish") this.#published.push({ key: page, id: value });
      await this.#until(at, what === "order" ? "deskOrder" : "eventPublish", asked);
    }
    this.#acknowledged.add(value);
  }

  /** Asks until it is acknowledged, under one key, whoever is killed meanwhile. */
  async #until<T extends object>(at: string, question: string, asked: object): Promise<T> {
    const { country, log } = this.#faulty;
    const deadline = performance.now() + GIVEN_UP_MS;
    let last = "";
    while (performance.now() < deadline && !this.#isOver) {
      this.tries += 1;
      try {
        const told = (await country.node(at).askFurther(question, asked)) as Told<T>;
        if (!("refused" in told)) return told;
        if (told.refused !== "unavailable") throw new assert.AssertionError({ message: `refused: ${told.refused}` });
        last = told.refused;
      } catch (error) {
        // The node that asks was killed, or its own database does not answer.
        if (error instanceof assert.AssertionError) throw error;
        if (/TypeError|RangeError|ReferenceError/.test((error as Error).message)) throw error;
        last = (error as Error).message;
      }
      await sleep(RETRY_MS);
    }
    throw new Error(`${at} ${question} ${JSON.stringify(asked)}: ${last}\n${log.slice(-20).join("\n")}`);
  }

  async #readAll(wanted: readonly Wanted[]): Promise<void> {
    const pages = new Map(
      wanted
        .filter(({ what }) => what === "enter" || what === "read")
        .map(({ book, page }) => [`${book} ${page}`, { book, page }]),
    );
    for (const [key, place] of pages) {
      await this.#recorder.run({ key, client: "inspector", call: { what: "read" } }, () =>
        this.#until<{ values: readonly string[] }>(COUNTY.code, "bookRead", place),
      );
    }
  }

  /** Waits until nothing is under way any more: every message executed, every event told. */
  async settle(): Promise<void> {
    const deadline = performance.now() + SETTLED_MS;
    for (;;) {
      const left = await this.#underWay();
      if (left.length === 0) return;
      if (performance.now() > deadline)
        assert.fail(`never settled: ${left.join()}\n${this.#faulty.log.slice(-20).join("\n")}`);
      await sleep(250);
    }
  }

  async #underWay(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const code of [COUNTY.code, CITY.code, PROVINCE.code, CENTRE.code]) {
      const database = await this.#faulty.database(code);
      // As if the hours had passed after which each is tried again.
      await database.execute(
        "UPDATE graphile_worker._private_jobs SET run_at = now() WHERE locked_at IS NULL AND attempts > 0 AND attempts < max_attempts AND run_at > now() AND key IN (SELECT id::text FROM act.message WHERE status = 'waiting')",
      );
      await database.execute("UPDATE events.subscription SET retry_at = NULL WHERE retry_at IS NOT NULL");
      await database.execute("UPDATE events.delivery SET due_at = now() WHERE state = 'waiting' AND due_at > now()");
      const [row] = await database.query<{ messages: number; dead: number; events: number; deliveries: number }>(
        `SELECT (SELECT count(*) FROM act.message WHERE to_room IN ('book', 'notebook') AND status = 'waiting')::int AS messages,
           ((SELECT count(*) FROM act.message WHERE status IN ('dead', 'refused') AND to_room IN ('book', 'notebook'))
             + (SELECT count(*) FROM events.delivery WHERE state <> 'waiting'))::int AS dead,
           (SELECT count(*) FROM act.event WHERE room = 'events')::int AS events,
           (SELECT count(*) FROM events.delivery)::int AS deliveries`,
      );
      assert.equal(row?.dead, 0, `${code} has given something up`);
      const count = (row?.messages ?? 0) + (row?.events ?? 0) + (row?.deliveries ?? 0);
      if (count > 0) left.push(`${code} ${JSON.stringify(row)}`);
    }
    return left;
  }

  /** Holds what is there against what was told. Gives what is false. */
  async findings(): Promise<readonly string[]> {
    const entries = [
      ...(await this.#entries(KEEPERS.book, "book")),
      ...(await this.#entries(KEEPERS.notebook, "notebook")),
    ];
    const archived = await this.#entries(CENTRE.code, "archive");
    const once = exactlyOnce({
      asked: this.#asked,
      acknowledged: this.#acknowledged,
      applied: [...entries, ...archived].map(({ value }) => value),
    });
    const order = orderOfKeys(
      this.#published,
      archived.map(({ page: key, value: id }) => ({ key, id })),
    );
    const verdict = checkLinearizable(this.#recorder.operations, bookModel);
    const evidence: string[] = [];
    for (const [one, other] of PAIRS) {
      const [ours, theirs] = await Promise.all([
        exchangeRecords(await this.#faulty.database(one), other),
        exchangeRecords(await this.#faulty.database(other), one),
      ]);
      const found = matchedEvidence(ours, theirs).filter(
        (finding) => ![...this.#forged].some((id) => finding.includes(id)),
      );
      evidence.push(...found.map((finding) => `${one} and ${other}: ${finding}`));
    }
    return [...once, ...order, ...evidence, ...(verdict.kind === "linearizable" ? [] : [wordsOf(verdict)])];
  }

  /**
   * Has the stand-alone verifier judge, off line, what both sides can prove of exchanges that were answered: the newest of each pair of the county's.
   * @returns of how many
   */
  async verify(folder: string, most: number): Promise<number> {
    let verified = 0;
    const { country } = this.#faulty;
    for (const peer of [PROVINCE.code, CITY.code]) {
      const rows = await (await this.#faulty.database(COUNTY.code)).query<{ act: string }>(
        `SELECT c.act FROM exchange.call c JOIN exchange.frame f ON f.id = c.frame
         WHERE f.peer = $1 AND f.kind = 'calls-out' AND c.answer IS NOT NULL ORDER BY c.entry DESC LIMIT $2`,
        [peer, most],
      );
      const acts = rows.map(({ act }) => act);
      verified += await verifyExchanges({ country, folder }, peer, acts);
    }
    return verified;
  }

  async #entries(code: string, room: string): Promise<readonly { readonly page: string; readonly value: string }[]> {
    const database = await this.#faulty.database(code);
    return await database.query<{ page: string; value: string }>(
      `SELECT data->>'page' AS page, data->>'value' AS value FROM ${room}.entry ORDER BY data->>'page', (data->>'number')::int`,
    );
  }
}
