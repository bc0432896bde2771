// `npm start`: the demo.
import { bootstrap } from './bootstrap.mjs';

bootstrap();
import('../build/demo/start.js').catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
