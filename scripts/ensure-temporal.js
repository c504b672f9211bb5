const { acquireTemporal, acquireTimeSkippingServer } = require('../dist/libs/platform/temporal-server');

/** Gets both Temporal servers that tests and a standalone start need, before they need them. Run it after a build. */
const onProgress = (message) => console.error(message);

async function main() {
  onProgress(`development server: ${await acquireTemporal({ onProgress })}`);
  onProgress(`time-skipping server: ${await acquireTimeSkippingServer({ onProgress })}`);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
