import assert from "node:assert/strict";
import { test } from "node:test";
import { compileAccess } from "#kernel/access/access";
import type { Act, Principal } from "#kernel/system/act";
import { catalogue } from "./contract.ts";

const official = (...duties: readonly string[]): Principal => ({
  kind: "official",
  id: "o",
  assurance: 2,
  post: {
    id: "p",
    title: { zh: "岗", en: "Post" },
    authority: "a",
    authorityName: { zh: "局", en: "Office" },
    duties,
    division: "990101",
  },
});

const ROLES: Readonly<Record<string, Principal>> = {
  public: { kind: "public" },
  person: { kind: "person", id: "p", assurance: 3 },
  node: { kind: "node", room: "datasets" },
  reader: official("catalogue.read"),
  steward: official("catalogue.steward"),
  reviewer: official("catalogue.review"),
  requester: official("catalogue.request"),
  coordinator: official("catalogue.coordinate"),
  governor: official("catalogue.govern"),
  auditor: official("audit.read", "catalogue.read", "catalogue.steward"),
  other: official("licensing.decide"),
};

const EVERYONE = Object.keys(ROLES);
/** Looking, for whoever reads the catalogue; an auditor who also reads it may look and do nothing. */
const LOOKS = ["reader", "auditor"];
/** Exactly who may do what; what is not here, nobody may. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  publicEntries: EVERYONE,
  listResources: [...LOOKS, "node"],
  findResource: [...LOOKS, "node"],
  describeResource: ["steward"],
  reviewEntry: ["reviewer"],
  listAsked: LOOKS,
  listMatters: LOOKS,
  findMatter: LOOKS,
  tendSharing: ["node"],
  noteAsked: ["requester"],
  requestData: ["requester"],
  completeRequest: ["requester"],
  withdrawRequest: ["requester"],
  askCompletion: ["steward"],
  askExtension: ["steward"],
  decideExtension: ["coordinator"],
  consentRequest: ["steward"],
  refuseRequest: ["steward"],
  confirmFlow: ["requester"],
  answerGrantEnd: ["requester"],
  giveUpGrant: ["requester"],
  suspendGrant: ["steward"],
  resumeGrant: ["steward"],
  proposeGrantEnd: ["steward"],
  fileGrantEnd: ["steward"],
  keepGrant: ["steward"],
  usesOfGrant: LOOKS,
  checkGrant: [...LOOKS, "node"],
  findGrant: ["node"],
  recordUse: ["node"],
  fileCorrection: ["requester"],
  withdrawCorrection: ["requester"],
  correctionNotices: ["requester"],
  acknowledgeNotice: ["requester"],
  answerCorrection: ["steward"],
  raiseDispute: ["reader"],
  offerSettlement: ["reader"],
  acceptSettlement: ["reader"],
  referDispute: ["reader"],
  acceptCoordination: ["reader"],
  appealDispute: ["reader"],
  withdrawDispute: ["reader"],
  coordinateDispute: ["coordinator"],
  decideDispute: ["governor"],
};

const access = compileAccess({ contracts: [catalogue] });

function isAllowed(operation: string, principal: Principal, about: Partial<Act> = {}): boolean {
  const action = access.actions.find(({ name }) => name === operation);
  assert.ok(action, operation);
  const act: Act = {
    ...{ id: "a", principal, purpose: "administration", legalBasis: [], zone: "extranet", language: "zh" },
    ...{ at: "2026-01-01T00:00:00Z", ...about },
  };
  return access.decide({ act, room: catalogue.id, operation, kind: action.kind }).allowed;
}

test("operation × role: exactly those whom the contract names, and nobody without a purpose", () => {
  assert.deepEqual(Object.keys(TABLE).sort(), Object.keys(catalogue.operations).sort());
  for (const [operation, allowed] of Object.entries(TABLE)) {
    const found = EVERYONE.filter((role) => isAllowed(operation, ROLES[role] as Principal));
    assert.deepEqual(found.sort(), [...allowed].sort(), operation);
    for (const role of EVERYONE) {
      assert.equal(isAllowed(operation, ROLES[role] as Principal, { purpose: undefined }), false, operation);
    }
  }
});

test("a foreign system has no way in as a room of this house has", () => {
  const origin = { node: "county", client: "CN/GOV/990101/tax" };
  for (const operation of ["findGrant", "recordUse", "tendSharing", "listResources"]) {
    assert.equal(isAllowed(operation, { kind: "node", room: "edge" }, { origin }), false, operation);
  }
});
