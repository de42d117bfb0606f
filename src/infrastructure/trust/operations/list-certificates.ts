import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const listCertificates = implement(
  "listCertificates",
  async (ctx, { subjectKind, subjectId, status, number, endsIn, after }) => {
    const where = {
      ...(subjectKind && { subjectKind }),
      ...(subjectId && { subjectId }),
      ...(status && { status }),
      ...(endsIn && { endsIn }),
      ...byNumber(number),
    };
    const page = await ctx.registers.certificate.find(where, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
    const items = page.items.map(({ value: { pem: _, ...shown } }) => {
      const { subjectKind: kind, subjectId: id } = shown;
      if (kind === "person" || kind === "official") ctx.concerns({ kind, id, attributes: ["certificate"] });
      return shown;
    });
    return { items, next: page.next };
  },
);

const FINGERPRINT_CHARACTERS = 64;

function byNumber(number: string | undefined): { readonly fingerprint?: string; readonly serial?: string } {
  const digits = number?.replaceAll(/[: ]/g, "");
  if (digits === undefined) return {};
  return digits.length === FINGERPRINT_CHARACTERS ? { fingerprint: digits } : { serial: digits };
}
