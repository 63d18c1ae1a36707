#!/usr/bin/env bash
# How fast each pair is, and as ratios to it-it: bench.sh [PAIR...], PAIR such as us-it (initiator-responder).
# Every figure is the median of $RUNS (3) runs, which take turns with those of the other pairs. All but the last row
# measure protocol against protocol: on our side the library, in tests/helpers/burst. Hellos are sent: any node answers
# them. Initiators run on one CPU, responders on another.
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2154
set -u
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

runs=${RUNS:-3}
bin_count=512 array_count=128 small_count=100000 handshake_count=400 lanes=4 hello_count=100
burst=$bin/../helpers/burst
keys=$XDG_DATA_HOME/nectar-net/keys
failed=()

start_listeners() {
    write_registry "$registry"
    start it-in "${pin_in[@]}" "$peer" bench listen --name it-in.nec --seed "$tmp/it-in.seed" --registry "$registry"
    start it-re "${pin_in[@]}" "$peer" listen --name it-re.nec --seed "$tmp/it-re.seed" --registry "$registry"
    if [[ -n $with_us ]]; then
        start us-in "${pin_in[@]}" "$burst" listen us-in.nec "$keys/us-in.nec.key" "json:$registry"
        start us-re "${pin_in[@]}" "$bin/nectar-net-listen" -n us-re.nec -p "json:$registry" --bind 127.0.0.1:0 --json
    fi
    write_registry "$registry"
}

# field NAME: thousandths of that number in $tmp/figure.
field() {
    local fraction
    [[ $(cat "$tmp/figure") =~ \"$1\":([0-9]+)\.?([0-9]{0,3}) ]] || return 1
    printf -v fraction '%-3s' "${BASH_REMATCH[2]}"
    echo $((BASH_REMATCH[1] * 1000 + 10#${fraction// /0}))
}

# messages FORM BYTES COUNT WINDOW INITIATOR RESPONDER: requests answered a second, on a connection that stands.
messages() {
    if [[ $5 == us ]]; then
        "${pin_out[@]}" "$burst" messages us-out.nec "$keys/us-out.nec.key" "json:$registry" \
            "$6-in.nec" "$2" "$3" "$4" "$1"
    else
        "${pin_out[@]}" "$peer" bench send --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" \
            --to "$6-in.nec" --form "$1" --body-bytes "$2" --count "$3" --window "$4" --expects 30
    fi >"$tmp/figure" && field messages_per_s
}

# shake INITIATOR RESPONDER: connection after connection: TCP, upgrade, XX, Closes. Ours sends a few bytes besides.
shake() {
    if [[ $1 == us ]]; then
        "${pin_out[@]}" "$burst" handshakes us-out.nec "$keys/us-out.nec.key" "json:$registry" "$2-in.nec" 1
    else
        "${pin_out[@]}" "$peer" bench handshakes --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" \
            --to "$2-in.nec" --count "$handshake_count"
    fi
}

# handshakes INITIATOR RESPONDER: by several initiators at once, or it would be waking up that is measured.
handshakes() {
    local lane running=() total=0 one bad=0
    for ((lane = 0; lane < lanes; lane++)); do
        shake "$1" "$2" >"$tmp/figure-$lane" &
        running+=($!)
    done
    for ((lane = 0; lane < lanes; lane++)); do
        wait "${running[lane]}" || bad=1
        cp "$tmp/figure-$lane" "$tmp/figure"
        one=$(field per_s) || bad=1
        total=$((total + one))
    done
    ((bad == 0)) && echo $total
}

# once COUNT INITIATOR RESPONDER: the whole program for each: start, connect, hello, ack, close, end.
once() {
    local from to i
    printf hello >"$tmp/body"
    from=$(now_ms)
    for ((i = 0; i < $1; i++)); do
        if [[ $2 == us ]]; then
            "${pin_out[@]}" "$bin/nectar-net-send" -n us-out.nec -p "json:$registry" -W 30 -f "$tmp/body" "$3-re.nec"
        else
            "${pin_out[@]}" "$peer" send --name it-out.nec --seed "$tmp/it-out.seed" --registry "$registry" \
                --to "$3-re.nec" --body-file "$tmp/body" --expects 30
        fi >/dev/null || return 1
    done
    to=$(now_ms)
    echo $(($1 * 1000000 / (to - from + 1)))
}

# figure WHAT PAIR: thousandths a second.
figure() {
    local initiator=${2%-*} responder=${2#*-}
    case $1 in
        "1 MiB bin") messages bin 1048576 "$bin_count" 8 "$initiator" "$responder" ;;
        "1 MiB array") messages array 1048576 "$array_count" 8 "$initiator" "$responder" ;;
        "64 B") messages bin 64 "$small_count" 256 "$initiator" "$responder" ;;
        handshakes) handshakes "$initiator" "$responder" ;;
        "hello once") once "$hello_count" "$initiator" "$responder" ;;
    esac 2>"$tmp/stderr" || failed+=("$1 $2: $(head -c 200 "$tmp/stderr")")
}

median() {
    sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}

# show WHAT: a row of figures, then each as a ratio to it-it.
show() {
    local what=$1 pair value base unit=/s scale=1000
    [[ $what == 1\ MiB* ]] && unit=" MB/s" scale=953.674 # 1000 / 1.048576
    base=$(median <"$tmp/runs-$what-it-it" 2>/dev/null)
    printf '%-12s' "$what"
    for pair in "${pairs[@]}"; do
        value=$(median <"$tmp/runs-$what-$pair")
        awk -v v="${value:-0}" -v s="$scale" -v u="$unit" 'BEGIN { printf " %12s", v ? sprintf("%.0f%s", v / s, u) : "-" }'
    done
    for pair in "${pairs[@]}"; do
        [[ $pair == it-it ]] && continue
        value=$(median <"$tmp/runs-$what-$pair")
        awk -v v="${value:-0}" -v b="${base:-0}" 'BEGIN { printf " %12s", v && b ? sprintf("%.2f", v / b) : "-" }'
    done
    echo
}

header() {
    local pair
    printf '%-12s' "median of $runs"
    printf ' %12s' "${pairs[@]}"
    for pair in "${pairs[@]}"; do
        [[ $pair == it-it ]] || printf ' %12s' "$pair/it-it"
    done
    echo
}

build_peer
choose_pairs "$@"
need_our_programs
[[ -z $with_us || -x $burst ]] || die "no $burst (make helpers)"
pin_in=() pin_out=()
if command -v taskset >/dev/null && (($(nproc) > 1)); then pin_in=(taskset -c 0) pin_out=(taskset -c 1); fi
make_keys
make_key it-re
start_listeners
header
for what in "1 MiB bin" "1 MiB array" "64 B" handshakes "hello once"; do
    for ((run = 0; run < runs; run++)); do
        for pair in "${pairs[@]}"; do
            figure "$what" "$pair" >>"$tmp/runs-$what-$pair"
        done
    done
    show "$what"
done
((${#failed[@]} == 0)) && exit
printf '%s\n' "${failed[@]}" >&2
exit 1
