import * as v from 'valibot';

/* What the schemas of a snapshot's parts are made of. */

export const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const text = v.string();
export const texts = v.array(text);
export const textMap = v.record(text, text);
export const anything = v.record(text, v.unknown());
export const family = v.picklist(['inet', 'inet6']);
export const key = v.pipe(text, v.regex(/^\d+:\d+$/));
export const integer = v.pipe(v.number(), v.safeInteger());
