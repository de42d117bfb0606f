import { classNames, type Html, html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { type InputOptions, input } from "#ui/components/input/input";
import { type Spoken, say } from "#ui/components/options";
import { translations } from "#ui/components/translations";

export interface PasswordInputOptions
  extends Pick<
      InputOptions,
      | "id"
      | "name"
      | "label"
      | "hint"
      | "errorMessage"
      | "formGroup"
      | "classes"
      | "attributes"
      | "value"
      | "disabled"
      | "describedBy"
      | "autocomplete"
    >,
    Spoken {
  readonly button?: { readonly classes?: string | undefined } | undefined;
  readonly showPasswordText?: string | undefined;
  readonly hidePasswordText?: string | undefined;
  readonly showPasswordAriaLabelText?: string | undefined;
  readonly hidePasswordAriaLabelText?: string | undefined;
  readonly passwordShownAnnouncementText?: string | undefined;
  readonly passwordHiddenAnnouncementText?: string | undefined;
}

const SHOW = text("显示", "Show");
const SHOW_PASSWORD = text("显示密码", "Show password");
/** What the script says; English it knows itself. */
const CHINESE: Partial<PasswordInputOptions> = {
  showPasswordText: "显示",
  hidePasswordText: "隐藏",
  showPasswordAriaLabelText: "显示密码",
  hidePasswordAriaLabelText: "隐藏密码",
  passwordShownAnnouncementText: "密码已显示",
  passwordHiddenAnnouncementText: "密码已隐藏",
};

export function passwordInput(given: PasswordInputOptions): Html {
  const options = given.language === "zh" ? { ...CHINESE, ...given } : given;
  const id = options.id || options.name;
  const toggle = button({
    type: "button",
    classes: classNames(
      "govuk-button--secondary govuk-password-input__toggle govuk-js-password-input-toggle",
      options.button?.classes,
    ),
    text: options.showPasswordText ?? say(SHOW, options.language),
    attributes: {
      "aria-controls": id,
      "aria-label": options.showPasswordAriaLabelText ?? say(SHOW_PASSWORD, options.language),
      hidden: true,
    },
  });
  return input({
    language: options.language,
    formGroup: {
      classes: classNames("govuk-password-input", options.formGroup?.classes),
      attributes: {
        "data-module": "govuk-password-input",
        ...translations("show-password", options.showPasswordText),
        ...translations("hide-password", options.hidePasswordText),
        ...translations("show-password-aria-label", options.showPasswordAriaLabelText),
        ...translations("hide-password-aria-label", options.hidePasswordAriaLabelText),
        ...translations("password-shown-announcement", options.passwordShownAnnouncementText),
        ...translations("password-hidden-announcement", options.passwordHiddenAnnouncementText),
        ...options.formGroup?.attributes,
      },
      beforeInput: options.formGroup?.beforeInput,
      afterInput: html`${toggle}${options.formGroup?.afterInput}`,
    },
    inputWrapper: { classes: "govuk-password-input__wrapper" },
    label: options.label,
    hint: options.hint,
    classes: classNames("govuk-password-input__input govuk-js-password-input-input", options.classes),
    errorMessage: options.errorMessage,
    id,
    name: options.name,
    type: "password",
    spellcheck: false,
    autocapitalize: "none",
    autocomplete: options.autocomplete || "current-password",
    value: options.value,
    disabled: options.disabled,
    describedBy: options.describedBy,
    attributes: options.attributes,
  });
}
