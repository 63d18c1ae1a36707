#!/bin/bash
# The main job as a transcript: two nodes get keys, publish who they are in the embedded registry,
# and talk, end-to-end encrypted. Everything lives in a temporary folder that is removed; nothing is
# left running. Exits 0 only if each step did what it should. Run by `make demo`.
. "${BASH_SOURCE[0]%/*}/demo.bash"
PORT=$(free_port)

say "Two nodes, a key each. What is printed is the public half."
run '^[0-9a-f]{64}$' "nectar-net keygen -n squid.nec --no-passphrase"
run '^[0-9a-f]{64}$' "nectar-net keygen -n loach.nec --no-passphrase"

say "Both publish who they are: squid can be called, loach only calls."
run '^[0-9]+$' "nectar-net publish-tx -n squid.nec --ws 127.0.0.1:$PORT"
run '^[0-9]+$' "nectar-net publish-tx -n loach.nec --no-route"

say "Anybody can look them up."
run '"username": ?"squid".*"ws_routing": ?\["127.0.0.1", ?'"$PORT"'\]' \
    "nectar-net pki-lookup squid.nec"
run '"ws_routing": ?null' "nectar-net pki-lookup loach.nec"

say "squid listens, and answers what it gets."
start heard "nectar-net listen -n squid.nec --json --reply 'hello yourself'"

say "loach sends a message and prints the answer."
run '^hello yourself$' "echo 'hello from the reef' | nectar-net send -n loach.nec squid.nec"

say "What squid heard:"
wait_for heard '"type": ?"message".*hello from the reef'
grep '"message"' "$home/heard"

say "How far is it?"
run '3 .*received.* 0(\.0)?%' "nectar-net ping -n loach.nec -c 3 -i 0.2 squid.nec"

say "A node without an address is reached through a router, which sees ciphertext only."
run '^[0-9a-f]{64}$' "nectar-net keygen -n whale.nec --no-passphrase"
run '^[0-9]+$' "nectar-net publish-tx -n whale.nec --ws 127.0.0.1:$(free_port)"
run '^[0-9a-f]{64}$' "nectar-net keygen -n eel.nec --no-passphrase"
run '^[0-9]+$' "nectar-net publish-tx -n eel.nec --routers whale.nec"
start routed "nectar-net router -n whale.nec --json"
start eel "nectar-net listen -n eel.nec --json"
run '^ack$' "nectar-net send -n loach.nec eel.nec -m 'are you there?' && echo"
run 'via whale.nec' "nectar-net ping -n loach.nec -c 1 eel.nec"

say "All stop: they finish what is in flight, and exit 0."
echo "\$ kill %1 %2 %3"
stop
say "Done. Nothing runs any more, and the folder it lived in is removed."
