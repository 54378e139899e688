import { suiteOf } from '../../e2e/suite/suiteOf';

export const { activate, run } = suiteOf(() => import('./measure'));
