import type { z } from "zod";
import type { directory } from "#infrastructure/directory";
import { type Text, text } from "#lib/language/text";
import { COUNTY } from "./county.ts";
import type { SeededRandom } from "./seeded-random.ts";

type Registers = (typeof directory)["registers"];
type AuthorityValue = z.input<Registers["authority"]["schema"]>;
type PostValue = z.input<Registers["post"]["schema"]>;
type OfficialValue = z.input<Registers["official"]["schema"]>;

interface Row<V> {
  readonly key: string;
  readonly value: V;
}

export interface Offices {
  readonly authorities: readonly Row<AuthorityValue>[];
  readonly posts: readonly Row<PostValue>[];
  readonly officials: readonly Row<OfficialValue>[];
  readonly appointments: readonly Row<{ readonly official: string; readonly post: string }>[];
  /** Key of each official by the sign-in name that he has. */
  readonly bySignInName: ReadonlyMap<string, string>;
}

export interface PostPlan {
  readonly title: Text;
  readonly duties: readonly string[];
  /** Name, sign-in name. */
  readonly holders: readonly (readonly [string, string])[];
}

export interface AuthorityPlan {
  readonly code: string;
  readonly name: Text;
  readonly kind: AuthorityValue["kind"];
  readonly address: string;
  readonly phone: string;
  readonly posts: readonly PostPlan[];
}

const COURT = text("清源县人民法院", "Qingyuan County People's Court");
const COUNTY_GOVERNMENT = text("清源县人民政府", "Qingyuan County People's Government");
const BASIC = "directory.delegate";
/** To see what a case rests on. */
const LOOK_UP = [BASIC, "population.read", "legal-entities.read", "quality.read", "register.read"];

/** To see what the registration of a vehicle rests on. */
const VEHICLES = [BASIC, "population.read", "public-security.read"];

const PLAN: readonly AuthorityPlan[] = [
  {
    code: "990101-zf",
    name: COUNTY_GOVERNMENT,
    kind: "people-government",
    address: "清源县清源街道县前街1号",
    phone: "0999-990-0001",
    posts: [
      {
        title: text("行政复议岗", "Reconsideration officer"),
        duties: [BASIC, "catalogue.read", "catalogue.govern"],
        holders: [["严正清", "reconsideration"]],
      },
      {
        title: text("权限管理岗", "Administrator of rights"),
        duties: [
          BASIC,
          "security.propose",
          "trust.administer",
          "trust.keys",
          "exchange.register",
          "exchange.watch",
          "network.look",
          "events.manage",
          "network.carry",
          "datasets.publish",
          "datasets.receive",
        ],
        holders: [["陶慎行", "rights"]],
      },
      {
        title: text("权限审批岗", "Approver of rights"),
        duties: [
          BASIC,
          "security.approve",
          "trust.administer",
          "trust.issue",
          "trust.keys",
          "exchange.register",
          "exchange.decide",
          "network.look",
          "events.manage",
          "network.release",
          "directory.approve",
        ],
        holders: [["姜持正", "rights2"]],
      },
      {
        title: text("个人信息保护岗", "Data protection officer"),
        duties: [BASIC, "data-rights.handle", "data-rights.approve-seal"],
        holders: [["乐守谨", "privacy"]],
      },
    ],
  },
  {
    code: "990101-scjg",
    name: text("清源县市场监督管理局", "Qingyuan County Administration for Market Regulation"),
    kind: "market-regulation",
    address: "清源县清源街道文昌路18号",
    phone: "0999-990-0315",
    posts: [
      {
        title: text("许可受理岗", "Acceptance clerk"),
        duties: [...LOOK_UP, "licensing.accept"],
        holders: [
          ["方小满", "accept"],
          ["程一诺", "accept2"],
        ],
      },
      {
        title: text("现场核查与审查岗", "Site inspector and examiner"),
        duties: [...LOOK_UP, "licensing.inspect", "licensing.examine"],
        holders: [
          ["赵翀", "inspector1"],
          ["钱雨桐", "inspector2"],
          ["孙立秋", "inspector3"],
          ["李𣲘", "inspector4"],
        ],
      },
      {
        title: text("许可决定岗", "Licensing decision maker"),
        duties: [...LOOK_UP, "licensing.decide"],
        holders: [
          ["吴守正", "decider"],
          ["郑安澜", "decider2"],
        ],
      },
      {
        title: text("局长", "Director"),
        duties: [
          ...LOOK_UP,
          "licensing.decide",
          "licensing.extend",
          "exchange.register",
          "exchange.decide",
          "data-rights.seal",
          "catalogue.read",
          "catalogue.review",
        ],
        holders: [["冯开明", "head"]],
      },
      {
        title: text("听证主持岗", "Hearing officer"),
        duties: [...LOOK_UP, "licensing.hear"],
        holders: [
          ["陈公允", "hearing"],
          ["褚明远", "hearing2"],
        ],
      },
      {
        title: text("登记注册岗", "Registrar of legal entities"),
        duties: [
          ...LOOK_UP,
          "register.keep",
          "exchange.register",
          "catalogue.read",
          "catalogue.steward",
          "catalogue.request",
        ],
        holders: [["卫嘉禾", "registrar"]],
      },
      {
        title: text("服务评价整改岗", "Officer for ratings and complaints"),
        duties: [BASIC, "participation.handle"],
        holders: [["蒋思齐", "ratings"]],
      },
    ],
  },
  {
    code: "990101-ga",
    name: text("清源县公安局", "Qingyuan County Public Security Bureau"),
    kind: "public-security",
    address: "清源县清源街道朝阳路66号",
    phone: "0999-990-0110",
    posts: [
      {
        title: text("户籍管理岗", "Keeper of the population register"),
        duties: [
          ...LOOK_UP,
          "register.keep",
          "exchange.register",
          "exchange.decide",
          "catalogue.read",
          "catalogue.steward",
          "catalogue.review",
        ],
        holders: [
          ["沈堃", "population"],
          ["韩晓暘", "population2"],
        ],
      },
      {
        title: text("车辆登记受理岗", "Acceptance clerk for vehicles"),
        duties: [...VEHICLES, "licensing.accept"],
        holders: [["杜若溪", "vehicles"]],
      },
      {
        title: text("车辆登记审查岗", "Examiner for vehicles"),
        duties: [...VEHICLES, "licensing.inspect", "licensing.examine"],
        holders: [
          ["白一帆", "vehicles-examine"],
          ["贺知行", "vehicles-examine2"],
        ],
      },
      {
        title: text("车辆登记决定岗", "Decision maker for vehicles"),
        duties: [...VEHICLES, "licensing.decide", "licensing.extend"],
        holders: [["龙怀瑾", "vehicles-decide"]],
      },
      {
        title: text("法制听证岗", "Hearing officer, public security"),
        duties: [...VEHICLES, "licensing.hear"],
        holders: [["程明理", "vehicles-hear"]],
      },
    ],
  },
  {
    code: "990101-zwfw",
    name: text("清源县政务服务管理局", "Qingyuan County Government Services Office"),
    kind: "government-services",
    address: "清源县湖滨街道湖滨路9号政务服务中心",
    phone: "0999-990-2345",
    posts: [
      {
        title: text("综合窗口岗", "Counter clerk"),
        duties: [...LOOK_UP, "licensing.counter", "counter.file"],
        holders: [
          ["杨喆", "counter"],
          ["朱明玥", "counter2"],
        ],
      },
      {
        title: text("平台管理岗", "Platform administrator"),
        duties: [BASIC, "directory.administer", "catalogue.read", "catalogue.coordinate", "exchange.register"],
        holders: [["秦守一", "admin"]],
      },
      {
        title: text("好差评管理岗", "Officer for ratings"),
        duties: [BASIC, "participation.handle"],
        holders: [["许言欢", "ratings2"]],
      },
      {
        title: text("代理权限认定岗", "Officer for powers to act"),
        duties: [BASIC, "identity.powers"],
        holders: [["葛知微", "powers"]],
      },
      {
        title: text("数据共享管理岗", "Officer for data sharing"),
        duties: [BASIC, "exchange.register", "exchange.decide"],
        holders: [["方明理", "sharing"]],
      },
    ],
  },
  {
    code: "990101-sj",
    name: text("清源县审计局", "Qingyuan County Audit Office"),
    kind: "audit",
    address: "清源县清源街道县前街3号",
    phone: "0999-990-0808",
    // An auditor reads everything and changes nothing: no other duty.
    posts: [{ title: text("审计岗", "Auditor"), duties: ["audit.read"], holders: [["何鉴", "auditor"]] }],
  },
];

/** Makes the county's authorities, their posts and who holds them. */
export function generateOffices(
  random: SeededRandom,
  plans: readonly AuthorityPlan[] = PLAN,
  division: string = COUNTY,
): Offices {
  const authorities: Row<AuthorityValue>[] = [];
  const posts: Row<PostValue>[] = [];
  const officials: Row<OfficialValue>[] = [];
  const appointments: Row<{ official: string; post: string }>[] = [];
  const bySignInName = new Map<string, string>();
  for (const plan of plans) {
    const authority = random.uuid();
    authorities.push({ key: authority, value: authorityValue(plan, division, authorities[0]?.key) });
    for (const { title, duties, holders } of plan.posts) {
      const post = random.uuid();
      posts.push({ key: post, value: { title, authority, duties: [...duties] } });
      for (const [name, signInName] of holders) {
        const official = random.uuid();
        const certificateNumber = duties.includes("licensing.inspect")
          ? `99${random.between(10_000_000, 99_999_999)}`
          : undefined;
        officials.push({ key: official, value: { name, authority, ...(certificateNumber && { certificateNumber }) } });
        appointments.push({ key: random.uuid(), value: { official, post } });
        bySignInName.set(signInName, official);
      }
    }
  }
  return { authorities, posts, officials, appointments, bySignInName };
}

function authorityValue(plan: AuthorityPlan, division: string, parent: string | undefined): AuthorityValue {
  const { code, name, kind, address, phone } = plan;
  // 行政复议法 §24: against a county government, at the government one level up; against its departments, at the county.
  const city = text("演示市人民政府", "Yanshi City People's Government");
  const reconsideration = kind === "people-government" ? city : COUNTY_GOVERNMENT;
  const court = kind === "people-government" ? text("演示市中级人民法院", "Yanshi Intermediate People's Court") : COURT;
  return { code, name, division, ...(parent && { parent }), kind, reconsideration, court, address, phone };
}
