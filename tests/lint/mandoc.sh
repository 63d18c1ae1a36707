#!/bin/sh
# Every manual page is clean mdoc, and every verb has one.
set -eu
. tests/lint/files.sh
bad=0
mandoc -T lint -W warning man/*.[1-9] || bad=1
for source in cmd/*.c; do
    program=$(basename "$source" .c)
    page=man/nectar-net-$program.1
    [ "$program" = nectar-net ] && page=man/nectar-net.1
    [ -f "$page" ] || {
        echo "$page: missing"
        bad=1
    }
done
# Cross references to pages of our own lead somewhere.
for page in man/*.[1-9]; do
    sed -n 's/^\.Xr \([a-z-]*nectar[a-z-]*\) \([1-9]\).*/\1.\2/p' "$page" | while read -r to; do
        [ -f "man/$to" ] || echo "$page: refers to $to, which does not exist"
    done
done | nothing || bad=1
exit $bad
