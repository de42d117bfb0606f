import { errorMessage } from "#ui/components/error-message/error-message";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("error-message", errorMessage);
