#!/usr/bin/env bats
# The manual says what the programs do: option tables and pages agree both ways, the tables of
# statuses, settings and JSON objects too, and the examples run.

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
}

setup() {
    bats_load_library bats-support
    bats_load_library bats-assert
    BUILD=$(realpath "${BUILD:-build}")
    export BUILD
}

verbs() {
    local program
    for program in "$BUILD"/bin/nectar-net-*; do
        echo "${program##*/nectar-net-}"
    done
}

# same WHAT A B: two lists with a line each, whatever their order.
same() {
    diff <(sort -u <<<"$2") <(sort -u <<<"$3") >"$BATS_TEST_TMPDIR/diff" && return 0
    echo "$1"
    sed 's/^</  only the program:/; s/^>/  only the page:   /' "$BATS_TEST_TMPDIR/diff" | grep only
    return 1
}

@test "every verb has a page, and every page of a verb its program" {
    run same "verbs" "$(verbs)" "$(find man -name 'nectar-net-*.1' | sed 's,man/nectar-net-,,; s,\.1$,,')"
    assert_success
}

@test "options: each verb's table and its page say the same" {
    local bad=0 table page
    for verb in $(verbs); do
        table=$("$BUILD/bin/nectar-net-$verb" --completion-table |
            awk -F'\t' '$1 == "option" { print $2, $3, $4 }')
        [ -n "$table" ] || fail "$verb: no table"
        page=$(awk '/^\.It Fl/ {
            letter = name = value = "-"
            for (i = 2; i <= NF; i++) {
                if ($i == "Fl") { i++; if ($i ~ /^-/) name = substr($i, 2); else letter = $i }
                else if ($i == "Ar") value = $++i
            }
            print letter, name, value }' "man/nectar-net-$verb.1")
        same "$verb: options (letter, name, value):" "$table" "$page" || bad=1
    done
    [ "$bad" = 0 ]
}

@test "operands: each verb's table and the synopsis of its page name the same" {
    local bad=0 operand word
    for verb in $(verbs); do
        operand=$("$BUILD/bin/nectar-net-$verb" --completion-table | sed -n 's/^operand\t//p')
        while read -r word; do
            sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "man/nectar-net-$verb.1" |
                grep -qiw -- "$word" || { echo "$verb: $word is not in the synopsis" && bad=1; }
        done < <(grep -oE '[A-Z]{3,}' <<<"$operand")
    done
    [ "$bad" = 0 ]
}

@test "every page of a verb has all its sections" {
    local bad=0 section
    for page in man/nectar-net-*.1; do
        for section in NAME SYNOPSIS DESCRIPTION ENVIRONMENT FILES "EXIT STATUS" EXAMPLES "SEE ALSO"; do
            grep -qx ".Sh $section" "$page" || { echo "$page: no section $section" && bad=1; }
        done
    done
    [ "$bad" = 0 ]
}

# statuses PAGE: "CODE NAME" a line
statuses() {
    awk '/^\.It Sy [0-9]+ [a-z_]+$/ { print $3, $4 }' "$1"
}

@test "exit statuses: the pages and the program agree" {
    local table bad=0
    table=$("$BUILD/bin/nectar-net" exit-codes | awk '{ print $1, $2 }')
    same "nectar-exit-codes(7)" "$table" "$(statuses man/nectar-exit-codes.7)"
    same "meanings" \
        "$("$BUILD/bin/nectar-net" exit-codes | awk '{ $1 = $2 = ""; print }' | tr -s ' ' | sed 's/^ //')" \
        "$(awk '/^\.It Sy [0-9]/ { if (text) print text; text = ""; on = 1; next }
             /^\.El/ { if (text) print text; text = ""; on = 0 }
             on { text = text (text ? " " : "") $0 }' man/nectar-exit-codes.7)"
    for page in man/nectar-net-*.1; do
        while read -r row; do
            grep -qx "$row" <<<"$table" || { echo "$page: $row is not in the table" && bad=1; }
        done < <(statuses "$page")
    done
    [ "$bad" = 0 ]
}

@test "settings: the keys of nectar-config(5) are those of the program" {
    same "keys" "$(sed -n 's/.*\.key = "\([a-z-]*\)", \.variable = "\([A-Z_]*\)".*/\1 \2/p' cmd/shared/settings.c)" \
        "$(sed -n 's/^\.It Sy \([a-z-]*\) Pq Ev \([A-Z_]*\).*/\1 \2/p' man/nectar-config.5)"
}

@test "environment: each variable that the programs read is in the manual, and no other" {
    same "variables" "$(grep -ohE '"NECTAR_[A-Z_]*[A-Z]"' cmd/*.c cmd/shared/*.c | tr -d '"')" \
        "$(grep -hE '^\.(It )?Ev ' man/*.[157] | grep -oE 'NECTAR_[A-Z_]*[A-Z]')"
}

@test "JSON: each type that the programs print is in nectar-json(5), and no other" {
    same "types" "$(cat cmd/*.c cmd/shared/*.c |
        grep -oE '(output_open|json_open)\([^;]*"[a-z_]+"\)' | grep -oE '"[a-z_]+"' | tr -d '"')" \
        "$(sed -n 's/^\.It Sy //p' man/nectar-json.5 | tr -d ',' | tr ' ' '\n')"
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: </dev/tcp/127.0.0.1/$port) 2>/dev/null || break
    done
    echo "$port"
}

# A home with nothing in it, and our programs first.
fresh_home() {
    unset NECTAR_NET_EXEC_PATH NECTAR_NAME NECTAR_KEY NECTAR_PKI NECTAR_PASSPHRASE_FILE \
        NECTAR_ETH_KEY_FILE NECTAR_ETH_PASSPHRASE_FILE \
        NECTAR_TIMEOUT NECTAR_COLOR NECTAR_COMPAT
    export HOME=$1 XDG_DATA_HOME=$1/data XDG_CONFIG_HOME=$1/config XDG_CACHE_HOME=$1/cache
    export XDG_STATE_HOME=$1/state XDG_RUNTIME_DIR=$1/run PATH=$BUILD/bin:$PATH
    mkdir -p "$1" && cd "$1" || return 1
}

# run_script FILE: bounded, and with it ends all it started.
run_script() {
    (
        set -m
        timeout 60 bash -eu -o pipefail "$1" </dev/null 3>&- &
        job=$!
        status=0
        wait "$job" || status=$?
        kill -- "-$job" 2>/dev/null || true
        exit "$status"
    )
}

# The Nth example of a page, with a port of its own, in a home of its own.
run_example() { # PAGE N
    local home=$BATS_TEST_TMPDIR/${1##*/}.$2
    mkdir -p "$home"
    awk -v kind=run -v want="$2" -f tests/helpers/man-example.awk "$1" |
        sed "s/9002/$(free_port)/g" >"$home/script"
    (fresh_home "$home/home" && run_script "$home/script") >"$home/output" 2>&1 && return 0
    echo "$1, example $2:"
    cat "$home/script"
    echo "--- gave:"
    cat "$home/output"
    return 1
}

@test "the examples of every page run" {
    local bad=0 total=0 count
    for page in man/*.[157]; do
        count=$(awk -v kind=run -f tests/helpers/man-example.awk "$page")
        total=$((total + count))
        for n in $(seq "$count"); do
            run_example "$page" "$n" || bad=1
        done
    done
    echo "$total examples"
    [ "$total" -ge 10 ]
    [ "$bad" = 0 ]
}

@test "every page of a verb has an example that runs" {
    local bad=0
    for page in man/nectar-net*.1; do
        [ "$(awk -v kind=run -f tests/helpers/man-example.awk "$page")" -ge 1 ] ||
            { echo "$page: none" && bad=1; }
    done
    [ "$bad" = 0 ]
}

@test "the program of libnectar(3) compiles, sends, and prints the reply" {
    local root=$PWD work=$BATS_TEST_TMPDIR sanitize=()
    awk -v kind=compile -v want=1 -f tests/helpers/man-example.awk man/libnectar.3 >"$work/program.c"
    [ -z "${NECTAR_SANITIZED:-}" ] || sanitize=("-fsanitize=address,undefined")
    cc -std=c11 -Wall -Wextra -Werror "${sanitize[@]}" -I"$root/lib/include" "$work/program.c" \
        -L"$BUILD/lib" -lnectar -Wl,-rpath,"$BUILD/lib" -o "$work/program"
    cat >"$work/script" <<SCRIPT
nectar-net keygen -n squid.nec --no-passphrase
nectar-net publish-tx -n squid.nec --ws 127.0.0.1:$(free_port)
nectar-net keygen -n loach.nec --no-passphrase
nectar-net publish-tx -n loach.nec --no-route
nectar-net listen -n squid.nec --reply 'and to you' -w 30 &
nectar-net ping -q -n loach.nec --wait 10 -c 1 squid.nec
data=\$XDG_DATA_HOME/nectar-net
'$work/program' "\$data/keys/loach.nec.key" "sqlite:\$data/registry.db" squid.nec hello >reply
grep -qx 'and to you' reply
if '$work/program' "\$data/keys/loach.nec.key" "sqlite:\$data/registry.db" nobody.nec hello; then exit 1; fi
SCRIPT
    fresh_home "$work/home"
    run run_script "$work/script"
    assert_success
}
