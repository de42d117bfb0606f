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

const CHANGED = text("{site}：您的账户有变动", "{site}: your account was changed");
/** What is told of an account's factors. No message has a link or a code: none can be used to get in. */
const CHANGES = {
  "generator-set-up": text("设置了验证码应用", "a code generator was set up"),
  "generator-removed": text("移除了验证码应用", "the code generator was removed"),
  "recovery-codes-renewed": text("重新生成了恢复码", "new recovery codes were made"),
  "code-at-sign-in": text("设置了登录时都要验证码", "each sign-in was made to ask for a code"),
  "no-code-at-sign-in": text("取消了登录时的验证码", "sign-ins no longer ask for a code"),
  "passkey-added": text("添加了通行密钥", "a passkey was added"),
  "passkey-removed": text("移除了通行密钥", "a passkey was removed"),
  "recovery-asked": text("由窗口登记了找回申请", "access was asked for at a counter"),
  "recovery-checked": text(
    "由窗口复核了找回申请，一天后可以领取新的恢复码",
    "what was asked for at a counter was checked; new recovery codes can be fetched in a day",
  ),
  "recovery-codes-given": text("由窗口发放了新的恢复码", "new recovery codes were given at a counter"),
  "password-reset": text("由管理员重置了密码", "the password was reset by an administrator"),
  "first-factor-opened": text(
    "由工作人员开通了首个第二重验证的绑定，二十四小时内有效",
    "an official opened the binding of a first second factor, for a day",
  ),
  "password-changed": text("修改了密码", "the password was changed"),
  "recovery-code-used": text("使用了一个恢复码", "a recovery code was used"),
} as const;
export type FactorChange = keyof typeof CHANGES;
const CHANGED_BODY = text(
  "【{site}】您的账户刚刚{what}。如果不是您本人操作，请立即登录修改密码并退出其他登录，或到政务服务窗口求助。",
  "{site}: on your account {what} just now. If it was not you, sign in, change your password and end the other sign-ins, or ask at a service counter.",
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

/**
 * Tells an account's holder of a change, where he confirmed an address. What cannot be handed over does not stop the change.
 * @throws {Fault} ERR_IDENTITY_NO_MESSAGES
 */
export async function announceFactors(to: string | undefined, change: FactorChange): Promise<void> {
  if (to === undefined) return;
  if (provided === undefined) throw new Fault("ERR_IDENTITY_NO_MESSAGES");
  const { messages, name } = provided;
  const said = (words: Text, language: keyof Text) =>
    fill(words, { site: name[language], what: CHANGES[change][language] })[language];
  await messages.send({
    id: randomOpaqueUuid(),
    channel: "email",
    to,
    subject: `${said(CHANGED, "zh")} ${said(CHANGED, "en")}`,
    body: `${said(CHANGED_BODY, "zh")}\n${said(CHANGED_BODY, "en")}`,
  });
}
