#!/bin/sh
# List the longest C functions; fail when one exceeds the limit, which may only be
# lowered.  Lines count from brace to brace: in our format only a function's
# braces are alone in the first column.
#   top-length.sh [ROOT]
set -u
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd -- "${1:-$here/..}" || exit 2
function_max=70
file_max=600
show=15

list=$(mktemp "${TMPDIR:-/tmp}/liqmap-lengths.XXXXXX") || exit 2
trap 'rm -f "$list"' EXIT

find src -name '*.[ch]' | sort | xargs awk -v max="$function_max" '
    FNR == 1 { start = 0 }
    /^[A-Za-z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
    /^\{/ { start = FNR }
    /^\}/ && start {
        n = FNR - start + 1
        note = (n > max) ? "  TOO LONG" : ""
        print n " " FILENAME ":" start " " name note
        start = 0
    }' | sort -rn -k1,1 >"$list"
head -n "$show" "$list"
status=0
if grep -q 'TOO LONG$' "$list"; then
    echo "a function longer than $function_max lines" >&2
    status=1
fi
for file in $(find src include -name '*.[ch]' && find www/js -name '*.js' 2>/dev/null); do
    n=$(wc -l <"$file")
    if [ "$n" -gt "$file_max" ]; then
        echo "$file: $n lines, more than $file_max" >&2
        status=1
    fi
done
exit $status
