import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Header, Inject, Injectable, Param, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { RegisteredRoute } from './admission';
import { docsPage, problemPage, problemsPage, START_SCRIPT } from './docs-pages';
import { openApiOf, type OpenApiDocument } from './openapi';
import type { ProblemCode } from './problem-codes';
import { NotAudited, Public } from './route-terms';

/** Every documented code of this application. */
export const PROBLEM_CODES = Symbol('problem codes');

const HTML = 'text/html; charset=utf-8';
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};
const WHY = 'describes the interface, the same for everybody; holds no data';

/** Makes the OpenAPI document when somebody first asks: what it takes is loaded then, and not at every start. */
@Injectable()
export class OpenApiSource {
  private make: (() => Promise<OpenApiDocument>) | undefined;
  private made: Promise<OpenApiDocument> | undefined;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  describe(app: NestFastifyApplication, routes: readonly RegisteredRoute[]): void {
    const { HOLDFAST_PUBLIC_URL: address } = this.configuration;
    this.make = () => openApiOf(app, routes, address);
  }

  document(): Promise<OpenApiDocument> {
    if (!this.make) throw new TypeError('describe() was not called');
    return (this.made ??= this.make());
  }
}

/** The interface's own documents. The page loads nothing from elsewhere: it works without a way out. */
@Controller()
export class DocumentsController {
  private readonly assets = new Map<string, Buffer>();

  constructor(
    @Inject(OpenApiSource) private readonly openApi: OpenApiSource,
    @Inject(PROBLEM_CODES) private readonly problems: readonly ProblemCode[],
  ) {}

  @Get('openapi.json')
  @Public(WHY)
  @NotAudited(WHY)
  document(): Promise<OpenApiDocument> {
    return this.openApi.document();
  }

  @Get('docs')
  @Public(WHY)
  @NotAudited(WHY)
  @Header('content-type', HTML)
  @Header('content-security-policy', "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:")
  page(): string {
    return docsPage();
  }

  @Get('docs/:file')
  @Public(WHY)
  @NotAudited(WHY)
  asset(
    @Param('file', { schema: z.string() }) file: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | string {
    if (file === 'start.js') {
      void reply.type('text/javascript; charset=utf-8');
      return START_SCRIPT;
    }
    const type = Object.hasOwn(ASSETS, file) ? ASSETS[file] : undefined;
    if (!type) throw new DomainError('not_found', 'no_such_route', 'there is no such page');
    void reply.type(type).header('cache-control', 'public, max-age=3600');
    return this.read(file);
  }

  @Get('problems')
  @Public(WHY)
  @NotAudited(WHY)
  @Header('content-type', HTML)
  listProblems(): string {
    return problemsPage(this.problems);
  }

  @Get('problems/:code')
  @Public(WHY)
  @NotAudited(WHY)
  @Header('content-type', HTML)
  problem(@Param('code', { schema: z.string() }) code: string): string {
    const found = this.problems.find((one) => one.code === code);
    if (!found) throw new DomainError('not_found', 'no_such_problem', 'there is no problem of this code');
    return problemPage(found);
  }

  private read(file: string): Buffer {
    const known = this.assets.get(file);
    if (known) return known;
    // The page's scripts are a dependency of @nestjs/swagger, wherever the package manager has put it.
    const from = createRequire(createRequire(__filename).resolve('@nestjs/swagger'));
    const bytes = readFileSync(join(dirname(from.resolve('swagger-ui-dist/package.json')), file));
    this.assets.set(file, bytes);
    return bytes;
  }
}
