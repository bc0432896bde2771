/** Reads one history in a process of its own, and prints its peak of memory in MB: `node history-memory.js URL SOURCE`. */
import { readFileSync } from 'node:fs';
import { openHistory } from '#lib/postgres/history/open-history';
import type { HistorySource } from '#lib/postgres/history/source';
import { serverClient } from '../../test/support/databases';
import { DEVICE, END_MS, START_MS } from './history-tables';

/** Linux counts it for the program; elsewhere what ran before in the process is in it. */
function peakMb(): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

async function main(): Promise<void> {
  const client = serverClient(process.argv[2]!, { queryTimeoutMs: 600_000 });
  const source = JSON.parse(process.argv[3]!) as HistorySource;
  const before = peakMb();
  const table = await openHistory(client, source).read({ device: DEVICE, fromMs: START_MS, toMs: END_MS, fields: [] });
  const tableMb = (table.data.byteLength + table.timestampsMs.byteLength) / 2 ** 20;
  console.log(JSON.stringify({ before, peak: peakMb(), table: tableMb }));
  await client.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
