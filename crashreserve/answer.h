/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What crashreserve estimate found, and the two forms it is printed in. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "estimate.h"
#include "look.h"
#include "measure.h"
#include "needs.h"

struct answer {
	const struct state *st;
	const struct needs *needs;
	struct estimate est;
	uint64_t ram;			/* bytes, as in needs->in */
	const char *ram_from;		/* "/proc/iomem", ... */
	bool has_measured;
	struct measured measured;
	uint64_t size;			/* to be written behind crashkernel= */
	bool has_high;			/* the kernel knows ,high and memory is there for it */
	bool no_room;			/* below 4 GiB there is no hole for it */
	const char *table;		/* a name of tables.h, NULL: none is asked for */
};

/* what a table comes to here: bytes in all, 0 for nothing */
struct table;
uint64_t answer_table(const struct answer *a, const struct table *table);

void answer_text(const struct answer *a);
void answer_json(const struct answer *a);

#endif
