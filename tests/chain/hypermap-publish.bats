#!/usr/bin/env bats
# Names of Hypermap changed and made: by which calls, and what of it others see, who look up notes or
# follow the log.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load hypermap
load publish
load endpoints

setup_file() {
    hypermap_start
    # On a node that others use too names must be new each time.
    RUN=$(printf '%x' "$EPOCHSECONDS")
    export RUN
}

teardown_file() {
    hypermap_stop
}

setup() {
    publish_setup
    NAME=n$BATS_TEST_NUMBER-$RUN.os
}

teardown() {
    net_teardown
}

# Makes a name, for the first account unless another is named.
mint() { # NAME [OWNER]
    hypermap_mint "${1%.os}" "${2:-${ACCOUNTS[0]}}" >/dev/null
}

# fails_with EXIT TEXT COMMAND...: says why, and nothing on stdout.
fails_with() {
    local exit=$1 text=$2
    shift 2
    run --separate-stderr "$@"
    assert_failure "$exit"
    assert_equal "$output" ""
    [[ $stderr == *"$text"* ]] || fail "says: $stderr"
}

data_of() { # NOTE
    hypermap_get "$1" | jq -r '.[2]'
}

# What follows the log of NAME's notes ends with, in the order of the log: a list of routers takes
# address and ports away, an address or a port the routers; what is malformed changes nothing, but
# for routers. Prints "KEY IP WS TCP ROUTERS", - for none.
followed() { # NAME
    local label data entry
    local -A now=()
    while read -r entry; do
        label=$(printf '%b' "$(jq -r '.[0]' <<<"$entry" | cut -c 3- | sed 's/../\\x&/g')")
        data=$(jq -r '.[1]' <<<"$entry")
        data=${data#0x}
        case $label:${#data} in
        '~net-key:64' | '~ip:8' | '~ip:32' | '~ws-port:4' | '~tcp-port:4')
            now[$label]=$data
            [ "$label" = '~net-key' ] || now['~routers']=
            ;;
        '~routers:'*)
            now=(['~net-key']=${now['~net-key']:-})
            ((${#data} % 64)) || now[$label]=$data
            ;;
        esac
    done < <(rpc eth_getLogs "{\"fromBlock\":\"0x0\",\"address\":\"$HYPERMAP\",\"topics\":[\"$(event_of Note)\",\"$(namehash "$1")\"]}" |
        jq -r '.[].data' | while read -r log; do abi decode '(bytes,bytes)' "$log"; done)
    for label in '~net-key' '~ip' '~ws-port' '~tcp-port' '~routers'; do
        data=${now[$label]:--}
        [ "$label:$data" != '~tcp-port:0000' ] || data=-
        printf '%s ' "$data"
    done
    echo
}

event_of() { # NAME
    jq -r --arg event "$1" '.event_topics | to_entries[] | select(.key | startswith($event)).value' \
        tests/vectors/hypermap-vectors.json
}

# The same of what stands there now, as far as it is well-formed.
standing() { # NAME
    local label data
    for label in '~net-key' '~ip' '~ws-port' '~tcp-port' '~routers'; do
        data=$(data_of "$label.$1")
        data=${data#0x}
        case $label:${#data} in
        '~net-key:64' | '~ip:8' | '~ip:32' | '~ws-port:4' | '~tcp-port:4') ;;
        '~routers:'*) ((${#data} % 64 == 0)) || data= ;;
        *) data= ;;
        esac
        [ "$label:$data" != '~tcp-port:0000' ] || data=
        printf '%s ' "${data:--}"
    done
    echo
}

# Both see this.
expect_seen() { # NAME IP WS TCP ROUTERS, - for none
    local expected="$KEY $2 $3 $4 $5 "
    assert_equal "$(standing "$1")" "$expected"
    assert_equal "$(followed "$1")" "$expected"
}

digits_of() {
    namehash "$1" | cut -c 3-
}

@test "each form of a record: published, and looked up as it was given" {
    local name options
    while read -r name options; do
        mint "$name-$RUN.os"
        # shellcheck disable=SC2086 # options are words
        run --separate-stderr publish "$name-$RUN" $options
        assert_success
        assert_output --regexp '^0x[0-9a-f]{64}$'
        assert_equal "$stderr" ""
    done <<OPTIONS
squid --ws 203.0.113.7:9000
both --ws 203.0.113.7:9000 --tcp 9001
six --ws [2001:DB8:0::1]:1
indirect --routers squid-$RUN,never-made.dev
caller --no-route
OPTIONS
    diff - <(nectar-net pki-lookup {squid,both,six,indirect,caller}-"$RUN") <<RECORDS
{"name":"squid-$RUN.os","username":"squid-$RUN","networking_key":"$KEY","ws_routing":["203.0.113.7",9000],"allowed_routers":[]}
{"name":"both-$RUN.os","username":"both-$RUN","networking_key":"$KEY","ws_routing":["203.0.113.7",9000],"tcp_routing":["203.0.113.7",9001],"allowed_routers":[]}
{"name":"six-$RUN.os","username":"six-$RUN","networking_key":"$KEY","ws_routing":["2001:db8::1",1],"allowed_routers":[]}
{"name":"indirect-$RUN.os","username":"indirect-$RUN","networking_key":"$KEY","ws_routing":null,"allowed_routers":["squid-$RUN.os","never-made.dev"]}
{"name":"caller-$RUN.os","username":"caller-$RUN","networking_key":"$KEY","ws_routing":null,"allowed_routers":[]}
RECORDS
    expect_seen "both-$RUN.os" cb007107 2328 2329 -
    expect_seen "indirect-$RUN.os" - - - "$(digits_of "squid-$RUN.os")$(digits_of never-made.dev)"
    # Written otherwise, it is the same.
    run --separate-stderr publish "six-$RUN" --ws '[2001:db8::1]:1'
    assert_equal "$stderr" "nectar-net publish-tx: unchanged"
}

@test "one note by a call, several by Multicall3, and nothing that is there already" {
    mint "$NAME"
    run publish "$NAME" --ws 203.0.113.7:9000 --tcp 10000 --unsigned
    assert_equal "$(jq -r .to <<<"$output" | tr A-F a-f)" "$(hypermap_tba "$NAME" | tr A-F a-f)"
    jq -e --arg multicall "$MULTICALL" '.call.arguments | (.to | ascii_downcase) == $multicall and .operation == 1
        and ([.data.arguments.calls[].callData.arguments.label] == ["~net-key","~ip","~ws-port","~tcp-port"])' <<<"$output"
    publish "$NAME" --ws 203.0.113.7:9000
    new=$(nectar-net keygen -o "$HOME/new.key" --no-passphrase)
    run publish "$NAME" -k "$HOME/new.key" --ws 203.0.113.7:9000 --unsigned
    jq -e --arg hypermap "$HYPERMAP" --arg key "0x$new" '.call.arguments | (.to | ascii_downcase) == $hypermap
        and .operation == 0 and .data.arguments == {label: "~net-key", data: $key}' <<<"$output"
    before=$(nonce)
    run --separate-stderr publish "$NAME" --ws 203.0.113.7:9000
    assert_success
    assert_equal "$stderr" "nectar-net publish-tx: unchanged"
    assert_equal "$(nonce)" "$before"
}

@test "four notes cost what they cost on the real one" {
    mint "$NAME"
    run publish "$NAME" --ws 203.0.113.7:9000 --tcp 10000 --json
    gas=$(jq -r .gas <<<"$output")
    real=$(jq '.gas | to_entries[] | select(.key | startswith("4 fresh notes")).value.gasUsed' tests/vectors/hypermap-vectors.json)
    echo "# gas $gas, of the real one $real" >&3
    ((gas < real * 11 / 10))
}

@test "the mode is switched, both ways and to none: who looks and who follows see the same" {
    local router
    router=$(digits_of "router-$RUN.os")
    mint "$NAME"
    publish "$NAME" --ws 203.0.113.7:9000 --tcp 10000
    expect_seen "$NAME" cb007107 2328 2710 -
    publish "$NAME" --routers "router-$RUN"
    expect_seen "$NAME" - - - "$router"
    publish "$NAME" --ws 203.0.113.7:9000
    expect_seen "$NAME" cb007107 2328 - -
    publish "$NAME" --ws 203.0.113.7:9000 --tcp 10000
    publish "$NAME" --ws 203.0.113.7:9000
    expect_seen "$NAME" cb007107 2328 - -
    publish "$NAME" --ws '[2001:db8::1]:9000'
    expect_seen "$NAME" 20010db8000000000000000000000001 2328 - -
    publish "$NAME" --no-route
    expect_seen "$NAME" - - - -
    publish "$NAME" --routers "router-$RUN,other-$RUN"
    expect_seen "$NAME" - - - "$router$(digits_of "other-$RUN.os")"
    publish "$NAME" --no-route
    expect_seen "$NAME" - - - -
}

# The notes of one of the cases, as the vectors' chain has had them written.
write_case() { # CASE NAME
    local router
    router=$(namehash "router1.os")
    case $1 in
    bad-values.os)
        hypermap_note "$2" '~net-key' 0x01 && hypermap_note "$2" '~ip' 0xcb0071
        hypermap_note "$2" '~ws-port' 0x23 && hypermap_note "$2" '~routers' 0x01
        return
        ;;
    routers-then-*) hypermap_note "$2" '~net-key' "0x$KEY" '~routers' "$router" ;;
    *) hypermap_note "$2" '~net-key' "0x$KEY" '~ip' 0xcb007107 '~ws-port' 0x2328 ;;
    esac
    case $1 in
    direct-then-routers.os) hypermap_note "$2" '~routers' "$router" ;;
    routers-then-direct.os) hypermap_note "$2" '~ip' 0xcb007107 '~ws-port' 0x2328 ;;
    routers-then-ip-only.os) hypermap_note "$2" '~ip' 0xcb007107 ;;
    direct-then-empty-routers.os) hypermap_note "$2" '~routers' 0x ;;
    direct-then-empty-ip.os) hypermap_note "$2" '~ip' 0x ;;
    esac
}

@test "the cases of an indexer: seen as the vectors have it, by our rule, and set right" {
    local each i=0 name seen ours
    cases() { jq -c --arg case "$1" ".indexer_cases.cases[\$case].$2" tests/vectors/hypermap-vectors.json; }
    while read -r each; do
        name=c$((i += 1))-$RUN.os
        mint "$name"
        write_case "$each" "$name" >/dev/null
        read -r -a seen <<<"$(followed "$name")"
        assert_equal "$(cases "$each" 'log_replay | [(.ips | length), (.ports | length), (.routers | length)]')" \
            "[$((${#seen[1]} > 1)),$((${#seen[2]} > 1)),$((${#seen[4]} / 64))]"
        read -r -a seen <<<"$(standing "$name")"
        assert_equal "$(cases "$each" 'get_path | [(.ips | length), (.ports | length), (.routers | length)]')" \
            "[$((${#seen[1]} == 8)),$((${#seen[2]} == 4)),$((${#seen[4]} / 64))]"
        # Our rule: an address and a port, else routers, else nothing.
        case $each in
        direct-then-routers.os | routers-then-direct.os | direct-then-empty-routers.os) ours='203.0.113.7 0' ;;
        routers-then-ip-only.os) ours=' 1' ;;
        *) ours=' 0' ;;
        esac
        assert_equal "$(record "$name" 2>/dev/null | jq -r '"\(.ws_routing // [""] | .[0]) \(.allowed_routers | length)"')" "$ours"
        # Set right, by a change to each mode.
        publish "$name" --routers "router-$RUN"
        expect_seen "$name" - - - "$(digits_of "router-$RUN.os")"
        publish "$name" --ws 203.0.113.9:9000
        expect_seen "$name" cb007109 2328 - -
    done < <(jq -r '.indexer_cases.cases | keys[]' tests/vectors/hypermap-vectors.json)
    assert_equal "$i" 6
}

@test "an address that hides routers, and routers behind it: publishing either takes the other away" {
    for each in --ws\ 203.0.113.7:9000 --routers\ router1.os; do
        NAME=m${#each}-$RUN.os
        mint "$NAME"
        write_case routers-then-direct.os "$NAME" >/dev/null
        # shellcheck disable=SC2086 # options are words
        publish "$NAME" $each
        case $each in
        --ws*) expect_seen "$NAME" cb007107 2328 - - ;;
        *) expect_seen "$NAME" - - - "$(digits_of router1.os)" ;;
        esac
    done
}

@test "another's name: 8, whose it is; an account that was passed on belongs to the new owner" {
    mint "$NAME" "${ACCOUNTS[1]}"
    before=$(nonce)
    for way in '' --dry-run --unsigned; do
        # shellcheck disable=SC2086 # no argument when empty
        fails_with 8 "$NAME belongs to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8" \
            publish "$NAME" --ws 127.0.0.1:1 $way
    done
    assert_equal "$(nonce)" "$before"
    chain_send "$HYPERMAP" "$(abi encode 'transferFrom(address,address,uint256)' "${ACCOUNTS[1]}" "${ACCOUNTS[0]}" "$(namehash "$NAME")")" "${ACCOUNTS[1]}" >/dev/null
    publish "$NAME" --ws 127.0.0.1:1
    fails_with 8 "belongs to 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" \
        nectar-net publish-tx -n "$NAME" --no-route --eth-key "$OTHER"
}

@test "what the contracts refuse is told by name" {
    mint "$NAME" "${ACCOUNTS[1]}"
    try() { # ERROR TO DATA
        local tx
        tx=$(jq -cn --arg from "${ACCOUNTS[0]}" --arg to "$2" --arg nonce "$(nonce)" --arg data "$3" \
            '{chain:"31337",from:$from,to:$to,nonce:$nonce,gas:"900000",max_fee:"10000000000",tip:"1",value:"0",data:$data}')
        nectar-net publish-tx --sign-only - --eth-key "$OWNER" -q <<<"$tx" >"$HOME/raw"
        run --separate-stderr nectar-net publish-tx --raw "$HOME/raw"
        assert_failure 12
        [[ $stderr == *"refused by the contract: $1"* ]] || fail "$1: $stderr"
    }
    note=$(abi encode "$NOTE" "$(hex_of '~ip')" 0xcb007107)
    try 'NotParent()' "$HYPERMAP" "$note"
    try 'NotOperatorOrEntryPoint()' "$(hypermap_tba "$NAME")" "$(abi encode "$EXECUTE" "$HYPERMAP" 0 "$note" 0)"
    try 'NameAlreadyExists()' "$OS_TBA" "$(abi encode "$MINT" "${ACCOUNTS[0]}" "$(hex_of "${NAME%.os}")" 0x "$ACCOUNT_CODE")"
    try 'InvalidLabelCharacter()' "$OS_TBA" "$(abi encode "$MINT" "${ACCOUNTS[0]}" "$(hex_of A_b)" 0x "$ACCOUNT_CODE")"
    try 'FailedToInitializeTBA()' "$OS_TBA" "$(abi encode "$MINT" "${ACCOUNTS[0]}" "$(hex_of "x${NAME%.os}")" 0x12345678 "$ACCOUNT_CODE")"
}

@test "--mint: a name that is not there is made with all its notes, in one transaction" {
    fails_with 8 "there is no $NAME, and publishing does not make it: --mint does" publish "$NAME" --ws 203.0.113.7:9000
    before=$(nonce)
    run --separate-stderr publish "$NAME" --ws 203.0.113.7:9000 --mint
    assert_success
    assert_equal "$(nonce)" $((before + 1))
    expect_seen "$NAME" cb007107 2328 - -
    assert_equal "$(hypermap_get "$NAME" | jq -r '.[1]' | tr A-F a-f)" "${ACCOUNTS[0]}"
    # One that is there is changed as ever.
    publish "$NAME" --no-route --mint
    expect_seen "$NAME" - - - -
    # By anyone, under .os; indirect from the beginning.
    run nectar-net publish-tx -n "o$NAME" --routers "$NAME" --eth-key "$OTHER" --mint
    assert_success
    expect_seen "o$NAME" - - - "$(digits_of "$NAME")"
    assert_equal "$(hypermap_get "o$NAME" | jq -r '.[1]' | tr A-F a-f)" "${ACCOUNTS[1]}"
}

@test "--mint under a name of one's own, of another's, of nobody's" {
    mint "$NAME"
    publish "sub.$NAME" --ws 203.0.113.7:9000 --mint
    expect_seen "sub.$NAME" cb007107 2328 - -
    publish "deep.sub.$NAME" --no-route --mint
    run nectar-net pki-lookup "deep.sub.$NAME"
    assert_success
    fails_with 8 "there is no none-$NAME, under which a.none-$NAME would be" publish "a.none-$NAME" --no-route --mint
    run --separate-stderr nectar-net publish-tx -n "other.$NAME" --no-route --eth-key "$OTHER" --mint
    assert_failure 8
}

@test "registry import: records of another registry go in; names are made where that is asked for" {
    local each
    for each in a b c; do
        printf '{"name":"%s-%s","networking_key":"%s","ws_routing":["203.0.113.7",9000],"allowed_routers":[]}\n' "$each" "$NAME" "$KEY"
    done >"$HOME/all"
    mint "b-$NAME"
    run nectar-net registry import "$HOME/all" --eth-key "$OWNER" --json
    assert_failure 14
    assert_equal "$(grep -c 'there is no .*--mint' <<<"$output")" 2
    expect_seen "b-$NAME" cb007107 2328 - -
    nectar-net registry import "$HOME/all" --eth-key "$OWNER" --mint
    expect_seen "a-$NAME" cb007107 2328 - -
    expect_seen "c-$NAME" cb007107 2328 - -
    before=$(nonce)
    nectar-net registry import "$HOME/all" --eth-key "$OWNER" --mint
    assert_equal "$(nonce)" "$before"
}

@test "what Hypermap has no place for: 2" {
    mint "$NAME"
    fails_with 2 "IP addresses only" publish "$NAME" --ws host.example:9000
    fails_with 2 "IP addresses only" publish "$NAME" --ws host.example:9000 --unsigned
}

@test "signed without asking anyone: the account's address follows from the name" {
    alone() {
        publish "$@" --sign-only -p "$URI&chain=31337" --nonce 1 --gas 900000 --max-fee 10gwei --tip 1gwei
    }
    run --separate-stderr alone alice.os --ws 203.0.113.7:9000
    assert_success
    nectar-net tx decode --json <<<"$output" >"$HOME/tx"
    assert_equal "$(jq -r .to "$HOME/tx" | tr A-F a-f)" \
        "$(jq -r '.tbas["alice.os"]' tests/vectors/hypermap-vectors.json | tr A-F a-f)"
    # All of it, whatever stands there: routers first, and no other port.
    jq -e '[.call.arguments.data.arguments.calls[].callData.arguments | "\(.label) \(.data | length)"]
        == ["~routers 2","~net-key 66","~ip 10","~ws-port 6","~tcp-port 6"]' "$HOME/tx"
    fails_with 2 "a name cannot be made" alone "$NAME" --no-route --mint
}

@test "killed at any point: the same command again, and one transaction in the end" {
    mint "$NAME"
    before=$(nonce)
    for i in 1 2 3 4 5; do
        publish "$NAME" --ws 203.0.113.7:9000 >/dev/null 2>&1 3>&- &
        sleep "0.0$((i * 3))"
        kill -KILL $! 2>/dev/null || true
        wait $! || true
    done
    publish "$NAME" --ws 203.0.113.7:9000
    expect_seen "$NAME" cb007107 2328 - -
    assert_equal "$(nonce)" $((before + 1))
}

@test "endpoints that fail at any exchange: the next one goes on, and one transaction is made" {
    local n before
    unset CONTRACT
    mint "$NAME"
    endpoint good pass
    for n in 0 1 2 3 4 5 6; do
        mend
        before=$(nonce)
        endpoint bad after "$n mute"
        run publish "$NAME" --ws "127.0.0.1:$((9000 + n))" -p "$MAP_bad" -p "$MAP_good"
        assert_success
        assert_equal "$(nonce)" $((before + 1))
        record "$NAME" | jq -e ".ws_routing[1]==$((9000 + n))"
    done
}
