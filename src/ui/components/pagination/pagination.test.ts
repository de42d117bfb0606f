import { pagination } from "#ui/components/pagination/pagination";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("pagination", pagination);
