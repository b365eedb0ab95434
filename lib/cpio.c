/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An entry: 6 bytes of magic and 13 numbers of 8 hexadecimal digits (inode, mode, owner,
 * group, links, time, size, device's and its own device number in two parts each, length
 * of the name with its NUL, sum), the name, zeros up to a multiple of 4, the file's
 * bytes, zeros again. The entry "TRAILER!!!" ends an archive; zeros and more archives
 * may follow. Facts: Documentation/driver-api/early-userspace/buffer-format.rst and
 * init/initramfs.c, Linux 6.1, which skips what it does not like; here that is damage.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "cpio.h"
#include "err.h"
#include "num.h"

enum { MODE = 1, SIZE = 6, NAME_LEN = 11, SUM = 12, FIELDS = 13 };

static int bad(const struct cpio *c, const char *why)
{
	return fail(ERR_CORRUPT, "entry %" PRIu64 " at %#" PRIx64 ": %s", c->entries + 1,
		    c->begins, why);
}

static int take_header(struct cpio *c)
{
	uint64_t field[FIELDS];

	if (memcmp(c->header, "070707", 6) == 0)
		return bad(c, "the old portable format, which the kernel does not know: pack it"
			   " with cpio -H newc");
	if (memcmp(c->header, "070701", 6) != 0 && memcmp(c->header, "070702", 6) != 0)
		return bad(c, "no cpio header");
	for (size_t i = 0; i < FIELDS; i++)
		if (!num_parse((const char *)c->header + 6 + 8 * i, 8, 16, &field[i]))
			return bad(c, "its header has what is no number");
	c->has_sum = c->header[5] == '2';
	c->wanted_sum = (uint32_t)field[SUM];
	c->sum = 0;
	c->entry.mode = (uint32_t)field[MODE];
	c->entry.size = field[SIZE];
	c->name_len = (uint32_t)field[NAME_LEN];
	if (c->name_len == 0 || c->name_len > CPIO_NAME_MAX)
		return bad(c, "its name is empty, or longer than 4096 bytes");
	c->state = CPIO_IN_NAME;
	c->have = 0;
	/* header and name together fill a multiple of 4 */
	c->need = (CPIO_HEADER + c->name_len + 3) / 4 * 4 - CPIO_HEADER;
	return 0;
}

static int take_name(struct cpio *c)
{
	if (c->entry.name[c->name_len - 1] != '\0')
		return bad(c, "its name has no end");
	c->state = CPIO_IN_BODY;
	c->left = c->entry.size;
	if (strcmp(c->entry.name, "TRAILER!!!") == 0) {
		c->trailer = true;
		return 0;
	}
	c->trailer = false;
	return c->found(c->arg, &c->entry);
}

static int end_body(struct cpio *c)
{
	if (c->has_sum && S_ISREG(c->entry.mode) && c->sum != c->wanted_sum)
		return bad(c, "the sum of its bytes is wrong");
	c->state = CPIO_IN_PADDING;
	c->left = -c->entry.size % 4;
	return 0;
}

/* of up to len bytes what belongs to a header or name; whole: all of it has come */
static size_t collect(struct cpio *c, uint8_t *to, const uint8_t *bytes, size_t len)
{
	size_t n = c->need - c->have < len ? c->need - c->have : len;

	memcpy(to + c->have, bytes, n);
	c->have += n;
	return n;
}

static size_t pass(struct cpio *c, const uint8_t *bytes, size_t len)
{
	size_t n = c->left < len ? (size_t)c->left : len;

	if (c->state == CPIO_IN_BODY && c->has_sum)
		for (size_t i = 0; i < n; i++)
			c->sum += bytes[i];
	c->left -= n;
	return n;
}

/* zeros, or the beginning of an entry, at a multiple of 4; *n 0: neither */
static int between(struct cpio *c, const uint8_t *bytes, size_t len, size_t *n)
{
	while (*n < len && bytes[*n] == 0)
		++*n;
	if (*n > 0 || len == 0 || bytes[0] != '0')
		return 0;
	c->begins = c->at;
	if (c->at % 4)
		return bad(c, "not at a multiple of 4");
	c->state = CPIO_IN_HEADER;
	c->have = 0;
	c->need = CPIO_HEADER;
	return 0;
}

/* what of bytes belongs to the present state; then the next one, when it is complete */
static int step(struct cpio *c, const uint8_t *bytes, size_t len, size_t *n)
{
	*n = 0;
	switch (c->state) {
	case CPIO_BETWEEN:
		return between(c, bytes, len, n);
	case CPIO_IN_HEADER:
		*n = collect(c, c->header, bytes, len);
		return c->have == c->need ? take_header(c) : 0;
	case CPIO_IN_NAME:
		*n = collect(c, (uint8_t *)c->entry.name, bytes, len);
		return c->have == c->need ? take_name(c) : 0;
	case CPIO_IN_BODY:
		*n = pass(c, bytes, len);
		return c->left == 0 ? end_body(c) : 0;
	case CPIO_IN_PADDING:
		*n = pass(c, bytes, len);
		if (c->left == 0) {
			c->entries += !c->trailer;
			c->state = CPIO_BETWEEN;
		}
		return 0;
	}
	return 0;
}

/* an empty body or padding ends without another byte */
static bool is_complete(const struct cpio *c)
{
	return (c->state == CPIO_IN_BODY || c->state == CPIO_IN_PADDING) && c->left == 0;
}

int cpio_feed(struct cpio *c, const uint8_t *bytes, size_t len, size_t *taken)
{
	*taken = 0;
	while (*taken < len || is_complete(c)) {
		enum cpio_state was = c->state;
		size_t n;

		if (step(c, bytes + *taken, len - *taken, &n))
			return -1;
		*taken += n;
		c->at += n;
		/* neither a byte nor a change: something else begins here */
		if (n == 0 && c->state == was)
			break;
	}
	return 0;
}

int cpio_end(const struct cpio *c)
{
	if (c->state == CPIO_BETWEEN)
		return 0;
	if (c->state == CPIO_IN_HEADER || c->state == CPIO_IN_NAME)
		return bad(c, "cut short in its header");
	return fail(ERR_CORRUPT, "entry %" PRIu64 " at %#" PRIx64 " (%.200s): cut short",
		    c->entries + 1, c->begins, c->entry.name);
}
