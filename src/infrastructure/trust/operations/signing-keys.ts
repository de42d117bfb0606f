/** The keys that the node holds in its own name: what there are, and what became of them. */
import { implement } from "../implement.ts";
import type { HeldKey } from "../keys/held-keys.ts";
import { keyPorts } from "../keys/key-ports.ts";
import { type KeyState, mayBecome } from "../keys/life-cycle.ts";
import {
  addSigningKey,
  lockSigningKeys,
  moveSigningKey,
  readSigningKeyProposals,
  readSigningKeys,
} from "../keys/signing-key-rows.ts";
import { PROPOSALS_SHOWN, present } from "./data-keys.ts";

export const listSigningKeys = implement("listSigningKeys", async (ctx) => {
  const sql = ctx.tables.read();
  const keys = await readSigningKeys(sql);
  const proposals = await readSigningKeyProposals(sql, PROPOSALS_SHOWN);
  return { keys: keys.map((key) => present(key)), proposals: proposals.map((proposal) => present(proposal)) };
});

/** Compares what the node holds with what is known of it; what is new or has changed stands in the ledger with the act. */
export const noteSigningKeys = implement("noteSigningKeys", async (ctx) => {
  const held = await keyPorts().held(ctx.now);
  const states = new Map<string, KeyState>();
  for (const key of held) states.set(key.label, await stateOf(ctx, key));
  const sql = await ctx.tables.write();
  const known = await lockSigningKeys(sql);
  let noted = 0;
  const tell = async (key: Pick<HeldKey, "label" | "fingerprint">, to: KeyState) => {
    noted += 1;
    await keyPorts().record(sql, {
      ...{ what: `signing-key-${to}`, holder: { kind: "node", id: key.label }, at: ctx.now, digest: key.fingerprint },
    });
  };
  for (const key of held) {
    const row = known.find(({ label, fingerprint }) => label === key.label && fingerprint === key.fingerprint);
    const state = states.get(key.label) ?? key.state;
    if (row === undefined) {
      await addSigningKey(sql, key, ctx.now);
      await tell(key, "active");
    }
    const from = row?.state ?? "active";
    if (from !== state && mayBecome(from, state)) {
      await moveSigningKey(sql, key, state, ctx.now);
      await tell(key, state);
    }
    for (const former of known) {
      if (former.label !== key.label || former.fingerprint === key.fingerprint) continue;
      // Of one label the store has one key: the former is not there any more.
      for (const to of END[former.state]) {
        await moveSigningKey(sql, former, to, ctx.now);
        await tell(former, to);
      }
    }
  }
  return { noted };
});

/** By which states a key comes to its end that is not there any more. */
const END: Readonly<Record<KeyState, readonly KeyState[]>> = {
  "pre-active": ["destroyed"],
  active: ["deactivated", "destroyed"],
  suspended: ["deactivated", "destroyed"],
  deactivated: ["destroyed"],
  compromised: ["destroyed"],
  destroyed: [],
};

/** As the register of certificates has it, where the key is certified. */
async function stateOf(
  ctx: Parameters<Parameters<typeof implement<"noteSigningKeys">>[1]>[0],
  { state, serial }: HeldKey,
): Promise<KeyState> {
  if (serial === undefined) return state;
  const [found] = (await ctx.registers.certificate.find({ serial }, { limit: 1 })).items;
  if (found === undefined) return state;
  const { status, reason } = found.value;
  if (status === "revoked") return reason === "key-compromise" ? "compromised" : "deactivated";
  return status === "suspended" ? "suspended" : state;
}
