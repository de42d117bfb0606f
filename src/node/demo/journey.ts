import { type Text, text } from "#lib/language/text";
import { floorPlan, sitePhotograph } from "./drawing.ts";
import type { TakeStep } from "./progress.ts";
import { type Answer, type Given, type Upload, Visitor, wordsOf } from "./visitor.ts";

/** The main job from end to end, as section 6 of the design tells it, by people at browsers. */
export interface JourneyOptions {
  /** Of the node, without a slash at its end. */
  readonly address: string;
  readonly password: string;
  readonly step: TakeStep;
  /** Who signs in under a name: 林晓竹. */
  readonly nameOf: (signInName: string) => string;
}

/** What the owner has in hand at the end. */
export interface JourneyOutcome {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly licenceNumber: string;
  readonly original: Uint8Array;
  readonly duplicate: Uint8Array;
  readonly credential: Uint8Array;
  readonly decision: Uint8Array;
  /** By the number of the ledger's entry. */
  readonly receipts: ReadonlyMap<string, Uint8Array>;
}

const SHOP = "清源县翠竹小吃店";
const PREMISES = "清源县湖滨街道翠竹路27号";
const SERVICE = "/services/quality/foodBusinessLicence";
const MAX_SCREENS = 10;
const RECEIPT_TIMEOUT_MS = 30_000;

const APPLICATION: Given = {
  kind: "new",
  licenceNumber: "",
  onlyPrepackaged: "no",
  withinDivision: "yes",
  premises: PREMISES,
  area: "45",
  businessType: "catering",
  items: ["hot-food", "self-made-drinks"],
  safetyManager: "林晓竹",
  mobile: "13900000000",
};
const SITE_CHECK: Given = {
  premises: "yes",
  hygiene: "yes",
  equipment: "yes",
  staff: "yes",
  rules: "yes",
  observations: "场所与平面布局图一致，设备设施齐全，环境整洁，从业人员持有健康证明。",
  present: "林晓竹",
  outcome: "pass",
};
const OUTCOME = "outcome";

/** Walks it. Throws, with what the page said, at the first thing that does not go as it should. */
export async function walkJourney(options: JourneyOptions): Promise<JourneyOutcome> {
  const owner = await signedIn(options, "owner", text("经营者", "Shop owner"));
  const { caseId, caseNumber } = await apply(options, owner);
  await handle(options, caseId);
  return { caseId, caseNumber, ...(await collect(options, owner, caseId)) };
}

interface Person {
  readonly visitor: Visitor;
  readonly who: Text;
}

async function signedIn(options: JourneyOptions, signInName: string, role: Text): Promise<Person> {
  const visitor = new Visitor(options.address);
  const who = text(`${role.zh} ${options.nameOf(signInName)}`, role.en);
  await options.step(who, text("打开首页，登录", "opens the portal and signs in"), async () => {
    await visitor.open("/");
    await visitor.follow(/^\/sign-in\b/);
    await visitor.submit(/^\/sign-in$/, { signInName, password: options.password });
  });
  return { visitor, who };
}

/** From finding the item to the receipt of application. */
async function apply(
  { step }: JourneyOptions,
  { visitor, who }: Person,
): Promise<{ readonly caseId: string; readonly caseNumber: string }> {
  await step(who, text("查找“小吃店”，打开食品经营许可的办事指南", "finds the item and opens its guide"), async () => {
    await visitor.open(`/services?q=${encodeURIComponent("小吃店")}`);
    await visitor.follow(new RegExp(`^${SERVICE}$`));
    await visitor.follow(/\/start$/);
  });
  await step(
    who,
    text(`选择以“${SHOP}”的名义申请，已有信息自动带入`, "applies for her shop; known facts are filled in"),
    async () => {
      const page = await visitor.press({ action: /\/start$/ }, SHOP);
      expectWords(page, [SHOP], "the facts from the registers");
      await visitor.follow(/\/form\/1$/);
    },
  );
  await step(who, text("填写经营场所、业态和经营项目", "fills in premises, kind and items"), async () => {
    for (let screen = 0; screen < MAX_SCREENS && visitor.hasForm(/\/form\/\d+$/); screen += 1) {
      const { names } = visitor.form(/\/form\/\d+$/);
      const given = Object.fromEntries(Object.entries(APPLICATION).filter(([name]) => names.has(name)));
      await visitor.submit(/\/form\/\d+$/, given);
    }
  });
  await step(who, text("上传平面布局图", "uploads the floor plan"), async () => {
    const file = { field: "file", name: "平面布局图.png", mediaType: "image/png", bytes: floorPlan() };
    const page = await visitor.submit({ action: /\/materials$/, holding: ["material", "floorPlan"] }, {}, [file]);
    expectWords(page, [file.name], "the uploaded file");
    await visitor.follow(/\/review$/);
  });
  return step(who, text("核对、签名并提交，得到收件凭证", "reviews, signs and submits; gets a receipt"), async () => {
    const page = await proved(
      visitor,
      await visitor.submit({ action: /\/review$/, asking: "declaration" }, { declaration: "true" }),
    );
    const caseId = /\/cases\/([0-9a-f-]{36})\/received$/.exec(page.url)?.[1];
    const caseNumber = /\bSP[0-9A-Z-]+/.exec(wordsOf(page.text))?.[0];
    if (caseId === undefined || caseNumber === undefined) throw new Error(`no receipt at ${page.url}`);
    return { caseId, caseNumber };
  });
}

/** Where a step asks for it, enters the code that the page shows in a demonstration alone; what was sent then goes on by itself. */
async function proved(visitor: Visitor, page: Answer): Promise<Answer> {
  if (!new URL(page.url).pathname.startsWith("/sign-in/step-up")) return page;
  const code = /仅供演示：\S+ 的验证码现在是 (\d{6})/.exec(wordsOf(page.text))?.[1];
  if (code === undefined) throw new Error(`no code is shown at ${page.url}`);
  return visitor.submit(/^\/sign-in\/step-up$/, { code });
}

/** What officials do: acceptance, site check by two, examination, decision. */
async function handle(options: JourneyOptions, caseId: string): Promise<void> {
  const clerk = await signedIn(options, "accept", text("受理人员", "Acceptance clerk"));
  await task(options, clerk, caseId, {
    what: text("受理，需要现场核查", "accepts; a site check is needed"),
    form: { outcome: "accept", siteCheckNeeded: "yes" },
  });
  const first = await signedIn(options, "inspector1", text("核查人员（一）", "First inspector"));
  await task(options, first, caseId, {
    what: text("现场核查，填写核查表并上传照片", "checks the site, with a photograph"),
    form: SITE_CHECK,
    uploads: [{ field: "photographs", name: "操作间.png", mediaType: "image/png", bytes: sitePhotograph() }],
  });
  const second = await signedIn(options, "inspector2", text("核查人员（二）", "Second inspector"));
  await task(options, second, caseId, {
    what: text("会签核查记录", "countersigns the record"),
    form: { outcome: "agree" },
  });
  await task(options, first, caseId, {
    what: text("审查，建议准予许可", "examines and proposes to grant"),
    form: { outcome: "propose-grant" },
  });
  const decider = await signedIn(options, "decider", text("决定人员", "Decision maker"));
  await task(options, decider, caseId, {
    what: text("决定准予许可", "decides to grant the licence"),
    form: { outcome: "grant" },
  });
}

function task(
  { step }: JourneyOptions,
  { visitor, who }: Person,
  caseId: string,
  doing: { readonly what: Text; readonly form: Given; readonly uploads?: readonly Upload[] },
): Promise<void> {
  return step(who, doing.what, async () => {
    const place = new RegExp(`/workbench/cases/${caseId}/tasks/\\d+$`);
    await visitor.open(await visitor.await("/workbench", { href: place }));
    await proved(visitor, await visitor.submit({ action: place, asking: OUTCOME }, doing.form, doing.uploads));
  });
}

/** What the owner and the public do when it is decided. */
async function collect(
  { step, address }: JourneyOptions,
  { visitor, who }: Person,
  caseId: string,
): Promise<Omit<JourneyOutcome, "caseId" | "caseNumber">> {
  const decision = await step(who, text("收到并打开准予许可决定书", "gets the decision and reads it"), async () => {
    await visitor.await(`/cases/${caseId}`, { href: /^\/my\/licences$/ });
    const notice = await visitor.await(`/cases/${caseId}`, { href: /^\/notices\//, says: "准予" });
    return pdfOf(await visitor.open(notice));
  });
  const licence = await step(
    who,
    text("下载许可证正本、副本和电子证照", "downloads the licence and its credential"),
    async () => {
      const original = await visitor.await("/my/licences", { href: /\/original$/ });
      const licenceNumber = /(JY\d{14})/.exec(original)?.[1] ?? "";
      return {
        licenceNumber,
        original: pdfOf(await visitor.open(original)),
        duplicate: pdfOf(await visitor.follow(new RegExp(`/${licenceNumber}/duplicate$`))),
        credential: (await visitor.follow(new RegExp(`/${licenceNumber}/credential$`))).bytes,
      };
    },
  );
  const receipts = await step(who, text("下载本办件的存证凭证", "downloads her receipts from the ledger"), () =>
    collectReceipts(visitor, caseId),
  );
  const anyone = text("任何人", "Anyone");
  const passerBy = new Visitor(address);
  await step(anyone, text("按编号核验许可证", "verifies the licence by its number"), async () => {
    const page = await passerBy.open(`/verify/${licence.licenceNumber}`);
    expectWords(page, [licence.licenceNumber, SHOP, "有效"], "the licence");
  });
  await step(anyone, text("查到已公开的许可决定", "finds the published decision"), async () => {
    await untilSays(passerBy, "/disclosure", SHOP);
  });
  await step(who, text("评价：非常满意", "rates the service: very satisfied"), async () => {
    await visitor.open(`/cases/${caseId}/rating`);
    const best = visitor.form(/\/rating$/).choices.find(({ label }) => label === "非常满意");
    const page = await visitor.submit(/\/rating$/, {
      [best?.name ?? ""]: best?.value ?? "",
      words: "材料少，办得快。",
    });
    expectWords(page, ["非常满意"], "the rating");
  });
  return { decision, ...licence, receipts };
}

/** Every receipt that the page of the case names. One that is still on its way into the log is asked for again. */
async function collectReceipts(visitor: Visitor, caseId: string): Promise<ReadonlyMap<string, Uint8Array>> {
  await visitor.open(`/cases/${caseId}`);
  const entries = new Set(visitor.links().flatMap(({ href }) => /^\/receipts\/(\d+)$/.exec(href)?.[1] ?? []));
  if (entries.size === 0) throw new Error("the case names no receipt");
  const receipts = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const deadline = performance.now() + RECEIPT_TIMEOUT_MS;
    for (;;) {
      const { bytes, text: json } = await visitor.open(`/receipts/${entry}/file`);
      if ((JSON.parse(json) as { state?: string }).state === "proved") {
        receipts.set(entry, bytes);
        break;
      }
      if (performance.now() > deadline) throw new Error(`entry ${entry} never came into the log`);
    }
  }
  return receipts;
}

async function untilSays(visitor: Visitor, path: string, words: string): Promise<void> {
  const deadline = performance.now() + RECEIPT_TIMEOUT_MS;
  while (!wordsOf((await visitor.open(path)).text).includes(words)) {
    if (performance.now() > deadline) throw new Error(`${path} never said “${words}”`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function pdfOf(answer: Answer): Uint8Array {
  if (answer.bytes.subarray(0, 5).toString("latin1") === "%PDF-") return answer.bytes;
  throw new Error(`${answer.url} is no PDF`);
}

function expectWords(answer: Answer, words: readonly string[], what: string): void {
  const said = wordsOf(answer.text);
  const missing = words.filter((word) => !said.includes(word));
  if (missing.length > 0) throw new Error(`${answer.url} does not show ${what}: ${missing.join("、")}`);
}
