import { type Act, reachesRoom } from "#kernel/system/act";
import type { LicenceCertificate, Registers } from "./implement.ts";

/** The most certificates of one holder that are listed. */
const MAX_OWN = 100;

/** In whose name someone asks for certificates: the organization for which they act, or their own. */
function holderOf(act: Act): { readonly kind: "organization" | "person"; readonly id: string } | undefined {
  if (act.onBehalfOf) return { kind: act.onBehalfOf.kind, id: act.onBehalfOf.id };
  return act.principal.kind === "person" ? { kind: "person", id: act.principal.id } : undefined;
}

/** The certificates of whoever asks, or of whom they act for, as far as their power reaches. */
export async function ownCertificates(registers: Registers, act: Act): Promise<readonly LicenceCertificate[]> {
  const holder = holderOf(act);
  if (!holder) return [];
  const { items } = await registers.licenceCertificate.find({ holderId: holder.id }, { limit: MAX_OWN });
  return items
    .map(({ value }) => value)
    .filter(({ holderKind, room }) => holderKind === holder.kind && reachesRoom(act.onBehalfOf ?? {}, room));
}

/** A certificate of one's own; another's answers like one that is not there. */
export async function ownCertificate(
  registers: Registers,
  act: Act,
  number: string,
): Promise<LicenceCertificate | undefined> {
  return (await ownCertificates(registers, act)).find((one) => one.number === number);
}

/** What its holder sees of a certificate. */
export function shownToHolder({ credential: _, room: __, ...shown }: LicenceCertificate) {
  return shown;
}
