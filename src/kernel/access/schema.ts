import type { SchemaJson, TypeOfAttribute } from "@cedar-policy/cedar-wasm/nodejs";
import { CLASSIFICATIONS } from "../contract/classification.ts";
import { PURPOSES, type Zone } from "../system/act.ts";
import { ACTION_GROUPS, type Action, AUDIT_DUTY, COUNTER_DUTY, principalTypes, registerDuty } from "./action.ts";

const ZONES: readonly Zone[] = ["intranet", "extranet", "internet"];

const TEXT = { type: "String" } as const;
const entity = (name: string) => ({ type: "EntityOrCommon", name }) as const;
const setOf = (element: typeof TEXT | ReturnType<typeof entity>) => ({ type: "Set", element }) as const;

/**
 * What a policy sees of an attempt. Purpose, zone and duty are closed lists: a policy that misspells one does not compile.
 */
const ATTEMPT: Readonly<Record<string, TypeOfAttribute<string>>> = {
  purpose: { ...entity("Purpose"), required: false },
  /** As cited, in Chinese: `《行政许可法》第三十二条`. */
  legalBasis: setOf(TEXT),
  /** 0 nobody in particular, 1 password, 2 second factor, 3 certificate or in person; a room of this node has 3. */
  assurance: { type: "Long" },
  zone: entity("Zone"),
  /** Of what the action shows or touches, as the contract has it (`contract/classification.ts`). */
  classification: entity("Classification"),
  duties: setOf(entity("Duty")),
  authority: { ...TEXT, required: false },
  division: { ...TEXT, required: false },
  onBehalfOf: { type: "Record", attributes: { kind: TEXT, right: TEXT }, required: false },
  caseId: { ...TEXT, required: false },
  /** Of what did not begin on this node: the node that asks, and the foreign system that asks through it. */
  origin: { type: "Record", attributes: { node: TEXT, client: { ...TEXT, required: false } }, required: false },
};

/** What is known of a case: who handles it, who applied ("person", "organization"), and whether a clerk filed it at a counter. */
const CASE: Readonly<Record<string, TypeOfAttribute<string>>> = {
  authority: { ...TEXT, required: false },
  applicant: { ...TEXT, required: false },
  counter: { type: "Boolean", required: false },
};

const ENTRY_TYPES = { text: TEXT, long: { type: "Long" }, boolean: { type: "Boolean" } } as const;

/** Every duty that some contract names, in order; a post's other duties cannot matter to a decision. */
export function knownDuties(actions: readonly Action[]): readonly string[] {
  const duties = new Set([AUDIT_DUTY, COUNTER_DUTY]);
  for (const action of actions) {
    duties.add(registerDuty(action.room));
    for (const grant of action.grants) if (grant.duty !== undefined) duties.add(grant.duty);
  }
  return [...duties].sort();
}

/** The Cedar schema of a set of contracts: who can do what to which kind of resource, and what is known of an attempt. */
export function cedarSchema(actions: readonly Action[]): SchemaJson<string> {
  return {
    "": {
      commonTypes: { Attempt: { type: "Record", attributes: ATTEMPT } },
      entityTypes: {
        Public: {},
        Person: {},
        Official: {},
        Node: {},
        Purpose: { enum: [...PURPOSES] },
        Zone: { enum: [...ZONES] },
        Classification: { enum: [...CLASSIFICATIONS] },
        Duty: { enum: [...knownDuties(actions)] },
        Room: {},
        Register: { memberOfTypes: ["Room"] },
        Service: { memberOfTypes: ["Room"] },
        Case: {
          memberOfTypes: ["Service"],
          shape: { type: "Record", attributes: CASE },
        },
      },
      actions: {
        ...Object.fromEntries(ACTION_GROUPS.map((group) => [group, {}])),
        ...Object.fromEntries(actions.map((action) => [action.id, cedarAction(action)])),
      },
    },
  };
}

function cedarAction(action: Action) {
  return {
    memberOf: action.groups.map((id) => ({ id })),
    appliesTo: {
      principalTypes: [...principalTypes(action)],
      resourceTypes: [action.resource],
      context: contextOf(action),
    },
  };
}

/** Where entries of a register are read, the context holds the entry: of its attributes, each may be absent. */
function contextOf({ entry }: Action): { type: "Attempt" } | { type: "Record"; attributes: typeof ATTEMPT } {
  if (entry === undefined) return { type: "Attempt" };
  const attributes = Object.fromEntries(
    Object.entries(entry).map(([name, type]) => [name, { ...ENTRY_TYPES[type], required: false }]),
  );
  return { type: "Record", attributes: { ...ATTEMPT, entry: { type: "Record", attributes, required: false } } };
}
