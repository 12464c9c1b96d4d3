#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The oracle is the kernel itself: random lives of connections, and at rest both ends' states in every tracker on the
# way are what ss says of the sockets. First on a clean network, then on one that loses, doubles and reorders.
#
#	oracle.sh --seed 1 --only 17 [--netem] [--verbose]
#	oracle.sh --netem --lives 3000 --kind "simultaneous close"
#
# lead one life once more, and a great many of one kind; --help of oracle.py lists what else it takes.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 nft tc ss

# The router between client and far, too, has a tracker. Far is slow, so that segments can cross on their way.
make_far() {
	ns_far=$ns_attacker
	tc -n "$ns_far" qdisc del dev eth0 clsact
	server sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	slow_link 20ms
}

slow_link() {
	tc -n "$ns_server" qdisc replace dev attack0 root netem limit 10000 delay "$1"
	tc -n "$ns_far" qdisc replace dev eth0 root netem limit 10000 delay "$1"
}

# Ports as in oracle_lives.py.
filter_server() {
	ip netns exec "$1" nft -f - <<- EOT
	add table inet oracle
	add chain inet oracle input { type filter hook input priority 0; }
	add rule inet oracle input tcp dport 7020-7022 drop
	add rule inet oracle input tcp dport 7030-7032 tcp flags & syn == 0 drop
	EOT
}

# One end of a simultaneous open may be late: it shall not refuse the other.
filter_far() {
	ip netns exec "$ns_far" nft -f - <<- EOT
	add chain inet oracle output { type filter hook output priority 0; }
	add rule inet oracle output tcp sport 30000-41999 tcp flags & (rst | ack) == rst | ack tcp sequence 0 drop
	EOT
}

filter_client() {
	client nft -f - <<- EOT
	add table inet oracle
	add chain inet oracle input { type filter hook input priority 0; }
	add rule inet oracle input tcp sport 7050-7052 tcp flags & (fin | syn | rst) == 0 drop
	EOT
}

# Ports below 42000 are the lives' own.
make_room() {
	sysctl -qw net.ipv4.ip_local_port_range="42000 60999" net.core.somaxconn=4096 net.ipv4.tcp_max_syn_backlog=4096
}

# A RST is never sent again, and counts or not by what came before it. Where it is lost, or overtakes on its way from a
# tracker to the far end, nobody on this side can know: so RSTs are slow and safe. All else is not. What arrives comes
# twice now and then: that is for another device, for netem does not double beside another netem.
bad_device() {
	local namespace=$1 device=$2

	ip -n "$namespace" link add "ifb-$device" type ifb
	ip -n "$namespace" link set "ifb-$device" up
	tc -n "$namespace" -batch - <<- EOT
	qdisc replace dev $device root handle 1: prio bands 2 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	qdisc add dev $device parent 1:1 netem limit 10000 loss 2% delay 3ms 2ms reorder 25%
	qdisc add dev $device parent 1:2 netem limit 10000 delay 12ms
	filter add dev $device parent 1: protocol ip prio 1 u32 match u8 0x04 0x04 at 33 flowid 1:2
	filter add dev $device parent 1: protocol ipv6 prio 2 u32 match u8 0x04 0x04 at 53 flowid 1:2
	qdisc replace dev ifb-$device root netem limit 10000 duplicate 1%
	qdisc add dev $device clsact
	filter add dev $device ingress matchall action mirred egress redirect dev ifb-$device
	EOT
}

bad_links() {
	bad_device "$ns_client" eth0 && bad_device "$ns_server" client0 &&
		bad_device "$ns_server" attack0 && bad_device "$ns_far" eth0
}

oracle() {
	python3 "$lib_dir/oracle.py" --client "${ns_pid[$ns_client]}" --server "${ns_pid[$ns_server]}" \
		--far "${ns_pid[$ns_far]}" "$@"
}

# check NAME LIVES ARGUMENT...: its comments are shown, its last line is judged.
check() {
	local name=$1 lives=$2 said

	shift 2
	said=$(oracle --lives "$lives" "$@" | tee >(grep '^#' >&2) | tail -n 1)
	expect_match "$name: $lives lives" "$said" "^lives=$lives "
	expect_match "$name: every state is the socket's" "$said" ' wrong=0 '
	expect_match "$name: all came to rest" "$said" ' restless=0 '
	summary=$said
}

# One life, or another seed, by hand.
replay() {
	case " $* " in
	*' --netem '*) bad_links ;;
	esac
	oracle "$@"
	exit
}

mk_topology
make_far
filter_server "$ns_server"
filter_server "$ns_far"
filter_far
filter_client
for namespace in "$ns_client" "$ns_server" "$ns_far"; do
	ip netns exec "$namespace" bash -c "$(declare -f make_room); make_room"
done
# Smaller tables are sooner read, where each access is watched; none of these lives is evicted.
load_module halfopen_max=16384 established_max=65536
(($# == 0)) || replay "$@"

ktap_print_header
ktap_set_plan 13

check "clean" 1000
expect_match "clean: every kind of life" "$summary" ' kinds_missing=0 '
expect_match "clean: every state was there" "$summary" ' states=10$'
expect_ge "clean: by cookies as well" "$(stat_of "$ns_server" cookie_valid)" 30
expect_ok "the network is bad now" bad_links
check "lossy" 300 --first 5000 --netem
expect_eq "no half-open was evicted" "$(stat_of "$ns_server" evicted_halfopen)" 0
expect_eq "no connection was evicted" "$(stat_of "$ns_server" evicted_established)" 0
expect_eq "no connection was left out" "$(stat_of "$ns_server" untracked_full)" 0

ktap_finished
