#include "print.h"

#include <math.h>
#include <stdlib.h>
#include "field.h"

/* More rows than this are put together for a person to read. */
#define LINES_MAX 48
#define BAR_MAX 40

/* Either model's profile in one form; arrays of n rows, borrowed from the
 * answer.  scale turns them into what is printed. */
struct shape {
    double price, price_min, step, scale;
    int n;
    bool single;
    const cJSON *a, *b; /* total and cumulative; longs and shorts for single */
};

static bool shape_of(const cJSON *answer, struct shape *s)
{
    s->single = cli_at(answer, "bands") != NULL;
    s->price = cli_number(answer, "price");
    if (s->single) {
        s->price_min = cli_number(answer, "bands.price_min");
        s->step = cli_number(answer, "bands.band");
        s->scale = 1.0;
        s->a = cli_at(answer, "bands.long");
        s->b = cli_at(answer, "bands.short");
    } else {
        double usd = cli_number(answer, "profile.usd_per_unit");

        s->price_min = cli_number(answer, "profile.price_min");
        s->step = cli_number(answer, "profile.price_step");
        s->scale =
            cli_number(answer, "profile.quantum") * (isfinite(usd) ? usd : 1.0);
        s->a = cli_at(answer, "profile.total");
        s->b = cli_at(answer, "profile.cumulative");
    }
    s->n = cJSON_GetArraySize(s->a);
    return s->n > 0 && cJSON_GetArraySize(s->b) == s->n && isfinite(s->scale);
}

/* An array's numbers, so that they can be reached by index. */
static double *numbers(const cJSON *array, int n)
{
    double *out = calloc((size_t)n, sizeof *out);
    const cJSON *item;
    int i = 0;

    if (!out)
        return NULL;
    cJSON_ArrayForEach(item, array) out[i++] = item->valuedouble;
    return out;
}

/* Rows [from, end) as one line: mass summed, the cumulative one the farthest
 * from the price. */
static void table_line(FILE *out, const struct shape *s, const double *a,
                       const double *b, int from, int end, double max)
{
    double low = s->price_min + from * s->step;
    double high = s->price_min + end * s->step;
    double sum = 0.0, beside = 0.0;
    char price[CLI_TEXT], mass[CLI_TEXT], more[CLI_TEXT];
    int bar;

    for (int r = from; r < end; r++) {
        sum += s->single ? a[r] + b[r] : a[r];
        beside = fmax(beside, b[r]);
    }
    bar = max > 0.0 ? (int)lround(BAR_MAX * sum / max) : 0;
    fprintf(out, "%12s%10s", cli_plain(low, price),
            cli_short(sum * s->scale, mass));
    if (!s->single)
        fprintf(out, "%12s", cli_short(beside * s->scale, more));
    fprintf(out, "  %c ", s->price >= low && s->price < high ? '>' : '|');
    while (bar-- > 0)
        fputc('#', out);
    fputc('\n', out);
}

static double largest(const struct shape *s, const double *a, const double *b,
                      int group)
{
    double max = 0.0;

    for (int from = 0; from < s->n; from += group) {
        double sum = 0.0;

        for (int r = from; r < s->n && r < from + group; r++)
            sum += s->single ? a[r] + b[r] : a[r];
        max = fmax(max, sum);
    }
    return max;
}

static void table_body(FILE *out, const struct shape *s, const double *a,
                       const double *b)
{
    int group = (s->n + LINES_MAX - 1) / LINES_MAX;
    double max = largest(s, a, b, group);

    fprintf(out, "%12s%10s%s\n", "price from",
            s->single         ? "weight"
            : s->scale == 1.0 ? "mass"
                              : "usd <=",
            s->single ? "" : "      to here");
    for (int from = (s->n - 1) / group * group; from >= 0; from -= group)
        table_line(out, s, a, b, from,
                   from + group < s->n ? from + group : s->n, max);
}

bool cli_profile_table(FILE *out, const cJSON *answer)
{
    struct shape s;
    double *a, *b;
    bool ok;

    if (!shape_of(answer, &s))
        return false;
    a = numbers(s.a, s.n);
    b = numbers(s.b, s.n);
    ok = a && b;
    if (ok) {
        cli_head(out, answer);
        table_body(out, &s, a, b);
    }
    free(a);
    free(b);
    return ok;
}

/* One row of each array in turn. */
static void csv_rows(FILE *out, double price_min, double step, int n,
                     const cJSON **column, size_t n_column)
{
    char text[CLI_TEXT];

    for (int r = 0; r < n; r++) {
        fprintf(out, "%s", cli_plain(price_min + r * step, text));
        fprintf(out, ",%s", cli_plain(price_min + (r + 1) * step, text));
        for (size_t i = 0; i < n_column; i++) {
            fprintf(out, ",%s",
                    cli_plain(column[i] ? column[i]->valuedouble : 0.0, text));
            if (column[i])
                column[i] = column[i]->next;
        }
        fputc('\n', out);
    }
}

bool cli_profile_csv(FILE *out, const cJSON *answer)
{
    static const char *const tiers[] = {"2", "3", "5", "10", "25", "50", "100"};
    const cJSON *column[9];
    struct shape s;
    size_t n = 0;

    if (!shape_of(answer, &s))
        return false;
    column[n++] = s.a->child;
    column[n++] = s.b->child;
    if (s.single) {
        fputs("price_from,price_to,long,short\n", out);
    } else {
        fputs("price_from,price_to,total,cumulative,mass_2x,mass_3x,mass_5x,"
              "mass_10x,mass_25x,mass_50x,mass_100x\n",
              out);
        for (size_t k = 0; k < sizeof tiers / sizeof *tiers; k++) {
            const cJSON *tier = cJSON_GetObjectItemCaseSensitive(
                cli_at(answer, "profile.tiers"), tiers[k]);

            column[n++] = tier ? tier->child : NULL;
        }
    }
    csv_rows(out, s.price_min, s.step, s.n, column, n);
    return true;
}
