/** What is said of a person's signature. */
import { type Text, text } from "#lib/language/text";
import type { StatementFault } from "./statement-verification.ts";

const WORDS: Readonly<Record<StatementFault | "same" | "another" | "missing" | "revoked" | "unknown", Text>> = {
  same: text(
    "签名有效：所附内容由{by}签署，签署后没有改动。",
    "The signature is right: {by} signed this very content, which is unchanged since.",
  ),
  missing: text(
    "签名有效，由{by}签署，但没有附所签的内容（signed.json），不能确认签的是什么。",
    "The signature is right and was made by {by}, but what was signed (signed.json) is not here, so it cannot be told what that is.",
  ),
  another: text(
    "签名由{by}所作，但签的不是所附的内容，或者内容在签署后被改动。请勿采信。",
    "{by} made this signature, but over other content than this, or the content was changed since. Do not rely on it.",
  ),
  revoked: text(
    "签名所用的证书（{by}）已被吊销，不能确认签名是在吊销之前作出的。",
    "The certificate of the signature ({by}) was revoked, and nothing proves that it signed before.",
  ),
  unknown: text(
    "签名所用的证书（{by}）未登记，不能确认。",
    "The certificate of the signature ({by}) is in no register, so it cannot be confirmed.",
  ),
  changed: text(
    "签名不符，内容可能被改动。请勿采信。",
    "The signature does not fit: something was changed. Do not rely on it.",
  ),
  untrusted: text(
    "签名证书不是本节点信任的机构签发给该签名人的。请勿采信。",
    "The certificate was not issued to this signer by anyone whom this node trusts. Do not rely on it.",
  ),
  "expired-seal": text(
    "签名证书已过期，没有时间戳证明签署在此之前，不能据此确认。",
    "The certificate has ended, and no time stamp proves that it signed before, so it proves nothing by itself.",
  ),
  "early-seal": text("签名证书尚未生效。请勿采信。", "The certificate is not valid yet. Do not rely on it."),
  unreadable: text(
    "这不是能够识别的个人签名。请上传原始的 statement.jws 文件。",
    "This is no signature of a person that can be read. Please give the original file statement.jws.",
  ),
};

export function sayStatement(code: keyof typeof WORDS): Text {
  return WORDS[code];
}
