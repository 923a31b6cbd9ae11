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
base="err buf png clock log jsonw decimal csv interval names config lock work context"
allowed() {
    case $1 in
    base) echo "$base http" ;;
    model) echo "err series model derive" ;;
    render) echo "err buf png clock interval series model derive render" ;;
    net) echo "$base http" ;;
    hosts) echo "$base http hosts" ;;
    cache) echo "$base cache" ;;
    exchange) echo "$base http cache series exchange json feed" ;;
    series) echo "$base cache exchange series model series_store history" ;;
    record) echo "$base cache series exchange feed history store recorder streams" ;;
    api) echo "$base hosts series model derive render exchange series_store history store recorder streams feed cache notices api" ;;
    fcgi) echo "$base api fcgi" ;;
    notify) echo "$base http json notices api notify" ;;
    report) echo "$base series model derive report" ;;
    daemon) echo "$base http hosts cache series exchange recorder streams feed notices api fcgi notify" ;;
    cli) echo "$base http cache series exchange model store report notify api" ;;
    esac
}

# The module a shared header belongs to.
owner() {
    case " $base " in
    *" $1 "*) echo base && return ;;
    esac
    case $1 in
    series | derive) echo model ;;
    feed) echo exchange ;;
    http) echo net ;;
    series_store | history) echo series ;;
    store | recorder | streams) echo record ;;
    json) echo exchange ;;
    notices) echo notify ;;
    *) echo "$1" ;;
    esac
}

# Whether module $1 may use the system header $2 in file $3.
system_ok() {
    case $2 in
    zlib.h | libdeflate.h | ini.h) [ "$1" = base ] ;;
    curl/*) [ "$1" = net ] ;;
    hiredis/*) [ "$3" = src/hosts/redis.c ] ;;
    cairo/*) [ "$1" = render ] ;;
    cjson/* | cJSON.h) case $3 in src/exchange/json.c | src/cli/*) true ;; *) false ;; esac ;;
    fcgi*) [ "$1" = fcgi ] ;;
    sqlite3.h | libwebsockets.h) [ "$1" = record ] ;;
    pthread.h) case $1 in base | net | hosts | fcgi | record) true ;; *) false ;; esac ;;
    openssl/*) [ "$3" = src/notify/sign.c ] ;;
    immintrin.h) [ "$3" = src/model/lanes.c ] ;;
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

# Which rooms of www/js a room may import.  data is pure; only draw knows the
# chart library; only net asks the server; main.js, tools.js and first.js, in no
# room, join them.
rooms() {
    case $1 in
    data) echo data ;;
    net) echo net data ;;
    draw) echo draw data vendor ;;
    ui) echo ui data ;;
    esac
}

# What a script imports, one path a line, statically or not.
imports() {
    code "$1" | tr '\n' ' ' |
        grep -oE "(^|[[:space:]{};(=])(from|import)[[:space:]]*\(?[[:space:]]*[\"'][^\"'[:space:]]+[\"']" |
        sed "s/.*[\"']\([^\"']*\)[\"']/\1/"
}

# The room that a file of room $1 means by the path $2.
room_of() {
    case $2 in
    */vendor/* | lightweight-charts*) echo vendor ;;
    ./*/*) echo none ;;
    ./*) echo "$1" ;;
    ../*/*/* | ../../*) echo none ;;
    ../*/*) two=${2#../} && echo "${two%%/*}" ;;
    *) echo none ;;
    esac
}

# Names that a room may not use: $1 file, $2 room, $3 pattern, $4 why.
refuse_names() {
    awk -f "$here/code-only.awk" "$1" | grep -nE "(^|[^[:alnum:]_\$.])($3)" |
        while IFS=: read -r line rest; do
            complain "$1:$line: $4 in $2: $rest"
        done
}

for file in www/js/*/*.js www/js/*/*/*.js; do
    [ -f "$file" ] || continue
    room=$(basename "$(dirname "$file")")
    if [ -z "$(rooms "$room")" ] || [ "$(dirname "$file")" != "www/js/$room" ]; then
        complain "$file: no such room: $room"
        continue
    fi
    for path in $(imports "$file"); do
        case " $(rooms "$room") " in
        *" $(room_of "$room" "$path") "*) ;;
        *) complain "$file: $room may not import $path" ;;
        esac
    done
    if [ "$room" = data ]; then
        refuse_names "$file" "$room" \
            '(document|window|localStorage|location|history|navigator)([^[:alnum:]_$:]|$)' 'no browser'
    fi
    [ "$room" = net ] || refuse_names "$file" "$room" 'fetch[[:space:]]*\(' 'no network'
done
for file in www/js/*.js; do
    case ${file##*/} in
    first.js | main.js | tools.js | '*.js') ;;
    *) complain "$file: belongs in a room of www/js" ;;
    esac
done

if [ -s "$found" ]; then
    cat "$found" >&2
    exit 1
fi
