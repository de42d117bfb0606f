import { network } from "#infrastructure/network";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import { fromUtf8 } from "#lib/crypto/bytes";
import { pendingCalls } from "../../infrastructure/network/desk.ts";
import { nodeActOf } from "../node-act.ts";

/**
 * Does what accepted packages ask to be done and is not done yet: in their order, each once, also when this was stopped in the middle. Gives how many
 * were done now.
 */
export async function doCalls(kernel: Kernel): Promise<number> {
  const doors = frontOf(kernel, network, () => nodeActOf(kernel, network.id));
  let done = 0;
  for (const { arrival, package: id, place, digest, target } of await pendingCalls(kernel)) {
    const input: unknown = JSON.parse(fromUtf8(await kernel.files.read(digest)));
    const act = { ...nodeActOf(kernel, network.id), idempotencyKey: `ferry/${id}/${place}` };
    const outcome = await kernel.perform(act, { room: target.room, operation: target.operation, input });
    await doors.recordCall({ arrival, place, outcome: isRefusal(outcome) ? outcome.code : "done" });
    done += 1;
  }
  return done;
}
