/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that is tested before the kernel is asked. */
#ifndef PREPARE_H
#define PREPARE_H

struct attempt;
struct machine;
struct request;

/*
 * Opens and tests what rq asks for. 0, or the exit status of the first test that failed;
 * -n and --check go on to the next ones. Everything is said. attempt_close() is due.
 */
int prepare(struct attempt *a, const struct request *rq, const struct machine *m);

#endif
