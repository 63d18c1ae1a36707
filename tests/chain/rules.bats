#!/usr/bin/env bats
# The registry's contract: what it takes, what it refuses and how, and what it tells.

load contract

setup_file() {
    registry_setup
}

teardown_file() {
    anvil_stop
}

# --- records ---

@test "its TLD is the one that it was deployed with" {
    run chain_call "$REGISTRY" "$(calldata tld)"
    assert_success
    assert_equal "$(abi decode '(string)' "$output")" '["nec"]'
}

@test "a name that nobody has published is empty" {
    assert_equal "$(record nobody)" "[\"$NOBODY\",\"$NO_KEY\",\"\",0,0,\"\"]"
    assert_equal "$(record '')" "[\"$NOBODY\",\"$NO_KEY\",\"\",0,0,\"\"]"
    assert_equal "$(record "$(times 500 'No Name')")" "[\"$NOBODY\",\"$NO_KEY\",\"\",0,0,\"\"]"
}

@test "every form of record is published, whole, in one transaction" {
    does "$OWNER" publish direct "$KEY" 203.0.113.7 9000 10000 ''
    assert_published direct "[\"$OWNER\",\"$KEY\",\"203.0.113.7\",9000,10000,\"\"]"
    does "$OWNER" publish indirect "$KEY" '' 0 0 loach.nec,bream
    assert_published indirect "[\"$OWNER\",\"$KEY\",\"\",0,0,\"loach.nec,bream\"]"
    does "$OWNER" publish ws-only "$KEY" 2001:db8::1 65535 0 ''
    assert_published ws-only "[\"$OWNER\",\"$KEY\",\"2001:db8::1\",65535,0,\"\"]"
    does "$OWNER" publish tcp-only "$KEY" host.example 0 1 ''
    assert_published tcp-only "[\"$OWNER\",\"$KEY\",\"host.example\",0,1,\"\"]"
    does "$OWNER" publish both "$KEY" host.example 9000 0 loach
    assert_published both "[\"$OWNER\",\"$KEY\",\"host.example\",9000,0,\"loach\"]"
    does "$OWNER" publish no-route "$KEY" '' 0 0 ''
    assert_published no-route "[\"$OWNER\",\"$KEY\",\"\",0,0,\"\"]"
    does "$OWNER" publish nothing "$NO_KEY" '' 0 0 ''
    assert_published nothing "[\"$OWNER\",\"$NO_KEY\",\"\",0,0,\"\"]"
}

@test "the largest of everything" {
    local name host many
    name=$(times 63 a)
    host=$(times 255 h)
    many=$(routers 32 31)
    does "$OWNER" publish "$name" "$KEY" "$host" 65535 65535 "$many"
    assert_published "$name" "[\"$OWNER\",\"$KEY\",\"$host\",65535,65535,\"$many\"]"
    # a router of 253 characters, with labels of 63
    many=$(times 3 "$(times 63 b)."; times 61 b)
    assert_equal ${#many} 253
    does "$OWNER" publish "$name" "$KEY" '' 0 0 "$many,$many"
    assert_published "$name" "[\"$OWNER\",\"$KEY\",\"\",0,0,\"$many,$many\"]"
}

@test "a record is replaced: longer, shorter, another kind, and back" {
    local long
    long=$(times 100 h)
    does "$OWNER" publish changing "$KEY" short 1 2 ''
    does "$OWNER" publish changing "$OTHER_KEY" "$long" 3 0 a,b
    assert_published changing "[\"$OWNER\",\"$OTHER_KEY\",\"$long\",3,0,\"a,b\"]"
    does "$OWNER" publish changing "$OTHER_KEY" '' 0 0 "$(routers 5 40)"
    assert_published changing "[\"$OWNER\",\"$OTHER_KEY\",\"\",0,0,\"$(routers 5 40)\"]"
    does "$OWNER" publish changing "$NO_KEY" '' 0 0 ''
    assert_published changing "[\"$OWNER\",\"$NO_KEY\",\"\",0,0,\"\"]"
    does "$OWNER" publish changing "$KEY" short 1 2 ''
    assert_published changing "[\"$OWNER\",\"$KEY\",\"short\",1,2,\"\"]"
    # and the same once more, which is a change like any other
    does "$OWNER" publish changing "$KEY" short 1 2 ''
    assert_published changing "[\"$OWNER\",\"$KEY\",\"short\",1,2,\"\"]"
}

@test "what a longer text has left is cleared" {
    local slot i
    does "$OWNER" publish emptied "$KEY" '' 0 0 "$(routers 5 40)"
    slot=$(routers_of emptied)
    for ((i = 0; i < 7; i++)); do
        run storage "$slot" "$i"
        refute_output "$NO_KEY"
    done
    does "$OWNER" publish emptied "$KEY" '' 0 0 ''
    for ((i = 0; i < 7; i++)); do
        run storage "$slot" "$i"
        assert_output "$NO_KEY"
    done
}

# Where the storage has the routers of a name, if they take more than a word: the names are the
# second of the contract's variables, and of each the routers are the fourth word.
routers_of() { # USERNAME
    local id entry
    id=$(abi keccak "$1")
    entry=$(abi keccak "hex:${id#0x}$(printf %064x 1)")
    # the last digits have room for 3 more, as a test of this one name can see
    abi keccak "hex:${entry:2:48}$(printf %016x $((0x${entry:50} + 3)))"
}

storage() { # SLOT NTH
    rpc eth_getStorageAt "\"$REGISTRY\"" "\"${1:0:50}$(printf %016x $((0x${1:50} + $2)))\"" '"latest"'
}

@test "many records are told in one call, in the order of the question" {
    local reply
    does "$OWNER" publish first "$KEY" a.example 1 0 ''
    does "$OTHER" publish second "$OTHER_KEY" '' 0 0 first,third
    reply=$(chain_call "$REGISTRY" "$(calldata records '["second","absent","first","second"]')")
    assert_equal "$(abi decode "(${RECORD}[])" "$reply" | jq -c '.[0]')" \
        "$(for name in second absent first second; do record "$name"; done | jq -sc .)"
    reply=$(chain_call "$REGISTRY" "$(calldata records '[]')")
    assert_equal "$(abi decode "(${RECORD}[])" "$reply")" '[[]]'
    # 100 in one
    reply=$(chain_call "$REGISTRY" "$(calldata records "[$(times 99 '"second",')\"first\"]")")
    assert_equal "$(abi decode "(${RECORD}[])" "$reply" | jq -c '.[0] | [length, .[98][5], .[99][2]]')" \
        '[100,"first,third","a.example"]'
}

# --- whose a name is ---

@test "a name is who publishes it first; another changes nothing of it" {
    local before
    does "$OWNER" publish mine "$KEY" mine.example 9000 0 ''
    before=$(record mine)
    refuses 'NotOwner(address)' "[\"$OWNER\"]" "$OTHER" publish mine "$OTHER_KEY" theirs.example 9000 0 ''
    refuses 'NotOwner(address)' "[\"$OWNER\"]" "$OTHER" setKey mine "$OTHER_KEY"
    refuses 'NotOwner(address)' "[\"$OWNER\"]" "$OTHER" transfer mine "$OTHER"
    # sent all the same, they are mined and do nothing
    for data in "$(calldata publish mine "$OTHER_KEY" theirs.example 9000 0 '')" \
        "$(calldata setKey mine "$OTHER_KEY")" "$(calldata transfer mine "$OTHER")"; do
        run chain_send "$REGISTRY" "$data" "$OTHER"
        assert_failure 1
        assert_equal "$(jq -c '[.status, .logs]' <<<"$output")" '["0x0",[]]'
    done
    assert_equal "$(record mine)" "$before"
}

@test "the key alone is changed" {
    does "$OWNER" publish rekeyed "$KEY" host.example 9000 1 a,b.c
    does "$OWNER" setKey rekeyed "$OTHER_KEY"
    assert_published rekeyed "[\"$OWNER\",\"$OTHER_KEY\",\"host.example\",9000,1,\"a,b.c\"]"
    does "$OWNER" setKey rekeyed "$NO_KEY"
    assert_published rekeyed "[\"$OWNER\",\"$NO_KEY\",\"host.example\",9000,1,\"a,b.c\"]"
}

@test "a name is passed on with its record, and then is the other's" {
    does "$OWNER" publish passed "$KEY" host.example 9000 1 a,b.c
    does "$OWNER" transfer passed "$OTHER"
    assert_published passed "[\"$OTHER\",\"$KEY\",\"host.example\",9000,1,\"a,b.c\"]"
    refuses 'NotOwner(address)' "[\"$OTHER\"]" "$OWNER" setKey passed "$OTHER_KEY"
    refuses 'NotOwner(address)' "[\"$OTHER\"]" "$OWNER" publish passed "$KEY" '' 0 0 ''
    refuses 'NotOwner(address)' "[\"$OTHER\"]" "$OWNER" transfer passed "$OWNER"
    does "$OTHER" setKey passed "$OTHER_KEY"
    assert_published passed "[\"$OTHER\",\"$OTHER_KEY\",\"host.example\",9000,1,\"a,b.c\"]"
    does "$OTHER" transfer passed "$OTHER"
    does "$OTHER" transfer passed "$OWNER"
    assert_published passed "[\"$OWNER\",\"$OTHER_KEY\",\"host.example\",9000,1,\"a,b.c\"]"
}

@test "a name is not passed on to nobody, nor one that there is not" {
    does "$OWNER" publish kept "$KEY" '' 0 0 ''
    refuses 'ZeroOwner()' '[]' "$OWNER" transfer kept "$NOBODY"
    refuses 'UnknownUsername()' '[]' "$OWNER" transfer missing "$OTHER"
    refuses 'UnknownUsername()' '[]' "$OWNER" setKey missing "$KEY"
    refuses 'UnknownUsername()' '[]' "$OWNER" setKey '' "$KEY"
}

@test "it takes no ether" {
    local data transaction
    data=$(calldata publish rich "$KEY" '' 0 0 '')
    transaction=$(chain_transaction "$REGISTRY" "$data" | sed 's/}$/,"value":"0x1"}/')
    run rpc eth_call "$transaction" '"latest"'
    assert_failure 1
}

# --- what is no record ---

@test "usernames: 1 to 63 of a-z, 0-9 and -" {
    refuses 'LabelTooShort()' '[]' "$OWNER" publish '' "$KEY" '' 0 0 ''
    refuses 'LabelTooLong()' '[]' "$OWNER" publish "$(times 64 a)" "$KEY" '' 0 0 ''
    for name in a 0 - --x- "$(times 63 z)" abcdefghijklmnopqrstuvwxyz-0123456789; do
        does "$OWNER" publish "$name" "$KEY" '' 0 0 ''
    done
}

# For each byte "ok", or what a call with it reverts with. In one batch: there are many.
each_byte() { # CALLDATA, with the bytes 62ee, where the last is to be each
    local byte call transaction
    transaction=$(chain_transaction "$REGISTRY" "$1")
    for ((byte = 0; byte < 256; byte++)); do
        printf -v call '%02x' "$byte"
        printf ',{"jsonrpc":"2.0","id":%d,"method":"eth_call","params":[%s,"latest"]}' "$byte" \
            "${transaction/62ee/62$call}"
    done | sed '1s/,/[/;$s/$/]/' |
        curl -sS --max-time 20 -H 'content-type: application/json' -d @- "$ANVIL_URL" |
        jq -r 'sort_by(.id)[] | .error.data // "ok"'
}

expect_each_byte() { # PATTERN-OF-THOSE-TAKEN ERROR
    local byte hex selector
    selector=$(abi keccak "$2")
    for ((byte = 0; byte < 256; byte++)); do
        printf -v hex %02x "$byte"
        if [[ $hex =~ ^($1)$ ]]; then echo ok; else echo "${selector:0:10}$hex$(printf %062d 0)"; fi
    done
}

@test "usernames and hosts: every byte that there is" {
    cmp <(each_byte "$(calldata publish hex:62ee "$KEY" '' 0 0 '')") \
        <(expect_each_byte '2d|3[0-9]|6[1-9a-f]|7[0-9a]' 'InvalidLabelCharacter(bytes1)')
    cmp <(each_byte "$(calldata publish unheard-of "$KEY" hex:62ee 1 0 '')") \
        <(expect_each_byte '2[5de]|3[0-9a]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a]' 'InvalidHostCharacter(bytes1)')
}

@test "hosts: at most 255 characters, with a port, and no port without" {
    refuses 'HostTooLong()' '[]' "$OWNER" publish host "$KEY" "$(times 256 h)" 1 0 ''
    refuses 'HostWithoutPort()' '[]' "$OWNER" publish host "$KEY" host.example 0 0 ''
    refuses 'PortWithoutHost()' '[]' "$OWNER" publish host "$KEY" '' 9000 0 ''
    refuses 'PortWithoutHost()' '[]' "$OWNER" publish host "$KEY" '' 0 9000 a
}

@test "routers: at most 32, each a name" {
    does "$OWNER" publish routed "$KEY" '' 0 0 "$(routers 32 8)"
    refuses 'TooManyRouters()' '[]' "$OWNER" publish routed "$KEY" '' 0 0 "$(routers 33 8)"
    for name in a a.b -.- "$(times 63 a).$(times 63 b)" a.b.c.d.e.f; do
        does "$OWNER" publish routed "$KEY" '' 0 0 "x,$name,y.z"
        assert_equal "$(record routed | jq -r '.[5]')" "x,$name,y.z"
    done
    for name in '' . .a a. a..b A a_b 'a b' a.B "a.$(times 64 b)" "$(times 64 a)" "$(times 4 "$(times 63 b).")a" \
        "$(times 3 "$(times 63 b).")$(times 62 b)" hé; do
        refuses 'InvalidRouter(string)' "[\"$name\"]" "$OWNER" publish routed "$KEY" '' 0 0 "x,$name,y.z"
    done
    for name in '' a. A; do
        refuses 'InvalidRouter(string)' "[\"$name\"]" "$OWNER" publish routed "$KEY" '' 0 0 "$name,y.z"
        refuses 'InvalidRouter(string)' "[\"$name\"]" "$OWNER" publish routed "$KEY" '' 0 0 "x.y,$name"
    done
    refuses 'InvalidRouter(string)' '["a."]' "$OWNER" publish routed "$KEY" '' 0 0 a.
    refuses 'InvalidRouter(string)' '["hex:ff"]' "$OWNER" publish routed "$KEY" '' 0 0 hex:612cff
}

@test "a TLD is one label" {
    local code
    code=0x$(cat lib/contract/NectarRegistry.bin)
    while read -r tld error arguments; do
        [ "$tld" != empty ] || tld=
        given=$(abi encode '(string)' "$tld")
        run chain_call '' "$code${given#0x}"
        assert_failure 1
        assert_equal "$(abi decode "$error" "$output")" "$arguments"
    done <<END
empty LabelTooShort() []
$(times 64 t) LabelTooLong() []
Nec InvalidLabelCharacter(bytes1) ["0x4e"]
a.b InvalidLabelCharacter(bytes1) ["0x2e"]
END
}

@test "what does not decode as a call is refused" {
    run chain_call "$REGISTRY" 0x
    assert_failure 1
    run chain_call "$REGISTRY" 0x12345678
    assert_failure 1
    data=$(calldata publish a "$KEY" '' 0 0 '')
    run chain_call "$REGISTRY" "${data:0:300}"
    assert_failure 1
    # a port over 65535
    data=$(abi encode 'publish(string,bytes32,string,uint256,uint256,string)' a "$KEY" h 65536 0 '')
    right=$(calldata publish a "$KEY" h 1 0 '')
    run chain_call "$REGISTRY" "${right:0:10}${data:10}"
    assert_failure 1
}
