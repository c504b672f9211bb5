export { ConfigurationError, configurationPage, readConfiguration } from './configuration';
export { CONFIGURATION, ConfigurationModule } from './configuration.module';
export type { Configuration } from './variables';
