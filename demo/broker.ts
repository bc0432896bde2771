import { createServer } from 'node:net';
import { listen } from './listen';

export interface Broker {
  readonly port: number;
  close(): Promise<void>;
}

/** An MQTT broker in this process, on this machine only. */
export async function startBroker(wantedPort: number): Promise<Broker> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const server = createServer((socket) => void aedes.handle(socket));
  const port = await listen(server, wantedPort);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        aedes.close(() => server.close(() => resolve()));
      }),
  };
}
