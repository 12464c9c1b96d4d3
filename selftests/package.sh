#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the Debian package does when it is installed, upgraded and removed: the module is loaded, replaced and unloaded,
# unless somebody does not want it or this is a chroot.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

scripts=$lib_dir/../debian
modules=/lib/modules/$(uname -r)
mask=/etc/modules-load.d/synward.conf

need_module
need_commands mountpoint depmod ischroot systemd-detect-virt
[[ -e $scripts/synward-dkms.postinst ]] || skip_all "needs debian/synward-dkms.postinst"
! systemd-detect-virt --quiet --container || skip_all "needs a kernel of its own"
[[ ! -e $mask ]] || skip_all "somebody has masked the module"

# Not in a mount namespace of its own: that looks like a chroot.
unmount() {
	local folder

	for folder in /mnt "$modules"; do
		while mountpoint -q "$folder"; do
			umount -R "$folder" || break
		done
	done
	rm -f "$mask"
}

trap 'clean_up; unmount' EXIT

# In place of all others, so that depmod has little to read.
install_module() {
	local file

	file=$(module_file)
	mount -t tmpfs modules "$modules" && mkdir "$modules/updates" &&
		cp "$file" "$modules/updates/synward.ko" && depmod 2> /dev/null
}

configure() {
	sh "$scripts/synward-dkms.postinst" configure "$@" 2>&1
}

before_removal() {
	sh "$scripts/synward-dkms.prerm" "$@" 2>&1
}

loaded() {
	[[ -e /sys/module/synward ]]
}

# Another root, with the same programs and the same kernel.
make_chroot() {
	local folder

	mount -t tmpfs chroot /mnt && cp -a /bin /lib* /sbin "$scripts"/synward-dkms.* /mnt || return
	for folder in usr etc proc sys dev; do
		mkdir "/mnt/$folder" && mount --bind "/$folder" "/mnt/$folder" || return
	done
}

in_chroot() {
	chroot /mnt sh "$@" 2>&1
}

ktap_print_header
ktap_set_plan 17

mount -t tmpfs nothing "$modules"
expect_eq "without a module for this kernel: the headers are named" "$(configure)" \
	"synward: no module for this kernel: apt-get install linux-headers-$(uname -r)"
install_module
make_chroot

expect_eq "installed in a chroot" "$(in_chroot /synward-dkms.postinst configure)" ''
expect_fail "it is not loaded" loaded
mkdir -p "${mask%/*}"
ln -s /dev/null "$mask"
expect_eq "installed where it is masked" "$(configure)" ''
expect_fail "it is not loaded" loaded
rm "$mask"
expect_eq "installed" "$(configure)" ''
expect_ok "it is loaded" loaded

sysctl -qw net.synward.mode=1
expect_eq "before an upgrade" "$(before_removal upgrade 99.0)" ''
expect_ok "the old one stays" loaded
expect_eq "upgraded" "$(configure 0.0.1)" ''
expect_eq "it is the new one" "$(sysctl -n net.synward.mode)" 2

expect_eq "removed in a chroot" "$(in_chroot /synward-dkms.prerm remove)" ''
expect_ok "it stays" loaded

# As when a program holds it, perf for one.
mkdir /mnt/busy
ln -s /bin/false /mnt/busy/rmmod
expect_match "removed while it is in use" "$(PATH=/mnt/busy:$PATH before_removal remove)" \
	'the module is in use and stays until the next boot'
expect_ok "that is no failure" before_removal remove
expect_fail "removed: it is gone" loaded
expect_ok "removed without it" before_removal remove

ktap_finished
