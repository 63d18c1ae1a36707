#!/bin/sh
# Every shell script and bats file passes shellcheck.
set -eu
. tests/lint/files.sh
scripts() {
    our_files tests .ci -- -type f | while read -r file; do
        case $file in
        *.bats) ;;
        *.sh | *.bash) echo "$file" ;;
        *) if head -n 1 "$file" | grep -qaE '^#!.*[/ ](ba)?sh( |$)'; then echo "$file"; fi ;;
        esac
    done
}
bad=0
scripts | xargs shellcheck -x -P SCRIPTDIR -P . || bad=1
# Each test is a subshell to bats, so its notes on variables lost in subshells say nothing.
our_files tests -- -name '*.bats' | xargs shellcheck -x -S warning -P SCRIPTDIR -P . || bad=1
exit $bad
