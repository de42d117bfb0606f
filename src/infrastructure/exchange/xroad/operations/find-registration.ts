import { implement } from "../../implement.ts";
import { officialOf } from "../official.ts";
import { registrationById, registrationView } from "../registration.ts";

export const findRegistration = implement("findRegistration", async (ctx, { id }) => {
  const official = officialOf(ctx.act);
  const found = official && (await registrationById(ctx.tables.read(), id));
  // Whoever proposed it sees what became of it, also where another authority decides.
  const isSeen = found?.authority === official?.post.authority || found?.proposedBy === official?.id;
  return found && isSeen ? registrationView(found) : ctx.refuse("not-found");
});
