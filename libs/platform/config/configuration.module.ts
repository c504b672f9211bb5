import { Global, Module } from '@nestjs/common';
import { readConfiguration } from './configuration';

/** Injects the checked {@link Configuration}. */
export const CONFIGURATION = Symbol('configuration');

@Global()
@Module({
  providers: [{ provide: CONFIGURATION, useFactory: () => readConfiguration(process.env) }],
  exports: [CONFIGURATION],
})
export class ConfigurationModule {}
