import type { z } from "zod";
import type { identity } from "#infrastructure/identity";
import { type Text, text } from "#lib/language/text";
import type { legalEntities } from "#resources/legal-entities";
import type { population } from "#resources/population";
import type { publicSecurity } from "#systems/public-security";
import type { Offices } from "./offices.ts";
import type { OrganizationRow, Organizations } from "./organizations.ts";
import type { Population } from "./persons.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** The password of every demonstration sign-in. It is printed at the start of a demonstration node and exists on no other. */
export const DEMONSTRATION_PASSWORD = "qingyuan-open-house";

type AuthorizationValue = z.input<(typeof legalEntities)["registers"]["authorization"]["schema"]>;

type GuardianshipValue = z.input<(typeof population)["registers"]["guardianship"]["schema"]>;

type PowerValue = z.input<(typeof identity)["registers"]["power"]["schema"]>;
type VehicleValue = z.input<(typeof publicSecurity)["registers"]["vehicle"]["schema"]>;

/** A way to sign in to the demonstration. */
export interface SignIn {
  readonly signInName: string;
  readonly holderKind: "person" | "official";
  readonly holder: string;
  readonly name: string;
  /** What one is there. */
  readonly role: Text;
}

/** Who walks through the demonstration, and what they have and may. */
export interface Cast {
  readonly signIns: readonly SignIn[];
  readonly guardianships: readonly { readonly key: string; readonly value: GuardianshipValue }[];
  readonly powers: readonly { readonly key: string; readonly value: PowerValue }[];
  readonly vehicles: readonly { readonly key: string; readonly value: VehicleValue }[];
  readonly authorizations: readonly { readonly key: string; readonly value: AuthorizationValue }[];
  /** The shop for which the demonstration gets a licence. */
  readonly shop: OrganizationRow;
  readonly company: OrganizationRow;
}

const ROLES: readonly (readonly [string, Text])[] = [
  ["accept", text("市场监管局受理人员", "Acceptance clerk, market regulator")],
  ["inspector1", text("市场监管局核查、审查人员（一）", "Site inspector and examiner, first")],
  ["inspector2", text("市场监管局核查、审查人员（二）", "Site inspector and examiner, second")],
  ["inspector3", text("市场监管局核查、审查人员（三）", "Site inspector and examiner, third")],
  ["decider", text("市场监管局许可决定人员", "Licensing decision maker")],
  ["head", text("市场监管局局长", "Director of the market regulator")],
  ["hearing", text("市场监管局听证主持人", "Hearing officer")],
  ["registrar", text("市场监管局登记注册人员", "Registrar of legal entities")],
  ["ratings", text("市场监管局评价整改人员", "Officer for ratings, market regulator")],
  ["counter", text("政务服务中心窗口人员", "Counter clerk, service centre")],
  ["powers", text("政务服务管理局代理权限认定人员", "Officer for powers to act, services office")],
  ["sharing", text("政务服务管理局数据共享管理人员", "Officer for data sharing, services office")],
  ["population", text("公安局户籍管理人员", "Keeper of the population register")],
  ["population2", text("公安局户籍管理、目录审查人员", "Keeper of the population register, reviewer of its entries")],
  [
    "reconsideration",
    text("县政府复议、共享争议决定人员", "Reconsideration and disputes about sharing, county government"),
  ],
  ["vehicles", text("公安局车辆登记受理人员", "Acceptance clerk for vehicles, public security")],
  ["vehicles-examine", text("公安局车辆登记审查人员", "Examiner for vehicles, public security")],
  ["vehicles-decide", text("公安局车辆登记决定人员", "Decision maker for vehicles, public security")],
  ["auditor", text("审计局审计人员", "Auditor, read only")],
  ["admin", text("平台管理员", "Platform administrator")],
  ["rights", text("县政府权限管理人员", "Administrator of rights, county government")],
  ["rights2", text("县政府权限审批人员", "Approver of rights, county government")],
  ["privacy", text("县政府个人信息保护人员", "Data protection officer, county government")],
];

/** Makes the people who walk through the demonstration: they live in the county like everyone else. */
export function generateCast(
  random: SeededRandom,
  county: { readonly population: Population; readonly organizations: Organizations; readonly offices: Offices },
): Omit<Cast, "powers" | "vehicles"> {
  const { population, organizations, offices } = county;
  const [owner, husband, daughter] = population.add(
    [
      { role: "head", sex: "female", age: 37, surname: "林", named: { name: "林晓竹", birthDate: "1988-04-12" } },
      { role: "spouse", sex: "male", age: 39, surname: "周", named: { name: "周大川", birthDate: "1986-09-03" } },
      { role: "child", sex: "female", age: 9, surname: "周", named: { name: "周暘", birthDate: "2016-05-21" } },
    ],
    { division: "990101002", address: "清源县湖滨街道翠竹路27号2幢301室" },
  );
  const [agent] = population.add(
    [{ role: "head", sex: "male", age: 28, surname: "陈", named: { name: "陈思远", birthDate: "1997-11-08" } }],
    { division: "990101001", address: "清源县清源街道桂花巷5号1幢202室" },
  );
  const [representative] = population.add(
    [
      { role: "head", sex: "male", age: 45, surname: "沈", named: { name: "沈湖生", birthDate: "1980-06-18" } },
      { role: "spouse", sex: "female", age: 43, surname: "陆", named: { name: "陆昇", birthDate: "1982-12-01" } },
    ],
    { division: "990101002", address: "清源县湖滨街道望湖街88号6幢501室" },
  );
  if (!owner || !husband || !daughter || !agent || !representative)
    throw new RangeError("the demonstration's people are missing");
  const shop = organizations.add(random.uuid(), {
    name: "清源县翠竹小吃店",
    kind: "individual-business",
    representative: owner.key,
    division: "990101002",
    address: "清源县湖滨街道翠竹路27号",
    businessScope: "许可项目：餐饮服务；食品销售。（依法须经批准的项目，经相关部门批准后方可开展经营活动）",
    establishedOn: "2025-10-15",
  });
  const company = organizations.add(random.uuid(), {
    name: "清源县湖畔餐饮有限公司",
    kind: "enterprise",
    representative: representative.key,
    division: "990101002",
    address: "清源县湖滨街道湖滨路120号",
    businessScope: "许可项目：餐饮服务；食品销售。一般项目：餐饮管理；会议及展览服务。",
    establishedOn: "2019-03-28",
  });
  const [neighbour] = population.add(
    [{ role: "head", sex: "female", age: 52, surname: "顾", named: { name: "顾青禾", birthDate: "1973-10-09" } }],
    { division: "990101002", address: "清源县湖滨街道翠竹路29号1幢201室" },
  );
  if (!neighbour) throw new RangeError("the demonstration's neighbour is missing");
  const period = { from: "2026-01-01", to: "2030-12-31" };
  const authorization = {
    organization: shop.key,
    agent: agent.key,
    scope: "all-services",
    grantedBy: owner.key,
  } as const;
  const parent = { ward: daughter.key, relation: "parent", evidence: "出生医学证明 样本 9900001" } as const;
  return {
    shop,
    company,
    authorizations: [{ key: random.uuid(), value: { ...authorization, ...period } }],
    guardianships: [owner, husband].map(({ key }) => ({ key: random.uuid(), value: { ...parent, guardian: key } })),
    signIns: [
      person("owner", owner, text("翠竹小吃店经营者", "Owner of the shop Cuizhu")),
      person("agent", agent, text("翠竹小吃店的代办人", "Agent of the shop Cuizhu")),
      person("company", representative, text("湖畔餐饮有限公司法定代表人", "Legal representative of Hupan Catering")),
      person("neighbour", neighbour, text("隔壁住户，利害关系人", "Lives next door: an interested party")),
      ...ROLES.map(([signInName, role]) => official(offices, signInName, role)),
    ],
  };
}

export function person(signInName: string, row: { key: string; value: { name: string } }, role: Text): SignIn {
  return { signInName, holderKind: "person", holder: row.key, name: row.value.name, role };
}

function official(offices: Offices, signInName: string, role: Text): SignIn {
  const holder = offices.bySignInName.get(signInName);
  const name = offices.officials.find(({ key }) => key === holder)?.value.name;
  if (!holder || !name) throw new RangeError(`nobody in the county signs in as ${signInName}`);
  return { signInName, holderKind: "official", holder, name, role };
}
