import { suiteOf } from './suiteOf';

export const { activate, run } = suiteOf(() => import('./tests'));
