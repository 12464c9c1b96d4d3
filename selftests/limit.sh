#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The per-source limit: who sends too many SYNs is limited, and nobody else; who completes handshakes is not, however
# many share an address; exempt prefixes; a full table limits nobody; bad settings are refused and change nothing.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 hping3

port=8000 rate=1 many=200
bad_values=(syn_limit=-1 syn_limit=1000001 syn_limit=x syn_limit= syn_limit_burst=-1 syn_limit_burst=1000001
	syn_limit_prefix4=7 syn_limit_prefix4=33 syn_limit_prefix6=15 syn_limit_prefix6=129 syn_limit_prefix6=x)
declare -A good_values=([syn_limit]=1 [syn_limit_burst]=0 [syn_limit_prefix4]=32 [syn_limit_prefix6]=64 [exempt]=10.0.0.0/8)
bad_exempts=(x 10.0.0.0/33 10.0.0/8 10.0.0.0/ 10.0.0.0/-1 10.0.0.0/+8 10.0.0.0/8/8 256.0.0.1 fd00::/129 fd00:::1
	::ffff:10.0.0.1 "fd00::/16 10.0.0.0/8,y")

ktap_print_header
ktap_set_plan $((51 + ${#bad_values[@]} + ${#bad_exempts[@]}))

stat() {
	stat_of "$ns_server" "$1"
}

setting() {
	server sysctl -n "net.synward.$1"
}

# Lists with blanks and long ones: one write, as it stands.
set_to() {
	# shellcheck disable=SC2016 # the inner shell expands
	server sh -c 'printf "%s\n" "$1" > "/proc/sys/net/synward/$0"' "$1" "$2"
}

arrived() {
	(($(stat syn_received) >= $1))
}

# send_syns ADDRESS COUNT SOURCES: they have arrived when this returns.
send_syns() {
	local before

	before=$(stat syn_received)
	echo "$@" >&"${sender[1]}"
	await 60 arrived $((before + $2))
}

send_from_client() {
	local before

	before=$(stat syn_received)
	echo "$@" | client python3 "$lib_dir/segments.py" syns eth0 "$port"
	await 60 arrived $((before + $2))
}

# rise_of COUNTER COMMAND...: prints by how much the command makes it rise.
rise_of() {
	local counter=$1 before

	shift
	before=$(stat "$counter")
	"$@" > /dev/null 2>&1
	echo $(($(stat "$counter") - before))
}

# A source that is limited gets its burst, and the rate as long as it takes to send: at most a minute.
limited4() {
	rise_of syn_limited send_syns "$server_attack_ip4" "$many" "$1"
}

limited6() {
	rise_of syn_limited send_syns "$server_attack_ip6" "$many" "$1"
}

most=$((many - 20 - 60 * rate))

# quick ADDRESS COUNT
quick() {
	client python3 "$lib_dir/peer.py" quick "$1" "$port" "$2"
}

flood() {
	exec ip netns exec "$ns_attacker" hping3 -q -S -p "$port" -c 1500 -i u1000 "$server_attack_ip4"
}

# hping3 makes what a socket cannot; it hears no answer. On a busy machine its own timer may stop it before it has sent all.
hping() {
	local last=$(($(stat syn_received) + many)) end=$((SECONDS + 60)) left

	while left=$((last - $(stat syn_received))) && ((left > 0 && SECONDS < end)); do
		attacker hping3 -q -S -p "$port" -c "$left" -i u500 "$@" "$server_attack_ip4"
	done
}

start_server() {
	server sysctl -qw net.core.somaxconn=65535
	server python3 "$lib_dir/peer.py" serve "$port" 65535 &
	await 60 listening "$ns_server" "$port"
}

check_off() {
	expect_eq "off by default" "$(setting syn_limit)" 0
	expect_eq "off: nobody is limited" "$(limited4 "$attacker_ip4/32")" 0
}

check_one_source() {
	local served flooder

	flood > /dev/null 2>&1 &
	flooder=$!
	served=$(client python3 "$lib_dir/peer.py" good "$server_ip4" "$port" 20 2 60)
	wait "$flooder"
	expect_match "one source floods: another is served" "$served" 'ok=20 failed=0'
	# A SYN that is dropped comes again after a second. A busy machine may lose one or two by itself.
	expect_match "and at once" "$served" 'p50_ms=[0-9]?[0-9]?[0-9] '
	expect_ge "the flood is limited" "$(stat syn_limited)" 1000
	expect_eq "the other alone is not" "$(rise_of syn_limited quick "$server_ip4" 30)" 0
}

check_kinds() {
	expect_ge "the same SYN again and again is limited" "$(rise_of syn_limited hping -k -s 7777 -M 77)" "$most"
	expect_ge "IP options are no way round" "$(rise_of syn_limited hping -G)" "$most"
}

check_prefixes() {
	expect_ge "IPv6: one source is a /64" "$(limited6 fd00:2::/64)" "$most"
	expect_eq "IPv6: not its neighbour" "$(rise_of syn_limited send_syns "$server_attack_ip6" 15 fd00:3::7/128)" 0
	set_to syn_limit_prefix6 128
	expect_eq "IPv6: or, if so set, an address" "$(limited6 fd00:4::/64)" 0
	set_to syn_limit_prefix6 64
	expect_eq "IPv4: one source is an address" "$(limited4 10.0.0.0/8)" 0
	set_to syn_limit_prefix4 24
	expect_ge "IPv4: or, if so set, a /24" "$(limited4 10.1.1.0/24)" "$most"
	set_to syn_limit_prefix4 32
	set_to syn_limit_burst $((2 * many))
	expect_eq "the burst passes" "$(limited4 10.2.2.2/32)" 0
	set_to syn_limit_burst 0
}

# check_crowd NAME ADDRESS COUNT: far more a second than the limit.
check_crowd() {
	local before said

	before=$(stat syn_limited)
	said=$(quick "$2" "$3")
	expect_match "$1: all are served" "$said" "ok=$3 failed=0"
	expect_ge "$1: quicker than the limit" "${said##*=}" $((10 * rate))
	expect_eq "$1: none is limited" $(($(stat syn_limited) - before)) 0
}

check_cookies() {
	local valid

	set_to mode 3
	for_cookies "$server_ip4" expect_eq "cookies on: who has proven nothing is answered" "$(rise_of cookie_sent send_syns "$server_attack_ip4" "$many" 10.3.3.3/32)" "$many"
	for_cookies "$server_ip4" expect_eq "and not limited" "$(limited4 10.3.3.4/32)" 0
	valid=$(stat cookie_valid)
	check_crowd "cookies on, one address" "$server_ip4" 200
	for_cookies "$server_ip4" expect_ge "by cookies" $(($(stat cookie_valid) - valid)) 200
	expect_ge "cookies on: who is real is limited" \
		"$(rise_of syn_limited send_from_client "$server_ip4" "$many" "$client_ip4/32")" "$most"
	set_to mode 2
}

# SYN-ACKs but those that went out again, which are no answers to new SYNs. Both at one moment: a crowd of them goes out
# at once.
answers() {
	awk '$1 == "synack_sent" { n += $2 } $1 == "synack_retransmit" { n -= $2 } END { print n }' \
		"/proc/${ns_pid[$ns_server]}/net/synward/stats"
}

answers_are() {
	(($(answers) >= $1))
}

check_modes() {
	local limited answers

	limited=$(stat syn_limited)
	set_to mode 1
	expect_ge "monitor mode counts" "$(rise_of would_syn_limited send_syns "$server_attack_ip4" "$many" 10.4.4.4/32)" "$most"
	answers=$(answers)
	send_syns "$server_attack_ip4" "$many" 10.4.4.5/32 > /dev/null 2>&1
	expect_ok "and drops nothing" await 60 answers_are $((answers + many - 20))
	set_to mode 0
	expect_eq "mode 0 does not even count" "$(rise_of would_syn_limited send_syns "$server_attack_ip4" "$many" 10.4.4.6/32)" 0
	expect_eq "neither has limited" "$(stat syn_limited)" "$limited"
	set_to mode 2
}

check_exempt() {
	expect_eq "nobody is exempt by default" "$(setting exempt)" ""
	set_to exempt "10.5.0.77/16 fd00:5::1/64,,10.5.1.1/16 192.0.2.77"
	expect_eq "what is exempt" "$(setting exempt)" "10.5.0.0/16,fd00:5::/64,192.0.2.77/32"
	expect_eq "exempt, IPv4" "$(limited4 10.5.5.5/32)" 0
	expect_eq "exempt, IPv6" "$(limited6 fd00:5::/64)" 0
	expect_ge "not exempt, IPv4" "$(limited4 10.6.5.5/32)" "$most"
	expect_ge "not exempt, IPv6" "$(limited6 fd00:6::/64)" "$most"
	set_to exempt ""
	expect_eq "nobody is exempt any more" "$(setting exempt)" ""
	expect_ge "and so limited" "$(limited4 10.5.5.5/32)" "$most"
}

fill_table() {
	send_syns "$server_attack_ip4" 3000 10.0.0.0/22
	(($(stat limit_full) > 0))
}

# A source has its tokens back after as many seconds as it has sent SYNs, so some hundred SYNs a second are needed.
too_slow() {
	local begin=$EPOCHREALTIME

	send_syns "$server_attack_ip4" 1000 10.0.0.0/22
	((${EPOCHREALTIME/./} - ${begin/./} > 2000000))
}

check_full_table() {
	unload_module
	load_module limit_max=1024
	set_to syn_limit 1
	set_to syn_limit_burst 1000
	expect_eq "the table has the size that was asked for" "$(stat limit_max)" 1024
	if await 60 fill_table || ! too_slow; then
		expect_ge "table full: SYNs pass" "$(stat limit_full)" 1
	else
		ktap_test_skip "table full: SYNs pass"
	fi
	check_crowd_full
	expect_eq "table full: nobody is limited" "$(stat syn_limited)" 0
	set_to syn_limit_burst 0
}

check_crowd_full() {
	expect_match "table full: all are served" "$(quick "$server_ip4" 50)" 'ok=50 failed=0'
}

# log_says NAME VALUE REGEX: writes it until the log has a line; there are not more than ten in five seconds.
log_says() {
	set_to "$1" "$2" 2> /dev/null
	[[ $(dmesg | tail -n 3) =~ net\.synward\.$1:\ $3 ]]
}

# check_bad_values NAME=VALUE...: one process for all of them.
check_bad_values() {
	local said value before

	# shellcheck disable=SC2016 # the inner shell expands
	mapfile -t said < <(server sh -c 'cd /proc/sys/net/synward; for pair; do
		printf "%s\n" "${pair#*=}" 2> /dev/null > "${pair%%=*}" && printf "taken, "; cat "${pair%%=*}"; done' sh "$@")
	for value in "$@"; do
		before=${good_values[${value%%=*}]}
		expect_eq "$value is refused and changes nothing" "${said[0]:-}" "$before"
		said=("${said[@]:1}")
	done
}

# exempt_list COUNT
exempt_list() {
	local i

	for ((i = 1; i <= $1; i++)); do
		printf 'fd00:1234:1234:%x::/64 ' "$i"
	done
}

check_bad_settings() {
	check_bad_values "${bad_values[@]}"
	expect_ok "the log says the range" await 60 log_says syn_limit_prefix4 40 "'40.*' refused, allowed: 8 to 32"
	set_to exempt 10.0.0.0/8
	check_bad_values "${bad_exempts[@]/#/exempt=}"
	expect_ok "the log names the entry" await 60 log_says exempt "10.0.0.0/8 y" "'y' refused, allowed: up to 64 IPv4"
	expect_fail "65 prefixes are refused" set_to exempt "$(exempt_list 65)"
	# shellcheck disable=SC2016 # the inner shell expands
	expect_fail "a piece of a list is refused" server sh -c 'printf %s "$0" > /proc/sys/net/synward/exempt' "$(exempt_list 40)"
	expect_eq "and both change nothing" "$(setting exempt)" 10.0.0.0/8
	expect_ok "64 prefixes are taken" set_to exempt "$(exempt_list 64)"
	expect_eq "all of them" "$(setting exempt | tr , '\n' | wc -l)" 64
	expect_eq "another namespace has its own" "$(client sysctl -n net.synward.exempt net.synward.syn_limit | xargs)" 0
}

mk_topology
load_module
start_server
coproc sender { exec ip netns exec "$ns_attacker" python3 "$lib_dir/segments.py" syns eth0 "$port"; }

check_off
set_to syn_limit "$rate"
check_one_source
check_kinds
check_prefixes
check_crowd "1000 connections of one address" "$server_ip4" 1000
check_crowd "connections of one /64" "$server_ip6" 200
check_cookies
check_modes
check_exempt
check_full_table
check_bad_settings

ktap_finished
