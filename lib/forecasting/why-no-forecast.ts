import type { ForecastDevice } from './forecast-device';

/** Why none of the devices can be forecast, in one sentence. @param model - the model's name */
export function whyNoForecast(devices: readonly ForecastDevice[], model: string): string {
  const learning = devices.find(({ source }) => source?.progress != null);
  if (learning !== undefined) {
    const { learned, needed } = learning.source!.progress!;
    const yet = `${learning.name} cannot be forecast yet`;
    if (learned < needed) return `${yet}: ${learned} of ${needed} samples to learn from have come.`;
    return `${yet}: ${needed} samples have come, but no model has been learned of them. Wait, or see what the node has warned of.`;
  }
  if (devices.length > 0)
    return `There is no model "${model}" for ${devices[0]!.name}: train one, or let it be learned.`;
  return 'Nothing can be forecast yet: send readings first.';
}
