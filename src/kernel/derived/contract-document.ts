import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256Hex } from "#lib/crypto/digest";
import type { Text } from "#lib/language/text";
import type { AssuranceNeed } from "../contract/assurance.ts";
import type { Citation } from "../contract/citation.ts";
import type {
  Contract,
  EventType,
  Material,
  NoticeDeclaration,
  Operation,
  PartyRules,
  Procedure,
  Register,
  Service,
} from "../contract/contract.ts";
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";

export const CONTRACT_DOCUMENT_FORMAT = "zhengtong-contract/1";

export interface RegisterDocument {
  readonly title: Text;
  readonly subject: { readonly kind: string; readonly by?: string };
  readonly retention: { readonly years: number } | "permanent";
  readonly legalBasis: readonly Citation[];
  readonly schema: JsonSchema;
}

export interface OperationDocument {
  readonly kind: "query" | "command";
  readonly title: Text;
  readonly audience: readonly string[];
  readonly duty?: string;
  /** The attribute of the input that holds the division concerned. */
  readonly concerns?: string;
  readonly clients?: "admitted";
  /** The register whose entries it lists, or what its rows have, of which access policies may speak. */
  readonly lists?: Operation["lists"];
  /** Why policies leave no rows out of its list. */
  readonly unfiltered?: Operation["unfiltered"];
  readonly assurance?: AssuranceNeed;
  readonly legalBasis: readonly Citation[];
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  readonly refusals: Readonly<Record<string, Text>>;
}

export interface ServiceDocument {
  readonly title: Text;
  readonly summary: Text;
  readonly keywords: readonly string[];
  readonly applicants: readonly string[];
  /** By which rights one applies for another person. */
  readonly forOthers?: readonly string[];
  readonly procedure: { readonly title: Text; readonly diagram: string };
  readonly limits: Service["limits"];
  readonly fee: Text;
  readonly result: Text;
  readonly numberPrefix: string;
  /** Absent: for good. */
  readonly retention?: Service["retention"] & {};
  readonly assurance?: AssuranceNeed;
  /** Fields of the form that interested parties see. */
  readonly shownToParties?: readonly string[];
  readonly legalBasis: readonly Citation[];
  readonly form: JsonSchema;
  readonly facts: Service["facts"];
  readonly materials: Readonly<Record<string, Material>>;
}

export interface TaskDocument {
  readonly title: Text;
  readonly duty: string;
  /** The words that the official confirms with a signature. */
  readonly signed?: Text;
  readonly assurance?: AssuranceNeed;
  readonly form: JsonSchema;
}

export interface MessageDocument {
  readonly title: Text;
  readonly from: "applicant" | { readonly duty: string };
  readonly ends?: string;
  readonly notice?: string;
  /** Interested parties may send it as well. */
  readonly parties?: true;
  readonly step?: "kept" | "together";
  readonly form: JsonSchema;
}

export interface ProcedureDocument {
  readonly title: Text;
  /** File name and SHA-256 of the diagram: a changed course shows in review. */
  readonly diagram: { readonly file: string; readonly sha256: string };
  readonly legalBasis: readonly Citation[];
  readonly variables: JsonSchema;
  readonly tasks: Readonly<Record<string, TaskDocument>>;
  readonly messages: Readonly<Record<string, MessageDocument>>;
  readonly slots: Readonly<Record<string, Text>>;
  readonly notices: Readonly<Record<string, NoticeDeclaration>>;
  readonly parties?: Pick<PartyRules, "title" | "duties" | "answerDays" | "article">;
}

export interface EventDocument {
  readonly title: Text;
  readonly payload: JsonSchema;
  /** The attribute by which they keep their order. */
  readonly key?: string;
}

/** A contract as plain data: what `contracts/<id>.json` holds, and what two versions are compared by. */
export interface ContractDocument {
  readonly format: typeof CONTRACT_DOCUMENT_FORMAT;
  readonly id: string;
  readonly version: string;
  readonly title: Text;
  readonly steward: Text;
  readonly registers: Readonly<Record<string, RegisterDocument>>;
  readonly operations: Readonly<Record<string, OperationDocument>>;
  readonly services: Readonly<Record<string, ServiceDocument>>;
  readonly procedures: Readonly<Record<string, ProcedureDocument>>;
  readonly events: Readonly<Record<string, EventDocument>>;
}

/** Writes a contract down as data, the same for the same contract. Reads the diagrams of its procedures. */
export function contractDocument(contract: Contract): ContractDocument {
  return {
    format: CONTRACT_DOCUMENT_FORMAT,
    id: contract.id,
    version: contract.version,
    title: contract.title,
    steward: contract.steward,
    registers: mapped(contract.registers, registerDocument),
    operations: mapped(contract.operations, operationDocument),
    services: mapped(contract.services, serviceDocument),
    procedures: mapped(contract.procedures, procedureDocument),
    events: mapped(contract.events, eventDocument),
  };
}

function mapped<A, B>(parts: Readonly<Record<string, A>>, of: (part: A) => B): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, of(part)]));
}

function registerDocument({ title, subject, retention, legalBasis, schema }: Register): RegisterDocument {
  return { title, subject, retention, legalBasis, schema: jsonSchemaOf(schema, "output") };
}

function operationDocument(operation: Operation): OperationDocument {
  return {
    kind: operation.kind,
    title: operation.title,
    audience: operation.audience,
    ...(operation.duty !== undefined && { duty: operation.duty }),
    ...(operation.concerns !== undefined && { concerns: operation.concerns }),
    ...(operation.clients !== undefined && { clients: operation.clients }),
    ...(operation.assurance && { assurance: operation.assurance }),
    ...(operation.lists !== undefined && { lists: operation.lists }),
    ...(operation.unfiltered !== undefined && { unfiltered: operation.unfiltered }),
    legalBasis: operation.legalBasis,
    input: jsonSchemaOf(operation.input, "input"),
    output: jsonSchemaOf(operation.output, "output"),
    refusals: operation.refusals,
  };
}

function serviceDocument(service: Service): ServiceDocument {
  const { title, summary, keywords, applicants, limits, fee, result, numberPrefix, legalBasis, facts, materials } =
    service;
  const procedure = { title: service.procedure.title, diagram: fileName(service.procedure) };
  const form = jsonSchemaOf(service.form, "input");
  return {
    ...{ title, summary, keywords, applicants, procedure, limits, fee, result, numberPrefix, legalBasis },
    ...{ form, facts, materials },
    ...(service.forOthers && { forOthers: service.forOthers }),
    ...(service.retention && { retention: service.retention }),
    ...(service.assurance && { assurance: service.assurance }),
    ...(service.shownToParties && { shownToParties: service.shownToParties }),
  };
}

function procedureDocument(procedure: Procedure): ProcedureDocument {
  return {
    title: procedure.title,
    diagram: { file: fileName(procedure), sha256: sha256Hex(readFileSync(procedure.diagram)) },
    legalBasis: procedure.legalBasis,
    variables: jsonSchemaOf(procedure.variables, "output"),
    tasks: mapped(procedure.tasks, ({ title, duty, signed, assurance, form }) => ({
      title,
      duty,
      ...(signed && { signed }),
      ...(assurance && { assurance }),
      form: jsonSchemaOf(form),
    })),
    messages: mapped(procedure.messages, ({ title, from, ends, notice, parties, step, form }) => ({
      title,
      from,
      ...(ends !== undefined && { ends }),
      ...(notice !== undefined && { notice }),
      ...(parties && { parties }),
      ...(step !== undefined && { step }),
      form: jsonSchemaOf(form),
    })),
    slots: procedure.slots,
    notices: procedure.notices,
    ...(procedure.parties && { parties: partiesDocument(procedure.parties) }),
  };
}

function partiesDocument({ title, duties, answerDays, article }: PartyRules): ProcedureDocument["parties"] & {} {
  return { title, duties, answerDays, article };
}

function fileName(procedure: Procedure): string {
  return basename(fileURLToPath(procedure.diagram));
}

function eventDocument({ title, payload, key }: EventType): EventDocument {
  return { title, payload: jsonSchemaOf(payload, "output"), ...(key !== undefined && { key }) };
}
