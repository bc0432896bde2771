import type { ForecastDevice } from './forecast-device';

/** Why none of the devices can be forecast, in one sentence. @param model - the model's name */
export function whyNoForecast(devices: readonly ForecastDevice[], model: string): string {
  const learning = devices.find(({ source }) => source?.progress != null);
  if (learning !== undefined) {
    const { learned, needed } = learning.source!.progress!;
    return `${learning.name} cannot be forecast yet: ${learned} of ${needed} samples to learn from have come.`;
  }
  if (devices.length > 0)
    return `There is no model "${model}" for ${devices[0]!.name}: train one, or let it be learned.`;
  return 'Nothing can be forecast yet: send readings first.';
}
