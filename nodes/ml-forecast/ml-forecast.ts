import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { ForecasterArtifact } from '../../lib/core/artifact';
import { messageOf, MlError, show } from '../../lib/core/errors';
import { askWithHistory } from '../../lib/forecasting/ask-with-history';
import type { BreachEvent } from '../../lib/forecasting/events';
import type { ForecastFindings } from '../../lib/forecasting/forecast-device';
import { ForecastMonitor } from '../../lib/forecasting/forecast-monitor';
import { forecastOnce } from '../../lib/forecasting/forecast-once';
import type { LearningJob } from '../../lib/forecasting/learner';
import type { ForecastRequest } from '../../lib/training/request';
import { Trainer } from '../../lib/training/trainer';
import { storeOf } from '../ml-store/store-of';
import { deviceNamed, holdsRows, isCommand, modelNamed } from '../shared/commands';
import { historyOf } from '../shared/history';
import { historySpecs } from '../shared/history-config';
import { migrateConfig } from '../shared/migrate';
import { onInput, type InputMessage, type Send } from '../shared/on-input';
import { readingSpecs, readMessages } from '../shared/read-messages';
import { startNode } from '../shared/start';
import { ChartLines } from './chart';
import { ML_FORECAST_DEFAULTS, type MlForecastConfig } from './config';
import { ForecastResults } from './forecast-results';
import { showForecast } from './forecast-status';
import { limitsIn } from './limits';
import { optionalSpecs, settingSpecs } from './numbers';
import { settingsOf } from './settings';

/** How often the status is renewed. */
const TICK_MS = 500;
/** What learning as it goes may spend on one model, in seconds of one core: there may be many devices. */
const LEARNING_SECONDS = 5;

/** Forecasts a field of any number of devices; see `ForecastMonitor`. */
export = (RED: NodeAPI): void => {
  function start(node: Node, config: MlForecastConfig): void {
    const { monitor: settings, everyMs, results: writing } = settingsOf(config);
    const read = readMessages(RED, node, config);
    const limitsOf = limitsIn(RED, config);
    const results = new ForecastResults(RED, node, writing);
    const store = storeOf(RED, node, config.store);
    const history = config.database === '' ? null : historyOf(RED, node, config);
    const trainer = new Trainer(Date.now);
    const chart = config.chart ? new ChartLines(settings.maxDevices) : null;
    const fit = async (job: LearningJob): Promise<ForecasterArtifact> =>
      (await trainer.train(() => requestOf(job, settings.model))) as ForecasterArtifact;
    const warn = (problem: string): void => node.warn(problem);
    const monitor = new ForecastMonitor(store.models, store.states, settings, fit, Date.now(), warn);

    function write({ forecasts, events }: ForecastFindings): void {
      results.forecasts(forecasts);
      results.events(events);
    }

    /** The message goes on as it came, with its forecasts; or points for a chart do. Events go beside it. */
    function deliver(message: InputMessage, found: ForecastFindings, send: Send): void {
      const { forecasts, events } = found;
      write(found);
      const told = events.length > 0 ? events.map(eventMessage) : null;
      if (chart === null) {
        if (forecasts.length > 0) message.forecast = forecasts.length > 1 ? forecasts : forecasts[0];
        send(told === null ? message : [message, told]);
        return;
      }
      const points = chart.points(found);
      if (points.length > 0 || told !== null) send([points.length > 0 ? points : null, told]);
    }

    /** By this node's model, or once by another one that a message names. */
    function forecastsOf(device: string | null, model: string): Promise<ForecastFindings> {
      const nowMs = Date.now();
      if (model !== settings.model) {
        if (device === null)
          throw new MlError('PARAMETER', 'ml-forecast: msg.model needs a device: name it in msg.device.');
        return forecastOnce(store.models, { ...settings, model }, device, history, nowMs);
      }
      if (device === null || history === null) return monitor.ask(device, nowMs);
      return askWithHistory(monitor, history, device, nowMs);
    }

    async function obey(message: InputMessage, send: Send): Promise<void> {
      const { action } = message;
      const device = deviceNamed('ml-forecast', message.device);
      if (action === 'forecast') {
        const found = await forecastsOf(device, modelNamed('ml-forecast', message.model) ?? settings.model);
        // It ends here: the next node would take it for its own.
        delete message.action;
        deliver(message, found, send);
      } else if (action === 'reset') {
        const events = await monitor.reset(device, Date.now());
        chart?.forget(device);
        results.events(events);
        if (events.length > 0) send([null, events.map(eventMessage)]);
      } else {
        throw new MlError('PARAMETER', `ml-forecast: msg.action must be "forecast" or "reset", got ${show(action)}.`);
      }
    }

    onInput(RED, node, (message, send) => {
      if (isCommand(message)) return obey(message, send);
      const limits = limitsOf(message);
      return read(message, (readings) => {
        for (const { values } of readings) store.fields.record(settings.model, values.keys());
        const isBatch = readings.length > 1 || holdsRows(message.payload);
        const found = isBatch
          ? monitor.takeBatch(readings, limits, Date.now())
          : monitor.take(readings, limits, Date.now());
        if (!(found instanceof Promise)) return deliver(message, found, send);
        return found.then((findings) => deliver(message, findings, send));
      });
    });

    /** By the clock each device has a message of its own. */
    function renew(): void {
      const found = monitor.renew();
      write(found);
      const told = found.events.length > 0 ? found.events.map(eventMessage) : null;
      const first =
        chart?.points(found) ?? found.forecasts.map((forecast) => ({ ...addressOf(forecast.device), forecast }));
      if (first.length > 0 || told !== null) node.send([first.length > 0 ? first : null, told]);
    }

    const timers = [setInterval(() => showForecast(RED, node, monitor.status()), TICK_MS)];
    if (everyMs !== null) timers.push(setInterval(renew, everyMs));
    for (const timer of timers) timer.unref();
    showForecast(RED, node, monitor.status());

    node.on('close', (done: () => void) => {
      timers.forEach(clearInterval);
      trainer
        .close()
        .then(() => monitor.close())
        .then(() => store.release())
        .finally(() => results.release())
        .then(done, (error: unknown) => {
          node.warn(messageOf(error));
          done();
        });
    });
  }

  function MlForecast(this: Node, config: MlForecastConfig): void {
    RED.nodes.createNode(this, config);
    startNode(RED, this, () => {
      start(this, migrateConfig<MlForecastConfig>(config, ML_FORECAST_DEFAULTS));
    });
  }

  RED.nodes.registerType('ml-forecast', MlForecast, {
    settings: {
      mlForecastNumbers: {
        value: { ...readingSpecs, ...settingSpecs, ...optionalSpecs, ...historySpecs },
        exportable: true,
      },
    },
  });
};

function requestOf({ table, series, horizonMs }: LearningJob, name: string): ForecastRequest {
  return {
    task: 'forecast',
    name,
    device: table.device,
    algorithm: 'auto',
    params: {},
    minRows: 2,
    seed: 1,
    learnAlarms: true,
    tables: [table],
    series,
    horizonMs,
    budgetSeconds: LEARNING_SECONDS,
  };
}

function addressOf(device: string): { readonly topic: string; readonly device: string } {
  return { topic: device, device };
}

function eventMessage(event: BreachEvent): NodeMessage {
  return { topic: event.device, payload: event };
}
