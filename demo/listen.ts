import type { AddressInfo, Server } from 'node:net';

/** The demo is for this machine alone. */
export const HOST = '127.0.0.1';

/**
 * Listens on the wanted port or, where that is taken, on any free one.
 * @returns the port
 */
export async function listen(server: Server, wantedPort: number): Promise<number> {
  try {
    return await listenOn(server, wantedPort);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
