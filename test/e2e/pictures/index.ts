import { suiteOf } from '../suite/suiteOf';

export const { activate, run } = suiteOf(() => import('./pictures'));
