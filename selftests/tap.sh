# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# tap.sh: for scripts that are a list of checks: one TAP line each, what a failed one has said below it.

tap_number=0
tap_failed=0

# tap_check NAME COMMAND...: it passes when the command succeeds.
tap_check() {
	local name=$1 output status

	shift
	output=$("$@" 2>&1)
	status=$?
	tap_number=$((tap_number + 1))
	if ((status == 0)); then
		echo "ok $tap_number - $name"
		return
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_number - $name"
	output=${output:-failed without a word, status $status}
	echo "# ${output//$'\n'/$'\n'# }"
}

# quietly COMMAND...: it succeeds when the command does and prints nothing.
quietly() {
	local output status

	output=$("$@" 2>&1)
	status=$?
	[[ -z $output ]] || echo "$output"
	((status == 0)) && [[ -z $output ]]
}

# The last thing. Return: 0 if all have passed.
tap_end() {
	echo "1..$tap_number"
	((tap_failed == 0))
}
