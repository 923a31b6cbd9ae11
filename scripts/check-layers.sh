#!/bin/sh
# Check which module may include which headers; any other include fails.
#   check-layers.sh [ROOT]
set -u
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd -- "${1:-$here/..}" || exit 2
found=$(mktemp "${TMPDIR:-/tmp}/liqmap-layers.XXXXXX") || exit 2
trap 'rm -f "$found"' EXIT

complain() {
    echo "$1" >>"$found"
}

code() {
    awk -v keep=1 -f "$here/code-only.awk" "$1"
}

# Which of ours a module may use, without liqmap/ and .h.
base="err buf clock log jsonw decimal interval config"
allowed() {
    case $1 in
    base) echo "$base http" ;;
    model) echo "err series model derive" ;;
    net) echo "$base http" ;;
    market) echo "$base http series market" ;;
    cache) echo "$base cache" ;;
    feed) echo "$base cache market series feed" ;;
    api) echo "$base series model derive market feed cache api" ;;
    fcgi) echo "$base api fcgi" ;;
    cli) echo "$base" ;;
    esac
}

# The module a shared header belongs to.
owner() {
    case " $base " in
    *" $1 "*) echo base && return ;;
    esac
    case $1 in
    series | derive) echo model ;;
    http) echo net ;;
    *) echo "$1" ;;
    esac
}

# Whether module $1 may use the system header $2 in file $3.
system_ok() {
    case $2 in
    zlib.h | ini.h) [ "$1" = base ] ;;
    curl/*) [ "$1" = net ] ;;
    cjson/* | cJSON.h) case $3 in src/market/*_parse.c | src/cli/*) true ;; *) false ;; esac ;;
    fcgi*) [ "$1" = fcgi ] ;;
    pthread.h) case $1 in net | cache | feed | market | fcgi | api) true ;; *) false ;; esac ;;
    *)
        [ "$1" != model ] && return
        case $2 in
        assert.h | float.h | limits.h | math.h | stdbool.h | stddef.h | \
            stdint.h | stdlib.h | string.h) true ;;
        *) false ;;
        esac
        ;;
    esac
}

# Whether module $1 may use the project header $2 in file $3.
project_ok() {
    case $2 in
    liqmap/*)
        name=${2#liqmap/}
        case " $(allowed "$1") " in
        *" ${name%.h} "*) true ;;
        *) false ;;
        esac
        ;;
    */*) [ "${2%%/*}" = "$1" ] ;;
    *) [ -f "$(dirname "$3")/$2" ] ;;
    esac
}

# File $1 of module $2.
check_c() {
    code "$1" | sed -n \
        's/^[ \t]*#[ \t]*include[ \t]*\([<"]\)\([^">]*\)[">].*/\1 \2/p' |
        while read -r kind header; do
            case $kind in
            '<') system_ok "$2" "$header" "$1" ;;
            *) project_ok "$2" "$header" "$1" ;;
            esac || complain "$1: $2 may not include $header"
        done
}

for file in src/*/*.c src/*/*.h; do
    [ -f "$file" ] || continue
    module=${file#src/}
    module=${module%%/*}
    [ -n "$(allowed "$module")" ] || complain "$file: no such module: $module"
    check_c "$file" "$module"
done
for file in include/liqmap/*.h; do
    [ -f "$file" ] || continue
    name=${file##*/}
    check_c "$file" "$(owner "${name%.h}")"
done

# --- the page --------------------------------------------------------------

# What a script imports, one name a line, statically or not.
imports() {
    code "$1" | tr '\n' ' ' |
        grep -oE "(from|import)[[:space:]]*\(?[[:space:]]*[\"'][^\"']+[\"']" |
        sed "s/.*[\"']\([^\"']*\)[\"']/\1/; s|.*/||"
}

for file in www/js/*.js; do
    [ -f "$file" ] || continue
    name=${file##*/}
    names=$(imports "$file")
    case $name in
    snapshot.js | palette.js | state.js | format.js)
        awk -f "$here/code-only.awk" "$file" | grep -nE \
            '(^|[^[:alnum:]_$.])(document|window)([^[:alnum:]_$:]|$)|(^|[^[:alnum:]_$])fetch[[:space:]]*\(' |
            while IFS=: read -r line rest; do
                complain "$file:$line: no DOM and no network here: $rest"
            done
        ;;
    esac
    case $name in
    chart.js | chartoptions.js | heatmap.js | priceaxis.js | profile.js) ;;
    *)
        if echo "$names" | grep -q '^lightweight-charts'; then
            complain "$file: only the chart and what it draws import lightweight-charts"
        fi
        ;;
    esac
    if [ "$name" != main.js ] && echo "$names" | grep -qx 'chart.js' &&
        echo "$names" | grep -qx 'api.js'; then
        complain "$file: only main imports both chart and api"
    fi
done

if [ -s "$found" ]; then
    cat "$found" >&2
    exit 1
fi
