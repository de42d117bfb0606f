import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { HEADERS_TIMEOUT_MS, MAX_FIELDS, MAX_URL_CHARACTERS, REQUEST_TIMEOUT_MS } from "#kernel/http/limits";
import type { Page } from "#kernel/http/page";
import { SECURITY_HEADERS } from "#kernel/http/server";
import { portalPages } from "../../src/portal/pages.ts";
import { workbenchPages } from "../../src/workbench/pages.ts";
import { csrfOf, type RawAnswer, RawClient, rawBytes } from "./raw-client.ts";
import { type TargetNode, targetNode } from "./target-node.ts";

/** Time that a busy machine may take beyond a timeout; the test fails only where there is no end at all. */
const GRACE_MS = 15_000;
const ABSENT = "01a20000-0000-7000-8000-000000000000";
let target: TargetNode;
let slow: Promise<readonly Awaited<ReturnType<typeof rawBytes>>[]>;
const clients: RawClient[] = [];

function client(): RawClient {
  const made = new RawClient(target.address);
  clients.push(made);
  return made;
}

async function signedIn(signInName: string): Promise<RawClient> {
  const made = client();
  await made.signIn(signInName);
  return made;
}

before(async () => {
  target = await targetNode();
  slow = slowRequests(new URL(target.address));
});
after(async () => {
  for (const one of clients) one.close();
  await target.close();
});

/** Requests that never end: a head without its end, a body without its end, one byte at a time. */
function slowRequests(base: URL) {
  const drip = async (write: (bytes: string) => void, head: string) => {
    write(head);
    for (let sent = 0; sent < 300; sent += 1) {
      await sleep(200);
      write("x");
    }
  };
  return Promise.all([
    rawBytes(base, (write) => drip(write, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")),
    rawBytes(base, (write) =>
      drip(
        write,
        "POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\n",
      ),
    ),
  ]);
}

/** An answer that says no, in words, under the headers that each answer carries; never a fault. */
function assertRefused(answer: RawAnswer, what: string): void {
  assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
  assertGuarded(answer, what);
}

function assertGuarded(answer: RawAnswer, what: string): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    assert.equal(answer.headers[name], value, `${what} lacks ${name}`);
  }
  assert.ok(answer.headers["cache-control"], `${what} says nothing about caches`);
}

function allPages(): readonly Page[] {
  return [...portalPages(target.node.site), ...workbenchPages(target.node.site)];
}

function addressOf(page: Page): string {
  return page.path.replaceAll(/:(\w+)/g, ABSENT);
}

test("the house has pages to be attacked", () => {
  for (const audience of ["public", "person", "official"] as const) {
    assert.ok(
      allPages().some((page) => page.audience === audience),
      audience,
    );
  }
});

describe("sessions", () => {
  test("a forged, malformed or foreign token is nobody's", async () => {
    const someone = await signedIn("owner");
    const token = someone.cookies.get("zt_session") ?? "";
    assert.match(token, /^[\w-]{43}$/);
    for (const forged of [
      "A".repeat(43),
      token.slice(0, 42),
      `${token}A`,
      token.toLowerCase() === token ? "" : token.toLowerCase(),
      "../../etc/passwd",
      "%00",
      "' OR 1=1 --",
      "x".repeat(4_000),
    ]) {
      const answer = await client().send("/my", { headers: { cookie: `zt_session=${encodeURIComponent(forged)}` } });
      assert.equal(answer.status, 303, forged);
      assert.match(String(answer.headers.location), /^\/sign-in\?/);
    }
  });

  test("a session ends when it is idle, when it is old and when it is ended; its form then changes nothing and says so", async () => {
    const owner = await signedIn("owner");
    const form = await owner.send("/my/identity");
    const csrf = csrfOf(form);
    target.setNow(Temporal.Now.instant().add({ minutes: 31 }).toString());
    assert.equal((await owner.send("/my")).status, 303);
    const late = await owner.post("/my/identity", { csrf, identity: "self" });
    assert.equal(late.status, 403);
    assert.match(late.text, /your session has ended/);
    target.setNow(undefined);
    assert.equal((await owner.send("/my")).status, 200);
    const kept = new Map(owner.cookies);
    const token = csrfOf(await owner.send("/my/identity"));
    assert.equal((await owner.post("/sign-out", { csrf: token })).headers["clear-site-data"], '"storage"');
    assert.equal(owner.cookies.get("zt_session"), undefined);
    for (const [name, value] of kept) owner.cookies.set(name, value);
    assert.equal((await owner.send("/my")).status, 303, "the token of an ended session works");
  });

  test("a token that came with a request is not the one that a sign-in gives", async () => {
    const planted = "P".repeat(43);
    const victim = client();
    victim.cookies.set("zt_session", planted);
    await victim.signIn("owner");
    assert.notEqual(victim.cookies.get("zt_session"), planted);
    const attacker = client();
    attacker.cookies.set("zt_session", planted);
    assert.equal((await attacker.send("/my")).status, 303);
  });

  test("cookies are for HTTP alone and for this site", async () => {
    const fresh = client();
    const form = await fresh.send("/sign-in");
    const csrf = csrfOf(form);
    const entered = await fresh.post("/sign-in", { csrf, signInName: "owner", password: "qingyuan-open-house" });
    for (const line of [...(form.headers["set-cookie"] ?? []), ...(entered.headers["set-cookie"] ?? [])]) {
      assert.match(line, /; HttpOnly/i, line);
      assert.match(line, /; SameSite=Lax/i, line);
    }
  });
});

describe("form tokens", () => {
  test("every form of the house refuses to be sent without one, from elsewhere, or after sign-out", async () => {
    const owner = await signedIn("owner");
    const other = await signedIn("company");
    const official = await signedIn("accept");
    const foreign = csrfOf(await other.send("/my/identity"));
    const before = csrfOf(await owner.send("/my/identity"));
    await owner.post("/sign-out", { csrf: before });
    await owner.signIn("owner");
    const posts = allPages().filter((page) => page.post !== undefined);
    assert.ok(posts.length > 5);
    for (const page of posts) {
      const who = page.audience === "official" ? official : owner;
      for (const csrf of [undefined, "", "x", foreign, before]) {
        const answer = await who.post(addressOf(page), csrf === undefined ? {} : { csrf });
        assert.equal(answer.status, 403, `${page.path} took the token ${csrf}`);
        assertGuarded(answer, page.path);
      }
    }
  });

  test("one that is sent twice in a form does not help", async () => {
    const owner = await signedIn("owner");
    const csrf = csrfOf(await owner.send("/my/identity"));
    assert.equal((await owner.post("/my/identity", `csrf=wrong&csrf=${csrf}`)).status, 403);
  });
});

describe("who may see what", () => {
  test("pages for people ask strangers to sign in; officials' pages are not there for citizens, nor people's for officials", async () => {
    const stranger = client();
    const owner = await signedIn("owner");
    const official = await signedIn("accept");
    const nothing = async (who: RawClient, path: string) => {
      const absent = await who.send("/no/such/page");
      const answer = await who.send(path);
      assert.equal(answer.status, 404, path);
      assert.equal(
        plain(answer, path),
        plain(absent, "/no/such/page"),
        `${path} differs from a page that is not there`,
      );
    };
    for (const page of allPages()) {
      if (page.get === undefined || page.audience === "public") continue;
      const path = addressOf(page);
      const asked = await stranger.send(path);
      assert.equal(asked.status, 303, page.path);
      assert.match(String(asked.headers.location), /^\/sign-in\?/);
      await nothing(page.audience === "official" ? owner : official, path);
    }
  });

  test("an official's form that a citizen sends with a good token does nothing", async () => {
    const owner = await signedIn("owner");
    const csrf = csrfOf(await owner.send("/my/identity"));
    for (const page of allPages().filter(({ audience, post }) => audience === "official" && post)) {
      assert.equal((await owner.post(addressOf(page), { csrf })).status, 404, page.path);
    }
  });
});

/** A page without its own address, form token and time. */
function plain(answer: RawAnswer, path: string): string {
  return answer.text
    .replaceAll(/back=[^"]*"/g, '"')
    .replaceAll(path, path.length > 10 ? "PATH" : path)
    .replaceAll(/name="(csrf|key)" value="[^"]*"| aria-current="page"/g, "")
    .replaceAll(/\d{2}:\d{2}(:\d{2})?/g, "TIME");
}

describe("addresses", () => {
  test("a way back leads to this site alone", async () => {
    for (const back of [
      "//evil.example",
      "https://evil.example",
      "/\\evil.example",
      "\\\\evil.example",
      "/\t/evil.example",
      "javascript:alert(1)",
      "/%0d%0aSet-Cookie: a=b\r\nX: y",
      " //evil.example",
      "http:evil.example",
    ]) {
      const stranger = client();
      const turned = await stranger.send(`/language/en?back=${encodeURIComponent(back)}`);
      assert.equal(turned.status, 303);
      const to = new URL(String(turned.headers.location), target.address);
      assert.equal(to.origin, new URL(target.address).origin, back);
      const csrf = csrfOf(await stranger.send("/sign-in"));
      const entered = await stranger.post("/sign-in", {
        csrf,
        back,
        signInName: "owner",
        password: "qingyuan-open-house",
      });
      assert.equal(entered.status, 303);
      const home = new URL(String(entered.headers.location), target.address);
      assert.equal(home.origin, new URL(target.address).origin, back);
      const identity = csrfOf(await stranger.send("/my/identity"));
      const chosen = await stranger.post("/my/identity", { csrf: identity, identity: "self", back });
      if (chosen.status === 303) {
        assert.equal(new URL(String(chosen.headers.location), target.address).origin, home.origin, back);
      }
    }
  });

  test("no path leads out of what is served", async () => {
    for (const path of [
      "/../../etc/passwd",
      "/..%2f..%2fetc%2fpasswd",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/assets/../../../package.json",
      "/assets/..%2f..%2f..%2fpackage.json",
      "/assets/%2e%2e/%2e%2e/package.json",
      "/assets/..%5c..%5cpackage.json",
      "/log/../../keys/master",
      "/log/..%2f..%2fkeys",
      "/log/tile/0/../../../x",
      "//etc/passwd",
    ]) {
      const answer = await client().send(path);
      assertRefused(answer, path);
      assert.doesNotMatch(answer.text, /root:|"dependencies"/);
    }
  });

  test("an address that is malformed, very long or full of surprises gets words in the reader's language", async () => {
    for (const [path, status] of [
      ["/%E0%A4%A", 400],
      ["/%", 400],
      [`/${"a".repeat(MAX_URL_CHARACTERS)}`, 414],
      [`/services?q=${"a".repeat(MAX_URL_CHARACTERS)}`, 414],
      [`/cases/${"a".repeat(400)}`, 303],
      ["/services/__proto__/constructor", 404],
      ["/services/quality/toString", 404],
      ["/verify/%00", 422],
    ] as const) {
      for (const [language, words] of [
        ["en", /<html lang="en"|Page not found|could not/],
        ["zh-CN", /lang="zh/],
      ] as const) {
        const answer = await client().send(path, { headers: { "accept-language": language } });
        assert.equal(answer.status, status, path);
        assertGuarded(answer, path);
        if (status !== 303) assert.match(answer.text, words, path);
      }
    }
    assert.equal((await client().send("/services?q=%00&__proto__=1&constructor=2&q[]=1")).status, 200);
    assert.equal(
      (await client().send("/api/%E0%A4%A")).headers["content-type"],
      "application/problem+json; charset=utf-8",
    );
  });
});

describe("requests", () => {
  test("headers beyond their limit, and bytes that are no request, are refused under the same headers", async () => {
    const big = await client().send("/", { headers: { cookie: `a=${"b".repeat(20_000)}` } });
    assert.equal(big.status, 431);
    assertGuarded(big, "big headers");
    const garbage = await rawBytes(new URL(target.address), (write) =>
      write("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"),
    );
    assert.match(garbage.text, /^HTTP\/1\.1 400 /);
    const smuggled = await rawBytes(new URL(target.address), (write) =>
      write(
        "POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /my HTTP/1.1\r\nHost: a\r\n\r\n",
      ),
    );
    assert.equal(smuggled.text.match(/HTTP\/1\.1 /g)?.length ?? 0, 1, "a request was read inside another");
  });

  test("bodies that are too big, of too many fields, or of names that JavaScript knows", async () => {
    const stranger = client();
    const csrf = csrfOf(await stranger.send("/sign-in"));
    const sent = (body: string) => stranger.post("/sign-in", body);
    assertRefused(await sent(`csrf=${csrf}&x=${"a".repeat(1_100_000)}`), "a big body");
    assertRefused(await sent(`csrf=${csrf}&${"a=1&".repeat(MAX_FIELDS + 1)}`), "many fields");
    for (const name of ["toString", "constructor", "hasOwnProperty", "__proto__", "valueOf", "__proto__.x", "then"]) {
      assertRefused(await sent(`csrf=${csrf}&signInName=nobody&password=x&${name}=1&${name}=2`), name);
    }
    assert.equal(({} as Record<string, unknown>)["x"], undefined);
    assertRefused(await sent(`csrf=${csrf}&signInName=%00&password=%00`), "U+0000");
    assertRefused(await sent(`csrf=${csrf}&signInName=%ED%A0%80&password=%FF%FE`), "bytes that are not UTF-8");
  });

  test("multipart forms that are cut, nested, unnamed or endless", async () => {
    const owner = await signedIn("owner");
    const csrf = csrfOf(await owner.send("/my/identity"));
    const part = (name: string, value: string) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
    const path = "/my/identity";
    const multipart = { "content-type": "multipart/form-data; boundary=zzz" };
    const raw = (body: string, headers: Record<string, string> = multipart) =>
      owner.send(path, { method: "POST", headers, body });
    assertRefused(await raw(`--zzz\r\n${part("csrf", csrf)}`), "cut in the middle");
    assertRefused(await raw("x", { "content-type": "multipart/form-data" }), "no boundary");
    assertRefused(await raw("--zzz\r\nno header at all\r\n--zzz--\r\n"), "a part without headers");
    assertRefused(await raw(""), "an empty body");
    assertRefused(await raw("--zzz--\r\n"), "no part");
    assertRefused(
      await owner.upload(
        path,
        Array.from({ length: 2_000 }, (_, at) => part(`f${at}`, "x")),
      ),
      "parts",
    );
    assertRefused(await owner.upload(path, [part("csrf", "a".repeat(300_000))]), "a big field");
    assertRefused(await owner.upload(path, [part("__proto__", "x"), part("toString", "x")]), "names");
    assertRefused(
      await owner.upload(path, [`Content-Disposition: form-data; name="f"; filename="x"\r\n\r\nfile`]),
      "a file for a page without uploads",
    );
  });

  test("a stranger's upload is not read", async () => {
    const answer = await client().upload(`/drafts/${ABSENT}/materials`, [
      `Content-Disposition: form-data; name="file"; filename="x"\r\n\r\n${"a".repeat(5_000_000)}`,
    ]);
    assert.equal(answer.status, 403);
    assert.match(answer.text, /not signed in/);
  });

  test("other methods and other types of body", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
      assertRefused(await client().send("/my/identity", { method }), method);
    }
    for (const [type, body] of [
      ["application/json", "{"],
      ["application/json", '{"csrf":{"a":1},"toString":1}'],
      ["text/xml", "<a/>"],
      ["text/plain", "csrf=x"],
    ] as const) {
      const answer = await client().send("/sign-in", { method: "POST", headers: { "content-type": type }, body });
      assertRefused(answer, `${type} ${body}`);
    }
  });

  test("a thousand at once are answered or told to come back, and the node goes on", async () => {
    const many = client();
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => many.send("/services")));
    for (const answer of answers) {
      assert.ok(answer.status === 200 || answer.status === 503, `${answer.status}`);
      assertGuarded(answer, "one of a thousand");
      if (answer.status === 503) assert.ok(answer.headers["retry-after"]);
    }
    assert.equal((await many.send("/healthz")).status, 200);
    assert.equal((await many.send("/")).status, 200);
  });
});

describe("the API", () => {
  test("wrong types, hostile names and U+0000 are refused in problem details; nothing is a fault", async () => {
    const owner = await signedIn("owner");
    const operations = [...target.node.site.kernel.systems.values()].flatMap(({ contract }) =>
      Object.keys(contract.operations).map(
        (operation) => `/api/${contract.id}/v${contract.version.split(".")[0]}/${operation}`,
      ),
    );
    assert.ok(operations.length > 20);
    for (const url of operations) {
      for (const [type, body] of [
        ["application/json", "{"],
        ["application/json", '{"__proto__":{"x":1}}'],
        ["application/json", '{"constructor":{"prototype":{"x":1}}}'],
        ["application/json", '{"id":"\\u0000","number":"\\u0000","name":"\\u0000"}'],
        ["application/json", '{"id":"a","number":"\\ud800","name":[[[[[[]]]]]]}'],
        ["application/xml", "<a/>"],
      ] as const) {
        const answer = await owner.send(url, {
          method: "POST",
          headers: { "content-type": type, "idempotency-key": crypto.randomUUID(), "zhengtong-purpose": "own-affairs" },
          body,
        });
        assert.ok(
          answer.status < 500 || answer.status === 503,
          `${url} ${type} ${body}: ${answer.status} ${answer.text}`,
        );
        assert.match(String(answer.headers["content-type"]), /json/);
        assertGuarded(answer, url);
      }
      const malformed = await owner.send(`${url}?input=%7B`, { headers: { "zhengtong-purpose": "own-affairs" } });
      assert.ok(malformed.status >= 400 && malformed.status < 500, url);
    }
    assert.equal(({} as Record<string, unknown>)["x"], undefined);
  });

  test("no other site reads it in a visitor's name", async () => {
    const owner = await signedIn("owner");
    const answer = await owner.send("/api/identity/v1/listSessions", {
      method: "POST",
      headers: { origin: "https://evil.example", "content-type": "text/plain" },
      body: "{}",
    });
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
    assert.equal(answer.headers["cross-origin-resource-policy"], "same-origin");
  });
});

describe("signing in", () => {
  test("a name that exists and one that does not get the same answers, and the same wait", async () => {
    const answers: string[][] = [];
    for (const signInName of ["agent", "nobody-here"]) {
      const guesser = client();
      const said: string[] = [];
      for (let tries = 0; tries < 8; tries += 1) {
        const csrf = csrfOf(await guesser.send("/sign-in"));
        const answer = await guesser.post("/sign-in", { csrf, signInName, password: `wrong ${tries}` });
        const { date: _, ...headers } = answer.headers;
        said.push(
          `${answer.status} ${JSON.stringify(headers)} ${plain(answer, "/sign-in").replaceAll(signInName, "NAME")}`,
        );
      }
      answers.push(said);
    }
    const [known = [], unknown = []] = answers;
    for (const [index, answer] of known.entries()) {
      assert.ok(normal(answer) === normal(unknown[index] ?? ""), `try ${index + 1}`);
    }
    // Even the right password must wait now; nobody learns that it was right.
    const holder = client();
    const csrf = csrfOf(await holder.send("/sign-in"));
    const waiting = await holder.post("/sign-in", { csrf, signInName: "agent", password: "qingyuan-open-house" });
    assert.notEqual(waiting.status, 303);
    assert.equal(holder.cookies.get("zt_session"), undefined);
  });
});

/** Lengths of names differ, and with them the length of the page; what a passkey would sign is new each time. */
function normal(answer: string): string {
  return answer.replace(/"content-length":"\d+"/, "").replaceAll(/(?:value|data-options)="[^"]*"/g, "");
}

test("requests that never end are ended in time, with words", async () => {
  const [head, body] = await slow;
  assert.match(head?.text ?? "", /^HTTP\/1\.1 408 /);
  assert.ok((head?.elapsedMs ?? Infinity) < HEADERS_TIMEOUT_MS + GRACE_MS, `${head?.elapsedMs}`);
  assert.match(body?.text ?? "", /^HTTP\/1\.1 408 /);
  assert.ok((body?.elapsedMs ?? Infinity) < REQUEST_TIMEOUT_MS + GRACE_MS, `${body?.elapsedMs}`);
});

test("nothing of all this was a fault of the node, and no session or password is in its log", () => {
  const log = target.log();
  const faults = log.split("\n").filter((line) => /"msg":"request failed"/.test(line));
  assert.deepEqual(faults, []);
  assert.doesNotMatch(log, /zt_session|qingyuan-open-house/);
});
