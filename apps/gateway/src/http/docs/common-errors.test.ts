import type { OpenAPIObject } from '@nestjs/swagger';
import { describe, expect, it } from 'vitest';
import { addCommonErrors } from './common-errors.js';

type Paths = OpenAPIObject['paths'];

const content = { 'application/problem+json': { schema: { type: 'object' as const } } };
const responses = () => ({ 200: { description: 'Good.' }, 404: { description: 'Not Found', content } });

describe('the errors that the server itself answers with', () => {
  it('are documented in the shape of the other errors of the route', () => {
    const paths: Paths = {
      '/things': { get: { responses: responses() } },
      '/things/{id}': { get: { responses: responses() }, patch: { responses: responses() } },
    };
    addCommonErrors({ openapi: '3.1.0', info: { title: '', version: '' }, paths }, () => true);
    const [list, one] = [paths['/things']!, paths['/things/{id}']!];
    expect(Object.keys(list.get!.responses)).toEqual(['200', '400', '404']);
    expect(Object.keys(one.get!.responses)).toEqual(['200', '400', '404', '414']);
    expect(Object.keys(one.patch!.responses)).toEqual(['200', '400', '404', '413', '414', '415']);
    expect(one.patch!.responses['413']).toEqual({ description: 'Payload Too Large', content });
  });

  it('are also those of callers where an operation needs a credential', () => {
    const paths: Paths = { '/things': { get: { responses: responses() }, post: { responses: responses() } } };
    addCommonErrors(
      { openapi: '3.1.0', info: { title: '', version: '' }, paths },
      (path, method) => `${method} ${path}` === 'GET /things',
    );
    expect(Object.keys(paths['/things']!.get!.responses)).toEqual(['200', '400', '404']);
    expect(Object.keys(paths['/things']!.post!.responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '413',
      '415',
      '429',
      '503',
    ]);
  });

  it('are as a route documents them itself', () => {
    const own = { description: 'What the route says.', content };
    const paths: Paths = { '/things': { get: { responses: { 400: own } } } };
    addCommonErrors({ openapi: '3.1.0', info: { title: '', version: '' }, paths }, () => true);
    expect(paths['/things']!.get!.responses).toEqual({ 400: own });
  });
});
