import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { Answers, Caller, Permission, type Principal } from '@holdfast/platform/http';
import { type PostedAlert, PostedAlerts } from './alertmanager-in.schemas';
import { AlertmanagerInService } from './alertmanager-in.service';
import { PolicyId } from './escalation-policy.schemas';

const TAKEN = 'What fires is an alert, what is over is resolved. The same labels and startsAt are the same alert.';

/** Speaks as Alertmanager does to whatever sends it alerts. */
@Controller('v1/alertmanager')
export class AlertmanagerInController {
  constructor(private readonly alertmanager: AlertmanagerInService) {}

  @Post('api/v2/alerts')
  @HttpCode(200)
  @Permission('alerts:raise')
  @Answers(200, `${TAKEN} Each names its policy in the label escalation_policy.`)
  take(@Body({ schema: PostedAlerts }) posted: readonly PostedAlert[], @Caller() caller: Principal): Promise<void> {
    return this.alertmanager.take(posted, undefined, caller.id, Date.now() * 1000);
  }

  @Post(':policy/api/v2/alerts')
  @HttpCode(200)
  @Permission('alerts:raise')
  @Answers(200, `${TAKEN} The policy is that of the path, unless the label escalation_policy names another one.`)
  takeFor(
    @Param('policy', { schema: PolicyId }) policy: string,
    @Body({ schema: PostedAlerts }) posted: readonly PostedAlert[],
    @Caller() caller: Principal,
  ): Promise<void> {
    return this.alertmanager.take(posted, policy, caller.id, Date.now() * 1000);
  }
}
