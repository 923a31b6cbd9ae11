#include "print.h"

#include "field.h"

bool cli_explain_table(FILE *out, const cJSON *answer)
{
    const cJSON *cell = cli_at(answer, "cell"), *cause;
    char a[CLI_TEXT], b[CLI_TEXT], usd[CLI_TEXT];

    if (!cJSON_IsArray(cli_at(answer, "causes")) || !cell)
        return false;
    cli_head(out, answer);
    fprintf(out, "cell %s UTC, %s to %s: %s liquidations, density %.1f of 100",
            cli_time(cli_number(cell, "time"), a),
            cli_plain(cli_number(cell, "price_from"), b),
            cli_plain(cli_number(cell, "price_to"), usd),
            cli_string(cell, "side"), cli_number(cell, "density"));
    fprintf(out, ", usd <= %s\n",
            cli_short(cli_number(cell, "modelled_usd"), usd));
    if (cJSON_IsNumber(cli_at(answer, "swept_at")))
        fprintf(out, "swept at %s UTC; what came before is gone\n",
                cli_time(cli_number(answer, "swept_at"), a));
    fprintf(out, "%-18s%9s%8s%10s\n", "entries of (UTC)", "leverage", "share",
            "usd <=");
    cJSON_ArrayForEach(cause, cli_at(answer, "causes"))
    {
        fprintf(out, "%-18s%8.0fx%7.1f%%%10s\n",
                cli_time(cli_number(cause, "open_time"), a),
                cli_number(cause, "leverage"),
                100.0 * cli_number(cause, "share"),
                cli_short(cli_number(cause, "modelled_usd"), usd));
    }
    fprintf(out, "these are %.1f%% of it, %d of %.0f causes\n",
            100.0 * cli_number(answer, "listed_share"),
            cJSON_GetArraySize(cli_at(answer, "causes")),
            cli_number(answer, "causes_total"));
    return true;
}

bool cli_explain_csv(FILE *out, const cJSON *answer)
{
    static const char *const fields[] = {"open_time", "leverage", "mass",
                                         "share", "modelled_usd"};
    const cJSON *cause;

    if (!cJSON_IsArray(cli_at(answer, "causes")))
        return false;
    fputs("open_time,leverage,mass,share,modelled_usd\n", out);
    cJSON_ArrayForEach(cause, cli_at(answer, "causes"))
    {
        char text[CLI_TEXT];

        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            fprintf(out, "%s%s", i ? "," : "",
                    cli_plain(cli_number(cause, fields[i]), text));
        fputc('\n', out);
    }
    return true;
}
