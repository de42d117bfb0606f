import assert from "node:assert/strict";
import { test } from "node:test";
import { agentOf } from "./user-agent.ts";

test("Browsers and systems are told apart, and what says nothing of either is nothing", () => {
  const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
  const known: readonly (readonly [string, string])[] = [
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0 Safari/537.36 Edg/140.0`, "Edge · Windows"],
    [`Mozilla/5.0 (Linux; Android 14) ${webkit} Chrome/140.0 Mobile Safari/537.36`, "Chrome · Android"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1",
      "Safari · iOS",
    ],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"],
    [`Mozilla/5.0 (Phone; OpenHarmony 5.0) ${webkit} ArkWeb/4.1 HuaweiBrowser/5.1`, "Huawei Browser · HarmonyOS"],
    ["curl/8.9", ""],
  ];
  for (const [header, said] of known) assert.equal(agentOf(header), said);
  assert.equal(agentOf(undefined), "");
  assert.equal(agentOf(`${"x".repeat(100_000)}Firefox/1`), "");
});
