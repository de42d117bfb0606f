import type { Kernel } from "#kernel/system/kernel";
import { readSetting } from "#kernel/system/settings";
import { sha256Hex } from "#lib/crypto/digest";
import { provideNetworkPorts } from "../infrastructure/network/ports.ts";
import { OFFICIAL_POLICY } from "../infrastructure/trust/certificates/profiles.ts";
import type { OpenTrust } from "../infrastructure/trust/ports.ts";
import { NODE_CODE_SETTING } from "./settings.ts";

const OWN_CODE_CHARACTERS = 10;

/** Gives the room `network` what it needs of the node. */
export async function connectNetwork(
  kernel: Kernel,
  { trust, name }: { readonly trust: OpenTrust; readonly name: string },
): Promise<void> {
  provideNetworkPorts({
    node: { code: await nodeCodeOf(kernel, trust), name },
    suites: kernel.suites,
    signer: trust.signer,
    roots: trust.hierarchy.roots,
    officialPolicy: OFFICIAL_POLICY,
    contractOf: (room) => kernel.systems.get(room)?.contract,
  });
}

/** As the directory knows it; a node that has joined none is named after the key of its log, which is its own alone. */
async function nodeCodeOf({ database }: Kernel, { checkpointSigner }: OpenTrust): Promise<string> {
  const joined = await readSetting<string>(database, NODE_CODE_SETTING);
  return joined ?? `node-${sha256Hex(checkpointSigner.verifierKey).slice(0, OWN_CODE_CHARACTERS)}`;
}
