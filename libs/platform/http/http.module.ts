import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AuditInterceptor } from './audit.interceptor';
import { DocumentsController, OpenApiSource, PROBLEM_CODES } from './documents';
import { IdempotencyInterceptor } from './idempotency';
import { IdempotencyStore } from './idempotency.store';
import { ProblemFilter } from './problem.filter';
import { PLATFORM_PROBLEMS, type ProblemCode } from './problem-codes';
import { Refusals } from './refusals';
import { ValidationPipe } from './validation';

/** What every route of the API has: validation, problems, audit, idempotency, and its documents. */
@Module({})
export class HttpModule {
  /** @param problems the codes that the application's domains document */
  static of(problems: readonly ProblemCode[]): DynamicModule {
    return {
      module: HttpModule,
      controllers: [DocumentsController],
      providers: [
        IdempotencyStore,
        OpenApiSource,
        Refusals,
        { provide: PROBLEM_CODES, useValue: [...PLATFORM_PROBLEMS, ...problems] },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: ValidationPipe },
        // The first one is the outermost: a repeat that is answered from what is kept is told, too.
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
      ],
      exports: [OpenApiSource],
    };
  }
}
