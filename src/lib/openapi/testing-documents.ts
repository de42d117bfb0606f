/** A small service in OpenAPI 3.0, YAML: what older documents look like. */
export const SCHOOLS_YAML = `
openapi: 3.0.3
info: { title: School places, version: "2.4" }
servers: [{ url: https://schools.example/api }]
paths:
  /schools:
    get:
      operationId: listSchools
      summary: List schools
      parameters:
        - { name: division, in: query, required: true, schema: { type: string, pattern: "^[0-9]{6}$" } }
        - { name: grades, in: query, schema: { type: array, items: { type: integer, minimum: 1, maximum: 12 } } }
        - { name: X-Trace, in: header, schema: { type: string, maxLength: 10 } }
      responses:
        "200":
          description: Schools
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/School" } }
        "404": { description: No such division }
    post:
      operationId: add-school
      requestBody: { $ref: "#/components/requestBodies/NewSchool" }
      responses:
        "201":
          description: Added
          content: { application/json: { schema: { $ref: "#/components/schemas/School" } } }
  /schools/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string, format: uuid } }
    get:
      summary: One school */ with a strange title
      responses:
        "200": { description: One, content: { application/json: { schema: { $ref: "#/components/schemas/School" } } } }
        default: { description: Error }
    delete:
      responses: { "204": { description: Gone } }
  /schools/nearest:
    get:
      operationId: nearest
      responses:
        2XX: { description: One, content: { application/json: {} } }
  /schools/{id}/plan:
    put:
      operationId: plan
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      requestBody: { content: { "image/*": {}, application/pdf: {} } }
      responses: { "200": { description: Kept, content: { "*/*": {} } } }
components:
  requestBodies:
    NewSchool:
      required: true
      content: { application/json: { schema: { $ref: "#/components/schemas/School" } } }
  schemas:
    School:
      type: object
      required: [name, places]
      additionalProperties: false
      properties:
        id: { type: string, format: uuid }
        name: { type: string, minLength: 1, maxLength: 50 }
        places: { type: integer, minimum: 0, exclusiveMinimum: true }
        kind: { type: string, enum: [primary, middle], nullable: true }
        opened: { type: string, format: date, nullable: true }
        branches: { type: array, items: { $ref: "#/components/schemas/School" }, maxItems: 5 }
        contact: { $ref: "#/components/schemas/Contact" }
    Contact:
      oneOf:
        - { type: object, required: [phone], properties: { phone: { type: string } } }
        - { type: object, required: [email], properties: { email: { type: string, format: email } } }
`;

/** The same in OpenAPI 3.1, JSON: what newer ones add. */
export const TAXES_JSON = JSON.stringify({
  openapi: "3.1.0",
  info: { title: "税务 Tax", version: "1.0.0" },
  paths: {
    "/assessments/{year}": {
      get: {
        operationId: "assessmentOf",
        parameters: [
          { name: "year", in: "path", required: true, schema: { type: "integer", minimum: 2000 } },
          { name: "body", in: "query", schema: { type: "string", maxLength: 3 } },
          {
            name: "filter",
            in: "query",
            content: { "application/json": { schema: { type: "object", required: ["a"] } } },
          },
        ],
        responses: {
          "200": {
            description: "",
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  properties: {
                    amount: { type: ["number", "null"], exclusiveMinimum: 0 },
                    currency: { const: "CNY" },
                    lines: { type: "object", additionalProperties: { type: "number" } },
                  },
                  allOf: [{ $ref: "#/components/schemas/Base" }],
                },
              },
            },
          },
        },
      },
    },
  },
  components: { schemas: { Base: { type: "object", required: ["year"], properties: { year: { type: "integer" } } } } },
});
