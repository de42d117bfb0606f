import assert from "node:assert/strict";
import { test } from "node:test";
import { attributes, classNames, html, isHtml, join, NOTHING, type Renderable, safeUrl, trusted } from "#lib/html/html";

test("text is escaped, Html is not, and arrays are joined", () => {
  const item = html`<li>${"<b> & 'x'"}</li>`;
  assert.equal(String(html`<ul>${[item, item]}</ul>`), `<ul>${"<li>&lt;b&gt; &amp; &#39;x&#39;</li>".repeat(2)}</ul>`);
  assert.equal(String(html`${1}${2n}${trusted("<i></i>")}`), "12<i></i>");
});

test("null, undefined and booleans render nothing", () => {
  assert.equal(String(html`a${null}b${undefined}c${false}d${true}e${NOTHING}`), "abcde");
});

test("attributes: bare, left out, escaped, and checked by name", () => {
  assert.equal(
    String(html`<input${attributes({ disabled: true, hidden: false, value: '"<', id: undefined, size: 3 })}>`),
    '<input disabled value="&quot;&lt;" size="3">',
  );
  assert.throws(() => attributes({ 'x" onload': "1" }), TypeError);
  assert.throws(() => attributes({ onclick: "alert(1)" }), TypeError);
});

test("a URL that would run a script becomes #", () => {
  for (const bad of [
    "javascript:alert(1)",
    " JaVa\tScript:x",
    "\u0001javascript:x",
    "vbscript:x",
    "data:text/html,x",
  ]) {
    assert.equal(String(html`<a href="${bad}">x</a>`), '<a href="#">x</a>');
    assert.equal(String(attributes({ href: bad })), ' href="#"');
  }
  for (const good of ["/a:b", "?q=a:b", "https://x.test/", "mailto:a@b.test", "data:image/png;base64,AA", "#x"]) {
    assert.equal(safeUrl(good), good);
  }
});

test("only what begins an address can decide its scheme", () => {
  assert.equal(String(html`<a href="/find?q=${"a:b"}">x</a>`), '<a href="/find?q=a:b">x</a>');
  assert.throws(() => html`<a href="${"javascript"}${":x"}">x</a>`, /one value/);
});

test("what cannot be made safe is refused when the template is first used", () => {
  const value: Renderable = "x";
  assert.throws(() => html`<a href=${value}>x</a>`, /Quote/);
  assert.throws(() => html`<script>${value}</script>`, /script/);
  assert.throws(() => html`<!-- ${value} -->`, /comment/);
  assert.throws(() => html`<p style="${value}">x</p>`, /style/);
  assert.throws(() => html`<p ${value}>x</p>`, /Inside a tag/);
  assert.throws(() => html`<p title="${html`<b></b>`}">x</p>`, /never markup/);
  assert.throws(() => html`<p>${attributes({ id: "x" })}</p>`, /inside a tag/);
});

test("a heading's level may be a whole number", () => {
  assert.equal(String(html`<h${2} class="x">y</h${2}>`), '<h2 class="x">y</h2>');
});

test("join leaves empty pieces out and escapes the separator", () => {
  assert.equal(String(join(["a", null, "", "b"], " · ")), "a · b");
  assert.equal(String(join(["a", "b"], "<")), "a&lt;b");
});

test("classNames and isHtml", () => {
  assert.equal(classNames("a", false, undefined, "", "b"), "a b");
  assert.equal(isHtml(html`x`), true);
  assert.equal(isHtml({ kind: "content", toString: () => "<b>" }), false);
});
