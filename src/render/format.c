#include "format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/clock.h"

#define NONE "\xe2\x80\x93"  /* en dash */
#define MINUS "\xe2\x88\x92" /* minus sign */
#define DECIMALS_MAX 8
/* The newest candles say how many decimals a price has. */
#define NEWEST 50

/* Digits with a comma before each group of three, up to the point. */
static void group(const char *digits, char *out, size_t size)
{
    size_t whole = strcspn(digits, "."), n = 0;

    for (size_t i = 0; digits[i] && n + 2 < size; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            out[n++] = ',';
        out[n++] = digits[i];
    }
    out[n] = '\0';
}

const char *liq_format_price(double value, int decimals, char *out)
{
    char digits[LIQ_TEXT / 2], grouped[LIQ_TEXT - 8];

    if (!isfinite(value) || fabs(value) > 1e15) {
        snprintf(out, LIQ_TEXT, NONE);
        return out;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    group(digits, grouped, sizeof grouped);
    snprintf(out, LIQ_TEXT, "%s%s", value < 0.0 ? MINUS : "", grouped);
    return out;
}

/* About three digits, x >= 0; ten: a ".0" is left out. */
static void digits3(double x, char *out, size_t size)
{
    if (x >= 99.95 || x == 0.0)
        snprintf(out, size, "%.0f", x);
    else if (x >= 9.995)
        snprintf(out, size, "%.*f", fmod(round(x * 10.0), 10.0) == 0.0 ? 0 : 1,
                 x);
    else if (x >= 0.995)
        snprintf(out, size, "%.2f", x);
    else
        snprintf(out, size, "%.2g", x);
}

const char *liq_format_compact(double value, char *out)
{
    static const struct {
        double unit;
        const char *name;
    } units[] = {{1e12, " T"}, {1e9, " B"}, {1e6, " M"}, {1e3, " k"}};
    double size = fabs(value);
    const char *name = "";
    char digits[LIQ_TEXT / 2];

    if (!isfinite(value) || size > 1e18) {
        snprintf(out, LIQ_TEXT, NONE);
        return out;
    }
    /* 999,500 would read "1000 k": the unit is chosen after rounding. */
    for (size_t i = 0; !*name && i < sizeof units / sizeof *units; i++) {
        if (size >= units[i].unit * 0.9995) {
            size /= units[i].unit;
            name = units[i].name;
        }
    }
    digits3(size, digits, sizeof digits);
    snprintf(out, LIQ_TEXT, "%s%s%s", value < 0.0 ? MINUS : "", digits, name);
    return out;
}

const char *liq_format_usd(double value, char *out)
{
    char text[LIQ_TEXT];

    liq_format_compact(fabs(value), text);
    if (isfinite(value))
        snprintf(out, LIQ_TEXT, "%s$%.*s", value < 0.0 ? MINUS : "",
                 LIQ_TEXT - 8, text);
    else
        snprintf(out, LIQ_TEXT, NONE);
    return out;
}

const char *liq_format_percent(double value, int decimals, char *out)
{
    char digits[LIQ_TEXT / 2];
    const char *sign = value < 0.0 ? MINUS : "+";

    if (!isfinite(value) || fabs(value) > 1e15) {
        snprintf(out, LIQ_TEXT, NONE);
        return out;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    if (strspn(digits, "0.") == strlen(digits))
        sign = "";
    snprintf(out, LIQ_TEXT, "%s%s %%", sign, digits);
    return out;
}

const char *liq_format_density(double value, char *out)
{
    if (!isfinite(value))
        snprintf(out, LIQ_TEXT, NONE);
    else if (value > 0.0 && value < 0.1)
        snprintf(out, LIQ_TEXT, "< 0.1");
    else
        snprintf(out, LIQ_TEXT, "%.*f", value > 0.0 && value < 10.0, value);
    return out;
}

/* --- time ----------------------------------------------------------------- */

/* The whole number in n digits. */
static int digits_at(const char *text, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++)
        value = 10 * value + (text[i] - '0');
    return value;
}

struct liq_day liq_day_of(int64_t ms)
{
    char text[32];

    /* "2025-10-10T21:15:00Z" */
    liq_time_format(ms, text, sizeof text);
    return (struct liq_day){.year = digits_at(text, 4),
                            .month = digits_at(text + 5, 2) - 1,
                            .day = digits_at(text + 8, 2),
                            .hour = digits_at(text + 11, 2),
                            .minute = digits_at(text + 14, 2)};
}

const char *liq_month_name(int month)
{
    static const char names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    return names[month];
}

const char *liq_format_moment(int64_t ms, int with_clock, char *out)
{
    struct liq_day d = liq_day_of(ms);
    char clock[24] = "";

    if (with_clock)
        snprintf(clock, sizeof clock, " %02d:%02d", d.hour, d.minute);
    snprintf(out, LIQ_TEXT, "%d %s %d%s UTC", d.day, liq_month_name(d.month),
             d.year, clock);
    return out;
}

/* --- decimals ------------------------------------------------------------- */

/* Unless value[n] is what it is by itself. */
static void change(struct liq_buf *out, size_t *changes, const char *name,
                   const double *value, const double *initial, size_t n,
                   const char *unit)
{
    size_t same = 0;

    while (same < n &&
           fabs(value[same] - initial[same]) <= 1e-9 * initial[same])
        same++;
    if (same == n)
        return;
    (void)liq_buf_format(out, "%s%s",
                         (*changes)++ > 0 ? ", " : " (changed: ", name);
    for (size_t i = 0; i < n; i++)
        (void)liq_buf_format(out, "%s%g", i > 0 ? "/" : " ", value[i]);
    (void)liq_buf_text(out, unit);
}

void liq_format_model(const struct liq_params *p, struct liq_buf *out)
{
    const struct liq_params *own = &liq_params_gauss7;
    double share[2][LIQ_TIERS], hours[2][LIQ_TIERS];
    size_t changes = 0;

    for (size_t k = 0; k < LIQ_TIERS; k++) {
        share[0][k] = p->tier[k].standing_share;
        share[1][k] = own->tier[k].standing_share;
        hours[0][k] = p->tier[k].half_life_hours;
        hours[1][k] = own->tier[k].half_life_hours;
    }
    (void)liq_buf_format(out, "%s version %d", LIQ_MODEL_NAME,
                         LIQ_MODEL_VERSION);
    change(out, &changes, "spread", &p->leverage_spread, &own->leverage_spread,
           1, "");
    change(out, &changes, "round-number share", &p->round_number_share,
           &own->round_number_share, 1, "");
    change(out, &changes, "margin", &p->maintenance_margin_rate,
           &own->maintenance_margin_rate, 1, "");
    change(out, &changes, "shares", share[0], share[1], LIQ_TIERS, "");
    change(out, &changes, "half-lives", hours[0], hours[1], LIQ_TIERS, " h");
    if (changes > 0)
        (void)liq_buf_char(out, ')');
}

int liq_decimals_of(double value)
{
    char text[LIQ_TEXT];
    int n = DECIMALS_MAX;

    if (!isfinite(value) || fabs(value) > 1e15)
        return 0;
    snprintf(text, sizeof text, "%.*f", DECIMALS_MAX, value);
    for (const char *p = text + strlen(text) - 1; n > 0 && *p == '0'; p--)
        n--;
    return n;
}

int liq_price_decimals(const struct liq_kline *candle, size_t n)
{
    int most = 0;

    for (size_t i = n > NEWEST ? n - NEWEST : 0; i < n; i++) {
        int decimals = liq_decimals_of(candle[i].close);

        most = decimals > most ? decimals : most;
    }
    return most;
}
