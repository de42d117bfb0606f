import type { EntityJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { Action } from "./action.ts";
import type { Attempt } from "./attempt.ts";

/** An attempt in Cedar's own JSON, to ask Cedar itself: in tests and benchmarks. */
export function cedarJsonRequest(action: Action, attempt: Attempt) {
  const room = { type: "Room", id: action.room };
  const service = { type: action.resource === "Case" ? "Service" : action.resource, id: action.resourceId };
  const ofCase = { type: "Case", id: attempt.caseId };
  const { purpose, zone, duties, legalBasis, ...rest } = attempt.context;
  const entities: EntityJson[] = [
    {
      uid: { type: "Action", id: action.id },
      attrs: {},
      parents: action.groups.map((id) => ({ type: "Action", id })),
    },
    ...(action.resource === "Room" ? [] : [{ uid: service, attrs: {}, parents: [room] }]),
    ...(action.resource === "Case"
      ? [
          {
            uid: ofCase,
            attrs: Object.fromEntries(
              Object.entries({
                authority: attempt.case?.authority,
                applicant: attempt.case?.applicant,
                counter: attempt.case?.counter,
              }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
            ),
            parents: [service],
          },
        ]
      : []),
  ];
  return {
    principal: { type: attempt.principal, id: attempt.principalId },
    action: { type: "Action", id: action.id },
    resource: action.resource === "Room" ? room : action.resource === "Case" ? ofCase : service,
    context: {
      ...rest,
      ...(attempt.entry !== undefined && { entry: { ...attempt.entry } }),
      legalBasis: [...legalBasis],
      ...(purpose !== undefined && { purpose: member("Purpose", purpose) }),
      zone: member("Zone", zone),
      classification: member("Classification", action.classification),
      duties: duties.map((duty) => member("Duty", duty)),
    },
    entities,
  };
}

function member(type: string, id: string) {
  return { __entity: { type, id } };
}
