import { join } from 'node:path';
import { startBroker } from './broker';
import { HOST } from './listen';
import { startNodeRed } from './node-red';
import { prepareUserFolder } from './user-folder';

/** This file runs from `build/demo/`. */
const root = join(__dirname, '..', '..');

/** An environment variable, for tests and for those whose ports are taken for good. */
function numberFrom(variable: string, otherwise: number): number {
  const text = process.env[variable];
  return text === undefined || text === '' ? otherwise : Number(text);
}

/** Runs the demo until Ctrl-C. */
async function start(): Promise<void> {
  const folder = process.env.DEMO_FOLDER ?? join(root, '.demo');
  prepareUserFolder(folder, root);
  const broker = await startBroker(numberFrom('DEMO_MQTT_PORT', 1883));
  // The demo's flow takes the broker's port from here.
  process.env.DEMO_MQTT_PORT = String(broker.port);
  const nodeRed = await startNodeRed(folder, numberFrom('DEMO_PORT', 1880));
  console.log(`
  The demo is running.

  Editor        http://${HOST}:${nodeRed.port}/
                A pump sends readings over MQTT; ml-detect learns within a minute what is normal, and then judges.
                Press a fault's button, and watch the alarm come and go in the debug sidebar.
                Second tab: ml-forecast warns that a server will run out of memory, before it does.
  MQTT broker   mqtt://${HOST}:${broker.port}   (topics: pump-station/#, server/#)
  User folder   ${folder}   (delete it to start anew)

  Ctrl-C ends it all.
`);

  let ending = false;
  const end = (): void => {
    // A second Ctrl-C does not wait.
    if (ending) process.exit(1);
    ending = true;
    nodeRed
      .close()
      .then(() => broker.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
