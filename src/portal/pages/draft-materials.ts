import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { addMaterial, readDraft, removeMaterial } from "#kernel/services/drafts";
import { isUuid } from "#lib/crypto/uuid";
import { html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { maxUploadBytesOf } from "../files.ts";
import { uploadSection } from "../upload-section.ts";
import { draftScreen, isResponse, type OpenDraft, openDraft, screenAfter, screenHref, withItem } from "./draft.ts";

const TITLE = text("上传材料", "Documents");
const LEAD = text(
  "只要政府没有的材料。上传后立即检查格式和安全，加密保存。",
  "Only what government does not have. Each file is checked for its type and for malware at once, and kept encrypted.",
);
const NO_FILE = text("请先选择文件，再点“上传”", "Choose a file first, then upload it");
const CONTINUE = text("继续", "Continue");

/** What is handed in, one form a document: adding one never loses another. */
export function draftMaterialsPage(site: Site): Page {
  return definePage({
    path: "/drafts/:draft/materials",
    audience: "person",
    maxUploadBytes: maxUploadBytesOf(site.kernel),
    get: async (request) => {
      const opened = await openDraft(site, request);
      return isResponse(opened) ? opened : screen(site, request, opened);
    },
    post: async (request) => {
      const opened = await openDraft(site, request);
      return isResponse(opened) ? opened : change(site, request, opened);
    },
  });
}

async function change(site: Site, request: PageRequest, opened: OpenDraft): Promise<PageResponse> {
  const { draft } = opened;
  const act = request.act({ purpose: "own-affairs" });
  const here: PageResponse = { kind: "redirect", to: screenHref(draft.id, "materials") };
  const removed = fieldOf(request.fields, "remove");
  if (removed !== "") {
    if (!isUuid(removed)) return { kind: "not-found" };
    const answer = await removeMaterial(site.kernel, act, draft.id, removed);
    return isRefusal(answer) ? screen(site, request, opened, { problem: answer.text }) : here;
  }
  const name = fieldOf(request.fields, "material");
  const [file] = request.files;
  if (!file) return screen(site, request, opened, { problem: NO_FILE, name });
  const answer = await addMaterial(site.kernel, act, { draftId: draft.id, name, file, scanner: site.scanner });
  if (!isRefusal(answer)) return here;
  const now = await readDraft(site.kernel, site.kernel.database, act, draft.id);
  return screen(site, request, isRefusal(now) ? opened : withItem(site, now), { problem: answer.text, name });
}

function screen(
  site: Site,
  request: PageRequest,
  opened: OpenDraft,
  wrong?: { readonly problem: Text; readonly name?: string },
): PageResponse {
  const { language } = request;
  const { draft, item } = opened;
  const problems = wrong ? [{ text: wrong.problem, href: wrong.name ? `#${wrong.name}` : undefined }] : [];
  const sections = Object.entries(item.service.materials).map(([name, material]) =>
    uploadSection(request, {
      action: screenHref(draft.id, "materials"),
      name,
      material,
      held: draft.materials.filter((one) => one.name === name),
      error: wrong?.name === name ? wrong.problem[language] : undefined,
      removable: true,
    }),
  );
  return draftScreen(site, request, opened, {
    screen: "materials",
    title: TITLE[language],
    lead: LEAD[language],
    problems,
    main: html`${sections}<div class="zt-actions">${button({ text: CONTINUE[language], href: screenHref(draft.id, screenAfter(opened, "materials")) })}</div>`,
  });
}
