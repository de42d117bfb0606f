/**
 * Decisions under 1,000 policies: the contracts' grants, the kernel's forbids and further ones. Ours, compiled, through the door's own
 * `decide`; the peer is cedar-wasm with the same policies prepared beforehand, asked the same requests. Answers must agree. Run
 * alone: `node bench/access.ts`.
 */
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { type Access, type AccessRequest, compileAccess } from "#kernel/access/access";
import { type Action, principalTypes } from "#kernel/access/action";
import { attemptOf } from "#kernel/access/attempt";
import { DEFAULT_ASSURANCE_FLOORS, grantPolicies, kernelPolicies } from "#kernel/access/base-policies";
import { readPolicies } from "#kernel/access/policy-sources";
import { knownDuties } from "#kernel/access/schema";
import { cedarJsonRequest } from "#kernel/access/testing";
import { LICENSING_LAW } from "#kernel/contract/citation";
import { type Act, PURPOSES } from "#kernel/system/act";
import { text } from "#lib/language/text";
import { ROOMS } from "../src/node/rooms.ts";
import { figure, quantile } from "./county/county-node.ts";

const POLICIES = 1_000;
const REQUESTS = 2_000;
const PEER_REQUESTS = 200;
const ROUNDS = 50;
const TITLE = text("岗", "Post");

const contracts = ROOMS.map(({ contract }) => contract);
const plain = compileAccess({ contracts });
const ofOfficials = plain.actions.filter((action) => principalTypes(action).includes("Official"));
const duties = knownDuties(plain.actions);
const base = { ...kernelPolicies(DEFAULT_ASSURANCE_FLOORS), ...grantPolicies(plain.actions) };

/**
 * As an administrator's are: some of one action, most of a group of actions or of all, each with a condition.
 * @param form how the condition on where the post is stands among others
 */
function furtherSources(count: number, form: (division: string) => string): Record<string, string> {
  const scopes = (action: Action) => [
    `action == Action::${JSON.stringify(action.id)}`,
    'action in Action::"task"',
    'action in Action::"register-read"',
    "action",
  ];
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => {
      const action = ofOfficials[at % ofOfficials.length] as Action;
      const scope = scopes(action)[at % 4];
      const source = `@zh("限制${at}") @en("Restriction ${at}") forbid(principal is Official, ${scope}, resource)
        when { ${form(`context has division && context.division like "99${String(at).padStart(4, "0")}*"`)} };`;
      return [`further.${at}`, source];
    }),
  );
}

function requests(): readonly AccessRequest[] {
  return Array.from({ length: REQUESTS }, (_, at) => {
    const action = plain.actions[(at * 7) % plain.actions.length] as Action;
    const own = action.grants.find(({ duty }) => duty !== undefined)?.duty;
    const held = [duties[at % duties.length], duties[(at * 3) % duties.length], ...(at % 2 === 0 ? [own] : [])];
    const official = {
      kind: "official",
      id: `o${at}`,
      assurance: ((at % 3) + 1) as 1 | 2 | 3,
      post: {
        id: `p${at}`,
        title: TITLE,
        authority: `a${at % 5}`,
        authorityName: TITLE,
        duties: held.filter((duty) => duty !== undefined),
        division: `99${String((at * 13) % 1_000).padStart(4, "0")}`,
      },
    } as const;
    const act: Act = {
      id: "act",
      principal: at % 4 === 3 ? { kind: "person", id: `n${at}`, assurance: 2 } : official,
      purpose: PURPOSES[at % PURPOSES.length],
      legalBasis: [{ law: LICENSING_LAW, article: "第三十二条" }],
      caseId: `c${at}`,
      zone: "extranet",
      language: "zh",
      at: "2026-01-01T00:00:00Z",
    };
    const ofCase = action.resource === "Case" ? { id: `c${at}`, authority: `a${at % 5}` } : undefined;
    return { act, room: action.room, operation: action.name, kind: action.kind, case: ofCase };
  });
}

const count = POLICIES - Object.keys(base).length;
const further = await readPolicies(
  contracts,
  furtherSources(count, (where) => `${where} && context.assurance < 3`),
);
// What stands behind a comparison, which may fail, cannot be looked up: each of these is evaluated.
const unlike = await readPolicies(
  contracts,
  furtherSources(count, (where) => `context.assurance < 3 && ${where}`),
);
const access = plain.with(further);
const prepared = preparsePolicySet("bench", { staticPolicies: { ...base, ...further } });
if (prepared.type !== "success") throw new Error("the peer does not take the policies");
const asked = requests();

/** Milliseconds of each decision. */
function timesOf(asks: Access): readonly number[] {
  for (const request of asked) asks.decide(request);
  const times = new Float64Array(ROUNDS * asked.length);
  let at = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const request of asked) {
      const before = performance.now();
      asks.decide(request);
      times[at++] = performance.now() - before;
    }
  }
  return [...times];
}

const times = timesOf(access);
const ours = times.reduce((sum, time) => sum + time, 0) / times.length;
const unlikeTimes = timesOf(plain.with(unlike));

const known = new Set(duties);
const peerRequests = asked.slice(0, PEER_REQUESTS).flatMap((request) => {
  const action = plain.actions.find(({ room, name }) => room === request.room && name === request.operation);
  return action === undefined ? [] : [{ request, json: cedarJsonRequest(action, attemptOf(request, known)) }];
});
const peerStarted = performance.now();
const answers = peerRequests.map(({ json }) => statefulIsAuthorized({ ...json, preparsedPolicySetId: "bench" }));
const peer = (performance.now() - peerStarted) / peerRequests.length;
for (const [at, answer] of answers.entries()) {
  const request = peerRequests[at]?.request;
  if (answer.type !== "success" || request === undefined) throw new Error("the peer does not take a request");
  const { allowed, policies } = access.decide(request);
  // Contracts offer some actions to some kinds of callers alone, which no policy can widen: there we deny without any.
  const same = allowed === (answer.response.decision === "allow") && (!allowed || policies.length > 0);
  if (!same) throw new Error(`the two differ: ${request.room}.${request.operation}`);
}

figure("policies", Object.keys(base).length + Object.keys(further).length, "policies");
figure("decision, p50", quantile(times, 0.5) * 1_000, "µs");
figure("decision, p99", quantile(times, 0.99) * 1_000, "µs", "≤ 100");
figure("decision, p99, no condition of a form that is looked up", quantile(unlikeTimes, 0.99) * 1_000, "µs");
figure("cedar-wasm, prepared: decision, mean", peer * 1_000, "µs");
figure("… against cedar-wasm, mean", peer / ours, "×", "≥ 50");
