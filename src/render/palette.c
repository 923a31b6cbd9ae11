/* The page's palettes, www/js/data/palette.js; tests compare every colour. */
#include "liqmap/render.h"

#include <math.h>

#define POINTS 10
/* Of the curve, before the colours are taken at equal distances. */
#define FINE 128

struct triple {
    double v[3];
};

/* Lightness, chroma and hue (degrees) in OKLCH. */
static const struct triple controls[LIQ_PALETTES][POINTS] = {
    [LIQ_VIRIDIS] = {{{0.195, 0.085, 306}},
                     {{0.300, 0.120, 296}},
                     {{0.395, 0.118, 276}},
                     {{0.485, 0.098, 246}},
                     {{0.570, 0.098, 212}},
                     {{0.650, 0.110, 184}},
                     {{0.735, 0.150, 158}},
                     {{0.825, 0.185, 134}},
                     {{0.880, 0.190, 116}},
                     {{0.920, 0.188, 104}}},
    [LIQ_EMBER] = {{{0.180, 0.060, 290}},
                   {{0.270, 0.110, 296}},
                   {{0.360, 0.140, 312}},
                   {{0.450, 0.160, 336}},
                   {{0.540, 0.170, 5}},
                   {{0.630, 0.170, 28}},
                   {{0.710, 0.160, 48}},
                   {{0.790, 0.150, 68}},
                   {{0.870, 0.140, 88}},
                   {{0.950, 0.090, 100}}},
    [LIQ_STEEL] = {{{0.190, 0.070, 262}},
                   {{0.275, 0.085, 262}},
                   {{0.360, 0.062, 262}},
                   {{0.440, 0.036, 264}},
                   {{0.520, 0.014, 270}},
                   {{0.600, 0.024, 98}},
                   {{0.685, 0.056, 96}},
                   {{0.770, 0.092, 96}},
                   {{0.850, 0.130, 97}},
                   {{0.925, 0.160, 99}}},
};

static struct triple lab_of(struct triple lch)
{
    double turn = lch.v[2] * acos(-1.0) / 180.0;

    return (struct triple){
        {lch.v[0], lch.v[1] * cos(turn), lch.v[1] * sin(turn)}};
}

static double cube(double x)
{
    return x * x * x;
}

/* Linear sRGB; may leave 0 .. 1. */
static struct triple linear_of(struct triple lab)
{
    double l = lab.v[0], a = lab.v[1], b = lab.v[2];
    double p = cube(l + 0.3963377774 * a + 0.2158037573 * b);
    double q = cube(l - 0.1055613458 * a - 0.0638541728 * b);
    double r = cube(l - 0.0894841775 * a - 1.2914855480 * b);

    return (struct triple){
        {4.0767416621 * p - 3.3077115913 * q + 0.2309699292 * r,
         -1.2684380046 * p + 2.6097574011 * q - 0.3413193965 * r,
         -0.0041960863 * p - 0.7034186147 * q + 1.7076147010 * r}};
}

static bool in_gamut(struct triple linear)
{
    for (int i = 0; i < 3; i++) {
        if (!(linear.v[i] >= 0.0 && linear.v[i] <= 1.0))
            return false;
    }
    return true;
}

/* The same lightness and hue with as much chroma as sRGB has. */
static struct triple into_gamut(struct triple lab)
{
    struct triple out = lab;
    double keep = 1.0;

    while (keep > 0.0 && !in_gamut(linear_of(out))) {
        keep -= 0.01;
        out.v[1] = lab.v[1] * keep;
        out.v[2] = lab.v[2] * keep;
    }
    return out;
}

static uint32_t byte_of(double linear)
{
    double x = linear <= 0.0031308 ? 12.92 * linear
                                   : 1.055 * pow(linear, 1.0 / 2.4) - 0.055;

    return (uint32_t)floor(255.0 * fmin(1.0, fmax(0.0, x)) + 0.5);
}

/* Catmull-Rom through the points at t, 0 .. 1. */
static struct triple curve(const struct triple *points, double t)
{
    int at = (int)floor(t * (POINTS - 1));
    struct triple out;
    double u;

    at = at > POINTS - 2 ? POINTS - 2 : at;
    u = t * (POINTS - 1) - at;
    for (int i = 0; i < 3; i++) {
        double p0 = points[at > 0 ? at - 1 : 0].v[i], p1 = points[at].v[i];
        double p2 = points[at + 1].v[i];
        double p3 = points[at + 2 < POINTS ? at + 2 : POINTS - 1].v[i];

        out.v[i] = 0.5 * (2.0 * p1 + (p2 - p0) * u +
                          (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3) * (u * u) +
                          (3.0 * p1 - p0 - 3.0 * p2 + p3) * (u * u * u));
    }
    return into_gamut(out);
}

static double distance(struct triple a, struct triple b)
{
    return sqrt((a.v[0] - b.v[0]) * (a.v[0] - b.v[0]) +
                (a.v[1] - b.v[1]) * (a.v[1] - b.v[1]) +
                (a.v[2] - b.v[2]) * (a.v[2] - b.v[2]));
}

static uint32_t colour_of(struct triple lab)
{
    struct triple linear = linear_of(lab);

    return byte_of(linear.v[0]) << 16 | byte_of(linear.v[1]) << 8 |
           byte_of(linear.v[2]);
}

void liq_palette_colours(enum liq_palette palette, uint32_t out[LIQ_COLOURS])
{
    struct triple points[POINTS], path[FINE + 1];
    double length[FINE + 1] = {0.0};

    for (int i = 0; i < POINTS; i++)
        points[i] = lab_of(controls[palette][i]);
    for (int i = 0; i <= FINE; i++) {
        path[i] = curve(points, (double)i / FINE);
        if (i > 0)
            length[i] = length[i - 1] + distance(path[i], path[i - 1]);
    }
    for (int n = 0, i = 1; n < LIQ_COLOURS; n++) {
        double want = length[FINE] * n / (LIQ_COLOURS - 1), u;
        struct triple lab;

        while (i < FINE && length[i] < want)
            i++;
        u = (want - length[i - 1]) / (length[i] - length[i - 1]);
        for (int k = 0; k < 3; k++)
            lab.v[k] = path[i - 1].v[k] + u * (path[i].v[k] - path[i - 1].v[k]);
        out[n] = colour_of(lab);
    }
}
