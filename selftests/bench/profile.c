// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU: counts the guest kernel's instructions between the marks that
 * the injector (lane.c) makes. "out=FILE" is written: one line "ADDRESS COUNT" a
 * block of instructions, and "order" after those of one order. One CPU.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define EXPORT	__attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;

/* A block that QEMU has translated, with no jump but at its end; none is ever freed. */
struct block {
	struct block *next;
	uint64_t address;
	uint64_t count;
	size_t insns;
};

static struct block *blocks;
static int counting;
static FILE *out;

static void execute(unsigned int cpu, void *arg)
{
	struct block *b = arg;

	(void)cpu;
	if (counting)
		b->count += b->insns;
}

static void mark_batch(unsigned int cpu, void *arg)
{
	(void)cpu;
	(void)arg;
	counting = !counting;
}

static void mark_order(unsigned int cpu, void *arg)
{
	struct block *b;

	(void)cpu;
	(void)arg;
	for (b = blocks; b; b = b->next) {
		if (b->count)
			fprintf(out, "%llx %llu\n", (unsigned long long)b->address,
				(unsigned long long)b->count);
		b->count = 0;
	}
	fputs("order\n", out);
	fflush(out);
}

static int is(const struct qemu_plugin_insn *insn, const char *bytes)
{
	return qemu_plugin_insn_size(insn) == 3 &&
	       !memcmp(qemu_plugin_insn_data(insn), bytes, 3);
}

static void look_for_marks(struct qemu_plugin_insn *insn)
{
	if (is(insn, "\x66\x87\xdb"))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, mark_batch,
						       QEMU_PLUGIN_CB_NO_REGS, NULL);
	else if (is(insn, "\x66\x87\xc9"))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, mark_order,
						       QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *b;
	size_t i;

	(void)id;
	/* The kernel lies in the upper half. */
	if (!(qemu_plugin_tb_vaddr(tb) >> 63))
		return;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->address = qemu_plugin_tb_vaddr(tb);
	b->insns = qemu_plugin_tb_n_insns(tb);
	b->next = blocks;
	blocks = b;
	for (i = 0; i < b->insns; i++)
		look_for_marks(qemu_plugin_tb_get_insn(tb, i));
	qemu_plugin_register_vcpu_tb_exec_cb(tb, execute, QEMU_PLUGIN_CB_NO_REGS, b);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
			       int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
