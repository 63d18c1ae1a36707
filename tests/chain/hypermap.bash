# Hypermap on a chain of its own, for the tests of one file; on top of anvil.bash. Contracts of ours
# (contracts/TestHypermap.sol) stand where the real ones do. .os makes names for anyone, for nothing.
# Where NECTAR_HYPERMAP_RPC is the URL of an anvil that has the real ones, that one is taken, by one
# file at a time, and left as it was.
#
#   hypermap_start; hypermap_mint alice "${ACCOUNTS[0]}"; hypermap_note alice.os '~ip' 0xcb007107
#   hypermap_get '~ip.alice.os'
# shellcheck shell=bash disable=SC2034 # for who loads us

# shellcheck source=tests/chain/anvil.bash
. "${BASH_SOURCE[0]%/*}/anvil.bash"

BUILD=$(realpath "${BUILD:-build}")
HYPERMAP=0x000000000044c6b8cb4d8f0f889a3e47664eaeda
MULTICALL=0xca11bde05977b3631167028862be2a173976ca11
ACCOUNT_REGISTRY=0x000000006551c19487814612e58fe06813775758
ACCOUNT_CODE=0x0000000000edad72076cbe7b9cfa3751d5a85c97

MINT='mint(address,bytes,bytes,address)'
NOTE='note(bytes,bytes)'
EXECUTE='execute(address,uint256,bytes,uint8)'
AGGREGATE='aggregate((address,bytes)[])'

abi() {
    "$BUILD/helpers/abi" "$@"
}

# Starts the chain, with .os below the empty name. Sets OS_TBA (exported, for setup_file), the account
# of .os, and URI, the registry's. Both names are the first account's.
hypermap_start() { # [ANVIL OPTION...]
    local minter root given
    if [ -n "${NECTAR_HYPERMAP_RPC:-}" ]; then
        export ANVIL_URL=$NECTAR_HYPERMAP_RPC ANVIL_PID=
        HYPERMAP_BEFORE=$(rpc evm_snapshot) || return
        export HYPERMAP_BEFORE
        hypermap_found
        return
    fi
    anvil_start "$@" || return
    hypermap_put "$HYPERMAP" TestHypermap
    hypermap_put "$MULTICALL" TestMulticall
    hypermap_put "$ACCOUNT_REGISTRY" TestAccountRegistry
    hypermap_put "$ACCOUNT_CODE" TestHyperAccount
    minter=$(chain_deploy "0x$(jq -r .TestMinter.bin "$CHAIN_CODE")")
    chain_send "$HYPERMAP" "$(abi encode 'begin(address,address)' "${ACCOUNTS[0]}" "$ACCOUNT_CODE")" >/dev/null
    root=$(hypermap_tba '')
    given=$(abi encode "$MINT" "${ACCOUNTS[0]}" "$(hex_of os)" 0x "$minter")
    chain_send "$root" "$(abi encode "$EXECUTE" "$HYPERMAP" 0 "$given" 0)" >/dev/null
    hypermap_found
}

hypermap_stop() {
    if [ -n "${NECTAR_HYPERMAP_RPC:-}" ]; then
        rpc evm_revert "\"$HYPERMAP_BEFORE\"" >/dev/null
    else
        anvil_stop
    fi
}

hypermap_found() {
    OS_TBA=$(hypermap_tba os)
    URI="hypermap+$ANVIL_URL?contract=$HYPERMAP"
    export OS_TBA URI
}

CHAIN_CODE=$(dirname "${BASH_SOURCE[0]}")/../../build/chain/TestHypermap.json

# Has a contract of ours stand at an address.
hypermap_put() { # ADDRESS CONTRACT
    rpc anvil_setCode "\"$1\"" "\"0x$(jq -r ".$2.code" "$CHAIN_CODE")\"" >/dev/null
}

hex_of() { # TEXT: as bytes
    printf 0x
    printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

namehash() { # NAME
    local node rest=$1 label
    node=$(printf '%064d' 0)
    while [ -n "$rest" ]; do
        label=${rest##*.}
        [[ $rest == *.* ]] && rest=${rest%.*} || rest=
        label=$(abi keccak "$label")
        node=$(abi keccak "hex:$node${label#0x}")
        node=${node#0x}
    done
    echo "0x$node"
}

# What the map has of a name or a note, as JSON: [account, owner, data].
hypermap_get() { # NAME
    abi decode '(address,address,bytes)' \
        "$(chain_call "$HYPERMAP" "$(abi encode 'get(bytes32)' "$(namehash "$1")")")"
}

hypermap_tba() { # NAME
    hypermap_get "$1" | jq -r '.[0]'
}

# Makes LABEL.os; what it begins with is what its account is first called with. Prints the receipt.
hypermap_mint() { # LABEL OWNER [INITIALIZATION]
    chain_send "$OS_TBA" "$(abi encode "$MINT" "$2" "$(hex_of "$1")" "${3:-0x}" "$ACCOUNT_CODE")"
}

# Makes LABEL under a name of OWNER's, who owns it, too.
hypermap_mint_under() { # NAME LABEL OWNER
    chain_send "$(hypermap_tba "$1")" "$(abi encode "$EXECUTE" "$HYPERMAP" 0 \
        "$(abi encode "$MINT" "$3" "$(hex_of "$2")" 0x "$ACCOUNT_CODE")" 0)" "$3"
}

# Writes notes of a name, in one transaction of its owner's. Prints the receipt.
hypermap_note() { # NAME LABEL DATA [LABEL DATA]...
    local name=$1 entry
    shift
    entry=$(hypermap_get "$name")
    chain_send "$(jq -r '.[0]' <<<"$entry")" "$(hypermap_notes "$@")" "$(jq -r '.[1]' <<<"$entry")"
}

# What an account is called with to write notes: one, or many at once.
hypermap_notes() { # LABEL DATA [LABEL DATA]...
    local calls=()
    if [ $# = 2 ]; then
        abi encode "$EXECUTE" "$HYPERMAP" 0 "$(abi encode "$NOTE" "$(hex_of "$1")" "$2")" 0
        return
    fi
    while [ $# -gt 1 ]; do
        calls+=("[\"$HYPERMAP\",\"$(abi encode "$NOTE" "$(hex_of "$1")" "$2")\"]")
        shift 2
    done
    abi encode "$EXECUTE" "$MULTICALL" 0 "$(abi encode "$AGGREGATE" "[$(IFS=, && echo "${calls[*]}")]")" 1
}
