# The contract's calls by name, and what they are given; with the chain of anvil.bash. Works in bats
# and in scripts, from the top folder.
# shellcheck shell=bash disable=SC2034 # for who loads us

# shellcheck source=tests/chain/anvil.bash
. tests/chain/anvil.bash

BUILD=$(realpath "${BUILD:-build}")
abi() {
    "$BUILD/helpers/abi" "$@"
}

KEY=0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
OTHER_KEY=0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
NO_KEY=0x0000000000000000000000000000000000000000000000000000000000000000
NOBODY=0x0000000000000000000000000000000000000000
OWNER=${ACCOUNTS[0]}
OTHER=${ACCOUNTS[1]}

registry_deploy() { # TLD
    local given
    given=$(abi encode '(string)' "$1")
    chain_deploy "0x$(cat lib/contract/NectarRegistry.bin)${given#0x}"
}

calldata() { # FUNCTION ARGUMENT...
    local signature
    case $1 in
    publish) signature='publish(string,bytes32,string,uint16,uint16,string)' ;;
    setKey) signature='setKey(string,bytes32)' ;;
    transfer) signature='transfer(string,address)' ;;
    record) signature='record(string)' ;;
    records) signature='records(string[])' ;;
    tld) signature='tld()' ;;
    esac
    shift
    abi encode "$signature" "$@"
}

# N times a text.
times() { # N TEXT
    local i
    for ((i = 0; i < $1; i++)); do printf %s "$2"; done
}

# N names of routers with commas between them, each so many characters long.
routers() { # N LENGTH
    local i
    for ((i = 0; i < $1; i++)); do
        [ "$i" = 0 ] || printf ,
        printf '%s%02d.nec' "$(times $(($2 - 6)) r)" "$i"
    done
}
