/* Cash and coin withdrawals. Nothing is deduplicated and no balance is needed: the
 * sandbox knows no deposits. */
#include "base/clock.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "sandbox/amount.h"
#include "sandbox/filter.h"
#include "sandbox/handlers.h"
#include "sandbox/jsonapi.h"
#include "sandbox/list.h"

#define TEXT_MAX (1 << 16)

/* What a new withdrawal is made of: read and judged first, written then. */
struct order {
    const char *kind;
    struct buf amount;   /* as received */
    struct buf printed;  /* as answered */
    struct buf currency; /* lower case, one of the list */
    struct buf text;     /* label; of a coin withdrawal */
    struct buf address;  /* of a coin withdrawal */
    struct buf attributes, relationships;
};

static void order_init(struct order *o, const char *kind)
{
    struct buf *small[] = {&o->amount, &o->printed, &o->currency, &o->text, &o->address};
    *o = (struct order){.kind = kind};
    for (size_t i = 0; i < sizeof(small) / sizeof(*small); i++)
        buf_init(small[i], TEXT_MAX);
    buf_init(&o->attributes, 1 << 20);
    buf_init(&o->relationships, TEXT_MAX);
}

static void order_close(struct order *o)
{
    struct buf *all[] = {&o->amount,  &o->printed,    &o->currency,     &o->text,
                         &o->address, &o->attributes, &o->relationships};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        buf_close(all[i]);
}

/* ---- reading ---- */

static void read_amount(struct call *c, struct order *o)
{
    struct decimal d;
    if (!call_text(c, "amount", &o->amount) || o->amount.len == 0)
        call_problem(c, o->kind, "amount", PROBLEM_BLANK);
    else if (!amount_read(buf_span(&o->amount), &d))
        call_problem(c, o->kind, "amount", PROBLEM_NOT_A_NUMBER);
    else if (d.units <= 0)
        call_problem(c, o->kind, "amount", PROBLEM_NOT_POSITIVE);
    else
        amount_print(d, &o->printed);
}

static bool is_one_of(struct span word, const char *const *list)
{
    for (; *list; list++)
        if (span_is(word, *list))
            return true;
    return false;
}

/* `older` is the name that the attribute had before: both are understood. */
static void read_currency(struct call *c, struct order *o, const char *name,
                          const char *older, const char *const *list)
{
    if (!call_text(c, name, &o->currency) && !call_text(c, older, &o->currency))
        call_problem(c, o->kind, name, PROBLEM_BLANK);
    else if (!is_one_of(buf_span(&o->currency), list))
        call_problem(c, o->kind, name, PROBLEM_NOT_IN_LIST);
}

/* False: answered 404, as for any relationship that points to nothing, or to what is
 * somebody else's. */
static bool find_instruction(struct call *c, int64_t owner, struct buf *hold,
                             struct resource *instruction)
{
    int64_t id = call_related(c, "withdrawal_instruction");
    *instruction = (struct resource){0};
    if (id == 0) {
        call_problem(c, KIND_CASH_WITHDRAWALS, "withdrawal_instruction", PROBLEM_BLANK);
        return true;
    }
    if (resource_get(&c->sandbox->sql, KIND_INSTRUCTIONS, id, hold, instruction) &&
        instruction->user_id == owner)
        return true;
    answer_not_found(c->answer);
    return false;
}

/* ---- writing ---- */

static void write_created(struct call *c, struct jsonw *w)
{
    char when[WALL_TEXT_MAX];
    jsonw_text(w, "created_at", wall_text((struct wall){c->now_us / MS_US}, when));
}

static void write_text_of(struct jsonw *w, const char *key, struct span attributes,
                          const char *pointer, const char *other)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    bool found = json_text_at(attributes, pointer, &text) ||
                 json_text_at(attributes, other, &text);
    jsonw_text(w, key, found ? text.data : NULL);
    buf_close(&text);
}

static void write_cash(struct call *c, struct order *o,
                       const struct resource *instruction)
{
    struct jsonw w;
    struct span amount = buf_span(&o->printed);
    struct span from = instruction->attributes;
    jsonw_init(&w, &o->attributes);
    jsonw_open(&w, NULL, '{');
    jsonw_raw(&w, "amount", amount);
    jsonw_raw(&w, "gross_amount", amount);
    jsonw_raw(&w, "cost", span_of("0.0"));
    jsonw_raw(&w, "fee", span_of("0.0"));
    jsonw_raw(&w, "net_amount", amount);
    write_text_of(&w, "country", from, "/body/country", "/body/bank_country");
    write_text_of(&w, "payment_method", from, "/payment_method_type",
                  "/body/payment_method");
    jsonw_span(&w, "fiat_code", buf_span(&o->currency));
    write_text_of(&w, "label", from, "/label", "/label");
    write_created(c, &w);
    jsonw_close(&w, '}');
    jsonw_init(&w, &o->relationships);
    jsonw_open(&w, NULL, '{');
    jsonapi_relate(&w, "withdrawal_instruction", KIND_INSTRUCTIONS, instruction->id);
    jsonw_raw(&w, "funding_receipt", span_of("{\"data\":null}"));
    jsonw_close(&w, '}');
}

static void write_coin(struct call *c, struct order *o, int64_t owner)
{
    struct jsonw w;
    jsonw_init(&w, &o->attributes);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "label", o->text.len ? o->text.data : NULL);
    jsonw_span(&w, "to_addresses", buf_span(&o->address));
    jsonw_span(&w, "coin_code", buf_span(&o->currency));
    jsonw_raw(&w, "amount", buf_span(&o->printed));
    write_created(c, &w);
    jsonw_close(&w, '}');
    jsonw_init(&w, &o->relationships);
    jsonw_open(&w, NULL, '{');
    jsonapi_relate(&w, "user", KIND_USERS, owner);
    jsonw_close(&w, '}');
}

static void create(struct call *c, struct order *o, int64_t owner, struct span reference,
                   int64_t related_id)
{
    struct resource r = {
        .kind = span_of(o->kind),
        .user_id = owner,
        .reference = reference,
        .amount = buf_span(&o->amount),
        .attributes = buf_span(&o->attributes),
        .relationships = buf_span(&o->relationships),
        .related_id = related_id,
    };
    call_create(c, &r, buf_span(&o->currency));
}

/* ---- the endpoints ---- */

void cash_withdrawals_create(struct call *c)
{
    static const char *const fiats[] = {"usd", "ars", "clp", "pyg", "uyu", NULL};
    struct order o;
    struct buf hold;
    struct resource instruction;
    int64_t owner;
    if (!call_is(c, KIND_CASH_WITHDRAWALS) || !call_owner(c, &owner) ||
        !call_is_sure(c, owner))
        return;
    order_init(&o, KIND_CASH_WITHDRAWALS);
    buf_init(&hold, 1 << 24);
    read_amount(c, &o);
    read_currency(c, &o, "fiat_code", "fiat", fiats);
    if (find_instruction(c, owner, &hold, &instruction) && !call_refused(c)) {
        write_cash(c, &o, &instruction);
        create(c, &o, owner, instruction.reference, instruction.id);
    }
    buf_close(&hold);
    order_close(&o);
}

void coin_withdrawals_create(struct call *c)
{
    static const char *const coins[] = {"btc", "bch", NULL};
    struct order o;
    int64_t owner;
    if (!call_is(c, KIND_COIN_WITHDRAWALS) || !call_owner(c, &owner) ||
        !call_is_sure(c, owner))
        return;
    order_init(&o, KIND_COIN_WITHDRAWALS);
    read_amount(c, &o);
    read_currency(c, &o, "coin_code", "currency", coins);
    if (!call_text(c, "to_addresses", &o.address) || o.address.len == 0)
        call_problem(c, o.kind, "to_addresses", PROBLEM_BLANK);
    call_text(c, "label", &o.text);
    if (!call_refused(c)) {
        write_coin(c, &o, owner);
        create(c, &o, owner, o.text.len ? buf_span(&o.text) : (struct span){0}, 0);
    }
    order_close(&o);
}

static void list(struct call *c, const char *kind)
{
    struct filter f;
    filter_init(&f, c, kind);
    filter_read_from(&f, c);
    list_show(c, &f.rows);
    filter_close(&f);
}

static void show(struct call *c, const char *kind)
{
    struct buf hold;
    struct resource r;
    int64_t id = call_id(c);
    buf_init(&hold, 1 << 24);
    if (id > 0 && resource_get(&c->sandbox->sql, kind, id, &hold, &r) &&
        r.user_id == c->user)
        call_show(c, &r);
    else
        answer_not_found(c->answer);
    buf_close(&hold);
}

void cash_withdrawals_list(struct call *c)
{
    list(c, KIND_CASH_WITHDRAWALS);
}

void cash_withdrawals_show(struct call *c)
{
    show(c, KIND_CASH_WITHDRAWALS);
}

void coin_withdrawals_list(struct call *c)
{
    list(c, KIND_COIN_WITHDRAWALS);
}

void coin_withdrawals_show(struct call *c)
{
    show(c, KIND_COIN_WITHDRAWALS);
}
