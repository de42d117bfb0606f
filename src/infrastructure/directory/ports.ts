import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import type { Posts } from "#kernel/ports";
import type { Front } from "#kernel/system/context";
import type { directory } from "./contract.ts";
import "./faults.ts";

/**
 * The kernel's port `Posts`, kept by this room.
 * @param front this room's queries, asked as the node
 * @throws Fault ERR_DIRECTORY_SILENT: "nobody" would be a wrong answer where there was none
 */
export function directoryPosts(front: Pick<Front<typeof directory>, "holdersOf" | "findAuthority">): Posts {
  return {
    async holders(wanted) {
      const answer = await front.holdersOf(wanted);
      if (isRefusal(answer)) throw silent(answer);
      return answer.items.map(({ officialId, postId, name }) => ({ officialId, postId, name }));
    },
    async authority(id) {
      const answer = await front.findAuthority({ id });
      if (isRefusal(answer)) {
        if (answer.code === "not-found") return undefined;
        throw silent(answer);
      }
      const { name, division, reconsideration, court, address, phone } = answer;
      return { id: answer.id, name, division, reconsideration, court, address, phone };
    },
  };
}

function silent(refusal: Refusal): Fault {
  return new Fault("ERR_DIRECTORY_SILENT", { message: refusal.code });
}
