#!/usr/bin/env bats
# nectar-net pki-lookup --watch, at endpoints of a chain: how changes are seen, how often it asks,
# and what becomes of it where an endpoint fails.
# shellcheck disable=SC2154 # AT_... and PORT_... are set by endpoint

load ../cmd/net
load registry
load endpoints

setup_file() {
    registry_start nec
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    KEY=aa00000000000000000000000000000000000000000000000000000000000011
    registry_publish squid "$KEY" 203.0.113.7 9000 0 "" >/dev/null
}

teardown() {
    net_teardown
}

# A watch in the background: WATCH is its process; $HOME/out and $HOME/err are what it says.
watch() { # OPTION... NAME...
    : >"$HOME/out" && : >"$HOME/err" # or the last one's lines might be taken for this one's
    nectar-net pki-lookup --watch "$@" >"$HOME/out" 2>"$HOME/err" 3>&- &
    WATCH=$!
    PIDS+=("$WATCH")
}

# has COUNT FILE [SECONDS]: so many lines stand there, after at most that time.
has() {
    wait_for "${3:-5}" eval "[ \$(wc -l <\"$HOME/$2\") -ge $1 ]" || true
    [ "$(wc -l <"$HOME/$2")" = "$1" ] || fail "$(cat "$HOME/$2")"
}

# seen FILTER: the lines of standard output, each as FILTER has it, in $HOME/seen.
seen() {
    jq -c "$1" "$HOME/out" >"$HOME/seen"
}

ends_at_once() {
    local begun=$EPOCHREALTIME
    kill -TERM "$WATCH"
    wait_for 5 eval '! kill -0 "$WATCH" 2>/dev/null'
    wait "$WATCH"
    (((${EPOCHREALTIME/./} - ${begun/./}) < 500000 * ${NECTAR_SLOWER:-1})) || fail "took long to end"
}

@test "--all: a change lands at each endpoint, and they do not differ" {
    endpoint one pass
    endpoint two pass
    watch --all --json -p "$AT_one" -p "$AT_two" squid
    has 2 out
    registry_publish squid "$KEY" 203.0.113.7 9001 0 "" >/dev/null
    has 4 out
    registry_publish squid "$KEY" 203.0.113.7 9002 0 "" >/dev/null
    has 6 out
    sleep 2
    has 6 out
    jq -se --arg one ":$PORT_one?" --arg two ":$PORT_two?" 'all(.[]; .type=="record")
        and ([.[]|select(.source|contains($one)).ws_routing[1]] == [9000,9001,9002])
        and ([.[]|select(.source|contains($two)).ws_routing[1]] == [9000,9001,9002])' "$HOME/out"
    ends_at_once
}

@test "--all: an endpoint that is behind differs, until it is there, too" {
    endpoint one pass
    endpoint two @
    mode two lie bb
    watch --all --json -p "$AT_one" -p "$AT_two" squid.nec
    has 3 out
    sleep 2
    has 3 out
    mode two pass
    has 5 out
    seen '[.type, .error]'
    diff - "$HOME/seen" <<'SEEN'
["record",null]
["record",null]
["error","drift"]
["record",null]
["over","drift"]
SEEN
}

@test "nothing changes: one exchange a second, whatever the number of names" {
    local name names=() before
    for name in n{1..5}; do
        registry_publish "$name" "$KEY" 203.0.113.7 9000 0 "" >/dev/null
        names+=("$name.nec")
    done
    endpoint end pass
    watch --all -p "$AT_end" "${names[@]}" nobody.nec
    has 5 out
    sleep 1.5
    before=$(asked end)
    sleep 5
    echo "# in 5 s: $(($(asked end) - before)) exchanges" >&3
    (($(asked end) - before >= 4 && $(asked end) - before <= 6)) || [ -n "${NECTAR_SLOWER:-}" ]
    # A new block has each name asked for, once.
    before=$(asked end)
    registry_publish n4 "$KEY" 203.0.113.7 9004 0 "" >/dev/null
    has 6 out
    sleep 2
    (($(asked end) - before >= 7 && $(asked end) - before <= 12)) || [ -n "${NECTAR_SLOWER:-}" ]
    # All on one connection.
    assert_equal "$(tail -n +2 "$HOME/end.asked" | cut -d ' ' -f 1 | sort -u)" 1
    ends_at_once
    # And so without --all, for names that are there.
    watch -p "$AT_end" "${names[@]}"
    has 5 out
    sleep 1.5
    before=$(asked end)
    sleep 3
    (($(asked end) - before >= 2 && $(asked end) - before <= 4)) || [ -n "${NECTAR_SLOWER:-}" ]
    ends_at_once
    watch --every 0.1 -p "$AT_end" n1
    before=$(asked end)
    sleep 2
    (($(asked end) - before >= 10)) || [ -n "${NECTAR_SLOWER:-}" ]
}

@test "a block is exchanged for another of the same number: a record that goes, of any name" {
    local hash
    registry_publish stays "$KEY" h 1 0 "" >/dev/null
    registry_publish gone "$KEY" h 1 0 "" >/dev/null
    endpoint one pass
    watch --json -p "$AT_one" stays gone squid
    has 3 out
    hash=$(rpc eth_getBlockByNumber '"latest"' false | jq -r .hash)
    rpc anvil_reorg 1 '[]' >/dev/null
    [ "$(rpc eth_getBlockByNumber '"latest"' false | jq -r .hash)" != "$hash" ]
    has 4 out 8
    registry_publish gone "$KEY" h 1 0 "" >/dev/null
    has 6 out
    jq -sc '.[3:]|.[]|[.type, .error, .peer // .name]' "$HOME/out" >"$HOME/seen"
    diff - "$HOME/seen" <<'SEEN'
["error","unknown_name","gone.nec"]
["over","unknown_name","gone.nec"]
["record",null,"gone.nec"]
SEEN
}

@test "an endpoint that fails and comes back: told once each; the other is watched meanwhile" {
    local how
    endpoint one pass
    endpoint two @
    watch --all --json -p "$AT_one" -p "$AT_two" squid.nec nobody.nec
    has 4 out
    for how in "status 500" hang reset "text {"; do
        : >"$HOME/out"
        mode two "$how"
        has 1 out 15
        registry_publish squid "$KEY" 203.0.113.7 9001 0 "" >/dev/null
        has 2 out
        registry_publish squid "$KEY" 203.0.113.7 9000 0 "" >/dev/null
        has 3 out
        sleep 2
        has 3 out
        mode two pass
        has 4 out 40
        sleep 1
        has 4 out
        seen '[.type, .error, .ws_routing[1]?, (.source|contains(":'"$PORT_one"'?"))]'
        diff - "$HOME/seen" <<'SEEN'
["error","pki_unreachable",null,false]
["record",null,9001,true]
["record",null,9000,true]
["over","pki_unreachable",null,false]
SEEN
    done
    assert_equal "$(cat "$HOME/err")" ""
}

@test "an endpoint that stays away is asked more and more seldom" {
    endpoint end status 500
    watch --all -p "$AT_end" squid.nec other.nec
    sleep 9
    has 1 err
    # At 0 s for two names, then after 1, 2 and 4 s for one each.
    assert_equal "$(asked end)" 5
}

@test "one stays away: the others are held against one another all the same, and at once" {
    local name names=()
    for name in n{1..6}; do
        registry_publish "$name" "$KEY" 203.0.113.7 9000 0 "" >/dev/null
        names+=("$name.nec")
    done
    endpoint one pass
    endpoint two @
    endpoint three @
    watch --all --json -p "$AT_one" -p "$AT_two" -p "$AT_three" "${names[@]}"
    has 18 out
    mode three status 500
    has 19 out
    mode two lie bb
    rpc anvil_mine >/dev/null
    has 31 out 4
    seen '[.type, .error, (.reason//""|contains("'":$PORT_two?"'"))]'
    tail -n +20 "$HOME/seen" | sort | uniq -c | tr -s ' ' | diff - <(cat) <<'SEEN'
 6 ["error","drift",true]
 6 ["record",null,false]
SEEN
}

@test "an endpoint that hangs, from the first: SIGTERM ends it at once; a bare name has to wait" {
    endpoint end @
    mode end hang
    watch -p "$AT_end" squid.nec
    wait_for 5 eval '[ "$(asked end)" = 1 ]'
    ends_at_once
    watch --all -p "$AT_end" -p "$AT_end" squid.nec
    wait_for 5 eval '[ "$(asked end)" = 3 ]'
    ends_at_once
    mode end status 500
    watch -p "$AT_end" squid
    has 1 err 10
    mode end hang
    wait_for 5 eval '[ "$(tail -n 1 "$HOME/end.asked" | wc -w)" -gt 0 ]'
    ends_at_once
    mode end status 500
    watch -p "$AT_end" squid
    has 1 err 10
    mode end pass
    has 1 out 10
    diff - <(sed 's/HTTP.*//; s/nectar+http.*: //' "$HOME/err") <<'ERR'
nectar-net pki-lookup: squid: no registry gave a usable answer: 
nectar-net pki-lookup: squid: the registry answers again
ERR
}

@test "the endpoints of a list: the next one answers, the record is not printed again" {
    endpoint one @
    endpoint two pass
    watch --json -p "$AT_one" -p "$AT_two" squid.nec
    has 1 out
    mode one status 500
    sleep 3
    registry_publish squid "$KEY" 203.0.113.7 9001 0 "" >/dev/null
    has 2 out
    mode one pass
    sleep 3
    has 2 out
    has 1 err
    jq -se --arg two ":$PORT_two?" '.[1].source|contains($two)' "$HOME/out"
    # One that does not know the name, each time: a warning that is told once.
    mode one nobody
    sleep 4
    has 2 out
    has 2 err
    grep "knows no squid.nec" "$HOME/err"
}
