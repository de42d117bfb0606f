import { Buffer } from "node:buffer";
import { civilDay } from "#lib/calendar/civil-day";
import { fill } from "#lib/language/text";
import type { Contract } from "../contract/contract.ts";
import { DOOR_REFUSALS } from "../contract/door-refusals.ts";
import { type InputIssue, Refusal } from "../contract/refusal.ts";
import type { Transaction } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import { readApplication } from "../services/application.ts";
import { issueNotice } from "../services/issue-notice.ts";
import { recordsOf } from "../services/records.ts";
import type { Act } from "./act.ts";
import type { CaseOfRoom, Context, Sent, Uses } from "./context.ts";
import { notingFiles } from "./kept-files.ts";
import type { Kernel } from "./kernel.ts";
import type { ListedRows } from "./listed-rows.ts";
import { sendMessage } from "./messages.ts";
import { enteringEvents } from "./outbox.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

interface Opening {
  readonly act: Act;
  readonly unit: UnitOfWork;
  readonly system: { readonly contract: Contract; readonly uses?: Uses };
  /** What of a register or table an operation that lists it may read. */
  readonly rows?: ListedRows | undefined;
  /** Absent where something other than an operation runs, such as a service's screening. */
  readonly operation?: {
    readonly kind: "query" | "command";
    readonly refusals: Readonly<Record<string, { zh: string; en: string }>>;
  };
}

/** Makes what a handler sees. */
// biome-ignore lint/suspicious/noExplicitAny: the handler's own types were checked where it was declared
export function openContext(kernel: Kernel, opening: Opening): Context<any, any, any> {
  const { act, unit, system } = opening;
  const { contract } = system;
  const writes = async (): Promise<Transaction> => {
    if (opening.operation?.kind !== "command") throw new Fault("ERR_DOOR_FROM_QUERY", { message: contract.id });
    return unit.writer();
  };
  let today: string | undefined;
  let registers: ReturnType<typeof registersOf> | undefined;
  let rooms: ReturnType<typeof doorsOf> | undefined;
  return {
    act,
    now: act.at,
    // Most handlers need one or two of these: they are made when they are asked for.
    get today() {
      today ??= civilDay(Temporal.Instant.from(act.at)).toString();
      return today;
    },
    get registers() {
      registers ??= registersOf(kernel, opening, writes);
      return registers;
    },
    get rooms() {
      rooms ??= doorsOf(kernel, opening, writes);
      return rooms;
    },
    files: notingFiles(kernel.files, unit),
    cases: {
      read: (caseId) => caseOfRoom(kernel, unit, contract.id, caseId),
      async notify({ caseId, kind, once, details }) {
        const transaction = await writes();
        const application = await readApplication(kernel, transaction, caseId);
        assert(application?.room === contract.id, `${caseId} is a case of ${contract.id}`);
        await issueNotice(kernel, transaction, { act, application, kind, step: once, details });
      },
    },
    tables: { read: () => unit.reader(), write: writes },
    secrets: {
      seal: (secret, of) => kernel.vault.seal(`room ${contract.id}`, secret, of),
      open: (sealed, of) => kernel.vault.open(`room ${contract.id}`, sealed, of),
      digest: (secret) => kernel.vault.blind(`room ${contract.id}`, secret),
      digests: (secret) => kernel.vault.blinds(`room ${contract.id}`, secret),
    },
    listed: (columns, bind) => opening.rows?.ofTable(columns, bind) ?? "true",
    proofs: kernel.elsewhere?.proofs,
    concerns: (subject) => unit.note(subject),
    async record({ type, operation, detail }) {
      const [id] = await kernel.ledger.append(await writes(), [
        {
          ...{ type, operation, detail, at: act.at, actId: act.id, room: contract.id },
          actor: { kind: "node", id: contract.id },
          ...{ purpose: act.purpose ?? "none", legalBasis: [], subjects: [], outcome: "done" },
        },
      ]);
      assert(id, "an appended entry has a number");
      return id;
    },
    async emit(event, payload) {
      const declared = contract.events[event];
      assert(declared, `${contract.id} declares no event ${event}`);
      const id = kernel.newId();
      const parsed = declared.payload.parse(payload) as Readonly<Record<string, unknown>>;
      const key = declared.key === undefined ? undefined : parsed[declared.key];
      const { text, values } = enteringEvents([
        {
          ...{ id, room: contract.id, type: event, caseId: act.caseId, about: {}, at: act.at },
          sealed: kernel.vault.seal(`room ${contract.id}`, Buffer.from(JSON.stringify(parsed)), id),
          key: key === undefined || key === null ? undefined : String(key),
        },
      ]);
      await (await writes()).query(text, values);
    },
    refuse(code: string, values: Readonly<Record<string, string | number>> = {}, issues: readonly InputIssue[] = []) {
      const declared = opening.operation?.refusals[code] ?? DOOR_REFUSALS.unavailable;
      return new Refusal({ room: contract.id, code, text: fill(declared, values), issues });
    },
    async nextNumber(sequence) {
      const transaction = await writes();
      const [row] = await transaction.query<{ last: number }>(
        `INSERT INTO act.sequence AS s (room, name, last) VALUES ($1, $2, 1)
         ON CONFLICT (room, name) DO UPDATE SET last = s.last + 1 RETURNING last`,
        [contract.id, sequence],
      );
      assert(row, "an upsert returns its row");
      return row.last;
    },
  };
}

async function caseOfRoom(
  kernel: Kernel,
  unit: UnitOfWork,
  room: string,
  caseId: string,
): Promise<CaseOfRoom | undefined> {
  const [application, view, kept] = await unit.together((sql) =>
    Promise.all([
      readApplication(kernel, sql, caseId),
      kernel.procedures.view(sql, caseId),
      recordsOf(kernel, caseId, sql),
    ]),
  );
  if (application?.room !== room) return undefined;
  const records: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const record of kept) records[record.element] = record.content;
  return { ...application, variables: view?.variables ?? {}, records };
}

function registersOf(kernel: Kernel, opening: Opening, writer: () => Promise<Transaction>) {
  const { act, unit, system } = opening;
  const handles: Record<string, unknown> = {};
  for (const name of Object.keys(system.contract.registers)) {
    const store = kernel.registers.get(`${system.contract.id}.${name}`);
    assert(store, `register ${system.contract.id}.${name} is not open`);
    handles[name] = store.handle({
      reader: () => unit.reader(),
      writer,
      act,
      authority: kernel.authorityOf(system.contract.id),
      note: (subject) => unit.note(subject),
      rows: opening.rows?.ofRegister(name),
    });
  }
  // Each register's own types were checked where its room was declared.
  return handles as Record<string, never>;
}

function doorsOf(kernel: Kernel, opening: Opening, writer: () => Promise<Transaction>) {
  const { act, unit, system } = opening;
  const doors: Record<string, Record<string, (input: unknown) => Promise<unknown>>> = {};
  for (const [name, contract] of Object.entries(system.uses ?? {})) {
    const door: Record<string, (input: unknown) => Promise<unknown>> = {};
    let ordinal = 0;
    for (const [operation, declared] of Object.entries(contract.operations)) {
      door[operation] =
        declared.kind === "query"
          ? async (input) => {
              if (unit.hasBegun) {
                throw new Fault("ERR_DOOR_AFTER_WRITE", {
                  message: `${system.contract.id} → ${contract.id}.${operation}`,
                });
              }
              // From here it is this room that asks, wherever what it answers came from.
              const asked: Act = { ...act, via: system.contract.id, idempotencyKey: undefined, origin: undefined };
              return kernel.perform(asked, { room: contract.id, operation, input });
            }
          : async (input): Promise<Sent> =>
              sendMessage(kernel, await writer(), {
                act,
                from: system.contract.id,
                to: contract.id,
                operation,
                input: declared.input.parse(input),
                ordinal: ordinal++,
              });
    }
    doors[name] = door;
  }
  return doors;
}
