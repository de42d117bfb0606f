import { classNames, type Html, html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { hint } from "#ui/components/hint/hint";
import { type Spoken, say } from "#ui/components/options";
import { type TextareaOptions, textarea } from "#ui/components/textarea/textarea";
import { type Translations, translations } from "#ui/components/translations";

export interface CharacterCountOptions extends Omit<TextareaOptions, "describedBy">, Spoken {
  readonly maxlength?: number | string | undefined;
  readonly maxwords?: number | string | undefined;
  readonly threshold?: number | string | undefined;
  readonly countType?: string | undefined;
  readonly countMessage?: { readonly classes?: string | undefined } | undefined;
  readonly textareaDescriptionText?: string | undefined;
  readonly charactersUnderLimitText?: Translations | undefined;
  readonly charactersAtLimitText?: string | undefined;
  readonly charactersOverLimitText?: Translations | undefined;
  readonly wordsUnderLimitText?: Translations | undefined;
  readonly wordsAtLimitText?: string | undefined;
  readonly wordsOverLimitText?: Translations | undefined;
}

const CHARACTERS = text("最多填写 %{count} 个字", "You can enter up to %{count} characters");
const WORDS = text("最多填写 %{count} 个词", "You can enter up to %{count} words");

/** What the script says; English it knows itself. */
const CHINESE: Partial<CharacterCountOptions> = {
  charactersUnderLimitText: { other: "还可以填写 %{count} 个字" },
  charactersAtLimitText: "已经填满",
  charactersOverLimitText: { other: "超出 %{count} 个字" },
  wordsUnderLimitText: { other: "还可以填写 %{count} 个词" },
  wordsAtLimitText: "已经填满",
  wordsOverLimitText: { other: "超出 %{count} 个词" },
};

/** A text area that says how much may be written; with the script, how much is left. */
export function characterCount(given: CharacterCountOptions): Html {
  const options = given.language === "zh" ? { ...CHINESE, ...given } : given;
  const id = options.id || options.name;
  const countType = options.countType || (options.maxwords ? "words" : "");
  const limit = options.maxwords || options.maxlength;
  const sentence = options.textareaDescriptionText || say(countType === "words" ? WORDS : CHARACTERS, options.language);
  const message = hint({
    text: limit ? sentence.replace("%{count}", String(limit)) : undefined,
    id: `${id}-info`,
    classes: classNames("govuk-character-count__message", options.countMessage?.classes),
  });
  return textarea({
    ...options,
    id,
    describedBy: `${id}-info`,
    classes: classNames("govuk-js-character-count", options.classes),
    formGroup: {
      classes: classNames("govuk-character-count", options.formGroup?.classes),
      attributes: {
        "data-module": "govuk-character-count",
        "data-maxlength": options.maxlength,
        "data-maxwords": options.maxwords,
        "data-threshold": options.threshold,
        "data-count-type": countType || undefined,
        ...(limit ? {} : translations("textarea-description", { other: options.textareaDescriptionText })),
        ...translations("characters-under-limit", options.charactersUnderLimitText),
        ...translations("characters-at-limit", options.charactersAtLimitText),
        ...translations("characters-over-limit", options.charactersOverLimitText),
        ...translations("words-under-limit", options.wordsUnderLimitText),
        ...translations("words-at-limit", options.wordsAtLimitText),
        ...translations("words-over-limit", options.wordsOverLimitText),
        ...options.formGroup?.attributes,
      },
      beforeInput: options.formGroup?.beforeInput,
      afterInput: html`${message}${options.formGroup?.afterInput}`,
    },
  });
}
