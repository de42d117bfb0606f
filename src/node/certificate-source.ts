import { trust } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { CertificateSource } from "#kernel/services/case-evidence";
import type { Kernel } from "#kernel/system/kernel";
import { readPem } from "#lib/asn1/pem";
import { readX509 } from "#lib/x509/certificate";
import { entriesAbout } from "../infrastructure/trust/certificates/certificate-log.ts";
import { nodeActOf } from "./node-act.ts";

/** What the register of certificates says, for bundles of evidence. */
export function certificateSource(kernel: Kernel): CertificateSource {
  const doors = frontOf(kernel, trust, () => nodeActOf(kernel, trust.id));
  return {
    async issuers() {
      const chain = await doors.certificateChain({});
      return isRefusal(chain) ? [] : chain.issuers;
    },
    async statement(pem) {
      const [block] = readPem(pem);
      const found = block && (await doors.findCertificate({ serial: readX509(block.der).serial }));
      if (found === undefined || isRefusal(found)) return undefined;
      const { serial, status, revokedAt } = found;
      return { serial, status, revokedAt };
    },
    async entriesAbout(fingerprints) {
      const found: number[] = [];
      for (const one of fingerprints) found.push(...(await entriesAbout(kernel.database, one)));
      return found;
    },
  };
}
