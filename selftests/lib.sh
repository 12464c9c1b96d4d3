# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Library of the shell tests. A test sources it, says how many results it will give, tests, and ends:
#
#	. "$(dirname "$0")/lib.sh"
#	need_module
#	ktap_print_header
#	ktap_set_plan 1
#	mk_topology
#	load_module
#	expect_eq "mode by default" "$(server sysctl -n net.synward.mode)" 2
#	ktap_finished
#
# Results are counted by the kernel's own helpers, kselftest/ktap_helpers.sh: beside this folder in a kernel tree,
# or where SYNWARD_KSELFTEST says. What a test made is removed when it exits, however it exits.

set -u
PATH=$PATH:/usr/sbin:/sbin

lib_dir=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck disable=SC1091 # part of the kernel's source
. "${SYNWARD_KSELFTEST:-$lib_dir/../kselftest}/ktap_helpers.sh" || exit 1

# --- what a test needs

# Ends a test that cannot run here.
skip_all() {
	ktap_skip_all "$@"
	exit "$KSFT_SKIP"
}

need_root() {
	((EUID == 0)) || skip_all "needs root"
}

need_commands() {
	local command

	for command in "$@"; do
		command -v "$command" > /dev/null || skip_all "needs $command"
	done
}

module_file() {
	if [[ -n ${SYNWARD_KO:-} ]]; then
		[[ -e $SYNWARD_KO ]] && echo "$SYNWARD_KO"
	else
		modinfo -n synward 2> /dev/null
	fi
}

need_module() {
	need_root
	[[ -n $(module_file) ]] || skip_all "needs the module (SYNWARD_KO=FILE, or installed)"
	[[ ! -e /sys/module/synward ]] || skip_all "the module is loaded already"
	module_is_ours=yes
}

# --- the module

# load_module [PARAMETER=VALUE...]
load_module() {
	insmod "$(module_file)" "$@"
}

unload_module() {
	rmmod synward
}

# Has the module cookies for IPv4? Not where the kernel keeps its timestamp offset to itself; it says so when it loads.
has_cookies4() {
	! dmesg | grep -q 'synward: this kernel does not export its IPv4 timestamp offset'
}

# for_cookies ADDRESS EXPECT-COMMAND NAME ...: a result that needs cookies of ours for that address, else skipped.
for_cookies() {
	if [[ $1 == *:* ]] || has_cookies4; then
		"${@:2}"
	else
		ktap_test_skip "$3"
	fi
}

# proc_of NAMESPACE FILE: the path of /proc/net/synward/FILE of a namespace, to be read without going there.
proc_of() {
	echo "/proc/${ns_pid[$1]}/net/synward/$2"
}

# stat_of NAMESPACE COUNTER. Starts no process: tests poll it. The file is read at once: "read" would seek back after each
# line, and be shown later counts for the next.
stat_of() {
	local line lines

	mapfile -t lines < "/proc/${ns_pid[$1]}/net/synward/stats"
	for line in "${lines[@]}"; do
		if [[ $line == "$2 "* ]]; then
			echo "${line#* }"
			return
		fi
	done
}

# --- three hosts: client -- server -- attacker
#
# The server's default route leads to the attacker, so what it answers to spoofed sources has a way to go; the
# attacker hears nothing of it. All neighbours are known beforehand: no ARP or ND among the counted packets.

# shellcheck disable=SC2034 # for the tests
server_ip4=192.0.2.1 client_ip4=192.0.2.2 server_attack_ip4=198.51.100.1 attacker_ip4=198.51.100.2
# shellcheck disable=SC2034
server_ip6=fd00:1::1 client_ip6=fd00:1::2 server_attack_ip6=fd00:2::1 attacker_ip6=fd00:2::2

# Each runs a command on its host; with & it is ended with the test.
server() {
	ip netns exec "$ns_server" "$@"
}

client() {
	ip netns exec "$ns_client" "$@"
}

attacker() {
	ip netns exec "$ns_attacker" "$@"
}

# A process that stays in each namespace, whose /proc/PID/net is the namespace's.
declare -A ns_pid

new_namespace() {
	local name=$1

	ip netns add "$name" || return
	ip netns exec "$name" sleep infinity &
	ns_pid[$name]=$!
	await 60 in_namespace "$name" || return
	ip -n "$name" link set lo up || return
	ip netns exec "$name" sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0
}

# "ip netns exec" has become the process that stays.
in_namespace() {
	[[ $(readlink "/proc/${ns_pid[$1]}/exe") == */sleep ]]
}

# One end of a link: address, up, and its peer as a permanent neighbour.
set_up_end() {
	local namespace=$1 device=$2 ip4=$3 ip6=$4 peer_ip4=$5 peer_ip6=$6 peer_mac=$7

	ip -n "$namespace" -batch - <<- EOT
	address add $ip4/24 dev $device
	address add $ip6/64 dev $device nodad
	link set $device up
	neighbour replace $peer_ip4 lladdr $peer_mac dev $device nud permanent
	neighbour replace $peer_ip6 lladdr $peer_mac dev $device nud permanent
	EOT
}

# link_to_server NAMESPACE SERVER-DEVICE NUMBER SERVER-IP4 SERVER-IP6 IP4 IP6: the far end is called eth0.
link_to_server() {
	local namespace=$1 device=$2 mac=02:00:00:00:0$3 server4=$4 server6=$5 ip4=$6 ip6=$7

	ip -n "$ns_server" link add "$device" address "$mac:01" type veth \
		peer name eth0 address "$mac:02" netns "$namespace" || return
	set_up_end "$ns_server" "$device" "$server4" "$server6" "$ip4" "$ip6" "$mac:02" || return
	set_up_end "$namespace" eth0 "$ip4" "$ip6" "$server4" "$server6" "$mac:01" || return
	ip -n "$namespace" route add default via "$server4" || return
	ip -n "$namespace" route add default via "$server6"
}

# Packet sockets (tcpdump, scapy) still see what is dropped here.
drop_all_input() {
	tc -n "$1" qdisc add dev eth0 clsact &&
		tc -n "$1" filter add dev eth0 ingress matchall action drop
}

make_hosts() {
	new_namespace "$ns_server" && new_namespace "$ns_client" && new_namespace "$ns_attacker" || return
	link_to_server "$ns_client" client0 1 "$server_ip4" "$server_ip6" "$client_ip4" "$client_ip6" || return
	link_to_server "$ns_attacker" attack0 2 "$server_attack_ip4" "$server_attack_ip6" \
		"$attacker_ip4" "$attacker_ip6" || return
	ip -n "$ns_server" route add default via "$attacker_ip4" || return
	ip -n "$ns_server" route add default via "$attacker_ip6" || return
	drop_all_input "$ns_attacker"
}

mk_topology() {
	local mark

	mark=$$
	ns_server=server-$mark ns_client=client-$mark ns_attacker=attacker-$mark
	make_hosts || ktap_exit_fail_msg "cannot make the namespaces"
}

# --- time

cgroups=/sys/fs/cgroup

# be_patient: the handshakes of all that is started from here on are not hurried by a machine that stands still for a
# moment, so each SYN and SYN-ACK comes once where none is lost. Where there are no cgroups it is as it is.
be_patient() {
	mkdir "$cgroups/synward-$$" 2> /dev/null || return 0
	echo $$ > "$cgroups/synward-$$/cgroup.procs"
	python3 "$lib_dir/patient.py" "$cgroups/synward-$$" || echo "# SYNs may come twice"
}

patience_ends() {
	[[ -d $cgroups/synward-$$ ]] || return 0
	echo $$ > "$cgroups/cgroup.procs"
	await 10 rmdir "$cgroups/synward-$$" 2> /dev/null
}

# slow_timers NAMESPACE DEVICE IP4 IP6: nor does what follows come twice, on the link to which these addresses belong.
slow_timers() {
	local net4=${3%.*}.0/24 net6=${4%::*}::/64

	ip netns exec "$1" sysctl -qw net.ipv4.tcp_early_retrans=0
	ip -n "$1" route replace "$net4" dev "$2" proto kernel scope link src "$3" rto_min 20s
	ip -n "$1" route replace "$net6" dev "$2" proto kernel metric 256 rto_min 20s
}

be_slow() {
	slow_timers "$ns_server" client0 "$server_ip4" "$server_ip6" &&
		slow_timers "$ns_client" eth0 "$client_ip4" "$client_ip6"
}

# --- traffic

# listening NAMESPACE PORT: is true when something accepts connections there.
listening() {
	[[ -n $(ip netns exec "$1" ss -Hltn "sport = :$2") ]]
}

# http_server NAMESPACE PORT: a small web server on all addresses; ready when this returns. It serves this folder.
http_server() {
	ip netns exec "$1" busybox httpd -f -p "$2" -h "$lib_dir" &
	await 60 listening "$1" "$2"
}

# http_get NAMESPACE ADDRESS PORT: prints the status line of the answer; without one the log has where the sockets stand.
http_get() {
	local namespace=$1 address=$2 port=$3 answer

	# shellcheck disable=SC2016 # the inner shell expands
	answer=$(ip netns exec "$namespace" timeout $((60 * ${SYNWARD_SLOW:-1})) bash -c '
		exec 3<> "/dev/tcp/$0/$1" && printf "GET /settings HTTP/1.0\r\n\r\n" >&3 && head -n 1 <&3' "$address" "$port" |
		tr -d '\r')
	echo "$answer"
	[[ -n $answer ]] || { ip netns exec "$namespace" ss -tanio; server ss -tanio; } | sed 's/^/# /' >&2
}

# --- results

# await SECONDS COMMAND...: polls until the command succeeds. On a slow kernel it may take longer.
await() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000 * ${SYNWARD_SLOW:-1}))

	shift
	until "$@"; do
		((${EPOCHREALTIME/[.,]/} < end)) || return 1
		sleep 0.05
	done
}

# result STATUS NAME SEEN EXPECTED: the counted result, and on failure what was seen.
result() {
	if (($1 == 0)); then
		ktap_test_pass "$2"
		return
	fi
	ktap_test_fail "$2"
	printf 'expected %s, seen %s\n' "$4" "${3:-nothing}" | sed 's/^/# /'
	return 1
}

expect_eq() {
	[[ $2 == "$3" ]]
	result $? "$1" "$2" "$3"
}

# Nothing is no number.
expect_ge() {
	[[ $2 =~ ^-?[0-9]+$ ]] && (($2 >= $3))
	result $? "$1" "$2" "at least $3"
}

expect_le() {
	[[ $2 =~ ^-?[0-9]+$ ]] && (($2 <= $3))
	result $? "$1" "$2" "at most $3"
}

# expect_match NAME SEEN REGEX
expect_match() {
	[[ $2 =~ $3 ]]
	result $? "$1" "$2" "a match of $3"
}

# expect_ok NAME COMMAND...; expect_fail NAME COMMAND...: by exit status; what the command said is shown on failure.
expect_ok() {
	local name=$1 output status

	shift
	output=$("$@" 2>&1)
	status=$?
	result "$status" "$name" "status $status: $output" "success of: $*"
}

expect_fail() {
	local name=$1 output

	shift
	! output=$("$@" 2>&1)
	result $? "$name" "success: $output" "failure of: $*"
}

# end_coprocess NAME: closes its input, and waits until it has gone.
end_coprocess() {
	local -n descriptors=$1 pid=$1_PID
	local input=${descriptors[1]}

	exec {input}>&-
	wait "$pid"
}

# sums_of NAMESPACE: each sum of counters that does not add up. What the guard looked at is under exactly one reason.
sums_of() {
	local line lines
	local -A stat

	mapfile -t lines < "/proc/${ns_pid[$1]}/net/synward/stats"
	for line in "${lines[@]}"; do
		stat[${line% *}]=${line#* }
	done
	sum_of guard_syn syn_passed_connected cookie_passed syn_passed_elsewhere syn_dropped_acceptq would_syn_dropped \
		cookie_sent would_cookie_sent cookie_no_route cookie_no_memory
	sum_of guard_ack cookie_valid cookie_invalid cookie_replayed ack_left_to_nat
	sum_of cookie_valid replay_accepted replay_unasked replay_refused replay_kept replay_elsewhere replay_no_memory \
		ack_dropped_acceptq cookie_monitored
}

# sum_of TOTAL PART...
sum_of() {
	local total=$1 sum=0 part

	shift
	for part; do
		((sum += stat[$part]))
	done
	((stat[$total] == sum)) || echo "$total=${stat[$total]} but sum=$sum"
}

# A packet may be between two counters.
adds_up() {
	[[ -z $(sums_of "$1") ]]
}

expect_adds_up() {
	await 60 adds_up "$2"
	expect_eq "$1: the guard's counters add up" "$(sums_of "$2")" ''
}

# --- the end

clean_up() {
	local namespace pids

	pids=$(jobs -p)
	for namespace in ${ns_server:-} ${ns_client:-} ${ns_attacker:-}; do
		pids+=" $(ip netns pids "$namespace" 2> /dev/null)"
	done
	# bash shall not announce the end of each.
	disown -a
	# shellcheck disable=SC2086 # one argument a process
	[[ -z ${pids// /} ]] || kill -KILL $pids 2> /dev/null
	for namespace in ${ns_server:-} ${ns_client:-} ${ns_attacker:-}; do
		ip netns delete "$namespace" 2> /dev/null
	done
	[[ -z ${module_is_ours:-} || ! -e /sys/module/synward ]] || rmmod synward
	patience_ends
}

trap clean_up EXIT
trap 'exit 1' INT TERM
