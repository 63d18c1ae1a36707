#!/bin/sh
# No function is longer than 60 lines or more complex than 15 (pmccabe's first column). There are no
# exceptions.
set -eu
. tests/lint/files.sh
c_files | xargs pmccabe | awk '
    # complexity, traditional complexity, statements, first line, lines, file(line): name
    { what = $6 " " $7 }
    $1 > 15 { print what ": complexity " $1 ", at most 15"; bad = 1 }
    $5 > 60 { print what ": " $5 " lines, at most 60"; bad = 1 }
    END { if (!NR) { print "pmccabe saw no function"; bad = 1 } exit bad }'
