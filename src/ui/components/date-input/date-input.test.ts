import { dateInput } from "#ui/components/date-input/date-input";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("date-input", dateInput);
