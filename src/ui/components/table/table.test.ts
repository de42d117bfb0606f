import { table } from "#ui/components/table/table";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("table", table);
