/**
 * Builds with a defect, for tests of the checkers: a database that stands between the product and the real one and does not do what it is told.
 * The seam is the kernel's own port: whoever composes a kernel gives it its database. No setting of a node reaches it.
 */
import type { Database, Sql, Transaction } from "../../src/kernel/database/sql.ts";

export type Defect =
  /** Whoever acts is told that it is done before it is; the power goes in between. */
  | "acknowledges-before-commit"
  /** The key of an act that was done is not kept: asked again, it is done again. */
  | "forgets-keys"
  /** Which frames were taken is not remembered: sent again, they are taken again. */
  | "forgets-frames"
  /** Events of one key are delivered as they lie. */
  | "keeps-no-order"
  /** What was done for another node is not on the record. */
  | "keeps-no-record";

export interface BrokenDatabase {
  readonly database: Database;
  /** None: it does what it is told. */
  defect: Defect | undefined;
  /** How often the defect changed something: a test that did not reach it has shown nothing. */
  readonly reached: number;
  /** The power goes: what is acknowledged and not committed is lost. */
  cutPower(): void;
}

type Change = (text: string) => string | undefined;

/** Undefined: the statement is left out. */
const CHANGES: Readonly<Record<Exclude<Defect, "acknowledges-before-commit">, Change>> = {
  "forgets-keys": (text) => (text.startsWith("INSERT INTO act.act ") ? undefined : text),
  "forgets-frames": (text) => {
    if (text.startsWith("INSERT INTO exchange.frame ")) return `${text} ON CONFLICT DO NOTHING`;
    return text.startsWith("SELECT id FROM exchange.frame WHERE id BETWEEN") ? `${text} AND false` : text;
  },
  "keeps-no-order": (text) =>
    text.includes("e.payload")
      ? text.replace(/AND \(d\.lane IS NULL[\s\S]*ORDER BY d\.seq/, "ORDER BY d.seq DESC")
      : text,
  "keeps-no-record": (text) => (/^INSERT INTO exchange\.call[\s\S]*currval/.test(text) ? undefined : text),
};

export function brokenDatabase(sound: Database): BrokenDatabase {
  const held = new Set<(isLost: boolean) => void>();
  const state = { defect: undefined as Defect | undefined, reached: 0 };
  const changed = (text: string): string | undefined => {
    const { defect } = state;
    if (defect === undefined || defect === "acknowledges-before-commit") return text;
    const other = CHANGES[defect](text);
    if (other !== text) state.reached += 1;
    return other;
  };
  const statements = (sql: Sql): Sql => ({
    query: (text, values) => {
      const other = changed(text);
      return other === undefined ? Promise.resolve([]) : sql.query(other, values);
    },
    execute: (text, values) => {
      const other = changed(text);
      return other === undefined ? Promise.resolve(1) : sql.execute(other, values);
    },
  });
  const transaction: Database["transaction"] = (work, options) => {
    const broken = (tx: Transaction) => work(over(tx, statements(tx)));
    if (state.defect !== "acknowledges-before-commit") return sound.transaction(broken, options);
    return new Promise((resolve, reject) => {
      const committing = sound.transaction(async (tx) => {
        const result = await broken(tx);
        state.reached += 1;
        const isLost = await new Promise<boolean>((settle) => {
          held.add(settle);
          resolve(result);
        });
        if (isLost) throw new Error("the power went");
        return result;
      }, options);
      committing.catch(reject);
    });
  };
  const database = over(sound, {
    ...statements(sound),
    transaction,
    together: (work) => sound.together((sql) => work(statements(sql))),
  } satisfies Partial<Database>);
  return {
    database,
    get defect() {
      return state.defect;
    },
    set defect(defect) {
      state.defect = defect;
      state.reached = 0;
    },
    get reached() {
      return state.reached;
    },
    cutPower() {
      for (const settle of held) settle(true);
      held.clear();
    },
  };
}

/** A thing some of whose members are others. */
function over<T extends object>(thing: T, members: Partial<T>): T {
  return new Proxy(thing, {
    get(target, name) {
      const member: unknown = Reflect.get(name in members ? members : target, name);
      return typeof member === "function" && !(name in members) ? member.bind(target) : member;
    },
  });
}
