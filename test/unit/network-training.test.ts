import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import should from 'should';
import type { EpochReport } from '#lib/core/algorithm';
import type { DetectionRequest } from '#lib/training/request';
import { Trainer } from '#lib/training/trainer';
import { telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

function request(epochs: number, learningRate = 0.005): DetectionRequest {
  return detectionRequest({
    algorithm: 'autoencoder',
    params: { epochs, learningRate },
    tables: [telemetry({ rows: 2000 })],
  });
}

describe('training a network in a worker', () => {
  it('tells its losses, epoch by epoch', async function () {
    this.timeout(30_000);
    const trainer = new Trainer(Date.now);
    const epochs: EpochReport[] = [];
    await trainer.train(() => request(12), { onProgress: (_, epoch) => epoch && epochs.push(epoch) });
    await trainer.close();
    epochs.length.should.be.within(8, 12);
    epochs.at(-1)!.epochs.should.equal(12);
    epochs.at(-1)!.loss.should.be.below(epochs[0]!.loss);
  });

  it('ends with its helper threads when it is cancelled', async function () {
    if (process.platform !== 'linux') this.skip();
    this.timeout(60_000);
    const threads = (): number => readdirSync('/proc/self/task').length;
    const before = threads();
    const trainer = new Trainer(Date.now);
    for (let round = 0; round < 5; round++) {
      const controller = new AbortController();
      // So slow a learner gets better with each epoch, and does not stop early.
      const training = trainer.train(() => request(2000, 1e-6), {
        signal: controller.signal,
        onProgress: (_, epoch) => {
          if (epoch !== undefined) controller.abort();
        },
      });
      await should(training).be.rejectedWith({ code: 'ABORTED' });
    }
    await trainer.close();
    // Five helpers left behind would show; a thread or two that Node.js keeps for itself are none of ours. The system
    // takes a moment to take ended threads away; this test's timeout is the bound.
    while (threads() > before + 3) await setTimeout(20);
  });
});
