import { implement } from "../implement.ts";

export const answer = implement("answer", async (ctx, { id, answer: words }) => {
  const { principal } = ctx.act;
  const entry = await ctx.registers.rating.lock(id);
  const own = principal.kind === "official" && entry?.value.authority === principal.post.authority;
  if (!entry || !own || entry.value.status !== "waiting") return ctx.refuse("not-found");
  await ctx.registers.rating.put(
    { ...entry.value, status: "answered", answer: words, answeredOn: ctx.today },
    { key: id },
  );
  const sql = await ctx.tables.write();
  await sql.execute("UPDATE participation.tally SET answered = answered + 1 WHERE authority = $1 AND score = $2", [
    entry.value.authority,
    Number(entry.value.score),
  ]);
  return { id };
});
