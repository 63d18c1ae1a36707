#!/usr/bin/env bats
# Records of other registries put into one on a real chain.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load registry

setup() {
    net_setup
    registry_start nec
    KEY=aa00000000000000000000000000000000000000000000000000000000000011
    key_file 0
    key_file 1
}

teardown() {
    anvil_stop
    net_teardown
}

# The key of an account of the node, in $HOME/owner.N.
key_file() { # N
    (umask 077 && echo "${ACCOUNT_KEYS[$1]#0x}" >"$HOME/owner.$1")
}

into_chain() { # N [OPTION...]
    nectar-net registry import -p "$URI" --eth-key "$HOME/owner.$1" "${@:2}"
}

record() { # NAME [PORT]
    printf '{"name":"%s","networking_key":"%s","ws_routing":["::1",%d]}\n' "$1" "$KEY" "${2:-9002}"
}

# The transactions that an account has made.
sent_by() { # N
    echo $(($(rpc eth_getTransactionCount "\"${ACCOUNTS[$1]}\"" '"latest"')))
}

@test "from a file onto a chain and back: each form of a record" {
    cat >"$HOME/all" <<END
{"name":"a.nec","username":"a","networking_key":"$KEY","ws_routing":["203.0.113.7",9000],"allowed_routers":[]}
{"name":"b.nec","username":"b","networking_key":"$KEY","ws_routing":["h.example",9000],"tcp_routing":["h.example",9001],"allowed_routers":[]}
{"name":"c.nec","username":"c","networking_key":"$KEY","ws_routing":null,"allowed_routers":["a.nec","x.os"]}
{"name":"d.nec","username":"d","networking_key":null,"ws_routing":null,"tcp_routing":["2001:db8::1",1],"allowed_routers":[]}
{"name":"e.nec","username":"e","networking_key":null,"ws_routing":null,"allowed_routers":[]}
END
    nectar-net registry import -q -p "sqlite:$HOME/1.db" "$HOME/all"
    nectar-net registry export -p "sqlite:$HOME/1.db" | diff "$HOME/all" -
    nectar-net registry export -p "sqlite:$HOME/1.db" >"$HOME/exported"
    run --separate-stderr into_chain 0 "$HOME/exported"
    assert_success
    assert_equal "$output" ""
    assert_equal "$stderr" "nectar-net registry: 5 imported, 0 unchanged, 0 failed"
    nectar-net registry export -p "$URI" | jq -c 'del(.owner)' | diff "$HOME/all" -
    nectar-net registry export -p "$URI" | nectar-net registry import -q -p "sqlite:$HOME/2.db"
    nectar-net registry export -p "sqlite:$HOME/2.db" | diff "$HOME/all" -
    nectar-net registry names -p "$URI" | nectar-net pki-lookup -p "$URI" - | diff "$HOME/all" -
    # And from one chain's registry to another's, under another TLD none of them goes.
    other="nectar+$ANVIL_URL?contract=$(registry_deploy nec)"
    nectar-net registry export -p "$URI" | nectar-net registry import -q -p "$other" --eth-key "$HOME/owner.1"
    nectar-net registry export -p "$other" | jq -c 'del(.owner)' | diff "$HOME/all" -
    other="nectar+$ANVIL_URL?contract=$(registry_deploy os)"
    run nectar-net registry import -p "$other" --eth-key "$HOME/owner.1" "$HOME/all"
    assert_failure 3
    assert_line --index 0 --regexp 'line 1: a.nec: .*no name of this registry$'
    assert_equal "$(nectar-net registry names -p "$other")" ""
}

@test "--json: each transaction, then how many; the same again makes none" {
    { record a.nec && record b.nec; } >"$HOME/two"
    into_chain 0 --json "$HOME/two" >"$HOME/out"
    jq -se 'map(.type)==["tx","tx","imported"] and (.[0]|.name=="a.nec" and .line==1 and .status=="mined" and
        (.hash|test("^0x[0-9a-f]{64}$")) and (.block|tonumber)>1 and (.gas|tonumber)>21000 and (.cost_wei|tonumber)>0) and
        .[2].changed==2 and .[2].unchanged==0 and .[2].failed==0' "$HOME/out"
    before=$(sent_by 0)
    into_chain 0 --json "$HOME/two" | jq -se '.[0].status=="unchanged" and .[0].hash==null and .[2].unchanged==2'
    assert_equal "$(sent_by 0)" "$before"
    # A change of the key alone, and of the rest.
    { record a.nec | sed s/11/22/ && record b.nec 1; } | into_chain 0 -q
    nectar-net pki-lookup -p "$URI" a b | jq -se '(.[0].networking_key|endswith("22")) and .[1].ws_routing[1]==1'
}

@test "names of others are refused, the others go in" {
    { record a.nec && record b.nec; } | into_chain 0 -q
    run --separate-stderr into_chain 1 --json <<<"$(record a.nec 1 && echo '{"name":"b.nec"' && record c.nec && record x.y.nec && record d.nec)"
    assert_failure 14
    jq -se 'map([.type,.line,.error])==[["error",1,"rejected"],["error",2,"input"],["tx",3,null],["error",4,"input"],
        ["tx",5,null],["imported",null,null]]' <<<"$output"
    jq -e '.peer=="a.nec" and (.reason|test("belongs to 0xf39Fd6"))' <<<"${lines[0]}"
    run into_chain 1 <<<"$(record a.nec 1)"
    assert_failure 8
    nectar-net pki-lookup -p "$URI" a | jq -e '.ws_routing[1]==9002'
}

@test "no key: exit 2; no funds: exit 12; too dear: exit 12; no endpoint: exit 5, said once" {
    run nectar-net registry import -p "$URI" <<<"$(record a.nec)"
    assert_failure 2
    nectar-net account new -o "$HOME/poor" --no-passphrase
    run nectar-net registry import -p "$URI" --eth-key "$HOME/poor" <<<"$(record a.nec)"
    assert_failure 12
    assert_output --partial "line 1: a.nec: transaction failed"
    run into_chain 0 --max-cost 1gwei <<<"$(record a.nec)"
    assert_failure 12
    for i in $(seq 300); do record "n$i.nec"; done >"$HOME/many"
    kill -STOP "$ANVIL_PID"
    begun=$EPOCHSECONDS
    run into_chain 0 "$HOME/many"
    kill -CONT "$ANVIL_PID"
    assert_failure 5
    ((EPOCHSECONDS - begun < 30 * ${NECTAR_SLOWER:-1}))
    assert_equal "$(grep -c 'no registry gave a usable answer' <<<"$output")" 1
    assert_equal "$(nectar-net registry names -p "$URI")" ""
}

@test "what is not confirmed in time: exit 13, and the same command completes it" {
    { record a.nec && record b.nec; } >"$HOME/two"
    rpc evm_setAutomine false >/dev/null
    run into_chain 0 --json -w 2 "$HOME/two"
    assert_failure 13
    jq -se 'map(select(.type=="tx").status)==["pending","pending"] and map(select(.type=="error").error)==["tx_pending","tx_pending"]' <<<"$output"
    run into_chain 0 -w 2 "$HOME/two"
    assert_failure 13
    rpc evm_setAutomine true >/dev/null
    rpc evm_mine >/dev/null
    into_chain 0 "$HOME/two"
    assert_equal "$(nectar-net registry names -p "$URI" | tr '\n' ' ')" "a.nec b.nec "
    assert_equal "$(sent_by 0)" 3 # and the contract itself
}

@test "killed at any moment, the same import completes it: a transaction a name, and no more" {
    for i in $(seq 100); do record "n$i.nec"; done >"$HOME/many"
    for wait in 0.1 0.3 0.5 0.8; do
        timeout -s KILL "$wait" nectar-net registry import -q -p "$URI" --eth-key "$HOME/owner.0" "$HOME/many" || true
    done
    into_chain 0 "$HOME/many"
    assert_equal "$(nectar-net registry names -p "$URI" | wc -l)" 100
    assert_equal "$(sent_by 0)" 101
}

@test "four imports at once with one key: all is there, once" {
    local imports=()
    for i in $(seq 60); do record "n$i.nec"; done >"$HOME/many"
    for i in 1 2 3 4; do
        into_chain 0 --json "$HOME/many" >"$HOME/out.$i" 3>&- &
        imports+=($!)
    done
    for import in "${imports[@]}"; do wait "$import"; done
    assert_equal "$(cat "$HOME"/out.* | jq -s 'map(select(.type=="imported").failed)|add')" 0
    assert_equal "$(nectar-net registry names -p "$URI" | wc -l)" 60
    assert_equal "$(sent_by 0)" 61
}
