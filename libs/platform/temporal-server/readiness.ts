import { Connection, isGrpcServiceError } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import { listening } from './listening';

/** Custom search attributes by name. The SQLite store has room for ten Keywords and three of each other type. */
export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>;

const NOT_FOUND = 5; // gRPC status code
const CALL_MS = 3000;

/** The server's numbers for the types (enum IndexedValueType of its API). */
const TYPE_NUMBER: Readonly<Record<SearchAttributeType, number>> = {
  TEXT: 1,
  KEYWORD: 2,
  INT: 3,
  DOUBLE: 4,
  BOOL: 5,
  DATETIME: 6,
  KEYWORD_LIST: 7,
};

/** A start-dev server registers attributes only with a namespace that it creates: later ones are added here. */
async function addMissingAttributes(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(wanted).filter(([name]) => customAttributes[name] === undefined);
  for (const [name, type] of Object.entries(wanted)) {
    const known: number | undefined = customAttributes[name];
    if (known !== undefined && known !== TYPE_NUMBER[type])
      throw new Error(`search attribute ${name} exists with another type than ${type}`);
  }
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPE_NUMBER[type]]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

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
 * Whether a server can be worked with: its front end, the namespace, history and matching answer, and the namespace has
 * the search attributes (missing ones are added). Takes up to about three seconds when it does not answer.
 * @throws the error of the first thing that does not answer
 */
export async function temporalReady(address: string, namespace: string, wanted: SearchAttributes): Promise<true> {
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
      await addMissingAttributes(connection, namespace, wanted);
    });
    return true;
  } finally {
    await connection.close();
  }
}
