#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A connection that went through a cookie is the connection that the listener itself would have made: the same
# options on the client's end with cookies always on (mode 3) and with tracking alone (mode 0), and its data intact.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3

# What the client and the server are told: name, client's sysctls, server's sysctls.
cases=(
	'defaults;;'
	'client without timestamps;tcp_timestamps=0;'
	'client without SACK;tcp_sack=0;'
	'client without window scaling;tcp_window_scaling=0;'
	'client asks for ECN;tcp_ecn=1;'
	'server with plain timestamps;;tcp_timestamps=2'
	'server without timestamps;;tcp_timestamps=0'
	'server with a large receive buffer;;tcp_rmem=4096 131072 33554432'
	'server with a small receive buffer;;tcp_rmem=4096 16384 32768'
	'kernel cookies always;;tcp_syncookies=2'
)

ktap_print_header
ktap_set_plan $((${#cases[@]} * 4 + 6))

# set_all NAMESPACE NAME=VALUE...: net.ipv4 settings, each back to its default first.
set_all() {
	local namespace=$1

	ip netns exec "$namespace" sysctl -qw net.ipv4.tcp_timestamps=1 net.ipv4.tcp_sack=1 \
		net.ipv4.tcp_window_scaling=1 net.ipv4.tcp_ecn=2 net.ipv4.tcp_syncookies=1 \
		net.ipv4.tcp_rmem="4096 131072 6291456"
	[[ -z $2 ]] || ip netns exec "$namespace" sysctl -qw "net.ipv4.$2"
}

# talk MODE ADDRESS: one connection, its options as the client sees them.
talk() {
	server sysctl -qw net.synward.mode="$1"
	client timeout 120 python3 "$lib_dir/peer.py" talk "$2" 8000 300000 2>&1
}

# With tcp_syncookies=2 the kernel's own answer is a cookie too, without timestamps both forget all other options.
compare() {
	local name=$1 address=$2 plain

	plain=$(talk 0 "$address")
	expect_match "$name: plain connection" "$plain" '^data=intact'
	expect_eq "$name: cookie connection" "$(talk 3 "$address")" "$(forgotten "$name" "$plain")"
}

# A cookie has no room for options where there are no timestamps: the kernel's own cookies lose them as well. What is left
# to the kernel loses nothing.
forgotten() {
	[[ $1 == *IPv6 ]] || has_cookies4 || { echo "$2"; return; }
	case $1 in
	*'without timestamps'*)
		sed -E 's/options=[^ ]*/options=none/; s/snd_wscale=[0-9]+ rcv_wscale=[0-9]+/snd_wscale=0 rcv_wscale=0/' <<< "$2" ;;
	*) echo "$2" ;;
	esac
}

mk_topology
be_patient
load_module
has_cookies4 && families=2 || families=1
server python3 "$lib_dir/peer.py" serve 8000 64 &
await 60 listening "$ns_server" 8000

for line in "${cases[@]}"; do
	IFS=';' read -r name client_set server_set <<< "$line"
	set_all "$ns_client" "$client_set"
	set_all "$ns_server" "$server_set"
	compare "$name, IPv4" "$server_ip4"
	compare "$name, IPv6" "$server_ip6"
done

expect_eq "every cookie came back" "$(stat_of "$ns_server" cookie_valid)" "$(stat_of "$ns_server" cookie_sent)"
expect_eq "one cookie a connection" "$(stat_of "$ns_server" cookie_sent)" $((${#cases[@]} * families))
expect_eq "no stray ACK" "$(stat_of "$ns_server" ack_dropped)" 0
expect_eq "every handshake counted" "$(stat_of "$ns_server" handshake_completed)" $((${#cases[@]} * 4))
expect_eq "nothing left half-open" "$(stat_of "$ns_server" halfopen)" 0
expect_adds_up "in the end" "$ns_server"

ktap_finished
