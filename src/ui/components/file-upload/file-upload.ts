import { attributes, classNames, type Html, html } from "#lib/html/html";
import { type FieldOptions, fieldParts, formGroup } from "#ui/components/form-group/form-group";
import type { Styled } from "#ui/components/options";
import { type Translations, translations } from "#ui/components/translations";

export interface FileUploadOptions extends FieldOptions, Styled {
  readonly disabled?: boolean | undefined;
  readonly multiple?: boolean | undefined;
  /** Whether the script may turn the control into a drop zone. */
  readonly javascript?: boolean | undefined;
  readonly wrapperClasses?: string | undefined;
  readonly wrapperAttributes?: Styled["attributes"];
  readonly chooseFilesButtonText?: string | undefined;
  readonly noFileChosenText?: string | undefined;
  readonly multipleFilesChosenText?: Translations | undefined;
  readonly dropInstructionText?: string | undefined;
  readonly enteredDropZoneText?: string | undefined;
  readonly leftDropZoneText?: string | undefined;
}

export function fileUpload(options: FileUploadOptions): Html {
  const id = options.id || options.name;
  const parts = fieldParts(id, options);
  const element = html`<input${attributes({
    class: classNames("govuk-file-upload", options.classes, options.errorMessage && "govuk-file-upload--error"),
    id,
    name: options.name,
    type: "file",
    disabled: options.disabled,
    multiple: options.multiple,
    "aria-describedby": parts.describedBy,
    ...options.attributes,
  })}>`;
  const { beforeInput, afterInput } = options.formGroup ?? {};
  const control = options.javascript ? html`<div${wrapper(options)}>${element}</div>` : element;
  return formGroup(options, html`${parts.before}${beforeInput}${control}${afterInput}`);
}

function wrapper(options: FileUploadOptions) {
  return attributes({
    class: classNames("govuk-file-upload-wrapper", options.wrapperClasses),
    "data-module": "govuk-file-upload",
    ...translations("choose-files-button", options.chooseFilesButtonText),
    ...translations("no-file-chosen", options.noFileChosenText),
    ...translations("multiple-files-chosen", options.multipleFilesChosenText),
    ...translations("drop-instruction", options.dropInstructionText),
    ...translations("entered-drop-zone", options.enteredDropZoneText),
    ...translations("left-drop-zone", options.leftDropZoneText),
    ...options.wrapperAttributes,
  });
}
