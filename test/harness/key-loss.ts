import assert from "node:assert/strict";
import type { trust } from "#infrastructure/trust";
import { periodGroups } from "#kernel/ledger/period-groups";
import type { Front } from "#kernel/system/context";
import type { Kernel } from "#kernel/system/kernel";
import { keyEntry } from "../../src/infrastructure/trust/key-event.ts";
import { provideKeyPorts } from "../../src/infrastructure/trust/keys/key-ports.ts";
import type { OpenTrust } from "../../src/infrastructure/trust/ports.ts";
import { answered } from "../rooms/answers.ts";

type Room = Front<typeof trust>;

/** What two officials of a node say of the keys that it holds in its own name. */
export function keyLoss(of: {
  readonly kernel: Kernel;
  readonly opened: Pick<OpenTrust, "heldKeys">;
  readonly own: Room;
  /** Two people at two posts, with the duty `trust.keys`. */
  readonly officials: readonly [Room, Room];
}) {
  const { kernel, opened, own, officials } = of;
  /** Of several nodes in one process the one that acts has the ports. */
  const noted = async () => {
    provideKeyPorts({
      make: () => assert.fail("no data key is made"),
      record: (sql, event) => kernel.ledger.append(sql, [keyEntry(event)]),
      log: async () => assert.fail("not asked"),
      followLogKey: async () => assert.fail("not asked"),
      held: opened.heldKeys,
      periods: periodGroups,
      tendAt: async () => undefined,
    });
    answered(await own.noteSigningKeys({}));
    return answered(await own.listSigningKeys({})).keys;
  };
  return {
    /** Both say that the key in use is compromised; gives its fingerprint. */
    async loses(use: "message" | "connection" | "directory"): Promise<string> {
      const key = (await noted()).find((one) => one.use === use && one.state === "active") ?? assert.fail(use);
      const { fingerprint } = key;
      const [one, other] = officials;
      const { number } = answered(await one.proposeSigningKeyCompromise({ fingerprint, reason: "密钥可能泄露" }));
      answered(await other.decideSigningKeyCompromise({ number, decision: "approved", reason: "已核对" }));
      return fingerprint;
    },
    /** What became of a key. */
    async stateOf(fingerprint: string): Promise<string | undefined> {
      return (await noted()).find((key) => key.fingerprint === fingerprint)?.state;
    },
  };
}
