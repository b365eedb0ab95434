/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>

#include "../../lib/sha256.h"
#include "../told.h"
#include "compare.h"
#include "hardware.h"
#include "port.h"

#define HEAD "\r\nkexec-load: purgatory: "

/* where to say something, until the first character that is not taken */
struct voice {
	const struct told *told;
	bool heard;
};

static void say(struct voice *v, const char *text)
{
	for (; *text && v->heard; text++)
		v->heard = port_put(v->told, *text);
}

static void say_hex(struct voice *v, uint64_t number)
{
	char text[19], *p = text + 18;

	*p = '\0';
	do {
		*--p = "0123456789abcdef"[number & 15];
		number >>= 4;
	} while (number);
	*--p = 'x';
	*--p = '0';
	say(v, p);
}

/* do these bytes have this digest? */
static bool same(sha256_blocks *blocks, const void *bytes, uint64_t len, const uint8_t digest[32])
{
	uint8_t now[32], differ = 0;

	sha256_by(blocks, bytes, len, now);
	for (unsigned i = 0; i < 32; i++)
		differ |= now[i] ^ digest[i];
	return !differ;
}

static void say_of(struct voice *v, const struct told_region *r, const char *text)
{
	say(v, HEAD);
	say(v, r->name);
	say(v, " at ");
	say_hex(v, r->addr);
	say(v, text);
}

/* false: there was something to say */
static bool compare_regions(struct voice *v, sha256_blocks *blocks)
{
	bool all_same = true;

	for (unsigned i = 0; i < v->told->regions; i++) {
		const struct told_region *r = &v->told->region[i];
		bool is_same = same(blocks, (const void *)(uintptr_t)r->addr, r->len, r->digest);

		if (time_is_up()) {
			say_of(v, r, " and what follows is not compared: that takes too long here");
			return false;
		}
		if (!is_same) {
			say_of(v, r, " has changed since it was loaded");
			all_same = false;
		}
	}
	return all_same;
}

void compare(const struct told *told)
{
	const uint8_t *summed = (const uint8_t *)&told->kernel;
	sha256_blocks *blocks = fastest_sha256();
	struct voice v = { told, true };

	/* if these very words have changed, an address in them may be anything's */
	if (!same(blocks, summed, (uint64_t)((const uint8_t *)(told + 1) - summed), told->sum) ||
	    told->regions > TOLD_REGIONS)
		return;
	if (!compare_regions(&v, blocks))
		say(&v, HEAD "starting the capture kernel all the same\r\n");
	else if (told->talk)
		say(&v, told->regions ? HEAD "nothing has changed\r\n" :
					HEAD "nothing has been compared\r\n");
	else
		return;
	if (v.heard)
		port_drain(told);
}
