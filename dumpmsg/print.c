/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>

#include "log.h"
#include "out-file.h"
#include "out.h"
#include "print-parts.h"
#include "print.h"

int print_open(struct printer *p, struct out *out, enum print_style style)
{
	p->out = out;
	p->style = style;
	p->caller = p->ctime = p->any = false;
	p->boot_nsec = 0;
	p->used = 0;
	p->json = NULL;
	if (style != PRINT_JSON)
		return 0;
	p->json = out_file(out);
	if (!p->json)
		return -1;
	setvbuf(p->json, p->buf, _IOFBF, sizeof p->buf);
	return 0;
}

int print_flush(struct printer *p)
{
	size_t n = p->used;

	if (p->json)
		return fflush(p->json) ? -1 : 0;
	p->used = 0;
	return n > 0 ? out_write(p->out, p->buf, n) : 0;
}

void print_close(struct printer *p)
{
	if (p->json) {
		__fpurge(p->json);
		fclose(p->json);
	}
	p->json = NULL;
}

int print_put(struct printer *p, const char *bytes, size_t n)
{
	if (n > sizeof p->buf - p->used && print_flush(p))
		return -1;
	memcpy(p->buf + p->used, bytes, n);
	p->used += n;
	return 0;
}

int print_hex(struct printer *p, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	return print_put(p, (char[]){ '\\', 'x', digits[byte >> 4], digits[byte & 15] }, 4);
}

void print_caller(const struct record *r, char name[CALLER_MAX])
{
	const uint32_t cpu = UINT32_C(1) << 31;

	snprintf(name, CALLER_MAX, "%c%u", r->caller & cpu ? 'C' : 'T',
		 (unsigned)(r->caller & ~cpu));
}

int64_t print_wall(const struct printer *p, const struct record *r, uint32_t *nsec)
{
	int64_t sec = p->boot_nsec / NSEC_PER_SEC, rest = p->boot_nsec % NSEC_PER_SEC;

	rest += (int64_t)(r->ts_nsec % NSEC_PER_SEC);
	sec += (int64_t)(r->ts_nsec / NSEC_PER_SEC);
	if (rest < 0) {
		rest += NSEC_PER_SEC;
		sec--;
	} else if (rest >= NSEC_PER_SEC) {
		rest -= NSEC_PER_SEC;
		sec++;
	}
	*nsec = (uint32_t)rest;
	return sec;
}

const char *print_why(const struct record *gap)
{
	return gap->loss == LOSS_MISSING ? "pages not in the dump" : "damaged";
}

int print_record(struct printer *p, const struct record *r)
{
	int rc;

	switch (p->style) {
	case PRINT_KMSG:
		rc = r->loss ? print_kmsg_gap(p, r) : print_kmsg(p, r);
		break;
	case PRINT_JSON:
		rc = print_json(p, r);
		break;
	default:
		rc = r->loss ? print_text_gap(p, r) : print_text(p, r);
		break;
	}
	p->any |= !r->loss;
	return rc;
}
