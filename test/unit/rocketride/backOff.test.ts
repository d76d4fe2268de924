import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { backOff } from '../../../src/rocketride/backOff.ts';

const times = { firstRetryMs: 250, longestRetryMs: 15_000 };

suite('back-off', () => {
  test('doubles with each failure up to the longest', () => {
    const waits = [1, 2, 3, 6, 7, 8, 1000].map((failures) => backOff(failures, times, () => 1));
    assert.deepEqual(waits, [250, 500, 1000, 8000, 15_000, 15_000, 15_000]);
  });

  test('is at random from one half of that on', () => {
    assert.equal(
      backOff(1, times, () => 0),
      125,
    );
    assert.equal(
      backOff(1, times, () => 0.5),
      187.5,
    );
  });
});
