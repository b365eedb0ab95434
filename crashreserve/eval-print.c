/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "eval-print.h"

/* what was found on the line, for people: no control characters */
static void put_word(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == 0x7f)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static void put_line(const char *title, const char *text)
{
	fputs(title, stdout);
	put_word(text, strlen(text));
	putchar('\n');
}

/* "8 GiB", "7.9 GiB (8489254912 bytes)" */
static void put_memory(uint64_t bytes)
{
	char exact[EVAL_WORDS];

	eval_size(bytes, exact);
	if (bytes % ((uint64_t)1 << 20) == 0)
		printf("%s of memory", exact);
	else
		printf("%.2f GiB of memory (%" PRIu64 " bytes)",
		       (double)bytes / ((uint64_t)1 << 30), bytes);
}

static void put_result(const struct eval_in *in, const struct eval_out *out)
{
	char size[EVAL_WORDS], where[EVAL_TEXT];

	if (out->status != EVAL_RESERVED) {
		put_line("nothing would be reserved: ", out->why);
		return;
	}
	eval_where(in, out, where);
	printf("%s would be reserved%s%s", eval_size(out->size, size), *where ? " " : "", where);
	if (out->cma)
		printf(", and up to %s of ,cma", eval_size(out->cma, size));
	putchar('\n');
}

void eval_print(const struct eval_asked *asked, const struct eval_in *in,
		const struct eval_out *out)
{
	printf("%s, Linux ", asked->arch);
	put_word(asked->release, strlen(asked->release));
	fputs(", ", stdout);
	put_memory(in->ram);
	printf(": ");
	put_result(in, out);
	if (asked->assumed)
		printf("  assumed: %s\n", asked->assumed);
	for (size_t i = 0; i < out->ntokens; i++) {
		const struct eval_token *t = &out->tokens[i];

		printf("  %c ", t->used ? '*' : '-');
		put_word(in->cmdline + t->at, t->len);
		put_line("\n      ", t->why);
	}
	if (*out->log)
		put_line("  the kernel's log then says: ", out->log);
	for (size_t i = 0; i < out->nwarnings; i++)
		put_line("  beware: ", out->warnings[i]);
}

static const char *status_word(enum eval_status status)
{
	switch (status) {
	case EVAL_NOT_ASKED:
		return "not asked";
	case EVAL_RESERVED:
		return "reserved";
	case EVAL_ZERO:
		return "zero";
	case EVAL_REFUSED:
		return "refused";
	}
	return NULL;
}

static const char *place_word(enum eval_place place)
{
	switch (place) {
	case EVAL_LOW:
		return "low";
	case EVAL_LOW_THEN_HIGH:
		return "low-then-high";
	case EVAL_HIGH_THEN_LOW:
		return "high-then-low";
	case EVAL_HIGH:
		return "high";
	case EVAL_FIXED:
		return "fixed";
	case EVAL_KERNEL_PLACES:
		return "architecture";
	}
	return NULL;
}

static void json_words(struct json *j, const struct eval_in *in, const struct eval_out *out)
{
	static const char *const suffixes[] = { NULL, "high", "low", "cma" };
	char text[EVAL_CMDLINE];

	json_array(j, "words");
	for (size_t i = 0; i < out->ntokens; i++) {
		const struct eval_token *t = &out->tokens[i];

		snprintf(text, sizeof text, "%.*s", (int)t->len, in->cmdline + t->at);
		json_object(j, NULL);
		json_text(j, "text", text);
		json_u64(j, "at", t->at);
		json_text(j, "suffix", suffixes[t->kind]);
		json_bool(j, "used", t->used);
		json_text(j, "why", t->why);
		json_close(j);
	}
	json_close(j);
	json_u64(j, "words_found", out->nfound);
}

void eval_json(struct json *j, const char *key, const struct eval_asked *asked,
	       const struct eval_in *in, const struct eval_out *out)
{
	char where[EVAL_TEXT] = "";
	bool reserved = out->status == EVAL_RESERVED;

	if (reserved)
		eval_where(in, out, where);
	json_object(j, key);
	json_text(j, "arch", asked->arch);
	json_text(j, "release", asked->release);
	json_u64(j, "ram", in->ram);
	json_text(j, "cmdline", in->cmdline);
	json_text(j, "status", status_word(out->status));
	json_u64(j, "size", out->size);
	json_u64(j, "offset", out->offset);
	json_u64(j, "low", out->low);
	json_u64(j, "low_end", in->rules->low_max);
	json_u64(j, "cma", out->cma);
	json_text(j, "place", reserved ? place_word(out->place) : NULL);
	json_text(j, "where", reserved ? where : NULL);
	json_text(j, "why", reserved ? NULL : out->why);
	json_text(j, "log", *out->log ? out->log : NULL);
	json_words(j, in, out);
	json_array(j, "warnings");
	for (size_t i = 0; i < out->nwarnings; i++)
		json_text(j, NULL, out->warnings[i]);
	json_close(j);
	json_close(j);
}
