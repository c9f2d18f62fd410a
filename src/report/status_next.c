/* What is to be typed next, and why. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/status_parts.h"

/* The file's name as it must be typed; the caller frees it. */
static char *typed(const struct status_options *o)
{
    struct buf word;
    buf_init(&word, 16 * 1024);
    text_shell_word(&word, span_of(o->database ? o->database : "remesa.db"));
    return buf_take(&word);
}

void status_command(FILE *out, const struct status_options *o, const char *words,
                    const char *why)
{
    char *file = typed(o);
    fprintf(out, "next: remesa %s%s%s    # %s\n", words, o->database ? " --db " : "",
            o->database ? file : "", why);
    free(file);
}

static void query(FILE *out, const struct status_options *o, const char *view,
                  const char *why)
{
    char *file = typed(o);
    fprintf(out, "next: sqlite3 -box %s 'SELECT * FROM %s'    # %s\n", file, view, why);
    free(file);
}

struct next_teller {
    FILE *out;
    const struct status_options *o;
};

static bool tell_second(const struct next_teller *t, const struct view_row *row,
                        const char *why)
{
    const char *words = view_text(row, "next_command");
    if (words) /* "remesa ..." */
        status_command(t->out, t->o, words + strlen("remesa "), why);
    return true;
}

static bool tell_approval(void *ctx, const struct view_row *row)
{
    return tell_second(ctx, row, "by another system user than who imported it");
}

static bool tell_proposal(void *ctx, const struct view_row *row)
{
    return tell_second(ctx, row, "by another system user than who said it first");
}

int status_next(FILE *out, struct store *s, const struct status_options *o,
                const struct status_tally *t, struct err *err)
{
    bool can_start = false;
    if (store_can_start(s, &can_start, err))
        return -1;
    if (t->state[JOB_IN_DOUBT])
        query(out, o, "doubts", "these may have taken effect: look before anything else");
    if (can_start)
        status_command(out, o, "run", "goes on with what is queued");
    struct next_teller teller = {out, o};
    if (store_read(s, VIEW_APPROVALS, o->batch, 0, tell_approval, &teller, err) ||
        store_read(s, VIEW_PROPOSALS, o->batch, STATUS_ROWS, tell_proposal, &teller, err))
        return -1;
    if (t->held)
        query(out, o, "holds", "why these are not sent, and what lets each go");
    if (t->state[JOB_FAILED] + t->state[JOB_SKIPPED])
        query(out, o, "failures", "why, one row each");
    if (t->state[JOB_FOLLOWING])
        fprintf(out,
                "note: %" PRId64
                " %s accepted by the API and not final yet (state following)\n",
                t->state[JOB_FOLLOWING],
                text_plural(t->state[JOB_FOLLOWING], "is", "are"));
    return 0;
}
