import { createServer } from 'node:http';
import RED from 'node-red';
import { HOST, listen } from './listen';

type Settings = Parameters<typeof RED.init>[1];

const TITLE = 'node-red-ml demo';

export interface NodeRed {
  readonly port: number;
  close(): Promise<void>;
}

/** Node-RED in this process, on this machine only, with a user folder of its own. */
export async function startNodeRed(userDir: string, wantedPort: number): Promise<NodeRed> {
  const server = createServer();
  const settings = {
    uiHost: HOST,
    uiPort: wantedPort,
    userDir,
    flowFile: 'flows.json',
    flowFilePretty: true,
    credentialSecret: 'demo',
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, projects: { enabled: false }, page: { title: TITLE }, header: { title: TITLE } },
    logging: { console: { level: 'error', metrics: false, audit: false } },
  };
  RED.init(server, settings as Settings);
  await RED.start();
  // What is not the editor's belongs to the flows.
  RED.httpAdmin.use(RED.httpNode);
  server.on('request', (request, response) => {
    RED.httpAdmin(request, response);
  });
  const port = await listen(server, wantedPort);
  return {
    port,
    close: async () => {
      await RED.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
