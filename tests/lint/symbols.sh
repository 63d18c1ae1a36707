#!/bin/bash
# symbols.sh BUILD: libnectar.so exports what the public headers declare NECTAR_API, no more and no
# less, and carries its soname.
set -eu
. tests/lint/files.sh
so=$(echo "$1"/lib/libnectar.so.?)
[ -f "$so" ] || { echo "$1: no library built there" && exit 1; }
declared=$(echo '#include <nectar/nectar.h>' | gcc -std=c11 -Ilib/include -E -P - |
    tr '\n' ' ' | sed 's/[;{}]/\n/g' |
    sed -n 's/.*visibility("default")))[^(]*[ *]\([a-z0-9_]*\)(.*/\1/p' | LC_ALL=C sort)
for header in lib/include/nectar/*.h; do
    name=$(basename "$header")
    [ "$name" = nectar.h ] || grep -q "include <nectar/$name>" lib/include/nectar/*.h || {
        echo "$header: not reached from <nectar/nectar.h>"
        exit 1
    }
done
[ -n "$declared" ] || { echo "no declaration found in the headers" && exit 1; }
exported=$(nm -D --defined-only "$so" | awk '{ print $3 }' | LC_ALL=C sort)
diff <(echo "$declared") <(echo "$exported") | sed -n \
    -e 's/^</declared, not exported:/p' -e 's/^>/exported, not declared:/p' | nothing
[ "$(readelf -d "$so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" = "$(basename "$so")" ] ||
    { echo "$so: soname is not its file name" && exit 1; }
