#!/usr/bin/env bats
# Names looked up in a registry on a real chain, by endpoints that work and that do not.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load registry

setup_file() {
    registry_start nec
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    KEY=aa00000000000000000000000000000000000000000000000000000000000011
}

teardown() {
    net_teardown
}

# An endpoint of a mode (tests/helpers/endpoint), before the node. Sets PORT and AT, its URI.
endpoint() { # MODE [ARGUMENT]
    : >"$HOME/endpoint"
    "$BUILD/helpers/endpoint" -n "${ANVIL_URL##*:}" "$@" >"$HOME/endpoint" 2>/dev/null 3>&- &
    PIDS+=("$!")
    wait_for 5 test -s "$HOME/endpoint"
    PORT=$(head -n 1 "$HOME/endpoint")
    AT="nectar+http://127.0.0.1:$PORT?contract=$CONTRACT"
}

# fails_with EXIT TEXT COMMAND...: in less than 15 s, and says why in one line.
fails_with() {
    local exit=$1 text=$2 begun=$EPOCHREALTIME
    shift 2
    run --separate-stderr "$@"
    assert_failure "$exit"
    assert_equal "$output" ""
    [[ $stderr == *"$text"* ]] || fail "says: $stderr"
    [[ $stderr != *$'\n'* ]] || fail "says more than a line: $stderr"
    (((${EPOCHREALTIME/./} - ${begun/./}) / 1000000 < 15 * ${NECTAR_SLOWER:-1})) || fail "took long"
}

lookup() {
    nectar-net pki-lookup -p "$AT" squid.nec
}

lookup_json() {
    nectar-net pki-lookup --json "$@"
}

@test "each form of a record" {
    registry_publish squid "$KEY" 203.0.113.7 9000 0 "" >/dev/null
    registry_publish both "$KEY" host.example 9000 9001 "" >/dev/null
    registry_publish six "$KEY" 2001:db8::1 1 0 "" >/dev/null
    registry_publish tcp "$KEY" 203.0.113.7 0 9001 "" >/dev/null
    registry_publish indirect "$KEY" "" 0 0 loach,eel.os >/dev/null
    registry_publish mixed "$KEY" h 65535 0 loach >/dev/null
    registry_publish caller "$KEY" "" 0 0 "" >/dev/null
    registry_publish keyless "" 203.0.113.7 9000 0 "" >/dev/null
    registry_publish empty "" "" 0 0 "" >/dev/null
    run --separate-stderr nectar-net pki-lookup -p "$URI" \
        squid both six tcp indirect mixed caller keyless empty
    assert_success
    assert_equal "$stderr" ""
    diff - <(echo "$output") <<OUT
{"name":"squid.nec","username":"squid","networking_key":"$KEY","ws_routing":["203.0.113.7",9000],"allowed_routers":[]}
{"name":"both.nec","username":"both","networking_key":"$KEY","ws_routing":["host.example",9000],"tcp_routing":["host.example",9001],"allowed_routers":[]}
{"name":"six.nec","username":"six","networking_key":"$KEY","ws_routing":["2001:db8::1",1],"allowed_routers":[]}
{"name":"tcp.nec","username":"tcp","networking_key":"$KEY","ws_routing":null,"tcp_routing":["203.0.113.7",9001],"allowed_routers":[]}
{"name":"indirect.nec","username":"indirect","networking_key":"$KEY","ws_routing":null,"allowed_routers":["loach.nec","eel.os"]}
{"name":"mixed.nec","username":"mixed","networking_key":"$KEY","ws_routing":["h",65535],"allowed_routers":["loach.nec"]}
{"name":"caller.nec","username":"caller","networking_key":"$KEY","ws_routing":null,"allowed_routers":[]}
{"name":"keyless.nec","username":"keyless","networking_key":null,"ws_routing":["203.0.113.7",9000],"allowed_routers":[]}
{"name":"empty.nec","username":"empty","networking_key":null,"ws_routing":null,"allowed_routers":[]}
OUT
}

@test "as many routers as there may be, with the longest of names" {
    long=$(printf 'r%.0s' {1..61})
    routers=$(for i in {10..41}; do printf '%s,' "$long$i.$long$i.$long$i.$long"; done)
    registry_publish "$long"aa "$KEY" "" 0 0 "${routers%,}" >/dev/null
    run --separate-stderr nectar-net pki-lookup -p "$URI" "$long"aa
    assert_success
    assert_equal "$(jq -r '.allowed_routers | length, (.[0] | length)' <<<"$output" | xargs)" "32 253"
}

@test "--json: source, block and age" {
    registry_publish json "$KEY" h 1 0 "" >/dev/null
    block=$(($(rpc eth_blockNumber)))
    run lookup_json -p "${URI/127/u:secret@127}&from=0" json
    assert_success
    jq -e --argjson block "$block" --arg at "${ANVIL_URL#http://}" '.type=="record" and .name=="json.nec"
        and .block==($block|tostring) and .age_s>=0 and .age_s<60 and (.source|startswith("nectar+http://"+$at+"?contract=0x"))' \
        <<<"$output"
    refute_output --partial secret
}

@test "a change is seen at once; one lookup is one request on a connection that is kept" {
    endpoint pass
    registry_publish squid "$KEY" h 1 0 "" >/dev/null
    mkfifo "$HOME/names"
    nectar-net pki-lookup -p "$AT" - <"$HOME/names" >"$HOME/out" 2>&1 3>&- &
    PIDS+=("$!")
    exec {names}>"$HOME/names"
    echo squid >&"$names"
    wait_for 5 grep -q '"h",1' "$HOME/out"
    registry_publish squid "$KEY" h 2 0 "" >/dev/null
    echo squid >&"$names"
    wait_for 5 grep -q '"h",2' "$HOME/out"
    exec {names}>&-
    diff - <(sed 1d "$HOME/endpoint") <<OUT
1 eth_chainId eth_getBlockByNumber eth_getCode eth_call
1 eth_chainId eth_getBlockByNumber eth_getCode eth_call
1 eth_chainId eth_getBlockByNumber eth_getCode eth_call
OUT
}

@test "no such name, and names that are never here: 6" {
    fails_with 6 "no such name" nectar-net pki-lookup -p "$URI" nobody
    fails_with 6 "no such name" nectar-net pki-lookup -p "$URI" nobody.os
    fails_with 6 "no such name" nectar-net pki-lookup -p "$URI" a.squid.nec
    fails_with 2 "not a node name" nectar-net pki-lookup -p "$URI" SQUID
}

@test "another TLD: bare names take it, and bare routers" {
    other=$(registry_deploy os)
    CONTRACT=$other registry_publish squid "$KEY" "" 0 0 loach >/dev/null
    run nectar-net pki-lookup -p "nectar+$ANVIL_URL?contract=$other" squid
    assert_output --partial '"name":"squid.os"'
    assert_output --partial '"allowed_routers":["loach.os"]'
    # The first of a list that has it; the first of all says what bare names take.
    run nectar-net pki-lookup -p "$URI" -p "nectar+$ANVIL_URL?contract=$other" squid.os
    assert_output --partial '"name":"squid.os"'
    fails_with 6 "no such name" nectar-net pki-lookup -p "$URI" -p "nectar+$ANVIL_URL?contract=$other" nobody
}

@test "a registry that fails is passed over; where none has the name, it counts" {
    endpoint refuse
    registry_publish squid "$KEY" h 1 0 "" >/dev/null
    run --separate-stderr nectar-net pki-lookup -p "$AT" -p "$URI" squid.nec
    assert_success
    fails_with 5 "Connection refused" nectar-net pki-lookup -p "$URI" -p "$AT" nobody.nec
}

@test "URIs that are none: 2, and nothing secret is shown" {
    local row uri
    while IFS='|' read -r uri row; do
        fails_with 2 "$row" nectar-net pki-lookup -p "$uri" squid.nec
        [[ $stderr != *secret* ]] || fail "shows: $stderr"
    done <<URIS
nectar+http:127.0.0.1:1|// is missing
nectar+http://|not HOST:PORT
nectar+http://user:secret@|not HOST:PORT
nectar+http://127.0.0.1:0|not HOST:PORT
nectar+http://127.0.0.1:65536|not HOST:PORT
nectar+http://127.0.0.1:x|not HOST:PORT
nectar+http://[::1|not HOST:PORT
nectar+http://[::1]x|not HOST:PORT
nectar+http://a b|not HOST:PORT
nectar+http://h/secret path|a path with other characters
nectar+http://h/secret#x|a path with other characters
nectar+http://se"cret@h|a user or password
nectar+http://h?secret|contract=, chain=, max-age= and from=
nectar+http://h?apikey=secret|contract=, chain=, max-age= and from=
nectar+http://h?contract=0x12|contract= takes an address
nectar+http://h?contract=$CONTRACT&contract=$CONTRACT|contract= is given twice
nectar+http://h?contract=0x5fbdb2315678afecb367f032d93f642f64180aA3|contract= takes an address
nectar+http://h?chain=0|chain= takes a number
nectar+http://h?chain=-1|chain= takes a number
nectar+http://h?chain=1e3|chain= takes a number
nectar+http://h?max-age=|max-age= takes a number
nectar+http://h?from=latest|from= takes the number
nectar+ftp://h|nectar+ftp: no such kind
URIS
}

@test "a URI without a contract has no names yet: 5" {
    fails_with 5 "add ?contract=0x" nectar-net pki-lookup -p "nectar+$ANVIL_URL" squid
}

@test "another chain than the URI's, than before: 5" {
    fails_with 5 "it is on chain 31337, and the URI wants chain 8453" \
        nectar-net pki-lookup -p "$URI&chain=8453" squid.nec
    run nectar-net pki-lookup -p "$URI&chain=31337" nobody.nec
    assert_failure 6
    echo pass >"$HOME/mode"
    endpoint "@$HOME/mode"
    registry_publish squid "$KEY" h 1 0 "" >/dev/null
    mkfifo "$HOME/names"
    nectar-net pki-lookup -p "$AT" - <"$HOME/names" >"$HOME/out" 2>&1 3>&- &
    PIDS+=("$!")
    exec {names}>"$HOME/names"
    echo squid.nec >&"$names"
    wait_for 5 grep -q '"h",1' "$HOME/out"
    echo 'answer eth_chainId="0x1"' >"$HOME/mode"
    echo squid.nec >&"$names"
    wait_for 5 grep -q 'it is on chain 1, and was on chain 31337' "$HOME/out"
    exec {names}>&-
}

@test "an address without code, and one with other code: 5" {
    none=0x00000000000000000000000000000000000000aa
    fails_with 5 "no contract stands there on chain 31337" \
        nectar-net pki-lookup -p "nectar+$ANVIL_URL?contract=$none" squid.nec
    # Runs into a revert; takes anything and replies nothing.
    for code in 0x6005600c60003960056000f360006000fd 0x6001600c60003960016000f300; do
        other=$(chain_deploy $code)
        fails_with 5 "no Nectar registry" \
            nectar-net pki-lookup -p "nectar+$ANVIL_URL?contract=$other" squid.nec
    done
}

@test "a newest block that is old, or of the future: 5 with max-age" {
    endpoint behind 3600
    registry_publish squid "$KEY" h 1 0 "" >/dev/null
    run lookup_json -p "$AT" squid
    jq -e '.age_s>=3600 and .age_s<3700' <<<"$output"
    fails_with 5 "over max-age=60: it has fallen behind" nectar-net pki-lookup -p "$AT&max-age=60" squid
    run nectar-net pki-lookup -p "$URI&max-age=60" squid
    assert_success
    endpoint behind -3600
    run lookup_json -p "$AT" squid
    jq -e '.age_s==0' <<<"$output"
    fails_with 5 "ahead of the clock here" nectar-net pki-lookup -p "$AT&max-age=60" squid
}

@test "nobody listens, or cuts the line, or says no HTTP: 5" {
    local mode
    endpoint refuse
    fails_with 5 "Connection refused" lookup
    for mode in reset "raw SSH-2.0-OpenSSH" "raw "; do
        endpoint $mode
        fails_with 5 "127.0.0.1:$PORT?contract" lookup
    done
    fails_with 5 "Could not resolve host" nectar-net pki-lookup -p "nectar+http://nowhere.invalid?contract=$CONTRACT" squid
    fails_with 5 "SSL" nectar-net pki-lookup -p "nectar+https${ANVIL_URL#http}?contract=$CONTRACT" squid
}

@test "no answer, or one that never ends: 5, within the deadline" {
    local mode
    for mode in hang drip; do
        endpoint $mode
        fails_with 5 "no answer within 5 s" lookup
    done
}

@test "HTTP that is no answer: 5, and what to do" {
    local row
    while IFS='|' read -r mode argument row; do
        endpoint "$mode" "$argument"
        fails_with 5 "$row" lookup
    done <<MODES
status|401|HTTP 401: does the URI have the right key or password?
status|404|HTTP 404: is the path in the URI right?
status|429|HTTP 429: too much is asked of it; wait, or name another
status|429 {"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"daily limit"}}|HTTP 429: daily limit: too much
status|500|HTTP 500: it is in trouble; try again, or name another
status|503 <html>|HTTP 503: it is in trouble; try again, or name another
status|204|HTTP 204: is it a node's JSON-RPC?
moved|http://127.0.0.1:${ANVIL_URL##*:}/|HTTP 307: it sends elsewhere, which is not followed
text||it is no JSON
text|<html><body>Welcome|it is no JSON (line 1)
text|{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no\\u001b[31m batches"}}|it refuses to answer: no�[31m batches (-32600)
text|[]|it does not answer all calls
text|{"jsonrpc":"2.0","id":1,"result":"0x1"}|it is no JSON-RPC reply to a batch
MODES
}

@test "replies that are not what was asked: 5; in another order they are" {
    local row mode argument
    registry_publish squid "$KEY" h 1 0 "" >/dev/null
    for mode in pass reversed bytewise; do
        endpoint $mode
        run lookup
        assert_success
        assert_output --partial '"h",1'
    done
    while IFS='|' read -r mode argument row; do
        endpoint "$mode" ${argument:+"$argument"}
        fails_with 5 "$row" lookup
    done <<'MODES'
cut||transfer closed
wrong-id||an answer in it is to a call that was not made
twice||two answers in it are to one call
missing||it does not answer all calls
answer|eth_chainId=null|eth_chainId: an answer of the wrong form
answer|eth_chainId="0x0"|eth_chainId: an answer of the wrong form
answer|eth_chainId="1"|eth_chainId: an answer of the wrong form
error|eth_chainId={"code":-32601,"message":"no"}|eth_chainId: no (-32601)
answer|eth_getBlockByNumber=null|eth_getBlockByNumber: an answer of the wrong form
answer|eth_getBlockByNumber={"number":"0x1"}|eth_getBlockByNumber: an answer of the wrong form
answer|eth_getCode="0xzz"|eth_getCode: an answer of the wrong form
answer|eth_getCode="0x"|no contract stands there
answer|eth_call=null|eth_call: an answer of the wrong form
answer|eth_call="0x"|no Nectar registry
answer|eth_call="0x00"|no Nectar registry
error|eth_call={"code":-32000,"message":"header\nnot found"}|eth_call: header�not found (-32000)
error|eth_call={"code":3,"message":"reverted","data":"0x"}|no Nectar registry
MODES
}

@test "a contract's reply that is no record: 5" {
    # A record whose router is no name: what this contract lets nobody publish.
    word() { printf '%064x' "$1"; }
    endpoint answer "eth_call=\"0x$(word 32)$(word 1)$(word 7)$(word 192)$(word 0)$(word 0)$(word 224)$(word 0)$(abi_text A_B)\""
    fails_with 5 "no Nectar registry" lookup # to tld(), too
    run nectar-net pki-lookup -p "$URI" nobody
    assert_failure 6
    echo pass >"$HOME/mode"
    endpoint "@$HOME/mode"
    registry_publish squid "$KEY" h 1 0 "" >/dev/null
    mkfifo "$HOME/names"
    nectar-net pki-lookup -p "$AT" - <"$HOME/names" >"$HOME/out" 2>&1 3>&- &
    PIDS+=("$!")
    exec {names}>"$HOME/names"
    echo squid.nec >&"$names"
    wait_for 5 grep -q '"h",1' "$HOME/out"
    echo "answer eth_call=\"0x$(word 32)$(word 1)$(word 7)$(word 192)$(word 0)$(word 0)$(word 224)$(word 0)$(abi_text A_B)\"" >"$HOME/mode"
    echo squid.nec >&"$names"
    wait_for 5 grep -q 'what stands there of squid.nec is no record; its owner has to publish it anew' "$HOME/out"
    exec {names}>&-
}

@test "1 GiB for an answer: 5, soon, and little memory" {
    local mode
    for mode in huge huge-told; do
        endpoint $mode
        fails_with 5 "its answer is over 1024 KiB" lookup
        peak=$("$BUILD/helpers/peak" nectar-net pki-lookup -p "$AT" squid.nec 2>/dev/null)
        base=$("$BUILD/helpers/peak" nectar-net pki-lookup -p "$URI" nobody.nec 2>/dev/null)
        echo "# $mode: $peak KiB, of an answer that is small $base KiB" >&3
        [ -n "${NECTAR_SANITIZED:-}" ] || ((peak < base + 4096))
    done
}
