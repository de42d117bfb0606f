import { passwordInput } from "#ui/components/password-input/password-input";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("password-input", passwordInput);
