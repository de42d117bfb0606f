/** The course of one exchange: what this node and the others that were a part of it know of it, in the order of time. */
import { exchange } from "#infrastructure/exchange";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import { eventsOfTrace } from "../infrastructure/events/tail.ts";
import type { CourseWanted } from "../infrastructure/exchange/course.ts";
import { nodeActOf } from "./node-act.ts";

type Course = Output<(typeof exchange)["operations"]["traceExchange"]["output"]>;

export interface WholeCourse {
  /** One line each, in the order of time. */
  readonly steps: readonly (Readonly<Record<string, unknown>> & { readonly node: string; readonly at: string })[];
  readonly trace: string | undefined;
  /** Nodes that were a part of it and told nothing, and why. */
  readonly silent: readonly { readonly node: string; readonly why: string }[];
  /** Messages of frames that both nodes know; and those of which they tell different things, or one alone knows. */
  readonly agreed: number;
  readonly disputed: readonly string[];
}

export async function wholeCourse(kernel: Kernel, wanted: CourseWanted): Promise<WholeCourse> {
  const act = () => nodeActOf(kernel, exchange.id);
  const own = await frontOf(kernel, exchange, act).traceExchange(wanted);
  if (isRefusal(own)) return { steps: [], trace: undefined, silent: [], agreed: 0, disputed: [] };
  const self = own.node ?? "local";
  const told = new Map<string, Course>([[self, own]]);
  const silent: { node: string; why: string }[] = [];
  for (const peer of new Set(own.steps.flatMap((step) => (step.kind === "frame" ? [step.peer ?? ""] : [])))) {
    const call = { room: exchange.id, operation: "traceExchange", input: wanted };
    const answer = await kernel.elsewhere?.transport.carry(peer, act(), call);
    if (answer === undefined || isRefusal(answer)) silent.push({ node: peer, why: answer?.code ?? "no-directory" });
    else told.set(peer, answer as Course);
  }
  const events = own.trace === undefined ? [] : await eventsOfTrace(kernel.database, own.trace);
  const steps = [...told]
    .flatMap(([node, { steps: known }]) => known.map((step) => ({ node, ...step })))
    .concat(events.map((event) => ({ node: self, act: "", kind: "event" as never, ...event })))
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return { steps, trace: own.trace, silent, ...compared(told, self) };
}

/** Of each message that this node and another exchanged, both must know the same leaf. */
function compared(told: ReadonlyMap<string, Course>, self: string): Pick<WholeCourse, "agreed" | "disputed"> {
  let agreed = 0;
  const disputed: string[] = [];
  for (const [peer, { steps }] of told) {
    if (peer === self) continue;
    const theirs = new Map(
      steps.flatMap((step) => (step.kind === "frame" ? [[placeOf(step), step.leaf] as const] : [])),
    );
    const ours = (told.get(self)?.steps ?? []).filter((step) => step.kind === "frame" && step.peer === peer);
    for (const step of ours) {
      if (theirs.get(placeOf(step)) === step.leaf) agreed += 1;
      else disputed.push(`${peer} ${placeOf(step)}`);
      theirs.delete(placeOf(step));
    }
    for (const place of theirs.keys()) disputed.push(`${peer} ${place}`);
  }
  return { agreed, disputed };
}

function placeOf({ frame, place }: Course["steps"][number]): string {
  return `${frame}/${place}`;
}
