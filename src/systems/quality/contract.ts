import { z } from "zod";
import { cite, FOOD_LICENSING_MEASURES, FOOD_SAFETY_LAW, LICENSING_LAW } from "#kernel/contract/citation";
import { command, defineContract, event, query, register, service } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { withNeeds } from "#kernel/contract/form-rules";
import { text } from "#lib/language/text";
import { licensing } from "#standards/procedures";
import { END_GROUND_IDS, END_GROUNDS } from "./licence-ends.ts";

const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;
const DOCUMENT_TYPES = ["application/pdf", "image/jpeg", "image/png"];
/** Years for which a licence is valid (食品经营许可和备案管理办法 §23). */
export const LICENCE_YEARS = 5;
/** A renewal is applied for between these many working days before the licence ends. */
export const RENEWAL_OPENS_DAYS = 90;
export const RENEWAL_CLOSES_DAYS = 15;

const mapTitles = (grounds: typeof END_GROUNDS) =>
  Object.fromEntries(Object.entries(grounds).map(([id, { title }]) => [id, title]));

const BUSINESS_TYPES = {
  sales: text("食品销售经营者", "Food sales"),
  catering: text("餐饮服务经营者", "Catering"),
  canteen: text("集中用餐单位食堂", "Canteen of an institution"),
};

/** 经营项目: what may be sold or made. The list of the 2023 measures, §11, in short names. */
export const BUSINESS_ITEMS = {
  "loose-food": text("散装食品销售", "Food sold loose"),
  "prepackaged-and-loose": text("散装食品和预包装食品销售", "Prepackaged and loose food"),
  "hot-food": text("热食类食品制售", "Hot dishes"),
  "cold-food": text("冷食类食品制售", "Cold dishes"),
  "raw-food": text("生食类食品制售", "Raw food"),
  "half-finished": text("半成品制售", "Half-finished food"),
  "self-made-drinks": text("自制饮品制售", "Drinks made on the spot"),
} as const;
const ITEM_NAMES = Object.keys(BUSINESS_ITEMS) as [keyof typeof BUSINESS_ITEMS, ...(keyof typeof BUSINESS_ITEMS)[]];

const businessType = field(z.enum(["sales", "catering", "canteen"]), {
  title: text("主体业态", "Kind of business"),
  kind: "radios",
  options: BUSINESS_TYPES,
});

/** One end of a licence. What was revoked, withdrawn or annulled is deregistered as well (行政许可法 §70), so there may be two. */
const Ending = z.object({
  how: z.enum(["revoked", "withdrawn", "annulled", "deregistered"]),
  ground: z.string().max(40),
  reason: z.string().max(2000),
  penaltyDecision: z.string().max(60).optional(),
  on: z.iso.date(),
});

const FoodLicence = z.object({
  number: field(z.string().max(20), { title: text("许可证编号", "Licence number"), lookup: "unique" }),
  holderKind: field(z.enum(["organization", "person"]), {
    title: text("持证人类型", "Kind of holder"),
    options: { organization: text("组织", "Organization"), person: text("个人", "Person") },
  }),
  holderId: field(z.uuid(), { title: text("持证人", "Holder"), lookup: "exact" }),
  holderName: field(z.string().max(200), { title: text("经营者名称", "Name of the business"), lookup: "name" }),
  holderCode: field(z.string().max(40), { title: text("统一社会信用代码", "Credit code"), lookup: "exact" }),
  representativeName: field(z.string().max(100), { title: text("法定代表人（负责人、经营者）", "Representative") }),
  registeredAddress: field(z.string().max(300), { title: text("住所", "Registered address") }),
  premises: field(z.string().max(300), { title: text("经营场所", "Premises") }),
  businessType,
  scope: field(z.array(z.string().max(60)).max(20), { title: text("经营项目", "Licensed items") }),
  /** 撤销, 撤回, 吊销, 注销 are four different ends of a licence. */
  status: field(z.enum(["valid", "revoked", "withdrawn", "annulled", "deregistered"]), {
    title: text("状态", "Status"),
    options: {
      valid: text("有效", "Valid"),
      revoked: text("已撤销", "Revoked (granted wrongly, art. 69)"),
      withdrawn: text("已撤回", "Withdrawn (for the public interest, art. 8)"),
      annulled: text("已吊销", "Annulled (as a penalty)"),
      deregistered: text("已注销", "Deregistered (art. 70)"),
    },
  }),
  issuedOn: field(z.iso.date(), { title: text("发证日期", "Issued on") }),
  validFrom: field(z.iso.date(), { title: text("有效期自", "Valid from") }),
  validUntil: field(z.iso.date(), { title: text("有效期至", "Valid until") }),
  authority: field(z.uuid(), { title: text("发证机关", "Issued by") }),
  caseId: field(z.uuid(), { title: text("办件", "Case"), lookup: "exact" }),
  endings: field(z.array(Ending).max(4).optional(), { title: text("终止记录", "How it ended") }),
});

/** 行政许可法 §78, §79: who may not apply for how long. */
const Bar = z.object({
  applicantId: field(z.uuid(), { title: text("申请人", "Applicant"), lookup: "exact" }),
  ground: field(z.enum(["false-materials", "fraud"]), {
    title: text("原因", "Ground"),
    options: {
      "false-materials": text("隐瞒情况或提供虚假材料申请许可", "Concealed facts or false materials in an application"),
      fraud: text("以欺骗、贿赂等不正当手段取得许可", "Licence got by fraud or bribery"),
    },
  }),
  until: field(z.iso.date(), { title: text("不得再次申请至", "No new application before") }),
});

const PublicLicence = FoodLicence.pick({
  number: true,
  holderName: true,
  holderCode: true,
  premises: true,
  businessType: true,
  scope: true,
  status: true,
  issuedOn: true,
  validFrom: true,
  validUntil: true,
});

const number = field(z.string().trim().min(1).max(20), { title: text("许可证编号", "Licence number") });
const notFound = text("没有查到这个许可证编号，请核对。", "No licence with this number was found; please check it.");
const caseUnknown = text("没有这个办件。", "There is no such case.");
const forCase = z.object({ caseId: z.uuid() });

const form = withNeeds(
  z.object({
    kind: field(z.enum(["new", "change", "renewal", "reissue"]), {
      title: text("办理类型", "What do you need?"),
      kind: "radios",
      options: {
        new: text("新办", "A new licence"),
        change: text("变更", "A change to my licence"),
        renewal: text("延续", "A renewal"),
        reissue: text("补办", "A replacement for a lost licence"),
      },
    }),
    licenceNumber: field(z.string().trim().max(20).optional(), {
      title: text("原许可证编号", "Number of your licence"),
      hint: text(
        "变更、延续、补办填写，见“我的证照”；新办不用填写",
        "For a change, renewal or replacement: it is under My licences. Leave empty for a new licence",
      ),
    }),
    onlyPrepackaged: field(z.enum(["yes", "no"]), {
      title: text("是否只销售预包装食品", "Do you sell only prepackaged food?"),
      hint: text("有独立包装、开封前不再加工的食品", "Food in its maker's package that you do not open or prepare"),
      kind: "radios",
      options: { yes: text("是，只销售预包装食品", "Yes, nothing else"), no: text("不是", "No") },
    }),
    withinDivision: field(z.enum(["yes", "no"]), {
      title: text("经营场所是否在本县", "Are the premises in this county?"),
      kind: "radios",
      options: { yes: text("在本县", "Yes"), no: text("不在本县", "No") },
    }),
    premises: field(z.string().trim().min(1).max(200), {
      title: text("经营场所地址", "Address of the premises"),
      hint: text("写到门牌号", "Down to the house number"),
    }),
    businessType,
    items: field(z.array(z.enum(ITEM_NAMES)).min(1).max(ITEM_NAMES.length), {
      title: text("经营项目", "What will you sell or make?"),
      hint: text("可以多选", "Choose all that apply"),
      kind: "checkboxes",
      options: BUSINESS_ITEMS,
    }),
    area: field(z.coerce.number().positive().max(100_000), {
      title: text("经营面积（平方米）", "Floor area (square metres)"),
      kind: "number",
    }),
    safetyManager: field(z.string().trim().min(1).max(40), {
      title: text("食品安全管理人员姓名", "Name of the food safety manager"),
    }),
    mobile: field(
      z
        .string()
        .trim()
        .regex(/^1\d{10}$/),
      {
        title: text("联系手机", "Mobile number"),
        kind: "mobile",
        sensitive: true,
      },
    ),
  }),
  [
    {
      field: "licenceNumber",
      when: (entered) => entered["kind"] !== "new",
      message: text("请填写原许可证编号", "Enter the number of your licence"),
    },
  ],
);

/** 食品经营许可 (食品安全法 §35): who sells or serves food needs it. */
const foodBusinessLicence = service({
  title: text("食品经营许可", "Food business licence"),
  summary: text(
    "开餐馆、小吃店、奶茶店、食堂，或者销售散装食品，需要先取得食品经营许可。",
    "You need it to run a restaurant, a snack or tea shop or a canteen, or to sell loose food.",
  ),
  keywords: [
    "小吃店",
    "餐馆",
    "饭店",
    "奶茶",
    "食堂",
    "超市",
    "食品",
    "餐饮",
    "restaurant",
    "snack",
    "food",
    "canteen",
    "cafe",
  ],
  applicants: ["organization"],
  form,
  // 一数一源: her own licences are in the register; she picks one instead of copying its number.
  offers: {
    licenceNumber: {
      operation: "licencesOf",
      value: "number",
      words: ["number", "premises", "validUntil"],
      only: { status: "valid" },
    },
  },
  formPages: [
    {
      title: text("办什么", "What you need"),
      fields: ["kind", "licenceNumber", "onlyPrepackaged", "withinDivision"],
    },
    { title: text("经营场所和业态", "Premises and kind of business"), fields: ["premises", "area", "businessType"] },
    { title: text("经营项目", "What you will sell or make"), fields: ["items"] },
    { title: text("管理人员和联系方式", "Food safety manager and contact"), fields: ["safetyManager", "mobile"] },
  ],
  facts: {
    applicantName: {
      title: text("经营者名称", "Name of the business"),
      source: text("法人和其他组织基础信息库", "Register of legal entities"),
    },
    applicantCode: {
      title: text("统一社会信用代码", "Unified social credit code"),
      source: text("法人和其他组织基础信息库", "Register of legal entities"),
    },
    applicantKind: {
      title: text("类型", "Kind"),
      source: text("法人和其他组织基础信息库", "Register of legal entities"),
      terms: [
        text("个体工商户", "Individual business"),
        text("企业", "Enterprise"),
        text("其他组织", "Other organization"),
      ],
    },
    registeredAddress: {
      alsoAsked: "premises",
      title: text("登记住所", "Registered address"),
      source: text("法人和其他组织基础信息库", "Register of legal entities"),
    },
    applicantStatus: {
      title: text("登记状态", "Status"),
      source: text("法人和其他组织基础信息库", "Register of legal entities"),
      terms: [text("存续", "Active")],
    },
    right: {
      title: text("经办人的代表权", "Right to act of who applies"),
      source: text("法人和其他组织基础信息库", "Register of legal entities"),
      terms: [
        text("法定代表人", "Legal representative"),
        text("经营者", "Operator"),
        text("被授权人", "Authorised agent"),
      ],
    },
    representativeName: {
      title: text("法定代表人（负责人、经营者）", "Representative"),
      source: text("人口基础信息库", "Population register"),
    },
    representativeDocument: {
      title: text("其证件号码", "Document number"),
      source: text("人口基础信息库", "Population register"),
    },
  },
  shownToParties: ["premises", "businessType", "items"],
  materials: {
    floorPlan: {
      title: text("经营场所平面布局图", "Floor plan"),
      hint: text(
        "标明操作间、就餐区和设备位置。PDF 或照片，不超过 10 MB",
        "Kitchen, dining area and equipment. PDF or photograph, at most 10 MB",
      ),
      required: true,
      mediaTypes: DOCUMENT_TYPES,
      maxBytes: MAX_UPLOAD_BYTES,
    },
    rules: {
      title: text("食品安全管理制度", "Food safety rules"),
      hint: text("可以使用示范文本", "The model text may be used"),
      required: false,
      mediaTypes: DOCUMENT_TYPES,
      maxBytes: MAX_UPLOAD_BYTES,
    },
  },
  procedure: licensing,
  fee: text("不收费", "Free of charge"),
  // 电子签名法 §13: who signs is in control of it. A password that someone else may know is not enough.
  // 电子签名法 §13: the key is used once for a proof. Who applies does so a few times a year.
  assurance: { level: 2, withinMinutes: 30, once: true },
  limits: { promisedDays: 5, statutoryDays: 10, lawDays: 20, extensionDays: 5 },
  result: text("食品经营许可证", "Food business licence"),
  legalBasis: [
    cite(FOOD_SAFETY_LAW, "第三十五条"),
    cite(LICENSING_LAW, "第四章"),
    cite(FOOD_LICENSING_MEASURES, "第二章"),
  ],
  numberPrefix: "SP",
});

export const quality = defineContract({
  id: "quality",
  version: "1.0",
  title: text("质量监管（金质）", "Quality supervision"),
  steward: text("市场监督管理部门", "Market regulator"),
  registers: {
    foodLicence: register({
      title: text("食品经营许可登记", "Food business licences"),
      schema: FoodLicence,
      subject: { kind: "organization", by: "holderId" },
      legalBasis: [cite(FOOD_LICENSING_MEASURES, "第二十六条")],
      retention: "permanent",
    }),
    bar: register({
      title: text("不得申请许可的期间", "Bars to application"),
      schema: Bar,
      subject: { kind: "organization", by: "applicantId" },
      legalBasis: [cite(LICENSING_LAW, "第七十八条"), cite(LICENSING_LAW, "第七十九条")],
      retention: { years: 10 },
    }),
  },
  operations: {
    findLicence: query({
      title: text("查询食品经营许可", "Find a food business licence"),
      audience: ["public"],
      input: z.object({ number }),
      output: PublicLicence,
      refusals: { "not-found": notFound },
      legalBasis: [cite(LICENSING_LAW, "第四十条")],
    }),
    licencesOf: query({
      unfiltered: "own",
      title: text("我的食品经营许可", "My food business licences"),
      audience: ["person", "organization", "node"],
      input: z.object({}),
      output: z.object({ items: z.array(FoodLicence.extend({ id: z.uuid() })) }),
      refusals: {},
      legalBasis: [],
    }),
    searchLicences: query({
      lists: "foodLicence",
      title: text("按名称查询许可", "Search licences by name"),
      audience: ["official"],
      duty: "quality.read",
      input: z.object({
        name: field(z.string().trim().min(1).max(100), { title: text("经营者名称", "Name of the business") }),
        after: z.string().max(400).optional(),
      }),
      output: z.object({ items: z.array(FoodLicence.extend({ id: z.uuid() })), next: z.string().optional() }),
      refusals: {},
      legalBasis: [],
    }),
    grantLicence: command({
      title: text("登记食品经营许可", "Register a food business licence"),
      audience: ["node"],
      input: forCase,
      output: z.object({
        licenceNumber: z.string(),
        businessType: z.string(),
        scope: z.array(z.string()),
        validFrom: z.string(),
        validUntil: z.string(),
      }),
      refusals: {
        "case-unknown": caseUnknown,
        "licence-ended": text(
          "原许可证已终止，或者不属于申请人，不能据此颁发许可。",
          "The licence has ended, or is not the applicant's; nothing can be granted on it.",
        ),
        "numbers-used-up": text("本区划的编号已用完。", "The numbers of this division are used up."),
        "scope-unclear": text(
          "决定中不予许可的项目与申请的项目不一致，或者没有剩余项目，请退回重新审查后再作决定。",
          "What the decision refuses is not what was applied for, or nothing is left; have it examined and decided again.",
        ),
      },
      legalBasis: [cite(FOOD_LICENSING_MEASURES, "第二十三条")],
    }),
    publishDecision: command({
      title: text("公开许可决定", "Publish the decision"),
      audience: ["node"],
      input: forCase,
      output: z.object({}),
      refusals: { "case-unknown": caseUnknown },
      legalBasis: [cite(LICENSING_LAW, "第四十条")],
    }),
    endLicence: command({
      title: text("撤销、撤回、吊销或注销许可", "End a licence"),
      audience: ["official"],
      duty: "licensing.decide",
      input: withNeeds(
        z.object({
          number,
          ground: field(z.enum(END_GROUND_IDS), {
            title: text("方式和事由", "How it ends, and why"),
            hint: text(
              "撤销、撤回、吊销、注销是四种不同的终止，后果和救济各不相同",
              "Four different ends, each with its own effects",
            ),
            kind: "radios",
            options: mapTitles(END_GROUNDS),
          }),
          penaltyDecision: field(z.string().trim().max(60).optional(), {
            title: text("行政处罚决定书文号", "Number of the penalty decision"),
            hint: text("吊销时填写", "For an annulment"),
          }),
          reason: field(z.string().trim().min(1).max(2000), {
            title: text("理由和依据", "Reasons and legal basis"),
            hint: text(
              "写入送达持证人的决定书；撤销、撤回应当先听取持证人陈述申辩",
              "Printed in the decision to the holder, who is heard before a revocation or withdrawal",
            ),
            kind: "textarea",
          }),
        }),
        [
          {
            field: "penaltyDecision",
            when: (entered) => entered["ground"] === "penalty",
            message: text("请填写行政处罚决定书文号", "Give the number of the penalty decision"),
          },
        ],
      ),
      output: z.object({ number: z.string(), status: z.string() }),
      refusals: {
        "not-found": notFound,
        "not-expired": text(
          "该许可有效期至 {day}，还没有届满，不能以“有效期届满未延续”注销。",
          "This licence is valid until {day}; it cannot be deregistered as expired.",
        ),
        "not-ended": text(
          "该许可没有被撤销、撤回或者吊销，请选择其他事由。",
          "This licence was not revoked, withdrawn or annulled; choose another ground.",
        ),
        "not-yours": text(
          "该许可由其他机关颁发，不能由您所在的机关终止。",
          "Another authority issued this licence; yours cannot end it.",
        ),
        "not-valid": text(
          "该许可已经终止。被撤销、撤回、吊销的许可只能再办理注销。",
          "This licence has ended already. What was revoked, withdrawn or annulled can only be deregistered.",
        ),
      },
      legalBasis: [
        cite(LICENSING_LAW, "第六十九条"),
        cite(LICENSING_LAW, "第七十条"),
        cite(LICENSING_LAW, "第七十九条"),
      ],
    }),
  },
  services: { foodBusinessLicence },
  events: {
    foodLicenceChanged: event({
      title: text("食品经营许可变动", "A food business licence was granted, changed or ended"),
      key: "number",
      payload: PublicLicence.pick({ number: true, status: true, validFrom: true, validUntil: true }).extend({
        what: field(z.enum(["granted", "changed", "renewed", "reissued", "ended"]), {
          title: text("变动", "What happened"),
        }),
      }),
    }),
  },
});
