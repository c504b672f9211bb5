import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { ChangeAnnouncer } from './change-announcer.service';
import { ChangesActivities } from './changes.activities';
import { ChangesController } from './changes.controller';
import { ChangesService } from './changes.service';
import { ChangesStore } from './changes.store';
import { FlappingController } from './flapping.controller';
import { FlappingService } from './flapping.service';
import { InhibitionController } from './inhibition.controller';
import { InhibitionService } from './inhibition.service';
import { SuppressionService } from './suppression.service';
import { WindowController } from './window.controller';
import { WindowService } from './window.service';

const providers = [
  WindowService,
  InhibitionService,
  FlappingService,
  ChangeAnnouncer,
  ChangesService,
  ChangesStore,
  SuppressionService,
];

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [WindowController, InhibitionController, FlappingController, ChangesController],
  providers,
  exports: [SuppressionService, WindowService, ChangesService],
})
export class SuppressionModule {}

/** For processes that run workflows: who tells of an alert asks whether it is muted. */
@Module({
  imports: [RegisterModule],
  providers: [...providers, ChangesActivities],
  exports: [SuppressionService, ChangesService],
})
export class SuppressionWorkerModule {}
