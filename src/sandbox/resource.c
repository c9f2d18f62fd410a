#include "sandbox/resource.h"

#include "sandbox/kinds.h"

/* Where counting begins, as on an account that has lived a while: ids of different kinds
 * then do not look alike. */
static int64_t first_id(struct span kind)
{
    static const struct {
        const char *kind;
        int64_t first;
    } table[] = {
        {KIND_USERS, MASTER_ID},
        {KIND_INSTRUCTIONS, 2071},
        {KIND_CASH_WITHDRAWALS, 31207},
        {KIND_COIN_WITHDRAWALS, 8812},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (span_is(kind, table[i].kind))
            return table[i].first;
    const struct kind *other = kind_find(kind);
    return other && other->first_id ? other->first_id : 1;
}

void resource_add(struct sql *s, struct resource *r)
{
    sqlite3_stmt *st = sql_use(s, SQL_NEXT_ID);
    sql_bind_int(st, 1, first_id(r->kind));
    sql_bind_text(st, 2, r->kind);
    r->id = sql_number(s, st);
    st = sql_write(s, SQL_ADD_RESOURCE);
    sql_bind_text(st, 1, r->kind);
    sql_bind_int(st, 2, r->id);
    sql_bind_int(st, 3, r->user_id);
    sql_bind_int(st, 4, r->created_us);
    sql_bind_text(st, 5, r->reference);
    sql_bind_text(st, 6, r->amount);
    sql_bind_text(st, 7, r->attributes);
    sql_bind_text(st, 8, r->relationships);
    if (r->related_id)
        sql_bind_int(st, 9, r->related_id);
    sql_run(s, st);
}

static struct resource read_row(sqlite3_stmt *st)
{
    return (struct resource){
        .kind = sql_text(st, 0),
        .id = sqlite3_column_int64(st, 1),
        .user_id = sqlite3_column_int64(st, 2),
        .created_us = sqlite3_column_int64(st, 3),
        .reference = sql_text(st, 4),
        .amount = sql_text(st, 5),
        .attributes = sql_text(st, 6),
        .relationships = sql_text(st, 7),
        .related_id = sqlite3_column_int64(st, 8),
        .state = sql_text(st, 9),
    };
}

/* Copies the texts into `hold`: positions first, for it may move while it grows. */
static void keep(struct resource *r, struct buf *hold)
{
    struct span *texts[] = {&r->kind,       &r->reference,     &r->amount,
                            &r->attributes, &r->relationships, &r->state};
    const size_t count = sizeof(texts) / sizeof(*texts);
    size_t at = 0;
    buf_clear(hold);
    for (size_t i = 0; i < count; i++)
        buf_add_span(hold, *texts[i]);
    for (size_t i = 0; i < count; i++) {
        if (texts[i]->ptr)
            texts[i]->ptr = hold->data + at;
        at += texts[i]->len;
    }
}

static bool get(struct sql *s, const char *kind, int64_t id, bool deleted,
                struct buf *hold, struct resource *out)
{
    sqlite3_stmt *st = sql_use(s, SQL_GET_RESOURCE);
    sql_bind_text(st, 1, span_of(kind));
    sql_bind_int(st, 2, id);
    sql_bind_int(st, 3, deleted);
    if (!sql_row(s, st))
        return false;
    *out = read_row(st);
    keep(out, hold);
    sqlite3_reset(st);
    return true;
}

bool resource_get(struct sql *s, const char *kind, int64_t id, struct buf *hold,
                  struct resource *out)
{
    return get(s, kind, id, false, hold, out);
}

bool resource_get_ever(struct sql *s, const char *kind, int64_t id, struct buf *hold,
                       struct resource *out)
{
    return get(s, kind, id, true, hold, out);
}

static void each_row(struct sql *s, sqlite3_stmt *st, resource_each_fn fn, void *ctx)
{
    while (sql_row(s, st)) {
        struct resource r = read_row(st);
        fn(ctx, &r);
    }
}

static enum sql_name list_of(const struct resource_filter *f)
{
    if (strcmp(f->kind, KIND_ORDERS) == 0)
        return SQL_LIST_ORDERS;
    return f->everyone ? SQL_LIST_ALL : SQL_LIST;
}

void resource_each(struct sql *s, const struct resource_filter *f, resource_each_fn fn,
                   void *ctx)
{
    sqlite3_stmt *st = sql_use(s, list_of(f));
    sql_bind_text(st, 1, span_of(f->kind));
    sql_bind_int(st, 2, f->from_us);
    sql_bind_int(st, 3, f->until_us);
    sql_bind_int(st, 4, f->most);
    sql_bind_int(st, 5, f->skip);
    if (!f->everyone)
        sql_bind_int(st, 6, f->user_id);
    sql_bind_int(st, 7, f->related_id);
    sql_bind_text(st, 8, f->name);
    sql_bind_text(st, 9, f->value);
    each_row(s, st, fn, ctx);
}

void resource_each_related(struct sql *s, const char *kind, int64_t user_id,
                           resource_each_fn fn, void *ctx)
{
    sqlite3_stmt *st = sql_use(s, SQL_RELATED);
    sql_bind_text(st, 1, span_of(kind));
    sql_bind_int(st, 2, user_id);
    each_row(s, st, fn, ctx);
}

void resource_each_child(struct sql *s, const char *kind, int64_t related_id,
                         resource_each_fn fn, void *ctx)
{
    sqlite3_stmt *st = sql_use(s, SQL_CHILDREN);
    sql_bind_text(st, 1, span_of(kind));
    sql_bind_int(st, 2, related_id);
    each_row(s, st, fn, ctx);
}

void resource_each_attachment(struct sql *s, const struct resource *seed,
                              resource_each_fn fn, void *ctx)
{
    sqlite3_stmt *st = sql_use(s, SQL_ATTACHMENTS);
    sql_bind_int(st, 1, seed->id);
    sql_bind_text(st, 2, seed->kind);
    each_row(s, st, fn, ctx);
}

int64_t resource_count_children(struct sql *s, const char *kind, int64_t related_id)
{
    sqlite3_stmt *st = sql_use(s, SQL_COUNT_CHILDREN);
    sql_bind_text(st, 1, span_of(kind));
    sql_bind_int(st, 2, related_id);
    return sql_number(s, st);
}

int64_t resource_newest(struct sql *s, const char *kind, int64_t user_id)
{
    sqlite3_stmt *st = sql_use(s, SQL_NEWEST);
    sql_bind_text(st, 1, span_of(kind));
    sql_bind_int(st, 2, user_id);
    return sql_number(s, st);
}

void resource_set(struct sql *s, const char *kind, int64_t id, struct span reference,
                  struct span attributes)
{
    sqlite3_stmt *st = sql_write(s, SQL_SET_RESOURCE);
    sql_bind_text(st, 1, reference);
    sql_bind_text(st, 2, attributes);
    sql_bind_text(st, 3, span_of(kind));
    sql_bind_int(st, 4, id);
    sql_run(s, st);
}

void resource_delete(struct sql *s, struct span kind, int64_t id)
{
    sqlite3_stmt *st = sql_write(s, SQL_DELETE_RESOURCE);
    sql_bind_text(st, 1, kind);
    sql_bind_int(st, 2, id);
    sql_run(s, st);
}

bool resource_email_taken(struct sql *s, struct span email, int64_t id)
{
    sqlite3_stmt *st = sql_use(s, SQL_EMAIL_TAKEN);
    sql_bind_text(st, 1, email);
    sql_bind_int(st, 2, id);
    bool taken = sql_row(s, st);
    sqlite3_reset(st);
    return taken;
}

void resource_begin(struct sql *s, int64_t now_us)
{
    struct buf hold;
    struct resource master = {
        .kind = span_of(KIND_USERS),
        .created_us = now_us,
        .reference = span_of("master@sandbox.example"),
        .attributes = span_of(
            "{\"name\":\"master@sandbox.example\",\"email\":\"master@sandbox.example\","
            "\"kyc_accepted\":true,\"otp_enabled\":false,\"do_not_email\":false,"
            "\"trezor_login_enabled\":false,\"compliance_state\":\"enabled\"}"),
    };
    buf_init(&hold, 4096);
    if (!resource_get(s, KIND_USERS, MASTER_ID, &hold, &master))
        resource_add(s, &master);
    sql_commit(s);
    buf_close(&hold);
}
