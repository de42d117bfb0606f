import { implement } from "../implement.ts";
import { watchedExchange } from "../watching.ts";

/** Asked by another node, it tells what that one was itself a part of, and nothing else. */
export const traceExchange = implement("traceExchange", async (ctx, { act, trace }) => {
  const watched = watchedExchange();
  const wanted = act !== undefined ? { act } : trace !== undefined ? { trace } : undefined;
  if (wanted === undefined) return ctx.refuse("which-exchange");
  const self = watched?.view()?.self;
  const { origin } = ctx.act;
  const asking = origin === undefined || origin.node === self ? undefined : origin.node;
  const course = await watched?.course(wanted, asking);
  return {
    node: self,
    acts: [...(course?.acts ?? [])],
    trace: course?.trace,
    steps: (course?.steps ?? []).map((step) => ({ ...step })),
  };
});
