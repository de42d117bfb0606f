import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeLinks } from "./between-nodes.ts";

test("links that are made before the node belongs to a directory know its code once it does", () => {
  let self = "";
  const routes = {
    get self() {
      return self;
    },
    hostOf: () => ({ kind: "here" }) as const,
    standsInLine: () => false,
  };
  const transport = { carry: async () => ({}) };
  const place = { elsewhere: { routes, transport }, zone: "extranet", newId: () => "", now: () => "" } as const;
  const links = exchangeLinks(place, () => undefined);
  assert.equal(links?.self, "");
  self = "qingyuan";
  assert.equal(links?.self, "qingyuan");
});
