declare module 'node-red-node-test-helper' {
  import type { NodeAPI } from 'node-red';

  interface Helper {
    init(runtimePath: string, settings?: object): void;
    settings(settings: object): object;
    load(
      types: ((RED: NodeAPI) => void) | ((RED: NodeAPI) => void)[],
      flow: object[],
      credentials?: object,
    ): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): unknown;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    request(): unknown;
  }
  const helper: Helper;
  export default helper;
}
