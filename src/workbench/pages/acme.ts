import { ADMINISTER, ISSUE, trust } from "#infrastructure/trust";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import { frontOf } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formFields, holds, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/acme";
const OPERATIONS = "/workbench/operations/trust";
const TITLE = text("自动签发证书", "Nodes that enrol themselves");
const LEAD = text(
  "节点和系统可以用 ACME 协议自行申请、续期证书。一人申请，另一人批准，绑定密钥只显示一次；每次签发都记入存证日志。",
  "Nodes and systems can get and renew certificates themselves by the ACME protocol. One official proposes, another approves, the binding key is shown once, and each certificate is in the ledger.",
);
const NONE = text("还没有节点可以自动申请证书", "No node enrols itself yet");
const PROPOSE = text("申请一项许可", "Propose one");
const HEAD = [
  text("节点或系统", "Node or system"),
  text("可申请的域名", "Names that it may ask for"),
  text("状态", "Status"),
  text("操作", "Action"),
];
const DO = {
  key: text("领取绑定密钥", "Take the binding key"),
  decide: text("审批", "Decide"),
  end: text("终止", "End it"),
};
const KEY = text(
  "这是绑定密钥，只显示这一次，请立即存入该节点。再次领取会使它失效。",
  "This is the binding key. It is shown this once: put it into the node now. Taking another one makes it worthless.",
);
const KEY_ID = text("密钥标识（kid）", "Key identifier (kid)");
const KEY_VALUE = text("密钥（HMAC，base64url）", "Key (HMAC, base64url)");
const ADDRESS = text("接入地址", "Where clients begin");

type Binding = Output<(typeof trust)["operations"]["listAcmeBindings"]["output"]>["items"][number];

const STATUS: Readonly<Record<Binding["status"], Text>> = {
  proposed: text("待审批", "To be decided"),
  approved: text("已批准，待领取密钥", "Approved, its key to be taken"),
  "handed-over": text("密钥已领取，尚未使用", "Its key was taken and not used yet"),
  bound: text("使用中", "In use"),
  refused: text("未批准", "Not approved"),
  ended: text("已终止", "Ended"),
};

/** Who may get certificates by protocol, and for which names. */
export function acmePages(site: Site): readonly Page[] {
  return [
    definePage({
      path: PATH,
      audience: "official",
      get: (request) => list(site, request),
      post: (request) => takeKey(site, request),
    }),
  ];
}

async function list(site: Site, request: PageRequest, made?: { readonly keyId: string; readonly key: string }) {
  if (!holds(request, ADMINISTER)) return { kind: "not-found" } as const;
  const { language } = request;
  const bindings = await request.front(trust, { purpose: "administration" }).listAcmeBindings({});
  if (isRefusal(bindings)) return refusalPage(site, request, bindings);
  const rows = bindings.items.map((binding) => row(request, binding));
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}<p>${ADDRESS[language]}: <code>${site.publicUrl}/acme/directory</code></p>${made ? keyShown(request, made) : NOTHING}<div class="zt-section">${
      rows.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({ caption: TITLE[language], head: HEAD.map((one) => one[language]), rows })
    }</div><div class="zt-actions">${button({ text: PROPOSE[language], href: `${OPERATIONS}/proposeAcmeBinding` })}</div>`,
  });
}

function keyShown({ language }: PageRequest, { keyId, key }: { readonly keyId: string; readonly key: string }): Html {
  return insetText({
    text: html`<p>${KEY[language]}</p><p>${KEY_ID[language]}<br><code>${keyId}</code></p><p>${KEY_VALUE[language]}<br><code>${key}</code></p>`,
  });
}

function row(request: PageRequest, binding: Binding) {
  const { language } = request;
  const { id, name, hosts, status, reason, endReason } = binding;
  const about = html`<span class="govuk-visually-hidden"> ${name}</span>`;
  const link = (operation: string, what: Text) =>
    html`<a class="govuk-link" href="${OPERATIONS}/${operation}?id=${id}">${what[language]}${about}</a> `;
  const takes = status === "approved" || status === "handed-over";
  return [
    html`${name}<br><span class="zt-opinion__by">${endReason ?? reason}</span>`,
    html`${hosts.map((host) => html`<code>${host}</code><br>`)}`,
    STATUS[status][language],
    html`${status === "proposed" && holds(request, ISSUE) ? link("decideAcmeBinding", DO.decide) : NOTHING}${
      takes
        ? html`<form class="zt-inline" action="${PATH}" method="post">${formFields(request)}<input type="hidden" name="id" value="${id}"><button class="zt-link-button" type="submit">${DO.key[language]}${about}</button></form> `
        : NOTHING
    }${status === "ended" || status === "refused" ? NOTHING : link("endAcmeBinding", DO.end)}`,
  ];
}

async function takeKey(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = fieldOf(request.fields, "id");
  if (!holds(request, ADMINISTER) || !isUuid(id)) return { kind: "not-found" };
  // Without a key of repetition: the answer is given once and kept nowhere.
  const once = frontOf(site.kernel, trust, () => ({
    ...request.act({ purpose: "administration" }),
    idempotencyKey: undefined,
  }));
  const made = await once.takeAcmeKey({ id });
  return isRefusal(made) ? refusalPage(site, request, made, PATH) : list(site, request, made);
}
