/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the log that are worth showing whatever the crash was. */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "summary-line.h"
#include "summary-state.h"

static void note_line(struct summary *s, const struct record *r, enum notables which,
		      const char *text)
{
	struct notable *n = &s->notable[which];
	size_t i = n->count++ % SUMMARY_NOTABLE;

	n->line[i].timed = r->timed;
	n->line[i].ts_nsec = r->ts_nsec;
	line_copy(n->line[i].text, sizeof n->line[i].text, text);
}

void summary_note_title(struct summary *s, const struct record *r, enum kind kind,
			const char *title)
{
	switch (kind) {
	case KIND_OOM:
		note_line(s, r, NOTABLE_OOM, title);
		break;
	case KIND_HUNG_TASK:
		note_line(s, r, NOTABLE_HUNG, title);
		break;
	case KIND_MACHINE_CHECK:
		note_line(s, r, NOTABLE_MACHINE, title);
		break;
	case KIND_SOFT_LOCKUP:
	case KIND_HARD_LOCKUP:
	case KIND_RCU_STALL:
		note_line(s, r, NOTABLE_LOCKUP, title);
		break;
	default:
		break;
	}
}

void summary_note_machine(struct summary *s, const char *line)
{
	const char *at;

	if (line_begins(line, "Linux version ")) {
		at = line + strlen("Linux version ");
		line_clean(s->log_release, sizeof s->log_release, at, strcspn(at, " "));
	} else if (line_begins(line, "DMI: ")) {
		line_copy(s->log_hardware, sizeof s->log_hardware, line + strlen("DMI: "));
	} else if (line_begins(line, "Memory: ") && (at = strchr(line, '/')) != NULL) {
		s->log_memory = strtoull(at + 1, NULL, 10) * 1024;
	} else if (strstr(line, "Brought up ") && (at = strstr(line, ", ")) != NULL) {
		s->log_cpus = (uint32_t)strtoul(at + 2, NULL, 10);
	}
}
