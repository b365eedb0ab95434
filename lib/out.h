/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file a tool produces: bytes at offsets, on a file or, in the flattened
 * format, on a pipe (out-flat.c).
 *
 * A file is called PATH-incomplete while it is being written and only its
 * owner can read it; out_commit() makes it durable and gives it its name. So
 * whatever is called PATH is whole, and a crash, a full disk or a signal leaves
 * at most a PATH-incomplete, which is worth keeping: half a dump beats none.
 */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum out_kind {
	OUT_FILE,	/* a file of ours, written as PATH-incomplete */
	OUT_STDOUT,	/* a file that has its name already: bytes go to their places */
	OUT_FLAT,	/* standard output cannot seek: flattened records */
	OUT_TEXT,	/* standard output for a stream of bytes, see out_write() */
};

struct out {
	const char *path;	/* borrowed; "standard output" for those */
	char *temp;		/* PATH-incomplete; NULL unless OUT_FILE */
	char *moved;		/* where a stale PATH-incomplete went, NULL if there was none */
	enum out_kind kind;
	int fd;
	uint64_t pos;		/* bytes written in sequence by out_write() */
	uint64_t written;	/* bytes written in all, records' headers included */
	uint64_t limit;		/* what lies beyond is refused as if the disk were full; 0: none */

	/* private */
	bool force, ours;	/* may replace PATH; fd is to be closed */
	bool ended;		/* the flattened end marker was written */
	bool broken;		/* a stream stopped in the middle of something */
};

/*
 * "-" or NULL is standard output: OUT_STDOUT when that is a regular file, at
 * its start and not opened for appending, else OUT_FLAT; a terminal is refused
 * (ERR_USAGE). Otherwise a file: an existing PATH is an error unless force is
 * set, a stale PATH-incomplete is renamed PATH-incomplete.N and named in moved.
 * One that another process is writing right now is ERR_AGAIN.
 *
 * A PATH that is no regular file is written to as it is: a block device (which
 * takes force) like OUT_STDOUT, a FIFO or another device like a pipe.
 */
int out_open(struct out *o, const char *path, bool force);
/* whether out_open() takes this for standard output: "-", NULL and the names it has in /dev */
bool out_is_stdout(const char *path);
/* the same for a stream of text or bytes: standard output is OUT_TEXT, terminal or not */
int out_open_stream(struct out *o, const char *path, bool force);

/*
 * Write all of it, or -1: ERR_FULL, ERR_PIPE, ERR_SYS; at is a file offset.
 * Once stop_check() says stop, a pipe that nobody empties for a second is
 * ERR_STOPPED. After a failure, a stream takes no more, so that none of it ends
 * up in the wrong place; it then returns -1 without another fail().
 */
int out_pwrite(struct out *o, const void *buf, size_t len, uint64_t at);
/* the same at the end of what out_write() wrote before */
int out_write(struct out *o, const void *buf, size_t len);
/*
 * Make sure that [at, at + len) can be written later; what was written there
 * before stays. Nothing to do on a pipe.
 */
int out_reserve(struct out *o, uint64_t at, uint64_t len);

/*
 * The file ends at size (not 0) or later: what was not written before that reads as
 * zeros. For what out_has_holes(), and for streams, which get a byte.
 */
int out_extend(struct out *o, uint64_t size);

/* whether what is never written reads as zeros, once something behind it is */
bool out_has_holes(const struct out *o);
/* what was written so far is durable; nothing to do on a pipe */
int out_flush(struct out *o);
/* durable, but still called PATH-incomplete; on a pipe, the end marker, once */
int out_sync(struct out *o);
/*
 * out_sync(), and the final name; afterwards only out_close() is left. After a
 * failure the file is still called PATH-incomplete and open, unless only the
 * directory could not be made durable: then temp is NULL.
 */
int out_commit(struct out *o);
/* remove what was written, it is worth nothing, and close */
void out_discard(struct out *o);
/* closes without a name; safe after out_commit() and on a zeroed struct with fd -1 */
void out_close(struct out *o);

#endif
