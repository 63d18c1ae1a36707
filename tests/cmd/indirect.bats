#!/usr/bin/env bats
# Nodes without an address: listen through routers, send and ping to them, --via.

# shellcheck disable=SC2154 # stderr is set by run
load net
load routing

setup() {
    net_setup
    make_node alice.nec
}

teardown() {
    net_teardown
}

@test "direct to indirect, indirect to direct, indirect to indirect" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    start_indirect carol.nec r1.nec
    start_listener dora.nec
    assert_equal "$(nectar-net send -n dora.nec bob.nec -m one)" ack
    assert_equal "$(nectar-net send -n carol.nec dora.nec -m two)" ack
    assert_equal "$(nectar-net send -n carol.nec bob.nec -m three)" ack
    assert_equal "$(messages_of bob.nec | jq -r '"\(.from) \(.body) \(.via)"')" \
        $'dora.nec one r1.nec\ncarol.nec three r1.nec'
    messages_of dora.nec | jq -e '.from=="carol.nec" and .body=="two" and (has("via")|not)'
}

@test "through two routers: each of the two takes messages, none comes twice" {
    start_router r1.nec
    start_router r2.nec
    start_indirect bob.nec r1.nec,r2.nec
    start_indirect carol.nec r2.nec
    for n in $(seq 20); do
        within 2000 nectar-net send --no-socket -n carol.nec bob.nec -m "$n"
    done
    assert_equal "$(messages_of bob.nec | jq -r .body | tr '\n' ' ')" "$(seq 20 | tr '\n' ' ')"
    assert_equal "$(messages_of bob.nec | jq -r .via | sort -u | tr '\n' ' ')" "r1.nec r2.nec "
}

@test "ready with the first router, with those that stand; then each that comes up or goes down" {
    start_router r1.nec
    make_node r2.nec
    nectar-net publish-tx -n r2.nec --ws 127.0.0.1:1
    start_indirect bob.nec r1.nec
    assert_equal "$(head -n 1 "$HOME/bob.nec.out")" \
        '{"v":1,"type":"ready","name":"bob.nec","routers":["r1.nec"]}'
    kill -KILL "$ROUTER"
    wait_for 5 has_line bob.nec '"type":"router_down"'
    jq -se 'map(select(.type=="router_down"))[0] | .router=="r1.nec" and (.reason|length>0)' "$HOME/bob.nec.out"
    launch_indirect carol.nec r1.nec,r2.nec
    sleep 0.5
    run has_line carol.nec ready
    assert_failure
    ROUTER_AT=$ADDRESS start_router r1.nec
    wait_for 5 has_line carol.nec '"routers":["r1.nec"]'
}

@test "without --json the body alone is on standard output, the routers on standard error" {
    start_router r1.nec
    make_node bob.nec
    nectar-net publish-tx -n bob.nec --routers r1.nec
    nectar-net listen -n bob.nec >"$HOME/out" 2>"$HOME/err" 3>&- &
    PIDS+=($!)
    wait_for 5 grep -q listens "$HOME/err"
    nectar-net send -n alice.nec bob.nec -m hello
    kill -KILL "$ROUTER"
    wait_for 5 grep -q down "$HOME/err"
    ROUTER_AT=$ADDRESS start_router r1.nec
    wait_for 5 grep -q up "$HOME/err"
    assert_equal "$(cat "$HOME/out")" hello
    assert_equal "$(sed -n 1p "$HOME/err")" "nectar-net listen: bob.nec waits for a router"
    assert_equal "$(sed -n 2p "$HOME/err")" "nectar-net listen: bob.nec listens through r1.nec"
    assert_regex "$(sed -n 3p "$HOME/err")" '^nectar-net listen: router r1\.nec is down: .+'
    assert_equal "$(sed -n 4p "$HOME/err")" "nectar-net listen: router r1.nec is up"
}

@test "--ready-fd is written to when the first router is up, and not before" {
    start_router r1.nec
    kill -KILL "$ROUTER"
    make_node bob.nec
    nectar-net publish-tx -n bob.nec --routers r1.nec
    nectar-net listen -n bob.nec --ready-fd 5 5>"$HOME/ready" >/dev/null 3>&- &
    PIDS+=($!)
    sleep 0.3
    [ ! -s "$HOME/ready" ]
    ROUTER_AT=$ADDRESS start_router r1.nec
    wait_for 5 test -s "$HOME/ready"
}

@test "with --bind an indirect name listens and joins; ready comes at once" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    launch_indirect carol.nec r1.nec --bind 127.0.0.1:0
    wait_for 5 has_line carol.nec '"type":"router_up"'
    assert_regex "$(head -n 1 "$HOME/carol.nec.out")" '"ready","name":"carol.nec","addr":"127.0.0.1:[0-9]+"}$'
    assert_equal "$(nectar-net send -n alice.nec carol.nec -m routed)" ack
    nectar-net publish-tx -n carol.nec --ws "$(jq -r 'select(.addr).addr' "$HOME/carol.nec.out")"
    assert_equal "$(nectar-net send -n alice.nec carol.nec -m direct)" ack
    assert_equal "$(messages_of carol.nec | jq -r '"\(.body) \(.via)"')" $'routed r1.nec\ndirect null'
}

@test "--via: bare names; in reply, pong, message and ping's line" {
    start_router r1.nec
    start_router r2.nec
    start_indirect bob.nec r1.nec,r2.nec
    for router in r1 r2 r1; do
        run nectar-net send -n alice bob -m hello --via "$router" --json
        assert_equal "$(jq -r .via <<<"$output")" "$router.nec"
        assert_equal "$(messages_of bob.nec | tail -n 1 | jq -r .via)" "$router.nec"
        run nectar-net ping -n alice bob -c 3 -i 0 --via "$router" --json
        assert_equal "$(jq -r 'select(.type=="pong").via' <<<"$output" | sort | uniq -c | xargs)" "3 $router.nec"
    done
    run nectar-net ping -n alice bob -c 1 --via r2.nec
    assert_line --index 0 --regexp '^reply from bob\.nec: seq=1 time=[0-9.]+ ms, via r2\.nec$'
    run nectar-net ping -n alice r2.nec -c 1
    assert_line --index 0 --regexp ' ms, direct$'
}

@test "--via: a direct target is reached through the router, too; --no-reply goes through it" {
    start_router r1.nec
    start_listener bob.nec
    assert_equal "$(nectar-net send -n alice bob -m hello --via r1 --json | jq -r .via)" r1.nec
    nectar-net send -n alice bob -m silent --via r1 --no-reply
    assert_equal "$(messages_of bob.nec | jq -r .body)" $'hello\nsilent'
}

@test "--via: no name, or the target: exit 2; unknown, or not its router: exit 7, stage router" {
    start_router r1.nec
    start_router r2.nec
    start_indirect bob.nec r1.nec
    for verb in 'send -m x' ping; do
        # shellcheck disable=SC2086 # a verb with its options
        run -2 nectar-net $verb -n alice bob --via 'X y' -w 5
        # shellcheck disable=SC2086
        run -2 nectar-net $verb -n alice bob --via bob -w 5
        # shellcheck disable=SC2086
        run -2 nectar-net $verb -n alice bob --via '' -w 5
    done
    run -7 nectar-net send -n alice bob -m x --via nobody --json
    jq -e '.stage=="router" and .tried[0].router=="nobody.nec" and .tried[0].stage=="registry"' <<<"$output"
    run -7 nectar-net ping -n alice bob -c 1 --via nobody
    assert_output --partial "  nobody.nec at registry: "
    run -7 within 6000 nectar-net send -n alice bob -m x --via r2 --json
    jq -e '.stage=="router" and .tried[0].router=="r2.nec" and (.tried[0].reason|length>0)' <<<"$output"
}

@test "ping through a router: nothing is lost, and one passthrough is enough" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    run within 5000 nectar-net ping -n alice bob -c 50 -i 0 --json
    assert_success
    jq -se '.[-1] | .loss==0 and .received==50' <<<"$output"
    assert_equal "$(routing_of r1.nec | grep -c open)" 1
}

@test "a router that restarts is rejoined within 2 s of being back" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    back=0
    for pause in 0 3; do
        kill -KILL "$ROUTER"
        wait_for 5 fell_from bob.nec "$((back + 1))"
        sleep "$pause"
        ROUTER_AT=$ADDRESS start_router r1.nec
        within 2000 wait_for 3 stands_at bob.nec "$((++back))"
        assert_equal "$(nectar-net send -n alice bob -m back)" ack
    done
}

@test "a router is killed: the message goes through the other" {
    start_router r1.nec
    first=$ROUTER
    start_router r2.nec
    start_indirect bob.nec r1.nec,r2.nec
    kill -KILL "$first"
    for n in $(seq 8); do
        within 1000 nectar-net send -n alice bob -m "$n"
    done
    assert_equal "$(messages_of bob.nec | jq -r '"\(.body) \(.via)"' | xargs)" \
        "$(for n in $(seq 8); do echo "$n r2.nec"; done | xargs)"
}

@test "a router is frozen: the message goes through the other in under 1 s" {
    start_router r1.nec
    frozen=$ROUTER
    start_router r2.nec
    start_indirect bob.nec r1.nec,r2.nec
    kill -STOP "$frozen"
    for n in $(seq 6); do
        within 1000 nectar-net send -n alice bob -m "$n"
    done
    kill -CONT "$frozen"
    assert_equal "$(messages_of bob.nec | jq -r .body | xargs)" "1 2 3 4 5 6"
}

@test "all routers are dead: exit 7, stage router, and tried names each" {
    start_router r1.nec
    first=$ROUTER
    start_router r2.nec
    start_indirect bob.nec r1.nec,r2.nec
    kill -KILL "$first" "$ROUTER"
    wait "$first" "$ROUTER" || true
    run -7 within 3000 nectar-net send -n alice bob -m x --json
    jq -e '.type=="error" and .error=="offline" and .stage=="router" and .peer=="bob.nec" and
        (.tried|length==2) and ([.tried[].router]|sort==["r1.nec","r2.nec"]) and
        all(.tried[]; .stage=="tcp" and .reason=="Connection refused")' <<<"$output"
    run --separate-stderr -7 nectar-net send -n alice bob -m x
    assert_equal "$output" ""
    assert_equal "$(sed 1d <<<"$stderr" | sort)" \
        $'  r1.nec at tcp: Connection refused\n  r2.nec at tcp: Connection refused'
    assert_regex "$stderr" '^nectar-net send: bob\.nec: offline at router: '
    run -7 nectar-net ping -n alice bob -c 1 --wait 0.6 --json
    jq -se 'map(select(.type=="error"))[-1] | [.tried[].router]|sort==["r1.nec","r2.nec"]' <<<"$output"
}

@test "a listener that is gone, its router alive: exit 7, stage router, and the router's own words" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    kill -KILL "$LISTENER"
    run -7 within 6500 nectar-net send -n alice bob -m x --json
    jq -e '.stage=="router" and (.tried|length==1) and .tried[0].router=="r1.nec"' <<<"$output"
}

@test "bodies of 0 bytes and 5 MiB arrive as they were sent" {
    start_router r1.nec
    make_node bob.nec
    nectar-net publish-tx -n bob.nec --routers r1.nec
    head -c 5242880 /dev/urandom >"$HOME/5M"
    : >"$HOME/0"
    for body in 0 5M; do
        rm -f "$HOME/ready"
        nectar-net listen -n bob.nec --count 1 -w 20 --ready-fd 5 5>"$HOME/ready" >"$HOME/heard" 3>&- &
        listener=$!
        PIDS+=("$listener")
        wait_for 10 test -s "$HOME/ready"
        assert_equal "$(within 10000 nectar-net send -n alice bob -f "$HOME/$body")" ack
        wait "$listener"
        head -c -1 "$HOME/heard" | cmp - "$HOME/$body"
    done
}

@test "a body of 5 MiB from an indirect node to another, and its reply" {
    start_router r1.nec
    start_indirect bob.nec r1.nec --reply "$(head -c 100000 /dev/zero | tr '\0' r)"
    start_indirect carol.nec r1.nec
    head -c 5242880 /dev/zero | tr '\0' b >"$HOME/body"
    within 10000 nectar-net send -n carol bob -f "$HOME/body" >"$HOME/reply"
    assert_equal "$(head -c 100000 /dev/zero | tr '\0' r | cmp - "$HOME/reply" && echo same)" same
    messages_of bob.nec | jq -j .body | cmp - "$HOME/body"
}

@test "SIGTERM ends an indirect listener with 0, at once, ready or not" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    kill -TERM "$LISTENER"
    within 2000 wait "$LISTENER"
    run has_line bob.nec router_down
    assert_failure
    kill -KILL "$ROUTER"
    launch_indirect bob.nec r1.nec
    sleep 0.3
    kill -TERM "$LISTENER"
    within 2000 wait "$LISTENER"
    run nectar-net listen -n bob.nec --count 1 -w 0.3
    assert_failure 28
}

@test "the soft limit of open files is raised to the hard one" {
    start_router r1.nec
    (ulimit -S -n 64 && start_indirect bob.nec r1.nec && echo "$LISTENER" >"$HOME/pid")
    PIDS+=("$(cat "$HOME/pid")")
    read -r _ _ _ soft hard _ < <(grep '^Max open files' "/proc/$(cat "$HOME/pid")/limits")
    assert_equal "$soft" "$hard"
}

@test "a router that refuses us, or does not route: never ready, and asked ever more rarely" {
    start_router r1.nec --allow carol
    start_listener dora.nec
    launch_indirect bob.nec r1.nec,dora.nec
    sleep 4
    run has_line bob.nec ready
    assert_failure
    # The waits double from 0.1 to 0.2 s up to 0.75 to 1.5 s: at most 8 tries in 4 s and a little.
    [ "$(routing_of r1.nec | grep -c '^refused')" -le 9 ]
}

# Two of the three are no routers: one does not answer the upgrade, the other says nothing after it.
@test "routers that take the connection and then say nothing cost a moment each" {
    local stage
    start_router r1.nec
    for stage in accept upgrade; do
        make_node "$stage.nec"
        "$BUILD/helpers/mute" "$stage" 0 >"$HOME/$stage" 3>&- &
        PIDS+=($!)
        wait_for 5 test -s "$HOME/$stage"
        nectar-net publish-tx -n "$stage.nec" --ws "127.0.0.1:$(cat "$HOME/$stage")" >/dev/null
    done
    launch_indirect bob.nec r1.nec,accept.nec,upgrade.nec
    wait_for 10 has_line bob.nec '"type":"ready"'
    for _ in {1..12}; do
        within 1500 nectar-net send -n alice bob -m x
    done
}
