/** The demonstration of a country: which nodes it has, and which of them keeps what. Every division has the unassigned prefix 99. */
import type { NodeZone } from "#lib/directory/entries";
import { type Text, text } from "#lib/language/text";
import type { AuthorityPlan } from "../demonstration/offices.ts";
import type { SharingCast } from "../demonstration/sharing.ts";

export interface CountryNode {
  readonly code: string;
  readonly name: Text;
  readonly division: string;
  readonly zone: NodeZone;
  readonly above?: string;
  /** Rooms that it keeps for its division. */
  readonly rooms: readonly string[];
  /** Systems that are not ours call here. */
  readonly hasEdge?: true;
  /** Its own authority, but for the county, which has the demonstration's. */
  readonly authority?: AuthorityPlan;
  /** Others below it. */
  readonly departments?: readonly AuthorityPlan[];
  /** Who shares what it keeps, by sign-in name. */
  readonly sharing?: SharingCast;
}

const ADMINISTRATOR = text("节点目录管理岗", "Administrator of the directory");
const APPROVER = text("节点目录审批岗", "Approver of the directory");
const STEWARD = text("数据共享管理岗", "Officer for data sharing");
const REVIEWER = text("保密审查岗", "Reviewer of entries");
const BASIC = "directory.delegate";

function government(
  code: string,
  name: Text,
  officials: readonly [administrator: string, approver: string],
  stewards?: readonly [steward: string, reviewer: string],
): AuthorityPlan {
  return {
    ...{ code, name, kind: "people-government", address: "演示地址（样本）", phone: "0999-990-9900" },
    posts: [
      ...(stewards === undefined ? [] : stewardPosts(...stewards)),
      { title: ADMINISTRATOR, duties: [BASIC, "directory.administer"], holders: [[officials[0], "admin"]] },
      { title: APPROVER, duties: [BASIC, "directory.approve"], holders: [[officials[1], "admin2"]] },
    ],
  };
}

/** Who describes what the node keeps and answers whoever asks, and who reviews it. */
function stewardPosts(steward: string, reviewer: string): AuthorityPlan["posts"] {
  const duties = [BASIC, "catalogue.read"];
  return [
    { title: STEWARD, duties: [...duties, "catalogue.steward"], holders: [[steward, "steward"]] },
    { title: REVIEWER, duties: [...duties, "catalogue.review"], holders: [[reviewer, "reviewer"]] },
  ];
}

export const CENTRE: CountryNode = {
  ...{
    code: "centre",
    name: text("中央节点（样本）", "Centre (sample)"),
    division: "000000",
    zone: "extranet",
    rooms: [],
  },
  authority: government("990000-zx", text("演示中央机关", "Central authority (sample)"), ["常守中", "程知远"]),
};

/** It asks for persons on behalf of the regulators below it, whose systems look them up. */
const PROVINCIAL_REGULATOR: AuthorityPlan = {
  ...{ code: "990000-scjg", kind: "market-regulation", address: "演示地址（样本）", phone: "0999-990-9915" },
  name: text("演示省市场监督管理局", "Yanshi Provincial Administration for Market Regulation"),
  posts: [
    {
      title: text("数据需求岗", "Officer who asks for data"),
      duties: [BASIC, "catalogue.read", "catalogue.request"],
      holders: [["省需求", "requester"]],
    },
  ],
};

export const PROVINCE: CountryNode = {
  ...{ code: "yanshi-province", name: text("演示省节点（样本）", "Yanshi Province (sample)") },
  ...{ division: "990000", zone: "extranet", above: "centre", rooms: ["population"] },
  authority: government(
    "990000-zf",
    text("演示省人民政府", "Yanshi Provincial Government"),
    ["省明理", "省思齐"],
    ["省共享", "省慎言"],
  ),
  departments: [PROVINCIAL_REGULATOR],
  sharing: {
    population: { steward: "steward", reviewer: "reviewer" },
    ...{ requester: "requester", systems: ["node:qingyuan"] },
  },
};

export const CITY: CountryNode = {
  ...{ code: "yanshi-city", name: text("演示市节点（样本）", "Yanshi City (sample)") },
  ...{ division: "990100", zone: "extranet", above: "yanshi-province", rooms: ["legal-entities"] },
  authority: government(
    "990100-zf",
    text("演示市人民政府", "Yanshi City People's Government"),
    ["市怀德", "市日新"],
    ["市共享", "市慎言"],
  ),
  sharing: { legalEntities: { steward: "steward", reviewer: "reviewer" } },
};

/** It keeps the rest of the foundation: services, licences, its people's sign-in. */
export const COUNTY: CountryNode = {
  ...{ code: "qingyuan", name: text("清源县节点（样本）", "Qingyuan County (sample)") },
  ...{ division: "990101", zone: "extranet", above: "yanshi-city", hasEdge: true },
  rooms: [
    ...["identity", "quality", "certificates", "disclosure", "participation", "data-rights", "items", "procedures"],
    "security",
    "public-security",
  ],
};

/** No route leads to it: what it gets is ferried. */
export const INTRANET: CountryNode = {
  ...{ code: "qingyuan-intranet", name: text("清源县政务内网节点（样本）", "Qingyuan County, intranet (sample)") },
  ...{ division: "990101", zone: "intranet", rooms: [] },
  authority: {
    ...government("990101-nw", text("清源县政务内网管理机构", "Intranet authority (sample)"), ["", ""]),
    posts: [
      {
        title: text("摆渡经办岗", "Ferry carrier"),
        duties: [BASIC, "network.look", "network.carry"],
        holders: [["内守正", "admin"]],
      },
      {
        title: text("摆渡审批岗", "Ferry releaser"),
        duties: [BASIC, "network.look", "network.release"],
        holders: [
          ["内慎独", "admin2"],
          ["内明辨", "admin3"],
        ],
      },
    ],
  },
};

/** In the order in which each joins the one above. */
export const ON_WIRE: readonly CountryNode[] = [CENTRE, PROVINCE, CITY, COUNTY];
