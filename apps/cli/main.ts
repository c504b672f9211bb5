#!/usr/bin/env node
import { CommanderError } from 'commander';
import { ProblemError } from './api-client';
import { CliError, EXIT, type ExitCode } from './exit';
import { explain } from './explain';
import { makeProgram } from './program';

async function main(): Promise<void> {
  // A reader that has seen enough, such as `head`, closes the pipe: that is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
  });
  try {
    await makeProgram().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // has said it already
  const isJson = process.argv.includes('--json');
  if (isJson && error instanceof ProblemError) process.stderr.write(`${JSON.stringify(error.problem)}\n`);
  else process.stderr.write(`${explain(error)}\n`);
  return error instanceof CliError ? error.exit : EXIT.no;
}

void main();
