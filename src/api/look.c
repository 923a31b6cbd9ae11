#include "look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/names.h"

/* Plain digits, no leading zero but "0", at most max; -1 for anything else. */
static int read_whole(const char *value, int max)
{
    size_t n = strspn(value, "0123456789");
    int number;

    if (n == 0 || n > 4 || value[n] != '\0' || (n > 1 && value[0] == '0'))
        return -1;
    number = (int)strtol(value, NULL, 10);
    return number <= max ? number : -1;
}

/* Sizes snap to a step: nobody can have millions of different images made. */
static int read_size(const char *value, int min, int max)
{
    int number = read_whole(value, max);

    return number < min ? -1 : number - number % LIQ_SIZE_STEP;
}

/* "12.5" to 125, at most 100; moves *text behind it; -1: none.  The page's
 * addresses have more decimals, which are dropped. */
static int read_tenths(const char **text)
{
    const char *p = *text;
    size_t n = strspn(p, "0123456789");
    int tenths;

    if (n == 0 || n > 3 || (n > 1 && p[0] == '0'))
        return -1;
    tenths = 10 * (int)strtol(p, NULL, 10);
    p += n;
    if (*p == '.') {
        if (p[1] < '0' || p[1] > '9')
            return -1;
        tenths += p[1] - '0';
        p += 1 + strspn(p + 1, "0123456789");
    }
    *text = p;
    return tenths <= 1000 ? tenths : -1;
}

/* "0-99.5": the ends of the scale, percent of the cells. */
static bool read_scale(const char *value, struct liq_look *look)
{
    int dark = read_tenths(&value), bright;

    if (dark < 0 || *value++ != '-')
        return false;
    bright = read_tenths(&value);
    if (*value != '\0' || bright <= dark)
        return false;
    look->dark = dark;
    look->bright = bright;
    return true;
}

/* In the order of LIQ_LOOK_NAMES. */
enum look_part {
    WIDTH,
    HEIGHT,
    THEME,
    PALETTE,
    SCALE,
    COLOUR,
    AXIS,
    CANDLES,
    RIDGES,
    PROFILE
};

static const struct {
    const char *allowed, *expected;
} parts[] = {
    [WIDTH] = {"320..2400", "pixels"},
    [HEIGHT] = {"200..1600", "pixels"},
    [THEME] = {"dark,light", "a theme"},
    [PALETTE] = {"viridis,ember,steel", "a palette"},
    [SCALE] = {"0-100",
               "two percentages of the cells, the first below the second"},
    [COLOUR] = {"linear,log", "a scale of colours"},
    [AXIS] = {"linear,log", "a price axis"},
    [CANDLES] = {"colour,hollow", "a kind of candles"},
    [RIDGES] = {"on,off", "on or off"},
    [PROFILE] = {"auto,tiers,off", "a profile"},
};

static bool read_part(int part, const char *value, struct liq_look *look)
{
    int at = liq_names_place(parts[part].allowed, value, strlen(value));

    switch (part) {
    case WIDTH:
        return (look->width = read_size(value, LIQ_WIDTH_MIN, LIQ_WIDTH_MAX)) >
               0;
    case HEIGHT:
        return (look->height =
                    read_size(value, LIQ_HEIGHT_MIN, LIQ_HEIGHT_MAX)) > 0;
    case SCALE:
        return read_scale(value, look);
    case THEME:
        look->theme = at == 1 ? LIQ_LIGHT : LIQ_DARK;
        break;
    case PALETTE:
        look->palette = (enum liq_palette)(at < 0 ? 0 : at);
        break;
    case COLOUR:
        look->log_colour = at == 1;
        break;
    case AXIS:
        look->log_price = at == 1;
        break;
    case CANDLES:
        look->hollow = at == 1;
        break;
    case RIDGES:
        look->plain = at == 1;
        break;
    default:
        look->profile = (enum liq_profile_choice)(at < 0 ? 0 : at);
    }
    return at >= 0;
}

bool liq_look_find(const char *name, uint64_t *bit)
{
    int part = liq_names_place(LIQ_LOOK_NAMES, name, strlen(name));

    *bit = part < 0 ? 0 : UINT64_C(1) << part;
    return part >= 0;
}

bool liq_look_read(const char *name, const char *value, struct liq_look *look,
                   struct liq_refusal *why)
{
    int part = liq_names_place(LIQ_LOOK_NAMES, name, strlen(name));
    char code[24];

    if (read_part(part, value, look))
        return true;
    snprintf(code, sizeof code, "bad_%s", name);
    return liq_refuse(why, 400, code, parts[part].allowed,
                      "%s is \"%s\", expected %s", name, value,
                      parts[part].expected);
}

/* --- as a number ---------------------------------------------------------- */

/* Append n bits. */
static void put(uint64_t *packed, int value, int n)
{
    *packed = *packed << n | (uint64_t)value;
}

/* The last n bits, which go. */
static int take(uint64_t *packed, int n)
{
    int value = (int)(*packed & ((UINT64_C(1) << n) - 1));

    *packed >>= n;
    return value;
}

uint64_t liq_look_pack(const struct liq_look *look)
{
    uint64_t packed = 0;

    put(&packed, look->width, 12);
    put(&packed, look->height, 12);
    put(&packed, look->dark, 10);
    put(&packed, look->bright, 10);
    put(&packed, (int)look->theme, 1);
    put(&packed, (int)look->palette, 2);
    put(&packed, (int)look->profile, 2);
    put(&packed, look->hollow, 1);
    put(&packed, look->log_colour, 1);
    put(&packed, look->log_price, 1);
    put(&packed, look->plain, 1);
    return packed;
}

struct liq_look liq_look_unpack(uint64_t packed)
{
    struct liq_look look = {0};

    look.plain = take(&packed, 1);
    look.log_price = take(&packed, 1);
    look.log_colour = take(&packed, 1);
    look.hollow = take(&packed, 1);
    look.profile = (enum liq_profile_choice)take(&packed, 2);
    look.palette = (enum liq_palette)take(&packed, 2);
    look.theme = (enum liq_theme)take(&packed, 1);
    look.bright = take(&packed, 10);
    look.dark = take(&packed, 10);
    look.height = take(&packed, 12);
    look.width = take(&packed, 12);
    return look;
}
