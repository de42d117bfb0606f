import { readDocument } from "../document.ts";
import { forCase } from "../for-case.ts";
import { implement } from "../implement.ts";

export const findByDocument = implement("findByDocument", async (ctx, { documentKind, documentNumber, issuedBy }) => {
  const read = readDocument({
    kind: documentKind,
    number: documentNumber,
    issuedBy: issuedBy ?? "CHN",
    today: Temporal.PlainDate.from(ctx.today),
  });
  if ("error" in read) return ctx.refuse("invalid", {}, [{ path: "documentNumber", text: read.error }]);
  const [entry] = (await ctx.registers.person.find({ documentNumber: read.stored }, { limit: 1 })).items;
  return entry ? forCase(entry) : ctx.refuse("not-found");
});
