import type { DetectionRequest } from '#lib/training/request';

/** A training of a detector as a test or benchmark asks for it: what it is not about is as in a form left alone. */
export function detectionRequest(
  asked: Partial<DetectionRequest> & Pick<DetectionRequest, 'algorithm' | 'tables'>,
): DetectionRequest {
  return {
    task: 'detection',
    name: 'pump-health',
    device: 'pump-1',
    params: {},
    pipeline: {},
    threshold: { by: 'score', value: 0.7 },
    minRows: 100,
    seed: 1,
    learnAlarms: false,
    ...asked,
  };
}
