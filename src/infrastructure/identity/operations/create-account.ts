import { isRefusal } from "#kernel/contract/refusal";
import { unlessTaken } from "#kernel/registers/unless-taken";
import { accountNamed, setterOf } from "../accounts.ts";
import { noteSetter, passwordFault, setPassword } from "../credentials.ts";
import { houseWords } from "../house-words.ts";
import { implement, type Rooms } from "../implement.ts";
import type { HolderKind } from "../sessions.ts";

export const createAccount = implement("createAccount", async (ctx, { signInName, holderKind, holder, password }) => {
  const fault = await passwordFault(password, signInName, await houseWords(ctx.rooms));
  if (fault) return ctx.refuse("weak-password", {}, [{ path: "password", text: fault }]);
  if (!(await exists(ctx.rooms, holderKind, holder))) return ctx.refuse("holder-not-found");
  if (await accountNamed(ctx.registers, signInName)) return ctx.refuse("name-taken");
  const id = await unlessTaken(ctx.registers.account.put({ signInName, holderKind, holder, status: "active" }));
  if (id === undefined) return ctx.refuse("name-taken");
  const sql = await ctx.tables.write();
  await setPassword(sql, id, password, ctx.now);
  await noteSetter(sql, id, { by: setterOf(ctx.act), at: ctx.now });
  ctx.concerns({ kind: holderKind, id: holder, attributes: ["account"] });
  return { id };
});

async function exists(rooms: Rooms, kind: HolderKind, holder: string): Promise<boolean> {
  // An official gets his account before his first post.
  if (kind === "official") return !isRefusal(await rooms.directory.findOfficial({ id: holder }));
  const person = await rooms.population.nameOf({ id: holder });
  return !isRefusal(person) && person.lifeStatus === "alive";
}
