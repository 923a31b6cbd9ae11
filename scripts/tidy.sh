#!/bin/sh
# clang-tidy over C files, as many at a time as there are processors.
#   tidy.sh FILE... -- COMPILER_FLAG...
# A file that passed is not checked again until it, a header of ours that it
# includes, the flags, .clang-tidy or clang-tidy itself changes: build/lint holds
# a hash of all these for each file.
set -u
cd "$(dirname "$0")/.." || exit 2

# check FILE FLAG...: one file; called below by xargs
check() {
    file=$1
    shift
    stamp=build/lint/$file.ok
    # No system headers: they change with the packages, as the version does.
    hash=$({
        echo "$TIDY_SETTINGS"
        clang -MM "$@" "$file" | tr -d '\\' | tr ' ' '\n' | grep '\.[ch]$' |
            sort -u | xargs sha256sum
    } | sha256sum)
    [ "$hash" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
    mkdir -p "$(dirname "$stamp")"
    echo "TIDY $file"
    # One write, so that messages about two files do not mix.
    if ! out=$(clang-tidy --quiet "$file" -- "$@" 2>&1); then
        printf '%s\n' "$out"
        return 1
    fi
    echo "$hash" >"$stamp"
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
export TIDY_SETTINGS

# xargs gives 123 when a check fails.
# shellcheck disable=SC2086
printf '%s\n' $files |
    xargs -P "$(nproc)" -I{} "$0" --one {} "$@" || exit 1
