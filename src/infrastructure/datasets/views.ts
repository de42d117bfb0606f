import type { Item, Summary } from "#lib/reconciliation/summary";

const DIGEST_HEX = 32;

/** As digests and fingerprints travel: 32 hexadecimal digits. */
export function digestText(digest: bigint): string {
  return digest.toString(16).padStart(DIGEST_HEX, "0");
}

export function digestOfText(text: string): bigint {
  return BigInt(`0x${text}`);
}

export function totalView({ entries, fingerprint }: Summary) {
  return { entries, fingerprint: digestText(fingerprint) };
}

export function totalOfView(view: { readonly entries: number; readonly fingerprint: string }): Summary {
  return { entries: view.entries, fingerprint: digestOfText(view.fingerprint) };
}

export function itemView({ key, digest }: Item) {
  return { key, digest: digestText(digest) };
}

export function itemOfView({ key, digest }: { readonly key: string; readonly digest: string }): Item {
  return { key: key.toLowerCase(), digest: digestOfText(digest) };
}
