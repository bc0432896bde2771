import { workerData } from 'node:worker_threads';
import type { CrewOrder } from './crew';
import { yieldToEventLoop } from './priority';
import { TrainingSpace } from './space';

const { shape, memory } = workerData as CrewOrder;
yieldToEventLoop();
TrainingSpace.attach(shape, memory).help();
