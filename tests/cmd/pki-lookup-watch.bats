#!/usr/bin/env bats
# nectar-net pki-lookup --watch, at registries in files: what changes is told, once.
# shellcheck disable=SC2154 # stderr is set by run

load helpers

# A watch in the background: WATCH is its process; $HOME/out and $HOME/err are what it says.
watch() { # OPTION... NAME...
    : >"$HOME/out" && : >"$HOME/err" # or the last one's lines might be taken for this one's
    nectar-net pki-lookup --watch "$@" >"$HOME/out" 2>"$HOME/err" 3>&- &
    WATCH=$!
    PIDS+=("$WATCH")
}

lines_of() { # FILE
    wc -l <"$HOME/$1"
}

# has COUNT FILE: so many lines stand there, within 5 s.
has() {
    wait_for 5 eval "[ \"\$(lines_of $2)\" -ge $1 ]" || true
    assert_equal "$(lines_of "$2")" "$1"
}

# Long enough for a file to have been looked at several times.
several_looks() {
    sleep $((1 * ${NECTAR_SLOWER:-1}))
}

ends_with() { # STATUS SIGNAL
    local begun=$EPOCHREALTIME status=0
    kill -s "$2" "$WATCH"
    wait_for 5 eval '! kill -0 "$WATCH" 2>/dev/null'
    wait "$WATCH" || status=$?
    assert_equal "$status" "$1"
    (((${EPOCHREALTIME/./} - ${begun/./}) < 1000000 * ${NECTAR_SLOWER:-1})) || fail "took long to end"
}

@test "what is there now, then each change, whole, and nothing else" {
    make_node a.nec
    make_node b.nec
    watch --json a b.nec a.nec
    has 2 out
    nectar-net publish-tx -q -n b.nec --ws 127.0.0.1:1
    has 3 out
    nectar-net publish-tx -q -n a.nec --ws 127.0.0.1:2
    has 4 out
    nectar-net publish-tx -q -n a.nec --ws 127.0.0.1:2
    several_looks
    has 4 out
    jq -se --arg source "$REGISTRY" 'map([.name, .ws_routing[1]]) == [["a.nec",null],["b.nec",null],["b.nec",1],["a.nec",2]]
        and all(.[]; .type=="record" and .source==$source)' "$HOME/out"
    assert_equal "$(cat "$HOME/err")" ""
    ends_with 0 TERM
}

@test "SIGTERM, SIGINT and -w end it with 0; so do they before there is anything to watch" {
    local signal
    make_node a.nec
    for signal in TERM INT; do
        watch a.nec
        has 1 out
        ends_with 0 $signal
    done
    run --separate-stderr nectar-net pki-lookup --watch -w 0.5 a.nec
    assert_success
    assert_equal "${#lines[@]}" 1
    assert_equal "$stderr" ""
    mkfifo "$HOME/names"
    exec {names}<>"$HOME/names"
    nectar-net pki-lookup --watch - <"$HOME/names" 3>&- &
    WATCH=$!
    PIDS+=("$WATCH")
    sleep 0.3
    ends_with 0 TERM
    run --separate-stderr nectar-net pki-lookup --watch -w 0.3 - <"$HOME/names"
    assert_success
    exec {names}>&-
}

@test "a reader that goes ends it, although nothing changes; one that never was, too" {
    make_node a.nec
    run timeout 10 bash -c 'nectar-net pki-lookup --watch a.nec | head -n 1; echo "${PIPESTATUS[0]}"'
    assert_success
    assert_equal "${lines[1]}" 141
    run bash -c 'nectar-net pki-lookup --watch -w 5 a.nec >/dev/full'
    assert_failure 3
    run bash -c 'nectar-net pki-lookup --watch -w 5 a.nec >&-'
    assert_failure 3
}

@test "a reader that takes nothing more: SIGTERM ends it at once all the same" {
    routers=$(printf '"%060d.nec",' {1..32})
    for i in {1..64}; do
        echo "{\"username\":\"n$i\",\"networking_key\":null,\"ws_routing\":null,\"allowed_routers\":[${routers%,}]}"
    done | jq -s . >"$HOME/1.json"
    mkfifo "$HOME/lines"
    exec {from}<>"$HOME/lines"
    nectar-net pki-lookup --watch --json -p "json:$HOME/1.json" n{1..64} >"$HOME/lines" 3>&- &
    WATCH=$!
    PIDS+=("$WATCH")
    sleep 1
    ends_with 0 TERM
    read -r -t 5 line <&"$from"
    jq -e '.name=="n1.nec"' <<<"$line"
    exec {from}<&-
}

@test "each line comes by itself: a script reads it at once" {
    make_node a.nec
    mkfifo "$HOME/lines"
    nectar-net pki-lookup --watch --json a 2>&1 >"$HOME/lines" 3>&- &
    PIDS+=("$!")
    exec {from}<"$HOME/lines"
    read -r -t 5 line <&"$from"
    jq -e '.ws_routing==null' <<<"$line"
    nectar-net publish-tx -q -n a.nec --ws 127.0.0.1:7
    read -r -t 5 line <&"$from"
    jq -e '.ws_routing[1]==7' <<<"$line"
    exec {from}<&-
}

@test "a name that is not known yet: told, and when it is there" {
    make_node a.nec
    watch b.nec a.nec
    has 1 out
    has 1 err
    several_looks
    make_node b.nec
    has 2 out
    has 2 err
    diff - "$HOME/err" <<ERR
nectar-net pki-lookup: b.nec: unknown name: $REGISTRY: no such name
nectar-net pki-lookup: b.nec: the registry knows it now
ERR
    jq -se 'map(.name) == ["a.nec","b.nec"]' "$HOME/out"
}

# Has the file say this of a.nec, from one moment to the next.
say() { # FILE PORT
    echo "{\"a.nec\":{\"username\":\"a\",\"networking_key\":null,\"ws_routing\":[\"h\",$2],\"allowed_routers\":[]}}" >"$HOME/new"
    mv "$HOME/new" "$1"
}

@test "a file that goes, is damaged, and comes back: told once each, and its record if it is another" {
    ONE=json:$HOME/1.json
    say "$HOME/1.json" 1
    watch -p "$ONE" --json a.nec b.nec c.nec
    has 3 out
    mv "$HOME/1.json" "$HOME/gone"
    has 4 out
    echo "{" >"$HOME/1.json"
    several_looks
    has 4 out
    mv "$HOME/gone" "$HOME/1.json"
    has 5 out
    several_looks
    rm "$HOME/1.json"
    has 6 out
    say "$HOME/1.json" 2
    has 8 out
    several_looks
    has 8 out
    jq -c '[.type, .error, .peer // .name, .ws_routing[1]?]' "$HOME/out" >"$HOME/seen"
    diff - "$HOME/seen" <<'SEEN'
["record",null,"a.nec",1]
["error","unknown_name","b.nec",null]
["error","unknown_name","c.nec",null]
["error","pki_unreachable","a.nec",null]
["over","pki_unreachable","a.nec",null]
["error","pki_unreachable","a.nec",null]
["over","pki_unreachable","a.nec",null]
["record",null,"a.nec",2]
SEEN
}

@test "one name gets no answer: told of that one, the others are watched on" {
    ONE=json:$HOME/1.json TWO=json:$HOME/2.json
    say "$HOME/1.json" 1
    watch -q -p "$ONE" -p "$TWO" a.nec b.nec
    has 1 err
    say "$HOME/1.json" 2
    has 2 out
    echo '{}' >"$HOME/2.json"
    has 2 err
    several_looks
    has 2 out
    diff - "$HOME/err" <<ERR
nectar-net pki-lookup: b.nec: no registry gave a usable answer: $TWO: No such file or directory
nectar-net pki-lookup: b.nec: unknown name: $ONE, $TWO: no such name
ERR
}

@test "a list: the first registry that has it; one that is passed over is told once" {
    ONE=json:$HOME/1.json TWO=json:$HOME/2.json
    say "$HOME/2.json" 2
    watch --json -p "$ONE" -p "$TWO" a.nec
    has 1 out
    several_looks
    assert_equal "$(cat "$HOME/err")" "nectar-net pki-lookup: warning: registry $ONE: No such file or directory"
    say "$HOME/1.json" 1
    has 2 out
    rm "$HOME/1.json"
    has 3 out
    rm "$HOME/2.json"
    has 4 out
    jq -c '[.source, .ws_routing[1]?, .error]' "$HOME/out" >"$HOME/seen"
    diff - "$HOME/seen" <<SEEN
["$TWO",2,null]
["$ONE",1,null]
["$TWO",2,null]
[null,null,"pki_unreachable"]
SEEN
}

@test "--all: each registry by itself; that they differ, and agree again, once each" {
    ONE=json:$HOME/1.json TWO=json:$HOME/2.json
    say "$HOME/1.json" 1
    say "$HOME/2.json" 1
    watch --all -p "$ONE" -p "$TWO" a.nec
    has 2 out
    say "$HOME/1.json" 2
    has 3 out
    has 4 err
    several_looks
    say "$HOME/2.json" 2
    has 4 out
    has 6 err
    rm "$HOME/2.json"
    has 7 err
    say "$HOME/2.json" 2
    has 8 err
    echo '{}' >"$HOME/2.json"
    has 10 err
    several_looks
    has 4 out
    sort <(head -n 2 "$HOME/err") >"$HOME/seen"
    tail -n +3 "$HOME/err" >>"$HOME/seen"
    diff - "$HOME/seen" <<ERR
nectar-net pki-lookup: a.nec: $ONE says:
nectar-net pki-lookup: a.nec: $TWO says:
nectar-net pki-lookup: a.nec: $ONE says:
nectar-net pki-lookup: a.nec: the registries do not say the same: $TWO has another ws_routing
nectar-net pki-lookup: a.nec: $TWO says:
nectar-net pki-lookup: a.nec: the registries say the same now
nectar-net pki-lookup: a.nec: no registry gave a usable answer: $TWO: No such file or directory
nectar-net pki-lookup: a.nec: $TWO answers again
nectar-net pki-lookup: a.nec: unknown name: $TWO: no such name
nectar-net pki-lookup: a.nec: the registries do not say the same: $TWO has no such name
ERR
}

@test "--all --json: source, and what is over" {
    ONE=json:$HOME/1.json TWO=sqlite:$HOME/2.db
    say "$HOME/1.json" 1
    nectar-net registry init -q -p "$TWO"
    watch --all --json -p "$ONE" -p "$TWO" a.nec
    has 3 out
    nectar-net registry import -q -p "$TWO" <"$HOME/1.json"
    has 6 out
    several_looks
    has 6 out
    jq -sc '.[0:2]|sort_by(.source)|.[]|[.type, .error, .source]' "$HOME/out" >"$HOME/seen"
    jq -sc '.[2:]|.[]|[.type, .error, .source, .peer]' "$HOME/out" >>"$HOME/seen"
    diff - "$HOME/seen" <<SEEN
["record",null,"$ONE"]
["error","unknown_name","$TWO"]
["error","drift",null,"a.nec"]
["over","unknown_name","$TWO","a.nec"]
["record",null,"$TWO",null]
["over","drift",null,"a.nec"]
SEEN
    assert_equal "$(cat "$HOME/err")" ""
}

@test "--all: of one that fails nothing is claimed, and the others are compared all the same" {
    local name
    for name in 1 2 3; do
        for username in a b c; do
            echo "{\"username\":\"$username\",\"networking_key\":null,\"ws_routing\":null,\"allowed_routers\":[]}"
        done | jq -s . >"$HOME/$name.json"
    done
    watch --json --all -p "json:$HOME/1.json" -p "json:$HOME/2.json" -p "json:$HOME/3.json" a b c
    has 9 out
    rm "$HOME/1.json"
    has 10 out
    jq -c '.[2].ws_routing=["h",1]' "$HOME/2.json" >"$HOME/new"
    cp "$HOME/new" "$HOME/newer"
    mv "$HOME/new" "$HOME/2.json"
    has 12 out
    # Both have it now; the one that fails had something else.
    mv "$HOME/newer" "$HOME/3.json"
    has 13 out
    several_looks
    has 13 out
    cp "$HOME/3.json" "$HOME/1.json"
    has 16 out
    # Which name a registry that comes back is asked for first is open.
    tail -n +10 "$HOME/out" | jq -c '[.type, .error, .name // .peer]' >"$HOME/all"
    { head -n 4 "$HOME/all" && tail -n +5 "$HOME/all" | sort; } >"$HOME/seen"
    diff - "$HOME/seen" <<'SEEN'
["error","pki_unreachable","a.nec"]
["record",null,"c.nec"]
["error","drift","c.nec"]
["record",null,"c.nec"]
["over","drift","c.nec"]
["over","pki_unreachable","a.nec"]
["record",null,"c.nec"]
SEEN
}

@test "--all: a change that comes to all at the same time is no difference" {
    ONE=sqlite:$HOME/1.db TWO=sqlite:$HOME/1.db
    nectar-net keygen -n a.nec --no-passphrase >/dev/null
    nectar-net publish-tx -q -n a.nec -p "$ONE" --no-route
    watch --all --every 0.05 -p "$ONE" -p "$TWO" -p "$ONE" -p "$TWO" a.nec
    has 4 out
    for i in {1..20}; do
        nectar-net publish-tx -q -n a.nec -p "$ONE" --ws "127.0.0.1:$i"
    done
    wait_for 5 eval '[ "$(tail -n 4 "$HOME/out" | grep -c ",20\]")" = 4 ]'
    refute grep -v " says:" "$HOME/err"
}

@test "--check: the local key is another, is there no longer, is the same again: once each" {
    make_node a.nec
    cp "$(key_of a.nec)" "$HOME/kept"
    watch --check a.nec
    has 1 out
    nectar-net keygen -q -n a.nec --no-passphrase --force >/dev/null
    has 1 err
    several_looks
    nectar-net publish-tx -q -n a.nec --old-key "$HOME/kept" --no-route
    has 2 out
    has 2 err
    mv "$(key_of a.nec)" "$HOME/new"
    has 4 err
    several_looks
    has 4 err
    mv "$HOME/kept" "$(key_of a.nec)"
    has 6 err
    several_looks
    mv "$HOME/new" "$(key_of a.nec)"
    has 7 err
    has 2 out
    sed 's/[0-9a-f]\{64\}/KEY/' "$HOME/err" | diff - <(cat) <<ERR
nectar-net pki-lookup: a.nec: the local key is KEY, the registry has another
nectar-net pki-lookup: a.nec: the registry has the local key now
nectar-net pki-lookup: $(key_of a.nec): no such key file
hint: make one: nectar-net keygen
nectar-net pki-lookup: a.nec: $(key_of a.nec) can be read now
nectar-net pki-lookup: a.nec: the local key is KEY, the registry has another
nectar-net pki-lookup: a.nec: the registry has the local key now
ERR
}

@test "--all --check: a new key that comes to one registry after the other" {
    ONE=sqlite:$HOME/1.db TWO=sqlite:$HOME/2.db
    nectar-net keygen -n a.nec -o "$HOME/old.key" --no-passphrase >/dev/null
    nectar-net keygen -n a.nec -o "$HOME/new.key" --no-passphrase >/dev/null
    for at in "$ONE" "$TWO"; do
        nectar-net publish-tx -q -n a.nec -k "$HOME/old.key" -p "$at" --no-route
    done
    watch --all --check --json -k "$HOME/new.key" -p "$ONE" -p "$TWO" a.nec
    has 4 out
    nectar-net publish-tx -q -n a.nec -k "$HOME/new.key" --old-key "$HOME/old.key" -p "$TWO" --no-route
    has 7 out
    nectar-net publish-tx -q -n a.nec -k "$HOME/new.key" --old-key "$HOME/old.key" -p "$ONE" --no-route
    has 10 out
    jq -sc '.[4:]|.[]|[.type, .error, .source]' "$HOME/out" >"$HOME/seen"
    diff - "$HOME/seen" <<SEEN
["record",null,"$TWO"]
["over","drift","$TWO"]
["error","drift",null]
["record",null,"$ONE"]
["over","drift","$ONE"]
["over","drift",null]
SEEN
    assert_equal "$(jq -r 'select(.type=="error" and .source).source' "$HOME/out" | sort | tr '\n' ' ')" "$ONE $TWO "
}

@test "names that are none, too many of them, --every: 2; from standard input: 3" {
    make_node a.nec
    run nectar-net pki-lookup --watch a.nec UPPER.nec
    assert_failure 2
    assert_output "nectar-net pki-lookup: UPPER.nec: not a node name"
    run nectar-net pki-lookup --watch - <<<$'a.nec\nb_d'
    assert_failure 3
    assert_output --partial "line 2: b_d: not a node name"
    run --separate-stderr nectar-net pki-lookup --watch -w 1 - <<<"$(for i in {1..64}; do echo "n$i"; done && echo n1)"
    assert_success
    assert_equal "$(wc -l <<<"$stderr")" 64
    run nectar-net pki-lookup --watch -w 1 - <<<"$(for i in {1..65}; do echo "n$i"; done)"
    assert_failure 3
    assert_output "nectar-net pki-lookup: line 65: n65: too many names: --watch takes 64"
    run nectar-net pki-lookup --watch -w 1 n{1..65}
    assert_failure 2
    run nectar-net pki-lookup --watch - </dev/null
    assert_success
    run nectar-net pki-lookup --every 1 a.nec
    assert_failure 2
    assert_output --partial "--every goes with --watch"
    run nectar-net pki-lookup --watch --every 0.01 a.nec
    assert_failure 2
    assert_output --partial "--every: must be at least 0.05"
}
