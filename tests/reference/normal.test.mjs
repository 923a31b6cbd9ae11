/* Φ against its alternating power series, summed in whole numbers of 10^-DIGITS: nothing exact here is floating. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { between, lower, upper } from './normal.mjs';

const DIGITS = 320n;
const ONE = 10n ** DIGITS;

function isqrt(n) {
    let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
    for (;;) {
        const y = (x + n / x) >> 1n;
        if (y >= x)
            return x;
        x = y;
    }
}

/** atan(1/k) */
function atanInverse(k) {
    let power = ONE / k;
    let sum = 0n;
    for (let n = 1n, sign = 1n; power !== 0n; n += 2n, sign = -sign, power /= k * k)
        sum += (sign * power) / n;
    return sum;
}

const PI = 4n * (4n * atanInverse(5n) - atanInverse(239n));
const SQRT_2PI = isqrt(2n * PI * ONE);

/** The double z as a fixed-point number; exact for every z that is a whole number of 2^-80. */
function fixed(z) {
    const bits = 80;
    return (BigInt(z * 2 ** bits) * ONE) >> BigInt(bits);
}

/** Φ(z) - 1/2 = Σ (-1)^n z^(2n+1) / (2^n n! (2n+1)) / √(2π) */
function exactCentre(z) {
    const x = fixed(z);
    const x2 = (x * x) / ONE;
    let term = x;
    let sum = 0n;
    for (let n = 0n; term !== 0n; n++) {
        sum += term / (2n * n + 1n);
        term = (-term * x2) / (2n * (n + 1n) * ONE);
    }
    return (sum * ONE) / SQRT_2PI;
}

const exactUpper = (z) => ONE / 2n - exactCentre(z);

/** got/exact - 1, from the integers. */
function relativeError(got, exact) {
    const scale = 2n ** 1000n; /* makes an integer of any double down to 1e-285 */
    const mine = BigInt(got * 2 ** 500 * 2 ** 500) * ONE;
    const difference = mine - exact * scale;
    return Number((difference * 10n ** 20n) / (exact * scale)) / 1e20;
}

const POINTS = [
    0, 1e-6, 0.01, 0.25, 0.5, 0.9, 0.999, 1, 1.001, 1.1, 1.25, 1.5, 1.75, 2, 2.3, 2.7, 3, 3.3, 3.7, 4, 4.1, 4.7, 5.3,
    6.1, 7.3, 7.999, 8, 8.001, 9.7, 12.3, 15.1, 20.7, 25.3,
];

test('the exact side is sane: π, √2π, and Φ runs from 1/2 to 1', () => {
    assert.equal(Number(PI / 10n ** (DIGITS - 30n)) / 1e30, Math.PI);
    assert.ok(ONE / 10n ** 300n > (SQRT_2PI * SQRT_2PI) / ONE - 2n * PI);
    assert.equal(exactUpper(0), ONE / 2n);
    assert.ok(exactUpper(25) > 0n && exactUpper(25) < ONE / 10n ** 100n);
});

test('the upper tail is right to 2e-15 of itself', () => {
    for (const z of POINTS)
        assert.ok(Math.abs(relativeError(upper(z), exactUpper(z))) < 2e-15, `z = ${z}`);
});

test('below and above mirror each other and add up', () => {
    for (const z of POINTS) {
        assert.equal(lower(-z), upper(z));
        assert.ok(Math.abs(lower(z) + upper(z) - 1) <= 2 ** -53);
        assert.ok(Math.abs(relativeError(lower(z), ONE - exactUpper(z))) < 2e-15, `z = ${z}`);
    }
    assert.equal(upper(Infinity), 0);
    assert.equal(lower(Infinity), 1);
    assert.equal(upper(41), 0);
});

test('a narrow row is right to 1e-12 of itself wherever it lies', () => {
    for (const z of [-6.3, -4, -3.999, -2.2, -1.003, -1, -0.4, -0.004, 0, 0.2, 0.995, 1, 1.7, 3.1, 3.992, 4, 5.5]) {
        for (const width of [0.008, 0.1, 1, 3]) {
            const exact = exactCentre(z + width) - exactCentre(z);
            assert.ok(Math.abs(relativeError(between(z, z + width), exact)) < 1e-12, `${z} + ${width}`);
        }
    }
});
