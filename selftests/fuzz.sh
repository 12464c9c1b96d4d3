#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Segments as no host sends them, from a program that talks TCP badly (fuzz/), in all modes and with a strict firewall.
# Nothing may be said in the kernel log, and good clients are served as before. SYNWARD_TEST_SEGMENTS says how many
# (20,000), SYNWARD_TEST_SEED from where on. A batch that was the kernel's end stands last in its log:
#
#	SYNWARD_TEST_SEED=N SYNWARD_TEST_SEGMENTS=5000 make vm-test TEST=fuzz KERNEL=kasan

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 nft

program=${SYNWARD_FUZZ:-$lib_dir/fuzz/fuzz}
[[ -x $program ]] || skip_all "needs the program, SYNWARD_FUZZ=FILE"
segments=${SYNWARD_TEST_SEGMENTS:-20000}
seed=${SYNWARD_TEST_SEED:-1}
port=8000
parts=(cookies adaptive monitor track limit firewall)

ktap_print_header
ktap_set_plan $((${#parts[@]} * 4 + 3))

add_device() {
	[[ -e /dev/net/tun ]] || modprobe -q tun
	server sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$ns_server" -batch - <<- EOT
	tuntap add fuzz0 mode tun vnet_hdr
	link set fuzz0 up mtu 9000
	address add 198.18.0.1/16 dev fuzz0
	address add fd00:18::1/64 dev fuzz0 nodad
	link add beyond0 type dummy
	link set beyond0 up mtu 9000 arp off
	route add 198.19.0.0/16 dev beyond0
	route add fd00:19::/64 dev beyond0
	EOT
}

strict_firewall() {
	server nft -f - <<- EOT
	table inet strict {
		chain early { type filter hook prerouting priority -150; ct state invalid counter drop; }
		chain input {
			type filter hook input priority 0; policy drop
			tcp flags & (syn | ack) == syn ct state new accept
			ct state established accept
		}
		chain output { type filter hook output priority 0; ct state invalid drop; }
		chain forward { type filter hook forward priority 0; ct state invalid drop; }
	}
	EOT
}

set_mode() {
	case $1 in
	cookies) server sysctl -qw net.synward.mode=3 ;;
	adaptive) server sysctl -qw net.synward.mode=2 net.synward.engage_synq=5 ;;
	monitor) server sysctl -qw net.synward.mode=1 ;;
	track) server sysctl -qw net.synward.mode=0 ;;
	limit) server sysctl -qw net.synward.mode=2 net.synward.syn_limit=50 ;;
	firewall) server sysctl -qw net.synward.mode=3 net.synward.syn_limit=0 && strict_firewall ;;
	esac
}

# The rest of the list after its comments: seeds of batches that were too much once.
known_seeds() {
	grep -v '^#' "$lib_dir/fuzz/seeds"
}

send() {
	local known count rest

	while read -r known count rest; do
		server "$program" fuzz0 "$known" "$count" > /dev/null || return
	done < <(known_seeds)
	server "$program" fuzz0 "$1" "$2"
}

serves() {
	[[ $(client python3 "$lib_dir/peer.py" talk "$1" "$port" 1000 2>&1) == *options=* ]]
}

mk_topology
add_device
if [[ -e ${SYNWARD_TIGHT:-} ]]; then
	insmod "$SYNWARD_TIGHT"
	tight_is_ours=yes
fi
load_module halfopen_max=1024 established_max=1024 limit_max=1024
server python3 "$lib_dir/fuzz/server.py" "$port" &
await 20 listening "$ns_server" "$port"

share=$(((segments + ${#parts[@]} - 1) / ${#parts[@]}))
for part in "${parts[@]}"; do
	set_mode "$part"
	start=$SECONDS
	expect_ok "$part: $share segments from seed $seed on" send "$seed" "$share"
	echo "# $part: $((SECONDS - start)) s"
	expect_ok "$part: clients are served, IPv4" await 60 serves "$server_ip4"
	expect_ok "$part: clients are served, IPv6" await 60 serves "$server_ip6"
	expect_adds_up "$part" "$ns_server"
	seed=$((seed + (share + 999) / 1000))
done
expect_ge "connections were tracked" "$(stat_of "$ns_server" handshake_completed)" 10
expect_ge "cookies were valid" "$(stat_of "$ns_server" cookie_valid)" 10
expect_ge "segments made no sense" "$(stat_of "$ns_server" invalid_packet)" 100
sed 's/^/# /' "/proc/${ns_pid[$ns_server]}/net/synward/stats" | grep -v ' 0$'
[[ -z ${tight_is_ours:-} ]] || rmmod synward_tight

ktap_finished
