import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export interface Body {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  readonly headers?: Readonly<Record<string, object>>;
}

export interface JsonSchema {
  readonly $ref?: string;
  readonly items?: JsonSchema;
  readonly examples?: readonly unknown[];
  readonly [keyword: string]: unknown;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly security: readonly object[];
  readonly tags: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly schema: JsonSchema }[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

const URI = 'openapi.json';

/** The OpenAPI document as tests read it: its operations, and what its schemas accept. */
export class ApiDocument {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(readonly document: object) {
    addFormats.default(this.ajv);
    for (const format of ['cidrv4', 'cidrv6']) this.ajv.addFormat(format, true);
    this.ajv.addSchema({ ...document, $id: URI });
  }

  get operations(): Operation[] {
    return Object.entries((this.document as Document).paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
    );
  }

  /** The schema itself, or the named one to which it refers. */
  resolve(schema: JsonSchema): JsonSchema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : (this.document as Document).components.schemas[name]!;
  }

  /** What the schema, a part of the document, refuses; empty: it accepts the value. */
  problems(schema: JsonSchema, value: unknown): string[] {
    const inDocument = JSON.parse(JSON.stringify(schema).replaceAll('"#/', `"${URI}#/`)) as object;
    const validate: ValidateFunction = this.ajv.compile(inDocument);
    return validate(value) ? [] : (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
  }
}
