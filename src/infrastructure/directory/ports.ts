import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import type { Posts } from "#kernel/ports";
import type { Front } from "#kernel/system/context";
import { ExpiringCache } from "#kernel/system/expiring-cache";
import type { directory } from "./contract.ts";
import "./faults.ts";

/** What an authority is called changes within this long for those who named it before. */
const NAME_LIFE_MS = 2_000;
const NAMES_MAX = 1_000;

/**
 * The kernel's port `Posts`, kept by this room.
 * @param front this room's queries, asked as the node
 * @throws Fault ERR_DIRECTORY_SILENT: "nobody" would be a wrong answer where there was none
 */
export function directoryPosts(
  front: Pick<Front<typeof directory>, "holdersOf" | "findAuthority" | "findOfficial">,
): Posts {
  const named = new ExpiringCache<Named>({
    lifeMs: NAME_LIFE_MS,
    sizeMax: NAMES_MAX,
    keeps: (name) => name !== undefined,
  });
  return {
    async holders(wanted) {
      const answer = await front.holdersOf(wanted);
      if (isRefusal(answer)) throw silent(answer);
      return answer.items.map(({ officialId, postId, name }) => ({ officialId, postId, name }));
    },
    authority: (id) => named.get(id, performance.now(), () => nameOf(front, id)),
    async nameOf(id) {
      const answer = await front.findOfficial({ id });
      if (!isRefusal(answer)) return answer.name;
      if (answer.code === "not-found") return undefined;
      throw silent(answer);
    },
  };
}

type Named = Awaited<ReturnType<Posts["authority"]>>;

async function nameOf(front: Pick<Front<typeof directory>, "findAuthority">, authority: string): Promise<Named> {
  const answer = await front.findAuthority({ id: authority });
  if (isRefusal(answer)) {
    if (answer.code === "not-found") return undefined;
    throw silent(answer);
  }
  const { id, name, division, reconsideration, court, address, phone } = answer;
  return { id, name, division, reconsideration, court, address, phone };
}

function silent(refusal: Refusal): Fault {
  return new Fault("ERR_DIRECTORY_SILENT", { message: refusal.code });
}
