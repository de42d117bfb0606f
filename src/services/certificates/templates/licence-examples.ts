/** Example licences from the invented county: for tests, previews and the reference. */
import type { FoodLicenceData } from "./licence-kinds.ts";

const original: FoodLicenceData = {
  copy: "original",
  licenceNumber: "JY29901210000172",
  operator: {
    name: "清源县翠竹小吃店（个体工商户）",
    code: "92990101MA00000000",
    headTitle: "经营者",
    head: "堃犇喆",
    address: "清源县城关镇文三路 18 号一层",
  },
  premises: "清源县城关镇文三路 18 号一层",
  businessType: "餐饮服务经营者（小型餐馆）",
  scope: ["热食类食品制售", "冷食类食品制售（仅简单加工制售）", "自制饮品制售（不含自酿酒）"],
  validUntil: "2031-11-20",
  authority: { name: "清源县市场监督管理局" },
  issuedOn: "2026-11-21",
  verification: { link: "http://127.0.0.1:8080/verify/JY29901210000172", address: "127.0.0.1:8080/verify" },
  demonstration: true,
};

export const LICENCE_EXAMPLES: Readonly<Record<"original" | "duplicate", FoodLicenceData>> = {
  original,
  duplicate: {
    ...original,
    copy: "duplicate",
    changes: [{ on: "2027-03-01", text: "经营者名称由“翠竹小吃店”变更为“清源县翠竹小吃店（个体工商户）”" }],
  },
};
