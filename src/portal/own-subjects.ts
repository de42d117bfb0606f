import type { PageRequest } from "#kernel/http/page";

/** Whom the reader may ask about: themselves, and the one for whom they act, unless that is in some services alone. */
export function ownSubjects(request: PageRequest) {
  const principal = request.session?.principal;
  const self = { kind: "person", id: principal?.kind === "person" ? principal.id : "" } as const;
  const acting = request.session?.onBehalfOf;
  const whole = acting !== undefined && acting.services === undefined;
  return whole ? ([self, { kind: acting.kind, id: acting.id }] as const) : ([self] as const);
}
