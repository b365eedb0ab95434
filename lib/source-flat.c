/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flattened file: a header of 4096 bytes (16 bytes of signature, then type 1
 * and version 1), then records, each an offset, a size and that many bytes for
 * that place, and at last a record of offset and size -1. All numbers are signed
 * big-endian 64-bit. Records come in any order; where two overlap, the later one
 * counts; what none of them covers is zeros. (makedumpfile -F since 1.2.0.)
 */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cursor.h"
#include "err.h"
#include "num.h"
#include "source-flat.h"
#include "source.h"
#include "stop.h"

static const char signature[16] = "makedumpfile";

enum { FLAT_TYPE = 1, FLAT_VERSION = 1, EMPTY_MAX = 1 << 16 };

static void put_be64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof v);
}

static uint64_t get_be64(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 8);
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, sizeof v);
	return be64toh(v);
}

bool flat_is_header(const void *buf)
{
	return memcmp(buf, signature, sizeof signature) == 0;
}

void flat_make_header(void *buf)
{
	uint8_t *p = buf;

	memset(p, 0, FLAT_HEADER);
	memcpy(p, signature, sizeof signature);
	put_be64(p + sizeof signature, FLAT_TYPE);
	put_be64(p + sizeof signature + 8, FLAT_VERSION);
}

void flat_make_record(void *buf, uint64_t offset, uint64_t size)
{
	put_be64(buf, offset);
	put_be64((uint8_t *)buf + 8, size);
}

int flat_parse_record(const void *buf, uint64_t *offset, uint64_t *size)
{
	struct cursor c = cursor_over(buf, FLAT_RECORD, false);
	uint64_t end;

	*offset = get_be64(&c);
	*size = get_be64(&c);
	if (*offset == UINT64_MAX && *size == UINT64_MAX)
		return 0;
	if (!num_add(*offset, *size, &end) || end > INT64_MAX)
		return fail(ERR_CORRUPT, "flattened record for %" PRIu64 " bytes at %#" PRIx64,
			    *size, *offset);
	return 1;
}

static int check_header(struct source *s)
{
	uint8_t head[sizeof signature + 16];

	if (source_read(s, head, sizeof head, 0))
		return -1;
	struct cursor c = cursor_over(head, sizeof head, false);
	cursor_take(&c, sizeof signature);
	uint64_t type = get_be64(&c), version = get_be64(&c);
	if (type != FLAT_TYPE || version != FLAT_VERSION)
		return fail(ERR_UNKNOWN, "flattened format of type %" PRIu64 ", version %" PRIu64
			    ": only type 1, version 1 is known", type, version);
	return 0;
}

/* at is where the next record begins; it moves on */
static int index_record(struct source *s, uint64_t *at)
{
	uint64_t offset, size, left = s->size - *at;
	uint8_t head[FLAT_RECORD];

	if (left < sizeof head) {
		s->truncated = true;
		return 0;
	}
	if (source_read(s, head, sizeof head, *at))
		return -1;
	int rc = flat_parse_record(head, &offset, &size);
	if (rc <= 0)
		return rc;
	*at += sizeof head;
	left -= sizeof head;
	if (size > left) {
		s->truncated = true;
		size = left;
	}
	if (ranges_add(&s->records, (struct range){ offset, offset + size, *at }))
		return -1;
	*at += size;
	return !s->truncated;
}

int source_flat_index(struct source *s)
{
	uint64_t at = FLAT_HEADER;
	int rc;

	if (check_header(s))
		return -1;
	for (uint64_t n = 0; (rc = index_record(s, &at)) == 1; n++) {
		if (n % 1024 == 0 && stop_check())
			return -1;
		/* zeros behind a good record: nobody writes records of no bytes in number */
		if (n > EMPTY_MAX && n / 2 > s->records.n) {
			s->truncated = true;
			break;
		}
	}
	/* a damaged record hides those behind it, not those before */
	if (rc < 0 && (err_code() != ERR_CORRUPT || s->records.n == 0))
		return -1;
	s->truncated |= rc < 0;
	if (s->records.n == 0)
		return fail(ERR_CORRUPT, "flattened file without a record");

	if (ranges_seal(&s->records))
		return -1;
	s->size = ranges_end(&s->records);
	s->flat = true;
	return 0;
}
