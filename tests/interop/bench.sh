#!/usr/bin/env bash
# How fast each pair is, as ratios to it-it: bench.sh [PAIR...], PAIR such as us-it (initiator-responder).
# Every figure is the median of $RUNS (3) runs, which take turns with those of the other pairs. Hellos are sent: any
# node answers them.
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2154
set -u
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

runs=${RUNS:-3}
net=net:distro:sys
large_count=48 small_count=20000 handshake_count=500

free_address() {
    "$peer" bench listen --name it-in.nec --seed "$tmp/it-in.seed" --registry "$registry" --seconds 0 >"$tmp/free"
    wait_ready "$tmp/free"
}

wait_connect() {
    for _ in {1..100}; do
        (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null && return
        sleep 0.05
    done
    return 1
}

start_listeners() {
    write_registry "$registry"
    start it-in "${pin_in[@]}" "$peer" bench listen --name it-in.nec --seed "$tmp/it-in.seed" --registry "$registry"
    if [[ -n $with_us ]]; then
        # What it prints is thrown away, `ready` too: so its port is chosen before.
        addr[us-in]=$(free_address)
        "${pin_in[@]}" "$bin/nectar-net-listen" -n us-in.nec -p "json:$registry" --bind "${addr[us-in]}" \
            >/dev/null 2>"$tmp/us-in.err" &
        started+=($!)
        wait_connect "${addr[us-in]}" || die "us-in does not get ready: $(head -c 500 "$tmp/us-in.err")"
    fi
    write_registry "$registry"
}

# batch BYTES COUNT TARGET: the same requests for our programs.
batch() {
    local body
    body=$("$peer" body --body-bytes "$1" | base64 -w 0)
    yes "{\"to\":\"$3\",\"body_b64\":\"$body\"}" | head -n "$2"
}

# figure_us FORM BYTES COUNT WINDOW RESPONDER: bodies a second, by the clock around the whole program.
figure_us() {
    local from to compat=()
    our send --batch || return 1
    [[ $1 == array ]] && compat=(--compat)
    [[ -f $tmp/batch-$2-$5 ]] || batch "$2" "$3" "$5-in.nec@$net" >"$tmp/batch-$2-$5"
    from=$(now_ms)
    "${pin_out[@]}" "$bin/nectar-net-send" -n us-out.nec -p "json:$registry" -W 30 --json "${compat[@]}" \
        --batch --window "$4" <"$tmp/batch-$2-$5" >/dev/null 2>"$tmp/stderr" || return 1
    to=$(now_ms)
    echo $(($3 * 1000000 / (to - from + 1)))
}

# figure_it ...: the same.
figure_it() {
    "${pin_out[@]}" "$peer" bench send --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" \
        --to "$5-in.nec" --form "$1" --body-bytes "$2" --count "$3" --window "$4" --expects 30 >"$tmp/figure" || return 1
    [[ $(cat "$tmp/figure") =~ \"messages_per_s\":([0-9]+)\.?([0-9]{0,3}) ]] || return 1
    printf -v fraction '%-3s' "${BASH_REMATCH[2]}"
    echo $((BASH_REMATCH[1] * 1000 + 10#${fraction// /0}))
}

# once FORM BYTES COUNT INITIATOR RESPONDER: the whole program for each: start, connect, hello, ack, close, end.
once() {
    local from to i
    "$peer" body --body-bytes "$2" >"$tmp/body"
    from=$(now_ms)
    for ((i = 0; i < $3; i++)); do
        if [[ $4 == us ]]; then
            "${pin_out[@]}" "$bin/nectar-net-send" -n us-out.nec -p "json:$registry" -W 30 -f "$tmp/body" "$5-in.nec"
        else
            "${pin_out[@]}" "$peer" send --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" \
                --to "$5-in.nec" --form "$1" --body-file "$tmp/body" --expects 30
        fi >/dev/null 2>"$tmp/stderr" || return 1
    done
    to=$(now_ms)
    echo $(($3 * 1000000 / (to - from + 1)))
}

handshakes() {
    [[ $1 == it ]] || return 1 # Our programs have no verb that only shakes hands.
    "${pin_out[@]}" "$peer" bench handshakes --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" \
        --to "$2-in.nec" --count "$handshake_count" >"$tmp/figure" || return 1
    [[ $(cat "$tmp/figure") =~ \"per_s\":([0-9]+) ]] && echo $((BASH_REMATCH[1] * 1000))
}

# figure WHAT PAIR: thousandths a second.
figure() {
    local initiator=${2%-*} responder=${2#*-}
    case $1 in
        "1 MiB array") "figure_$initiator" array 1048576 $large_count 8 "$responder" ;;
        "1 MiB bin") "figure_$initiator" bin 1048576 $large_count 8 "$responder" ;;
        "64 B bin") "figure_$initiator" bin 64 $small_count 256 "$responder" ;;
        "10 MB once") once bin 10000000 10 "$initiator" "$responder" ;;
        "hello once") once bin 5 100 "$initiator" "$responder" ;;
        handshakes) handshakes "$initiator" "$responder" ;;
    esac
}

median() {
    sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}

# show WHAT: a row of figures, each with its ratio to it-it.
show() {
    local what=$1 pair value base unit=/s scale=1000
    [[ $what == 1\ MiB* ]] && unit=" MB/s" scale=953.674 # 1000 / 1.048576
    [[ $what == 10\ MB* ]] && unit=" MB/s" scale=100
    base=$(median <"$tmp/runs-$what-it-it" 2>/dev/null)
    printf '%-12s' "$what"
    for pair in "${pairs[@]}"; do
        value=$(median <"$tmp/runs-$what-$pair" 2>/dev/null)
        awk -v v="${value:-0}" -v b="${base:-0}" -v s="$scale" -v u="$unit" 'BEGIN {
            if (!v) text = "-"
            else if (!b) text = sprintf("%.0f%s", v / s, u)
            else text = sprintf("%.0f%s (%.2f)", v / s, u, v / b)
            printf " %22s", text }'
    done
    echo
}

build_peer
choose_pairs "$@"
need_our_programs
pin_in=() pin_out=()
if command -v taskset >/dev/null && (($(nproc) > 1)); then pin_in=(taskset -c 0) pin_out=(taskset -c 1); fi
make_keys
start_listeners
printf '%-12s' WHAT
printf ' %22s' "${pairs[@]}"
echo
for what in "1 MiB array" "1 MiB bin" "64 B bin" handshakes "10 MB once" "hello once"; do
    for ((run = 0; run < runs; run++)); do
        for pair in "${pairs[@]}"; do
            figure "$what" "$pair" >>"$tmp/runs-$what-$pair"
        done
    done
    show "$what"
done
