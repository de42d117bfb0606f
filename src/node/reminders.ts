import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { addJob, type JobTask } from "#kernel/jobs/jobs";
import type { Messages, Posts } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { fill, type Text, text } from "#lib/language/text";
import { dataRights, HANDLE_OBJECTIONS } from "#services/data-rights";
import type { DataRightsPorts } from "../services/data-rights/ports.ts";
import { nodeActOf } from "./node-act.ts";

const REMIND = "remind-of-objections";
const INTERVAL_MS = 24 * 3_600_000;

const SUBJECTS = {
  soon: text("{site}：异议 {number} 即将到期", "{site}: objection {number} is due soon"),
  over: text("{site}：异议 {number} 已超期", "{site}: objection {number} is overdue"),
} as const;
/** No word of whom it concerns, and no link. */
const BODY = text(
  "【{site}】查询异议 {number} 的答复期限是 {day}。请登录工作台“查询异议”办理。",
  "{site}: the answer to objection {number} is due by {day}. Sign in to the workbench, under Objections.",
);

/** Writes to the officials who answer objections, where they confirmed an address. */
export function remindHolders(
  kernel: Kernel,
  { posts, messages, name }: { readonly posts: Posts; readonly messages: Messages; readonly name: Text },
): DataRightsPorts["remind"] {
  return async ({ id, number, answerBy, kind }) => {
    const holders = await posts.holders({ authority: kernel.authorityOf(dataRights.id), duty: HANDLE_OBJECTIONS });
    const doors = frontOf(kernel, identity, () => nodeActOf(kernel, identity.id));
    for (const { officialId } of holders) {
      const found = await doors.emailOfOfficial({ official: officialId });
      if (isRefusal(found) || found.address === undefined) continue;
      const said = (words: Text, language: keyof Text) =>
        fill(words, { site: name[language], number, day: answerBy })[language];
      await messages.send({
        id: messageId(`${id} ${officialId}`),
        channel: "email",
        to: found.address,
        subject: `${said(SUBJECTS[kind], "zh")} ${said(SUBJECTS[kind], "en")}`,
        body: `${said(BODY, "zh")}\n${said(BODY, "en")}`,
      });
    }
  };
}

/** The same for the same reminder: it reaches its addressee once. In the form of a uuid, as messages are named. */
function messageId(name: string): string {
  const digest = sha256Hex(utf8(name));
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => digest.slice(from, to))
    .join("-");
}

/** The job that reminds, each day; it adds itself again before it works, under one key, and so runs in one process. */
export function reminderJobs(kernel: Kernel): Readonly<Record<string, JobTask>> {
  return {
    [REMIND]: async () => {
      const runAt = new Date(Date.now() + INTERVAL_MS).toISOString();
      await addJob(kernel.database, REMIND, {}, { key: REMIND, runAt, yields: true });
      await frontOf(kernel, dataRights, () => nodeActOf(kernel, dataRights.id)).remindOfObjections({});
    },
  };
}

/** Begins it, at each start of a node that has the room. */
export async function startReminders(kernel: Kernel): Promise<void> {
  if (kernel.systems.has(dataRights.id)) await addJob(kernel.database, REMIND, {}, { key: REMIND, yields: true });
}
