#include "store/balance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/mem.h"
#include "model/currency.h"
#include "store/internal.h"

/* One that is not of the schema's states stands in no column of a view. */
#define STATES                                                                           \
    "('queued', 'sending', 'following', 'in_doubt', 'succeeded', 'failed', 'skipped', "  \
    "'cancelled')"

struct sum {
    char currency[CURRENCY_TEXT_MAX];
    int places;
    int64_t declared, imported, found;
    bool is_declared, is_beyond; /* what was found does not fit */
};

struct balance {
    struct store *s;
    const struct balance_scope *scope;
    imbalance_fn *each;
    void *ctx;
    int64_t batch_id, jobs, jobs_found; /* of the batch at hand */
    char name[256];
    struct sum *sums;
    int count;
};

/* ---- telling ---- */

static const char *number_text(int64_t n, int places, char out[DECIMAL_TEXT_MAX])
{
    return decimal_text((struct decimal){n, places}, out);
}

static void tell(const struct balance *b, const char *kind, const struct sum *of,
                 int64_t wanted, const int64_t *found)
{
    char texts[3][DECIMAL_TEXT_MAX];
    int places = of ? of->places : 0;
    int64_t apart;
    struct imbalance i = {.batch = b->name,
                          .currency = of ? of->currency : NULL,
                          .kind = kind,
                          .wanted = number_text(wanted, places, texts[0])};
    if (found)
        i.found = number_text(*found, places, texts[1]);
    if (found && !__builtin_sub_overflow(*found, wanted, &apart))
        i.difference = number_text(apart, places, texts[2]);
    b->each(b->ctx, &i);
}

static void judge_sum(const struct balance *b, const struct sum *sum)
{
    if (sum->is_declared && sum->declared != sum->imported)
        tell(b, "declared", sum, sum->declared, &sum->imported);
    if (sum->is_beyond)
        tell(b, "imported", sum, sum->imported, NULL);
    else if (sum->imported != sum->found)
        tell(b, "imported", sum, sum->imported, &sum->found);
}

static void judge_batch(const struct balance *b)
{
    if (b->jobs != b->jobs_found)
        tell(b, "imported", NULL, b->jobs, &b->jobs_found);
    for (int i = 0; i < b->count; i++)
        judge_sum(b, &b->sums[i]);
}

void imbalance_describe(struct buf *out, const struct imbalance *i)
{
    bool is_less = i->difference && i->difference[0] == '-';
    const char *found = i->found ? i->found : "more than a total can hold";
    buf_printf(out, "batch %s: %s %s ", i->batch, i->kind, i->wanted);
    if (!i->currency)
        buf_printf(out, "job%s, and it has %s", strcmp(i->wanted, "1") == 0 ? "" : "s",
                   found);
    else if (strcmp(i->kind, "declared") == 0)
        buf_printf(out, "%s, imported %s", i->currency, found);
    else
        buf_printf(out, "%s, its jobs come to %s", i->currency, found);
    if (i->difference)
        buf_printf(out, ": %s %s", i->difference + is_less, is_less ? "less" : "more");
}

/* ---- reading ---- */

/* A name that is too long is none of ours; cut, it is found again all the same. */
static struct sum *sum_of(struct balance *b, const char *currency)
{
    for (int i = 0; i < b->count; i++)
        if (strncmp(b->sums[i].currency, currency, CURRENCY_TEXT_MAX - 1) == 0)
            return &b->sums[i];
    b->sums = mem_resize(b->sums, (size_t)b->count + 1, sizeof(*b->sums));
    struct sum *sum = &b->sums[b->count++];
    *sum = (struct sum){.places = currency_places(currency)};
    snprintf(sum->currency, sizeof(sum->currency), "%s", currency);
    return sum;
}

static int read_sums(struct balance *b, struct err *err)
{
    struct stmt *q = db_stmt(b->s->db,
                             "SELECT currency, places, declared, imported "
                             "FROM batch_money WHERE batch_id = ? ORDER BY currency",
                             err);
    int rc;
    b->count = 0;
    stmt_bind_int(q, b->batch_id);
    while ((rc = stmt_step(q, err)) == 1) {
        struct sum *sum = sum_of(b, stmt_text(q, "currency"));
        int64_t places = stmt_int(q, "places");
        if (places >= 0 && places <= DECIMAL_PLACES_MAX)
            sum->places = (int)places;
        sum->is_declared = !stmt_is_null(q, "declared");
        sum->declared = sum->is_declared ? stmt_int(q, "declared") : 0;
        sum->imported = stmt_int(q, "imported");
    }
    return rc;
}

static void add_job(struct balance *b, struct stmt *q)
{
    const char *currency = stmt_text(q, "currency");
    b->jobs_found++;
    if (!currency)
        return;
    struct sum *sum = sum_of(b, currency);
    sum->is_beyond |=
        __builtin_add_overflow(sum->found, stmt_int(q, "minor"), &sum->found);
}

static int read_jobs(struct balance *b, struct err *err)
{
    struct stmt *q = db_stmt(b->s->db,
                             "SELECT currency, minor FROM job WHERE batch_id = ? "
                             "AND state IN " STATES,
                             err);
    int rc;
    b->jobs_found = 0;
    stmt_bind_int(q, b->batch_id);
    while ((rc = stmt_step(q, err)) == 1)
        add_job(b, q);
    return rc;
}

static struct stmt *find_next(struct balance *b, struct err *err)
{
    struct stmt *q;
    if (b->scope->everything) {
        q = db_stmt(b->s->db,
                    "SELECT id, name, jobs FROM batch WHERE id > ?1 "
                    "AND (?2 IS NULL OR name = ?2) ORDER BY id LIMIT 1",
                    err);
        stmt_bind_int(q, b->batch_id);
        stmt_bind_text(q, b->scope->batch);
        return q;
    }
    q = db_stmt(b->s->db,
                "SELECT b.id, b.name, b.jobs FROM run_scope r JOIN batch b ON b.id = "
                "r.batch_id WHERE r.batch_id > ? ORDER BY r.batch_id LIMIT 1",
                err);
    stmt_bind_int(q, b->batch_id);
    return q;
}

static int next_batch(struct balance *b, struct err *err)
{
    struct stmt *q = find_next(b, err);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        b->batch_id = stmt_int(q, "id");
        b->jobs = stmt_int(q, "jobs");
        snprintf(b->name, sizeof(b->name), "%s", stmt_text(q, "name"));
    }
    stmt_reset(q);
    return rc;
}

int store_balance(struct store *s, const struct balance_scope *scope, imbalance_fn *each,
                  void *ctx, struct err *err)
{
    struct balance b = {.s = s, .scope = scope, .each = each, .ctx = ctx};
    int rc;
    while ((rc = next_batch(&b, err)) == 1) {
        if (read_sums(&b, err) || read_jobs(&b, err)) {
            rc = -1;
            break;
        }
        judge_batch(&b);
    }
    free(b.sums);
    return rc;
}

int store_scope_size(struct store *s, int64_t *jobs, struct err *err)
{
    return db_one_int(s->db,
                      "SELECT coalesce(sum(b.jobs), 0) AS n FROM run_scope r "
                      "JOIN batch b ON b.id = r.batch_id",
                      jobs, err);
}

static void keep_first(void *ctx, const struct imbalance *i)
{
    struct err *first = ctx;
    struct buf text;
    if (first->code != ERR_NONE)
        return;
    buf_init(&text, ERR_TEXT_MAX);
    imbalance_describe(&text, i);
    err_set(first, ERR_INPUT, "%s", text.data);
    buf_close(&text);
}

int store_balance_check(struct store *s, const struct balance_scope *scope,
                        struct err *err)
{
    struct err first = {.code = ERR_NONE};
    if (store_balance(s, scope, keep_first, &first, err))
        return -1;
    if (first.code == ERR_NONE)
        return 0;
    *err = first;
    return -1;
}
