#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Whatever way a connection takes through a host, the host sees it once, with both directions on one entry: NAT of all
# kinds, loopback, VLAN, macvlan, bridge with br_netfilter, VRF.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 nft

port=8000

ktap_print_header
ktap_set_plan 45

# field KEY: its values in the entries of the server's host for this port, one a line.
field() {
	grep -E " (client|server)_port=($port|8080) " "$(proc_of "$ns_server" established)" | sed -n "s/.* $1=\([^ ]*\).*/\1/p"
}

both_ways() {
	[[ $(field client_packets) -ge 4 && $(field server_packets) -ge 3 ]]
}

# check_path NAME CLIENT-NAMESPACE ADDRESS PORT FLAGS CLIENT SERVER: one connection, and how the server's host has seen
# it; the tables are empty before.
check_path() {
	local name=$1 said before

	before=$(stat_of "$ns_server" handshake_completed)
	said=$(ip netns exec "$2" timeout 120 python3 "$lib_dir/peer.py" talk "$3" "$4" 20000 2>&1)
	expect_match "$name: works" "$said" 'data=intact'
	await 60 both_ways
	expect_eq "$name: one entry" "$(field client) $(field server)" "$6 $7"
	expect_match "$name: both directions are on it" "$(field flags) $(field client_bytes) $(field server_bytes)" \
		"^$5 [0-9]{5,} [0-9]{5,}$"
	expect_eq "$name: one handshake" $(($(stat_of "$ns_server" handshake_completed) - before)) 1
	forget
}

# All entries time out at once.
forget() {
	server sysctl -qw net.synward.timeout_time_wait=1
	await 60 gone
	server sysctl -qw net.synward.timeout_time_wait=600
}

gone() {
	[[ $(stat_of "$ns_server" established) == 0 ]]
}

picked_up() {
	(($(stat_of "$ns_server" picked_up) == 1))
}

# A forwarded connection that is not known comes in when both ends have spoken and one has acknowledged the other.
check_pickup() {
	local said timeout

	timeout=$(server sysctl -n net.synward.timeout_established)
	coproc held { exec ip netns exec "$ns_client" python3 "$lib_dir/peer.py" hold "$attacker_ip4" "$port"; }
	read -r -t 120 -u "${held[0]}" _
	server sysctl -qw net.synward.timeout_established=1
	expect_ok "forwarded, silent: forgotten" await 60 gone
	server sysctl -qw net.synward.timeout_established="$timeout"
	echo "still there" >&"${held[1]}"
	read -r -t 120 -u "${held[0]}" said
	expect_eq "forwarded, speaks again: works" "$said" intact
	expect_ok "forwarded, speaks again: picked up" await 60 picked_up
	expect_eq "forwarded, picked up: its entry" "$(field flags) $(field client) $(field server)" \
		"picked_up,forwarded $client_ip4 $attacker_ip4"
	end_coprocess held
	forget
}

nat() {
	server nft flush ruleset
	server nft -f -
}

mk_topology
# The attacker's host is a container here.
tc -n "$ns_attacker" qdisc del dev eth0 clsact
ip -n "$ns_attacker" route replace default via "$server_attack_ip4"
server sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
# Where each access is watched a large table takes longer to read than a closed connection stays.
load_module halfopen_max=16384 established_max=16384
server sysctl -qw net.synward.timeout_time_wait=600
for namespace in "$ns_server" "$ns_attacker"; do
	ip netns exec "$namespace" python3 "$lib_dir/peer.py" serve "$port" 64 &
	await 60 listening "$namespace" "$port"
done

check_path "to this host" "$ns_client" "$server_ip4" "$port" - "$client_ip4" "$server_ip4"
check_path "forwarded" "$ns_client" "$attacker_ip4" "$port" forwarded "$client_ip4" "$attacker_ip4"
check_path "forwarded IPv6" "$ns_client" "$attacker_ip6" "$port" forwarded "$client_ip6" "$attacker_ip6"
check_pickup
check_path "loopback" "$ns_server" 127.0.0.1 "$port" - 127.0.0.1 127.0.0.1
check_path "to an own address" "$ns_server" "$server_ip4" "$port" - "$server_ip4" "$server_ip4"

nat <<- EOT
	table ip nat {
		chain prerouting { type nat hook prerouting priority -100; tcp dport 8080 dnat to $attacker_ip4:$port; }
		chain postrouting { type nat hook postrouting priority 100; oifname attack0 masquerade; }
		chain output { type nat hook output priority -100; ip daddr 203.0.113.9 tcp dport 8080 dnat to $attacker_ip4:$port; }
	}
EOT
check_path "DNAT and masquerade" "$ns_client" "$server_ip4" 8080 forwarded "$client_ip4" "$attacker_ip4"
check_path "DNAT of what this host sends" "$ns_server" 203.0.113.9 8080 - "$server_attack_ip4" 203.0.113.9
server nft flush ruleset

ip -n "$ns_server" link add link client0 name v5 type vlan id 5
ip -n "$ns_client" link add link eth0 name v5 type vlan id 5
ip -n "$ns_server" address add 203.0.113.1/24 dev v5
ip -n "$ns_client" address add 203.0.113.2/24 dev v5
ip -n "$ns_server" link set v5 up
ip -n "$ns_client" link set v5 up
check_path "VLAN" "$ns_client" 203.0.113.1 "$port" - 203.0.113.2 203.0.113.1
ip -n "$ns_server" link delete v5

ip -n "$ns_server" link add link client0 name m0 type macvlan mode bridge
ip -n "$ns_server" address add 203.0.113.1/25 dev m0
ip -n "$ns_client" address flush dev v5
ip -n "$ns_client" address add 203.0.113.2/25 dev eth0
ip -n "$ns_server" link set m0 up
check_path "macvlan" "$ns_client" 203.0.113.1 "$port" - 203.0.113.2 203.0.113.1
ip -n "$ns_server" link delete m0
ip -n "$ns_client" address delete 203.0.113.2/25 dev eth0

# The last two change the links for good: VRF, then bridge.
server sysctl -qw net.ipv4.tcp_l3mdev_accept=1
ip -n "$ns_server" link add vrf0 type vrf table 10
ip -n "$ns_server" link set vrf0 up
ip -n "$ns_server" link set client0 master vrf0
ip -n "$ns_server" neighbour replace "$client_ip4" lladdr 02:00:00:00:01:02 dev client0 nud permanent
check_path "VRF" "$ns_client" "$server_ip4" "$port" - "$client_ip4" "$server_ip4"

if modprobe br_netfilter 2> /dev/null; then
	ip -n "$ns_server" link set client0 nomaster
	ip -n "$ns_server" link add br0 type bridge
	ip -n "$ns_server" address flush dev client0
	ip -n "$ns_server" address flush dev attack0
	ip -n "$ns_server" link set client0 master br0
	ip -n "$ns_server" link set attack0 master br0
	ip -n "$ns_server" link set br0 up
	ip -n "$ns_client" address add 203.0.113.2/24 dev eth0
	ip -n "$ns_attacker" address add 203.0.113.3/24 dev eth0
	server sysctl -qw net.bridge.bridge-nf-call-iptables=1
	said=$(client timeout 120 python3 "$lib_dir/peer.py" talk 203.0.113.3 "$port" 20000 2>&1)
	expect_match "bridge with br_netfilter: works, is seen once" "$said $(field client)" '^data=intact .* 203.0.113.2$'
else
	ktap_test_skip "bridge with br_netfilter: no such module"
fi

ktap_finished
