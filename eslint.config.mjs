import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** `x as unknown as T` and `x as any as T` silence the compiler; say what is true instead. */
const noDoubleCast = {
  selector: 'TSAsExpression > TSAsExpression[typeAnnotation.type=/^TS(Unknown|Any)Keyword$/]',
  message: 'A cast through unknown silences the compiler. Narrow or parse the value instead.',
};

export default defineConfig(
  globalIgnores(['**/node_modules/', 'functions/lib*/', '.cache/', 'data/', 'hosting/dist*/']),
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', noDoubleCast],
    },
  },
  // Tests beside the page's sources run in Node: their types are those of the page's other tests.
  {
    files: ['hosting/src/**/*.test.ts'],
    languageOptions: { parserOptions: { projectService: false, project: 'hosting/test/tsconfig.json' } },
  },
  // Command lines talk to a person.
  { files: ['scripts/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts', '{functions,hosting}/test/**/*.ts', '**/suite/*.ts'],
    rules: {
      // node:assert methods are called without awaiting a value; mocha's `this` carries its timeout.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
