import { tabs } from "#ui/components/tabs/tabs";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("tabs", tabs);
