import { type Text, text } from "#lib/language/text";
import { type Classification, classOfOperation, classOfRegister, classOfService } from "../contract/classification.ts";
import type {
  Audience,
  Contract,
  MessageDeclaration,
  Operation,
  PartyRules,
  Register,
  Service,
  TaskDeclaration,
} from "../contract/contract.ts";
import type { EntryTypes } from "../contract/listing.ts";
import { entryTypes } from "../registers/entry-types.ts";
import { shapeOf } from "../registers/shape.ts";
import { PERSON_RIGHTS, type PersonRight } from "../system/act.ts";

/** The entity types of principals, as policies name them. A person who acts for an organization is still a `Person`. */
export type PrincipalType = "Public" | "Person" | "Official" | "Node";
export type ResourceType = "Room" | "Register" | "Service" | "Case";

/** Groups of actions that a policy can name at once: `action in Action::"command"`. */
export const ACTION_GROUPS = [
  "query",
  "command",
  /** What anyone may do, signed in or not. */
  "open",
  /** Submitting an application. */
  "apply",
  /** What reaches a running case from outside its tasks: a supplement, a withdrawal. */
  "message",
  "task",
  "case-read",
  /** Reading the ledger of all, for supervision. */
  "ledger-read",
  /** Seeing that the work on a case stands still. */
  "stopped",
  "register-read",
  /** Reading a register about natural persons. */
  "personal",
] as const;
export type ActionGroup = (typeof ACTION_GROUPS)[number];

/** One reason for which a contract lets someone do something; becomes one policy. */
export interface Grant {
  readonly audience: Audience;
  /** The post must hold it; officials alone. */
  readonly duty?: string;
  /** The act must have one of these; absent, any. */
  readonly purposes?: readonly string[];
  /** By which rights it may be done for another person; absent, by none. */
  readonly forOthers?: readonly PersonRight[];
  /** Systems that are not ours are admitted by the room itself. */
  readonly clients?: "admitted";
}

/** One thing that can be done at a door, and to whom its contract grants it. */
export interface Action {
  /** `population.findPerson`, `quality.foodLicence.submit`, `quality.foodLicence.task.examine`. */
  readonly id: string;
  readonly room: string;
  /** What follows the room in `id`. */
  readonly name: string;
  /** `population@1.0` */
  readonly contract: string;
  readonly kind: "query" | "command";
  readonly groups: readonly ActionGroup[];
  readonly resource: ResourceType;
  /** The id of the resource, where it is always the same; a case has its own. */
  readonly resourceId: string;
  readonly grants: readonly Grant[];
  readonly title: Text;
  /** What an entry tells a policy, where the action reads entries of a register. */
  readonly entry?: EntryTypes;
  /** What it shows or touches could do in the wrong hands. */
  readonly classification: Classification;
}

/** The duty of an auditor's post: it reads everything and changes nothing. */
export const AUDIT_DUTY = "audit.read";
/** The duty of a post at a counter, where a clerk files for someone who came in person. */
export const COUNTER_DUTY = "counter.file";

/** The duty of a post that looks entries up in a room's registers: `population.read`. */
export function registerDuty(room: string): string {
  return `${room}.read`;
}

/**
 * Reading entries of the ledger that are neither the reader's own nor of a case of his. What policies see of an entry is what stands in the log
 * in the clear; the action belongs to no room, as the ledger does.
 */
export const LEDGER_READ: Action = Object.freeze<Action>({
  id: "ledger.entries",
  room: "ledger",
  name: "entries",
  contract: "ledger@1.0",
  kind: "query",
  groups: ["query", "ledger-read"],
  resource: "Room",
  resourceId: "ledger",
  grants: [{ audience: "official", duty: AUDIT_DUTY, purposes: ["supervision"] }],
  title: text("查阅存证日志", "Read the ledger"),
  entry: { room: "text", operation: "text", type: "text" },
  classification: "personal",
});

/** Everything that can be done in a house of these contracts. */
export function actionsOfHouse(contracts: readonly Contract[]): readonly Action[] {
  const operators = operatorDuties(contracts);
  return [
    ...contracts.flatMap((contract) => [
      ...actionsOf(contract),
      ...(operators.length === 0 ? [] : Object.entries(contract.services)).map(([name, service]) =>
        stoppedAction({ contract, name, service, operators }),
      ),
    ]),
    LEDGER_READ,
  ];
}

/** The duties of posts that run the node: what stands still waits for them. */
export function operatorDuties(contracts: Iterable<Contract>): readonly string[] {
  return [...contracts].flatMap(({ operators }) => (operators === undefined ? [] : [operators]));
}

/** All actions of one contract, in its order: operations, registers, services and their tasks. */
export function actionsOf(contract: Contract): readonly Action[] {
  return [
    ...Object.entries(contract.operations).map(([name, operation]) => operationAction(contract, name, operation)),
    ...Object.entries(contract.registers).flatMap(([name, register]) => registerActions(contract, name, register)),
    ...Object.entries(contract.services).flatMap(([name, service]) => serviceActions(contract, name, service)),
  ];
}

/** The principal types that an action's contract provides for. No policy can go beyond them. */
export function principalTypes(action: Action): readonly PrincipalType[] {
  const types = new Set<PrincipalType>();
  for (const grant of action.grants) for (const type of typesOfAudience(grant.audience)) types.add(type);
  return [...types];
}

export function typesOfAudience(audience: Audience): readonly PrincipalType[] {
  switch (audience) {
    case "public":
      return ["Public", "Person", "Official", "Node"];
    case "person":
    case "organization":
      return ["Person"];
    case "official":
      return ["Official"];
    case "node":
      return ["Node"];
  }
}

function base(contract: Contract, name: string): Pick<Action, "id" | "room" | "name" | "contract"> {
  return { id: `${contract.id}.${name}`, room: contract.id, name, contract: `${contract.id}@${contract.version}` };
}

function operationAction(contract: Contract, name: string, operation: Operation): Action {
  const action: PlainAction = {
    ...base(contract, name),
    kind: operation.kind,
    groups: operation.audience.includes("public") ? [operation.kind, "open"] : [operation.kind],
    resource: "Room",
    resourceId: contract.id,
    grants: operation.audience.map((audience) =>
      audience === "official"
        ? { audience, ...(operation.duty && { duty: operation.duty }) }
        : { audience, ...(audience === "node" && operation.clients && { clients: operation.clients }) },
    ),
    title: operation.title,
  };
  return withLater(action, {
    ...(operation.lists !== undefined && { entry: () => listedEntry(contract, operation) }),
    classification: () => classOfOperation(contract, operation),
  });
}

function listedEntry(contract: Contract, { lists = "" }: Operation): Action["entry"] {
  if (typeof lists === "object") return lists.rows;
  const register = contract.registers[lists];
  return register && entryTypes(shapeOf(contract.id, lists, register));
}

type PlainAction = Omit<Action, "classification" | "entry">;

/** What is computed when a policy asks for it: a node starts before, and what makes no sense is reported with the contract's other faults. */
function withLater(
  action: PlainAction,
  later: { readonly entry?: () => Action["entry"]; readonly classification: () => Classification },
): Action {
  const known = new Map<string, unknown>();
  for (const [name, compute] of Object.entries(later)) {
    const get = () => {
      if (!known.has(name)) known.set(name, compute());
      return known.get(name);
    };
    Object.defineProperty(action, name, { get, enumerable: true, configurable: true });
  }
  return action as Action;
}

function registerActions(contract: Contract, name: string, register: Register): readonly Action[] {
  const { kind } = register.subject;
  const personal: readonly ActionGroup[] = kind === "person" || kind === "official" ? ["personal"] : [];
  return ["read", "history"].map((verb) => {
    const action: PlainAction = {
      ...base(contract, `${name}.${verb}`),
      kind: "query",
      groups: ["query", "register-read", ...personal],
      resource: "Register",
      resourceId: `${contract.id}.${name}`,
      grants: [
        { audience: "official", duty: registerDuty(contract.id), purposes: ["case", "register-keeping"] },
        { audience: "official", duty: AUDIT_DUTY, purposes: ["supervision"] },
      ],
      title: register.title,
    };
    return withLater(action, {
      entry: () => entryTypes(shapeOf(contract.id, name, register)),
      classification: () => classOfRegister(register),
    });
  });
}

function serviceActions(contract: Contract, name: string, service: Service): readonly Action[] {
  const { tasks, messages } = service.procedure;
  const actions: readonly PlainAction[] = [
    submitAction(contract, name, service),
    caseReadAction(contract, name, service),
    ...Object.entries(tasks).map(([task, declaration]) => taskAction(contract, name, task, declaration)),
    ...Object.entries(messages).map(([message, declaration]) =>
      messageAction({ contract, service, serviceName: name, name: message, message: declaration }),
    ),
    ...(service.procedure.parties ? [partyAction(contract, name, service.procedure.parties)] : []),
  ];
  return actions.map((action) => withLater(action, { classification: () => classOfService(service) }));
}

function submitAction(contract: Contract, name: string, service: Service): PlainAction {
  return {
    ...base(contract, `${name}.submit`),
    kind: "command",
    groups: ["command", "apply"],
    resource: "Service",
    resourceId: `${contract.id}.${name}`,
    grants: applicantGrants(service),
    title: service.title,
  };
}

/** The applicants themselves, and the clerk at the counter in front of whom they stand. */
function applicantGrants(service: Service): readonly Grant[] {
  return [
    ...service.applicants.map((audience) => ({ audience, ...forOthers(audience, service) })),
    { audience: "official", duty: COUNTER_DUTY, purposes: ["case"] },
  ];
}

function messageAction(of: {
  readonly contract: Contract;
  readonly service: Service;
  readonly serviceName: string;
  readonly name: string;
  readonly message: MessageDeclaration;
}): PlainAction {
  const { from } = of.message;
  return {
    ...base(of.contract, `${of.serviceName}.message.${of.name}`),
    kind: "command",
    groups: ["command", "message"],
    resource: "Case",
    resourceId: `${of.contract.id}.${of.serviceName}`,
    grants: [
      ...(from === "applicant"
        ? applicantGrants(of.service)
        : [{ audience: "official", duty: from.duty, purposes: ["case"] } as const]),
      // Whose interests are touched may be anyone, whoever may apply.
      ...(of.message.parties
        ? ANYONE.filter((audience) => !of.service.applicants.includes(audience)).map((audience) => ({
            audience,
            ...(audience === "person" && { forOthers: PERSON_RIGHTS }),
          }))
        : []),
    ],
    title: of.message.title,
  };
}

const ANYONE = ["person", "organization"] as const;

function forOthers(audience: Audience, service: Service): Pick<Grant, "forOthers"> {
  return audience === "person" && service.forOthers ? { forOthers: service.forOthers } : {};
}

/** Naming an interested party, recording what reached him, and writing down what he said. */
function partyAction(contract: Contract, name: string, parties: PartyRules): PlainAction {
  return {
    ...base(contract, `${name}.party`),
    kind: "command",
    groups: ["command", "message"],
    resource: "Case",
    resourceId: `${contract.id}.${name}`,
    grants: parties.duties.map((duty): Grant => ({ audience: "official", duty, purposes: ["case"] })),
    title: parties.title,
  };
}

function caseReadAction(contract: Contract, name: string, service: Service): PlainAction {
  const duties = new Set(Object.values(service.procedure.tasks).map((task) => task.duty));
  return {
    ...base(contract, `${name}.read`),
    kind: "query",
    groups: ["query", "case-read"],
    resource: "Case",
    resourceId: `${contract.id}.${name}`,
    grants: [
      ...service.applicants.map((audience) => ({
        audience,
        purposes: ["own-affairs", "case"],
        ...forOthers(audience, service),
      })),
      ...[...duties].map((duty): Grant => ({ audience: "official", duty, purposes: ["case"] })),
      { audience: "official", duty: COUNTER_DUTY, purposes: ["case"] },
      { audience: "official", duty: AUDIT_DUTY, purposes: ["supervision"] },
    ],
    title: service.title,
  };
}

/** Seeing that the work on a case stands still, and having it tried again: the number of a case and its item, and nobody's data. */
function stoppedAction(of: {
  readonly contract: Contract;
  readonly name: string;
  readonly service: Service;
  readonly operators: readonly string[];
}): Action {
  const { contract, name, service, operators } = of;
  const action: PlainAction = {
    ...base(contract, `${name}.stopped`),
    kind: "query",
    groups: ["query", "stopped"],
    resource: "Case",
    resourceId: `${contract.id}.${name}`,
    grants: operators.map((duty): Grant => ({ audience: "official", duty, purposes: ["administration"] })),
    title: service.title,
  };
  return withLater(action, { classification: () => classOfService(service) });
}

function taskAction(contract: Contract, service: string, name: string, task: TaskDeclaration): PlainAction {
  return {
    ...base(contract, `${service}.task.${name}`),
    kind: "command",
    groups: ["command", "task"],
    resource: "Case",
    resourceId: `${contract.id}.${service}`,
    grants: [{ audience: "official", duty: task.duty, purposes: ["case"] }],
    title: task.title,
  };
}
