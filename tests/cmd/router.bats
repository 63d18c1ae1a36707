#!/usr/bin/env bats
# nectar-net router: what it prints, whom it refuses, how it ends; and route-via, which tries it.

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

@test "ready; it answers hellos and prints none; SIGTERM, SIGINT and -w end it with 0" {
    for signal in TERM INT; do
        start_router r1.nec
        assert_equal "$(nectar-net send -n alice r1 -m hello)" ack
        nectar-net ping -q -n alice r1 -c 3 -i 0
        assert_equal "$(cat "$HOME/r1.nec.out")" \
            "{\"v\":1,\"type\":\"ready\",\"name\":\"r1.nec\",\"addr\":\"$ADDRESS\"}"
        kill "-$signal" "$ROUTER"
        within 2000 wait "$ROUTER"
    done
    run --separate-stderr nectar-net router -n r1.nec -w 0.2
    assert_success
    assert_equal "$output" ""
    assert_equal "$stderr" "nectar-net router: r1.nec listens at $ADDRESS"
}

@test "a request for a process of it is not answered" {
    start_router r1.nec
    run -28 nectar-net send -n alice r1@some:own:process -m x -W 1
}

@test "what it does for others: registered, pending, open, close with its bytes" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    nectar-net send -n alice bob -m "$(head -c 10000 /dev/zero | tr '\0' x)"
    wait_for 5 has_line r1.nec '"event":"close"'
    assert_equal "$(routing_of r1.nec)" 'registered bob.nec -
pending alice.nec bob.nec
open alice.nec bob.nec
close alice.nec bob.nec'
    jq -se '.[-1] | .v==1 and (.bytes_out|tonumber>10000) and (.bytes_in|tonumber|.>100 and .<1000) and .ms>=0' \
        "$HOME/r1.nec.out"
    run grep -c xxx "$HOME/r1.nec.out"
    assert_output 0
}

@test "the same as text" {
    make_node r1.nec
    nectar-net router -n r1.nec --bind 127.0.0.1:0 >"$HOME/out" 2>"$HOME/err" 3>&- &
    PIDS+=($!)
    wait_for 5 grep -q listens "$HOME/err"
    nectar-net publish-tx -n r1.nec --ws "$(sed 's/.* at //' "$HOME/err")"
    start_indirect bob.nec r1.nec
    nectar-net send -n alice bob -m hello
    wait_for 5 grep -q ^close "$HOME/out"
    assert_equal "$(sed 3q "$HOME/out")" \
        $'registered bob.nec\npending alice.nec > bob.nec\nopen alice.nec > bob.nec'
    assert_regex "$(tail -n 1 "$HOME/out")" \
        '^close alice\.nec > bob\.nec, [0-9]+ bytes out, [0-9]+ in, [0-9]+\.[0-9]{3} ms(: .+)?$'
}

@test "a name without an address cannot be a router: exit 2, with what to do" {
    run -2 nectar-net router -n alice.nec -w 1
    assert_line --index 1 --regexp '^hint: --bind ADDR:PORT'
    nectar-net publish-tx -n alice.nec --routers r9.nec
    run -2 nectar-net router -n alice.nec -w 1
}

@test "options: what is no name or no number: exit 2" {
    for line in '--allow X' '--allow a,,B' '--allow ,' '--allow-from a..b' '--max-peers 0' '--max-peers x' \
        '--max-passthroughs 0' '--max-pending -1' '--max-pending 99999999' '--count 1' 'operand'; do
        # shellcheck disable=SC2086 # a list of arguments
        run -2 nectar-net router -n alice.nec --bind 127.0.0.1:0 -w 1 $line
    done
}

@test "another process holds the port: exit 75" {
    start_router r1.nec
    run -75 nectar-net router -n r1.nec -w 1
}

@test "--allow: others are refused; repeated, lists, bare names" {
    start_router r1.nec --allow bob,carol.nec --allow dora
    for name in bob carol dora; do
        start_indirect "$name.nec" r1.nec
    done
    launch_indirect eel.nec r1.nec
    wait_for 5 has_line r1.nec '"event":"refused","from":"eel.nec"'
    jq -se 'map(select(.event=="refused"))[0].why | length > 0' "$HOME/r1.nec.out"
    assert_equal "$(nectar-net send -n alice dora -m hello)" ack
    run -7 nectar-net send -n alice eel -m hello --json
    assert_equal "$(jq -r .stage <<<"$output")" router
    assert_equal "$(routing_of r1.nec | grep -c '^registered')" 3
}

@test "--allow-from: who else asks for a way is refused" {
    make_node carol.nec
    start_router r1.nec --allow-from carol
    start_indirect bob.nec r1.nec
    assert_equal "$(nectar-net send -n carol bob -m hello)" ack
    run -7 within 6000 nectar-net send -n alice bob -m hello --json
    jq -e '.stage=="router" and .tried[0].router=="r1.nec"' <<<"$output"
    wait_for 5 has_line r1.nec '"event":"refused","from":"alice.nec","to":"bob.nec"'
    jq -se 'map(select(.event=="refused"))[0].why | length > 0' "$HOME/r1.nec.out"
    assert_equal "$(messages_of bob.nec | jq -r .from)" carol.nec
}

@test "--max-peers, --max-passthroughs: one more is refused, the others are served" {
    start_router r1.nec --max-peers 1 --max-passthroughs 1
    start_indirect bob.nec r1.nec
    launch_indirect carol.nec r1.nec
    wait_for 5 has_line r1.nec '"event":"refused","from":"carol.nec"'
    nectar-net ping -n alice bob -i 0.2 -c 100 >"$HOME/ping" 2>&1 3>&- &
    ping=$!
    PIDS+=("$ping")
    wait_for 5 grep -q reply "$HOME/ping"
    make_node dora.nec
    run -7 within 6500 nectar-net send -n dora bob -m x
    kill -INT "$ping"
    wait "$ping"
    wait_for 5 has_line r1.nec '"event":"close"'
    assert_equal "$(nectar-net send -n dora bob -m x)" ack
}

@test "--max-pending: who asks for a node that does not call back holds a place, and only for 5 s" {
    start_router r1.nec --max-pending 1
    start_indirect bob.nec r1.nec
    start_indirect carol.nec r1.nec
    kill -STOP "$LISTENER"
    nectar-net send -n alice carol -m x >/dev/null 2>&1 3>&- &
    PIDS+=($!)
    wait_for 5 has_line r1.nec '"event":"pending"'
    make_node dora.nec
    run -7 within 6500 nectar-net send -n dora bob -m x
    wait_for 5 has_line r1.nec '"event":"refused","from":"dora.nec"'
    wait_for 7 nectar-net send -n dora bob -m x
    kill -CONT "$LISTENER"
}

@test "a target that answers the upgrade with something else: who asked hears of it at once" {
    start_router r1.nec
    make_node bob.nec
    printf '%s\n' 'printf "HTTP/1.1 404 Not Found\r\n\r\n"' 'exec sleep 30' >"$HOME/answer"
    socat -d -d TCP-LISTEN:0,bind=127.0.0.1,fork EXEC:"bash $HOME/answer" 2>"$HOME/socat" 3>&- &
    PIDS+=($!)
    wait_for 5 grep -q 'listening on' "$HOME/socat"
    nectar-net publish-tx -n bob.nec \
        --ws "$(sed -n 's/.*listening on AF=2 //p' "$HOME/socat" | head -n 1)" >/dev/null
    within 2000 run -7 nectar-net send -n alice.nec --via r1.nec bob.nec -m x
    wait_for 5 has_line r1.nec 404
    # It stays on, and so does the router.
    sleep 1.5
    run -7 nectar-net send -n alice.nec --via r1.nec bob.nec -m x
    kill -0 "$ROUTER"
}

@test "a node that does not route is no router" {
    start_listener r1.nec
    launch_indirect bob.nec r1.nec
    run -7 within 6500 nectar-net send -n alice bob -m x --json
    jq -e '.stage=="router" and .tried[0].router=="r1.nec"' <<<"$output"
    assert_equal "$(nectar-net send -n alice r1 -m x)" ack
}

@test "told to stop with a passthrough open: bounded by --drain, and both sides hear of it" {
    start_router r1.nec --drain 0.5
    start_indirect bob.nec r1.nec
    nectar-net ping -n alice bob -i 0.1 -c 30 -W 1 --json >"$HOME/ping" 2>&1 3>&- &
    ping=$!
    PIDS+=("$ping")
    wait_for 5 grep -q pong "$HOME/ping"
    kill -TERM "$ROUTER"
    within 2500 wait "$ROUTER"
    wait_for 5 has_line bob.nec '"type":"router_down"'
    wait_for 5 grep -q '"type":"error"' "$HOME/ping"
}

@test "a full standard output: exit 3" {
    make_node r1.nec
    run -3 bash -c 'timeout 10 nectar-net router -n r1.nec --bind 127.0.0.1:0 --json -w 5 >/dev/full'
}

@test "route-via: three legs, then the reply; with -q the reply alone" {
    start_router r1.nec
    start_indirect bob.nec r1.nec --reply 'and to you'
    run --separate-stderr nectar-net route-via -n alice r1 bob
    assert_success
    assert_line --index 0 --regexp "^1 router reached at $ADDRESS: [0-9]+\.[0-9]{3} ms\$"
    assert_line --index 1 --regexp '^2 request taken through r1\.nec: [0-9]+\.[0-9]{3} ms$'
    assert_line --index 2 --regexp '^3 target answered through r1\.nec: [0-9]+\.[0-9]{3} ms$'
    assert_line --index 3 "and to you"
    assert_equal "$(nectar-net route-via -q -n alice r1 bob)" "and to you"
    run nectar-net route-via -n alice r1 bob@net:distro:sys -m 'my text' --json
    jq -se --arg addr "$ADDRESS" 'map(.type)==["leg","leg","leg","reply"] and map(.n//0)==[1,2,3,0] and
        map(.what//"")==["router reached","request taken","target answered",""] and
        all(.[:3][]; .ok and .addr==$addr and .ms>0) and .[3].via=="r1.nec" and .[3].body=="and to you"' <<<"$output"
    assert_equal "$(messages_of bob.nec | jq -r .body)" $'hello\nhello\nmy text'
}

@test "route-via: the leg that fails, its reason, and the status" {
    start_router r1.nec
    first=$ROUTER
    start_indirect bob.nec r1.nec
    start_router r2.nec
    run -7 within 6500 nectar-net route-via -n alice r2 bob --json
    jq -se 'map(.type)==["leg","leg","error"] and .[0].ok and (.[1].ok|not) and (.[1].reason|length>0) and
        .[2].stage=="router" and .[2].tried[0].router=="r2.nec"' <<<"$output"
    run -28 nectar-net route-via -n alice r1 bob@some:own:process -W 1 --json
    jq -se 'map(.type)==["leg","leg","leg","error"] and map(.ok)==[true,true,false,null] and
        .[2].what=="target answered" and .[2].ms>=1000 and .[3].stage=="reply"' <<<"$output"
    kill -KILL "$first"
    run -7 within 6500 nectar-net route-via -n alice r1 bob --json
    jq -se 'map(.type)==["leg","error"] and (.[0].ok|not) and .[0].reason=="Connection refused" and
        .[1].peer=="r1.nec" and .[1].stage=="tcp"' <<<"$output"
    run -7 nectar-net route-via -n alice r1 bob
    assert_line --index 0 --regexp '^1 router reached at [0-9.:]+: failed, after [0-9.]+ ms$'
}

@test "route-via: operands that make no way" {
    start_router r1.nec
    for line in r1 '' 'r1 bob extra' 'r1 r1' 'X bob' 'r1 X' 'r1 bob@x'; do
        # shellcheck disable=SC2086 # a list of operands
        run -2 nectar-net route-via -n alice $line -w 5
    done
    run -6 nectar-net route-via -n alice nobody bob
    run -6 nectar-net route-via -n alice alice bob
    run -3 bash -c 'timeout 10 nectar-net route-via -n alice r1 alice >/dev/full'
}
