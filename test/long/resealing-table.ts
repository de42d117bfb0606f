/** A table of sealed values, and the vaults of before and after a rotation. */
import type { SealedPart } from "#kernel/resealing/part";
import { tablePart } from "#kernel/resealing/table-part";
import { generationId, openVault, type Vault } from "#kernel/vault/vault";

const generation = (fill: number) => {
  const secret = new Uint8Array(32).fill(fill);
  return { id: generationId(secret), secret, suite: "national" } as const;
};
const [OLD, NEW] = [generation(1), generation(2)];

/** @param which of the generations seals; both open */
export function vaultOf(which: "old" | "new"): Vault {
  const dataKeys = { current: which === "old" ? OLD : NEW, all: [OLD, NEW], destroyed: new Set<string>() };
  return openVault({ masterKey: () => new Uint8Array(32).fill(3), dataKeys: () => dataKeys });
}

/** After the old one was destroyed. */
export function vaultWithoutOld(): Vault {
  const dataKeys = { current: NEW, all: [NEW], destroyed: new Set([OLD.id]) };
  return openVault({ masterKey: () => new Uint8Array(32).fill(3), dataKeys: () => dataKeys });
}

export const LABEL = "resealing-test";

export function sealedRows(vault: Vault): SealedPart {
  return tablePart<{ readonly place: string }, { readonly plaintext: Uint8Array; readonly place: string }>({
    ...{ table: "public.sealed_value", column: "sealed", keyId: () => vault.keyId, select: "t.id::text AS place" },
    open: (row) => ({ plaintext: vault.open(LABEL, row.sealed, row.place), place: row.place }),
    seal: (opened) => opened.map((each) => vault.seal(LABEL, each.plaintext, each.place)),
  });
}
