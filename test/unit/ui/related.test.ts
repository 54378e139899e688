import { describe, expect, it } from 'vitest';
import { related } from '../../../src/ui/diagram/related';
import { keys, sampleTopology } from './sampleTopology';

const topology = sampleTopology();
const container = 'local|ctr|c1aaaaaaaaaaaaaa';
const inner = `local|ns|${keys.container}`;

describe('what a diagram shows for a selected row', () => {
  it('is the container or interface for an endpoint', () => {
    const endpoint = 'local|net|overlay0000000|ep|c1aaaaaaaaaaaaaa';
    expect(related(endpoint, topology)).toEqual([endpoint, container, `${inner}|link|10`, inner]);
  });

  it('is the sandbox or its container, whichever there is, for either of them and for a link in it', () => {
    expect(related(container, topology)).toEqual([container, inner]);
    expect(related(inner, topology)).toEqual([inner, container]);
    expect(related(`${inner}|link|10`, topology)).toEqual([`${inner}|link|10`, inner, container]);
  });

  it('is the overlay\'s sandbox for the network', () => {
    expect(related('local|net|overlay0000000', topology)).toEqual(['local|net|overlay0000000', `local|ns|${keys.overlay}`]);
  });

  it('is itself for what is gone', () => {
    expect(related('nothing', topology)).toEqual(['nothing']);
  });
});
