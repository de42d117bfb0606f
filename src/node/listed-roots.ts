/** What the directory says of other nodes' certificates, for the trust of this one. */
import { fromBase64 } from "#lib/crypto/base64url";
import type { DirectoryView } from "#lib/directory/view";

export function listedRoots(view: () => DirectoryView | undefined) {
  return {
    roots: () => (view()?.allAnchors() ?? []).flatMap(({ certificate }) => fromBase64(certificate) ?? []),
    mayAsk: ({ origin }: URL) => view()?.isSite(origin) === true,
  };
}
