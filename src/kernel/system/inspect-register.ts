import type { AccessRequest } from "../access/access.ts";
import { provableInstead } from "../access/step-up.ts";
import { doorRefusal } from "../contract/door-refusals.ts";
import type { DoorRefusal, Refusal } from "../contract/refusal.ts";
import { assert } from "../errors/fault.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import { entryValues } from "../registers/entry-types.ts";
import type { AsOf, Entry, Page } from "../registers/handle.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import type { Act } from "./act.ts";
import { actorOf } from "./idempotency.ts";
import type { Kernel } from "./kernel.ts";
import { listColumns } from "./listed-rows.ts";
import { UnitOfWork } from "./unit-of-work.ts";

/** An entry whose type only its contract knows. */
export type AnyEntry = Entry<Readonly<Record<string, unknown>>>;

interface Wanted {
  readonly room: string;
  readonly register: string;
}

/** Looks entries up by a name; the right is decided and the reading recorded before anything is shown. */
export function searchRegister(
  kernel: Kernel,
  act: Act,
  wanted: Wanted & { readonly name: string; readonly after?: string },
): Promise<Page<AnyEntry> | Refusal<DoorRefusal>> {
  return inspect(kernel, act, { ...wanted, verb: "read" }, (handle) =>
    handle.search(wanted.name, wanted.after === undefined ? {} : { after: wanted.after }),
  );
}

/** One entry, true at `asOf`, as known at `asKnownAt`. */
export function readEntry(
  kernel: Kernel,
  act: Act,
  wanted: Wanted & { readonly key: string } & AsOf,
): Promise<AnyEntry | undefined | Refusal<DoorRefusal>> {
  const at: AsOf = {
    ...(wanted.asOf !== undefined && { asOf: wanted.asOf }),
    ...(wanted.asKnownAt !== undefined && { asKnownAt: wanted.asKnownAt }),
  };
  return inspect(kernel, act, { ...wanted, verb: "read" }, async (handle, isShown) => {
    const entry = await handle.get(wanted.key, at);
    return entry && isShown(entry) ? entry : undefined;
  });
}

/** All versions of one entry, oldest recorded first. */
export function readHistory(
  kernel: Kernel,
  act: Act,
  wanted: Wanted & { readonly key: string },
): Promise<readonly AnyEntry[] | Refusal<DoorRefusal>> {
  return inspect(kernel, act, { ...wanted, verb: "history" }, async (handle, isShown) =>
    (await handle.history(wanted.key)).filter(isShown),
  );
}

type AnyHandle = ReturnType<RegisterStore["handle"]>;

async function inspect<T>(
  kernel: Kernel,
  act: Act,
  wanted: Wanted & { readonly verb: "read" | "history" },
  read: (handle: AnyHandle, isShown: (entry: AnyEntry) => boolean) => Promise<unknown>,
): Promise<T | Refusal<DoorRefusal>> {
  const store = kernel.registers.get(`${wanted.room}.${wanted.register}`);
  assert(store, `the register ${wanted.room}.${wanted.register} is open`);
  const operation = `${wanted.register}.${wanted.verb}`;
  const { legalBasis } = store.declaration;
  // Whoever looks an entry up for his duty does so on the register's own legal basis; the purpose is his.
  const request: AccessRequest = {
    act: act.legalBasis.length > 0 ? act : { ...act, legalBasis },
    room: wanted.room,
    operation,
    kind: "query",
  };
  const columns = listColumns(store.shape, act.caseId);
  const decision = kernel.access.decideRows(request, columns);
  const unit = new UnitOfWork(kernel.database);
  const entry = (type: "read" | "refused", outcome: string): LedgerEntry => ({
    type,
    at: act.at,
    actId: act.id,
    room: wanted.room,
    operation,
    actor: actorOf(act),
    purpose: act.purpose ?? "none",
    legalBasis: legalBasis.map((citation) => `${citation.law.zh} ${citation.article}`),
    caseId: act.caseId,
    subjects: unit.subjects(),
    outcome,
    policies: decision.policies,
  });
  if (!decision.allowed) {
    const rows = { decide: (surer: AccessRequest) => kernel.access.decideRows(surer, columns) };
    const provable = provableInstead(rows, request);
    if (provable) return provable as Refusal<DoorRefusal>;
    await kernel.ledger.append(kernel.database, [entry("refused", "denied")]);
    return doorRefusal(wanted.room, "denied") as Refusal<DoorRefusal>;
  }
  const handle = store.handle({
    reader: () => unit.reader(),
    writer: () => unit.writer(),
    act,
    authority: kernel.authorityOf(wanted.room),
    note: (subject) => unit.note(subject),
    rows: decision.where,
  });
  // What is looked up by its key is not in a list; of what may not be read, it is on the record that it was asked for.
  let withheld: readonly string[] = [];
  const isShown = ({ value }: AnyEntry): boolean => {
    if (decision.where === undefined) return true;
    const { allowed, policies } = kernel.access.decide({ ...request, entry: entryValues(store.shape, value) });
    if (!allowed) withheld = policies;
    return allowed;
  };
  const answer = await read(handle, isShown);
  await kernel.ledger.append(kernel.database, [
    entry("read", "answered"),
    ...(withheld.length > 0 ? [{ ...entry("refused", "denied"), policies: withheld }] : []),
  ]);
  return answer as T;
}
