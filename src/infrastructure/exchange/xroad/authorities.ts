import { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Act } from "#kernel/system/act";
import { ExpiringCache } from "#kernel/system/expiring-cache";
import type { Kernel } from "#kernel/system/kernel";

/** For so long an answer of the directory counts before it is asked again. */
const LIFE_MS = 5_000;
const HELD_MAX = 1_000;

type Named = { readonly id: string } | { readonly code: string };
interface Known {
  /** Of what stands today, where it was merged. */
  readonly id: string;
  readonly code: string;
}
/** Of each node of this process. */
const held = new WeakMap<Kernel, ExpiringCache<Known | undefined>>();

function authority(kernel: Kernel, named: Named): Promise<Known | undefined> {
  const cache = held.get(kernel) ?? new ExpiringCache({ lifeMs: LIFE_MS, sizeMax: HELD_MAX });
  held.set(kernel, cache);
  return cache.get(JSON.stringify(named), Date.parse(kernel.now()), async () => {
    const found = await frontOf(kernel, directory, () => lookingAct(kernel)).findAuthority(named);
    return isRefusal(found) ? undefined : { id: found.mergedInto ?? found.id, code: found.code };
  });
}

/** The key of the authority with this code; of a code of before a merger that of what stands today, so that old identifiers still lead somewhere. */
export async function authorityOfCode(kernel: Kernel, code: string): Promise<string | undefined> {
  return (await authority(kernel, { code }))?.id;
}

/** The code of the authority with this key. */
export async function codeOfAuthority(kernel: Kernel, id: string): Promise<string | undefined> {
  return (await authority(kernel, { id }))?.code;
}

/** A look at what is public in the directory. */
export function lookingAct(kernel: Kernel): Act {
  return {
    ...{ id: kernel.newId(), principal: { kind: "node", room: "exchange" }, purpose: "public-information" },
    ...{ legalBasis: [], zone: kernel.zone, language: "zh", at: kernel.now() },
  };
}
