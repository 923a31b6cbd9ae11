/* Executed liquidations as circles on the map: longs are full, shorts are
 * rings, and the area is in dollars. */

import { PannedImage } from './panned-image.js';
import { Primitive } from './primitive.js';

/**
 * @typedef {import('../data/executed.js').Circle} Circle
 * @typedef {import('./primitive.js').Target} Target
 *
 * @typedef {object} Sides  colours
 * @property {string} long
 * @property {string} short
 *
 * @typedef {object} Drawn
 * @property {readonly (Circle & {column: number})[]} circles  from the largest; column: of the chart
 * @property {readonly {from: number, to: number}[]} unheard   columns, both included, of which nothing is known
 * @property {Sides} sides
 */

/** Radius of the largest circle: a share of the map's width, CSS pixels. */
const SHARE = 1 / 50;
const RADIUS_PX = [10, 18];

/** Smaller ones would only hide candles; the totals have them. */
const LEAST_PX = 1.5;

/** Of a ring, and of the dark line around every circle: they are seen on every colour of the map. */
const RING_PX = 2;
const EDGE_PX = 1;
const EDGE = '#0b0d14';
/** The map is seen through a full one. */
const FULL_ALPHA = 0.65;

/** A candle far from the first: a zoom moves it against that one. */
const FAR = 1000;

/** The strip at the map's lower edge where no feed was heard. */
const STRIP_PX = 5;
const STRIPE_PX = 5;

/** Of the largest circle. @param {number} width  of the map @returns {number} CSS pixels, as below */
const mostOf = (width) => Math.min(RADIUS_PX[1], Math.max(RADIUS_PX[0], SHARE * width));

/** Half as many dollars are half the area. @param {number} usd @param {number} largest @param {number} width  of the map */
export function radiusOf(usd, largest, width) {
    return mostOf(width) * Math.sqrt(usd / largest);
}

/** The dollars from which on there are circles. @param {number} largest @param {number} width  of the map */
export function leastOf(largest, width) {
    return largest * (LEAST_PX / mostOf(width)) ** 2;
}

export class Circles extends Primitive {
    /** @param {(name: string) => string} colour  of the theme */
    constructor(colour) {
        super({ normal: (target) => this.draw(target) });
        this.colour = colour;
        /** @type {Drawn | null} */
        this.drawn = null;
        /** At most two for each half pixel of radius, of each kind of candles and screen. @type {Map<string, HTMLCanvasElement>} */
        this.stamps = new Map();
        this.image = new PannedImage((width, height) => Object.assign(document.createElement('canvas'), { width, height }));
    }

    /** @param {Drawn | null} drawn */
    set(drawn) {
        if (!drawn && !this.drawn)
            return;
        this.drawn = drawn;
        this.image.forget();
        this.redraw();
    }

    /** @param {Target} target */
    draw(target) {
        const { drawn } = this;
        if (!drawn || !this.host)
            return;
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
            context.save();
            this.drawStrip(context, drawn.unheard, height);
            this.image.paint(context, this.frameOf(drawn, width, height, context.getTransform().a), (target, from, to) => {
                for (const long of [true, false])
                    this.drawSide(target, this.inSight(drawn.circles, long, { from, to, width, height }), long ? drawn.sides.long : drawn.sides.short, long);
            });
            context.restore();
        });
    }

    /** @param {Drawn} drawn @param {number} width @param {number} height @param {number} scale @returns {import('./panned-image.js').Frame} */
    frameOf({ circles }, width, height, scale) {
        const left = this.x(0);
        const prices = [circles[0], circles[circles.length >> 1], circles[circles.length - 1]].map((circle) => (circle ? this.y(circle.price) : 0));
        return { left, length: this.x(FAR) - left, prices, width, height, scale };
    }

    /**
     * @param {Drawn["circles"]} circles @param {boolean} long
     * @param {{from: number, to: number, width: number, height: number}} area  width: of the map
     * @returns {{x: number, y: number, r: number}[]}
     */
    inSight(circles, long, { from, to, width, height }) {
        const largest = circles[0]?.usd ?? 0;
        const least = leastOf(largest, width);
        const places = [];
        for (const circle of circles) {
            if (circle.usd < least)
                break;
            if (circle.long !== long)
                continue;
            const x = this.x(circle.column);
            const r = radiusOf(circle.usd, largest, width);
            if (!(x > from - r && x < to + r))
                continue;
            const y = this.y(circle.price);
            if (y > -r && y < height + r)
                places.push({ x, y, r });
        }
        return places;
    }

    /**
     * @param {CanvasRenderingContext2D} context @param {{x: number, y: number, r: number}[]} places
     * @param {string} colour @param {boolean} full
     */
    drawSide(context, places, colour, full) {
        const scale = context.getTransform().a;
        for (const { x, y, r } of places) {
            const stamp = this.stampOf(Math.round(2 * r) / 2, colour, full, scale);
            context.drawImage(stamp, x - stamp.width / scale / 2, y - stamp.height / scale / 2, stamp.width / scale, stamp.height / scale);
        }
    }

    /**
     * The image of a circle, drawn once.
     *
     * @param {number} r @param {string} colour @param {boolean} full @param {number} scale  device pixels of a CSS pixel
     */
    stampOf(r, colour, full, scale) {
        const key = `${r} ${colour} ${full} ${scale}`;
        const stamp = this.stamps.get(key) ?? drawStamp(r, colour, full, scale);
        this.stamps.set(key, stamp);
        return stamp;
    }

    /** @param {CanvasRenderingContext2D} context @param {Drawn["unheard"]} unheard @param {number} height */
    drawStrip(context, unheard, height) {
        for (const { from, to } of unheard) {
            /* The library knows no places between candles. */
            const left = (this.x(from - 1) + this.x(from)) / 2;
            const width = (this.x(to) + this.x(to + 1)) / 2 - left;
            hatch(context, { left, top: height - STRIP_PX, width, height: STRIP_PX }, this.colour);
        }
    }
}

/** @param {number} r @param {string} colour @param {boolean} full @param {number} scale */
function drawStamp(r, colour, full, scale) {
    const stamp = document.createElement('canvas');
    const half = Math.ceil(scale * (r + EDGE_PX + 1));
    stamp.width = stamp.height = 2 * half;
    const context = stamp.getContext('2d');
    if (!context)
        return stamp;
    context.setTransform(scale, 0, 0, scale, half, half);
    context.beginPath();
    context.arc(0, 0, full ? r : Math.max(1, r - RING_PX / 2), 0, 2 * Math.PI);
    context.strokeStyle = EDGE;
    context.lineWidth = full ? 2 * EDGE_PX : RING_PX + 2 * EDGE_PX;
    context.stroke();
    if (full) {
        context.globalAlpha = FULL_ALPHA;
        context.fillStyle = colour;
        context.fill();
    } else {
        context.strokeStyle = colour;
        context.lineWidth = RING_PX;
        context.stroke();
    }
    return stamp;
}

/**
 * Where nothing was recorded.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {{left: number, top: number, width: number, height: number}} box
 * @param {(name: string) => string} colour
 */
export function hatch(context, { left, top, width, height }, colour) {
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.fillStyle = colour('--ground');
    context.fillRect(left, top, width, height);
    context.strokeStyle = colour('--dim');
    context.lineWidth = 1;
    context.beginPath();
    /* From where all stripes are, so that they do not move against each other. */
    const first = Math.floor((Math.max(0, left) - height) / STRIPE_PX) * STRIPE_PX;
    const end = Math.min(left + width, context.canvas.width);
    for (let x = first; x < end; x += STRIPE_PX) {
        context.moveTo(x, top + height);
        context.lineTo(x + height, top);
    }
    context.stroke();
    context.restore();
}
