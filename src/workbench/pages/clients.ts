import { ADMINISTER, directory } from "#infrastructure/directory";
import { identity, OPENID_SCOPES } from "#infrastructure/identity";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import { frontOf } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formFields, holds, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/clients";
const TITLE = text("统一登录的系统", "Systems that sign their users in here");
const LEAD = text(
  "登记后，部门自己的系统可以用本平台登录用户。提供什么信息、依据什么，登录前都告知本人，每次提供都记入存证日志。",
  "A department's own system that is registered here can sign its users in through this node. What it is given, and by which law, is told to them first, and each time is in the ledger.",
);
const NONE = text("还没有登记系统", "No system is registered yet");
const REGISTER = text("登记一个系统", "Register a system");
const HEAD = [
  text("系统", "System"),
  text("用于", "For"),
  text("提供", "Given"),
  text("状态", "Status"),
  text("操作", "Action"),
];
const DO = {
  secret: text("生成新密钥", "Make a new secret"),
  suspend: text("立即暂停", "Suspend now"),
  resume: text("恢复", "Resume"),
};
const SUSPENDED = text("已暂停", "Suspended");
const ACTIVE = text("可用", "Active");
const SECRET = text(
  "这是新密钥。只显示这一次，请立即存入该系统；旧密钥已失效。",
  "This is the new secret. It is shown this once: put it into the system now. The one before is worth nothing any more.",
);
const ADDRESS = text("接入地址", "Where it connects");

/** Registered systems: what they are given, their secrets, and the way to stop one at once. */
export function clientPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: PATH,
      audience: "official",
      get: (request) => list(site, request),
      post: (request) => change(site, request),
    }),
  ];
}

type ClientView = Output<(typeof identity)["operations"]["listClients"]["output"]>["items"][number];

async function list(site: Site, request: PageRequest, made?: { readonly id: string; readonly secret: string }) {
  if (!holds(request, ADMINISTER)) return { kind: "not-found" } as const;
  const { language } = request;
  const clients = await request.front(identity, { purpose: "administration" }).listClients({});
  if (isRefusal(clients)) return refusalPage(site, request, clients);
  const rows = await Promise.all(clients.items.map((client) => row(request, client)));
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${made ? secretShown(request, made) : NOTHING}${
      rows.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({ caption: TITLE[language], head: HEAD.map((one) => one[language]), rows })
    }<p>${ADDRESS[language]}: <code>${site.publicUrl}/.well-known/openid-configuration</code></p><div class="zt-actions">${button({ text: REGISTER[language], href: "/workbench/operations/identity/registerClient" })}</div>`,
  });
}

function secretShown(request: PageRequest, made: { readonly id: string; readonly secret: string }): Html {
  return insetText({
    text: html`<p>${SECRET[request.language]}</p><p><code>${made.id}</code></p><p><code id="secret">${made.secret}</code></p>`,
  });
}

async function row(request: PageRequest, client: ClientView) {
  const { language } = request;
  const directoryDoors = request.front(directory, { purpose: "administration", asNode: directory.id });
  const authority = await directoryDoors.findAuthority({ id: client.authority });
  const whose = isRefusal(authority) ? "" : authority.name[language];
  const active = client.status === "active";
  const actions = [
    ...(client.authMethod === "client_secret_basic" ? (["secret"] as const) : []),
    active ? ("suspend" as const) : ("resume" as const),
  ];
  return [
    html`${client.name[language]}<br><span class="zt-opinion__by">${whose}</span><br><code>${client.id}</code>`,
    html`${client.purpose[language]}<br><span class="zt-opinion__by">${client.legalBasis.join("；")}</span>`,
    claimsGiven(client, language),
    (active ? ACTIVE : SUSPENDED)[language],
    html`${actions.map((action) => form(request, client, action))}`,
  ];
}

const SUBJECT = text("用户标识", "Identifier");
const BY_CONSENT = text("本人同意", "Consent");

/** What it is given, what for, and by which law. */
function claimsGiven({ claims }: ClientView, language: Language): Html {
  const lines = claims.map(({ scope, purpose, legalBasis }) => {
    const basis = legalBasis.length === 0 ? BY_CONSENT[language] : legalBasis.join("；");
    return html`<br>${OPENID_SCOPES[scope][language]}<br><span class="zt-opinion__by">${purpose[language]} · ${basis}</span>`;
  });
  return html`${SUBJECT[language]}${lines}`;
}

function form(request: PageRequest, client: ClientView, action: keyof typeof DO): Html {
  return html`<form class="zt-inline" action="${PATH}" method="post">${formFields(request)}<input type="hidden" name="id" value="${client.id}"><button class="zt-link-button" type="submit" name="do" value="${action}">${DO[action][request.language]}<span class="govuk-visually-hidden"> ${client.name[request.language]}</span></button></form> `;
}

async function change(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = fieldOf(request.fields, "id");
  const action = fieldOf(request.fields, "do");
  if (!holds(request, ADMINISTER) || !isUuid(id) || !Object.hasOwn(DO, action)) return { kind: "not-found" };
  const doors = request.front(identity, { purpose: "administration" });
  if (action === "secret") {
    // Without a key: the answer is given once and kept nowhere.
    const once = frontOf(site.kernel, identity, () => {
      return { ...request.act({ purpose: "administration" }), idempotencyKey: undefined };
    });
    const made = await once.renewClientSecret({ id });
    return isRefusal(made) ? refusalPage(site, request, made, PATH) : list(site, request, made);
  }
  const changed = action === "suspend" ? await doors.suspendClient({ id }) : await doors.resumeClient({ id });
  return isRefusal(changed) ? refusalPage(site, request, changed, PATH) : { kind: "redirect", to: PATH };
}
