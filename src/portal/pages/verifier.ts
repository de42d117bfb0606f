import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { OfferedProgram, Site } from "#kernel/http/site";
import { type Html, html } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formatNumber } from "#ui/format";
import { portalResponse } from "../frame.ts";

const VERIFY = text("核验证照", "Verify a licence");
const TITLE = text("核验工具", "The verifier");
const LEAD = text(
  "下载后在您自己的设备上核验存证凭证、证据包、证照和文书。它不联网，不上传任何文件，也不需要信任本平台。",
  "Download it and check receipts, evidence bundles, licences and documents on your own device. It connects to nothing, uploads nothing, and need not trust this site.",
);
const PROGRAMS: Readonly<Record<string, { readonly title: Text; readonly use: Text }>> = {
  "zhengtong-verifier.html": {
    title: text("网页版：在浏览器中使用", "As a page, for a browser"),
    use: text(
      "下载后双击打开，断开网络也能用。需要较新的浏览器（Chrome 137、Firefox 130、Safari 17 或更新）。",
      "Download and open it; it works with the network off. It needs a recent browser (Chrome 137, Firefox 130, Safari 17 or newer).",
    ),
  },
  "zhengtong-verifier.mjs": {
    title: text("命令行版：用 Node.js 运行", "As a command, for Node.js"),
    use: text(
      "node zhengtong-verifier.mjs 凭证.json --log-key '公钥'",
      "node zhengtong-verifier.mjs receipt.json --log-key 'key'",
    ),
  },
};
const DOWNLOAD = text("下载 {name}（{size} KB）", "Download {name} ({size} KB)");
const DIGEST = text("SHA-256 摘要", "SHA-256 digest");
const TRUST = text("怎样确认工具和公钥是真的", "How to know that the tool and the keys are genuine");
const TRUST_STEPS = [
  text(
    "同样的工具可以由公开的源代码自行生成（packages/verifier），与这里的逐字节相同；请从别处再核对一次摘要。",
    "Anyone can make the same tool from the public source (packages/verifier), equal to these byte by byte; compare the digest with another source.",
  ),
  text(
    "日志公钥和根证书请从本网站以外的来源取得，例如政府公报；文件自带的公钥只能说明文件内部一致。",
    "Take the ledger's key and the root certificate from a source other than this site, such as the official gazette; the key that a file carries shows only that the file holds together.",
  ),
  text(
    "工具不能告诉您的：证照后来是否被吊销、证书是否被撤销、没有给您看的内容。遇到这些，请按编号在线核验。",
    "What it cannot tell: whether a licence or certificate was revoked later, and what was not shown to you. For that, verify by number on line.",
  ),
  text(
    "它核验国际算法（Ed25519、ECDSA P-256、SHA-256）。检查点另有的国密（SM2）和后量子签名行不在核验之列。",
    "It checks the international algorithms (Ed25519, ECDSA P-256, SHA-256). The lines that SM2 and post-quantum keys add to a checkpoint are not checked.",
  ),
] as const;

/** The stand-alone verifier, for whoever does not want to trust this site. */
export function verifierPages(site: Site): readonly Page[] {
  return [
    definePage({ path: "/verifier", audience: "public", get: (request) => screen(site, request) }),
    definePage({ path: "/verifier/:name", audience: "public", get: (request) => download(site, request) }),
  ];
}

async function screen(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const offered = await site.verifier();
  return portalResponse(site, request, {
    title: TITLE[language],
    indexed: true,
    breadcrumbs: [{ href: "/verify", text: VERIFY[language] }, { text: TITLE[language] }],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${offered.map((one) => programSection(request, one))}<section class="zt-section"><h2>${TRUST[language]}</h2><ul class="govuk-list govuk-list--bullet zt-prose">${TRUST_STEPS.map((step) => html`<li>${step[language]}</li>`)}</ul></section>`,
  });
}

function programSection({ language }: PageRequest, { name, bytes, sha256 }: OfferedProgram): Html {
  const about = PROGRAMS[name];
  const words = fill(DOWNLOAD, { name, size: formatNumber(Math.ceil(bytes.length / 1024)) })[language];
  return html`<section class="zt-section"><h2>${about?.title[language] ?? name}</h2><p>${about?.use[language] ?? ""}</p><p><a class="govuk-link" href="/verifier/${name}">${words}</a></p><p class="govuk-hint">${DIGEST[language]}</p><p class="zt-mono">${(sha256.match(/.{1,8}/g) ?? []).map((part) => html`${part}<wbr>`)}</p></section>`;
}

async function download(site: Site, request: PageRequest): Promise<PageResponse> {
  const found = (await site.verifier()).find(({ name }) => name === request.params["name"]);
  if (!found) return { kind: "not-found" };
  return { kind: "file", bytes: found.bytes, mediaType: found.mediaType, name: found.name };
}
