/* SPDX-License-Identifier: GPL-2.0 */
/* The exit codes of the tool; every function that can fail returns one. */
#ifndef SYNWARD_TOOL_EXIT_H
#define SYNWARD_TOOL_EXIT_H

enum exit_code {
	EXIT_OK		= 0,
	EXIT_ERROR	= 1,
	EXIT_USAGE	= 2,
	EXIT_NOT_LOADED	= 3,

	/* check has those of monitoring plugins */
	EXIT_WARNING	= 1,
	EXIT_CRITICAL	= 2,
	EXIT_UNKNOWN	= 3,
};

#endif
