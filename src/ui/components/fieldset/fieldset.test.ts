import { fieldset } from "#ui/components/fieldset/fieldset";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("fieldset", fieldset);
