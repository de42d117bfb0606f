import { catalogue } from "#infrastructure/catalogue";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import type { Page, PageRequest, PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { ListedNode } from "#kernel/ports";
import type { Front } from "#kernel/system/context";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { insetText } from "#ui/components/inset-text/inset-text";
import { select } from "#ui/components/select/select";
import { refusalPage } from "../frame.ts";

/**
 * Each node has a catalogue of its own, with what was asked about it. An official looks into another node's in her own workbench: the
 * same pages, whose calls go there as hers, signed and on the record of both nodes.
 */
const WORKBENCH = "/workbench";
const ELSEWHERE = `${WORKBENCH}/at/:node`;
/** Where a list is longer, its code is typed. */
const CHOICES_MAX = 300;

const AT = text(
  "{name}（{code}）的目录和事项。您以本机关的岗位在那里办理，双方都有记录。",
  "The catalogue and matters of {name} ({code}). You act there with your own post, on the record of both nodes.",
);
const CATALOGUE = text("目录", "Catalogue");
const MATTERS = text("共享事项", "Matters");
const BACK = text("回到本节点", "Back to this node");
const WHOSE = text("哪个节点的目录", "Whose catalogue");
const OWN = text("本节点", "This node");
const NODE_CODE = text("节点编号", "Code of the node");
const OPEN = text("打开", "Open");

/** Where the catalogue's pages begin, of the node that a request is about. */
export function cataloguePath({ params }: PageRequest): string {
  return pathAt(params["node"], "catalogue");
}

/** Where the pages of sharing begin, of the node that a request is about. */
export function sharingPath({ params }: PageRequest): string {
  return pathAt(params["node"], "sharing");
}

/** @param node its code; undefined: this node */
export function pathAt(node: string | undefined, part: "catalogue" | "sharing"): string {
  return node === undefined ? `${WORKBENCH}/${part}` : `${WORKBENCH}/at/${node}/${part}`;
}

/** The catalogue's doors, at the node that a request is about. */
export function catalogueDoors(request: PageRequest): Front<typeof catalogue> {
  return request.front(catalogue, { purpose: "administration", at: request.params["node"] });
}

/** The same pages once more, of other nodes. */
export function alsoElsewhere(site: Site, pages: readonly Page[]): readonly Page[] {
  const known =
    (answer: NonNullable<Page["get"]>) =>
    async (request: PageRequest): Promise<PageResponse> =>
      nodeOf(site, request) === undefined ? { kind: "not-found" } : await answer(request);
  const elsewhere = pages.map((page) => ({
    ...page,
    path: page.path.replace(WORKBENCH, ELSEWHERE),
    ...(page.get && { get: known(page.get) }),
    ...(page.post && { post: known(page.post) }),
  }));
  return [...pages, ...elsewhere];
}

/** What is not found at this node is not there; another node may be away, or say no, and then says so. */
export function notThere(site: Site, request: PageRequest, refusal: Refusal): PageResponse {
  const isSaid = request.params["node"] !== undefined && refusal.code !== "not-found";
  return isSaid ? refusalPage(site, request, refusal, cataloguePath(request)) : { kind: "not-found" };
}

/** Says on each page of another node's catalogue whose it is. */
export function placeNote(site: Site, request: PageRequest): Html {
  const node = nodeOf(site, request);
  if (node === undefined) return NOTHING;
  const { language } = request;
  const said = fill(AT, { name: node.name[language], code: node.code })[language];
  return insetText({
    text: html`${said}<br><a class="govuk-link" href="${cataloguePath(request)}">${CATALOGUE[language]}</a> · <a class="govuk-link" href="${sharingPath(request)}">${MATTERS[language]}</a> · <a class="govuk-link" href="${pathAt(undefined, "catalogue")}">${BACK[language]}</a>`,
  });
}

/** By which another node's catalogue is opened; nothing where this one belongs to no directory. */
export function nodeChoice(site: Site, request: PageRequest): Html {
  const others = othersOf(site);
  if (others.length === 0) return NOTHING;
  const { language, params } = request;
  const label = { text: WHOSE[language] };
  const field =
    others.length > CHOICES_MAX
      ? html`<div class="govuk-form-group"><label class="govuk-label" for="node">${NODE_CODE[language]}</label><input class="govuk-input govuk-input--width-20" id="node" name="node" maxlength="63" value="${params["node"] ?? ""}"></div>`
      : select({
          ...{ id: "node", name: "node", label, value: params["node"] ?? "" },
          items: [
            { value: "", text: OWN[language] },
            ...others.map(({ code, name }) => ({ value: code, text: `${name[language]} (${code})` })),
          ],
        });
  return html`<form method="get" action="${pathAt(undefined, "catalogue")}">${field}${button({ text: OPEN[language], classes: "govuk-button--secondary" })}</form>`;
}

/** Where the choice leads; undefined where none was made, or no such node can be called. */
export function chosenNode(site: Site, { query }: PageRequest): string | undefined {
  return othersOf(site).find(({ code }) => code === query["node"])?.code;
}

/** How a node is called. */
export function nodeName(site: Site, code: string, language: Language): string {
  return othersOf(site).find((one) => one.code === code)?.name[language] ?? code;
}

/** The systems of other nodes stand for the whole of this one. */
export function ownNode(site: Site): string | undefined {
  return site.kernel.elsewhere?.routes.self;
}

function nodeOf(site: Site, { params }: PageRequest): ListedNode | undefined {
  return othersOf(site).find(({ code }) => code === params["node"]);
}

function othersOf({ kernel }: Site): readonly ListedNode[] {
  return kernel.elsewhere?.routes.others?.() ?? [];
}

/** What was asked at another node is found again at home; that it was not noted is no reason to ask a second time. */
export async function noteAsked(
  request: PageRequest,
  asked: {
    readonly number: number;
    readonly resource: string;
    readonly title: { readonly zh: string; readonly en: string };
  },
): Promise<void> {
  const node = request.params["node"];
  if (node === undefined) return;
  const outcome = await request
    .front(catalogue, { purpose: "administration", key: null })
    .noteAsked({ ...asked, node });
  if (isRefusal(outcome)) return;
}
