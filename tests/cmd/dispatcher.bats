#!/usr/bin/env bats
# nectar-net itself, and what all verbs do with a command line
# shellcheck disable=SC2154 # stderr is set by run

load helpers

@test "no verb: a short list, exit 2" {
    run --separate-stderr nectar-net
    assert_failure 2
    assert_equal "$output" ""
    for verb in keygen send listen ping publish-tx pki-lookup; do [[ $stderr == *"  $verb "* ]]; done
}

@test "-h and --help: the list on stdout, exit 0; no room for it: exit 3" {
    for option in -h --help; do
        run --separate-stderr nectar-net "$option"
        assert_success
        assert_line --regexp '^  keygen +make a key$'
        run bash -c "nectar-net $option >/dev/full"
        assert_failure 3
    done
}

@test "the list is what is built" {
    diff <(nectar-net -h | sed -n 's/^  \([a-z-]*\) .*/\1/p' | sort) \
        <(cd "$BUILD/bin" && printf '%s\n' nectar-net-* | sed 's/nectar-net-//' | sort)
}

@test "an unknown verb: the nearest, exit 2" {
    run nectar-net sned
    assert_failure 2
    assert_line --index 0 "nectar-net: no such verb: sned"
    assert_line --index 1 "hint: did you mean send?"
    run nectar-net publish
    assert_line --index 1 --regexp '^hint: '
    run nectar-net xyzzy-plugh
    assert_failure 2
    assert_line --index 1 "hint: nectar-net -h lists them"
}

@test "what is no verb at all: exit 2" {
    for verb in '' / ../bin/sh ./send --nonsense -x "$(printf '\033[31m')" "$(printf 'a%.0s' {1..300})"; do
        run nectar-net "$verb"
        assert_failure 2
        refute_output --partial $'\033'
    done
}

@test "arguments and exit status are the verb's, the process too" {
    cat >"$HOME/nectar-net-probe" <<'X'
#!/bin/sh
printf '%s|' "$$" "$@"
exit 42
X
    chmod +x "$HOME/nectar-net-probe"
    PATH=$HOME:$PATH nectar-net probe a 'b c' '' -- -V >"$HOME/out" 3>&- &
    pid=$!
    status=0
    wait "$pid" || status=$?
    assert_equal "$status" 42
    assert_equal "$(cat "$HOME/out")" "$pid|a|b c||--|-V|"
}

@test "NECTAR_NET_EXEC_PATH, then our own folder, then PATH" {
    mkdir "$HOME/first" "$HOME/last"
    for place in first last; do
        for verb in version own; do
            printf '#!/bin/sh\necho %s\n' "$place" >"$HOME/$place/nectar-net-$verb"
            chmod +x "$HOME/$place/nectar-net-$verb"
        done
    done
    export PATH=$HOME/last:$PATH
    assert_equal "$(NECTAR_NET_EXEC_PATH=$HOME/first nectar-net version)" first
    assert_equal "$(nectar-net own)" last
    run nectar-net version
    assert_output --regexp '^nectar-net [0-9]'
    # A link to the dispatcher finds the folder of what it points to.
    ln -s "$(realpath "$BUILD/bin/nectar-net")" "$HOME/nn"
    run "$HOME/nn" version
    assert_output --regexp '^nectar-net [0-9]'
}

@test "a verb that may not be run is told apart from one that is not there" {
    touch "$HOME/nectar-net-mine"
    run env PATH="$HOME:$PATH" nectar-net mine
    assert_failure 2
    assert_output --partial "cannot run nectar-net-mine: Permission denied"
}

# --- every verb ---------------------------------------------------------------------------------

verbs() {
    nectar-net -h | sed -n 's/^  \([a-z-]*\) .*/\1/p'
}

@test "every verb: -h is short, --help has all options" {
    for verb in $(verbs); do
        run --separate-stderr nectar-net "$verb" -h
        assert_success
        assert_equal "$stderr" ""
        assert_line --index 0 --regexp "^usage: nectar-net $verb \[options\]"
        run nectar-net "$verb" --help
        assert_success
        for option in --json --quiet --verbose --color --deadline --version; do
            assert_output --partial "$option"
        done
        assert_equal "$(nectar-net "$verb" --help | awk 'length > 100')" ""
    done
}

@test "every verb: an unknown option, and a flag with a value: exit 2" {
    for verb in $(verbs); do
        for option in --nonsense -Z -qZ --json=yes; do
            run nectar-net "$verb" "$option"
            assert_failure 2
            assert_line --index 0 --regexp "^nectar-net $verb: "
        done
        run nectar-net "$verb" --color
        assert_failure 2
        run nectar-net "$verb" --color sometimes
        assert_failure 2
        run nectar-net "$verb" -w never
        assert_failure 2
        run nectar-net "$verb" -w 0
        assert_failure 2
    done
}

@test "a mistake is JSON where --json stands, wherever it stands" {
    for line in '--json --nonsense' '--nonsense --json' 'a b c --json'; do
        # shellcheck disable=SC2086 # a list of arguments
        run --separate-stderr nectar-net send $line
        assert_failure 2
        assert_equal "$stderr" ""
        jq -e '.v==1 and .type=="error" and .error=="usage" and .exit==2 and has("stage") and
            (.reason|length>0) and (.elapsed_ms|type=="number")' <<<"$output"
    done
    run nectar-net pki-lookup -- --json
    refute_output --partial '"type"'
}

@test "an option misspelt: the nearest one" {
    run nectar-net send --mesage x y
    assert_line --index 1 "hint: did you mean --message?"
}

@test "options in all their forms: after operands, with =, in clusters, before --" {
    make_node a.nec
    uri=$REGISTRY
    for line in "-p $uri a.nec" "a.nec -p $uri" "-p$uri a.nec" "--pki $uri a.nec" "a.nec --pki=$uri" "-qp $uri a.nec" "-qvvp$uri -- a.nec" "-w 5 a.nec" "-w5.25 a.nec" "-qw.5 a.nec"; do
        # shellcheck disable=SC2086 # a list of arguments
        run --separate-stderr nectar-net pki-lookup $line
        assert_success
        assert_output --partial '"name":"a.nec"'
    done
    run nectar-net pki-lookup -- -p
    assert_failure 6
    assert_output --partial "-p.nec: unknown name"
}

@test "numbers of seconds: what is one, and what is not" {
    make_node a.nec
    for seconds in 1 0.5 .5 5. 31557600000; do
        nectar-net pki-lookup -w "$seconds" a.nec
    done
    for seconds in '' . -1 1s 1e3 0x5 ' 1' nan inf 31557600001 99999999999999999999999; do
        run nectar-net pki-lookup -w "$seconds" a.nec
        assert_failure 2
    done
}

@test "colour: only where it is asked for, or on a terminal; NO_COLOR" {
    run nectar-net pubkey -k /none
    refute_output --partial $'\033'
    run nectar-net pubkey -k /none --color=always
    assert_output --partial $'\033[1;31mnectar-net pubkey\033[0m:'
    unset NO_COLOR
    run on_terminal -- nectar-net pubkey -k /none
    grep -q $'\033' "$HOME/terminal"
    rm "$HOME/terminal"
    run on_terminal -- nectar-net pubkey -k /none --color=never
    run grep $'\033' "$HOME/terminal"
    assert_failure
    rm "$HOME/terminal"
    NO_COLOR=1 run on_terminal -- nectar-net pubkey -k /none
    run grep $'\033' "$HOME/terminal"
    assert_failure
}

@test "-q leaves out hints" {
    run nectar-net pubkey -k /none
    assert_equal "${#lines[@]}" 2
    run nectar-net pubkey -k /none -q
    assert_equal "${#lines[@]}" 1
}

@test "control characters in what is shown are escaped" {
    run nectar-net pubkey -k "$(printf '/a\033[31mb\nc')"
    assert_failure 4
    assert_line --index 0 --partial '/a\x1b[31mb\x0ac'
    run nectar-net pubkey -k "$(printf '/a\033\202b')" --json
    jq -e . <<<"$output"
    refute_output --partial $'\033'
}
