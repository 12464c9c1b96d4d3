#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tool says of each connection and each listener, against the sockets, a packet capture and ss.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 nft ss
tool=${SYNWARD_TOOL:-$(command -v synward)}
[[ -x $tool ]] || skip_all "needs the tool (SYNWARD_TOOL=FILE, or installed)"

ktap_print_header
ktap_set_plan 44

# pick EXPRESSION: of the flows of port 8000, on the server.
pick() {
	server "$tool" flows --json --port 8000 |
		python3 -c 'import json, sys; d = json.load(sys.stdin)["flows"]; print(eval(sys.argv[1]))' "$1"
}

mk_topology
be_slow
server python3 "$lib_dir/peer.py" serve 8000 64 &
await 60 listening "$ns_server" 8000
coproc held { exec ip netns exec "$ns_client" python3 "$lib_dir/peer.py" hold "$server_ip4" 8000; }
read -r -t 120 -u "${held[0]}" said
expect_eq "a connection from before the module" "$said" connected
load_module
# What is over is looked at, however late.
server sysctl -qw net.synward.timeout_closed=60
expect_eq "is not known at first" "$(pick 'len(d)')" 0
echo hallo >&"${held[1]}"
read -r -t 120 -u "${held[0]}" _
expect_eq "is marked when it speaks" "$(pick '[x["flags"] for x in d]')" "[['picked_up']]"
expect_eq "both ends are taken for established" "$(pick '[x["client_state"] + x["server_state"] for x in d]')" \
	"['ESTABLISHEDESTABLISHED']"

while IFS=$'\t' read -r name seen true; do
	expect_eq "$name" "$seen" "$true"
done < <(python3 "$lib_dir/facts.py" "$tool" "${ns_pid[$ns_server]}" "${ns_pid[$ns_client]}" \
	"$server_ip4" "$client_ip4" "$server_ip6" "$client_ip6")

ktap_finished
