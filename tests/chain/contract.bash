# For the tests of the contract: a chain with the contract on it, what it takes and refuses.
# shellcheck disable=SC2154 # output is set by run

bats_require_minimum_version 1.5.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
. tests/chain/calls.bash

RECORD='(address,bytes32,string,uint16,uint16,string)'
PUBLISHED='Published(bytes32,address,string,bytes32,string,uint16,uint16,string)'

registry_setup() {
    # shellcheck disable=SC2119 # without options
    anvil_start
    REGISTRY=$(registry_deploy nec)
    export REGISTRY
}

# Sends what FROM says, and keeps the receipt in RECEIPT.
does() { # FROM FUNCTION ARGUMENT...
    local from=$1
    shift
    RECEIPT=$(chain_send "$REGISTRY" "$(calldata "$@")" "$from") || fail "refused: $* : $RECEIPT"
}

# It reverts, with this error and these arguments.
refuses() { # ERROR ARGUMENTS-AS-JSON FROM FUNCTION ARGUMENT...
    local error=$1 arguments=$2 from=$3 data
    shift 3
    data=$(calldata "$@")
    run chain_call "$REGISTRY" "$data" "$from"
    assert_failure 1
    assert_equal "$(abi decode "$error" "$output")" "$arguments"
}

# What the registry says of a name, as JSON: [owner, key, host, ws, tcp, routers].
record() { # USERNAME
    local reply
    reply=$(chain_call "$REGISTRY" "$(calldata record "$1")") || return
    abi decode "($RECORD)" "$reply" | jq -c '.[0]'
}

# The record is that, and the last transaction has emitted it, whole, and nothing else.
assert_published() { # USERNAME RECORD
    local log owner
    assert_equal "$(record "$1")" "$2"
    assert_equal "$(jq '.logs | length' <<<"$RECEIPT")" 1
    log=$(jq -c '.logs[0]' <<<"$RECEIPT")
    owner=$(jq -r '.[0]' <<<"$2")
    assert_equal "$(jq -r .address <<<"$log")" "$REGISTRY"
    assert_equal "$(jq -c .topics <<<"$log")" "$(jq -nc '$ARGS.positional' --args \
        "$(abi keccak "$PUBLISHED")" "$(abi keccak "$1")" "0x${NOBODY:2:24}${owner#0x}")"
    assert_equal "$(abi decode '(string,bytes32,string,uint16,uint16,string)' "$(jq -r .data <<<"$log")")" \
        "$(jq -c --arg name "$1" '[$name] + .[1:]' <<<"$2")"
}
