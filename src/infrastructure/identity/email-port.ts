/** How this room writes to an address that is to be confirmed. */
import { Fault } from "#kernel/errors/fault";
import type { Messages } from "#kernel/ports";
import { randomOpaqueUuid } from "#kernel/random";
import { fill, type Text, text } from "#lib/language/text";
import { EMAIL_CODE_LIFE_MS } from "./email.ts";
import "./faults.ts";

const SUBJECT = text("{site}：验证码 {code}", "{site}: your code {code}");
const BODY = text(
  "【{site}】您的验证码是 {code}，{minutes} 分钟内有效，用于确认这个邮箱。如果不是您本人操作，请忽略本邮件。",
  "{site}: your code is {code}. It confirms this address and counts for {minutes} minutes. If it was not you who asked, ignore this message.",
);

interface MailPort {
  readonly messages: Messages;
  /** The node's name, as its people know it. */
  readonly name: Text;
}

let provided: MailPort | undefined;

/** Gives the room the port, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideIdentityMail(port: MailPort): void {
  provided = port;
}

/**
 * Sends a code; false where it could not be handed over.
 * @throws {Fault} ERR_IDENTITY_NO_MESSAGES
 */
export async function sendCode(to: string, code: string): Promise<boolean> {
  if (provided === undefined) throw new Fault("ERR_IDENTITY_NO_MESSAGES");
  const { messages, name } = provided;
  const said = (words: Text, language: keyof Text) =>
    fill(words, { site: name[language], code, minutes: EMAIL_CODE_LIFE_MS / 60_000 })[language];
  const answer = await messages.send({
    id: randomOpaqueUuid(),
    channel: "email",
    to,
    subject: `${said(SUBJECT, "zh")} ${said(SUBJECT, "en")}`,
    body: `${said(BODY, "zh")}\n${said(BODY, "en")}`,
  });
  return answer.sent;
}
