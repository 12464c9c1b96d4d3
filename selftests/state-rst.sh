#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# RST in every state and from both sides: believed at exactly the expected sequence number, at no other.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=wire.sh
. "$lib_dir/wire.sh"

need_module
need_commands python3

ktap_print_header
mk_wire
run_cases rst

ktap_finished
