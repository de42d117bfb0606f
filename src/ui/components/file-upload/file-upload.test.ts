import { fileUpload } from "#ui/components/file-upload/file-upload";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("file-upload", fileUpload);
