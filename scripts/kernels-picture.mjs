// Draws docs/pictures/kernels.svg: how activations and weights lie in memory, and what one turn of the product touches.
import { writeFileSync } from 'node:fs';

const CELL = 22;
const parts = [];
const add = (text) => parts.push(text);

function cell(x, y, fill, label = '') {
  add(`<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="${fill}" stroke="#667"/>`);
  if (label !== '') add(`<text x="${x + CELL / 2}" y="${y + 15}" text-anchor="middle" font-size="10">${label}</text>`);
}

function caption(x, y, text, anchor = 'start', size = 13) {
  add(`<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}">${text}</text>`);
}

/** Weights: panels of four rows; the number in a cell is its place in memory. */
function weights(x, y) {
  caption(x, y - 12, 'weights: panels of 4 rows');
  for (let row = 0; row < 8; row++) {
    for (let column = 0; column < 5; column++) {
      const place = Math.floor(row / 4) * 20 + column * 4 + (row % 4);
      const used = row < 4 && column === 2;
      cell(
        x + column * CELL,
        y + row * CELL + (row > 3 ? 8 : 0),
        used ? '#f4b860' : row < 4 ? '#fdeed6' : '#f6f3ee',
        place,
      );
    }
  }
  caption(x + 2.5 * CELL, y + 8 * CELL + 28, 'inputs [h; x; 1] →', 'middle', 11);
}

/** Activations: a row a feature, samples side by side. */
function activations(x, y) {
  caption(x, y - 12, 'activations: samples side by side');
  for (let row = 0; row < 5; row++) {
    for (let column = 0; column < 16; column++) {
      const used = row === 2 && column < 8;
      cell(x + column * CELL, y + row * CELL, used ? '#7fb3d5' : column < 8 ? '#e3eff7' : '#f1f5f8', row * 16 + column);
    }
  }
  caption(x + 8 * CELL, y + 5 * CELL + 20, '16 samples →', 'middle', 11);
}

function sums(x, y) {
  caption(x, y - 12, '8 registers of 4 sums, held until all inputs are through');
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 8; column++)
      cell(x + column * CELL + (column > 3 ? 6 : 0), y + row * CELL, '#b9d8b0');
  }
}

weights(20, 50);
caption(150, 110, '×', 'middle', 26);
activations(190, 50);
caption(150, 270, '=', 'middle', 26);
sums(190, 222);
caption(20, 330, 'One turn: 4 weights (orange) × 8 samples (blue) = 64 operations for 6 loads.', 'start', 12);

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="570" height="350" viewBox="0 0 570 350" font-family="sans-serif" fill="#223">
<rect width="570" height="350" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
writeFileSync(new URL('../docs/pictures/kernels.svg', import.meta.url), svg);
