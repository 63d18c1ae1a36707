#!/usr/bin/env bats
# The node that the other tests of this folder run on: what they take for granted of it.

bats_require_minimum_version 1.5.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
load anvil

setup_file() {
    anvil_start
}

teardown_file() {
    anvil_stop
}

@test "a chain of its own, with accounts that have something" {
    run rpc eth_chainId
    assert_success
    assert_output 0x7a69
    run rpc eth_accounts
    assert_output "$(printf '%s\n' "${ACCOUNTS[@]}" | jq -Rcn '[inputs]')"
    run rpc eth_getBalance "\"${ACCOUNTS[9]}\"" '"latest"'
    assert_output 0x21e19e0c9bab2400000
}

@test "an error is told apart from a result that is null" {
    run rpc eth_getTransactionReceipt '"0x0000000000000000000000000000000000000000000000000000000000000000"'
    assert_success
    assert_output null
    run rpc eth_nothing
    assert_failure 1
    assert_output --partial '"code":-32601'
    ANVIL_URL=http://127.0.0.1:1 run --separate-stderr rpc eth_chainId
    assert_failure 2
}

# By hand, in the machine's own code: reverts with 0x3813fcca when it is given any data; else replies
# 42.
RUNS=36600e57602a60005260206000f35b633813fcca6000526004601cfd

@test "contracts are deployed and called, and revert" {
    size=$((${#RUNS} / 2))
    init=$(printf '60%02x600c60003960%02x6000f3%s' "$size" "$size" "$RUNS")
    to=$(chain_deploy "0x$init")
    assert_equal "$(rpc eth_getCode "\"$to\"" '"latest"')" "0x$RUNS"
    run chain_call "$to" 0x
    assert_success
    assert_output "0x$(printf '%064x' 42)"
    run chain_call "$to" 0x00
    assert_failure 1
    assert_output 0x3813fcca
    run chain_send "$to" 0x00
    assert_failure 1
    assert_equal "$(jq -r .status <<<"$output")" 0x0
    run chain_send "$to" 0x "${ACCOUNTS[1]}"
    assert_success
    assert_equal "$(jq -r .status <<<"$output")" 0x1
    assert_equal "$(jq -r .from <<<"$output")" "${ACCOUNTS[1]}"
}
