/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What arrived is compared with what was sent: its size always; by the checksums of
 * some extents, or of all, what can be read back. What no extent covers must be zeros,
 * so a write that went to a wrong place is noticed, too.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "deliver.h"
#include "err.h"
#include "say.h"
#include "sha.h"

enum {
	CHUNK = 8 << 20,	/* bytes read at a time */
	SAMPLES = 64,		/* extents that a sample takes */
};

/* what deliver() does not do by itself */
static const char *advice(const struct delivery *d)
{
	return d->resumable ? "" : ": it keeps this name; send it again";
}

static int differs(struct delivery *d, uint64_t at)
{
	d->differs = true;
	return fail(ERR_SYS, "%s: what arrived differs from what was sent, at byte %" PRIu64 "%s",
		    d->temp, at, advice(d));
}

static int cannot_read(struct delivery *d, uint64_t at)
{
	d->differs = true;
	return fail(ERR_SYS, "%s: ends at byte %" PRIu64 " when it is read back", d->temp, at);
}

static bool is_zero(const uint8_t *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

/* the next bytes of the file: they end extents, begin some, or lie between */
static int compare(struct delivery *d, const uint8_t *p, size_t len)
{
	const struct digest *digest = &d->cargo->digest;
	struct reading *r = &d->reading;

	while (len > 0) {
		const struct digest_extent *e = r->next < digest->count ?
						&digest->extents[r->next] : NULL;
		size_t n = len;

		if (e && e->at > r->at) {
			/* a gap before the extent, unless an older one that is stale covers it */
			if (e->at - r->at < n)
				n = (size_t)(e->at - r->at);
			if (digest->stale == 0 && !is_zero(p, n))
				return differs(d, r->at);
		} else if (e) {
			if (e->len - r->seen < n)
				n = (size_t)(e->len - r->seen);
			r->crc = digest_crc(r->crc, p, n);
			r->seen += n;
			if (r->seen == e->len && r->crc != e->crc)
				return differs(d, e->at);
			if (r->seen == e->len) {
				r->next++;
				r->seen = r->crc = 0;
			}
		} else if (digest->stale == 0 && !is_zero(p, n)) {
			return differs(d, r->at);
		}
		p += n;
		r->at += n;
		len -= n;
	}
	return 0;
}

/* as much as is read at a time: the window's ring, which is empty now */
static size_t chunk(const struct delivery *d)
{
	return d->cargo->window.size < CHUNK ? d->cargo->window.size : CHUNK;
}

static int read_on(struct delivery *d, struct meter *meter)
{
	uint64_t end = d->cargo->digest.end;
	struct reading *r = &d->reading;
	uint8_t *buf = d->cargo->window.ring;

	while (r->at < end) {
		size_t want = end - r->at < chunk(d) ? (size_t)(end - r->at) : chunk(d);
		ssize_t n;

		if (deliver_check(d))
			return -1;
		n = d->store.ops->read(&d->store, buf, want, r->at);
		if (n < 0)
			return -1;
		if (n == 0)
			return cannot_read(d, r->at);
		if (r->sha && sha_add(r->sha, buf, (size_t)n))
			return -1;
		if (compare(d, buf, (size_t)n))
			return -1;
		d->compared = r->at;
		meter_step(meter, r->at);
	}
	return 0;
}

void verify_forget(struct delivery *d)
{
	sha_close(d->reading.sha);
	d->reading = (struct reading){ 0 };
}

static int verify_full(struct delivery *d)
{
	struct reading *r = &d->reading;
	struct meter meter;

	if (d->options->sha256 && !d->has_sha256 && r->at == 0) {
		verify_forget(d);
		r->sha = sha_open();
		if (!r->sha)
			return -1;
	}
	meter_open(&meter, d->meter ? d->meter->out : NULL, "compared", d->cargo->digest.end);
	if (read_on(d, &meter)) {
		meter_clear(&meter);
		return -1;
	}
	meter_clear(&meter);
	if (r->sha)
		d->has_sha256 = sha_end(r->sha, d->sha256) && d->cargo->digest.stale == 0;
	return 0;
}

int verify_extent(struct delivery *d, const struct digest_extent *e, uint8_t *buf, size_t size)
{
	uint32_t crc = 0;

	for (uint64_t done = 0; done < e->len; ) {
		size_t want = e->len - done < size ? (size_t)(e->len - done) : size;
		ssize_t n = d->store.ops->read(&d->store, buf, want, e->at + done);

		if (n < 0 || deliver_check(d))
			return -1;
		if (n == 0)
			return 0;
		crc = digest_crc(crc, buf, (size_t)n);
		done += (uint64_t)n;
	}
	return crc == e->crc;
}

/* the first and the last, and of the others one at a random place in each 62nd part */
static int verify_sample(struct delivery *d)
{
	const struct digest *digest = &d->cargo->digest;
	unsigned n = digest->count < SAMPLES ? digest->count : SAMPLES;

	for (unsigned i = 0; i < n; i++) {
		unsigned part = digest->count / n, at = (unsigned)((uint64_t)i * digest->count / n);
		uint32_t random = 0;
		int rc;

		if (i == n - 1)
			at = digest->count - 1;
		else if (i > 0 && part > 1 && getrandom(&random, sizeof random, 0) == sizeof random)
			at += random % part;
		rc = verify_extent(d, &digest->extents[at], d->cargo->window.ring, chunk(d));
		if (rc != 1)
			return rc < 0 ? -1 : differs(d, digest->extents[at].at);
		d->compared += digest->extents[at].len;
	}
	return 0;
}

/* over SSH, the server may work out the SHA-256 that we know: 1 when that settles it */
static int ask_server(struct delivery *d)
{
	uint8_t sum[DIGEST_SHA256];
	int rc;

	if (!d->has_sha256 || !d->store.ops->sha256)
		return 0;
	rc = d->store.ops->sha256(&d->store, d->temp, sum);
	if (rc <= 0)
		return rc;
	d->compared = d->cargo->digest.end;
	return memcmp(sum, d->sha256, sizeof sum) == 0 ? 1 : differs(d, 0);
}

static int check_size(struct delivery *d)
{
	struct store_stat st;
	int rc = d->store.ops->stat(&d->store, d->temp, &st);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return fail(ERR_SYS, "%s: was renamed or removed by somebody else", d->temp);
	if (st.size == d->cargo->digest.end)
		return 0;
	d->differs = true;
	return fail(ERR_SYS, "%s: is %" PRIu64 " bytes long, not %" PRIu64 "%s", d->temp, st.size,
		    d->cargo->digest.end, advice(d));
}

static enum verify choose(const struct delivery *d)
{
	enum verify v = d->options->verify;

	if (v == VERIFY_DEFAULT)
		v = d->store.target->kind == TARGET_NFS || d->resumable ? VERIFY_FULL : VERIFY_SIZE;
	if (v != VERIFY_SIZE && d->store.sequential && d->store.flat) {
		warn("%s: a stream that is kept there cannot be compared", d->store.where);
		v = VERIFY_SIZE;
	}
	return v;
}

int verify(struct delivery *d)
{
	struct digest *digest = &d->cargo->digest;
	enum verify how = choose(d);
	int rc;

	/* a store that keeps a stream checks its own length in finish() */
	if (d->store.sequential && (d->store.flat || d->temp == d->path))
		return 0;
	if (!d->has_sha256)
		d->has_sha256 = digest_sha256(digest, d->sha256);
	if (check_size(d))
		return -1;
	rc = how == VERIFY_FULL ? ask_server(d) : 0;
	if (rc || how == VERIFY_SIZE)
		return rc < 0 ? -1 : 0;
	digest_sort(digest);
	if (digest->stale)
		warn("%" PRIu64 " bytes cannot be compared: written twice, or in too small pieces",
		     digest->stale);
	d->compared = d->reading.at;
	return how == VERIFY_FULL ? verify_full(d) : verify_sample(d);
}
