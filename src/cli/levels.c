#include "print.h"

#include <math.h>
#include <stdlib.h>
#include "field.h"

static void tiers(FILE *out, const cJSON *level)
{
    const cJSON *tier;
    const char *gap = "";

    cJSON_ArrayForEach(tier, cli_at(level, "tiers"))
    {
        if (tier->valuedouble < 0.05)
            continue;
        fprintf(out, "%s%sx %.0f%%", gap, tier->string,
                100.0 * tier->valuedouble);
        gap = ", ";
    }
    fputc('\n', out);
}

static void table_row(FILE *out, const char *side, const cJSON *level)
{
    char price[CLI_TEXT], from[CLI_TEXT], to[CLI_TEXT], usd[CLI_TEXT];
    char since[CLI_TEXT];

    fprintf(out, "%-6s%12s%12s%12s%+9.2f%%%8.1f%10s%6.1f%%  %-17s", side,
            cli_plain(cli_number(level, "price"), price),
            cli_plain(cli_number(level, "from"), from),
            cli_plain(cli_number(level, "to"), to),
            cli_number(level, "distance_percent"), cli_number(level, "density"),
            cli_short(cli_number(level, "modelled_usd"), usd),
            100.0 * cli_number(level, "side_share"),
            cli_time(cli_number(level, "since"), since));
    tiers(out, level);
}

static int by_price(const void *a, const void *b)
{
    double x = cli_number(*(cJSON *const *)a, "price");
    double y = cli_number(*(cJSON *const *)b, "price");

    return x < y ? 1 : x > y ? -1 : 0;
}

/* One side from high prices to low ones. */
static bool table_side(FILE *out, const char *side, const cJSON *list)
{
    size_t n = (size_t)cJSON_GetArraySize(list), i = 0;
    const cJSON **sorted = calloc(n + 1, sizeof(const cJSON *));
    const cJSON *level;

    if (!sorted)
        return false;
    cJSON_ArrayForEach(level, list) sorted[i++] = level;
    qsort(sorted, n, sizeof(const cJSON *), by_price);
    for (i = 0; i < n; i++)
        table_row(out, side, sorted[i]);
    free(sorted);
    return true;
}

static void imbalance(FILE *out, const cJSON *answer)
{
    const cJSON *i;

    fprintf(out, "imbalance (+ shorts above, - longs below):");
    cJSON_ArrayForEach(i, cli_at(answer, "imbalance"))
    {
        if (cJSON_IsNumber(i))
            fprintf(out, "  %s %% %+.2f", i->string, i->valuedouble);
        else
            fprintf(out, "  %s %% -", i->string);
    }
    fputc('\n', out);
}

bool cli_levels_table(FILE *out, const cJSON *answer)
{
    char price[CLI_TEXT];

    if (!cJSON_IsArray(cli_at(answer, "levels.long")) ||
        !cJSON_IsArray(cli_at(answer, "levels.short")))
        return false;
    cli_head(out, answer);
    imbalance(out, answer);
    fprintf(out, "%-6s%12s%12s%12s%10s%8s%10s%7s  %-17s%s\n", "side", "price",
            "from", "to", "distance", "density", "usd <=", "share",
            "since (UTC)", "tiers");
    if (!table_side(out, "short", cli_at(answer, "levels.short")))
        return false;
    fprintf(out, "%-6s%12s\n", "------",
            cli_plain(cli_number(answer, "price"), price));
    return table_side(out, "long", cli_at(answer, "levels.long"));
}

static void csv_side(FILE *out, const char *side, const cJSON *list)
{
    static const char *const fields[] = {
        "price",   "from", "to",           "distance_percent",
        "density", "mass", "modelled_usd", "side_share",
        "since"};
    static const char *const leverages[] = {"2",  "3",  "5",  "10",
                                            "25", "50", "100"};
    const cJSON *level;
    char text[CLI_TEXT];

    cJSON_ArrayForEach(level, list)
    {
        fputs(side, out);
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            fprintf(out, ",%s", cli_plain(cli_number(level, fields[i]), text));
        for (size_t i = 0; i < sizeof leverages / sizeof *leverages; i++) {
            double share = cli_number(cli_at(level, "tiers"), leverages[i]);

            fprintf(out, ",%s", cli_plain(isnan(share) ? 0.0 : share, text));
        }
        fputc('\n', out);
    }
}

bool cli_levels_csv(FILE *out, const cJSON *answer)
{
    if (!cJSON_IsArray(cli_at(answer, "levels.long")))
        return false;
    fputs("side,price,from,to,distance_percent,density,mass,modelled_usd,"
          "side_share,since,share_2x,share_3x,share_5x,share_10x,share_25x,"
          "share_50x,share_100x\n",
          out);
    csv_side(out, "short", cli_at(answer, "levels.short"));
    csv_side(out, "long", cli_at(answer, "levels.long"));
    return true;
}
