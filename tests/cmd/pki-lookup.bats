#!/usr/bin/env bats
# nectar-net pki-lookup
# shellcheck disable=SC2154 # stderr is set by run

load helpers

@test "a record in the founding document's fields, one object a line" {
    key=$(nectar-net keygen -n squid.nec --no-passphrase)
    nectar-net publish-tx -n squid.nec --ws 147.135.114.167:9002
    run --separate-stderr nectar-net pki-lookup squid.nec
    assert_success
    assert_equal "$stderr" ""
    assert_output "{\"name\":\"squid.nec\",\"username\":\"squid\",\"networking_key\":\"$key\",\"ws_routing\":[\"147.135.114.167\",9002],\"allowed_routers\":[]}"
}

@test "--json: type record, with its source and age" {
    make_node squid.nec
    run nectar-net pki-lookup squid.nec --json
    jq -e --arg source "$REGISTRY" '.v==1 and .type=="record" and .name=="squid.nec" and
        .ws_routing==null and .source==$source and .age_s==0' <<<"$output"
}

@test "several names, bare names, names from standard input" {
    make_node a.nec
    make_node b.nec
    assert_equal "$(nectar-net pki-lookup a b.nec | jq -r .name | tr '\n' ' ')" "a.nec b.nec "
    assert_equal "$(printf 'a\n\nb.nec' | nectar-net pki-lookup - | jq -r .name | tr '\n' ' ')" "a.nec b.nec "
}

@test "the same name again is looked up again; thousands of them in one run" {
    make_node a.nec
    assert_equal "$(yes a.nec | head -n 3000 | nectar-net pki-lookup - | sort -u | wc -l)" 1
}

@test "an unknown name: exit 6" {
    make_node a.nec
    run nectar-net pki-lookup nobody.nec
    assert_failure 6
    assert_output --regexp '^nectar-net pki-lookup: nobody.nec: unknown name: .*no such name$'
    run --separate-stderr nectar-net pki-lookup nobody.nec --json
    assert_failure 6
    assert_equal "$stderr" ""
    jq -e '.type=="error" and .error=="unknown_name" and .exit==6 and .stage=="registry" and
        .peer=="nobody.nec" and (.reason|length>0) and (.elapsed_ms|type=="number")' <<<"$output"
}

@test "some failed: 14; all failed alike: that; all failed, but not alike: 14" {
    make_node a.nec
    run nectar-net pki-lookup a.nec nobody.nec
    assert_failure 14
    run nectar-net pki-lookup nobody.nec noone.nec
    assert_failure 6
    run nectar-net pki-lookup nobody.nec UPPER.nec
    assert_failure 14
}

@test "a malformed operand: exit 2; a malformed line: exit 3, and which" {
    make_node a.nec
    run nectar-net pki-lookup UPPER.nec
    assert_failure 2
    long=$(printf 'x%.0s' {1..5000})
    run bash -c "printf 'a.nec\nb_d\n' | nectar-net pki-lookup - --json"
    assert_failure 14
    jq -e 'select(.type=="error")|.error=="input" and .line==2' <<<"${lines[1]}"
    run bash -c "printf 'a.nec\n$long\na.nec\n' | nectar-net pki-lookup -"
    assert_failure 14
    assert_equal "${#lines[@]}" 3
    assert_line --index 1 --regexp '^nectar-net pki-lookup: line 2: x+: not a node name$'
    run bash -c "printf 'b_d\n' | nectar-net pki-lookup -"
    assert_failure 3
}

@test "no operand: exit 2" {
    run nectar-net pki-lookup
    assert_failure 2
    assert_output --partial "missing operand: NAME... | -"
}

@test "no registry to be had: exit 5" {
    run nectar-net pki-lookup a.nec
    assert_failure 5
    assert_output --partial "no registry gave a usable answer"
    printf '[{"username":"a",\n"networking_key":5}]' >"$HOME/bad.json"
    run nectar-net pki-lookup a.nec -p "json:$HOME/bad.json?tld=nec"
    assert_failure 5
    assert_output --partial "bad.json"
}

@test "-p, repeated, in order; NECTAR_PKI" {
    key=$(printf 'a%.0s' {1..64})
    echo "[{\"username\":\"one\",\"networking_key\":\"$key\",\"ws_routing\":null,\"allowed_routers\":[]}]" >"$HOME/1.json"
    echo "{\"two.nec\":{\"username\":\"two\",\"networking_key\":\"$key\",\"ws_routing\":null,\"allowed_routers\":[]}}" >"$HOME/2.json"
    one="json:$HOME/1.json?tld=nec" two="json:$HOME/2.json?tld=nec"
    run nectar-net pki-lookup one two --json -p "$one" --pki="$two"
    assert_success
    jq -se --arg a "$one" --arg b "$two" 'map(.source) == [$a,$b]' <<<"$output" ||
        jq -se 'map(.source|test("[12].json")) == [true,true]' <<<"$output"
    NECTAR_PKI="$one  $two" nectar-net pki-lookup two.nec
    run nectar-net pki-lookup two.nec -p "$one"
    assert_failure 6
    # One did not answer, and none has it: that is not "no such name".
    run nectar-net pki-lookup nobody.nec -p "$one" -p "json:$HOME/none.json?tld=nec"
    assert_failure 5
    run nectar-net pki-lookup one.nec -p "json:$HOME/none.json?tld=nec" -p "$one"
    assert_success
}

@test "--check: the published key is ours" {
    make_node squid.nec
    nectar-net pki-lookup --check squid.nec
    nectar-net pki-lookup --check -k "$(key_of squid.nec)" squid.nec
}

@test "--check: it is not: exit 15, the record printed all the same" {
    make_node squid.nec
    make_node loach.nec
    run --separate-stderr nectar-net pki-lookup --check -n loach.nec squid.nec
    assert_failure 15
    assert_output --partial '"name":"squid.nec"'
    [[ $stderr == *"the local key is"* ]]
    nectar-net keygen -n squid.nec --no-passphrase --force
    run nectar-net pki-lookup --check squid.nec loach.nec
    assert_failure 14
    run nectar-net pki-lookup --check squid.nec --json
    assert_failure 15
    jq -e '.error=="drift" and .exit==15' <<<"${lines[1]}"
}

@test "--check needs no passphrase, but a key: exit 4 without" {
    echo pass >"$HOME/pass"
    nectar-net keygen -n squid.nec --passphrase-file "$HOME/pass"
    nectar-net publish-tx -n squid.nec --no-route --passphrase-file "$HOME/pass"
    no_terminal nectar-net pki-lookup --check squid.nec
    mv "$(key_of squid.nec)" "$HOME/elsewhere"
    run nectar-net pki-lookup --check squid.nec
    assert_failure 4
}

@test "standard output that cannot be written: exit 3; a reader that goes: SIGPIPE, quietly" {
    make_node squid.nec
    run bash -c 'nectar-net pki-lookup squid.nec >/dev/full'
    assert_failure 3
    run bash -c 'yes squid.nec | head -n 20000 | { nectar-net pki-lookup - 2>"$HOME/err"; echo $? >"$HOME/status"; } | head -n 1'
    assert_success
    assert_equal "$(cat "$HOME/status")" 141
    assert_equal "$(cat "$HOME/err")" ""
}

@test "each line is flushed as soon as it is known" {
    make_node squid.nec
    mkfifo "$HOME/in" "$HOME/out"
    nectar-net pki-lookup - <"$HOME/in" >"$HOME/out" 3>&- &
    PIDS+=($!)
    exec 6>"$HOME/in" 7<"$HOME/out"
    echo squid.nec >&6
    read -r -t 5 line <&7
    jq -e '.name=="squid.nec"' <<<"$line"
    exec 6>&- 7<&-
}

@test "-w bounds the wait for standard input: exit 28" {
    make_node squid.nec
    run bash -c 'sleep 5 3>&- | timeout 4 nectar-net pki-lookup - -w 0.3; exit "${PIPESTATUS[1]}"'
    assert_failure 28
}

# Two registries, which hold a name with two keys; ONE and TWO are their URIs.
two_registries() {
    ONE=sqlite:$HOME/1.db TWO=sqlite:$HOME/2.db
    for i in 1 2; do
        nectar-net keygen -n a.nec -o "$HOME/$i.key" --no-passphrase >/dev/null
        nectar-net publish-tx -q -n a.nec -k "$HOME/$i.key" -p "sqlite:$HOME/$i.db" "$@" >/dev/null
    done
}

@test "--all: each registry's answer, and where it is from" {
    two_registries --no-route
    nectar-net publish-tx -q -n b.nec -k "$HOME/1.key" -p "$ONE" --ws 127.0.0.1:1
    nectar-net registry export -p "$ONE" | jq -sc . >"$HOME/1.json"
    run --separate-stderr nectar-net pki-lookup --all -p "$ONE" -p "json:$HOME/1.json" b.nec
    assert_success
    assert_equal "${lines[0]}" "${lines[1]}"
    assert_equal "$stderr" "nectar-net pki-lookup: b.nec: $ONE says:
nectar-net pki-lookup: b.nec: json:$HOME/1.json says:"
    run --separate-stderr nectar-net pki-lookup -q --all -p "$ONE" -p "json:$HOME/1.json" b
    assert_success
    assert_equal "$stderr" ""
    nectar-net pki-lookup --all --json -p "$ONE" -p "json:$HOME/1.json" b.nec |
        jq -se --arg a "$ONE" --arg b "json:$HOME/1.json" 'map(.source)==[$a,$b] and map(.type)==["record","record"]'
    # One registry, and none that has it.
    nectar-net pki-lookup --all -p "$ONE" b.nec
    run nectar-net pki-lookup --all -p "$ONE" -p "$TWO" c.nec
    assert_failure 6
    assert_equal "${#lines[@]}" 2
}

@test "--all: registries that do not say the same: exit 15, and in what" {
    two_registries --ws 127.0.0.1:1
    run --separate-stderr nectar-net pki-lookup -q --all -p "$ONE" -p "$TWO" a.nec
    assert_failure 15
    assert_equal "${#lines[@]}" 2
    assert_equal "$stderr" "nectar-net pki-lookup: a.nec: the registries do not say the same: $TWO has another networking_key"
    nectar-net publish-tx -q -n a.nec -k "$HOME/2.key" -p "$TWO" --ws 127.0.0.1:2 --tcp 3
    run nectar-net pki-lookup -q --all -p "$TWO" -p "$ONE" -p "$TWO" a.nec
    assert_failure 15
    assert_line --partial ": $ONE has another networking_key, ws_routing, tcp_routing"
    nectar-net registry export -p "$ONE" | sed 's/"allowed_routers":\[\]/"allowed_routers":["r.nec"]/' >"$HOME/3.json"
    run nectar-net pki-lookup --all --json -p "$ONE" -p "$TWO" -p "json:$HOME/3.json" a.nec
    assert_failure 15
    jq -e '.type=="error" and .error=="drift" and (.reason|endswith("3.json has another allowed_routers"))' <<<"${lines[3]}"
    # That it is not there is an answer, too.
    nectar-net registry init -p "sqlite:$HOME/4.db"
    run nectar-net pki-lookup --all --json -p "$ONE" -p "sqlite:$HOME/4.db" a.nec
    assert_failure 15
    jq -e --arg source "sqlite:$HOME/4.db" '.error=="unknown_name" and .source==$source' <<<"${lines[1]}"
    jq -e '.error=="drift" and (.reason|endswith("4.db has no such name"))' <<<"${lines[2]}"
    run nectar-net pki-lookup --all -p "$ONE" -p "$TWO" - <<<$'a.nec\nb.nec'
    assert_failure 14
}

@test "--all: a registry that gives no answer: exit 14, the others are shown; none does: exit 5" {
    two_registries --no-route
    run --separate-stderr nectar-net pki-lookup --all -q -p "json:$HOME/none.json" -p "$ONE" a.nec
    assert_failure 14
    assert_equal "${#lines[@]}" 1
    assert_equal "$stderr" "nectar-net pki-lookup: a.nec: no registry gave a usable answer: json:$HOME/none.json: No such file or directory"
    run nectar-net pki-lookup --all -p "json:$HOME/none.json" -p "$ONE" b.nec
    assert_failure 14
    run nectar-net pki-lookup --all --json -p "json:$HOME/none.json" -p "$ONE" -p "$TWO" a.nec
    assert_failure 14
    jq -se --arg source "json:$HOME/none.json" '.[0].error=="pki_unreachable" and .[0].source==$source and
        .[3].error=="drift"' <<<"$output"
    run nectar-net pki-lookup --all -p "json:$HOME/none.json" -p "sqlite:$HOME/none.db" a.nec
    assert_failure 5
}

@test "--all --check: each registry against the local key" {
    two_registries --no-route
    nectar-net pki-lookup --all --check -k "$HOME/1.key" -p "$ONE" -p "$ONE" a.nec
    run nectar-net pki-lookup --all --check -q -k "$HOME/1.key" -p "$ONE" -p "$TWO" a.nec
    assert_failure 15
    assert_line --regexp "a.nec: the local key is [0-9a-f]*, $TWO has another$"
    refute_line --partial ", $ONE has another"
    # They agree with one another, but not with us.
    run nectar-net pki-lookup --all --check -q -k "$HOME/1.key" -p "$TWO" -p "$TWO" a.nec
    assert_failure 15
    refute_output --partial "do not say the same"
    run nectar-net pki-lookup --all --check -k "$HOME/none" -p "$ONE" -p "$ONE" a.nec
    assert_failure 4
    assert_equal "$(grep -c 'no such key' <<<"$output")" 1
}
