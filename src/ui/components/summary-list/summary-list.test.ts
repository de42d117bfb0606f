import { summaryList } from "#ui/components/summary-list/summary-list";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("summary-list", summaryList);
