import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import { type Content, isPresent, type Maybe, type Styled } from "#ui/components/options";

export interface TableCell extends Styled {
  readonly text?: Content | undefined;
  /** "numeric" aligns figures on the right. */
  readonly format?: string | undefined;
  readonly colspan?: number | undefined;
  readonly rowspan?: number | undefined;
}

export interface TableOptions extends Styled {
  readonly caption?: string | undefined;
  readonly captionClasses?: string | undefined;
  readonly head?: readonly TableCell[] | undefined;
  readonly rows: readonly Maybe<readonly TableCell[]>[];
  readonly firstCellIsHeader?: boolean | undefined;
}

export function table(options: TableOptions): Html {
  const own = attributes({ class: classNames("govuk-table", options.classes), ...options.attributes });
  const caption = options.caption
    ? html`<caption class="${classNames("govuk-table__caption", options.captionClasses)}">${options.caption}</caption>`
    : NOTHING;
  const head = options.head
    ? html`<thead class="govuk-table__head"><tr class="govuk-table__row">${options.head.map(headCell)}</tr></thead>`
    : NOTHING;
  const rows = (options.rows ?? [])
    .filter(isPresent)
    .map(
      (cells) =>
        html`<tr class="govuk-table__row">${cells.map((cell, index) => bodyCell(cell, index === 0 && options.firstCellIsHeader === true))}</tr>`,
    );
  return html`<table${own}>${caption}${head}<tbody class="govuk-table__body">${rows}</tbody></table>`;
}

function spans(cell: TableCell) {
  return { colspan: cell.colspan || undefined, rowspan: cell.rowspan || undefined, ...cell.attributes };
}

function headCell(cell: TableCell): Html {
  const format = cell.format && `govuk-table__header--${cell.format}`;
  return html`<th${attributes({ scope: "col", class: classNames("govuk-table__header", format, cell.classes), ...spans(cell) })}>${cell.text}</th>`;
}

function bodyCell(cell: TableCell, isHeader: boolean): Html {
  if (isHeader) {
    return html`<th${attributes({ scope: "row", class: classNames("govuk-table__header", cell.classes), ...spans(cell) })}>${cell.text}</th>`;
  }
  const format = cell.format && `govuk-table__cell--${cell.format}`;
  return html`<td${attributes({ class: classNames("govuk-table__cell", format, cell.classes), ...spans(cell) })}>${cell.text}</td>`;
}
