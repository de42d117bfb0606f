import type { PageRequest } from "#kernel/http/page";

/** Whom the reader may ask about: themselves, and the organization for which they act. */
export function ownSubjects(request: PageRequest) {
  const principal = request.session?.principal;
  const self = { kind: "person", id: principal?.kind === "person" ? principal.id : "" } as const;
  const acting = request.session?.onBehalfOf;
  return acting ? ([self, { kind: "organization", id: acting.id } as const] as const) : ([self] as const);
}
