# A chain for the tests of one file: anvil, a real Ethereum node, empty but for ten accounts that
# hold 10,000 ether each and for which it signs itself. Works in bats and in scripts. After
# `make chain`; needs curl and jq.
#
#   anvil_start; to=$(chain_deploy "$CODE"); chain_send "$to" "$DATA"; chain_call "$to" "$DATA"; anvil_stop
# shellcheck shell=bash

ANVIL=$(dirname "${BASH_SOURCE[0]}")/../../build/chain/node_modules/.bin/anvil

# The accounts, and the keys of the first two.
# shellcheck disable=SC2034 # for whoever sources this
ACCOUNTS=(
    0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266 0x70997970c51812dc3a010c7d01b50e0d17dc79c8
    0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc 0x90f79bf6eb2c4f870365e785982e1f101e93b906
    0x15d34aaf54267db7d7c367839aaf71a00a2c6a65 0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc
    0x976ea74026e726554db657fa54763abd0c3a0aa9 0x14dc79964da2c08b23698b3d3cc7ca32193d9955
    0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f 0xa0ee7a142d267c1f36714e4a8f75612f20a79720)
# shellcheck disable=SC2034
ACCOUNT_KEYS=(
    0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
    0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d)

# Starts one on a free port of 127.0.0.1, with these options for it beside; waits until it listens.
# Sets ANVIL_URL, ANVIL_PID and ANVIL_HOME (exported, for setup_file).
anvil_start() { # [OPTION...]
    local tries
    ANVIL_HOME=$(mktemp -d "${TMPDIR:-/tmp}/nectar-chain.XXXXXX")
    : >"$ANVIL_HOME/log"
    # It keeps states on disk below its home.
    HOME=$ANVIL_HOME "$ANVIL" --port 0 "$@" >"$ANVIL_HOME/log" 2>&1 3>&- </dev/null &
    ANVIL_PID=$!
    for ((tries = 0; tries < 500; tries++)); do
        ANVIL_URL=$(sed -n 's/^Listening on /http:\/\//p' "$ANVIL_HOME/log")
        [ -z "$ANVIL_URL" ] || break
        kill -0 "$ANVIL_PID" 2>/dev/null || break
        sleep 0.02
    done
    export ANVIL_URL ANVIL_PID ANVIL_HOME
    [ -n "$ANVIL_URL" ] || {
        cat "$ANVIL_HOME/log" >&2
        anvil_stop
        return 1
    }
}

anvil_stop() {
    kill -KILL "$ANVIL_PID" 2>/dev/null || true
    wait "$ANVIL_PID" 2>/dev/null || true
    rm -rf "$ANVIL_HOME"
}

# Prints the result: a string as it is, anything else as JSON on one line. Where there is none,
# prints the error and returns 1; status 2 if there was no answer at all.
rpc() { # METHOD [PARAMETER, as JSON]...
    local method=$1 parameters reply
    shift
    parameters=$(IFS=, && echo "$*")
    # By stdin: a deployment is too long for an argument of one process.
    reply=$(printf '{"jsonrpc":"2.0","id":1,"method":"%s","params":[%s]}' "$method" "$parameters" |
        curl -sS --max-time 20 -H 'content-type: application/json' -d @- "$ANVIL_URL") || return 2
    jq -rce 'if has("error") then .error, ("" | halt_error(1)) else .result end' <<<"$reply" || {
        # jq calls null and false a failure, too; they are results like any other.
        jq -e 'has("result")' <<<"$reply" >/dev/null
    }
}

# Sends a transaction that the node signs, and prints its receipt. Status 1 where it reverted (the
# receipt does not say why; chain_call does) or was not taken (the error is printed).
chain_send() { # TO DATA [FROM]; TO is empty for a deployment
    local hash receipt
    hash=$(rpc eth_sendTransaction "$(chain_transaction "$@")") || {
        echo "$hash"
        return 1
    }
    receipt=$(chain_receipt "$hash") || return
    echo "$receipt"
    [[ $receipt == *'"status":"0x1"'* ]]
}

chain_transaction() { # TO DATA [FROM]: as JSON
    printf '{%s"data":"%s","from":"%s"}' "${1:+\"to\":\"$1\",}" "$2" "${3:-${ACCOUNTS[0]}}"
}

# The receipt of a transaction; it is there a moment after the transaction is taken.
chain_receipt() { # HASH
    local receipt tries
    for ((tries = 0; tries < 250; tries++)); do
        receipt=$(rpc eth_getTransactionReceipt "\"$1\"") || return
        [ "$receipt" = null ] || break
        sleep 0.02
    done
    echo "$receipt"
    [ "$receipt" != null ]
}

# Deploys code (creation code, with what its constructor is given behind it); prints the address.
chain_deploy() { # CODE [FROM]
    local receipt
    receipt=$(chain_send '' "$1" "${2:-}") || {
        echo "$receipt" >&2
        return 1
    }
    jq -r .contractAddress <<<"$receipt"
}

# What a call replies. Where it reverts, prints what it reverts with, and returns 1.
chain_call() { # TO DATA [FROM]
    local reply
    reply=$(rpc eth_call "$(chain_transaction "$@")" '"latest"') || {
        jq -r '.data // .' <<<"$reply"
        return 1
    }
    echo "$reply"
}
