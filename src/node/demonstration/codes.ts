import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import type { Kernel } from "#kernel/system/kernel";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { CODE_SECRET_BYTES, codeOf, DRIFT_STEPS, STEP_SECONDS, stepAt } from "#lib/crypto/one-time-password";
import { nodeActOf } from "../node-act.ts";

/** The secret of a demonstration account's code generator: anyone can compute it, as anyone knows the password. */
export function demonstrationSecret(signInName: string): Uint8Array {
  return sha256(utf8(`demonstration code generator of ${signInName}`)).slice(0, CODE_SECRET_BYTES);
}

/**
 * What a demonstration's pages show beside the field for a code: the one that counts now. Each code counts once; where the present
 * one is used, the next is taken already, as a phone whose clock is a little ahead would show it.
 */
export function demonstrationCodes(kernel: Kernel): NonNullable<Site["demonstrationCode"]> {
  return async (holder) => {
    const at = kernel.now();
    // Which of somebody's codes were used, nobody learns before he has signed in: the next one was not.
    if ("signInName" in holder) {
      return { code: codeOf(demonstrationSecret(holder.signInName), stepAt(at) + DRIFT_STEPS), inSeconds: 0 };
    }
    const doors = frontOf(kernel, identity, () => nodeActOf(kernel, identity.id));
    const factors = await doors.myFactors({ session: holder.session });
    if (isRefusal(factors) || !factors.generator) return undefined;
    const now = stepAt(at);
    const step = Math.max(now, (factors.generator.lastStep ?? 0) + 1);
    if (step <= now + DRIFT_STEPS) return { code: codeOf(demonstrationSecret(factors.signInName), step), inSeconds: 0 };
    const opensAt = (step - DRIFT_STEPS) * STEP_SECONDS;
    return { code: undefined, inSeconds: Math.max(1, Math.ceil(opensAt - Date.parse(at) / 1000)) };
  };
}
