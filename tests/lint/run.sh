#!/bin/bash
# Every check of structure and style, offline (after `make deps-lint`). One line each; what is wrong
# stands indented below. Arguments choose checks by name: `tests/lint/run.sh layers format`.
set -u
cd "$(dirname "$0")/../.." || exit 2
# A make above us must not hand its flags to the builds below.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

# name, then the command. Builds come before the checks that look at what they built.
CHECKS=(
    "format        tests/lint/format.sh"
    "layers        tests/lint/layers.sh"
    "file-length   tests/lint/file-length.sh"
    "functions     tests/lint/functions.sh"
    "marks         tests/lint/marks.sh"
    "shellcheck    tests/lint/shellcheck.sh"
    "mandoc        tests/lint/mandoc.sh"
    "headers       tests/lint/headers.sh"
    "gcc           tests/lint/compile.sh gcc"
    "clang         tests/lint/compile.sh clang-14"
    "analyzer      tests/lint/analyzer.sh"
    "symbols       tests/lint/symbols.sh build/lint-gcc"
    "dispatcher    tests/lint/dispatcher.sh build/lint-gcc"
    "completions   tests/lint/completions.sh --check build/lint-gcc"
)

chosen() { # NAME, of the arguments of the script?
    [ ${#WANTED[@]} = 0 ] && return 0
    local name
    for name in "${WANTED[@]}"; do [ "$name" = "$1" ] && return 0; done
    return 1
}

WANTED=("$@")
passed=0
failed=0
for check in "${CHECKS[@]}"; do
    read -r name command <<<"$check"
    chosen "$name" || continue
    read -ra words <<<"$command"
    if output=$("${words[@]}" 2>&1 </dev/null); then
        passed=$((passed + 1))
        printf 'ok    %s\n' "$name"
    else
        failed=$((failed + 1))
        printf 'FAIL  %s\n' "$name"
        printf '%s\n' "$output" | sed 's/^/        /' | tail -n 60
    fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
