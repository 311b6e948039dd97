import { Inject, Injectable } from '@nestjs/common';
import type { DatasourceRequest } from '@signalbox/contracts/messages';
import { isMembers, type Members } from '@signalbox/contracts/streams';
import { CONFIG, SealedBox, type ValueProblem } from '@signalbox/platform';
import type { z } from 'zod';
import type { Config } from '../config.js';
import { invalid, refused } from './refusal.js';

/** Opens the bodies of requests, which are sealed because they may contain credentials. */
@Injectable()
export class SealedBody {
  private readonly box: SealedBox;

  constructor(@Inject(CONFIG) { SIGNALBOX_SECRET_KEYS: keys }: Pick<Config, 'SIGNALBOX_SECRET_KEYS'>) {
    this.box = new SealedBox(
      keys.map(({ key }) => key),
      'datasource-sync requests',
    );
  }

  get publicKey(): string {
    return this.box.publicKey;
  }

  /** @throws RequestRefused where it is not a JSON object; NotOpenable where it was sealed for another key */
  of({ sealed }: DatasourceRequest): Members {
    const body = sealed === undefined ? undefined : parsed(this.box.open(sealed));
    if (isMembers(body)) return body;
    throw refused('bad_request', 'The body must be a JSON object.');
  }

  /** @throws RequestRefused that names all problems, and no value */
  parsed<Body>(schema: z.ZodType<Body>, request: DatasourceRequest): Body {
    return check(schema, this.of(request));
  }
}

/** @throws RequestRefused that names all problems, and no value */
export function check<Body>(schema: z.ZodType<Body>, body: Members): Body {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalid(result.error.issues.flatMap(problemsOf));
}

function problemsOf(issue: z.core.$ZodIssue): ValueProblem[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key.slice(0, 60)].join('.'), message: 'is not a member of it' }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
