import type { z } from "zod";
import { ADMINISTER, DELEGATE, directory } from "#infrastructure/directory";
import { identity } from "#infrastructure/identity";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import { readSetting, writeSetting } from "#kernel/system/settings";
import { sha256Hex } from "#lib/crypto/digest";
import { text } from "#lib/language/text";
import { hostRoom } from "./hosts.ts";
import { nodeActOf } from "./node-act.ts";
import { DEMONSTRATION_SETTING } from "./settings.ts";

/** The first authority of a node and its one administrator, who makes everyone else. */
export interface FirstSettings {
  readonly authority: z.input<(typeof directory)["operations"]["createAuthority"]["input"]>;
  readonly administrator: { readonly name: string; readonly signInName: string; readonly password: string };
}

export type Initialised = { readonly done: true } | { readonly done: false; readonly why: Refusal | "in-use" };

/** Fills an empty node with what nobody can do through a page: somebody who may sign in. Asked again after a kill, it goes on. */
export async function initialise(kernel: Kernel, first: FirstSettings): Promise<Initialised> {
  const { database } = kernel;
  if ((await readSetting<boolean>(database, DEMONSTRATION_SETTING)) !== undefined)
    return { done: false, why: "in-use" };
  const { authority, administrator } = first;
  const doors = (step: string) => {
    const key = () => ({ ...nodeActOf(kernel, directory.id), idempotencyKey: `init ${sha256Hex(step)}` });
    return { directory: frontOf(kernel, directory, key), identity: frontOf(kernel, identity, key) };
  };
  const made = await doors(`authority ${JSON.stringify(authority)}`).directory.createAuthority(authority);
  if (isRefusal(made)) return { done: false, why: made };
  await hostRoom(kernel, { room: "*", authority: made.id });
  const post = await doors("post").directory.createPost({
    title: text("平台管理员", "Platform administrator"),
    authority: made.id,
    duties: [ADMINISTER, DELEGATE],
  });
  if (isRefusal(post)) return { done: false, why: post };
  const official = await doors(`official ${administrator.name}`).directory.createOfficial({
    name: administrator.name,
    authority: made.id,
  });
  if (isRefusal(official)) return { done: false, why: official };
  const from = Temporal.Instant.from(kernel.now()).toZonedDateTimeISO("Asia/Shanghai").toPlainDate().toString();
  const appointed = await doors(`appointment ${official.id}`).directory.appoint({
    official: official.id,
    post: post.id,
    from,
  });
  if (isRefusal(appointed)) return { done: false, why: appointed };
  const account = await doors(`account ${administrator.signInName} ${official.id}`).identity.createAccount({
    signInName: administrator.signInName,
    password: administrator.password,
    holderKind: "official",
    holder: official.id,
  });
  if (isRefusal(account)) return { done: false, why: account };
  await writeSetting(database, DEMONSTRATION_SETTING, false, kernel.now());
  await kernel.ledger.sequenceNow();
  return { done: true };
}
