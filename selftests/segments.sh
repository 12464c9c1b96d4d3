#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Segments and packets that are strange in themselves, forwarded, to a listener, and to one that sends cookies.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=wire.sh
. "$lib_dir/wire.sh"

need_module
need_commands python3

ktap_print_header
mk_wire
run_cases segments

ktap_finished
