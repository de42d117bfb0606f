/** 好差评, in its own words. */
export type Rating = "非常满意" | "满意" | "基本满意" | "不满意" | "非常不满意";

/** One thing that somebody does in a case of the demonstration. Days are working days before the day on which the county was loaded. */
export type Move =
  | {
      readonly move: "task";
      readonly by: string;
      readonly element: string;
      readonly form: Readonly<Record<string, unknown>>;
      readonly daysAgo: number;
      /** Days that are entered, by field: so many working days after the day on which the county was loaded. */
      readonly workingDaysAhead?: Readonly<Record<string, number>>;
    }
  /** An official names an interested party: the neighbour who can sign in, or someone whom no register knows. */
  | {
      readonly move: "party";
      readonly by: string;
      readonly who: "neighbour" | "unregistered";
      readonly form: Readonly<Record<string, unknown>>;
      readonly daysAgo: number;
    }
  /** A message to the case: of the applicant, of the neighbour when she was told, or of an official by his sign-in name. */
  | {
      readonly move: "send";
      readonly by: "applicant" | "neighbour" | string;
      readonly message: string;
      readonly form: Readonly<Record<string, unknown>>;
      readonly daysAgo: number;
    }
  /** Waits until the procedure is there, or until the case is closed: timers and jobs take it there. */
  | { readonly move: "reach"; readonly element: string }
  | { readonly move: "close" }
  | { readonly move: "rate"; readonly rating: Rating; readonly words: string; readonly answer?: string };

export interface CaseScript {
  /** Names it in the node's settings. */
  readonly name: string;
  /** `company`: the company whose representative can sign in. Otherwise one of the county's shops. */
  readonly applicant?: "company";
  readonly submittedDaysAgo: number;
  readonly form?: Readonly<Record<string, unknown>>;
  readonly moves: readonly Move[];
}

type Form = Readonly<Record<string, unknown>>;

function task(by: string, element: string, daysAgo: number, form: Form): Extract<Move, { move: "task" }> {
  return { move: "task", by, element, form, daysAgo };
}

const accept = (daysAgo: number, siteCheckNeeded: "yes" | "no" = "yes", by = "accept") =>
  task(by, "acceptance", daysAgo, { outcome: "accept", siteCheckNeeded });
const supplement = (daysAgo: number, supplementDays: number) =>
  task("accept", "acceptance", daysAgo, {
    outcome: "supplement",
    missing: "平面布局图：请标明洗消区和更衣区的位置\n食品安全管理制度：请补充从业人员健康管理制度",
    supplementDays,
  });

const CHECKED: Form = {
  premises: "yes",
  hygiene: "yes",
  equipment: "yes",
  staff: "yes",
  rules: "yes",
  observations: "场所与平面布局图一致，设备设施齐全，环境整洁，从业人员持有健康证明。",
  present: "现场负责人",
  outcome: "pass",
};
const check = (by: string, daysAgo: number, more: Form = {}) => task(by, "siteCheck", daysAgo, { ...CHECKED, ...more });
const confirm = (by: string, daysAgo: number) => task(by, "siteCheckConfirm", daysAgo, { outcome: "agree" });
const propose = (by: string, daysAgo: number) => task(by, "examination", daysAgo, { outcome: "propose-grant" });
const RECTIFY: Form = {
  equipment: "no",
  observations: "操作间缺少独立的餐具消毒设施，冷藏柜温度显示损坏。",
  outcome: "rectify",
  rectifyDays: 10,
  reasons: "应当配备与供应量相适应的餐具消毒设施；冷藏设备应当能够显示温度。",
};

/** From acceptance to a proposal to grant, by two inspectors. */
function examined(first: string, second: string): readonly Move[] {
  return [accept(3), check(first, 2), confirm(second, 2), propose(first, 1)];
}

function granted(decider: string): readonly Move[] {
  return [task(decider, "decision", 0, { outcome: "grant" }), { move: "close" }];
}

/** An applicant asked for a hearing that he was offered. */
function hearingAskedFor(examiner: string): readonly Move[] {
  return [
    accept(4, "no"),
    task(examiner, "examination", 2, {
      outcome: "hearing",
      reasons: "相邻住户对拟设排烟位置提出异议，涉及重大利益（行政许可法第四十七条）。",
    }),
    {
      move: "send",
      by: "applicant",
      message: "hearingRequested",
      form: { note: "我们申请听证，愿意说明排烟改造方案。" },
      daysAgo: 1,
    },
  ];
}

/** A case in every state that the procedure has, so that whoever opens the demonstration finds work of each kind. */
export const CASE_SCRIPTS: readonly CaseScript[] = [
  {
    name: "company granted",
    applicant: "company",
    submittedDaysAgo: 4,
    moves: [
      ...examined("inspector1", "inspector2"),
      ...granted("decider"),
      { move: "rate", rating: "非常满意", words: "一次办好，上门核查也很耐心。" },
    ],
  },
  { name: "waiting for acceptance", submittedDaysAgo: 0, moves: [] },
  {
    name: "site check",
    submittedDaysAgo: 3,
    moves: [accept(1)],
  },
  {
    name: "company supplement",
    applicant: "company",
    submittedDaysAgo: 3,
    form: { premises: "清源县清源街道文昌路66号", items: ["cold-food", "self-made-drinks"], area: 120 },
    moves: [supplement(2, 10)],
  },
  {
    name: "decision",
    submittedDaysAgo: 4,
    moves: examined("inspector2", "inspector3"),
  },
  {
    name: "examination",
    submittedDaysAgo: 4,
    moves: [accept(3, "yes", "accept2"), check("inspector3", 1), confirm("inspector1", 1)],
  },
  {
    name: "second inspector",
    submittedDaysAgo: 3,
    moves: [accept(2), check("inspector1", 1)],
  },
  {
    name: "rectification",
    submittedDaysAgo: 4,
    moves: [accept(3), check("inspector2", 2, RECTIFY), confirm("inspector1", 2)],
  },
  {
    name: "extension asked",
    submittedDaysAgo: 4,
    moves: [
      accept(4, "no"),
      {
        move: "send",
        by: "inspector1",
        message: "extensionRequested",
        form: { note: "需要向外县核实中央厨房配送合同，十个工作日内难以完成。" },
        daysAgo: 1,
      },
    ],
  },
  {
    name: "hearing offered",
    submittedDaysAgo: 4,
    moves: [
      accept(4, "no"),
      task("inspector3", "examination", 1, {
        outcome: "hearing",
        reasons: "经营场所与居民住宅相邻，油烟排放涉及相邻居民重大利益（行政许可法第四十七条）。",
      }),
    ],
  },
  {
    name: "interested neighbour",
    submittedDaysAgo: 4,
    form: {
      premises: "清源县湖滨街道翠竹路31号",
      businessType: "catering",
      items: ["hot-food", "cold-food"],
      area: 85,
    },
    moves: [
      accept(4),
      check("inspector2", 2, { observations: "设备设施齐全；厨房排烟口设在北墙，距相邻住宅窗户约三米。" }),
      confirm("inspector4", 2),
      {
        move: "party",
        by: "inspector2",
        who: "neighbour",
        form: {
          name: "顾青禾",
          address: "清源县湖滨街道翠竹路29号1幢201室",
          interest: "住在隔壁二楼，拟设的厨房排烟口距其窗户约三米，油烟涉及通风、居住环境和健康。",
        },
        daysAgo: 1,
      },
      {
        move: "party",
        by: "inspector2",
        who: "unregistered",
        form: {
          name: "翠竹路33号租户（自称姓郑）",
          address: "清源县湖滨街道翠竹路33号一层",
          interest: "在另一侧相邻房屋租住，油烟可能从共用通道进入室内。",
        },
        daysAgo: 1,
      },
      task("inspector2", "examination", 0, {
        outcome: "hearing",
        reasons:
          "厨房排烟口与相邻住宅窗户距离较近，油烟排放直接关系相邻住户的重大利益（行政许可法第三十六条、第四十七条）。",
      }),
      {
        move: "send",
        by: "neighbour",
        message: "stated",
        form: { note: "我家老人有哮喘。请要求把排烟口改到屋顶，并装净化设备，否则我不同意。" },
        daysAgo: 0,
      },
    ],
  },
  {
    name: "hearing asked for",
    submittedDaysAgo: 4,
    moves: hearingAskedFor("inspector3"),
  },
  {
    name: "hearing",
    submittedDaysAgo: 4,
    moves: [
      ...hearingAskedFor("inspector2"),
      {
        ...task("hearing", "hearingArrangement", 0, {
          heldAt: "09:30",
          place: "清源县市场监督管理局三楼听证室",
          manner: "public",
          clerk: "褚明远",
        }),
        // Seven working days' notice, and within twenty of a request made the day before (行政许可法 §47, §48).
        workingDaysAhead: { heldOn: 10 },
      },
    ],
  },
  {
    name: "testing",
    submittedDaysAgo: 4,
    moves: [
      accept(4, "no"),
      task("inspector1", "examination", 2, {
        outcome: "special",
        specialKind: "testing",
        specialDays: 10,
        reasons: "使用自备水源，需要由有资质的机构检测水质是否符合生活饮用水卫生标准。",
      }),
    ],
  },
  {
    name: "granted in part",
    submittedDaysAgo: 4,
    form: { businessType: "catering", items: ["hot-food", "cold-food"], area: 85 },
    moves: [
      accept(3),
      check("inspector1", 2, {
        equipment: "no",
        observations: "热食类设备设施齐全；未设冷食类专间，无空气消毒设施和专用冷藏设备。",
        outcome: "fail",
        reasons: "冷食类制售不具备专间条件，热食类制售符合要求。",
      }),
      confirm("inspector3", 2),
      task("inspector1", "examination", 1, {
        outcome: "propose-partial",
        reasons: "热食类制售符合要求；冷食类制售未设专间，不符合要求。",
      }),
      task("decider2", "decision", 0, {
        outcome: "partial",
        refusedItems: "冷食类食品制售：未设专间",
        reasons: "冷食类制售未设专间，不具备与其食品品种、数量相适应的条件（食品安全法第三十三条）。",
      }),
      { move: "close" },
    ],
  },
  {
    name: "supplemented",
    submittedDaysAgo: 4,
    moves: [
      supplement(3, 10),
      { move: "send", by: "applicant", message: "supplemented", form: { note: "已按通知补正。" }, daysAgo: 1 },
    ],
  },
  {
    name: "overdue site check",
    submittedDaysAgo: 12,
    // Nobody answered in five working days: it counts as accepted, and its clock runs from receipt.
    moves: [{ move: "reach", element: "siteCheck" }],
  },
  {
    name: "overdue decision",
    submittedDaysAgo: 14,
    moves: [
      { move: "reach", element: "siteCheck" },
      check("inspector3", 0),
      confirm("inspector2", 0),
      propose("inspector3", 0),
    ],
  },
  {
    name: "granted, answered a poor rating",
    submittedDaysAgo: 4,
    moves: [
      ...examined("inspector3", "inspector1"),
      ...granted("decider2"),
      {
        move: "rate",
        rating: "不满意",
        words: "核查时间临时改了一次，没有提前通知。",
        answer: "经核实，改期通知发出过晚。已规定改期须提前一个工作日电话告知，并向您致歉。",
      },
    ],
  },
  {
    name: "granted, poor rating waits",
    submittedDaysAgo: 4,
    moves: [
      ...examined("inspector1", "inspector3"),
      ...granted("decider"),
      { move: "rate", rating: "非常不满意", words: "窗口电话打不通。" },
    ],
  },
  {
    name: "granted without site check",
    submittedDaysAgo: 3,
    moves: [
      accept(2, "no"),
      propose("inspector4", 1),
      ...granted("decider"),
      { move: "rate", rating: "非常满意", words: "材料少，办得快。" },
    ],
  },
  {
    name: "granted after rectification",
    submittedDaysAgo: 4,
    moves: [
      accept(4),
      check("inspector2", 3, RECTIFY),
      confirm("inspector4", 3),
      { move: "send", by: "applicant", message: "rectified", form: { note: "消毒柜和冷藏柜已更换。" }, daysAgo: 2 },
      check("inspector2", 1),
      confirm("inspector4", 1),
      propose("inspector2", 1),
      ...granted("decider2"),
      { move: "rate", rating: "满意", words: "整改要求讲得清楚。" },
    ],
  },
  {
    name: "refused",
    submittedDaysAgo: 4,
    moves: [
      accept(3),
      check("inspector1", 2, {
        premises: "no",
        hygiene: "no",
        observations: "操作间与卫生间直接相通，距垃圾收集点不足十米。",
        outcome: "fail",
        reasons: "场所布局和与污染源的距离不符合要求。",
      }),
      confirm("inspector2", 2),
      task("inspector1", "examination", 1, {
        outcome: "propose-refuse",
        reasons: "现场核查不符合要求，且无法通过整改解决。",
      }),
      task("decider", "decision", 0, {
        outcome: "refuse",
        reasons:
          "经营场所与卫生间直接相通，与污染源距离不足，不具备与经营的食品品种、数量相适应的条件（食品安全法第三十三条）。",
      }),
      { move: "close" },
    ],
  },
  {
    name: "withdrawn",
    submittedDaysAgo: 3,
    moves: [
      accept(2),
      { move: "send", by: "applicant", message: "withdrawn", form: { note: "店面另租，暂不开业。" }, daysAgo: 1 },
    ],
  },
  { name: "not our remit", submittedDaysAgo: 2, form: { withinDivision: "no" }, moves: [{ move: "close" }] },
  {
    name: "not accepted",
    submittedDaysAgo: 3,
    moves: [
      task("accept2", "acceptance", 2, {
        outcome: "not-accept",
        reasons: "申请场所属于食品生产加工小作坊，应当申请小作坊登记，不属于食品经营许可范围。",
      }),
      { move: "close" },
    ],
  },
  { name: "lapsed", submittedDaysAgo: 4, moves: [supplement(3, 1), { move: "close" }] },
];
