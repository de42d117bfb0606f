import { taskList } from "#ui/components/task-list/task-list";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("task-list", taskList);
