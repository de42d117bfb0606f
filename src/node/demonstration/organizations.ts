import type { z } from "zod";
import { syntheticUnifiedSocialCredit } from "#lib/identifiers/unified-social-credit";
import type { legalEntities } from "#resources/legal-entities";
import { COUNTY_DIGITS, REFERENCE_DAY } from "./county.ts";
import { ageOf, canTrade, type PersonRow } from "./persons.ts";
import type { SeededRandom } from "./seeded-random.ts";

export type OrganizationValue = z.input<(typeof legalEntities)["registers"]["organization"]["schema"]>;
export interface OrganizationRow {
  readonly key: string;
  readonly value: OrganizationValue;
}

interface Trade {
  readonly suffixes: readonly string[];
  readonly scope: string;
  readonly weight: number;
}

const FOOD = "许可项目：餐饮服务；食品销售。（依法须经批准的项目，经相关部门批准后方可开展经营活动）";
const TRADES: readonly Trade[] = [
  { suffixes: ["小吃店", "面馆", "饭店", "餐馆", "早点铺", "火锅店", "饮品店"], scope: FOOD, weight: 34 },
  {
    suffixes: ["食品店", "便利店", "超市", "副食店"],
    scope: "许可项目：食品销售。一般项目：日用百货销售。",
    weight: 20,
  },
  { suffixes: ["服装店", "鞋店", "布艺店"], scope: "一般项目：服装服饰零售；鞋帽零售。", weight: 12 },
  { suffixes: ["五金店", "建材店", "水暖店"], scope: "一般项目：五金产品零售；建筑材料销售。", weight: 12 },
  { suffixes: ["理发店", "美发店"], scope: "许可项目：生活美容服务；理发服务。", weight: 8 },
  { suffixes: ["修理部", "汽修店", "手机维修店"], scope: "一般项目：机动车修理和维护；通讯设备修理。", weight: 8 },
  {
    suffixes: ["文具店", "书店", "打印店"],
    scope: "许可项目：出版物零售。一般项目：文具用品零售；办公服务。",
    weight: 6,
  },
];
const COMPANIES: readonly Trade[] = [
  { suffixes: ["餐饮有限公司", "餐饮管理有限公司"], scope: FOOD, weight: 5 },
  { suffixes: ["食品有限公司"], scope: "许可项目：食品生产；食品销售。", weight: 4 },
  { suffixes: ["商贸有限公司"], scope: "一般项目：日用百货销售；食用农产品批发。许可项目：食品销售。", weight: 5 },
  { suffixes: ["建筑工程有限公司"], scope: "许可项目：建设工程施工。", weight: 3 },
  { suffixes: ["信息技术有限公司"], scope: "一般项目：软件开发；信息系统集成服务。", weight: 2 },
  { suffixes: ["物流有限公司"], scope: "许可项目：道路货物运输。一般项目：装卸搬运。", weight: 2 },
];
const BRANDS =
  "翠竹 湖畔 青石 云岭 柳岸 桂香 春晖 福满 顺和 永兴 同心 稻香 金穗 晨露 小桥 老街 望湖 荷塘 山里人 三姐 阿明 老王 四季 兴旺 聚福 好邻居 清溪 竹韵 月半 桃源 松间 麦田 一品 家常 百味 众和 远航 宏达 瑞丰 天成 乐家 百灵 星河 小满 谷雨".split(
    " ",
  );

export const INDIVIDUAL_BUSINESSES = 470;
export const ENTERPRISES = 95;

/** Makes organizations whose heads are of the county's population, under names and codes used once. */
export class Organizations {
  readonly organizations: OrganizationRow[] = [];
  readonly #random: SeededRandom;
  readonly #names = new Set<string>();
  #sequence = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** An organization of the demonstration itself. */
  add(key: string, particulars: Omit<OrganizationValue, "creditCode" | "status">): OrganizationRow {
    this.#names.add(particulars.name);
    return this.#row(key, { ...particulars, status: "active" });
  }

  fill(people: readonly PersonRow[]): void {
    const random = this.#random;
    const traders = people.filter(canTrade);
    for (let made = 0; made < INDIVIDUAL_BUSINESSES; made++) {
      const trade = random.weighted(TRADES.map((each) => [each, each.weight] as const));
      this.#business("individual-business", trade, random.pick(traders));
    }
    for (let made = 0; made < ENTERPRISES; made++) {
      const trade = random.weighted(COMPANIES.map((each) => [each, each.weight] as const));
      this.#business("enterprise", trade, random.pick(traders));
    }
    this.#others(traders);
  }

  #business(kind: "individual-business" | "enterprise", trade: Trade, head: PersonRow): void {
    const random = this.#random;
    this.#row(random.uuid(), {
      name: this.#name(trade.suffixes),
      kind,
      representative: head.key,
      division: head.value.division,
      // A shop in a room on the third floor is no shop: the house alone.
      address: head.value.address.replace(/\d+幢.*$/, ""),
      businessScope: trade.scope,
      establishedOn: this.#establishedOn(head),
      status: random.weighted([
        ["active", 92],
        ["deregistered", 6],
        ["licence-withdrawn", 1],
        ["annulled", 1],
      ] as const),
    });
  }

  #others(traders: readonly PersonRow[]): void {
    const others: readonly (readonly [OrganizationValue["kind"], string, string])[] = [
      ["farmers-cooperative", "清源县上竹村竹笋专业合作社", "竹笋种植、加工、销售"],
      ["farmers-cooperative", "清源县柳湾村水稻专业合作社", "水稻种植、销售"],
      ["farmers-cooperative", "清源县云上村茶叶专业合作社", "茶叶种植、加工、销售"],
      ["farmers-cooperative", "清源县麦坪村果蔬专业合作社", "水果、蔬菜种植、销售"],
      ["public-institution", "清源县第一中学", "实施初中、高中学历教育"],
      ["public-institution", "清源县实验小学", "实施小学学历教育"],
      ["public-institution", "清源县人民医院", "提供医疗与护理保健服务"],
      ["public-institution", "清源县图书馆", "图书资料借阅服务"],
      ["social-organization", "清源县餐饮行业协会", "行业自律、交流、培训"],
      ["social-organization", "清源县志愿者协会", "组织志愿服务"],
      ["social-organization", "清源县老年人协会", "服务老年人"],
      ["other-organization", "清源县清源街道文昌社区居民委员会", "办理本居住地区居民的公共事务和公益事业"],
    ];
    for (const [kind, name, businessScope] of others) {
      const head = this.#random.pick(traders);
      const { division, address } = head.value;
      const place = { division, address: address.replace(/\d+幢.*$/, "") };
      const establishedOn = this.#establishedOn(head);
      this.#names.add(name);
      const facts = { name, kind, representative: head.key, ...place, businessScope, establishedOn };
      this.#row(this.#random.uuid(), { ...facts, status: "active" });
    }
  }

  #row(key: string, particulars: Omit<OrganizationValue, "creditCode">): OrganizationRow {
    const creditCode = syntheticUnifiedSocialCredit({
      kind: CODE_BEGINNINGS[particulars.kind],
      division: COUNTY_DIGITS,
      sequence: ++this.#sequence,
    });
    const row = { key, value: { ...particulars, creditCode } };
    this.organizations.push(row);
    return row;
  }

  #name(suffixes: readonly string[]): string {
    const random = this.#random;
    for (let tries = 0; ; tries++) {
      const brand = tries < 3 ? random.pick(BRANDS) : random.pick(BRANDS) + random.pick(BRANDS);
      const name = `清源县${brand}${random.pick(suffixes)}`;
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      return name;
    }
  }

  /** When its head was an adult already. */
  #establishedOn(head: PersonRow): string {
    const years = Math.min(ageOf(head) - 18, 17);
    const earliest = REFERENCE_DAY.subtract({ years });
    return earliest.add({ days: this.#random.between(0, Math.max(0, years * 365 - 30)) }).toString();
  }
}

// GB 32100-2015 table 1: registrar, then kind.
const CODE_BEGINNINGS: Readonly<Record<OrganizationValue["kind"], string>> = {
  enterprise: "91",
  "individual-business": "92",
  "farmers-cooperative": "93",
  "public-institution": "12",
  "social-organization": "51",
  "other-organization": "54",
};
