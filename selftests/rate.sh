#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How fast a transfer is with a cookie (mode 3) and with tracking alone (mode 0), three times each. The rates are shown,
# not judged: compare them by eye. So it is not run by default.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands iperf3 python3

rounds=3 seconds=3

# rate ADDRESS: of one transfer to the server, in Mbit/s.
rate() {
	client iperf3 -c "$1" -t "$seconds" -J |
		python3 -c 'import json, sys; print(round(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1e6))'
}

ktap_print_header
ktap_set_plan 5
mk_topology
load_module
server iperf3 -s > /dev/null 2>&1 &
await 60 listening "$ns_server" 5201

for address in "$server_ip4" "$server_ip6"; do
	for mode in 0 3; do
		server sysctl -qw net.synward.mode="$mode"
		rates=
		for ((round = 0; round < rounds; round++)); do
			rates+="$(rate "$address") "
		done
		expect_match "mode $mode, $address" "$rates" '^([1-9][0-9]* ){3}$'
		echo "# mode $mode, $address: $rates Mbit/s"
	done
done
# Control and data.
expect_eq "all of mode 3 by cookies" "$(stat_of "$ns_server" cookie_valid)" $((rounds * 4))

ktap_finished
