/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a kernel since 5.10 prints callers: its records have them always, but it prints
 * them only with CONFIG_PRINTK_CALLER, and nothing in VMCOREINFO tells. The kernel's code
 * does: info_print_ext_header() in kernel/printk/printk.c has a format with them only then,
 * and another one in any case.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kinfo.h"
#include "log.h"
#include "num.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"

static const char with_callers[] = ",caller=%c%u", any_case[] = "%u,%llu,%llu,%c%s;";

/* no kernel's code and constants are more */
enum { IMAGE_MAX = 256 << 20 };
/* bytes that are looked at together, and behind them what a string may reach into */
enum { PIECE = 32768, PART = 4096, OVERLAP = sizeof any_case };

struct search {
	struct log *log;
	bool found, control, hole;
	char buf[PIECE + OVERLAP];
};

/*
 * Constants lie between the code and the variables: up to the first variable known. Strings
 * are behind the other constants (include/asm-generic/vmlinux.lds.h), so behind kallsyms.
 */
static bool find_strings(const struct kinfo *ki, uint64_t *from, uint64_t *to)
{
	static const char key[] = "SYMBOL(", table[] = "kallsyms_";
	uint64_t start, at;

	if (!kinfo_symbol(ki, "_stext", &start))
		return false;
	*from = start;
	*to = UINT64_MAX;
	for (const char *p = ki->text; (p = strstr(p, key)); p++) {
		const char *value = strstr(p, ")=");

		if (!value || !num_parse(value + 2, strspn(value + 2, "0123456789abcdef"), 16, &at) ||
		    at <= start || at - start > IMAGE_MAX)
			continue;
		if (strncmp(p + sizeof key - 1, table, sizeof table - 1) != 0)
			*to = at < *to ? at : *to;
		else if (at > *from)
			*from = at;
	}
	return *from < *to && *to - *from <= IMAGE_MAX;
}

static int look(struct search *s, uint64_t virt, size_t len)
{
	if (log_read(s->log, s->buf, len, virt))
		return -1;
	s->found |= memmem(s->buf, len, with_callers, sizeof with_callers) != NULL;
	s->control |= memmem(s->buf, len, any_case, sizeof any_case) != NULL;
	return 0;
}

/* a piece, or what there is of it */
static void look_at_piece(struct search *s, uint64_t virt)
{
	if (look(s, virt, PIECE + OVERLAP) == 0)
		return;
	s->hole = true;
	for (uint64_t at = virt; at < virt + PIECE; at += PART)
		look(s, at, PART);
}

int log_find_caller(struct log *log)
{
	struct search *s;
	uint64_t from, to;

	if (log->caller_shown >= 0 || !find_strings(&log->sp->vm->info, &from, &to))
		return 0;
	s = calloc(1, sizeof *s);
	if (!s)
		return fail_sys("the log");
	s->log = log;
	for (uint64_t n = 0; n < num_div_up(to - from, PIECE) && !s->found; n++) {
		if (stop_check()) {
			free(s);
			return -1;
		}
		look_at_piece(s, from + n * PIECE);
	}
	if (s->found)
		log->caller_shown = 1;
	else if (s->control && !s->hole)
		log->caller_shown = 0;
	free(s);
	return 0;
}
