#!/bin/sh
# No C file is longer than 400 lines. There are no exceptions.
set -eu
. tests/lint/files.sh
c_files | while read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || echo "$file: $lines lines, at most 400"
done | nothing
