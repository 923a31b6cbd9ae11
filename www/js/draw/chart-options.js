/* How the library's chart is set up. */

import { CrosshairMode, LineStyle } from '../../vendor/lightweight-charts.mjs';
import { axisMark } from '../data/format.js';
import { CANDLES } from '../data/palette.js';
import { lastPrice } from '../data/snapshot.js';
import { FAMILY, TEXT } from './text.js';

/** @typedef {{ground: string, text: string, line: string}} Theme  colours of style.css */

/** Of the axes. */
export const FONT_PX = 11;

/** The price axis is as wide, or wider where its texts need it. */
export const AXIS_PX = 64;

const YELLOW = '#f7d038';

const CROSSHAIR_LINE = {
    color: YELLOW,
    width: /** @type {const} */ (1),
    style: LineStyle.LargeDashed,
    labelBackgroundColor: YELLOW,
};

/** @param {Theme} theme */
export function themeOptions({ ground, text, line }) {
    return {
        layout: { background: { color: ground }, textColor: text, panes: { separatorColor: line } },
        rightPriceScale: { borderColor: line },
        timeScale: { borderColor: line },
    };
}

/** @param {{candles: string}} view  a key of CANDLES */
export function candleOptions({ candles }) {
    const { up, down, hollow } = CANDLES[candles];
    return {
        upColor: hollow ? 'transparent' : up, downColor: down, wickUpColor: up, wickDownColor: down,
        borderVisible: hollow, borderUpColor: up, borderDownColor: down,
    };
}

/**
 * The line of the last price.  The library's own label is of the last candle in
 * view, so it names an old price where older candles are.
 *
 * @param {{candles: string}} view
 * @param {import('../data/snapshot.js').Snapshot | null} snapshot  null: there is none
 */
export function lastOptions({ candles }, snapshot) {
    const { up, down } = CANDLES[candles];
    const { open = [], close = [] } = snapshot?.candles ?? {};
    const shown = snapshot !== null;
    return {
        price: shown ? lastPrice(snapshot) : 0, color: Number(close.at(-1)) < Number(open.at(-1)) ? down : up, lineVisible: shown, axisLabelVisible: shown,
        lineWidth: /** @type {const} */ (1), lineStyle: LineStyle.SparseDotted,
    };
}

/** What follows the reader's font size. */
export const textOptions = () => ({ layout: { fontSize: FONT_PX * TEXT } });

/**
 * @param {boolean} still  the person asked for less motion
 * @param {Theme} theme
 * @param {(seconds: number) => string} timeText  of a candle, as the axis counts
 */
export function chartOptions(still, theme, timeText) {
    const { layout, rightPriceScale, timeScale } = themeOptions(theme);
    return {
        layout: {
            ...layout,
            ...textOptions().layout,
            fontFamily: FAMILY,
            /* Its own notice injects a style element; ours is in the footer. */
            attributionLogo: false,
        },
        grid: { vertLines: { visible: false }, horzLines: { visible: false } },
        crosshair: { mode: CrosshairMode.Normal, vertLine: CROSSHAIR_LINE, horzLine: CROSSHAIR_LINE },
        rightPriceScale: {
            ...rightPriceScale,
            scaleMargins: { top: 0, bottom: 0 },
            minimumWidth: AXIS_PX,
            entireTextOnly: true,
        },
        timeScale: {
            ...timeScale,
            timeVisible: true,
            secondsVisible: false,
            /* 1500 candles on a phone. */
            minBarSpacing: 0.1,
            /* Candles narrower than two pixels, which have no body, are merged by 2, 4, 8
             * until they are as wide; a frame then has a quarter of the rectangles. */
            enableConflation: true,
            conflationThresholdFactor: 4,
            precomputeConflationOnInit: false,
            lockVisibleTimeRangeOnResize: true,
            rightBarStaysOnScroll: false,
            /* The library's own way loads all that the browser knows of dates. */
            tickMarkFormatter: (/** @type {unknown} */ time, /** @type {number} */ kind) => axisMark(Number(time), kind),
        },
        localization: { locale: 'en-GB', timeFormatter: (/** @type {unknown} */ time) => timeText(Number(time)) },
        handleScale: { axisDoubleClickReset: { time: false, price: true } },
        kineticScroll: { mouse: false, touch: !still },
    };
}
