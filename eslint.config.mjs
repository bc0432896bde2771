import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The floors of lib/, top first: a folder may import from the floors below its own, and from itself. */
const floors = [
  ['training'],
  ['detection', 'forecasting'],
  ['registry', 'store'],
  ['detectors', 'forecasters', 'postgres'],
  ['readings', 'synthetic', 'nn'],
  ['kernels'],
  ['core'],
];

const notNodeRed = {
  group: ['node-red', 'node-red/*', '@node-red/*', '**/nodes/**'],
  message: 'lib/ must work without Node-RED.',
};

const floorRules = floors.flatMap((rooms, level) =>
  rooms.map((room) => {
    const forbidden = floors
      .slice(0, level + 1)
      .flat()
      .filter((other) => other !== room);
    const patterns = [
      notNodeRed,
      {
        // A file may bear a room's name (core/readings): only lib/registry.ts is a room that is a file.
        group: forbidden.map((other) => (other === 'registry' ? '**/registry' : `**/${other}/*`)),
        message: `lib/${room} may import only from the floors below it (see eslint.config.mjs).`,
      },
    ];
    return {
      files: [`lib/${room}/**/*.ts`, `lib/${room}.ts`],
      rules: { 'no-restricted-imports': ['error', { patterns: forbidden.length > 0 ? patterns : [notNodeRed] }] },
    };
  }),
);

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'build/',
      'resources/',
      'coverage/',
      'node_modules/',
      '.demo/',
      'lib/kernels/assembly/',
      'bench/assembly/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'tsconfig.dev.json', 'editor/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Every index is checked by noUncheckedIndexedAccess; in numeric loops `!` says that the bound is known.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [notNodeRed] }],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Use core/random.' }],
    },
  },
  ...floorRules,
  {
    files: ['test/**/*.ts'],
    // should's assertions are expressions.
    rules: { '@typescript-eslint/no-unused-expressions': 'off', 'max-lines': 'off' },
  },
  {
    // The editor's scripts are no modules: they meet in one namespace.
    files: ['editor/**/*.ts'],
    rules: {
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^FlowsightMl$', argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
);
