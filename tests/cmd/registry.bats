#!/usr/bin/env bats
# nectar-net registry: init, names, export, import
# shellcheck disable=SC2154 # stderr is set by run

load helpers

# record NAME [PORT]: one as export prints it, with a key that nobody has
record() {
    printf '{"name":"%s","username":"%s","networking_key":"%064d","ws_routing":["::1",%d],"allowed_routers":[]}\n' \
        "$1" "${1%.*}" 7 "${2:-9002}"
}

names() {
    nectar-net registry names "$@" | tr '\n' ' '
}

@test "init makes an empty registry, once" {
    run --separate-stderr nectar-net registry init
    assert_success
    assert_equal "$output" ""
    assert_equal "$stderr" "nectar-net registry: $REGISTRY: made"
    assert_equal "$(stat -c %a "$XDG_DATA_HOME/nectar-net")" 700
    assert_equal "$(names)" ""
    run nectar-net pki-lookup squid.nec
    assert_failure 6
    make_node squid.nec
    run nectar-net registry init
    assert_success
    assert_output --partial "it is there already"
    assert_equal "$(names)" "squid.nec "
    assert_equal "$(nectar-net registry init -q)" ""
    nectar-net registry init --json | jq -e --arg uri "$REGISTRY" '.type=="registry" and .uri==$uri and .made==false'
    nectar-net registry init --json -p "sqlite:$HOME/a/b.db" | jq -e '.made==true'
}

@test "init of what cannot be made: exit 8; of what is something else: exit 5" {
    run nectar-net registry init -p "json:$HOME/none.json"
    assert_failure 8
    [ ! -e "$HOME/none.json" ]
    run nectar-net registry init -p "sqlite:$HOME"
    assert_failure 5
    echo "this is no database, but long enough to be looked at as one" >"$HOME/text"
    run nectar-net registry init -p "sqlite:$HOME/text"
    assert_failure 5
    run nectar-net registry init -p sqlite:/dev/null/x
    assert_failure 5
}

@test "names: each one, in order; export: as pki-lookup prints them" {
    make_node squid.nec
    make_node eel.os
    nectar-net keygen -n whale.nec --no-passphrase
    nectar-net publish-tx -n whale.nec --ws '[::1]:9002' --tcp 9003
    nectar-net keygen -n alice.nec --no-passphrase
    nectar-net publish-tx -n alice.nec --routers whale,squid
    assert_equal "$(names)" "alice.nec eel.os squid.nec whale.nec "
    assert_equal "$(nectar-net registry names --json | jq -r 'select(.v==1 and .type=="name").name' | tr '\n' ' ')" \
        "alice.nec eel.os squid.nec whale.nec "
    nectar-net registry names | nectar-net pki-lookup - >"$HOME/looked-up"
    nectar-net registry export | diff "$HOME/looked-up" -
    nectar-net registry names | nectar-net pki-lookup --json - >"$HOME/looked-up"
    nectar-net registry export --json | diff "$HOME/looked-up" -
    # A file of records, however its records stand in it.
    jq -sc 'map({(.name): .}) | add' "$HOME/looked-up" >"$HOME/map.json"
    nectar-net registry export | diff - <(nectar-net registry export -p "json:$HOME/map.json")
    # The first one alone.
    run nectar-net registry names -p "sqlite:$HOME/none.db" -p "$REGISTRY"
    assert_failure 5
}

@test "what has been exported is imported: the same records, of the same owners" {
    make_node squid.nec
    make_node loach.nec
    nectar-net registry export >"$HOME/all"
    run --separate-stderr nectar-net registry import -p "sqlite:$HOME/copy.db" "$HOME/all"
    assert_success
    assert_equal "$output" ""
    assert_equal "$stderr" "nectar-net registry: 2 imported, 0 unchanged, 0 failed"
    nectar-net registry export -p "sqlite:$HOME/copy.db" | diff "$HOME/all" -
    run nectar-net registry import -p "sqlite:$HOME/copy.db" - <"$HOME/all"
    assert_success
    assert_output "nectar-net registry: 0 imported, 2 unchanged, 0 failed"
    # Only their keys change them.
    run nectar-net publish-tx -p "sqlite:$HOME/copy.db" -n squid.nec -k "$(key_of loach.nec)" --no-route
    assert_failure 8
    nectar-net publish-tx -p "sqlite:$HOME/copy.db" -n squid.nec --ws 127.0.0.1:9002
    run nectar-net registry import -p "sqlite:$HOME/copy.db" <"$HOME/all"
    assert_failure 14
    assert_line --regexp 'line 2: squid.nec: rejected: .*another record here, which only its key can change$'
    assert_equal "$(nectar-net pki-lookup -p "sqlite:$HOME/copy.db" squid.nec | jq -c .ws_routing)" '["127.0.0.1",9002]'
    run nectar-net registry import -p "sqlite:$HOME/copy.db" <<<"$(grep squid "$HOME/all")"
    assert_failure 8
}

@test "a name without a key goes with its owner; one of nobody's is the next one's" {
    key=$(nectar-net keygen -n squid.nec --no-passphrase)
    nectar-net keygen -n loach.nec --no-passphrase
    nectar-net registry import <<END
{"name":"squid.nec","networking_key":null,"owner":"$key"}
{"name":"eel.nec","networking_key":null,"owner":"0x00000000000000000000000000000000000000aa"}
END
    nectar-net registry export | grep '"name":"squid.nec"' | jq -e --arg key "$key" '.owner==$key'
    nectar-net registry export --json | grep '"name":"squid.nec"' | jq -e --arg key "$key" '.owner==$key'
    nectar-net registry export | grep '"name":"eel.nec"' | jq -e 'has("owner")|not'
    nectar-net registry export | nectar-net registry import -p "sqlite:$HOME/copy.db"
    run nectar-net publish-tx -p "sqlite:$HOME/copy.db" -n squid.nec -k "$(key_of loach.nec)" --no-route
    assert_failure 8
    nectar-net publish-tx -p "sqlite:$HOME/copy.db" -n squid.nec --no-route
    nectar-net publish-tx -n eel.nec -k "$(key_of loach.nec)" --no-route
    run nectar-net publish-tx -n eel.nec -k "$(key_of squid.nec)" --no-route
    assert_failure 8
}

@test "import takes every shape: export, pki-lookup, maps, arrays; bare names are completed" {
    make_node squid.nec
    {
        nectar-net pki-lookup squid.nec
        nectar-net pki-lookup --json squid.nec
        echo
        echo '{"b.os":{"networking_key":null,"ws_routing":["h.example",1]},"c.nec":{"networking_key":null}}'
        printf ' \t\r\n[{"username":"d","networking_key":null,"allowed_routers":["e"]},{"username":"f.x","networking_key":null}]\n'
        printf '{"username":"g","networking_key":null,"x":[1,{"y":"z"}]}' # no newline
    } >"$HOME/shapes"
    nectar-net registry import -p "sqlite:$HOME/copy.db" "$HOME/shapes"
    assert_equal "$(names -p "sqlite:$HOME/copy.db")" "b.os c.nec d.nec f.x g.nec squid.nec "
    nectar-net pki-lookup -p "sqlite:$HOME/copy.db" d | jq -e '.allowed_routers==["e.nec"]'
    # What pki-lookup could not find is no record.
    run nectar-net registry import <<<"$(nectar-net pki-lookup --json nobody.nec squid.nec)"
    assert_failure 14
    assert_line --index 0 "nectar-net registry: line 1: not a record"
}

@test "broken lines are told with their number, and the others go in" {
    {
        record a.nec
        echo '{"name":"b.nec",'
        echo '{"name":"c.nec"}'
        printf '{"name":"d\xff.nec","networking_key":null}\n'
        printf '{"name":"e.nec","networking_key":null}\0\n'
        echo '{"name":"F.nec","networking_key":null}'
        echo '{"name":"g.nec","networking_key":null,"ws_routing":["::1",0]}'
        echo '[{"name":"h.nec","networking_key":null},{"name":"h.nec","networking_key":null}]'
        echo '{"name":"i.nec","networking_key":null} {"name":"j.nec","networking_key":null}'
        record a.nec 7
        head -c 17000000 /dev/zero | tr '\0' x
        echo
        record z.nec
        echo 7
    } >"$HOME/lines"
    run --separate-stderr nectar-net registry import "$HOME/lines"
    assert_failure 14
    assert_equal "$output" ""
    assert_equal "$(grep -oE 'line [0-9]+: ' <<<"$stderr" | tr -dc '0-9\n' | tr '\n' ' ')" "2 3 4 5 6 7 8 9 10 11 13 "
    assert_equal "$(names)" "a.nec z.nec "
    grep -q 'line 8: h.nec is there twice$' <<<"$stderr"
    grep -q 'line 6: not a node name$' <<<"$stderr"
    grep -q 'line 11: the line is too long$' <<<"$stderr"
    run nectar-net registry import --json "$HOME/lines"
    assert_failure 14
    assert_equal "$(jq -c 'select(.type=="tx")|[.name,.line,.status,.hash]' <<<"$output" | tr '\n' ' ')" \
        '["a.nec",1,"unchanged",null] ["z.nec",12,"unchanged",null] '
    assert_equal "$(jq -r 'select(.type=="error")|"\(.line) \(.error)"' <<<"$output" | tr '\n' ' ')" \
        "2 input 3 input 4 input 5 input 6 input 7 input 8 input 9 input 10 rejected 11 input 13 input "
    jq -e 'select(.type=="imported")|.changed==0 and .unchanged==2 and .failed==11' <<<"${lines[-1]}"
    # All of them: that is a bad file.
    run nectar-net registry import <<<'nonsense'
    assert_failure 3
}

@test "--json: each record as it goes in, then how many" {
    { record a.nec && record b.nec; } | nectar-net registry import --json >"$HOME/out"
    jq -se '.[0]=={"v":1,"type":"tx","name":"a.nec","line":1,"hash":"1","status":"mined"} and
        .[1].hash=="2" and .[2]=={"v":1,"type":"imported","changed":2,"unchanged":0,"failed":0}' "$HOME/out"
}

@test "nothing to import: nothing done" {
    run nectar-net registry import </dev/null
    assert_success
    assert_output "nectar-net registry: 0 imported, 0 unchanged, 0 failed"
    [ ! -e "$XDG_DATA_HOME/nectar-net/registry.db" ]
    run nectar-net registry import "$HOME/none"
    assert_failure 3
    run nectar-net registry import "$HOME"
    assert_failure 3
}

@test "what has been read goes in when the input pauses" {
    mkfifo "$HOME/in"
    nectar-net registry import <"$HOME/in" 2>"$HOME/err" 3>&- &
    PIDS+=($!)
    exec 6>"$HOME/in"
    record a.nec >&6
    wait_for 5 nectar-net pki-lookup a.nec
    record b.nec >&6
    wait_for 5 nectar-net pki-lookup b.nec
    exec 6>&-
    wait "$!"
    grep -qx 'nectar-net registry: 2 imported, 0 unchanged, 0 failed' "$HOME/err"
}

@test "a file cannot be filled: exit 8; nor what is no registry: exit 5" {
    echo '{}' >"$HOME/r.json"
    run nectar-net registry import -p "json:$HOME/r.json" <<<"$(record a.nec)"
    assert_failure 8
    assert_equal "$(cat "$HOME/r.json")" '{}'
    run nectar-net registry import -p "sqlite:$HOME" <<<"$(record a.nec)"
    assert_failure 5
    assert_line --index 0 --regexp '^nectar-net registry: line 1: no registry gave a usable answer: .*: is a folder$'
}

@test "a registry that is missing, or damaged: exit 5" {
    for word in names export; do
        run nectar-net registry "$word"
        assert_failure 5
        assert_output --partial "no registry there yet"
        run nectar-net registry "$word" -p "json:$HOME/none.json"
        assert_failure 5
        run nectar-net registry "$word" --json -p "json:$HOME/none.json"
        assert_failure 5
        jq -e '.error=="pki_unreachable" and .stage=="registry"' <<<"$output"
    done
    for i in $(seq 500); do record "n$i.nec"; done | nectar-net registry import -q
    head -c 40000 "$XDG_DATA_HOME/nectar-net/registry.db" >"$HOME/cut.db"
    run nectar-net registry export -p "sqlite:$HOME/cut.db"
    assert_failure 5
}

# Keeps a registry's file from everybody else, as SQLite itself would, until its input ends.
lock() { # FILE
    perl -e 'use Fcntl; open my $f, "+<", shift or die; $| = 1;
        my $lock = pack "s s x4 q q l", F_WRLCK, 0, 0x40000000, 512, 0; # from where, and how long
        fcntl($f, F_SETLK, $lock) or die $!; print "locked\n"; <STDIN>' "$1"
}

@test "a registry that stays locked: exit 5, in bounded time" {
    record a.nec | nectar-net registry import -q -p "sqlite:$HOME/locked.db"
    mkfifo "$HOME/unlock"
    lock "$HOME/locked.db" <"$HOME/unlock" >"$HOME/lock" 3>&- &
    PIDS+=($!)
    exec 6>"$HOME/unlock"
    wait_for 5 grep -q locked "$HOME/lock"
    began=$EPOCHSECONDS
    record b.nec | nectar-net registry import -p "sqlite:$HOME/locked.db" >"$HOME/import" 2>&1 3>&- &
    import=$!
    nectar-net registry init -p "sqlite:$HOME/locked.db" >"$HOME/init" 2>&1 3>&- &
    init=$!
    run nectar-net registry export -p "sqlite:$HOME/locked.db"
    assert_failure 5
    assert_output --partial "stays locked by another process"
    status=0
    wait "$import" || status=$?
    assert_equal "$status" 5
    grep 'stays locked by another process' "$HOME/import"
    status=0
    wait "$init" || status=$?
    assert_equal "$status" 5
    [ $((EPOCHSECONDS - began)) -lt $((40 * ${NECTAR_SLOWER:-1})) ]
    exec 6>&-
    wait_for 5 nectar-net registry export -p "sqlite:$HOME/locked.db"
}

# Runs a command as somebody who may not write what is in $HOME.
as_reader() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

@test "a registry that may be read alone: names and export work, import does not" {
    mkdir "$HOME/shared"
    record a.nec | nectar-net registry import -q -p "sqlite:$HOME/shared/r.db"
    chmod 755 "$HOME"
    chmod 444 "$HOME/shared/r.db"
    chmod 555 "$HOME/shared"
    run as_reader env HOME=/ nectar-net registry names -p "sqlite:$HOME/shared/r.db"
    assert_success
    assert_output a.nec
    run as_reader env HOME=/ nectar-net registry init -p "sqlite:$HOME/shared/r.db"
    assert_success
    run as_reader env HOME=/ nectar-net registry import -p "sqlite:$HOME/shared/r.db" <<<"$(record b.nec)"
    assert_failure 8
    assert_output --partial "cannot be written: Permission denied"
    run as_reader env HOME=/ nectar-net registry init -p "sqlite:$HOME/shared/new/r.db"
    assert_failure 8
    chmod 755 "$HOME/shared"
    assert_equal "$(names -p "sqlite:$HOME/shared/r.db")" "a.nec "
}

@test "a full disk: exit 14 or 5, and what was told of is there" {
    unshare -rm true 2>/dev/null || skip "needs a mount namespace"
    mkdir "$HOME/small"
    for i in $(seq 3000); do record "n$i.nec"; done >"$HOME/many"
    # shellcheck disable=SC2016 # for the inner shell
    run unshare -rm bash -c 'mount -t tmpfs -o size=400k none "$HOME/small" && cd "$HOME/small" || exit 99
        nectar-net registry import --json -p sqlite:r.db "$HOME/many" >"$HOME/out"
        echo "status $?"; nectar-net registry names -p sqlite:r.db >"$HOME/in-it"'
    assert_line "status 14"
    tail -n 1 "$HOME/out" | jq -e '.type=="imported" and .changed>0 and .failed==1'
    grep '"error"' "$HOME/out" | jq -e '.error=="pki_unreachable" and (.reason|test("full")) and .line>1'
    jq -r 'select(.type=="tx").name' "$HOME/out" | sort | diff - <(sort "$HOME/in-it")
    run unshare -rm bash -c 'mount -t tmpfs -o size=4k none "$HOME/small" && cd "$HOME/small" || exit 99
        nectar-net registry import -p sqlite:r.db "$HOME/many"'
    assert_failure 5
}

# The most memory that a process has had, in KiB.
peak_of() {
    awk '/^VmHWM/ { print $2 }' "/proc/$1/status"
}

@test "10,000 names, 2 KB each, in bounded memory and time" {
    local limit=20000 began=$EPOCHREALTIME
    [ -z "${NECTAR_SANITIZED:-}" ] || limit=400000
    perl -e 'my $router = "x" x 63; for (reverse 1 .. 10000) {
        printf "{\"name\":\"n%05d.nec\",\"networking_key\":\"%064x\",\"ws_routing\":null,\"allowed_routers\":[%s]}\n",
            $_, $_, join ",", map { "\"$router.$_.nec\"" } 1 .. 28 }' >"$HOME/many"
    [ "$(stat -c %s "$HOME/many")" -gt 20000000 ]
    mkfifo "$HOME/in" "$HOME/out"
    # All but the end of the input: then it is looked at.
    nectar-net registry import <"$HOME/in" 2>"$HOME/err" 3>&- &
    import=$!
    PIDS+=("$import")
    exec 6>"$HOME/in"
    cat "$HOME/many" >&6
    wait_for 60 nectar-net pki-lookup -q n00001.nec 2>/dev/null
    echo "import: $(peak_of "$import") KiB"
    [ "$(peak_of "$import")" -lt "$limit" ]
    exec 6>&-
    wait "$import"
    assert_equal "$(cat "$HOME/err")" "nectar-net registry: 10000 imported, 0 unchanged, 0 failed"
    # All but the end of the output: likewise.
    nectar-net registry export >"$HOME/out" 3>&- &
    export=$!
    PIDS+=("$export")
    exec 7<"$HOME/out"
    head -c 20000000 <&7 >"$HOME/begin"
    echo "export: $(peak_of "$export") KiB"
    [ "$(peak_of "$export")" -lt "$limit" ]
    cat "$HOME/begin" - <&7 >"$HOME/all"
    exec 7<&-
    wait "$export"
    assert_equal "$(jq -r .name "$HOME/all" | tr '\n' ' ')" "$(seq -f 'n%05g.nec' 10000 | tr '\n' ' ')"
    nectar-net registry import -p "sqlite:$HOME/copy.db" "$HOME/all"
    nectar-net registry export -p "sqlite:$HOME/copy.db" | cmp - "$HOME/all"
    nectar-net registry names | sort -C
    awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s\n", b - a; exit b - a > 60 * '"${NECTAR_SLOWER:-1}"' }'
}

@test "killed at any moment, the same import completes it" {
    for i in $(seq 3000); do record "n$i.nec"; done >"$HOME/many"
    for wait in 0.01 0.02 0.04 0.06 0.08; do
        timeout -s KILL "$wait" nectar-net registry import -q "$HOME/many" || true
    done
    run nectar-net registry import "$HOME/many"
    assert_success
    assert_equal "$(nectar-net registry names | wc -l)" 3000
    nectar-net registry export | sort | diff - <(sort "$HOME/many")
}

@test "five imports at once, and exports meanwhile: all is there, once" {
    for i in $(seq 2000); do record "n$i.nec"; done >"$HOME/many"
    for i in $(seq 5); do
        nectar-net registry import --json "$HOME/many" >"$HOME/out.$i" 3>&- &
    done
    for i in $(seq 5); do
        nectar-net registry names >"$HOME/seen" || [ $? = 5 ]
        sort -uC "$HOME/seen"
        [ $(($(wc -l <"$HOME/seen") % 128)) = 0 ] || [ "$(wc -l <"$HOME/seen")" = 2000 ]
    done
    for job in $(jobs -p); do wait "$job"; done
    assert_equal "$(cat "$HOME"/out.* | jq -r 'select(.status=="mined").name' | sort -u | wc -l)" 2000
    assert_equal "$(cat "$HOME"/out.* | jq -r 'select(.status=="mined").hash' | sort -u | wc -l)" 2000
    assert_equal "$(cat "$HOME"/out.* | jq -s 'map(select(.type=="imported").changed)|add')" 2000
}

@test "usage: exit 2" {
    run nectar-net registry
    assert_failure 2
    run nectar-net registry nonsense
    assert_failure 2
    assert_line --index 0 "nectar-net registry: deploy, init, names, export, import or sync, not nonsense"
    for words in 'names x' 'init x' 'export x' 'import x y'; do
        # shellcheck disable=SC2086 # a list of operands
        run nectar-net registry $words
        assert_failure 2
        assert_line --index 0 --partial "unexpected operand"
    done
}

@test "standard output that cannot be written: exit 3; a reader that goes: SIGPIPE, quietly" {
    long=$(printf 'x%.0s' {1..50})
    for i in $(seq 2000); do record "$long.n$i.nec"; done | nectar-net registry import -q
    for word in names export; do
        run bash -c "nectar-net registry $word >/dev/full"
        assert_failure 3
        run bash -c "{ nectar-net registry $word 2>\"\$HOME/err\"; echo \$? >\"\$HOME/status\"; } | head -n 1"
        assert_success
        assert_equal "$(cat "$HOME/status")" 141
        assert_equal "$(cat "$HOME/err")" ""
    done
}

@test "-w bounds the wait for standard input: exit 28" {
    run bash -c 'sleep 2 3>&- | timeout 4 nectar-net registry import -w 0.3; exit "${PIPESTATUS[1]}"'
    assert_failure 28
}
