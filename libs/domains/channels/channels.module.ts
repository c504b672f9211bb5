import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { Accounts } from './accounts';
import { ChannelController } from './channel.controller';
import { ChannelDocumentsService } from './channel-documents.service';
import { ChannelsService } from './channels.service';
import { DeadLetterController } from './dead-letter.controller';
import { DeadLetterStore } from './dead-letter.store';
import { Outbound } from './outbound';

const PROVIDERS = [Accounts, ChannelDocumentsService, ChannelsService, DeadLetterStore, Outbound];

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [ChannelController, DeadLetterController],
  providers: PROVIDERS,
  exports: [ChannelDocumentsService, ChannelsService],
})
export class ChannelsModule {}

/** For processes that run workflows: other domains' activities send through it. */
@Module({
  imports: [RegisterModule],
  providers: PROVIDERS,
  exports: [ChannelDocumentsService, ChannelsService],
})
export class ChannelsWorkerModule {}
