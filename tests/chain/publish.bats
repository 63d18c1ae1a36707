#!/usr/bin/env bats
# publish-tx on a real chain: what is published, what is refused, and what is told.
# shellcheck disable=SC2154 # stderr is set by run

load publish

# fails_with EXIT TEXT COMMAND...: says why, and nothing on stdout.
fails_with() {
    local exit=$1 text=$2
    shift 2
    run --separate-stderr "$@"
    assert_failure "$exit"
    assert_equal "$output" ""
    [[ $stderr == *"$text"* ]] || fail "says: $stderr"
}

@test "each form of a record: published, and looked up as it was given" {
    local long
    long=$(printf 'r%.0s' {1..61})
    while read -r username options; do
        # shellcheck disable=SC2086 # options are words
        run --separate-stderr publish "$username" $options
        assert_success
        assert_output --regexp '^0x[0-9a-f]{64}$'
        assert_equal "$stderr" ""
    done <<OPTIONS
squid --ws 203.0.113.7:9000
both --ws host.example:9000 --tcp 9001
six --ws [2001:db8::1]:1
indirect.nec --routers loach,eel.os,a.b.nec
many --routers $(for i in {10..41}; do printf '%s%s,' "$long" "$i"; done)
caller --no-route
OPTIONS
    diff - <(nectar-net pki-lookup squid both six indirect caller) <<RECORDS
{"name":"squid.nec","username":"squid","networking_key":"$KEY","ws_routing":["203.0.113.7",9000],"allowed_routers":[]}
{"name":"both.nec","username":"both","networking_key":"$KEY","ws_routing":["host.example",9000],"tcp_routing":["host.example",9001],"allowed_routers":[]}
{"name":"six.nec","username":"six","networking_key":"$KEY","ws_routing":["2001:db8::1",1],"allowed_routers":[]}
{"name":"indirect.nec","username":"indirect","networking_key":"$KEY","ws_routing":null,"allowed_routers":["loach.nec","eel.os","a.b.nec"]}
{"name":"caller.nec","username":"caller","networking_key":"$KEY","ws_routing":null,"allowed_routers":[]}
RECORDS
    assert_equal "$(record many | jq -r '.allowed_routers|length, .[31]' | xargs)" "32 ${long}41.nec"
    assert_equal "$(under_way)" 0
}

@test "--json: hash, block, gas and cost are those of the receipt" {
    name=$(new_name)
    run publish "$name" --no-route --json
    assert_success
    receipt=$(rpc eth_getTransactionReceipt "\"$(jq -r .hash <<<"$output")\"")
    price=$(($(jq -r .effectiveGasPrice <<<"$receipt"))) gas=$(($(jq -r .gasUsed <<<"$receipt")))
    jq -e --arg block "$(($(jq -r .blockNumber <<<"$receipt")))" --arg gas "$gas" \
        --arg cost "$((price * gas))" '.v==1 and .type=="tx" and .status=="mined" and .block==$block
            and .gas==$gas and .cost_wei==$cost and .confirmations=="1"' <<<"$output"
}

@test "nothing to change: no transaction" {
    name=$(new_name)
    publish "$name" --ws 127.0.0.1:9002
    before=$(nonce)
    run --separate-stderr publish "$name" --ws 127.0.0.1:9002
    assert_success
    assert_equal "$output" ""
    assert_equal "$stderr" "nectar-net publish-tx: unchanged"
    publish "$name" --ws 127.0.0.1:9002 --json | jq -e '.type=="tx" and .hash==null and .status=="unchanged"'
    publish "$name" --ws 127.0.0.1:9002 --unsigned --json | jq -e '.status=="unchanged"'
    assert_equal "$(nonce)" "$before"
}

@test "a new key alone is set by setKey, for less" {
    name=$(new_name)
    publish "$name" --ws 127.0.0.1:9002
    new=$(nectar-net keygen -o "$HOME/new.key" --no-passphrase)
    run publish "$name" -k "$HOME/new.key" --ws 127.0.0.1:9002 --unsigned
    assert_equal "$(jq -r '.call.function, .call.arguments.networkingKey' <<<"$output" | xargs)" "setKey $new"
    run publish "$name" -k "$HOME/new.key" --ws 127.0.0.1:9002 --json
    [ "$(jq -r .gas <<<"$output")" -lt 60000 ]
    assert_equal "$(record "$name" | jq -r '.networking_key, .ws_routing[1]' | xargs)" "$new 9002"
    # With another route it is the whole record.
    run publish "$name" --ws 127.0.0.1:9003 --unsigned
    assert_equal "$(jq -r .call.function <<<"$output")" publish
}

@test "another's name: 8, whose it is; nothing is sent, and nobody has to sign to know" {
    name=$(new_name)
    publish "$name" --no-route
    before=$(nonce "${ACCOUNTS[1]}")
    for way in '' --dry-run --unsigned; do
        # shellcheck disable=SC2086 # no argument when empty
        fails_with 8 "$name belongs to 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" \
            nectar-net publish-tx -n "$name" --ws 127.0.0.1:1 --eth-key "$OTHER" $way
    done
    fails_with 8 "belongs to" nectar-net publish-tx -n "$name" --ws 127.0.0.1:1 --dry-run --from "${ACCOUNTS[1]}"
    assert_equal "$(nonce "${ACCOUNTS[1]}")" "$before"
    run nectar-net publish-tx -n "$name" --ws 127.0.0.1:1 --eth-key "$OTHER" --json
    assert_failure 8
    jq -e '.type=="error" and .error=="rejected"' <<<"$output"
}

@test "a name taken meanwhile: the contract's own error, by its name, when gas is estimated" {
    name=$(new_name)
    publish "$name" --no-route
    # Signed without asking, as for a new name; the contract has the last word.
    run nectar-net publish-tx -n "$name" --ws 127.0.0.1:1 --eth-key "$OTHER" -q --sign-only \
        -p "$URI&chain=31337" --nonce "$(nonce "${ACCOUNTS[1]}")" --gas 200000 --max-fee 10gwei --tip 1gwei
    assert_success
    echo "$output" >"$HOME/raw"
    run --separate-stderr nectar-net publish-tx --raw "$HOME/raw"
    assert_failure 12
    assert_equal "$output" "0x$(nectar-net tx decode <"$HOME/raw" | sed -n 's/^hash 0x//p')"
    [[ $stderr == *"NotOwner(0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266)"* ]] || fail "$stderr"
    # Once more: it is the same one, and failed.
    run nectar-net publish-tx --raw "$HOME/raw" --json
    assert_failure 12
    jq -se '.[0].status=="failed" and (.[0].block|tonumber)>0 and .[1].error=="tx_failed"' <<<"$output"
    run nectar-net tx status "$(jq -sr '.[0].hash' <<<"$output")"
    assert_failure 12
    assert_output --regexp '^failed, block [0-9]+, confirmations [0-9]+, gas [0-9]+, cost [0-9]+ wei$'
}

@test "what the contract would not take: 8, each error by its name" {
    # The program itself lets none of these pass, so the calls are made by hand.
    try() { # ERROR USERNAME HOST WS_PORT TCP_PORT ROUTERS
        local tx
        tx=$(jq -cn --arg from "${ACCOUNTS[0]}" --arg to "$CONTRACT" --arg nonce "$(nonce)" \
            --arg data "$(registry_call "$2" "$KEY" "${@:3}")" '{chain:"31337",from:$from,to:$to,
                nonce:$nonce,gas:"500000",max_fee:"10000000000",tip:"1",value:"0",data:$data}')
        nectar-net publish-tx --sign-only - --eth-key "$OWNER" -q <<<"$tx" >"$HOME/raw"
        run --separate-stderr nectar-net publish-tx --raw "$HOME/raw"
        assert_failure 12
        [[ $stderr == *"refused by the contract: $1"* ]] || fail "$1: $stderr"
    }
    long=$(printf 'l%.0s' {1..64})
    try 'LabelTooShort()' '' h 1 0 ''
    try 'LabelTooLong()' "$long" h 1 0 ''
    try 'InvalidLabelCharacter(0x5f)' a_b h 1 0 ''
    try 'HostTooLong()' a "$long$long$long$long" 1 0 ''
    try 'InvalidHostCharacter(0x20)' a 'h h' 1 0 ''
    try 'HostWithoutPort()' a h 0 0 ''
    try 'PortWithoutHost()' a '' 1 0 ''
    try 'TooManyRouters()' a '' 0 0 "$(printf 'r,%.0s' {1..32})r"
    try 'InvalidRouter("Squid")' a '' 0 0 'r,Squid'
}

@test "what is refused when gas is asked for: 8, in words; nothing of an endpoint reaches a terminal as it is" {
    moody=$(chain_deploy "0x$(tests/chain/compile tests/chain/contracts/Moody.sol Moody | jq -r .bin)")
    while IFS=$'\t' read -r username words; do
        for way in '' --dry-run; do
            # shellcheck disable=SC2086 # no argument when empty
            fails_with 8 "$words" publish "$username" --no-route -p "nectar+$ANVIL_URL?contract=$moody" $way
            [[ $stderr != *$'\e'* ]]
        done
    done <<'CASES'
notowner	refused by the contract: NotOwner(0x0000000000000000000000000000000000001234)
unknown	refused by the contract: UnknownUsername()
router	refused by the contract: InvalidRouter("a\\x1b[31m")
foreign	refused by the contract: an error that is none of its own, 0x
text	refused by the contract: not \\x1b[31mtoday
panic	refused by the contract: Panic(0x01)
plain	execution reverted
CASES
}

@test "names of another TLD, or of more labels: 2" {
    fails_with 2 "no name of this registry" publish squid.os --no-route
    fails_with 2 "no name of this registry" publish a.squid.nec --no-route
}

@test "two hosts for one record cannot be said: 2" {
    # Nor does the program's own command line.
    run publish "$(new_name)" --ws h:1 --tcp 2 --unsigned
    assert_success
    assert_equal "$(jq -r '.call.arguments|.host,.wsPort,.tcpPort' <<<"$output" | xargs)" "h 1 2"
}

@test "--dry-run: old to new, gas and the most it costs; without a key too" {
    name=$(new_name)
    run publish "$name" --ws 127.0.0.1:1 --dry-run
    assert_success
    assert_line --index 0 --regexp '^\+ \{"name":"'"$name"'"'
    assert_line --index 1 --regexp '^gas [0-9]+, at most [0-9]+ wei$'
    before=$(nonce)
    publish "$name" --ws 127.0.0.1:1
    run nectar-net publish-tx -n "$name" --ws 127.0.0.1:2 --dry-run --from "${ACCOUNTS[0]}" --json
    assert_success
    jq -e '.type=="change" and .old.ws_routing[1]==1 and .new.ws_routing[1]==2 and (.unchanged|not)
        and (.gas|tonumber)>21000 and (.max_cost_wei|tonumber)>(.gas|tonumber)' <<<"$output"
    # The estimate and a fifth.
    gas=$(jq -r .gas <<<"$output")
    publish "$name" --ws 127.0.0.1:2 --json >"$HOME/tx"
    [ "$(jq -r .gas "$HOME/tx")" -le "$gas" ]
    [ "$(jq -r .cost_wei "$HOME/tx")" -le "$(jq -r .max_cost_wei <<<"$output")" ]
    assert_equal "$(nonce)" $((before + 2))
    run nectar-net publish-tx -n "$name" --ws 127.0.0.1:2 --dry-run --from "${ACCOUNTS[0]}"
    assert_output --regexp '^  \{'
    fails_with 2 "an Ethereum key is needed" nectar-net publish-tx -n "$name" --no-route --dry-run
    fails_with 2 "not an Ethereum address" nectar-net publish-tx -n "$name" --no-route --dry-run --from 0x12
}

@test "--max-cost: 12 before anything is signed, in wei, gwei and eth" {
    name=$(new_name)
    before=$(nonce)
    most=$(publish "$name" --no-route --dry-run --json | jq -r .max_cost_wei)
    for cost in 0 1 1000wei 0.5gwei 0.000000001eth $((most - 1)); do
        fails_with 12 "are allowed" publish "$name" --no-route --max-cost "$cost"
        fails_with 12 "are allowed" publish "$name" --no-route --max-cost "$cost" --unsigned
    done
    assert_equal "$(nonce)" "$before"
    assert_equal "$(under_way)" 0
    publish "$name" --no-route --max-cost 0.1eth
    for cost in -1 1.5 1kwei '' 0x10; do
        run publish "$name" --no-route --max-cost "$cost"
        assert_failure 2
    done
}

@test "no funds, a fee below the base fee: 12, in the endpoint's words" {
    name=$(new_name)
    (umask 077 && printf '%064x\n' 12345 >"$HOME/poor")
    fails_with 12 "nsufficient funds" nectar-net publish-tx -n "$name" --no-route --eth-key "$HOME/poor"
    fails_with 12 "max fee per gas less than block base fee" publish "$name" --no-route --max-fee 1 --tip 0
    # Nothing of that is left: the next one goes out with the same nonce.
    assert_equal "$(under_way)" 0
    before=$(nonce)
    publish "$name" --no-route
    assert_equal "$(nonce)" $((before + 1))
}

@test "nonce too low: 12" {
    name=$(new_name)
    publish "$name" --no-route
    fails_with 12 "nonce too low" publish "$name" --ws h:1 --nonce 0
    assert_equal "$(under_way)" 0
}

@test "out of gas in its block: 12, and the next change is not held up" {
    name=$(new_name)
    run --separate-stderr publish "$name" --no-route --gas 30000
    assert_failure 12
    assert_output --regexp '^0x'
    [[ $stderr == *"it used up all of its gas"* ]] || fail "$stderr"
    publish "$name" --no-route
    assert_equal "$(under_way)" 0
}

@test "another chain than the URI's, an address without code, a contract of another kind: 5, nothing is sent" {
    name=$(new_name)
    before=$(nonce)
    fails_with 5 "the URI wants chain 8453" publish "$name" --no-route -p "$URI&chain=8453"
    fails_with 5 "no contract stands there" publish "$name" --no-route -p "nectar+$ANVIL_URL?contract=${ACCOUNTS[5]}"
    # Replies 42 to whatever it is asked.
    other=$(chain_deploy 0x600a600c600039600a6000f3602a60005260206000f3)
    after=$(nonce)
    fails_with 5 "no Nectar registry" publish "$name" --no-route -p "nectar+$ANVIL_URL?contract=$other"
    fails_with 5 "names no contract" publish "$name" --no-route -p "nectar+$ANVIL_URL"
    fails_with 5 "" publish "$name" --no-route -p "nectar+http://127.0.0.1:1?contract=$CONTRACT"
    assert_equal "$(nonce)" "$after"
    [ "$after" -eq $((before + 1)) ]
    [ ! -e "$HOME/state/nectar-net/tx" ] || assert_equal "$(under_way)" 0
}

@test "a chain that does what a node does not: the same URI elsewhere is another chain, with a journal of its own" {
    name=$(new_name)
    publish "$name" --no-route
    first=$ANVIL_URL
    (
        anvil_start
        trap anvil_stop EXIT
        uri=$(nectar-net registry deploy --tld nec -p "nectar+$ANVIL_URL" --eth-key "$OWNER")
        nectar-net publish-tx -n "$name" --no-route --eth-key "$OWNER" -p "$uri"
    )
    assert_equal "$ANVIL_URL" "$first"
    assert_equal "$(find "$HOME/state/nectar-net/tx" -name lock | wc -l)" 2
}

@test "a keystore, from a file and from a descriptor; the setting" {
    name=$(new_name)
    export NECTAR_ETH_KEY_FILE=$OWNER
    nectar-net publish-tx -n "$name" --no-route
    unset NECTAR_ETH_KEY_FILE
    nectar-net publish-tx -n "$name" --ws h:1 --eth-key-fd 3 3<"$OWNER"
    chmod 644 "$OWNER"
    fails_with 4 "" publish "$name" --ws h:2
    fails_with 2 "an Ethereum key is needed" nectar-net publish-tx -n "$name" --ws h:2
}

@test "options that do not go together: 2" {
    for options in "--dry-run --unsigned" "--unsigned --sign-only" "--raw x --dry-run" "--from 0x12"; do
        # shellcheck disable=SC2086 # words
        run publish squid --no-route $options
        assert_failure 2
    done
    run publish squid --raw "$OWNER" --ws h:1
    assert_failure 2
    run publish squid file
    assert_failure 2
    fails_with 2 "--old-key is for the embedded registry" publish squid --no-route --old-key "$HOME/node.key"
    fails_with 2 "for registries on a chain" nectar-net publish-tx -n a.nec --no-route --unsigned -p "sqlite:$HOME/r.db"
    fails_with 8 "" nectar-net publish-tx --raw "$HOME/none" -p "sqlite:$HOME/r.db" || true
}

@test "writes go to the first registry alone" {
    name=$(new_name)
    publish "$name" --no-route -p "$URI" -p "sqlite:$HOME/r.db"
    [ ! -e "$HOME/r.db" ]
    fails_with 8 "only read" publish "$name" --no-route -p "json:$HOME/none.json" -p "$URI"
}

@test "no key, and no word of one, in what is said and kept" {
    name=$(new_name)
    run bash -c "nectar-net publish-tx -n $name --no-route --eth-key $OWNER -vvv 2>&1"
    assert_success
    refute_output --partial "${ACCOUNT_KEYS[0]#0x}"
    run grep -rl "${ACCOUNT_KEYS[0]#0x}" "$HOME/state"
    assert_failure
}

@test "registry deploy: one line, the URI to use from then on" {
    run --separate-stderr nectar-net registry deploy --tld os -p "nectar+$ANVIL_URL" --eth-key "$OWNER"
    assert_success
    assert_output --regexp "^nectar\+$ANVIL_URL\?contract=0x[0-9a-fA-F]{40}&chain=31337\$"
    assert_equal "$stderr" ""
    uri=$output
    nectar-net publish-tx -n squid --no-route --eth-key "$OTHER" -p "$uri"
    nectar-net pki-lookup -p "$uri" squid.os
    nectar-net registry deploy --tld os -p "nectar+$ANVIL_URL" --eth-key "$OWNER" --json |
        jq -e '.type=="registry" and .made and (.uri|startswith("nectar+")) and (.gas|tonumber)>100000'
    run --separate-stderr nectar-net registry deploy --tld os -p "nectar+${ANVIL_URL/127/u:secret@127}" --eth-key "$OWNER"
    assert_success
    [[ $output$stderr != *secret* ]]
    [[ $stderr == *"put them back in"* ]]
    for tld in '' a.b A; do
        run nectar-net registry deploy --tld "$tld" -p "nectar+$ANVIL_URL" --eth-key "$OWNER"
        assert_failure 2
    done
    run nectar-net registry deploy -p "nectar+$ANVIL_URL" --eth-key "$OWNER"
    assert_failure 2
    run nectar-net registry deploy --tld os -p "sqlite:$HOME/r.db" --eth-key "$OWNER"
    assert_failure 8
    run nectar-net registry deploy --tld os -p "nectar+$ANVIL_URL" --eth-key "$OWNER" --max-cost 1gwei
    assert_failure 12
}

@test "tx status: mined, unknown; not a hash" {
    hash=$(publish "$(new_name)" --no-route)
    run nectar-net tx status "$hash"
    assert_success
    assert_output --regexp '^mined, block [0-9]+, confirmations 1, gas [0-9]+, cost [0-9]+ wei$'
    nectar-net tx status "$hash" --json | jq -e --arg h "$hash" '.type=="tx" and .status=="mined" and .hash==$h'
    run nectar-net tx status "$hash" --confirmations 5
    assert_failure 13
    assert_output --regexp '^pending, '
    run nectar-net tx status "0x$(printf '%064x' 1)"
    assert_failure 13
    assert_output unknown
    fails_with 2 "not the hash" nectar-net tx status 0x12
    fails_with 2 "hash is missing" nectar-net tx status
    fails_with 2 "status or decode" nectar-net tx nonsense
    fails_with 8 "" nectar-net tx status "$hash" -p "sqlite:$HOME/r.db"
    # A URI without a contract will do.
    run nectar-net tx status "$hash" -p "nectar+$ANVIL_URL"
    assert_success
}
