#!/bin/sh
# Every shell script and bats file passes shellcheck.
set -eu
. tests/lint/files.sh
our_files tests .ci -- -type f | while read -r file; do
    case $file in
    *.sh | *.bats | *.bash) echo "$file" ;;
    *) if head -c 40 "$file" | head -n 1 | grep -qaE '^#!.*[/ ](ba)?sh( |$)'; then echo "$file"; fi ;;
    esac
done | xargs shellcheck -x -P SCRIPTDIR -P .
