#include "liqmap/csv.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include "liqmap/clock.h"
#include "liqmap/decimal.h"

enum liq_err liq_csv_load(const char *path, struct liq_buf *text,
                          struct liq_reason *why)
{
    struct liq_buf raw;
    enum liq_err err;

    liq_buf_init(&raw, LIQ_CSV_BYTES_MAX);
    errno = 0;
    err = liq_buf_read_file(&raw, path);
    if (err == LIQ_EIO)
        liq_fail(why, err, "%.90s: %.80s", path, strerror(errno));
    else if (err != LIQ_OK)
        liq_fail(why, err, "%.90s: too large", path);
    if (err == LIQ_OK) {
        err = liq_buf_gunzip(text, raw.data, raw.len);
        if (err != LIQ_OK)
            liq_fail(why, err, "%.90s: damaged or too large when unpacked",
                     path);
    }
    liq_buf_free(&raw);
    return err;
}

static void split(struct liq_csv *c, const char *at, const char *end)
{
    c->n = 0;
    while (c->n < LIQ_CSV_FIELDS) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        struct liq_csv_field *f = &c->field[c->n++];

        while (at < stop && (*at == ' ' || *at == '"'))
            at++;
        f->text = at;
        f->len = (size_t)(stop - at);
        while (f->len > 0 &&
               (f->text[f->len - 1] == ' ' || f->text[f->len - 1] == '"'))
            f->len--;
        if (comma == NULL)
            return;
        at = comma + 1;
    }
}

bool liq_csv_next(struct liq_csv *c)
{
    while (c->at < c->end) {
        const char *start = c->at;
        const char *stop = memchr(start, '\n', (size_t)(c->end - start));

        c->line++;
        c->at = stop != NULL ? stop + 1 : c->end;
        if (stop == NULL)
            stop = c->end;
        if (stop > start && stop[-1] == '\r')
            stop--;
        if (stop == start)
            continue;
        split(c, start, stop);
        return true;
    }
    return false;
}

struct liq_csv liq_csv_of(const char *text, size_t len, const char *name)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors put it first */
    struct liq_csv c;

    memset(&c, 0, sizeof c);
    if (len >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        len -= 3;
    }
    c.at = text;
    c.end = text + len;
    c.name = name;
    return c;
}

/* -1 when there is none of that name. */
static int find_column(const struct liq_csv *c, const char *name)
{
    size_t i;

    for (i = 0; i < c->n; i++)
        if (c->field[i].len == strlen(name) &&
            memcmp(c->field[i].text, name, c->field[i].len) == 0)
            return (int)i;
    return -1;
}

enum liq_err liq_csv_header(struct liq_csv *c, const char *const *name,
                            size_t n, size_t n_needed, int *column,
                            struct liq_reason *why)
{
    size_t i;

    if (!liq_csv_next(c))
        return liq_fail(why, LIQ_EFORMAT, "%.90s: the file is empty", c->name);
    for (i = 0; i < n; i++) {
        column[i] = find_column(c, name[i]);
        if (i < n_needed && column[i] < 0)
            return liq_fail(why, LIQ_EFORMAT,
                            "%.90s:%zu: expected a header line with a column "
                            "named %s",
                            c->name, c->line, name[i]);
    }
    return LIQ_OK;
}

struct liq_csv_field liq_csv_field_of(const struct liq_csv *c, int column)
{
    struct liq_csv_field none = {"", 0};

    if (column < 0 || (size_t)column >= c->n)
        return none;
    return c->field[column];
}

enum liq_err liq_csv_number(const struct liq_csv *c, int column,
                            const char *name, double *out,
                            struct liq_reason *why)
{
    struct liq_csv_field f = liq_csv_field_of(c, column);

    *out = NAN;
    if (f.len == 0 || liq_decimal_parse(f.text, f.len, out))
        return LIQ_OK;
    return liq_fail(why, LIQ_EFORMAT,
                    "%.90s:%zu: %s: expected a number, got '%.*s'", c->name,
                    c->line, name, f.len < 24 ? (int)f.len : 24, f.text);
}

static bool all_digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

enum liq_err liq_csv_time(const struct liq_csv *c, int column, const char *name,
                          int64_t *out, struct liq_reason *why)
{
    struct liq_csv_field f = liq_csv_field_of(c, column);
    char text[32] = "";

    if (f.len < sizeof text)
        memcpy(text, f.text, f.len);
    *out = -1;
    if (text[0] != '\0' && (!all_digits(text) || f.len == 13))
        *out = liq_time_parse(text);
    if (*out > 0)
        return LIQ_OK;
    return liq_fail(why, LIQ_EFORMAT,
                    "%.90s:%zu: %s: expected milliseconds (13 digits) or "
                    "YYYY-MM-DD HH:MM:SS, got '%.*s'",
                    c->name, c->line, name, f.len < 24 ? (int)f.len : 24,
                    f.text);
}
