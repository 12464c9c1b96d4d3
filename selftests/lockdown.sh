#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A locked-down kernel takes no module without a signature that it knows: that is said, by insmod, by the kernel and by
# "make load". It stays locked until it boots again, so nothing else is to run there: make vm-test TEST=lockdown.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

top=$lib_dir/..
folder=/sys/kernel/security

need_module
need_commands make
[[ -n ${SYNWARD_VM:-} ]] || skip_all "needs a machine to throw away"
mountpoint -q "$folder" || mount -t securityfs securityfs "$folder"
[[ -e $folder/lockdown ]] || skip_all "needs a kernel that can be locked"

# What would be built is there already.
make_load() {
	cp "$(module_file)" "$top/synward.ko" && make -s -C "$top" load MAKE=true 2>&1
}

ktap_print_header
ktap_set_plan 5

echo integrity > "$folder/lockdown"
expect_match "the kernel is locked" "$(< "$folder/lockdown")" '\[integrity\]'
expect_match "insmod is not permitted" "$(load_module 2>&1)" 'Operation not permitted'
expect_match "the kernel log says why" "$(dmesg | tail -n 5)" 'unsigned module loading is restricted'
expect_match "make load says what may be so" "$(make_load)" 'a locked-down kernel'
expect_fail "nothing is loaded" test -e /sys/module/synward

ktap_finished
