// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules.h"

/* Asking for rules must not load what keeps them. */
#define COMMAND								\
	"PATH=/usr/sbin:/sbin:/usr/bin:/bin; exec 2> /dev/null\n"	\
	"if [ -d /sys/module/nf_tables ]; then\n"			\
	"	nft list ruleset; iptables-nft-save; ip6tables-nft-save\n" \
	"fi\n"								\
	"[ ! -d /sys/module/ip_tables ] || iptables-legacy-save\n"	\
	"[ ! -d /sys/module/ip6_tables ] || ip6tables-legacy-save\n"

static bool has(const char *line, const char *word)
{
	return strstr(line, word);
}

static bool drops(const char *line)
{
	return has(line, " drop") || has(line, " reject") || has(line, "-j DROP") ||
	       has(line, "-j REJECT");
}

/* As nft writes it, and iptables. */
static bool is_of(const char *line, const char *nft, const char *iptables)
{
	return (has(line, "ct state") && has(line, nft)) || has(line, iptables);
}

static bool not_syn(const char *line)
{
	return (has(line, "tcp flags") && has(line, "!")) || has(line, "! --syn") ||
	       has(line, "! --tcp-flags");
}

static void look_at(struct rules *rules, const char *line)
{
	if (!drops(line))
		return;
	rules->invalid |= is_of(line, "invalid", "INVALID");
	rules->no_syn |= is_of(line, "new", "NEW") && not_syn(line);
}

static void look_at_all(struct rules *rules, FILE *file)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, file) > 0)
		look_at(rules, line);
	free(line);
}

void rules_read(struct rules *rules, const struct host *host)
{
	char path[HOST_PATH_MAX];
	FILE *file;

	*rules = (struct rules) { .untold = !*host->root && geteuid() != 0 };
	if (rules->untold)
		return;
	file = *host->root ? fopen(host_path(host, "/firewall-rules", path), "re") :
			     popen(COMMAND, "re");
	if (!file)
		return;
	look_at_all(rules, file);
	if (*host->root)
		fclose(file);
	else
		pclose(file);
}
