/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ARM_H
#define ARM_H

struct request;

/* a load, or what -n and --check do instead; the exit status */
int arm(const struct request *rq);
/*
 * One of us at a time. *lock is to be closed; it is -1 where there can be no lock, which
 * is told. -1: another one is at work.
 */
int arm_lock(int *lock);

#endif
