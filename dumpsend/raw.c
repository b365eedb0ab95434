/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header fills 4096 bytes, of which the first 512 count, so that no disk writes a
 * half of it: 16 bytes of magic; little-endian, version (u32, 1), state (u32: bit 0
 * complete, 1 flattened, 2 recovered), CRC-32 of the stream (u32), 0 (u32), length of
 * the stream (u64), time (i64); zeros; and at 508 the CRC-32 of these 508 bytes.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "cursor.h"
#include "err.h"
#include "raw.h"

enum {
	VERSION_AT = 16, STATE_AT = 20, CRC_AT = 24, LENGTH_AT = 32, TIME_AT = 40,
	SELF_AT = 508,
	OUR_VERSION = 1,
	COMPLETE = 1, FLAT = 2, RECOVERED = 4,
	BLANK = 64,		/* headers' worth of zeros: no known file system leaves so many */
};

static const char magic[16] = "crashpipe dump\n";

static void put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof v);
}

static void put64(uint8_t *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof v);
}

static struct cursor cursor_at(const uint8_t *head, size_t at)
{
	return cursor_over(head + at, RAW_HEADER - at, BYTE_ORDER == BIG_ENDIAN);
}

static uint32_t get32(const uint8_t *head, size_t at)
{
	struct cursor c = cursor_at(head, at);

	return cursor_u32(&c);
}

static uint64_t get64(const uint8_t *head, size_t at)
{
	struct cursor c = cursor_at(head, at);

	return cursor_u64(&c);
}

static uint32_t crc_of(const uint8_t *p, size_t len)
{
	return (uint32_t)crc32_z(crc32_z(0, NULL, 0), p, len);
}

static int size_of(int fd, const struct stat *st, uint64_t *size)
{
	if (!S_ISBLK(st->st_mode)) {
		*size = (uint64_t)st->st_size;
		return 0;
	}
	return ioctl(fd, BLKGETSIZE64, size);
}

int raw_open(const char *device, bool writes, uint64_t *size)
{
	int flags = (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, fd;
	struct stat st;

	if (stat(device, &st))
		return fail_sys("%s", device);
	/*
	 * A file, such as a partition's image, can do no more harm than a device: what is
	 * in it and is not ours is not overwritten without the user's word, either.
	 */
	if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
		return fail(ERR_SYS, "%s: is not a block device", device);
	fd = open(device, flags | (writes && S_ISBLK(st.st_mode) ? O_EXCL : 0));
	if (fd < 0 && errno == EBUSY)
		return fail(ERR_SYS, "%s: is in use, mounted perhaps", device);
	if (fd < 0)
		return fail_sys("%s", device);
	if (writes && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		fail(ERR_AGAIN, "%s: another process is using it", device);
	else if (size_of(fd, &st, size))
		fail_sys("%s: size", device);
	else
		return fd;
	close(fd);
	return -1;
}

/* len bytes, or -1 when there are fewer */
static int read_at(int fd, const char *device, uint8_t *to, size_t len, uint64_t at)
{
	for (size_t done = 0; done < len; ) {
		ssize_t n = pread(fd, to + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("%s: read at %llu", device,
					(unsigned long long)(at + done));
		if (n == 0)
			return fail(ERR_CORRUPT, "%s: ends at byte %llu", device,
				    (unsigned long long)(at + done));
		done += (size_t)n;
	}
	return 0;
}

static int look_blank(int fd, const char *device)
{
	uint8_t buf[RAW_HEADER];

	for (unsigned i = 0; i < BLANK; i++) {
		if (read_at(fd, device, buf, sizeof buf, (uint64_t)i * sizeof buf))
			return err_code() == ERR_CORRUPT ? RAW_BLANK : -1;
		if (buf[0] || memcmp(buf, buf + 1, sizeof buf - 1) != 0)
			return RAW_OTHER;
	}
	return RAW_BLANK;
}

int raw_look(int fd, const char *device, struct raw_head *h)
{
	uint8_t head[RAW_HEADER];
	uint32_t state;

	if (read_at(fd, device, head, sizeof head, 0))
		return -1;
	if (memcmp(head, magic, sizeof magic) != 0)
		return look_blank(fd, device);
	if (get32(head, SELF_AT) != crc_of(head, SELF_AT))
		return RAW_BROKEN;
	if (get32(head, VERSION_AT) != OUR_VERSION)
		return RAW_OTHER;
	state = get32(head, STATE_AT);
	*h = (struct raw_head){
		.complete = state & COMPLETE,
		.flat = state & FLAT,
		.recovered = state & RECOVERED,
		.crc = get32(head, CRC_AT),
		.length = get64(head, LENGTH_AT),
		.time = (int64_t)get64(head, TIME_AT),
	};
	return RAW_DUMP;
}

int raw_put_head(int fd, const char *device, const struct raw_head *h)
{
	uint8_t head[RAW_HEADER] = { 0 };
	ssize_t n;

	memcpy(head, magic, sizeof magic);
	put32(head + VERSION_AT, OUR_VERSION);
	put32(head + STATE_AT, (h->complete ? COMPLETE : 0) | (h->flat ? FLAT : 0) |
			       (h->recovered ? RECOVERED : 0));
	put32(head + CRC_AT, h->crc);
	put64(head + LENGTH_AT, h->length);
	put64(head + TIME_AT, (uint64_t)h->time);
	put32(head + SELF_AT, crc_of(head, SELF_AT));
	for (size_t done = 0; done < sizeof head; done += (size_t)(n > 0 ? n : 0)) {
		n = pwrite(fd, head + done, sizeof head - done, (off_t)done);
		if (n < 0 && errno != EINTR)
			return fail_sys("%s: header", device);
		if (n == 0)
			return fail(ERR_FULL, "%s: too small", device);
	}
	return 0;
}

const char *raw_date(const struct raw_head *h, char text[RAW_DATE])
{
	time_t t = h->time;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(text, RAW_DATE, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		strcpy(text, "no known date");
	return text;
}
