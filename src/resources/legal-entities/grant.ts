import type { z } from "zod";
import type { Refusal } from "#kernel/contract/refusal";
import { isRefusal } from "#kernel/contract/refusal";
import type { Act } from "#kernel/system/act";
import { AUTHORIZATION_YEARS_MAX, LIST_LENGTH_MAX } from "./contract.ts";
import type { Registers, Rooms } from "./implement.ts";
import type { Authorization } from "./registers.ts";
import { isValidOn } from "./right.ts";

type Letter = Omit<z.output<typeof Authorization>, "grantedBy" | "revokedAt">;
type Code =
  | "not-found"
  | "not-representative"
  | "agent-not-found"
  | "own-agent"
  | "bad-period"
  | "bad-service"
  | "already-authorized";

interface Granting {
  readonly act: Act;
  readonly today: string;
  readonly registers: Registers;
  readonly rooms: Rooms;
  refuse(code: Code): Refusal<Code>;
  concerns(subject: { readonly kind: "person"; readonly id: string; readonly attributes: readonly string[] }): void;
}

/** Gives someone the power to act for an organization, for a while: by its head in person, or as the letter says that an official recorded. */
export async function grant(ctx: Granting, letter: Letter): Promise<{ readonly id: string } | Refusal<Code>> {
  const { organization, agent, scope, service, from, to } = letter;
  const entry = await ctx.registers.organization.get(organization);
  if (!entry) return ctx.refuse("not-found");
  const { representative } = entry.value;
  const { principal } = ctx.act;
  if (principal.kind === "person" && principal.id !== representative) return ctx.refuse("not-representative");
  if (agent === representative) return ctx.refuse("own-agent");
  if ((scope === "one-service") !== (service !== undefined)) return ctx.refuse("bad-service");
  const latest = Temporal.PlainDate.from(from).add({ years: AUTHORIZATION_YEARS_MAX }).toString();
  if (to < from || to < ctx.today || to > latest) return ctx.refuse("bad-period");
  const known = await ctx.rooms.population.nameOf({ id: agent });
  if (isRefusal(known) || known.lifeStatus !== "alive") return ctx.refuse("agent-not-found");
  const given = await ctx.registers.authorization.find({ organization, agent }, { limit: LIST_LENGTH_MAX });
  const same = given.items.some(
    ({ value }) => value.scope === scope && value.service === service && isValidOn(value, from) && value.to >= to,
  );
  if (same) return ctx.refuse("already-authorized");
  const id = await ctx.registers.authorization.put({ ...letter, grantedBy: representative });
  ctx.concerns({ kind: "person", id: agent, attributes: ["authorization"] });
  return { id };
}
