// Over 300 lines: one function, from readings to a version, on the same series.
import should from 'should';
import { SHARED_DEVICE, type ForecasterArtifact } from '#lib/core/artifact';
import { decodeArtifact, encodeArtifact } from '#lib/core/codec';
import { IN_ALARM_LABEL, type ReadingTable } from '#lib/core/readings';
import { forecastMembers } from '#lib/forecasting/members';
import { unpackModel } from '#lib/forecasting/model-state';
import { forecasters } from '#lib/registry';
import { judgeForecast } from '#lib/training/forecast-sanity';
import { reachOf } from '#lib/training/reach';
import type { ForecastRequest } from '#lib/training/request';
import { train } from '#lib/training/train';
import { Trainer } from '#lib/training/trainer';
import { HOUR_MS, pick, tank, TANK_START_MS } from '../support/tank';

const DAY_MS = 24 * HOUR_MS;

function request(changes: Partial<ForecastRequest> = {}): ForecastRequest {
  return {
    task: 'forecast',
    name: 'tank-level',
    device: 'tank-1',
    algorithm: 'seasonal-naive',
    params: {},
    minRows: 100,
    seed: 1,
    learnAlarms: false,
    series: { field: 'level' },
    horizonMs: DAY_MS,
    budgetSeconds: 20,
    tables: [tank({ rows: 480 })],
    ...changes,
  };
}

const warningsFor = async (changes: Partial<ForecastRequest>): Promise<string> =>
  (await train(request(changes))).card.warnings.join('\n');

/** Labels some rows of a table. */
const labelled = (table: ReadingTable, label: string, from: number, to: number): ReadingTable => ({
  ...table,
  labels: Array.from(table.timestampsMs, (_, row) => (row >= from && row < to ? label : null)),
});

/** An artifact as text, without what the clock says. */
function bitsOf(artifact: ForecasterArtifact): string {
  const { card } = artifact;
  const candidates = card.candidates.map((candidate) => ({ ...candidate, seconds: null }));
  return encodeArtifact({
    ...artifact,
    card: { ...card, candidates, metrics: { ...card.metrics, candidateSeconds: null } },
  });
}

describe('training a forecast', () => {
  it('makes a model that repeats what comes back every day, and can be stored', async () => {
    const made = await train(request({ algorithm: 'auto' }));
    const artifact = decodeArtifact(encodeArtifact(made)) as ForecasterArtifact;
    should(artifact).eql(made);
    const { members, history } = unpackModel(artifact.state);
    const origin = history.target.length;
    const forecasts = forecastMembers(members, history, [origin], 24);
    members.forEach((_, m) => {
      forecasts[m]!.forEach((value, step) => {
        const timeMs = TANK_START_MS + (480 + step) * HOUR_MS;
        const expected = 50 + 10 * Math.sin((2 * Math.PI * timeMs) / DAY_MS);
        // Noise has a deviation of 1; the naive member carries that of one day along.
        Math.abs(value - expected).should.be.below(5);
      });
    });
  });

  it('says what it made', async () => {
    const { series, card, algorithm } = await train(request({ series: { field: 'level', others: ['inflow'] } }));
    should(series).containEql({ field: 'level', others: ['inflow'], stepMs: HOUR_MS, aggregation: 'mean' });
    should(algorithm).containEql({ id: 'seasonal-naive', params: { season: 'shortest' }, seed: 1 });
    should(card).containEql({
      name: 'tank-level',
      device: 'tank-1',
      version: 0,
      algorithm: 'seasonal-naive',
      params: { season: 'shortest' },
      features: ['level', 'inflow'],
      rows: 480,
      span: { from: '2026-05-04T00:00:00.000Z', to: '2026-05-23T23:00:00.000Z' },
      stepMs: HOUR_MS,
      seed: 1,
      field: 'level',
      horizon: 24,
      active: true,
    });
    card.periodsMs[0]!.should.equal(DAY_MS);
    should(card.metrics).have.properties('mae', 'mase', 'smape', 'naiveMase');
    should(card.metrics).containEql({ filledShare: 0, candidateSeconds: null });
    card.activeReason.should.equal(
      'Active: on the newest readings, which it had not seen, its error is that of repeating the last season.',
    );
  });

  it('tells what each candidate did, the best first, and what it took', async () => {
    let nowMs = 0;
    const { card } = await train(request({ algorithm: 'auto' }), { now: () => (nowMs += 500) });
    card.candidates.length.should.be.above(1);
    const errors = card.candidates.map(({ mase }) => mase ?? Infinity);
    errors.should.eql([...errors].sort((a, b) => a - b));
    card.candidates.reduce((sum, { weight }) => sum + weight, 0).should.be.approximately(1, 1e-9);
    const tried = card.candidates.filter(({ seconds }) => seconds !== null);
    tried.length.should.be.above(1);
    card.metrics.candidateSeconds!.should.equal(tried.reduce((sum, { seconds }) => sum + seconds!, 0));
    card.candidates.map(({ algorithm }) => algorithm).should.containEql('seasonal-naive');
    card.metrics.mase!.should.be.below(card.metrics.naiveMase!);
  });

  for (const { id, testParams } of forecasters) {
    it(`works with ${id}`, async () => {
      const params = testParams as ForecastRequest['params'];
      const { card, state } = await train(request({ algorithm: id, params }));
      card.algorithm.should.equal(id);
      should(unpackModel(state).members.map(({ algorithm }) => algorithm.id)).eql([id]);
      Number.isFinite(card.metrics.mase).should.be.true();
    });
  }

  describe('looks as far ahead', () => {
    it('as is asked for, in steps', async () => {
      (await train(request({ horizonMs: 6 * HOUR_MS }))).card.horizon.should.equal(6);
      (await train(request({ horizonMs: 1000 }))).card.horizon.should.equal(1);
      should((await train(request({ horizonMs: 6 * HOUR_MS }))).card.warnings.join()).not.match(/It looks/);
    });

    it('as the history allows, and says from when on it is more', async () => {
      const { card } = await train(request({ horizonMs: 7 * DAY_MS }));
      card.horizon.should.equal(96);
      card.warnings.should.containEql(
        'It looks 4 d ahead instead of 7 d: a fifth of the 20 d there is to learn from. With 35 d it reaches 7 d.',
      );
      // There was enough to try it.
      Number.isFinite(card.metrics.mase).should.be.true();
    });

    it('as there may be steps', () => {
      should(reachOf(DAY_MS, 1000, 100_000)).eql({
        horizon: 2000,
        notes: [
          'It looks 33 min ahead instead of 1 d: 2,000 steps are the most there may be. Longer steps reach further.',
        ],
      });
      should(reachOf(DAY_MS, 1000, 100).notes[0]).match(/With 2 h 47 min it reaches 33 min\.$/);
      should(reachOf(1, HOUR_MS, 1)).eql({ horizon: 1, notes: [] });
    });
  });

  describe('tells of', () => {
    it('steps that had no reading, and the longest gap', async () => {
      const table = pick(tank({ rows: 480 }), (row) => row !== 100 && (row < 200 || row >= 206));
      const { card } = await train(request({ tables: [table] }));
      card.rows.should.equal(480);
      card.metrics.filledShare!.should.be.approximately(7 / 480, 1e-12);
      card.warnings.should.containEql(
        '7 of 480 steps (1 %) had no reading and are filled in; the longest gap lasts 6 h.',
      );
    });

    it('what lies before a gap that is too long', async () => {
      const table = pick(tank({ rows: 1500 }), (row) => row < 100 || row >= 400);
      const { card } = await train(request({ tables: [table] }));
      card.rows.should.equal(1100);
      card.warnings.should.containEql('100 steps are left out: before a gap of 12 d 12 h, which is too long to fill.');
    });

    it('readings for which "judge only when" does not hold', async () => {
      const judgeWhen = { field: 'inflow', comparison: '>', value: 4.6 } as const;
      (await warningsFor({ series: { field: 'level', judgeWhen } })).should.match(
        /^\d+ readings count as missing: "judge only when" does not hold\.$/m,
      );
    });

    it('several readings of the same time', async () => {
      const table = tank({ rows: 480 });
      table.timestampsMs[7] = table.timestampsMs[6]!;
      (await warningsFor({ tables: [table] })).should.match(
        /^1 reading counts together with others of the same time\.$/m,
      );
    });
  });

  it('takes readings that are labelled as a fault for missing, and keeps those that came during an alarm', async () => {
    const table = tank({ rows: 480 });
    const fault = await train(request({ tables: [labelled(table, 'leak', 200, 210)] }));
    fault.card.warnings.should.containEql('10 readings count as missing: labelled as something else than normal.');
    fault.card.metrics.filledShare!.should.be.approximately(10 / 480, 1e-12);
    const alarm = await train(request({ tables: [labelled(table, IN_ALARM_LABEL, 200, 210)] }));
    should(alarm).eql(await train(request({ tables: [table] })));
  });

  describe('refuses', () => {
    it('too little, and says how many readings came and how many are needed', async () => {
      for (const rows of [0, 1, 99]) {
        await should(train(request({ tables: [tank({ rows })] }))).be.rejectedWith({
          code: 'TOO_FEW_ROWS',
          message: new RegExp(`^${rows} readings? came; at least 100 are needed. Collect more, then train again.$`),
        });
      }
      const series = { field: 'level', stepMs: 10 * HOUR_MS };
      await should(train(request({ series }))).be.rejectedWith({
        code: 'TOO_FEW_ROWS',
        message: /^480 readings came, which make 4[789] steps; at least 100 are needed/,
      });
      (await train(request({ tables: [tank({ rows: 100 })] }))).card.rows.should.equal(100);
    });

    it('one model for several devices, and says what to do instead', async () => {
      const tables = ['a', 'b'].map((device) => tank({ rows: 480, device }));
      for (const changes of [{ tables }, { device: SHARED_DEVICE }]) {
        await should(train(request(changes))).be.rejectedWith({
          code: 'PARAMETER',
          message: /several cannot share "tank-level": train one model for each device, under the same name/,
        });
      }
    });

    it('a field that is not named where there are several, or not there', async () => {
      await should(train(request({ series: { field: '' } }))).be.rejectedWith({
        code: 'DATA',
        message: /name the one to forecast. Fields there: level, inflow/,
      });
      await should(train(request({ series: { field: 'levle' } }))).be.rejectedWith({
        code: 'DATA',
        message: /Did you mean "level"/,
      });
    });

    it('a series without a number, an unknown algorithm, a wrong parameter', async () => {
      const nothing = tank({ rows: 480 });
      nothing.data.fill(NaN);
      await should(train(request({ tables: [nothing] }))).be.rejectedWith({ code: 'DATA' });
      await should(train(request({ algorithm: 'magic' }))).be.rejectedWith({ code: 'NOT_FOUND' });
      await should(train(request({ params: { season: 'spring' } }))).be.rejectedWith({ code: 'PARAMETER' });
      await should(train(request({ algorithm: 'auto', params: { season: 'longest' } }))).be.rejectedWith({
        code: 'PARAMETER',
      });
    });
  });

  it('learns a constant as it is', async () => {
    const table = tank({ rows: 480 });
    table.data.fill(5);
    const { card } = await train(request({ algorithm: 'auto', tables: [table] }));
    card.active.should.be.true();
    card.metrics.mae!.should.be.approximately(0, 1e-6);
  });

  it('makes something of a million readings', async function () {
    this.timeout(120_000);
    const { card } = await train(
      request({ algorithm: 'auto', budgetSeconds: 2, tables: [tank({ rows: 1_000_000, stepMs: 60_000 })] }),
    );
    card.horizon.should.equal(1440);
    should(card.warnings.join()).match(/newest/);
  });

  it('stops when it is aborted', async () => {
    await should(train(request(), { signal: AbortSignal.abort() })).be.rejectedWith({ code: 'ABORTED' });
    const controller = new AbortController();
    const onProgress = (fraction: number): void => {
      if (fraction > 0.04) controller.abort();
    };
    const running = train(request({ algorithm: 'auto' }), { signal: controller.signal, onProgress });
    await should(running).be.rejectedWith({ code: 'ABORTED' });
  });

  it('tells its progress from something to 1, never back', async () => {
    const told: number[] = [];
    await train(request({ algorithm: 'auto' }), { onProgress: (fraction) => told.push(fraction) });
    told.should.eql([...told].sort((a, b) => a - b));
    should(told.at(-1)).equal(1);
    should(told.length).be.aboveOrEqual(3);
  });

  it('leaves its input as it is', async () => {
    const given = request({ algorithm: 'auto' });
    const copy = structuredClone(given);
    await train(given);
    given.should.eql(copy);
  });

  it('gives the same bits in a worker as outside, and tells the seconds there', async () => {
    const trainer = new Trainer(() => 0);
    try {
      const given = request({ algorithm: 'auto' });
      const expected = bitsOf(await train(given));
      bitsOf(await train(given)).should.equal(expected);
      const made = (await trainer.train(() => given)) as ForecasterArtifact;
      bitsOf(made).should.equal(expected);
      made.card.metrics.candidateSeconds!.should.be.above(0);
    } finally {
      await trainer.close();
    }
  });
});

describe('whether a forecast may be used', () => {
  const judged = (mase: number | null, naiveMase: number | null, seasonal = true): [boolean, string] => {
    const { sane, reason } = judgeForecast({ mase, naiveMase }, seasonal);
    return [sane, reason];
  };
  const seen = 'on the newest readings, which it had not seen, its error is';

  it('depends on how it did beside repeating the last season', () => {
    should(judged(0.6, 0.8)).eql([true, `Active: ${seen} 25 % smaller than that of repeating the last season.`]);
    should(judged(0.88, 0.8, false)).eql([true, `Active: ${seen} 10 % larger than that of repeating the last value.`]);
    should(judged(0.8, 0.8)).eql([true, `Active: ${seen} that of repeating the last season.`]);
    should(judged(2, 0.8)).eql([
      false,
      `Not active: ${seen} 2.5 times that of repeating the last season. ` +
        'Choose another algorithm, or train on a longer time.',
    ]);
  });

  it('does not depend on a hair where readings repeat exactly', () => {
    should(judged(0.01, 0)[0]).be.true();
    should(judged(0.5, 0)).eql([
      false,
      `Not active: ${seen} larger than that of repeating the last season, which is none. ` +
        'Choose another algorithm, or train on a longer time.',
    ]);
  });

  it('is left to the user where nothing could be tried, and refused to what is no number', () => {
    should(judged(null, null)[0]).be.true();
    should(judged(null, null)[1]).match(/too little history to try it on/);
    should(judged(NaN, 1)[0]).be.false();
  });
});
