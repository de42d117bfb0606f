import assert from "node:assert/strict";
import { request } from "node:https";
import { after, afterEach, before, describe, test } from "node:test";
import { events } from "#infrastructure/events";
import { isRefusal } from "#kernel/contract/refusal";
import type { Principal } from "#kernel/system/act";
import { Distribution } from "../../src/infrastructure/events/distribution.ts";
import eventsSystem from "../../src/infrastructure/events/system.ts";
import { Exchange } from "../../src/infrastructure/exchange/exchange.ts";
import { type SignedFrame, signFrame } from "../../src/infrastructure/exchange/frames/frame.ts";
import { callLine } from "../../src/infrastructure/exchange/frames/messages.ts";
import { book, bookRooms } from "../harness/book-rooms.ts";
import { type BrokenDatabase, brokenDatabase, type Defect } from "../harness/broken-database.ts";
import { Country } from "../harness/exchange-nodes.ts";
import { exchangeRecords } from "../harness/exchange-records.ts";
import { Recorder } from "../history/history.ts";
import { exactlyOnce, matchedEvidence, orderOfKeys } from "../history/invariants.ts";
import { checkLinearizable, wordsOf } from "../history/linearizable.ts";
import { type BookCall, type BookResult, bookModel } from "../history/models.ts";
import { answered, PUBLISHER } from "../rooms/event-node.ts";

/** The checkers of histories find nothing in what is built as it should be, and each defect in a build that has it. */

const ROOM = "CN/GOV/000000/statistics";
const TYPE = "noted";
const clerk: Principal = { kind: "node", room: "desk" };
const rooms = [...bookRooms, eventsSystem];
let country: Country;
let broken: BrokenDatabase;
before(async () => {
  const around = (sound: Parameters<typeof brokenDatabase>[0]) => {
    broken = brokenDatabase(sound);
    return broken.database;
  };
  country = await Country.open(
    { code: "centre", division: "000000", systems: rooms, hosts: [book.id], around },
    { code: "county", division: "990101", systems: rooms, hosts: ["desk"] },
  );
});
after(() => country.close());
afterEach(() => {
  broken.defect = undefined;
});

/** Has the defect do its work, and sees that it did. */
async function withDefect(defect: Defect, work: () => Promise<void>): Promise<void> {
  broken.defect = defect;
  await work();
  assert.ok(broken.reached > 0, `${defect} was never reached`);
}

interface History {
  readonly recorder: Recorder<BookCall, BookResult>;
  readonly acknowledged: string[];
  enter(page: string, value: string, options?: { readonly isAskedAgain?: boolean }): Promise<void>;
  read(page: string): Promise<readonly string[]>;
}

/** The county's clerk and the centre's book. */
function history(): History {
  const recorder = new Recorder<BookCall, BookResult>();
  const acknowledged: string[] = [];
  const front = (idempotencyKey?: string) =>
    country.node("county").as(book, clerk, { purpose: "administration", ...(idempotencyKey && { idempotencyKey }) });
  return {
    recorder,
    acknowledged,
    async enter(page, value, { isAskedAgain = false } = {}) {
      await recorder.run({ key: page, client: "clerk", call: { what: "enter", value } }, async () => {
        const first = answered(await front(value).enter({ page, value }));
        acknowledged.push(value);
        // As if the first answer had been lost on its way.
        return isAskedAgain ? answered(await front(value).enter({ page, value })) : first;
      });
    },
    async read(page) {
      const found = await recorder.run({ key: page, client: "reader", call: { what: "read" } }, async () =>
        answered(await front().read({ page })),
      );
      return found?.values ?? [];
    },
  };
}

const effects = (made: History, applied: readonly string[]) =>
  exactlyOnce({ asked: made.acknowledged, acknowledged: made.acknowledged, applied });

describe("an acknowledgement that leaves before its commit", () => {
  const power = async (page: string) => {
    const made = history();
    await made.enter(page, `${page} one`);
    broken.cutPower();
    return { made, left: await made.read(page) };
  };
  test("is none where the build is sound", async () => {
    const { made, left } = await power("sound power");
    assert.deepEqual(effects(made, left), []);
    assert.equal(checkLinearizable(made.recorder.operations, bookModel).kind, "linearizable");
  });
  test("is found by both checkers where it is not", async () => {
    await withDefect("acknowledges-before-commit", async () => {
      const { made, left } = await power("power");
      assert.deepEqual(effects(made, left), ["power one was acknowledged and is lost"]);
      const verdict = checkLinearizable(made.recorder.operations, bookModel);
      assert.match(wordsOf(verdict), /does not fit:[\s\S]*"what":"read"/);
    });
  });
});

describe("an act that is asked again under its key", () => {
  const twice = async (page: string) => {
    const made = history();
    await Promise.all([1, 2, 3].map((n) => made.enter(page, `${page} ${n}`, { isAskedAgain: n === 2 })));
    return { made, left: await made.read(page) };
  };
  test("is done once where the build is sound", async () => {
    const { made, left } = await twice("sound keys");
    assert.deepEqual(effects(made, left), []);
    const verdict = checkLinearizable(made.recorder.operations, bookModel);
    assert.equal(verdict.kind, "linearizable", wordsOf(verdict));
  });
  test("is found done twice where keys are not kept", async () => {
    await withDefect("forgets-keys", async () => {
      const { made, left } = await twice("keys");
      assert.deepEqual(effects(made, left), ["keys 2 took effect 2 times"]);
      assert.equal(checkLinearizable(made.recorder.operations, bookModel).kind, "not-linearizable");
    });
  });
});

/** The centre's exchange after a restart: what it knows of frames is what its database knows. */
async function restarted(work: (port: number) => Promise<void>): Promise<void> {
  const { identity, kernel } = country.node("centre");
  const again = new Exchange({
    view: () => country.view("centre"),
    ...{ signer: async () => identity.signer, tls: () => identity.tls },
  });
  await again.connect(kernel);
  await work(await again.listen({ host: "127.0.0.1", port: 0 }));
  await again.close();
}

function post(port: number, frame: SignedFrame): Promise<number | undefined> {
  const { identity, kernel } = country.node("county");
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path: "/exchange/frames",
        method: "POST",
        agent: false,
        ...identity.tls,
        rejectUnauthorized: false,
        headers: { ...frame.fields, "zhengtong-link": kernel.newId() },
      },
      (response) => resolve(response.resume().statusCode),
    );
    sent.on("error", reject);
    sent.end(frame.body);
  });
}

describe("a frame that somebody sends again after a restart", () => {
  const replay = async (page: string) => {
    const { kernel, identity, act } = country.node("county");
    const { signer } = identity;
    const call = { room: book.id, operation: "enter", input: { page, value: page } };
    const frame = await signFrame(
      {
        ...{ kind: "calls", id: kernel.newId(), from: "county", to: "centre" },
        lines: [callLine({ act: act(clerk, { purpose: "administration" }), call, major: 1, withinMs: 5_000 })],
        nowSeconds: Math.floor(Date.parse(kernel.now()) / 1000),
      },
      { keyId: signer.id, publicKey: signer.publicKey, algorithm: "ed25519", sign: signer.sign },
    );
    assert.equal(await post(country.node("centre").port, frame), 204);
    const made = history();
    const untilThere = async (times: number) => {
      for (let tries = 0; (await made.read(page)).length < times && tries < 200; tries++);
    };
    await untilThere(1);
    let status: number | undefined;
    await restarted(async (port) => {
      status = await post(port, frame);
      if (status === 204) await untilThere(2);
    });
    return { status, left: await made.read(page), page };
  };
  const found = ({ left, page }: Awaited<ReturnType<typeof replay>>) =>
    exactlyOnce({ asked: [page], acknowledged: [page], applied: left });
  test("is refused where the build is sound", async () => {
    const replayed = await replay("sound frames");
    assert.equal(replayed.status, 409);
    assert.deepEqual(found(replayed), []);
  });
  test("is found taken twice where frames are not remembered", async () => {
    await withDefect("forgets-frames", async () => {
      assert.deepEqual(found(await replay("frames")), ["frames took effect 2 times"]);
    });
  });
});

describe("what is on the record of both", () => {
  const findings = async () => {
    const [centre, county] = [country.node("centre"), country.node("county")];
    return matchedEvidence(
      await exchangeRecords(county.kernel.database, "centre"),
      await exchangeRecords(centre.kernel.database, "county"),
    );
  };
  /** What is found of one exchange: other tests have left theirs. */
  const records = async (page: string) => {
    const earlier = new Set(await findings());
    await history().enter(page, page);
    return (await findings()).filter((finding) => !earlier.has(finding));
  };
  test("agrees where the build is sound", async () => {
    assert.deepEqual(await records("sound record"), []);
  });
  test("is found missing where one side does not keep it", async () => {
    await withDefect("keeps-no-record", async () => {
      const found = await records("record");
      assert.ok(found.length > 0 && found.every((each) => /was answered, and never taken$/.test(each)));
    });
  });
});

describe("events of one key", () => {
  let opened = 0;
  const deliver = async (page: string) => {
    const { kernel, as } = country.node("centre");
    opened += 1;
    const [room, member] = [`${ROOM}${opened}`, "room:book"];
    const none = { mayPublish: false, maySubscribe: false, mayManage: false };
    const about = { purpose: "administration" } as const;
    const keeper = as(events, { kind: "node", room: "events" }, about);
    answered(await keeper.openRoom({ room, title: "统计", retentionDays: 30 }));
    answered(await keeper.defineType({ room, type: TYPE, schema: {}, orderBy: "page" }));
    answered(await keeper.admit({ ...none, room, member: PUBLISHER, mayPublish: true }));
    answered(await keeper.admit({ ...none, room, member, maySubscribe: true, target: "note" }));
    const subscriber = as(events, { kind: "node", room: "book" }, about);
    answered(await subscriber.subscribe({ room, member, type: TYPE, delivery: "PUSH" }));
    const origin = { node: "centre", client: PUBLISHER };
    const publisher = as(events, { kind: "node", room: "events" }, { ...about, origin });
    const values = [1, 2, 3, 4].map((n) => `${page} ${n}`);
    const made = values.map((value) => ({ type: TYPE, event: { page, value } }));
    answered(await publisher.publish({ room, member: PUBLISHER, events: made }));
    const distribution = new Distribution({ kernel, onFault: (fault) => assert.ifError(fault) });
    await distribution.settle();
    const arrived = await history().read(page);
    const keyed = (all: readonly string[]) => all.map((id) => ({ key: page, id }));
    return {
      once: exactlyOnce({ asked: values, acknowledged: values, applied: arrived }),
      order: orderOfKeys(keyed(values), keyed(arrived)),
    };
  };
  test("arrive once and in their order where the build is sound", async () => {
    assert.deepEqual(await deliver("sound order"), { once: [], order: [] });
  });
  test("are found out of order where none is kept", async () => {
    await withDefect("keeps-no-order", async () => {
      const { once, order } = await deliver("order");
      assert.deepEqual(once, []);
      assert.equal(order.length, 3);
    });
  });
  test("are found done twice where keys are not kept and an answer is lost", async () => {
    await withDefect("forgets-keys", async () => {
      const { kernel, as } = country.node("centre");
      const act = { purpose: "administration", idempotencyKey: "one delivery" } as const;
      const event = { id: kernel.newId(), data: { page: "note", value: "note" } };
      for (const _ of [1, 2]) {
        const taken = await as(book, { kind: "node", room: "events" }, act).note(event);
        assert.ok(!isRefusal(taken));
      }
      const applied = await history().read("note");
      assert.deepEqual(exactlyOnce({ asked: ["note"], acknowledged: ["note"], applied }), ["note took effect 2 times"]);
    });
  });
});
