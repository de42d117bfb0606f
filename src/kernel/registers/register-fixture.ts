import { z } from "zod";
import { text } from "#lib/language/text";
import { cite, LICENSING_LAW } from "../contract/citation.ts";
import { register } from "../contract/contract.ts";
import { field } from "../contract/field.ts";
import type { Database } from "../database/sql.ts";
import type { Act } from "../system/act.ts";
import { UnitOfWork } from "../system/unit-of-work.ts";
import { openVault } from "../vault/vault.ts";
import { ensureRegister } from "./ensure-register.ts";
import { isoOf } from "./instant.ts";
import type { NotedSubject } from "./register-store.ts";
import { openRegister } from "./register-store.ts";

/** A register for tests: every kind of attribute that a contract can declare. */
export const RESIDENT = register({
  title: text("居民", "Residents"),
  schema: z.object({
    name: field(z.string().trim().min(1).max(100), { title: text("姓名", "Name"), lookup: "name" }),
    number: field(z.string().regex(/^\d{17}[0-9X]$/), {
      title: text("号码", "Number"),
      sensitive: true,
      lookup: "unique",
    }),
    mobile: field(z.string().max(20).optional(), { title: text("手机", "Mobile"), sensitive: true, lookup: "exact" }),
    address: field(z.string().max(200), { title: text("住址", "Address"), sensitive: true }),
    cardNumber: field(z.string().max(20).optional(), { title: text("卡号", "Card"), lookup: "unique" }),
    division: field(z.string().max(12), { title: text("区划", "Division"), lookup: "exact" }),
    status: z.enum(["alive", "deceased"]).default("alive"),
  }),
  subject: { kind: "person", by: "key" },
  legalBasis: [cite(LICENSING_LAW, "第一条")],
  retention: "permanent",
});

export const VAULT = openVault({ masterKey: () => new Uint8Array(32).fill(3) });
export const RESIDENTS = openRegister({ room: "test-room", name: "resident", declaration: RESIDENT, vault: VAULT });
export const REGISTER_MIGRATIONS = [{ scope: "register", folder: new URL("./migrations", import.meta.url).pathname }];

export type Resident = z.input<typeof RESIDENT.schema>;

export function resident(over: Partial<Resident> = {}): Resident {
  return { name: "王小明", number: "990102199001011234", address: "清源县中山路1号", division: "990102", ...over };
}

export async function ensureResidents(database: Database): Promise<void> {
  await database.transaction((tx) => ensureRegister(tx, "test-room", "resident", RESIDENT).then(() => undefined));
}

let acts = 0;

export function actAt(at: string): Act {
  acts += 1;
  return {
    id: `00000000-0000-7000-8000-${String(acts).padStart(12, "0")}`,
    principal: { kind: "node", room: "test-room" },
    purpose: "register-keeping",
    legalBasis: [cite(LICENSING_LAW, "第十二条")],
    caseId: undefined,
    zone: "extranet",
    language: "zh",
    at,
  };
}

/** Opens the register for one act. `commit` or `abandon` ends it. */
export function beginAct(database: Database, at: string | number = "2026-01-31T00:00:00Z") {
  const unit = new UnitOfWork(database);
  const noted: NotedSubject[] = [];
  const act = actAt(typeof at === "number" ? isoOf(at) : at);
  const handle = RESIDENTS.handle({
    reader: () => unit.reader(),
    writer: () => unit.writer(),
    act,
    authority: "清源县公安局",
    note: (subject) => noted.push(subject),
  });
  return { handle, act, noted, commit: () => unit.commit(), abandon: () => unit.abandon() };
}

/** Runs one act and commits it. */
export async function act<T>(
  database: Database,
  at: string | number,
  work: (handle: ReturnType<typeof beginAct>["handle"]) => Promise<T>,
): Promise<T> {
  const begun = beginAct(database, at);
  try {
    const value = await work(begun.handle);
    await begun.commit();
    return value;
  } catch (error) {
    await begun.abandon();
    throw error;
  }
}
