#include "app/tally.h"

#include <string.h>

#include "store/balance.h"
#include "store/read.h"

static void count_one(void *ctx, const struct imbalance *i)
{
    struct tally *t = ctx;
    (void)i;
    t->unbalanced++;
}

static void count(uv_work_t *work)
{
    struct tally *t = work->data;
    const struct balance_scope scope = {.everything = false};
    if (store_scope_counts(t->reader, t->counted, &t->err) == 0)
        t->err.code = ERR_NONE;
    if (t->err.code == ERR_NONE && t->on_unbalanced &&
        store_balance(t->reader, &scope, count_one, t, &t->err) == 0)
        t->err.code = ERR_NONE;
}

/* Without the counts a progress line has no total; the run needs them for nothing else. */
static void on_counted(uv_work_t *work, int status)
{
    struct tally *t = work->data;
    t->is_known = status == 0 && t->err.code == ERR_NONE;
    if (t->is_known)
        memcpy(t->counts, t->counted, sizeof(t->counts));
    store_close(t->reader);
    t->reader = NULL;
    if (t->unbalanced)
        t->on_unbalanced(t->ctx);
}

static int open_reader(struct tally *t, const char *database, const char *const *batches,
                       struct err *err)
{
    if (store_open(&t->reader, database, STORE_READ, "", err) ||
        store_scope_begin(t->reader, err))
        return -1;
    for (const char *const *b = batches; b && *b; b++)
        if (store_scope_add(t->reader, *b, err))
            return -1;
    return store_hold(t->reader, err);
}

int tally_begin(struct tally *t, uv_loop_t *loop, const char *database,
                const char *const *batches, struct err *err)
{
    *t = (struct tally){
        .work = {.data = t}, .on_unbalanced = t->on_unbalanced, .ctx = t->ctx};
    int rc = open_reader(t, database, batches, err);
    if (rc == 0 && uv_queue_work(loop, &t->work, count, on_counted) != 0)
        rc = err_set(err, ERR_SOFTWARE, "libuv takes no work");
    if (rc) {
        store_close(t->reader);
        t->reader = NULL;
    }
    return rc;
}
