import type { Nonsense } from './service';

const usual = { temperature: 60 };

/** Requests that make no sense, and the field that the answer names: to the IIoT platform. */
export const nonsense: readonly Nonsense[] = [
  ['POST', '/models/train', {}, 'device_id'],
  ['POST', '/models/train', { device_id: '*' }, 'device_id'],
  ['POST', '/models/train', { device_id: ['press-1'] }, 'device_id'],
  ['POST', '/models/train', { device_id: 'press-1', model_name: 'a:b' }, 'model_name'],
  ['POST', '/models/train', { device_id: 'press-1', algorithm: 5 }, 'algorithm'],
  ['POST', '/models/train', { device_id: 'press-1', parameters: [1] }, 'parameters'],
  ['POST', '/models/train', { device_id: 'press-1', features: [] }, 'features'],
  ['POST', '/models/train', { device_id: 'press-1', contamination: 0.6 }, 'contamination'],
  ['POST', '/models/train', { device_id: 'press-1', hours: '168' }, 'hours'],
  ['POST', '/models/train', { device_id: 'press-1', from: 'soon' }, 'from'],
  ['POST', '/predict', { data: usual }, 'device_id'],
  ['POST', '/predict', { device_id: 'press-1' }, 'data'],
  ['POST', '/predict', { device_id: 'press-1', data: [usual] }, 'data'],
  ['POST', '/predict', { device_id: 'press-1', data: usual, timestamp: 'now' }, 'timestamp'],
  ['POST', '/predict/batch', { device_id: 'press-1', data: [] }, 'data'],
  ['POST', '/predict/batch', { device_id: 'press-1', data: [usual] }, 'data'],
  ['GET', '/anomalies?limit=0', undefined, 'limit'],
  ['GET', '/anomalies?limit=1&limit=2', undefined, 'limit'],
  ['GET', '/anomalies?from=yesterday', undefined, 'from'],
  ['GET', '/performance?hours=', undefined, 'hours'],
  ['PUT', '/threshold', { threshold: 0.8 }, 'model_id'],
  ['PUT', '/threshold', { model_id: 'standard:press-1' }, 'threshold'],
  ['PUT', '/threshold', { model_id: 'standard:press-1', threshold: 7 }, 'threshold'],
];
