/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What crashreserve show prints: one answer in two forms, both on standard output. */
#ifndef SHOW_H
#define SHOW_H

struct judgement;
struct state;

void show_text(const struct judgement *jd, const struct state *st);
/* one JSON value on one line; the names in it stay */
void show_json(const struct judgement *jd, const struct state *st);

#endif
