import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { MatterNumber, ResourceId } from "./entry-contract.ts";
import { stepRefusals } from "./matter-contract.ts";
import { catalogueLaw, READ, REQUEST } from "./terms.ts";

const TITLE_LENGTH_MAX = 500;
const NodeCode = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
const Asked = {
  node: NodeCode,
  /** Under which it stands at that node. */
  number: MatterNumber,
  resource: ResourceId,
  title: z.object({
    zh: z.string().min(1).max(TITLE_LENGTH_MAX),
    en: z.string().min(1).max(TITLE_LENGTH_MAX),
  }),
};

/** What an authority asked at other nodes: a request stands in the catalogue of the node that keeps the resource, and is found again here. */
export const askedOperations = {
  noteAsked: command({
    audience: ["official"],
    duty: REQUEST,
    legalBasis: catalogueLaw,
    title: text("记下在其他节点的申请", "Note what was asked at another node"),
    input: z.object(Asked),
    output: z.object({}),
    refusals: { "no-post": stepRefusals["no-post"] },
  }),
  listAsked: query({
    lists: { rows: { resource: "text" } },
    audience: ["official"],
    duty: READ,
    legalBasis: catalogueLaw,
    title: text("在其他节点的申请", "What was asked at other nodes"),
    input: z.object({}),
    output: z.object({ items: z.array(z.object({ ...Asked, at: z.string() })) }),
    refusals: { "no-post": stepRefusals["no-post"] },
  }),
} as const;
