#include "help.h"

#include <string.h>

static const char overview[] =
    "usage: liqmap COMMAND [OPTION [VALUE]]...\n"
    "\n"
    "On files of candles; the output is what the route of the same name under\n"
    "/api/v1/ responds:\n"
    "  heatmap   the map itself, JSON\n"
    "  levels    where the mass lies: a table, --json or --csv\n"
    "  profile   mass by price and tier; --model single for one leverage\n"
    "  explain   why the cell of --time and --price is hot\n"
    "\n"
    "On the exchanges:\n"
    "  doctor    whether each gives what the daemon needs, and what is wrong\n"
    "\n"
    "On the recorder's file:\n"
    "  import    reads CSV files of the archives into it\n"
    "  export    writes it as CSV, or a copy of it while the daemon runs\n"
    "\n"
    "liqmap help COMMAND or liqmap COMMAND --help explains one;\n"
    "liqmap --version names the build.\n";

/* Options of every command that reads files. */
static const char files[] =
    "\n"
    "  --klines FILE    required: candles, CSV with a header line or an\n"
    "                   exchange's JSON, plain or gzip; - is standard input\n"
    "  --metrics FILE   open interest: columns create_time, symbol,\n"
    "                   sum_open_interest, sum_open_interest_value;\n"
    "                   default: none, densities without dollars\n"
    "  --symbol NAME    default: BTCUSDT\n"
    "  --interval NAME  of the map: 5m, 15m, 1h, 4h or 1d; default: 1h\n"
    "  --bars N         100, 200, 500, 1000 or 1500; default: 200\n"
    "  --as-of TIME     use nothing later, UTC, such as 2025-10-10T21:15:00Z;\n"
    "                   default: the whole file\n"
    "  --end TIME       the newest candle of the map; default: the last one\n"
    "  --rows N         price rows, 50 to 800; default: 400\n"
    "  --range PERCENT  around the last price, 1 to 90; default: fits the\n"
    "                   candles\n"
    "  --tiers LIST     leverages out of 2,3,5,10,25,50,100; default: all\n"
    "  --side SIDE      long, short or both; default: both\n"
    "  --contract KIND  linear or inverse: what the file is of; default:\n"
    "                   linear\n"
    "  --config FILE    settings; section [model] has the model's parameters;\n"
    "                   default: none, then LIQMAP_... of the environment\n"
    "  --set section.key=value  one setting over both; repeat it for others\n";

static const char status[] = "\n"
                             "Exit status: 0 when it was written, 1 when the "
                             "files cannot be used, 2 for\n"
                             "a wrong option.\n";

static const char doctor[] =
    "  --exchange NAME  ask this one; repeat it, or give several with commas;\n"
    "                   default: all that there are\n"
    "  --symbol NAME    default: BTCUSDT\n"
    "  --routes         list every request too; default: only for one "
    "exchange\n"
    "  --json           all of it as JSON; default: a table\n"
    "  --record DIR     write each body to a file of its own in DIR, and\n"
    "                   index.json, for a bug report; default: write nothing\n"
    "  --replay DIR     take responses from such a folder; no network\n"
    "  --config FILE    settings of the daemon: base URLs, budgets, "
    "deadlines;\n"
    "                   default: none, then LIQMAP_... of the environment\n"
    "  --set section.key=value  one setting over both\n"
    "\n"
    "Columns: ms of a small request; weight of all our requests of the limit;\n"
    "the exchange's clock minus this machine's; routes that were as expected "
    "of\n"
    "those requested; candles; last price; open interest in dollars; maximum\n"
    "leverage.  A line with ! has something wrong, listed below the table.\n"
    "While a daemon runs on this machine, both count against the same limits.\n"
    "\n"
    "Exit status: 0 when nothing is wrong, 1 when something is or a recording\n"
    "cannot be written, 2 for a wrong option, setting or recording.\n"
    "\n"
    "Example:\n"
    "  liqmap doctor --exchange okx,bybit --record report\n";

static const struct topic {
    const char *name, *head, *options, *tail, *example;
} topics[] = {
    {"heatmap",
     "usage: liqmap heatmap --klines FILE [OPTION VALUE]...\n"
     "\n"
     "The map as JSON: candles, cells, statistics and every assumption.\n",
     files, "  --json           default, and the only format\n",
     "  liqmap heatmap --klines BTCUSDT-15m.csv.gz --interval 1h --bars 200\n"},
    {"levels",
     "usage: liqmap levels --klines FILE [OPTION VALUE]... [--json | --csv]\n"
     "\n"
     "Where the mass lies now: bands with prices, distance, density and "
     "tiers.\n",
     files, "  --json, --csv    default: a table\n",
     "  liqmap levels --klines BTCUSDT-15m.csv.gz --interval 1h\n"},
    {"profile",
     "usage: liqmap profile --klines FILE [OPTION VALUE]... [--json | --csv]\n"
     "\n"
     "Mass by price and tier now, and what lies between here and there.\n",
     files,
     "  --model MODEL    gauss7 or single; default: gauss7\n"
     "  --leverage N     of single: above 1, to 150; default: 25\n"
     "  --margin-rate N  of single: 0 to 0.1 of notional; default: 0.004\n"
     "  --lambda N       of single: 0 to 10 per hour; default: 0.2\n"
     "  --band N         of single: height of a price band; default: by price\n"
     "  --json, --csv    default: a table\n"
     "With single there are no --rows, --tiers and --side.\n",
     "  liqmap profile --klines BTCUSDT-15m.csv.gz --model single --leverage "
     "10\n"},
    {"explain",
     "usage: liqmap explain --klines FILE --time TIME --price PRICE\n"
     "                      [OPTION VALUE]... [--json | --csv]\n"
     "\n"
     "Why a cell is hot: the candles and tiers that put its mass there.\n",
     files,
     "  --time TIME      required: a time within the map, UTC\n"
     "  --price PRICE    required: a price within the map\n"
     "  --json, --csv    default: a table\n",
     "  liqmap explain --klines BTCUSDT-15m.csv.gz --price 110000 \\\n"
     "      --time 2025-10-10T21:00:00Z\n"},
    {"doctor",
     "usage: liqmap doctor [OPTION [VALUE]]...\n"
     "\n"
     "Asks every exchange for every route that the daemon uses, and says "
     "which\n"
     "respond as they should, what is wrong, and what was expected.\n\n",
     doctor, NULL, NULL},
    {"import",
     "usage: liqmap import --db FILE [OPTION VALUE]... CSV...\n"
     "\n"
     "Reads CSV files with a header line, plain or gzip, into the recorder's\n"
     "file, which is made if it is not there.  What is there already stays, "
     "so\n"
     "a file can be read again.\n\n",
     "  --db FILE        required: the recorder's file\n"
     "  --exchange NAME  of rows that do not say it; default: binance\n"
     "  --symbol NAME    of rows that do not say it\n"
     "\n"
     "Columns: create_time, sum_open_interest, sum_open_interest_value,\n"
     "count_long_short_ratio (metrics); funding_time, funding_rate; time, "
     "side,\n"
     "average_price, original_quantity (orders of liquidations); or time, "
     "side\n"
     "(long or short: what was closed) and usd.\n",
     NULL, "  liqmap import --db liqmap.db BTCUSDT-metrics-2025-10-10.csv\n"},
    {"export",
     "usage: liqmap export --db FILE [OPTION VALUE]... TABLE\n"
     "       liqmap export --db FILE --backup COPY\n"
     "\n"
     "Writes a table as CSV: liquidations, statistics, levels or cover (when\n"
     "the feeds of liquidations were complete; the rest are gaps).\n\n",
     "  --db FILE        required: the recorder's file\n"
     "  --exchange NAME  default: all\n"
     "  --symbol NAME    default: all\n"
     "  --from TIME, --to TIME  UTC, such as 2025-10-10T21:15:00Z\n"
     "  --backup COPY    copy the file; it may be in use\n",
     NULL, "  liqmap export --db liqmap.db --symbol BTCUSDT liquidations\n"},
};

bool cli_help(FILE *out, const char *command)
{
    const struct topic *t = NULL;

    if (!command) {
        fputs(overview, out);
        return true;
    }
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (strcmp(topics[i].name, command) == 0)
            t = &topics[i];
    }
    if (!t)
        return false;
    fprintf(out, "%s%s%s", t->head, t->options, t->tail ? t->tail : "");
    if (t->example)
        fprintf(out, "%s\nExample:\n%s", status, t->example);
    return true;
}
