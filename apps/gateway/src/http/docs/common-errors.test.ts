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
    addCommonErrors({ openapi: '3.1.0', info: { title: '', version: '' }, paths });
    const [list, one] = [paths['/things']!, paths['/things/{id}']!];
    expect(Object.keys(list.get!.responses)).toEqual(['200', '400', '404']);
    expect(Object.keys(one.get!.responses)).toEqual(['200', '400', '404', '414']);
    expect(Object.keys(one.patch!.responses)).toEqual(['200', '400', '404', '413', '414', '415']);
    expect(one.patch!.responses['413']).toEqual({ description: 'Payload Too Large', content });
  });

  it('are 503, too, where a caller is identified', () => {
    const paths: Paths = {
      '/things': { get: { responses: { ...responses(), 401: { description: 'No.', content } } } },
    };
    addCommonErrors({ openapi: '3.1.0', info: { title: '', version: '' }, paths });
    expect(paths['/things']!.get!.responses['503']).toEqual({ description: 'Service Unavailable', content });
  });

  it('are as a route documents them itself', () => {
    const own = { description: 'What the route says.', content };
    const paths: Paths = { '/things': { get: { responses: { 400: own } } } };
    addCommonErrors({ openapi: '3.1.0', info: { title: '', version: '' }, paths });
    expect(paths['/things']!.get!.responses).toEqual({ 400: own });
  });
});
