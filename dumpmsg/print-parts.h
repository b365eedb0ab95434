/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the styles of print.h are made of. All return -1 as print_record() does. */
#ifndef PRINT_PARTS_H
#define PRINT_PARTS_H

#include <stddef.h>
#include <stdint.h>

struct printer;
struct record;

enum { PREFIX_MAX = 128, CALLER_MAX = 16 };
enum { NSEC_PER_SEC = 1000000000, NSEC_PER_USEC = 1000 };

/* n is at most PREFIX_MAX */
int print_put(struct printer *p, const char *bytes, size_t n);
/* \xNN */
int print_hex(struct printer *p, unsigned char byte);
/* "T123" or "C3" */
void print_caller(const struct record *r, char name[CALLER_MAX]);
/* when it was written on the wall clock: seconds since 1970, and nanoseconds of the next */
int64_t print_wall(const struct printer *p, const struct record *r, uint32_t *nsec);
/* the words for a gap's reason */
const char *print_why(const struct record *gap);

int print_text(struct printer *p, const struct record *r);
int print_text_gap(struct printer *p, const struct record *gap);
int print_kmsg(struct printer *p, const struct record *r);
int print_kmsg_gap(struct printer *p, const struct record *gap);
/* gaps, too */
int print_json(struct printer *p, const struct record *r);

#endif
