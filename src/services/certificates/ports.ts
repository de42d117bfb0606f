/** What this room needs of the node beyond the doors: typesetting, seals, and the names of authorities. */
import { Fault } from "#kernel/errors/fault";
import type { Documents, Posts, Signer } from "#kernel/ports";
import type { DirectoryView } from "#lib/directory/view";
import type { TokenSigner } from "#lib/sd-jwt/issue";
import "./faults.ts";

export interface CertificatePorts {
  /** Must know `licenceKinds()`. */
  readonly documents: Documents;
  readonly trust: {
    readonly signer: Pick<Signer, "sealDocument" | "sealBeside">;
    credentialSigner(request: {
      readonly authority: string;
      readonly seal: "licensing" | "authority";
      readonly reason: string;
      /** ISO 8601, UTC. */
      readonly at: string;
    }): Promise<TokenSigner>;
    /** DER. */
    readonly hierarchy: {
      readonly documentRoots: readonly Uint8Array[];
      /** Of every suite. */
      readonly roots: readonly Uint8Array[];
    };
  };
  /** The seal that this node made beside a document, by the document's digest. */
  readonly sealBeside: (document: string) => Promise<Uint8Array | undefined>;
  /** The directory to which this node belongs, as it is now; undefined where it belongs to none. */
  readonly directory?: () => DirectoryView | undefined;
  readonly posts: Pick<Posts, "authority">;
  readonly publicUrl: string;
  readonly demonstration: boolean;
}

let provided: CertificatePorts | undefined;

/** Gives the room its ports, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideCertificatePorts(ports: CertificatePorts): void {
  provided = ports;
}

/** @throws {Fault} ERR_CERTIFICATES_NO_PORTS */
export function certificatePorts(): CertificatePorts {
  if (provided === undefined) throw new Fault("ERR_CERTIFICATES_NO_PORTS");
  return provided;
}
