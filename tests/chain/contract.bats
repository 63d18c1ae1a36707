#!/usr/bin/env bats
# What is committed of the contract is what the compiler makes of it.

bats_require_minimum_version 1.5.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load

@test "the committed ABI and code are those of the source, byte for byte" {
    compiled=$(tests/chain/compile lib/contract/NectarRegistry.sol NectarRegistry)
    diff <(jq .abi <<<"$compiled") lib/contract/NectarRegistry.abi.json
    diff <(jq -r .bin <<<"$compiled") lib/contract/NectarRegistry.bin
}

@test "source that does not compile is told" {
    sed 's/ROUTERS_MAX = 32/ROUTERS_MAX = x/' lib/contract/NectarRegistry.sol >"$BATS_TEST_TMPDIR/it.sol"
    run tests/chain/compile "$BATS_TEST_TMPDIR/it.sol" NectarRegistry
    assert_failure
    assert_output --partial 'Undeclared identifier'
}
