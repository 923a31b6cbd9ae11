#!/bin/sh
# Programs are hardened, by both compilers: position independent, stack not
# executable, relocations read-only after start, stack protector, checked libc
# calls, branch protection.  Of clang's, one with the flags of all: the list of
# tests builds no other.
#   test_hardening.sh [PROGRAM...]
set -u
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root" || exit 2
[ $# -gt 0 ] || set -- build/release/liqmapd build/release/liqmap \
    build/clang/tests/model_dump
passed=0
failed=0

# check DESCRIPTION PATTERN READELF_ARGUMENT...: the output holds the pattern
check() {
    what=$1
    pattern=$2
    shift 2
    if readelf -W "$@" 2>&1 | grep -qE -e "$pattern"; then
        passed=$((passed + 1))
    else
        echo "FAILED: $what: readelf $* shows no $pattern"
        failed=$((failed + 1))
    fi
}

for program; do
    check 'position independent' 'Type: +DYN' -h "$program"
    check 'marked as such' 'FLAGS_1.* PIE' -d "$program"
    check 'relocations made read-only' GNU_RELRO -l "$program"
    check 'all of them, at start' 'BIND_NOW|FLAGS_1.* NOW' -d "$program"
    check 'stack not executable' 'GNU_STACK.* RW +0x' -l "$program"
    check 'stack protector' __stack_chk_fail --dyn-syms "$program"
    check 'checked libc calls' '__(v?snprintf|printf|memcpy|memmove)_chk' \
        --dyn-syms "$program"
    # clang does not record its flags.
    case $program in
    build/clang/*) ;;
    *)
        check 'stack clash protection' -fstack-clash-protection \
            --debug-dump=info "$program"
        ;;
    esac
done
# The linker drops the mark where the C library has none: look at ours.
case $(uname -m) in
x86_64)
    for archive in build/release/lib*.a build/clang/lib*.a; do
        check 'branch protection' 'IBT, SHSTK' -n "$archive"
    done
    ;;
esac

echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] || echo "[  FAILED  ] $failed test(s)."
[ "$failed" -eq 0 ]
