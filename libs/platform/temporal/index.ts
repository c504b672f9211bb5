export { cancellationOfActivity } from './activity-calls';
export { beating } from './beating';
export { Implements } from './implements';
export { TemporalModule } from './temporal.module';
export { noWorker, temporalUnavailable } from './unavailable';
export { Repeated } from './repeated';
export { DocumentSchedules, matchSchedule, untilScheduled } from './schedule';
export { startOrJoin, runToEnd, type Launch } from './launch';
export { leaveSignalsToNest, WorkerModule } from './worker.module';
