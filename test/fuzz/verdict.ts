import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { OpenApiDocument, Operation, Schema } from './document.js';
import type { Answer } from './wire.js';

/** Whether an answer is one that the document describes. */
export class Verdict {
  private readonly ajv = new Ajv2020({ strict: false, logger: false });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: OpenApiDocument) {
    formats.default(this.ajv);
  }

  /** @returns what is wrong with it; undefined: nothing */
  on({ answers }: Operation, answer: Answer): string | undefined {
    if (answer.status === 500) return 'status 500';
    const described = answers.get(answer.status);
    if (described === undefined) return `undocumented status ${answer.status}`;
    if (described.size === 0)
      return answer.body === '' ? undefined : `undocumented body of status ${answer.status} (${answer.contentType})`;
    if (!described.has(answer.contentType))
      return `undocumented type of status ${answer.status}: ${answer.contentType || 'none'}`;
    const schema = described.get(answer.contentType);
    return schema && this.mismatch(schema, answer);
  }

  private mismatch(schema: Schema, { status, contentType, body }: Answer): string | undefined {
    const validate = this.validatorOf(schema);
    let value: unknown = body;
    try {
      if (/json$/.test(contentType)) value = JSON.parse(body);
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
