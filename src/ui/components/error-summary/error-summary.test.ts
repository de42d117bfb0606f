import { errorSummary } from "#ui/components/error-summary/error-summary";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("error-summary", errorSummary);
