# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# beside.sh: for scripts that let machines run side by side: each emulated one keeps one CPU busy. Who is interrupted ends
# them all.

groups=() names=()

# title PART: so that one sees how far it is.
title() {
	echo
	echo "== $* ($((SECONDS / 60)) min $((SECONDS % 60)) s)"
}

# beside NAME COMMAND...: goes on by itself, a group of its own, to be ended with all that it has begun. What it prints is
# kept in the folder $results until end_beside.
beside() {
	set -m
	"${@:2}" > "${results:?}/$1.log" 2>&1 < /dev/null &
	groups+=($!)
	names+=("$1")
	set +m
}

# Waits for all of them. Return: 0 if each has succeeded.
end_beside() {
	local i failed=0

	for i in "${!groups[@]}"; do
		title "what ran beside: ${names[i]}"
		tail -n +1 -f --pid="${groups[i]}" "${results:?}/${names[i]}.log"
		wait "${groups[i]}" || failed=1
	done
	groups=() names=()
	return "$failed"
}

# shellcheck disable=SC2317 # the trap calls it
break_off() {
	local group

	for group in "${groups[@]}"; do
		kill -- "-$group" 2> /dev/null
	done
	exit 1
}

trap break_off INT TERM HUP
