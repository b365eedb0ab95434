/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of crashreserve eval on standard output. */
#ifndef EVAL_PRINT_H
#define EVAL_PRINT_H

#include "eval.h"
#include "json.h"

/* whose answer it is: as the user or the machine called it */
struct eval_asked {
	const char *arch, *release;
	const char *assumed;	/* about the memory, NULL: nothing */
};

void eval_print(const struct eval_asked *asked, const struct eval_in *in,
		const struct eval_out *out);
/* one object, with this key inside another one */
void eval_json(struct json *j, const char *key, const struct eval_asked *asked,
	       const struct eval_in *in, const struct eval_out *out);

#endif
