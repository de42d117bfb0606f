import { directory } from "#infrastructure/directory";
import { security } from "#infrastructure/security";
import type { PostRef, Principal } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import { putInForce } from "../../src/infrastructure/security/in-force.ts";
import { ROOMS } from "../../src/node/rooms.ts";
import { type TestNode, testNode } from "../../src/node/testing.ts";
import { answered } from "./answers.ts";

export type Administrator = Extract<Principal, { kind: "official" }>;

/** A small county with every room: a government, two authorities below it, and administrators of rights. */
export interface SecuredCounty {
  readonly node: TestNode;
  readonly government: string;
  readonly market: string;
  readonly publicSecurity: string;
  readonly proposer: Administrator;
  readonly approver: Administrator;
  readonly governmentProposer: Administrator;
  readonly governmentApprover: Administrator;
  as(principal: Principal): Front<typeof security>;
  /** A post that is in no directory. */
  post(authority: string, duties: readonly string[]): PostRef;
  /** Makes a post in the directory. */
  makePost(authority: string, duties: readonly string[]): Promise<PostRef>;
  /** What the notification brings about in a running node. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const DIVISION = "990101";
const both = (name: string) => ({ zh: name, en: name });

export async function securedCounty(): Promise<SecuredCounty> {
  let keeper = "";
  const node = await testNode({ systems: ROOMS, authorityOf: () => keeper });
  const asNode: Principal = { kind: "node", room: "test" };
  const doors = node.as(directory, asNode, { purpose: "administration" });
  const authority = async (code: string, parent?: string) => {
    const place = { address: "县前街1号", phone: "0999-990-0001", division: DIVISION, kind: "other" } as const;
    const remedies = { reconsideration: both("复议机关"), court: both("法院") };
    return answered(
      await doors.createAuthority({ code, name: both(code), ...(parent && { parent }), ...place, ...remedies }),
    ).id;
  };
  const government = await authority("990101-zf");
  const market = await authority("990101-scjg", government);
  const publicSecurity = await authority("990101-ga", government);
  keeper = market;
  const makePost = async (of: string, duties: readonly string[]): Promise<PostRef> => {
    const { id } = answered(
      await doors.createPost({ authority: of, title: both(duties.join(" ") || "岗"), duties: [...duties] }),
    );
    return answered(await doors.findPost({ id }));
  };
  const administrator = async (of: string, duty: string): Promise<Administrator> => ({
    kind: "official",
    id: node.kernel.newId(),
    post: await makePost(of, [duty]),
    assurance: 2,
  });
  return {
    node,
    government,
    market,
    publicSecurity,
    proposer: await administrator(market, "security.propose"),
    approver: await administrator(market, "security.approve"),
    governmentProposer: await administrator(government, "security.propose"),
    governmentApprover: await administrator(government, "security.approve"),
    as: (principal) => node.as(security, principal, { purpose: "administration" }),
    post: (of, duties) => ({
      id: node.kernel.newId(),
      title: both("岗"),
      authority: of,
      authorityName: both("局"),
      duties,
      division: DIVISION,
    }),
    makePost,
    refresh: () => putInForce(node.kernel.access, node.kernel.database, doors),
    close: node.close,
  };
}
