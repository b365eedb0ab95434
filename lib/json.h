/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One JSON value on one line of a stream (RFC 8259), as it is made:
 *
 *	struct json j;
 *
 *	json_begin(&j, stdout);
 *	json_object(&j, NULL);
 *	json_u64(&j, "pages", 17);
 *	json_array(&j, "levels");
 *	...
 *	json_close(&j);
 *	json_close(&j);
 *	json_end(&j);
 *
 * Inside an object every value has a key, inside an array none has: NULL.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_DEPTH = 16 };

struct json {
	FILE *to;			/* borrowed; who closes or flushes it sees its errors */
	unsigned depth;			/* objects and arrays that are open */
	bool object[JSON_DEPTH];	/* which of the two they are */
	bool filled[JSON_DEPTH + 1];	/* whether something is in there already */
};

void json_begin(struct json *j, FILE *to);
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
/* the object or array that was opened last */
void json_close(struct json *j);

void json_u64(struct json *j, const char *key, uint64_t value);
/* with so many digits after the point; what is no number (NaN, infinity) becomes null */
void json_fixed(struct json *j, const char *key, double value, unsigned digits);
void json_bool(struct json *j, const char *key, bool value);
/*
 * Any bytes up to the NUL, as a file's name may have; NULL becomes null. Bytes that are
 * not UTF-8 become the escapes \udc80 to \udcff, from which Python's os.fsencode()
 * makes the bytes again.
 */
void json_text(struct json *j, const char *key, const char *text);
/* the same of len bytes, NUL being one of them */
void json_bytes(struct json *j, const char *key, const char *text, size_t len);

/* the end of the line; all that was opened must have been closed */
void json_end(struct json *j);

#endif
