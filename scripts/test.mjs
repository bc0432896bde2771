// `npm test`: everything that needs no server. Arguments go to mocha: `npm test -- --grep pump`.
import { join } from 'path';
import { bootstrap, root, run } from './bootstrap.mjs';

bootstrap();
const status = run(join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'), ...process.argv.slice(2));

console.log(`
Skipped: the tests in test/services, which need an MQTT broker or a browser. To run them as well:
  MQTT_URL=mqtt://127.0.0.1:1883 CHROMIUM=/usr/bin/chromium npm run test:services
`);
process.exitCode = status;
