import { mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Messages } from "#kernel/ports";

/** A message is a few lines. */
const MESSAGE_MAX_BYTES = 64 * 1024;
const ID = /^[0-9a-f-]{36}$/;

const README = `待发的短信和邮件 Messages that wait to be sent

本节点不自行发送短信和邮件：每条消息在此写成一个文件（JSON），由本单位的短信或邮件网关取走并发送，发送后删除文件。没有接网关的
节点（如演示节点）不会有人收到这些消息；文书仍在“我的消息”中送达。文件含手机号码，只有运行节点的账户可以读。

This node sends no SMS and no e-mail by itself: each message is a file (JSON) here, which the operator's gateway takes, sends and
removes. Where there is none, as on a demonstration node, nobody gets these messages; notices are delivered under My messages
all the same. The files hold telephone numbers: only the account that runs the node can read them.

{ "id", "channel": "sms" | "email", "to", "subject", "body" }
`;

/**
 * The port `Messages` as a folder: one file a message, of mode 0600, for a mail or SMS gateway to pick up. "Sent" means handed to
 * the gateway. The same message again is the same file.
 */
export async function messageSpool(folder: string): Promise<Messages> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "README.txt"), README, { mode: 0o600 });
  return {
    async send(message) {
      const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
      if (!ID.test(message.id) || bytes.length > MESSAGE_MAX_BYTES) return { sent: false, reason: "malformed" };
      const path = join(folder, `${message.id}.json`);
      if (await stat(path).catch(() => undefined)) return { sent: true };
      await writeDurably(path, bytes);
      return { sent: true };
    },
  };
}

/** Under another name first: a gateway sees whole messages alone. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.draft`;
  await rm(draft, { force: true });
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
