#!/bin/bash
# coverage.sh NAME...: gives the targets their corpora, and prints what of the library's parsers they
# reach: a line for each file, and below it the lines that no input has reached. BUILD is the folder
# of targets built with coverage.
set -eu
cd "$(dirname "$0")/../.."
: "${BUILD:?the folder that the targets were built in}"
parsers=(lib/ws lib/codec lib/msg lib/link lib/noise lib/key/keyfile.c lib/pki/json_index.c
    lib/pki/json_members.c lib/pki/record.c lib/pki/record_json.c lib/eth/rlp.c lib/eth/tx.c
    lib/eth/keystore.c lib/eth/account_file.c)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
objects=()
for name in "$@"; do
    program=$BUILD/tests/fuzz/${name}_fuzz
    LLVM_PROFILE_FILE=$folder/$name.profraw "$program" >/dev/null
    [ "${#objects[@]}" = 0 ] || objects+=(-object)
    objects+=("$program")
done
llvm-profdata-14 merge -o "$folder/all" "$folder"/*.profraw
llvm-cov-14 report "${objects[@]}" -instr-profile="$folder/all" -show-branch-summary=false \
    -show-region-summary=false "${parsers[@]}"
echo
echo "lines that no input reaches:"
llvm-cov-14 show "${objects[@]}" -instr-profile="$folder/all" "${parsers[@]}" |
    awk -F'|' '/^[^ |].*:$/ { file = $0 } $2 ~ /^ *0$/ { print file $1 ":" $3 }' |
    sed "s|^$PWD/||"
