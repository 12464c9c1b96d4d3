#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Storms: what an administrator, a container engine or a full memory does to the module while it is at work. Throughout
# there is a flood, good clients come, and /proc is read; the kernel log must stay clean, and good clients are served
# afterwards. SYNWARD_TEST_ROUNDS says how often (5; a long run: 1000), SYNWARD_TEST_STEP which allocations fail (each
# 23rd; a long run: 1), SYNWARD_TEST_STORMS which storms there are ("reload cpus"; all). Allocations fail on a kernel
# with fault injection only; on another one those storms say so and pass over.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 hping3

rounds=${SYNWARD_TEST_ROUNDS:-5}
step=${SYNWARD_TEST_STEP:-23}
port=8000
seed=${SYNWARD_TEST_SEED:-1}
read -ra storms <<< "${SYNWARD_TEST_STORMS:-reload namespaces cpus settings sizes memory open_files clock \
	atomic insmod_failures namespace_failures}"
hoard=/run/hoard-$$

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

# progress ROUND: where there are many, one sees how far it is.
progress() {
	(($1 == 0 || $1 % 100)) || echo "# $storm: $1 rounds, $((SECONDS - start)) s" >&2
}

# Modes change, so that cookies are on in most rounds.
storm_reload() {
	local i

	for ((i = 0; i < rounds; i++)); do
		progress "$i"
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
		progress "$i"
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
		progress "$i"
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

# MiB that could be had.
available() {
	awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo
}

# Tables that do not fit any more are refused, and nobody is killed for them (the log would tell). Those as usual just
# fit, and do their work there.
storm_memory() {
	local i

	mkdir "$hoard" && mount -t tmpfs -o size=100% hoard "$hoard" || return
	fallocate -l $(($(available) - 160))M "$hoard/all" || echo "memory left: $(available) MiB"
	for ((i = 0; i < 3; i++)); do
		unload_module || echo "round $i: rmmod"
		# 256 MiB
		load_module established_max=2097152 2> /dev/null && echo "round $i: loaded into nothing"
		[[ ! -e /proc/net/synward ]] || echo "round $i: half loaded"
		load_module || echo "round $i: insmod"
		await 60 serves "$server_ip4" || echo "round $i: a client is not served"
	done
	echo "# $(available) MiB were left" >&2
	umount "$hoard" && rmdir "$hoard"
}

# Who has a file open when the module goes reads no more of it, not of the next module's either, and comes to no harm.
storm_open_files() {
	local i fd fds file reader

	for ((i = 0; i < rounds; i++)); do
		progress "$i"
		fds=()
		for file in stats listeners latency halfopen established; do
			exec {fd}< "$(proc_of "$ns_server" "$file")" || echo "round $i: open $file"
			read -r -n 3 -u "$fd" || echo "round $i: read $file"
			fds+=("$fd")
		done
		dd bs=1 if="$(proc_of "$ns_server" stats)" of=/dev/null 2> /dev/null &
		reader=$!
		unload_module || echo "round $i: rmmod"
		wait "$reader"
		for fd in "${fds[@]}"; do
			[[ -z $(cat <&"$fd" 2> /dev/null) ]] || echo "round $i: a file without its module"
		done
		load_module || echo "round $i: insmod"
		for fd in "${fds[@]}"; do
			[[ -z $(cat <&"$fd" 2> /dev/null) ]] || echo "round $i: another module's file"
			exec {fd}<&-
		done
	done
}

# Is the connection to the other port in the table, and does it work?
still_holds() {
	local answer

	echo "still there" >&"${held[1]}"
	read -r -t 60 -u "${held[0]}" answer
	[[ ${answer:-nothing} == intact ]] || echo "$1: the connection answers ${answer:-nothing}"
	grep -q "server_port=$((port + 1)) client_state=ESTABLISHED" "$(proc_of "$ns_server" established)" ||
		echo "$1: the connection is not in the table"
}

# Jumps of the wall clock by more than any timeout. A connection outlives two sweeps after each.
storm_clock() {
	local now up days other

	server python3 "$lib_dir/peer.py" serve $((port + 1)) 8 > /dev/null &
	other=$!
	await 60 listening "$ns_server" $((port + 1)) || return
	coproc held { client python3 "$lib_dir/peer.py" hold "$server_ip4" $((port + 1)); }
	read -r -t 60 -u "${held[0]}"
	still_holds "before"
	now=$(date +%s) up=$(cut -d . -f 1 /proc/uptime)
	for days in 400 -400 3000; do
		date -s "@$((now + days * 86400))" > /dev/null || echo "date"
		sleep 5
		still_holds "$days days"
	done
	date -s "@$((now + $(cut -d . -f 1 /proc/uptime) - up))" > /dev/null
	sleep 5
	still_holds "as it was"
	# shellcheck disable=SC2154 # coproc assigns it
	kill "$other" "$held_PID"
}

# --- allocations that fail

faults=/sys/kernel/debug

has_failures() {
	[[ -e $faults/failslab ]] || { echo "# no fault injection in this kernel: passed over" >&2; false; }
}

# inject PERCENT: so many of the allocations that cannot wait fail, wherever they are.
inject() {
	local kind

	for kind in failslab fail_page_alloc; do
		echo 0 > "$faults/$kind/verbose"
		echo Y > "$faults/$kind/ignore-gfp-wait"
		echo N > "$faults/$kind/task-filter"
		echo 1000000000 > "$faults/$kind/times"
		echo "$1" > "$faults/$kind/probability"
	done
	echo 0 > "$faults/fail_page_alloc/min-order"
}

# Packets, listeners, replies: what is done in an interrupt.
storm_atomic() {
	local failed

	has_failures || return 0
	inject 10
	sleep $((rounds * 2))
	failed=$((2000000000 - $(< "$faults/failslab/times") - $(< "$faults/fail_page_alloc/times")))
	inject 0
	echo "# $failed failed" >&2
	((failed > 0)) || echo "no allocation failed"
}

# fail_each ARGUMENTS...
fail_each() {
	python3 "$lib_dir/failures.py" "$@" > "/run/failures-$$" 2>&1 || cat "/run/failures-$$"
	sed 's/^/# /' "/run/failures-$$" >&2
}

storm_insmod_failures() {
	has_failures || return 0
	unload_module
	fail_each insmod "$(module_file)" "$step"
	load_module || echo "as usual"
}

storm_namespace_failures() {
	has_failures || return 0
	fail_each namespace "$step"
}

# shellcheck disable=SC2317 # the trap calls it
drop_hoard() {
	mountpoint -q "$hoard" && umount "$hoard" && rmdir "$hoard"
}

trap 'clean_up; drop_hoard' EXIT
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
