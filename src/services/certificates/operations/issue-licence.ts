import { DETACHED_SEAL_MEDIA_TYPE } from "#kernel/documents/detached-seal";
import { checkFoodLicenceNumber } from "#lib/identifiers/food-licence-number";
import { implement, type LicenceCertificate } from "../implement.ts";
import { type IssueLicence, licenceContent } from "../licence-content.ts";
import { makeLicence } from "../make-licence.ts";
import { certificatePorts } from "../ports.ts";

export const issueLicence = implement("issueLicence", async (ctx, asked) => {
  const ports = certificatePorts();
  const number = checkFoodLicenceNumber(asked.licenceNumber);
  if (number.status === "error") return ctx.refuse("wrong-number", { number: asked.licenceNumber });
  const { licenceCertificate, issuedFile } = ctx.registers;
  const [known] = (await licenceCertificate.find({ number: asked.licenceNumber }, { limit: 1 })).items;
  const earlier = known?.value;
  if (earlier && earlier.holderId !== asked.holder.id) return ctx.refuse("number-taken");
  if (earlier && isMade(earlier, asked)) return madeOf(earlier);
  const authority = await ports.posts.authority(asked.authority);
  if (!authority) return ctx.refuse("authority-unknown");
  const content = licenceContent(asked, { authorityName: authority.name, earlier });
  const made = await makeLicence(content, { ports, at: ctx.now, legalBasis: asked.data.legalBasis });
  if ("missingCharacters" in made) return ctx.refuse("cannot-draw", { characters: made.missingCharacters.join("") });
  if ("doesNotFit" in made) return ctx.refuse("does-not-fit", { what: made.doesNotFit.join("、") });
  const pdf = (copy: string) => ({ mediaType: "application/pdf", name: `${content.number}-${copy}.pdf` });
  const original = await ctx.files.put(made.original.pdf, pdf("original"));
  const duplicate = await ctx.files.put(made.duplicate.pdf, pdf("duplicate"));
  for (const [copy, { digest }] of [
    ["original", original],
    ["duplicate", duplicate],
  ] as const)
    await ctx.files.put(made[copy].seal, {
      ...{ mediaType: DETACHED_SEAL_MEDIA_TYPE, name: `${content.number}-${copy}.seal.json`, sealOf: digest },
    });
  const room = ctx.act.principal.kind === "node" ? ctx.act.principal.room : "";
  // Who ends it at this moment waits here, or is waited for.
  await ctx.nextNumber(`certificate/${content.number}`);
  const [early] = (await ctx.registers.earlyEnd.find({ number: content.number }, { limit: 1 })).items;
  const ended = known ? (await licenceCertificate.lock(known.key))?.value : early?.value.room === room && early.value;
  const entry: LicenceCertificate = {
    ...content,
    // What has ended stays ended, whatever paper is made of it: the messages that end and make it may come in either order.
    ...standingOf(ended || undefined),
    room,
    originalDigest: original.digest,
    duplicateDigest: duplicate.digest,
    credential: made.credential,
  };
  await licenceCertificate.put(entry, known ? { key: known.key } : {});
  for (const [copy, { digest }] of [
    ["original", original],
    ["duplicate", duplicate],
  ] as const) {
    await issuedFile.put({ digest, number: content.number, copy, issuedAt: ctx.now });
  }
  return madeOf(entry);
});

function standingOf(
  ended:
    | Pick<LicenceCertificate, "status" | "endedOn">
    | { readonly how: "revoked" | "withdrawn" | "annulled" | "deregistered"; readonly on: string }
    | undefined,
): Pick<LicenceCertificate, "status" | "endedOn"> {
  if (!ended) return { status: "valid", endedOn: undefined };
  return "how" in ended ? { status: ended.how, endedOn: ended.on } : { status: ended.status, endedOn: ended.endedOn };
}

/** Whether this case's certificate exists and says what is asked for. */
function isMade(earlier: LicenceCertificate, asked: IssueLicence): boolean {
  return earlier.caseId === asked.caseId && earlier.status === "valid" && earlier.validUntil === asked.validUntil;
}

function madeOf({ number, originalDigest, duplicateDigest }: LicenceCertificate) {
  return { licenceNumber: number, originalDigest, duplicateDigest };
}
