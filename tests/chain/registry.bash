# A Nectar registry on a chain of its own, for the tests of one file; on top of anvil.bash.
#
#   registry_start nec; registry_publish squid "$KEY" 127.0.0.1 9000 0 "" && nectar-net pki-lookup -p "$URI" squid
# shellcheck shell=bash

# shellcheck source=tests/chain/anvil.bash
. "${BASH_SOURCE[0]%/*}/anvil.bash"

# A text in words of 32 bytes: its length, and what it holds, padded.
abi_text() { # TEXT
    local hex
    hex=$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')
    printf '%064x' "${#1}"
    while [ -n "$hex" ]; do
        printf '%s%.*s' "${hex:0:64}" $((64 - ${#hex} > 0 ? 64 - ${#hex} : 0)) "$(printf '0%.0s' {1..64})"
        hex=${hex:64}
    done
}

# Deploys the contract for a TLD; prints its address.
registry_deploy() { # TLD
    chain_deploy "0x$(sed 's/^0x//' lib/contract/NectarRegistry.bin)$(printf '%064x' 32)$(abi_text "$1")"
}

# Starts a chain with a registry on it. Sets CONTRACT and URI.
registry_start() { # TLD [ANVIL OPTION...]
    local tld=$1
    shift
    anvil_start "$@" || return
    CONTRACT=$(registry_deploy "$tld")
    URI="nectar+$ANVIL_URL?contract=$CONTRACT"
    export CONTRACT URI
}

# What publish(username, networkingKey, host, wsPort, tcpPort, allowedRouters) is called with.
registry_call() { # USERNAME KEY HOST WS_PORT TCP_PORT ROUTERS
    local name host routers
    name=$(abi_text "$1") host=$(abi_text "$3") routers=$(abi_text "$6")
    printf '0xda15b084%064x%064s%064x%064x%064x%064x%s%s%s' 192 "${2:-0}" \
        $((192 + ${#name} / 2)) "$4" "$5" $((192 + (${#name} + ${#host}) / 2)) \
        "$name" "$host" "$routers" | tr ' ' 0
}

# Has the node publish a record, and prints the receipt.
registry_publish() { # USERNAME KEY HOST WS_PORT TCP_PORT ROUTERS [FROM]
    chain_send "$CONTRACT" "$(registry_call "${@:1:6}")" "${7:-}"
}
