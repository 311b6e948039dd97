import type { z } from 'zod';
import { accessComponents } from './access-components.js';
import type { Components } from './component.js';
import { dataplaneComponents } from './dataplane-components.js';
import { datasourceComponents } from './datasource-components.js';
import { readerComponents } from './reader-components.js';
import { registryComponents } from './registry-components.js';
import { sessionComponents } from './session-components.js';
import { statusComponents } from './status-components.js';

/** The named schemas of the OpenAPI document. */
export const components: Components = {
  ...statusComponents,
  ...readerComponents,
  ...registryComponents,
  ...dataplaneComponents,
  ...datasourceComponents,
  ...accessComponents,
  ...sessionComponents,
};

const names = new Map(Object.entries(components).map(([name, { schema }]) => [schema, name]));

/** The name of a schema in the document; undefined: it is written where it is used. */
export const componentName = (schema: z.ZodType): string | undefined => names.get(schema);
