#!/bin/bash
# Each public header compiles alone, first and only, as C11 and as C++17, with both compilers, and
# sees nothing but its own kind and the standard headers.
set -u
bad=0
strict=(-Wall -Wextra -Wpedantic -Werror -Ilib/include -fsyntax-only)
for header in lib/include/nectar/*.h; do
    line="#include <nectar/$(basename "$header")>"
    for cc in "gcc -std=c11 -x c" "clang-14 -std=c11 -x c" "g++ -std=c++17 -x c++" "clang-14 -std=c++17 -x c++"; do
        read -ra words <<<"$cc"
        # Twice, so that a missing guard shows.
        printf '%s\n%s\nextern int unit;\n' "$line" "$line" | "${words[@]}" "${strict[@]}" - || {
            echo "$header: does not compile alone with ${words[*]}"
            bad=1
        }
    done
    grep -q 'extern "C"' "$header" || ! grep -q 'NECTAR_API [^_]*(' "$header" || {
        echo "$header: functions without extern \"C\""
        bad=1
    }
done
exit $bad
