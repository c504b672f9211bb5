import { readConfiguration } from '@holdfast/platform/config';
import { apiProgram, auditLogProgram, engineProgram, SERVER_START_MS, workerProgram } from './programs';

describe('programs that start beside the servers which they need', () => {
  it.each([apiProgram({}, 3000), workerProgram({}), auditLogProgram({}, 3010)])(
    '$name waits longer than a server may take',
    (program) => {
      const patienceMs = readConfiguration(program.env ?? {}).HOLDFAST_START_PATIENCE_SECONDS * 1000;
      expect(patienceMs).toBeGreaterThan(SERVER_START_MS);
      expect(program.readyTimeoutMs).toBeGreaterThan(patienceMs);
      expect(engineProgram('data', 8123, 'p', {}).readyTimeoutMs).toBe(SERVER_START_MS);
    },
  );
});
