/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "err.h"
#include "kinfo.h"
#include "log.h"
#include "num.h"
#include "space.h"
#include "vmcore.h"

/* the first whose symbol VMCOREINFO has: kernel/printk/printk.c (kernel/printk.c) */
static const struct log_format *const formats[] = { &log_ring, &log_records, &log_text };
enum { NFORMATS = sizeof formats / sizeof formats[0] };

/* LOG_BUF_LEN_MAX, and the least that CONFIG_LOG_BUF_SHIFT allows */
#define BUFFER_MAX ((uint64_t)1 << 31)
#define BUFFER_MIN ((uint64_t)1 << 12)

static int start(struct log *log)
{
	if (log->format->open(log) == 0)
		return 0;
	/* what cannot be read looks like damage */
	if (err_code() == ERR_CORRUPT && log->trouble[0])
		return fail(ERR_SYS, "the log: %s", log->trouble);
	return -1;
}

int log_open(struct log *log, struct space *sp)
{
	uint64_t symbol;

	*log = (struct log){ .sp = sp, .caller_shown = -1 };
	for (int i = 0; i < NFORMATS && !log->format; i++)
		if (kinfo_symbol(&sp->vm->info, formats[i]->symbol, &symbol))
			log->format = formats[i];
	if (!log->format)
		return fail(ERR_UNKNOWN, "VMCOREINFO does not say where the log is");
	return start(log);
}

static int next(struct log *log, struct record *r)
{
	if (log->holds) {
		*r = log->held;
		log->holds = false;
		return 1;
	}
	*r = (struct record){ 0 };
	return log->ended ? 0 : log->format->next(log, r);
}

int log_next(struct log *log, struct record *r)
{
	int rc = next(log, r);

	log->uncounted |= rc == 1 && r->loss != LOSS_NONE && !r->lost;
	while (rc == 1 && r->loss != LOSS_NONE) {
		int more = next(log, &log->held);

		if (more < 0)
			return -1;
		log->ended = more == 0;
		log->holds = more == 1 && log->held.loss != r->loss;
		if (log->ended || log->holds)
			break;
		log->uncounted |= !log->held.lost;
		r->lost = r->lost && log->held.lost ? r->lost + log->held.lost : 0;
	}
	return rc;
}

int log_rewind(struct log *log)
{
	const struct log_format *format = log->format;

	if (!format)
		return fail(ERR_UNKNOWN, "no log is open");
	if (!format->rewind)
		format->close(log);
	*log = (struct log){ .sp = log->sp, .format = format, .state = log->state,
			     .salvaged = log->salvaged, .caller_shown = log->caller_shown };
	return format->rewind ? format->rewind(log) : start(log);
}

int log_read(struct log *log, void *buf, size_t len, uint64_t virt)
{
	if (space_read(log->sp, buf, len, virt) == 0)
		return 0;
	if (!log->trouble[0] && err_code() != ERR_CORRUPT && err_code() != ERR_UNKNOWN)
		snprintf(log->trouble, sizeof log->trouble, "%s", err_text());
	return -1;
}

int log_lose(struct log *log, struct record *r, enum loss why, uint64_t lost)
{
	*r = (struct record){ .loss = why, .lost = lost };
	if (why == LOSS_MISSING)
		log->missing++;
	else
		log->damaged++;
	return 1;
}

unsigned log_word(const struct log *log)
{
	uint64_t list_head;

	return kinfo_size(&log->sp->vm->info, "list_head", &list_head) && list_head == 8 ? 4 : 8;
}

int log_number(struct log *log, const char *symbol, unsigned size, uint64_t *value)
{
	const struct vmcore *vm = log->sp->vm;
	uint8_t bytes[8];
	uint64_t at;

	if (!kinfo_symbol(&vm->info, symbol, &at))
		return fail(ERR_UNKNOWN, "VMCOREINFO lacks SYMBOL(%s)", symbol);
	if (log_read(log, bytes, size, at))
		return fail_in(symbol);
	*value = size == 8 ? vmcore_u64(vm, bytes) : vmcore_u32(vm, bytes);
	return 0;
}

int log_buffer(struct log *log, uint64_t *virt, uint64_t *len)
{
	if (log_number(log, "log_buf", log_word(log), virt) ||
	    log_number(log, "log_buf_len", 4, len))
		return -1;
	if (!num_is_power_of_2(*len) || *len < BUFFER_MIN || *len > BUFFER_MAX)
		return fail(ERR_CORRUPT, "log_buf_len is %" PRIu64, *len);
	return 0;
}

void log_close(struct log *log)
{
	if (log->format)
		log->format->close(log);
	*log = (struct log){ 0 };
}
