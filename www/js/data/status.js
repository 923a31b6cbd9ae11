/* What state the page is in, in words. */

import { exchangeName, span } from './format.js';
import { ageOf } from './state.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 *
 * @typedef {"loading" | "live" | "demo" | "file" | "stale" | "degraded" | "unreachable" | "replay"} StateName
 *
 * @typedef {object} Status
 * @property {StateName} state
 * @property {string} label    for the chip: "Live", "Retrying"
 * @property {string} title    headline of the notice, "" for none
 * @property {string[]} lines  its text
 * @property {boolean} retry   offer a button
 */

const LABEL = {
    loading: 'Loading', live: 'Live', demo: 'Demo', file: 'File', stale: 'Stale',
    degraded: 'Degraded', unreachable: 'Offline', replay: 'Replay',
};

/** @param {import('./state.js').State} state @returns {Status} */
export function statusNow(state) {
    const { map, busy, error, retryAt, clock, query } = state;
    return statusOf({
        snapshot: map?.snapshot ?? null, ageMs: ageOf(state), busy, error,
        retryMs: Math.max(0, retryAt - clock), replay: query.end > 0,
    });
}

/**
 * @param {object} now
 * @param {Snapshot | null} now.snapshot  what is on the screen
 * @param {number} now.ageMs   of its data; NaN unknown
 * @param {boolean} now.busy   a request is under way
 * @param {{code: string, message: string, allowed: string[], final: boolean, status?: number} | null} now.error
 *     the last request's
 * @param {boolean} [now.replay]  the map of a past moment is asked for
 * @param {number} now.retryMs until the next request; Infinity for none
 * @returns {Status}
 */
export function statusOf({ snapshot, ageMs, busy, error, retryMs, replay = false }) {
    if (error)
        return broken(error, snapshot, ageMs, busy, retryMs);
    if (!snapshot)
        return { state: 'loading', label: LABEL.loading, title: '', lines: [], retry: false };
    /* The replay bar says when; nothing of it is live or ages. */
    if (replay)
        return { state: 'replay', label: LABEL.replay, title: '', lines: [], retry: false };
    const state = stateOf(snapshot);
    /* A refresh changes only the dot, so that nothing moves. */
    const label = LABEL[state];
    if (snapshot.stale) {
        const reason = snapshot.staleReason || 'the exchange gives no newer data';
        return { state, label, title: `Data ${span(ageMs)} old: ${reason}`, lines: linesOf(snapshot), retry: false };
    }
    const title = fallbackTitle(snapshot) || (snapshot.warnings.length > 0 ? 'Some data is missing' : '');
    return { state, label, title, lines: linesOf(snapshot), retry: false };
}

/**
 * The warnings.  For a sum of exchanges names are enough: the panel has the
 * details.
 *
 * @param {Snapshot} snapshot
 * @returns {string[]}
 */
function linesOf({ warnings, exchanges }) {
    const parts = exchanges ?? [];
    const names = (/** @type {typeof parts} */ some) => some.map((part) => exchangeName(part.name)).join(', ');
    const late = parts.filter((part) => part.missing);
    const out = parts.filter((part) => !part.included && part.reason && !part.missing);
    const old = parts.filter((part) => part.included && part.stale);
    const lines = warnings.filter((line) => !parts.some(({ name }) => line.startsWith(`${name} is `)));
    if (old.length > 0)
        lines.unshift(`Stale: ${names(old)}`);
    if (out.length > 0)
        lines.unshift(`Excluded: ${names(out)}`);
    if (late.length > 0)
        lines.unshift(`Incomplete, still to come: ${names(late)}`);
    return lines;
}

/** The server's codes in words. @type {Readonly<Record<string, string>>} */
const PASSED_OVER = {
    blocked: 'is blocked here', net: 'does not answer', timeout: 'does not answer', rate: 'limits our requests',
    not_found: 'does not list this symbol', format: 'answers in an unknown form',
};

/** Why another exchange is shown than the preferred one. @param {Snapshot} snapshot @returns {string} "" for none */
function fallbackTitle({ fallback, exchange }) {
    if (!fallback)
        return '';
    const why = PASSED_OVER[fallback.code || 'net'] ?? 'cannot be shown';
    return `${exchangeName(fallback.from)} ${why}: showing ${exchangeName(exchange)}`;
}

/** @param {Snapshot} snapshot @returns {StateName} */
function stateOf({ source, stale, warnings }) {
    if (stale)
        return 'stale';
    if (source !== 'live')
        return source;
    return warnings.length > 0 ? 'degraded' : 'live';
}

/**
 * @param {{code: string, message: string, allowed: string[], final: boolean, status?: number}} error
 * @param {Snapshot | null} snapshot
 * @param {number} ageMs
 * @param {boolean} busy
 * @param {number} retryMs
 * @returns {Status}
 */
function broken(error, snapshot, ageMs, busy, retryMs) {
    const lines = [error.message];
    if (snapshot)
        lines.push(`The map shows data ${span(ageMs)} old.`);
    if (error.allowed.length > 0)
        lines.push('Allowed: ' + error.allowed.slice(0, 12).join(', ') + (error.allowed.length > 12 ? ' …' : ''));
    if (busy)
        lines.push('Trying again…');
    else if (retryMs < Infinity)
        lines.push(`Trying again in ${span(retryMs + 999)}.`);
    return {
        state: 'unreachable',
        label: busy ? 'Retrying' : labelOf(error),
        title: titleOf(error),
        lines,
        retry: !error.final,
    };
}

/** Failures of the server itself, not of an exchange. */
const OURS = ['memory', 'limit', 'io', 'unknown', 'http', 'busy'];

/** @param {string} code @param {number} status */
const isOurs = (code, status) => status === 500 || OURS.includes(code);

/** What the chip says; a question that has no answer is no outage. @param {{code: string, final: boolean, status?: number}} error */
function labelOf({ code, final, status = 0 }) {
    if (final)
        return 'No map';
    return code === 'page' || code === 'answer' || isOurs(code, status) ? 'Error' : LABEL.unreachable;
}

/** @param {{code: string, final: boolean, status?: number}} error */
function titleOf({ code, final, status = 0 }) {
    /* A timeout with a status is the server's own, waiting for the exchange. */
    if (code === 'network' || code === 'unavailable' || (code === 'timeout' && status === 0))
        return 'Server unreachable';
    if (code === 'too_many_requests')
        return 'Too many requests';
    /* The exchange has failed for too long, or more is being made than the server has room for. */
    if (code === 'limit')
        return 'No map just now';
    if (code === 'answer')
        return 'The answer could not be read';
    if (code === 'page')
        return 'Not all of this page works';
    if (final)
        return 'This map cannot be shown';
    return isOurs(code, status) ? 'Server error' : 'Exchange unreachable';
}
