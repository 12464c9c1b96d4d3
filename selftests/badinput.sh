#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What makes no sense is counted under its reason, never tracked, never answered; what a person gets wrong is refused
# with the allowed range and changes nothing.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 tcpdump

server_mac=02:00:00:00:02:01
mapfile -t kinds < <(python3 "$lib_dir/segments.py" kinds)
parameters=(halfopen_max=0 halfopen_max=1023 halfopen_max=16777217 halfopen_max=-1 halfopen_max=x
	established_max=0 established_max=99999999999 established_max= limit_max=1023 limit_max=16777217 limit_max=x)
# Setting, the value that it has, one that is refused.
values=('mode;3;4' 'mode;3;-1' 'mode;3;99999999999' 'mode;3;x' 'mode;3;2x' 'mode;3;' 'mode;3; '
	'engage_synq;75;0' 'engage_synq;75;101' 'engage_halfopen;0;16777217' 'engage_halfopen;0;-1'
	'hold;10;0' 'hold;10;3601' 'hold;10;x')

ktap_print_header
ktap_set_plan $((${#kinds[@]} * 4 + 6 + ${#parameters[@]} * 2 + ${#values[@]} * 2 + 1))

entries() {
	echo $(($(stat_of "$ns_server" halfopen) + $(stat_of "$ns_server" established)))
}

rose() {
	(($(stat_of "$ns_server" "$1") > $2))
}

# check_segment NAME COUNTER SOURCE DESTINATION
check_segment() {
	local name=$1 counter=$2 before total

	before=$(stat_of "$ns_server" "$counter")
	total=$(stat_of "$ns_server" invalid_packet)
	echo "$name $3 $4" >&"${sender[1]}"
	await 60 rose "$counter" "$before"
	expect_eq "$name to $4: counted as $counter" $(($(stat_of "$ns_server" "$counter") - before)) 1
	expect_eq "$name to $4: counted once" $(($(stat_of "$ns_server" invalid_packet) - total)) 1
}

check_segments() {
	local kind

	for kind in "${kinds[@]}"; do
		# shellcheck disable=SC2086 # name and counter
		check_segment ${kind} "$attacker_ip4" "$server_attack_ip4"
		# shellcheck disable=SC2086
		check_segment ${kind} "$attacker_ip6" "$server_attack_ip6"
	done
}

said() {
	dmesg | tail -n 5
}

check_parameter() {
	expect_fail "parameter $1 is refused" load_module "$1"
	expect_match "parameter $1: the range is said" "$(said)" "${1%%=*}=.* refused, allowed: [0-9]+ to [0-9]+"
}

# write_setting NAME VALUE
write_setting() {
	# shellcheck disable=SC2016 # the inner shell expands
	server sh -c 'printf "%s\n" "$1" > "/proc/sys/net/synward/$0"' "$1" "$2"
}

# check_value NAME VALUE-NOW VALUE
check_value() {
	expect_fail "$1 '$3' is refused" write_setting "$1" "$3"
	expect_eq "$1 '$3' changes nothing" "$(server sysctl -n "net.synward.$1")" "$2"
}

mk_topology

for parameter in "${parameters[@]}"; do
	check_parameter "$parameter"
done

load_module
server python3 "$lib_dir/peer.py" serve 8000 64 &
await 60 listening "$ns_server" 8000
# With cookies on for everybody the guard sees them all first.
server sysctl -qw net.synward.mode=3

ip netns exec "$ns_server" tcpdump -U -i attack0 -n -Q out -w "/run/answers-$$" tcp 2> /dev/null &
capture=$!
await 60 test -s "/run/answers-$$"
coproc sender { exec ip netns exec "$ns_attacker" python3 "$lib_dir/segments.py" bad eth0 "$server_mac" 8000; }
check_segments
expect_eq "nothing tracked" "$(entries)" 0
expect_eq "no SYN seen" "$(stat_of "$ns_server" syn_received)" 0
expect_eq "no cookie sent" "$(stat_of "$ns_server" cookie_sent)" 0
kill "$capture"
wait "$capture"
# The kernel itself may answer a SYN from port 0.
expect_eq "no SYN-ACK left" \
	"$(tcpdump -n -r "/run/answers-$$" 'tcp[13] & 2 != 0 and not dst port 0' 2> /dev/null | wc -l)" 0
rm -f "/run/answers-$$"

for value in "${values[@]}"; do
	IFS=';' read -r name now bad <<< "$value"
	check_value "$name" "$now" "$bad"
done
# Ten lines in five seconds, then the log is left in peace for a while.
refused_aloud() {
	write_setting mode 9 2> /dev/null
	[[ $(said) =~ "net.synward.mode: '9".*"' refused, allowed: 0 to 3" ]]
}
expect_ok "the log says the range" await 60 refused_aloud
expect_ok "a good value is taken" server sysctl -qw net.synward.mode=1
expect_eq "and stays" "$(server sysctl -n net.synward.mode)" 1

ktap_finished
