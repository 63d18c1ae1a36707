#!/usr/bin/env bats
# What the contract costs those who use it: exactly what the table says, and within the limits.

bats_require_minimum_version 1.5.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load

gas() { # ROW
    awk -F '\t' -v row="$1" '$1 == row { print $2; found = 1 } END { exit !found }' tests/chain/gas.tsv
}

@test "every transaction costs what the table says (else: make gas-table)" {
    diff tests/chain/gas.tsv <(tests/chain/gas)
}

@test "a first direct record costs no more than the four notes of Hypermap" {
    notes=$(jq '.gas | to_entries[] | select(.key | startswith("4 fresh notes")) | .value.gasUsed' \
        tests/vectors/hypermap-vectors.json)
    assert_equal "$notes" 210265
    (($(gas 'first publish, direct') <= notes))
    (($(gas 'first publish, direct, a host of 39 characters') <= notes))
    (($(gas 'first publish, direct, a host of 127 characters') <= notes))
}

@test "a key is changed under 60,000, and 3,000 more for each router" {
    (($(gas 'setKey, direct') < 60000))
    (($(gas 'setKey, direct, the longest name and host') < 60000))
    rows=0
    while read -r n cost; do
        ((cost < 60000 + 3000 * n))
        rows=$((rows + 1))
    done < <(sed -n 's/^setKey, routers: //p' tests/chain/gas.tsv)
    assert_equal "$rows" 10
}
