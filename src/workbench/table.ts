import { attributes, type Html, html } from "#lib/html/html";
import type { Content } from "#ui/components/options";

export interface RecordTable {
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly Content[])[];
}

/** Rows under named columns; on a phone each row is a block, each cell says what it is. */
export function recordTable({ caption, head, rows }: RecordTable): Html {
  const cells = (row: readonly Content[]) =>
    row.map((cell, index) =>
      index === 0
        ? html`<th scope="row">${cell}</th>`
        : html`<td${attributes({ "data-label": head[index] ?? "" })}>${cell}</td>`,
    );
  return html`<table class="zt-table"><caption class="govuk-visually-hidden">${caption}</caption><thead><tr>${head.map(
    (name) => html`<th scope="col">${name}</th>`,
  )}</tr></thead><tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table>`;
}

/** Choices of which one stands: all, mine, not taken. */
export function filterLinks(
  label: string,
  links: readonly { readonly href: string; readonly text: string; readonly current: boolean }[],
): Html {
  return html`<nav aria-label="${label}"><ul>${links.map(
    (link) =>
      html`<li><a${attributes({ href: link.href, "aria-current": link.current ? "true" : undefined })}>${link.text}</a></li>`,
  )}</ul></nav>`;
}

/** An address with those of its parameters that are given. */
export function hrefWith(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
