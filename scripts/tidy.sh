#!/bin/sh
# clang-tidy over C files, as many at a time as there are processors.
#   tidy.sh FILE... -- COMPILER_FLAG...
# A file that passed is not checked again until it, a header of ours that it
# includes, the flags, .clang-tidy or clang-tidy itself changes: build/lint holds
# the hashes of all these for each file.
set -u
cd "$(dirname "$0")/.." || exit 2
inputs=build/lint/inputs

# inputs_of FILE...: for each a line, its name and the hashes of all that decides
# what is found in it.  No system headers: they change with the packages, as the
# version does.  Our names are read without a preprocessor, which takes 50 ms a file:
# a header that #if leaves out counts too.
inputs_of() {
    {
        sha256sum "$@" src/*/*.h include/liqmap/*.h
        grep -H '^ *# *include *"' "$@" src/*/*.h include/liqmap/*.h
    } | awk -v settings="$(echo "$TIDY_SETTINGS" | sha256sum | cut -d ' ' -f 1)" '
        function add(file, i) {
            if (file in seen) return
            seen[file] = 1
            line = line " " sum[file]
            for (i = 1; i <= n[file]; i++) add(includes[file, i])
        }
        $1 ~ /^[0-9a-f]+$/ && length($1) == 64 { sum[$2] = $1; next }
        {
            file = substr($0, 1, index($0, ":") - 1)
            split($0, part, "\"")
            path = file
            sub(/[^\/]*$/, "", path)
            path = path part[2]
            if (!(path in sum)) path = "include/" part[2]
            if (!(path in sum)) {
                print "tidy.sh: " file " includes " part[2] ", which is not there" >"/dev/stderr"
                failed = 1
            }
            includes[file, ++n[file]] = path
        }
        END {
            for (file in sum) {
                if (file !~ /\.c$/) continue
                split("", seen)
                line = file " " settings
                add(file)
                print line
            }
            exit failed
        }'
}

# check FILE FLAG...: one file; called below by xargs
check() {
    file=$1
    shift
    stamp=build/lint/$file.ok
    want=$(grep "^$file " $inputs)
    [ "$want" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
    mkdir -p "$(dirname "$stamp")"
    echo "TIDY $file"
    # One write, so that messages about two files do not mix.
    if ! out=$(clang-tidy --quiet "$file" -- "$@" 2>&1); then
        printf '%s\n' "$out"
        return 1
    fi
    echo "$want" >"$stamp"
}

if [ "${1-}" = --one ]; then
    shift
    check "$@"
    exit
fi

command -v clang-tidy >/dev/null || {
    echo "tidy.sh: clang-tidy is missing; install the package clang-tidy" >&2
    exit 1
}
files=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    files="$files $1"
    shift
done
[ $# -eq 0 ] || shift
TIDY_SETTINGS=$(
    clang-tidy --version
    cat .clang-tidy
    echo "$@"
)
mkdir -p build/lint
# shellcheck disable=SC2086
inputs_of $files >$inputs || exit 1

# xargs gives 123 when a check fails.
# shellcheck disable=SC2086
printf '%s\n' $files |
    xargs -P "$(nproc)" -I{} "$0" --one {} "$@" || exit 1
