/* Money that does not balance: before a run, where it is refused, and at its end, where it is told. */
#include "store/balance.h"
#include "app/internal.h"
#include "base/log.h"

#define TOLD_MAX 20

static void tell(void *ctx, const struct imbalance *i)
{
    int64_t *count = ctx;
    struct buf text;
    if ((*count)++ >= TOLD_MAX)
        return;
    buf_init(&text, 2048);
    imbalance_describe(&text, i);
    log_say(LOG_ERROR, "the money does not balance: %s", text.data);
    buf_close(&text);
}

int app_tell_unbalanced(struct store *store, int64_t *count, struct err *err)
{
    const struct balance_scope scope = {.everything = false};
    if (store_balance(store, &scope, tell, count, err))
        return -1;
    if (*count > TOLD_MAX)
        log_say(LOG_ERROR, "... and %lld more", (long long)*count - TOLD_MAX);
    return 0;
}

#define AT_ONCE_MAX 250000 /* jobs: less than a tenth of a second */

int app_refuse_unbalanced(struct store *store, bool *is_large, struct err *err)
{
    int64_t count = 0, jobs;
    if (store_scope_size(store, &jobs, err))
        return -1;
    *is_large = jobs > AT_ONCE_MAX;
    if (*is_large)
        return 0;
    if (app_tell_unbalanced(store, &count, err))
        return -1;
    return count ? err_set(err, ERR_UNBALANCED, UNBALANCED_TEXT) : 0;
}
