import { Connection, isGrpcServiceError } from '@temporalio/client';
import { listening } from './listening';

const NOT_FOUND = 5; // gRPC status code
const CALL_MS = 3000;

/** The history service owns its shard when it can say that a workflow does not exist. */
async function historyAnswers(connection: Connection, namespace: string): Promise<void> {
  const execution = { workflowId: 'readiness-probe' };
  try {
    await connection.workflowService.describeWorkflowExecution({ namespace, execution });
  } catch (error) {
    const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
    if (code !== NOT_FOUND) throw error;
  }
}

/**
 * Whether a server can be worked with: its front end, the namespace, history and matching answer. Takes up to about
 * three seconds when it does not answer.
 * @throws the error of the first thing that does not answer
 */
export async function temporalReady(address: string, namespace: string): Promise<true> {
  // gRPC waits a second after a refused connection before it tries again: it is asked only when somebody listens.
  const { hostname, port } = new URL(`tcp://${address}`);
  await listening(hostname.replace(/^\[|\]$/g, ''), Number(port));
  // Connecting calls GetSystemInfo.
  const connection = await Connection.connect({ address, connectTimeout: CALL_MS });
  try {
    await connection.withDeadline(Date.now() + CALL_MS, async () => {
      await connection.workflowService.describeNamespace({ namespace });
      await historyAnswers(connection, namespace);
      const taskQueue = { name: 'readiness-probe' };
      await connection.workflowService.describeTaskQueue({ namespace, taskQueue });
    });
    return true;
  } finally {
    await connection.close();
  }
}
