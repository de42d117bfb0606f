import { catalogue } from "#infrastructure/catalogue";
import { directory } from "#infrastructure/directory";
import type { PostRef, Principal } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import { putInForce } from "../../src/infrastructure/catalogue/policies-in-force.ts";
import { resourcesOf } from "../../src/infrastructure/catalogue/resources.ts";
import { ROOMS } from "../../src/node/rooms.ts";
import { type TestNode, testNode } from "../../src/node/testing.ts";
import { answered } from "./answers.ts";

export type Official = Extract<Principal, { kind: "official" }>;

/**
 * A county whose public security keeps `population` and whose market regulator keeps `quality`, with an office for data below the same
 * government, and the city's government above it.
 */
export interface SharingCounty {
  readonly node: TestNode;
  readonly city: string;
  readonly government: string;
  readonly publicSecurity: string;
  readonly market: string;
  readonly dataOffice: string;
  official(authority: string, ...duties: readonly string[]): Promise<Official>;
  as(principal: Principal): Front<typeof catalogue>;
  /** Describes a resource in one way, and releases it. */
  release(entry: {
    readonly resource: string;
    readonly sharing: "unconditional" | "conditional" | "none";
    /** Attributes that are shared in another way. */
    readonly but?: Readonly<Record<string, "unconditional" | "conditional" | "none">>;
    readonly steward: Official;
    readonly reviewer: Official;
  }): Promise<void>;
  /** From now on an authority keeps a room. */
  keeps(room: string, authority: string): void;
  /** What the notification brings about in a running node. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const both = (name: string) => ({ zh: name, en: name });

export async function sharingCounty(): Promise<SharingCounty> {
  const keepers: Record<string, string> = {};
  const node = await testNode({ systems: ROOMS, authorityOf: (room) => keepers[room] ?? keepers["*"] ?? "" });
  const doors = node.as(directory, { kind: "node", room: "test" }, { purpose: "administration" });
  const authority = async (code: string, division: string, parent?: string) =>
    answered(
      await doors.createAuthority({
        code,
        name: both(code),
        division,
        ...(parent && { parent }),
        kind: "other",
        address: "县前街1号",
        phone: "0999-990-0001",
        reconsideration: both("复议机关"),
        court: both("法院"),
      }),
    ).id;
  const city = await authority("9901-zf", "9901");
  const government = await authority("990101-zf", "990101", city);
  const publicSecurity = await authority("990101-ga", "990101", government);
  const market = await authority("990101-scjg", "990101", government);
  const dataOffice = await authority("990101-sjj", "990101", government);
  Object.assign(keepers, { "*": government, population: publicSecurity, quality: market, "legal-entities": market });
  const as = (principal: Principal) => node.as(catalogue, principal, { purpose: "administration" });
  return {
    node,
    city,
    government,
    publicSecurity,
    market,
    dataOffice,
    async official(of, ...duties) {
      const { id } = answered(
        await doors.createPost({ authority: of, title: both(duties.join(" ")), duties: [...duties] }),
      );
      const post: PostRef = answered(await doors.findPost({ id }));
      return { kind: "official", id: node.kernel.newId(), post, assurance: 2 };
    },
    as,
    async release({ resource, sharing, but, steward, reviewer }) {
      const { attributes } = answered(await as(steward).findResource({ resource }));
      const description = describedAs(attributes, sharing, but);
      const { number } = answered(await as(steward).describeResource({ resource, description }));
      answered(await as(reviewer).reviewEntry({ number, decision: "released", reason: "不涉密" }));
    },
    keeps: (room, authority) => void Object.assign(keepers, { [room]: authority }),
    refresh: () => putInForce(node.kernel.database, node.kernel.now()),
    close: node.close,
  };
}

type Description = Parameters<Front<typeof catalogue>["describeResource"]>[0]["description"];

/** A description in which every attribute is shared in one way. */
export function describedAs(
  attributes: readonly { readonly name: string }[],
  sharing: "unconditional" | "conditional" | "none",
  but: Readonly<Record<string, "unconditional" | "conditional" | "none">> = {},
): Description {
  const how = {
    unconditional: { sharing: "unconditional" },
    conditional: { sharing: "conditional", condition: "办理行政许可需要" },
    none: { sharing: "none", law: { law: "居民身份证法", article: "第十九条" } },
  } as const;
  return {
    class: "301001",
    abstract: both("人口基本信息"),
    attributes: attributes.map(({ name }) => ({ name, ...how[but[name] ?? sharing] })),
    updateCycle: "daily",
    open: true,
    contact: "户籍管理岗 0999-990-0110",
  };
}

const RESOURCES = resourcesOf(ROOMS.map(({ contract }) => contract));

type Content = Parameters<Front<typeof catalogue>["requestData"]>[0]["content"];

/** What the market regulator asks for: all of a resource, for cases, through \`quality\`. */
export function askedFor(resource: string): Content {
  return {
    attributes: RESOURCES.find(({ id }) => id === resource)?.attributes.map(({ name }) => name) ?? [],
    purpose: "办理食品经营许可，核对经营者身份",
    purposes: ["case"],
    law: "行政许可法",
    article: "第三十四条",
    perDay: 10,
    total: 100,
    until: "2027-06-30",
    systems: ["quality"],
    noOnwardUse: true,
  };
}
