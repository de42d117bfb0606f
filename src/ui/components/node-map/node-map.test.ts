import assert from "node:assert/strict";
import { test } from "node:test";
import { type MappedNode, nodeMap } from "#ui/components/node-map/node-map";

const node = (code: string, above?: string): MappedNode => ({
  ...{ code, name: `节点 ${code}`, note: "990101", above, isSelf: code === "a", state: "good" },
});
const drawn = (nodes: readonly MappedNode[]) => nodeMap({ label: "图", nodes }).toString();

test("each node is drawn once, with a route to the one above it", () => {
  const picture = drawn([node("a"), node("b", "a"), node("c", "a"), node("d", "c")]);
  assert.equal(picture.match(/<rect/g)?.length, 4);
  assert.equal(picture.match(/<path/g)?.length, 3);
  assert.equal(picture.match(/--self/g)?.length, 1);
});

test("nodes above each other, above nobody, or very deep are drawn all the same", () => {
  assert.equal(drawn([node("a", "b"), node("b", "a"), node("c", "c"), node("d", "gone")]).match(/<rect/g)?.length, 4);
  const deep = Array.from({ length: 40 }, (_, at) => node(`n${at}`, at === 0 ? undefined : `n${at - 1}`));
  assert.equal(drawn(deep).match(/<rect/g)?.length, 40);
});

test("names of others are text", () => {
  assert.ok(!drawn([{ ...node("a"), name: "<script>" }]).includes("<script>"));
});

test("a name is cut where the box ends, and not before", () => {
  const named = (name: string) => drawn([{ ...node("a"), name }]);
  assert.ok(named("Qingyuan County").includes(">Qingyuan County<"));
  assert.ok(named("清源县人民政府节点（样").includes(">清源县人民政府节点（样<"));
  assert.ok(named("清源县市场监督管理局第一节点").includes(">清源县市场监督管理局第…<"));
  assert.match(named("Administration for Market Regulation"), />Administration for M[^<]{0,4}…</);
});
