#!/bin/bash
# compile.sh COMPILER: everything compiles under the strict set without a warning, into a build
# folder of its own.
set -eu
cc=$1
build=build/lint-${cc%%-*}
targets=(all unit helpers)
for source in tests/bench/*.c; do
    [ -e "$source" ] && targets+=("$build/bench/$(basename "$source" .c)")
done
make -s -j"$(nproc)" -k B="$build" CC="$cc" WERROR=1 "${targets[@]}"
