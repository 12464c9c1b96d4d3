#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The file of settings tells the truth: its defaults are those of the module, its ranges are taken, and nothing beyond.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

file=$lib_dir/../contrib/sysctl.d/synward.conf
folder=/proc/sys/net/synward

need_module
need_commands sysctl awk
[[ -e $file ]] || skip_all "needs contrib/sysctl.d/synward.conf"

# NAME MIN MAX DEFAULT of each setting that is a number.
numbers() {
	awk '/^# Range: [0-9]+ to / { min = $3; max = $5 }
		/^# Range: [0-9]+ prefixes/ { max = "" }
		/^#net\.synward\./ && max != "" { sub(/.*\./, "", $1); print $1, min, max, $3 }' "$file"
}

set_to() {
	printf '%s\n' "$2" 2> /dev/null > "$folder/$1"
}

# in_range NAME MIN MAX
in_range() {
	set_to "$1" "$2" && [[ $(< "$folder/$1") == "$2" ]] && set_to "$1" "$3" && [[ $(< "$folder/$1") == "$3" ]]
}

# beyond NAME MIN MAX: does it take what it should not?
beyond() {
	set_to "$1" $(($2 - 1)) || set_to "$1" $(($3 + 1))
}

all_settings() {
	sysctl -a -r '^net\.synward\.' | sort
}

ktap_print_header
ktap_set_plan $(($(numbers | wc -l) * 3 + 3))

load_module
before=$(all_settings)
expect_eq "one line a setting" "$(grep -c '^#net\.synward\.' "$file")" "$(wc -l <<< "$before")"
while read -r name min max default; do
	expect_eq "$name is $default" "$(< "$folder/$name")" "$default"
	expect_ok "$name takes $min and $max" in_range "$name" "$min" "$max"
	expect_fail "$name takes nothing beyond" beyond "$name" "$min" "$max"
done < <(numbers)
expect_ok "the file is taken as a whole" sysctl -q -p <(sed 's/^#net/net/' "$file")
expect_eq "and says what was so before" "$(all_settings)" "$before"
unload_module

ktap_finished
