#!/bin/sh
# The source checks pass on a copy of some of the source, and fail and name the
# file when one bad line is added.
set -u
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/liqmap-checks.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
tree=$work/tree
passed=0
failed=0

# A part of the tree, because each case searches all of it.
for file in src/base/buf.c src/base/err.c include/liqmap/err.h \
    include/liqmap/buf.h include/liqmap/model.h include/liqmap/series.h \
    www/js/data/palette.js www/js/data/format.js www/js/net/refresher.js \
    www/js/draw/chart.js www/js/ui/header.js www/js/main.js; do
    mkdir -p "$(dirname "$tree/$file")"
    cp "$root/$file" "$tree/$file" || exit 2
done

pass() {
    passed=$((passed + 1))
}

fail() {
    echo "FAILED: $1"
    [ ! -s "$work/out" ] || sed 's/^/    /' "$work/out"
    failed=$((failed + 1))
}

# content CHECK: passes on the unchanged copy
content() {
    run_cases
    if "$root/scripts/$1" "$tree" >"$work/out" 2>&1; then
        pass
    else
        fail "$1 on an unchanged copy"
    fi
}

# plant CHECK FILE TEXT: the check must fail and name the file.
# harmless CHECK FILE TEXT: it must pass.
# Each run of a check takes long, so cases wait until one is of another check or
# kind, or of a file that is in use; then they are tried together.  A file that
# is called new gets a number, so that many may be.
kind=
check=
cases=$work/cases # FILE and TEXT, in files with numbers
mkdir "$cases"
count=0

queue() { # KIND CHECK FILE TEXT
    file=$3
    case $file in
    */new.*) file=${file%.*}$((1000 + count)).${file##*.} ;;
    esac
    if [ "$1 $2" != "$kind $check" ] || [ -e "$work/saved/$file" ]; then
        run_cases
    fi
    kind=$1
    check=$2
    count=$((count + 1))
    printf '%s' "$file" >"$cases/$count.file"
    printf '%s' "$4" >"$cases/$count.text"
    mkdir -p "$(dirname "$tree/$file")" "$(dirname "$work/saved/$file")"
    : >"$work/saved/$file"
    [ ! -f "$tree/$file" ] || cp "$tree/$file" "$work/saved/$file"
    printf '%s\n' "$4" >>"$tree/$file"
}

run_cases() {
    [ -n "$kind" ] || return 0
    "$root/scripts/$check" "$tree" >"$work/out" 2>&1
    status=$?
    for case in "$cases"/*.file; do
        planted=$(cat "$case")
        text=$(cat "${case%.file}.text")
        rm -f "$tree/$planted"
        [ ! -s "$work/saved/$planted" ] || mv "$work/saved/$planted" "$tree/$planted"
        named=no
        ! grep -q -F "$planted" "$work/out" || named=yes
        case "$kind $named" in
        "plant yes") [ $status -ne 0 ] && pass || fail "$check with $planted: $text" ;;
        "plant no") fail "$check missed in $planted: $text" ;;
        "harmless yes") fail "$check refused in $planted: $text" ;;
        "harmless no") [ $status -eq 0 ] && pass || fail "$check with $planted: $text" ;;
        esac
    done
    rm -rf "$cases" "$work/saved"
    mkdir "$cases"
    kind=
}

plant() { queue plant "$@"; }
harmless() { queue harmless "$@"; }

layers=check-layers.sh
content $layers
plant $layers src/base/buf.c '#include "liqmap/cache.h"'
plant $layers src/base/buf.c '#include "liqmap/model.h"'
plant $layers src/base/new.c '#include <curl/curl.h>'
plant $layers src/model/new.c '#include "liqmap/buf.h"'
plant $layers src/model/new.c '#include <stdio.h>'
plant $layers src/model/new.c '#include <time.h>'
plant $layers src/model/new.c '#  include	"liqmap/clock.h"'
plant $layers src/net/new.c '#include "liqmap/exchange.h"'
plant $layers src/render/new.c '#include "liqmap/jsonw.h"'
plant $layers src/render/new.c '#include "liqmap/cache.h"'
plant $layers src/api/new.c '#include <cairo/cairo.h>'
plant $layers src/exchange/new.c '#include "liqmap/series_store.h"'
plant $layers src/exchange/new.c '#include <cjson/cJSON.h>'
plant $layers src/cache/new.c '#include "liqmap/series_store.h"'
plant $layers src/exchange/new.c '#include "liqmap/model.h"'
plant $layers src/series/new.c '#include "liqmap/http.h"'
plant $layers src/api/new.c '#include <fcgiapp.h>'
plant $layers src/api/new.c '#include "liqmap/http.h"'
plant $layers src/fcgi/new.c '#include "liqmap/cache.h"'
plant $layers src/api/new.c '#include "model/book.h"'
plant $layers src/api/new.c '#include "../model/book.h"'
plant $layers src/extra/new.c 'int x;'
plant $layers include/liqmap/err.h '#include "liqmap/exchange.h"'
plant $layers include/liqmap/model.h '#include "liqmap/buf.h"'
harmless $layers src/model/new.c '/* #include "liqmap/buf.h" */'
harmless $layers src/exchange/json.c '#include <cjson/cJSON.h>'
harmless $layers src/liqmapd.c '#include "liqmap/exchange.h"'
plant $layers www/js/data/palette.js 'document.title = "x";'
plant $layers www/js/data/palette.js 'const w = window.innerWidth;'
plant $layers www/js/data/palette.js 'localStorage.setItem("a", "b");'
plant $layers www/js/data/palette.js 'await fetch("/api");'
harmless $layers www/js/data/format.js '/* the document, its window and fetch(x) */'
harmless $layers www/js/data/format.js 'export const fetched = { prefetch: 1, location: 2 };'
for room in net draw ui; do
    plant $layers www/js/data/format.js "import { a } from '../$room/new.js';"
done
for room in draw ui; do
    plant $layers www/js/net/refresher.js "import { a } from '../$room/new.js';"
    plant $layers www/js/$room/new.js "import { a } from '../net/api.js';"
    plant $layers www/js/$room/new.js "await fetch('/api');"
done
plant $layers www/js/draw/new.js "import { make } from '../ui/dom.js';"
plant $layers www/js/ui/header.js "import { Chart } from '../draw/chart.js';"
plant $layers www/js/ui/header.js "const { Chart } = await import('../draw/chart.js');"
plant $layers www/js/ui/header.js 'import { createChart } from "../../vendor/lightweight-charts.mjs";'
plant $layers www/js/net/new.js "import * as x from 'lightweight-charts';"
plant $layers www/js/ui/new.js "import { Page } from '../main.js';"
plant $layers www/js/new.js "import { a } from './data/format.js';"
plant $layers www/js/view/new.js "export const x = 1;"
plant $layers www/js/data/deep/new.js "export const x = 1;"
harmless $layers www/js/draw/new.js "import * as y from '../../vendor/lightweight-charts.mjs';"
harmless $layers www/js/ui/header.js "import { a } from './new.js'; import { b } from '../data/format.js';"
harmless $layers www/js/net/refresher.js "import { a } from '../data/format.js';"
harmless $layers www/js/main.js "import { a } from './draw/chart.js'; import { b } from './net/api.js';"

bans=check-bans.sh
content $bans
for call in 'sprintf(s, "x")' 'vsprintf (s, f, a)' 'strcpy(a, b)' \
    'strcat(a, b)' 'strtok(a, b)' 'atoi(a)' 'gets(a)' 'localtime(&t)' \
    'setlocale(LC_ALL, "")' 'alloca(3)' 'exit(1)' '_exit(1)' 'abort()'; do
    plant $bans src/base/new.c "void f(void) { $call; }"
done
plant $bans src/base/new.c 'int x; // why'
harmless $bans src/base/new.c 'int x; /* atoi(a) at http://x */'
harmless $bans src/base/new.c 'const char *x = "atoi(a) // b";'
harmless $bans src/base/new.c 'void f(void) { snprintf(a, 1, "x"); }'
harmless $bans src/base/new.c 'void f(void) { my_atoi(a); fgets(a, 1, f); }'
harmless $bans src/liqmap.c 'void f(void) { exit(1); }'
plant $bans src/base/new.c '/* TO''DO: later */'
plant $bans www/js/new.js 'e.innerHTML = "x";'
plant $bans www/js/new.js 'eval("x");'
plant $bans www/js/new.js 'e.setAttribute("style", "x");'
harmless $bans www/js/new.js 'e.style.width = "3px"; // innerHTML'
plant $bans www/new.html '<p style="color: red">'
plant $bans www/new.html '<button onclick="x()">'
plant $bans www/new.html '<script>x()</script>'
harmless $bans www/new.html '<script type="module" src="js/main.js"></script>'

length=top-length.sh
content $length
body=$(awk 'BEGIN { for (i = 0; i < 69; i++) print "    x();" }')
plant $length src/base/new.c "void f(void)
{
$body
}"
harmless $length src/base/new.c "static const int table[] = {
$body
$body
};"
plant $length src/base/new.c "$(awk 'BEGIN { for (i = 0; i < 601; i++) print "" ; print ";" }')"

run_cases
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] || echo "[  FAILED  ] $failed test(s)."
[ "$failed" -eq 0 ]
