import type { Node, NodeAPI } from 'node-red';
import { MlError, show } from '../../lib/core/errors';
import { profileInfos } from '../../lib/synthetic/profiles';
import { migrateConfig } from '../shared/migrate';
import { onInput, type InputMessage } from '../shared/on-input';
import { startNode } from '../shared/start';
import { numberSettings } from '../shared/settings';
import { setStatus } from '../shared/status';
import { batchOf } from './batch';
import { ML_SYNTHETIC_DEFAULTS, type MlSyntheticConfig } from './config';
import { LiveDevices } from './live';
import { settingSpecs, type SyntheticSettings, settingsOf } from './settings';

/** Batches that may wait in one node. */
const MAX_WAITING = 10;

function refuseAction(action: unknown): void {
  if (action === undefined) return;
  throw new MlError(
    'PARAMETER',
    `ml-synthetic makes a batch for each message and takes no msg.action, got ${show(action)}: scenarios can be injected in live mode.`,
  );
}

/** The length and the seed that a message asks for, else those of the form. */
function askedOf(message: InputMessage, settings: SyntheticSettings): SyntheticSettings {
  const specs = {
    days: { ...settingSpecs.days, default: settings.days },
    seed: { ...settingSpecs.seed, default: settings.seed },
  };
  return { ...settings, ...numberSettings('ml-synthetic', specs, message) };
}

/** Makes labelled telemetry: live by itself, or a batch for each message. */
export = (RED: NodeAPI): void => {
  function runLive(node: Node, settings: SyntheticSettings): void {
    const live = new LiveDevices(settings, Date.now());
    let shown = '';
    const showRunning = (): void => {
      const [first, ...others] = new Set(live.running());
      const text = first === undefined ? RED._('ml-synthetic.status.normal') : others.length > 0 ? `${first} …` : first;
      if (text === shown) return;
      shown = text;
      setStatus(node, { fill: first === undefined ? 'green' : 'yellow', shape: 'dot', text });
    };
    const timer = setInterval(() => {
      for (const message of live.readings(Date.now())) node.send(message);
      showRunning();
    }, settings.rateMs);
    node.on('close', () => clearInterval(timer));
    onInput(RED, node, (message) => live.command(message));
    showRunning();
  }

  function runBatches(node: Node, settings: SyntheticSettings): void {
    const closing = new AbortController();
    let waiting = 0;
    let turn: Promise<unknown> = Promise.resolve();
    node.on('close', () => closing.abort());
    onInput(RED, node, async (message, send) => {
      refuseAction(message.action);
      const asked = askedOf(message, settings);
      if (waiting >= MAX_WAITING) {
        throw new MlError('LIMIT', `${MAX_WAITING} batches are being made already: send the message again later.`);
      }
      waiting += 1;
      setStatus(node, { fill: 'blue', shape: 'ring', text: RED._('ml-synthetic.status.making') });
      const made = turn.then(() => batchOf(asked, Date.now(), closing.signal));
      turn = made.catch(() => undefined);
      try {
        const { rows, payload } = await made;
        message.payload = payload;
        send(message);
        setStatus(node, { fill: 'green', shape: 'dot', text: RED._('ml-synthetic.status.rows', { rows }) });
      } finally {
        waiting -= 1;
      }
    });
  }

  function MlSynthetic(this: Node, config: MlSyntheticConfig): void {
    RED.nodes.createNode(this, config);
    startNode(RED, this, () => {
      const settings = settingsOf(migrateConfig<MlSyntheticConfig>(config, ML_SYNTHETIC_DEFAULTS));
      if (settings.mode === 'live') runLive(this, settings);
      else runBatches(this, settings);
    });
  }

  RED.nodes.registerType('ml-synthetic', MlSynthetic, {
    settings: {
      mlSyntheticProfiles: { value: profileInfos, exportable: true },
      mlSyntheticNumbers: { value: settingSpecs, exportable: true },
    },
  });
};
