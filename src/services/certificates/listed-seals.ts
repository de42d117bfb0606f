/**
 * Seals of authorities at other nodes. A root of another node counts here for no more than the directory says: for authorities that it lists, of the
 * divisions for which it names that root. Whoever controls a county's node cannot seal for another county, whatever his certificates say.
 */
import { readCertificate } from "#kernel/documents/certificate";
import { DerError } from "#lib/asn1/der";
import { fromBase64 } from "#lib/crypto/base64url";
import type { DirectoryView } from "#lib/directory/view";
import type { Text } from "#lib/language/text";
import { readX509 } from "#lib/x509/certificate";

/** X.520 serialNumber: on a seal the key of its authority. */
const SERIAL_NUMBER = "2.5.4.5";

export interface ListedAuthority {
  readonly id: string;
  readonly name: Text;
  readonly division: string;
  /** DER: below which its seals stand. */
  readonly roots: readonly Uint8Array[];
  /** Of those, the ones that readers of PDF and SD-JWT understand. */
  readonly documentRoots: readonly Uint8Array[];
}

/** Whose seal a certificate (DER) says that it is, and below which roots that counts; undefined where the directory does not say. */
export function listedAuthority(
  certificate: Uint8Array | undefined,
  view: DirectoryView | undefined,
): ListedAuthority | undefined {
  const id = certificate && authorityIn(certificate);
  const authority = id === undefined ? undefined : view?.authority(id);
  if (authority === undefined || view === undefined) return undefined;
  const named = view.anchors(authority.division).flatMap((anchor) => fromBase64(anchor.certificate) ?? []);
  // What another node publishes may be no certificate.
  const roots = named.filter((root) => isReadable(root, readX509));
  const documentRoots = roots.filter((root) => isReadable(root, readCertificate));
  return { id: authority.id, name: authority.name, division: authority.division, roots, documentRoots };
}

function authorityIn(certificate: Uint8Array): string | undefined {
  try {
    const names = readX509(certificate).subject.parts.flat();
    return names.find(({ type }) => type === SERIAL_NUMBER)?.value;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function isReadable(root: Uint8Array, read: (der: Uint8Array) => unknown): boolean {
  try {
    read(root);
    return true;
  } catch (error) {
    if (error instanceof DerError || error instanceof TypeError) return false;
    throw error;
  }
}
