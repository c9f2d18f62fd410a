#!/usr/bin/env bash
# The look of src, include, tests and bench, by clang-format 14 and the tree's .clang-format.
#   format.sh ROOT          says what is out of shape; to mend it: clang-format-14 -i FILE
#   format.sh --self-test   sees the check fail once
# Ends 77 (skipped) where clang-format 14 is not installed.
set -euo pipefail

find_formatter() {
    local name
    for name in clang-format-14 clang-format; do
        if command -v "$name" >/dev/null && "$name" --version | grep -q 'version 14\.'; then
            echo "$name"
            return
        fi
    done
}

check() {
    local files
    mapfile -d '' files < <(find -H "$1/src" "$1/include" "$1/tests" "$1/bench" -name '*.[ch]' -print0)
    [[ ${#files[@]} -gt 0 ]] || { echo "$1: no C files there"; return 1; }
    if ! "$formatter" --dry-run -Werror --style=file "${files[@]}" 2>"$complaints"; then
        echo "out of shape; to mend: $formatter -i FILE"
        sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: error: .*/  \1/p' "$complaints" | sort | uniq -c
        return 1
    fi
    echo "${#files[@]} files, all in shape"
}

self_test() {
    root=$(mktemp -d)
    trap 'rm -rf "$root" "$complaints"' EXIT
    mkdir -p "$root"/{src,include,tests,bench}
    cp "$(dirname "$0")/../../.clang-format" "$root"
    printf 'int f(void)\n{\n    return 1;\n}\n' >"$root/src/a.c"
    check "$root" || { echo "self-test: a file in shape is refused"; return 1; }
    printf 'int f(void) {\n  return 1;\n}\n' >"$root/tests/b.c"
    if check "$root" >/dev/null; then
        echo "self-test: a file out of shape passes"
        return 1
    fi
    echo "self-test: right"
}

formatter=$(find_formatter)
if [[ -z $formatter ]]; then
    echo "clang-format 14 is not installed: skipped"
    exit 77
fi
complaints=$(mktemp)
trap 'rm -f "$complaints"' EXIT
case ${1-} in
--self-test) self_test ;;
'') echo "usage: $0 ROOT | --self-test" >&2; exit 64 ;;
*) check "$1" ;;
esac
