# For the tests of what publishes on a chain: two accounts with their key files, and what the chain
# and the journal say. A file of such tests begins and ends like this unless it says otherwise.
# shellcheck shell=bash disable=SC2034 # for whoever sources this

load ../cmd/net
load registry

setup_file() {
    registry_start nec
}

teardown_file() {
    anvil_stop
}

setup() {
    publish_setup
}

teardown() {
    net_teardown
}

publish_setup() {
    net_setup
    unset NECTAR_ETH_KEY_FILE NECTAR_ETH_PASSPHRASE_FILE
    OWNER=$HOME/owner OTHER=$HOME/other
    (umask 077 && echo "${ACCOUNT_KEYS[0]#0x}" >"$OWNER" && echo "${ACCOUNT_KEYS[1]#0x}" >"$OTHER")
    KEY=$(nectar-net keygen -o "$HOME/node.key" --no-passphrase)
    export NECTAR_PKI=$URI NECTAR_KEY=$HOME/node.key
}

# A name that no other test has.
new_name() { # [PREFIX]
    echo "${1:-n}-${BATS_TEST_NUMBER:-0}-$RANDOM$RANDOM.nec"
}

publish() { # NAME OPTION...
    nectar-net publish-tx -n "$@" --eth-key "$OWNER"
}

# How many transactions an account has in the chain.
nonce() { # [ACCOUNT]
    echo $(($(rpc eth_getTransactionCount "\"${1:-${ACCOUNTS[0]}}\"" '"latest"')))
}

record() {
    nectar-net pki-lookup "$1"
}

# The transactions that the journal holds.
under_way() {
    find "$HOME/state/nectar-net/tx" -name '*.json' | wc -l
}

mine() { # [BLOCKS]
    local i
    for ((i = 0; i < ${1:-1}; i++)); do rpc evm_mine >/dev/null; done
}

# For a test whose programs are traced: the leak checker of sanitized ones traces, too.
may_trace() {
    command -v strace >/dev/null || skip "needs strace"
    strace -qq true 2>/dev/null || skip "may not trace"
    export ASAN_OPTIONS=detect_leaks=0
}
