/** The part of verification that is about what a person signed with a key of her own: its form, and what is found. */
import type { Output } from "#kernel/contract/contract";
import { type Html, html } from "#lib/html/html";
import { type Language, type Text, text } from "#lib/language/text";
import type { certificates } from "#services/certificates";
import { type Fact, facts } from "#ui/components/facts/facts";
import { fileUpload } from "#ui/components/file-upload/file-upload";
import type { VerdictOptions } from "#ui/components/verdict/verdict";
import { formatInstant } from "#ui/format";

export const BY_SIGNATURE = text("按个人签名核验", "By a person's signature");
const STATEMENT_FILE = text("签名文件", "The signature");
const STATEMENT_HINT = text("案卷中的 statement.jws 文件", "The file statement.jws of a case's archive");
const CONTENT_FILE = text("所签的内容（可选）", "What was signed (optional)");
const CONTENT_HINT = text(
  "同一文件夹中的 signed.json 文件；没有它只能核验签名，不能确认签的是什么",
  "The file signed.json beside it; without it the signature is verified, but not what it is of",
);
const CHECKS = {
  signed: text(
    "签名有效，签名人由本节点信任的机构证明",
    "The signature is right, and somebody whom this node trusts vouches for its signer",
  ),
  content: text("签的就是所附的内容", "What was signed is the content that came with it"),
  certificate: text("签名证书有效", "The certificate of the signature is valid"),
} as const;
const LABELS = {
  by: text("签名人", "Signed by"),
  words: text("确认的话", "In these words"),
  at: text("签名所述的时间", "When, by its own account"),
} as const;

type Answer = Output<(typeof certificates)["operations"]["verifyDocument"]["output"]>;

export function statementFields(language: Language, errorAt: (id: string) => string | undefined): Html {
  const upload = (id: string, label: Text, hint: Text, accept: string) =>
    fileUpload({
      ...{ language, id, name: id, label: { text: label[language] }, hint: hint[language] },
      ...{ errorMessage: errorAt(id), attributes: { accept } },
    });
  return html`<input type="hidden" name="of" value="statement">${upload("statement", STATEMENT_FILE, STATEMENT_HINT, ".jws")}${upload("content", CONTENT_FILE, CONTENT_HINT, ".json")}`;
}

/** What was found of a statement. */
export function statementVerdict(
  { verdict, says, sealedBy, seal, statement }: Answer,
  language: Language,
): VerdictOptions {
  const signed = statement !== undefined;
  const at = statement && formatInstant(Temporal.Instant.from(statement.signedAt), language, { year: true });
  const shown: readonly (readonly [keyof typeof LABELS, string | undefined])[] = [
    ["by", sealedBy],
    ["words", statement?.words],
    ["at", at],
  ];
  return {
    language,
    kind: verdict === "genuine" ? "genuine" : verdict === "unconfirmed" ? "doubtful" : "false",
    title: says[language],
    checks: [
      { passed: signed, text: CHECKS.signed[language] },
      ...(signed ? [{ passed: statement.content === "same", text: CHECKS.content[language] }] : []),
      ...(seal ? [{ passed: seal.status === "valid", text: CHECKS.certificate[language] }] : []),
    ],
    content: facts({
      language,
      facts: shown.flatMap(([label, value]): Fact[] => (value ? [{ label: LABELS[label][language], value }] : [])),
    }),
  };
}
