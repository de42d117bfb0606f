/**
 * Whole code flows a second, four at a time from a second process: request pushed, browser sent, code, tokens, userinfo; each flow writes
 * two entries into the ledger before it is answered. "With its notice" also draws the page that says what is given to whom and sends its
 * form; the other flows are of someone who read it in the same session. Nobody signs in anew meanwhile: a password costs argon2id. The
 * peer is a bare `oidc-provider` with its in-memory adapter, its own development pages, and no ledger.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { newVerifier, System } from "../test/adversarial/openid-system.ts";
import { Browser } from "../test/guides/browser.ts";
import { clientForm, registerSystem } from "../test/guides/openid-node.ts";
import { cpuMsBetween, figure, freePort, quantile, startCountyNode } from "./county/county-node.ts";

const SECONDS = Number(process.env["ZHENGTONG_BENCH_SECONDS"] ?? 20);
const WARM_UP_SECONDS = 4;
const AT_ONCE = 4;
const ADDRESS = "http://127.0.0.1:4993";
const REDIRECT_URI = `${ADDRESS}/callback`;

/** The form of our notice, and of the peer's pages. */
const PAGE_FORM = /\/sign-in\/for\/|\/interaction\//;

/** One flow, from the pushed request to the claims. */
type Flow = (browser: Browser) => Promise<void>;

function flowOf(system: System, { notice }: { readonly notice: boolean }): Flow {
  return async (browser) => {
    const verifier = newVerifier();
    const to = await system.authorization(verifier, notice ? { prompt: "consent" } : {});
    const page = await browser.open(to, REDIRECT_URI);
    if (!browser.address.href.startsWith(REDIRECT_URI)) {
      await browser.fill(page, PAGE_FORM, { decision: "continue" }, REDIRECT_URI);
    }
    const { status, body } = await system.tokens(browser.address.searchParams.get("code"), verifier);
    if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`);
    const claims = await system.userinfo(body["access_token"]);
    if (claims.body["name"] !== "林晓竹") throw new Error(`no claims: ${JSON.stringify(claims.body)}`);
  };
}

async function flows(browsers: readonly Browser[], flow: Flow, seconds: number): Promise<readonly number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  await Promise.all(
    browsers.map(async (browser) => {
      for (let began = performance.now(); began < end; began = performance.now()) {
        await flow(browser);
        times.push(performance.now() - began);
      }
    }),
  );
  return times;
}

/** Flows a second. */
async function measured(browsers: readonly Browser[], flow: Flow): Promise<{ rate: number; p99: number }> {
  await flows(browsers, flow, WARM_UP_SECONDS);
  const began = performance.now();
  const times = await flows(browsers, flow, SECONDS);
  return { rate: (times.length * 1_000) / (performance.now() - began), p99: quantile(times, 0.99) };
}

async function browsersOf(signIn: (browser: Browser) => Promise<void>): Promise<readonly Browser[]> {
  const browsers = Array.from({ length: AT_ONCE }, () => new Browser());
  for (const browser of browsers) await signIn(browser);
  return browsers;
}

async function bareProvider() {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const registered = { id: "peer", secret: "s".repeat(43) };
  const child = fork(
    join(import.meta.dirname, "openid/bare-provider.ts"),
    [issuer, registered.id, registered.secret, REDIRECT_URI],
    { stdio: ["ignore", "ignore", "ignore", "ipc"] },
  );
  await once(child, "message");
  return { system: new System(issuer, registered, REDIRECT_URI), stop: () => child.kill() };
}

/** Its development pages: any name will do, then a consent. */
async function signInToBare(system: System, browser: Browser): Promise<void> {
  const form = await browser.open(await system.authorization(), REDIRECT_URI);
  const consent = await browser.fill(form, PAGE_FORM, { login: "owner", password: "x" }, REDIRECT_URI);
  await browser.fill(consent, PAGE_FORM, {}, REDIRECT_URI);
}

const node = await startCountyNode();
const peer = await bareProvider();
try {
  const ours = new System(node.address, await registerSystem(node.address, clientForm(ADDRESS)), REDIRECT_URI);
  const people = await browsersOf((browser) => browser.at(node.address).signIn("owner"));
  const strangers = await browsersOf((browser) => signInToBare(peer.system, browser));
  const before = { node: await node.usage(), aside: await node.aside() };
  const whole = await measured(people, flowOf(ours, { notice: true }));
  const after = { node: await node.usage(), aside: await node.aside() };
  const again = await measured(people, flowOf(ours, { notice: false }));
  const bare = await measured(strangers, flowOf(peer.system, { notice: true }));
  const bareAgain = await measured(strangers, flowOf(peer.system, { notice: false }));
  const count = whole.rate * SECONDS * (1 + WARM_UP_SECONDS / SECONDS);
  figure("code flows with their notice", whole.rate, "/s", "≥ 50");
  figure("code flows with their notice, p99", whole.p99, "ms");
  figure("processor a flow, node", cpuMsBetween(before.node, after.node) / count, "ms");
  if (before.aside && after.aside) {
    figure("processor a flow, PostgreSQL", (after.aside.postgresMs - before.aside.postgresMs) / count, "ms");
  }
  figure("code flows of someone who read it", again.rate, "/s");
  figure("a bare oidc-provider, with its pages", bare.rate, "/s");
  figure("a bare oidc-provider, without", bareAgain.rate, "/s");
  figure("against the bare provider, with pages", whole.rate / bare.rate, "×");
  for (const browser of [...people, ...strangers]) browser.close();
} finally {
  peer.stop();
  await node.stop();
}
