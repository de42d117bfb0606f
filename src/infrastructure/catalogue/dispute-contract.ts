import { z } from "zod";
import { command } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { MatterNumber } from "./entry-contract.ts";
import { stepRefusals, Words } from "./matter-contract.ts";
import { COORDINATE, catalogueLaw, GOVERN, READ } from "./terms.ts";

/** Either side's post: the step itself asks whether it is a requester's or a steward's. */
const either = { audience: ["official"], duty: READ, legalBasis: catalogueLaw } as const;
const step = { number: MatterNumber, words: Words };
const state = z.object({ state: z.string() });
const Outcome = field(z.enum(["share", "not-share", "other"]), {
  title: text("意见", "Outcome"),
  kind: "radios",
  options: {
    share: text("应当共享，由提供部门重新答复", "It is to be shared: the provider answers anew"),
    "not-share": text("不共享", "It is not to be shared"),
    other: text("其他（见说明）", "Other, as the words say"),
  },
});

/** 争议: negotiation, then the authority in charge of sharing, then the government; between levels the common superior's. */
export const disputeOperations = {
  raiseDispute: command({
    ...either,
    title: text("提出争议", "Raise a dispute"),
    input: z.object({
      number: field(MatterNumber, { title: text("争议事项编号", "Number of the matter in dispute") }),
      words: Words,
    }),
    output: z.object({ number: z.int() }),
    refusals: {
      ...stepRefusals,
      open: text("这一事项已有未了结的争议。", "A dispute about this is open already."),
    },
  }),
  offerSettlement: command({
    ...either,
    title: text("提出协商方案", "Offer a settlement"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
  acceptSettlement: command({
    ...either,
    title: text("接受协商方案", "Accept a settlement"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
  referDispute: command({
    ...either,
    title: text("提请主管部门协调", "Refer to the authority in charge"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
  coordinateDispute: command({
    audience: ["official"],
    duty: COORDINATE,
    legalBasis: catalogueLaw,
    title: text("提出协调意见", "Coordinate a dispute"),
    input: z.object({ ...step, outcome: Outcome }),
    output: state,
    refusals: stepRefusals,
  }),
  acceptCoordination: command({
    ...either,
    title: text("接受协调意见", "Accept the coordination"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
  appealDispute: command({
    ...either,
    title: text("提请人民政府决定", "Refer to the government"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
  decideDispute: command({
    audience: ["official"],
    duty: GOVERN,
    legalBasis: catalogueLaw,
    title: text("作出决定", "Decide a dispute"),
    input: z.object({ ...step, outcome: Outcome }),
    output: state,
    refusals: stepRefusals,
  }),
  withdrawDispute: command({
    ...either,
    title: text("撤回争议", "Withdraw a dispute"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
} as const;
