/** A JSON Schema of the document, as it stands there. */
export type Schema = Readonly<Record<string, unknown>>;

/** Also of what a `$ref` names. */
interface Reference {
  readonly $ref?: string;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean } & Reference>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}

interface DescribedOperation {
  readonly parameters?: readonly (Parameter & Reference)[];
  readonly requestBody?: Content & Reference;
  readonly responses: Readonly<Record<string, Content & Reference>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: Readonly<Record<string, unknown>>;
}

/** One operation of the API with everything that it may be answered with. */
export interface Operation {
  /** `GET /v1/keys/{id}` */
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Of its JSON body. */
  readonly body: Schema | undefined;
  /** The schema of each media type, by status. A status without a media type has no body. */
  readonly answers: ReadonlyMap<number, ReadonlyMap<string, Schema | undefined>>;
  /** By status, and by name in lower case: whether each such answer has the header. */
  readonly headers: ReadonlyMap<number, ReadonlyMap<string, boolean>>;
}

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** Follows a reference inside the document. */
export function resolve<T extends object>(document: OpenApiDocument, value: T & Reference): T {
  if (value.$ref === undefined) return value;
  const found = value.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
  if (found === undefined) throw new Error(`${value.$ref} does not resolve.`);
  return resolve(document, found as T & Reference);
}

export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.has(method))
      .map(([method, described]) => operationOf(document, path, method.toUpperCase(), described)),
  );
}

function operationOf(
  document: OpenApiDocument,
  path: string,
  method: string,
  { parameters = [], requestBody, responses }: DescribedOperation,
): Operation {
  const schemas = ({ content = {} }: Content): Map<string, Schema | undefined> =>
    new Map(Object.entries(content).map(([type, { schema }]) => [type, schema]));
  return {
    title: `${method} ${path}`,
    method,
    path,
    parameters: parameters.map((each) => resolve<Parameter>(document, each)),
    body: requestBody && schemas(resolve<Content>(document, requestBody)).get('application/json'),
    answers: new Map(
      Object.entries(responses).map(([status, each]) => [Number(status), schemas(resolve<Content>(document, each))]),
    ),
    headers: new Map(
      Object.entries(responses).map(([status, each]) => [
        Number(status),
        headersOf(document, resolve<Content>(document, each)),
      ]),
    ),
  };
}

const headersOf = (document: OpenApiDocument, { headers = {} }: Content): Map<string, boolean> =>
  new Map(
    Object.entries(headers).map(([name, each]) => [name.toLowerCase(), resolve(document, each).required === true]),
  );
