#include "sim/rows.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static const char *const types[] = {
    [KIND_USER] = "users",
    [KIND_ACCOUNT] = "withdrawal_instructions",
    [KIND_CASH] = "cash_withdrawals",
    [KIND_COIN] = "coin_withdrawals",
    [KIND_READ] = "users",
    [KIND_OTHER] = "orders",
};

const char *row_type(enum job_kind kind)
{
    return types[kind];
}

static void write_values(struct buf *out, enum job_kind kind, const struct effect *e,
                         bool is_other)
{
    const char *added = is_other ? "1" : "";
    bool has_label = kind == KIND_ACCOUNT || kind == KIND_COIN || kind == KIND_OTHER;
    if (kind == KIND_USER || kind == KIND_READ)
        buf_printf(out, "\"email\":\"%s%s\",", added, e->label);
    if (has_label)
        buf_printf(out, "\"label\":\"%s%s\",", kind == KIND_COIN ? "" : added, e->label);
    if (kind == KIND_CASH || kind == KIND_COIN)
        buf_printf(out, "\"amount\":%s%s,\"%s\":\"%s\",\"status\":\"%s\",", added,
                   e->amount, kind == KIND_CASH ? "fiat_code" : "coin_code", e->currency,
                   e->status);
}

void row_write(struct buf *out, enum job_kind kind, const struct effect *e,
               enum row_fault fault, bool keeps_date)
{
    char when[WALL_TEXT_MAX] = "";
    const char *type = fault == ROW_OF_ANOTHER_TYPE ? "movements" : types[kind];
    buf_printf(out, "{\"type\":\"%s\",", type);
    if (fault != ROW_WITHOUT_ID)
        buf_printf(out, "\"id\":\"%s\",", e->id);
    buf_add_text(out, "\"attributes\":{");
    write_values(out, kind, e, fault == ROW_OF_OTHER_VALUES);
    if (keeps_date)
        wall_text((struct wall){e->made_ms}, when);
    buf_printf(out, "\"created_at\":\"%s\"}", when);
    if (kind == KIND_CASH)
        buf_printf(out,
                   ",\"relationships\":{\"withdrawal_instruction\":{\"data\":{\"type\":"
                   "\"withdrawal_instructions\",\"id\":\"%s\"}}}",
                   e->account);
    buf_add_char(out, '}');
}

void row_member(struct span body, const char *name, char *out, size_t room)
{
    char want[64];
    out[0] = '\0';
    snprintf(want, sizeof(want), "\"%s\":", name);
    const char *at = body.len ? strstr(body.ptr, want) : NULL;
    if (!at)
        return;
    at += strlen(want);
    bool is_text = *at == '"';
    at += is_text;
    size_t len = strcspn(at, is_text ? "\"" : ",}");
    if (len < room)
        snprintf(out, room, "%.*s", (int)len, at);
}
