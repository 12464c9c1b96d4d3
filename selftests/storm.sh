#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Storms: what an administrator or a container engine does to the module while it is at work, and memory that is
# refused. Throughout
# there is a flood, good clients come, and /proc is read; the kernel log must stay clean, and good clients are served
# afterwards. SYNWARD_TEST_ROUNDS says how often (5; a long run: 1000), SYNWARD_TEST_STEP which allocations fail (each
# 23rd; a long run: 1), SYNWARD_TEST_STORMS which storms there are ("reload cpus"; all).

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 hping3

rounds=${SYNWARD_TEST_ROUNDS:-5}
step=${SYNWARD_TEST_STEP:-23}
port=8000
seed=${SYNWARD_TEST_SEED:-1}
read -ra storms <<< "${SYNWARD_TEST_STORMS:-reload namespaces cpus settings sizes insmod_failures}"

ktap_print_header
ktap_set_plan $((${#storms[@]} * 2 + 2))

# --- what goes on meanwhile

read_proc() {
	while :; do
		server cat /proc/net/synward/{stats,listeners,latency,halfopen,established}
	done > /dev/null 2>&1
}

good_clients() {
	while :; do
		client python3 "$lib_dir/peer.py" good "$server_ip4" "$port" 20 4 10
		client python3 "$lib_dir/peer.py" good "$server_ip6" "$port" 20 4 10
	done > /dev/null 2>&1
}

serves() {
	[[ $(client python3 "$lib_dir/peer.py" talk "$1" "$port" 1000 2>&1) == *intact* ]]
}

# --- the storms: each prints what went wrong

# Modes change, so that cookies are on in most rounds.
storm_reload() {
	local i

	for ((i = 0; i < rounds; i++)); do
		unload_module || echo "round $i: rmmod"
		load_module || echo "round $i: insmod"
		server sysctl -qw net.synward.mode=$((i % 4)) || echo "round $i: mode"
	done
	server sysctl -qw net.synward.mode=2
}

# One with a connection, a few empty ones, all gone at once.
storm_namespaces() {
	local i name="storm-$$"

	for ((i = 0; i < rounds; i++)); do
		ip netns add "$name" || echo "round $i: add"
		ip -n "$name" link set lo up
		# shellcheck disable=SC2016 # the inner shell expands
		ip netns exec "$name" bash -c 'busybox nc -l -p 9 < /dev/null > /dev/null & sleep 0.1
			: 2> /dev/null > /dev/tcp/127.0.0.1/9
			[[ $(< /proc/net/synward/stats) == "version 1"* ]]; kill $!' 2> /dev/null
		unshare -n true & unshare -n true & unshare -n cat /proc/net/synward/established > /dev/null
		ip netns delete "$name" || echo "round $i: delete"
	done
}

storm_cpus() {
	local i cpu=/sys/devices/system/cpu/cpu1/online

	[[ -e $cpu ]] || return 0
	for ((i = 0; i < rounds; i++)); do
		echo 0 > "$cpu" || echo "round $i: offline"
		sleep 0.2
		echo 1 > "$cpu" || echo "round $i: online"
		sleep 0.2
	done
}

# Good values and others: what is refused changes nothing, what is taken must not hurt.
storm_settings() {
	# shellcheck disable=SC2016 # the inner shell expands
	server bash -c '
		RANDOM=$0 files=(/proc/sys/net/synward/*)
		values=(0 1 2 3 5 10 50 100 1000 65535 16777216 4294967295 -1 x "" "192.0.2.0/24,fd00::/8" 10.0.0.0/8)
		for ((i = 0; i < $1; i++)); do
			echo "${values[RANDOM % ${#values[@]}]}" > "${files[RANDOM % ${#files[@]}]}"
		done' "$seed" $((rounds * 10)) 2> /dev/null
	# As it was, for what follows.
	unload_module && load_module
}

# Smallest tables, which are full at once; and such as cannot be had, or only just.
storm_sizes() {
	local free

	unload_module
	load_module halfopen_max=1024 established_max=1024 limit_max=1024 || echo "smallest"
	sleep 3
	unload_module
	free=$(awk '/^MemAvailable/ { print int($2 / 3) }' /proc/meminfo)
	load_module established_max=$((free * 8)) || echo "a third of the memory"
	sleep 2
	unload_module
	# 8 GiB: more than the machine has.
	! load_module established_max=67108864 2> /dev/null || echo "more than the memory was given"
	[[ ! -e /sys/module/synward ]] || unload_module
	load_module || echo "as usual"
}

has_failures() {
	[[ -e /sys/kernel/debug/failslab ]]
}

storm_insmod_failures() {
	has_failures || return 0
	unload_module
	python3 "$lib_dir/failures.py" "$(module_file)" "$step" > "/run/failures-$$" || cat "/run/failures-$$"
	sed 's/^/# /' "/run/failures-$$" >&2
	load_module || echo "as usual"
}

mk_topology
load_module
server python3 "$lib_dir/peer.py" serve "$port" 128 &
await 20 listening "$ns_server" "$port"
attacker hping3 -q -S -p "$port" --rand-source -i u2000 "$server_attack_ip4" > /dev/null 2>&1 &
read_proc &
good_clients &

for storm in "${storms[@]}"; do
	start=$SECONDS
	expect_eq "$storm: nothing goes wrong" "$("storm_$storm")" ''
	echo "# $storm: $((SECONDS - start)) s"
	expect_ok "clients are served after $storm" await 60 serves "$server_ip4"
done
expect_ok "clients are served, IPv6" await 60 serves "$server_ip6"
expect_adds_up "in the end" "$ns_server"
rm -f "/run/failures-$$"

ktap_finished
