# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # what lib.sh has set
#
# Library of the firewall tests, sourced after lib.sh. Every scenario runs twice: with tracking alone (mode 0), which
# shows what the firewall does by itself, and with cookies always (mode 3), where it must do the same.
#
# The client has ten addresses in each family, called @0 to @9 in rules and jobs. @0 is nobody's enemy.

port=8000 mode=''
# shellcheck disable=SC2034 # for the tests
syn='tcp flags & (syn | ack) == syn'
# shellcheck disable=SC2034
synack='tcp flags & (syn | ack) == (syn | ack)'

source4() {
	echo "192.0.2.1$1"
}

source6() {
	echo "fd00:1::1$1"
}

add_sources() {
	local n

	for n in {0..9}; do
		echo "address add $(source4 "$n")/24 dev eth0"
		echo "address add $(source6 "$n")/64 dev eth0 nodad"
	done | ip -n "$ns_client" -batch -
	for n in {0..9}; do
		echo "neighbour replace $(source4 "$n") lladdr 02:00:00:00:01:02 dev client0 nud permanent"
		echo "neighbour replace $(source6 "$n") lladdr 02:00:00:00:01:02 dev client0 nud permanent"
	done | ip -n "$ns_server" -batch -
}

# Answers in the server's namespace on three ports, asks in the client's.
mk_firewall() {
	mk_topology
	be_patient
	add_sources
	load_module || ktap_exit_fail_msg "cannot load the module"
	server python3 "$lib_dir/firewall.py" serve host 8000 8001 8002 &
	coproc clients { exec ip netns exec "$ns_client" python3 "$lib_dir/firewall.py" clients; } 2> /dev/null
	await 60 listening "$ns_server" 8002 || ktap_exit_fail_msg "no server"
}

# The attacker's host becomes a container behind the server, with a listener on the main port.
mk_container() {
	tc -n "$ns_attacker" qdisc del dev eth0 clsact
	ip -n "$ns_attacker" route replace default via "$server_attack_ip4"
	ip -n "$ns_attacker" route replace default via "$server_attack_ip6"
	server sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	attacker python3 "$lib_dir/firewall.py" serve box "$port" &
	await 60 listening "$ns_attacker" "$port" || ktap_exit_fail_msg "no container"
}

set_mode() {
	mode=$1
	server sysctl -qw net.synward.mode="$mode"
}

# --- rules of the server

# for_ip6 TEXT: the same for the other family. Names of sets end in _4 and _6.
for_ip6() {
	local text=$1

	text=${text//ip saddr/ip6 saddr}
	text=${text//ip daddr/ip6 daddr}
	text=${text//ipv4_addr/ipv6_addr}
	text=${text//_4/_6}
	text=${text//nfproto ipv4/nfproto ipv6}
	text=${text//nat ip to/nat ip6 to}
	text=${text//tproxy ip to/tproxy ip6 to}
	echo "${text//\/31//127}"
}

# with_addresses 4|6 TEXT: @N, @box (the container) and @other (nobody) replaced.
with_addresses() {
	local text=$2 n

	if (($1 == 4)); then
		text=${text//@box/$attacker_ip4} text=${text//@other/203.0.113.9}
	else
		text=${text//@box/[$attacker_ip6]} text=${text//@other/fd00:9::9}
	fi
	for n in {0..9}; do
		text=${text//@$n/$("source$1" "$n")}
	done
	echo "$text"
}

# Lines that name addresses come twice, once for each family.
both_families() {
	local line six

	while read -r line; do
		six=$(for_ip6 "$line")
		echo "$line"
		[[ $six == "$line" ]] || with_addresses 6 "$six"
	done
}

# rules: replaces all nft rules by those of its input.
rules() {
	local text

	text=$(both_families)
	printf 'flush ruleset\n%s\n' "$(with_addresses 4 "$text")" | server nft -f - || echo "# $name: nft refuses the rules"
}

# xtables legacy|nft: replaces the named tables of iptables and ip6tables by those of its input.
xtables() {
	local text

	text=$(cat)
	with_addresses 4 "$text" | server "iptables-$1-restore" || echo "# $name: iptables refuses the rules"
	with_addresses 6 "$(for_ip6 "$text")" | server "ip6tables-$1-restore" || echo "# $name: ip6tables refuses the rules"
}

# packets COUNTER: of a named counter of table inet f.
packets() {
	server nft list counter inet f "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# --- connections

declare -A seen

# jobs JOB...: LABEL@N for each, "-" before it when it should fail, "+" when it should stay; IPv4 and IPv6.
jobs_of() {
	local job label n

	for job in "$@"; do
		label=${job%@*} n=${job#*@}
		echo -n "${label}4,$(source4 "$n"),${to4:-$server_ip4},$port,$bytes "
		echo -n "${label}6,$(source6 "$n"),${to6:-$server_ip6},$port,$bytes "
	done
}

tell_clients() {
	local word answer

	echo "$*" >&"${clients[1]}"
	read -r -t 120 answer <&"${clients[0]}" || answer=
	for word in $answer; do
		seen[${word%%=*}]=${word#*=}
	done
}

# What those hear who are blocked: where the cookie has answered their SYN, no more than that.
failed() {
	if [[ -n ${blocked:-} ]]; then
		echo "$blocked"
	elif ((mode < 2)); then
		echo '(none|refused)'
	else
		echo '(none|silent|refused|reset)'
	fi
}

# connect JOB...: one result for each: who answered, or that nobody did. Before it: $name, and where they are not as
# usual $bytes, $port, $to4, $to6, $want and $blocked.
connect() {
	local job label expected bytes=${bytes:-2000}

	seen=()
	tell_clients "$(jobs_of "$@")"
	for job in "$@"; do
		label=${job%@*}
		[[ $label == -* ]] && expected=$(failed) || expected=${want:-host:$port}
		label=${label#[-+]}
		expect_match "mode $mode, $name: $label" "${seen[${label}4]:-} ${seen[${label}6]:-}" "^$expected $expected\$"
	done
}

# Unjudged.
first_attempt() {
	local bytes=${bytes:-2000}

	tell_clients "$(jobs_of "${@/#/\~}")"
}

# Those that stayed.
close_all() {
	tell_clients close
}

# --- counters of ours

count_begin() {
	accepted=$(stat_of "$ns_server" replay_accepted)
	refused=$(stat_of "$ns_server" replay_refused)
	completed=$(stat_of "$ns_server" handshake_completed)
}

all_completed() {
	(($(stat_of "$ns_server" handshake_completed) - completed >= $1))
}

# count_end GOOD BLOCKED: since count_begin as many connections. What is refused may come again before the client
# gives up.
count_end() {
	local families=2

	await 60 all_completed "$1"
	expect_eq "mode $mode, $name: handshakes" $(($(stat_of "$ns_server" handshake_completed) - completed)) "$1"
	((mode == 3)) || return
	# Without cookies for IPv4 half of them is the kernel's.
	has_cookies4 || families=1
	expect_eq "mode $mode, $name: replays accepted" $(($(stat_of "$ns_server" replay_accepted) - accepted)) \
		$(($1 * families / 2))
	expect_ge "mode $mode, $name: replays refused" $(($(stat_of "$ns_server" replay_refused) - refused)) \
		$(($2 * families / 2))
}
