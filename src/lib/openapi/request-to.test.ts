import assert from "node:assert/strict";
import { test } from "node:test";
import { requestTo } from "./request-to.ts";

const places = {
  method: "PUT",
  path: "/divisions/{division}/items/{id}",
  parameters: {
    division: { name: "division", in: "path" },
    id: { name: "id", in: "path" },
    grades: { name: "grades", in: "query" },
    kinds: { name: "kinds", in: "query", as: "joined" },
    filter: { name: "filter", in: "query", as: "json" },
    page: { name: "page", in: "query" },
    trace: { name: "X-Trace", in: "header" },
  },
} as const;

test("values stand where the document has them, each written as it says", () => {
  assert.deepEqual(
    requestTo(places, {
      ...{ division: "990101", id: "a/b {division}", grades: [1, 12], kinds: ["x", "y"], filter: { a: 1 } },
      ...{ page: { size: 10, before: "é" }, trace: 7, body: null },
    }),
    {
      method: "PUT",
      path: "/divisions/990101/items/a%2Fb%20%7Bdivision%7D",
      query: [
        { name: "grades", value: "1" },
        { name: "grades", value: "12" },
        { name: "kinds", value: "x,y" },
        { name: "filter", value: '{"a":1}' },
        { name: "size", value: "10" },
        { name: "before", value: "é" },
      ],
      headers: [{ name: "X-Trace", value: "7" }],
      body: null,
    },
  );
});

test("what was left out does not stand in it", () => {
  assert.deepEqual(requestTo(places, { division: "990101", id: 1 }), {
    ...{ method: "PUT", path: "/divisions/990101/items/1", query: [], headers: [] },
  });
});
