import { Global, Module } from '@nestjs/common';
import { AUTHENTICATOR } from '@holdfast/platform/http';
import { AccessBootstrap } from './access.bootstrap';
import { AccessController } from './access.controller';
import { AccessService } from './access.service';
import { AccessStore } from './access.store';
import { KeyAuthenticator } from './key-authenticator';

/** For processes that answer requests: admits callers, and manages their keys. */
@Global()
@Module({
  controllers: [AccessController],
  providers: [
    AccessStore,
    KeyAuthenticator,
    AccessService,
    AccessBootstrap,
    { provide: AUTHENTICATOR, useExisting: KeyAuthenticator },
  ],
  exports: [AUTHENTICATOR],
})
export class AccessModule {}
