#!/bin/sh
# No mark of unfinished work, and no path of the machine somebody happened to work on. The letters in
# brackets keep this file from finding itself.
set -eu
. tests/lint/files.sh
bad=0
list=$(mktemp)
trap 'rm -f "$list"' EXIT
{
    our_files lib cmd tests man completions .ci -- -type f
    printf '%s\n' Makefile README.md CONTRIBUTING.md LICENSE .clang-format .editorconfig .gitignore
} >"$list"
while read -r file; do
    [ -f "$file" ] || { echo "$file: missing" && bad=1; }
done <"$list"

found() { # WHAT PATTERN
    if xargs grep -InE -e "$2" <"$list"; then
        echo "$1"
        bad=1
    fi
}
found "marks of unfinished work" '\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b|not implemente[d]'
found "paths of one machine" '(^|[^A-Za-z0-9_.$}])/(root|home|work|farm|Users|mnt)/[A-Za-z0-9]|\.\./share[d]|\.librar[y]/'
# The checkout itself.
if xargs grep -InF -e "$PWD/" <"$list"; then
    echo "paths of this checkout"
    bad=1
fi
exit $bad
