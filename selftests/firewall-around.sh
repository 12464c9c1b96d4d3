#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Whose SYNs the firewall drops gets in by no ACK, however strange; who is welcome does.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=wire.sh
. "$lib_dir/wire.sh"

need_module
need_commands python3 nft

ktap_print_header
mk_topology
# Small tables, so that a short flood fills them.
load_module halfopen_max=1024 || ktap_exit_fail_msg "cannot load the module"
run_cases around

ktap_finished
