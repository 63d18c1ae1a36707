#!/bin/bash
# The main job on a chain, as a transcript: a chain of one's own, a registry on it, two nodes that
# publish there who they are, and what they say to one another. Everything lives in a temporary
# folder that is removed; nothing is left running. Exits 0 only if each step did what it should. Run
# by `make demo-chain`.
. "${BASH_SOURCE[0]%/*}/demo.bash"
. "${BASH_SOURCE[0]%/*}/chain/anvil.bash"
end_more() { [ -z "${ANVIL_PID:-}" ] || anvil_stop; }
ANVIL=$(realpath "$ANVIL")
PORT=$(free_port)
cd "$home"

say "A chain of our own: a real Ethereum node, and nothing on it yet."
echo "\$ anvil &"
# shellcheck disable=SC2119 # it takes options, and needs none
anvil_start
echo "Listening on $ANVIL_URL"

say "Whoever holds an Ethereum key owns names, and pays for changes. This one has 10,000 ether here."
(umask 077 && echo "${ACCOUNT_KEYS[0]#0x}" >owner.key)
run '^0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266$' "nectar-net account address --eth-key owner.key"

say "A registry for the names under .nec. What is printed is the URI to use from now on."
run '^nectar\+http://127.0.0.1:[0-9]+\?contract=0x[0-9a-fA-F]{40}' \
    "nectar-net registry deploy --tld nec -p nectar+$ANVIL_URL --eth-key owner.key | tee registry.uri"
export NECTAR_ETH_KEY_FILE=$home/owner.key
NECTAR_PKI=$(cat registry.uri)
export NECTAR_PKI
echo "\$ export NECTAR_PKI=\$(cat registry.uri) NECTAR_ETH_KEY_FILE=owner.key"

say "Two nodes, a key each; both publish who they are, in a transaction each."
run '^[0-9a-f]{64}$' "nectar-net keygen -n squid.nec --no-passphrase"
run '^[0-9a-f]{64}$' "nectar-net keygen -n loach.nec --no-passphrase"
run '^\+ .*"squid.nec"' "nectar-net publish-tx -n squid.nec --ws 127.0.0.1:$PORT --dry-run"
run '^0x[0-9a-f]{64}$' "nectar-net publish-tx -n squid.nec --ws 127.0.0.1:$PORT | tee tx"
run '^0x[0-9a-f]{64}$' "nectar-net publish-tx -n loach.nec --no-route"
run '"status": ?"mined"' "nectar-net tx status --json $(cat tx)"

say "Nothing to change is no transaction."
run 'unchanged' "nectar-net publish-tx -n squid.nec --ws 127.0.0.1:$PORT"

say "Anybody with an endpoint can look them up, and see all there are."
run '"username": ?"squid".*"ws_routing": ?\["127.0.0.1", ?'"$PORT"'\]' "nectar-net pki-lookup squid.nec"
run '"source": ?"nectar\+http://.*"block": ?"[0-9]+"' "nectar-net pki-lookup --json loach.nec"
run '^squid.nec$' "nectar-net registry names"

say "squid listens, and answers what it gets."
start heard "nectar-net listen -n squid.nec --json --reply 'hello yourself'"

say "loach sends a message and prints the answer."
run '^hello yourself$' "echo 'hello from the reef' | nectar-net send -n loach.nec squid.nec"

say "What squid heard:"
wait_for heard '"type": ?"message".*hello from the reef'
grep '"message"' "$home/heard"

say "A copy for when the chain cannot be reached; they say the same."
run '^2$' "nectar-net registry export | tee copy.ndjson | wc -l"
run 'imported' "nectar-net registry import -p sqlite:copy.db copy.ndjson"
run 'sqlite:copy.db says' "nectar-net pki-lookup --all -p '$NECTAR_PKI' -p sqlite:copy.db squid.nec"

say "All stop: they finish what is in flight, and exit 0."
echo "\$ kill %2 %1"
stop
anvil_stop
ANVIL_PID=
say "Done. Nothing runs any more, and the folder it lived in is removed."
