import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { cite, FOOD_SAFETY_LAW, LICENSING_LAW } from "#kernel/contract/citation";
import { type OpenDocuments, openDocuments } from "#kernel/documents/documents";
import type { NoticeFacts } from "#kernel/services/notices";
import { text } from "#lib/language/text";
import { licensing } from "../contract.ts";
import { licensingDocuments } from "../ports.ts";
import { documentNumber } from "./document-number.ts";
import { type CaseNotice, noticeData } from "./notice-documents.ts";
import { NOTICE_KINDS } from "./notice-kinds.ts";

const SETTINGS = { publicUrl: "http://127.0.0.1:8080/", demonstration: true };

const clock: NoticeFacts["clocks"][number] = {
  id: "decision",
  title: text("作出决定", "Decision"),
  amount: 10,
  unit: "working-day",
  promised: 5,
  article: "行政许可法第四十二条",
  startedOn: "2026-11-19",
  dueOn: "2026-12-03",
  dueWithoutExtensionOn: "2026-12-03",
  extensions: [],
};

function factsOf(kind: CaseNotice, change: Partial<NoticeFacts> = {}): NoticeFacts {
  return {
    kind,
    number: `quality/${kind}/2026/217`,
    issuedOn: "2026-11-21",
    issuedAt: "2026-11-20T16:21:05.123Z",
    issuedBy: text("局长", "Director"),
    authority: {
      id: "0197c7a0-0000-7000-8000-000000000001",
      name: text("清源县市场监督管理局", "Qingyuan Market Regulator"),
      address: "清源县城关镇文三路 1 号",
      phone: "0990-8800315",
      reconsideration: text("清源县人民政府", "Qingyuan People's Government"),
      court: text("清源县人民法院", "Qingyuan People's Court"),
    },
    applicant: { name: "清源县翠竹小吃店（个体工商户）", kind: "organization" },
    item: {
      room: "quality",
      service: "foodBusinessLicence",
      title: text("食品经营许可", "Food business licence"),
      result: text("食品经营许可证", "Food business licence"),
      legalBasis: [cite(FOOD_SAFETY_LAW, "第三十五条"), cite(LICENSING_LAW, "第四章")],
    },
    caseNumber: "SP-2026-000217",
    submittedOn: "2026-11-18",
    channel: "online",
    form: { premises: "清源县城关镇文三路 18 号一层", businessType: "catering", items: ["hot-food"] },
    facts: [{ id: "applicantCode", value: "92990101MA00000000", asOf: "2026-11-18T02:21:00Z" }],
    variables: {},
    terms: {
      businessType: { catering: text("餐饮服务经营者", "Catering") },
      items: { "hot-food": text("热食类食品制售", "Hot dishes"), "cold-food": text("冷食类食品制售", "Cold dishes") },
    },
    materials: [{ title: text("经营场所平面布局图", "Floor plan"), fileName: "plan.pdf" }],
    records: { acceptance: { outcome: "accept" } },
    recordedOn: { acceptance: "2026-11-19" },
    recordedBy: { hearingArrangement: "陈公允" },
    clocks: [clock],
    remark: undefined,
    details: {},
    ...change,
  };
}

function endingFacts(kind: CaseNotice): NoticeFacts {
  return factsOf(kind, {
    details: {
      licenceNumber: "JY29901210000172",
      endedOn: "2026-12-10",
      ground: "not-qualified",
      words: "对不符合法定条件的申请人准予许可",
      article: "《中华人民共和国行政许可法》第六十九条第一款第（四）项",
      reason: "经营场所面积不足。",
    },
  });
}

const granted = {
  licenceNumber: "JY29901210000172",
  businessType: "catering",
  scope: ["hot-food", "自制饮品制售"],
  validFrom: "2026-11-21",
  validUntil: "2031-11-20",
};
const siteCheck = {
  premises: "yes",
  hygiene: "no",
  equipment: "no",
  staff: "yes",
  rules: "yes",
  observations: "加工操作间与卫生间直接相通，未设置餐用具洗消设施。",
  outcome: "fail",
  reasons: "未与污染源保持规定距离\n未配备清洗消毒设施",
};

const PARTY = { name: "顾青禾", interest: "住在隔壁，油烟影响居住", stated: true, online: true };

const CASES: { readonly [Kind in CaseNotice]: NoticeFacts } = {
  receipt: factsOf("receipt", { records: {}, recordedOn: {}, clocks: [] }),
  acceptance: factsOf("acceptance"),
  "non-acceptance": factsOf("non-acceptance", {
    records: {},
    recordedOn: {},
    clocks: [],
    remark: text("经营场所在邻县，不属于本机关职权范围。请向邻县市场监督管理局申请。", "The premises are elsewhere."),
  }),
  supplement: factsOf("supplement", {
    records: {
      acceptance: {
        outcome: "supplement",
        missing: "经营场所平面布局图：标注各功能区面积\n\n食品安全管理人员培训记录: 提交一份\n请补签名",
        supplementDays: 10,
      },
    },
    clocks: [],
  }),
  rectification: factsOf("rectification", {
    records: {
      acceptance: { outcome: "accept" },
      siteCheck: { ...siteCheck, outcome: "rectify", rectifyDays: 10 },
    },
    recordedOn: { acceptance: "2026-11-19", siteCheck: "2026-11-20" },
  }),
  "hearing-right": factsOf("hearing-right", {
    records: {
      acceptance: { outcome: "accept" },
      examination: { outcome: "hearing", reasons: "油烟排放涉及相邻业主的重大利益。" },
    },
  }),
  hearing: factsOf("hearing", {
    variables: { hearingRequestedOn: "2026-11-20" },
    records: {
      acceptance: { outcome: "accept" },
      hearingArrangement: {
        heldOn: "2026-12-03",
        heldAt: "09:30",
        place: "三楼听证室",
        manner: "public",
        clerk: "李敏",
      },
    },
  }),
  exclusion: factsOf("exclusion", {
    records: {
      acceptance: { outcome: "accept" },
      examination: { outcome: "special", specialKind: "testing", specialDays: 8, reasons: "饮用水源需要检测。" },
    },
  }),
  revocation: endingFacts("revocation"),
  withdrawal: endingFacts("withdrawal"),
  annulment: endingFacts("annulment"),
  deregistration: endingFacts("deregistration"),
  "renewal-by-silence": factsOf("renewal-by-silence", {
    variables: { ...granted, renewalUntil: "2026-11-20" },
  }),
  extension: factsOf("extension", {
    records: { acceptance: { outcome: "accept" }, extension: { outcome: "approve", reasons: "街道临时封闭。" } },
    recordedOn: { acceptance: "2026-11-19", extension: "2026-11-20" },
    clocks: [{ ...clock, dueOn: "2026-12-10", extensions: [{ amount: 5, reason: "街道临时封闭。" }] }],
  }),
  termination: factsOf("termination", {
    records: { acceptance: { outcome: "accept" }, withdrawn: { note: "店铺不开了" } },
    recordedOn: { acceptance: "2026-11-19", withdrawn: "2026-11-21" },
  }),
  "party-rights": factsOf("party-rights", { party: PARTY }),
  "party-hearing": factsOf("party-hearing", {
    party: PARTY,
    records: {
      acceptance: { outcome: "accept" },
      hearingArrangement: {
        heldOn: "2026-12-03",
        heldAt: "09:30",
        place: "三楼听证室",
        clerk: "李敏",
      },
    },
  }),
  "party-decision": factsOf("party-decision", {
    party: PARTY,
    variables: granted,
    records: {
      acceptance: { outcome: "accept" },
      decision: { outcome: "grant", reasons: "已移排烟口。", answers: "关于油烟的意见予以采纳。" },
    },
  }),
  grant: factsOf("grant", {
    variables: granted,
    records: { acceptance: { outcome: "accept" }, decision: { outcome: "grant" } },
  }),
  refusal: factsOf("refusal", {
    records: {
      acceptance: { outcome: "accept" },
      siteCheck,
      hearing: { heldOn: "2026-11-20", record: "申请人陈述已与业主协商改造。", outcome: "held" },
      examination: { outcome: "propose-refuse", reasons: "经复查情形仍然存在。" },
      decision: { outcome: "refuse", reasons: "不符合食品安全法第三十三条第一款第一项、第二项的要求。" },
    },
    recordedOn: { acceptance: "2026-11-19", siteCheck: "2026-11-20" },
  }),
};

/** What carries reasons and remedies may need a second page. */
const LONG: ReadonlySet<string> = new Set(["party-decision", "refusal"]);

describe("notices of a case", () => {
  let typesetting: OpenDocuments;
  before(async () => {
    typesetting = await openDocuments({ kinds: NOTICE_KINDS });
  });
  after(() => typesetting.close());

  it("has a document for each notice that the procedure declares", () => {
    assert.deepEqual(Object.keys(CASES).sort(), Object.keys(licensing.notices).sort());
  });

  for (const [kind, facts] of Object.entries(CASES)) {
    it(`prints ${kind}`, async () => {
      const rendered = await licensingDocuments(typesetting, SETTINGS).render({ kind, data: facts });
      assert.ok("pdf" in rendered);
      const pdf = Buffer.from(rendered.pdf).toString("latin1");
      assert.match(pdf, /^%PDF-1\.7/);
      if (!LONG.has(kind)) assert.equal(pdf.match(/\/Type ?\/Page\b/g)?.length, 1, "it fits its page, seal and all");
    });
  }

  const data = (facts: NoticeFacts) => noticeData(facts, SETTINGS);

  it("numbers them as the authority does, and gives whole names where no short one is known", () => {
    assert.equal(data(CASES.acceptance).acceptance().number, "清市监许受〔2026〕000217号");
    assert.equal(documentNumber("water/refusal/2027/1", "某机关"), "某机关许不准〔2027〕000001号");
    assert.throws(() => documentNumber("quality/unknown/2026/1", "清"), RangeError);
    const own = noticeData(CASES.grant, { ...SETTINGS, authorityWord: () => "清源市监" }).grant();
    assert.equal(own.number, "清源市监许准〔2026〕000217号");
  });

  it("prints times and days of China, and the days by which the law wants an answer", () => {
    const receipt = data(CASES.receipt).receipt();
    assert.equal(receipt.receivedAt, "2026-11-21T00:21");
    assert.equal(receipt.answerBy, "2026-11-25");
    assert.deepEqual(
      receipt.materials.map(({ form }) => form),
      ["电子", "电子", "共享"],
    );
    assert.equal(data(CASES.supplement).supplement().supplementBy, "2026-12-04");
  });

  it("counts a deemed acceptance from the day of receipt, or of the supplement that completed it", () => {
    const deemed = data(factsOf("acceptance", { records: {}, recordedOn: {} })).acceptance();
    assert.deepEqual([deemed.deemed, deemed.acceptedOn, deemed.dueOn], [true, "2026-11-18", "2026-12-02"]);
    assert.match(deemed.basis.join(), /第（四）项/);
    const supplemented = data(
      factsOf("acceptance", {
        records: { acceptance: { outcome: "supplement" }, supplemented: { note: "已补" } },
        recordedOn: { acceptance: "2026-11-19", supplemented: "2026-11-20" },
      }),
    ).acceptance();
    assert.deepEqual([supplemented.deemed, supplemented.acceptedOn], [true, "2026-11-20"]);
  });

  it("tells an interested party on line by which day to ask, and on paper that it counts from the day it arrives", () => {
    const online = data(CASES["party-rights"])["party-rights"]();
    assert.deepEqual([online.applicant.name, online.requestBy], ["顾青禾", "2026-11-27"]);
    const paper = factsOf("party-rights", { party: { ...PARTY, online: false } });
    assert.equal(data(paper)["party-rights"]().requestBy, "");
    const decided = data(CASES["party-decision"])["party-decision"]();
    assert.deepEqual([decided.outcome, decided.statement], ["准予行政许可", "关于油烟的意见予以采纳。"]);
    assert.throws(() => data(factsOf("party-decision"))["party-decision"](), /ERR_NOTICE_FACTS|no interested party/);
  });

  it("splits the one-time list into what and how", () => {
    const { items } = data(CASES.supplement).supplement();
    assert.deepEqual(items, [
      { material: "经营场所平面布局图", requirement: "标注各功能区面积" },
      { material: "食品安全管理人员培训记录", requirement: "提交一份" },
      { material: "申请材料", requirement: "请补签名" },
    ]);
    const long = Array.from({ length: 90 }, (_, index) => `第${index}项：改`).join("\n");
    const records = { acceptance: { outcome: "supplement", missing: long, supplementDays: 3 } };
    const many = data(factsOf("supplement", { records })).supplement();
    assert.equal(many.items.length, 40);
    assert.match(String(many.items.at(-1)?.requirement), /第89项/);
  });

  it("says what to put right and until when, and until when a hearing may be asked for", () => {
    const rectification = data(CASES.rectification).rectification();
    assert.deepEqual(rectification.problems, ["未与污染源保持规定距离", "未配备清洗消毒设施"]);
    assert.deepEqual(rectification.failed, ["与污染源保持规定距离，环境整洁", "设备设施齐全、能正常使用"]);
    assert.deepEqual([rectification.checkedOn, rectification.rectifyBy], ["2026-11-20", "2026-12-04"]);
    const hearing = data(CASES["hearing-right"])["hearing-right"]();
    // Issued on a Saturday: the five working days are those of the next week (行政许可法 §47, §82).
    assert.equal(hearing.requestBy, "2026-11-27");
    assert.equal(hearing.number, "清市监许听告〔2026〕000217号");
    assert.equal(hearing.authority.sealUse, "");
  });

  it("says what was granted in words, and what was not", () => {
    const whole = data(CASES.grant).grant();
    assert.equal(whole.businessType, "餐饮服务经营者");
    assert.deepEqual(whole.scope, ["热食类食品制售", "自制饮品制售"]);
    assert.deepEqual(whole.refusedScope, []);
    const decision = {
      outcome: "partial",
      refusedItems: "冷食类食品制售：未设专间\n生食类食品制售",
      reasons: "条件不足。",
    };
    const partial = data(factsOf("grant", { variables: granted, records: { decision } })).grant();
    assert.deepEqual(partial.refusedScope, [
      { scope: "冷食类食品制售", reason: "未设专间" },
      { scope: "生食类食品制售", reason: "条件不足。" },
    ]);
    assert.equal(partial.authority.sealUse, "");
  });

  it("tells a refused applicant what was found, why, and where to turn", () => {
    const refusal = data(CASES.refusal).refusal();
    assert.match(String(refusal.findings[0]), /^2026年11月20日，本机关核查人员.*距离，环境整洁；设备设施齐全/);
    assert.equal(refusal.findings.length, 4);
    assert.match(String(refusal.statement), /2026年11月20日举行听证/);
    assert.equal(refusal.remedies.reconsiderationBody, "清源县人民政府");
    assert.match(refusal.basis.join(), /《中华人民共和国食品安全法》第三十五条/);
  });

  it("tells withdrawal from lapse", async () => {
    assert.equal(data(CASES.termination).termination().ground, "withdrawn");
    const lapsed = factsOf("termination", { records: { acceptance: { outcome: "supplement" } }, clocks: [] });
    const said = data(lapsed).termination();
    assert.equal(said.ground, "ended");
    assert.match(String(said.reasons?.[0]), /视为放弃申请/);
    const rendered = await licensingDocuments(typesetting, SETTINGS).render({ kind: "termination", data: lapsed });
    assert.ok("pdf" in rendered);
  });

  it("names the characters of an applicant whom no font can draw", async () => {
    const facts = factsOf("receipt", { applicant: { name: "𠮷野小吃店", kind: "organization" } });
    const rendered = await licensingDocuments(typesetting, SETTINGS).render({ kind: "receipt", data: facts });
    assert.deepEqual(rendered, { missingCharacters: ["𠮷"] });
  });

  it("does not print a notice that says nothing", async () => {
    assert.throws(() => data(factsOf("refusal")).refusal(), { code: "ERR_NOTICE_FACTS" });
    assert.throws(() => data(factsOf("acceptance", { clocks: [] })).acceptance(), { code: "ERR_NOTICE_FACTS" });
    assert.throws(() => data(factsOf("extension")).extension(), { code: "ERR_NOTICE_FACTS" });
    const wrongKind = () => licensingDocuments(typesetting, SETTINGS).render({ kind: "grant", data: CASES.receipt });
    await assert.rejects(wrongKind, { code: "ERR_NOTICE_FACTS" });
  });
});
