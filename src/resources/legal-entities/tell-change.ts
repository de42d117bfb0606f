import type { Output } from "#kernel/contract/contract";
import type { Context } from "#kernel/system/context";
import type { legalEntities } from "./contract.ts";
import type { uses } from "./implement.ts";
import type { Organization } from "./registers.ts";

type Entry = Output<typeof Organization>;

/** Not of the organization, but of the entry. */
const OF_THE_ENTRY = new Set(["changeReason"]);

/** Tells subscribers that an entry changed, and in which attributes; nothing where it is as it was. */
export async function tellChange(
  ctx: Pick<Context<typeof legalEntities, typeof uses, never>, "emit">,
  {
    id,
    before,
    after,
    what,
  }: {
    readonly id: string;
    readonly before?: Entry;
    readonly after: Entry;
    readonly what: "registered" | "changed" | "corrected" | "ended";
  },
): Promise<void> {
  const attributes = Object.keys({ ...before, ...after }).filter(
    (name) => !OF_THE_ENTRY.has(name) && writtenValue(before, name) !== writtenValue(after, name),
  );
  if (attributes.length === 0) return;
  await ctx.emit("organizationChanged", { organization: id, creditCode: after.creditCode, what, attributes });
}

function writtenValue(entry: Entry | undefined, name: string): string | undefined {
  return JSON.stringify((entry as Readonly<Record<string, unknown>> | undefined)?.[name]);
}
