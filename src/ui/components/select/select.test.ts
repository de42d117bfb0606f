import { select } from "#ui/components/select/select";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("select", select);
