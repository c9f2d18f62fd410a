/* What a person decides: each opens the store for writing, so never beside a run. */
#include <stdio.h>

#include "app/internal.h"
#include "base/clock.h"
#include "store/approvals.h"
#include "store/decisions.h"
#include "store/holds.h"
#include "store/secrets.h"

static int check_id(struct remesa *r, const char *remote_id)
{
    const struct action_field id = {.type = VALUE_ID};
    const char *want;
    if (!remote_id || action_field_accepts(&id, span_of(remote_id), &want))
        return 0;
    return err_set(&r->err, ERR_USAGE,
                   "--remote-id '%s': not an id: letters, digits, - and _", remote_id);
}

/* What goes wrong with the secrets is tried again at the end of the next run. */
static void end_decision(struct store *store)
{
    struct err ignored;
    app_keep_mark(store);
    if (store_secrets_drop(store, &ignored) == 0)
        store_tidy(store, &ignored);
    store_close(store);
}

int remesa_resolve(struct remesa *r, const char *ref, bool succeeded,
                   const char *remote_id, const char *reason)
{
    const struct found_out found = {ref, remote_id, reason, &r->settings.four_eyes,
                                    &r->catalogue};
    struct store *store;
    if (check_id(r, remote_id) || app_catalogue(r))
        return -1;
    if (!succeeded && !reason)
        return err_set(
            &r->err, ERR_USAGE,
            "%s: it will be sent again: say with --reason how you know that it was not",
            ref);
    if (app_open_store(r, STORE_WRITE, &store))
        return -1;
    int rc = succeeded ? store_decide_succeeded(store, &found, clock_wall(), &r->err)
                       : store_decide_not_sent(store, &found, clock_wall(), &r->err);
    end_decision(store);
    return rc;
}

int remesa_retry(struct remesa *r, const char *ref, const char *batch, const char *reason,
                 int64_t *queued)
{
    struct store *store;
    if (app_open_store(r, STORE_WRITE, &store))
        return -1;
    int rc = ref ? store_decide_retry(store, ref, reason, clock_wall(), queued, &r->err)
                 : store_decide_retry_failed(store, batch, reason, clock_wall(), queued,
                                             &r->err);
    end_decision(store);
    return rc;
}

int remesa_cancel(struct remesa *r, const char *ref, const char *batch,
                  const char *reason, int64_t *cancelled)
{
    struct store *store;
    if (app_open_store(r, STORE_WRITE, &store))
        return -1;
    int rc =
        ref ? store_decide_cancel(store, ref, reason, clock_wall(), cancelled, &r->err)
            : store_decide_cancel_batch(store, batch, reason, clock_wall(), cancelled,
                                        &r->err);
    end_decision(store);
    return rc;
}

int remesa_release(struct remesa *r, const char *ref, const char *batch, const char *kind,
                   const char *reason, int64_t *released)
{
    const struct hold_lift lift = {ref, batch, kind, reason, &r->settings.four_eyes};
    struct store *store;
    if (!reason || !reason[0])
        return err_set(&r->err, ERR_USAGE,
                       "%s: it will be sent: say with --reason why it may be",
                       ref ? ref : batch);
    if (app_open_store(r, STORE_WRITE, &store))
        return -1;
    int rc = store_decide_release(store, &lift, clock_wall(), released, &r->err);
    end_decision(store);
    return rc;
}

static void tell_approved(const struct approved *from, struct remesa_approved *to)
{
    *to = (struct remesa_approved){.freed = from->freed,
                                   .wants_another = from->wants_another,
                                   .was_already = from->was_already};
    snprintf(to->sha256, sizeof(to->sha256), "%s", from->sha256);
}

int remesa_approve(struct remesa *r, const char *batch, const char *sha256,
                   struct remesa_approved *out)
{
    struct store *store;
    struct approved approved;
    if (app_open_store(r, STORE_WRITE, &store))
        return -1;
    int rc = store_approve(store, batch, sha256, clock_wall(), &approved, &r->err);
    if (rc == 0)
        tell_approved(&approved, out);
    end_decision(store);
    return rc;
}
