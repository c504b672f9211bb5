import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import type { RegisteredRoute } from './admission';
import type { Answer, RouteTerms } from './route-terms';

export type OpenApiDocument = OpenAPIObject;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

const ProblemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable; its page is /problems/{code}'),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
  retryable: z.boolean(),
  instance: z.string(),
  requestId: z.string(),
});

/**
 * The OpenAPI 3.1 document of the application: paths and inputs from the controllers' schemas, the rest from what routes state.
 * @param address of the API, when it is known
 */
export async function openApiOf(
  app: NestFastifyApplication,
  routes: readonly RegisteredRoute[],
  address?: string,
): Promise<OpenApiDocument> {
  const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger'); // takes 0.2 s to load, and most starts never need it
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Holdfast')
    .setDescription('Proves that nothing got lost between systems, and wakes the right person when something did.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A key: hf_...' }, 'key');
  if (address !== undefined) about.addServer(address);
  const document = SwaggerModule.createDocument(app, about.build(), {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? { schema: jsonSchema(schema, schemaType) } : undefined,
  });
  document.components = { ...document.components, schemas: { ...document.components?.schemas } };
  const schemas = document.components.schemas!;
  schemas['Problem'] = jsonSchema(ProblemSchema, 'output') as Schemas[string];
  const terms = new Map(routes.map((route) => [keyOf(route.method, route.path), route.terms]));
  for (const [path, item] of Object.entries(document.paths))
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) complete(operation, terms.get(keyOf(method, path)) ?? {});
    }
  return document;
}

/** Fastify's `:id` and OpenAPI's `{id}` are the same place. */
const keyOf = (method: string, path: string): string => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`;

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): unknown => {
  const converted = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    reused: 'inline',
  });
  delete converted.$schema;
  return converted;
};

function complete(operation: Operation, terms: RouteTerms): void {
  operation.security = terms.permission === undefined ? [] : [{ key: [] }];
  if (terms.permission !== undefined) operation.description = `Needs the permission \`${terms.permission}\`.`;
  if (terms.idempotent)
    operation.parameters = [
      ...(operation.parameters ?? []),
      {
        name: 'Idempotency-Key',
        in: 'header',
        required: true,
        description:
          'A fresh random key for each thing to create; the same one when the call is repeated, within seven days.',
        schema: { type: 'string', minLength: 1, maxLength: 200 },
      },
    ];
  if (terms.unparsedBody)
    operation.requestBody = {
      required: true,
      content: Object.fromEntries(terms.unparsedBody.map((type) => [type, { schema: {} }])),
    };
  if (terms.answers) operation.responses = Object.fromEntries(terms.answers.map((one) => [one.status, answerOf(one)]));
  operation.responses['default'] = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

const answerOf = ({ description, schema }: Answer): Operation['responses'][string] =>
  ({
    description,
    ...(schema && { content: { 'application/json': { schema: jsonSchema(schema, 'output') } } }),
  }) as Operation['responses'][string];
