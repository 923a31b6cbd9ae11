/* How the library's chart is set up. */

import { CrosshairMode, LineStyle } from '../../vendor/lightweight-charts.mjs';
import { axisMark, decimalsOf, price as formatPrice } from '../data/format.js';

const YELLOW = '#f7d038';

const CROSSHAIR_LINE = {
    color: YELLOW,
    width: /** @type {const} */ (1),
    style: LineStyle.LargeDashed,
    labelBackgroundColor: YELLOW,
};

/**
 * @param {boolean} still  the person asked for less motion
 * @param {(marks: number[], write: (price: number) => string) => string[]} texts  of prices on the axis
 */
export function chartOptions(still, texts) {
    return {
        autoSize: true,
        layout: {
            background: { color: '#0b0d14' },
            textColor: '#9aa3b5',
            fontSize: 11,
            fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
            /* Its own notice injects a style element; ours is in the footer. */
            attributionLogo: false,
        },
        grid: { vertLines: { visible: false }, horzLines: { visible: false } },
        crosshair: { mode: CrosshairMode.Normal, vertLine: CROSSHAIR_LINE, horzLine: CROSSHAIR_LINE },
        rightPriceScale: {
            borderColor: '#232838',
            scaleMargins: { top: 0, bottom: 0 },
            minimumWidth: 64,
            entireTextOnly: true,
        },
        timeScale: {
            borderColor: '#232838',
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
        localization: {
            locale: 'en-GB',
            /* As many decimals as these marks need, not as many as a trade. */
            tickmarksPriceFormatter: (/** @type {number[]} */ marks) => {
                const decimals = decimalsOf(marks);
                return texts(marks, (mark) => formatPrice(mark, decimals));
            },
        },
        handleScale: { axisDoubleClickReset: { time: false, price: true } },
        kineticScroll: { mouse: false, touch: !still },
    };
}
