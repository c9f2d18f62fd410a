/* The mark beside the database (<database>-mark): how far the file had come when it was
 * last written to. A file that has not come so far was put back from a backup; one that the
 * mark does not speak of is a copy. In either, what was sent since would be sent again.
 *
 * Pure: text in and out, and what two states say of each other. */
#ifndef REMESA_STORE_MARK_H
#define REMESA_STORE_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/sha256.h"

#define MARK_SUFFIX      "-mark"
#define MARK_TEXT_MAX    (64 * 1024)
#define MARK_WORD_MAX    40
#define MARK_BATCHES_MAX 64 /* the newest; of older ones only the count is kept */

struct mark {
    char database[MARK_WORD_MAX]; /* table identity */
    char machine[MARK_WORD_MAX];  /* a digest of machine-id(5); "-": it has none */
    int64_t file;                 /* beside_file_number; 0: unknown */
    /* The highest ids. */
    int64_t run, attempt, batch, decision;
    int64_t audit;             /* the last row of the trail (audit.h); 0: not known */
    char seal[SHA256_HEX_MAX]; /* and its hash */
    struct wall at;            /* when it was written */
    char *batches[MARK_BATCHES_MAX];
    int batch_count;
};

void mark_close(struct mark *m);
bool mark_equal(const struct mark *a, const struct mark *b); /* but for `at` */

void mark_write(const struct mark *m, struct buf *out);
/* ERR_INPUT: it is no mark, or of a newer program. To be closed in either case. */
int mark_read(struct mark *m, struct span text, struct err *err);

enum mark_finding {
    MARK_FITS,
    MARK_ABSENT, /* the database has had one: a copy without it, or it was removed */
    MARK_OTHER,  /* it is another database's */
    MARK_BEHIND, /* the database has not come as far */
    MARK_CUT, /* its audit trail is another, or shorter; told by who can look into it */
    MARK_MOVED, /* as far, but in another file or on another machine: perhaps a copy, and the
                     other one goes on elsewhere */
};
/* `mark` NULL: there is none. `now`: the state of the database. A database that is ahead
 * fits: a run that is killed leaves a mark of up to a second before. */
enum mark_finding mark_compare(const struct mark *mark, const struct mark *now,
                               bool was_marked);

#endif
