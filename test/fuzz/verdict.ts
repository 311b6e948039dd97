import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { OpenApiDocument, Operation, Schema } from './document.js';
import type { Answer } from './wire.js';

/** Headers of HTTP itself and of browsers: what a client reads of an answer does not depend on them. */
const UNDESCRIBED = new Set(
  (
    'cache-control connection content-length content-type date keep-alive transfer-encoding vary ' +
    'content-security-policy referrer-policy set-cookie x-content-type-options'
  ).split(' '),
);

/** Whether an answer is one that the document describes. */
export class Verdict {
  private readonly ajv = new Ajv2020({ strict: false, logger: false });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: OpenApiDocument) {
    formats.default(this.ajv);
  }

  /** @returns what is wrong with it; undefined: nothing */
  on({ answers, headers }: Operation, answer: Answer): string | undefined {
    if (answer.status === 500) return 'status 500';
    const described = answers.get(answer.status);
    if (described === undefined) return `undocumented status ${answer.status}`;
    if (described.size === 0 && answer.body === '') return headerProblem(headers.get(answer.status)!, answer);
    if (described.size === 0) return `undocumented body of status ${answer.status} (${answer.contentType})`;
    if (!described.has(answer.contentType))
      return `undocumented type of status ${answer.status}: ${answer.contentType || 'none'}`;
    const schema = described.get(answer.contentType);
    return headerProblem(headers.get(answer.status)!, answer) ?? (schema && this.mismatch(schema, answer));
  }

  private mismatch(schema: Schema, { status, contentType, body }: Answer): string | undefined {
    const validate = this.validatorOf(schema);
    let value: unknown = body;
    try {
      if (contentType.endsWith('json')) value = JSON.parse(body);
    } catch {
      return `body of status ${status} is not JSON`;
    }
    if (validate(value)) return undefined;
    // Where in it, without the numbers of items: faults of one kind are counted together.
    const [first] = validate.errors ?? [];
    const place = first?.instancePath.replaceAll(/\/\d+(?=\/|$)/g, '/*') ?? '';
    return `body of status ${status} breaks its schema at ${place || 'the root'}: ${first?.message ?? ''}`;
  }

  private validatorOf(schema: Schema): ValidateFunction {
    const text = JSON.stringify(schema);
    let validator = this.validators.get(text);
    if (validator === undefined) {
      // References to components resolve inside the schema that is compiled.
      validator = this.ajv.compile({ ...schema, components: this.document.components });
      this.validators.set(text, validator);
    }
    return validator;
  }
}

function headerProblem(described: ReadonlyMap<string, boolean>, { status, headers }: Answer): string | undefined {
  const unknown = [...headers].find((name) => !described.has(name) && !UNDESCRIBED.has(name));
  if (unknown !== undefined) return `undocumented header of status ${status}: ${unknown}`;
  const missing = [...described].find(([name, isRequired]) => isRequired && !headers.has(name));
  return missing && `status ${status} lacks the header ${missing[0]}`;
}
