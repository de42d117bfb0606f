/** The vaults of before and after the key changed that finds. */
import { indexKeyId, openVault, type Vault } from "#kernel/vault/vault";

const key = (fill: number) => {
  const secret = new Uint8Array(32).fill(fill);
  return { id: indexKeyId(secret), secret, suite: "national", acceptedUntil: Number.POSITIVE_INFINITY } as const;
};
const [OLD, NEW] = [key(1), key(2)];

/** @param which of the generations writes; it is looked up by both */
export function findingVault(which: "old" | "new"): Vault {
  const keys = { current: which === "old" ? OLD : NEW, all: [OLD, NEW] };
  return openVault({ masterKey: () => new Uint8Array(32).fill(3), indexKeys: () => keys });
}

export const LABEL = "index-test";
