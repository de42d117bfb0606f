import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import { type Content, isPresent, type Maybe, type Styled } from "#ui/components/options";
import { type TagOptions, tag } from "#ui/components/tag/tag";

export interface TaskListItem {
  readonly title: { readonly text?: Content | undefined; readonly classes?: string | undefined };
  readonly hint?: { readonly text?: Content | undefined } | undefined;
  readonly status: {
    readonly text?: Content | undefined;
    readonly classes?: string | undefined;
    readonly tag?: TagOptions | undefined;
  };
  readonly href?: string | undefined;
  readonly classes?: string | undefined;
}

export interface TaskListOptions extends Styled {
  readonly idPrefix?: string | undefined;
  readonly items: readonly Maybe<TaskListItem>[];
}

/** The parts of a long application, each with its state. */
export function taskList(options: TaskListOptions): Html {
  const own = attributes({ class: classNames("govuk-task-list", options.classes), ...options.attributes });
  const prefix = options.idPrefix || "task-list";
  const items = (options.items ?? []).map((item, index) => isPresent(item) && row(item, `${prefix}-${index + 1}`));
  return html`<ul${own}>${items}</ul>`;
}

function row(item: TaskListItem, id: string): Html {
  const classes = classNames("govuk-task-list__item", item.href && "govuk-task-list__item--with-link", item.classes);
  const title = item.href
    ? html`<a class="${classNames("govuk-link govuk-task-list__link", item.title.classes)}" href="${item.href}" aria-describedby="${classNames(item.hint && `${id}-hint`, `${id}-status`)}">${item.title.text}</a>`
    : html`<div${attributes({ class: item.title.classes || undefined })}>${item.title.text}</div>`;
  const hint = item.hint ? html`<div id="${id}-hint" class="govuk-task-list__hint">${item.hint.text}</div>` : NOTHING;
  const status = item.status.tag ? tag(item.status.tag) : item.status.text;
  return html`<li class="${classes}"><div class="govuk-task-list__name-and-hint">${title}${hint}</div><div class="${classNames("govuk-task-list__status", item.status.classes)}" id="${id}-status">${status}</div></li>`;
}
